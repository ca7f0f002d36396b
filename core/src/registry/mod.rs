//! What a registry is, how it is read, and how it grows.
//!
//! * [`layout`]: the path of every file, and how a server delivers it. [`config`]: `config.json`.
//! * [`trust_root`]: the keys of a registry.
//! * [`bundle`]: what of all this can be stapled to a package, so that it is verified offline.
//! * [`client`]: everything a client checks before it trusts what a registry serves.
//! * [`writer`]: the end of a log, taken up and grown. [`derive`]: the files that follow from the log. Both give a
//!   [`commit`], the steps of writing as data, and read through a [`snapshot`].
//! * [`audit`]: everything checked from scratch.
//!
//! Source: `core/docs/registry-format.md`.

pub mod audit;
pub mod bundle;
pub mod client;
pub mod commit;
pub mod config;
pub mod derive;
pub mod error;
pub mod layout;
pub mod snapshot;
#[cfg(test)]
mod tests;
pub mod trust_root;
pub mod writer;

pub use audit::{Audit, Audited};
pub use bundle::{Bundle, BundleError, ProvedBundle};
pub use commit::{Commit, SignedHead, Step};
pub use config::RegistryConfig;
pub use derive::{Derivation, DerivedBy, derive_anew};
pub use error::WriteError;
pub use snapshot::{ArchiveFacts, Snapshot};
pub use trust_root::{TrustRoot, VerifiedTrustRoot};
pub use writer::{LogHead, Resumed, resume};
