//! The native shell of vitte-package: what the command line does, as a library for other tools.

pub mod builder;
pub mod cache;
pub mod codec;
pub mod config;
pub mod dispatch;
pub mod env;
pub mod error;
pub mod extract;
pub mod fs;
pub mod host;
mod interrupt;
pub mod keys;
pub mod ops;
pub mod project;
pub mod publisher;
pub mod registry;
pub mod report;
pub mod scan;
pub mod selection;
pub mod store;
