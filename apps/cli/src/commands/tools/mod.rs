//! Commands that say what is there, and what something would take.

pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod estimate;
pub(crate) mod inspect;
pub(crate) mod manual;
