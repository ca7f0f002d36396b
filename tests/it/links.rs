//! `vitte_modules/`: links on request, kept in step, and nothing but links touched.

use crate::dependencies::{on_app, project, publish};
use crate::sandbox::Sandbox;
use std::path::PathBuf;

fn initialised() -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/json", "2.0.0", "\"acme/text\" = \"1\"\n");
    project(&sandbox, "");
    on_app(&sandbox, "add acme/json --registry reg").ends(0);
    let modules = sandbox.path().join("app/vitte_modules");
    (sandbox, modules)
}

#[test]
fn links_are_made_on_request_and_kept_in_step() {
    let (sandbox, modules) = initialised();
    on_app(&sandbox, "install").ends(0);
    assert!(!modules.exists(), "nobody asked");
    on_app(&sandbox, "install --links").ends(0);
    let text = std::fs::read_to_string(modules.join("acme/text-1.0.0/src/lib.vit")).unwrap();
    assert_eq!(text, "// acme/text 1.0.0\n");
    assert!(modules.join("acme/json-2.0.0/vitte.toml").exists());
    // From now on without being asked.
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    on_app(&sandbox, "update").ends(0);
    on_app(&sandbox, "install").ends(0);
    assert!(modules.join("acme/text-1.1.0").exists());
    assert!(modules.join("acme/text-1.0.0").symlink_metadata().is_err(), "what has gone is gone");
    on_app(&sandbox, "remove acme/json").ends(0);
    on_app(&sandbox, "install").ends(0);
    assert!(!modules.join("acme").exists());
    // No part of the project's own package.
    let listed = on_app(&sandbox, "build --list --kind mod").ends(0);
    assert!(!listed.stdout.contains("vitte_modules"), "{listed}");
}

#[test]
fn what_is_no_link_of_ours_stays() {
    let (sandbox, modules) = initialised();
    sandbox.write("app/vitte_modules/mine/file", "kept");
    let refused = on_app(&sandbox, "install --links --json").ends(10).json();
    assert_eq!(refused["diagnostics"][0]["code"], "VP1007");
    assert_eq!(std::fs::read_dir(&modules).unwrap().count(), 1);
    std::fs::remove_dir_all(&modules).unwrap();
    on_app(&sandbox, "install --links").ends(0);
    sandbox.write("app/vitte_modules/acme/notes.txt", "kept");
    // A namespace that leads elsewhere is not gone through.
    let elsewhere = sandbox.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    publish(&sandbox, "reg", "other/thing", "1.0.0", "");
    std::os::unix::fs::symlink(&elsewhere, modules.join("other")).unwrap();
    on_app(&sandbox, "add other/thing --registry reg").ends(0);
    on_app(&sandbox, "install").ends(0);
    assert!(!modules.join("other").is_symlink(), "a link that is not wanted is removed");
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0);
    assert!(modules.join("other/thing-1.0.0").is_symlink());
    assert_eq!(std::fs::read_to_string(modules.join("acme/notes.txt")).unwrap(), "kept");
}

/// Nothing is written through a link of the project unless the user names the folder; what writes nothing there works.
#[test]
fn an_output_folder_that_leads_out_is_written_to_only_where_the_user_says_so() {
    let sandbox = Sandbox::new();
    let manifest = "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\ndescription = \"A test\"\n";
    sandbox.write("p/vitte.toml", manifest);
    sandbox.write("p/src/lib.vit", "x");
    let elsewhere = sandbox.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink("../elsewhere", sandbox.path().join("p/target")).unwrap();
    sandbox.run("key generate --name me").ends(0);
    sandbox.run("registry init reg").ends(0);
    let is_empty = || std::fs::read_dir(&elsewhere).unwrap().next().is_none();
    let on_p = |command: &str| sandbox.run(&format!("{command} --manifest p/vitte.toml"));
    for refused in ["build", "build --check"] {
        let ran = on_p(refused).ends(7);
        assert!(ran.stderr.contains("`target` is a symbolic link to ../elsewhere"), "{ran}");
        assert!(ran.stderr.contains("vitte package build --out DIR"), "{ran}");
    }
    let listed = on_p("build --list").ends(0);
    assert!(listed.stdout.contains("src/lib.vit") && !listed.stdout.contains("target"), "{listed}");
    for written in ["build --out out", "build --check --out out", "publish --dry-run --registry reg"] {
        on_p(written).ends(0);
    }
    // What the build command makes is put below the link, and a folder there would be emptied.
    sandbox
        .write("p/vitte.toml", format!("{manifest}\n[build]\ncommand = [\"true\"]\nout = \"target/pkg\"\n"));
    let ran = on_p("build --kind pkg --out out").ends(3);
    assert!(ran.stderr.contains("target/pkg, is a symbolic link or below one"), "{ran}");
    on_p("build --list").ends(0);
    assert!(is_empty());
    // The user's own word.
    sandbox.write("p/vitte.toml", manifest);
    on_p("build --out p/target").ends(0);
    assert!(!is_empty());
}
