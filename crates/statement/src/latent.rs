//! From a prompt to a latent: a public function, so that whoever shows the prompt shows where the latent comes from.
//!
//! ```text
//! stream   = SHAKE256("veilmark latent v1" ‖ len(prompt) as 8 bytes ‖ prompt ‖ seed as 8 bytes)
//! entry    = clamp((b_1 + … + b_12 - 1530 + 4) >> 3, -127, 127)        the stream's next twelve bytes, unsigned
//! ```
//!
//! Integers are big-endian. Twelve uniform bytes have mean 1530 and standard deviation 256, so an entry is close to normal
//! with standard deviation 32, which stands for 1 ([`LATENT_UNIT`]). A conditional model's last entries are its class
//! instead: [`LATENT_UNIT`] at the class, 0 elsewhere; they take no bytes.
use super::model::{Architecture, LATENT_UNIT};
use sha3::{
    Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};

/// Separates latents from every other hash of ours.
pub const LATENT_DOMAIN: &str = "veilmark latent v1";

/// The class does not fit the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClassError {
    /// The model has classes and none was named.
    #[error("the model takes a class from 0 to {}, and the prompt names none", classes - 1)]
    Missing {
        /// Classes of the model.
        classes: u32,
    },
    /// The model has no classes.
    #[error("the model takes no class, and the prompt names {class}")]
    Unexpected {
        /// The class named.
        class: u32,
    },
    /// There is no such class.
    #[error("the model has classes from 0 to {}, the prompt names {class}", classes - 1)]
    Unknown {
        /// Classes of the model.
        classes: u32,
        /// The class named.
        class: u32,
    },
}

/// The latent of a prompt.
///
/// # Errors
/// [`ClassError`] where `class` does not fit the model.
pub fn latent(architecture: &Architecture, prompt: &str, seed: u64, class: Option<u32>) -> Result<Vec<i8>, ClassError> {
    let classes = architecture.classes;
    match class {
        None if classes > 0 => return Err(ClassError::Missing { classes }),
        Some(class) if classes == 0 => return Err(ClassError::Unexpected { class }),
        Some(class) if class >= classes => return Err(ClassError::Unknown { classes, class }),
        _ => {}
    }
    let mut hash = Shake256::default();
    hash.update(LATENT_DOMAIN.as_bytes());
    hash.update(&(prompt.len() as u64).to_be_bytes());
    hash.update(prompt.as_bytes());
    hash.update(&seed.to_be_bytes());
    let mut stream = hash.finalize_xof();
    let entry = |_| {
        let mut bytes = [0; 12];
        stream.read(&mut bytes);
        let sum: i32 = bytes.iter().map(|&byte| i32::from(byte)).sum();
        i8::try_from(((sum - 1530 + 4) >> 3).clamp(-127, 127)).expect("clamped to a byte")
    };
    let mut latent: Vec<i8> = (0..architecture.latent - classes).map(entry).collect();
    latent.extend((0..classes).map(|c| if Some(c) == class { LATENT_UNIT } else { 0 }));
    Ok(latent)
}
