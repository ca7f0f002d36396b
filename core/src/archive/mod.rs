//! The bytes of `.vitpkg` and `.vitmod`.

pub mod foreign;
