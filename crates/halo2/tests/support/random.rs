//! Random small circuits.
use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{
        Advice, Challenge, Circuit, Column, ConstraintSystem, Error as PlonkError, Expression, FirstPhase, Fixed,
        Instance, SecondPhase, Selector, ThirdPhase,
    },
    poly::Rotation,
};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};
use std::collections::BTreeMap;

/// Rows of all of them, as a power of two.
pub const K: u32 = 6;

/// A circuit's shape: free columns of random values, of which some are copied among each other, to a fixed and to an instance column;
/// and for each gate a column that holds a random expression of the others, with challenges from the second phase on.
#[derive(Clone, Default, Debug)]
pub struct Spec {
    pub seed: u64,
    pub degree: usize,
    pub free: usize,
    pub gates: usize,
    pub phases: u8,
    pub copies: usize,
    /// Whether one gate is switched by a selector instead of a fixed column.
    pub selector: bool,
}

/// An expression of cells of free columns and challenges.
#[derive(Clone, Debug)]
enum Term {
    Cell(usize, i32),
    Fixed(i32),
    Instance(i32),
    Challenge(usize),
    Constant(u64),
    Sum(Box<Term>, Box<Term>),
    Difference(Box<Term>, Box<Term>),
    Product(Box<Term>, Box<Term>),
}

impl Term {
    /// A random expression of at most this degree.
    fn random(rng: &mut ChaCha20Rng, free: usize, challenges: usize, degree: usize, size: u32) -> Self {
        let rotation = (rng.next_u32() % 5) as i32 - 2;
        if size == 0 || degree == 1 && rng.next_u32().is_multiple_of(3) {
            return match rng.next_u32() % 8 {
                0 => Self::Fixed(rotation),
                1 => Self::Instance(rotation.clamp(-1, 1)),
                2 if challenges > 0 => Self::Challenge(rng.next_u32() as usize % challenges),
                3 => Self::Constant(u64::from(rng.next_u32() % 5)),
                _ => Self::Cell(rng.next_u32() as usize % free, rotation),
            };
        }
        let mut part = |degree| Box::new(Self::random(rng, free, challenges, degree, size - 1));
        if degree > 1 {
            let (a, b) = (part(degree / 2), part(degree - degree / 2));
            return Self::Product(a, b);
        }
        let (a, b) = (part(degree), part(degree));
        if rng.next_u32().is_multiple_of(2) { Self::Sum(a, b) } else { Self::Difference(a, b) }
    }

    fn expression(&self, cells: &mut dyn FnMut(&Self) -> Expression<Fr>) -> Expression<Fr> {
        match self {
            Self::Constant(c) => Expression::Constant(Fr::from(*c)),
            Self::Sum(a, b) => a.expression(cells) + b.expression(cells),
            Self::Difference(a, b) => a.expression(cells) - b.expression(cells),
            Self::Product(a, b) => a.expression(cells) * b.expression(cells),
            leaf => cells(leaf),
        }
    }

    fn value(&self, cells: &dyn Fn(&Self) -> Value<Fr>) -> Value<Fr> {
        match self {
            Self::Constant(c) => Value::known(Fr::from(*c)),
            Self::Sum(a, b) => a.value(cells) + b.value(cells),
            Self::Difference(a, b) => a.value(cells) - b.value(cells),
            Self::Product(a, b) => a.value(cells) * b.value(cells),
            leaf => cells(leaf),
        }
    }
}

impl Spec {
    fn rng(&self, part: u64) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(self.seed ^ part << 32)
    }

    /// The phase of each gate's column, and its expression.
    fn terms(&self) -> Vec<(u8, Term)> {
        let mut rng = self.rng(1);
        (0..self.gates)
            .map(|gate| {
                let phase = gate as u8 % self.phases;
                // the first has the full degree in any case: the stock prover cannot write a last limb that is zero
                if gate == 0 {
                    let cell = |i: usize| Term::Cell(i % self.free, i as i32 % 5 - 2);
                    let times = |product, i| Term::Product(Box::new(product), Box::new(cell(i)));
                    return (phase, (1..self.degree - 1).fold(cell(0), times));
                }
                (phase, Term::random(&mut rng, self.free, usize::from(phase), self.degree - 1, 5))
            })
            .collect()
    }
}

#[derive(Clone, Debug)]
pub struct Config {
    free: Vec<Column<Advice>>,
    results: Vec<Column<Advice>>,
    switches: Vec<Column<Fixed>>,
    selector: Selector,
    constant: Column<Fixed>,
    instance: Column<Instance>,
    challenges: Vec<Challenge>,
}

/// A random circuit and its witness; `wrong` is added to one result.
#[derive(Clone, Debug)]
pub struct Random {
    pub spec: Spec,
    pub wrong: Fr,
}

/// Rows in which gates are switched on: no rotation leaves the usable ones.
const FIRST: usize = 2;

impl Random {
    fn usable(&self) -> usize {
        let mut cs = ConstraintSystem::default();
        Self::configure_with_params(&mut cs, self.spec.clone());
        (1 << K) - cs.blinding_factors() - 1
    }

    /// Free columns, the constant's and the instance column, after copies: those, and which cells are copied.
    #[allow(clippy::type_complexity)]
    fn cells(&self) -> (Vec<Vec<Fr>>, Vec<[(usize, usize); 2]>) {
        let (mut rng, usable) = (self.spec.rng(2), self.usable());
        let columns = self.spec.free + 2;
        let mut cells: Vec<Vec<Fr>> = (0..columns)
            .map(|column| {
                (0..usable)
                    .map(|_| match column % 3 {
                        0 => Fr::from(u64::from(rng.next_u32() % 256)),
                        1 => -Fr::from(u64::from(rng.next_u32() % 1000)),
                        _ => Fr::random(&mut rng),
                    })
                    .collect()
            })
            .collect();
        let mut copies = Vec::new();
        for _ in 0..self.spec.copies {
            let mut cell = || (rng.next_u32() as usize % columns, rng.next_u32() as usize % usable);
            copies.push([cell(), cell()]);
        }
        // every cell of a cycle takes the value of its first cell
        let mut first: BTreeMap<(usize, usize), (usize, usize)> =
            copies.iter().flatten().map(|cell| (*cell, *cell)).collect();
        for _ in 0..copies.len() {
            for [a, b] in &copies {
                let least = first[a].min(first[b]);
                first.insert(*a, least);
                first.insert(*b, least);
            }
        }
        for ((column, row), (from, at)) in first {
            cells[column][row] = cells[from][at];
        }
        assert!(copies.iter().all(|[(a, i), (b, j)]| cells[*a][*i] == cells[*b][*j]));
        (cells, copies)
    }

    pub fn instance(&self) -> Vec<Fr> {
        self.cells().0.pop().unwrap()
    }

    pub fn first_column(&self) -> Vec<Fr> {
        self.cells().0.swap_remove(0)
    }
}

impl Circuit<Fr> for Random {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Spec;

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn params(&self) -> Spec {
        self.spec.clone()
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, spec: Spec) -> Config {
        meta.set_minimum_degree(spec.degree);
        let free: Vec<_> = (0..spec.free).map(|_| meta.advice_column()).collect();
        let terms = spec.terms();
        let results: Vec<_> = terms
            .iter()
            .map(|(phase, _)| match phase {
                0 => meta.advice_column(),
                1 => meta.advice_column_in(SecondPhase),
                _ => meta.advice_column_in(ThirdPhase),
            })
            .collect();
        // a challenge can be asked for once its phase has a column
        let challenges = (1..spec.phases.min(spec.gates as u8))
            .map(|phase| match phase {
                1 => meta.challenge_usable_after(FirstPhase),
                _ => meta.challenge_usable_after(SecondPhase),
            })
            .collect::<Vec<_>>();
        let switches: Vec<_> = terms.iter().map(|_| meta.fixed_column()).collect();
        let (constant, instance, selector) = (meta.fixed_column(), meta.instance_column(), meta.selector());
        free.iter().for_each(|column| meta.enable_equality(*column));
        meta.enable_equality(constant);
        meta.enable_equality(instance);
        for (i, (_, term)) in terms.iter().enumerate() {
            meta.create_gate(format!("gate {i}"), |meta| {
                let switch = if spec.selector && i == 0 {
                    meta.query_selector(selector)
                } else {
                    meta.query_fixed(switches[i], Rotation::cur())
                };
                let term = term.expression(&mut |leaf| match leaf {
                    Term::Cell(column, at) => meta.query_advice(free[*column], Rotation(*at)),
                    Term::Fixed(at) => meta.query_fixed(constant, Rotation(*at)),
                    Term::Instance(at) => meta.query_instance(instance, Rotation(*at)),
                    Term::Challenge(challenge) => meta.query_challenge(challenges[*challenge]),
                    _ => unreachable!("no leaf"),
                });
                let result = meta.query_advice(results[i], Rotation::cur());
                vec![switch * (term - result)]
            });
        }
        Config { free, results, switches, selector, constant, instance, challenges }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), PlonkError> {
        let (cells, copies) = self.cells();
        let (free, usable) = (self.spec.free, self.usable());
        let terms = self.spec.terms();
        let mut instance_copies = Vec::new();
        for phase in 0..self.spec.phases {
            let challenges: Vec<Value<Fr>> =
                config.challenges.iter().map(|challenge| layouter.get_challenge(*challenge)).collect();
            layouter.assign_region(
                || "all",
                |mut region| {
                    if phase == 0 {
                        let mut laid = Vec::new();
                        for (column, values) in config.free.iter().zip(&cells) {
                            let of = |(row, value): (usize, &Fr)| {
                                region.assign_advice(*column, row, Value::known(*value)).cell()
                            };
                            laid.push(values.iter().enumerate().map(of).collect::<Vec<_>>());
                        }
                        let constants = cells[free].iter().enumerate();
                        laid.push(constants.map(|(row, v)| region.assign_fixed(config.constant, row, *v)).collect());
                        for [(a, i), (b, j)] in &copies {
                            match (*a == free + 1, *b == free + 1) {
                                (false, false) => region.constrain_equal(laid[*a][*i], laid[*b][*j]),
                                (true, false) => instance_copies.push((laid[*b][*j], *i)),
                                (false, true) => instance_copies.push((laid[*a][*i], *j)),
                                (true, true) => {}
                            }
                        }
                        for row in FIRST..usable - FIRST {
                            config.switches.iter().for_each(|switch| {
                                region.assign_fixed(*switch, row, Fr::from(row as u64 % 3));
                            });
                            config.selector.enable(&mut region, row)?;
                        }
                    }
                    for (i, (_, term)) in terms.iter().enumerate().filter(|(_, (of, _))| *of == phase) {
                        for row in FIRST..usable - FIRST {
                            let at = |rotation: i32| row.wrapping_add_signed(rotation as isize);
                            let value = term.value(&|leaf| match leaf {
                                Term::Cell(column, rotation) => Value::known(cells[*column][at(*rotation)]),
                                Term::Fixed(rotation) => Value::known(cells[free][at(*rotation)]),
                                Term::Instance(rotation) => Value::known(cells[free + 1][at(*rotation)]),
                                Term::Challenge(challenge) => challenges[*challenge],
                                _ => unreachable!("no leaf"),
                            });
                            let wrong = if i == 0 && row == FIRST + 2 { self.wrong } else { Fr::ZERO };
                            region.assign_advice(config.results[i], row, value.map(|value| value + wrong));
                        }
                    }
                    Ok(())
                },
            )?;
            if phase + 1 < self.spec.phases {
                layouter.next_phase();
            }
        }
        instance_copies.iter().for_each(|(cell, row)| layouter.constrain_instance(*cell, config.instance, *row));
        Ok(())
    }
}

/// One of them.
pub fn some(degree: usize, phases: u8) -> Random {
    let spec = Spec { seed: 5, degree, free: 4, gates: 4, phases, copies: 30, selector: true };
    Random { spec, wrong: Fr::ZERO }
}
