//! The examples at the head of `--help` are run as they stand there, each in a folder of its own.

use crate::archives;
use crate::sandbox::Sandbox;
use std::path::Path;
use std::process::{Command, Output};

/// Commands whose examples are run, each with what has to be done before.
const COMMANDS: &[(&str, &str)] = &[
    ("key generate", ""),
    ("key list", ""),
    ("key show", "vitte package key generate --name laptop"),
    ("key export", "vitte package key generate"),
    (
        "key import",
        "vitte package key generate && vitte package key export default --secret --out backup.pem && rm -r home",
    ),
    ("key trust", "vitte package key generate && vitte package key export default > default.pub"),
    (
        "key untrust",
        "vitte package key generate && vitte package key export default > default.pub
         vitte package key trust default.pub --for demo/hello --for 'demo/*'",
    ),
    ("sign", "vitte package key generate --name laptop"),
    ("verify", STAPLED),
    ("staple", STAPLED),
    ("registry init", ""),
    ("registry verify", STAPLED),
    ("log show", STAPLED),
    ("extract", SIGNED),
    ("audit", STAPLED),
    ("report", STAPLED),
    ("registry list", STAPLED),
    ("completions", ""),
];

const SIGNED: &str = "vitte package key generate && vitte package key export default > author.pub
     vitte package sign target/hello-1.0.0.vitmod && cp target/hello-1.0.0.vitmod .";

/// Published to a registry as well, with its proofs inside.
const STAPLED: &str = "vitte package key generate && vitte package key export default > author.pub
     vitte package sign target/hello-1.0.0.vitmod && cp target/hello-1.0.0.vitmod .
     vitte package registry init reg && vitte package publish --yes --registry reg hello-1.0.0.vitmod
     vitte package staple hello-1.0.0.vitmod --registry reg";

fn sh(sandbox: &Sandbox, script: &str) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_vitte")).parent().unwrap();
    Command::new("sh")
        .args(["-ec", script])
        .current_dir(sandbox.path())
        .env_clear()
        .env("VITTE_HOME", sandbox.home())
        .env("HOME", sandbox.path().join("user"))
        .env("VITTE_SIGNING_KEY_PASSWORD", "correct horse battery staple")
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn every_example_does_what_it_says() {
    let mut faults = Vec::new();
    for (command, before) in COMMANDS {
        let help = Sandbox::new().run(&format!("{command} --help")).ends(0).stdout;
        let examples: Vec<&str> = help
            .lines()
            .skip_while(|line| *line != "Examples:")
            .skip(1)
            .take_while(|line| !line.is_empty())
            .collect();
        assert!(examples.len() >= 2, "{help}");
        for example in examples {
            let sandbox = Sandbox::new();
            std::fs::create_dir(sandbox.path().join("target")).unwrap();
            let codec = vitte_package_core::codec::Codec::Zstd;
            archives::make(&sandbox, "target/hello-1.0.0.vitmod", codec, archives::small_files());
            let output = sh(&sandbox, before);
            assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
            let output = sh(&sandbox, example.trim());
            if !output.status.success() {
                faults.push(format!("{}\n{}", example.trim(), String::from_utf8_lossy(&output.stderr)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
