//! What a client reads to know the releases of a package.
//!
//! [`entry`]: the signed index file, a line for each artifact. [`locate`]: where a registry's files are.

pub mod entry;
pub mod locate;

pub use entry::{Core, DependencyKind, IndexDependency, IndexEntry, IndexError, IndexFile, IndexStatus};
pub use locate::RegistryConfig;
