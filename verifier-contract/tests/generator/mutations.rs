//! Every way to change a call, a proof or a key a little: refused, by a typed error, for the price of an acceptance.

use crate::{
    accepts::bytes_circuit,
    chain::Answer,
    circuits::{Fibonacci, fingerprint_claim},
    proving::{Deployed, key_data, verify},
};
use alloy_primitives::{Address, U256};
use halo2_proofs::halo2curves::bn256::{Fq, Fr};
use std::collections::BTreeMap;
use veilmark_transcript::{POINT, WORD};
use veilmark_verifier_contract::{Refusal, calldata::proof_offset, encode_verify_call};

/// What a refusal may cost, over an acceptance.
const MAX_REFUSAL_PERCENT: u64 = 130;

fn modulus(text: &str) -> U256 {
    text.parse().expect("halo2curves writes moduli in hexadecimal")
}

fn r() -> U256 {
    modulus(<Fr as ff::PrimeField>::MODULUS)
}

fn q() -> U256 {
    modulus(<Fq as ff::PrimeField>::MODULUS)
}

fn word_at(data: &[u8], at: usize) -> U256 {
    U256::from_be_slice(&data[at..at + WORD])
}

fn word(value: usize) -> [u8; WORD] {
    U256::from(value).to_be_bytes()
}

fn with_word(data: &[u8], at: usize, value: U256) -> Vec<u8> {
    let mut data = data.to_vec();
    data[at..at + WORD].copy_from_slice(&value.to_be_bytes::<WORD>());
    data
}

/// A deployed claim, what accepting its proof costs, and what its refusals were.
struct Bench {
    deployed: Deployed,
    accepted_gas: u64,
    refusals: BTreeMap<&'static str, u64>,
}

impl Bench {
    fn new(mut deployed: Deployed) -> Self {
        let answer = deployed.call(deployed.calldata());
        assert!(answer.accepted(), "{answer:?}");
        Self { accepted_gas: answer.gas, deployed, refusals: BTreeMap::new() }
    }

    fn judge(&mut self, what: &str, answer: &Answer) -> Refusal {
        let refusal = answer.refusal().unwrap_or_else(|| panic!("{what}: no typed error: {answer:?}"));
        assert!(
            answer.gas * 100 <= self.accepted_gas * MAX_REFUSAL_PERCENT,
            "{what}: {refusal:?} costs {} gas, accepting {}",
            answer.gas,
            self.accepted_gas
        );
        *self.refusals.entry(refusal.name()).or_default() += 1;
        refusal
    }

    fn refused(&mut self, what: &str, data: Vec<u8>) -> Refusal {
        let answer = self.deployed.call(data);
        self.judge(what, &answer)
    }

    /// A call with other proof bytes, which the native verifier refuses too.
    fn refused_by_both(&mut self, what: &str, data: Vec<u8>) -> Refusal {
        let proof = &data[proof_offset(self.deployed.instances.len())..];
        let native = verify(
            &self.deployed.params,
            self.deployed.pk.get_vk(),
            &self.deployed.vk_hash,
            &self.deployed.instances,
            proof,
        );
        assert!(!native, "{what}: the native verifier accepts");
        self.refused(what, data)
    }
}

fn fibonacci() -> Deployed {
    let circuit = Fibonacci { constant: 5, steps: 20 };
    Deployed::new(6, &circuit, circuit.instances())
}

fn bytes() -> Deployed {
    let circuit = bytes_circuit(300);
    Deployed::new(9, &circuit, circuit.instances())
}

fn every_word(deployed: Deployed) {
    let mut bench = Bench::new(deployed);
    let data = bench.deployed.calldata();
    let proof = proof_offset(bench.deployed.instances.len());
    // Behind the key's address, two offsets and the number of public inputs.
    let inputs = 4 + 4 * WORD;
    let points = bench.deployed.protocol.points().len() * POINT;
    let scalars = bench.deployed.protocol.scalars().len() * WORD;
    for at in (4..data.len()).step_by(WORD) {
        let word = word_at(&data, at);
        let values = [
            ("+1", word.wrapping_add(U256::ONE)),
            ("-1", word.wrapping_sub(U256::ONE)),
            ("+r", word.wrapping_add(r())),
            ("+q", word.wrapping_add(q())),
            ("zero", U256::ZERO),
            ("all ones", U256::MAX),
        ];
        for (change, value) in values.into_iter().filter(|(_, value)| *value != word) {
            let what = format!("word at {at} {change}");
            let changed = with_word(&data, at, value);
            let refusal =
                if at >= proof { bench.refused_by_both(&what, changed) } else { bench.refused(&what, changed) };
            let expected = match at {
                4 if value >= U256::ONE << 160 => vec![Refusal::CalldataNotCanonical],
                4 => vec![Refusal::VerifyingKeyMismatch],
                _ if at < inputs => vec![Refusal::CalldataNotCanonical],
                _ if at < proof - WORD && value >= r() => vec![Refusal::PublicInputNotCanonical],
                _ if at < proof - WORD => vec![Refusal::ProofInvalid],
                _ if at < proof => vec![Refusal::CalldataNotCanonical],
                _ if (proof + points..proof + points + scalars).contains(&at) => match value < r() {
                    true => vec![Refusal::ProofInvalid],
                    false => vec![Refusal::ScalarNotCanonical],
                },
                // A changed coordinate may, by chance, be another point's.
                _ => vec![Refusal::PointNotOnCurve, Refusal::ProofInvalid],
            };
            assert!(expected.contains(&refusal), "{what}: {refusal:?}, expected {expected:?}");
            if at >= proof && value >= q() {
                assert_ne!(refusal, Refusal::ProofInvalid, "{what}: not canonical, and still read");
            }
        }
    }
    println!("{:?}, accepting costs {}", bench.refusals, bench.accepted_gas);
}

#[test]
fn every_word_of_a_fibonacci_call_counts() {
    every_word(fibonacci());
}

#[test]
fn every_word_of_a_bytes_call_counts() {
    every_word(bytes());
}

#[test]
fn every_word_of_a_fingerprint_call_counts() {
    let (k, circuit, instances) = fingerprint_claim();
    every_word(Deployed::new(k, &circuit, instances));
}

#[test]
fn points_are_where_they_belong() {
    let mut bench = Bench::new(fibonacci());
    let data = bench.deployed.calldata();
    let proof = proof_offset(bench.deployed.instances.len());
    let leading = bench.deployed.protocol.points().len();
    let opening = data.len() - 2 * POINT;
    let places: Vec<_> = (0..leading).map(|i| proof + i * POINT).chain([opening, opening + POINT]).collect();
    for (i, &first) in places.iter().enumerate() {
        for &second in &places[i + 1..] {
            let mut swapped = data.clone();
            swapped[first..first + POINT].copy_from_slice(&data[second..second + POINT]);
            swapped[second..second + POINT].copy_from_slice(&data[first..first + POINT]);
            let what = format!("points at {first} and {second} swapped");
            assert_eq!(bench.refused_by_both(&what, swapped), Refusal::ProofInvalid, "{what}");
        }
        let negated = with_word(&data, first + WORD, q() - word_at(&data, first + WORD));
        assert_eq!(bench.refused_by_both("negated", negated), Refusal::ProofInvalid, "point at {first}");
        let infinity = with_word(&with_word(&data, first, U256::ZERO), first + WORD, U256::ZERO);
        assert_eq!(bench.refused_by_both("infinity", infinity), Refusal::PointNotOnCurve, "point at {first}");
        let alias = with_word(&data, first, word_at(&data, first) + q());
        assert_eq!(bench.refused_by_both("alias", alias), Refusal::PointNotOnCurve, "point at {first}");
        let generator = with_word(&with_word(&data, first, U256::ONE), first + WORD, U256::from(2));
        assert_eq!(bench.refused_by_both("generator", generator), Refusal::ProofInvalid, "point at {first}");
    }
}

#[test]
fn errors_name_the_word() {
    let mut deployed = fibonacci();
    let data = deployed.calldata();
    let proof = proof_offset(deployed.instances.len());
    let points = deployed.protocol.points().len();
    let mut index = |at: usize, expected: Refusal| {
        let answer = deployed.call(with_word(&data, at, U256::MAX));
        assert_eq!(answer.refusal(), Some(expected));
        let Some(Err(revert)) = answer.result else { panic!("refused") };
        usize::try_from(word_at(&revert, 4)).expect("an index")
    };
    assert_eq!(index(4 + 6 * WORD, Refusal::PublicInputNotCanonical), 2);
    assert_eq!(index(proof + 5 * POINT + WORD, Refusal::PointNotOnCurve), 5);
    assert_eq!(index(data.len() - POINT, Refusal::PointNotOnCurve), points + 1);
    assert_eq!(index(proof + points * POINT + 7 * WORD, Refusal::ScalarNotCanonical), 7);
    let scalars = deployed.protocol.scalars().len();
    let answer = deployed.call(with_word(&data, proof + points * POINT + (scalars - 1) * WORD, r()));
    let Some(Err(revert)) = answer.result else { panic!("refused") };
    assert_eq!(word_at(&revert, 4), U256::from(scalars - 1));

    let answer = deployed.call(data[..data.len() - 1].to_vec());
    let Some(Err(revert)) = answer.result else { panic!("refused") };
    let said = [word_at(&revert, 4), word_at(&revert, 4 + WORD)];
    assert_eq!(said, [U256::from(data.len()), U256::from(data.len() - 1)]);
}

#[test]
fn the_call_has_one_encoding() {
    let mut bench = Bench::new(fibonacci());
    let data = bench.deployed.calldata();
    let (key, instances) = (bench.deployed.key, bench.deployed.instances.clone());
    let proof = bench.deployed.proof.clone();

    for length in [0, 1, 3] {
        assert_eq!(bench.refused("cut", data[..length].to_vec()), Refusal::UnknownFunction);
    }
    let cuts = [4, 5, 35, 36, 100, proof_offset(instances.len()), data.len() - 32, data.len() - 1];
    for length in cuts {
        assert_eq!(bench.refused("cut", data[..length].to_vec()), Refusal::CalldataLength, "cut to {length}");
    }
    for more in [1, 4, 31, 32, 4096] {
        let extended = [&data[..], &vec![0; more]].concat();
        assert_eq!(bench.refused("extended", extended), Refusal::CalldataLength, "extended by {more}");
    }
    // Proofs of other lengths, encoded as the ABI says.
    for length in [0, 1, 31, 32, proof.len() - 64, proof.len() - 32, proof.len() - 1] {
        let expected = if length == proof.len() - 1 { Refusal::CalldataNotCanonical } else { Refusal::CalldataLength };
        let shorter = encode_verify_call(key.into(), &instances, &proof[..length]);
        assert_eq!(bench.refused("shorter proof", shorter), expected, "proof of {length}");
        let longer = encode_verify_call(key.into(), &instances, &[&proof[..], &vec![0; length + 1]].concat());
        assert_eq!(bench.refused("longer proof", longer), Refusal::CalldataLength);
    }
    // The same arguments in another encoding: solc's decoder would take both.
    let head = proof_offset(instances.len()) - WORD;
    let mut shifted = data.clone();
    shifted.splice(head..head, [0; WORD]);
    let shifted = with_word(&shifted, 4 + 2 * WORD, word_at(&data, 4 + 2 * WORD) + U256::from(WORD));
    assert_eq!(bench.refused("offset", shifted), Refusal::CalldataLength);
    let dirty = with_word(&data, 4, word_at(&data, 4) | (U256::ONE << 160));
    assert_eq!(bench.refused("dirty address", dirty), Refusal::CalldataNotCanonical);
    // More or fewer public inputs are another length; or another encoding, where the length is made up for.
    for count in [instances.len() - 1, instances.len() + 1] {
        let mut instances = instances.clone();
        instances.resize(count, Fr::from(1));
        let other = encode_verify_call(key.into(), &instances, &proof);
        assert_eq!(bench.refused("other count", other), Refusal::CalldataLength);
    }
    let fewer = encode_verify_call(key.into(), &instances[1..], &[&proof[..], &[0; WORD]].concat());
    assert_eq!(fewer.len(), data.len());
    assert_eq!(bench.refused("an input fewer, a word of proof more", fewer), Refusal::CalldataNotCanonical);
    // Solc's decoder would take inputs and proof in the other order, too.
    let inputs = [&word(instances.len())[..], &data[4 + 4 * WORD..head]].concat();
    let swapped = [&data[..4 + WORD], &word(3 * WORD + data.len() - head)[..], &word(3 * WORD), &data[head..], &inputs];
    assert_eq!(bench.refused("the other order", swapped.concat()), Refusal::CalldataNotCanonical);
    let mut selector = data;
    selector[3] ^= 1;
    assert_eq!(bench.refused("selector", selector), Refusal::UnknownFunction);
}

#[test]
fn a_public_input_that_no_gate_reads_counts_too() {
    let mut bench = Bench::new(fibonacci());
    let mut instances = bench.deployed.instances.clone();
    instances[3] += Fr::from(1);
    let deployed = &bench.deployed;
    assert!(!verify(&deployed.params, deployed.pk.get_vk(), &deployed.vk_hash, &instances, &deployed.proof));
    let data = encode_verify_call(bench.deployed.key.into(), &instances, &bench.deployed.proof);
    assert_eq!(bench.refused("context", data), Refusal::ProofInvalid);
}

/// A key that returns its own bytes, whatever they are.
fn deploy_code(deployed: &mut Deployed, code: &[u8]) -> Address {
    let [.., high, low] = code.len().to_be_bytes();
    let init = [&[0x61, high, low, 0x80, 0x60, 0x0a, 0x3d, 0x39, 0x3d, 0xf3], code].concat();
    deployed.chain.deploy(init)
}

#[test]
fn only_a_key_of_the_constraint_system_is_read() {
    let mut bench = Bench::new(fibonacci());
    let (instances, proof) = (bench.deployed.instances.clone(), bench.deployed.proof.clone());
    let data = key_data(&bench.deployed.protocol, &bench.deployed.params, bench.deployed.pk.get_vk());
    let code = data.runtime_code();
    let mut refused =
        |what: &str, key: Address| bench.refused(what, encode_verify_call(key.into(), &instances, &proof));
    assert_eq!(refused("nothing there", Address::repeat_byte(0x55)), Refusal::VerifyingKeyMismatch);
    assert_eq!(refused("a precompile", Address::with_last_byte(5)), Refusal::VerifyingKeyMismatch);
    assert_eq!(refused("zero", Address::ZERO), Refusal::VerifyingKeyMismatch);
    let verifier = bench.deployed.verifier;
    let answer = bench.deployed.call(encode_verify_call(verifier.into(), &instances, &proof));
    assert_eq!(bench.judge("the verifier itself", &answer), Refusal::VerifyingKeyMismatch);

    let mut other = bytes();
    assert!(other.call(other.calldata()).accepted());
    let foreign = key_data(&other.protocol, &other.params, other.pk.get_vk()).runtime_code();
    // The other constraint system's key, cut or padded to the right length.
    let mut resized = foreign.clone();
    resized.resize(code.len(), 0);
    let live = [&[0x5b], &code[1..]].concat();
    let longer = [&code[..], &[0]].concat();
    let unusable = [foreign, resized, live, longer, code[..code.len() - 1].to_vec(), vec![0; code.len()]];
    for (index, code) in unusable.iter().enumerate() {
        let key = deploy_code(&mut bench.deployed, code);
        let answer = bench.deployed.call(encode_verify_call(key.into(), &instances, &proof));
        assert_eq!(bench.judge("a wrong key", &answer), Refusal::VerifyingKeyMismatch, "key {index}");
    }

    // Every word of the key, changed: what it says of itself is a part of the transcript, as its points are.
    for (index, (word, value)) in data.words().iter().enumerate() {
        let value = U256::from_be_bytes(*value);
        for changed in [value.wrapping_add(U256::ONE), value.wrapping_add(q()), U256::ZERO, U256::MAX] {
            if changed == value {
                continue;
            }
            let key = deploy_code(&mut bench.deployed, &with_word(&code, 1 + index * WORD, changed));
            let answer = bench.deployed.call(encode_verify_call(key.into(), &instances, &proof));
            let refusal = bench.judge(&word.to_string(), &answer);
            let fine = match word.to_string().as_str() {
                "MAGIC" | "CLAIM_ID" | "CONSTRAINT_SYSTEM" => refusal == Refusal::VerifyingKeyMismatch,
                "K" if changed > U256::from(28) => refusal == Refusal::VerifyingKeyMismatch,
                _ => matches!(refusal, Refusal::ProofInvalid | Refusal::PrecompileFailed),
            };
            assert!(fine, "{word} = {changed:#x}: {refusal:?}");
        }
    }
    println!("{:?}", bench.refusals);
}

#[test]
fn too_little_gas_is_never_an_acceptance() {
    let mut bench = Bench::new(fibonacci());
    let (verifier, data) = (bench.deployed.verifier, bench.deployed.calldata());
    // From about what the data alone costs (EIP-7623) to just below an acceptance.
    for percent in (30..100).step_by(5) {
        let gas = bench.accepted_gas * percent / 100;
        let answer = bench.deployed.chain.call_with_gas(verifier, data.clone(), gas);
        assert!(!matches!(answer.result, Some(Ok(_))), "{percent}%: {answer:?}");
    }
    let answer = bench.deployed.chain.call_with_gas(verifier, data, bench.accepted_gas * 3 / 2);
    assert!(answer.accepted(), "a little more than it costs is enough: {answer:?}");
}

#[test]
fn other_functions_answer_and_nothing_else_does() {
    let mut deployed = fibonacci();
    let call = |signature: &str| veilmark_verifier_contract::calldata::selector(signature).to_vec();
    let digest = deployed.call(call("constraintSystemDigest()"));
    assert_eq!(digest.result, Some(Ok(deployed.protocol.digest().to_vec().into())));
    let claim = deployed.call(call("claimId()"));
    assert_eq!(claim.result, Some(Ok(crate::proving::claim().id.to_vec().into())));
    let count = deployed.call(call("publicInputCount()"));
    assert_eq!(count.result, Some(Ok(U256::from(deployed.instances.len()).to_be_bytes_vec().into())));
    let version = deployed.call(call("VERSION()"));
    assert_eq!(version.result, Some(Ok(U256::ONE.to_be_bytes_vec().into())));
    assert_eq!(deployed.call(call("owner()")).refusal(), Some(Refusal::UnknownFunction));
}
