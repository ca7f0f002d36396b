//! Deferred sections and parts of archives: over a server that records what it sends, nginx, a folder, and servers that do
//! not take ranges as they should.

use crate::http::as_stranger;
use crate::registry::{code, files, initialised, publish};
use crate::sandbox::{Ran, Sandbox};
use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use vitte_package::builder::{Input, InputSource, Options, Plan};
use vitte_package::package_file::PackageFile;
use vitte_package::report::Silent;
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::path::PackagePath;
use vitte_package_core::target::Kind;
use vitte_package_core::tree::{Mode, SectionName};

const FRONT: u64 = 128 * 1024;

/// Bytes that do not compress, different for each seed.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(next).collect()
}

type File<'a> = (&'a str, &'a str, Vec<u8>);

/// Writes a `.vitmod` of `demo/big`.
fn pack(sandbox: &Sandbox, version: &str, files: &[File<'_>]) -> PathBuf {
    let manifest = format!(
        "[package]\nname = \"demo/big\"\nversion = \"{version}\"\nedition = \"2025\"\nlicense = \"MIT\"\ndescription = \"A test\"\n\n[package.sections]\ndebug = [\"debug/**\"]\ndocs = [\"docs/**\"]\n"
    );
    let input = |(section, path, bytes): &File<'_>| Input {
        path: PackagePath::parse(path).unwrap(),
        section: SectionName::parse(section).unwrap(),
        mode: Mode::Regular,
        source: InputSource::Bytes(bytes.clone()),
    };
    let mut inputs = vec![input(&("-", "vitte.toml", manifest.into_bytes()))];
    inputs.extend(files.iter().map(input));
    let path = sandbox.path().join("packed").join(version).join(format!("big-{version}.vitmod"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let options = Options { kind: Kind::Vitmod, codec: Codec::Zstd, profile: Profile::Dev, jobs: 1 };
    Plan::new(inputs).unwrap().write(&path, options, &Silent, |_| Ok(Vec::new())).unwrap();
    path
}

/// 300 KiB that are installed, 400 KiB of `debug` and 1.2 MiB of `docs` that are not.
fn with_sections() -> Vec<File<'static>> {
    vec![
        ("-", "src/lib.vit", noise(1, 300 << 10)),
        ("debug", "debug/symbols", noise(2, 400 << 10)),
        ("docs", "docs/guide.md", noise(3, 1000 << 10)),
        ("docs", "docs/more.md", noise(4, 200 << 10)),
        // The same content as a file that is installed.
        ("docs", "docs/lib.vit", noise(1, 300 << 10)),
    ]
}

fn published() -> Sandbox {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "1.0.0", &with_sections())]).ends(0);
    sandbox
}

const ARCHIVE: &str = "p/demo/big/1.0.0/big-1.0.0.vitmod";

/// Where the frames of a section lie in an archive.
fn frames_of(archive: &Path, section: &str) -> std::ops::Range<u64> {
    let package = PackageFile::open(archive).unwrap();
    let toc = package.toc();
    let number = toc.tree().sections().position(|one| one.name().as_str() == section).unwrap();
    let frames = toc.layout().frames_of_section(number);
    let stored = |frames: std::ops::Range<usize>| {
        toc.frames().frames()[frames].iter().map(|frame| frame.stored_len).sum::<u64>()
    };
    let behind = stored(frames.end..toc.frames().frames().len());
    let end = package.file_len() - 11 - behind;
    end - stored(frames)..end
}

/// What a server does with ranges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ranges {
    /// As it should.
    Taken,
    /// Sends all, with 200.
    Ignored,
    /// Sends the bytes before, and says so.
    Other,
    /// Sends the part without saying which it is.
    Unsaid,
    /// Ends each body after this many bytes.
    Cut(usize),
    /// Sends a byte of a part now and then.
    Drip,
    /// Is another file after the first request.
    Changed,
    /// Another byte in each part but the first.
    Flipped,
}

/// What a server sent of archives: from, to.
type Sent = Arc<Mutex<Vec<(u64, u64)>>>;

/// A server of the folder `reg`; gives its address and what it sent of archives: from, to.
fn server(sandbox: &Sandbox, ranges: Ranges) -> (String, Sent) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (root, sent) = (sandbox.path().join("reg"), Arc::new(Mutex::new(Vec::new())));
    let log = Arc::clone(&sent);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (root, log) = (root.clone(), Arc::clone(&log));
            std::thread::spawn(move || respond(stream, &root, ranges, &log));
        }
    });
    (url, sent)
}

fn respond(mut stream: TcpStream, root: &Path, ranges: Ranges, log: &Mutex<Vec<(u64, u64)>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let Ok(mut bytes) = std::fs::read(root.join(&path)) else {
        return stream.write_all(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok();
    };
    let total = bytes.len() as u64;
    let range = head.lines().find_map(|line| {
        let range = line.to_ascii_lowercase().strip_prefix("range: bytes=")?.to_owned();
        let (from, last) = range.split_once('-')?;
        let end = last.parse::<u64>().map_or(total, |last| last + 1).min(total);
        Some((from.parse::<u64>().ok()?, end))
    });
    let is_archive = path.ends_with(".vitmod");
    let is_first = !is_archive || log.lock().unwrap().is_empty();
    let tag = if ranges == Ranges::Changed && !is_first { "other" } else { "one" };
    let range = range.filter(|_| is_archive && ranges != Ranges::Ignored);
    let (mut from, mut end) = range.unwrap_or((0, total));
    if is_archive {
        log.lock().unwrap().push((from, end));
    }
    let mut more = String::new();
    if range.is_some() {
        if ranges == Ranges::Other && from > 0 {
            (from, end) = (from - 1, end - 1);
        }
        if ranges != Ranges::Unsaid {
            more = format!("Content-Range: bytes {from}-{}/{total}\r\n", end - 1);
        }
        if ranges == Ranges::Flipped && from > 0 {
            bytes[from as usize + 50] ^= 1;
        }
    }
    let status = if range.is_some() { "206 x" } else { "200 OK" };
    let body = &bytes[from as usize..end as usize];
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nETag: \"{tag}\"\r\nConnection: close\r\n{more}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    match ranges {
        Ranges::Cut(at) if is_archive => stream.write_all(&body[..at.min(body.len())]).ok(),
        Ranges::Drip if range.is_some_and(|(from, _)| from > 0) => {
            for byte in body {
                stream.write_all(&[*byte]).ok()?;
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            Some(())
        }
        _ => stream.write_all(body).ok(),
    }
}

/// The folder of a section in the store, by its name.
fn section_folder(sandbox: &Sandbox, section: &str) -> Option<PathBuf> {
    let names = files(&sandbox.home().join("store/v1/pkg")).into_keys();
    let found = names.filter_map(|name| {
        let (folder, file) = name.rsplit_once('/')?;
        (file == ".vitte-ok" && folder.ends_with(&format!(".{section}"))).then(|| folder.to_owned())
    });
    found.map(|folder| sandbox.home().join("store/v1/pkg").join(folder)).next()
}

fn has_docs(sandbox: &Sandbox) -> bool {
    let Some(folder) = section_folder(sandbox, "docs") else { return false };
    for (section, path, bytes) in with_sections() {
        assert_eq!(folder.join(path).exists(), section == "docs", "{path}");
        assert!(section != "docs" || std::fs::read(folder.join(path)).unwrap() == bytes, "{path}");
    }
    let left = files(&sandbox.home().join("store/v1")).into_keys().filter(|name| name.starts_with("tmp/"));
    assert_eq!(left.collect::<Vec<_>>(), [""; 0]);
    true
}

/// The folder of the package that was installed.
fn folder_of(sandbox: &Sandbox, answer: &serde_json::Value) -> PathBuf {
    let folder = answer["result"]["packages"][0]["folder"].as_str().unwrap();
    // In what is printed, the sandbox's own folder is left out.
    PathBuf::from(folder.replace("[dir]", &sandbox.path().display().to_string()))
}

#[must_use]
fn install(sandbox: &Sandbox, url: &str, more: &str) -> Ran {
    sandbox.run(&format!("install demo/big --registry {url} --json {more}"))
}

#[test]
fn a_section_is_fetched_later_and_alone() {
    let sandbox = published();
    let archive = sandbox.path().join("reg").join(ARCHIVE);
    let (url, sent) = server(&sandbox, Ranges::Taken);
    as_stranger(&sandbox, &url);
    let installed = install(&sandbox, &url, "").ends(0).json();
    let folder = folder_of(&sandbox, &installed);
    assert!(folder.join("src/lib.vit").exists() && !folder.join("docs").exists());
    assert_eq!((section_folder(&sandbox, "docs"), section_folder(&sandbox, "debug")), (None, None));
    // One request, which the client ended where nothing more was wanted: nothing is in the cache.
    assert_eq!(std::mem::take(&mut *sent.lock().unwrap()).len(), 1);
    let cached = files(&sandbox.home().join("cache")).into_keys();
    assert_eq!(cached.filter(|name| name.starts_with("archives/vp1")).count(), 0);
    let info = sandbox.run(&format!("info demo/big --registry {url} --json")).ends(0).json();
    assert_eq!(info["result"]["sections"][1]["section"], "docs");
    assert_eq!(info["result"]["sections"][1]["bytes"], 1500 << 10);
    assert!(info["result"]["sections"][1]["folder"].is_null());

    sent.lock().unwrap().clear();
    let ran = install(&sandbox, &url, "--with docs").ends(0).json();
    let docs = frames_of(&archive, "docs");
    assert_eq!(*sent.lock().unwrap(), [(0, FRONT), (docs.start, docs.end)], "the front, and its frames");
    let row = &ran["result"]["packages"][0]["sections"][0];
    assert_eq!((&row["section"], &row["brought"]), (&"docs".into(), &true.into()));
    assert_eq!(row["fetched"], FRONT + docs.end - docs.start);
    assert!(has_docs(&sandbox));
    assert_eq!(section_folder(&sandbox, "debug"), None);
    assert!(!folder.join("docs").exists(), "the package's own folder never changes");

    // It is there: nothing is asked, also without the network.
    sent.lock().unwrap().clear();
    let again = install(&sandbox, &url, "--with docs").ends(0).json();
    assert_eq!(again["result"]["packages"][0]["sections"][0]["brought"], false);
    install(&sandbox, &url, "--with docs --offline").ends(0);
    assert_eq!(*sent.lock().unwrap(), []);
    let absent = install(&sandbox, &url, "--with debug --offline").ends(9);
    assert_eq!(code(&absent), "VP0606");
    let unknown = install(&sandbox, &url, "--with doc");
    assert!(unknown.json()["diagnostics"][0]["help"][0].as_str().unwrap().contains("docs"), "{unknown}");

    // `fetch` of what is installed, and of what a project uses.
    sandbox.run(&format!("fetch --section debug demo/big --registry {url}")).ends(0);
    assert!(section_folder(&sandbox, "debug").is_some());
    let listed = sandbox.run("store list --json").ends(0).json();
    assert_eq!(listed["result"]["packages"][0]["sections"], serde_json::json!(["debug", "docs"]));
}

#[test]
fn a_project_fetches_sections_of_what_it_uses() {
    let sandbox = published();
    let (url, sent) = server(&sandbox, Ranges::Taken);
    as_stranger(&sandbox, &url);
    sandbox.write(
        "vitte.toml",
        "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n",
    );
    sandbox.write("src/lib.vit", "x");
    sandbox.run(&format!("add demo/big --registry {url}")).ends(0);
    sandbox.run(&format!("install --registry {url}")).ends(0);
    let lock = std::fs::read(sandbox.path().join("vitte.lock")).unwrap();
    sent.lock().unwrap().clear();
    sandbox.run(&format!("fetch --section docs demo/big --registry {url}")).ends(0);
    assert_eq!(sent.lock().unwrap().len(), 2);
    assert!(has_docs(&sandbox));
    assert_eq!(std::fs::read(sandbox.path().join("vitte.lock")).unwrap(), lock);
    assert_eq!(sandbox.run("fetch --section docs demo/none --json").exit, 9);
    // What is copied into a project is what compiles: no section that happens to be there.
    sandbox.run(&format!("vendor --registry {url} --yes")).ends(0);
    let copies = files(&sandbox.path().join("vendor"));
    assert!(copies.keys().any(|name| name.ends_with("src/lib.vit")), "{:?}", copies.keys());
    assert!(!copies.keys().any(|name| name.contains("docs/")), "{:?}", copies.keys());
}

/// Acceptance: a matrix of servers.
#[test]
fn whatever_a_server_does_with_ranges_the_section_comes_whole_or_not_at_all() {
    let sandbox = published();
    let (first, _) = server(&sandbox, Ranges::Taken);
    as_stranger(&sandbox, &first);
    install(&sandbox, &first, "").ends(0);
    let home = sandbox.path().join("installed");
    std::fs::rename(sandbox.home(), &home).unwrap();
    let total = std::fs::metadata(sandbox.path().join("reg").join(ARCHIVE)).unwrap().len();
    for (ranges, exit, said) in [
        (Ranges::Ignored, 0, "whole files only"),
        (Ranges::Other, 0, "asked for bytes"),
        (Ranges::Unsaid, 0, "asked for bytes"),
        (Ranges::Changed, 0, ""),
        (Ranges::Cut(400 << 10), 0, ""),
        (Ranges::Cut(0), 6, ""),
        (Ranges::Drip, 6, ""),
        (Ranges::Flipped, 5, ""),
    ] {
        let copied = std::process::Command::new("cp").arg("-a").arg(&home).arg(sandbox.home()).status();
        assert!(copied.unwrap().success());
        let (url, sent) = server(&sandbox, ranges);
        let ran = sandbox.run_with(&format!("install demo/big --with docs --registry {url}"), |command| {
            _ = command.env("VITTE_HTTP_TIMEOUT", "1")
        });
        assert_eq!(ran.exit, exit, "{ranges:?}: {ran}");
        assert_eq!(has_docs(&sandbox), exit == 0, "{ranges:?}: {ran}");
        assert!(said.is_empty() || ran.stderr.matches(said).count() == 1, "{ranges:?}: {ran}");
        let sent = sent.lock().unwrap().clone();
        if matches!(ranges, Ranges::Ignored | Ranges::Other | Ranges::Unsaid) {
            assert_eq!(sent.last(), Some(&(0, total)), "{ranges:?}: whole then");
        }
        std::fs::remove_dir_all(sandbox.home()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn nginx_and_our_own_server_give_sections_by_ranges() {
    let sandbox = published();
    let docs = frames_of(&sandbox.path().join("reg").join(ARCHIVE), "docs");
    let wanted = docs.end - docs.start;
    let own = crate::http::serve(&sandbox);
    as_stranger(&sandbox, &own.url);
    install(&sandbox, &own.url, "").ends(0);
    let ran = install(&sandbox, &own.url, "--with docs").ends(0).json();
    assert_eq!(ran["result"]["packages"][0]["sections"][0]["fetched"], FRONT + wanted);
    assert!(has_docs(&sandbox));
    std::fs::remove_dir_all(sandbox.home()).unwrap();
    std::fs::rename(sandbox.path().join("owner"), sandbox.home()).unwrap();
    let Some((nginx, url)) = crate::http::nginx(&sandbox) else { return };
    as_stranger(&sandbox, &url);
    install(&sandbox, &url, "").ends(0);
    let log = || std::fs::read_to_string(sandbox.path().join("access.log")).unwrap();
    let before = log().len();
    install(&sandbox, &url, "--with docs").ends(0);
    assert!(has_docs(&sandbox));
    // nginx says what it sent: status and bytes of each body.
    let log = log()[before..].to_owned();
    let sent: Vec<_> = log.lines().filter(|line| line.contains(".vitmod")).collect();
    assert_eq!(sent.len(), 2, "{log}");
    assert!(sent[0].contains(&format!("\" 206 {FRONT} ")), "{log}");
    assert!(sent[1].contains(&format!("\" 206 {wanted} ")), "{log}");
    drop(nginx);
}

#[test]
fn sections_come_from_a_folder_and_from_a_file() {
    let sandbox = published();
    install(&sandbox, "reg", "--with docs").ends(0);
    assert!(has_docs(&sandbox));
    let key = sandbox.run("key export default").ends(0).stdout;
    sandbox.write("author.pub", key);
    sandbox.run("uninstall demo/big").ends(0);
    sandbox.run("store gc --all").ends(0);
    assert_eq!(section_folder(&sandbox, "docs"), None, "a section goes with its package");
    let file = "reg/p/demo/big/1.0.0/big-1.0.0.vitmod";
    sandbox.run(&format!("install ./{file} --with docs,debug")).ends(0);
    assert!(has_docs(&sandbox) && section_folder(&sandbox, "debug").is_some());
}

#[test]
fn a_damaged_section_is_found_and_brought_again() {
    let sandbox = published();
    install(&sandbox, "reg", "--with docs,debug").ends(0);
    let folder = section_folder(&sandbox, "docs").unwrap();
    let file = folder.join("docs/guide.md");
    #[allow(clippy::permissions_set_readonly_false)] // It is only to be damaged.
    {
        let mut permissions = std::fs::metadata(&file).unwrap().permissions();
        permissions.set_readonly(false);
        std::fs::set_permissions(&file, permissions).unwrap();
    }
    std::fs::write(&file, "altered").unwrap();
    let found = sandbox.run("store verify --json").ends(5).json();
    assert_eq!(found["result"]["damaged"][0]["section"], "docs");
    sandbox.run("store verify --fix --registry reg").ends(0);
    assert!(has_docs(&sandbox));
    sandbox.run("store verify").ends(0);
}

#[test]
fn processes_that_fetch_the_same_section_do_not_meet() {
    let sandbox = published();
    let (url, _) = server(&sandbox, Ranges::Taken);
    as_stranger(&sandbox, &url);
    install(&sandbox, &url, "").ends(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| install(&sandbox, &url, "--with docs").ends(0));
        }
    });
    assert!(has_docs(&sandbox));
    sandbox.run("store verify").ends(0);
}

/// Text that compresses to a half.
fn text(seed: u64, len: usize) -> Vec<u8> {
    noise(seed, len / 2).iter().flat_map(|byte| [b'a' + (byte >> 4), b'a' + (byte & 15)]).collect()
}

/// Two versions of a package of two large frames, of which the second differs.
#[test]
fn an_update_fetches_the_frames_that_hold_something_new() {
    let sandbox = initialised();
    let len = (8 << 20) - 512;
    let same = text(11, len);
    let big = |last: &[u8]| vec![("-", "src/a", same.clone()), ("-", "src/b", last.to_vec())];
    let (old, new) = (text(12, len), text(99, len));
    publish(&sandbox, &[&pack(&sandbox, "1.0.0", &big(&old))]).ends(0);
    let (url, sent) = server(&sandbox, Ranges::Taken);
    as_stranger(&sandbox, &url);
    install(&sandbox, &url, "").ends(0);
    let stranger = sandbox.path().join("stranger");
    std::fs::rename(sandbox.home(), &stranger).unwrap();
    std::fs::rename(sandbox.path().join("owner"), sandbox.home()).unwrap();
    publish(&sandbox, &[&pack(&sandbox, "1.1.0", &big(&new))]).ends(0);
    std::fs::rename(sandbox.home(), sandbox.path().join("owner")).unwrap();
    std::fs::rename(&stranger, sandbox.home()).unwrap();
    sent.lock().unwrap().clear();
    let ran = sandbox.run(&format!("update --registry {url}")).ends(0);
    let fetched: u64 = sent.lock().unwrap().iter().map(|(from, end)| end - from).sum();
    let archive = sandbox.path().join("reg/p/demo/big/1.1.0/big-1.1.0.vitmod");
    let frame = PackageFile::open(&archive).unwrap().toc().frames().frames()[2].stored_len;
    assert_eq!(fetched, FRONT + frame, "{ran}");
    assert!(
        ran.stderr.contains("did not have to be fetched") || ran.stdout.contains("did not have"),
        "{ran}"
    );
    let installed = install(&sandbox, &url, "").ends(0).json();
    let folder = folder_of(&sandbox, &installed);
    for (_, path, bytes) in big(&new) {
        assert!(std::fs::read(folder.join(path)).unwrap() == bytes, "{path}");
    }
    sandbox.run("store verify").ends(0);
}
