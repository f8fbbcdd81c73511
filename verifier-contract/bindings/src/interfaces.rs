//! Rust types of the Solidity interfaces, made from their sources: a changed interface is a compile error where it is used.

#![allow(missing_docs, missing_debug_implementations, clippy::all)]

alloy_sol_types::sol! {
    #![sol(all_derives)]
    "src/generated/interfaces.sol"
}
