//! A package file held against the registry it is a release of, or against the proofs it brings along.

use crate::dependencies::{project, publish};
use crate::install;
use crate::registry::{code, pack};
use crate::sandbox::Sandbox;

/// A registry with `demo/hello` 1.0.0, its file stapled as `hello.vitpkg`, and a home that has only pinned the registry.
fn stapled() -> Sandbox {
    let sandbox = Sandbox::new();
    install::publish(&sandbox, "demo/hello", "1.0.0");
    let found = walk(&sandbox.path().join("reg/p"), ".vitpkg");
    std::fs::copy(found, sandbox.path().join("hello-1.0.0-any.vitpkg")).unwrap();
    sandbox.run("staple hello-1.0.0-any.vitpkg --registry reg").ends(0);
    let first = std::fs::read(sandbox.path().join("reg/trust/1.json")).unwrap();
    let digest = vitte_package_core::digest::Digest::of(&first);
    std::fs::rename(sandbox.home(), sandbox.path().join("owner")).unwrap();
    sandbox.run(&format!("registry add reg --trust-root-sha256 {digest}")).ends(0);
    sandbox
}

fn walk(folder: &std::path::Path, end: &str) -> std::path::PathBuf {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false if entry.path().to_string_lossy().ends_with(end) => return entry.path(),
                false => {}
            }
        }
    }
    panic!("no {end} below {}", folder.display())
}

#[test]
fn a_file_is_judged_by_the_registry_it_is_held_against() {
    let sandbox = stapled();
    // By itself its signer is unknown here.
    assert_eq!(code(&sandbox.run("verify hello-1.0.0-any.vitpkg --json").ends(5)), "VP0516");
    let verified = sandbox.run("verify hello-1.0.0-any.vitpkg --registry reg --json").ends(0).json();
    assert_eq!(verified["result"]["proof"]["registry"].as_str().unwrap().split('/').next(), Some("local"));
    // Whatever the file is called.
    std::fs::copy(sandbox.path().join("hello-1.0.0-any.vitpkg"), sandbox.path().join("x.vitpkg")).unwrap();
    let reported = sandbox.run("verify x.vitpkg --registry reg").ends(0);
    assert!(reported.stdout.contains("in the log: entry"), "{reported}");

    // Other content under the name of the release, a release that is not there, and a flipped byte.
    let other = pack(&sandbox, "demo/hello", "1.0.0", "other", "");
    let absent = pack(&sandbox, "demo/hello", "7.0.0", "absent", "");
    sandbox.run("key generate").ends(0);
    for file in [&other, &absent] {
        sandbox.run(&format!("sign {} --key default", file.display())).ends(0);
    }
    let refused = sandbox.run(&format!("verify {} --registry reg --json", other.display())).ends(5);
    assert_eq!(code(&refused), "VP0502", "{refused}");
    sandbox.run(&format!("verify {} --registry reg", absent.display())).ends(9);
    let mut bytes = std::fs::read(sandbox.path().join("x.vitpkg")).unwrap();
    // Behind the signatures, which are most of so small a file.
    let middle = bytes.len() - bytes.len() / 20;
    bytes[middle] ^= 1;
    std::fs::write(sandbox.path().join("x.vitpkg"), bytes).unwrap();
    sandbox.run("verify x.vitpkg --registry reg").ends(5);
    // A registry that was never pinned says nothing.
    sandbox
        .run_with("verify hello-1.0.0-any.vitpkg --registry reg", |command| {
            command.env("VITTE_HOME", sandbox.path().join("stranger"));
        })
        .ends(5);
}

#[test]
fn a_file_of_a_revoked_key_is_refused_by_its_registry() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/old", "1.0.0", "");
    sandbox.run("key generate --name ci").ends(0);
    sandbox.run("key export ci --out ci.pub").ends(0);
    sandbox
        .run("namespace rotate acme --registry reg --yes --add ci.pub --role release --key default")
        .ends(0);
    let archive = pack(&sandbox, "acme/text", "1.0.0", "text", "");
    sandbox.run(&format!("publish --registry reg --yes --key ci {}", archive.display())).ends(0);
    let published = walk(&sandbox.path().join("reg/p/acme/text"), ".vitmod");
    sandbox.run(&format!("verify {} --registry reg", published.display())).ends(0);
    let ci = sandbox.run("key show ci --json").ends(0).json()["result"]["key_id"].clone();
    let revoke = format!(
        "namespace revoke acme {} --since 0 --registry reg --yes --key default",
        ci.as_str().unwrap()
    );
    sandbox.run(&revoke).ends(0);
    // The user's own key has signed it, which counts for nothing there.
    sandbox.run(&format!("verify {}", published.display())).ends(0);
    let refused = sandbox.run(&format!("verify {} --registry reg --json", published.display())).ends(5);
    assert_eq!(code(&refused), "VP0517", "{refused}");
}

#[test]
fn what_is_stapled_into_a_file_counts_for_extract_and_install() {
    let sandbox = stapled();
    let file = "hello-1.0.0-any.vitpkg";
    sandbox.run(&format!("verify {file} --offline")).ends(0);
    sandbox.run(&format!("extract {file} out")).ends(0);
    assert!(sandbox.path().join("out/vitte.toml").is_file());
    sandbox.run(&format!("install {file} --user")).ends(0);
    // It is known from where it came: an audit can ask.
    let answer = sandbox.run("audit --registry reg --json").ends(0).json();
    assert_eq!(
        (&answer["result"]["audited"], &answer["result"]["unasked"]),
        (&1.into(), &serde_json::json!([]))
    );
    // Not where the registry is unknown, nor by a key that did not sign.
    for line in [format!("extract {file} two"), format!("install {file} --user")] {
        sandbox
            .run_with(&line, |command| {
                command.env("VITTE_HOME", sandbox.path().join("stranger"));
            })
            .ends(5);
    }
    sandbox.run("key generate").ends(0);
    sandbox.run(&format!("extract {file} three --key default")).ends(5);
    // What is stapled does not make up for content.
    let mut bytes = std::fs::read(sandbox.path().join(file)).unwrap();
    // Behind the signatures, which are most of so small a file.
    let middle = bytes.len() - bytes.len() / 20;
    bytes[middle] ^= 1;
    std::fs::write(sandbox.path().join(file), bytes).unwrap();
    sandbox.run(&format!("extract {file} four")).ends(5);
    assert!(!sandbox.path().join("four").exists());
}

/// What is published is what was signed: the plan names who did.
#[test]
fn publishing_a_file_names_the_key_that_signed_it() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/old", "1.0.0", "");
    sandbox.run("key generate --name ci").ends(0);
    sandbox.run("key export ci --out ci.pub").ends(0);
    sandbox
        .run("namespace rotate acme --registry reg --yes --add ci.pub --role release --key default")
        .ends(0);
    let short = |name: &str| {
        let key = sandbox.run(&format!("key show {name} --json")).ends(0).json()["result"].clone();
        key["short"].as_str().unwrap().to_owned()
    };
    let (ci, own) = (short("ci"), short("default"));
    let config = std::fs::read(sandbox.path().join("reg/config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    let id = config["registry"].as_str().unwrap();
    let archive = pack(&sandbox, "acme/text", "1.0.0", "text", "");
    sandbox.run(&format!("sign {} --key ci --registry {id}", archive.display())).ends(0);
    let reported = sandbox
        .run(&format!("publish --registry reg --yes --key default {}", archive.display()))
        .ends(0)
        .stderr;
    assert!(reported.contains(&format!("signed by {ci}:")), "{reported}");
    assert!(reported.contains(&format!("your key {own} does not sign it")), "{reported}");
    let again = format!("publish --registry reg --yes --key default {}", archive.display());
    assert!(!sandbox.run(&again).ends(0).stderr.contains("signed by"));
}

/// The project's own table says where a registry is read, and nothing hides where that is.
#[test]
fn the_place_a_project_names_wins_over_the_configured_one_of_the_same_registry() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    // An older copy of the same registry, which the user has configured.
    copy(&sandbox.path().join("reg"), &sandbox.path().join("mirror"));
    publish(&sandbox, "reg", "acme/text", "1.1.0", "");
    let manifest = project(&sandbox, "\"acme/text\" = \"1\"\n");
    let mut text = std::fs::read_to_string(&manifest).unwrap();
    text.push_str("\n[registries]\nhere = { directory = \"../reg\", namespaces = [\"acme\"] }\n");
    std::fs::write(&manifest, text).unwrap();
    let run = |line: &str| {
        sandbox.run_with(line, |command| {
            command.current_dir(sandbox.path().join("app")).env("VITTE_REGISTRY", "../mirror");
        })
    };
    let reported = run("lock -v").ends(0);
    assert!(reported.stderr.contains("is read from [dir]/app/../reg (`here` in vitte.toml)"), "{reported}");
    assert!(reported.stderr.contains("mirror is configured and not used"), "{reported}");
    let lockfile = std::fs::read_to_string(sandbox.path().join("app/vitte.lock")).unwrap();
    assert!(lockfile.contains("version = \"1.1.0\""), "{lockfile}");
    for verb in ["install -v", "outdated -v", "update -v"] {
        assert!(run(verb).ends(0).stderr.contains("is read from [dir]/app/../reg"), "{verb}");
    }
    let reported = run("info acme/text").ends(0);
    assert!(
        reported.stdout.contains("acme/text 1.1.0") && reported.stdout.contains("read from [dir]/app/../reg"),
        "{reported}"
    );
    let reported = run("doctor");
    assert!(
        reported.stdout.contains("../reg is in order") && reported.stdout.contains("(`here` in vitte.toml)"),
        "{reported}"
    );
    assert!(reported.stdout.contains("mirror is configured and not used"), "{reported}");
    // What is given on the command line wins.
    copy(&sandbox.path().join("reg"), &sandbox.path().join("fresh"));
    let reported = run("info acme/text --registry ../fresh").ends(0);
    assert!(reported.stdout.contains("read from [dir]/app/../fresh"), "{reported}");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => {
                std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
}
