//! The API, a resource a file: a request is read, core or the ledger decides, the response is written.

pub(crate) mod batch;
pub(crate) mod blobs;
pub(crate) mod body;
pub(crate) mod device;
mod held;
pub(crate) mod me;
pub(crate) mod owners;
pub(crate) mod packages;
mod quota;
pub(crate) mod search;
pub(crate) mod status;
pub(crate) mod tokens;
pub(crate) mod uploads;
