//! What each claim is on chain: its description as the contracts take it, its id, and the verifier that is generated for it.
//!
//! The descriptions stand in [`veilmark_statement::description`]; here they become Solidity's.

use crate::{
    artifact::{
        AUTHENTICITY_VERIFIER, Artifact, COMMITTED_FINGERPRINT_VERIFIER, FINGERPRINT_VERIFIER, GENERATION_VERIFIER,
    },
    interfaces::{ClaimDescription, Meaning, Role, Segment},
};
use alloy_primitives::{B256, hex, keccak256};
use alloy_sol_types::SolValue;
use std::sync::LazyLock;
use veilmark_statement::{
    description::{self, Description, NO_INPUT},
    public,
};

/// A claim that there is a verifier for.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The claim, as the statement names it.
    pub claim: public::Claim,
    /// What `claimId()` answers and a record's event shows.
    pub id: B256,
    /// What a router is given.
    pub description: ClaimDescription,
    /// The contract that checks its proofs.
    pub verifier: &'static Artifact,
}

static CLAIMS: LazyLock<Vec<Claim>> = LazyLock::new(|| {
    let claim = |claim: public::Claim, verifier: &'static Artifact| {
        let description = describe(claim.description());
        Claim { claim, id: id(&description), description, verifier }
    };
    vec![
        claim(public::Claim::Fingerprint, &FINGERPRINT_VERIFIER),
        claim(public::Claim::Generation, &GENERATION_VERIFIER),
        claim(public::Claim::Authenticity, &AUTHENTICITY_VERIFIER),
        claim(public::Claim::CommittedFingerprint, &COMMITTED_FINGERPRINT_VERIFIER),
    ]
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
pub fn of(claim: public::Claim) -> &'static Claim {
    CLAIMS.iter().find(|known| known.claim == claim).expect("every claim has its verifier")
}

/// A description as Solidity has it.
pub fn describe(description: &Description) -> ClaimDescription {
    let (input, above) = description.impossible.unwrap_or((NO_INPUT, 0));
    ClaimDescription {
        name: description.name.to_owned(),
        segments: description.segments.iter().map(segment).collect(),
        inputs: description.inputs.iter().map(|input| meaning(*input)).collect(),
        subjectWords: description.subject.len() as u8,
        architectureWord: description.architecture_word(),
        maxTolerance: description.max_tolerance,
        impossibleInput: input,
        impossibleAbove: above,
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

fn segment(segment: &description::Segment) -> Segment {
    let role = match segment.role {
        description::Role::Picture => Role::Picture,
        description::Role::Source => Role::Source,
        description::Role::Prompt => Role::Prompt,
        description::Role::Model => Role::Model,
        description::Role::Fingerprint => Role::Fingerprint,
        description::Role::Other => Role::Other,
    };
    Segment { domain: segment.domain_hash().into(), role, points: segment.points, words: segment.word_bytes().into() }
}

fn meaning(meaning: description::Meaning) -> Meaning {
    match meaning {
        description::Meaning::Zero => Meaning::Zero,
        description::Meaning::FingerprintLow => Meaning::FingerprintLow,
        description::Meaning::FingerprintHigh => Meaning::FingerprintHigh,
        description::Meaning::Tolerance => Meaning::Tolerance,
        description::Meaning::Context => Meaning::Context,
        description::Meaning::Width => Meaning::Width,
        description::Meaning::Height => Meaning::Height,
        description::Meaning::SourceWidth => Meaning::SourceWidth,
        description::Meaning::SourceHeight => Meaning::SourceHeight,
        description::Meaning::Other => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use veilmark_statement::description::{DigestWord, Meaning as M, Role as R, Segment as S};

    /// The statement's own ABI encoder against alloy's, over the claims and one with everything that can be of many lengths.
    #[test]
    fn ids_are_the_hashes_of_what_a_router_is_given() {
        let long = Description {
            name: "a name of more than thirty-two bytes, as names may have",
            segments: &[
                S { role: R::Picture, domain: "a", points: 3, words: &[DigestWord::Input(0), DigestWord::Subject(1)] },
                S { role: R::Source, domain: "b", points: 4, words: &[] },
                S { role: R::Other, domain: "c", points: 1, words: &[DigestWord::K; 29] },
            ],
            inputs: &[M::Width, M::Height, M::SourceWidth, M::SourceHeight, M::Other, M::Zero, M::Context],
            subject: &["A", "B"],
            architecture: None,
            max_tolerance: 0,
            impossible: None,
        };
        let known = public::Claim::ALL.map(|claim| *claim.description());
        for description in known.iter().chain([&long]) {
            assert_eq!(id(&describe(description)), description.id(), "{}", description.name);
        }
    }

    #[test]
    fn every_claim_has_its_verifier() {
        for claim in public::Claim::ALL {
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
