//! What a proof costs before it is begun: units of work, and bytes of memory.
use crate::{
    error::Error,
    fft::{self, Domain},
    field::{Modulus, Scalar},
    key::ProvingKey,
    msm,
    work::{Options, Phase, Work},
};
use ff::PrimeField;
use halo2_proofs::{halo2curves::bn256::Fr, plonk::ConstraintSystem};
use std::time::Instant;

/// What a proof takes, as the constraint system tells before there is a key or a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Units of work, each about one field multiplication: to be multiplied by [`seconds_per_unit`].
    pub units: u64,
    /// Units of work to make the proving key to a verifying key that is there.
    pub key_units: u64,
    /// Units of work to make the verifying key.
    pub verifying_key_units: u64,
    /// Bytes of memory, the key's among them, of the fastest way; setup and witness not counted.
    pub memory: u64,
    /// The same of the way that takes the least: what [`Options::memory`] can be lowered to, and the key.
    pub least_memory: u64,
    /// Bytes of the key.
    pub key_memory: u64,
}

impl Cost {
    /// For `2^k` rows, the first `committed` advice columns committed, and so many threads.
    pub fn of(cs: &ConstraintSystem<Fr>, k: u32, committed: usize, threads: usize) -> Self {
        let shape = Shape::of(cs, k, committed, threads);
        let (all, least) = shape.live(cs);
        let n = 1u64 << k;
        let permuted = cs.permutation().get_columns().len() as u64;
        // coefficients of all, values of fixed columns (bytes and few others, taken for integers), cycles, twiddles
        let key_memory = n * (32 * shape.keyed + 4 * (shape.keyed - permuted) + 4 * permuted + 16);
        Self {
            units: Plan { live: all, scarce: false, weights: shape.weights(false) }.total(),
            key_units: shape.keyed * fft::cost(k),
            verifying_key_units: msm::small_cost((shape.keyed as usize) << k),
            memory: key_memory + shape.memory(all as u64, false),
            least_memory: key_memory + shape.memory(least as u64, true),
            key_memory,
        }
    }
}

/// Seconds that a unit of work takes on these threads now, by a tenth of a second of transforms.
///
/// # Errors
/// [`Error::Threads`].
pub fn seconds_per_unit(options: &Options<'_>) -> Result<f64, Error> {
    const CALIBRATION: u32 = 17;
    const TRANSFORMS: u32 = 4;
    let work = Work::new(options, 1, Phase::Key)?;
    let start = Instant::now();
    work.run(|| {
        let domain = Domain::new(CALIBRATION);
        let table = domain.coset(Fr::MULTIPLICATIVE_GENERATOR, None);
        let mut values = vec![Scalar::ONE; 1 << CALIBRATION];
        (0..TRANSFORMS).for_each(|_| domain.evaluate(&table, &mut values, &work));
    });
    // what is not the transforms' is small beside them
    Ok(start.elapsed().as_secs_f64() / (u64::from(TRANSFORMS) * fft::cost(CALIBRATION)) as f64)
}

/// How a proof is made within the memory that it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Columns that may be live at once on a coset.
    pub(crate) live: usize,
    /// Whether columns of small values are kept as such and transformed anew whenever they are needed.
    pub(crate) scarce: bool,
    /// Units of work of each part.
    pub(crate) weights: Weights,
}

/// Units of work of the parts of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weights {
    /// Laying the witness.
    pub(crate) cells: u64,
    /// Commitments of the advice columns: committed ones, others.
    pub(crate) advice: [u64; 2],
    /// One copy product.
    pub(crate) product: u64,
    /// All interpolations.
    pub(crate) interpolation: u64,
    /// All cosets.
    pub(crate) cosets: u64,
    /// The limbs' commitments.
    pub(crate) limbs: u64,
    /// Evaluations and the multi-opening.
    pub(crate) opening: u64,
}

/// Multiplications of the constraints of a row, about, for each column.
const CONSTRAINTS: u64 = 8;

/// The columns of a proof.
struct Shape {
    k: u32,
    committed: u64,
    advice: u64,
    /// Fixed and permutation columns.
    keyed: u64,
    products: u64,
    instances: u64,
    pieces: u64,
    threads: u64,
}

impl Plan {
    /// The fastest plan that keeps to the memory allowed. Columns that are not committed are taken for columns of field elements, so
    /// that the plan is known, and refused, before the witness is.
    pub(crate) fn new(key: &ProvingKey, committed: usize, threads: usize, memory: Option<u64>) -> Result<Self, Error> {
        let cs = key.vk.cs();
        let shape = Shape::of(cs, key.k(), committed, threads);
        let (all, least) = shape.live(cs);
        let mut needed = u64::MAX;
        // all columns, then about half as many, and so on to what the largest constraint reads
        let mut choices = vec![all];
        while let Some(last) = choices.last().copied().filter(|last| *last > least) {
            choices.push((last * 2 / 3).max(least));
        }
        for scarce in [false, true] {
            for live in choices.iter().copied() {
                needed = needed.min(shape.memory(live as u64, scarce));
                if memory.is_none_or(|allowed| needed <= allowed) {
                    return Ok(Self { live, scarce, weights: shape.weights(live < all) });
                }
            }
        }
        Err(Error::Memory { needed, allowed: memory.unwrap_or(0) })
    }

    /// Units of work in all.
    pub(crate) fn total(&self) -> u64 {
        let Weights { cells, advice, product: _, interpolation, cosets, limbs, opening } = self.weights;
        cells + advice[0] + advice[1] + interpolation + cosets + limbs + opening
    }
}

/// Copy products of a constraint system.
pub(crate) fn products(cs: &ConstraintSystem<Fr>) -> usize {
    cs.permutation().get_columns().len().div_ceil(cs.degree() - 2)
}

/// The most columns that one constraint reads.
fn largest_constraint(cs: &ConstraintSystem<Fr>) -> usize {
    // a product's: values, permutation, the product, X and L_0
    let copies = 2 * cs.permutation().get_columns().len().min(cs.degree() - 2) + 3;
    let gates = cs.gates().iter().flat_map(|gate| gate.polynomials()).map(|polynomial| {
        let mut columns = polynomial.extract_advices().len();
        columns += polynomial.extract_fixed().len();
        columns + polynomial.extract_instances().len()
    });
    gates.max().unwrap_or(0).max(copies)
}

impl Shape {
    fn of(cs: &ConstraintSystem<Fr>, k: u32, committed: usize, threads: usize) -> Self {
        Self {
            k,
            committed: committed as u64,
            advice: cs.num_advice_columns() as u64,
            keyed: (cs.num_fixed_columns() + cs.permutation().get_columns().len()) as u64,
            products: products(cs) as u64,
            instances: cs.num_instance_columns() as u64,
            pieces: cs.degree() as u64 - 1,
            threads: threads as u64,
        }
    }

    /// Columns that are live at once on a coset: all, and those of the largest constraint. X and L_0 are two more.
    fn live(&self, cs: &ConstraintSystem<Fr>) -> (usize, usize) {
        let all = (self.advice + self.keyed + self.products + self.instances) as usize + 2;
        (all, largest_constraint(cs).min(all))
    }

    /// Bytes at the worst moment, beside the key.
    fn memory(&self, live: u64, scarce: bool) -> u64 {
        let column = 32u64 << self.k;
        // four bytes a row for narrow columns: wider than bytes, and their exceptions are few
        let narrow = if scarce { column / 8 } else { column };
        let kept = self.committed * narrow + (self.advice - self.committed + self.products + self.instances) * column;
        // scalars of a combination; and for each thread sorted numbers and half the points, twice over at worst
        let chunk = (1u64 << self.k).min(1 << 21);
        let msm = chunk * (32 + self.threads * (8 + 64));
        // on a coset: live columns, the sum, the table of twiddles; a column that is made anew is there twice
        let anew = if scarce { self.threads * column } else { 0 };
        let coset = (live + 2) * column + anew;
        let quotient = self.pieces * column;
        // W, what is added to it, and the folded quotient
        let opening = 4 * column + anew;
        kept + quotient.max(msm) + coset.max(opening.max(msm))
    }

    fn weights(&self, grouped: bool) -> Weights {
        let n = 1u64 << self.k;
        let full = msm::cost(n as usize);
        let transform = fft::cost(self.k);
        let columns = self.advice + self.keyed + self.products + self.instances;
        // in groups some columns are transformed twice
        let loaded = if grouped { columns * 3 / 2 } else { columns };
        Weights {
            cells: n * self.advice * 4,
            advice: [self.committed * msm::small_cost(n as usize), (self.advice - self.committed) * full],
            product: full,
            interpolation: self.products * full + (self.advice + self.products + self.instances) * transform,
            cosets: self.pieces * ((loaded + 1) * transform + n * columns * CONSTRAINTS),
            limbs: self.pieces * full,
            opening: 2 * full + 3 * n * columns,
        }
    }
}
