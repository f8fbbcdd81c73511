//! Chips own the gates. Each header says why its constraints suffice; each constraint has a forgery in the tests.
//!
//! Below the pixels every circuit is a [`trace`]: an instruction is one row of the Horner chip ([`horner`]) and, in
//! the looked-up part of the trace, one entry of the LogUp chip ([`logup`]). [`bilinear`], [`split`] and [`distance`]
//! own no columns and no gates: they write instructions. So does [`network`], a model in the trace; its weights stand beside the
//! trace, in the columns of [`products`].

pub mod area;
pub mod bilinear;
pub mod canvas;
pub mod distance;
pub mod horner;
pub mod logup;
pub mod network;
pub mod products;
pub mod split;
pub mod trace;
