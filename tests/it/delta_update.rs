//! Updates by deltas: a registry makes them, a client fetches one in place of the whole archive and ends with the same
//! files, and whatever is wrong with one, the whole archive comes.

use crate::install::{stored, unfinished};
use crate::registry::files;
use crate::sandbox::{Ran, Sandbox, has_program};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use vitte_package_core::registry::{DeltaList, layout};

/// A server of the files in `reg` that writes down what it sent.
struct Counting {
    url: String,
    /// Paths below the root, and the bytes sent of each.
    sent: Arc<Mutex<Vec<(String, usize)>>>,
    /// What is done to a delta before it is sent.
    spoil: Arc<Mutex<Option<Spoil>>>,
}

type Spoil = fn(&mut Vec<u8>);

impl Counting {
    fn start(sandbox: &Sandbox) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let served = Self {
            url: format!("http://{}/", listener.local_addr().unwrap()),
            sent: Arc::default(),
            spoil: Arc::default(),
        };
        let (root, sent, spoil) =
            (sandbox.path().join("reg"), Arc::clone(&served.sent), Arc::clone(&served.spoil));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (root, sent, spoil) = (root.clone(), Arc::clone(&sent), Arc::clone(&spoil));
                std::thread::spawn(move || respond(stream, &root, &sent, &spoil));
            }
        });
        served
    }

    /// What was sent of archives and deltas since the last call: how many requests found something, and the bytes.
    fn fetched(&self) -> (usize, usize) {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        let of_archives =
            sent.iter().filter(|(path, _)| path.starts_with("p/") && !path.ends_with(".tlog-proof"));
        of_archives.fold((0, 0), |(count, sum), (_, bytes)| (count + 1, sum + bytes))
    }

    fn spoil(&self, spoil: Spoil) {
        *self.spoil.lock().unwrap() = Some(spoil);
    }
}

fn respond(
    mut stream: TcpStream,
    root: &Path,
    sent: &Mutex<Vec<(String, usize)>>,
    spoil: &Mutex<Option<Spoil>>,
) -> Option<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let (status, mut body) = match std::fs::read(root.join(&path)) {
        Ok(bytes) => ("200 OK", bytes),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    if let Some(spoil) = *spoil.lock().unwrap()
        && path.contains(layout::DELTA)
    {
        spoil(&mut body);
    }
    sent.lock().unwrap().push((path, body.len()));
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).ok()
}

/// A text of lines, some of which are those of a version.
fn text(version: u32) -> String {
    let line = |at: u32| {
        let state = at.wrapping_mul(2_654_435_761).rotate_left(at % 31);
        let of = if at.is_multiple_of(97) { version } else { 0 };
        format!("let value_{at} = {state:x} + {of};\n")
    };
    (0..6_000).map(line).collect()
}

fn project(sandbox: &Sandbox, version: u32, more: &[(&str, &str)]) -> String {
    let folder = format!("hello-{version}");
    let manifest = format!(
        "[package]\nname = \"demo/hello\"\nversion = \"1.{version}.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
         description = \"A test\"\n"
    );
    sandbox.write(&format!("{folder}/vitte.toml"), manifest);
    sandbox.write(&format!("{folder}/src/main.vit"), text(version));
    sandbox.write(&format!("{folder}/src/same.vit"), "the same in all versions\n");
    for (path, content) in more {
        sandbox.write(&format!("{folder}/{path}"), content);
    }
    folder
}

fn publish(sandbox: &Sandbox, folder: &str) {
    sandbox.run(&format!("publish --manifest {folder}/vitte.toml --registry reg --yes")).ends(0);
}

/// A registry with releases 1.0.0 and 1.1.0 and a delta between them, and the server of it.
fn two() -> (Sandbox, Counting) {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    sandbox.run("registry init reg").ends(0);
    (0..2).for_each(|version| publish(&sandbox, &project(&sandbox, version, &[])));
    let made = sandbox.run("registry delta reg --json").ends(0).json()["result"].clone();
    assert_eq!((made["made"].as_array().unwrap().len(), &made["kept"]), (1, &0.into()), "{made}");
    let served = Counting::start(&sandbox);
    (sandbox, served)
}

#[must_use]
fn as_user(sandbox: &Sandbox, home: &str, arguments: &str) -> Ran {
    let home = sandbox.path().join(home);
    sandbox.run_with(arguments, |command| _ = command.env("VITTE_HOME", home))
}

/// Makes a user who has pinned the registry and installed a version.
fn with_version(sandbox: &Sandbox, served: &Counting, home: &str, version: &str) {
    let first = std::fs::read(sandbox.path().join("reg/trust/1.json")).unwrap();
    let pin = vitte_package_core::digest::Digest::of(&first);
    let url = &served.url;
    as_user(sandbox, home, &format!("registry add {url} --trust-root-sha256 {pin}")).ends(0);
    as_user(sandbox, home, &format!("install demo/hello@{version} --registry {url}")).ends(0);
    served.fetched();
}

fn update(sandbox: &Sandbox, served: &Counting, home: &str) -> serde_json::Value {
    let ran = as_user(sandbox, home, &format!("update demo/hello --registry {} --json", served.url));
    ran.ends(0).json()["result"].clone()
}

/// The folder of a release in the store of a user.
fn folder(sandbox: &Sandbox, home: &str, version: &str) -> PathBuf {
    let listed = as_user(sandbox, home, "store list --json").ends(0).json()["result"]["packages"].clone();
    let found = listed.as_array().unwrap().iter().find(|one| one["version"] == version).unwrap();
    PathBuf::from(found["folder"].as_str().unwrap().replace("[dir]", sandbox.path().to_str().unwrap()))
}

#[test]
fn an_update_fetches_the_delta_and_ends_as_a_fresh_install() {
    let (sandbox, served) = two();
    with_version(&sandbox, &served, "updated", "1.0.0");
    let old = files(&folder(&sandbox, "updated", "1.0.0"));
    let answer = update(&sandbox, &served, "updated");
    let (requests, bytes) = served.fetched();
    let whole =
        std::fs::metadata(sandbox.path().join("reg/p/demo/hello/1.1.0/hello-1.1.0.vitmod")).unwrap().len();
    assert_eq!(requests, 2, "the list and the delta");
    assert!(bytes as u64 * 5 < whole, "{bytes} of {whole}");
    assert!(answer["saved"].as_u64().unwrap() > whole / 2, "{answer}");
    with_version(&sandbox, &served, "fresh", "1.1.0");
    assert_eq!(files(&folder(&sandbox, "updated", "1.1.0")), files(&folder(&sandbox, "fresh", "1.1.0")));
    assert_eq!(files(&folder(&sandbox, "updated", "1.0.0")), old);
    as_user(&sandbox, "updated", "store verify").ends(0);
    assert_eq!(unfinished(&sandbox.path().join("updated")), 0);

    // What people are told.
    with_version(&sandbox, &served, "told", "1.0.0");
    let ran = as_user(&sandbox, "told", &format!("update demo/hello --registry {}", served.url)).ends(0);
    assert!(ran.stderr.contains("1 package came as a delta: "), "{ran}");
    // A folder is read as it is: there is nothing to save.
    as_user(&sandbox, "told", "install demo/hello@1.1.0 --registry reg --yes").ends(0);
}

#[test]
fn a_project_that_locks_a_newer_version_fetches_the_delta() {
    let (sandbox, served) = two();
    with_version(&sandbox, &served, "updated", "1.0.0");
    sandbox.write(
        "app/vitte.toml",
        "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"^1.1\"\n",
    );
    sandbox.write("app/src/lib.vit", "x");
    let line = format!("install --manifest app/vitte.toml --registry {} --json", served.url);
    let answer = as_user(&sandbox, "updated", &line).ends(0).json()["result"].clone();
    assert_eq!((&answer["unpacked"], answer["saved"].as_u64().unwrap() > 0), (&1.into(), true), "{answer}");
    assert_eq!(served.fetched().0, 2);
}

/// Other bytes, other lengths, another delta, none at all, an old release that was altered.
#[test]
fn t73_whatever_is_wrong_with_a_delta_the_whole_archive_comes() {
    let (sandbox, served) = two();
    let spoils: [Spoil; 5] = [
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        |bytes| {
            let middle = bytes.len() * 2 / 3;
            bytes[middle] ^= 0x10;
        },
        |bytes| bytes.truncate(200),
        |bytes| bytes.clear(),
        |bytes| bytes.extend_from_slice(&[0; 4096]),
    ];
    for (number, spoil) in spoils.into_iter().enumerate() {
        let home = format!("user-{number}");
        with_version(&sandbox, &served, &home, "1.0.0");
        served.spoil(spoil);
        let answer = update(&sandbox, &served, &home);
        assert_eq!(answer["saved"], 0, "{number}");
        as_user(&sandbox, &home, "store verify").ends(0);
        assert_eq!((stored(&sandbox.path().join(&home)), unfinished(&sandbox.path().join(&home))), (2, 0));
    }
    // Why is told to those who ask.
    with_version(&sandbox, &served, "asks", "1.0.0");
    let ran = as_user(&sandbox, "asks", &format!("update demo/hello -v --registry {}", served.url)).ends(0);
    assert!(ran.stderr.contains("the delta to demo/hello is not used"), "{ran}");

    // An old release that is not what was verified gives other files, which are not taken.
    *served.spoil.lock().unwrap() = None;
    for (number, file) in ["src/main.vit", "src/same.vit"].into_iter().enumerate() {
        let home = format!("altered-{number}");
        with_version(&sandbox, &served, &home, "1.0.0");
        let path = folder(&sandbox, &home, "1.0.0").join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[7] ^= 1;
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(update(&sandbox, &served, &home)["saved"], 0, "{file}");
        let fresh = files(&sandbox.path().join("hello-1"));
        let updated = files(&folder(&sandbox, &home, "1.1.0"));
        assert_eq!(updated[file], fresh[file]);
    }

    // A list that leads elsewhere, or is none.
    let list = sandbox.path().join("reg/p/demo/hello/1.1.0/deltas.json");
    let good = std::fs::read(&list).unwrap();
    let mut other = DeltaList::parse(&good).unwrap().deltas().to_vec();
    other[0].size = 10;
    for (number, bytes) in [b"[]".to_vec(), DeltaList::new(other).to_bytes()].into_iter().enumerate() {
        std::fs::write(&list, bytes).unwrap();
        let home = format!("list-{number}");
        with_version(&sandbox, &served, &home, "1.0.0");
        assert_eq!(update(&sandbox, &served, &home)["saved"], 0);
    }
    std::fs::write(&list, good).unwrap();
}

#[test]
fn a_registry_keeps_the_deltas_to_its_newest_releases() {
    let (sandbox, _) = two();
    let delta = |flags: &str| {
        let answer =
            sandbox.run(&format!("registry delta reg {flags} --json")).ends(0).json()["result"].clone();
        let count = |name: &str| answer[name].as_u64().unwrap();
        (answer["made"].as_array().unwrap().len(), count("kept"), count("unfit"), count("removed"))
    };
    let deltas = || {
        let mut found: Vec<_> = files(&sandbox.path().join("reg/p"))
            .into_keys()
            .filter(|path| path.contains(".vitdelta/"))
            .collect();
        found.sort();
        found.iter().map(|path| path.split('/').nth(2).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = files(&sandbox.path().join("reg"));
    assert_eq!(delta(""), (0, 1, 0, 0));
    assert_eq!(files(&sandbox.path().join("reg")), before, "done already");
    publish(&sandbox, &project(&sandbox, 2, &[]));
    assert_eq!(delta("--keep 2"), (2, 1, 0, 0));
    assert_eq!(deltas(), ["1.1.0", "1.2.0", "1.2.0"]);
    assert_eq!(delta("--previous 1"), (0, 1, 0, 2));
    assert_eq!(deltas(), ["1.2.0"]);
    assert!(!sandbox.path().join("reg/p/demo/hello/1.1.0/deltas.json").exists());
    // Deltas are no part of what is verified, and do not disturb it.
    sandbox.run("registry verify reg").ends(0);
    // Something else altogether: a delta would be as long as the archive.
    let other = project(&sandbox, 3, &[]);
    let noise: String =
        (0..40_000u32).map(|at| char::from(33 + (at.wrapping_mul(2_654_435_761) >> 13) as u8 % 90)).collect();
    sandbox.write(&format!("{other}/src/main.vit"), noise);
    publish(&sandbox, &other);
    let (made, kept, unfit, removed) = delta("");
    assert_eq!((made, kept, unfit, removed), (0, 0, 3, 1));
    assert_eq!(deltas(), [""; 0]);
}

/// Two versions of a package that no one here wrote, which cargo has brought to every machine that builds this.
fn real_pair() -> [PathBuf; 2] {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo"));
    let lock =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock")).unwrap();
    let mut versions =
        lock.split("[[package]]").filter(|one| one.contains("name = \"thiserror\"\n")).map(|one| {
            let version = one.split("version = \"").nth(1).unwrap();
            version.split('"').next().unwrap().to_owned()
        });
    let mut next = || {
        let name = format!("thiserror-{}", versions.next().unwrap());
        let sources = std::fs::read_dir(home.join("registry/src")).unwrap();
        sources.map(|source| source.unwrap().path().join(&name)).find(|path| path.is_dir()).unwrap()
    };
    [next(), next()]
}

#[test]
fn of_a_real_pair_no_more_is_fetched_than_its_best_patch_has() {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    sandbox.run("registry init reg").ends(0);
    for (version, source) in real_pair().iter().enumerate() {
        let folder = project(&sandbox, version as u32, &[]);
        let place = sandbox.path().join(&folder);
        std::fs::remove_dir_all(place.join("src")).unwrap();
        for name in ["src", "tests", "Cargo.toml", "README.md"] {
            let copied = Command::new("cp").arg("-r").arg(source.join(name)).arg(&place).status().unwrap();
            assert!(copied.success(), "{name}");
        }
        publish(&sandbox, &folder);
    }
    sandbox.run("registry delta reg").ends(0);
    let served = Counting::start(&sandbox);
    with_version(&sandbox, &served, "updated", "1.0.0");
    assert!(update(&sandbox, &served, "updated")["saved"].as_u64().unwrap() > 0);
    let (_, bytes) = served.fetched();
    with_version(&sandbox, &served, "fresh", "1.1.0");
    let [old, new] = ["1.0.0", "1.1.0"].map(|version| folder(&sandbox, "updated", version));
    assert_eq!(files(&new), files(&folder(&sandbox, "fresh", "1.1.0")));
    if !has_program("zstd") {
        return;
    }
    // The peer gets the files as a tar, and makes a patch of one to the other.
    let tar = |folder: &Path, name: &str| {
        let place = sandbox.path().join(name);
        let made = Command::new("tar")
            .args(["--sort=name", "--exclude=.vitte-*", "-cf"])
            .arg(&place)
            .arg("-C")
            .arg(folder)
            .arg(".")
            .status();
        assert!(made.unwrap().success());
        place
    };
    let (old, new) = (tar(&old, "old.tar"), tar(&new, "new.tar"));
    let patch = sandbox.path().join("patch");
    let made = Command::new("zstd")
        .args(["-q", "-19", "--long=27", "--patch-from"])
        .arg(&old)
        .arg(&new)
        .arg("-o")
        .arg(&patch)
        .stderr(std::process::Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let peer = std::fs::metadata(&patch).unwrap().len();
    // The head is all but the patches of contents, and the list that names the delta.
    let list = std::fs::read(sandbox.path().join("reg/p/demo/hello/1.1.0/deltas.json")).unwrap();
    let delta = &DeltaList::parse(&list).unwrap().deltas()[0].clone();
    let path = format!("reg/p/demo/hello/1.1.0/hello-1.1.0.vitmod.vitdelta/{}", delta.from.hex());
    let shown = sandbox.run(&format!("delta inspect {path} --json")).ends(0).json()["result"].clone();
    let contents: u64 =
        shown["patches"].as_array().unwrap().iter().map(|patch| patch["stored_len"].as_u64().unwrap()).sum();
    assert_eq!(bytes as u64, list.len() as u64 + delta.size);
    assert!(contents * 100 <= peer * 105, "{contents} bytes of patches, {peer} of the peer");
    assert!(delta.size - contents < 6 * 1024, "{delta:?}, {contents} of patches");
}
