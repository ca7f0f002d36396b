//! Mirrors: what they copy, what they refuse, and what clients see of it. T87 of the threats.

use crate::meddler::{Meddler, Trick};
use crate::pack::pack;
use crate::programs;
use crate::sandbox::{Ran, Sandbox, connect};
use crate::served::{Server, initialised, token};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A registry with an author, behind somebody who may meddle.
struct Origin {
    sandbox: Sandbox,
    server: Option<Server>,
    meddler: Meddler,
    pin: String,
    token: String,
}

impl Origin {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let pin = initialised(&sandbox);
        let server = Server::start(&sandbox);
        sandbox.run("key generate").ends(0);
        sandbox.run(&format!("registry add {} --trust-root-sha256 {pin}", server.url())).ends(0);
        let token = token(&sandbox, "publish,yank,namespace", "*");
        let meddler = Meddler::before(&server.address);
        Self { sandbox, server: Some(server), meddler, pin, token }
    }

    /// With two packages, one of which needs the other.
    fn with_packages() -> Self {
        let origin = Self::new();
        origin.publish("base/text", "1.2.0", "");
        origin.publish("demo/hello", "1.0.0", "\"base/text\" = \"^1.1\"\n");
        origin
    }

    fn publish(&self, name: &str, version: &str, needs: &str) {
        let archive = pack(&self.sandbox, name, version, &format!("{name} {version}"), needs);
        let url = self.server.as_ref().unwrap().url();
        let command = format!("publish {} --yes --registry {url}", archive.display());
        self.sandbox.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &self.token)).ends(0);
    }

    fn public(&self) -> PathBuf {
        self.sandbox.path().join("data/public")
    }

    fn stop(&mut self) {
        self.server = None;
    }

    fn mirror(&self, flags: &[&str]) -> Mirror {
        self.mirror_with(flags, |_| {}).unwrap_or_else(|said| panic!("the mirror did not start: {said}"))
    }

    fn mirror_with(&self, flags: &[&str], more: impl FnOnce(&mut Command)) -> Result<Mirror, String> {
        let log = self.sandbox.path().join("mirror.log");
        let mut command = Command::new(programs::server());
        command.args(["mirror", &self.meddler.url(), "--trust-root-sha256", &self.pin]);
        command.args(["--data", "copy", "--listen", "127.0.0.1:0", "--idle-timeout", "1"]).args(flags);
        command.current_dir(self.sandbox.path()).env_clear().stdout(Stdio::piped());
        command.stderr(std::fs::File::create(&log).unwrap());
        more(&mut command);
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut address = None;
        while let Ok(line) = lines.recv_timeout(PATIENCE) {
            if let Some((_, rest)) = line.split_once(" at http://") {
                address = Some(rest.trim_end_matches('/').to_owned());
                break;
            }
        }
        let said = || std::fs::read_to_string(&log).unwrap();
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(said());
        };
        Ok(Mirror { server: Server::of(child, address), copy: self.sandbox.path().join("copy"), log })
    }
}

struct Mirror {
    server: Server,
    copy: PathBuf,
    log: PathBuf,
}

impl Mirror {
    fn url(&self) -> String {
        self.server.url()
    }

    /// Status, headers and body of a file.
    fn get(&self, path: &str) -> (u16, String, Vec<u8>) {
        self.get_with(path, "")
    }

    fn get_with(&self, path: &str, headers: &str) -> (u16, String, Vec<u8>) {
        get(&self.server.address, path, headers)
    }

    fn status(&self, path: &str) -> u16 {
        self.get(path).0
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Asks for the checkpoint until the log has so many entries.
    fn reaches(&self, size: u64) {
        let deadline = std::time::Instant::now() + PATIENCE;
        while self.size() != size {
            assert!(std::time::Instant::now() < deadline, "at {} of {size}: {}", self.size(), self.said());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn size(&self) -> u64 {
        let (status, _, note) = self.get("log/checkpoint");
        assert_eq!(status, 200);
        String::from_utf8(note).unwrap().lines().nth(1).unwrap().parse().unwrap()
    }
}

fn get(address: &str, path: &str, headers: &str) -> (u16, String, Vec<u8>) {
    let mut stream = connect(address);
    let path = path.replace('+', "%2B");
    let head = format!("GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    let end = response.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = response.split_off(end + 4);
    let head = String::from_utf8(response).unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head, body)
}

/// Somebody who trusts the registry and has never seen it.
struct Reader(Sandbox);

impl Reader {
    fn of(origin: &Origin, url: &str) -> Self {
        let reader = Sandbox::new();
        reader.run(&format!("registry add {url} --trust-root-sha256 {}", origin.pin)).ends(0);
        Self(reader)
    }

    #[must_use = "a run that nothing is asserted of tests nothing: say how it `.ends`"]
    fn install(&self, package: &str, url: &str) -> Ran {
        self.0.run(&format!("install {package} --registry {url} --json"))
    }

    /// What was installed stays known; the packages themselves go, so that they are fetched again.
    fn forget_content(&self) {
        for folder in ["cache", "store", "envs", "bin", "roots"] {
            let _ = std::fs::remove_dir_all(self.0.home().join(folder));
        }
    }

    fn has_evidence(&self) -> bool {
        files(&self.0.home()).keys().any(|path| path.contains("evidence"))
    }
}

/// The files below a folder, without those that are a writer's own.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            match entry.file_type().unwrap().is_dir() {
                _ if name.starts_with(".vitte-") || name == ".gitattributes" => {}
                true => folders.push(path),
                false => _ = found.insert(name, std::fs::read(&path).unwrap()),
            }
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let place = to.join(entry.file_name());
        std::fs::create_dir_all(to).unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &place),
            false => _ = std::fs::copy(entry.path(), &place).unwrap(),
        }
    }
}

const HELLO: &str = "p/demo/hello/1.0.0/hello-1.0.0.vitmod";

#[test]
fn a_client_cannot_tell_a_mirror_from_the_registry() {
    let mut origin = Origin::with_packages();
    let mirror = origin.mirror(&[]);
    let reader = Reader::of(&origin, &mirror.url());
    reader.install("demo/hello", &mirror.url()).ends(0);
    // Every file of the registry, byte for byte and with the same headers.
    let address = origin.server.as_ref().unwrap().address.clone();
    let headers = |head: &str| -> Vec<String> {
        let varies = ["etag", "date", "content-length", "HTTP/1.1", "x-request-id"];
        let lines = head.lines().filter(|line| !varies.iter().any(|name| line.starts_with(name)));
        lines.map(str::to_owned).collect()
    };
    let registry = files(&origin.public());
    assert!(registry.len() > 10, "{:?}", registry.keys());
    for path in registry.keys() {
        let (expected, got) = (get(&address, path, ""), mirror.get(path));
        assert_eq!(got.0, 200, "{path}: {}", mirror.said());
        assert!(got.2 == expected.2, "{path}");
        assert_eq!(headers(&got.1), headers(&expected.1), "{path}");
    }
    // As parts, again, and what there is not.
    let (status, head, part) = mirror.get_with(HELLO, "Range: bytes=2-5\r\n");
    assert_eq!((status, part), (206, registry[HELLO][2..6].to_vec()), "{head}");
    let (_, head, _) = mirror.get("index/demo/hello");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert_eq!(mirror.get_with("index/demo/hello", &format!("If-None-Match: {tag}\r\n")).0, 304);
    for path in
        ["index/demo/none", "ns/none.jsonl", "trust/2.json", "log/tile/0/001", "p/demo/hello/9.0.0/x", "x"]
    {
        assert_eq!((mirror.status(path), get(&address, path, "").0), (404, 404), "{path}");
    }
    let names = r#"{"v":1,"packages":[{"name":"demo/hello"},{"name":"demo/none"}],"follow":true}"#;
    let batch = mirror.server.ask("POST /api/v1/index/batch HTTP/1.1\r\n", names.as_bytes());
    assert!(batch.contains("file demo/hello 200 ") && batch.contains("file base/text 200 "), "{batch}");
    assert!(batch.contains("file demo/none 404 ") && batch.ends_with("end\n"), "{batch}");
    // What the registry says without proof is passed on, and nothing that is of a user.
    for path in [
        "api/v1/search?q=hello&limit=5",
        "api/v1/search?limit=x",
        "api/v1/packages/demo/hello",
        "api/v1/packages/demo/hello?limit=1",
        "api/v1/packages/demo/hello/1.0.0",
        "api/v1/packages/demo/hello/1.0.0/files",
        "api/v1/packages/demo/none",
        "api/v1/packages/base/text/dependents",
    ] {
        let (expected, got) = (get(&address, path, ""), mirror.get(path));
        let without_id = |body: &[u8]| {
            let text = String::from_utf8(body.to_owned()).unwrap();
            text.split("\"request_id\"").next().unwrap().to_owned()
        };
        assert_eq!((got.0, without_id(&got.2)), (expected.0, without_id(&expected.2)), "{path}");
    }
    for (path, status) in [
        ("api/v1/me", 405),
        ("api/v1/packages/demo/hello/owners", 405),
        ("api/v1/packages/demo/..%2f..%2fme", 404),
        ("api/v1/packages/demo/hello%3fx", 404),
    ] {
        assert_eq!(mirror.status(path), status, "{path}");
    }
    let upload = mirror.server.ask("POST /api/v1/uploads HTTP/1.1\r\n", b"{}");
    assert!(upload.starts_with("HTTP/1.1 405") && upload.contains("VP0312"), "{upload}");
    assert!(upload.contains("read-only mirror"), "{upload}");
    // And when the registry is gone, to somebody else, and after a restart.
    origin.stop();
    let later = Reader::of(&origin, &mirror.url());
    later.install("demo/hello", &mirror.url()).ends(0);
    drop(mirror);
    let mirror = origin.mirror(&[]);
    Reader::of(&origin, &mirror.url()).install("demo/hello", &mirror.url()).ends(0);
    let (status, head, body) = mirror.get("api/v1/search?q=hello");
    assert_eq!(status, 503, "{head}");
    assert!(String::from_utf8(body).unwrap().contains("VP06") && head.contains("retry-after"), "{head}");
    // What was never asked for is not called absent.
    let (status, head, body) = mirror.get("index/demo/unknown");
    assert_eq!(status, 503, "{head}");
    assert!(head.contains("application/problem+json") && String::from_utf8(body).unwrap().contains("VP06"));
}

#[test]
fn a_mirror_follows_the_log_and_asks_for_each_file_once() {
    let origin = Origin::with_packages();
    let mirror = origin.mirror(&[]);
    let reader = Reader::of(&origin, &mirror.url());
    // Many who want the same archive at once cost the registry one request.
    origin.meddler.play(&[("p/", Trick::Held)]);
    let got = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16).map(|_| scope.spawn(|| mirror.get(HELLO))).collect();
        let deadline = std::time::Instant::now() + PATIENCE;
        while origin.meddler.asked(HELLO) == 0 {
            assert!(std::time::Instant::now() < deadline, "{}", mirror.said());
            std::thread::sleep(Duration::from_millis(10));
        }
        origin.meddler.play(&[]);
        asking.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let archive = std::fs::read(origin.public().join(HELLO)).unwrap();
    assert!(got.iter().all(|(status, _, body)| *status == 200 && *body == archive));
    let archives = |meddler: &Meddler| meddler.asked(HELLO) - meddler.asked(&format!("{HELLO}.tlog-proof"));
    assert_eq!(archives(&origin.meddler), 1);
    // What has not changed is not asked for again; what has, is.
    mirror.get("index/demo/hello");
    mirror.get("index/base/text");
    let asked = origin.meddler.asked("index/base/text");
    origin.publish("demo/hello", "1.1.0", "");
    mirror.reaches(6);
    reader.install("demo/hello@=1.1.0", &mirror.url()).ends(0);
    assert_eq!(
        mirror.get("index/demo/hello").2,
        std::fs::read(origin.public().join("index/demo/hello")).unwrap()
    );
    assert_eq!(origin.meddler.asked("index/base/text"), asked);
}

/// Whatever the registry does, what was verified is served and nothing else is.
#[test]
fn t87_an_upstream_that_fails_or_lies_changes_nothing() {
    let origin = Origin::with_packages();
    let mirror = origin.mirror(&[]);
    let reader = Reader::of(&origin, &mirror.url());
    reader.install("demo/hello", &mirror.url()).ends(0);
    let kept = files(&mirror.copy.join("public"));
    origin.publish("demo/other", "1.0.0", "");
    let new = "p/demo/other/1.0.0/other-1.0.0.vitmod";
    for trick in [
        Trick::Cut,
        Trick::Status(500),
        Trick::Status(429),
        Trick::Status(401),
        Trick::Page,
        Trick::Truncated,
        Trick::Endless,
        Trick::Crawling,
        Trick::Silent,
        Trick::Flipped,
    ] {
        origin.meddler.play(&[("", trick.clone())]);
        for (path, bytes) in kept.iter().filter(|(path, _)| *path != "config.json") {
            let (status, _, got) = mirror.get(path);
            assert!(status == 200 && got == *bytes, "{trick:?}: {path}: {status}");
        }
        assert_eq!(mirror.status("index/demo/other"), 503, "{trick:?}");
        assert_eq!(mirror.status(new), 503, "{trick:?}");
        reader.forget_content();
        reader.install("demo/hello", &mirror.url()).ends(0);
        assert!(files(&mirror.copy.join("public")) == kept, "{trick:?}");
    }
    assert!(!reader.has_evidence() && !mirror.copy.join("evidence").exists());
    // A lie about one file alone.
    for (path, file) in [("index/demo/other", "index/demo/other"), ("p/demo/other", new)] {
        for trick in [Trick::Flipped, Trick::Truncated, Trick::Page, Trick::Endless] {
            origin.meddler.play(&[(path, trick.clone())]);
            assert_eq!(mirror.status(file), 503, "{trick:?}: {path}");
            assert!(!mirror.copy.join("public").join(file).exists(), "{trick:?}: {path}");
        }
    }
    origin.meddler.play(&[]);
    mirror.reaches(6);
    reader.install("demo/other", &mirror.url()).ends(0);
}

/// A registry that goes on in two ways is refused, with evidence; one that goes back is only older.
#[test]
fn t87_an_upstream_that_forks_is_refused_and_one_that_goes_back_is_older() {
    let origin = Origin::with_packages();
    let path = |name: &str| origin.sandbox.path().join(name);
    copy(&path("data"), &path("other"));
    copy(&origin.public(), &path("before"));
    origin.publish("demo/one", "1.0.0", "");
    // The same keys, another history.
    let said = origin.mirror(&[]);
    let reader = Reader::of(&origin, &said.url());
    reader.install("demo/one", &said.url()).ends(0);
    reader.install("demo/hello", &said.url()).ends(0);
    let mirror = said;
    // Back: older, and no more than that.
    origin.meddler.play(&[("", Trick::Folder(path("before")))]);
    mirror.reaches(6);
    reader.forget_content();
    reader.install("demo/one", &mirror.url()).ends(0);
    assert!(!mirror.copy.join("evidence").exists(), "{}", mirror.said());
    assert!(!mirror.said().contains("VP05"), "{}", mirror.said());
    // Another history.
    let renamed = path("first");
    std::fs::rename(path("data"), &renamed).unwrap();
    std::fs::rename(path("other"), path("data")).unwrap();
    let second = Server::start(&origin.sandbox);
    let archive = pack(&origin.sandbox, "demo/two", "1.0.0", "another history", "");
    let command = format!("publish {} --yes --registry {}", archive.display(), second.url());
    // Its author has seen the first history: somebody who has not publishes here.
    let author = Sandbox::new();
    author.run(&format!("registry add {} --trust-root-sha256 {}", second.url(), origin.pin)).ends(0);
    std::fs::rename(origin.sandbox.home().join("keys"), author.home().join("keys")).unwrap();
    author.run_with(&command, |command| _ = command.env("VITTE_TOKEN", &origin.token)).ends(0);
    origin.meddler.play(&[("", Trick::Folder(path("data/public")))]);
    let deadline = std::time::Instant::now() + PATIENCE;
    while !mirror.copy.join("evidence").exists() {
        assert!(std::time::Instant::now() < deadline, "{}", mirror.said());
        assert_eq!(mirror.size(), 6);
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(mirror.said().contains("VP0527"), "{}", mirror.said());
    assert_eq!(files(&mirror.copy.join("evidence")).len(), 2);
    assert_eq!(mirror.status("index/demo/two"), 503);
    reader.forget_content();
    reader.install("demo/one", &mirror.url()).ends(0);
    assert!(!reader.has_evidence());
    // The same after a restart: what was seen is remembered.
    drop(mirror);
    let mirror = origin.mirror(&[]);
    assert_eq!(mirror.size(), 6);
    assert!(mirror.said().contains("VP0527"), "{}", mirror.said());
}

/// Caches between a registry and its mirror give files of different ages. Clients that know better are not told that
/// anybody attacks them.
#[test]
fn an_honest_mirror_behind_caches_is_never_called_an_attack() {
    let origin = Origin::with_packages();
    let before = origin.sandbox.path().join("before");
    let mirror = origin.mirror(&[]);
    let early = Reader::of(&origin, &mirror.url());
    early.install("demo/hello", &mirror.url()).ends(0);
    copy(&origin.public(), &before);
    origin.publish("demo/hello", "1.1.0", "");
    // Somebody has seen the newest.
    let url = origin.server.as_ref().unwrap().url();
    let reader = Reader::of(&origin, &url);
    reader.install("demo/hello", &url).ends(0);
    for stale in ["index/", "ns/", "log/checkpoint", "log/tile", "index/demo/hello", ""] {
        origin.meddler.play(&[(stale, Trick::Folder(before.clone()))]);
        for _ in 0..3 {
            reader.forget_content();
            let ran = reader.install("demo/hello", &mirror.url());
            assert!(matches!(ran.exit, 0 | 6), "{stale}: {ran}");
            assert!(!reader.has_evidence(), "{stale}: {ran}");
            std::thread::sleep(Duration::from_millis(700));
        }
        early.forget_content();
        early.install("demo/hello@=1.0.0", &mirror.url()).ends(0);
    }
    assert!(!mirror.copy.join("evidence").exists());
    origin.meddler.play(&[]);
    mirror.reaches(6);
    reader.forget_content();
    reader.install("demo/hello@=1.1.0", &mirror.url()).ends(0);
}

#[test]
fn archives_take_no_more_room_than_they_may() {
    let mut origin = Origin::with_packages();
    let size = std::fs::metadata(origin.public().join(HELLO)).unwrap().len();
    let mirror = origin.mirror(&["--size", &(size + 10).to_string()]);
    let reader = Reader::of(&origin, &mirror.url());
    reader.install("demo/hello", &mirror.url()).ends(0);
    let kept = || -> Vec<String> {
        let all = files(&mirror.copy.join("public")).into_keys();
        all.filter(|path| path.ends_with(".vitmod")).collect()
    };
    assert_eq!(kept().len(), 1, "{:?}", kept());
    // Which goes makes no difference to anybody while the registry is there.
    for path in [HELLO, "p/base/text/1.2.0/text-1.2.0.vitmod", HELLO] {
        assert_eq!(mirror.status(path), 200);
        assert_eq!(kept(), [path]);
    }
    // The log and the index stay.
    origin.stop();
    assert_eq!((mirror.status("index/base/text"), mirror.status("log/tile/0/000.p/4")), (200, 200));
    assert_eq!(mirror.status("p/base/text/1.2.0/text-1.2.0.vitmod"), 503);
}

#[test]
fn what_was_prefetched_is_enough_without_a_network() {
    let mut origin = Origin::with_packages();
    origin.publish("demo/unwanted", "1.0.0", "");
    origin.sandbox.write("list", "# what we need\ndemo/hello  # and what it needs\n");
    let mirror = origin.mirror(&["--prefetch", "list"]);
    drop(mirror);
    origin.stop();
    let asked = origin.meddler.received().len();
    let mirror = origin.mirror(&["--offline"]);
    let reader = Reader::of(&origin, &mirror.url());
    reader.install("demo/hello", &mirror.url()).ends(0);
    assert_eq!(reader.install("demo/unwanted", &mirror.url()).exit, 6);
    assert_eq!(origin.meddler.received().len(), asked, "it asked the registry");
    // A lockfile names releases by what is in them.
    let manifest = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
    let project = reader.0.write("app/vitte.toml", manifest);
    reader.0.write("app/src/lib.vit", "x");
    reader.0.run(&format!("lock --manifest app/vitte.toml --registry {}", mirror.url())).ends(0);
    let lock = project.with_file_name("vitte.lock");
    drop(mirror);
    std::fs::remove_dir_all(origin.sandbox.path().join("copy")).unwrap();
    origin.server = Some(Server::start(&origin.sandbox));
    origin.meddler = Meddler::before(&origin.server.as_ref().unwrap().address);
    drop(origin.mirror(&["--prefetch", lock.to_str().unwrap()]));
    origin.stop();
    let mirror = origin.mirror(&["--offline"]);
    let reader = Reader::of(&origin, &mirror.url());
    reader.install("demo/hello", &mirror.url()).ends(0);
    drop(mirror);
    // A mirror that has nothing does not start without a network.
    std::fs::remove_dir_all(origin.sandbox.path().join("copy")).unwrap();
    let said = origin.mirror_with(&["--offline"], |_| {}).err().unwrap();
    assert!(said.contains("VP1008") && said.contains("without --offline"), "{said}");
}

#[test]
fn a_token_for_the_registry_goes_to_the_registry_alone() {
    let origin = Origin::with_packages();
    let secret = origin.token.clone();
    let mirror = origin.mirror_with(&[], |command| _ = command.env("VITTE_MIRROR_TOKEN", &secret)).unwrap();
    let reader = Reader::of(&origin, &mirror.url());
    reader.install("demo/hello", &mirror.url()).ends(0);
    let received = origin.meddler.received();
    let asked = received.lines().filter(|line| line.starts_with("GET ")).count();
    let bearer = format!("authorization: bearer {}", secret.to_lowercase());
    assert_eq!(received.to_lowercase().matches(&bearer).count(), asked);
    assert!(!mirror.said().contains("vtt_"));
    drop(mirror);
    // A file of it, and none that is no token.
    origin.sandbox.write("token", format!("{secret}\n"));
    std::fs::remove_dir_all(origin.sandbox.path().join("copy")).unwrap();
    drop(origin.mirror_with(&[], |command| _ = command.env("VITTE_MIRROR_TOKEN_FILE", "token")).unwrap());
    let said = origin.mirror_with(&[], |command| _ = command.env("VITTE_MIRROR_TOKEN", "secret-canary"));
    let said = said.err().unwrap();
    assert!(said.contains("VP0701") && !said.contains("canary"), "{said}");
}

#[test]
fn redirects_are_followed_a_few_times_with_no_token_and_into_no_private_network() {
    let origin = Origin::with_packages();
    let other = Meddler::before(&origin.server.as_ref().unwrap().address);
    let index = "index/demo/hello";
    let to = |url: &str| Trick::Redirect(url.to_owned());
    let start = |flags: &[&str]| {
        origin.mirror_with(flags, |command| _ = command.env("VITTE_MIRROR_TOKEN", &origin.token)).unwrap()
    };
    // Another port of this machine is another origin, and no public address: by number and by name.
    let mirror = start(&[]);
    let by_name = other.url().replace("127.0.0.1", "localhost");
    for url in [other.url(), by_name, "http://169.254.169.254".to_owned()] {
        origin.meddler.play(&[("index/", to(&url))]);
        let (status, _, body) = mirror.get(index);
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(status == 503 && body.contains("no public address"), "{url}: {status} {body}");
    }
    assert_eq!(other.received(), "", "nobody was asked there");
    // To itself it may lead, a few times.
    let before = origin.meddler.asked("index/");
    origin.meddler.play(&[("index/", to(&origin.meddler.url()))]);
    let (status, _, body) = mirror.get(index);
    assert!(status == 503 && String::from_utf8_lossy(&body).contains("redirects"), "{status}");
    assert_eq!(origin.meddler.asked("index/") - before, 6);
    drop(mirror);
    // Where the operator allows it, it leads there, and the token does not.
    let mirror = start(&["--allow-private"]);
    origin.meddler.play(&[("index/", to(&other.url()))]);
    assert_eq!(mirror.status(index), 200);
    assert!(other.asked("index/") > 0);
    let (there, here) = (other.received().to_lowercase(), origin.meddler.received().to_lowercase());
    assert!(here.contains("authorization: bearer") && !there.contains("authorization"), "{there}");
    drop(mirror);
    // A registry that wants a token, which the mirror does not have, is no registry without the file.
    let mirror = origin.mirror(&[]);
    origin.meddler.play(&[("index/", Trick::Status(401))]);
    let (status, _, body) = mirror.get("index/base/text");
    let body = String::from_utf8_lossy(&body).into_owned();
    assert!(status == 503 && body.contains("needs a token") && body.contains("VP0701"), "{status} {body}");
    assert!(mirror.said().contains("VITTE_MIRROR_TOKEN") || body.contains("VITTE_MIRROR_TOKEN"), "{body}");
}
