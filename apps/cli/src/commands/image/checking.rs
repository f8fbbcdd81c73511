//! Making bundles and checking them: what `prove`, `verify`, `register` and `demo` share.

use crate::{
    failure::{Failure, Kind},
    output::Ui,
};
use halo2_proofs::{
    halo2curves::bn256::G1Affine,
    plonk::{ProvingKey, VerifyingKey},
};
use std::{io::Read, path::Path, sync::Arc};
use veilmark::{
    bundle::{Bundle, BundleError, BundleModel},
    decode::Decoded,
    files::{self, hex0x},
    fingerprint_file::FingerprintFile,
    keys::{self, ClaimShape, KeyCache},
    latent_file::LatentFile,
    model_file::{self, ModelFile, ModelFileError, PublicModel},
    opening::Opening,
    proof::{self, Commitments, Phase, ProofError},
    srs::{Srs, SrsId},
    statement::public::Binding,
};
use veilmark_circuits::{
    claims::model::{Secrets, WeightCells},
    commitment::{FingerprintCommitment, ImageCommitment, ModelCommitment, PromptCommitment, latent_column},
    statement::{
        fingerprint::MATCH_DISTANCE,
        model::{Architecture, Model},
        public::{Claim, FingerprintPublic},
    },
};

/// A proving key and what it is for.
pub(crate) struct Prover<'s> {
    srs: &'s Srs,
    shape: ClaimShape,
    key: ProvingKey<G1Affine>,
    vk_hash: [u8; 32],
}

/// A model and a latent that are opened: what a claim with a model is proved from, beside the picture.
pub(crate) struct Generator<'g> {
    pub(crate) model: &'g Model,
    pub(crate) latent: &'g LatentFile,
    model_commitment: ModelCommitment,
    prompt_commitment: PromptCommitment,
    weights: WeightCells,
}

/// What a claim is proved from, beside the picture.
pub(crate) enum Beside<'b> {
    /// The fingerprint claim: nothing.
    Nothing,
    /// The claim of a committed fingerprint: the fingerprint's file.
    Fingerprint(&'b FingerprintFile),
    /// A claim with a model.
    Model(&'b Generator<'b>),
}

impl<'g> Generator<'g> {
    /// Commits to both under the setup, which must be the model's.
    pub(crate) fn new(srs: &Srs, owned: &'g ModelFile, latent: &'g LatentFile) -> Result<Self, Failure> {
        let (model_commitment, columns) = owned.open(srs)?;
        let column = latent_column(owned.model.architecture(), latent.entries(), &latent.salts());
        let prompt_commitment = PromptCommitment::new(srs.params(), srs.id().0, model_commitment.architecture, column)
            .map_err(|error| {
                Failure::new(Kind::Unsupported, error.to_string(), "import the model with a larger --k")
            })?;
        let weights = WeightCells::new(columns);
        Ok(Self { model: &owned.model, latent, model_commitment, prompt_commitment, weights })
    }
}

impl<'s> Prover<'s> {
    /// Takes the key from the cache, or makes it.
    pub(crate) fn new(ui: &Ui, srs: &'s Srs, cache: &KeyCache, shape: ClaimShape) -> Result<Self, Failure> {
        let key = cache.proving_key(srs, &shape, &|text| ui.note(text))?;
        let vk_hash = keys::vk_hash(srs, key.get_vk(), &shape)?;
        Ok(Self { srs, shape, key, vk_hash })
    }

    /// The verifying key's hash.
    pub(crate) fn vk_hash(&self) -> [u8; 32] {
        self.vk_hash
    }

    /// The commitment of picture and opening, which must be the opening's.
    pub(crate) fn commitment(&self, picture: &Decoded, opening: &Opening) -> Result<ImageCommitment, Failure> {
        let commitment = ImageCommitment::new(self.srs.params(), self.srs.id().0, &picture.raster, opening.salts())
            .map_err(|error| Failure::new(Kind::Unsupported, error.to_string(), "commit again with a larger --k"))?;
        opening.check_commitment(&commitment)?;
        Ok(commitment)
    }

    /// Makes a proof and puts it in a bundle.
    #[allow(clippy::too_many_arguments)] // what is beside the picture is the one more
    pub(crate) fn prove(
        &self,
        picture: &Decoded,
        opening: &Opening,
        commitment: &ImageCommitment,
        beside: &Beside<'_>,
        public: &FingerprintPublic,
        binding: Binding,
        progress: &dyn Fn(Phase),
    ) -> Result<Bundle, Failure> {
        let (image, salts) = (&picture.raster, opening.salts());
        let proof = match beside {
            Beside::Nothing => {
                proof::prove_fingerprint(self.srs, &self.key, image, salts, commitment, public, progress)?
            }
            Beside::Fingerprint(file) => {
                let (fingerprint, own) = (file.fingerprint, committed(file, self.srs)?);
                let committed = proof::Committed { fingerprint, salts: &file.salts(), commitment: &own };
                proof::prove_committed_fingerprint(
                    self.srs, &self.key, image, salts, commitment, committed, public, progress,
                )?
            }
            Beside::Model(generator) => {
                let secrets = Secrets {
                    image: salts.clone(),
                    latent: generator.latent.salts(),
                    weights: generator.weights.clone(),
                };
                let commitments = Commitments {
                    image: commitment,
                    prompt: &generator.prompt_commitment,
                    model: &generator.model_commitment,
                };
                proof::prove_model(
                    self.srs,
                    &self.key,
                    self.shape.claim(),
                    generator.model,
                    generator.latent.entries(),
                    image,
                    secrets,
                    commitments,
                    public,
                    progress,
                )?
            }
        };
        Ok(Bundle {
            claim: self.shape.claim(),
            k: self.shape.k,
            size: self.shape.size(),
            vk_hash: self.vk_hash,
            srs_id: self.srs.id(),
            image_commitment: commitment.digest(),
            model: match beside {
                Beside::Model(generator) => Some(BundleModel {
                    architecture: self.shape.architecture_hash(),
                    model_hash: generator.model_commitment.digest(),
                    prompt_commitment: generator.prompt_commitment.digest(),
                }),
                Beside::Nothing | Beside::Fingerprint(_) => None,
            },
            fingerprint: public.fingerprint,
            tolerance: public.tolerance,
            binding,
            decoder: picture.decoder.clone(),
            proof,
        })
    }
}

/// What the word in the fingerprint's place is.
pub(crate) fn fingerprint_label(claim: Claim) -> &'static str {
    if claim == Claim::CommittedFingerprint { "salted hash" } else { "fingerprint" }
}

/// The commitment of a fingerprint's file.
pub(crate) fn committed(file: &FingerprintFile, srs: &Srs) -> Result<FingerprintCommitment, Failure> {
    let hint = "commit to the picture again with a larger --k";
    file.commitment(srs).map_err(|error| Failure::new(Kind::Unsupported, error.to_string(), hint))
}

/// What a bundle's verifying key is for: of a claim with a model that takes the model's file, the public one or the
/// owner's, and the model must be the bundle's.
pub(crate) fn shape_of(bundle: &Bundle, model: Option<&Path>) -> Result<ClaimShape, Failure> {
    let Some(claimed) = bundle.model else {
        if model.is_some() {
            let message = format!("the {} claim has no model", bundle.claim.name());
            return Err(Failure::new(Kind::Usage, message, "leave --model out"));
        }
        let no_model = || Failure::new(Kind::ProofInvalid, "the bundle names no model", "ask for the bundle again");
        return ClaimShape::of_picture(bundle.claim, bundle.size, bundle.k).ok_or_else(no_model);
    };
    let path = model.ok_or_else(|| {
        let message = format!("the {} claim needs the model's public file to be checked", bundle.claim.name());
        let hint = "name it with --model; its owner writes it with veilmark model export";
        Failure::new(Kind::Usage, message, hint)
    })?;
    let (architecture, model_hash) = read_model(path)?;
    if model_hash != claimed.model_hash {
        let message = format!(
            "the proof is about model {}, {} is model {}",
            hex0x(&claimed.model_hash),
            path.display(),
            hex0x(&model_hash)
        );
        return Err(Failure::new(Kind::Mismatch, message, "name the file of the model that the proof is about"));
    }
    let other = || Failure::new(Kind::Mismatch, "the model makes pictures of another size", "name the right model");
    let shape = ClaimShape::of_model(bundle.claim, Arc::new(architecture), bundle.k).ok_or_else(other)?;
    if shape.size() != bundle.size || shape.architecture_hash() != claimed.architecture {
        return Err(other());
    }
    Ok(shape)
}

/// What a commitment to a picture has to fit, of a model's file, the public one or the owner's.
pub(crate) struct Committed {
    pub(crate) size: (u32, u32),
    pub(crate) k: u32,
    pub(crate) srs_id: SrsId,
}

/// Reads [`Committed`].
pub(crate) fn read_committed(path: &Path) -> Result<Committed, Failure> {
    let of = |architecture: &Architecture, k, srs_id| Committed {
        size: (architecture.width, architecture.height),
        k,
        srs_id,
    };
    match any_model(path)? {
        AnyModel::Owner(owned) => Ok(of(owned.model.architecture(), owned.k, owned.srs_id)),
        AnyModel::Public(public) => Ok(of(&public.architecture, public.commitment.k, public.srs_id)),
    }
}

/// A model's file, of either kind.
pub(crate) enum AnyModel {
    Owner(Box<ModelFile>),
    Public(Box<PublicModel>),
}

/// Reads a model's file, of either kind.
pub(crate) fn any_model(path: &Path) -> Result<AnyModel, Failure> {
    let mut start = Vec::new();
    let failed = |source| Failure::from(files::FileError::Io { doing: "read", path: path.into(), source });
    files::open(path)?.take(64).read_to_end(&mut start).map_err(failed)?;
    let at = |error: ModelFileError| Failure::from(error).at(path);
    Ok(match model_file::is_owners(&start) {
        Some(true) => AnyModel::Owner(Box::new(ModelFile::read(path).map_err(at)?)),
        _ => AnyModel::Public(Box::new(PublicModel::read(path).map_err(at)?)),
    })
}

/// Architecture and `modelHash` of a model's file, the public one or the owner's.
pub(crate) fn read_model(path: &Path) -> Result<(Architecture, [u8; 32]), Failure> {
    Ok(match any_model(path)? {
        AnyModel::Owner(owned) => (owned.model.architecture().clone(), owned.model_hash),
        AnyModel::Public(public) => {
            let hash = public.commitment.digest();
            (public.architecture, hash)
        }
    })
}

/// A bundle's proof was checked.
pub(crate) enum Checked {
    /// It holds, under this key.
    Valid(Box<VerifyingKey<G1Affine>>),
    /// It does not.
    Invalid(Failure),
}

/// Checks a bundle's proof under the key that this program makes for it: nothing of the key is taken from the bundle.
pub(crate) fn check(
    ui: &Ui,
    srs: &Srs,
    cache: &KeyCache,
    shape: &ClaimShape,
    bundle: &Bundle,
) -> Result<Checked, Failure> {
    let key = cache.verifying_key(srs, shape, &|text| ui.note(text))?;
    let vk_hash = keys::vk_hash(srs, &key, shape)?;
    if vk_hash != bundle.vk_hash {
        let message = format!(
            "the bundle is for verifying key {}, this program's for its claim and size is {}",
            hex0x(&bundle.vk_hash),
            hex0x(&vk_hash)
        );
        let hint = "check it with the version of veilmark that made it, or do not believe it";
        return Ok(Checked::Invalid(Failure::new(Kind::ProofInvalid, message, hint)));
    }
    if bundle.tolerance > MATCH_DISTANCE {
        let message = format!(
            "the proof allows {} bits between the fingerprints, and above {MATCH_DISTANCE} they do not match",
            bundle.tolerance
        );
        return Ok(Checked::Invalid(Failure::new(
            Kind::ProofInvalid,
            message,
            "ask for a proof with a smaller tolerance",
        )));
    }
    match proof::verify(srs, &key, &bundle.public(), &bundle.proof) {
        Ok(()) => Ok(Checked::Valid(Box::new(key))),
        Err(error @ (ProofError::Malformed(_) | ProofError::Length { .. } | ProofError::Invalid)) => {
            Ok(Checked::Invalid(error.into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads a bundle, naming the file in what is wrong with it.
pub(crate) fn read_bundle(path: &Path) -> Result<Bundle, Failure> {
    Bundle::read(path).map_err(|error: BundleError| Failure::from(error).at(path))
}
