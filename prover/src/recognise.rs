//! What a file is, by how it begins, for messages about files that were given to the wrong command.

use std::{io::Read, path::Path};

/// What begins how. Formats of this project are JSON whose first member is `format`.
const KNOWN: [(&[u8], &str); 27] = [
    (b"{\"format\":\"veilmark opening\"", "an opening, which is secret: do not send it to anyone"),
    (b"{\"format\":\"veilmark bundle\"", "a bundle, as veilmark proofs are"),
    (b"{\"format\":\"veilmark latent\"", "a latent, which is secret: do not send it to anyone"),
    (b"{\"format\":\"veilmark disclosure\"", "a disclosure: it shows which picture or prompt a commitment is of"),
    (b"{\"format\":\"veilmark fingerprint\"", "a fingerprint file, which is secret"),
    (b"{\"format\":\"veilmark seal\"", "the seal of a reservation, which is secret"),
    (b"{\"format\":\"veilmark signature\"", "a signature by a registrant"),
    (b"{\"format\":\"veilmark model\"", "an owner's model, which is secret: do not send it to anyone"),
    (b"{\"format\":\"veilmark public model\"", "the public file of a model"),
    (b"{\"format\":\"veilmark machine\"", "what a machine remembers of its master secret"),
    (b"age-encryption.org/", "a sealed file: a master secret, a backup, or what age wrote"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WebP picture, or sound"),
    (b"ptau", "a .ptau file: the setup of a ceremony"),
    (b"zkey", "a .zkey file: a proving key of snarkjs for one circuit, and no setup"),
    (b"r1cs", "an .r1cs file: a circuit of circom, and no setup"),
    (b"wtns", "a .wtns file: a witness of circom, and no setup"),
    (b"<!DOCTYPE", "a web page: the download failed, or its address is of a page about the file"),
    (b"<!doctype", "a web page: the download failed, or its address is of a page about the file"),
    (b"<?xml", "a web page: the download failed, or its address is of a page about the file"),
    (b"<html", "a web page: the download failed, or its address is of a page about the file"),
    (b"PK\x03\x04", "a ZIP archive: unpack it"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"VEILSRS", "a trusted setup of this program"),
];

/// What the file is, where its beginning says so. Whatever cannot be read is nothing that is known.
pub fn recognise(path: &Path) -> Option<&'static str> {
    let mut start = Vec::new();
    veilmark_files::open(path).ok()?.take(512).read_to_end(&mut start).ok()?;
    recognise_bytes(&start)
}

/// [`recognise`] of a file's first bytes.
pub fn recognise_bytes(start: &[u8]) -> Option<&'static str> {
    if start.get(4..12).is_some_and(|brand| brand.starts_with(b"ftyphei") || brand.starts_with(b"ftypmif")) {
        return Some("a HEIC picture");
    }
    if is_keystore(start) {
        return Some("a keystore: an account's private key, encrypted");
    }
    // openings and bundles are spread over lines
    let packed: Vec<u8> = match start.first() {
        Some(b'{') => start.iter().copied().filter(|byte| !b"\n\r\t".contains(byte)).collect(),
        _ => start.to_vec(),
    };
    let spaced = String::from_utf8_lossy(&packed).replacen("{  \"format\": ", "{\"format\":", 1);
    let begins = |with: &[u8]| start.starts_with(with) || spaced.as_bytes().starts_with(with);
    KNOWN.iter().find(|(with, _)| begins(with)).map(|(_, what)| *what)
}

/// Whether a file begins like a wallet's keystore.
pub(crate) fn is_keystore(start: &[u8]) -> bool {
    let has = |word: &[u8]| start.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    start.first() == Some(&b'{') && has(b"\"crypto\"") && (has(b"\"ciphertext\"") || has(b"\"kdf\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_how_they_begin() {
        for (start, what) in KNOWN {
            assert_eq!(recognise_bytes(start), Some(what));
        }
        let pretty = b"{\n  \"format\": \"veilmark opening\",\n  \"version\": 1";
        assert!(recognise_bytes(pretty).unwrap().contains("an opening"));
        for wallet in ["geth", "ethers", "web3", "foundry", "pbkdf2"] {
            let path = format!("../crates/chain/tests/keystores/{wallet}.json");
            assert!(recognise(Path::new(&path)).is_some_and(|what| what.contains("keystore")), "{wallet}");
        }
        assert!(recognise_bytes(b"\0\0\0\x18ftypheic").unwrap().contains("HEIC"));
        for none in [&b""[..], b"{", b"hello", b"\x08\x07"] {
            assert_eq!(recognise_bytes(none), None);
        }
    }
}
