//! Signature files: a registrant's permission to register a bundle for it.
//!
//! The file is no secret, and it is an authorization: until its deadline whoever has it and the bundle can register the
//! bundle, once, for the registrant and nobody else, at their own cost. It cannot be taken back. What the caller must
//! believe: [`Authorization::check`] compares it with what is to be submitted; whether the account signs with a key at all, and what the
//! chain's clock says, the contract decides.
use crate::client::{authorized, records::Submission};
use alloy_primitives::{Address, B256, Signature};
use alloy_signer::SignerSync;
use serde::{Deserialize, Serialize};
use std::path::Path;
use veilmark_files::envelope::{Envelope, EnvelopeError};
use veilmark_files::{self as files, Access, Classified, Existing, Kind, hex0x};
use veilmark_statement::public::Binding;

const KIND: Envelope = Envelope { format: "veilmark signature", version: 1, max_bytes: 1 << 16, access: Access::Umask };
const NOTICE: &str = "not secret, but an authorization: until the deadline whoever has this file and the bundle can register \
the bundle for the registrant, once";

/// A signature file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// The file is not of its kind, or cannot be read or written.
    #[error(transparent)]
    Head(#[from] EnvelopeError),
    /// A field is not what it must be.
    #[error("the signature file's `{field}` is not {expected}")]
    Value {
        /// The field.
        field: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// For another chain or registry than the bundle.
    #[error("the signature is for registry {expected}, the proof for {got}")]
    OtherRegistry {
        /// The signature's registry and chain.
        expected: String,
        /// The bundle's.
        got: String,
    },
    /// Of another registrant than the bundle's.
    #[error("the signature is for registrant {expected}, the proof for {got}")]
    OtherRegistrant {
        /// The signature's.
        expected: Address,
        /// The bundle's.
        got: Address,
    },
    /// Of another bundle.
    #[error("the signature is for another bundle of the same registrant")]
    OtherBundle,
    /// Made with a key that is not the registrant's.
    #[error("the signature is not by the registrant {expected}, but by {got}")]
    OtherSigner {
        /// The registrant.
        expected: Address,
        /// Who signed.
        got: Address,
    },
    /// Its time is over.
    #[error("the signature was good until {deadline} (seconds since 1970), and it is {now} now")]
    Expired {
        /// The last second.
        deadline: u64,
        /// The time.
        now: u64,
    },
}

impl Classified for AuthorizationError {
    fn kind(&self) -> Kind {
        match self {
            Self::Head(error) => error.kind(),
            Self::Value { .. } => Kind::FileDamaged,
            Self::Expired { .. } => Kind::Expired,
            Self::OtherRegistry { .. }
            | Self::OtherRegistrant { .. }
            | Self::OtherBundle
            | Self::OtherSigner { .. } => Kind::Mismatch,
        }
    }
}

/// A permission to register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Chain, registry and registrant.
    pub binding: Binding,
    /// Registration of the model; `None` for a claim without one.
    pub model_id: Option<u64>,
    /// The last second, since 1970, at which it is good.
    pub deadline: u64,
    /// The EIP-712 hash of everything that is signed.
    pub digest: B256,
    /// By the registrant: `r`, `s`, `v`.
    pub signature: [u8; 65],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    notice: String,
    chain_id: u64,
    registry: String,
    registrant: String,
    model_id: Option<u64>,
    deadline: u64,
    signed: String,
    signature: String,
}

fn fixed<const N: usize>(
    field: &'static str,
    expected: &'static str,
    text: &str,
    spelled: impl Fn(&[u8; N]) -> String,
) -> Result<[u8; N], AuthorizationError> {
    let bytes = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    let bytes = bytes.and_then(|bytes| <[u8; N]>::try_from(bytes).ok()).filter(|bytes| spelled(bytes) == text);
    bytes.ok_or(AuthorizationError::Value { field, expected })
}

fn model_id(submission: &Submission<'_>) -> Option<u64> {
    let id = submission.record.modelId;
    (!id.is_zero()).then(|| id.saturating_to())
}

const ADDRESS: &str = "an address, spelled as EIP-55 has it";

impl Authorization {
    /// Signs a bundle's submission with its registrant's key; `deadline` is in seconds since 1970.
    ///
    /// # Errors
    /// [`AuthorizationError::OtherSigner`] if the key is another's.
    pub fn sign<S: SignerSync>(
        binding: Binding,
        submission: &Submission<'_>,
        deadline: u64,
        signer: &S,
    ) -> Result<Self, AuthorizationError> {
        let digest = authorized::digest(binding.chain_id, binding.registry.into(), submission, deadline);
        let failed = AuthorizationError::Value { field: "signature", expected: "one that this key can make" };
        let signature = signer.sign_hash_sync(&digest).map_err(|_| failed)?.as_bytes();
        let made = Self { binding, model_id: model_id(submission), deadline, digest, signature };
        made.check(binding, submission).map(|()| made)
    }

    /// That it is for this submission of a bundle with this binding, and signed by its registrant.
    ///
    /// # Errors
    /// [`AuthorizationError`] that says what differs.
    pub fn check(&self, binding: Binding, submission: &Submission<'_>) -> Result<(), AuthorizationError> {
        let (own, other) = (self.binding, binding);
        if (own.chain_id, own.registry) != (other.chain_id, other.registry) {
            let name = |binding: Binding| format!("{} on chain {}", hex0x(&binding.registry), binding.chain_id);
            return Err(AuthorizationError::OtherRegistry { expected: name(own), got: name(other) });
        }
        let registrant = Address::from(own.registrant);
        if own.registrant != other.registrant {
            return Err(AuthorizationError::OtherRegistrant { expected: registrant, got: other.registrant.into() });
        }
        if authorized::digest(own.chain_id, own.registry.into(), submission, self.deadline) != self.digest {
            return Err(AuthorizationError::OtherBundle);
        }
        let none = AuthorizationError::Value { field: "signature", expected: "a signature by a key" };
        // the contract takes no other `v`
        let plain = [27, 28].contains(&self.signature[64]);
        let signature = Signature::from_raw_array(&self.signature).ok();
        let signature = signature.filter(|one| plain && one.normalize_s().is_none());
        match signature.and_then(|signature| signature.recover_address_from_prehash(&self.digest).ok()) {
            Some(signer) if signer == registrant => Ok(()),
            Some(got) => Err(AuthorizationError::OtherSigner { expected: registrant, got }),
            None => Err(none),
        }
    }

    /// That it is still good; `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`AuthorizationError::Expired`].
    pub fn check_time(&self, now: u64) -> Result<(), AuthorizationError> {
        let deadline = self.deadline;
        if now > deadline { Err(AuthorizationError::Expired { deadline, now }) } else { Ok(()) }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`AuthorizationError`].
    pub fn read(path: &Path) -> Result<Self, AuthorizationError> {
        let (wire, body) = KIND.read::<Wire>(&files::open(path).map_err(EnvelopeError::File)?, path)?;
        if !body.is_empty() {
            return Err(KIND.malformed("something follows its head").into());
        }
        let binding = Binding {
            chain_id: wire.chain_id,
            registry: fixed("registry", ADDRESS, &wire.registry, files::eip55)?,
            registrant: fixed("registrant", ADDRESS, &wire.registrant, files::eip55)?,
        };
        Ok(Self {
            binding,
            model_id: wire.model_id,
            deadline: wire.deadline,
            digest: fixed("signed", "0x and 64 lower-case hexadecimal digits", &wire.signed, |bytes| hex0x(bytes))?
                .into(),
            signature: fixed("signature", "0x and 130 lower-case hexadecimal digits", &wire.signature, |bytes| {
                hex0x(bytes)
            })?,
        })
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// [`AuthorizationError::Head`].
    pub fn write(&self, path: &Path, existing: Existing) -> Result<(), AuthorizationError> {
        let wire = Wire {
            notice: NOTICE.to_owned(),
            chain_id: self.binding.chain_id,
            registry: files::eip55(&self.binding.registry),
            registrant: files::eip55(&self.binding.registrant),
            model_id: self.model_id,
            deadline: self.deadline,
            signed: hex0x(self.digest.as_slice()),
            signature: hex0x(&self.signature),
        };
        Ok(KIND.write(path, existing, &wire, &[])?)
    }
}

/// Whether a file begins like one of these.
pub fn is_authorization(first_bytes: &[u8]) -> bool {
    KIND.is_begun_by(first_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::records::Record;
    use alloy_primitives::U256;
    use alloy_signer_local::PrivateKeySigner;

    fn signer(byte: u8) -> PrivateKeySigner {
        PrivateKeySigner::from_slice(&[byte; 32]).unwrap()
    }

    fn submitted(proof: &[u8], registrant: Address) -> Submission<'_> {
        let record = Record { vkHash: B256::repeat_byte(1), registrant, ..Record::default() };
        Submission { record, proof }
    }

    #[test]
    fn a_signature_is_for_one_bundle_of_one_registrant_on_one_registry() {
        let (own, other) = (signer(1), signer(2));
        let who = own.address();
        let binding = Binding { chain_id: 31337, registry: [7; 20], registrant: who.into() };
        let of = |proof| submitted(proof, who);
        let signed = Authorization::sign(binding, &of(b"proof"), 100, &own).unwrap();
        signed.check(binding, &of(b"proof")).unwrap();
        let refused = |signed: &Authorization, binding, submission: &Submission<'_>| {
            let error = signed.check(binding, submission).unwrap_err();
            (error.kind(), error)
        };
        assert!(matches!(refused(&signed, binding, &of(b"other")), (Kind::Mismatch, AuthorizationError::OtherBundle)));
        for elsewhere in [Binding { chain_id: 1, ..binding }, Binding { registry: [8; 20], ..binding }] {
            let answer = refused(&signed, elsewhere, &of(b"proof"));
            assert!(matches!(answer, (Kind::Mismatch, AuthorizationError::OtherRegistry { .. })));
        }
        let theirs = Binding { registrant: other.address().into(), ..binding };
        let answer = refused(&signed, theirs, &submitted(b"proof", other.address()));
        assert!(matches!(answer, (Kind::Mismatch, AuthorizationError::OtherRegistrant { .. })));
        // what is signed cannot be changed
        let later = Authorization { deadline: 101, ..signed.clone() };
        assert!(matches!(refused(&later, binding, &of(b"proof")), (Kind::Mismatch, AuthorizationError::OtherBundle)));
        // another's key
        let error = Authorization::sign(binding, &of(b"proof"), 100, &other).unwrap_err();
        assert!(matches!(error, AuthorizationError::OtherSigner { got, .. } if got == other.address()), "{error}");
        // what the contract would not take: `s` in the upper half
        let one = Signature::from_raw_array(&signed.signature).unwrap();
        const ORDER: U256 =
            alloy_primitives::uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);
        let high = Signature::new(one.r(), ORDER - one.s(), !one.v()).as_bytes();
        let answer = refused(&Authorization { signature: high, ..signed.clone() }, binding, &of(b"proof"));
        assert!(matches!(answer, (Kind::FileDamaged, AuthorizationError::Value { field: "signature", .. })));
        assert!(signed.check_time(100).is_ok());
        assert_eq!(signed.check_time(101).unwrap_err().kind(), Kind::Expired);
    }

    #[test]
    fn the_file_is_json_and_any_change_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sig");
        let own = signer(1);
        let binding = Binding { chain_id: 5, registry: [7; 20], registrant: own.address().into() };
        let signed = Authorization::sign(binding, &submitted(b"proof", own.address()), 100, &own).unwrap();
        signed.write(&path, Existing::Keep).unwrap();
        assert_eq!(Authorization::read(&path).unwrap(), signed);
        let text = std::fs::read_to_string(&path).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&json["version"], &json["content"]["deadline"]), (&1.into(), &100.into()));
        for (old, new) in
            [("\"deadline\":100", "\"deadline\":900"), ("\"chain_id\":5", "\"chain_id\":6"), ("}\n", "}\n ")]
        {
            std::fs::write(&path, text.replace(old, new)).unwrap();
            let kind = Authorization::read(&path).unwrap_err().kind();
            assert!(matches!(kind, Kind::FileDamaged | Kind::WrongFile), "{old}: {kind:?}");
        }
    }

    #[test]
    fn the_type_is_the_contract_s() {
        use alloy_sol_types::SolStruct;
        let source = include_str!("../../../verifier-contract/contracts/src/ContentRegistry.sol");
        let text = |name: &str| {
            let (_, rest) = source.split_once(name).unwrap();
            rest.split('"').nth(1).unwrap().to_owned()
        };
        let register = text("bytes32 private constant REGISTER_TYPEHASH");
        let (record, statement) =
            (text("string private constant RECORD_TYPE"), text("string private constant STATEMENT_TYPE"));
        assert_eq!(authorized::Register::eip712_encode_type(), [register, record, statement].concat());
        assert!(source.contains("EIP712(\"Veilmark ContentRegistry\", \"1\")"));
    }
}
