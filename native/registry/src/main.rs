//! A registry of Vitte packages as a server.
//!
//! The directory is the registry: `public/` of the data folder has the files that clients read, byte for byte those of
//! a directory registry, and any other file server can serve them. This adds who may write: accounts, tokens, and
//! uploads over HTTP. What is admitted, logged and indexed, and in which order files are written, is decided by
//! `vitte_package_core::registry`, the same code that a directory registry is written with.
//!
//! * `cli`: the command line, a file for each verb.
//! * `config`: settings. `serve`, `connections`, `router`, `api`, `reads`, `app`: HTTP. `pages`: what browsers are shown. `oidc`: signing in with a provider. `caller`: who asks, by token or by session.
//!   `rights`, `networks`: what a token allows, and from where. `problem`: refusals.
//! * `web_assets`: scripts of the site, which the operator may add. `openapi`: what describes the routes.
//! * `tasks`: work beside requests, and where a fault of the program ends. `limits`: how often something may be done.
//! * `limits`: how often something may be done; `buckets`: counted by all replicas together.
//! * `observe`, `request`, `logs`, `metrics`: what the operator sees of requests.
//! * `ledger`: the one thread that decides and logs. `sequencer`: lock, keys, the steps of a commit applied.
//! * `mirror`: a read-only copy of another registry.
//! * `message`: what the operator reads. `data`, `objects`: files. `database`: SQLite.
//!   `accounts`: users, tokens, uploads. `examine`: archives through the clients' own verifier.

#![forbid(unsafe_code)]

mod accounts;
mod api;
mod app;
mod buckets;
mod caller;
mod care;
mod cli;
mod config;
mod connections;
mod data;
mod database;
mod error;
mod examine;
mod gate;
mod hot;
mod leaves;
mod ledger;
mod limits;
mod logs;
mod message;
mod metrics;
mod mirror;
mod networks;
mod objects;
mod observe;
mod oidc;
mod openapi;
mod output;
mod packages;
mod pages;
mod paths;
mod privacy;
mod problem;
mod quick;
mod reads;
mod request;
mod rights;
mod router;
mod sequencer;
mod serve;
mod site;
mod tasks;
mod web_assets;
mod webhooks;

use cli::Cli;
use std::process::ExitCode;
use vitte_package_core::message::set_language;

fn main() -> ExitCode {
    set_language(message::chosen_language());
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(status) => return ExitCode::from(u8::try_from(status).unwrap_or(2)),
    };
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::from(error.first().code.exit() as u8)
        }
    }
}
