//! One module an operation. They print nothing: facts go to a [`Reporter`](crate::report::Reporter),
//! results are returned.

pub mod account;
pub mod add;
pub mod audit;
pub mod build;
pub mod ci;
pub mod delta;
pub mod doctor;
pub mod exec;
pub mod extract;
pub mod history;
pub mod info;
pub mod init;
pub mod inspect;
pub mod install;
pub mod key;
pub mod list;
pub mod lock;
pub mod login;
pub mod namespace;
pub mod new;
pub mod outdated;
pub mod prove;
pub mod publish;
pub mod registry;
pub mod report;
pub mod sign;
pub mod status;
pub mod store;
pub mod sync;
pub mod tree;
pub mod uninstall;
pub mod use_version;
pub mod vendor;
pub mod verify;
pub mod why;
