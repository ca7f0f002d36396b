//! What the owner of a registry relies on: dry runs, the clock, backups of folder and keys.

use crate::malicious_registry::Stage;
use crate::older::copy;
use crate::registry::{code, files, initialised, pack, publish};
use crate::sandbox::{Ran, Sandbox};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use vitte_package::registry::write::keys::RegistryKeys;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::{
    Envelope, SecretKey, StatusAction, StatusChange, StatusCode, StatusRecord, dsse,
};
use vitte_package_core::version::Version;

#[must_use]
fn dry_run(sandbox: &Sandbox, archive: &Path) -> Ran {
    let mut command = sandbox.package();
    command.args(["publish", "--dry-run", "--json", "--registry", "reg"]).arg(archive);
    Ran::from(command.output().unwrap(), sandbox.path())
}

/// A dry run does not wait for another writer, and leaves no trace: not even the file of a lock.
#[test]
fn a_dry_run_locks_signs_and_writes_nothing() {
    let stage = Stage::new();
    let sandbox = &stage.sandbox;
    std::fs::remove_file(stage.file(".vitte-registry.lock")).unwrap();
    let (archive, other) = (
        pack(sandbox, "demo/hello", "1.1.0", "longer", ""),
        pack(sandbox, "fresh/thing", "0.1.0", "thing", ""),
    );
    let all = || (files(&stage.file("")), files(&sandbox.home()), files(&sandbox.path().join("packed")));
    let before = all();
    for (archive, log) in [(&archive, 3), (&other, 4)] {
        let plan = dry_run(sandbox, archive).ends(0).json();
        let artifact = &plan["result"]["artifacts"][0];
        assert_eq!(
            (artifact["state"].as_str(), artifact["log"].as_u64()),
            (Some("would_publish"), Some(log))
        );
        assert_eq!(all(), before, "nothing was written");
    }
    // Another writer is at work.
    let writer = stage.sequencer();
    dry_run(sandbox, &archive).ends(0);
    drop(writer);
    // What would be refused is refused.
    sandbox.run("key generate --name stranger").ends(0);
    let mut command = sandbox.package();
    command.args(["publish", "--dry-run", "--json", "--registry", "reg", "--key", "stranger"]).arg(&archive);
    let refused = Ran::from(command.output().unwrap(), sandbox.path()).ends(5);
    assert_eq!(code(&refused), "VP0516", "{refused}");
    for (path, _) in files(&sandbox.home().join("keys")) {
        if path.starts_with("stranger") {
            std::fs::remove_file(sandbox.home().join("keys").join(path)).unwrap();
        }
    }
    let missing = pack(sandbox, "demo/hello", "1.2.0", "needs", "\"demo/none\" = \"1\"\n");
    assert_eq!(code(&dry_run(sandbox, &missing).ends(9)), "VP0606");
    let changed = pack(sandbox, "demo/hello", "1.0.0", "other content", "");
    assert_eq!(code(&dry_run(sandbox, &changed).ends(10)), "VP0607");
    // And it foretold what happens.
    let done = publish(sandbox, &[&archive]).ends(0).json();
    assert_eq!(done["result"]["artifacts"][0]["log"], 3);
    assert_eq!(
        dry_run(sandbox, &archive).ends(0).json()["result"]["artifacts"][0]["state"],
        "already_published"
    );
}

/// An entry from a clock that was `ahead` seconds ahead.
pub(crate) fn log_from_the_future(stage: &Stage, ahead: u64) {
    let pem = std::fs::read_to_string(stage.sandbox.home().join("keys/default.pem")).unwrap();
    let author = SecretKey::from_pkcs8_pem(&pem).unwrap();
    let mut sequencer = stage.sequencer();
    let (package, version) = (crate::malicious_registry::name(), Version::parse("1.0.0").unwrap());
    let change = StatusChange {
        action: StatusAction::Deprecate,
        code: StatusCode::Other,
        text: "old".into(),
        instead: None,
        advisory: None,
    };
    let record = StatusRecord {
        registry: sequencer.registry().clone(),
        package: package.clone(),
        version: version.clone(),
        seq: 0,
        change,
    };
    let envelope = Envelope::sign(dsse::STATUS, &record.to_payload().unwrap(), &[&author]).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let leaf = Leaf {
        subject: Subject::Status { package, version },
        time: now + ahead,
        prev: stage.index(&sequencer).last_leaf(),
        envelopes: vec![String::from_utf8(envelope.as_bytes().to_vec()).unwrap()],
    };
    sequencer.append(&[leaf]).unwrap();
}

#[test]
fn t86_nothing_is_logged_while_the_clock_is_far_from_the_log() {
    let stage = Stage::new();
    log_from_the_future(&stage, 5 * 365 * 86_400);
    let sandbox = &stage.sandbox;
    let archive = pack(sandbox, "demo/hello", "1.1.0", "longer", "");
    let published = |sandbox: &Sandbox| {
        let all = files(&sandbox.path().join("reg")).into_iter();
        all.filter(|(name, _)| !name.starts_with(".vitte-")).collect::<std::collections::BTreeMap<_, _>>()
    };
    let before = published(sandbox);
    let refused = publish(sandbox, &[&archive]).ends(7);
    assert_eq!(code(&refused), "VP0702", "{refused}");
    let year = |years: i64| {
        let time = jiff::Timestamp::now().as_second() + years * 365 * 86_400;
        jiff::Timestamp::from_second(time).unwrap().strftime("%Y-%m").to_string()
    };
    for said in [year(0), year(5), "VITTE_LOG_TIME=accept".to_owned()] {
        assert!(refused.stdout.contains(&said), "{said}: {refused}");
    }
    sandbox.run("key generate --name other").ends(0);
    sandbox.run("key export other --out other.pub").ends(0);
    for command in [
        "yank demo/hello@1.0.0 --registry reg --yes --key default",
        "namespace rotate demo --registry reg --yes --add other.pub --role release --key default",
        "registry rotate reg --log --yes",
    ] {
        let ran = sandbox.run(command).ends(7);
        assert!(ran.stderr.contains("VP0702"), "{command}: {ran}");
    }
    for file in ["other.pem", "other.pub"] {
        let _ = std::fs::remove_file(sandbox.home().join("keys").join(file));
    }
    assert_eq!(published(sandbox), before, "nothing was logged");
    // The owner says that the clock is right.
    let accepted = sandbox.run_with("publish --yes --registry reg", |command| {
        command.arg(&archive).env("VITTE_LOG_TIME", "accept");
    });
    assert_eq!(accepted.exit, 0, "{accepted}");
    sandbox.run_with("registry verify reg", |command| _ = command.env("VITTE_LOG_TIME", "what")).ends(0);
    let misspelt = sandbox.run_with("registry rotate reg --log --yes", |command| {
        command.env("VITTE_LOG_TIME", "yes");
    });
    assert_eq!(misspelt.exit, 2, "{misspelt}");
    // What was stamped so is reported as what it is.
    let young = stage.run("install demo/hello@=1.1.0 --registry reg --min-age 24h");
    assert_ne!(young.exit, 0, "{young}");
    assert!(young.stderr.contains("published in the future"), "{young}");
}

/// An older backup of the folder was restored. The owner's keys know better, and say so before anything is signed.
#[test]
fn a_restored_backup_is_no_registry_in_order() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    let (registry, backup) = (sandbox.path().join("reg"), sandbox.path().join("backup"));
    copy(&registry, &backup);
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    sandbox.run("registry verify reg").ends(0);
    sandbox.run("verify demo/hello --registry reg").ends(0);
    std::fs::remove_dir_all(&registry).unwrap();
    copy(&backup, &registry);
    let reported = sandbox.run("registry verify reg --json");
    assert_eq!((reported.exit, code(&reported).as_str()), (5, "VP0526"), "{reported}");
    for said in ["3 entries", "signed 4", "signed.json", "registry rotate"] {
        assert!(reported.stdout.contains(said), "{said}: {reported}");
    }
    // To others it is a registry like any.
    let other =
        |command: &mut assert_cmd::Command| _ = command.env("VITTE_HOME", sandbox.path().join("other"));
    sandbox.run_with("registry verify reg", other).ends(0);
    // The way out that is suggested works: publish again, and clients come along once the old key is dropped.
    let signed = files(&sandbox.home()).into_keys().find(|name| name.ends_with("signed.json")).unwrap();
    std::fs::remove_file(sandbox.home().join(signed)).unwrap();
    sandbox.run("registry rotate reg --log --yes").ends(0);
    sandbox.run("registry rotate reg --yes").ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.2.0", "once more", "")]).ends(0);
    sandbox.run("registry verify reg").ends(0);
    sandbox.run("verify demo/hello@1.2.0 --registry reg").ends(0);
}

/// The new trust root was logged, and the writer stopped before anything else. The next one writes its file, uses the keys
/// that were drawn, and signs everything by them.
#[test]
fn a_rotation_that_was_stopped_is_ended_by_the_next_writer() {
    let stage = Stage::new();
    let sandbox = &stage.sandbox;
    let keys = RegistryKeys::folder(&sandbox.home(), stage.sequencer().registry());
    let (registry, backup) = (sandbox.path().join("reg"), sandbox.path().join("backup"));
    copy(&registry, &backup);
    let all = ["root.pem", "log.pem", "index.pem", "signed.json"];
    // Not by their content: the files of keys are private.
    all.iter().for_each(|name| _ = std::fs::copy(keys.join(name), sandbox.path().join(name)).unwrap());
    sandbox.run("registry rotate reg --log --index --yes").ends(0);
    let envelope = std::fs::read_to_string(stage.file("trust/2.json")).unwrap();
    // The name of a signature's key: the first bytes of what follows it.
    let signed_by = |path: &str| {
        let note = std::fs::read_to_string(stage.file(path)).unwrap();
        note.lines().last().unwrap().rsplit_once(' ').unwrap().1[..5].to_owned()
    };
    let notes = [layout::CHECKPOINT, "index/demo/hello"];
    let expected = notes.map(signed_by);
    std::fs::remove_dir_all(&registry).unwrap();
    copy(&backup, &registry);
    let before = notes.map(signed_by);
    assert!(before[0] != expected[0] && before[1] != expected[1]);
    for name in ["log", "index"] {
        std::fs::rename(keys.join(format!("{name}.pem")), keys.join(format!("{name}.next.pem"))).unwrap();
    }
    all.iter().for_each(|name| _ = std::fs::copy(sandbox.path().join(name), keys.join(name)).unwrap());
    let mut writer = stage.sequencer();
    let subject = Subject::Trust { registry: writer.registry().clone(), version: 2 };
    let leaf = Leaf { subject, time: writer.time(), prev: Some(0), envelopes: vec![envelope.clone()] };
    writer.append(&[leaf]).unwrap();
    drop(writer);
    assert!(!stage.file("trust/2.json").exists());
    sandbox.run("registry verify reg").ends(0);
    publish(sandbox, &[&pack(sandbox, "demo/base", "1.0.0", "more", "")]).ends(0);
    assert_eq!(std::fs::read_to_string(stage.file("trust/2.json")).unwrap(), envelope);
    assert_eq!(notes.map(signed_by), expected);
    assert!(!keys.join("log.next.pem").exists() && !keys.join("index.next.pem").exists());
    sandbox.run("registry verify reg").ends(0);
    // The client of before follows, and when the old keys are dropped as well.
    stage.run("verify demo/hello@1.0.0 --registry reg").ends(0);
    sandbox.run("registry rotate reg --yes").ends(0);
    sandbox.run("registry verify reg").ends(0);
    stage.run("verify demo/hello@1.0.0 --registry reg").ends(0);
}

#[test]
fn keys_of_a_registry_are_backed_up_under_a_passphrase_and_restored() {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    let init = sandbox.run("registry init reg").ends(0);
    assert!(
        init.stderr.contains("keys/registry") && init.stderr.contains("registry key export reg"),
        "{init}"
    );
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    let with = |arguments: &str, passphrase: &'static str| {
        sandbox.run_with(arguments, |command| _ = command.env("VITTE_SIGNING_KEY_PASSWORD", passphrase))
    };
    sandbox.run("registry key export reg --out keys.pem").ends(7);
    with("registry key export reg --out keys.pem", "correct horse").ends(0);
    let file = sandbox.path().join("keys.pem");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches("-----BEGIN ENCRYPTED PRIVATE KEY-----").count(), 3, "{text}");
    assert!(!text.contains("-----BEGIN PRIVATE KEY-----"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    with("registry key export reg --out keys.pem", "correct horse").ends(10);
    with("registry key import keys.pem", "correct horse").ends(10);
    let (keys, kept) = (sandbox.home().join("keys/registry"), sandbox.path().join("lost"));
    let before = files(&keys);
    std::fs::rename(&keys, &kept).unwrap();
    let more = pack(&sandbox, "demo/hello", "1.1.0", "longer", "");
    publish(&sandbox, &[&more]).ends(7);
    with("registry key import keys.pem", "wrong").ends(7);
    assert!(!keys.exists() || files(&keys).is_empty());
    sandbox.write("other.pem", "-----BEGIN PRIVATE KEY-----\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(sandbox.path().join("other.pem"), std::fs::Permissions::from_mode(0o600))
            .unwrap();
    }
    with("registry key import other.pem", "correct horse").ends(3);
    with("registry key import keys.pem", "correct horse").ends(0);
    assert_eq!(files(&keys), before, "keys, and what they signed last");
    publish(&sandbox, &[&more]).ends(0);
    sandbox.run("registry verify reg").ends(0);
}
