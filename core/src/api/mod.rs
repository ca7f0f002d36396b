//! What client and server say to one another over HTTP, read and written by the same code on both sides.
//!
//! [`files`]: the response to a request for a file of a registry. [`batch`]: many index files in one response.
//! [`upload`]: publishing. [`status`]: what the next status record continues. [`token`]: what a client proves its
//! rights by. [`problem`]: why a request was refused. [`tokens`], [`owners`], [`device`]: what a user manages, and how a
//! client is signed in; [`form`]: the form that browsers send. [`search`], [`package`]: what a server says about packages,
//! for display.
//!
//! Source: registry format document, sections 5 and 6.

pub mod batch;
pub mod device;
pub mod files;
pub mod form;
pub mod owners;
pub mod package;
pub mod problem;
#[cfg(feature = "schema")]
mod schema;
pub mod search;
pub mod status;
pub mod token;
pub mod tokens;
pub mod upload;

pub use problem::Problem;
#[cfg(feature = "schema")]
pub use schema::schemas;
pub use token::Token;

/// Where the API is, below the address of the registry.
pub const PREFIX: &str = "api/v1";
/// The media type of requests and responses that are JSON.
pub const JSON: &str = "application/json";

/// A response, in one line.
fn line(response: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(response).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
