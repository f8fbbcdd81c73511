//! The claims' circuits: the only file that knows how they are constructed, and which clauses each claim has.
//!
//! Clauses follow from a claim's description: which segments it commits to and what its public inputs mean. Committed columns come
//! first in the circuit, in the order of the segments.
use crate::{
    Fault, Laid, Solved,
    laid::Cells,
    lookups::Form,
    meaning::{
        Clause, Reading,
        model::{Columns, LayerPlaces, Network, Places},
        picture::Picture,
        public::NoFingerprint,
        samples::Samples,
    },
    poly::Var,
};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};
use veilmark_circuits::{
    chips::network::weight_columns,
    claims::{
        authenticity::AuthenticityClaim, committed_fingerprint::CommittedFingerprintClaim,
        fingerprint::FingerprintClaim, generation::GenerationClaim,
    },
    relation::{Relation, Shape},
};
use veilmark_srs::Srs;
use veilmark_statement::{
    claim::{Claim, Meaning, Role},
    model::{Architecture, Map, Model, Weights, testing},
};

/// A claim for one picture's size or one model's architecture.
#[derive(Clone, Debug)]
pub struct Subject {
    /// For people.
    pub name: String,
    claim: Claim,
    shape: Shape,
    lay: fn(&mut Setups, &Shape) -> Result<Laid, Fault>,
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

/// Development setups by size. Nothing secret rests on them here: they only show that two polynomials are the same.
#[derive(Debug, Default)]
pub struct Setups(BTreeMap<u32, Srs>);

impl Setups {
    fn of(&mut self, k: u32) -> Result<&Srs, Fault> {
        Ok(match self.0.entry(k) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(Srs::dev(k, &mut |_| ()).map_err(|error| Fault::new(error.to_string()))?)
            }
        })
    }
}

impl Subject {
    /// A claim about pictures of a size.
    pub fn picture<R: Relation>(width: u32, height: u32) -> Self {
        Self::new::<R>(&format!("{width}x{height}"), Shape::Picture { width, height })
    }

    /// A claim about a model.
    pub fn model<R: Relation>(name: &str, model: &Model) -> Self {
        Self::new::<R>(name, Shape::Model(Arc::new(model.architecture().clone())))
    }

    fn new<R: Relation>(name: &str, shape: Shape) -> Self {
        Self { name: format!("{} {name}", R::CLAIM.name), claim: R::CLAIM, shape, lay: lay::<R> }
    }

    /// Every claim, in sizes that differ in what matters, and with every kind of layer.
    pub fn all() -> Vec<Self> {
        let sizes = [(5, 5), (7, 6), (5, 9), (33, 12)];
        let mut all: Vec<Self> = sizes.map(|(width, height)| Self::picture::<FingerprintClaim>(width, height)).into();
        all.extend(sizes.map(|(width, height)| Self::picture::<CommittedFingerprintClaim>(width, height)));
        all.push(Self::picture::<FingerprintClaim>(64, 64));
        all.extend(models::<GenerationClaim>());
        all.extend(models::<AuthenticityClaim>());
        let product =
            |seed| Self::model::<GenerationClaim>(&format!("any product {seed}"), &testing::any_product(seed));
        all.extend((0..12).map(product));
        all
    }

    /// A small circuit of each claim.
    pub fn few() -> Vec<Self> {
        vec![
            Self::picture::<FingerprintClaim>(5, 5),
            Self::picture::<CommittedFingerprintClaim>(7, 6),
            Self::model::<GenerationClaim>("any product 0", &testing::any_product(0)),
            Self::model::<AuthenticityClaim>("smallest", &Model::smallest()),
        ]
    }

    /// Lays the circuit, compares it with its keys, and says what it should mean.
    ///
    /// # Errors
    /// [`Fault`] where its keys are of another circuit, or the checker does not know what it uses.
    pub fn prepare(&self, setups: &mut Setups) -> Result<Prepared, Fault> {
        let laid = (self.lay)(setups, &self.shape)?;
        let clauses = self.clauses(laid.cells)?;
        Ok(Prepared { name: self.name.clone(), laid, clauses, committed: self.claim.committed_points() })
    }

    /// The first column of a segment.
    fn column(&self, role: Role) -> Option<usize> {
        let segments = self.claim.segments();
        let at = segments.iter().position(|segment| segment.role == role)?;
        Some(segments[..at].iter().map(|segment| segment.points).sum())
    }

    fn clauses(&self, cells: Cells) -> Result<Vec<Box<dyn Clause>>, Fault> {
        let missing = |what: &str| Fault::new(format!("{} has no {what}", self.claim.name));
        let public = |meaning: Meaning| {
            let position = self.claim.position(meaning).ok_or_else(|| missing(meaning.name()))?;
            Ok::<Var, Fault>(cells.instance(0, position))
        };
        let (width, height) = self.shape.size();
        let mut clauses: Vec<Box<dyn Clause>> = Vec::new();
        if self.claim.has_fingerprint() {
            let halves = match self.column(Role::Fingerprint) {
                Some(column) => [0, 1].map(|row| cells.advice(column, row)),
                None => [public(Meaning::FingerprintLow)?, public(Meaning::FingerprintHigh)?],
            };
            clauses.push(Box::new(Picture::new(width, height, halves, public(Meaning::Tolerance)?)));
        } else {
            clauses.push(Box::new(NoFingerprint { claim: self.claim }));
        }
        match self.shape.architecture() {
            None => clauses.push(Box::new(Samples { pixels: width as usize * height as usize })),
            Some(architecture) => {
                let column = |role: Role| self.column(role).ok_or_else(|| missing(role.name()));
                let columns = Columns { latent: column(Role::Prompt)?, weights: column(Role::Model)? };
                let places = Arc::new(places(architecture));
                clauses.push(Box::new(Network::new(architecture.clone(), places, columns, cells.rows)));
            }
        }
        Ok(clauses)
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
    pub(crate) fn is_given(&self, cells: &Cells, cell: Var) -> bool {
        cells.is_instance(cell) || cells.place(cell).0 < self.committed
    }

    /// Whether an equation says nothing of the statement.
    pub fn is_padding(&self, form: &Form) -> bool {
        self.clauses.iter().any(|clause| clause.is_padding(form))
    }
}

fn models<R: Relation>() -> [Subject; 3] {
    let named = [
        ("smallest", Model::smallest()),
        ("perceptron", testing::perceptron(1)),
        ("every kind of layer", testing::every_kind(1)),
    ];
    named.map(|(name, model)| Subject::model::<R>(name, &model))
}

fn lay<R: Relation>(setups: &mut Setups, shape: &Shape) -> Result<Laid, Fault> {
    let wrong = |error: &dyn std::fmt::Display| Fault::new(error.to_string());
    let k = R::min_k(shape, WEIGHT_SALTS).map_err(|error| wrong(&error))?;
    Laid::of(setups.of(k)?, &R::blank(shape).map_err(|error| wrong(&error))?)
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
    let read = |columns: &[Vec<i32>]| {
        let mut found = Vec::new();
        for (column, values) in columns.iter().enumerate() {
            // the last row holds ones
            let weights = &values[..values.len() - 1];
            found.extend(
                weights
                    .iter()
                    .enumerate()
                    .map(|(row, value)| ((column, row), usize::try_from(*value).expect("the numbers committed to"))),
            );
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
