//! The master secret: 32 random bytes, 24 words for people (BIP 39, English), and a seed for everything that needs one.
//!
//! ```text
//! seed = HKDF-SHA256(salt = "veilmark master secret v1", key = the 32 bytes,
//!                    info = |purpose| purpose |machine| machine setup k digest number)
//! ```
//!
//! # Why one leak is not all
//! HKDF's expansion is a pseudo-random function of the master secret: whoever has any number of seeds, and knows what each is for, cannot tell
//! another one from random bytes. An opening holds salts that are SHAKE256 of its seed, so it holds less than that. Purpose and machine
//! are preceded by their lengths and everything else has a fixed one, so two different uses never have one `info`: an opening's
//! seed is no latent's, one setup's is no other's. Salts that follow from a seed hide as long as the function holds, where random ones hide
//! whatever is computed: that is the price, and a model's salts have paid it before.
//!
//! # Why the count of proofs cannot go back
//! Salts hide a limited number of proofs, which are counted in the file of their opening. A number is taken for one opening only
//! ([`crate::machine`]), on disk before the opening is; an opening that is *made again* is marked and proves nothing. So of two files with the same salts at most one proves.
//! Machines have different names, and the name is in `info`: two machines with one master secret never take the same salts.
//!
//! What the caller must believe: the words are the secret. BIP 39's own passphrase and its seed of 64 bytes are not used; a wallet's words are
//! not to be used here, nor these in a wallet.
use crate::error::SecretError;
use bip39::{Language, Mnemonic};
use hkdf::Hkdf;
use rand_core::{CryptoRng, RngCore};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Words of a master secret.
pub const WORDS: usize = 24;

/// Separates this derivation from every other use of 24 words.
const DOMAIN: &[u8] = b"veilmark master secret v1";

/// What everything else follows from.
#[derive(Clone)]
pub struct Master(Zeroizing<[u8; 32]>);

/// All of it is secret.
impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Master(secret)")
    }
}

/// A seed that follows from a master secret.
pub type Seed = Zeroizing<[u8; 32]>;

/// What a seed is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The salts of a picture's commitment.
    Opening,
    /// The salts of a latent.
    Latent,
    /// The salts of a committed fingerprint.
    Fingerprint,
    /// A reservation's salt.
    Seal,
    /// The name under which it is remembered how many openings of a picture there are.
    OpeningsTaken,
    /// The same of latents.
    LatentsTaken,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Latent => "latent",
            Self::Fingerprint => "fingerprint",
            Self::Seal => "seal",
            Self::OpeningsTaken => "openings taken",
            Self::LatentsTaken => "latents taken",
        }
    }
}

/// What a seed is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// A digest of the content.
    pub digest: [u8; 32],
    /// The trusted setup; zeros where it is open.
    pub setup: [u8; 32],
    /// Rows as a power of two; 0 where they are open.
    pub k: u32,
}

impl Master {
    /// A new one.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// The one that words are of; upper case and any space between them will do.
    ///
    /// # Errors
    /// [`SecretError::Words`], which names no word.
    pub fn from_words(words: &str) -> Result<Self, SecretError> {
        let wrong = |problem: String| SecretError::Words { problem };
        // no more than could be words is copied
        let listed: Vec<&str> = words.split_whitespace().take(WORDS + 1).collect();
        if listed.len() != WORDS {
            let more = if listed.len() > WORDS { "more than ".to_owned() } else { format!("{} of ", listed.len()) };
            return Err(wrong(format!("there are {more}{WORDS}")));
        }
        let text = Zeroizing::new(listed.join(" ").to_lowercase());
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &text).map_err(|error| {
            wrong(match error {
                bip39::Error::UnknownWord(at) => format!("word {} is not in the list of BIP 39", at + 1),
                bip39::Error::InvalidChecksum => "one of them is wrong, or their order is".to_owned(),
                _ => "they are no phrase of BIP 39".to_owned(),
            })
        })?;
        let (entropy, _) = mnemonic.to_entropy_array();
        let entropy = Zeroizing::new(entropy);
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(&entropy[..32]);
        Ok(Self(bytes))
    }

    /// The words: secret.
    pub fn words(&self) -> Zeroizing<String> {
        let mnemonic =
            Mnemonic::from_entropy_in(Language::English, &self.0[..]).expect("32 bytes are an entropy of BIP 39's");
        let mut words = Zeroizing::new(String::with_capacity(WORDS * 9));
        for word in mnemonic.words() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
        words
    }

    /// The seed of one thing. `machine` is at most 255 bytes long.
    pub(crate) fn seed(&self, purpose: Purpose, machine: &str, subject: &Subject, number: u32) -> Seed {
        let Subject { digest, setup, k } = subject;
        let mut info = Vec::with_capacity(160);
        for text in [purpose.name(), machine] {
            info.push(u8::try_from(text.len()).expect("names are short"));
            info.extend(text.bytes());
        }
        info.extend(setup);
        info.extend(k.to_be_bytes());
        info.extend(digest);
        info.extend(number.to_be_bytes());
        let mut seed = Seed::default();
        // never a default in its place: that would be salts that everybody knows
        let expanded = Hkdf::<Sha256>::new(Some(DOMAIN), &self.0[..]).expand(&info, &mut seed[..]);
        expanded.expect("32 bytes is a length of HKDF's");
        seed
    }
}

#[cfg(test)]
#[path = "master_tests.rs"]
mod tests;
