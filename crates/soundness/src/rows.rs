//! What the gates say on each row, as polynomials in cells: fixed cells put in, copies taken as one cell.
use crate::{
    Fault,
    laid::{Classes, Laid},
    node::Node,
    poly::{Mono, POLE, Poly, Var},
};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// Every cell's name: copies share one. A class with a cell of the first phase, or a public one, has that cell's name.
#[derive(Debug)]
pub(crate) struct Names {
    name: Vec<Var>,
    first_phase: Vec<bool>,
    rows: usize,
}

impl Names {
    /// # Errors
    /// [`Fault`] where two cells of the first phase are copies of each other: no statement of ours says that.
    pub(crate) fn of(laid: &Laid) -> Result<Self, Fault> {
        let instances = std::iter::repeat_n(true, laid.cells.instance);
        let first_phase = laid.phases.iter().map(|&phase| phase == 0).chain(instances).collect();
        let mut names = Self { name: (0..laid.cells.end() as Var).collect(), first_phase, rows: laid.cells.rows };
        let mut classes = Classes::of(laid);
        let mut copied: Vec<Var> = laid.copies.iter().flatten().copied().collect();
        copied.sort_unstable();
        copied.dedup();
        for &cell in &copied {
            if !names.is_known(cell) {
                continue;
            }
            let root = classes.find(cell) as usize;
            let named = std::mem::replace(&mut names.name[root], cell);
            if named != cell && names.is_known(named) {
                let [a, b] = [named, cell].map(|cell| laid.cells.name(cell));
                return Err(Fault::new(format!("{a} is a copy of {b}: both are the witness's or public")));
            }
        }
        for cell in copied {
            names.name[cell as usize] = names.name[classes.find(cell) as usize];
        }
        Ok(names)
    }

    pub(crate) fn name(&self, cell: Var) -> Var {
        self.name[cell as usize]
    }

    /// Whether a cell is fixed before the challenges are squeezed.
    pub(crate) fn is_known(&self, cell: Var) -> bool {
        cell == POLE || self.first_phase[(cell as usize - 1) / self.rows]
    }
}

/// A gate's polynomial on a row: it is zero.
#[derive(Debug)]
pub(crate) struct RowEquation {
    pub(crate) gate: usize,
    pub(crate) row: usize,
    pub(crate) poly: Poly,
    /// Cells of later rows that it reads.
    pub(crate) ahead: Vec<Var>,
}

/// A step of a lookup's sum: the product of `slope` times `to - from`, plus `rest`, is zero.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) gate: usize,
    pub(crate) row: usize,
    pub(crate) from: Var,
    pub(crate) to: Var,
    pub(crate) slope: Vec<Poly>,
    pub(crate) rest: Poly,
}

/// Everything that the gates say.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) equations: Vec<RowEquation>,
    pub(crate) steps: Vec<Step>,
}

impl Rows {
    pub(crate) fn of(laid: &Laid, names: &Names) -> Result<Self, Fault> {
        let mut rows = Self::default();
        for (gate, of) in laid.gates.iter().enumerate() {
            let mut queries = Vec::new();
            of.node.visit(&mut |node| match *node {
                Node::Fixed(column, rotation) => queries.push((column, rotation)),
                Node::Selector(_) => queries.push((usize::MAX, 0)),
                _ => {}
            });
            if queries.iter().any(|(column, _)| *column == usize::MAX) {
                return Err(Fault::new(format!("gate {}: a selector that no fixed column stands for", of.name)));
            }
            let has_poles = of.node.any(|node| *node == Node::Challenge(laid.pole));
            let dead = At { laid, names: None, row: 0, fixed: false, sums: None };
            let vanishes = if has_poles { dead.step(gate)?.is_none() } else { dead.poly(&of.node)?.is_zero() };
            for row in 0..laid.cells.rows {
                let at = At { laid, names: Some(names), row, fixed: true, sums: None };
                if vanishes && queries.iter().all(|&(column, rotation)| at.fixed(column, rotation) == Fr::ZERO) {
                    continue;
                }
                let context = |fault: Fault| fault.at(row, &of.name);
                let cells = if has_poles {
                    let Some(step) = at.step(gate).map_err(context)? else { continue };
                    let all = step.slope.iter().chain([&step.rest]);
                    let mut cells: Vec<Var> =
                        all.flat_map(|poly| poly.terms().flat_map(|(key, _)| key.mono.vars())).collect();
                    if let Some(&cell) = cells.iter().find(|&&cell| !names.is_known(cell)) {
                        let cell = laid.cells.name(cell);
                        return Err(Fault::new(format!("{cell} is looked up, and the prover chooses it late"))
                            .at(row, &of.name));
                    }
                    cells.extend([step.from, step.to]);
                    rows.steps.push(step);
                    cells
                } else {
                    let poly = at.poly(&of.node).map_err(context)?;
                    if poly.is_zero() {
                        continue;
                    }
                    let cells: Vec<Var> = poly.terms().flat_map(|(key, _)| key.mono.vars()).collect();
                    let mut ahead = Vec::new();
                    of.node.visit(&mut |node| {
                        if let (Node::Advice(_, 1..), Some(cell)) = (node, at.cell(node)) {
                            ahead.push(cell);
                        }
                    });
                    rows.equations.push(RowEquation { gate, row, poly, ahead });
                    cells
                };
                let blinding = |cell: &Var| *cell != POLE && laid.cells.place(*cell).1 >= laid.usable;
                if let Some(cell) = cells.into_iter().find(blinding) {
                    let cell = laid.cells.name(cell);
                    return Err(Fault::new(format!("it reads {cell}, a blinding row")).at(row, &of.name));
                }
            }
        }
        Ok(rows)
    }
}

/// A linear polynomial in one cell, both parts as products.
struct Linear {
    slope: Option<Vec<Poly>>,
    rest: Vec<Poly>,
}

/// The gates on one row.
struct At<'a> {
    laid: &'a Laid,
    /// Without, every cell has its own name.
    names: Option<&'a Names>,
    row: usize,
    /// Without, every fixed cell is zero.
    fixed: bool,
    /// The two cells of a lookup's sum: the one that is looked at, and the one that is taken for zero.
    sums: Option<[Var; 2]>,
}

impl At<'_> {
    fn row(&self, rotation: i32) -> usize {
        let rows = self.laid.cells.rows as i64;
        (self.row as i64 + i64::from(rotation)).rem_euclid(rows) as usize
    }

    fn fixed(&self, column: usize, rotation: i32) -> Fr {
        if self.fixed { self.laid.fixed[column][self.row(rotation)] } else { Fr::ZERO }
    }

    fn cell(&self, node: &Node) -> Option<Var> {
        let cell = match *node {
            Node::Advice(column, rotation) => self.laid.cells.advice(column, self.row(rotation)),
            Node::Instance(column, rotation) => self.laid.cells.instance(column, self.row(rotation)),
            _ => return None,
        };
        Some(self.names.map_or(cell, |names| names.name(cell)))
    }

    fn leaf(&self, node: &Node) -> Option<Poly> {
        Some(match *node {
            Node::Constant(value) => Poly::constant(value),
            Node::Fixed(column, rotation) => Poly::constant(self.fixed(column, rotation)),
            Node::Challenge(challenge) if challenge == self.laid.pole => Poly::var(POLE),
            Node::Challenge(_) => Poly::sigma(),
            Node::Advice(..) | Node::Instance(..) => {
                let cell = self.cell(node).expect("a query of a cell");
                if self.sums.is_some_and(|[_, zero]| zero == cell) { Poly::zero() } else { Poly::var(cell) }
            }
            _ => return None,
        })
    }

    /// A polynomial on the row. What is multiplied by zero is not looked at.
    fn poly(&self, node: &Node) -> Result<Poly, Fault> {
        Ok(match node {
            Node::Negated(a) => {
                let mut poly = self.poly(a)?;
                poly.scale(-Fr::ONE);
                poly
            }
            Node::Scaled(a, by) => {
                let mut poly = self.poly(a)?;
                poly.scale(*by);
                poly
            }
            Node::Sum(a, b) => self.poly(a)?.plus(&self.poly(b)?)?,
            Node::Product(a, b) => {
                let a = self.poly(a)?;
                if a.is_zero() { a } else { a.times(&self.poly(b)?)? }
            }
            leaf => self.leaf(leaf).expect("every other node is a leaf"),
        })
    }

    /// What a gate with poles says on the row: nothing, or a step of the one lookup sum that it reads.
    fn step(&self, gate: usize) -> Result<Option<Step>, Fault> {
        let node = &self.laid.gates[gate].node;
        let mut sums = Vec::new();
        node.visit(&mut |node| {
            if let (Node::Advice(column, _), Some(cell)) = (node, self.cell(node))
                && self.laid.phases[*column] > 0
                && !sums.contains(&cell)
            {
                sums.push(cell);
            }
        });
        let [to, from] = sums[..] else {
            return Err(Fault::new(format!("a lookup of {} late cells: a sum has two, before and after", sums.len())));
        };
        let along = |sums| At { sums: Some(sums), ..*self }.linear(node);
        let [forwards, backwards] = [along([to, from])?, along([from, to])?];
        let rest = product(&forwards.rest)?;
        let slope = forwards.slope.filter(|slope| !slope.iter().any(Poly::is_zero));
        let back = backwards.slope.filter(|slope| !slope.iter().any(Poly::is_zero));
        match (slope, back) {
            (None, None) if rest.is_zero() => Ok(None),
            (Some(slope), Some(back)) if product(&slope)?.plus(&product(&back)?)?.is_zero() => {
                Ok(Some(Step { gate, row: self.row, from, to, slope, rest }))
            }
            _ => Err(Fault::new("it reads a lookup's sum otherwise than by its difference from row to row")),
        }
    }

    fn linear(&self, node: &Node) -> Result<Linear, Fault> {
        if self.sums.is_some_and(|[sum, _]| self.cell(node) == Some(sum)) {
            return Ok(Linear { slope: Some(vec![]), rest: vec![Poly::zero()] });
        }
        Ok(match node {
            Node::Negated(a) => self.scaled(a, -Fr::ONE)?,
            Node::Scaled(a, by) => self.scaled(a, *by)?,
            Node::Sum(a, b) => {
                let [a, b] = [self.linear(a)?, self.linear(b)?];
                let slope = match (a.slope, b.slope) {
                    (Some(a), Some(b)) => Some(vec![product(&a)?.plus(&product(&b)?)?]),
                    (a, b) => a.or(b),
                };
                Linear { slope, rest: vec![product(&a.rest)?.plus(&product(&b.rest)?)?] }
            }
            Node::Product(a, b) => {
                let mut a = self.linear(a)?;
                if a.slope.is_none() && a.rest.iter().any(Poly::is_zero) {
                    return Ok(Linear { slope: None, rest: vec![Poly::zero()] });
                }
                let b = self.linear(b)?;
                let slope = match (a.slope, b.slope) {
                    (Some(_), Some(_)) => return Err(Fault::new("it multiplies a lookup's sum by itself")),
                    (Some(slope), None) => Some([slope, b.rest.clone()].concat()),
                    (None, Some(slope)) => Some([a.rest.clone(), slope].concat()),
                    (None, None) => None,
                };
                a.rest.extend(b.rest);
                Linear { slope, rest: a.rest }
            }
            leaf => Linear { slope: None, rest: vec![self.leaf(leaf).expect("every other node is a leaf")] },
        })
    }

    fn scaled(&self, node: &Node, by: Fr) -> Result<Linear, Fault> {
        let mut linear = self.linear(node)?;
        let by = Poly::constant(by);
        linear.slope.iter_mut().for_each(|slope| slope.push(by.clone()));
        linear.rest.push(by);
        Ok(linear)
    }
}

/// A product of polynomials, zero at once if one is.
pub(crate) fn product(factors: &[Poly]) -> Result<Poly, Fault> {
    if factors.iter().any(Poly::is_zero) {
        return Ok(Poly::zero());
    }
    factors.iter().try_fold(Poly::constant(Fr::ONE), |product, factor| product.times(factor))
}

/// The terms as a list of cells' products alone, where `sigma` does not occur.
pub(crate) fn without_sigma(poly: &Poly) -> Option<Vec<(Mono, Fr)>> {
    poly.terms().map(|(key, value)| (key.sigma == 0).then_some((key.mono, value))).collect()
}
