//! Making a proof, in the order that Halo2's verifier reads it.
use crate::{
    column::Column,
    error::Error,
    fft::generator,
    field::{Limbs, Modulus, Scalar, ZERO, add, mul, scalar, scalar_limbs, sub},
    key::{ProvingKey, delta},
    opening::{self, Opened},
    plan::{self, Plan},
    polynomials::Polynomials,
    quotient::{self, Challenges},
    setup::Setup,
    synthesis::{Phases, Witness},
    work::{Options, Phase, Work},
};
use ff::{BatchInvert, Field};
use group::Curve;
use halo2_proofs::{
    halo2curves::bn256::{Fr, G1Affine},
    plonk::{self, Any, Circuit, ConstraintSystem},
    transcript::{EncodedChallenge, TranscriptWrite},
};
use rand_core::{CryptoRng, RngCore};
use rayon::prelude::*;
use std::{borrow::Cow, marker::PhantomData};

/// Writes a proof that `circuit` is satisfied under `instances` to `transcript`: the proof that Halo2's `verify_proof` (KZG, SHPLONK) accepts
/// for the key's verifying key.
///
/// The first `committed` advice columns are committed columns: their last rows, which blind every other column, are zeros, so that
/// their points are those of [`commit`](crate::commit) for what the circuit assigns. Whatever hides them is among that: the caller's
/// salts, on rows of their own.
///
/// All randomness is drawn from `rng`, on the calling thread, in an order that depends on the constraint system alone: one state of `rng` makes
/// one proof, on any number of threads. A state must never serve two proofs.
///
/// What was written to `transcript` when an error is returned is to be thrown away.
///
/// # Errors
/// [`Error::Unsatisfied`] where the witness does not satisfy the circuit; [`Error::Size`] where setup, key and instances are for
/// different numbers of rows or columns; [`Error::Committed`]; [`Error::Memory`]; [`Error::Row`], [`Error::NoValue`] and
/// [`Error::Circuit`] from laying the witness; [`Error::Transcript`]; [`Error::Cancelled`].
#[allow(clippy::too_many_arguments)] // what a proof is of, and how it is made
pub fn prove<C, E, T, R>(
    setup: &Setup<'_>,
    key: &ProvingKey,
    circuit: &C,
    instances: &[&[Fr]],
    committed: usize,
    rng: &mut R,
    transcript: &mut T,
    options: &Options<'_>,
) -> Result<(), Error>
where
    C: Circuit<Fr>,
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
    R: RngCore + CryptoRng,
{
    let cs = key.vk.cs();
    check_arguments(setup, key, instances, committed)?;
    let threads = if options.threads == 0 { rayon::current_num_threads() } else { options.threads };
    let plan = Plan::new(key, committed, threads, options.memory)?;
    let work = Work::new(options, plan.total(), Phase::Witness)?;
    let n = 1usize << key.k();
    let rows = Rows { n, blinded: cs.blinding_factors() };

    transcript.common_scalar(key.vk.transcript_repr())?;
    let committer = Committer {
        setup,
        cs,
        instances,
        committed,
        rows,
        plan: &plan,
        rng: &mut *rng,
        transcript: &mut *transcript,
        work: &work,
        challenge: PhantomData,
    };
    work.stage(Phase::Witness, plan.weights.cells, n as u64 * cs.num_advice_columns() as u64)?;
    let (advice, circuit_challenges) = Witness::lay(key.k(), circuit, cs, instances, committer)?;

    // theta, for lookups, of which there are none
    transcript.squeeze_challenge_scalar::<()>();
    let beta = *transcript.squeeze_challenge_scalar::<()>();
    let gamma = *transcript.squeeze_challenge_scalar::<()>();
    let width = cs.degree() - 2;
    let mut products = Vec::new();
    let mut start = Fr::ONE;
    for set in 0..plan::products(cs) {
        let columns = set * width..((set + 1) * width).min(key.permuted.len());
        work.stage(Phase::Copies, plan.weights.product, plan.weights.product)?;
        let mut product = work.run(|| copy_product(key, &advice, instances, columns, [beta, gamma], start, &work));
        work.check()?;
        start = scalar(&product[n - rows.blinded - 1]);
        for value in &mut product[n - rows.blinded..] {
            *value = scalar_limbs(&Fr::random(&mut *rng));
        }
        let product = Column::from_limbs(product);
        let point = work.run(|| product.combine(setup.lagrange(), &work));
        work.check()?;
        transcript.write_point(point.to_affine())?;
        products.push(product);
    }

    // KZG shows nothing of a polynomial but its commitment and values: two random coefficients are enough for the one of each that is
    // shown (see `docs/zero-knowledge.md`)
    let random = [(); 2].map(|()| scalar_limbs(&Fr::random(&mut *rng)));
    transcript.write_point(opening::commit(setup, &random, &work)?)?;
    let y = *transcript.squeeze_challenge_scalar::<()>();

    let interpolation = plan.weights.interpolation - plan.weights.product * products.len() as u64;
    work.stage(Phase::Quotient, interpolation, interpolation)?;
    let instance_columns: Vec<Column> =
        instances.iter().map(|values| Column::from_limbs(values.iter().map(scalar_limbs).collect())).collect();
    let polynomials = Polynomials::new(key, [advice, products, instance_columns], plan.scarce, &work)?;
    work.stage(Phase::Quotient, plan.weights.cosets, plan.weights.cosets)?;
    let challenges = Challenges { circuit: &circuit_challenges, beta, gamma, y };
    let mut limbs = quotient::quotient(key, &polynomials, &challenges, plan.live, &work)?;
    work.stage(Phase::Quotient, plan.weights.limbs, plan.weights.limbs)?;
    blind_limbs(&mut limbs, rng);
    for limb in &limbs {
        transcript.write_point(opening::commit(setup, limb, &work)?)?;
    }

    let x = *transcript.squeeze_challenge_scalar::<()>();
    work.stage(Phase::Opening, plan.weights.opening, plan.weights.opening)?;
    let folded = fold(limbs, x.pow_vartime([n as u64]), &work);
    let others = [&folded[..], &random[..]];
    let coefficients = |number: usize| match number.checked_sub(polynomials.count()) {
        None => polynomials.coefficients(number, &work),
        Some(other) => Cow::Borrowed(others[other]),
    };
    let omega = generator(key.k());
    let point = |rotation: usize| x * omega.pow_vartime([rotation as u64]);
    let opened = evaluate(key, &polynomials, rows, coefficients, point, transcript, &work)?;
    opening::open(setup, &opened, coefficients, point, transcript, &work)
}

fn check_arguments(setup: &Setup<'_>, key: &ProvingKey, instances: &[&[Fr]], committed: usize) -> Result<(), Error> {
    let cs = key.vk.cs();
    let n = 1usize << key.k();
    let usable = n - (cs.blinding_factors() + 1);
    for (what, expected, got) in [
        ("rows of the setup", n, setup.lagrange().len()),
        ("instance columns", cs.num_instance_columns(), instances.len()),
    ] {
        if expected != got {
            return Err(Error::Size { what, expected, got });
        }
    }
    if let Some(column) = instances.iter().find(|column| column.len() > usable) {
        return Err(Error::Size { what: "rows of an instance column", expected: usable, got: column.len() });
    }
    let phases = cs.advice_column_phase();
    if !phases.get(..committed).is_some_and(|phases| phases.iter().all(|phase| *phase == 0)) {
        return Err(Error::Committed { committed });
    }
    Ok(())
}

/// Rows of the domain.
#[derive(Clone, Copy)]
struct Rows {
    n: usize,
    /// Rows at the end that blind a copy product; an advice column has one more.
    blinded: usize,
}

impl Rows {
    /// A rotation as a number of rows below `n`.
    fn rotation(self, rotation: i32) -> usize {
        (rotation as isize).rem_euclid(self.n as isize) as usize
    }
}

/// Commits to the advice columns, phase by phase.
struct Committer<'c, E, T, R> {
    setup: &'c Setup<'c>,
    cs: &'c ConstraintSystem<Fr>,
    instances: &'c [&'c [Fr]],
    committed: usize,
    rows: Rows,
    plan: &'c Plan,
    rng: &'c mut R,
    transcript: &'c mut T,
    work: &'c Work<'c>,
    challenge: PhantomData<E>,
}

impl<E, T, R> Phases for Committer<'_, E, T, R>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
    R: RngCore + CryptoRng,
{
    fn commit(&mut self, phase: u8, advice: &mut [Column]) -> Result<Vec<(usize, Fr)>, Error> {
        if phase == 0 {
            for value in self.instances.iter().copied().flatten() {
                self.transcript.common_scalar(*value)?;
            }
        }
        let phases = self.cs.advice_column_phase();
        for (i, column) in advice.iter_mut().enumerate().filter(|(i, _)| phases[*i] == phase) {
            let [committed, others] = self.plan.weights.advice;
            let weight = if i < self.committed {
                committed / self.committed as u64
            } else {
                for row in self.rows.n - self.rows.blinded - 1..self.rows.n {
                    column.set(row, &scalar_limbs(&Fr::random(&mut *self.rng)));
                }
                others / (phases.len() - self.committed) as u64
            };
            self.work.stage(Phase::Witness, weight, weight)?;
            let point = self.work.run(|| column.combine(self.setup.lagrange(), self.work));
            self.work.check()?;
            self.transcript.write_point(point.to_affine())?;
        }
        let challenges = self.cs.challenge_phase();
        let of_phase = challenges.iter().enumerate().filter(|(_, of)| **of == phase);
        Ok(of_phase.map(|(i, _)| (i, *self.transcript.squeeze_challenge_scalar::<()>())).collect())
    }

    fn tick(&mut self, cells: u64) -> bool {
        self.work.tick(cells)
    }
}

/// Rows whose fractions share an inversion.
const BLOCK: usize = 1 << 12;

/// The copy product of a set of columns, from `start` on: in each row the product over all rows before of
/// `(value + beta delta^i omega^row + gamma) / (value + beta sigma + gamma)`. Where a cell has no copy, the two are equal.
fn copy_product(
    key: &ProvingKey,
    advice: &[Column],
    instances: &[&[Fr]],
    columns: std::ops::Range<usize>,
    [beta, gamma]: [Fr; 2],
    start: Fr,
    work: &Work<'_>,
) -> Vec<Limbs> {
    let (k, n) = (key.k(), 1usize << key.k());
    let deltas: Vec<Limbs> = (0..key.permuted.len()).map(|i| scalar_limbs(&delta(i))).collect();
    let (beta, gamma) = (scalar_limbs(&beta), scalar_limbs(&gamma));
    let value = |column: &plonk::Column<Any>, row: usize| match column.column_type() {
        Any::Advice(_) => advice[column.index()].get(row),
        Any::Fixed => key.fixed[column.index()].get(row),
        Any::Instance => instances[column.index()].get(row).map_or(ZERO, scalar_limbs),
    };
    let mut fractions = vec![Scalar::ONE; n];
    fractions.par_chunks_mut(BLOCK).enumerate().for_each(|(block, fractions)| {
        if !work.tick(0) {
            return;
        }
        let (mut moved, mut denominators) = (Vec::new(), Vec::new());
        for (i, fraction) in fractions.iter_mut().enumerate() {
            let row = block * BLOCK + i;
            let mut denominator = None;
            for column in columns.clone() {
                let cell = (column << k | row) as u32;
                let next = key.next[cell as usize];
                if next == cell {
                    continue;
                }
                let value = add::<Scalar>(&value(&key.permuted[column], row), &gamma);
                let factor = |cell: u32| add::<Scalar>(&value, &mul::<Scalar>(&beta, &key.sigma(&deltas, cell)));
                *fraction = mul::<Scalar>(fraction, &factor(cell));
                let below = factor(next);
                denominator = Some(denominator.map_or(below, |product| mul::<Scalar>(&product, &below)));
            }
            if let Some(denominator) = denominator {
                moved.push(i);
                denominators.push(scalar(&denominator));
            }
        }
        denominators.iter_mut().batch_invert();
        for (i, inverse) in moved.into_iter().zip(denominators) {
            fractions[i] = mul::<Scalar>(&fractions[i], &scalar_limbs(&inverse));
        }
    });
    let mut product = scalar_limbs(&start);
    for fraction in &mut fractions {
        let next = mul::<Scalar>(&product, fraction);
        *fraction = product;
        product = next;
    }
    fractions
}

/// Adds blinds that cancel where the verifier folds the limbs: `b X^n` to one limb, `-b` to the next. Each limb but the last is then
/// uniform, and the fold at `X^n = x^n` is the same.
fn blind_limbs(limbs: &mut [Vec<Limbs>], mut rng: impl RngCore + CryptoRng) {
    limbs.iter_mut().for_each(|limb| limb.push(ZERO));
    for i in 1..limbs.len() {
        let blind = scalar_limbs(&Fr::random(&mut rng));
        if let Some(top) = limbs[i - 1].last_mut() {
            *top = blind;
        }
        limbs[i][0] = sub::<Scalar>(&limbs[i][0], &blind);
    }
}

/// `sum_i limb_i xn^i`.
fn fold(limbs: Vec<Vec<Limbs>>, xn: Fr, work: &Work<'_>) -> Vec<Limbs> {
    let xn = scalar_limbs(&xn);
    let mut limbs = limbs.into_iter().rev();
    let mut folded = limbs.next().unwrap_or_default();
    for limb in limbs {
        work.run(|| {
            folded
                .par_iter_mut()
                .with_min_len(1 << 12)
                .zip(&limb)
                .for_each(|(sum, c)| *sum = add::<Scalar>(&mul::<Scalar>(sum, &xn), c));
        });
    }
    folded
}

/// Writes all evaluations, and gives the openings in the order of their first queries: advice, copy products, fixed, permutation,
/// quotient, random polynomial.
fn evaluate<'p, E, T>(
    key: &ProvingKey,
    polynomials: &Polynomials<'_>,
    rows: Rows,
    coefficients: impl Fn(usize) -> Cow<'p, [Limbs]> + Sync,
    point: impl Fn(usize) -> Fr + Sync,
    transcript: &mut T,
    work: &Work<'_>,
) -> Result<Vec<Opened>, Error>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    let cs = key.vk.cs();
    let open = |queries: &[(usize, i32)]| -> Result<Vec<Opened>, Error> {
        let mut order: Vec<(usize, Vec<usize>)> = Vec::new();
        for (polynomial, rotation) in queries {
            let rotation = rows.rotation(*rotation);
            match order.iter_mut().find(|(have, _)| have == polynomial) {
                Some((_, rotations)) => rotations.push(rotation),
                None => order.push((*polynomial, vec![rotation])),
            }
        }
        let opened = order.into_iter().map(|(polynomial, rotations)| {
            let opened = work.run(|| Opened::new(polynomial, &coefficients(polynomial), &rotations, &point));
            work.tick(rows.n as u64);
            work.check().map(|()| opened)
        });
        opened.collect()
    };
    let write = |queries: &[(usize, i32)], opened: &[Opened], transcript: &mut T| -> Result<(), Error> {
        for (polynomial, rotation) in queries {
            let of = opened.iter().find(|opened| opened.polynomial == *polynomial);
            let value = of.map_or(Fr::ZERO, |opened| opened.value(rows.rotation(*rotation)));
            transcript.write_scalar(value)?;
        }
        Ok(())
    };
    let advice: Vec<_> =
        cs.advice_queries().iter().map(|(column, at)| (polynomials.of_advice(column.index()), at.0)).collect();
    let fixed: Vec<_> =
        cs.fixed_queries().iter().map(|(column, at)| (polynomials.of_fixed(column.index()), at.0)).collect();
    let sigma: Vec<_> = (0..key.permuted.len()).map(|column| (polynomials.of_sigma(column), 0)).collect();
    let last = polynomials.products().saturating_sub(1);
    let products: Vec<_> = (0..polynomials.products())
        .flat_map(|product| {
            let rotations = [Some(0), Some(1), (product < last).then_some(-(rows.blinded as i32 + 1))];
            rotations.into_iter().flatten().map(move |rotation| (polynomials.of_product(product), rotation))
        })
        .collect();
    let [quotient, random] = [0, 1].map(|i| [(polynomials.count() + i, 0)]);

    let mut opened = open(&advice)?;
    write(&advice, &opened, transcript)?;
    let of_fixed = open(&fixed)?;
    write(&fixed, &of_fixed, transcript)?;
    let of_random = open(&random)?;
    write(&random, &of_random, transcript)?;
    let of_sigma = open(&sigma)?;
    write(&sigma, &of_sigma, transcript)?;
    let of_products = open(&products)?;
    write(&products, &of_products, transcript)?;
    opened.extend(of_products);
    opened.extend(of_fixed);
    opened.extend(of_sigma);
    opened.extend(open(&quotient)?);
    opened.extend(of_random);
    Ok(opened)
}
