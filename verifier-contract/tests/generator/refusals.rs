//! What is refused when a verifier or a key is made, not when it is used.

use crate::{
    accepts::bytes_circuit,
    circuits::{Bytes, Fibonacci},
    proving::{claim, key_data, params, subject},
};
use group::prime::PrimeCurveAffine;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner},
    halo2curves::bn256::{Fr, G1Affine, G2Affine},
    plonk::{
        Advice, Circuit, Column, ConstraintSystem, Error as Halo2Error, Fixed, VerifyingKey, keygen_vk,
        keygen_vk_custom, permutation,
    },
    poly::{EvaluationDomain, Rotation},
};
use veilmark_verifier_contract::{
    Claim, Error, Protocol, Subject, VkData, VkHeader, VkWord, render,
    vk::{HEADER_WORDS, layout},
};

/// What is wrong with a [`Flawed`] circuit.
mod flaw {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const LOOKUP: u8 = 1;
    pub(crate) const NO_INSTANCE: u8 = 2;
    pub(crate) const TWO_INSTANCES: u8 = 3;
    pub(crate) const INSTANCE_ROTATION: u8 = 4;
    pub(crate) const DEGREE_SIX_DECLARED: u8 = 5;
    pub(crate) const DEGREE_SIX_SILENT: u8 = 6;
    pub(crate) const DEGREE_TOO_HIGH: u8 = 7;
    pub(crate) const ZERO_COLUMN: u8 = 8;
    pub(crate) const FAR_ROTATIONS: u8 = 9;
}

/// One gate, and one thing the contract has no code for.
#[derive(Clone, Debug)]
struct Flawed<const FLAW: u8>;

impl<const FLAW: u8> Circuit<Fr> for Flawed<FLAW> {
    type Config = (Column<Advice>, Column<Fixed>);
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        let a = meta.advice_column();
        let q = meta.fixed_column();
        let instances = match FLAW {
            flaw::NO_INSTANCE => 0,
            flaw::TWO_INSTANCES => 2,
            _ => 1,
        };
        let instances: Vec<_> = (0..instances).map(|_| meta.instance_column()).collect();
        meta.create_gate("gate", |meta| {
            let [here, there] = [0, 1].map(|rotation| meta.query_advice(a, Rotation(rotation)));
            let factor = match FLAW {
                flaw::DEGREE_SIX_DECLARED | flaw::DEGREE_SIX_SILENT => {
                    let square = here.clone() * here.clone();
                    square.clone() * square
                }
                flaw::FAR_ROTATIONS => meta.query_advice(a, Rotation(8)) - meta.query_advice(a, Rotation(-8)),
                _ => here.clone(),
            };
            let public = instances.first().map(|column| {
                meta.query_instance(*column, Rotation(if FLAW == flaw::INSTANCE_ROTATION { 1 } else { 0 }))
            });
            let q = meta.query_fixed(q, Rotation::cur());
            let value = public.map_or(there.clone(), |public| there - public);
            vec![("constraint", q * factor * value)]
        });
        match FLAW {
            flaw::LOOKUP => {
                let table = meta.lookup_table_column();
                meta.lookup("bytes", |meta| vec![(meta.query_advice(a, Rotation::cur()), table)]);
            }
            flaw::DEGREE_SIX_DECLARED => meta.set_minimum_degree(6),
            flaw::DEGREE_TOO_HIGH => meta.set_minimum_degree(5),
            _ => {}
        }
        (a, q)
    }

    fn synthesize(&self, (a, q): Self::Config, mut layouter: impl Layouter<Fr>) -> Result<(), Halo2Error> {
        layouter.assign_region(
            || "row",
            |mut region| {
                region.assign_advice(a, 0, halo2_proofs::circuit::Value::known(Fr::zero()));
                if FLAW != flaw::ZERO_COLUMN {
                    region.assign_fixed(q, 0, Fr::one());
                }
                Ok(())
            },
        )
    }
}

const K: u32 = 5;

fn key<const FLAW: u8>() -> VerifyingKey<G1Affine> {
    keygen_vk(&params(K), &Flawed::<FLAW>).expect("halo2 takes it")
}

fn protocol<const FLAW: u8>() -> Result<Protocol, Error> {
    Protocol::new(&key::<FLAW>(), 1)
}

#[test]
fn circuits_without_code_are_refused() {
    assert!(protocol::<{ flaw::NONE }>().is_ok());
    assert_eq!(protocol::<{ flaw::LOOKUP }>().unwrap_err(), Error::NativeLookups { got: 1 });
    assert_eq!(protocol::<{ flaw::NO_INSTANCE }>().unwrap_err(), Error::InstanceColumns { expected: 1, got: 0 });
    assert_eq!(protocol::<{ flaw::TWO_INSTANCES }>().unwrap_err(), Error::InstanceColumns { expected: 1, got: 2 });
    assert_eq!(protocol::<{ flaw::INSTANCE_ROTATION }>().unwrap_err(), Error::InstanceRotation { rotation: 1 });
    assert_eq!(Protocol::new(&key::<{ flaw::NONE }>(), 0).unwrap_err(), Error::NoPublicInputs { limit: 64 });
    let many = Error::TooMany { what: "public inputs", limit: 64, got: 65 };
    assert_eq!(Protocol::new(&key::<{ flaw::NONE }>(), 65).unwrap_err(), many);
}

#[test]
fn degrees_halo2_only_assumes_are_refused() {
    assert_eq!(protocol::<{ flaw::DEGREE_SIX_DECLARED }>().unwrap_err(), Error::Degree { limit: 5, got: 6 });
    let silent = Error::ConstraintDegree { constraint: "gate/constraint".to_owned(), limit: 5, got: 6 };
    assert_eq!(protocol::<{ flaw::DEGREE_SIX_SILENT }>().unwrap_err(), silent);
    assert_eq!(protocol::<{ flaw::DEGREE_TOO_HIGH }>().unwrap_err(), Error::DegreeNotReached { expected: 5, got: 3 });

    // A key whose domain was made for another degree than its constraint system's.
    let vk = key::<{ flaw::NONE }>();
    let torn = VerifyingKey::from_parts(
        EvaluationDomain::new(5, K),
        vk.fixed_commitments().clone(),
        vk.permutation().clone(),
        vk.cs().clone(),
        vec![],
        false,
    );
    assert_eq!(Protocol::new(&torn, 1).unwrap_err(), Error::QuotientPieces { expected: 2, got: 4 });
}

#[test]
fn compressed_selectors_are_refused() {
    let circuit = Fibonacci { constant: 5, steps: 20 };
    let vk = keygen_vk_custom(&params(6), &circuit, true).expect("halo2 takes it");
    assert_eq!(Protocol::new(&vk, 4).unwrap_err(), Error::Selectors { got: 1 });
}

#[test]
fn keys_that_are_not_the_circuits_are_refused() {
    let vk = key::<{ flaw::NONE }>();
    let protocol = Protocol::new(&vk, 1).expect("supported");
    let tau = params(K).s_g2();
    let data = |vk: &VerifyingKey<G1Affine>, subject: Subject, tau| VkData::new(&protocol, vk, &claim(), &subject, tau);
    assert!(data(&vk, subject(K), tau).is_ok());

    let zero = data(&key::<{ flaw::ZERO_COLUMN }>(), subject(K), tau).unwrap_err();
    assert!(matches!(zero, Error::IdentityCommitment { .. }), "{zero}");
    assert_eq!(data(&vk, subject(K + 1), tau).unwrap_err(), Error::SubjectK { expected: K, got: K + 1 });
    assert_eq!(data(&vk, subject(K), G2Affine::identity()).unwrap_err(), Error::IdentityTau);
    let torn = VerifyingKey::from_parts(
        vk.get_domain().clone(),
        vec![],
        permutation::VerifyingKey::from_commitments(vec![]),
        vk.cs().clone(),
        vec![],
        false,
    );
    let shape = Error::KeyShape { what: "commitments", expected: 1, got: 0 };
    assert_eq!(data(&torn, subject(K), tau).unwrap_err(), shape);
    let circuit = bytes_circuit(300);
    let foreign = keygen_vk(&params(9), &circuit).expect("halo2 takes it");
    assert!(matches!(data(&foreign, subject(9), tau), Err(Error::ConstraintSystem { .. })));

    let far = keygen_vk(&params(4), &Flawed::<{ flaw::FAR_ROTATIONS }>).expect("halo2 takes it");
    let far_protocol = Protocol::new(&far, 1).expect("supported at a larger k");
    let coincide = VkData::new(&far_protocol, &far, &claim(), &subject(4), params(4).s_g2()).unwrap_err();
    assert_eq!(coincide, Error::RotationsCoincide { k: 4 });
    let many_inputs = Protocol::new(&vk, 40).expect("supported at a larger k");
    let rows = VkData::new(&many_inputs, &vk, &claim(), &subject(K), tau).unwrap_err();
    assert_eq!(rows, Error::K { min: 6, max: 28, got: K });
}

#[test]
fn subjects_fit_the_claim() {
    let vk = key::<{ flaw::NONE }>();
    let protocol = Protocol::new(&vk, 1).expect("supported");
    let of = |names: &[&'static str], words: usize| {
        let claim = Claim { id: [1; 32], subject: names.to_vec() };
        let subject = Subject { words: vec![[7; 32]; words], ..subject(K) };
        (render(&protocol, &claim, "Test").err(), VkData::new(&protocol, &vk, &claim, &subject, params(K).s_g2()).err())
    };
    assert_eq!(of(&[], 0), (None, None));
    assert_eq!(of(&["A", "B_2"], 2), (None, None));
    assert_eq!(of(&["A"], 2), (None, Some(Error::SubjectWords { expected: 1, got: 2 })));
    let many = Some(Error::TooMany { what: "subject words", limit: 8, got: 9 });
    assert_eq!(of(&["A", "B", "C", "D", "E", "F", "G", "H", "I"], 9), (many.clone(), many));
    for name in ["", "a", "A-B", "2A", "A B", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG"] {
        let refused = Some(Error::SubjectName { name: name.to_owned() });
        assert_eq!(of(&[name], 1), (refused.clone(), refused));
    }
    let twice = Some(Error::SubjectName { name: "A".to_owned() });
    assert_eq!(of(&["A", "A"], 2), (twice.clone(), twice));
}

/// Where a router reads what a digest is made of is where the generator puts it.
#[test]
fn the_header_is_laid_out_as_claims_say() {
    use veilmark_statement::description::{KEY_HEADER_WORDS, KEY_WORD_K, KEY_WORD_SRS_ID};
    let vk = key::<{ flaw::NONE }>();
    let protocol = Protocol::new(&vk, 1).expect("supported");
    let words = layout(&protocol, &claim());
    assert_eq!(words[usize::from(KEY_WORD_SRS_ID)], VkWord::SrsId);
    assert_eq!(words[usize::from(KEY_WORD_K)], VkWord::K);
    assert_eq!(usize::from(KEY_HEADER_WORDS), HEADER_WORDS);
    assert_eq!(words[HEADER_WORDS], VkWord::Subject("SIZE"));
    assert_eq!(words[HEADER_WORDS + 1], VkWord::Subject("ARCHITECTURE"));
}

#[test]
fn names_are_identifiers() {
    let protocol = protocol::<{ flaw::NONE }>().expect("supported");
    for name in ["", "lower", "With Space", "X{}", "9Lives", "\u{c4}rger", &"X".repeat(65)] {
        assert_eq!(render(&protocol, &claim(), name).unwrap_err(), Error::ContractName { name: name.to_owned() });
    }
    assert_eq!(render(&protocol, &claim(), "Good1").unwrap(), render(&protocol, &claim(), "Good1").unwrap());
}

#[test]
fn names_of_constraints_stay_inside_their_comments() {
    let circuit = Fibonacci { constant: 5, steps: 20 };
    let vk = keygen_vk(&params(6), &circuit).expect("halo2 takes it");
    let source = render(&Protocol::new(&vk, 4).expect("supported"), &claim(), "Commented").expect("a name");
    assert!(source.contains("// fibonacci/the next is the sum of the last two\n"), "{source}");
    assert!(source.contains("// sum */ ? ?of copies\n"));
    assert!(source.is_ascii());
    assert!(!source.contains("{{"), "a placeholder was not filled");
}

/// The digest is part of every key ever deployed: it changes only together with the version in its first line.
#[test]
fn the_digest_depends_on_the_constraint_system_alone() {
    let digest = |k: u32, circuit: &Fibonacci, inputs: usize| {
        Protocol::new(&keygen_vk(&params(k), circuit).expect("halo2 takes it"), inputs).expect("supported").digest()
    };
    let first = digest(6, &Fibonacci { constant: 5, steps: 20 }, 4);
    assert_eq!(first, digest(8, &Fibonacci { constant: 6, steps: 70 }, 4));
    assert_ne!(first, digest(6, &Fibonacci { constant: 5, steps: 20 }, 3));
    let bytes: Bytes = bytes_circuit(300);
    let other = Protocol::new(&keygen_vk(&params(9), &bytes).expect("halo2 takes it"), 4).expect("supported");
    assert_ne!(first, other.digest());
    assert_eq!(hex::encode(first), "45fbfc2ae8b7139d666bb7e8cb04c28c6659b74ab0b5240ba4d6165ae9a49627");
}

#[test]
fn headers_are_read_back_and_nothing_else_is() {
    let vk = key::<{ flaw::NONE }>();
    let protocol = Protocol::new(&vk, 1).expect("supported");
    let data = key_data(&protocol, &params(K), &vk);
    let code = data.runtime_code();
    let header = VkHeader::read(&code).expect("a key");
    assert_eq!(header, VkHeader { claim_id: claim().id, constraint_system: protocol.digest(), subject: subject(K) });
    assert_eq!(data.vk_hash().as_slice(), alloy_primitives::keccak256(&code).as_slice());

    let field = |code: &[u8]| match VkHeader::read(code) {
        Err(Error::NotAKey { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&[]), "code");
    assert_eq!(field(&code[1..]), "code");
    assert_eq!(field(&code[..code.len() - 1]), "code");
    assert_eq!(field(&code[..1 + 6 * 32]), "code");
    assert_eq!(field(&code[..1 + 8 * 32]), "subject");
    let changed = |word: usize, byte: usize, value: u8| {
        let mut code = code.clone();
        code[1 + word * 32 + byte] = value;
        code
    };
    assert_eq!(field(&changed(0, 31, 0)), "magic");
    assert_eq!(field(&changed(4, 31, 3)), "flags");
    assert_eq!(field(&changed(4, 0, 1)), "flags");
    assert_eq!(field(&changed(5, 31, 29)), "k");
    assert_eq!(field(&changed(5, 27, 1)), "k");
    assert_eq!(field(&changed(6, 31, 9)), "subject words");
    assert_eq!(field(&changed(6, 0, 1)), "subject words");
    assert!(!VkHeader::read(&changed(4, 31, 0)).expect("a key").subject.unsafe_dev);
}
