//! Copies of a registry that lag or are not complete, as mirrors and caches are, in a folder and over HTTP; and two
//! commands of one user that are shown two histories at once.

use crate::malicious_registry::Stage;
use crate::registry::{code, files, pack, publish};
use crate::sandbox::Ran;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use vitte_package_core::digest::Digest;

/// What a plain file server says of a file that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    NotFound,
    /// A bucket whose user may not list it.
    Forbidden,
    /// The page of an application, or of a captive portal.
    Page,
}

/// A file server for a folder; gives its address. It ends with the test's process.
pub(crate) fn file_server(root: PathBuf, absent: Absent) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let root = root.clone();
            std::thread::spawn(move || respond(stream, &root, absent));
        }
    });
    url
}

fn respond(mut stream: TcpStream, root: &Path, absent: Absent) -> Option<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.trim_start_matches('/');
    const PAGE: &[u8] =
        b"<!doctype html>\n<html><title>Sign in</title><body>Welcome to the hotel</body></html>\n";
    const DENIED: &[u8] = b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>";
    let (status, kind, body) = match (std::fs::read(root.join(path)), absent) {
        (Ok(bytes), _) => ("200 OK", "application/octet-stream", bytes),
        (Err(_), Absent::NotFound) => ("404 Not Found", "text/plain", Vec::new()),
        (Err(_), Absent::Forbidden) => ("403 Forbidden", "application/xml", DENIED.to_vec()),
        (Err(_), Absent::Page) => ("200 OK", "text/html; charset=utf-8", PAGE.to_vec()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).ok()
}

/// A registry that grew from 3 to 4 entries after it was copied to `old`; the client has seen all 4.
fn lagging(name: &str) -> Stage {
    let stage = Stage::new();
    copy(&stage.file(""), &stage.sandbox.path().join("old"));
    publish(&stage.sandbox, &[&pack(&stage.sandbox, name, "1.1.0", "longer", "")]).ends(0);
    stage.run(&format!("verify {name} --registry reg")).ends(0);
    Stage { state: stage.trust(), ..stage }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let place = to.join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, bytes).unwrap();
    }
}

/// The places at which a folder of the sandbox can be had.
fn places(stage: &Stage, folder: &str) -> Vec<String> {
    let path = stage.sandbox.path().join(folder);
    let at = |absent| file_server(path.clone(), absent);
    vec![folder.to_owned(), at(Absent::NotFound), at(Absent::Forbidden)]
}

/// What is remembered, but for the file of the lock and what may be deleted at any time.
fn lasting_files(state: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    let lasting = |name: &String| {
        // Where a registry was last added from is no part of what was seen of it.
        !["/lock", "/proved", "/address"].iter().any(|end| name.ends_with(end)) && !name.contains("evidence/")
    };
    let kept = state.iter().filter(|(name, _)| lasting(name));
    kept.map(|(name, bytes)| (name.clone(), String::from_utf8_lossy(bytes).into_owned())).collect()
}

fn remembered(stage: &Stage) -> BTreeMap<String, String> {
    lasting_files(&stage.trust())
}

/// Nothing was remembered, and there is no evidence of anything.
#[track_caller]
fn nothing_is_held_against_anybody(stage: &Stage, ran: &Ran) {
    assert_eq!(remembered(stage), lasting_files(&stage.state), "{ran}");
    let all = files(&stage.client.join("trust"));
    // Evidence of a log whose key was dropped is no accusation.
    assert!(!all.keys().any(|name| name.contains("evidence/") && !name.contains("-dropped-")), "{ran}");
}

#[track_caller]
fn unavailable(stage: &Stage, arguments: &str, said: &str) {
    let ran = stage.run(&format!("{arguments} --json"));
    assert_eq!((ran.exit, code(&ran).as_str()), (6, "VP0605"), "{arguments}: {ran}");
    assert!(ran.stdout.contains(said), "{said}: {ran}");
    nothing_is_held_against_anybody(stage, &ran);
}

/// Removes everything that the client has installed and cached, so that it asks again.
fn forget_content(stage: &Stage) {
    for folder in ["store", "envs", "cache", "bin"] {
        let _ = std::fs::remove_dir_all(stage.client.join(folder));
    }
}

#[test]
fn t76_an_older_copy_is_told_and_serves_what_it_has() {
    let stage = lagging("demo/other");
    for place in places(&stage, "old") {
        let ran = stage.run(&format!("install demo/hello --registry {place}")).ends(0);
        let reported = "this copy of the registry is older than what you have seen (3 of 4 entries)";
        assert!(ran.stderr.contains(reported), "{ran}");
        nothing_is_held_against_anybody(&stage, &ran);
        // A package that was seen, and is not there.
        unavailable(&stage, &format!("install demo/other --registry {place}"), "(3 of 4 entries)");
        // One that was never seen is not found, and it is said that the copy is older.
        let none = stage.run(&format!("install demo/none --registry {place}")).ends(9);
        assert!(none.stderr.contains("older than what you have seen"), "{none}");
        forget_content(&stage);
    }
    // And the newest copy is as good as before.
    let ran = stage.run("install demo/other --registry reg").ends(0);
    assert!(!ran.stderr.contains("older"), "{ran}");
}

#[test]
fn t76_an_older_index_in_an_older_copy_is_no_rollback() {
    let stage = lagging("demo/hello");
    for place in places(&stage, "old") {
        unavailable(&stage, &format!("install demo/hello --registry {place}"), "(3 of 4 entries)");
    }
    // Under the newest log it is one.
    std::fs::copy(stage.sandbox.path().join("old/index/demo/hello"), stage.file("index/demo/hello")).unwrap();
    assert_eq!(code(&stage.run("install demo/hello --registry reg --json").ends(5)), "VP0532");
}

/// A project whose releases are locked needs nothing of the log.
#[test]
fn t76_what_is_locked_is_installed_from_an_older_copy() {
    let stage = lagging("demo/other");
    let manifest = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
    stage.sandbox.write("app/vitte.toml", manifest);
    stage.sandbox.write("app/src/lib.vit", "x");
    stage.run("lock --manifest app/vitte.toml --registry reg").ends(0);
    let state = stage.trust();
    let stage = Stage { state, ..stage };
    for place in places(&stage, "old") {
        for flags in ["--locked", "--locked --verify-lock", ""] {
            forget_content(&stage);
            let ran =
                stage.run(&format!("install --manifest app/vitte.toml --registry {place} {flags}")).ends(0);
            assert!(ran.stderr.contains("older than what you have seen (3 of 4 entries)"), "{flags}: {ran}");
            nothing_is_held_against_anybody(&stage, &ran);
        }
    }
}

/// What is kept to compare logs may be lost; then an older copy is older, and no more than that.
#[test]
fn t76_without_kept_tiles_an_older_copy_is_only_older() {
    let mut stage = lagging("demo/other");
    let edge = stage.state.keys().find(|name| name.ends_with("/edge")).unwrap();
    let edge = stage.client.join("trust").join(edge);
    for bad in [None, Some("vitte-edge 1\n4\n0 0 AAAA\n")] {
        match bad {
            None => std::fs::remove_file(&edge).unwrap(),
            Some(text) => std::fs::write(&edge, text).unwrap(),
        }
        stage.state = stage.trust();
        for place in places(&stage, "old") {
            unavailable(&stage, &format!("install demo/hello --registry {place}"), "log/tile/0/000.p/4");
        }
    }
}

/// A mirror that is being copied: some files are of the newer registry, some are not there yet.
#[test]
fn t76_a_copy_that_is_not_complete_proves_nothing() {
    let stage = lagging("demo/hello");
    let newest = stage.sandbox.path().join("reg");
    // What a client that saw the older registry meets.
    let client = stage.sandbox.path().join("earlier");
    let digest = Digest::of(&std::fs::read(stage.file("trust/1.json")).unwrap());
    let earlier = Stage { client, state: stage.trust(), sandbox: stage.sandbox };
    earlier.run(&format!("registry add old --trust-root-sha256 {digest}")).ends(0);
    earlier.run("verify demo/hello --registry old").ends(0);
    let earlier = Stage { state: earlier.trust(), ..earlier };
    let of_newest = |name: &str, parts: &[&str]| {
        let mirror = earlier.sandbox.path().join(name);
        copy(&earlier.sandbox.path().join("old"), &mirror);
        for (path, bytes) in files(&newest) {
            if parts.iter().any(|part| path.starts_with(part)) {
                let place = mirror.join(&path);
                std::fs::create_dir_all(place.parent().unwrap()).unwrap();
                std::fs::write(place, bytes).unwrap();
            }
        }
        name.to_owned()
    };
    // The checkpoint came before the tiles; the index before the log; the log before the entries.
    let cases = [
        (of_newest("m1", &["log/checkpoint", "index", "p"]), "log/tile/0/000.p/4"),
        (of_newest("m2", &["index", "p"]), "its checkpoint has 3"),
    ];
    for (mirror, said) in cases {
        for place in places(&earlier, &mirror) {
            unavailable(&earlier, &format!("install demo/hello --registry {place}"), said);
        }
    }
    let mirror = of_newest("m3", &["log", "index", "p"]);
    std::fs::remove_file(earlier.sandbox.path().join("m3/log/tile/entries/000.p/4")).unwrap();
    std::fs::remove_dir_all(earlier.sandbox.path().join("m3/ns")).unwrap();
    for place in places(&earlier, &mirror) {
        unavailable(&earlier, &format!("install demo/hello --registry {place}"), "ns/demo.jsonl");
    }
    // No checkpoint at all.
    let mirror = of_newest("m4", &[]);
    std::fs::remove_file(earlier.sandbox.path().join("m4/log/checkpoint")).unwrap();
    for place in places(&earlier, &mirror) {
        let ran = earlier.run(&format!("install demo/hello --registry {place}")).ends(0);
        assert!(ran.stderr.contains("has no checkpoint"), "{ran}");
        nothing_is_held_against_anybody(&earlier, &ran);
        forget_content(&earlier);
    }
}

/// The registry has changed its keys twice; a mirror is from before.
#[test]
fn t76_a_copy_from_before_a_rotation_is_older() {
    let stage = Stage::new();
    copy(&stage.file(""), &stage.sandbox.path().join("old"));
    stage.sandbox.run("registry rotate reg --log --index --yes").ends(0);
    copy(&stage.file(""), &stage.sandbox.path().join("middle"));
    stage.sandbox.run("registry rotate reg --yes").ends(0);
    stage.run("verify demo/hello --registry reg").ends(0);
    let stage = Stage { state: stage.trust(), ..stage };
    assert!(stage.state.iter().any(|(name, note)| {
        name.ends_with("/checkpoint") && String::from_utf8_lossy(note).contains("\n5\n")
    }));
    let digest = Digest::of(&std::fs::read(stage.file("trust/1.json")).unwrap());
    for folder in ["old", "middle"] {
        for place in places(&stage, folder) {
            let said = if folder == "old" { "trust root 3" } else { "older than what you have seen" };
            let ran = stage.run(&format!("install demo/hello --registry {place} --json"));
            match ran.exit {
                0 => nothing_is_held_against_anybody(&stage, &ran),
                _ => unavailable(&stage, &format!("install demo/hello --registry {place}"), said),
            }
            forget_content(&stage);
            // Adding the mirror takes nothing back either.
            let add = format!("registry add {place} --trust-root-sha256 {digest}");
            let ran = stage.run(&add);
            assert!(ran.exit == 0 || ran.exit == 6, "{ran}");
            nothing_is_held_against_anybody(&stage, &ran);
        }
    }
}

/// A smaller log of another history is a lie, and the kept tiles tell it from an older copy.
#[test]
fn t76_a_smaller_log_of_another_history_is_a_split_view() {
    let stage = Stage::new();
    let (registry, keys) = (files(&stage.file("")), files(&stage.sandbox.home().join("keys")));
    publish(&stage.sandbox, &[&pack(&stage.sandbox, "demo/lie", "1.0.0", "a lie", "")]).ends(0);
    std::fs::rename(stage.file(""), stage.sandbox.path().join("lie")).unwrap();
    for (path, bytes) in &registry {
        stage.sandbox.write(&format!("reg/{path}"), bytes);
    }
    for (path, bytes) in keys.iter().filter(|(path, _)| path.ends_with("signed.json")) {
        std::fs::write(stage.sandbox.home().join("keys").join(path), bytes).unwrap();
    }
    for version in ["1.1.0", "1.2.0"] {
        publish(&stage.sandbox, &[&pack(&stage.sandbox, "demo/hello", version, version, "")]).ends(0);
    }
    stage.run("verify demo/hello --registry reg").ends(0);
    let state = remembered(&stage);
    for place in places(&stage, "lie") {
        let ran = stage.run(&format!("install demo/hello@=1.0.0 --registry {place} --json"));
        assert_eq!((ran.exit, code(&ran).as_str()), (5, "VP0527"), "{ran}");
        assert_eq!(remembered(&stage), state);
        let kept = files(&stage.client.join("trust"));
        for what in ["checkpoint-before", "checkpoint-now"] {
            assert!(kept.keys().any(|name| name.contains(what)), "{what}: {:?}", kept.keys());
        }
    }
}

/// Two registries, `one` and `two`, that began alike and went on in two ways, of `sizes` entries each.
fn forks(stage: &Stage, sizes: [usize; 2]) {
    let (registry, keys) = (files(&stage.file("")), files(&stage.sandbox.home().join("keys")));
    for (fork, size) in ["one", "two"].into_iter().zip(sizes) {
        for number in 3..size {
            let version = format!("1.{number}.0");
            let archive = pack(&stage.sandbox, "demo/hello", &version, &format!("{fork} {number}"), "");
            publish(&stage.sandbox, &[&archive]).ends(0);
        }
        std::fs::rename(stage.file(""), stage.sandbox.path().join(fork)).unwrap();
        for (path, bytes) in &registry {
            stage.sandbox.write(&format!("reg/{path}"), bytes);
        }
        for (path, bytes) in keys.iter().filter(|(path, _)| path.ends_with("signed.json")) {
            std::fs::write(stage.sandbox.home().join("keys").join(path), bytes).unwrap();
        }
    }
}

/// T77: 30 rounds of two commands that start at once and are shown two forks: one of them ends with the split view.
#[test]
fn t77_two_commands_at_once_do_not_accept_two_forks() {
    for sizes in [[4, 4], [4, 5], [6, 4]] {
        let stage = Stage::new();
        forks(&stage, sizes);
        let (before, state) = (files(&stage.client), stage.trust());
        for round in 0..10 {
            std::fs::remove_dir_all(&stage.client).unwrap();
            for (path, bytes) in before.iter().filter(|(path, _)| !path.starts_with("store/")) {
                let place = stage.client.join(path);
                std::fs::create_dir_all(place.parent().unwrap()).unwrap();
                std::fs::write(place, bytes).unwrap();
            }
            // In half of the rounds nothing of the log was seen before.
            if round % 2 == 0 {
                for path in
                    state.keys().filter(|path| !path.ends_with("trust.json") && !path.ends_with("/registry"))
                {
                    let _ = std::fs::remove_file(stage.client.join("trust").join(path));
                }
            }
            let ends: Vec<(i32, String)> = std::thread::scope(|scope| {
                let run = |fork: &'static str| {
                    let stage = &stage;
                    scope.spawn(move || {
                        let ran = stage.run(&format!("verify demo/hello --registry {fork} --json"));
                        (ran.exit, if ran.exit == 0 { String::new() } else { code(&ran) })
                    })
                };
                let running = [run("one"), run("two")];
                running.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let mut exits: Vec<i32> = ends.iter().map(|(exit, _)| *exit).collect();
            exits.sort_unstable();
            assert_eq!(exits, [0, 5], "{sizes:?}, round {round}: {ends:?}");
            assert!(ends.iter().any(|(_, code)| code == "VP0527"), "{ends:?}");
            let kept = files(&stage.client.join("trust"));
            assert!(kept.keys().any(|name| name.contains("evidence/checkpoint-now")), "{:?}", kept.keys());
        }
    }
}

/// A store that answers 403 for what is not there is a registry like another.
#[test]
fn a_store_that_may_not_be_listed_serves_a_registry() {
    let stage = Stage::new();
    let url = file_server(stage.sandbox.path().join("reg"), Absent::Forbidden);
    stage.run(&format!("verify demo/hello --registry {url}")).ends(0);
    stage.run(&format!("install demo/hello --registry {url}")).ends(0);
    stage.run(&format!("log monitor --registry {url}")).ends(0);
    // The suggested name is one that this user has seen there.
    let missing = stage.run(&format!("install demo/helo --registry {url} --json"));
    assert_eq!((missing.exit, code(&missing).as_str()), (9, "VP0606"), "{missing}");
    assert!(missing.stdout.contains("did you mean") && missing.stdout.contains("demo/hello"), "{missing}");
    // Without the proof next to it a release is proved by the log.
    std::fs::remove_file(stage.file("p/demo/hello/1.0.0/hello-1.0.0.vitmod.tlog-proof")).unwrap();
    let _ = std::fs::remove_dir_all(stage.client.join("cache"));
    stage.run(&format!("verify demo/hello --registry {url}")).ends(0);
    std::fs::remove_file(stage.file("p/demo/hello/1.0.0/hello-1.0.0.vitmod")).unwrap();
    let _ = std::fs::remove_dir_all(stage.client.join("cache"));
    let gone = stage.run(&format!("verify demo/hello --registry {url} --json"));
    assert_eq!((gone.exit, code(&gone).as_str()), (9, "VP0606"), "{gone}");
}

/// A page with status 200 is reported as such, whichever file it comes instead of, and proves nothing.
#[test]
fn a_web_page_instead_of_a_file_is_told_as_that() {
    let stage = Stage::new();
    let mirror = stage.sandbox.path().join("mirror");
    let url = file_server(mirror.clone(), Absent::Page);
    let mut paths = vec!["trust/2.json".to_owned()];
    paths.extend(
        files(&stage.file(""))
            .into_keys()
            .filter(|path| !path.starts_with(".vitte") && path != "trust/1.json"),
    );
    let needed = ["trust/2", "config", "log/checkpoint", "index/", "ns/", "p/"];
    for path in paths.iter().filter(|path| needed.iter().any(|needed| path.starts_with(needed))) {
        let _ = std::fs::remove_dir_all(&mirror);
        copy(&stage.file(""), &mirror);
        // There is none in an honest registry: a server that has it says so.
        let _ = std::fs::remove_file(mirror.join(path));
        if path != "trust/2.json" {
            // Everything before it is there.
            std::fs::create_dir_all(mirror.join("trust")).unwrap();
        }
        let _ = std::fs::remove_dir_all(stage.client.join("cache"));
        let ran = stage.run(&format!("verify demo/hello --registry {url} --json"));
        assert_eq!((ran.exit, code(&ran).as_str()), (6, "VP0602"), "{path}: {ran}");
        assert!(ran.stdout.contains("web page"), "{path}: {ran}");
        nothing_is_held_against_anybody(&stage, &ran);
    }
}
