//! Making a lost file again from the master secret that it followed from.
//!
//! An opening that is made again is marked: it shows the very picture and discloses it, and proves nothing, for nobody knows how
//! many proofs its salts hide already. Who wants to prove again commits again, under the next number. A committed fingerprint's
//! file is the same as before, since nothing is counted in it.
//!
//! What the caller must believe: a number that is tried is not taken by that.

use crate::{
    committing::{self, CommitRequest, Committed, Ready, Salted},
    decode,
    error::Error,
    outputs::{self, MayReplace},
    progress::Progress,
    store::Store,
};
use group::{Curve, Group};
use halo2_proofs::halo2curves::bn256::{G1, G1Affine};
use sha3::{Digest, Keccak256};
use std::path::PathBuf;
use veilmark_circuits::{
    column::{SALT_ROWS, Salts},
    commitment::{Commitment, MAX_PROOFS},
    relation::Shape,
};
use veilmark_files::{Existing, hex0x};
use veilmark_proof::{bundle::Bundle, fingerprint_file::FingerprintFile, opening::Derived};
use veilmark_secrets::{
    keeper::{Keeper, Taken},
    machine,
    master::{Purpose, Subject},
};
use veilmark_srs::Srs;
use veilmark_statement::{claim::PICTURE, fingerprint::Fingerprint, pdq, raster::Raster};

/// Numbers that are tried of each machine where a commitment is looked for and what was taken is not remembered.
const TRIED: u32 = 32;

/// Which of the commitments to a picture is meant.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// The commitment, as a bundle or a record has it.
    pub commitment: Option<[u8; 32]>,
    /// Its number.
    pub number: Option<u32>,
    /// The machine that took the number; without one, this machine and those before it.
    pub machine: Option<String>,
}

/// The seeds that may be meant: of a commitment all that are likely, otherwise those that were taken.
///
/// # Errors
/// [`Error::Secret`].
pub fn candidates(keeper: &Keeper, purpose: Purpose, subject: &Subject, which: &Which) -> Result<Vec<Taken>, Error> {
    let machines = match &which.machine {
        Some(name) => machine::check_name(name).map(|()| vec![name.clone()])?,
        None => keeper.machines()?,
    };
    let mut found = Vec::new();
    for machine in &machines {
        let taken = keeper.taken(purpose, machine, subject)?;
        let tried = if which.commitment.is_some() { taken.saturating_add(TRIED) } else { taken };
        let numbers = match which.number {
            // of a machine that is named nothing need be remembered
            Some(number) if number < tried || which.machine.is_some() => number..number.saturating_add(1),
            Some(_) => 0..0,
            None => 0..tried,
        };
        found.extend(numbers.map(|number| keeper.again(purpose, machine, subject, number)));
    }
    Ok(found)
}

/// The one that is meant, where no commitment tells.
///
/// # Errors
/// [`Error::NothingTaken`] or [`Error::SeveralTaken`].
pub fn only(candidates: Vec<Taken>) -> Result<Taken, Error> {
    let count = candidates.len();
    let mut candidates = candidates.into_iter();
    match (candidates.next(), count) {
        (Some(one), 1) => Ok(one),
        (None, _) => Err(Error::NothingTaken),
        (Some(_), _) => Err(Error::SeveralTaken { count }),
    }
}

/// Makes the opening of an earlier commitment to the picture again; it is marked as used up.
///
/// # Errors
/// [`Error`]; then no file was written.
pub fn commit_again(
    store: &Store,
    request: &CommitRequest,
    keeper: &Keeper,
    which: &Which,
    progress: &dyn Progress,
) -> Result<Committed, Error> {
    let ready = committing::ready(store, request, progress)?;
    let subject = committing::subject(&ready.srs, &ready.picture);
    let candidates = candidates(keeper, Purpose::Opening, &subject, which)?;
    let found = match which.commitment {
        None => only(candidates)?,
        Some(wanted) => search(&ready, candidates, wanted)?,
    };
    let salted = Salted {
        salts: Salts::expand(&found.seed, SALT_ROWS),
        derived: Some(Derived { machine: found.machine, number: found.number }),
    };
    committing::finish(ready, request, salted, true)
}

/// The seed under which the picture has the commitment. A commitment is the sum of one of the picture and one of the salts, so the
/// picture is committed to once, however many seeds are tried.
fn search(Ready { srs, picture, .. }: &Ready, candidates: Vec<Taken>, wanted: [u8; 32]) -> Result<Taken, Error> {
    let (width, height) = (picture.raster.width(), picture.raster.height());
    let header = Shape::Picture { width, height }.header(srs.id().0, srs.k());
    let unsalted = committing::commitment(srs, picture, &Salts::public())?;
    let mut black = picture.clone();
    black.raster = Raster::new(width, height, vec![[0; 3]; picture.raster.pixels().len()])?;
    let tried = candidates.len();
    for candidate in candidates {
        let salts = committing::commitment(srs, &black, &Salts::expand(&candidate.seed, SALT_ROWS))?;
        let sum = |(a, b): (&G1Affine, &G1Affine)| (G1::identity() + a + b).to_affine();
        let points = unsalted.points().iter().zip(salts.points()).map(sum).collect();
        if Commitment::of_points(&PICTURE, &header, points).digest() == wanted {
            return Ok(candidate);
        }
    }
    Err(Error::NotOfThisSecret { commitment: hex0x(&wanted), tried })
}

/// The file of a committed fingerprint, whose salts are of one proof, and of nothing else.
pub(crate) fn fingerprint_file(
    keeper: &Keeper,
    srs: &Srs,
    image_commitment: &[u8; 32],
    fingerprint: Fingerprint,
    proof: u32,
) -> FingerprintFile {
    // with the fingerprint: two of them must not share salts, whatever is counted
    let digest = Keccak256::new().chain_update(image_commitment).chain_update(fingerprint.to_bytes()).finalize();
    let subject = Subject { digest: digest.into(), setup: srs.id().0, k: srs.k() };
    FingerprintFile::with_seed(fingerprint, keeper.only(Purpose::Fingerprint, &subject, proof))
}

/// Whose committed fingerprint is to be opened again, and where its file goes.
#[derive(Clone, Debug)]
pub struct FingerprintRequest {
    /// The picture.
    pub image: PathBuf,
    /// How its file is read.
    pub reading: decode::Options,
    /// The fingerprint that was claimed, if it was not the picture's own.
    pub against: Option<Fingerprint>,
    /// Where the fingerprint's file goes.
    pub output: PathBuf,
}

/// Makes the file of a bundle's committed fingerprint again, as it was.
///
/// # Errors
/// [`Error`]; then no file was written.
pub fn fingerprint_again(
    store: &Store,
    bundle: &Bundle,
    request: &FingerprintRequest,
    keeper: &Keeper,
    progress: &dyn Progress,
) -> Result<FingerprintFile, Error> {
    let FingerprintRequest { image, reading, against, output } = request;
    if !bundle.claim.hides_fingerprint() {
        return Err(Error::HasNo { claim: bundle.claim, what: "hidden fingerprint" });
    }
    outputs::check_output(output, Existing::Keep, &[image], MayReplace::Nothing)?;
    let fingerprint = match against {
        Some(fingerprint) => *fingerprint,
        None => pdq::pdq(&decode::decode(image, reading)?.raster).fingerprint,
    };
    let srs = store.setup(bundle.k, Some(bundle.srs_id), progress)?;
    let commitment = bundle.image_commitment();
    for proof in 1..=MAX_PROOFS {
        let file = fingerprint_file(keeper, &srs, &commitment, fingerprint, proof);
        let hidden = file.commitment(&srs).map_err(|error| Error::DoesNotFit(error.to_string()))?;
        if hidden.digest() == bundle.fingerprint.to_bytes() {
            file.write(output, Existing::Keep)
                .map_err(|source| Error::FingerprintFile { path: output.clone(), source })?;
            return Ok(file);
        }
    }
    let tried = MAX_PROOFS as usize;
    Err(Error::NotOfThisSecret { commitment: hex0x(&bundle.fingerprint.to_bytes()), tried })
}

#[cfg(test)]
#[path = "again_tests.rs"]
mod tests;
