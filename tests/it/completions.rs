//! What shells are given when a user presses the Tab key.

use crate::dependencies::publish;
use crate::sandbox::Sandbox;

#[cfg(unix)]
#[test]
fn shells_complete_commands_and_names() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = sandbox.run(&format!("completions {shell}")).ends(0);
        assert!(
            script.stdout.contains("VITTE_COMPLETE") && script.stdout.contains("vitte-package"),
            "{script}"
        );
    }
    sandbox.run("completions tcsh").ends(2);
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    sandbox.write("vitte.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition = \"2025\"\n\n[dependencies]\n\"acme/text\" = \"1\"\n");
    sandbox.run("lock --registry reg").ends(0);
    let complete = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let mut command = sandbox.package();
        command.env("VITTE_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
        command.env("_CLAP_IFS", "\n").env("_CLAP_COMPLETE_COMP_TYPE", "9").arg("--").args(words);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert_eq!(complete("vitte package outd").trim(), "outdated");
    assert_eq!(complete("vitte package key show d").trim(), "default");
    assert!(complete("vitte package why ac").contains("acme/text"));
    assert_eq!(complete("vitte package remove a").trim(), "acme/text");
    assert!(complete("vitte package build --ki").contains("--kind"));
}
