//! A registry at an address: everything a client does with a folder, over our own server, over nginx, and over a peer
//! that lies and cuts.

use crate::registry::{code, files, initialised, pack, publish};
use crate::sandbox::{Sandbox, connect, first_line, send, skipped, wait};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use vitte_package_core::archive::with_signatures;

/// A server in a child process, ended when it is dropped.
pub struct Served {
    child: Child,
    pub url: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `registry serve-static reg` on a free port.
pub fn serve(sandbox: &Sandbox) -> Served {
    serve_with(sandbox, &[]).0
}

/// As [`serve`], with more flags, and with the line it begins with.
pub fn serve_with(sandbox: &Sandbox, flags: &[&str]) -> (Served, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vitte-package"))
        .args(["registry", "serve-static", "reg", "--port", "0"])
        .args(flags)
        .current_dir(sandbox.path())
        .env("VITTE_HOME", sandbox.home())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let line = first_line(&mut child);
    let url = line.trim_end().rsplit(' ').next().unwrap().to_owned();
    (Served { child, url }, line)
}

/// Makes this user a stranger who has pinned the registry at `url`.
pub fn as_stranger(sandbox: &Sandbox, url: &str) {
    let first = std::fs::read(sandbox.path().join("reg/trust/1.json")).unwrap();
    let digest = vitte_package_core::digest::Digest::of(&first);
    std::fs::rename(sandbox.home(), sandbox.path().join("owner")).unwrap();
    sandbox.run(&format!("registry add {url} --trust-root-sha256 {digest}")).ends(0);
}

fn published() -> Sandbox {
    let sandbox = initialised();
    let base = pack(&sandbox, "demo/base", "1.0.0", "base", "");
    let hello = pack(&sandbox, "demo/hello", "1.0.0", "hello", "\"demo/base\" = \"^1\"\n");
    publish(&sandbox, &[&base, &hello]).ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/base", "1.1.0", "a longer base", "")]).ends(0);
    sandbox
}

/// Everything a client does, against the address of a registry that [`published`] made.
fn a_client_works(sandbox: &Sandbox, url: &str) {
    as_stranger(sandbox, url);
    let proof = &sandbox.run(&format!("verify demo/base@1.0.0 --registry {url} --json")).ends(0).json();
    assert_eq!(proof["result"]["proof"]["log"], 2);
    assert_eq!(code(&sandbox.run(&format!("verify demo/none --registry {url} --json")).ends(9)), "VP0606");
    sandbox.run(&format!("install demo/base --registry {url}")).ends(0);
    assert!(sandbox.run("list").ends(0).stdout.contains("1.1.0"));
    sandbox.run(&format!("log monitor --registry {url}")).ends(0);
    let shown = sandbox.run(&format!("log show --registry {url}")).ends(0).stdout;
    assert!(shown.contains("release  demo/base 1.1.0"), "{shown}");
    sandbox.run(&format!("namespace show demo --registry {url}")).ends(0);
    let manifest =
        "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n";
    sandbox.write("vitte.toml", manifest);
    sandbox.write("src/lib.vit", "x");
    sandbox.run(&format!("add demo/hello --registry {url}")).ends(0);
    let lockfile = std::fs::read_to_string(sandbox.path().join("vitte.lock")).unwrap();
    assert!(lockfile.contains("demo/hello") && lockfile.contains("demo/base"), "{lockfile}");
    sandbox.run(&format!("lock --registry {url}")).ends(0);
    sandbox.run(&format!("install --registry {url}")).ends(0);
    let copy = sandbox.path().join("hello-1.0.0.vitmod");
    std::fs::copy(sandbox.path().join("reg/p/demo/hello/1.0.0/hello-1.0.0.vitmod"), copy).unwrap();
    sandbox.run(&format!("staple hello-1.0.0.vitmod --registry {url}")).ends(0);
    sandbox.run("verify hello-1.0.0.vitmod --offline").ends(0);
}

#[test]
fn our_own_server_serves_a_client() {
    let sandbox = published();
    let server = serve(&sandbox);
    a_client_works(&sandbox, &server.url);
    // What was verified is in the cache, and what was not is not.
    let cache = files(&sandbox.home().join("cache"));
    assert!(cache.keys().any(|name| name.starts_with("archives/vp1-sha256-")), "{:?}", cache.keys());
    assert!(cache.keys().any(|name| name.ends_with("/index/demo/base")), "{:?}", cache.keys());
    assert!(!cache.keys().any(|name| name.contains(".vitte-")), "{:?}", cache.keys());
    let address = server.url.clone();
    drop(server);
    let down = sandbox.run(&format!("verify demo/base --registry {address} --json")).ends(6);
    assert_eq!(code(&down), "VP0605");
    assert_eq!(code(&sandbox.run("verify demo/base --registry http://me:pass@127.0.0.1 --json")), "VP0704");
}

/// nginx from the distribution, on the folder `reg`: the registry is plain files. None, and said so, where there is no
/// nginx.
#[cfg(unix)]
pub fn nginx(sandbox: &Sandbox) -> Option<(Nginx, String)> {
    let Some(nginx) =
        ["/usr/sbin/nginx", "/usr/bin/nginx"].iter().find(|path| std::path::Path::new(path).exists())
    else {
        skipped("there is no nginx on this machine");
        return None;
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dir = sandbox.path().display();
    let config = format!(
        "daemon off; pid {dir}/nginx.pid; error_log stderr;
         events {{}}
         http {{
           access_log {dir}/access.log; gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;
           client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
           uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
           server {{
             listen 127.0.0.1:{port};
             root {dir}/reg;
             add_header Access-Control-Allow-Origin * always;
             location /p/ {{ gzip off; }}
             location /log/tile/ {{ gzip off; }}
           }}
         }}"
    );
    sandbox.write("nginx.conf", config);
    // Its workers are other users where it is started by root.
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(sandbox.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let child = Command::new(nginx)
        .args(["-p", &dir.to_string(), "-e", "stderr", "-c"])
        .arg(sandbox.path().join("nginx.conf"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Nginx(child);
    let up = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(25));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(up, "nginx did not start");
    Some((server, format!("http://127.0.0.1:{port}")))
}

#[cfg(unix)]
#[test]
fn nginx_serves_a_client() {
    let sandbox = published();
    let Some((server, url)) = nginx(&sandbox) else { return };
    a_client_works(&sandbox, &url);
    drop(server);
}

/// nginx, asked to end by its own signal, so that its workers end too.
#[cfg(unix)]
pub struct Nginx(Child);

#[cfg(unix)]
impl Drop for Nginx {
    fn drop(&mut self) {
        send(rustix::process::Signal::TERM, &self.0);
        wait(&mut self.0);
    }
}

/// How a peer between client and registry misbehaves about archives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// T03: closes after this many bytes of a body, every time.
    Cut(usize),
    /// T03: closes after this many bytes the first time only.
    CutOnce(usize),
    /// As [`Fault::CutOnce`], and ignores `Range` afterwards.
    CutOnceThenWhole(usize),
    /// T05: as [`Fault::CutOnce`], and answers with another range.
    CutOnceThenOther(usize),
    /// T05: as [`Fault::CutOnce`], and says of the rest that the whole has another length.
    CutOnceThenOtherTotal(usize),
    /// T05: as [`Fault::CutOnce`], and sends the rest under another tag.
    CutOnceThenOtherTag(usize),
    /// T06.
    Encoded,
    /// Sends no more than these bytes until a part of them is a file in the client's staging folder.
    HoldUntilWritten(usize),
    /// T01: as [`Fault::CutOnce`], and another byte in the rest.
    CutOnceThenFlipped(usize),
    /// T03: the same from the beginning, each time.
    CutWithoutRanges(usize),
    /// T68: a byte now and then.
    Drip,
    /// T68: the same before the body begins.
    DripHead,
    /// T04.
    Longer,
    /// Gives no tiles, for a while.
    NoTiles,
}

/// A server of one folder that applies a fault to archives; gives its address and what was asked.
fn faulty(root: std::path::PathBuf, fault: Fault) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (root, log) = (root.clone(), Arc::clone(&log));
            std::thread::spawn(move || respond(stream, &root, fault, &log));
        }
    });
    (url, asked)
}

fn respond(
    mut stream: TcpStream,
    root: &std::path::Path,
    fault: Fault,
    log: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let Ok(bytes) = std::fs::read(root.join(&path)) else {
        return stream.write_all(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok();
    };
    let range = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
    let from: usize = range.as_deref().map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
    let archive = path.ends_with(".vitmod");
    let again = {
        let mut log = log.lock().unwrap();
        let again = log.iter().any(|line: &String| line.starts_with(&format!("{path} ")));
        log.push(format!("{path} from {from}"));
        again
    };
    let total = bytes.len();
    let mut send = |status: &str, more: &str, body: &[u8], length: usize| {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nETag: \"{total}\"\r\nConnection: close\r\n{more}\r\n"
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok()
    };
    let part = format!("Content-Range: bytes {from}-{}/{total}\r\n", total - 1);
    match fault {
        Fault::NoTiles if path.starts_with("log/tile/") => send("503 x", "", &[], 0),
        Fault::NoTiles => send("200 OK", "", &bytes, total),
        _ if !archive => send("200 OK", "", &bytes, total),
        Fault::Cut(at) => match range {
            Some(_) => send("206 x", &part, &[], total - from),
            None => send("200 OK", "", &bytes[..at], total),
        },
        Fault::CutWithoutRanges(at) => send("200 OK", "", &bytes[..at], total),
        Fault::CutOnce(at)
        | Fault::CutOnceThenOther(at)
        | Fault::CutOnceThenOtherTotal(at)
        | Fault::CutOnceThenOtherTag(at)
        | Fault::CutOnceThenWhole(at)
        | Fault::CutOnceThenFlipped(at)
            if !again =>
        {
            send("200 OK", "", &bytes[..at], total)
        }
        Fault::CutOnceThenFlipped(_) => {
            let mut bytes = bytes;
            bytes[total - 100] ^= 1;
            send("206 x", &part, &bytes[from..], total - from)
        }
        Fault::HoldUntilWritten(at) => {
            send("200 OK", "", &bytes[..at], total)?;
            let written = || {
                let staged = files(root.parent()?);
                staged
                    .iter()
                    .any(|(name, content)| name.contains("store/v1/tmp/") && content.len() > 1 << 20)
                    .then_some(())
            };
            // If it never is, the rest never comes, and the client gives up.
            for _ in 0..100 {
                if written().is_some() {
                    return stream.write_all(&bytes[at..]).ok();
                }
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            None
        }
        Fault::CutOnce(_) => send("206 x", &part, &bytes[from..], total - from),
        Fault::CutOnceThenWhole(_) => send("200 OK", "", &bytes, total),
        Fault::CutOnceThenOther(_) => {
            send("206 x", &format!("Content-Range: bytes 0-{}/{total}\r\n", total - 1), &bytes, total)
        }
        Fault::CutOnceThenOtherTotal(_) => {
            let part = format!("Content-Range: bytes {from}-{}/{}\r\n", total - 1, total + 1);
            send("206 x", &part, &bytes[from..], total - from)
        }
        Fault::CutOnceThenOtherTag(_) => {
            let head = format!("HTTP/1.1 206 x\r\nContent-Length: {}\r\nETag: \"other\"\r\n", total - from);
            let head = format!("{head}Connection: close\r\n{part}\r\n");
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bytes[from..])).ok()
        }
        Fault::Encoded => send("200 OK", "Content-Encoding: gzip\r\n", &bytes, total),
        Fault::DripHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX: ").ok()?;
            for _ in 0..150 {
                stream.write_all(b"x").ok()?;
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            stream.write_all(b"\r\nContent-Length: 0\r\n\r\n").ok()
        }
        Fault::Longer => send("200 OK", "", &[&bytes[..], b"more"].concat(), total + 4),
        Fault::Drip => {
            send("200 OK", "", &[], total)?;
            for byte in bytes {
                stream.write_all(&[byte]).ok()?;
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            Some(())
        }
    }
}

/// What became of an install through a faulty peer: its exit, its code, and what was asked about the archive.
fn install_through(fault: Fault) -> (i32, Option<String>, Vec<String>) {
    install_of(&"hello ".repeat(100), fault)
}

fn install_of(content: &str, fault: Fault) -> (i32, Option<String>, Vec<String>) {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", content, "")]).ends(0);
    let (url, asked) = faulty(sandbox.path().join("reg"), fault);
    as_stranger(&sandbox, &url);
    let before = files(&sandbox.home().join("trust"));
    let ran = sandbox.run_with(&format!("install demo/hello --registry {url} --json"), |command| {
        command
            .env("VITTE_HTTP_TIMEOUT", if matches!(fault, Fault::HoldUntilWritten(_)) { "6" } else { "1" });
    });
    if ran.exit != 0 {
        assert_eq!(files(&sandbox.home().join("trust")), before, "{fault:?}: state is unchanged");
        let left: Vec<_> = files(&sandbox.home()).into_keys().filter(|name| name.contains("vp1-")).collect();
        assert_eq!(left, [""; 0], "{fault:?}: nothing is installed, nothing is cached");
    }
    let code = (ran.exit != 0).then(|| code(&ran));
    let asked: Vec<String> =
        asked.lock().unwrap().iter().filter(|line| line.contains(".vitmod from")).cloned().collect();
    let starts = asked.iter().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect();
    (ran.exit, code, starts)
}

#[test]
fn t03_a_download_that_is_cut_goes_on_where_it_stopped() {
    let (exit, code, asked) = install_through(Fault::CutOnce(300));
    assert_eq!((exit, code, asked), (0, None, vec!["0".to_owned(), "300".to_owned()]));
    let (exit, _, asked) = install_through(Fault::CutOnceThenWhole(300));
    assert_eq!((exit, asked.len()), (0, 2), "all of it instead of the rest is as good");
}

/// A package of three frames, a little over 8 MiB when it is packed.
fn large() -> String {
    let mut state = 7u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("{state:016x}")
    };
    (0..18 << 16).map(next).collect()
}

#[test]
fn a_large_package_is_verified_and_written_while_it_comes() {
    let content = large();
    let installed = |fault| install_of(&content, fault);
    // The server waits for the first frames to be written before it sends the others.
    assert_eq!(installed(Fault::HoldUntilWritten(6 << 20)), (0, None, vec!["0".to_owned()]));
    let at = 6 << 20;
    assert_eq!(installed(Fault::CutOnce(at)), (0, None, vec!["0".to_owned(), at.to_string()]));
    // Started again: what was written by the first attempt must not be used.
    assert_eq!(installed(Fault::CutOnceThenWhole(at)).0, 0);
    let (exit, code, _) = installed(Fault::CutOnceThenFlipped(at));
    assert_eq!((exit, code.as_deref()), (5, Some("VP0501")));
    let (exit, code, _) = installed(Fault::Cut(at));
    assert_eq!((exit, code.as_deref()), (6, Some("VP0601")));
    let (exit, code, _) = installed(Fault::Longer);
    assert_eq!(exit, 5, "{code:?}");
}

/// T11, T52: a mirror that strips the signatures cannot spoil the cache for whoever asks for them later, nor can a damaged
/// file there: it is brought anew.
#[test]
fn t52_a_cached_archive_that_does_not_hold_is_brought_anew() {
    let sandbox = initialised();
    let archive = "reg/p/demo/hello/1.0.0/hello-1.0.0.vitmod";
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", &"hello ".repeat(100), "")]).ends(0);
    let server = serve(&sandbox);
    as_stranger(&sandbox, &server.url);
    let install = format!("install demo/hello --registry {}", server.url);
    sandbox.run(&install).ends(0);
    let cached = files(&sandbox.home().join("cache/archives")).into_keys().next().unwrap();
    let cached = sandbox.home().join("cache/archives").join(cached);
    let (whole, good) =
        (std::fs::read(sandbox.path().join(archive)).unwrap(), std::fs::read(&cached).unwrap());
    assert_eq!(whole, good);
    let (front, rest) = with_signatures(&good, b"").unwrap();
    let stripped = [&front[..], &good[usize::try_from(rest).unwrap()..]].concat();
    let mut flipped = good.clone();
    let end = flipped.len() - 200;
    flipped[end] ^= 1;
    for (bad, exit) in [(stripped, 0), (good[..200].to_vec(), 0), (flipped, 5)] {
        std::fs::remove_dir_all(sandbox.home().join("store")).unwrap();
        std::fs::write(&cached, &bad).unwrap();
        sandbox.run(&install).ends(exit);
        sandbox.run(&install).ends(0);
        assert_eq!(std::fs::read(&cached).unwrap(), good);
    }
}

/// Three tries with a pause before each but the first, whether the server goes on where it stopped, sends nothing more,
/// or begins anew each time: that is no progress either.
#[test]
fn t03_a_download_is_tried_three_times_with_pauses() {
    for (fault, starts) in
        [(Fault::Cut(300), ["0", "300", "300"]), (Fault::CutWithoutRanges(300), ["0", "300", "300"])]
    {
        let sandbox = initialised();
        publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", &"hello ".repeat(100), "")]).ends(0);
        let (url, asked) = faulty(sandbox.path().join("reg"), fault);
        as_stranger(&sandbox, &url);
        let ran = sandbox.run(&format!("install demo/hello --registry {url} -v")).ends(6);
        let asked = asked.lock().unwrap().clone();
        let asked: Vec<_> =
            asked.iter().filter_map(|line| line.split_once(".vitmod from ").map(|(_, from)| from)).collect();
        assert_eq!(asked, starts, "{fault:?}");
        let pauses: Vec<_> = ran.stderr.lines().filter(|line| line.contains("after a pause")).collect();
        assert_eq!(pauses.len(), 2, "{fault:?}: {ran}");
        assert!(pauses[0].contains("300 bytes") && pauses[0].contains("(try 2)"), "{ran}");
        assert!(pauses[1].contains("(try 3)"), "{ran}");
    }
}

#[test]
fn t03_a_download_that_is_always_cut_installs_nothing() {
    let (exit, code, _) = install_through(Fault::Cut(300));
    assert_eq!((exit, code.as_deref()), (6, Some("VP0601")));
}

#[test]
fn t05_another_range_than_asked_is_refused() {
    for fault in
        [Fault::CutOnceThenOther(300), Fault::CutOnceThenOtherTotal(300), Fault::CutOnceThenOtherTag(300)]
    {
        let (exit, code, asked) = install_through(fault);
        assert_eq!((exit, code.as_deref(), asked.len()), (6, Some("VP0602"), 2), "{fault:?}");
    }
}

#[test]
fn t06_an_archive_with_a_content_encoding_is_refused() {
    let (exit, code, asked) = install_through(Fault::Encoded);
    assert_eq!((exit, code.as_deref(), asked.len()), (6, Some("VP0602"), 1));
}

#[test]
fn t04_bytes_behind_the_end_are_refused() {
    let (exit, code, _) = install_through(Fault::Longer);
    assert_eq!((exit, code.as_deref()), (5, Some("VP0506")));
}

#[test]
fn t68_a_slow_peer_is_given_up() {
    for fault in [Fault::Drip, Fault::DripHead] {
        let (exit, code, _) = install_through(fault);
        assert_eq!((exit, code.as_deref()), (6, Some("VP0603")), "{fault:?}");
    }
}

/// A log that cannot be shown to continue the one that was seen, because its tiles cannot be read, is no proof of a
/// lie.
#[test]
fn tiles_that_cannot_be_had_are_no_split_view() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    let (url, _) = faulty(sandbox.path().join("reg"), Fault::NoTiles);
    as_stranger(&sandbox, &url);
    sandbox.run("verify demo/hello --registry reg").ends(0);
    let before = files(&sandbox.home().join("trust"));
    let (owner, client) = (sandbox.path().join("owner"), sandbox.path().join("client"));
    std::fs::rename(sandbox.home(), &client).unwrap();
    std::fs::rename(&owner, sandbox.home()).unwrap();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    std::fs::rename(sandbox.home(), &owner).unwrap();
    std::fs::rename(&client, sandbox.home()).unwrap();
    let ran = sandbox.run(&format!("verify demo/hello --registry {url} --json")).ends(6);
    assert_eq!(code(&ran), "VP0605", "{ran}");
    assert_eq!(files(&sandbox.home().join("trust")), before, "no evidence of anything");
}

/// Our server, spoken to by hand: what a browser relies on.
#[test]
fn the_server_keeps_the_contract_of_static_files() {
    let sandbox = published();
    let server = serve(&sandbox);
    let host = server.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let ask = |head: &str| {
        let mut stream = connect(&host);
        stream.write_all(format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let end = all.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        (String::from_utf8(all[..end].to_vec()).unwrap(), all[end..].to_vec())
    };
    let archive = "p/demo/hello/1.0.0/hello-1.0.0.vitmod";
    let bytes = std::fs::read(sandbox.path().join("reg").join(archive)).unwrap();
    let (head, body) = ask(&format!("GET /{archive} HTTP/1.1"));
    assert!(head.starts_with("HTTP/1.1 200") && body == bytes, "{head}");
    assert!(head.contains("Access-Control-Allow-Origin: *") && head.contains("immutable"), "{head}");
    let (head, body) = ask(&format!("GET /{archive} HTTP/1.1\r\nRange: bytes=10-19"));
    assert!(head.starts_with("HTTP/1.1 206") && body == bytes[10..20], "{head}");
    assert!(head.contains(&format!("Content-Range: bytes 10-19/{}", bytes.len())), "{head}");
    for hidden in [".vitte-registry.lock", "../home/trust", "p/demo", "nothing"] {
        let (head, _) = ask(&format!("GET /{hidden} HTTP/1.1"));
        assert!(head.starts_with("HTTP/1.1 404"), "{hidden}: {head}");
    }
    assert!(ask("nonsense").0.starts_with("HTTP/1.1 400"));
}
