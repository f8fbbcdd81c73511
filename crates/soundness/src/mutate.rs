//! Random single changes of a laid system: what a mistake in a chip, or a line that was lost, would look like.
use crate::{Laid, node::Node};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use rand::{Rng, rngs::StdRng, seq::SliceRandom};

/// A changed system, and what was changed.
#[derive(Debug)]
pub struct Mutant {
    /// For people.
    pub change: String,
    /// The system.
    pub laid: Laid,
}

/// The kinds of changes.
#[derive(Clone, Copy, Debug)]
enum Kind {
    DropCopy,
    MoveCopy,
    ChangeFixed,
    DropFixed,
    AddFixed,
    ChangeCoefficient,
    Rotate,
    OtherColumn,
    DropTerm,
    DropFactor,
    DropGate,
}

const KINDS: [Kind; 11] = [
    Kind::DropCopy,
    Kind::MoveCopy,
    Kind::ChangeFixed,
    Kind::DropFixed,
    Kind::AddFixed,
    Kind::ChangeCoefficient,
    Kind::Rotate,
    Kind::OtherColumn,
    Kind::DropTerm,
    Kind::DropFactor,
    Kind::DropGate,
];

/// One random change.
pub fn mutate(laid: &Laid, rng: &mut StdRng) -> Mutant {
    loop {
        let kind = *KINDS.choose(rng).expect("there are kinds");
        let mut changed = laid.clone();
        if let Some(change) = apply(&mut changed, kind, rng) {
            return Mutant { change, laid: changed };
        }
    }
}

/// The last row that holds anything, and a few more.
fn rows(laid: &Laid) -> usize {
    let last = |column: &Vec<Fr>| column.iter().rposition(|value| *value != Fr::ZERO).unwrap_or(0);
    (laid.fixed.iter().map(last).max().unwrap_or(0) + 3).min(laid.usable)
}

fn apply(laid: &mut Laid, kind: Kind, rng: &mut StdRng) -> Option<String> {
    match kind {
        Kind::DropCopy | Kind::MoveCopy => copy(laid, matches!(kind, Kind::DropCopy), rng),
        Kind::ChangeFixed | Kind::DropFixed | Kind::AddFixed => fixed(laid, kind, rng),
        Kind::DropGate => {
            let gate = laid.gates.remove(rng.gen_range(0..laid.gates.len()));
            Some(format!("gate {} dropped", gate.name))
        }
        _ => gate(laid, kind, rng),
    }
}

fn copy(laid: &mut Laid, drop: bool, rng: &mut StdRng) -> Option<String> {
    let at = rng.gen_range(0..laid.copies.len());
    let [a, b] = laid.copies[at].map(|cell| laid.cells.name(cell));
    if drop {
        laid.copies.swap_remove(at);
        return Some(format!("copy of {a} and {b} dropped"));
    }
    let side = rng.gen_range(0..2);
    let (column, row) = laid.cells.place(laid.copies[at][side]);
    // near, as a miscounted wire would be, or anywhere
    let to = if rng.r#gen() { row + 1 } else { rng.gen_range(0..rows(laid)) };
    if to == row || to >= laid.usable {
        return None;
    }
    laid.copies[at][side] = laid.cells.advice(column, to);
    let moved = laid.cells.name(laid.copies[at][side]);
    Some(format!("copy of {a} and {b}: {} is {moved} now", if side == 0 { &a } else { &b }))
}

fn fixed(laid: &mut Laid, kind: Kind, rng: &mut StdRng) -> Option<String> {
    let (column, row) = (rng.gen_range(0..laid.fixed.len()), rng.gen_range(0..rows(laid)));
    let other = laid.fixed[column][rng.gen_range(0..rows(laid))];
    let cell = &mut laid.fixed[column][row];
    let to = match kind {
        Kind::ChangeFixed if *cell != Fr::ZERO => {
            if rng.r#gen() {
                *cell + Fr::ONE
            } else {
                other
            }
        }
        Kind::DropFixed if *cell != Fr::ZERO => Fr::ZERO,
        Kind::AddFixed if *cell == Fr::ZERO => other,
        _ => return None,
    };
    let from = std::mem::replace(cell, to);
    (from != to).then(|| format!("fixed[{column}, row {row}] is {to:?}, not {from:?}"))
}

fn gate(laid: &mut Laid, kind: Kind, rng: &mut StdRng) -> Option<String> {
    let gate = rng.gen_range(0..laid.gates.len());
    let fits = |node: &Node| match kind {
        Kind::ChangeCoefficient => matches!(node, Node::Constant(_) | Node::Scaled(..) | Node::Negated(_)),
        Kind::Rotate | Kind::OtherColumn => matches!(node, Node::Advice(..) | Node::Fixed(..) | Node::Instance(..)),
        Kind::DropTerm => matches!(node, Node::Sum(..)),
        Kind::DropFactor => matches!(node, Node::Product(..)),
        _ => false,
    };
    let mut count = 0;
    laid.gates[gate].node.visit(&mut |node| count += usize::from(fits(node)));
    if count == 0 {
        return None;
    }
    let (mut left, mut what) = (rng.gen_range(0..count), String::new());
    let columns = (laid.fixed.len(), laid.cells.advice, laid.cells.instance);
    laid.gates[gate].node.visit_mut(&mut |node| {
        if !what.is_empty() || !fits(node) {
            return !what.is_empty();
        }
        if left > 0 {
            left -= 1;
            return false;
        }
        let to = changed(node, kind, columns, rng);
        what = format!("{}, now {}", shown(node), shown(&to));
        *node = to;
        true
    });
    Some(format!("gate {}: {kind:?}, {what}", laid.gates[gate].name))
}

/// A node in a few words.
fn shown(node: &Node) -> String {
    match node {
        Node::Constant(value) => format!("constant {value:?}"),
        Node::Scaled(_, by) => format!("factor {by:?}"),
        Node::Negated(_) => "a sign".into(),
        Node::Fixed(column, rotation) => format!("fixed column {column} at {rotation}"),
        Node::Advice(column, rotation) => format!("advice column {column} at {rotation}"),
        Node::Instance(column, rotation) => format!("instance column {column} at {rotation}"),
        Node::Sum(..) => "a sum".into(),
        Node::Product(..) => "a product".into(),
        Node::Challenge(challenge) => format!("challenge {challenge}"),
        Node::Selector(selector) => format!("selector {selector}"),
    }
}

fn changed(node: &Node, kind: Kind, (fixed, advice, instance): (usize, usize, usize), rng: &mut StdRng) -> Node {
    let rotated = |rotation: i32, rng: &mut StdRng| if rotation == 0 && rng.r#gen() { -1 } else { 1 - rotation };
    let other = |column: usize, count: usize, rng: &mut StdRng| (column + rng.gen_range(1..count.max(2))) % count;
    let rotates = matches!(kind, Kind::Rotate);
    match node {
        Node::Constant(value) => Node::Constant(*value + Fr::ONE),
        Node::Scaled(a, by) => Node::Scaled(a.clone(), *by + Fr::ONE),
        Node::Negated(a) => (**a).clone(),
        Node::Sum(a, b) | Node::Product(a, b) => (if rng.r#gen() { &**a } else { &**b }).clone(),
        Node::Fixed(column, rotation) if rotates => Node::Fixed(*column, rotated(*rotation, rng)),
        Node::Advice(column, rotation) if rotates => Node::Advice(*column, rotated(*rotation, rng)),
        Node::Instance(column, rotation) if rotates => Node::Instance(*column, rotated(*rotation, rng)),
        Node::Fixed(column, rotation) => Node::Fixed(other(*column, fixed, rng), *rotation),
        Node::Advice(column, rotation) => Node::Advice(other(*column, advice, rng), *rotation),
        Node::Instance(column, rotation) => Node::Instance(other(*column, instance, rng), *rotation),
        unchanged => unchanged.clone(),
    }
}
