//! What a registry is, and how it is read.
//!
//! [`client`]: everything a client checks before it trusts what a registry serves.

pub mod client;
