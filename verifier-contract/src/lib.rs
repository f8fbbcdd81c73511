//! Solidity verifiers generated from Halo2 circuits (KZG on BN254, SHPLONK, the Keccak transcript of
//! [`veilmark_transcript`]), their verifying keys as data contracts, and the calls to them.
//!
//! One contract per constraint system, stateless and without owner; the verifying key is data it is pointed to, so
//! sizes and fixed contents need no new code. [`protocol`] reads the circuit and refuses what is not supported; [`vk`]
//! lays out the key; [`solidity`] renders the contract; [`calldata`] encodes a call; [`revert`] names its refusals.
//!
//! What the caller must believe: a verifier says that a proof holds *under the key it is given*. It checks that the key
//! belongs to its constraint system; whoever calls it compares the key's hash
//! ([`vk::VkData::vk_hash`]) with one that it trusts. Nothing here knows a claim of this project: a claim's id and the header words
//! that say what a key is for are the caller's ([`Claim`], [`Subject`]), so that any Halo2 circuit within the limits of
//! [`protocol`] gets its verifier.

pub mod calldata;
mod error;
pub mod expression;
pub mod protocol;
pub mod revert;
pub mod solidity;
pub mod vk;

pub use calldata::encode_verify_call;
pub use error::Error;
pub use protocol::Protocol;
pub use revert::Refusal;
pub use solidity::render;
pub use vk::{Claim, Subject, VkData, VkHeader, VkWord};
