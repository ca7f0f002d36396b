//! What keeps a registry in order, where its files are in a bucket and its accounts in a database that replicas share.

use crate::author::{Author, Signed};
use crate::backends::{backend, shared_sql};
use crate::sandbox::{Sandbox, first_line};
use crate::served::{Server, initialised, operate, operated, program, token};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// A registry with two packages, which two replicas serve.
struct Shared {
    sandbox: Sandbox,
    server: Server,
    token: String,
}

fn shared() -> Option<Shared> {
    if backend().is_a_folder() {
        return None;
    }
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start(&sandbox);
    let token = token(&sandbox, "publish,namespace", "*");
    let shared = Shared { sandbox, server, token };
    shared.publish(&Signed::namespace("demo"));
    shared.release("demo/one", "1.0.0");
    shared.release("demo/two", "1.0.0");
    Some(shared)
}

impl Shared {
    fn publish(&self, signed: &Signed) {
        let response = Author::at(&self.server.address, &self.token).publish(signed).unwrap();
        assert_eq!(response.status, 200, "{response:?}");
    }

    fn release(&self, name: &str, version: &str) {
        self.publish(&Signed::default().with(&self.sandbox, name, version, name));
    }

    /// Puts something into the bucket, behind everybody's back.
    fn put(&self, path: &str, content: &str) {
        let environment = (backend().environment)(&self.sandbox);
        let of = |name: &str| environment.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        let storage = of("VITTE_REGISTRY_STORAGE");
        let (place, query) = storage.strip_prefix("s3://").unwrap().split_once('?').unwrap();
        let endpoint = query.split('&').find_map(|pair| pair.strip_prefix("endpoint=")).unwrap();
        let file = self.sandbox.write("put", content);
        let mut curl = Command::new("curl");
        curl.args(["-sf", "--aws-sigv4", "aws:amz:us-east-1:s3", "-T"]).arg(file);
        curl.args(["-u", &format!("{}:{}", of("AWS_ACCESS_KEY_ID"), of("AWS_SECRET_ACCESS_KEY"))]);
        let put = curl.arg(format!("{endpoint}/{place}/{path}")).status().unwrap();
        assert!(put.success(), "{path}");
    }

    fn operated(&self, command: &str) -> String {
        operated(&self.sandbox, &command.split(' ').collect::<Vec<_>>())
    }

    /// The files as they are now, in a folder that verifies.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = (backend().public)(&self.sandbox);
        self.sandbox.run(&format!("registry verify {}", folder.display())).ends(0);
        let (mut found, mut folders) = (BTreeMap::new(), vec![folder.clone()]);
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(&next).unwrap().flatten() {
                let path = entry.path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => {
                        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
                        found.insert(name, std::fs::read(&path).unwrap());
                    }
                }
            }
        }
        found
    }

    fn doctor(&self, flags: &str) -> (bool, serde_json::Value) {
        let command = format!("doctor --data data --json{flags}");
        let output = operate(&self.sandbox, &command.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr);
        (output.status.success(), serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}")))
    }
}

#[test]
fn gc_removes_from_a_bucket_what_nobody_needs_and_nothing_else() {
    let Some(shared) = shared() else { return };
    let before = shared.files();
    let garbage = [
        "public/p/demo/one/9.0.0/one-9.0.0.vitmod",
        "public/p/demo/none/1.0.0/none-1.0.0.vitmod",
        "public/p/demo/none/1.0.0/none-1.0.0.vitmod.tlog-proof",
        "staging/0123456789abcdef/left",
    ];
    garbage.iter().for_each(|path| shared.put(path, &"x".repeat(100)));
    shared.put("public/p/demo/one/notes.txt", "none of ours");
    let young = shared.operated("gc --data data");
    assert!(young.contains("does not name: 0 (0 B)"), "perhaps on its way: {young}");
    let counted = shared.operated("gc --data data --older-than 0 --dry-run");
    assert!(counted.contains("does not name: 3 (300 B)"), "{counted}");
    let removed = shared.operated("gc --data data --older-than 0");
    assert_eq!(removed, counted);
    let again = shared.operated("gc --data data --older-than 0");
    assert!(again.lines().all(|line| line.contains(": 0 (0 B)")), "{again}");
    let mut after = shared.files();
    assert_eq!(after.remove("p/demo/one/notes.txt").unwrap(), b"none of ours");
    for (path, bytes) in &before {
        let is_superseded = path.contains(".p/") && !path.ends_with(".p/4");
        assert_eq!(after.get(path), Some(bytes).filter(|_| !is_superseded), "{path}");
    }
    assert!(after.keys().all(|path| before.contains_key(path)));
    // An index file that cannot be trusted is no ground to remove an archive.
    shared.put("public/index/demo/one", "damaged");
    let said = operate(&shared.sandbox, &["gc", "--data", "data", "--older-than", "0"]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("demo/one"), "{said}");
    assert!(shared.server.get("/p/demo/one/1.0.0/one-1.0.0.vitmod").starts_with("HTTP/1.1 200"));
}

#[test]
fn doctor_finds_and_repairs_what_is_damaged_in_a_bucket() {
    let Some(mut shared) = shared() else { return };
    let whole = shared.files();
    let (is_good, found) = shared.doctor("");
    assert!(is_good, "{found}");
    for path in ["index/demo/one", "ns/demo.jsonl", "p/demo/two/1.0.0/two-1.0.0.vitmod.tlog-proof"] {
        shared.put(&format!("public/{path}"), "damaged\n");
        let (is_good, found) = shared.doctor("");
        assert!(!is_good && found.to_string().contains("\"fault\""), "{path}: {found}");
    }
    // One writes at a time.
    shared.server = Server::of(Command::new("true").spawn().unwrap(), String::new());
    let (is_good, found) = shared.doctor(" --repair");
    assert!(is_good && found.to_string().contains("\"repaired\""), "{found}");
    assert_eq!(shared.files()["ns/demo.jsonl"], whole["ns/demo.jsonl"]);
    shared.put("public/p/demo/two/1.0.0/two-1.0.0.vitmod", "damaged\n");
    let (is_good, found) = shared.doctor(" --repair");
    assert!(!is_good && found.to_string().contains("two-1.0.0.vitmod"), "an archive is not made up: {found}");
}

#[test]
fn a_backup_of_a_bucket_is_restored_beside_a_copy_of_the_database_and_goes_on() {
    let Some(mut shared) = shared() else { return };
    let before = shared.files();
    let said = shared.operated("backup saved --data data");
    assert!(said.contains("4 log entries") && said.contains("shared database"), "{said}");
    shared.server = Server::of(Command::new("true").spawn().unwrap(), String::new());
    // What `pg_dump` and `psql` would do, and a bucket of its own.
    let known = shared_sql(&shared.sandbox, "SELECT current_database()");
    let other = format!("{known}_again");
    let environment: Vec<_> = (backend().environment)(&shared.sandbox)
        .into_iter()
        .map(|(name, value)| (name, value.replace(&known, &other)))
        .chain([("VITTE_REGISTRY_SIGNING_KEYS", "data/keys".to_owned())])
        .collect();
    let copied = Command::new("psql")
        .args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-c", &format!("CREATE DATABASE {other} TEMPLATE {known}")])
        .arg(std::env::var("VITTE_TEST_POSTGRES").unwrap())
        .output()
        .unwrap();
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let run = |arguments: &[&str]| {
        let output = program(&shared.sandbox).envs(environment.clone()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.success(), said)
    };
    let (is_done, said) = run(&["restore", "saved", "--data", "again"]);
    assert!(is_done, "{said}");
    let (is_good, said) = run(&["doctor", "--data", "again"]);
    assert!(is_good, "{said}");
    assert!(run(&["export", "copy", "--data", "again"]).0);
    for (path, bytes) in before.iter().filter(|(path, _)| !path.contains(".p/")) {
        assert_eq!(&std::fs::read(shared.sandbox.path().join("copy").join(path)).unwrap(), bytes, "{path}");
    }
    let mut serve = program(&shared.sandbox);
    serve.envs(environment.clone()).args(["serve", "--data", "again", "--listen", "127.0.0.1:0"]);
    let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let line = first_line(&mut child);
    let address = line.trim_end().trim_end_matches('/').rsplit("://").next().unwrap().to_owned();
    shared.server = Server::of(child, address);
    // The token of the copied accounts, the log of the restored files.
    shared.release("demo/one", "1.1.0");
    assert!(shared.server.get("/index/demo/one").contains("\"ver\":\"1.1.0\""));
    // The backup is older than what that key and that database have signed now: it is never gone on with.
    shared.server = Server::of(Command::new("true").spawn().unwrap(), String::new());
    let third = |value: &str| value.replace(&format!("/{other}?"), &format!("/{known}_third?"));
    let older: Vec<_> = environment.iter().map(|(name, value)| (*name, third(value))).collect();
    let run = |arguments: &[&str]| {
        let output = program(&shared.sandbox).envs(older.clone()).args(arguments).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(run(&["restore", "saved", "--data", "third"]).0);
    let (is_done, said) = run(&["rebuild-index", "--data", "third"]);
    assert!(!is_done && said.contains("VP0526") && said.contains("the files are an older copy"), "{said}");
    assert!(run(&["export", "older", "--data", "third"]).0);
    let checkpoint = std::fs::read(shared.sandbox.path().join("older/log/checkpoint")).unwrap();
    assert_eq!(checkpoint, before["log/checkpoint"], "nothing was signed");
}
