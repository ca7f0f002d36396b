//! WebAssembly bindings of `vitte-package-core`: convert arguments, call core, convert the result.
//!
//! The facade in `js/` fetches bytes and drives these machines; nothing here decides about packages.

mod convert;
pub mod manifest;
pub mod open;
mod policy;
pub mod release;
pub mod verify;
