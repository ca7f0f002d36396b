//! Registries: [`read`] as a client sees them, [`mod@write`] as their owners do, and [`audit`], which checks all of one
//! that is a folder.
//!
//! Layout and order of writing: `core/docs/registry-format.md` and `core/docs/trust.md`, sections 6 and 8.

pub mod audit;
pub mod read;
pub mod write;
