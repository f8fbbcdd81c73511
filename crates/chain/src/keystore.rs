//! Keystores, as wallets write them: the Web3 Secret Storage Definition, version 3.
//!
//! geth, Foundry, web3 and ethers write the same thing with small differences: `crypto` or `Crypto`, with an address or
//! without. What is read is bounded before it is used: a keystore names how much memory and time its password takes, and one
//! that names more than wallets ask for is refused. The bytes that were checked are the bytes that are decrypted. No secret
//! is in an error.

use crate::rpc::Signer;
use aes::Aes128;
use alloy_primitives::Address;
use ctr::cipher::{KeyIvInit, StreamCipher};
use hmac::Hmac;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;
use sha2::Sha256;
use veilmark_files::{Classified, Kind};
use zeroize::Zeroizing;

/// Bytes of the longest keystore.
pub const MAX_BYTES: u64 = 1 << 16;
/// Memory that scrypt may take, in bytes; geth's own keystores take half of it.
const MAX_MEMORY: u64 = 512 << 20;
/// Blocks that scrypt may mix, `n * r * p`: eight times what geth's keystores ask for.
const MAX_WORK: u64 = 1 << 24;
/// Rounds of PBKDF2.
const MAX_ROUNDS: u32 = 10_000_000;
/// Bytes of the longest salt.
const MAX_SALT: usize = 1024;

/// A keystore cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// The file is no keystore.
    #[error("that is no keystore of version 3: {what}")]
    Malformed {
        /// What is wrong with it.
        what: String,
    },
    /// The keystore takes more than wallets ask for.
    #[error("the keystore asks for more than wallets do: {field} is {got}, at most {most} is allowed")]
    Expensive {
        /// The parameter.
        field: &'static str,
        /// What the file says.
        got: u64,
        /// What is allowed.
        most: u64,
    },
    /// The password is another keystore's.
    #[error("the keystore cannot be opened: the password is another's")]
    WrongPassword,
    /// The key is of another account than the file says.
    #[error("the keystore says that it is of {expected}, its key is of {got}")]
    OtherAccount {
        /// What the file says.
        expected: alloy_primitives::Address,
        /// The key's account.
        got: alloy_primitives::Address,
    },
}

impl Classified for KeystoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Malformed { .. } => Kind::WrongFile,
            Self::Expensive { .. } => Kind::Unsupported,
            Self::WrongPassword => Kind::NotAllowed,
            Self::OtherAccount { .. } => Kind::FileDamaged,
        }
    }
}

/// What is read of a file; wallets write more.
#[derive(Deserialize)]
struct File<'a> {
    version: u32,
    #[serde(borrow, alias = "Crypto")]
    crypto: Crypto<'a>,
    #[serde(default)]
    address: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Crypto<'a> {
    cipher: String,
    cipherparams: CipherParameters,
    #[serde(deserialize_with = "digits")]
    ciphertext: Vec<u8>,
    kdf: String,
    #[serde(borrow)]
    kdfparams: &'a RawValue,
    #[serde(deserialize_with = "digits")]
    mac: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CipherParameters {
    #[serde(deserialize_with = "digits")]
    iv: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scrypt {
    dklen: u64,
    n: u64,
    p: u64,
    r: u64,
    #[serde(deserialize_with = "digits")]
    salt: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pbkdf2 {
    c: u32,
    dklen: u64,
    prf: String,
    #[serde(deserialize_with = "digits")]
    salt: Vec<u8>,
}

fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    hex::decode(text.strip_prefix("0x").unwrap_or(&text))
        .map_err(|_| D::Error::custom("hexadecimal digits are expected"))
}

/// How the password becomes a key, with every parameter within its bounds.
enum Derivation {
    Scrypt { parameters: scrypt::Params, salt: Vec<u8> },
    Pbkdf2 { rounds: u32, salt: Vec<u8> },
}

fn malformed(what: impl Into<String>) -> KeystoreError {
    KeystoreError::Malformed { what: what.into() }
}

fn at_most(field: &'static str, got: u64, most: u64) -> Result<(), KeystoreError> {
    if got <= most { Ok(()) } else { Err(KeystoreError::Expensive { field, got, most }) }
}

impl Derivation {
    /// Reads the parameters that belong to `kdf`, and no others.
    fn read(kdf: &str, parameters: &RawValue) -> Result<Self, KeystoreError> {
        let of_length = |dklen: u64, salt: &[u8]| match dklen {
            _ if salt.len() > MAX_SALT => Err(malformed("`salt` is too long")),
            32 => Ok(()),
            _ => Err(malformed(format!("`dklen` is {dklen}, 32 is expected"))),
        };
        match kdf {
            "scrypt" => {
                let Scrypt { dklen, n, p, r, salt } =
                    serde_json::from_str(parameters.get()).map_err(|error| malformed(error.to_string()))?;
                of_length(dklen, &salt)?;
                if !n.is_power_of_two() || n < 2 {
                    return Err(malformed(format!("`n` is {n}, a power of two is expected")));
                }
                at_most("memory of scrypt", n.saturating_mul(r).saturating_mul(128), MAX_MEMORY)?;
                at_most("work of scrypt", n.saturating_mul(r).saturating_mul(p), MAX_WORK)?;
                let (log_n, r, p) = (n.trailing_zeros() as u8, u32::try_from(r), u32::try_from(p));
                let (Ok(r), Ok(p)) = (r, p) else { return Err(malformed("`r` or `p` is too large")) };
                let parameters =
                    scrypt::Params::new(log_n, r, p).map_err(|_| malformed("`n`, `r` and `p` do not go together"))?;
                Ok(Self::Scrypt { parameters, salt })
            }
            "pbkdf2" => {
                let Pbkdf2 { c, dklen, prf, salt } =
                    serde_json::from_str(parameters.get()).map_err(|error| malformed(error.to_string()))?;
                of_length(dklen, &salt)?;
                if prf != "hmac-sha256" {
                    return Err(malformed("`prf` is not hmac-sha256"));
                }
                if c == 0 {
                    return Err(malformed("`c` is 0"));
                }
                at_most("c", c.into(), MAX_ROUNDS.into())?;
                Ok(Self::Pbkdf2 { rounds: c, salt })
            }
            _ => Err(malformed("`kdf` is neither scrypt nor pbkdf2")),
        }
    }

    fn key(&self, password: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
        let mut key = Zeroizing::new([0; 32]);
        match self {
            Self::Scrypt { parameters, salt } => {
                scrypt::scrypt(password, salt, parameters, &mut key[..]).map_err(|_| malformed("`dklen` is none"))?;
            }
            Self::Pbkdf2 { rounds, salt } => pbkdf2::pbkdf2::<Hmac<Sha256>>(password, salt, *rounds, &mut key[..]),
        }
        Ok(key)
    }
}

/// Opens a keystore with its password.
///
/// # Errors
///
/// [`KeystoreError`], which holds no secret.
pub fn open(file: &[u8], password: &[u8]) -> Result<Signer, KeystoreError> {
    let File { version, crypto, address } =
        serde_json::from_slice(file).map_err(|error| malformed(error.to_string()))?;
    if version != 3 {
        return Err(malformed(format!("`version` is {version}")));
    }
    if crypto.cipher != "aes-128-ctr" {
        return Err(malformed("`cipher` is not aes-128-ctr"));
    }
    let iv: [u8; 16] = crypto.cipherparams.iv.try_into().map_err(|_| malformed("`iv` is not of 16 bytes"))?;
    if crypto.ciphertext.len() != 32 {
        return Err(malformed("`ciphertext` is not of 32 bytes"));
    }
    let key = Derivation::read(&crypto.kdf, crypto.kdfparams)?.key(password)?;
    let (for_cipher, for_mac) = key.split_at(16);
    let mac = alloy_primitives::keccak256([for_mac, &crypto.ciphertext].concat());
    if mac.as_slice() != crypto.mac {
        return Err(KeystoreError::WrongPassword);
    }
    let mut secret = Zeroizing::new(crypto.ciphertext);
    let cipher = ctr::Ctr128BE::<Aes128>::new_from_slices(for_cipher, &iv);
    cipher.map_err(|_| malformed("`iv` is not of 16 bytes"))?.apply_keystream(&mut secret);
    let signer = Signer::from_slice(&secret).map_err(|_| malformed("it holds no private key"))?;
    let said = address.map(|text| text.strip_prefix("0x").unwrap_or(&text).to_owned()).filter(|text| !text.is_empty());
    if let Some(said) = said {
        let expected = said.parse().map_err(|_| malformed("`address` is none"))?;
        if expected != signer.address() {
            return Err(KeystoreError::OtherAccount { expected, got: signer.address() });
        }
    }
    Ok(signer)
}

/// The logarithm of the blocks that scrypt mixes for a new keystore, as geth has it: 256 MB and about a second.
const NEW_LOG_N: u8 = 18;

/// A new key, and its keystore under a password, as geth writes them.
///
/// # Errors
///
/// [`KeystoreError::Malformed`] where no key or cipher comes of it, which nobody has seen.
pub fn create(password: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Result<(Address, String), KeystoreError> {
    create_with(password, rng, NEW_LOG_N)
}

fn create_with(
    password: &[u8],
    rng: &mut (impl RngCore + CryptoRng),
    log_n: u8,
) -> Result<(Address, String), KeystoreError> {
    let mut secret = Zeroizing::new([0; 32]);
    let (mut salt, mut iv, mut id) = ([0; 32], [0; 16], [0; 16]);
    rng.fill_bytes(&mut *secret);
    [&mut salt[..], &mut iv, &mut id].into_iter().for_each(|bytes| rng.fill_bytes(bytes));
    let address = Signer::from_slice(&*secret).map_err(|_| malformed("it holds no private key"))?.address();
    let parameters = scrypt::Params::new(log_n, 8, 1).map_err(|_| malformed("`r` or `p` is none"))?;
    let key = Derivation::Scrypt { parameters, salt: salt.to_vec() }.key(password)?;
    let (for_cipher, for_mac) = key.split_at(16);
    let mut ciphertext = secret;
    let cipher = ctr::Ctr128BE::<Aes128>::new_from_slices(for_cipher, &iv);
    cipher.map_err(|_| malformed("`iv` is not of 16 bytes"))?.apply_keystream(&mut *ciphertext);
    let mac = alloy_primitives::keccak256([for_mac, &*ciphertext].concat());
    // version and variant of a random UUID
    (id[6], id[8]) = (id[6] & 0x0f | 0x40, id[8] & 0x3f | 0x80);
    let id = hex::encode(id);
    let file = serde_json::json!({
        "address": hex::encode(address), "version": 3,
        "id": format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]),
        "crypto": {
            "cipher": "aes-128-ctr", "cipherparams": { "iv": hex::encode(iv) }, "ciphertext": hex::encode(*ciphertext),
            "kdf": "scrypt", "kdfparams": { "dklen": 32, "n": 1_u64 << log_n, "p": 1, "r": 8, "salt": hex::encode(salt) },
            "mac": hex::encode(mac),
        },
    });
    Ok((address, file.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const PASSWORD: &[u8] = b"a password of a test";

    /// One key, as each wallet writes it.
    #[test]
    fn keystores_of_all_wallets_are_read() {
        for (wallet, text) in [
            ("ethers 6", include_str!("../tests/keystores/ethers.json")),
            ("web3 4", include_str!("../tests/keystores/web3.json")),
            ("geth, eth-account", include_str!("../tests/keystores/geth.json")),
            ("eth-account, PBKDF2", include_str!("../tests/keystores/pbkdf2.json")),
            ("Foundry, which writes no address", include_str!("../tests/keystores/foundry.json")),
        ] {
            let signer = open(text.as_bytes(), PASSWORD).unwrap_or_else(|error| panic!("{wallet}: {error}"));
            assert_eq!(signer.address().to_string(), "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23", "{wallet}");
        }
    }

    /// What the writers differ in, each on both derivations: the name of `crypto`, the address's spelling, and what is beside it.
    #[test]
    fn every_form_that_wallets_write_is_read() {
        let scrypt = include_str!("../tests/keystores/foundry.json");
        let pbkdf2 = include_str!("../tests/keystores/pbkdf2.json");
        for text in [scrypt, pbkdf2] {
            let file: Value = serde_json::from_str(text).unwrap();
            for name in ["crypto", "Crypto"] {
                for address in [
                    json!("2c7536e3605d9c16a7a3d7b1898e529396a65c23"),
                    json!("0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"),
                    json!("2C7536E3605D9C16A7A3D7B1898E529396A65C23"),
                    json!(""),
                    json!(null),
                ] {
                    let written = json!({
                        "address": address, name: file["crypto"], "id": file["id"], "version": 3,
                        "x-ethers": { "client": "ethers/6", "gethFilename": "UTC--", "path": "m/44'/60'/0'/0/0" },
                        "name": "an account",
                    });
                    let signer = open(written.to_string().as_bytes(), PASSWORD)
                        .unwrap_or_else(|error| panic!("{written}: {error}"));
                    assert_eq!(signer.address().to_string(), "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23");
                }
            }
            let both = json!({ "crypto": file["crypto"], "Crypto": file["crypto"], "version": 3 });
            assert!(matches!(refused(&both), KeystoreError::Malformed { .. }), "which of two is meant is not guessed");
        }
    }

    /// The definition's own examples. That of scrypt has `r = 1` with `n = 2^18`, beyond what RFC 7914 allows (`n < 2^(16 r)`); no
    /// wallet writes it, and it is refused for what it is.
    #[test]
    fn the_definitions_examples_are_known() {
        let pbkdf2 = json!({
            "crypto": {
                "cipher": "aes-128-ctr", "cipherparams": { "iv": "6087dab2f9fdbbfaddc31a909735c1e6" },
                "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46", "kdf": "pbkdf2",
                "kdfparams": {
                    "c": 262_144, "dklen": 32, "prf": "hmac-sha256",
                    "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
                },
                "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
            },
            "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3,
        });
        let signer = open(pbkdf2.to_string().as_bytes(), b"testpassword").unwrap();
        assert_eq!(hex::encode(signer.address()), "008aeeda4d805471df9b2a5b0f38a0c3bcba786b");
        let scrypt = store("scrypt", json!({ "dklen": 32, "n": 1 << 18, "p": 8, "r": 1 }));
        let error = refused(&scrypt).to_string();
        assert!(error.contains("do not go together"), "{error}");
    }

    #[test]
    fn another_password_opens_nothing() {
        let text = include_str!("../tests/keystores/pbkdf2.json");
        let error = open(text.as_bytes(), b"A password of a test").unwrap_err();
        assert!(matches!(error, KeystoreError::WrongPassword) && !error.to_string().contains("of a test"));
    }

    #[test]
    fn a_new_keystore_is_opened_by_its_password_only() {
        let (address, file) = create_with(PASSWORD, &mut rand_core::OsRng, 4).unwrap();
        assert_eq!(open(file.as_bytes(), PASSWORD).unwrap().address(), address);
        assert!(matches!(open(file.as_bytes(), b"another"), Err(KeystoreError::WrongPassword)));
        let (another, again) = create_with(PASSWORD, &mut rand_core::OsRng, 4).unwrap();
        assert!(another != address && again != file);
        let value: Value = serde_json::from_str(&file).unwrap();
        let id = value["id"].as_str().unwrap();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        // what is written for good is what is read
        let at_most = (1_u64 << NEW_LOG_N) * 8;
        assert!(at_most * 128 <= MAX_MEMORY && at_most <= MAX_WORK);
    }

    fn store(kdf: &str, parameters: Value) -> Value {
        let (zeros, iv) = ("00".repeat(32), "00".repeat(16));
        let mut parameters = parameters;
        parameters["salt"] = json!(zeros);
        let crypto = json!({
            "cipher": "aes-128-ctr", "cipherparams": { "iv": iv }, "ciphertext": zeros, "kdf": kdf,
            "kdfparams": parameters, "mac": zeros,
        });
        json!({ "crypto": crypto, "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3 })
    }

    fn refused(file: &Value) -> KeystoreError {
        open(file.to_string().as_bytes(), b"x").unwrap_err()
    }

    /// What would take gigabytes or hours. A parameter of the other derivation beside its own does not hide it.
    #[test]
    fn expensive_keystores_are_refused_at_once() {
        let scrypt = |n: u64, r: u64, p: u64| store("scrypt", json!({ "dklen": 32, "n": n, "p": p, "r": r }));
        let start = std::time::Instant::now();
        for file in [
            scrypt(1 << 30, 8, 1),
            scrypt(1 << 22, 8, 1),
            scrypt(1 << 10, u64::MAX, 1),
            scrypt(1 << 10, 8, 1 << 20),
            scrypt(1 << 63, 1 << 63, 1 << 63),
            store("pbkdf2", json!({ "c": u32::MAX, "dklen": 32, "prf": "hmac-sha256" })),
        ] {
            let error = refused(&file);
            assert!(matches!(error, KeystoreError::Expensive { .. }), "{file}: {error}");
        }
        let hidden = store("scrypt", json!({ "c": 1, "dklen": 32, "n": 1 << 22, "p": 1, "r": 8 }));
        assert!(matches!(refused(&hidden), KeystoreError::Malformed { .. }));
        let as_other = store("pbkdf2", json!({ "c": 1, "dklen": 32, "n": 1 << 22, "p": 1, "r": 8 }));
        assert!(matches!(refused(&as_other), KeystoreError::Malformed { .. }));
        assert!(start.elapsed().as_secs() < 5);
    }

    #[test]
    fn what_is_no_keystore_is_refused() {
        let sound = store("pbkdf2", json!({ "c": 1, "dklen": 32, "prf": "hmac-sha256" }));
        assert!(matches!(refused(&sound), KeystoreError::WrongPassword));
        let mut files = vec![json!({}), json!([]), json!(null)];
        for (pointer, value) in [
            ("/crypto/cipherparams/iv", json!("00")),
            ("/crypto/ciphertext", json!("00")),
            ("/crypto/ciphertext", json!("zz")),
            ("/crypto/cipher", json!("aes-256-ctr")),
            ("/crypto/kdf", json!("argon2")),
            ("/crypto/kdfparams/dklen", json!(16)),
            ("/crypto/kdfparams/c", json!(0)),
            ("/crypto/kdfparams/prf", json!("hmac-sha1")),
            ("/crypto/kdfparams/salt", json!("00".repeat(MAX_SALT + 1))),
            ("/version", json!(1)),
        ] {
            let mut file = sound.clone();
            *file.pointer_mut(pointer).unwrap() = value;
            files.push(file);
        }
        for n in [0, 1, 3, 1000] {
            files.push(store("scrypt", json!({ "dklen": 32, "n": n, "p": 1, "r": 1 })));
        }
        for r in [0, 1] {
            files.push(store("scrypt", json!({ "dklen": 32, "n": 2, "p": 1 - r, "r": r })));
        }
        for file in files {
            let error = refused(&file);
            assert!(matches!(error, KeystoreError::Malformed { .. }), "{file}: {error}");
        }
        assert!(open(b"", b"x").is_err());
    }
}
