//! The one integration binary: each module is an area, so that linking is paid once.

// A failing test is reported by a panic, in its functions of its own as well.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod acceptance;
mod advice;
mod archives;
mod audit;
#[allow(dead_code, reason = "the server's tests use more of it")]
mod backends;
mod batch;
mod build;
mod care;
mod cases;
mod ci;
mod cli;
mod completions;
mod delta;
mod delta_update;
mod demo;
mod dependencies;
mod every_answer;
mod examples;
mod explain;
mod extract;
mod faults;
mod file_release;
mod floors;
mod from_cache;
mod generations;
mod glossary;
#[path = "../conformance/growing_log.rs"]
mod growing_log;
mod help_examples;
mod home;
mod http;
mod init;
mod inspect;
mod install;
mod interrupt;
mod key_names;
mod keys;
mod language;
mod links;
mod lockfile_kept;
mod malicious_lock;
mod malicious_registry;
mod meant_commands;
mod newest;
mod offline;
mod older;
#[path = "../conformance/openssl.rs"]
mod openssl;
mod outdated;
mod output;
mod pack;
mod programs;
mod project_files;
mod proxy;
mod publish;
mod publish_killed;
mod readme;
mod real_trees;
mod registry;
mod registry_owner;
mod report;
mod revoked;
mod rounds;
mod sandbox;
mod schemas;
mod sections;
mod selection;
#[path = "../conformance/semver.rs"]
mod semver;

#[cfg(unix)]
mod same_bytes;
#[allow(dead_code, reason = "the server's tests use more of it")]
mod served;
mod setup;
mod sign;
mod store;
#[path = "../conformance/sumdb.rs"]
mod sumdb;
#[path = "../conformance/tar.rs"]
mod tar_tools;
mod team;
#[rustfmt::skip]
mod threat_index;
mod threats;
mod tidy;
#[path = "../conformance/tlog_crates.rs"]
mod tlog_crates;
mod tls;
mod tools;
mod trust;
mod verify;
mod words;
mod workspaces;
mod writers;
