//! The native shell of vitte-package: what the command line does, as a library for other tools.
//!
//! [`vitte_package_core`] decides what is true: formats, signatures, proofs. This crate brings it bytes and puts
//! what it has verified into its place. Everything here is blocking, prints nothing and takes its surroundings
//! as an argument: [`env::Env`] for environment and folders, [`report::Reporter`] for what there is to tell.
//!
//! | a tool that | begins with | runnable example |
//! |-|-|-|
//! | packages what it has just built | [`ops::build`], [`ops::sign`] | `examples/vitte-build.rs` |
//! | verifies and unpacks without a project | [`ops::install`], [`ops::verify`] | `examples/vitte-install.rs` |
//! | makes, finds and uses keys | [`keys::KeyStore`] | `examples/vitte-key.rs` |
//! | looks after what was downloaded | [`cache::Cache`] | `examples/vitte-cache.rs` |
//! | finds the program of a command | [`dispatch`] | `examples/vitte-cli.rs` |
//!
//! ```
//! use vitte_package::{env::Env, ops};
//!
//! # fn main() -> Result<(), vitte_package::error::Error> {
//! # let folder = std::env::temp_dir();
//! // What the user has installed; `Env::capture()` in place of `Env::new` for the real surroundings.
//! let env = Env::new(&folder, folder.join("no-such-home"));
//! let installed = ops::list::list(&env)?;
//! assert_eq!(installed.releases().count(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! Reading order: [`error`], [`mod@env`], [`report`] (three small modules everything uses); then the way of a package:
//! [`project`], [`selection`], [`builder`], [`registry`], [`extract`], [`store`].

#![forbid(unsafe_code)]

pub mod builder;
pub mod cache;
pub mod config;
pub mod credentials;
pub mod delta_file;
pub mod dependencies;
pub mod dispatch;
pub mod env;
pub mod error;
pub mod extract;
pub mod fs;
pub mod home;
pub mod host;
pub mod http;
mod interrupt;
pub mod keys;
pub mod language_tool;
pub mod manifest_edit;
pub mod message;
pub mod ops;
pub mod package_file;
mod parallel;
pub mod project;
pub mod project_edit;
pub mod registry;
pub mod report;
pub mod scan;
pub mod selection;
pub mod serve;
pub mod signing;
pub mod store;
pub mod terminal;
