//! Chips own the gates. Each header says why its constraints suffice; each constraint has a forgery in the tests.
//!
//! Below the pixels every circuit is a sheet of [`lines`]: a line is one row of the Horner chip ([`horner`]) and, in
//! the looked-up part of the sheet, one entry of the LogUp chip ([`logup`]). [`bilinear`], [`split`] and [`distance`]
//! own no columns and no gates: they write lines. So does [`network`], a model in the sheet; its weights stand beside the
//! sheet, in the columns of [`products`].

pub mod bilinear;
pub mod distance;
pub mod horner;
pub mod lines;
pub mod logup;
pub mod network;
pub mod products;
pub mod split;
