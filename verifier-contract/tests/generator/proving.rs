//! The real prover, the native verifier, and a claim deployed on a chain.

use crate::{
    chain::{Answer, Chain},
    solc::{self, Compiled},
};
use alloy_primitives::Address;
use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{Circuit, ProvingKey, VerifyingKey, create_proof, keygen_pk, keygen_vk, verify_proof},
    poly::kzg::{
        commitment::{KZGCommitmentScheme, ParamsKZG},
        multiopen::{ProverSHPLONK, VerifierSHPLONK},
        strategy::SingleStrategy,
    },
};
use rand::{SeedableRng, rngs::StdRng};
use veilmark_contract_bindings::addresses::data_contract_init_code;
use veilmark_srs::Srs;
use veilmark_transcript::KeccakTranscript;
use veilmark_verifier_contract::{Claim, Protocol, Subject, VkData, encode_verify_call, render};

pub(crate) fn params(k: u32) -> ParamsKZG<Bn256> {
    Srs::dev(k, &mut |_| ()).expect("a supported k").to_params()
}

pub(crate) fn keys<C: Circuit<Fr>>(params: &ParamsKZG<Bn256>, circuit: &C) -> ProvingKey<G1Affine> {
    let vk = keygen_vk(params, circuit).expect("the circuit fits");
    keygen_pk(params, vk, circuit).expect("the circuit fits")
}

pub(crate) fn prove<C: Circuit<Fr>>(
    params: &ParamsKZG<Bn256>,
    pk: &ProvingKey<G1Affine>,
    vk_hash: &[u8; 32],
    circuit: C,
    instances: &[Fr],
) -> Vec<u8> {
    let mut transcript = KeccakTranscript::new(vk_hash, Vec::new());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<_>, _, _, _, _>(
        params,
        pk,
        &[circuit],
        &[&[instances]],
        StdRng::seed_from_u64(5),
        &mut transcript,
    )
    .expect("the circuit is satisfied");
    transcript.into_stream()
}

/// The native verifier's verdict on a proof of exactly these bytes.
pub(crate) fn verify(
    params: &ParamsKZG<Bn256>,
    vk: &VerifyingKey<G1Affine>,
    vk_hash: &[u8; 32],
    instances: &[Fr],
    proof: &[u8],
) -> bool {
    let mut transcript = KeccakTranscript::new(vk_hash, proof);
    let verdict = verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<_>, _, _, SingleStrategy<_>>(
        params,
        vk,
        SingleStrategy::new(params),
        &[&[instances]],
        &mut transcript,
    );
    verdict.is_ok() && transcript.into_stream().is_empty()
}

pub(crate) fn subject(k: u32) -> Subject {
    Subject { srs_id: [7; 32], unsafe_dev: true, k, words: vec![[30; 32], [9; 32]] }
}

/// A claim that this project does not have.
pub(crate) fn claim() -> Claim {
    Claim { id: [0xc1; 32], subject: vec!["SIZE", "ARCHITECTURE"] }
}

pub(crate) fn key_data(protocol: &Protocol, params: &ParamsKZG<Bn256>, vk: &VerifyingKey<G1Affine>) -> VkData {
    VkData::new(protocol, vk, &claim(), &subject(vk.get_domain().k()), params.s_g2()).expect("the key is supported")
}

/// A circuit with its proof, its verifier and its key on a chain.
#[derive(Debug)]
pub(crate) struct Deployed {
    pub(crate) chain: Chain,
    pub(crate) protocol: Protocol,
    pub(crate) params: ParamsKZG<Bn256>,
    pub(crate) pk: ProvingKey<G1Affine>,
    pub(crate) instances: Vec<Fr>,
    pub(crate) proof: Vec<u8>,
    pub(crate) code: Compiled,
    pub(crate) verifier: Address,
    pub(crate) key: Address,
    pub(crate) vk_hash: [u8; 32],
}

impl Deployed {
    pub(crate) fn new<C: Circuit<Fr> + Clone>(k: u32, circuit: &C, instances: Vec<Fr>) -> Self {
        let params = params(k);
        let pk = keys(&params, circuit);
        let protocol = Protocol::new(pk.get_vk(), instances.len()).expect("the circuit is supported");
        let source = render(&protocol, &claim(), "TestVerifier").expect("the name is a name");
        let code = solc::compile(&source, "TestVerifier");
        let data = key_data(&protocol, &params, pk.get_vk());
        let vk_hash = data.vk_hash();
        let proof = prove(&params, &pk, &vk_hash, circuit.clone(), &instances);
        let mut chain = Chain::default();
        let verifier = chain.deploy(code.init_code.clone());
        let key = chain.deploy(data_contract_init_code(&data.runtime_code()).unwrap());
        Self { chain, protocol, params, pk, instances, proof, code, verifier, key, vk_hash }
    }

    pub(crate) fn calldata(&self) -> Vec<u8> {
        encode_verify_call(self.key.into(), &self.instances, &self.proof)
    }

    pub(crate) fn call(&mut self, data: Vec<u8>) -> Answer {
        self.chain.call(self.verifier, data)
    }

    pub(crate) fn verify_natively(&self) -> bool {
        verify(&self.params, self.pk.get_vk(), &self.vk_hash, &self.instances, &self.proof)
    }
}
