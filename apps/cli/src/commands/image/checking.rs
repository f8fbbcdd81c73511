//! The library's checks as commands about proofs use them: with what a person is told on the way.

use crate::{failure::Failure, hearing::Hearing, output::Ui};
use halo2_proofs::{halo2curves::bn256::G1Affine, plonk::VerifyingKey};
use std::path::Path;
use veilmark::{
    bundle::Bundle,
    committing::ModelDomain,
    fingerprint_file::FingerprintFile,
    keys::{ClaimShape, KeyCache},
    srs::Srs,
    verifying::{self, AnyModel},
};
use veilmark_circuits::{
    commitment::Commitment,
    relation::ShapeError,
    statement::{claim::Claim, model::Architecture},
};

/// The shape of a claim about a picture alone.
pub(crate) fn shape(claim: Claim, size: (u32, u32), k: u32) -> Result<ClaimShape, Failure> {
    ClaimShape::of_picture(claim, size, k).ok_or_else(|| ShapeError::Kind(claim).into())
}

/// What the word in the fingerprint's place is.
pub(crate) fn fingerprint_label(claim: Claim) -> &'static str {
    if claim.hides_fingerprint() { "salted hash" } else { "fingerprint" }
}

/// The commitment of a fingerprint's file.
pub(crate) fn committed(file: &FingerprintFile, srs: &Srs) -> Result<Commitment, Failure> {
    Ok(file.commitment(srs).map_err(|error| veilmark::Error::DoesNotFit(error.to_string()))?)
}

/// What a bundle's verifying key is for; see [`verifying::shape_of`].
pub(crate) fn shape_of(bundle: &Bundle, model: Option<&Path>) -> Result<ClaimShape, Failure> {
    Ok(verifying::shape_of(bundle, model)?)
}

/// Reads what a commitment to a picture has to fit, of a model's file, the public one or the owner's.
pub(crate) fn read_committed(path: &Path) -> Result<ModelDomain, Failure> {
    let of = |architecture: &Architecture, k, srs_id| ModelDomain {
        size: (architecture.width, architecture.height),
        k,
        srs_id,
    };
    Ok(match verifying::read_model(path)? {
        AnyModel::Owner(owned) => of(owned.model.architecture(), owned.k, owned.srs_id),
        AnyModel::Public(public) => of(&public.architecture, public.commitment.k(), public.srs_id),
    })
}

/// Reads a model's file, of either kind.
pub(crate) fn any_model(path: &Path) -> Result<AnyModel, Failure> {
    Ok(verifying::read_model(path)?)
}

/// Architecture and `modelHash` of a model's file, the public one or the owner's.
pub(crate) fn read_model(path: &Path) -> Result<(Architecture, [u8; 32]), Failure> {
    Ok(verifying::read_model(path)?.identity())
}

/// A bundle's proof was checked.
pub(crate) enum Checked {
    /// It holds, under this key.
    Valid(Box<VerifyingKey<G1Affine>>),
    /// It does not.
    Invalid(Failure),
}

/// Checks a bundle's proof under the key that this program makes for it, for commands that need the setup anyway.
pub(crate) fn check(
    ui: &Ui,
    srs: &Srs,
    cache: &KeyCache,
    shape: &ClaimShape,
    bundle: &Bundle,
) -> Result<Checked, Failure> {
    let hearing = Hearing::new(ui);
    let key = cache.verifying_key(srs, shape, &|text| {
        veilmark::Progress::event(&hearing, veilmark::Event::Keys(text));
    })?;
    Ok(match verifying::judge(srs, &key, shape, bundle)? {
        None => Checked::Valid(Box::new(key)),
        Some(invalid) => Checked::Invalid(invalid.into()),
    })
}

/// Reads a bundle, naming the file in what is wrong with it.
pub(crate) fn read_bundle(path: &Path) -> Result<Bundle, Failure> {
    Ok(verifying::read_bundle(path)?)
}

/// How large a model's latent is beside its pictures.
pub(crate) fn latent_share(architecture: &Architecture) -> String {
    format!(
        "the model's latent has {} entries, its pictures {} samples",
        architecture.latent,
        architecture.output_samples()
    )
}
