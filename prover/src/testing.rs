//! What the tests of several use cases begin with.
use crate::store::Store;
use image::{Rgb, RgbImage};
use veilmark_files::Existing;
use veilmark_srs::Srs;

/// A home with a development setup of `2^k` rows, and a picture in it, `p.png`, whose fingerprint has something to see.
pub(crate) fn home(k: u32) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    Srs::dev(k, &mut |_| ()).unwrap().store(store.srs_dir(), Existing::Keep).unwrap();
    let block = |x: u32, y: u32, channel: u32| {
        ((x / 6 + 31 * (y / 6) + 977 * channel + 7919).wrapping_mul(2_654_435_761) >> 24) as u8
    };
    RgbImage::from_fn(64, 48, |x, y| Rgb([0, 1, 2].map(|c| block(x, y, c)))).save(folder.path().join("p.png")).unwrap();
    (folder, store)
}
