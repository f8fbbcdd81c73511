//! Constraints as one graph: equal subexpressions are one node, constants are folded.
//!
//! Halo2 hands out every constraint as a tree of its own. Gates share factors (`alpha - x`, a running sum's step), and
//! a shared factor is computed once on chain, so the trees are merged here. Folding changes no polynomial: it drops
//! `0 + a`, `1 * a`, `0 * a` and joins constants.

use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::HashMap;

/// A node's place in its [`Graph`]. Operands always come before the nodes that use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) usize);

/// One node of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A constant.
    Constant(Fr),
    /// The evaluation of an advice query, by its index in the list of queries.
    Advice(usize),
    /// The evaluation of a fixed query, by its index in the list of queries.
    Fixed(usize),
    /// The evaluation of the instance column at the current row.
    Instance,
    /// One of the circuit's own challenges.
    Challenge(usize),
    /// `-a`.
    Negated(NodeId),
    /// `a + b`.
    Sum(NodeId, NodeId),
    /// `a * b`.
    Product(NodeId, NodeId),
}

impl Node {
    /// The operands.
    pub(crate) fn operands(self) -> impl Iterator<Item = NodeId> {
        let (first, second) = match self {
            Self::Negated(a) => (Some(a), None),
            Self::Sum(a, b) | Self::Product(a, b) => (Some(a), Some(b)),
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }
}

/// Expressions that share their nodes.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    known: HashMap<Node, NodeId>,
}

impl Graph {
    /// Every node, operands first.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeId, Node)> + DoubleEndedIterator + '_ {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index), *node))
    }

    /// A node of this graph.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0]
    }

    /// The node's place, which it gets if it is new.
    pub(crate) fn intern(&mut self, node: Node) -> NodeId {
        *self.known.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            NodeId(self.nodes.len() - 1)
        })
    }

    fn constant_of(&self, id: NodeId) -> Option<Fr> {
        match self.node(id) {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// `-a`.
    pub(crate) fn negate(&mut self, a: NodeId) -> NodeId {
        match self.node(a) {
            Node::Constant(value) => self.intern(Node::Constant(-value)),
            Node::Negated(inner) => inner,
            _ => self.intern(Node::Negated(a)),
        }
    }

    /// `a + b`.
    pub(crate) fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.constant_of(a), self.constant_of(b)) {
            (Some(a), Some(b)) => self.intern(Node::Constant(a + b)),
            (Some(zero), None) if zero == Fr::ZERO => b,
            (None, Some(zero)) if zero == Fr::ZERO => a,
            _ => self.intern(Node::Sum(a, b)),
        }
    }

    /// `a * b`.
    pub(crate) fn multiply(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.constant_of(a), self.constant_of(b)) {
            (Some(a), Some(b)) => self.intern(Node::Constant(a * b)),
            (Some(c), None) => self.scale(c, a, b),
            (None, Some(c)) => self.scale(c, b, a),
            (None, None) => self.intern(Node::Product(a, b)),
        }
    }

    fn scale(&mut self, factor: Fr, constant: NodeId, operand: NodeId) -> NodeId {
        if factor == Fr::ZERO {
            constant
        } else if factor == Fr::ONE {
            operand
        } else if factor == -Fr::ONE {
            self.negate(operand)
        } else {
            self.intern(Node::Product(operand, constant))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_subexpressions_are_one_node_and_constants_fold() {
        let mut graph = Graph::default();
        let [zero, one, two] = [0, 1, 2].map(|c| graph.intern(Node::Constant(Fr::from(c))));
        let a = graph.intern(Node::Advice(0));
        let b = graph.intern(Node::Fixed(0));
        let (first, second) = (graph.multiply(a, b), graph.multiply(a, b));
        assert_eq!(first, second);
        assert_eq!(graph.add(a, zero), a);
        assert_eq!(graph.multiply(one, a), a);
        assert_eq!(graph.multiply(zero, a), zero);
        let minus_one = graph.negate(one);
        let minus_a = graph.multiply(minus_one, a);
        assert_eq!(graph.node(minus_a), Node::Negated(a));
        assert_eq!(graph.negate(minus_a), a);
        let three = graph.add(one, two);
        assert_eq!(graph.node(three), Node::Constant(Fr::from(3)));
        assert_ne!(graph.add(a, b), graph.multiply(a, b));
    }
}
