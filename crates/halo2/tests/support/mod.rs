//! Setups of a secret that the tests know, and both provers on one circuit.
#![allow(dead_code, unreachable_pub)] // a module of several tests, none of which uses everything
pub mod random;

use ff::{Field, PrimeField};
use group::Curve;
use halo2_proofs::{
    SerdeFormat,
    halo2curves::{
        bn256::{Bn256, Fr, G1, G1Affine, G2Affine},
        serde::SerdeObject,
    },
    plonk::{self, Circuit, VerifyingKey, create_proof, keygen_pk, verify_proof},
    poly::kzg::{
        commitment::{KZGCommitmentScheme, ParamsKZG},
        multiopen::{ProverSHPLONK, VerifierSHPLONK},
        strategy::SingleStrategy,
    },
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rayon::prelude::*;
use veilmark_circuits::transcript::KeccakTranscript;
use veilmark_halo2::{Error, Options, ProvingKey, Setup, prove};

/// A setup whose secret is known, for both provers.
pub struct Known {
    pub secret: Fr,
    pub params: ParamsKZG<Bn256>,
    pub powers: Vec<G1Affine>,
    pub lagrange: Vec<G1Affine>,
}

/// `scalar G` for all scalars, by a table of the generator's multiples.
pub fn multiples(scalars: &[Fr]) -> Vec<G1Affine> {
    let mut base = G1::from(G1Affine::generator());
    let table: Vec<Vec<G1Affine>> = (0..32)
        .map(|_| {
            let mut row = vec![G1::default()];
            (1..256).for_each(|i| row.push(row[i - 1] + base));
            base = row[255] + base;
            let mut affine = vec![G1Affine::default(); row.len()];
            G1::batch_normalize(&row, &mut affine);
            affine
        })
        .collect();
    scalars
        .par_chunks(1 << 10)
        .flat_map_iter(|scalars| {
            let points: Vec<G1> = scalars
                .iter()
                .map(|scalar| {
                    let digits = scalar.to_repr();
                    table.iter().zip(digits).fold(G1::default(), |sum, (row, digit)| sum + row[usize::from(digit)])
                })
                .collect();
            let mut affine = vec![G1Affine::default(); points.len()];
            G1::batch_normalize(&points, &mut affine);
            affine
        })
        .collect()
}

/// The stock prover's parameters of one point, read from bytes: larger ones are made from these, and the crate's own setup never runs.
fn of_one_point() -> ParamsKZG<Bn256> {
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    let mut bytes = 0u32.to_le_bytes().to_vec();
    for part in [g1.to_raw_bytes(), g1.to_raw_bytes(), g2.to_raw_bytes(), g2.to_raw_bytes()] {
        bytes.extend(part);
    }
    ParamsKZG::read_custom(&mut bytes.as_slice(), SerdeFormat::RawBytes).unwrap()
}

impl Known {
    pub fn new(k: u32) -> Self {
        let secret = Fr::from(0x5eed).square().square().square() + Fr::from(u64::from(k));
        let n = 1usize << k;
        let powers: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |power| Some(*power * secret)).take(n + 1).collect();
        let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
        let scale = (powers[n] - Fr::ONE) * Fr::from(n as u64).invert().unwrap();
        let roots: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |root| Some(*root * omega)).take(n).collect();
        let mut lagrange: Vec<Fr> = roots.iter().map(|root| secret - root).collect();
        ff::BatchInvert::batch_invert(lagrange.iter_mut());
        lagrange.iter_mut().zip(&roots).for_each(|(l, root)| *l *= scale * root);
        let (powers, lagrange) = (multiples(&powers), multiples(&lagrange));
        let s_g2 = (G2Affine::generator() * secret).to_affine();
        let params =
            of_one_point().from_parts(k, powers[..n].to_vec(), Some(lagrange.clone()), G2Affine::generator(), s_g2);
        Self { secret, params, powers, lagrange }
    }

    pub fn setup(&self) -> Setup<'_> {
        Setup::new(&self.powers, &self.lagrange).unwrap()
    }

    /// Whether the stock verifier accepts, with nothing left over.
    pub fn accepts(&self, vk: &VerifyingKey<G1Affine>, instances: &[&[Fr]], proof: &[u8]) -> bool {
        let mut transcript = KeccakTranscript::new(proof);
        let strategy = SingleStrategy::new(&self.params);
        let verdict = verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            &self.params,
            vk,
            strategy,
            &[instances],
            &mut transcript,
        );
        verdict.is_ok() && transcript.into_stream().is_empty()
    }

    /// The stock prover's proof.
    pub fn stock<C: Circuit<Fr> + Clone>(
        &self,
        vk: &VerifyingKey<G1Affine>,
        circuit: &C,
        instances: &[&[Fr]],
    ) -> Vec<u8> {
        let pk = keygen_pk(&self.params, vk.clone(), circuit).unwrap();
        let mut transcript = KeccakTranscript::new(Vec::new());
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &self.params,
            &pk,
            std::slice::from_ref(circuit),
            &[instances],
            ChaCha20Rng::seed_from_u64(1),
            &mut transcript,
        )
        .unwrap();
        transcript.into_stream()
    }

    /// This crate's proof.
    pub fn own<C: Circuit<Fr>>(
        &self,
        key: &ProvingKey,
        circuit: &C,
        instances: &[&[Fr]],
        committed: usize,
        seed: u64,
        options: &Options<'_>,
    ) -> Result<Vec<u8>, Error> {
        let mut transcript = KeccakTranscript::new(Vec::new());
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        prove(&self.setup(), key, circuit, instances, committed, &mut rng, &mut transcript, options)?;
        Ok(transcript.into_stream())
    }
}

/// That two verifying keys are one.
pub fn assert_same_key(a: &VerifyingKey<G1Affine>, b: &VerifyingKey<G1Affine>) {
    assert_eq!(a.fixed_commitments(), b.fixed_commitments(), "fixed columns");
    assert_eq!(a.permutation().commitments(), b.permutation().commitments(), "permutation");
    assert_eq!(a.transcript_repr(), b.transcript_repr(), "transcript representation");
}

/// The stock verifying key.
pub fn stock_vk<C: Circuit<Fr>>(known: &Known, circuit: &C) -> VerifyingKey<G1Affine> {
    plonk::keygen_vk(&known.params, circuit).unwrap()
}
