//! The examples of the library, run: each is a module here as well as a program.

use crate::sandbox::Sandbox;
use vitte_package::env::{Env, Variable};

#[allow(dead_code)]
#[path = "../../native/package/examples/vitte-build.rs"]
mod build;
#[allow(dead_code)]
#[path = "../../native/package/examples/vitte-cache.rs"]
mod cache;
#[allow(dead_code)]
#[path = "../../native/package/examples/vitte-cli.rs"]
mod cli;
#[allow(dead_code)]
#[path = "../../native/package/examples/vitte-install.rs"]
mod install;
#[allow(dead_code)]
#[path = "../../native/package/examples/vitte-key.rs"]
mod key;

fn env(sandbox: &Sandbox) -> Env {
    Env::new(sandbox.path(), sandbox.home())
}

#[test]
fn a_key_is_made_once_and_signs() {
    let sandbox = Sandbox::new();
    let first = key::run(&env(&sandbox)).unwrap();
    assert!(first.starts_with("SHA256:"), "{first}");
    assert_eq!(key::run(&env(&sandbox)).unwrap(), first);
}

#[test]
fn only_what_is_old_is_dropped() {
    use std::time::{Duration, SystemTime};
    let sandbox = Sandbox::new();
    let file = sandbox.write("home/cache/archives/aa.vitpkg", "12345");
    let (bytes, dropped) = cache::run(&env(&sandbox), SystemTime::now()).unwrap();
    assert_eq!((bytes, dropped.len()), (5, 0));
    let later = SystemTime::now() + Duration::from_secs(40 * 24 * 60 * 60);
    assert_eq!(cache::run(&env(&sandbox), later).unwrap().1.len(), 1);
    assert!(!file.exists());
}

#[test]
fn commands_are_found_by_their_programs() {
    let sandbox = Sandbox::new();
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_vitte-package")).parent().unwrap();
    let env = env(&sandbox).with(Variable::Path, folder);
    assert!(matches!(cli::run(&env, "package"), cli::Found::Program(_)));
    assert_eq!(cli::run(&env, "pakage"), cli::Found::Nothing(Some("package".into())));
    assert_eq!(cli::run(&env, "frobnicate"), cli::Found::Nothing(None));
}

#[test]
fn what_was_built_is_packaged_signed_and_installed() {
    let sandbox = Sandbox::new();
    let env = env(&sandbox);
    sandbox.write("hello/src/lib.vit", "proc hello() { }\n");
    let manifest = "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\n[lib]\npath = \"src/lib.vit\"\n";
    sandbox.write("hello/vitte.toml", manifest);
    // The key that signs is also the one that is trusted.
    key::run(&env).unwrap();
    let archives = build::run(&env, &sandbox.path().join("hello")).unwrap();
    assert_eq!(archives.len(), 1);
    let folders = install::run(&env, &archives[0]).unwrap();
    assert_eq!(std::fs::read_to_string(folders[0].join("vitte.toml")).unwrap(), manifest);
    // Another user has to trust the key first.
    let stranger = Env::new(sandbox.path(), sandbox.path().join("stranger"));
    assert_eq!(install::run(&stranger, &archives[0]).unwrap_err().exit() as u8, 5);
}
