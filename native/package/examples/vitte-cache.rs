//! The cache for other tools: what is there, and dropping what is old.
//!
//! `cargo run --example vitte-cache`

#![allow(clippy::print_stdout, reason = "an example talks")]

use std::time::{Duration, SystemTime};
use vitte_package::cache::{Cache, CachedFile};
use vitte_package::env::Env;
use vitte_package::error::Error;

const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Drops what nobody has fetched for a month; gives the bytes cached before and the files dropped.
pub fn run(env: &Env, now: SystemTime) -> Result<(u64, Vec<CachedFile>), Error> {
    let cache = Cache::open(env)?;
    let bytes = cache.list()?.iter().map(|file| file.size).sum();
    let old = |file: &CachedFile| now.duration_since(file.written).is_ok_and(|age| age > MONTH);
    Ok((bytes, cache.drop_files(old)?))
}

fn main() -> Result<(), Error> {
    let (bytes, dropped) = run(&Env::capture()?, SystemTime::now())?;
    println!("{bytes} bytes were cached, {} old files are gone", dropped.len());
    Ok(())
}
