//! The very picture: showing, and checking, that a picture or a prompt's latent is the committed one.
//!
//! The owner shows it with the opening, or gives away a disclosure ([`disclose_picture`], [`disclose_latent`]) that whoever has the picture can
//! check, and nobody can prove with. What a *no* means: this picture and this evidence do not belong to the commitment. It does not say that
//! somebody lied: a copy that was compressed again has other pixels.

#[cfg(feature = "prove")]
use crate::{
    decode,
    outputs::{self, MayReplace},
    verifying::{self, AnyModel},
};
use crate::{
    error::Error,
    progress::{Event, Progress},
    store::Store,
};
#[cfg(feature = "prove")]
use rand_core::OsRng;
#[cfg(feature = "prove")]
use std::{path::PathBuf, sync::Arc};
use veilmark_circuits::{
    commitment::Commitment,
    disclosure::Content,
    relation::{Picture, Shape},
};
#[cfg(feature = "prove")]
use veilmark_circuits::{
    committed,
    disclosure::{Disclosure, DisclosureError},
    statement::claim::PROMPT,
};
#[cfg(feature = "prove")]
use veilmark_files::Existing;
use veilmark_files::hex0x;
#[cfg(feature = "prove")]
use veilmark_proof::latent_file::LatentFile;
use veilmark_proof::{disclosure_file::DisclosureFile, keys, opening::Opening};
use veilmark_srs::{Srs, SrsId};
use veilmark_statement::{
    claim::{PICTURE, Role},
    model::Architecture,
    raster::Raster,
};

/// What shows that a picture is the committed one.
#[derive(Clone, Copy, Debug)]
pub enum Evidence<'e> {
    /// The owner's opening.
    Opening(&'e Opening),
    /// What the owner gave away.
    Disclosure(&'e DisclosureFile),
}

/// A setup whose points are the powers of one secret: with points of somebody's choice a commitment opens to whatever they like.
fn setup(store: &Store, k: u32, id: SrsId, progress: &dyn Progress) -> Result<Srs, Error> {
    let srs = store.setup(k, Some(id), progress)?;
    if srs.is_unsafe() {
        progress.event(Event::UnsafeSetup);
    }
    keys::check_powers(&srs, &|text| progress.event(Event::Keys(text))).map_err(Error::Setup)?;
    Ok(srs)
}

fn same(what: &'static str, expected: [u8; 32], got: [u8; 32]) -> Result<(), Error> {
    let (expected, got) = (hex0x(&expected), hex0x(&got));
    if expected == got { Ok(()) } else { Err(Error::OtherCommitment { what, expected, got }) }
}

fn about(file: &DisclosureFile, role: Role) -> Result<(), Error> {
    if file.role() == role {
        return Ok(());
    }
    Err(Error::DisclosureOf { expected: role.name(), got: file.role().name() })
}

fn commitment_of(srs: &Srs, opening: &Opening, image: &Raster) -> Result<Commitment, Error> {
    let opened = Picture { image: image.clone(), salts: opening.salts().clone() };
    let shape = Shape::Picture { width: image.width(), height: image.height() };
    let header = shape.header(srs.id().0, srs.k());
    Commitment::new(&srs.setup(), &PICTURE, &header, &opened.columns())
        .map_err(|error| Error::DoesNotFit(error.to_string()))
}

/// Whether a picture is the one under a commitment.
///
/// # Errors
/// [`Error`] where the evidence is about another commitment, is damaged, or cannot be checked here.
pub fn is_committed_picture(
    store: &Store,
    commitment: [u8; 32],
    image: &Raster,
    evidence: Evidence<'_>,
    progress: &dyn Progress,
) -> Result<bool, Error> {
    match evidence {
        Evidence::Opening(opening) => {
            same("opening", commitment, opening.image_commitment)?;
            if (opening.width, opening.height) != (image.width(), image.height()) {
                return Ok(false);
            }
            let srs = setup(store, opening.k, opening.srs_id, progress)?;
            let got = commitment_of(&srs, opening, image)?;
            if got.digest() == commitment {
                return Ok(true);
            }
            // with its own picture an opening opens its commitment, or it is none
            match opening.check_picture(image) {
                Ok(()) => same("salts", commitment, got.digest()).map(|()| false),
                Err(_) => Ok(false),
            }
        }
        Evidence::Disclosure(file) => {
            about(file, Role::Picture)?;
            same("disclosure", commitment, file.commitment.digest())?;
            let srs = setup(store, file.commitment.k(), file.srs_id(), progress)?;
            Ok(file.disclosure.shows(&srs.setup(), &file.commitment, Content::Picture(image)))
        }
    }
}

/// Whether a latent, which a prompt became, is the one under a commitment.
///
/// # Errors
/// As [`is_committed_picture`].
pub fn is_committed_latent(
    store: &Store,
    commitment: [u8; 32],
    architecture: &Architecture,
    latent: &[i8],
    file: &DisclosureFile,
    progress: &dyn Progress,
) -> Result<bool, Error> {
    about(file, Role::Prompt)?;
    same("disclosure", commitment, file.commitment.digest())?;
    let srs = setup(store, file.commitment.k(), file.srs_id(), progress)?;
    Ok(file.disclosure.shows(&srs.setup(), &file.commitment, Content::Latent(architecture, latent)))
}

/// What to show of a commitment to a picture.
#[cfg(feature = "prove")]
#[derive(Clone, Debug)]
pub struct PictureRequest {
    /// The opening.
    pub opening: PathBuf,
    /// The picture; the file that the opening names where it is not said.
    pub image: Option<PathBuf>,
    /// How its file is read.
    pub reading: decode::Options,
    /// Where the disclosure goes.
    pub output: PathBuf,
    /// What becomes of a file that is there.
    pub existing: Existing,
}

/// Writes a disclosure of a picture. No proof is counted: a disclosure shows nothing of the salts.
///
/// # Errors
/// [`Error`]; then no file was written.
#[cfg(feature = "prove")]
pub fn disclose_picture(
    store: &Store,
    request: &PictureRequest,
    progress: &dyn Progress,
) -> Result<DisclosureFile, Error> {
    let at_opening = |source| Error::Opening { path: request.opening.clone(), source };
    let opening = Opening::read(&request.opening).map_err(at_opening)?;
    let path = request.image.clone().unwrap_or_else(|| PathBuf::from(&opening.image));
    let inputs = [request.opening.as_path(), &path];
    outputs::check_output(&request.output, request.existing, &inputs, MayReplace::Nothing)?;
    if !opening.hiding {
        return Err(Error::NothingHidden { path: request.opening.clone() });
    }
    let picture = decode::decode(&path, &request.reading)?;
    if picture.decoder != opening.decoder {
        progress.event(Event::OtherDecoder { committed: &opening.decoder, now: &picture.decoder });
    }
    opening.check_picture(&picture.raster).map_err(at_opening)?;
    let srs = setup(store, opening.k, opening.srs_id, progress)?;
    let commitment = commitment_of(&srs, &opening, &picture.raster)?;
    opening.check_commitment(&commitment).map_err(at_opening)?;
    let disclosure =
        Disclosure::new(&srs.setup(), &commitment, Content::Picture(&picture.raster), opening.salts(), OsRng)
            .map_err(not_made)?;
    let file = DisclosureFile { commitment, decoder: picture.decoder, disclosure };
    write(&file, &request.output, request.existing)?;
    Ok(file)
}

/// What to show of a commitment to a latent.
#[cfg(feature = "prove")]
#[derive(Clone, Debug)]
pub struct LatentRequest {
    /// The latent.
    pub latent: PathBuf,
    /// The model's file, the owner's or the public one: it fixes setup and rows.
    pub model: PathBuf,
    /// Where the disclosure goes.
    pub output: PathBuf,
    /// What becomes of a file that is there.
    pub existing: Existing,
}

/// Writes a disclosure of a latent.
///
/// # Errors
/// [`Error`]; then no file was written.
#[cfg(feature = "prove")]
pub fn disclose_latent(
    store: &Store,
    request: &LatentRequest,
    progress: &dyn Progress,
) -> Result<DisclosureFile, Error> {
    let inputs = [request.latent.as_path(), &request.model];
    outputs::check_output(&request.output, request.existing, &inputs, MayReplace::Nothing)?;
    let at_latent = |source| Error::Latent { path: request.latent.clone(), source };
    let latent = LatentFile::read(&request.latent).map_err(at_latent)?;
    let (architecture, k, srs_id) = match verifying::read_model(&request.model)? {
        AnyModel::Owner(owned) => (owned.model.architecture().clone(), owned.k, owned.srs_id),
        AnyModel::Public(public) => (public.architecture, public.commitment.k(), SrsId(public.commitment.srs_id())),
    };
    latent.check_model(&architecture).map_err(at_latent)?;
    let srs = setup(store, k, srs_id, progress)?;
    let header = Shape::Model(Arc::new(architecture.clone())).header(srs.id().0, srs.k());
    let columns = [committed::latent(&architecture, latent.entries(), &latent.salts())];
    let commitment = Commitment::new(&srs.setup(), &PROMPT, &header, &columns)
        .map_err(|error| Error::DoesNotFit(error.to_string()))?;
    let content = Content::Latent(&architecture, latent.entries());
    let disclosure = Disclosure::new(&srs.setup(), &commitment, content, &latent.salts(), OsRng).map_err(not_made)?;
    let file = DisclosureFile { commitment, decoder: String::new(), disclosure };
    write(&file, &request.output, request.existing)?;
    Ok(file)
}

#[cfg(feature = "prove")]
fn not_made(error: DisclosureError) -> Error {
    Error::DoesNotFit(error.to_string())
}

#[cfg(feature = "prove")]
fn write(file: &DisclosureFile, path: &std::path::Path, existing: Existing) -> Result<(), Error> {
    file.write(path, existing).map_err(|source| Error::Disclosure { path: path.into(), source })
}

/// Reads a disclosure.
///
/// # Errors
/// [`Error::Disclosure`].
pub fn read_disclosure(path: &std::path::Path) -> Result<DisclosureFile, Error> {
    DisclosureFile::read(path).map_err(|source| Error::Disclosure { path: path.into(), source })
}
