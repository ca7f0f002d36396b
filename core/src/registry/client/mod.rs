//! The client protocol: everything a client checks before it trusts what a registry serves (trust document, section 8).
//!
//! [`Session`] is a machine of the shape plan, supply, check, for as many packages as are wanted, under one checkpoint.
//! It says which files of the registry's layout it [needs](Session::needs). The caller supplies each, or says that it is
//! absent; the session checks them and reports the outcome as [`Event`]s. Trust root and its successors, checkpoint,
//! continuity with the one seen before, index files, log entries, namespaces: order and rules are the same for a browser
//! and for a terminal, since both drive this.
//!
//! [`ReleaseProof`] is a session about one release, to verify one archive.

mod bound;
mod continuity;
mod entries;
mod error;
mod files;
pub mod judge;
mod memory;
mod offline;
mod proof_cache;
mod proven;
mod release;
mod session;
mod table;
#[cfg(test)]
mod tests;
mod trust_walk;

pub use bound::BoundMemoryError;
pub use error::{Refusal, ReleaseProofError};
pub use files::FileNeed;
pub use memory::{Memory, Seen, SeenRecord};
pub use offline::prove_offline;
pub use proof_cache::ProofCache;
pub use proven::{ProvenRelease, Wanted};
pub use release::ReleaseProof;
pub use session::{Done, Event, Job, Session, Unproved, Want};
pub use trust_walk::TrustWalk;
