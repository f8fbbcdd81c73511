//! A circuit of one's own, its Solidity verifier, and a proof checked by the contract.
//!
//! `cargo run --release -p veilmark-verifier-contract --example own_circuit [FOLDER]`; without a folder nothing is written. The circuit
//! shows that the prover knows `x` with `x^3 + x + 5 = y`; the second public input says whom the proof is for. Three things are
//! deployed and sent: the verifier, once for the circuit; a key's data, once for the circuit, its size and its setup; a call for
//! each proof. Where `npm ci` was run in `verifier-contract/contracts`, the contract is compiled, and called on an EVM in this process.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    halo2curves::bn256::{Bn256, Fr},
    plonk::{
        Advice, Circuit, Column, ConstraintSystem, Error as PlonkError, Expression, Fixed, Instance, verify_proof,
    },
    poly::{
        Rotation,
        kzg::{commitment::KZGCommitmentScheme, multiopen::VerifierSHPLONK, strategy::SingleStrategy},
    },
};
use rand::{SeedableRng, rngs::StdRng};
use sha3::{Digest, Keccak256};
use std::{
    error::Error,
    path::{Path, PathBuf},
};
use veilmark_contract_bindings::addresses::data_contract_init_code;
use veilmark_halo2::{self as halo2, Options, ProvingKey};
use veilmark_srs::{Srs, SrsVerifier};
use veilmark_transcript::KeccakTranscript;
use veilmark_verifier_contract::{Claim, Protocol, Subject, VkData, encode_verify_call, render, vk::integer_to_word};

// The compiler and the EVM of the generator's tests, which use more of them.
#[allow(dead_code)]
#[path = "../tests/generator/chain.rs"]
mod chain;
#[allow(dead_code)]
#[path = "../tests/generator/solc.rs"]
mod solc;

/// `2^K` rows.
const K: u32 = 5;
/// The contract's name.
const NAME: &str = "CubicVerifier";

/// Knows `x` with `x^3 + x + 5 = y`.
#[derive(Clone, Debug)]
struct Cubic {
    x: Value<Fr>,
}

#[derive(Clone, Debug)]
struct Config {
    x: Column<Advice>,
    y: Column<Advice>,
    on: Column<Fixed>,
    public: Column<Instance>,
}

/// `x^3 + x + 5`.
fn cubic(x: Fr) -> Fr {
    x * x * x + x + Fr::from(5)
}

impl Circuit<Fr> for Cubic {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self { x: Value::unknown() }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let [x, y] = [(); 2].map(|()| meta.advice_column());
        // the generator takes fixed columns, not selectors, and one column of public inputs
        let on = meta.fixed_column();
        let public = meta.instance_column();
        meta.enable_equality(y);
        meta.enable_equality(public);
        meta.create_gate("cubic", |meta| {
            let [x, y] = [x, y].map(|column| meta.query_advice(column, Rotation::cur()));
            let on = meta.query_fixed(on, Rotation::cur());
            let five = Expression::Constant(Fr::from(5));
            vec![("y is x^3 + x + 5", on * (x.clone() * x.clone() * x.clone() + x + five - y))]
        });
        Config { x, y, on, public }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), PlonkError> {
        let y = layouter.assign_region(
            || "cubic",
            |mut region| {
                region.assign_fixed(config.on, 0, Fr::from(1));
                region.assign_advice(config.x, 0, self.x);
                Ok(region.assign_advice(config.y, 0, self.x.map(cubic)).cell())
            },
        )?;
        layouter.constrain_instance(y, config.public, 0);
        Ok(())
    }
}

/// What one's own contracts call the claim, and the word by which its keys say what they are for. A `ClaimRouter` wants the hash of the
/// claim's description for an id; a contract of one's own may take any.
fn claim() -> Claim {
    Claim { id: Keccak256::digest("cubic v1").into(), subject: vec!["EDITION"] }
}

fn prove(srs: &Srs, key: &ProvingKey, vk_hash: &[u8; 32], x: Fr, public: &[Fr]) -> Result<Vec<u8>, halo2::Error> {
    // the transcript begins with the key's hash: no proof holds under two keys
    let mut transcript = KeccakTranscript::new(vk_hash, Vec::new());
    let circuit = Cubic { x: Value::known(x) };
    let mut rng = StdRng::from_entropy();
    halo2::prove(&srs.setup(), key, &circuit, &[public], 0, &mut rng, &mut transcript, &Options::default())?;
    Ok(transcript.into_stream())
}

fn holds(srs: &Srs, key: &ProvingKey, vk_hash: &[u8; 32], public: &[Fr], proof: &[u8]) -> bool {
    let verifier: &SrsVerifier = srs.as_ref();
    let params = verifier.params();
    let mut transcript = KeccakTranscript::new(vk_hash, proof);
    let verdict = verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<_>, _, _, SingleStrategy<_>>(
        params,
        key.vk(),
        SingleStrategy::new(params),
        &[&[public]],
        &mut transcript,
    );
    verdict.is_ok() && transcript.into_stream().is_empty()
}

/// Proves, writes what is to be deployed into a folder, if there is one, and calls the contract where it can be compiled.
fn run(folder: Option<&Path>) -> Result<(), Box<dyn Error>> {
    // the development setup's secret is public; a contract that matters takes a ceremony's
    let srs = Srs::dev(K, &mut |_| ())?;
    let blank = Cubic { x: Value::unknown() };
    let key = ProvingKey::generate(&srs.setup(), &blank, &Options::default())?;

    // the verifier follows from the constraint system alone
    let protocol = Protocol::new(key.vk(), 2)?;
    let source = render(&protocol, &claim(), NAME)?;
    // the key's data: header, the words of one's own, setup, commitments
    let subject = Subject { srs_id: srs.id().0, unsafe_dev: srs.is_unsafe(), k: K, words: vec![integer_to_word(1)] };
    let data = VkData::new(&protocol, key.vk(), &claim(), &subject, srs.tau_g2())?;

    let x = Fr::from(3);
    let public = [cubic(x), Fr::from(42)];
    let proof = prove(&srs, &key, &data.vk_hash(), x, &public)?;
    let other = [public[0], Fr::from(43)];
    if !holds(&srs, &key, &data.vk_hash(), &public, &proof) || holds(&srs, &key, &data.vk_hash(), &other, &proof) {
        return Err("the native verifier is wrong".into());
    }
    let init_code = data_contract_init_code(&data.runtime_code()).ok_or("the key is longer than a contract may be")?;
    println!(
        "{NAME}: {} lines of Solidity for solc {}",
        source.lines().count(),
        veilmark_verifier_contract::solidity::SOLC_VERSION
    );
    println!("key {}: {} bytes of code", hex::encode(data.vk_hash()), data.runtime_code().len());
    println!("proof: {} bytes", proof.len());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(format!("{NAME}.sol")), &source)?;
        std::fs::write(folder.join("key.init.hex"), hex::encode(&init_code))?;
        std::fs::write(folder.join("proof.hex"), hex::encode(&proof))?;
        println!("compile and deploy {NAME}.sol, deploy key.init.hex as it is, and call verify(key, inputs, proof)");
    }

    let compiler: PathBuf = [env!("CARGO_MANIFEST_DIR"), "contracts", "node_modules", "solc"].iter().collect();
    if !compiler.exists() {
        println!(
            "the compiler is not installed (`npm ci` in verifier-contract/contracts): the contract was not called"
        );
        return Ok(());
    }
    let mut chain = chain::Chain::default();
    let verifier = chain.deploy(solc::compile(&source, NAME).init_code);
    let key_address = chain.deploy(init_code);
    let mut call = |public: &[Fr]| chain.call(verifier, encode_verify_call(key_address.into(), public, &proof));
    let (honest, forged) = (call(&public), call(&other));
    println!("verify: {} gas", honest.gas);
    println!("for somebody else: {:?}", forged.refusal());
    if !honest.accepted() || forged.refusal().is_none() {
        return Err("the contract is wrong".into());
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args_os().nth(1).as_deref().map(Path::new))
}

#[test]
fn it_runs() {
    run(None).unwrap();
}
