//! What client and server say to one another over HTTP, read and written by the same code on both sides.
//!
//! [`files`]: the response to a request for a file of a registry. [`batch`]: many index files in one response.
//!
//! Source: registry format document, sections 5 and 6.

pub mod batch;
pub mod files;

/// Where the API is, below the address of the registry.
pub const PREFIX: &str = "api/v1";
