//! A folder's writer and a server write the same bytes for the same submissions, file by file.
#![cfg(unix)]

use crate::malicious_registry::Stage;
use crate::registry::{files, pack};
use crate::registry_owner::log_from_the_future;
use crate::served::{Server, operated, token};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The files of a registry that its readers see.
fn published(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let hidden = |name: &String| name.starts_with(".vitte-");
    files(folder).into_iter().filter(|(name, _)| !hidden(name)).collect()
}

#[test]
fn a_folder_and_a_server_write_the_same_bytes() {
    let stage = Stage::new();
    let sandbox = &stage.sandbox;
    // Entries never go back in time: behind one of the next hour, every writer's clock gives the same.
    log_from_the_future(&stage, 3600);
    let keys = sandbox.home().join("keys/registry");
    let keys = std::fs::read_dir(keys).unwrap().next().unwrap().unwrap().path().display().to_string();
    operated(sandbox, &["import", "reg", "--data", "data", "--keys", &keys]);
    operated(sandbox, &["user", "add", "author", "--data", "data"]);
    let token = token(sandbox, "publish,yank,namespace", "*");
    let server = Server::start(sandbox);
    // The same author twice, neither of whom has seen the other's registry grow.
    let other = sandbox.path().join("other");
    // Modes and all: keys that others can read are refused.
    assert!(Command::new("cp").arg("-a").args([&sandbox.home(), &other]).status().unwrap().success());
    sandbox.run("key generate --name second").ends(0);
    sandbox.run("key export second --out second.pub").ends(0);

    let archives = [
        pack(sandbox, "demo/hello", "1.1.0", "two", ""),
        pack(sandbox, "fresh/other", "0.1.0", "other", "\"demo/hello\" = \"1\"\n"),
        pack(sandbox, "demo/hello", "2.0.0", "three", "\"fresh/other\" = \"0.1\"\n"),
    ];
    let shown = archives.each_ref().map(|path| path.display().to_string());
    let commands = [
        format!("publish {} {} --yes", shown[0], shown[1]),
        format!("publish {} --yes", shown[2]),
        "yank demo/hello@1.1.0 --yes".to_owned(),
        "yank demo/hello@1.1.0 --undo --yes".to_owned(),
        "deprecate demo/hello@2.0.0 --yes --use demo/hello@1".to_owned(),
        "namespace create empty".to_owned(),
        "namespace rotate demo --yes --add second.pub --role release".to_owned(),
        // What is logged already changes nothing in either.
        format!("publish {} --yes", shown[2]),
    ];
    for (number, command) in commands.iter().enumerate() {
        let before = published(&stage.file(""));
        sandbox.run(&format!("{command} --key default --registry reg")).ends(0);
        let at_server = format!("{command} --key default --registry {}", server.url());
        let ran = sandbox.run_with(&at_server, |command| {
            command.env("VITTE_HOME", &other).env("VITTE_TOKEN", &token);
        });
        ran.ends(0);
        let (folder, served) = (published(&stage.file("")), published(&sandbox.path().join("data/public")));
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&folder), names(&served), "{command}");
        for (name, bytes) in &folder {
            assert_eq!(bytes, &served[name], "{command}: {name}");
        }
        let is_repeated = number + 1 == commands.len();
        assert_eq!(folder == before, is_repeated, "{command}: all but the repetition write something");
    }
}
