//! The server's own tests: the program as its operator runs it, asked by real clients over HTTP.
#![cfg(unix)]
// A failing test is reported by a panic, in its functions of its own as well.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod account_pages;
mod accounts;
mod author;
#[path = "../it/backends.rs"]
#[allow(dead_code, reason = "the client's tests use other parts of it")]
mod backends;
mod bad_input;
mod browse;
mod browser;
mod care;
mod care_shared;
mod connections;
mod deploy;
mod device;
mod encrypted;
mod exported;
mod limits;
mod load;
mod login;
mod measured;
mod meddler;
mod mirror;
mod observed;
mod oidc;
mod owners;
#[path = "../it/pack.rs"]
mod pack;
mod pages;
mod private;
mod private_clients;
#[path = "../it/programs.rs"]
#[allow(dead_code, reason = "the client's tests use more of it")]
mod programs;
mod quotas;
mod rates;
mod refused_archives;
mod replicas;
#[path = "../it/sandbox.rs"]
#[allow(dead_code, reason = "the client's tests use more of it")]
mod sandbox;
#[path = "../it/schemas.rs"]
#[allow(dead_code, reason = "the client's tests use more of it")]
mod schemas;
mod search;
#[path = "../it/served.rs"]
#[allow(dead_code, reason = "the client's tests use more of it")]
mod served;
mod soak;
#[cfg(target_os = "linux")]
mod store_faults;
mod token_refusals;
mod uploads;
mod webhooks;
mod whole;
