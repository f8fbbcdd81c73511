//! The lookups: what a sum of inverses, from zero to zero over all its rows, says about cells.
//!
//! # Why this is sound
//! Every step adds `m/(pole - v)` terms to the sum, where values `v` and multiplicities `m` are polynomials in `sigma` over cells of
//! the first phase, and `pole` is squeezed after them. The sum is zero at both ends, so as a rational function of `pole`
//! it is zero. A term's pole can be cancelled only by a term of the same value; a value's coefficient of `sigma`, its *tag*, is
//! a constant, so by only such of its own tag, but for one in `r` challenges each. So every tag stands alone, and is one
//! of two things:
//! - a *table*: rows of constants, each with a multiplicity that is the prover's, and values looked up once each. A value that is
//!   in no row has a pole of residue 1, 2, … below `r`, which nothing cancels: so all are in the table;
//! - a *memory*: one cell is written with a constant multiplicity `-m`, and `m` cells are read once each. So each is the one
//!   that was written.
//!
//! Anything else is refused.
use crate::{
    Fault,
    laid::Laid,
    poly::{Key, Mono, POLE, Poly, Var},
    rows::{Names, Step, product, without_sigma},
};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A polynomial in cells: terms sorted and distinct.
pub type Form = Vec<(Mono, Fr)>;

/// A row of a table, or what is looked up in one: by power of `sigma`, but for the tag.
pub type Row<T> = BTreeMap<i64, T>;

/// What is looked up is a row of the table of this tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The row of the circuit.
    pub row: usize,
    /// Names the table.
    pub tag: Fr,
    /// What is looked up.
    pub value: Row<Form>,
}

/// What the lookups say.
#[derive(Clone, Debug, Default)]
pub struct Lookups {
    /// The rows of each table, by tag.
    pub tables: BTreeMap<Fr, BTreeSet<Row<Fr>>>,
    /// What is in a table.
    pub members: Vec<Member>,
    /// The cell that is written under each tag.
    pub written: BTreeMap<Fr, Var>,
    /// Each cell that is read, and the one that it reads.
    pub reads: HashMap<Var, Var>,
    /// The cells that count how often a table's row is looked up.
    pub multiplicities: HashSet<Var>,
}

/// One term `multiplicity / (pole - value)` of the sum.
struct Term {
    row: usize,
    tag: Fr,
    value: Row<Form>,
    multiplicity: Multiplicity,
}

enum Multiplicity {
    Constant(Fr),
    Cell(Var),
}

impl Lookups {
    /// `zeros` are the rows' cells that a gate says are zero.
    pub(crate) fn of(laid: &Laid, names: &Names, steps: &[Step], zeros: &HashSet<Var>) -> Result<Self, Fault> {
        let mut lookups = Self::default();
        for path in paths(laid, steps, zeros)? {
            let mut terms = Vec::new();
            for (step, sign) in path {
                let step = &steps[step];
                let found = poles(step, sign).map_err(|fault| fault.at(step.row, &laid.gates[step.gate].name))?;
                terms.extend(found);
            }
            lookups.solve(laid, terms)?;
        }
        // a counted cell is the prover's: it may stand nowhere else, and count one row
        let known = |cell: &&Var| !names.is_known(**cell) || laid.cells.is_instance(**cell);
        if let Some(&cell) = lookups.multiplicities.iter().find(known) {
            return Err(Fault::new(format!("{} counts lookups", laid.cells.name(cell))));
        }
        Ok(lookups)
    }

    fn solve(&mut self, laid: &Laid, terms: Vec<Term>) -> Result<(), Fault> {
        let mut by_tag: BTreeMap<Fr, Vec<Term>> = BTreeMap::new();
        for term in terms {
            by_tag.entry(term.tag).or_default().push(term);
        }
        for (tag, terms) in by_tag {
            let refuse = |row: usize, what: &str| Err(Fault::new(format!("row {row}: under the tag {tag:?}, {what}")));
            if self.tables.contains_key(&tag) || self.written.contains_key(&tag) {
                return refuse(terms[0].row, "two lookups' sums");
            }
            let (mut rows, mut looked_up, mut written) = (BTreeSet::new(), Vec::new(), Vec::new());
            for term in terms {
                match term.multiplicity {
                    Multiplicity::Cell(cell) => {
                        let constant = |(&power, form): (&i64, &Form)| match form[..] {
                            [(Mono::ONE, value)] => Some((power, value)),
                            _ => None,
                        };
                        let Some(row) = term.value.iter().map(constant).collect::<Option<Row<Fr>>>() else {
                            return refuse(term.row, "a table's row that is not constant");
                        };
                        if !self.multiplicities.insert(cell) {
                            return refuse(term.row, "a cell that counts two rows");
                        }
                        rows.insert(row);
                    }
                    Multiplicity::Constant(Fr::ONE) => looked_up.push(term),
                    Multiplicity::Constant(count) => written.push((term, -count)),
                }
            }
            match (&written[..], rows.is_empty()) {
                ([], false) => {
                    let member = |term: Term| Member { row: term.row, tag, value: term.value };
                    self.members.extend(looked_up.into_iter().map(member));
                    self.tables.insert(tag, rows);
                }
                ([(write, count)], true) => {
                    if *count != Fr::from(looked_up.len() as u64) {
                        return refuse(
                            write.row,
                            &format!("{} reads of what {count:?} are said to read", looked_up.len()),
                        );
                    }
                    let Some(cell) = plain_cell(&write.value) else {
                        return refuse(write.row, "something written that is no cell");
                    };
                    for read in looked_up {
                        let Some(reader) = plain_cell(&read.value) else {
                            return refuse(read.row, "something read that is no cell");
                        };
                        if reader == cell || self.reads.insert(reader, cell).is_some() {
                            let reader = laid.cells.name(reader);
                            return refuse(read.row, &format!("{reader} reads twice"));
                        }
                    }
                    self.written.insert(tag, cell);
                }
                ([], true) => return refuse(looked_up[0].row, "lookups in no table"),
                ([(write, _), ..], _) => return refuse(write.row, "two writes, or a write into a table"),
            }
        }
        let mut cells: Vec<Var> = self.written.values().copied().collect();
        cells.sort_unstable();
        let twice = cells.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        let chain = cells.iter().find(|cell| self.reads.contains_key(cell)).copied();
        match twice.or(chain) {
            Some(cell) => Err(Fault::new(format!("{} is written twice, or what it reads", laid.cells.name(cell)))),
            None => Ok(()),
        }
    }
}

/// The cell, where nothing but one is looked up.
fn plain_cell(value: &Row<Form>) -> Option<Var> {
    match value.iter().next() {
        Some((0, form)) if value.len() == 1 => match form[..] {
            [(mono, Fr::ONE)] => mono.single(),
            _ => None,
        },
        _ => None,
    }
}

/// The sums: each a list of steps, with the sign it is walked in, from a zero to a zero.
fn paths(laid: &Laid, steps: &[Step], zeros: &HashSet<Var>) -> Result<Vec<Vec<(usize, Fr)>>, Fault> {
    let mut at: HashMap<Var, Vec<usize>> = HashMap::new();
    for (index, step) in steps.iter().enumerate() {
        at.entry(step.from).or_default().push(index);
        at.entry(step.to).or_default().push(index);
    }
    for (cell, steps_here) in &at {
        let expected = if zeros.contains(cell) { 1 } else { 2 };
        if steps_here.len() != expected {
            let rows: Vec<usize> = steps_here.iter().map(|&step| steps[step].row).collect();
            let cell = laid.cells.name(*cell);
            return Err(Fault::new(format!(
                "the lookups' sum at {cell} stands in {} steps, of rows {rows:?}, not in {expected}: a gap, an open end, or two \
                 kinds of lookups on one row",
                rows.len()
            )));
        }
    }
    let mut ends: Vec<Var> = zeros.iter().copied().filter(|cell| at.contains_key(cell)).collect();
    ends.sort_unstable();
    let (mut paths, mut walked) = (Vec::new(), vec![false; steps.len()]);
    for end in ends {
        let (mut path, mut cell) = (Vec::new(), end);
        while let Some(&step) = at[&cell].iter().find(|&&step| !walked[step]) {
            walked[step] = true;
            let forwards = steps[step].from == cell;
            path.push((step, if forwards { Fr::ONE } else { -Fr::ONE }));
            cell = if forwards { steps[step].to } else { steps[step].from };
        }
        if !path.is_empty() {
            paths.push(path);
        }
    }
    match walked.iter().position(|walked| !walked) {
        Some(step) => Err(Fault::new("a lookups' sum that ends nowhere").at(steps[step].row, "")),
        None => Ok(paths),
    }
}

/// The terms of one step, by partial fractions.
fn poles(step: &Step, sign: Fr) -> Result<Vec<Term>, Fault> {
    // the slope is a constant times the product of (pole - value)
    let (mut scale, mut values) = (Fr::ONE, Vec::new());
    for factor in &step.slope {
        if let Some(constant) = factor.as_constant() {
            scale *= constant;
            continue;
        }
        let leading = factor.terms().find(|(key, _)| *key == Key { sigma: 0, mono: Mono::var(POLE) });
        let Some((_, leading)) = leading else { return Err(Fault::new("a factor that has no pole")) };
        let inverse = leading.invert().expect("terms are not zero");
        scale *= leading;
        let mut value = factor.clone();
        value.scale(inverse);
        let mut minus_pole = Poly::var(POLE);
        minus_pole.scale(-Fr::ONE);
        value = value.plus(&minus_pole)?;
        value.scale(-Fr::ONE);
        if value.terms().any(|(key, _)| key.mono.vars().any(|var| var == POLE)) {
            return Err(Fault::new("a factor of more than one pole"));
        }
        values.push(value);
    }
    let mut numerator = step.rest.clone();
    numerator.scale(-sign * Option::<Fr>::from(scale.invert()).ok_or_else(|| Fault::new("a slope of zero"))?);
    let multiplicities = match &values[..] {
        [] => return Err(Fault::new("a step of no pole")),
        [_] => vec![one_multiplicity(&numerator)?],
        values => multiplicities(&numerator, values)?.into_iter().map(Multiplicity::Constant).collect(),
    };
    values.iter().zip(multiplicities).map(|(value, multiplicity)| term(step.row, value, multiplicity)).collect()
}

fn one_multiplicity(numerator: &Poly) -> Result<Multiplicity, Fault> {
    if let Some(constant) = numerator.as_constant() {
        return Ok(Multiplicity::Constant(constant));
    }
    // of a cell any multiple does: it is the prover's
    let form = without_sigma(numerator).unwrap_or_default();
    let cell = if let [(mono, _)] = form[..] { mono.single() } else { None };
    let cell = cell.filter(|&cell| cell != POLE);
    cell.map(Multiplicity::Cell).ok_or_else(|| Fault::new("a multiplicity that is neither constant nor a cell"))
}

/// The constants `m` with `numerator = sum of m_i times the product of the other (pole - value_j)`: found at a point, then compared
/// as polynomials.
fn multiplicities(numerator: &Poly, values: &[Poly]) -> Result<Vec<Fr>, Fault> {
    let points: Vec<Fr> = values.iter().map(|value| at_a_point(value, Fr::ZERO)).collect();
    let mut rest = numerator.clone();
    let mut found = Vec::with_capacity(values.len());
    for (i, &point) in points.iter().enumerate() {
        let others = |j: &usize| *j != i;
        let apart: Fr = (0..values.len()).filter(others).map(|j| point - points[j]).product();
        let apart = Option::<Fr>::from(apart.invert())
            .ok_or_else(|| Fault::new("a value that is looked up twice on one row"))?;
        let multiplicity = at_a_point(numerator, point) * apart;
        let minus = |j: usize| {
            let mut minus = values[j].clone();
            minus.scale(-Fr::ONE);
            minus.plus(&Poly::var(POLE))
        };
        let factors = (0..values.len()).filter(others).map(minus).collect::<Result<Vec<_>, _>>()?;
        let mut part = product(&factors)?;
        part.scale(-multiplicity);
        rest = rest.plus(&part)?;
        found.push(multiplicity);
    }
    if rest.is_zero() { Ok(found) } else { Err(Fault::new("a step that is no sum of constants over poles")) }
}

/// A polynomial's value where every cell and `sigma` have values that stand for random ones.
fn at_a_point(poly: &Poly, pole: Fr) -> Fr {
    let of = |var: Var| {
        let seed = Fr::from(u64::from(var).wrapping_mul(0x9e37_79b9_7f4a_7c15)) + Fr::from(0x0123_4567_89ab_cdef);
        seed.square() * seed + Fr::from(7)
    };
    let sigma = of(Var::MAX - 1);
    let value = |(key, coefficient): (Key, Fr)| {
        let cells: Fr = key.mono.vars().map(|var| if var == POLE { pole } else { of(var) }).product();
        coefficient * cells * sigma.pow_vartime([key.sigma as u64])
    };
    poly.terms().map(value).sum()
}

fn term(row: usize, value: &Poly, multiplicity: Multiplicity) -> Result<Term, Fault> {
    let mut by_power: Row<Form> = BTreeMap::new();
    for (key, coefficient) in value.terms() {
        if key.mono.degree() > 1 {
            return Err(Fault::new("a product of cells is looked up"));
        }
        by_power.entry(key.sigma).or_default().push((key.mono, coefficient));
    }
    let tag = match by_power.remove(&1).as_deref() {
        None => Fr::ZERO,
        Some([(Mono::ONE, tag)]) => *tag,
        Some(_) => return Err(Fault::new("a tag that is not constant")),
    };
    Ok(Term { row, tag, value: by_power, multiplicity })
}
