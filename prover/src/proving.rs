//! Proving, in the order in which nothing can be lost.
//!
//! Three steps, each the only way to the next. [`ProofRequest::check`] reads files and refuses whatever can be refused without
//! work. [`Checked::prepare`] reads the setup, makes or reads the key and commits again. [`Prepared::prove`] counts the proof
//! against every secret it uses up, makes it, writes the committed fingerprint's file, and then the bundle. A crash
//! leaves a proof counted too many, never one too few, and never a salted hash that nobody can open.

use crate::{
    again,
    committing::require_quality,
    decode::{self, Decoded},
    error::{Budget, Error},
    estimate::Estimate,
    machine,
    outputs::{self, MayReplace},
    progress::{Event, Progress},
    store::Store,
};
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};
use veilmark_circuits::{
    commitment::Commitment,
    relation::{Falsehood, Generator, Inputs, Picture, Shape},
};
use veilmark_files::{self as files, Existing};
use veilmark_halo2::{Options, ProvingKey};
use veilmark_proof::{
    bundle::Bundle,
    claims::Under,
    fingerprint_file::FingerprintFile,
    keys::{self, ClaimShape},
    latent_file::{LatentError, LatentFile},
    model_file::ModelFile,
    opening::{Opening, OpeningError},
    proof::ProofError,
};
use veilmark_secrets::keeper::Keeper;
use veilmark_srs::Srs;
use veilmark_statement::{
    claim::{Claim, PICTURE, PROMPT},
    fingerprint::{Fingerprint, MATCH_DISTANCE},
    pdq,
    public::{Binding, PublicInputs},
};

/// The secret files of a claim with a model.
#[derive(Clone, Debug)]
pub struct GeneratorFiles {
    /// The owner's file of the model.
    pub model: PathBuf,
    /// The latent's file.
    pub latent: PathBuf,
}

/// What to prove, and where it goes.
#[derive(Clone, Debug)]
pub struct ProofRequest {
    /// The claim.
    pub claim: Claim,
    /// The very picture that was committed to.
    pub image: PathBuf,
    /// How its file is read.
    pub reading: decode::Options,
    /// The opening of its commitment.
    pub opening: PathBuf,
    /// In a claim with a model: what the picture was generated with.
    pub generator: Option<GeneratorFiles>,
    /// The fingerprint to claim; without one, the picture's own.
    pub against: Option<Fingerprint>,
    /// The largest distance to claim, in bits.
    pub tolerance: Option<u8>,
    /// In the claim of a committed fingerprint: where its file goes.
    pub fingerprint_out: Option<PathBuf>,
    /// The master secret that a committed fingerprint's salts follow from; without one they are random.
    pub secret: Option<Arc<Keeper>>,
    /// Where the bundle goes.
    pub output: PathBuf,
    /// What becomes of files that are there.
    pub existing: Existing,
}

/// A request that nothing speaks against, as far as the files tell.
pub struct Checked<'r> {
    request: &'r ProofRequest,
    opening: Opening,
    picture: Decoded,
    generator: Option<(ModelFile, LatentFile)>,
    fingerprint: Fingerprint,
    tolerance: u8,
    distance: Option<u32>,
}

/// A request with everything at hand that its proof takes; nothing was counted or written.
pub struct Prepared<'r> {
    checked: Checked<'r>,
    srs: Srs,
    shape: ClaimShape,
    key: ProvingKey,
    memory: Option<u64>,
    vk_hash: [u8; 32],
    commitments: Vec<Commitment>,
    generator: Option<Generator>,
    secret: Option<(&'r Path, FingerprintFile)>,
    public: PublicInputs,
    binding: Binding,
}

/// What was proved.
#[derive(Debug)]
pub struct Proved {
    /// The bundle, as it was written.
    pub bundle: Bundle,
    /// Bits between the picture's fingerprint and the one claimed; `None` in a claim without one.
    pub distance: Option<u32>,
    /// Proofs counted against the opening, this one with them.
    pub proofs_made: u32,
    /// Proofs left; `None` for an opening that hides nothing.
    pub proofs_left: Option<u32>,
}

macro_rules! secret_debug {
    ($($type:ident),*) => {
        $(impl std::fmt::Debug for $type<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(secret)"))
            }
        })*
    };
}
secret_debug!(Checked, Prepared);

fn goes_on(progress: &dyn Progress) -> Result<(), Error> {
    if progress.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
}

impl ProofRequest {
    fn at_opening(&self, source: OpeningError) -> Error {
        Error::Opening { path: self.opening.clone(), source }
    }

    /// Reads the files and checks everything that costs no work.
    ///
    /// # Errors
    /// [`Error`]; nothing was counted or written.
    pub fn check(&self, progress: &dyn Progress) -> Result<Checked<'_>, Error> {
        let generator = self.generator_files()?;
        // all but the picture are secret
        let mut inputs: Vec<&Path> = vec![&self.image, &self.opening];
        inputs.extend(self.generator.iter().flat_map(|files| [files.model.as_path(), &files.latent]));
        outputs::check_output(&self.output, self.existing, &inputs, MayReplace::Nothing)?;
        self.check_fingerprint_out(&inputs)?;
        let opening = Opening::read(&self.opening).map_err(|source| self.at_opening(source))?;
        for secret in inputs.into_iter().skip(1).filter(|path| files::is_readable_by_others(path)) {
            progress.event(Event::ReadableByOthers(secret));
        }
        if !opening.hiding && self.claim.hides_fingerprint() {
            return Err(Error::Unsalted { path: self.opening.clone() });
        }
        opening.require_proofs_left().map_err(|source| self.at_opening(source))?;
        let picture = decode::decode(&self.image, &self.reading)?;
        if picture.decoder != opening.decoder {
            progress.event(Event::OtherDecoder { committed: &opening.decoder, now: &picture.decoder });
        }
        opening.check_picture(&picture.raster).map_err(|source| self.at_opening(source))?;
        if let Some((owned, latent)) = &generator {
            self.check_generated(&opening, &picture, owned, latent)?;
        }
        let (fingerprint, tolerance, distance) = self.claimed(&picture)?;
        Ok(Checked { request: self, opening, picture, generator, fingerprint, tolerance, distance })
    }

    fn generator_files(&self) -> Result<Option<(ModelFile, LatentFile)>, Error> {
        let claim = self.claim;
        match (&self.generator, claim.has_model()) {
            (None, false) => Ok(None),
            (None, true) => Err(Error::Needs { claim, what: "the model's file and the latent's" }),
            (Some(_), false) => Err(Error::HasNo { claim, what: "model and no latent" }),
            (Some(GeneratorFiles { model, latent }), true) => {
                let owned = ModelFile::read(model).map_err(|source| Error::Model { path: model.clone(), source })?;
                let at_latent = |source| Error::Latent { path: latent.clone(), source };
                let file = LatentFile::read(latent).map_err(at_latent)?;
                file.check_model(owned.model.architecture()).map_err(at_latent)?;
                Ok(Some((owned, file)))
            }
        }
    }

    /// The claim of a committed fingerprint, and no other, writes the fingerprint's file.
    fn check_fingerprint_out(&self, inputs: &[&Path]) -> Result<(), Error> {
        let claim = self.claim;
        match &self.fingerprint_out {
            None if claim.hides_fingerprint() => {
                Err(Error::Needs { claim, what: "a file for the fingerprint, or nobody could open its salted hash" })
            }
            Some(_) if !claim.hides_fingerprint() => Err(Error::HasNo { claim, what: "fingerprint to hide" }),
            Some(path) if outputs::is_one_output(path, &self.output) => Err(Error::OneOutput),
            Some(path) => outputs::check_output(path, self.existing, inputs, MayReplace::Nothing),
            None => Ok(()),
        }
    }

    /// That the model made the picture, that everything is committed alike, and that proofs are left.
    fn check_generated(
        &self,
        opening: &Opening,
        picture: &Decoded,
        owned: &ModelFile,
        latent: &LatentFile,
    ) -> Result<(), Error> {
        let (ours, models) = ((opening.srs_id, opening.k), (owned.srs_id, owned.k));
        if ours != models {
            return Err(Error::OtherDomain { path: self.opening.clone(), picture: ours, model: models });
        }
        let is_false = |falsehood| Err(ProofError::False(falsehood).into());
        let architecture = owned.model.architecture();
        let (expected, got) = (architecture.latent as usize, latent.entries().len());
        if expected != got {
            return is_false(Falsehood::Latent { expected, got });
        }
        let (expected, got) = ((architecture.width, architecture.height), (opening.width, opening.height));
        if expected != got {
            return is_false(Falsehood::PictureSize { expected, got });
        }
        let made = owned.model.generate(latent.entries());
        let different = made.pixels().iter().zip(picture.raster.pixels()).filter(|(a, b)| a != b).count();
        if different > 0 {
            return is_false(Falsehood::OtherPicture { different, pixels: made.pixels().len() });
        }
        match (latent.remaining(), owned.remaining()) {
            (0, _) if latent.made_again => {
                let path = self.generator.as_ref().map(|files| files.latent.clone()).unwrap_or_default();
                Err(Error::Latent { path, source: LatentError::MadeAgain })
            }
            (0, _) => Err(Error::UsedUp { budget: Budget::Latent }),
            (_, Some(0)) => Err(Error::UsedUp { budget: Budget::Model }),
            _ => Ok(()),
        }
    }

    /// Fingerprint, tolerance and distance to claim: nothing in a claim without a fingerprint.
    fn claimed(&self, picture: &Decoded) -> Result<(Fingerprint, u8, Option<u32>), Error> {
        if !self.claim.has_fingerprint() {
            if self.against.is_some() || self.tolerance.is_some() {
                return Err(Error::HasNo { claim: self.claim, what: "fingerprint and no tolerance" });
            }
            return Ok((Fingerprint::default(), 0, None));
        }
        let pdq = pdq::pdq(&picture.raster);
        require_quality(&pdq)?;
        let fingerprint = self.against.unwrap_or(pdq.fingerprint);
        let tolerance = self.tolerance.unwrap_or(if self.against.is_some() { MATCH_DISTANCE } else { 0 });
        let distance = pdq.fingerprint.distance(fingerprint);
        if distance > u32::from(tolerance) {
            return Err(ProofError::False(Falsehood::Distance { distance, tolerance }).into());
        }
        Ok((fingerprint, tolerance, Some(distance)))
    }
}

impl<'r> Checked<'r> {
    /// What of the picture's file was not followed.
    pub fn notes(&self) -> &[decode::Note] {
        &self.picture.notes
    }

    /// What the proof will take here.
    pub fn estimate(&self, threads: usize) -> Estimate {
        Estimate::new(self.request.claim, self.opening.k, threads)
    }

    /// Reads the setup, makes or reads the key, and commits again.
    ///
    /// # Errors
    /// [`Error`]; nothing was counted or written.
    pub fn prepare(
        self,
        store: &Store,
        binding: Binding,
        memory: Option<u64>,
        progress: &dyn Progress,
    ) -> Result<Prepared<'r>, Error> {
        let (claim, k) = (self.request.claim, self.opening.k);
        let estimate = self.estimate(machine::threads());
        estimate.require(memory)?;
        let memory = estimate.allowance(memory);
        let shape = match &self.generator {
            Some((owned, _)) => ClaimShape::of_model(claim, Arc::new(owned.model.architecture().clone()), k),
            None => ClaimShape::of_picture(claim, (self.opening.width, self.opening.height), k),
        };
        let shape = shape.ok_or(Error::Needs { claim, what: "a circuit, which this program does not have" })?;
        goes_on(progress)?;
        let srs = store.setup(k, Some(self.opening.srs_id), progress)?;
        if srs.is_unsafe() {
            progress.event(Event::UnsafeSetup);
        }
        let fits = |error: veilmark_circuits::commitment::DoesNotFit| Error::DoesNotFit(error.to_string());
        let secret = self.request.fingerprint_out.as_deref().map(|path| (path, self.hidden_fingerprint(&srs)));
        let generated = self.generated(&srs)?;
        goes_on(progress)?;
        let key = store.keys()?.proving_key(&srs, &shape, &|text| progress.event(Event::Keys(text)))?;
        let vk_hash = keys::vk_hash(&srs, key.vk(), &shape)?;
        goes_on(progress)?;
        let columns = self.opened().columns();
        let own = Commitment::new(&srs.setup(), &PICTURE, &shape.header(&srs), &columns).map_err(fits)?;
        self.opening.check_commitment(&own).map_err(|source| self.request.at_opening(source))?;
        let mut commitments = vec![own];
        let mut fingerprint = self.fingerprint;
        if let Some((_, file)) = &secret {
            let hidden = file.commitment(&srs).map_err(fits)?;
            fingerprint = Fingerprint::from_bytes(hidden.digest());
            commitments.push(hidden);
        }
        let generator = generated.map(|(generator, two)| {
            commitments.extend(two);
            generator
        });
        let public = PublicInputs::new(fingerprint, self.tolerance, binding.context());
        Ok(Prepared {
            checked: self,
            srs,
            shape,
            key,
            memory,
            vk_hash,
            commitments,
            generator,
            secret,
            public,
            binding,
        })
    }

    /// The committed fingerprint's file; its salts are the proof's own, of which this is to be the next.
    fn hidden_fingerprint(&self, srs: &Srs) -> FingerprintFile {
        match &self.request.secret {
            None => FingerprintFile::new(self.fingerprint),
            Some(keeper) => {
                let commitment = &self.opening.image_commitment;
                let proof = self.opening.proofs_made.saturating_add(1);
                again::fingerprint_file(keeper, srs, commitment, self.fingerprint, proof)
            }
        }
    }

    fn opened(&self) -> Picture {
        Picture { image: self.picture.raster.clone(), salts: self.opening.salts().clone() }
    }

    /// The generator's witness, with the commitments of latent and model.
    fn generated(&self, srs: &Srs) -> Result<Option<(Generator, [Commitment; 2])>, Error> {
        let (Some((owned, latent)), Some(files)) = (&self.generator, &self.request.generator) else { return Ok(None) };
        let (model, weights) = owned.open(srs).map_err(|source| Error::Model { path: files.model.clone(), source })?;
        let generator = Generator::new(&owned.model, latent.entries().to_vec(), latent.salts(), weights)
            .map_err(|error| Error::DoesNotFit(error.to_string()))?;
        let header = Shape::Model(generator.architecture.clone()).header(srs.id().0, srs.k());
        let prompt = Commitment::new(&srs.setup(), &PROMPT, &header, &[generator.latent_column()])
            .map_err(|error| Error::DoesNotFit(error.to_string()))?;
        Ok(Some((generator, [prompt, model])))
    }
}

impl Prepared<'_> {
    /// The hash of the verifying key, which a chain's router must know before the bundle can be registered.
    pub fn vk_hash(&self) -> [u8; 32] {
        self.vk_hash
    }

    /// Counts the proof, makes it, and writes the files.
    ///
    /// # Errors
    /// [`Error`]. From the first counting on the proof is counted, whatever happens; after an error no bundle was written.
    pub fn prove(self, progress: &dyn Progress) -> Result<Proved, Error> {
        goes_on(progress)?;
        let request = self.checked.request;
        // Counted first: a crash from here on counts a proof too many, never one too few.
        let spent = self.count()?;
        let picture = Picture { image: self.checked.picture.raster.clone(), salts: spent.salts().clone() };
        let inputs = Inputs {
            pictures: vec![picture],
            fingerprint: self.secret.as_ref().map(|(_, file)| file.opened()),
            generator: self.generator,
        };
        let told = |step| {
            progress.event(Event::Proving(step));
            if progress.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = Options { memory: self.memory, progress: Some(&told), ..Options::default() };
        let under = Under { srs: &self.srs, key: &self.key, vk_hash: &self.vk_hash };
        let proof = self.shape.entry().prove(under, inputs, &self.commitments, &self.public, &options)?;
        let bundle = Bundle {
            claim: self.shape.claim(),
            k: self.shape.k,
            size: self.shape.size(),
            architecture: self.shape.architecture_hash(),
            vk_hash: self.vk_hash,
            srs_id: self.srs.id(),
            commitments: self.commitments.iter().map(Commitment::digest).collect(),
            fingerprint: self.public.fingerprint,
            tolerance: self.public.tolerance,
            binding: self.binding,
            extra: self.public.extra.clone(),
            decoder: self.checked.picture.decoder.clone(),
            proof,
        };
        // before the bundle: a salted hash that nobody can open is worth nothing
        if let Some((path, file)) = &self.secret {
            file.write(path, request.existing)
                .map_err(|source| Error::FingerprintFile { path: path.to_path_buf(), source })?;
        }
        bundle
            .write(&request.output, request.existing)
            .map_err(|source| Error::Bundle { path: request.output.clone(), source })?;
        Ok(Proved {
            bundle,
            distance: self.checked.distance,
            proofs_made: spent.proofs_made,
            proofs_left: spent.remaining(),
        })
    }

    /// Counts the proof against the opening, the latent and the model, which must still be those that were checked.
    fn count(&self) -> Result<Opening, Error> {
        let Checked { request, opening, generator, .. } = &self.checked;
        let changed = |path: &Path| Error::ChangedMeanwhile { path: path.into() };
        let spent = Opening::spend(&request.opening).map_err(|source| request.at_opening(source))?;
        // salts that follow from the proof's number are of that number only
        let is_numbered = request.secret.is_some() && self.secret.is_some();
        let is_next = spent.proofs_made == opening.proofs_made.saturating_add(1);
        if spent.image_commitment != opening.image_commitment || (is_numbered && !is_next) {
            return Err(changed(&request.opening));
        }
        if let (Some((owned, latent)), Some(files)) = (generator, &request.generator) {
            let at_latent = |source| Error::Latent { path: files.latent.clone(), source };
            if LatentFile::spend(&files.latent).map_err(at_latent)?.salts() != latent.salts() {
                return Err(changed(&files.latent));
            }
            let at_model = |source| Error::Model { path: files.model.clone(), source };
            if ModelFile::spend(&files.model).map_err(at_model)?.model_hash != owned.model_hash {
                return Err(changed(&files.model));
            }
        }
        Ok(spent)
    }
}

#[cfg(test)]
#[path = "proving_tests.rs"]
mod tests;
