//! A real chain: `anvil` from npm, started and ended by each test, and the real binary before it.
//!
//! [`journey`] is everything once, with what it costs; [`commands`] what the commands refuse and find; [`acts`] what the
//! router's owner and guardian do; [`faults`] and
//! [`binary`] put a proxy between client and node that breaks and lies, before the library and before the binary: each
//! fault ends in a clear error, and a second run completes; [`mempool`] is a thief who sees transactions before they are
//! in a block.

mod acts;
mod binary;
mod commands;
mod faults;
mod forged;
mod journey;
mod lying;
mod mempool;
mod node;
mod proxy;
#[path = "../schemas/mod.rs"]
mod schemas;
mod world;

use alloy_primitives::{Address, address};

/// The accounts of every development chain: their keys are public.
const OWNER_KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const OWNER: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const USER_KEY: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const USER: Address = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");
const THIEF_KEY: &str = "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
const THIEF: Address = address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");
