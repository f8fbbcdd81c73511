//! Files sealed with a password, as [age](https://age-encryption.org/v1) has them: the `scrypt` recipient, binary.
//!
//! `age -d FILE` opens what is sealed here, so that whoever has the password needs no program of ours; and what `age -p` seals is
//! opened here. The format is a page: a random file key, wrapped by ChaCha20-Poly1305 under scrypt of the password; a MAC over the head
//! and a payload in chunks of 64 KiB, under keys that HKDF makes of the file key. The last chunk is marked, so a cut file is noticed.
//!
//! It is written here over the primitives' crates because the `age` crate brings more than 60 packages (translations of its messages,
//! post-quantum recipients) for this one page, and changes features below the whole workspace. Tests open files of another implementation.
//!
//! What the caller must believe: how much work a password takes is bounded before it is begun ([`MAX_LOG_N`]), and so is a file's
//! length by whoever reads it. A password is as good as it is long: scrypt makes guessing a million times dearer, not impossible.
use crate::error::SecretError;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as BASE64};
use chacha20poly1305::{
    ChaCha20Poly1305, Nonce,
    aead::{Aead, KeyInit},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rand_core::{CryptoRng, RngCore};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The first line of the format.
const INTRODUCTION: &str = "age-encryption.org/v1";
/// What separates the salt of our scrypt from others'.
const SCRYPT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
/// The logarithm of the blocks that scrypt mixes for a new file: 256 MB and about a second, as in `age`.
pub const LOG_N: u8 = 18;
/// The most that is opened: a gigabyte.
pub const MAX_LOG_N: u8 = 20;
/// Bytes of a payload's chunk.
const CHUNK: usize = 1 << 16;
/// Bytes of an authentication tag.
const TAG: usize = 16;
/// Bytes of a file key.
const KEY: usize = 16;
/// Why sealing does not fail. Where a primitive would, a panic: a default in its place would be a file under a key that everybody knows.
const SHORT: &str = "only messages of gigabytes are too long for the cipher";
/// The head of such a file is not longer.
const MAX_HEAD: usize = 512;

type FileKey = Zeroizing<[u8; KEY]>;

/// Whether a file begins like a sealed one, of a password or of keys.
pub fn is_sealed(first_bytes: &[u8]) -> bool {
    first_bytes.starts_with(INTRODUCTION.as_bytes())
}

/// Seals bytes with a password.
pub fn seal(plain: &[u8], password: &str, rng: &mut (impl RngCore + CryptoRng)) -> Vec<u8> {
    seal_with(plain, password, rng, LOG_N)
}

pub(crate) fn seal_with(plain: &[u8], password: &str, rng: &mut (impl RngCore + CryptoRng), log_n: u8) -> Vec<u8> {
    let (mut file_key, mut salt, mut nonce) = (FileKey::default(), [0; 16], [0; 16]);
    [&mut file_key[..], &mut salt, &mut nonce].into_iter().for_each(|bytes| rng.fill_bytes(bytes));
    let wrapped = cipher(&wrapping_key(password, &salt, log_n)).encrypt(&Nonce::default(), &file_key[..]);
    let wrapped = BASE64.encode(wrapped.expect(SHORT));
    let mut out = format!("{INTRODUCTION}\n-> scrypt {} {log_n}\n{wrapped}\n---", BASE64.encode(salt)).into_bytes();
    let mac = head_mac(&file_key, &out).finalize().into_bytes();
    out.extend(format!(" {}\n", BASE64.encode(mac)).into_bytes());
    out.extend(nonce);
    let cipher = payload_cipher(&file_key, &nonce);
    let mut rest = plain;
    for counter in 0_u64.. {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK));
        out.extend(cipher.encrypt(&chunk_nonce(counter, after.is_empty()), chunk).expect(SHORT));
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    out
}

/// Opens what was sealed; `what` it is goes into errors.
///
/// # Errors
/// [`SecretError`]; nothing of the content is in it, and of a damaged file nothing is returned.
pub fn open(what: &'static str, file: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let malformed = |problem| SecretError::Malformed { what, problem };
    let Head { salt, log_n, wrapped, authenticated, mac, payload } = Head::read(file).map_err(malformed)?;
    if log_n > MAX_LOG_N {
        return Err(SecretError::Expensive { what, got: log_n.into(), most: MAX_LOG_N.into() });
    }
    let opened = cipher(&wrapping_key(password, &salt, log_n)).decrypt(&Nonce::default(), &wrapped[..]);
    let opened = Zeroizing::new(opened.map_err(|_| SecretError::WrongPassword { what })?);
    let file_key = FileKey::new(opened[..].try_into().map_err(|_| malformed("its key has another length"))?);
    let damaged = || SecretError::Damaged { what };
    head_mac(&file_key, authenticated).verify_slice(&mac).map_err(|_| damaged())?;
    let (nonce, mut rest) = payload.split_first_chunk::<16>().ok_or_else(damaged)?;
    let cipher = payload_cipher(&file_key, nonce);
    // as long as it can become: growing would leave copies behind
    let mut plain = Zeroizing::new(Vec::with_capacity(rest.len()));
    for counter in 0_u64.. {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK + TAG));
        let opened = cipher.decrypt(&chunk_nonce(counter, after.is_empty()), chunk).map(Zeroizing::new);
        let opened = opened.map_err(|_| damaged())?;
        // only a payload without content ends with an empty chunk
        if opened.is_empty() && counter > 0 {
            return Err(damaged());
        }
        plain.extend_from_slice(&opened);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    Ok(plain)
}

/// What the head of a file says.
struct Head<'f> {
    salt: [u8; 16],
    log_n: u8,
    wrapped: [u8; KEY + TAG],
    /// What the MAC is over.
    authenticated: &'f [u8],
    mac: [u8; 32],
    payload: &'f [u8],
}

impl<'f> Head<'f> {
    fn read(file: &'f [u8]) -> Result<Self, &'static str> {
        if !is_sealed(file) {
            return Err("it does not begin like one of age");
        }
        let mut ends = file.iter().take(MAX_HEAD).enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
        let mut start = 0;
        let mut line = || -> Result<&'f str, &'static str> {
            let end = ends.next().ok_or("its head is cut short")?;
            let line = std::str::from_utf8(&file[start..end]).map_err(|_| "its head is no text")?;
            start = end + 1;
            Ok(line)
        };
        if line()? != INTRODUCTION {
            return Err("it is of another version of age");
        }
        let recipient = line()?;
        let parameters = recipient.strip_prefix("-> scrypt ").ok_or("it is sealed to keys, and not with a password")?;
        let (salt, log_n) = parameters.split_once(' ').ok_or("its scrypt line is cut short")?;
        let is_number = log_n.bytes().all(|byte| byte.is_ascii_digit()) && !log_n.starts_with('0');
        let log_n = log_n.parse().ok().filter(|log_n| is_number && *log_n < 64).ok_or("its work is no number")?;
        let wrapped = decoded(line()?).ok_or("its wrapped key has another form")?;
        let mac_line = line()?;
        let mac = mac_line.strip_prefix("--- ").ok_or("its head does not end, or it is sealed twice")?;
        let authenticated = &file[..start - mac_line.len() + 2];
        Ok(Self {
            salt: decoded(salt).ok_or("its salt has another form")?,
            log_n,
            wrapped,
            authenticated,
            mac: decoded(mac).ok_or("its MAC has another form")?,
            payload: &file[start..],
        })
    }
}

fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

fn wrapping_key(password: &str, salt: &[u8; 16], log_n: u8) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let salt = [SCRYPT_LABEL, salt].concat();
    let parameters = scrypt::Params::new(log_n, 8, 1).expect("the work is in its bounds");
    scrypt::scrypt(password.as_bytes(), &salt, &parameters, &mut key[..]).expect("32 bytes is a length of scrypt's");
    key
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(key.into())
}

fn expanded(file_key: &FileKey, salt: Option<&[u8]>, info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(salt, &file_key[..]).expand(info, &mut key[..]).expect("32 bytes is a length of HKDF's");
    key
}

fn head_mac(file_key: &FileKey, head: &[u8]) -> Hmac<Sha256> {
    // HMAC fills its key up to a block with zeros
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(&*expanded(file_key, None, b"header"));
    let mut mac = <Hmac<Sha256> as Mac>::new((&*block).into());
    mac.update(head);
    mac
}

fn payload_cipher(file_key: &FileKey, nonce: &[u8; 16]) -> ChaCha20Poly1305 {
    cipher(&expanded(file_key, Some(nonce), b"payload"))
}

/// Eleven bytes of a counter and one that says whether the chunk is the last.
fn chunk_nonce(counter: u64, is_last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&counter.to_be_bytes());
    nonce[11] = u8::from(is_last);
    nonce.into()
}

#[cfg(test)]
#[path = "sealed_tests.rs"]
mod tests;
