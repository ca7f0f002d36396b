//! What keeps a registry in order: backups, restoring them, looking it over, cleaning up.

use crate::pack::pack;
use crate::sandbox::{Ran, Sandbox};
use crate::served::{Server, initialised, operate, operated, token};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use vitte_package_core::message::size;

/// A registry whose server runs, with an author.
struct Registry {
    sandbox: Sandbox,
    server: Option<Server>,
    token: String,
    pin: String,
}

impl Registry {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let pin = initialised(&sandbox);
        let server = Server::start(&sandbox);
        sandbox.run("key generate").ends(0);
        sandbox.run(&format!("registry add {} --trust-root-sha256 {pin}", server.url())).ends(0);
        let token = token(&sandbox, "publish,yank,namespace", "*");
        Self { sandbox, server: Some(server), token, pin }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path().join(name)
    }

    #[must_use = "a run that nothing is asserted of tests nothing: say how it `.ends`"]
    fn publish(&self, name: &str, version: &str) -> Ran {
        let archive = pack(&self.sandbox, name, version, &format!("{name} {version}"), "");
        let url = self.server.as_ref().unwrap().url();
        let command = format!("publish {} --yes --registry {url}", archive.display());
        self.sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &self.token))
    }

    fn restart(&mut self) {
        self.restart_with(&[]);
    }

    fn restart_with(&mut self, flags: &[&str]) {
        self.server = None;
        let server = Server::start_with(&self.sandbox, flags);
        let known = format!("registry add {} --trust-root-sha256 {}", server.url(), self.pin);
        self.sandbox.run(&known).ends(0);
        self.server = Some(server);
    }

    /// The other folder takes the place of the registry's.
    fn swap(&mut self, other: &str) {
        self.server = None;
        let _ = std::fs::remove_dir_all(self.path("gone"));
        std::fs::rename(self.path("data"), self.path("gone")).unwrap();
        std::fs::rename(self.path(other), self.path("data")).unwrap();
    }

    fn operated(&self, command: &str) -> String {
        operated(&self.sandbox, &command.split(' ').collect::<Vec<_>>())
    }

    /// What a command that fails says.
    fn refused(&self, command: &str) -> String {
        let output = operate(&self.sandbox, &command.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{command}: {said}");
        said
    }

    fn doctor(&self, flags: &str) -> (bool, serde_json::Value) {
        let command = format!("doctor --data data --json{flags}");
        let output = operate(&self.sandbox, &command.split(' ').collect::<Vec<_>>());
        let json = serde_json::from_slice(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        (output.status.success(), json.unwrap_or_else(|_| panic!("{command}: {said}")))
    }
}

/// The files below a folder, but for the lock.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            match entry.file_type().unwrap().is_dir() {
                true if name == ".vitte-staging" => {}
                true => folders.push(path),
                false if name == ".vitte-registry.lock" => {}
                false => _ = found.insert(name, std::fs::read(&path).unwrap()),
            }
        }
    }
    found
}

fn age(path: &Path) {
    let then = SystemTime::now() - Duration::from_secs(3 * 24 * 60 * 60);
    std::fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
}

#[test]
fn a_backup_beside_a_running_server_is_restored_and_goes_on() {
    let mut registry = Registry::new();
    registry.publish("demo/one", "1.0.0").ends(0);
    let said = registry.operated("backup saved --data data --with-keys");
    assert!(said.contains("3 log entries") && said.contains("keep it secret"), "{said}");
    // Nobody else can read it, and what was signed last is not in it.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(registry.path("saved")).unwrap().permissions().mode() & 0o77, 0);
    }
    assert!(!registry.path("saved/keys/signed.json").exists());
    assert!(registry.refused("backup saved --data data").contains("VP1007"));
    // With the key in it, somebody has to know that the log had not gone further.
    let said = registry.refused("restore saved --data again");
    assert!(said.contains("VP0702") && said.contains("--log-size 3"), "{said}");
    assert!(registry.refused("restore saved --data again --log-size 4").contains("VP0702"));
    assert!(!registry.path("again").exists(), "a refusal writes nothing");
    registry.operated("restore saved --data again --log-size 3");
    let (restored, whole) = (files(&registry.path("again/public")), files(&registry.path("data/public")));
    for (path, bytes) in &whole {
        // Partial tiles of earlier sizes are nobody's any more.
        let is_kept = !path.contains(".p/") || path.ends_with(".p/3");
        assert_eq!(restored.get(path), Some(bytes).filter(|_| is_kept), "{path}");
    }
    assert!(restored.keys().all(|path| whole.contains_key(path)));
    registry.sandbox.run("registry verify again/public").ends(0);
    registry.swap("again");
    let (is_good, found) = registry.doctor("");
    assert!(is_good, "{found}");
    // Accounts, tokens and the log go on.
    registry.restart();
    registry.publish("demo/one", "1.1.0").ends(0);
    registry.sandbox.run("registry verify data/public").ends(0);
}

#[test]
fn backups_while_others_publish_are_whole() {
    let registry = Registry::new();
    registry.publish("demo/first", "1.0.0").ends(0);
    std::thread::scope(|scope| {
        let publishing = scope.spawn(|| {
            for number in 0..8 {
                registry.publish("demo/busy", &format!("1.{number}.0")).ends(0);
            }
        });
        let mut number = 0;
        while !publishing.is_finished() || number == 0 {
            registry.operated(&format!("backup saved-{number} --data data"));
            number += 1;
        }
        publishing.join().unwrap();
        for number in 0..number {
            registry.operated(&format!("restore saved-{number} --data restored-{number}"));
            // Keys of its own folder finish what a writer was stopped at.
            let restored = registry.path(&format!("restored-{number}"));
            registry.sandbox.run(&format!("registry verify {}/public", restored.display())).ends(0);
        }
        assert!(number > 1, "no backup was made meanwhile");
    });
}

#[test]
fn a_restored_older_backup_never_signs() {
    let mut registry = Registry::new();
    registry.publish("demo/one", "1.0.0").ends(0);
    registry.operated("backup saved --data data");
    registry.publish("demo/two", "1.0.0").ends(0);
    registry.server = None;
    // The keys lie elsewhere, with what they signed last.
    std::fs::rename(registry.path("data/keys"), registry.path("keys")).unwrap();
    registry.operated("restore saved --data again --signing-keys keys");
    let before = files(&registry.path("again/public"));
    let keys = files(&registry.path("keys"));
    for verb in ["serve", "rebuild-index"] {
        let said = registry.refused(&format!("{verb} --data again --signing-keys keys"));
        assert!(said.contains("VP0526"), "{verb}: {said}");
    }
    let said = registry.refused("doctor --data again --signing-keys keys");
    assert!(said.contains("VP0526") && said.contains("restore the newest copy"), "{said}");
    assert!(files(&registry.path("again/public")) == before && files(&registry.path("keys")) == keys);
    // The newest copy does.
    let said = registry.operated("doctor --data data --signing-keys keys");
    assert!(said.contains("entries: 4") || said.contains("entries: 5"), "{said}");
}

/// Whether a fault that was found names a file.
fn names(found: &serde_json::Value, path: &str) -> bool {
    let findings = found["findings"].as_array().unwrap().iter();
    findings.filter(|one| one["state"] == "fault").any(|one| one["message"].as_str().unwrap().contains(path))
}

#[test]
fn doctor_finds_what_is_damaged_and_repairs_what_follows_from_the_log() {
    let mut registry = Registry::new();
    registry.publish("demo/one", "1.0.0").ends(0);
    registry.publish("demo/two", "1.0.0").ends(0);
    let whole = files(&registry.path("data/public"));
    assert!(registry.doctor("").0, "{}", registry.doctor("").1);
    registry.server = None;
    let public = registry.path("data/public");
    let archive = "p/demo/two/1.0.0/two-1.0.0.vitmod";
    let index = "index/demo/one";
    let damage = |path: &str| {
        let mut bytes = whole[path].clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(public.join(path), bytes).unwrap();
    };
    // What follows from the log is made anew; index files do not go back for those who saw the lost ones.
    for path in [index, "ns/demo.jsonl", "p/demo/one/1.0.0/one-1.0.0.vitmod.tlog-proof"] {
        for is_lost in [false, true] {
            match is_lost {
                true => std::fs::remove_file(public.join(path)).unwrap(),
                false => damage(path),
            }
            let (is_good, found) = registry.doctor("");
            assert!(!is_good && found["is_good"] == false, "{path}: {found}");
            assert!(names(&found, path), "{path}: {found}");
            let (is_good, found) = registry.doctor(" --repair");
            assert!(is_good && found.to_string().contains("\"repaired\""), "{path}: {found}");
            registry.sandbox.run("registry verify data/public").ends(0);
            // A new index file has a new number, and a new proof is of the newest checkpoint.
            if path.starts_with("ns/") {
                assert!(std::fs::read(public.join(path)).unwrap() == whole[path], "{path}");
            }
        }
    }
    let rev = |bytes: &[u8]| {
        let head = String::from_utf8_lossy(bytes).lines().next().unwrap().to_owned();
        serde_json::from_str::<serde_json::Value>(&head).unwrap()["rev"].as_u64().unwrap()
    };
    let rebuilt = std::fs::read(public.join(index)).unwrap();
    assert!(rev(&rebuilt) > rev(&whole[index]));
    assert!(registry.operated("rebuild-index --data data").contains("0 files"));
    assert!(std::fs::read(public.join("index/demo/two")).unwrap() == whole["index/demo/two"]);
    // Whoever saw the lost one takes the new one.
    registry.restart();
    let url = registry.server.as_ref().unwrap().url();
    registry.sandbox.run(&format!("install demo/one --registry {url}")).ends(0);
    registry.publish("demo/one", "1.1.0").ends(0);
    registry.server = None;
    // An archive, or the log itself, is not made up.
    let others = ["trust/1.json", "log/checkpoint"].map(str::to_owned);
    for path in [archive.to_owned(), newest_bundle(&public)].into_iter().chain(others) {
        let good = std::fs::read(public.join(&path)).unwrap();
        let mut bad = good.clone();
        let end = bad.len() - 2;
        bad[end] ^= 1;
        std::fs::write(public.join(&path), &bad).unwrap();
        let (is_good, found) = registry.doctor(" --repair");
        assert!(!is_good && names(&found, &path), "{path}: {found}");
        assert!(std::fs::read(public.join(&path)).unwrap() == bad, "{path}");
        std::fs::write(public.join(&path), good).unwrap();
    }
    // What is open to others is closed.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = registry.path("data/keys/log.pem");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let (is_good, found) = registry.doctor("");
        assert!(!is_good && found.to_string().contains("chmod 600"), "{found}");
        assert!(registry.doctor(" --repair").0);
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

fn newest_bundle(public: &Path) -> String {
    let all = files(public).into_keys().filter(|path| path.starts_with("log/tile/entries/"));
    all.max_by_key(|path| path.rsplit('/').next().and_then(|width| width.parse::<u64>().ok())).unwrap()
}

#[test]
fn gc_removes_what_nobody_needs_and_nothing_else() {
    let registry = Registry::new();
    registry.publish("demo/one", "1.0.0").ends(0);
    registry.publish("demo/one", "1.1.0").ends(0);
    let public = registry.path("data/public");
    let whole = files(&public);
    let put = |path: &str, is_old: bool| {
        let place = registry.path(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(&place, "x".repeat(100)).unwrap();
        if is_old {
            age(&place);
        }
        place
    };
    let garbage = [
        put("data/public/p/demo/one/9.0.0/one-9.0.0.vitmod", true),
        put("data/public/p/demo/none/1.0.0/none-1.0.0.vitmod", true),
        put("data/public/p/demo/none/1.0.0/none-1.0.0.vitmod.tlog-proof", true),
        put("data/public/.vitte-staging/.tmp-1-1", true),
        put("data/staging/0123456789abcdef/left", true),
    ];
    let kept = [
        // Perhaps on its way.
        put("data/public/p/demo/one/8.0.0/one-8.0.0.vitmod", false),
        put("data/public/.vitte-staging/.tmp-1-2", false),
        // None of ours.
        put("data/public/p/demo/one/notes.txt", true),
    ];
    let superseded: Vec<_> =
        whole.keys().filter(|path| path.ends_with(".p/3") && path.starts_with("log/tile/")).collect();
    superseded.iter().for_each(|path| age(&public.join(path)));
    let newest = newest_bundle(&public);
    age(&public.join(&newest));
    for path in whole.keys().filter(|path| path.starts_with("p/")) {
        age(&public.join(path));
    }
    let before = files(&registry.path("data"));
    let counted = registry.operated("gc --data data --dry-run");
    assert!(counted.contains("does not name: 3 (300 B)"), "{counted}");
    assert!(counted.contains("uploads that are over: 1 (100 B)"), "{counted}");
    let without = |files: BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<u8>> {
        files.into_iter().filter(|(path, _)| !path.starts_with("db.sqlite")).collect()
    };
    assert!(without(files(&registry.path("data"))) == without(before), "a dry run changes nothing");
    let removed = registry.operated("gc --data data");
    assert_eq!(removed, counted);
    assert!(garbage.iter().all(|path| !path.exists()), "{removed}");
    assert!(kept.iter().all(|path| path.exists()) && public.join(&newest).exists(), "{removed}");
    assert!(superseded.iter().all(|path| !public.join(path).exists()), "{superseded:?}");
    for (path, bytes) in whole.iter().filter(|(path, _)| !superseded.contains(path)) {
        assert_eq!(&std::fs::read(public.join(path)).unwrap(), bytes, "{path}");
    }
    let again = registry.operated("gc --data data");
    assert!(again.lines().all(|line| line.contains(": 0 (0 B)")), "{again}");
    registry.publish("demo/one", "1.2.0").ends(0);
    // An index file that cannot be trusted is no ground to remove an archive.
    let old = registry.path("data/public/p/demo/one/7.0.0/one-7.0.0.vitmod");
    put("data/public/p/demo/one/7.0.0/one-7.0.0.vitmod", true);
    std::fs::write(public.join("index/demo/one"), "damaged").unwrap();
    registry.operated("gc --data data");
    assert!(old.exists() && public.join("p/demo/one/1.0.0/one-1.0.0.vitmod").exists());
    std::fs::remove_file(public.join("index/demo/one")).unwrap();
    registry.operated("gc --data data");
    assert!(old.exists() && public.join("p/demo/one/1.0.0/one-1.0.0.vitmod").exists());
}

#[test]
fn a_release_is_removed_and_its_history_stays() {
    let mut registry = Registry::new();
    registry.publish("demo/one", "1.0.0").ends(0);
    registry.publish("demo/one", "1.1.0").ends(0);
    let archive = "p/demo/one/1.0.0/one-1.0.0.vitmod";
    let public = registry.path("data/public");
    let whole = std::fs::read(public.join(archive)).unwrap();
    // One that is only missing is a fault, to operator and auditor.
    std::fs::remove_file(public.join(archive)).unwrap();
    assert!(registry.refused("doctor --data data").contains(archive));
    registry.sandbox.run("registry verify data/public --json").ends(9);
    std::fs::write(public.join(archive), &whole).unwrap();
    for wrong in ["demo/one", "demo/one@x", "demo/one@9.0.0", "demo/two@1.0.0"] {
        registry.refused(&format!("takedown {wrong} --reason legal --data data"));
    }
    registry.refused("takedown demo/one@1.0.0 --reason because --data data");
    assert!(public.join(archive).exists());
    let before = files(&public);
    // Deltas to it, which any reader could make it of.
    let deltas = [format!("{archive}.vitdelta/00ff"), "p/demo/one/1.0.0/deltas.json".to_owned()];
    std::fs::create_dir(public.join(format!("{archive}.vitdelta"))).unwrap();
    deltas.iter().for_each(|path| std::fs::write(public.join(path), "delta").unwrap());
    let done = registry.operated("takedown demo/one@1.0.0 --reason legal --data data");
    assert!(deltas.iter().all(|path| !public.join(path).exists()));
    assert!(
        done.starts_with(&format!("demo/one@1.0.0: removed 1 archive ({})\n", size(whole.len() as u64))),
        "{done}"
    );
    let again = registry.operated("takedown demo/one@1.0.0 --reason removed --data data");
    assert!(again.starts_with("demo/one@1.0.0: removed 0 archives (0 B)\n"), "{again}");
    let record = format!("{archive}.removed");
    let mut after = files(&public);
    assert!(after.remove(&record).unwrap().starts_with(b"{\"v\":1,\"reason\":\"legal\","));
    let expected: BTreeMap<_, _> = before.into_iter().filter(|(path, _)| path != archive).collect();
    assert!(after == expected, "everything else stays");
    let server = registry.server.as_ref().unwrap();
    let response = server.get(&format!("/{archive}"));
    assert!(response.starts_with("HTTP/1.1 451 ") && response.contains("for legal reasons"), "{response}");
    assert!(response.contains("application/problem+json") && response.contains("VP0606"), "{response}");
    assert!(!response.contains("immutable"), "{response}");
    let range = server.ask(&format!("GET /{archive} HTTP/1.1\r\nRange: bytes=0-3\r\n"), b"");
    assert!(range.starts_with("HTTP/1.1 451 "), "{range}");
    assert!(server.get(&format!("/{archive}.tlog-proof")).starts_with("HTTP/1.1 200 "));
    let url = server.url();
    let install =
        |version: &str| registry.sandbox.run(&format!("install demo/one@{version} --registry {url} --json"));
    // A client says what happened, why and what to do; a resolver may still be led there.
    let said = install("1.0.0").ends(9).stdout;
    assert!(said.contains("VP0606") && said.contains("removed by the operator"), "{said}");
    assert!(
        said.contains("for legal reasons") && said.contains("vitte-package add 'demo/one@<1.0.0'"),
        "{said}"
    );
    assert!(done.contains("vitte-package yank demo/one@1.0.0 --code legal"), "{done}");
    let command = format!("yank demo/one@1.0.0 --code legal --yes --registry {url}");
    registry.sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &registry.token)).ends(0);
    let yanked = registry.operated("takedown demo/one@1.0.0 --reason legal --data data");
    assert!(!yanked.contains("vitte-package yank"), "{yanked}");
    install("1.1.0").ends(0);
    // The version is taken for ever, and what is published already is still published.
    registry.publish("demo/one", "1.0.0").ends(0);
    let other = pack(&registry.sandbox, "demo/one", "1.0.0", "something else", "");
    let token = &registry.token;
    let command = format!("publish {} --yes --registry {url}", other.display());
    registry.sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", token)).ends(10);
    // The tools accept what is recorded.
    registry.operated("doctor --data data");
    age(&public.join(&record));
    assert!(registry.operated("gc --data data").contains("does not name: 0 (0 B)"));
    registry.sandbox.run("registry verify data/public --json").ends(0);
    registry.operated("backup saved --data data");
    registry.server = None;
    registry.operated("export exported --data data");
    registry.sandbox.run("registry verify exported --json").ends(0);
    assert!(registry.path("exported").join(&record).exists());
    registry.operated("restore saved --data new --signing-keys data/keys");
    registry.operated("doctor --data new --signing-keys data/keys");
    // A folder with removals is taken over with them.
    registry.operated("import exported --keys data/keys --data imported");
    registry.operated("doctor --data imported");
    assert!(files(&registry.path("imported/public")) == files(&registry.path("exported")));
    // Stopped between record and archive: told, and mended by running it again.
    std::fs::write(public.join(archive), &whole).unwrap();
    assert!(registry.refused("doctor --data data").contains("is still there"));
    registry.operated("takedown demo/one@1.0.0 --reason legal --data data");
    registry.operated("doctor --data data");
}

#[test]
fn a_namespace_that_looks_like_another_waits_for_the_operator() {
    let mut registry = Registry::new();
    registry.publish("cool-lib/one", "1.0.0").ends(0);
    let url = registry.server.as_ref().unwrap().url();
    let archive = pack(&registry.sandbox, "coo1lib/one", "1.0.0", "alike", "");
    let publish = |more: &str| {
        let command = format!("publish {} --yes --json --registry {url}{more}", archive.display());
        registry.sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &registry.token))
    };
    let review = || registry.operated("namespace review --data data");
    for more in [" --dry-run", ""] {
        let refused = publish(more).ends(7);
        assert!(refused.stdout.contains("VP0702") && refused.stdout.contains("looks like"), "{refused}");
        assert!(refused.stdout.contains("vitte-registry namespace allow coo1lib"), "{refused}");
        assert_eq!(review(), "coo1lib  held: looks like `cool-lib`, asked for by roussov");
    }
    assert_eq!(registry.operated("namespace list --data data"), "cool-lib");
    registry.operated("namespace allow coo1lib --data data");
    publish("").ends(0);
    assert_eq!(registry.operated("namespace list --data data"), "coo1lib\ncool-lib");
    let shown = registry.operated("namespace show coo1lib --data data");
    assert!(shown.contains("record 0: log entry 3") && shown.ends_with("coo1lib/one"), "{shown}");
    assert!(registry.refused("namespace show other --data data").contains("VP0606"));
    registry.operated("namespace reserve other --data data");
    assert!(registry.publish("other/one", "1.0.0").ends(7).stderr.contains("reserved"));
    registry.operated("namespace release other --data data");
    registry.publish("other/one", "1.0.0").ends(0);
    // Its own next versions are no new namespace.
    registry.publish("cool-lib/one", "1.1.0").ends(0);
    registry.restart_with(&["--similar-names", "allow"]);
    registry.publish("c0ol-lib/one", "1.0.0").ends(0);
    assert!(!registry.operated("namespace review --data data").contains("c0ol-lib"));
}
