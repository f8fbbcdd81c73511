//! The generator against the real prover, the native verifier, the compiler and the EVM.

mod accepts;
mod chain;
mod circuits;
mod proving;
mod solc;
