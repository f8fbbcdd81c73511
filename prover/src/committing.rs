//! Committing to a picture.

use crate::{
    decode::{self, Decoded},
    error::Error,
    estimate::min_k,
    outputs::{self, MayReplace},
    progress::{Event, Progress},
    store::Store,
};
use rand_core::OsRng;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use veilmark_circuits::{
    column::{SALT_ROWS, Salts},
    commitment::Commitment,
    relation::{Falsehood, Picture, Shape},
};
use veilmark_files::Existing;
use veilmark_proof::{
    keys,
    opening::{self, Derived, Opening},
    proof::ProofError,
};
use veilmark_secrets::{
    keeper::Keeper,
    master::{Purpose, Subject},
};
use veilmark_srs::{Srs, SrsId};
use veilmark_statement::{
    claim::{Claim, PICTURE},
    pdq::{self, MIN_QUALITY, Pdq},
};

/// What a commitment of a generated picture has to fit: its model's size, rows and setup.
#[derive(Clone, Copy, Debug)]
pub struct ModelDomain {
    /// Width and height of the model's pictures.
    pub size: (u32, u32),
    /// Rows of the model's commitment, as a power of two.
    pub k: u32,
    /// Its setup.
    pub srs_id: SrsId,
}

/// What to commit to.
#[derive(Clone, Debug)]
pub struct CommitRequest {
    /// The picture.
    pub image: PathBuf,
    /// How its file is read.
    pub reading: decode::Options,
    /// The claim that the commitment has to serve.
    pub claim: Claim,
    /// The model of a claim that has one.
    pub model: Option<ModelDomain>,
    /// More rows than the claim needs.
    pub k: Option<u32>,
    /// No salts: whoever has the picture can make the commitment again.
    pub public: bool,
    /// The master secret that the salts follow from; without one they are random, and the opening cannot be made again.
    pub secret: Option<Arc<Keeper>>,
    /// Where the opening goes.
    pub output: PathBuf,
    /// What becomes of a file that is there.
    pub existing: Existing,
}

/// What a commitment is.
#[derive(Debug)]
pub struct Committed {
    /// The commitment.
    pub commitment: Commitment,
    /// The picture.
    pub picture: Decoded,
    /// Its fingerprint and quality.
    pub pdq: Pdq,
    /// The setup.
    pub srs_id: SrsId,
    /// Rows, as a power of two.
    pub k: u32,
    /// Where the salts stand, if they follow from a master secret.
    pub derived: Option<Derived>,
}

/// What a commitment is made of.
pub(crate) struct Ready {
    pub(crate) srs: Srs,
    pub(crate) picture: Decoded,
    pub(crate) pdq: Pdq,
}

/// Where salts stand, and the salts.
pub(crate) struct Salted {
    pub(crate) salts: Salts,
    pub(crate) derived: Option<Derived>,
}

/// What the salts of commitments to a picture are of.
pub(crate) fn subject(srs: &Srs, picture: &Decoded) -> Subject {
    Subject { digest: opening::pixel_digest(&picture.raster), setup: srs.id().0, k: srs.k() }
}

/// Refuses pictures so plain that their fingerprint matches too many others.
///
/// # Errors
/// [`Error::Quality`].
pub fn require_quality(pdq: &Pdq) -> Result<(), Error> {
    if pdq.quality >= MIN_QUALITY { Ok(()) } else { Err(Error::Quality { quality: pdq.quality }) }
}

/// Checks, commits and writes the opening. Under a master secret the commitment takes the picture's next number.
///
/// # Errors
/// [`Error`]; then no file was written, though a number may be taken.
pub fn commit(store: &Store, request: &CommitRequest, progress: &dyn Progress) -> Result<Committed, Error> {
    let ready = ready(store, request, progress)?;
    let salted = match (&request.secret, request.public) {
        (_, true) => Salted { salts: Salts::public(), derived: None },
        (None, false) => Salted { salts: Salts::random(OsRng), derived: None },
        (Some(keeper), false) => {
            let taken = keeper.take(Purpose::Opening, &subject(&ready.srs, &ready.picture))?;
            let derived = Derived { machine: taken.machine, number: taken.number };
            Salted { salts: Salts::expand(&taken.seed, SALT_ROWS), derived: Some(derived) }
        }
    };
    finish(ready, request, salted, false)
}

/// Commits and writes the opening.
pub(crate) fn finish(
    Ready { srs, picture, pdq }: Ready,
    request: &CommitRequest,
    salted: Salted,
    made_again: bool,
) -> Result<Committed, Error> {
    let derived = salted.derived.clone();
    let commitment = commitment(&srs, &picture, &salted.salts)?;
    let mut opening =
        Opening::new(&commitment, &picture.raster, salted.salts, !request.public, &request.image, &picture.decoder);
    opening.derived = salted.derived;
    opening.made_again = made_again;
    opening
        .write(&request.output, request.existing)
        .map_err(|source| Error::Opening { path: request.output.clone(), source })?;
    Ok(Committed { commitment, picture, pdq, srs_id: srs.id(), k: srs.k(), derived })
}

/// Checks everything, and reads picture and setup.
pub(crate) fn ready(store: &Store, request: &CommitRequest, progress: &dyn Progress) -> Result<Ready, Error> {
    let CommitRequest { image, reading, claim, model, output, existing, .. } = request;
    match (model, claim.has_model()) {
        (None, true) => {
            return Err(Error::Needs { claim: *claim, what: "the model that the picture was generated with" });
        }
        (Some(_), false) => return Err(Error::HasNo { claim: *claim, what: "model" }),
        _ => {}
    }
    outputs::check_output(output, *existing, &[image], MayReplace::Nothing)?;
    let picture = decode::decode(image, reading)?;
    let pdq = pdq::pdq(&picture.raster);
    if claim.has_fingerprint() {
        require_quality(&pdq)?;
    }
    let (width, height) = (picture.raster.width(), picture.raster.height());
    let (needed, id) = match model {
        None => (min_k(*claim, (width, height))?, None),
        Some(model) if model.size == (width, height) => (model.k, Some(model.srs_id)),
        Some(model) => {
            let falsehood = Falsehood::PictureSize { expected: model.size, got: (width, height) };
            return Err(ProofError::False(falsehood).into());
        }
    };
    let k = request.k.unwrap_or(needed);
    if model.is_some() && k != needed {
        return Err(Error::ModelRows { needed, k });
    }
    if k < needed {
        return Err(Error::TooFewRows { width, height, needed, k });
    }
    let srs = store.setup(k, id, progress)?;
    if srs.is_unsafe() {
        progress.event(Event::UnsafeSetup);
    }
    // commitments to points that are not the powers of one secret need not hide
    keys::check_powers(&srs, &|text| progress.event(Event::Keys(text))).map_err(Error::Setup)?;
    Ok(Ready { srs, picture, pdq })
}

/// The commitment to a picture under salts.
pub(crate) fn commitment(srs: &Srs, picture: &Decoded, salts: &Salts) -> Result<Commitment, Error> {
    let opened = Picture { image: picture.raster.clone(), salts: salts.clone() };
    let shape = Shape::Picture { width: picture.raster.width(), height: picture.raster.height() };
    Commitment::new(&srs.setup(), &PICTURE, &shape.header(srs.id().0, srs.k()), &opened.columns())
        .map_err(|error| Error::DoesNotFit(error.to_string()))
}

/// Commits to a picture that is decoded, and writes the opening.
///
/// # Errors
/// [`Error`]; then no file was written.
pub fn write_opening(
    srs: &Srs,
    picture: &Decoded,
    image: &Path,
    output: &Path,
    public: bool,
    existing: Existing,
) -> Result<Commitment, Error> {
    let salts = if public { Salts::public() } else { Salts::random(OsRng) };
    let commitment = commitment(srs, picture, &salts)?;
    Opening::new(&commitment, &picture.raster, salts, !public, image, &picture.decoder)
        .write(output, existing)
        .map_err(|source| Error::Opening { path: output.into(), source })?;
    Ok(commitment)
}
