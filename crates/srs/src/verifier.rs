//! What of a setup a verifier needs: its id and three points, whatever the number of rows.
//!
//! What the caller must believe: the points are those that the id is a hash of, and `[tau]_1` and `[tau]_2` hold one secret.
//! That they are worth trust is not said here: see [`SrsVerifier::ceremony`].

use super::{
    Ceremony, Srs, SrsError, SrsId, assemble, check_k, dev,
    file::{self, FileProblem, HEADER, Header, POINT_G1, POINT_G2, ReadError},
};
use halo2_proofs::{
    halo2curves::{
        bn256::{Bn256, G1Affine, G2Affine},
        group::prime::PrimeCurveAffine,
        serde::SerdeObject,
    },
    poly::kzg::commitment::ParamsKZG,
};
use std::{
    fmt,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};
use veilmark_files as files;

/// The part of a setup that checks proofs, for domains of `2^k` rows: some hundred bytes instead of `128 * 2^k`.
#[derive(Clone)]
pub struct SrsVerifier {
    /// Parameters with a single power, the generator: no more of them is looked at.
    params: ParamsKZG<Bn256>,
    tau_g1: G1Affine,
    id: SrsId,
    k: u32,
}

impl fmt::Debug for SrsVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrsVerifier").field("k", &self.k).field("id", &self.id).finish_non_exhaustive()
    }
}

impl AsRef<SrsVerifier> for SrsVerifier {
    fn as_ref(&self) -> &SrsVerifier {
        self
    }
}

impl AsRef<SrsVerifier> for Srs {
    fn as_ref(&self) -> &SrsVerifier {
        &self.verifier
    }
}

impl SrsVerifier {
    /// From points that were checked.
    pub(super) fn of_checked(k: u32, id: SrsId, tau_g1: G1Affine, tau_g2: G2Affine) -> Self {
        Self { params: assemble(k, vec![G1Affine::generator()], Vec::new(), tau_g2), tau_g1, id, k }
    }

    /// From points that anybody may have given.
    ///
    /// # Errors
    /// [`FileProblem`] where they are no points of their groups, or hold two secrets.
    pub fn from_bytes(k: u32, tau_g1: &[u8; POINT_G1], tau_g2: &[u8; POINT_G2]) -> Result<Self, FileProblem> {
        let point = G1Affine::from_raw_bytes(tau_g1).filter(|point| !bool::from(point.is_identity()));
        let tau_g1 = point.ok_or(FileProblem::Point { basis: "powers", index: 1 })?;
        let mut one_g2 = [0; POINT_G2];
        one_g2.copy_from_slice(&G2Affine::generator().to_raw_bytes());
        let (tau_g1, tau_g2) = file::heads(&[G1Affine::generator(), tau_g1], &[one_g2, *tau_g2])?;
        let id = SrsId::compute(tau_g2 == dev::tau_g2(), tau_g1, tau_g2).ok_or(FileProblem::Pairing)?;
        Ok(Self::of_checked(k, id, tau_g1, tau_g2))
    }

    /// Reads what a verifier needs from a setup's file, whatever `k` that file is for, and nothing else of it.
    ///
    /// # Errors
    /// [`SrsError`] where the file is no setup, or its points are not those of the id in its header.
    pub fn read(path: &Path, k: u32) -> Result<Self, SrsError> {
        check_k(k)?;
        let mut file = files::open(path)?;
        Self::read_from(&mut file, k).map_err(|error| error.at(path))
    }

    fn read_from(file: &mut File, k: u32) -> Result<Self, ReadError> {
        let header = Header::read(file)?;
        let (mut tau_g1, mut tau_g2) = ([0; POINT_G1], [0; POINT_G2]);
        file.seek(SeekFrom::Start((HEADER + POINT_G1) as u64))?;
        file.read_exact(&mut tau_g1)?;
        file.seek(SeekFrom::Start(file::file_len(header.k) - POINT_G2 as u64))?;
        file.read_exact(&mut tau_g2)?;
        let setup = Self::from_bytes(k, &tau_g1, &tau_g2)?;
        match (header.is_unsafe, setup.is_unsafe()) {
            (false, true) => Err(FileProblem::Disguised.into()),
            (true, false) => Err(FileProblem::NotDevelopment.into()),
            _ if setup.id != header.id => Err(FileProblem::Id { expected: header.id, got: setup.id }.into()),
            _ => Ok(setup),
        }
    }

    /// The parameters as the proof system's verifier takes them. They hold no basis: nothing can be committed to.
    pub fn params(&self) -> &ParamsKZG<Bn256> {
        &self.params
    }

    /// The logarithm of the number of rows.
    pub fn k(&self) -> u32 {
        self.k
    }

    /// The setup's name.
    pub fn id(&self) -> SrsId {
        self.id
    }

    /// Whether `tau` is public: development only.
    pub fn is_unsafe(&self) -> bool {
        self.id.is_unsafe()
    }

    /// `[tau]_2`.
    pub fn tau_g2(&self) -> G2Affine {
        self.params.s_g2()
    }

    /// The ceremony that made the setup, if it is a pinned one.
    pub fn ceremony(&self) -> Option<Ceremony> {
        Ceremony::of(self.tau_g1)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::dev as dev_srs, *};
    use veilmark_files::Existing;

    #[test]
    fn a_verifier_reads_the_same_from_a_file_for_any_k() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.srs");
        let srs = dev_srs(7);
        srs.write(&path, Existing::Keep).unwrap();
        for k in [5, 7, 12] {
            let read = SrsVerifier::read(&path, k).unwrap();
            assert_eq!((read.k(), read.id(), read.tau_g2()), (k, srs.id(), srs.tau_g2()));
            assert!(read.is_unsafe() && read.ceremony().is_none());
        }
        let own: &SrsVerifier = srs.as_ref();
        assert_eq!((own.k(), own.id()), (7, srs.id()));
    }

    #[test]
    fn changed_points_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.srs");
        dev_srs(5).write(&path, Existing::Keep).unwrap();
        let honest = std::fs::read(&path).unwrap();
        for at in [HEADER + POINT_G1, honest.len() - 1, honest.len() - POINT_G2, HEADER - 40, 0] {
            let mut bytes = honest.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            assert!(SrsVerifier::read(&path, 5).is_err(), "byte {at}");
        }
    }
}
