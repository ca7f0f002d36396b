//! The dependencies of a project: from its manifests and registries to a lockfile, and from there into the
//! store.
//!
//! * [`Members`]: the packages on this machine that take part. * [`Sources`]: the registries, one a namespace.
//! * [`lock`]: solving, proving what is new, and the lockfile that comes out.
//! * [`Fetcher`]: what the lockfile names, verified, into the store.
//! * [`paths`]: where the compiler finds it all. * [`links`]: the same as folders, for whoever asks.

use std::path::PathBuf;
use vitte_package_core::target::Target;

mod choice;
mod fetch;
mod gc_roots;
pub mod links;
pub mod lock;
mod members;
pub mod paths;
mod sources;
mod status;
mod trust_rules;

pub use choice::{RegistryChoice, pins_here};
pub use fetch::{Fetched, Fetcher};
pub use gc_roots::used_by;
pub use links::Links;
pub use members::Members;
pub(crate) use paths::relative;
pub use sources::{Network, Sources, TrustPrompt, project_pins};
pub use status::{Deny, LockedStatus, Refuse, statuses};
pub(crate) use status::{check as check_status, deprecation, unasked};
pub(crate) use trust_rules::check as check_pins;

/// What a command about dependencies is given.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The manifest; without it the one here or above.
    pub manifest: Option<PathBuf>,
    /// The registry of all namespaces that the manifest gives to none.
    pub registry: Option<String>,
    /// Whether addresses may be asked.
    pub network: Network,
    /// Whether the lockfile may change.
    pub lock: LockUse,
    /// Seconds since the log took a release before it is chosen; without it, as configured, or as the registries
    /// want.
    pub minimum_age: Option<u64>,
    /// Whether what the lockfile says of a release is taken or proved.
    pub proof: Proof,
    /// What is refused of locked releases.
    pub deny: Deny,
    /// Whether the project gets links to its packages.
    pub links: Links,
    /// The system whose binaries are fetched; without it, this one.
    pub target: Option<Target>,
}

/// Whether what the lockfile says of a release is taken or proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// It was proved when it was locked.
    #[default]
    AsLocked,
    /// It is proved again: whoever changed the lockfile may not have proved anything.
    Anew,
}

/// Whether the lockfile may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LockUse {
    /// It is brought up to date.
    #[default]
    Write,
    /// It has to fit as it is.
    Locked,
}
