//! The typed errors of a generated verifier: one list, from which Solidity is rendered and revert data is read.

use crate::calldata::{SELECTOR, selector};
use veilmark_transcript::WORD;

/// Why a generated verifier refuses a call. It never returns `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Not a call of `verify`, `claimId`, `constraintSystemDigest`, `publicInputCount` or `VERSION`.
    UnknownFunction,
    /// The call's data is longer or shorter than the one encoding there is.
    CalldataLength,
    /// The data has its length, but the key's address, an offset or a length is another encoding.
    CalldataNotCanonical,
    /// A public input is not below `r`.
    PublicInputNotCanonical,
    /// A scalar of the proof is not below `r`.
    ScalarNotCanonical,
    /// A point of the proof has a coordinate not below `q`, or is not on the curve, or is the point at infinity.
    PointNotOnCurve,
    /// The address holds no verifying key of this claim and constraint system.
    VerifyingKeyMismatch,
    /// A challenge hit one of the few values that no honest transcript meets (probability below `2^-230`).
    DegenerateChallenge,
    /// A precompile refused its input or the gas it was left: the verifying key's points are no points, or gas ran out.
    PrecompileFailed,
    /// All is well formed, and the proof does not hold for these public inputs under this key.
    ProofInvalid,
}

impl Refusal {
    /// Every error.
    pub const ALL: [Self; 10] = [
        Self::UnknownFunction,
        Self::CalldataLength,
        Self::CalldataNotCanonical,
        Self::PublicInputNotCanonical,
        Self::ScalarNotCanonical,
        Self::PointNotOnCurve,
        Self::VerifyingKeyMismatch,
        Self::DegenerateChallenge,
        Self::PrecompileFailed,
        Self::ProofInvalid,
    ];

    /// The error's name in Solidity.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownFunction => "UnknownFunction",
            Self::CalldataLength => "CalldataLength",
            Self::CalldataNotCanonical => "CalldataNotCanonical",
            Self::PublicInputNotCanonical => "PublicInputNotCanonical",
            Self::ScalarNotCanonical => "ScalarNotCanonical",
            Self::PointNotOnCurve => "PointNotOnCurve",
            Self::VerifyingKeyMismatch => "VerifyingKeyMismatch",
            Self::DegenerateChallenge => "DegenerateChallenge",
            Self::PrecompileFailed => "PrecompileFailed",
            Self::ProofInvalid => "ProofInvalid",
        }
    }

    /// The error's parameters in Solidity, all of them `uint256`.
    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::CalldataLength => &["expected", "got"],
            Self::PublicInputNotCanonical | Self::ScalarNotCanonical | Self::PointNotOnCurve => &["index"],
            _ => &[],
        }
    }

    /// What the error means, for NatSpec.
    pub(crate) const fn notice(self) -> &'static str {
        match self {
            Self::UnknownFunction => "The call is none of this interface.",
            Self::CalldataLength => "The call's data has not the one length a call of verify has.",
            Self::CalldataNotCanonical => "The key's address, an offset or a length is encoded differently.",
            Self::PublicInputNotCanonical => "A public input is not below r.",
            Self::ScalarNotCanonical => "A scalar of the proof, counted from its first scalar, is not below r.",
            Self::PointNotOnCurve => {
                "A point of the proof is not a finite point of the curve with coordinates below q."
            }
            Self::VerifyingKeyMismatch => "The address holds no verifying key of this claim and constraint system.",
            Self::DegenerateChallenge => "A challenge is one of the few values no honest transcript meets.",
            Self::PrecompileFailed => "A precompile refused: the key's points are no points, or gas ran out.",
            Self::ProofInvalid => "The proof does not hold for these public inputs under this key.",
        }
    }

    /// The signature the selector is made of.
    pub fn signature(self) -> String {
        format!("{}({})", self.name(), vec!["uint256"; self.parameters().len()].join(","))
    }

    /// The error's selector.
    pub fn selector(self) -> [u8; SELECTOR] {
        selector(&self.signature())
    }

    /// The error that revert data encodes; `None` where it is not exactly one of them.
    pub fn decode(revert_data: &[u8]) -> Option<Self> {
        let found = revert_data.first_chunk::<SELECTOR>()?;
        Self::ALL
            .into_iter()
            .find(|error| error.selector() == *found && revert_data.len() == SELECTOR + error.parameters().len() * WORD)
    }
}
