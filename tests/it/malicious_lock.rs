//! Lockfiles against a registry that lies, and against whoever edits them; what a release has to be before it is locked.
//!
//! As in [`malicious_registry`](crate::malicious_registry), whose stage this is.

use crate::malicious_registry::{Stage, name};
use crate::registry::{code, files, pack, publish};
use crate::sandbox::Ran;
use vitte_package_core::index::{IndexEntry, IndexFile};
use vitte_package_core::registry::{TrustRoot, VerifiedTrustRoot};
use vitte_package_core::sign::{Envelope, dsse};

/// T57: how old a release has to be is in the signed trust root. No mirror can leave it out of `config.json`, and the time
/// it is measured by is that of the log.
#[test]
fn t57_the_minimum_age_is_what_the_trust_root_says() {
    let stage = Stage::new();
    let first = VerifiedTrustRoot::self_signed(&std::fs::read(stage.file("trust/1.json")).unwrap()).unwrap();
    let root = TrustRoot { version: 2, prev: Some(first.digest()), min_age: 86_400, ..first.root().clone() };
    let keys = stage.sequencer().keys().root.clone();
    let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload().unwrap(), &[&keys]).unwrap();
    std::fs::write(stage.file("trust/2.json"), envelope.as_bytes()).unwrap();
    let config = std::fs::read_to_string(stage.file("config.json")).unwrap();
    assert!(config.contains("\"features\":[]"), "the hint is not there: {config}");
    let project = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
    stage.sandbox.write("app/vitte.toml", project);
    stage.sandbox.write("app/src/lib.vit", "x");
    for command in
        ["lock --manifest app/vitte.toml", "install --manifest app/vitte.toml", "install demo/hello"]
    {
        let young = stage.run(&format!("{command} --registry reg --json")).ends(4);
        assert_eq!(code(&young), "VP0403", "{command}: {young}");
    }
    assert_eq!(stage.trust(), stage.state);
    // An index that dates the release back is found out, since its log entry has the time.
    let sequencer = stage.sequencer();
    let mut file = IndexFile::new(name());
    let honest = stage.index(&sequencer).entries()[0].clone();
    file.add(IndexEntry { time: honest.time - 90_000, ..honest }).unwrap();
    let rev = stage.index(&sequencer).rev();
    (0..rev).for_each(|_| drop(file.sign(sequencer.size(), sequencer.registry(), &sequencer.keys().index)));
    stage.write_index(&sequencer, file);
    drop(sequencer);
    stage.refuses("1.0.0", "VP0522");
    let ran = stage.run("lock --manifest app/vitte.toml --registry reg --json").ends(5);
    assert_eq!(code(&ran), "VP0522", "{ran}");
}

/// T58: what a lockfile remembers is who signed one log entry. For another place of the log, or where it names nobody,
/// the release is proved like a new one.
#[test]
fn t58_a_lockfile_vouches_for_no_other_log_entry() {
    let stage = Stage::new();
    let project = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
    stage.sandbox.write("app/vitte.toml", project);
    stage.sandbox.write("app/src/lib.vit", "x");
    let lock = "lock --manifest app/vitte.toml --registry reg --json";
    stage.run(lock).ends(0);
    let good = std::fs::read_to_string(stage.sandbox.path().join("app/vitte.lock")).unwrap();
    // Whoever edits the lockfile takes the signers out.
    let signers = good.lines().find(|line| line.starts_with("signers = ")).unwrap();
    stage.sandbox.write("app/vitte.lock", good.replace(&format!("{signers}\n"), ""));
    assert_eq!(code(&stage.run(lock).ends(5)), "VP0521");
    stage.sandbox.write("app/vitte.lock", &good);
    // The registry says that the release is at another place, which is that of the namespace's record.
    let sequencer = stage.sequencer();
    let honest = stage.index(&sequencer);
    let mut file = IndexFile::new(name());
    file.add(IndexEntry { log: 1, ..honest.entries()[0].clone() }).unwrap();
    let keys = sequencer.keys().index.clone();
    (0..honest.rev()).for_each(|_| drop(file.sign(sequencer.size(), sequencer.registry(), &keys)));
    stage.write_index(&sequencer, file);
    drop(sequencer);
    assert_eq!(code(&stage.run(lock).ends(5)), "VP0525");
    assert_eq!(std::fs::read_to_string(stage.sandbox.path().join("app/vitte.lock")).unwrap(), good);
}

#[test]
fn t58_a_digest_swapped_in_a_lockfile_is_found_by_verify_lock() {
    let stage = Stage::new();
    publish(&stage.sandbox, &[&pack(&stage.sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    let project = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"=1.0.0\"\n";
    stage.sandbox.write("app/vitte.toml", project);
    stage.sandbox.write("app/src/lib.vit", "x");
    stage.run("lock --manifest app/vitte.toml --registry reg").ends(0);
    let good = std::fs::read_to_string(stage.sandbox.path().join("app/vitte.lock")).unwrap();
    let sequencer = stage.sequencer();
    let trees: Vec<String> =
        stage.index(&sequencer).entries().iter().map(|entry| entry.core.tree.to_string()).collect();
    drop(sequencer);
    assert!(good.contains(&trees[0]));
    stage.sandbox.write("app/vitte.lock", good.replace(&trees[0], &trees[1]));
    let ran =
        stage.run("install --manifest app/vitte.toml --locked --verify-lock --registry reg --json").ends(5);
    assert_eq!(code(&ran), "VP0539", "{ran}");
    let store = stage.client.join("store/v1/pkg");
    assert!(!store.exists() || files(&store).is_empty(), "nothing is installed");
}

/// T59: locking to a yanked release prints why it was yanked, and fails where that is asked for.
#[test]
fn t59_a_lockfile_that_holds_a_yanked_release_is_told_or_refused() {
    let stage = Stage::new();
    let project = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
    stage.sandbox.write("app/vitte.toml", project);
    stage.sandbox.write("app/src/lib.vit", "x");
    stage.run("lock --manifest app/vitte.toml --registry reg --deny yanked").ends(0);
    publish(&stage.sandbox, &[&pack(&stage.sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    let yank = "yank demo/hello@1.0.0 --registry reg --yes --code malware --reason coins --use ^1.1";
    stage.sandbox.run(yank).ends(0);
    let install = "install --manifest app/vitte.toml --registry reg --locked";
    let refused = stage.run(&format!("{install} --deny yanked --json")).ends(1);
    assert_eq!(code(&refused), "VP0404", "{refused}");
    assert!(refused.stdout.contains("(malware): coins"), "{refused}");
    let store = stage.client.join("store/v1/pkg");
    assert!(!store.exists() || files(&store).is_empty(), "nothing is installed");
    // Malware is refused where the lockfile may be written, and reported where it may not.
    let refused = stage.run("install --manifest app/vitte.toml --registry reg --json").ends(1);
    assert_eq!(code(&refused), "VP0404", "{refused}");
    let reported = stage.run(install).ends(0);
    assert!(reported.stderr.contains("VP0404") && reported.stderr.contains("(malware): coins"), "{reported}");
    let reported = stage.run(&format!("{install} --verify-lock")).ends(0);
    assert!(reported.stderr.contains("VP0404") && reported.stderr.contains("(malware): coins"), "{reported}");
    // Installed already, it is refused all the same, until the lockfile leaves it.
    stage.run(&format!("{install} --deny yanked")).ends(1);
    stage.run("update --manifest app/vitte.toml --registry reg demo/hello").ends(0);
    stage.run(&format!("{install} --deny yanked")).ends(0);
    stage.run("install --manifest app/vitte.toml --offline --deny yanked").ends(2);
}

/// T60: what an author says moves no cursor and reverses no text, on the terminal or in JSON.
#[test]
fn t60_the_words_of_others_are_shown_as_words() {
    let stage = Stage::new();
    let reason =
        "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}1m\u{202e}dne\u{2066}\r\u{8}\nverified: demo/hello 1.0.0\n";
    let mut yank = stage.sandbox.package();
    yank.args([
        "yank",
        "demo/hello@1.0.0",
        "--registry",
        "reg",
        "--yes",
        "--code",
        "broken",
        "--reason",
        reason,
    ]);
    Ran::from(yank.output().unwrap(), stage.sandbox.path()).ends(0);
    let project = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
    stage.sandbox.write("app/vitte.toml", project);
    stage.sandbox.write("app/src/lib.vit", "x");
    let mut reported = 0;
    for command in [
        "info demo/hello@1.0.0 --registry reg",
        "install demo/hello --registry reg",
        "verify demo/hello@1.0.0 --registry reg",
        "lock --manifest app/vitte.toml --registry reg",
    ] {
        for json in ["", " --json"] {
            let ran = stage.run(&format!("{command}{json}"));
            let shown = ran.stdout + &ran.stderr;
            assert!(!shown.lines().any(|line| line == "verified: demo/hello 1.0.0"), "{command}: {shown}");
            reported += usize::from(shown.contains("owned"));
            let dangerous = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
            // JSON has its own way of writing control characters, and leaves the others as they are.
            let found: Vec<char> =
                shown.chars().filter(|c| dangerous(*c) && (json.is_empty() || *c < ' ')).collect();
            assert_eq!(found, [], "{command}{json}: {shown:?}");
        }
    }
    assert!(reported >= 4, "the reason is reported: {reported}");
}
