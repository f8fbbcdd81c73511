//! The generator against the real prover, the native verifier, the compiler, the EVM and an independent generator.

mod accepts;
mod chain;
mod circuits;
mod mutations;
mod proving;
mod refusals;
mod solc;
mod yardstick;
