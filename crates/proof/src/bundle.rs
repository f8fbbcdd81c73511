//! The bundle: a proof and everything one needs to know to check it, in one JSON file (`*.veil.json`).
//!
//! What the caller must believe: a [`Bundle`] that was read is consistent with itself. Its digest fits its content, its
//! public inputs follow from fingerprint, tolerance and context, its commitments from the first points of the proof, and
//! the whole is in its one spelling, but for blanks between the tokens of JSON: no reader sees another bundle in it, as
//! one that takes the first of two equal names might. That says nothing yet about the proof, and the digest is no
//! signature: whoever makes a bundle makes its digest. The verifying key is never in a bundle; only its hash is, to be
//! compared.
//!
//! | field | what |
//! |---|---|
//! | `format`, `version` | [`FORMAT`], [`VERSION`] |
//! | `claim`, `circuit` | the claim proved and the version of its circuit |
//! | `vk_hash` | Keccak-256 of the verifying key's code on chain |
//! | `srs_id`, `unsafe_development` | the trusted setup, and whether its secret is public |
//! | `k`, `width`, `height` | what the verifying key is for |
//! | `architecture` | in claims with a model: the hash of its architecture |
//! | `commitments` | what the proof begins with, in its order: the role of each commitment and its digest |
//! | `fingerprint`, `tolerance` | the statement; of a committed fingerprint the salted hash |
//! | `context` | chain, registry and registrant that the proof is bound to |
//! | `public_inputs` | the instance column, as an array in the contracts' order |
//! | `decoder` | what turned the picture's file into pixels |
//! | `proof` | the proof |
//! | `digest` | Keccak-256 of [`DIGEST_DOMAIN`] and all other fields as compact JSON, in this order |
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};
use std::{io::Write, path::Path};
use veilmark_circuits::{
    commitment::Commitment,
    statement::{
        claim::{Claim, Header, Role},
        fingerprint::Fingerprint,
        public::{Binding, PublicInputs},
        raster::checked_area,
    },
    transcript::scalar_from_word,
};
use veilmark_files::{self as files, Access, Classified, Existing, FileError, Kind, hex0x};
use veilmark_srs::{MAX_K, MIN_K, SrsId};

/// What `format` says.
pub const FORMAT: &str = "veilmark bundle";
/// What `version` says.
pub const VERSION: u32 = 1;
/// Separates the digests of bundles from every other hash of ours.
pub const DIGEST_DOMAIN: &str = "veilmark bundle v1";
/// Bytes of the longest file that is read.
pub const MAX_BYTES: u64 = 1 << 18;
/// Characters of the longest name of a decoder.
const MAX_DECODER: usize = 128;

/// Whether a decoder may be called so: short, and nothing in it is obeyed by a terminal or begins another line.
pub(crate) fn is_decoder_name(text: &str) -> bool {
    text.len() <= MAX_DECODER && text.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}

/// A proof of a claim, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The claim.
    pub claim: Claim,
    /// Keccak-256 of the verifying key's code on chain, as the bundle's maker had it.
    pub vk_hash: [u8; 32],
    /// The trusted setup.
    pub srs_id: SrsId,
    /// The domain has `2^k` rows.
    pub k: u32,
    /// Width and height of the picture in pixels.
    pub size: (u32, u32),
    /// The hash of the model's architecture; zero in a claim without a model.
    pub architecture: [u8; 32],
    /// Digests of the commitments that the proof begins with, in the order of the claim's segments.
    pub commitments: Vec<[u8; 32]>,
    /// The fingerprint claimed; its salted hash where it is committed; zero in a claim without one.
    pub fingerprint: Fingerprint,
    /// The largest distance accepted, in bits.
    pub tolerance: u8,
    /// What the proof is bound to.
    pub binding: Binding,
    /// Public inputs that have no field here, in their order.
    pub extra: Vec<[u8; 32]>,
    /// What turned the picture's file into pixels.
    pub decoder: String,
    /// The proof.
    pub proof: Vec<u8>,
}

/// The bytes are no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Not JSON, or not with a bundle's fields.
    #[error("not a Veilmark bundle: {0}")]
    Syntax(serde_json::Error),
    /// Another kind of file, another version, another claim.
    #[error("`{field}` is {got:?}, this program reads {expected:?}")]
    Unsupported {
        /// The field.
        field: &'static str,
        /// What this program reads.
        expected: String,
        /// What is there.
        got: String,
    },
    /// Not a value of its kind, or not in its one spelling.
    #[error("`{field}` is not {expected}")]
    Value {
        /// The field.
        field: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// The right content in another order, with names twice, or with needless escapes: readers may see it differently.
    #[error("the bundle is not spelled as bundles are: every field once, in its order, nothing escaped without need")]
    Spelling,
    /// The content is not the one the digest was made of.
    #[error("the bundle was changed or damaged: its digest is {expected}, that of its content is {got}")]
    Digest {
        /// The digest in the bundle.
        expected: String,
        /// The digest of the content.
        got: String,
    },
    /// Two parts of the bundle contradict each other.
    #[error("the bundle contradicts itself: `{field}` does not follow from {source_of_truth}")]
    Contradiction {
        /// The field.
        field: &'static str,
        /// What it has to follow from.
        source_of_truth: &'static str,
    },
}

impl Classified for BundleError {
    fn kind(&self) -> Kind {
        match self {
            Self::File(error) => error.kind(),
            Self::Syntax(_) => Kind::WrongFile,
            Self::Unsupported { .. } => Kind::Unsupported,
            Self::Value { .. } | Self::Spelling => Kind::FileDamaged,
            Self::Digest { .. } | Self::Contradiction { .. } => Kind::ProofInvalid,
        }
    }
}

/// The file, field by field. Strings stay as they were written, so that the digest covers their spelling.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    version: u32,
    claim: String,
    circuit: String,
    vk_hash: String,
    srs_id: String,
    unsafe_development: bool,
    k: u32,
    width: u32,
    height: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    architecture: Option<String>,
    commitments: Vec<WireCommitment>,
    fingerprint: String,
    tolerance: u8,
    context: WireContext,
    public_inputs: Vec<String>,
    decoder: String,
    proof: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCommitment {
    role: String,
    digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireContext {
    chain_id: u64,
    registry: String,
    registrant: String,
}

/// The bytes of a text as [`hex0x`] writes them, and no other text.
fn bytes_of(field: &'static str, text: &str, expected: &'static str) -> Result<Vec<u8>, BundleError> {
    let digits = text.strip_prefix("0x").filter(|digits| !digits.bytes().any(|byte| byte.is_ascii_uppercase()));
    digits.and_then(|digits| hex::decode(digits).ok()).ok_or(BundleError::Value { field, expected })
}

fn array_of<const N: usize>(field: &'static str, text: &str, expected: &'static str) -> Result<[u8; N], BundleError> {
    bytes_of(field, text, expected)?.try_into().map_err(|_| BundleError::Value { field, expected })
}

/// A text in JSON without the blanks between its tokens.
fn address_of(field: &'static str, text: &str) -> Result<[u8; 20], BundleError> {
    let bytes = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    let address = bytes.and_then(|bytes| <[u8; 20]>::try_from(bytes).ok());
    let is_spelled = |address: &[u8; 20]| files::eip55(address) == text;
    address.filter(is_spelled).ok_or(BundleError::Value { field, expected: "an address, spelled as EIP-55 has it" })
}

fn without_blanks(text: &[u8]) -> Vec<u8> {
    let (mut quoted, mut escaped) = (false, false);
    let token = |byte: &u8| {
        let blank = !quoted && byte.is_ascii_whitespace();
        quoted ^= *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        !blank
    };
    text.iter().copied().filter(token).collect()
}

const WORD: &str = "0x and 64 lower-case hexadecimal digits";

impl Wire {
    /// The digest of everything but the digest.
    fn content_digest(&mut self) -> Result<String, BundleError> {
        let digest = self.digest.take();
        let content = serde_json::to_vec(self).map_err(BundleError::Syntax);
        self.digest = digest;
        Ok(hex0x(&Keccak256::new().chain_update(DIGEST_DOMAIN).chain_update(content?).finalize()))
    }
}

impl Bundle {
    /// What the proof has to hold for.
    pub fn public(&self) -> PublicInputs {
        let extra = self.extra.clone();
        PublicInputs { extra, ..PublicInputs::new(self.fingerprint, self.tolerance, self.binding.context()) }
    }

    /// The instance column as big-endian words, in the contracts' order.
    pub fn public_inputs(&self) -> Vec<[u8; 32]> {
        self.public().to_words(self.claim)
    }

    /// The digest of the commitment of a role; `None` where the claim has none.
    pub fn commitment(&self, role: Role) -> Option<[u8; 32]> {
        let digests = self.claim.segments.iter().zip(&self.commitments);
        digests.filter(|(segment, _)| segment.role == role).map(|(_, digest)| *digest).next()
    }

    /// The digest of the picture's commitment; zero in a claim without one.
    pub fn image_commitment(&self) -> [u8; 32] {
        self.commitment(Role::Picture).unwrap_or_default()
    }

    /// The `modelHash`; `None` in a claim without a model.
    pub fn model_hash(&self) -> Option<[u8; 32]> {
        self.commitment(Role::Model)
    }

    /// The digest of the latent's commitment; `None` in a claim without a model.
    pub fn prompt_commitment(&self) -> Option<[u8; 32]> {
        self.commitment(Role::Prompt)
    }

    /// The words that the proof's commitments are hashed with.
    pub fn header(&self) -> Header {
        let (srs_id, architecture) = (self.srs_id.0, self.architecture);
        Header { srs_id, k: self.k, size: self.size, architecture, ..Header::default() }
    }

    /// The digests of the commitments that a proof begins with; `None` where it does not begin with their points.
    pub fn commitments_of(claim: Claim, header: &Header, proof: &[u8]) -> Option<Vec<[u8; 32]>> {
        Some(Commitment::of_proof(claim.segments(), header, proof)?.iter().map(Commitment::digest).collect())
    }

    /// The file's content.
    ///
    /// # Errors
    /// [`BundleError::Syntax`] if JSON cannot hold it; none of its values is of that kind.
    pub fn to_json(&self) -> Result<String, BundleError> {
        let (width, height) = self.size;
        let mut wire = Wire {
            format: FORMAT.into(),
            version: VERSION,
            claim: self.claim.name.into(),
            circuit: self.claim.circuit(),
            vk_hash: hex0x(&self.vk_hash),
            srs_id: self.srs_id.word(),
            unsafe_development: self.srs_id.is_unsafe(),
            k: self.k,
            width,
            height,
            architecture: self.claim.has_model().then(|| hex0x(&self.architecture)),
            commitments: self
                .claim
                .segments
                .iter()
                .zip(&self.commitments)
                .map(|(segment, digest)| WireCommitment { role: segment.role.name().into(), digest: hex0x(digest) })
                .collect(),
            fingerprint: hex0x(&self.fingerprint.to_bytes()),
            tolerance: self.tolerance,
            context: WireContext {
                chain_id: self.binding.chain_id,
                registry: files::eip55(&self.binding.registry),
                registrant: files::eip55(&self.binding.registrant),
            },
            public_inputs: self.public_inputs().iter().map(|word| hex0x(word)).collect(),
            decoder: self.decoder.clone(),
            proof: hex0x(&self.proof),
            digest: None,
        };
        wire.digest = Some(wire.content_digest()?);
        let mut text = serde_json::to_string_pretty(&wire).map_err(BundleError::Syntax)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads a file's content and checks that it is consistent with itself.
    ///
    /// # Errors
    /// [`BundleError`], whatever the bytes are.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let mut wire: Wire = serde_json::from_slice(bytes).map_err(BundleError::Syntax)?;
        let named = |claim: &Claim| claim.name == wire.claim;
        let unsupported = || BundleError::Unsupported {
            field: "claim",
            expected: Claim::ALL.map(Claim::name).join("`, `"),
            got: wire.claim.clone(),
        };
        // the version that the bundle names, or the one that this program would have had
        let versions: Vec<Claim> = Claim::ALL.into_iter().filter(named).collect();
        let claim = versions.iter().find(|claim| claim.circuit() == wire.circuit).or(versions.last());
        let claim = *claim.ok_or_else(unsupported)?;
        let supported = [
            ("format", FORMAT.to_owned(), wire.format.clone()),
            ("version", VERSION.to_string(), wire.version.to_string()),
            ("circuit", claim.circuit(), wire.circuit.clone()),
        ];
        for (field, expected, got) in supported {
            if expected != got {
                return Err(BundleError::Unsupported { field, expected, got });
            }
        }
        let got = wire.content_digest()?;
        let expected = wire.digest.as_deref().unwrap_or_default();
        if got != expected {
            return Err(BundleError::Digest { expected: expected.to_owned(), got });
        }
        let spelled = serde_json::to_vec(&wire).map_err(BundleError::Syntax)? == without_blanks(bytes);

        let srs_id = SrsId(array_of("srs_id", &wire.srs_id, WORD)?);
        let fingerprint = Fingerprint::from_bytes(array_of("fingerprint", &wire.fingerprint, WORD)?);
        if !is_decoder_name(&wire.decoder) {
            return Err(BundleError::Value { field: "decoder", expected: "a short printable text" });
        }
        // before anything of that size is made
        if checked_area(wire.width, wire.height).is_err() {
            return Err(BundleError::Value { field: "width` by `height", expected: "a size that has a circuit" });
        }
        if !(MIN_K..=MAX_K).contains(&wire.k) {
            return Err(BundleError::Value { field: "k", expected: "the size of a trusted setup" });
        }
        let contradiction = |field, source_of_truth| Err(BundleError::Contradiction { field, source_of_truth });
        let architecture = match &wire.architecture {
            Some(hash) if claim.has_model() => array_of("architecture", hash, WORD)?,
            None if !claim.has_model() => [0; 32],
            _ => return contradiction("architecture", "`claim`"),
        };
        let roles = wire.commitments.iter().map(|commitment| commitment.role.as_str());
        if !roles.eq(claim.segments.iter().map(|segment| segment.role.name())) {
            return contradiction("commitments", "`claim`");
        }
        let digests = wire.commitments.iter().map(|commitment| array_of("commitments", &commitment.digest, WORD));
        let words = wire.public_inputs.iter().map(|word| array_of("public_inputs", word, WORD));
        let words: Vec<[u8; 32]> = words.collect::<Result<_, _>>()?;
        // a word at or above the field's order would be another word's alias
        if words.iter().any(|word| scalar_from_word(*word).is_none()) {
            return Err(BundleError::Value { field: "public_inputs", expected: "words of the field" });
        }
        let others = claim.inputs.iter().zip(&words).filter(|(meaning, _)| meaning.is_extra());
        let extra = others.map(|(_, word)| *word).collect();
        let bundle = Self {
            claim,
            architecture,
            commitments: digests.collect::<Result<_, _>>()?,
            extra,
            vk_hash: array_of("vk_hash", &wire.vk_hash, WORD)?,
            srs_id,
            k: wire.k,
            size: (wire.width, wire.height),
            fingerprint,
            tolerance: wire.tolerance,
            binding: Binding {
                chain_id: wire.context.chain_id,
                registry: address_of("context.registry", &wire.context.registry)?,
                registrant: address_of("context.registrant", &wire.context.registrant)?,
            },
            decoder: wire.decoder,
            proof: bytes_of("proof", &wire.proof, "0x and lower-case hexadecimal digits")?,
        };
        if wire.unsafe_development != srs_id.is_unsafe() {
            return contradiction("unsafe_development", "`srs_id`");
        }
        if words != bundle.public_inputs() {
            return contradiction("public_inputs", "`claim`, `fingerprint`, `tolerance` and `context`");
        }
        if !claim.has_fingerprint() && (fingerprint != Fingerprint::default() || bundle.tolerance != 0) {
            return contradiction("fingerprint", "`claim`, which has none");
        }
        if Self::commitments_of(claim, &bundle.header(), &bundle.proof).as_ref() != Some(&bundle.commitments) {
            return contradiction("commitments", "`proof`, `srs_id`, `k`, `width`, `height` and `architecture`");
        }
        let salted_hash = bundle.commitment(Role::Fingerprint);
        if salted_hash.is_some_and(|hash| hash != fingerprint.to_bytes()) {
            return contradiction("fingerprint", "`commitments`");
        }
        if spelled { Ok(bundle) } else { Err(BundleError::Spelling) }
    }

    /// Reads a bundle's file.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        Self::parse(&files::read_limited(path, MAX_BYTES)?)
    }

    /// Writes the bundle's file, whole or not at all.
    ///
    /// # Errors
    /// [`BundleError::File`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), BundleError> {
        let text = self.to_json()?;
        Ok(files::write_atomically(path, existing, Access::Umask, |file| file.write_all(text.as_bytes()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::bn256::G1Affine;
    use veilmark_circuits::transcript::point_to_words;

    fn bundle() -> Bundle {
        let point = point_to_words(G1Affine::generator()).unwrap();
        let proof: Vec<u8> = [&point[..], &point, &point, &[7; 64]].concat();
        let mut bundle = Bundle {
            claim: Claim::FINGERPRINT,
            vk_hash: [0xab; 32],
            srs_id: SrsId::DEVELOPMENT,
            k: 14,
            size: (7, 9),
            architecture: [0; 32],
            commitments: Vec::new(),
            extra: Vec::new(),
            fingerprint: Fingerprint::from_bytes(std::array::from_fn(|at| 0xa0 + at as u8)),
            tolerance: 31,
            binding: Binding { chain_id: 31337, registry: [1; 20], registrant: [0xcd; 20] },
            decoder: "png 1".into(),
            proof,
        };
        bundle.commitments = Bundle::commitments_of(bundle.claim, &bundle.header(), &bundle.proof).unwrap();
        bundle
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.veil.json");
        bundle().write(&path, Existing::Keep).unwrap();
        assert_eq!(Bundle::read(&path).unwrap(), bundle());
        let text = bundle().to_json().unwrap();
        let fields: serde_json::Value = serde_json::from_str(&text).unwrap();
        let words: Vec<_> = bundle().public_inputs().iter().map(|word| hex0x(word)).collect();
        assert_eq!(fields["public_inputs"], serde_json::json!(words), "in the contracts' order");
        assert_eq!(fields["commitments"][0]["role"], "picture");
        let respaced: String = text.split_whitespace().collect();
        assert!(Bundle::parse(respaced.as_bytes()).is_err(), "the format's name has a space");
        let compact = serde_json::to_vec(&serde_json::from_str::<Wire>(&text).unwrap()).unwrap();
        assert_eq!(Bundle::parse(&compact).unwrap(), bundle());
    }

    #[test]
    fn no_character_can_be_changed() {
        let text = bundle().to_json().unwrap();
        let bytes = text.as_bytes();
        for at in 0..bytes.len() {
            for other in *b"0aAz9 \"{,\x00\xff" {
                if bytes[at] == other {
                    continue;
                }
                let mut changed = bytes.to_vec();
                changed[at] = other;
                match Bundle::parse(&changed) {
                    Err(error) => assert!(error.kind() != Kind::Bug, "{error}"),
                    // a blank in place of a blank is no change of what is said
                    Ok(read) => assert!(bytes[at].is_ascii_whitespace() && read == bundle(), "position {at}: {other}"),
                }
            }
            let shorter = [&bytes[..at], &bytes[at + 1..]].concat();
            assert!(Bundle::parse(&shorter).is_err() || bytes[at].is_ascii_whitespace(), "position {at}");
            assert!(Bundle::parse(&bytes[..at]).is_err() || at + 1 == bytes.len(), "cut at {at}");
        }
    }

    #[test]
    fn there_is_one_spelling_but_for_blanks() {
        let text = bundle().to_json().unwrap();
        let refused = |from: &str, to: &str| {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert!(matches!(Bundle::parse(changed.as_bytes()), Err(BundleError::Spelling)), "{to}");
        };
        refused("\"png 1\"", "\"\\u0070ng 1\"");
        refused("\"k\": 14,\n  \"width\": 7,", "\"width\": 7, \"k\": 14,");
        let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(&text) else { panic!("an object") };
        let in_order: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()).collect();
        let list: Vec<_> = in_order.iter().map(|name| fields[*name].clone()).collect();
        let list = serde_json::to_vec(&list).unwrap();
        // the list lacks what a bundle without a model leaves out: it is no bundle at all
        assert!(Bundle::parse(&list).is_err(), "without names");
        let blanks = text.replace(':', " \t:\r\n ");
        assert_eq!(Bundle::parse(blanks.as_bytes()).unwrap(), bundle());
    }

    /// Changes made with care: the digest is made anew.
    #[test]
    fn no_field_can_contradict_another_behind_a_right_digest() {
        let changed = |change: fn(&mut Wire)| {
            let mut wire: Wire = serde_json::from_str(&bundle().to_json().unwrap()).unwrap();
            change(&mut wire);
            wire.digest = Some(wire.content_digest().unwrap());
            Bundle::parse(&serde_json::to_vec(&wire).unwrap())
        };
        assert_eq!(changed(|_| ()).unwrap(), bundle());
        type Change = (&'static str, fn(&mut Wire));
        let changes: &[Change] = &[
            ("format", |w| w.format = "veilmark opening".into()),
            ("version", |w| w.version = 2),
            ("claim", |w| w.claim = "origin".into()),
            ("circuit", |w| w.claim = "generation".into()),
            ("circuit", |w| w.circuit = "fingerprint-v0".into()),
            ("vk_hash", |w| w.vk_hash = w.vk_hash.to_uppercase()),
            ("vk_hash", |w| w.vk_hash = w.vk_hash.replace("0x", "0X")),
            ("srs_id", |w| w.srs_id = w.srs_id.replace("0x", "")),
            ("srs_id", |w| w.srs_id = format!("unsafe-dev-{}", w.srs_id)),
            ("context.registrant", |w| w.context.registrant = w.context.registrant.to_lowercase()),
            ("unsafe_development", |w| w.unsafe_development = false),
            ("k", |w| w.k = 0),
            ("width", |w| w.width = 4),
            ("width", |w| (w.width, w.height) = (u32::MAX, u32::MAX)),
            ("commitments", |w| w.k = 15),
            ("commitments", |w| w.width = 9),
            ("commitments", |w| w.commitments[0].digest = hex0x(&[0; 32])),
            ("commitments", |w| w.commitments[0].role = "source".into()),
            ("commitments", |w| w.commitments.clear()),
            ("commitments", |w| w.proof.truncate(2 + 2 * 191)),
            ("architecture", |w| w.architecture = Some(hex0x(&[0; 32]))),
            ("fingerprint", |w| w.fingerprint = w.fingerprint.to_uppercase()),
            ("fingerprint", |w| w.fingerprint = w.fingerprint.replace("0x", "")),
            ("public_inputs", |w| w.fingerprint = hex0x(&[0; 32])),
            ("public_inputs", |w| w.tolerance = 30),
            ("public_inputs", |w| w.context.chain_id = 1),
            ("public_inputs", |w| w.public_inputs.truncate(3)),
            ("public_inputs", |w| w.public_inputs.swap(0, 1)),
            ("public_inputs", |w| w.public_inputs[2] = hex0x(&[0xff; 32])),
            ("proof", |w| w.proof.push('0')),
            ("decoder", |w| w.decoder = "\x1b[2J".into()),
        ];
        for &(field, change) in changes {
            let Err(error) = changed(change) else { panic!("a change of {field} is read") };
            assert!(error.to_string().contains(&format!("`{field}`")), "{field}: {error}");
        }
        let unknown = bundle().to_json().unwrap().replacen('{', "{\"vk\": \"\",", 1);
        assert!(matches!(Bundle::parse(unknown.as_bytes()), Err(BundleError::Syntax(_))));
    }
}
