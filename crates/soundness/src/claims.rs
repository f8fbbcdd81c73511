//! The claims' circuits: the only file that knows how they are constructed, and which clauses each claim has.
//!
//! Committed columns come first, in the order of the points of a proof: the picture's three; then a committed
//! fingerprint's, or the latent's and the weights'.
use crate::{
    Fault, Laid, Solved,
    laid::Cells,
    meaning::{
        Clause, Reading,
        model::{Columns, LayerPlaces, Network, Places},
        picture::Picture,
        public::NoFingerprint,
        samples::Samples,
    },
};
use halo2_proofs::{
    halo2curves::bn256::{Bn256, Fr},
    plonk::Circuit,
    poly::kzg::commitment::ParamsKZG,
};
use rand::{SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use veilmark_circuits::{
    chips::network::weight_columns,
    claims::{
        fingerprint::{CommittedFingerprintClaim, FingerprintClaim},
        model::{AuthenticityClaim, GenerationClaim},
    },
};
use veilmark_statement::{
    model::{Architecture, Map, Model, Weights, testing},
    public::PublicRow,
};

/// A claim for one picture's size or one model's architecture.
#[derive(Clone, Debug)]
pub struct Subject {
    /// For people.
    pub name: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Picture { width: u32, height: u32, committed: bool },
    Model { architecture: Arc<Architecture>, fingerprint: bool },
}

/// Rows of salts after the weights: any number does, no gate reads them.
const WEIGHT_SALTS: usize = 64;

/// A subject as it is laid, with what it means.
pub struct Prepared {
    /// For people.
    pub name: String,
    /// The laid system.
    pub laid: Laid,
    /// The statement.
    pub clauses: Vec<Box<dyn Clause>>,
    /// Committed columns.
    pub committed: usize,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Parameters by size. Nothing secret rests on them here: they only show that two polynomials are the same.
#[derive(Debug, Default)]
pub struct Setups(BTreeMap<u32, ParamsKZG<Bn256>>);

impl Setups {
    fn of(&mut self, k: u32) -> &ParamsKZG<Bn256> {
        self.0.entry(k).or_insert_with(|| ParamsKZG::setup(k, StdRng::seed_from_u64(0)))
    }
}

impl Subject {
    /// The fingerprint claim, or that of a committed one.
    pub fn picture(width: u32, height: u32, committed: bool) -> Self {
        let claim = if committed { "committed-fingerprint" } else { "fingerprint" };
        Self { name: format!("{claim} {width}x{height}"), kind: Kind::Picture { width, height, committed } }
    }

    /// The generation claim, or the authenticity claim.
    pub fn model(name: &str, model: &Model, fingerprint: bool) -> Self {
        let claim = if fingerprint { "authenticity" } else { "generation" };
        let architecture = Arc::new(model.architecture().clone());
        Self { name: format!("{claim} {name}"), kind: Kind::Model { architecture, fingerprint } }
    }

    /// Every claim, in sizes that differ in what matters, and with every kind of layer.
    pub fn all() -> Vec<Self> {
        let sizes = [(5, 5), (7, 6), (5, 9), (33, 12), (64, 64)];
        let mut all: Vec<Self> = sizes.map(|(width, height)| Self::picture(width, height, false)).into();
        all.extend([(5, 5), (7, 6), (5, 9), (33, 12)].map(|(width, height)| Self::picture(width, height, true)));
        all.push(Self::model("every kind of layer", &testing::every_kind(1), false));
        all.push(Self::model("perceptron", &testing::perceptron(1), false));
        all.push(Self::model("smallest", &Model::smallest(), false));
        all.extend((0..12).map(|seed| Self::model(&format!("any product {seed}"), &testing::any_product(seed), false)));
        all.push(Self::model("perceptron", &testing::perceptron(1), true));
        all.push(Self::model("smallest", &Model::smallest(), true));
        all.push(Self::model("every kind of layer", &testing::every_kind(1), true));
        all
    }

    /// One circuit of each claim, the smallest that have all kinds of rows.
    pub fn few() -> Vec<Self> {
        vec![
            Self::picture(5, 5, false),
            Self::picture(7, 6, true),
            Self::model("any product 0", &testing::any_product(0), false),
            Self::model("smallest", &Model::smallest(), true),
        ]
    }

    /// Lays the circuit, compares it with its keys, and says what it should mean.
    ///
    /// # Errors
    /// [`Fault`] where its keys are of another circuit, or the checker does not know what it uses.
    pub fn prepare(&self, setups: &mut Setups) -> Result<Prepared, Fault> {
        let size = |error: &dyn std::fmt::Display| Fault::new(error.to_string());
        let (laid, committed) = match &self.kind {
            &Kind::Picture { width, height, committed } => {
                let laid = if committed {
                    let claim = CommittedFingerprintClaim::shape(width, height).map_err(|error| size(&error))?;
                    let k = CommittedFingerprintClaim::min_k(width, height).map_err(|error| size(&error))?;
                    lay(setups.of(k), &claim)?
                } else {
                    let claim = FingerprintClaim::shape(width, height).map_err(|error| size(&error))?;
                    let k = FingerprintClaim::min_k(width, height).map_err(|error| size(&error))?;
                    lay(setups.of(k), &claim)?
                };
                (laid, if committed { 4 } else { 3 })
            }
            Kind::Model { architecture, fingerprint } => {
                let laid = if *fingerprint {
                    let k = AuthenticityClaim::min_k(architecture, WEIGHT_SALTS);
                    lay(setups.of(k), &AuthenticityClaim::shape(architecture.clone()))?
                } else {
                    let k = GenerationClaim::min_k(architecture, WEIGHT_SALTS);
                    lay(setups.of(k), &GenerationClaim::shape(architecture.clone()))?
                };
                (laid, 12)
            }
        };
        let clauses = self.clauses(laid.cells);
        Ok(Prepared { name: self.name.clone(), laid, clauses, committed })
    }

    fn clauses(&self, cells: Cells) -> Vec<Box<dyn Clause>> {
        let public = |row: PublicRow| cells.instance(0, row as usize);
        let halves = [PublicRow::FingerprintLow, PublicRow::FingerprintHigh].map(public);
        let tolerance = public(PublicRow::Tolerance);
        match &self.kind {
            &Kind::Picture { width, height, committed } => {
                let halves = if committed { [0, 1].map(|row| cells.advice(3, row)) } else { halves };
                let picture = Picture::new(width, height, halves, tolerance);
                vec![Box::new(Samples { pixels: width as usize * height as usize }), Box::new(picture)]
            }
            Kind::Model { architecture, fingerprint } => {
                let columns = Columns { latent: 3, weights: 4 };
                let places = Arc::new(places(architecture));
                let network = Network::new(architecture.clone(), places, columns, cells.rows);
                let first: Box<dyn Clause> = if *fingerprint {
                    Box::new(Picture::new(architecture.width, architecture.height, halves, tolerance))
                } else {
                    Box::new(NoFingerprint)
                };
                vec![first, Box::new(network)]
            }
        }
    }
}

impl Prepared {
    /// Whether a laid system, this one or a changed one, says what the statement says; and the solved system.
    ///
    /// # Errors
    /// [`Fault`] with the row and the coefficient that differ.
    pub fn check(&self, laid: &Laid) -> Result<(Solved, String), Fault> {
        let solved = Solved::of(laid)?;
        let mut reading = Reading::new(&solved, self.committed);
        let mut said = Vec::new();
        for clause in &self.clauses {
            said.push(clause.take(&mut reading)?);
        }
        said.push(reading.finish()?);
        said.push(format!(
            "{} identities of degree up to {}, {} rows of lookups",
            solved.identities - solved.trivial,
            solved.degree,
            solved.lookups
        ));
        Ok((solved, said.join("; ")))
    }

    /// Whether a cell is public or committed.
    pub(crate) fn is_given(&self, cells: &Cells, cell: crate::poly::Var) -> bool {
        cells.is_instance(cell) || cells.place(cell).0 < self.committed
    }

    /// Whether an equation says nothing of the statement.
    pub fn is_padding(&self, form: &crate::lookups::Form) -> bool {
        self.clauses.iter().any(|clause| clause.is_padding(form))
    }
}

fn lay<C: Circuit<Fr>>(params: &ParamsKZG<Bn256>, circuit: &C) -> Result<Laid, Fault> {
    Laid::of(params, circuit)
}

/// Where each weight is committed: found by committing to numbers in their place.
fn places(architecture: &Architecture) -> Places {
    let lengths: Vec<Option<[usize; 2]>> = architecture
        .layers
        .iter()
        .map(|layer| match &layer.map {
            Map::Product(product) => {
                let outputs = layer.shape[0] as usize;
                Some([outputs * product.kernel_len(), outputs])
            }
            _ => None,
        })
        .collect();
    let columns = |layer: usize, kernel: &dyn Fn(usize) -> i8, bias: &dyn Fn(usize) -> i32| {
        let weights = lengths.iter().enumerate().map(|(at, lengths)| {
            let [kernels, biases] = (*lengths)?;
            let own = at == layer;
            Some(Weights {
                kernel: (0..kernels).map(|i| if own { kernel(i) } else { 0 }).collect(),
                bias: (0..biases).map(|i| if own { bias(i) } else { 0 }).collect(),
            })
        });
        weight_columns(architecture, &weights.collect::<Vec<_>>())
    };
    let numbers: HashMap<Fr, usize> = (0..1 << 16).map(|n| (Fr::from(n), n as usize)).collect();
    let read = |columns: &[Vec<Fr>]| {
        let mut found = Vec::new();
        for (column, values) in columns.iter().enumerate() {
            // the last row holds ones
            let weights = &values[..values.len() - 1];
            found.extend(weights.iter().enumerate().map(|(row, value)| ((column, row), numbers[value])));
        }
        found
    };
    let mut places = Places { layers: Vec::new(), rows: 0, columns: 0 };
    for (layer, lengths) in lengths.iter().enumerate() {
        let mut own = LayerPlaces::default();
        if let Some([kernels, biases]) = *lengths {
            let biased = columns(layer, &|_| 0, &|i| i as i32 + 1);
            (places.rows, places.columns) = (biased[0].len() - 1, biased.len());
            own.bias = positions(read(&biased).into_iter(), biases);
            // three digits of an index, and one more than the index so that no weight is zero
            let digit = |power: usize| move |i: usize| ((i + 1) / power % 100) as i8;
            let digits = [1, 100, 10_000].map(|power| read(&columns(layer, &digit(power), &|_| 0)));
            let indices = (0..digits[0].len()).map(|at| {
                let [low, middle, high] = [0, 1, 2].map(|d: usize| digits[d][at].1);
                (digits[0][at].0, low + 100 * middle + 10_000 * high)
            });
            own.kernel = positions(indices, kernels);
        }
        places.layers.push(own);
    }
    places
}

/// The places by index, from pairs of a place and one more than its index; zero stands for nothing.
fn positions(pairs: impl Iterator<Item = ((usize, usize), usize)>, count: usize) -> Vec<(usize, usize)> {
    let mut found = vec![None; count];
    for (place, index) in pairs.filter(|(_, index)| *index > 0) {
        let twice = found[index - 1].replace(place);
        assert!(twice.is_none(), "weight {} is committed once", index - 1);
    }
    found.into_iter().map(|place| place.expect("every weight is committed")).collect()
}
