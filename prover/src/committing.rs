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
use std::path::{Path, PathBuf};
use veilmark_circuits::{
    column::Salts,
    commitment::Commitment,
    relation::{Falsehood, Picture, Shape},
};
use veilmark_files::Existing;
use veilmark_proof::{keys, opening::Opening, proof::ProofError};
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
}

/// Refuses pictures so plain that their fingerprint matches too many others.
///
/// # Errors
/// [`Error::Quality`].
pub fn require_quality(pdq: &Pdq) -> Result<(), Error> {
    if pdq.quality >= MIN_QUALITY { Ok(()) } else { Err(Error::Quality { quality: pdq.quality }) }
}

/// Checks, commits and writes the opening.
///
/// # Errors
/// [`Error`]; then no file was written.
pub fn commit(store: &Store, request: &CommitRequest, progress: &dyn Progress) -> Result<Committed, Error> {
    let CommitRequest { image, reading, claim, model, public, output, existing, .. } = request;
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
    let commitment = write_opening(&srs, &picture, image, output, *public, *existing)?;
    Ok(Committed { commitment, picture, pdq, srs_id: srs.id(), k })
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
    let opened = Picture { image: picture.raster.clone(), salts: salts.clone() };
    let shape = Shape::Picture { width: picture.raster.width(), height: picture.raster.height() };
    let commitment = Commitment::new(&srs.setup(), &PICTURE, &shape.header(srs.id().0, srs.k()), &opened.columns())
        .map_err(|error| Error::DoesNotFit(error.to_string()))?;
    Opening::new(&commitment, &picture.raster, salts, !public, image, &picture.decoder)
        .write(output, existing)
        .map_err(|source| Error::Opening { path: output.into(), source })?;
    Ok(commitment)
}
