//! One module a command: its arguments and `run`. How to add one: see `cli.rs`.

pub(crate) mod explain;
pub(crate) mod key;
