//! What a proof costs before it is begun: units of work, and bytes of memory.
use crate::{error::Error, fft, key::ProvingKey, msm};

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
        let shape = Shape {
            k: key.k(),
            committed: committed as u64,
            advice: cs.num_advice_columns() as u64,
            keyed: (key.fixed_coefficients.len() + key.sigma_coefficients.len()) as u64,
            products: products(key) as u64,
            instances: cs.num_instance_columns() as u64,
            pieces: key.vk.get_domain().get_quotient_poly_degree() as u64,
            threads: threads as u64,
        };
        // X and L_0 are two more columns
        let all = (shape.advice + shape.keyed + shape.products + shape.instances) as usize + 2;
        let least = largest_constraint(key).min(all);
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

/// Copy products of a key.
pub(crate) fn products(key: &ProvingKey) -> usize {
    key.permuted.len().div_ceil(key.vk.cs().degree() - 2)
}

/// The most columns that one constraint reads.
fn largest_constraint(key: &ProvingKey) -> usize {
    let cs = key.vk.cs();
    // a product's: values, permutation, the product, X and L_0
    let copies = 2 * key.permuted.len().min(cs.degree() - 2) + 3;
    let gates = cs.gates().iter().flat_map(|gate| gate.polynomials()).map(|polynomial| {
        let mut columns = polynomial.extract_advices().len();
        columns += polynomial.extract_fixed().len();
        columns + polynomial.extract_instances().len()
    });
    gates.max().unwrap_or(0).max(copies)
}

impl Shape {
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
