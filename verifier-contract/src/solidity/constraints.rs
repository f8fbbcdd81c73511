//! The constraints, folded with powers of `y`: expressions that are shared, or go too deep for the stack, are kept in memory.

use super::{
    Renderer,
    text::{Lines, comment, hex_literal},
};
use crate::{
    expression::{Node, NodeId},
    protocol::{Evaluation, PermutedColumn, Protocol},
};
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::{BTreeMap, BTreeSet};
use veilmark_transcript::{WORD, scalar_to_word};

/// Operands an expression may leave on the stack before it is stored: the EVM reaches 16 deep.
const MAX_STACK: usize = 7;

impl Renderer<'_> {
    pub(super) fn constraints(&self) -> Lines {
        let mut out = Lines::default();
        let mut done = BTreeSet::new();
        for constraint in self.protocol.constraints() {
            out.line(format_args!("// {}", comment(&constraint.name)));
            for id in self.pending(constraint.root, &mut done) {
                out.line(format_args!("mstore({}, {})", shared_name(id), self.operation(id)));
            }
            out.line(format_args!("sum := addmod(mulmod(sum, y, r), {}, r)", self.operand(constraint.root)));
        }
        out
    }

    pub(super) fn permutation(&self) -> Lines {
        let protocol = self.protocol;
        let mut out = Lines::default();
        let Some(last) = protocol.products().checked_sub(1) else {
            return out;
        };
        let fold = |out: &mut Lines, term: String| {
            out.line(format_args!("sum := addmod(mulmod(sum, y, r), {term}, r)"));
        };
        let eval = |evaluation| self.evaluation(evaluation);
        out.line("// permutation: the first product starts at one");
        fold(&mut out, format!("mulmod(mload(M_L_0), addmod(1, sub(r, {}), r), r)", eval(Evaluation::Product(0))));
        out.line("// permutation: the last product ends at zero or one");
        out.open();
        out.line(format_args!("let z := {}", eval(Evaluation::Product(last))));
        fold(&mut out, "mulmod(mload(M_L_LAST), mulmod(z, addmod(z, sub(r, 1), r), r), r)".to_owned());
        out.close();
        for index in 1..=last {
            out.line(format_args!("// permutation: product {index} starts where product {} ends", index - 1));
            let (now, before) = (eval(Evaluation::Product(index)), eval(Evaluation::ProductLast(index - 1)));
            fold(&mut out, format!("mulmod(mload(M_L_0), addmod({now}, sub(r, {before}), r), r)"));
        }
        out.line("// permutation: products run over the columns and over their shifted identities");
        out.open();
        out.line("let shift := mulmod(mload(M_BETA), mload(M_X), r)");
        let columns = protocol.permutation();
        for (index, chunk) in columns.chunks(protocol.permutation_chunk()).enumerate() {
            out.open();
            out.line(format_args!("let left := {}", eval(Evaluation::ProductNext(index))));
            out.line(format_args!("let right := {}", eval(Evaluation::Product(index))));
            out.line("let value");
            for (position, column) in chunk.iter().enumerate() {
                let column_index = index * protocol.permutation_chunk() + position;
                let value = match column {
                    PermutedColumn::Advice(query) => eval(Evaluation::Advice(*query)),
                    PermutedColumn::Fixed(query) => eval(Evaluation::Fixed(*query)),
                    PermutedColumn::Instance => "mload(M_INSTANCE_EVAL)".to_owned(),
                };
                let sigma = eval(Evaluation::Sigma(column_index));
                out.line(format_args!("value := addmod({value}, mload(M_GAMMA), r)"));
                out.line(format_args!("left := mulmod(left, addmod(value, mulmod(mload(M_BETA), {sigma}, r), r), r)"));
                out.line("right := mulmod(right, addmod(value, shift, r), r)");
                if column_index + 1 < columns.len() {
                    out.line("shift := mulmod(shift, DELTA, r)");
                }
            }
            fold(&mut out, "mulmod(mload(M_L_ACTIVE), addmod(left, sub(r, right), r), r)".to_owned());
            out.close();
        }
        out.close();
        out
    }

    /// The stored nodes a constraint needs and no earlier one has computed, operands first.
    fn pending(&self, root: NodeId, done: &mut BTreeSet<NodeId>) -> Vec<NodeId> {
        let mut needed = BTreeSet::new();
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            if done.contains(&id) || !needed.insert(id) {
                continue;
            }
            open.extend(self.protocol.graph().node(id).operands());
        }
        // Node ids ascend from operands to results, so their order is an order of evaluation.
        let pending: Vec<_> = needed.into_iter().filter(|id| self.plan.stored.contains(id)).collect();
        done.extend(&pending);
        pending
    }

    /// A node as an operand: read from where it is, or computed in place.
    fn operand(&self, id: NodeId) -> String {
        if self.plan.stored.contains(&id) { format!("mload({})", shared_name(id)) } else { self.operation(id) }
    }

    /// A node, computed. Values are below `r`, a negated one at most `r`: `addmod` and `mulmod` take both.
    fn operation(&self, id: NodeId) -> String {
        let graph = self.protocol.graph();
        match graph.node(id) {
            Node::Constant(value) => constant_literal(value),
            Node::Advice(query) => self.evaluation(Evaluation::Advice(query)),
            Node::Fixed(query) => self.evaluation(Evaluation::Fixed(query)),
            Node::Instance => "mload(M_INSTANCE_EVAL)".to_owned(),
            Node::Challenge(challenge) => format!("mload(M_CHALLENGE_{challenge})"),
            Node::Negated(a) => format!("sub(r, {})", self.operand(a)),
            Node::Sum(a, b) => {
                let (first, second) = self.by_depth(a, b);
                format!("addmod({}, {}, r)", self.operand(first), self.operand(second))
            }
            Node::Product(a, b) => {
                let (first, second) = self.by_depth(a, b);
                format!("mulmod({}, {}, r)", self.operand(first), self.operand(second))
            }
        }
    }

    /// Two operands, the shallower first: arguments are evaluated from the last to the first.
    fn by_depth(&self, a: NodeId, b: NodeId) -> (NodeId, NodeId) {
        if self.plan.depth(a) > self.plan.depth(b) { (b, a) } else { (a, b) }
    }
}

pub(super) fn shared_name(NodeId(index): NodeId) -> String {
    format!("M_SHARED_{index}")
}

fn constant_literal(value: Fr) -> String {
    let short = |value: Fr| {
        let word = scalar_to_word(value);
        word[..WORD - 8].iter().all(|byte| *byte == 0).then(|| hex_literal(&word))
    };
    short(value)
        .or_else(|| short(-value).map(|negated| format!("sub(r, {negated})")))
        .unwrap_or_else(|| hex_literal(&scalar_to_word(value)))
}

/// Which nodes are kept in memory once computed, and how many stack slots computing each node takes.
#[derive(Debug)]
pub(super) struct Plan {
    /// Operations that more than one other node uses, and operands that would go too deep.
    pub(super) stored: BTreeSet<NodeId>,
    depths: BTreeMap<NodeId, usize>,
}

impl Plan {
    pub(super) fn new(protocol: &Protocol) -> Self {
        let graph = protocol.graph();
        let mut uses: BTreeMap<NodeId, usize> = BTreeMap::new();
        let mut open: Vec<_> = protocol.constraints().iter().map(|constraint| constraint.root).collect();
        open.iter().for_each(|root| *uses.entry(*root).or_default() += 1);
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                for operand in graph.node(id).operands() {
                    *uses.entry(operand).or_default() += 1;
                    open.push(operand);
                }
            }
        }
        let computes = |id: NodeId| matches!(graph.node(id), Node::Sum(..) | Node::Product(..));
        let shared = uses.iter().filter(|(id, uses)| **uses > 1 && computes(**id)).map(|(id, _)| *id);
        let mut plan = Self { stored: shared.collect(), depths: BTreeMap::new() };
        for (id, node) in graph.nodes().filter(|(id, _)| uses.contains_key(id)) {
            while plan.depth_of(node) > MAX_STACK {
                let operands = node.operands().filter(|operand| !plan.stored.contains(operand));
                let Some(deepest) = operands.max_by_key(|operand| plan.depths[operand]) else { break };
                plan.stored.insert(deepest);
            }
            plan.depths.insert(id, plan.depth_of(node));
        }
        plan
    }

    /// Slots an operand takes, when it is read from memory or computed in place.
    fn depth(&self, operand: NodeId) -> usize {
        if self.stored.contains(&operand) { 1 } else { self.depths[&operand] }
    }

    fn depth_of(&self, node: Node) -> usize {
        match node {
            Node::Negated(a) => self.depth(a) + 1,
            Node::Sum(a, b) | Node::Product(a, b) => {
                let (low, high) = (self.depth(a).min(self.depth(b)), self.depth(a).max(self.depth(b)));
                // The modulus first, then the deeper operand, then the other one on top of both.
                (1 + high).max(2 + low)
            }
            _ => 1,
        }
    }
}
