#![doc = include_str!("../README.md")]

mod column;
mod error;
mod fft;
mod field;
mod key;
mod msm;
mod opening;
mod plan;
mod polynomials;
mod program;
mod prove;
mod quotient;
mod setup;
mod synthesis;
mod work;

pub use column::{Column, commit};
pub use error::Error;
pub use key::{ProvingKey, light_domain, verifying_key, verifying_key_of_points};
pub use plan::{Cost, seconds_per_unit};
pub use prove::prove;
pub use setup::Setup;
pub use work::{OnProgress, Options, Phase, Progress};
