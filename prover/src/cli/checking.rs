//! Making bundles and checking them: what `prove`, `verify`, `register` and `demo` share.

use super::{
    failure::{Exit, Failure},
    ui::Ui,
};
use halo2_proofs::{
    halo2curves::bn256::G1Affine,
    plonk::{ProvingKey, VerifyingKey},
};
use veilmark::{
    bundle::{Binding, Bundle, BundleError, hex0x},
    decode::Decoded,
    keys::{self, ClaimShape, KeyCache},
    opening::Opening,
    proof::{self, Phase, ProofError},
    srs::Srs,
};
use veilmark_circuits::{
    commitment::ImageCommitment,
    statement::{fingerprint::MATCH_DISTANCE, public::FingerprintPublic},
};

/// A proving key and what it is for.
pub(crate) struct Prover<'s> {
    srs: &'s Srs,
    shape: ClaimShape,
    key: ProvingKey<G1Affine>,
    vk_hash: [u8; 32],
}

impl<'s> Prover<'s> {
    /// Takes the key from the cache, or makes it.
    pub(crate) fn new(ui: &Ui, srs: &'s Srs, cache: &KeyCache, shape: ClaimShape) -> Result<Self, Failure> {
        let key = cache.proving_key(srs, shape, &|text| ui.note(text))?;
        let vk_hash = keys::vk_hash(srs, key.get_vk(), shape)?;
        Ok(Self { srs, shape, key, vk_hash })
    }

    /// The commitment of picture and opening, which must be the opening's.
    pub(crate) fn commitment(&self, picture: &Decoded, opening: &Opening) -> Result<ImageCommitment, Failure> {
        let commitment = ImageCommitment::new(self.srs.params(), self.srs.id().0, &picture.raster, opening.salts())
            .map_err(|error| Failure::new(Exit::Unsupported, error.to_string(), "commit again with a larger --k"))?;
        opening.check_commitment(&commitment)?;
        Ok(commitment)
    }

    /// Makes a proof and puts it in a bundle.
    pub(crate) fn prove(
        &self,
        picture: &Decoded,
        opening: &Opening,
        commitment: &ImageCommitment,
        public: &FingerprintPublic,
        binding: Binding,
        progress: &dyn Fn(Phase),
    ) -> Result<Bundle, Failure> {
        let salts = opening.salts();
        let proof =
            proof::prove_fingerprint(self.srs, &self.key, &picture.raster, salts, commitment, public, progress)?;
        Ok(Bundle {
            vk_hash: self.vk_hash,
            srs_id: self.srs.id(),
            shape: self.shape,
            image_commitment: commitment.digest(),
            fingerprint: public.fingerprint,
            tolerance: public.tolerance,
            binding,
            decoder: picture.decoder.clone(),
            proof,
        })
    }
}

/// A bundle's proof was checked.
pub(crate) enum Checked {
    /// It holds, under this key.
    Valid(Box<VerifyingKey<G1Affine>>),
    /// It does not.
    Invalid(Failure),
}

/// Checks a bundle's proof under the key that this program makes for it: nothing of the key is taken from the bundle.
pub(crate) fn check(ui: &Ui, srs: &Srs, cache: &KeyCache, bundle: &Bundle) -> Result<Checked, Failure> {
    let key = cache.verifying_key(srs, bundle.shape, &|text| ui.note(text))?;
    let vk_hash = keys::vk_hash(srs, &key, bundle.shape)?;
    if vk_hash != bundle.vk_hash {
        let message = format!(
            "the bundle is for verifying key {}, this program's for its claim and size is {}",
            hex0x(&bundle.vk_hash),
            hex0x(&vk_hash)
        );
        let hint = "check it with the version of veilmark that made it, or do not believe it";
        return Ok(Checked::Invalid(Failure::new(Exit::Invalid, message, hint)));
    }
    if bundle.tolerance > MATCH_DISTANCE {
        let message = format!(
            "the proof allows {} bits between the fingerprints, and above {MATCH_DISTANCE} they do not match",
            bundle.tolerance
        );
        return Ok(Checked::Invalid(Failure::new(Exit::Invalid, message, "ask for a proof with a smaller tolerance")));
    }
    match proof::verify_fingerprint(srs, &key, &bundle.public(), &bundle.proof) {
        Ok(()) => Ok(Checked::Valid(Box::new(key))),
        Err(error @ (ProofError::Malformed(_) | ProofError::Length { .. } | ProofError::Invalid)) => {
            Ok(Checked::Invalid(error.into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads a bundle, naming the file in what is wrong with it.
pub(crate) fn read_bundle(path: &std::path::Path) -> Result<Bundle, Failure> {
    Bundle::read(path).map_err(|error: BundleError| Failure::from(error).at(path))
}
