//! Ceremonies whose setups this program takes: where their files are, and what is published of them.
//!
//! Nothing is fetched here. Names, hashes and addresses are those that the ceremonies' own users publish: the README of snarkjs (version 0.7.5) has
//! the files of 54 contributions and a beacon with the hash of each, for 2^8 powers and more; programs built on OpenVM fetch those of 85
//! contributions from the address that is named here, for which no hash is published that we know of. A wrong file does no harm:
//! an import checks every point against the ceremony that is pinned ([`Ceremony`]). The hash tells it before.
//!
//! What the caller must believe: that a ceremony's secret is forgotten. It is if one of its contributors was honest.

use veilmark_srs::Ceremony;

/// Rows of the smallest file listed, as a power of two: that of every ceremony's smallest use here.
pub const MIN_K: u32 = 8;
/// Rows of the largest: more this program does not take.
pub const MAX_K: u32 = veilmark_srs::MAX_K;

/// A ceremony's file for one `k`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CeremonyFile {
    /// The ceremony.
    pub ceremony: Ceremony,
    /// It serves domains of `2^k` rows and below.
    pub k: u32,
    /// Its name.
    pub name: String,
    /// Bytes, which follow from its format.
    pub bytes: u64,
    /// Its BLAKE2b-512, where it is published.
    pub blake2b: Option<&'static str>,
    /// Where its users fetch it.
    pub address: String,
}

impl CeremonyFile {
    /// Bytes of memory that its import takes.
    pub const fn import_memory(&self) -> u64 {
        (128 << self.k) + 20_000_000
    }

    /// Bytes of the setup that comes of it, on disk.
    pub const fn setup_bytes(&self) -> u64 {
        128 << self.k
    }
}

/// Who contributed to a ceremony, and who publishes it.
pub const fn lineage(ceremony: Ceremony) -> &'static str {
    match ceremony {
        Ceremony::Hermez => {
            "Perpetual Powers of Tau, 54 contributions and a beacon; prepared by Hermez, listed in the README of snarkjs"
        }
        Ceremony::Axiom => {
            "Perpetual Powers of Tau, 85 contributions; as halo2 files by Axiom, used by OpenVM's programs"
        }
    }
}

/// Bytes that the files of 54 contributions have besides their points: the head, and the record of the contributions.
const HERMEZ_RECORD: u64 = 83_096;

/// The file of a ceremony for `k`, where one is listed.
pub fn file(ceremony: Ceremony, k: u32) -> Option<CeremonyFile> {
    let at = usize::try_from(k.checked_sub(MIN_K)?).ok()?;
    let hash = HERMEZ_BLAKE2B.get(at)?;
    Some(match ceremony {
        Ceremony::Hermez => {
            let name = format!("powersOfTau28_hez_final_{k:02}.ptau");
            let address = format!("https://storage.googleapis.com/zkevm/ptau/{name}");
            // G1: 2 powers, alpha, beta and as many Lagrange points twice; G2: powers and twice as many Lagrange points
            let bytes = (1152 << k) + HERMEZ_RECORD;
            CeremonyFile { ceremony, k, name, bytes, blake2b: Some(hash), address }
        }
        Ceremony::Axiom => {
            let name = format!("kzg_bn254_{k}.srs");
            let address = format!("https://axiom-crypto.s3.amazonaws.com/challenge_0085/{name}");
            CeremonyFile { ceremony, k, name, bytes: (128 << k) + 260, blake2b: None, address }
        }
    })
}

/// Every file that is listed, by ceremony and `k`.
pub fn files() -> impl Iterator<Item = CeremonyFile> {
    Ceremony::ALL.into_iter().flat_map(|ceremony| (MIN_K..=MAX_K).filter_map(move |k| file(ceremony, k)))
}

/// BLAKE2b-512 of the files of 54 contributions, from `k = 8` on.
const HERMEZ_BLAKE2B: [&str; 17] = [
    "d6a8fb3a04feb600096c3b791f936a578c4e664d262e4aa24beed1b7a9a96aa5eb72864d628db247e9293384b74b36ffb52ca8d148d6e1b8b51e279fdf57b583",
    "94f108a80e81b5d932d8e8c9e8fd7f46cf32457e31462deeeef37af1b71c2c1b3c71fb0d9b59c654ec266b042735f50311f9fd1d4cadce47ab234ad163157cb5",
    "6cfeb8cda92453099d20120bdd0e8a5c4e7706c2da9a8f09ccc157ed2464d921fd0437fb70db42104769efd7d6f3c1f964bcf448c455eab6f6c7d863e88a5849",
    "47c282116b892e5ac92ca238578006e31a47e7c7e70f0baa8b687f0a5203e28ea07bbbec765a98dcd654bad618475d4661bfaec3bd9ad2ed12e7abc251d94d33",
    "ded2694169b7b08e898f736d5de95af87c3f1a64594013351b1a796dbee393bd825f88f9468c84505ddd11eb0b1465ac9b43b9064aa8ec97f2b73e04758b8a4a",
    "58efc8bf2834d04768a3d7ffcd8e1e23d461561729beaac4e3e7a47829a1c9066d5320241e124a1a8e8aa6c75be0ba66f65bc8239a0542ed38e11276f6fdb4d9",
    "eeefbcf7c3803b523c94112023c7ff89558f9b8e0cf5d6cdcba3ade60f168af4a181c9c21774b94fbae6c90411995f7d854d02ebd93fb66043dbb06f17a831c1",
    "982372c867d229c236091f767e703253249a9b432c1710b4f326306bfa2428a17b06240359606cfe4d580b10a5a1f63fbed499527069c18ae17060472969ae6e",
    "6a6277a2f74e1073601b4f9fed6e1e55226917efb0f0db8a07d98ab01df1ccf43eb0e8c3159432acd4960e2f29fe84a4198501fa54c8dad9e43297453efec125",
    "6247a3433948b35fbfae414fa5a9355bfb45f56efa7ab4929e669264a0258976741dfbe3288bfb49828e5df02c2e633df38d2245e30162ae7e3bcca5b8b49345",
    "7e6a9c2e5f05179ddfc923f38f917c9e6831d16922a902b0b4758b8e79c2ab8a81bb5f29952e16ee6c5067ed044d7857b5de120a90704c1d3b637fd94b95b13e",
    "bca9d8b04242f175189872c42ceaa21e2951e0f0f272a0cc54fc37193ff6648600eaf1c555c70cdedfaf9fb74927de7aa1d33dc1e2a7f1a50619484989da0887",
    "89a66eb5590a1c94e3f1ee0e72acf49b1669e050bb5f93c73b066b564dca4e0c7556a52b323178269d64af325d8fdddb33da3a27c34409b821de82aa2bf1a27b",
    "9aef0573cef4ded9c4a75f148709056bf989f80dad96876aadeb6f1c6d062391f07a394a9e756d16f7eb233198d5b69407cca44594c763ab4a5b67ae73254678",
    "0d64f63dba1a6f11139df765cb690da69d9b2f469a1ddd0de5e4aa628abb28f787f04c6a5fb84a235ec5ea7f41d0548746653ecab0559add658a83502d1cb21b",
    "3063a0bd81d68711197c8820a92466d51aeac93e915f5136d74f63c394ee6d88c5e8016231ea6580bec02e25d491f319d92e77f5c7f46a9caa8f3b53c0ea544f",
    "fa404d140d5819d39984833ca5ec3632cd4995f81e82db402371a4de7c2eae8687c62bc632a95b0c6aadba3fb02680a94e09174b7233ccd26d78baca2647c733",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The one real file that the repository has is the smallest of the list, to the byte.
    #[test]
    fn the_smallest_file_is_the_one_that_is_published() {
        let real = include_bytes!("../../crates/srs/src/testdata/8.ptau");
        let listed = file(Ceremony::Hermez, 8).unwrap();
        assert_eq!((real.len() as u64, listed.name.as_str()), (listed.bytes, "powersOfTau28_hez_final_08.ptau"));
        assert_eq!(listed.blake2b.unwrap(), blake2b(real));
    }

    #[test]
    fn every_k_that_is_taken_has_a_file_of_each_ceremony() {
        let files: Vec<_> = files().collect();
        assert_eq!(files.len(), 2 * (MIN_K..=MAX_K).count());
        let hashes: BTreeSet<_> = files.iter().filter_map(|file| file.blake2b).collect();
        assert_eq!(hashes.len(), HERMEZ_BLAKE2B.len());
        for file in &files {
            assert!(file.address.ends_with(&file.name) && file.bytes > file.setup_bytes());
            let hash = file.blake2b.unwrap_or("ab");
            assert!(hash.bytes().all(|digit| digit.is_ascii_hexdigit() && !digit.is_ascii_uppercase()));
        }
        assert_eq!((file(Ceremony::Hermez, 7), file(Ceremony::Axiom, MAX_K + 1)), (None, None));
        // as measured in benches/RESULTS.md for k = 22
        assert_eq!(file(Ceremony::Hermez, 22).unwrap().import_memory() / 1_000_000, 556);
    }

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../../README.md");
        let rows: Vec<_> = readme.lines().filter(|line| line.contains("`powersOfTau28_hez_final_")).collect();
        assert!(rows.len() >= 9);
        for row in rows {
            let cells: Vec<_> = row.split('|').map(|cell| cell.trim().replace([',', '`'], "")).collect();
            let listed = file(Ceremony::Hermez, cells[1].parse().unwrap()).unwrap();
            assert_eq!((&cells[3], &cells[4]), (&listed.name, &listed.bytes.to_string()));
            assert!(cells[5].len() == 16 && listed.blake2b.unwrap().starts_with(&cells[5]), "{row}");
            let memory = (listed.import_memory() + 500_000) / 1_000_000;
            assert_eq!(cells[6], format!("{memory} MB"));
        }
    }

    /// BLAKE2b-512 without a key, after RFC 7693: for this test alone.
    fn blake2b(input: &[u8]) -> String {
        const IV: [u64; 8] = [
            0x6a09_e667_f3bc_c908,
            0xbb67_ae85_84ca_a73b,
            0x3c6e_f372_fe94_f82b,
            0xa54f_f53a_5f1d_36f1,
            0x510e_527f_ade6_82d1,
            0x9b05_688c_2b3e_6c1f,
            0x1f83_d9ab_fb41_bd6b,
            0x5be0_cd19_137e_2179,
        ];
        const SIGMA: [[usize; 16]; 10] = [
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
            [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
            [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
            [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
            [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
            [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
            [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
            [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
            [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
            [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        ];
        let mut h = IV;
        h[0] ^= 0x0101_0040;
        let blocks = input.len().div_ceil(128).max(1);
        for block in 0..blocks {
            let mut bytes = [0; 128];
            let end = input.len().min(128 * block + 128);
            bytes[..end - 128 * block].copy_from_slice(&input[128 * block..end]);
            let m: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
            let mut v = [0; 16];
            v[..8].copy_from_slice(&h);
            v[8..].copy_from_slice(&IV);
            v[12] ^= end as u64;
            if block + 1 == blocks {
                v[14] = !v[14];
            }
            for round in 0..12 {
                let s = SIGMA[round % 10];
                let mut mix = |a: usize, b: usize, c: usize, d: usize, x: u64, y: u64| {
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
                    v[d] = (v[d] ^ v[a]).rotate_right(32);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right(24);
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
                    v[d] = (v[d] ^ v[a]).rotate_right(16);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right(63);
                };
                for i in 0..4 {
                    mix(i, i + 4, i + 8, i + 12, m[s[2 * i]], m[s[2 * i + 1]]);
                }
                for i in 0..4 {
                    let (b, c, d) = (4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
                    mix(i, b, c, d, m[s[8 + 2 * i]], m[s[9 + 2 * i]]);
                }
            }
            for i in 0..8 {
                h[i] ^= v[i] ^ v[i + 8];
            }
        }
        h.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("{byte:02x}")).collect()
    }
}
