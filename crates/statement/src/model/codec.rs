//! A model's canonical bytes, and its architecture's hash.
//!
//! `magic ‖ postcard(architecture) ‖ postcard(weights of each layer)`. Equal models have equal bytes, and bytes that are
//! not a model's canonical ones are refused, so the bytes are the model.
use super::{Architecture, MAX_LAYERS, Model, ModelError, Weights};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, SeqAccess, Visitor},
};
use sha3::{Digest, Keccak256};

/// The first bytes of a model: the format and its version.
pub const MODEL_FORMAT: &[u8; 16] = b"veilmark model 1";

/// Separates architectures from every other hash of ours.
pub const ARCHITECTURE_DOMAIN: &str = "veilmark architecture v1";

/// The bytes are no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The first bytes are another format's or version's.
    #[error("not an integer model of this version: it must begin with `{}`", String::from_utf8_lossy(MODEL_FORMAT))]
    Format,
    /// The bytes end early, or hold what no model holds.
    #[error("the model is damaged: {0}")]
    Damaged(String),
    /// The bytes are a model's, but not the canonical ones.
    #[error("the model's bytes are not canonical")]
    NotCanonical,
    /// What the bytes say is inconsistent.
    #[error(transparent)]
    Model(#[from] ModelError),
}

#[derive(Serialize)]
struct Written<'m>(&'m Architecture, &'m [Option<Weights>]);

#[derive(Deserialize)]
struct Read(Architecture, #[serde(deserialize_with = "at_most::<MAX_LAYERS, _, _>")] Vec<Option<Weights>>);

/// Decodes a list of at most so many members: a member of a few bytes may be a hundred in memory, so that a longer list ends
/// here and not after it was made.
pub(super) fn at_most<'de, const MOST: usize, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct AtMost<T, const MOST: usize>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for AtMost<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "a list of at most {MOST}")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut made = Vec::new();
            while let Some(member) = list.next_element()? {
                if made.len() == MOST {
                    return Err(A::Error::custom("a list is too long"));
                }
                made.push(member);
            }
            Ok(made)
        }
    }
    deserializer.deserialize_seq(AtMost::<T, MOST>(std::marker::PhantomData))
}

impl Architecture {
    /// `keccak256(keccak256(domain) ‖ postcard(architecture))`: what a verifying key's header carries.
    pub fn hash(&self) -> [u8; 32] {
        let domain = Keccak256::digest(ARCHITECTURE_DOMAIN);
        Keccak256::new().chain_update(domain).chain_update(self.to_bytes()).finalize().into()
    }
}

impl Architecture {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a vector takes every value of this type")
    }

    /// Reads canonical bytes and checks the architecture, as far as that goes without weights.
    ///
    /// # Errors
    /// [`CodecError`], whatever the bytes are.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let damaged = |error: postcard::Error| CodecError::Damaged(error.to_string());
        let architecture: Self = postcard::from_bytes(bytes).map_err(damaged)?;
        architecture.check()?;
        if architecture.to_bytes() == bytes { Ok(architecture) } else { Err(CodecError::NotCanonical) }
    }
}

impl Model {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = Written(&self.architecture, &self.weights);
        postcard::to_extend(&written, MODEL_FORMAT.to_vec()).expect("a vector takes every value of this type")
    }

    /// Reads canonical bytes and checks the model.
    ///
    /// # Errors
    /// [`CodecError`], whatever the bytes are.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let content = bytes.strip_prefix(MODEL_FORMAT).ok_or(CodecError::Format)?;
        let damaged = |error: postcard::Error| CodecError::Damaged(error.to_string());
        let Read(architecture, weights) = postcard::from_bytes(content).map_err(damaged)?;
        let model = Self::new(architecture, weights)?;
        if model.to_bytes() == bytes { Ok(model) } else { Err(CodecError::NotCanonical) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Millions of members of a few bytes each are refused when the list is too long, not when it is made.
    #[test]
    fn long_lists_of_small_members_are_refused() {
        let varint = |mut value: u64| {
            let mut made = Vec::new();
            while value >= 0x80 {
                made.push(value as u8 | 0x80);
                value >>= 7;
            }
            made.push(value as u8);
            made
        };
        // latent, classes, width, height, channels
        let head = [MODEL_FORMAT.as_slice(), &[1, 0, 5, 5, 1]].concat();
        let count = 2_000_000u64;
        let table = [0, 0, 1, 0];
        let layer = [1, 1, 1, 1, 0, 0];
        let many = |member: &[u8]| [varint(count), member.repeat(count as usize)].concat();
        let sum = [&[1, 1, 1, 1, 1][..], &many(&[2, 0])].concat();
        for bytes in [many(&table), [vec![0], many(&layer)].concat(), [vec![0], sum].concat()] {
            let error = Model::from_bytes(&[head.clone(), bytes].concat()).unwrap_err();
            assert!(matches!(&error, CodecError::Damaged(_)), "{error}");
        }
    }
}
