//! Checks a bundle with a folder of setups and keys, and nothing that its maker says.
//!
//! `cargo run --release -p veilmark --no-default-features --example verify FOLDER`, where the example `prove` has been.

use std::{error::Error, path::Path};
use veilmark::{Store, verifying};

/// Checks `picture.veil.json` in a folder.
pub fn verify(folder: &Path) -> Result<(), Box<dyn Error>> {
    let bundle = verifying::read_bundle(&folder.join("picture.veil.json"))?;
    let shape = verifying::shape_of(&bundle, None)?;
    let verified = verifying::verify(&Store::at(folder), &bundle, &shape, &())?;
    match verified.invalid {
        Some(why) => println!("invalid: {why}"),
        // whoever knows a setup's secret can forge: a valid proof is worth what its setup is worth
        None if verified.setup.is_unsafe() => println!("valid, under unsafe development parameters"),
        None => println!("valid, under setup {}", verified.setup.id()),
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("name the folder that the example `prove` wrote to")?;
    verify(Path::new(&folder))
}
