//! The opening: SHPLONK's evaluation at `u`, and the commitment that must open to zero there.

use super::{Renderer, inverse_point_name, point_name, text::Lines};
use crate::{
    protocol::{Commitment, ProofPoint},
    vk::VkWord,
};

impl Renderer<'_> {
    pub(super) fn opening_points(&self) -> Lines {
        let mut out = Lines::default();
        for rotation in self.protocol.rotations() {
            let point = match rotation {
                0 => "x".to_owned(),
                _ => format!("mulmod(x, mload(VK_{}), r)", VkWord::Omega(rotation)),
            };
            out.line(format_args!("mstore({}, addmod(u, sub(r, {point}), r))", inverse_point_name(rotation)));
        }
        out
    }

    pub(super) fn opening_evaluation(&self) -> Lines {
        let mut out = Lines::default();
        for (index, set) in self.sets.iter().enumerate() {
            out.line(format_args!("// set {index}: rotations {:?}", set.rotations));
            out.open();
            if set.rotations.len() > 1 {
                out.line("let set := 0");
            }
            out.line("let value");
            for (position, rotation) in set.rotations.iter().enumerate() {
                for (member, (_, evaluations)) in set.members.iter().rev().enumerate() {
                    let evaluation = self.evaluation(evaluations[position]);
                    match member {
                        0 => out.line(format_args!("value := {evaluation}")),
                        _ => out.line(format_args!("value := addmod(mulmod(value, y, r), {evaluation}, r)")),
                    }
                }
                let inverse = format!("mload({})", inverse_point_name(*rotation));
                if set.rotations.len() > 1 {
                    let weight = format!("mload(VK_{})", VkWord::Weight { set: index, rotation: *rotation });
                    out.line(format_args!("set := addmod(set, mulmod(value, mulmod({inverse}, {weight}, r), r), r)"));
                } else {
                    out.line(format_args!("let set := mulmod(value, {inverse}, r)"));
                }
            }
            // The weights are those for x = 1; each of the set's other points brings one x.
            (1..set.rotations.len()).for_each(|_| out.line("set := mulmod(set, mload(M_INVERSE_X), r)"));
            out.line("result := addmod(result, mulmod(scale, set, r), r)");
            if index > 0 {
                let inverses = set.rotations.iter().map(|rotation| format!("mload({})", inverse_point_name(*rotation)));
                let factors = ["scale".to_owned()].into_iter().chain(inverses);
                out.line(format_args!("mstore(M_COEFFICIENT_{index}, {})", product(factors)));
            }
            if index + 1 < self.sets.len() {
                out.line("scale := mulmod(scale, mload(M_OPENING_V), r)");
            }
            out.close();
        }
        out
    }

    pub(super) fn opening_commitment(&self) -> Lines {
        let pieces = self.protocol.quotient_pieces();
        let mut out = Lines::default();
        out.line("// the quotient, from its pieces");
        out.line(format_args!("calldatacopy(M_FOLD, {}, 0x40)", point_name(ProofPoint::QuotientPiece(pieces - 1))));
        out.line("mstore(M_FACTOR, mload(M_X_N))");
        for piece in (0..pieces - 1).rev() {
            out.line(format_args!("foldProof({})", point_name(ProofPoint::QuotientPiece(piece))));
        }
        out.line("mcopy(M_QUOTIENT, M_FOLD, 0x40)");
        for (index, set) in self.sets.iter().enumerate() {
            out.line(format_args!("// set {index}"));
            if set.members.len() > 1 {
                out.line("mstore(M_FACTOR, mload(M_OPENING_Y))");
            }
            for (member, (commitment, _)) in set.members.iter().rev().enumerate() {
                let (in_proof, place) = match commitment {
                    Commitment::Advice(column) => (true, point_name(ProofPoint::Advice(*column))),
                    Commitment::Product(index) => (true, point_name(ProofPoint::Product(*index))),
                    Commitment::Random => (true, point_name(ProofPoint::Random)),
                    Commitment::Fixed(column) => (false, format!("VK_{}", VkWord::FixedX(*column))),
                    Commitment::Sigma(column) => (false, format!("VK_{}", VkWord::SigmaX(*column))),
                    Commitment::Quotient => (false, "M_QUOTIENT".to_owned()),
                };
                match (member, in_proof) {
                    (0, true) => out.line(format_args!("calldatacopy(M_FOLD, {place}, 0x40)")),
                    (0, false) => out.line(format_args!("mcopy(M_FOLD, {place}, 0x40)")),
                    (_, true) => out.line(format_args!("foldProof({place})")),
                    (_, false) => out.line(format_args!("foldMemory({place})")),
                }
            }
            match index {
                0 => out.line("mcopy(M_SUM, M_FOLD, 0x40)"),
                _ => out.line(format_args!("accumulate(mload(M_COEFFICIENT_{index}))")),
            }
        }
        out
    }
}

pub(super) fn product(factors: impl Iterator<Item = String>) -> String {
    factors.reduce(|left, right| format!("mulmod({right}, {left}, r)")).unwrap_or_else(|| "1".to_owned())
}
