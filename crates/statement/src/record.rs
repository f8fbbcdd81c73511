//! The record of a registration, and its id: the one definition outside the contracts.
//!
//! `ContentRegistry.recordIdOf` computes the same.
use super::{
    claim::{Claim, Role},
    public::{PublicInputs, word},
};
use sha3::{Digest, Keccak256};

/// What a registration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The verifying key of the proof, which fixes the claim.
    pub vk_hash: [u8; 32],
    /// The account that registers.
    pub registrant: [u8; 20],
    /// The registration of the model that the registrant relies on; zero for a claim without a model.
    pub model_id: [u8; 32],
    /// What was proved.
    pub statement: Statement,
}

/// What a proof states. A field that the claim says nothing about is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The commitment to the picture.
    pub image_commitment: [u8; 32],
    /// The commitment to the picture that it was made from.
    pub source_commitment: [u8; 32],
    /// The fingerprint; its salted hash for a claim that hides it.
    pub fingerprint: [u8; 32],
    /// The model.
    pub model_hash: [u8; 32],
    /// The commitment to the model's hidden input.
    pub prompt_commitment: [u8; 32],
    /// The largest distance proved between the picture's fingerprint and `fingerprint`.
    pub tolerance: u8,
    /// The public inputs that have no field here, in their order, then the digests of the commitments of role
    /// [`Role::Other`], in theirs.
    pub extra: Vec<[u8; 32]>,
}

impl Statement {
    /// What a proof of a claim states, of its public inputs and the digests of its commitments in the order of the claim's
    /// segments.
    pub fn new(claim: Claim, public: &PublicInputs, commitments: &[[u8; 32]]) -> Self {
        let mut statement = Self {
            fingerprint: public.fingerprint.to_bytes(),
            tolerance: public.tolerance,
            extra: public.extra.clone(),
            ..Self::default()
        };
        for (segment, &digest) in claim.segments.iter().zip(commitments) {
            match segment.role {
                Role::Picture => statement.image_commitment = digest,
                Role::Source => statement.source_commitment = digest,
                Role::Prompt => statement.prompt_commitment = digest,
                Role::Model => statement.model_hash = digest,
                // the salted hash is the fingerprint already
                Role::Fingerprint => {}
                Role::Other => statement.extra.push(digest),
            }
        }
        statement
    }
}

impl Record {
    /// The record's id: `keccak256(abi.encode(record))`.
    pub fn id(&self) -> [u8; 32] {
        Keccak256::digest(self.encoded().as_flattened()).into()
    }

    /// `abi.encode(record)`, as words: an offset stands before whatever has no fixed length.
    fn encoded(&self) -> Vec<[u8; 32]> {
        let number = |number: usize| word(&(number as u64).to_be_bytes());
        let Self { vk_hash, registrant, model_id, statement } = self;
        let mut words = vec![number(32), *vk_hash, word(registrant), *model_id, number(4 * 32)];
        words.extend([
            statement.image_commitment,
            statement.source_commitment,
            statement.fingerprint,
            statement.model_hash,
            statement.prompt_commitment,
            word(&[statement.tolerance]),
            number(7 * 32),
            number(statement.extra.len()),
        ]);
        words.extend(&statement.extra);
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::Fingerprint;

    #[test]
    fn a_statement_has_each_commitment_in_its_field() {
        let public = PublicInputs::new(Fingerprint::from_bytes([4; 32]), 3, [0; 31]);
        let statement = Statement::new(Claim::AUTHENTICITY, &public, &[[1; 32], [2; 32], [3; 32]]);
        let Statement { image_commitment, prompt_commitment, model_hash, fingerprint, tolerance, .. } = statement;
        assert_eq!(
            [image_commitment, prompt_commitment, model_hash, fingerprint],
            [[1; 32], [2; 32], [3; 32], [4; 32]]
        );
        assert_eq!(tolerance, 3);
    }

    /// The words that `abi.encode` gives, written out.
    #[test]
    fn an_id_is_of_the_one_encoding() {
        let statement =
            Statement { image_commitment: [1; 32], tolerance: 31, extra: vec![[9; 32]], ..Statement::default() };
        let record = Record { vk_hash: [5; 32], registrant: [6; 20], model_id: word(&[7]), statement };
        let small = |byte: u8| word(&[byte]);
        let expected = [
            small(0x20),
            [5; 32],
            word(&[6; 20]),
            small(7),
            small(0x80),
            [1; 32],
            [0; 32],
            [0; 32],
            [0; 32],
            [0; 32],
            small(31),
            small(0xe0),
            small(1),
            [9; 32],
        ];
        assert_eq!(record.encoded(), expected);
        assert_eq!(record.id(), <[u8; 32]>::from(Keccak256::digest(expected.as_flattened())));
    }
}
