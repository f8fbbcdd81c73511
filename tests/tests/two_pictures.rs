//! A claim that the program does not know: two committed pictures, one of which is the other with pixels blacked out. What it
//! takes to add a claim is in this file; see `docs/decisions/0015-relation.md`.
use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Circuit, Column, ConstraintSystem, Error, Expression, Fixed, Instance},
    poly::Rotation,
};
use rand_core::OsRng;
use veilmark::{
    bundle::Bundle,
    claims::{Registered, Under},
    halo2::Options,
    keys::{self, ClaimShape},
    proof::{self, ProofError},
    srs::Srs,
};
use veilmark_circuits::{
    column::{self, SALT_ROWS, Salts},
    commitment::Commitment,
    relation::{Falsehood, Inputs, MissingInput, Picture, Relation, Shape, ShapeError},
    statement::{
        claim::{Claim, Description, Header, Impossible, Meaning, PICTURE, Role, Segment, Word},
        fingerprint::Fingerprint,
        public::PublicInputs,
        raster::{Raster, checked_area},
    },
    testing::{constraints, failures},
};
use veilmark_tests::picture;
use veilmark_verifier_contract::{Protocol, solidity};

// ---- the claim

/// The source is committed to like any picture, so its digest is one that a registry may know already.
const SOURCE: Segment = Segment { role: Role::Source, ..PICTURE };

static DESCRIPTION: Description = Description {
    name: "redacted",
    version: 1,
    segments: &[PICTURE, SOURCE],
    inputs: &[Meaning::Other("black_pixels"), Meaning::Context],
    subject: &[Word::Width, Word::Height],
    max_tolerance: 0,
    impossible: Impossible { input: 0, above: 1 << 24 },
};

/// Every pixel of the picture is the source's, or black; and so many are black.
#[derive(Clone, Debug)]
struct Redacted {
    witness: Witness,
    kept: Vec<bool>,
}

/// The picture, and what it was before.
#[derive(Clone, Debug)]
struct Witness {
    picture: Picture,
    source: Picture,
}

impl Witness {
    fn kept(&self) -> Vec<bool> {
        self.picture.image.pixels().iter().map(|pixel| *pixel != [0; 3]).collect()
    }
}

fn black_pixels(public: &PublicInputs) -> Option<u64> {
    let word = public.extra.first()?;
    let (high, low) = word.split_at(24);
    high.iter().all(|&byte| byte == 0).then(|| low.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}

impl Relation for Redacted {
    const CLAIM: Claim = Claim::new(&DESCRIPTION);
    type Witness = Witness;

    fn blank(shape: &Shape) -> Result<Self, ShapeError> {
        let &Shape::Picture { width, height } = shape else { return Err(ShapeError::Kind(Self::CLAIM)) };
        let image = Raster::new(width, height, vec![[0; 3]; checked_area(width, height)?])?;
        let blank = Picture { image, salts: Salts::public() };
        Ok(Self::new(Witness { picture: blank.clone(), source: blank }, &public(0)))
    }

    fn rows(shape: &Shape, _: usize) -> Result<usize, ShapeError> {
        let (width, height) = shape.size();
        let mut cs = ConstraintSystem::<Fr>::default();
        Self::configure(&mut cs);
        Ok(checked_area(width, height)? + SALT_ROWS + cs.blinding_factors() + 1)
    }

    fn witness(mut inputs: Inputs) -> Result<Witness, MissingInput> {
        Ok(Witness { picture: inputs.picture()?, source: inputs.picture()? })
    }

    fn header(witness: &Witness) -> Header {
        witness.picture.header()
    }

    fn columns(witness: &Witness) -> Vec<column::Column> {
        [witness.picture.columns(), witness.source.columns()].concat()
    }

    fn check(witness: &Witness, public: &PublicInputs) -> Result<(), Falsehood> {
        let (new, old) = (witness.picture.image.pixels(), witness.source.image.pixels());
        let different = new.iter().zip(old).filter(|(new, old)| new != old && **new != [0; 3]).count();
        let black = witness.kept().iter().filter(|kept| !**kept).count();
        if different > 0 || new.len() != old.len() || black_pixels(public) != Some(black as u64) {
            return Err(Falsehood::OtherPicture { different, pixels: new.len() });
        }
        Ok(())
    }

    fn new(witness: Witness, _: &PublicInputs) -> Self {
        Self { kept: witness.kept(), witness }
    }
}

#[derive(Clone, Debug)]
struct Config {
    committed: [Column<Advice>; 6],
    kept: Column<Advice>,
    count: Column<Advice>,
    pixel: Column<Fixed>,
    first: Column<Fixed>,
    public: Column<Instance>,
}

impl Circuit<Fr> for Redacted {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        let (width, height) = (self.witness.picture.image.width(), self.witness.picture.image.height());
        Self::blank(&Shape::Picture { width, height }).expect("a raster's size")
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let committed = [(); 6].map(|()| meta.advice_column());
        let [kept, count] = [(); 2].map(|()| meta.advice_column());
        let [pixel, first] = [(); 2].map(|()| meta.fixed_column());
        let public = meta.instance_column();
        meta.enable_equality(count);
        meta.enable_equality(public);
        meta.create_gate("redaction", |meta| {
            let [pixel, first] = [pixel, first].map(|column| meta.query_fixed(column, Rotation::cur()));
            let [r, g, b, old_r, old_g, old_b] = committed.map(|column| meta.query_advice(column, Rotation::cur()));
            let kept = meta.query_advice(kept, Rotation::cur());
            let [now, next] = [Rotation::cur(), Rotation::next()].map(|at| meta.query_advice(count, at));
            let one = Expression::Constant(Fr::ONE);
            vec![
                ("red is kept or black", pixel.clone() * (r - kept.clone() * old_r)),
                ("green is kept or black", pixel.clone() * (g - kept.clone() * old_g)),
                ("blue is kept or black", pixel.clone() * (b - kept.clone() * old_b)),
                ("a pixel is kept or not", pixel.clone() * kept.clone() * (one.clone() - kept.clone())),
                ("black pixels are counted", pixel * (next - now.clone() - one + kept)),
                ("the count starts at zero", first * now),
            ]
        });
        Config { committed, kept, count, pixel, first, public }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "redaction",
            |mut region| {
                for (column, values) in config.committed.into_iter().zip(Self::columns(&self.witness)) {
                    for (row, value) in values.values().enumerate() {
                        region.assign_advice(column, row, Value::known(value));
                    }
                }
                region.assign_fixed(config.first, 0, Fr::ONE);
                let mut count = Fr::ZERO;
                for (row, &kept) in self.kept.iter().enumerate() {
                    region.assign_fixed(config.pixel, row, Fr::ONE);
                    region.assign_advice(config.kept, row, Value::known(Fr::from(u64::from(kept))));
                    region.assign_advice(config.count, row, Value::known(count));
                    count += Fr::from(u64::from(!kept));
                }
                let last = region.assign_advice(config.count, self.kept.len(), Value::known(count)).cell();
                region
                    .constrain_equal(last, halo2_proofs::circuit::Cell { row_offset: 0, column: config.public.into() });
                Ok(())
            },
        )
    }
}

// ---- what every claim gets for it

static ENTRY: Registered<Redacted> = Registered::NEW;
const SIDES: (u32, u32) = (24, 17);

fn public(black: u64) -> PublicInputs {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&black.to_be_bytes());
    PublicInputs { extra: vec![word], ..PublicInputs::new(Fingerprint::default(), 0, [7; 31]) }
}

fn redacted(black: usize) -> Witness {
    let source = picture(SIDES.0, SIDES.1, 1);
    let pixels = source.pixels().iter().enumerate().map(|(i, &pixel)| if i < black { [0; 3] } else { pixel });
    let image = Raster::new(SIDES.0, SIDES.1, pixels.collect()).unwrap();
    let salted = |image| Picture { image, salts: Salts::random(OsRng) };
    Witness { picture: salted(image), source: salted(source) }
}

/// How many pixels are black, those of the source included.
fn count(witness: &Witness) -> u64 {
    witness.kept().iter().filter(|kept| !**kept).count() as u64
}

#[test]
fn keys_proofs_commitments_and_a_verifier_come_without_a_change_elsewhere() {
    let mut shape = ClaimShape::of(&ENTRY, Shape::Picture { width: SIDES.0, height: SIDES.1 }, 0).unwrap();
    shape.k = shape.min_k().unwrap();
    let srs = Srs::dev(shape.k, &mut |_| {}).unwrap();
    let vk = keys::generate_verifying_key(&srs, &shape).unwrap();
    let key = keys::generate_proving_key(&srs, &shape, vk).unwrap();
    let vk_hash = &keys::vk_hash(&srs, key.vk(), &shape).unwrap();

    let witness = redacted(30);
    let public = public(count(&witness));
    let header = shape.header(&srs);
    let commit =
        |segment, picture: &Picture| Commitment::new(&srs.setup(), segment, &header, &picture.columns()).unwrap();
    let commitments = [commit(&PICTURE, &witness.picture), commit(&SOURCE, &witness.source)];
    let inputs = || Inputs { pictures: vec![witness.picture.clone(), witness.source.clone()], ..Inputs::default() };
    let under = Under { srs: &srs, key: &key, vk_hash };
    let prove = |inputs, public| shape.entry().prove(under, inputs, &commitments, public, &Options::default());
    let bytes = prove(inputs(), &public).unwrap();
    proof::verify(&srs, key.vk(), vk_hash, shape.claim(), &public, &bytes).unwrap();
    let digests = Bundle::commitments_of(shape.claim(), &header, &bytes).unwrap();
    assert_eq!(digests, commitments.each_ref().map(Commitment::digest));
    // the source's digest is that of any picture
    assert_eq!(digests[1], commit(&PICTURE, &witness.source).digest());

    // another count, a picture of something else, the wrong order, one too few
    let more = self::public(count(&witness) + 1);
    assert!(proof::verify(&srs, key.vk(), vk_hash, shape.claim(), &more, &bytes).is_err());
    assert!(matches!(prove(inputs(), &more), Err(ProofError::False(_))));
    let mut swapped = inputs();
    swapped.pictures.swap(0, 1);
    assert!(matches!(prove(swapped, &public), Err(ProofError::False(_))));
    let mut one = inputs();
    one.pictures.truncate(1);
    assert!(matches!(prove(one, &public), Err(ProofError::Missing(_))));

    // the verifier on chain
    let protocol = Protocol::new(key.vk(), shape.claim().inputs.len()).unwrap();
    assert_eq!(protocol.proof_length(), bytes.len());
    let name = shape.claim().verifier();
    let source = solidity::render(&protocol, &keys::on_chain(shape.claim()), &name).unwrap();
    assert!(source.contains("contract RedactedVerifier"));
}

#[test]
fn every_constraint_bites() {
    let honest = Redacted::new(redacted(30), &public(0));
    let k = Redacted::min_k(&Shape::Picture { width: SIDES.0, height: SIDES.1 }, 0).unwrap();
    let black = count(&honest.witness);
    let broken = |lie: &Redacted, black: u64| failures(k, lie, vec![Redacted::instance(&public(black))]);
    assert!(broken(&honest, black).is_empty());
    let mut bitten = std::collections::BTreeSet::new();
    // one sample of a pixel that is kept
    for (channel, name) in ["red", "green", "blue"].into_iter().enumerate() {
        let mut lie = honest.clone();
        let mut pixels = lie.witness.picture.image.pixels().to_vec();
        pixels[40][channel] ^= 1;
        lie.witness.picture.image = Raster::new(SIDES.0, SIDES.1, pixels).unwrap();
        bitten.extend(broken(&lie, black));
        assert!(bitten.contains(&format!("redaction/{name} is kept or black")));
    }
    assert_eq!(bitten.len(), 3);
    // another count than there is
    assert_eq!(broken(&honest, black - 1), ["copy".to_owned()].into());
    // the rest are relations of cells that the witness does not hold: forged one by one
    use veilmark_circuits::testing::{accepted_lies, trace};
    let instance = vec![Redacted::instance(&public(black))];
    let seen = trace(k, &honest, &instance);
    let pixels = (SIDES.0 * SIDES.1) as usize;
    let cells = (6..8).flat_map(|column| (0..=pixels).map(move |row| (column, row)));
    let forged = cells.filter_map(|at| Some(std::collections::BTreeMap::from([(at, *seen.cells.get(&at)? + Fr::ONE)])));
    assert!(accepted_lies(k, &honest, &instance, forged.step_by(37), |_| false).is_empty());
    assert_eq!(constraints::<Redacted>().len(), 6);
}
