//! What each claim is on chain: its description as the contracts take it, its id, and the verifier that is generated for it.
//!
//! The descriptions stand in [`veilmark_statement::claim`]; here they become Solidity's.

use crate::{
    artifact::{Artifact, verifiers},
    interfaces::{ClaimDescription, Meaning, Role, Segment},
};
use alloy_primitives::{B256, hex, keccak256};
use alloy_sol_types::SolValue;
use std::sync::LazyLock;
use veilmark_statement::claim::{self, Description};

/// A claim that there is a verifier for.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The claim, as the statement names it.
    pub claim: claim::Claim,
    /// What `claimId()` answers and a record's event shows.
    pub id: B256,
    /// What a router is given.
    pub description: ClaimDescription,
    /// The contract that checks its proofs.
    pub verifier: &'static Artifact,
}

static CLAIMS: LazyLock<Vec<Claim>> = LazyLock::new(|| {
    let with_verifier = |claim: claim::Claim| {
        let name = claim.verifier();
        let verifier = verifiers().into_iter().find(|artifact| artifact.name == name)?;
        let description = describe(&claim);
        Some(Claim { claim, id: id(&description), description, verifier })
    };
    claim::Claim::ALL.into_iter().filter_map(with_verifier).collect()
});

/// Every claim that there is a verifier for.
pub fn all() -> &'static [Claim] {
    &CLAIMS
}

/// The claim of an id; `None` for one that this program does not know.
pub fn by_id(id: B256) -> Option<&'static Claim> {
    CLAIMS.iter().find(|claim| claim.id == id)
}

/// What the statement's claim is on chain.
///
/// # Panics
///
/// Never: every claim has its verifier, which a test sees.
pub fn of(claim: claim::Claim) -> &'static Claim {
    CLAIMS.iter().find(|known| known.claim == claim).expect("every claim has its verifier")
}

/// A description as Solidity has it.
pub fn describe(description: &Description) -> ClaimDescription {
    let segment = |segment: &claim::Segment| Segment {
        domain: segment.domain_hash().into(),
        role: role(segment.role),
        points: segment.points as u8,
        words: description.word_bytes(segment).into(),
    };
    ClaimDescription {
        name: description.circuit(),
        segments: description.segments.iter().map(segment).collect(),
        inputs: description.inputs.iter().map(|input| meaning(*input)).collect(),
        subjectWords: description.subject.len() as u8,
        architectureWord: description.architecture_word(),
        maxTolerance: description.max_tolerance,
        impossibleInput: description.impossible.input as u8,
        impossibleAbove: description.impossible.above,
    }
}

/// The id of the claim that a description is of.
pub fn id(description: &ClaimDescription) -> B256 {
    keccak256(description.abi_encode())
}

/// A description as the ABI encodes it, in hexadecimal: what its id is the hash of.
pub fn encode(description: &ClaimDescription) -> String {
    hex::encode(description.abi_encode())
}

fn role(role: claim::Role) -> Role {
    match role {
        claim::Role::Picture => Role::Picture,
        claim::Role::Source => Role::Source,
        claim::Role::Prompt => Role::Prompt,
        claim::Role::Model => Role::Model,
        claim::Role::Fingerprint => Role::Fingerprint,
        claim::Role::Other => Role::Other,
    }
}

fn meaning(meaning: claim::Meaning) -> Meaning {
    match meaning {
        claim::Meaning::Zero => Meaning::Zero,
        claim::Meaning::FingerprintLow => Meaning::FingerprintLow,
        claim::Meaning::FingerprintHigh => Meaning::FingerprintHigh,
        claim::Meaning::Tolerance => Meaning::Tolerance,
        claim::Meaning::Context => Meaning::Context,
        claim::Meaning::Width => Meaning::Width,
        claim::Meaning::Height => Meaning::Height,
        claim::Meaning::SourceWidth => Meaning::SourceWidth,
        claim::Meaning::SourceHeight => Meaning::SourceHeight,
        claim::Meaning::Other(_) => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use veilmark_statement::claim::{Impossible, Meaning as M, Role as R, Segment as S, Word as W};

    /// The statement's own ABI encoder against alloy's, over the claims and one with everything that can be of many lengths.
    #[test]
    fn ids_are_the_hashes_of_what_a_router_is_given() {
        let long = Description {
            name: "a-name-of-more-than-thirty-two-bytes-as-names-may-have",
            version: 7,
            segments: &[
                S { role: R::Picture, domain: "a", points: 3, words: &[W::SourceWidth, W::Height] },
                S { role: R::Source, domain: "b", points: 4, words: &[] },
                S { role: R::Other, domain: "c", points: 1, words: &[W::K; 29] },
            ],
            inputs: &[M::Width, M::SourceWidth, M::SourceHeight, M::Other("more"), M::Zero, M::Context],
            subject: &[W::Height],
            max_tolerance: 0,
            impossible: Impossible { input: 4, above: 0 },
        };
        let known = claim::Claim::ALL.map(|claim| (describe(&claim), claim.id()));
        for (described, expected) in known.into_iter().chain([(describe(&long), long.id())]) {
            assert_eq!(id(&described), expected, "{}", described.name);
        }
    }

    #[test]
    fn every_claim_has_its_verifier() {
        for claim in claim::Claim::ALL {
            let known = of(claim);
            assert_eq!(known.claim, claim);
            assert_eq!(known.id, B256::from(claim.id()));
            assert_eq!(by_id(known.id).map(|found| found.claim), Some(claim));
            // The id stands in the code, as a constant that `claimId()` answers and the key is compared with.
            let code = &known.verifier.runtime_code;
            assert!(code.windows(32).any(|window| window == known.id.as_slice()), "{}", known.verifier.name);
        }
        assert!(by_id(B256::ZERO).is_none());
    }
}
