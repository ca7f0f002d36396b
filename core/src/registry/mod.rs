//! What a registry is, and how it is read.
//!
//! * [`layout`]: the path of every file, and how a server delivers it. [`config`]: `config.json`.
//! * [`trust_root`]: the keys of a registry.
//! * [`bundle`]: what of all this can be stapled to a package, so that it is verified offline.
//! * [`client`]: everything a client checks before it trusts what a registry serves.
//!
//! Source: `core/docs/registry-format.md`.

pub mod bundle;
pub mod client;
pub mod config;
pub mod layout;
pub mod trust_root;

pub use bundle::{Bundle, BundleError, ProvedBundle};
pub use config::RegistryConfig;
pub use trust_root::{TrustRoot, VerifiedTrustRoot};
