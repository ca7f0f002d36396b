//! WebAssembly bindings of `vitte-package-core`: convert arguments, call core, convert the result.
//!
//! The facade in `js/` fetches bytes and drives these machines; nothing here decides about packages.

#![deny(unsafe_code)]

mod convert;
pub mod faults;
#[cfg(feature = "release")]
pub mod lookup;
#[cfg(feature = "archive")]
pub mod manifest;
pub mod message;
#[cfg(feature = "archive")]
pub mod open;
#[cfg(feature = "release")]
mod place;
#[cfg(feature = "archive")]
pub mod policy;
#[cfg(feature = "release")]
pub mod proof;
#[cfg(feature = "release")]
pub mod release;
#[cfg(feature = "resolve")]
pub mod resolve;
#[cfg(feature = "schema")]
pub mod shapes;
#[cfg(any(feature = "archive", feature = "release"))]
mod step;
#[cfg(feature = "archive")]
pub mod verify;
