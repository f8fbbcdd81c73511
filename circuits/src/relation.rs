//! The relation between a statement and its witness, as circuits implement it.
//!
//! A claim is a [`Description`](crate::statement::claim::Description), which is data, and a [`Relation`], which is its circuit. Whoever makes keys, proves or
//! generates a verifier is generic over `Relation` and knows no claim by name.
//!
//! The witness of every claim is what its commitments open to: a [`Picture`], a [`HiddenFingerprint`], a [`Generator`].
use crate::{
    column::{self, Column, Salts},
    statement::{
        claim::{Claim, Header},
        fingerprint::Fingerprint,
        model::{Activations, Architecture, Model},
        pdq,
        public::PublicInputs,
        raster::{Raster, RasterError},
    },
    transcript::scalar_reduced,
};
use halo2_proofs::{halo2curves::bn256::Fr, plonk::Circuit};
use std::{fmt, sync::Arc};

/// A claim's circuit, and how it is had from a shape or from a witness.
///
/// What the implementor promises: the circuit's first advice columns are [`Relation::columns`] in this order, in phase 0; its
/// one instance column is [`Relation::instance`]; and it has a satisfying assignment for a witness just where
/// [`Relation::check`] accepts it.
pub trait Relation: Circuit<Fr> + Sized + 'static {
    /// The claim.
    const CLAIM: Claim;

    /// What the claim's commitments open to.
    type Witness;

    /// The circuit of a shape, for key generation: a witness of nothing.
    ///
    /// # Errors
    /// [`ShapeError`] where the shape is none of this claim's.
    fn blank(shape: &Shape) -> Result<Self, ShapeError>;

    /// The rows that a shape needs, blinding rows included, with so many rows of salts in the columns of a model's weights.
    ///
    /// # Errors
    /// As [`Relation::blank`].
    fn rows(shape: &Shape, weight_salts: usize) -> Result<usize, ShapeError>;

    /// The claim's witness among what there is.
    ///
    /// # Errors
    /// [`MissingInput`] where something is not there.
    fn witness(inputs: Inputs) -> Result<Self::Witness, MissingInput>;

    /// What the witness says of the words that commitments are hashed with; setup and `k` are left zero.
    fn header(witness: &Self::Witness) -> Header;

    /// The committed columns, in the order of the claim's segments.
    fn columns(witness: &Self::Witness) -> Vec<Column>;

    /// Whether the statement is true of the witness: the native meaning of the claim.
    ///
    /// # Errors
    /// [`Falsehood`]: why not.
    fn check(witness: &Self::Witness, public: &PublicInputs) -> Result<(), Falsehood>;

    /// The circuit with its honest witness. Where the statement is false, no valid proof comes of it.
    fn new(witness: Self::Witness, public: &PublicInputs) -> Self;

    /// The instance column.
    fn instance(public: &PublicInputs) -> Vec<Fr> {
        instance(Self::CLAIM, public)
    }

    /// The smallest `k` whose `2^k` rows hold a shape.
    ///
    /// # Errors
    /// As [`Relation::blank`].
    fn min_k(shape: &Shape, weight_salts: usize) -> Result<u32, ShapeError> {
        Ok(Self::rows(shape, weight_salts)?.next_power_of_two().ilog2())
    }
}

/// The instance column of a claim: its public inputs as field elements.
pub fn instance(claim: Claim, public: &PublicInputs) -> Vec<Fr> {
    public.to_words(claim).into_iter().map(scalar_reduced).collect()
}

/// Names the claim of a circuit that serves several claims: the circuit reads from the description what they differ in.
pub trait Named: Clone + 'static {
    /// The claim.
    const CLAIM: Claim;
}

/// What fixes a claim's circuit, and with setup and `k` its verifying key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Pictures of one size.
    Picture {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A model's architecture, and with it the size of its pictures. It must be a model's.
    Model(Arc<Architecture>),
}

impl Shape {
    /// Width and height of the pictures in pixels.
    pub fn size(&self) -> (u32, u32) {
        match self {
            Self::Picture { width, height } => (*width, *height),
            Self::Model(architecture) => (architecture.width, architecture.height),
        }
    }

    /// The model's architecture.
    pub const fn architecture(&self) -> Option<&Arc<Architecture>> {
        match self {
            Self::Picture { .. } => None,
            Self::Model(architecture) => Some(architecture),
        }
    }

    /// The words of a verifying key's header that say what it is for.
    pub fn header(&self, srs_id: [u8; 32], k: u32) -> Header {
        let architecture = self.architecture().map_or([0; 32], |architecture| architecture.hash());
        Header { srs_id, k, size: self.size(), architecture, ..Header::default() }
    }
}

/// A shape is none of a claim's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// The picture's size has no circuit.
    #[error(transparent)]
    Raster(#[from] RasterError),
    /// A model where the claim has none, or none where it has one.
    #[error("the {} claim {}", .0.name, if .0.has_model() { "needs a model's architecture" } else { "has no model" })]
    Kind(Claim),
}

/// A picture that is committed to.
#[derive(Clone)]
pub struct Picture {
    /// The picture.
    pub image: Raster,
    /// The salts of its columns.
    pub salts: Salts,
}

impl Picture {
    /// Its columns.
    pub fn columns(&self) -> Vec<Column> {
        column::of_picture(&self.image, &self.salts)
    }

    /// Its words.
    pub fn header(&self) -> Header {
        Header { size: (self.image.width(), self.image.height()), ..Header::default() }
    }

    /// Whether its fingerprint is within a tolerance of another.
    ///
    /// # Errors
    /// [`Falsehood::Distance`].
    pub fn check_distance(&self, fingerprint: Fingerprint, tolerance: u8) -> Result<(), Falsehood> {
        let distance = pdq::pdq(&self.image).fingerprint.distance(fingerprint);
        if distance > u32::from(tolerance) { Err(Falsehood::Distance { distance, tolerance }) } else { Ok(()) }
    }
}

/// A fingerprint that is committed to and not shown.
#[derive(Clone)]
pub struct HiddenFingerprint {
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    /// The salts of its column.
    pub salts: Salts<1>,
}

impl HiddenFingerprint {
    /// Its column.
    pub fn column(&self) -> Column {
        column::of_fingerprint(self.fingerprint, &self.salts)
    }
}

/// The columns of a model's weights, salts included ([`column::of_weights`]). They may be large, and serve many proofs.
pub type WeightColumns = Arc<Vec<Column>>;

/// A model and a latent that are committed to, and what the one makes of the other.
#[derive(Clone)]
pub struct Generator {
    /// The model's architecture.
    pub architecture: Arc<Architecture>,
    /// The latent.
    pub latent: Vec<i8>,
    /// The salts of its column.
    pub latent_salts: Salts<1>,
    /// What the model computes of the latent.
    pub activations: Activations,
    /// The columns of the weights.
    pub weights: WeightColumns,
}

impl Generator {
    /// Runs a model on a latent.
    ///
    /// # Errors
    /// [`Falsehood::Latent`] where the model takes another number of entries.
    pub fn new(
        model: &Model,
        latent: Vec<i8>,
        latent_salts: Salts<1>,
        weights: WeightColumns,
    ) -> Result<Self, Falsehood> {
        let (expected, got) = (model.architecture().latent as usize, latent.len());
        if expected != got {
            return Err(Falsehood::Latent { expected, got });
        }
        let activations = model.run(&latent);
        let architecture = Arc::new(model.architecture().clone());
        Ok(Self { architecture, latent, latent_salts, activations, weights })
    }

    /// The latent's column.
    pub fn latent_column(&self) -> Column {
        column::of_latent(&self.architecture, &self.latent, &self.latent_salts)
    }

    /// Whether the model made this picture.
    ///
    /// # Errors
    /// [`Falsehood::PictureSize`] or [`Falsehood::OtherPicture`].
    pub fn check_picture(&self, image: &Raster) -> Result<(), Falsehood> {
        let expected = (self.architecture.width, self.architecture.height);
        let got = (image.width(), image.height());
        if expected != got {
            return Err(Falsehood::PictureSize { expected, got });
        }
        let made = self.activations.picture(&self.architecture);
        let different = made.pixels().iter().zip(image.pixels()).filter(|(a, b)| a != b).count();
        if different > 0 {
            return Err(Falsehood::OtherPicture { different, pixels: image.pixels().len() });
        }
        Ok(())
    }
}

/// Everything that a claim may be proved from.
#[derive(Clone, Default)]
pub struct Inputs {
    /// The pictures, the statement's own first.
    pub pictures: Vec<Picture>,
    /// A fingerprint that is committed to.
    pub fingerprint: Option<HiddenFingerprint>,
    /// A model and a latent.
    pub generator: Option<Generator>,
}

impl Inputs {
    /// The first picture.
    ///
    /// # Errors
    /// [`MissingInput`] where there is none.
    pub fn picture(&mut self) -> Result<Picture, MissingInput> {
        if self.pictures.is_empty() { Err(MissingInput("picture")) } else { Ok(self.pictures.remove(0)) }
    }

    /// The fingerprint.
    ///
    /// # Errors
    /// [`MissingInput`] where there is none.
    pub fn fingerprint(&mut self) -> Result<HiddenFingerprint, MissingInput> {
        self.fingerprint.take().ok_or(MissingInput("fingerprint"))
    }

    /// The model and the latent.
    ///
    /// # Errors
    /// [`MissingInput`] where there is none.
    pub fn generator(&mut self) -> Result<Generator, MissingInput> {
        self.generator.take().ok_or(MissingInput("model and latent"))
    }
}

/// Something that a claim is proved from is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claim is proved from a {0}, and there is none")]
pub struct MissingInput(pub &'static str);

/// Why a statement is false of a witness. Nothing of the witness is in it but what its owner is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Falsehood {
    /// The fingerprint is too far away.
    #[error("the picture's fingerprint is {distance} bits from the one claimed, the tolerance is {tolerance}")]
    Distance {
        /// Hamming distance in bits.
        distance: u32,
        /// The public tolerance in bits.
        tolerance: u8,
    },
    /// The model makes pictures of another size.
    #[error("the model makes pictures of {}x{} pixels, this one has {}x{}", expected.0, expected.1, got.0, got.1)]
    PictureSize {
        /// Width and height of the model's pictures.
        expected: (u32, u32),
        /// Width and height of this one.
        got: (u32, u32),
    },
    /// The model makes another picture of this latent.
    #[error("the model makes another picture of this latent: {different} of {pixels} pixels differ")]
    OtherPicture {
        /// Pixels that differ.
        different: usize,
        /// Pixels in all.
        pixels: usize,
    },
    /// The latent has another length than the model takes.
    #[error("the model takes a latent of {expected} entries, this one has {got}")]
    Latent {
        /// Entries that the model takes.
        expected: usize,
        /// Entries there are.
        got: usize,
    },
}

/// Secrets stay out of logs.
macro_rules! secret_debug {
    ($($type:ident),*) => {
        $(impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), "(secret)"))
            }
        })*
    };
}
secret_debug!(Picture, HiddenFingerprint, Generator, Inputs);
