//! The quotient of all constraints by `X^n - 1`, coset by coset, and its limbs.
//!
//! The quotient has degree below `d n`, `d` one less than the constraint system's degree. On the coset `g H` it is a polynomial modulo
//! `X^n - g^n`, and `d` of these determine its limbs: for each coefficient a small system. On each coset the constraints are taken in
//! groups; a column is transformed when the first group that reads it comes, and forgotten after the last.
use crate::{
    error::Error,
    fft::{CosetTable, generator},
    field::{Limbs, Scalar, ZERO, add, mul, scalar, scalar_limbs},
    key::{ProvingKey, delta},
    polynomials::Polynomials,
    program::{Graph, Node, Op, Program},
    work::Work,
};
use ff::{BatchInvert, Field, PrimeField};
use halo2_proofs::{halo2curves::bn256::Fr, plonk::Expression};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The verifier's challenges for the quotient.
pub(crate) struct Challenges<'c> {
    /// Of the circuit, by number.
    pub(crate) circuit: &'c [Fr],
    /// The copy argument's.
    pub(crate) beta: Fr,
    /// The copy argument's.
    pub(crate) gamma: Fr,
    /// Separates the constraints.
    pub(crate) y: Fr,
}

/// Constraints under their factors, and the columns that they read.
type Group = (Vec<(Node, Fr)>, BTreeSet<usize>);

/// All constraints in the verifier's order, on numbered polynomials; two more numbers stand for `X` and `L_0`.
struct Constraints {
    graph: Graph,
    roots: Vec<Node>,
    x: usize,
    l0: usize,
}

impl Constraints {
    fn new(key: &ProvingKey, polynomials: &Polynomials<'_>, challenges: &Challenges<'_>) -> Result<Self, Error> {
        let cs = key.vk.cs();
        let (x, l0) = (polynomials.count(), polynomials.count() + 1);
        let mut graph = Graph::default();
        let mut roots = Vec::new();
        let column = |query: &Expression<Fr>| match query {
            Expression::Advice(query) => polynomials.of_advice(query.column_index()),
            Expression::Fixed(query) => polynomials.of_fixed(query.column_index()),
            Expression::Instance(query) => polynomials.of_instance(query.column_index()),
            _ => unreachable!("only queries are asked for"),
        };
        for polynomial in cs.gates().iter().flat_map(|gate| gate.polynomials()) {
            let root = graph.expression(polynomial, &column, challenges.circuit);
            roots.push(root.ok_or(Error::Unsupported { what: "selectors in a verifying key" })?);
        }
        Self { graph, roots, x, l0 }.with_copies(key, polynomials, challenges)
    }

    /// Adds the copy argument's constraints.
    fn with_copies(
        mut self,
        key: &ProvingKey,
        polynomials: &Polynomials<'_>,
        challenges: &Challenges<'_>,
    ) -> Result<Self, Error> {
        let products = polynomials.products();
        if products == 0 {
            return Ok(self);
        }
        let cs = key.vk.cs();
        let last = cs.blinding_factors() as i32 + 1;
        let (g, x, l0) = (&mut self.graph, self.x, self.l0);
        let one = g.constant(Fr::ONE);
        let first_row = g.cell(l0, 0);
        // L_last(X) = L_0(omega^last X), and so on for the blinding rows
        let last_row = g.cell(l0, last);
        let active = (1..=last).fold(one, |active, rotation| {
            let row = g.cell(l0, rotation);
            g.push(Op::Sub(active, row))
        });
        let first = g.cell(polynomials.of_product(0), 0);
        let begins = g.push(Op::Sub(one, first));
        self.roots.push(g.push(Op::Mul(begins, first_row)));
        let end = g.cell(polynomials.of_product(products - 1), 0);
        let square = g.push(Op::Mul(end, end));
        let ends = g.push(Op::Sub(square, end));
        self.roots.push(g.push(Op::Mul(ends, last_row)));
        for product in 1..products {
            let here = g.cell(polynomials.of_product(product), 0);
            let before = g.cell(polynomials.of_product(product - 1), -last);
            let continues = g.push(Op::Sub(here, before));
            self.roots.push(g.push(Op::Mul(continues, first_row)));
        }
        let identity = g.cell(x, 0);
        let (beta, gamma) = (g.constant(challenges.beta), g.constant(challenges.gamma));
        let width = cs.degree() - 2;
        for (product, columns) in key.permuted.chunks(width).enumerate() {
            let mut left = g.cell(polynomials.of_product(product), 1);
            let mut right = g.cell(polynomials.of_product(product), 0);
            for (i, column) in columns.iter().enumerate() {
                let number = product * width + i;
                let value = g.cell(polynomials.of(column), 0);
                let value = g.push(Op::Add(value, gamma));
                let sigma = g.cell(polynomials.of_sigma(number), 0);
                let permuted = g.push(Op::Mul(sigma, beta));
                let permuted = g.push(Op::Add(value, permuted));
                left = g.push(Op::Mul(left, permuted));
                let scale = g.constant(challenges.beta * delta(number));
                let own = g.push(Op::Mul(identity, scale));
                let own = g.push(Op::Add(value, own));
                right = g.push(Op::Mul(right, own));
            }
            let difference = g.push(Op::Sub(left, right));
            self.roots.push(g.push(Op::Mul(difference, active)));
        }
        Ok(self)
    }

    /// Programs that read at most `columns` columns each where their constraints allow it, with what they read; together they are the
    /// sum of all constraints under powers of `y`.
    fn groups(&mut self, columns: usize, y: Fr) -> Vec<(Program, BTreeSet<usize>)> {
        let mut groups: Vec<Group> = Vec::new();
        // the first constraint has the highest power
        let factors = std::iter::successors(Some(Fr::ONE), |factor| Some(*factor * y));
        let mut roots: Vec<_> = self.roots.iter().rev().copied().zip(factors).collect();
        roots.reverse();
        for root in roots {
            let reads = self.graph.columns(root.0);
            match groups.last_mut() {
                Some((roots, before)) if before.union(&reads).count() <= columns => {
                    roots.push(root);
                    before.extend(reads);
                }
                _ => groups.push((vec![root], reads)),
            }
        }
        groups.into_iter().map(|(roots, reads)| (self.graph.compile(&roots), reads)).collect()
    }
}

/// Columns on one coset, and the memory of those that were forgotten.
#[derive(Default)]
struct Live {
    columns: BTreeMap<usize, Vec<Limbs>>,
    free: Vec<Vec<Limbs>>,
}

/// One coset.
struct Coset<'t> {
    shift: Fr,
    table: &'t CosetTable,
    /// The numbers that stand for `X` and `L_0`.
    x: usize,
    l0: usize,
}

impl Live {
    /// Forgets what is not read, and transforms what is not there.
    fn load(
        &mut self,
        reads: &BTreeSet<usize>,
        key: &ProvingKey,
        polynomials: &Polynomials<'_>,
        coset: &Coset<'_>,
        work: &Work<'_>,
    ) {
        let gone: Vec<usize> = self.columns.keys().copied().filter(|column| !reads.contains(column)).collect();
        self.free.extend(gone.iter().filter_map(|column| self.columns.remove(column)));
        let missing: Vec<(usize, Vec<Limbs>)> = reads
            .iter()
            .filter(|column| !self.columns.contains_key(column))
            .map(|&column| (column, self.free.pop().unwrap_or_default()))
            .collect();
        let loaded: Vec<(usize, Vec<Limbs>)> = missing
            .into_par_iter()
            .map(|(column, mut memory)| {
                if column == coset.x {
                    memory = key.domain.elements(coset.shift);
                } else if column == coset.l0 {
                    memory = first_row(key, coset.shift);
                } else {
                    memory.clear();
                    memory.extend_from_slice(&polynomials.coefficients(column, work));
                    key.domain.evaluate(coset.table, &mut memory, work);
                }
                (column, memory)
            })
            .collect();
        self.columns.extend(loaded);
    }
}

/// `L_0 = (X^n - 1) / (n (X - 1))` on a coset, in bit-reversed order.
fn first_row(key: &ProvingKey, shift: Fr) -> Vec<Limbs> {
    let n = 1u64 << key.k();
    let scale = (shift.pow_vartime([n]) - Fr::ONE) * Fr::from(n).invert().expect("a power of two is not zero");
    let mut values = key.domain.elements(shift);
    values.par_chunks_mut(1 << 10).for_each(|values| {
        let mut inverses: Vec<Fr> = values.iter().map(|x| scalar(x) - Fr::ONE).collect();
        inverses.iter_mut().batch_invert();
        values.iter_mut().zip(inverses).for_each(|(to, inverse)| *to = scalar_limbs(&(inverse * scale)));
    });
    values
}

/// How many columns are live at once on a coset: no more than `columns`, if that is enough for every single constraint, else as few as are.
pub(crate) fn quotient(
    key: &ProvingKey,
    polynomials: &Polynomials<'_>,
    challenges: &Challenges<'_>,
    columns: usize,
    work: &Work<'_>,
) -> Result<Vec<Vec<Limbs>>, Error> {
    let (k, n) = (key.k(), 1usize << key.k());
    let pieces = key.vk.get_domain().get_quotient_poly_degree();
    let mut constraints = Constraints::new(key, polynomials, challenges)?;
    let groups = constraints.groups(columns, challenges.y);
    let step = generator(k + pieces.next_power_of_two().ilog2());
    let mut shift = Fr::MULTIPLICATIVE_GENERATOR;
    let (mut residues, mut moduli, mut table) = (Vec::with_capacity(pieces), Vec::with_capacity(pieces), None);
    let mut live = Live::default();
    for _ in 0..pieces {
        work.run(|| {
            let current = key.domain.coset(shift, table.take());
            let coset = Coset { shift, table: &current, x: constraints.x, l0: constraints.l0 };
            let mut sum = vec![ZERO; n];
            live.free.extend(std::mem::take(&mut live.columns).into_values());
            for (program, reads) in &groups {
                if !work.goes_on() {
                    return;
                }
                live.load(reads, key, polynomials, &coset, work);
                program.run(|column| &live.columns[&column], &mut sum, work);
            }
            let modulus = shift.pow_vartime([n as u64]);
            let inverse = (modulus - Fr::ONE).invert().expect("the coset is not the domain");
            let inverse = scalar_limbs(&inverse);
            sum.par_iter_mut().with_min_len(1 << 12).for_each(|x| *x = mul::<Scalar>(x, &inverse));
            key.domain.interpolate(shift, &mut sum, work);
            residues.push(sum);
            moduli.push(modulus);
            table = Some(current);
        });
        work.check()?;
        shift *= step;
    }
    drop((live, table));
    work.run(|| limbs(&mut residues, &moduli));
    // what of a quotient cannot be there, since no constraint has a higher degree: this is where a wrong witness shows
    let top = residues.last().map_or(&[][..], |limb| &limb[n.saturating_sub(pieces)..]);
    if top.iter().any(|coefficient| *coefficient != ZERO) {
        return Err(Error::Unsatisfied);
    }
    Ok(residues)
}

/// Takes residues modulo `X^n - c_i` to limbs, in their place: `residue_i = sum_j limb_j c_i^j`.
fn limbs(residues: &mut [Vec<Limbs>], moduli: &[Fr]) {
    let pieces = moduli.len();
    // the coefficients of Lagrange's polynomials on the moduli
    let matrix: Vec<Vec<Limbs>> = (0..pieces)
        .map(|i| {
            let (mut polynomial, mut denominator) = (vec![Fr::ONE], Fr::ONE);
            for (j, modulus) in moduli.iter().enumerate().filter(|(j, _)| *j != i) {
                let mut product = vec![Fr::ZERO; polynomial.len() + 1];
                for (power, coefficient) in polynomial.iter().enumerate() {
                    product[power + 1] += coefficient;
                    product[power] -= *coefficient * modulus;
                }
                denominator *= moduli[i] - moduli[j];
                polynomial = product;
            }
            let inverse = denominator.invert().expect("the cosets are different");
            polynomial.into_iter().map(|coefficient| scalar_limbs(&(coefficient * inverse))).collect()
        })
        .collect();
    const CHUNK: usize = 1 << 10;
    let mut rows: Vec<Vec<&mut [Limbs]>> = Vec::new();
    for residue in residues.iter_mut() {
        for (i, chunk) in residue.chunks_mut(CHUNK).enumerate() {
            match rows.get_mut(i) {
                Some(row) => row.push(chunk),
                None => rows.push(vec![chunk]),
            }
        }
    }
    rows.into_par_iter().for_each(|mut row| {
        let mut values = vec![ZERO; pieces];
        for place in 0..row[0].len() {
            values.iter_mut().zip(&row).for_each(|(value, residue)| *value = residue[place]);
            for (limb, to) in row.iter_mut().enumerate() {
                to[place] = values.iter().zip(&matrix).fold(ZERO, |sum, (value, polynomial)| {
                    add::<Scalar>(&sum, &mul::<Scalar>(value, &polynomial[limb]))
                });
            }
        }
    });
}
