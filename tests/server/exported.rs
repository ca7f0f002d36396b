//! An exported registry stands by itself: nginx serves it as the example says, the server gone, and it becomes a server
//! again, byte for byte.

use crate::author::{Author, Signed};
use crate::encrypted::{Encrypted, certificate, encrypted};
use crate::pack::pack;
use crate::sandbox::{Sandbox, has_program, send, wait};
use crate::served::{Server, initialised, operated, token};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use vitte_package_core::registry::layout;

/// nginx on a folder, by the example of `deploy`, but for its address.
struct Nginx {
    child: Child,
    address: String,
}

impl Nginx {
    fn start(sandbox: &Sandbox, folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let example = format!("{}/deploy/nginx-static.conf", env!("CARGO_MANIFEST_DIR"));
        let example = std::fs::read_to_string(example).unwrap();
        let own = sandbox.path().display();
        let of_example = [
            ("listen 443 ssl http2", format!("listen {address} ssl http2")),
            ("/etc/ssl/packages.example/chain.pem", format!("{own}/tls.pem")),
            ("/etc/ssl/packages.example/key.pem", format!("{own}/tls.key")),
            ("/srv/registry", folder.display().to_string()),
        ];
        let site = of_example.iter().fold(example, |site, (from, to)| {
            assert!(site.contains(from), "{from}");
            site.replace(from, to)
        });
        sandbox.write("site.conf", site);
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let places: String =
            places.iter().map(|name| format!("{name}_temp_path {own}/nginx-{name};\n")).collect();
        let main = format!(
            "daemon off;\npid {own}/nginx.pid;\nerror_log {own}/nginx.log;\nevents {{}}\n\
             http {{\naccess_log off;\n{places}include {own}/site.conf;\n}}\n"
        );
        let main = sandbox.write("nginx.conf", main);
        let mut nginx = Command::new("nginx");
        nginx.arg("-p").arg(sandbox.path()).arg("-c").arg(&main).args(["-e", "stderr"]);
        if rustix::process::geteuid().is_root() {
            // Its workers would be other users, who may not look into this folder.
            nginx.args(["-g", "user root;"]);
        }
        let mut child = nginx.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let is_up = (0..400).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            child.try_wait().unwrap().is_some() || TcpStream::connect(&address).is_ok()
        });
        let log = std::fs::read_to_string(sandbox.path().join("nginx.log")).unwrap_or_default();
        assert!(is_up && child.try_wait().unwrap().is_none(), "{log}");
        Self { child, address }
    }

    fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // By its own signal, so that its workers end too.
        send(rustix::process::Signal::TERM, &self.child);
        wait(&mut self.child);
    }
}

/// The files below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                    found.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
    }
    found
}

/// The head of a response, on a connection that stays open.
fn head(stream: &mut Encrypted, method: &str, path: &str, headers: &str) -> String {
    let path = layout::as_url_path(path);
    write!(stream, "{method} /{path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find_map(|(given, value)| given.eq_ignore_ascii_case(name).then_some(value))
}

#[test]
fn an_exported_registry_is_served_by_nginx_and_becomes_a_server_again() {
    if !has_program("nginx") || !has_program("openssl") {
        return;
    }
    let sandbox = Sandbox::new();
    let trust_root = initialised(&sandbox);
    let server = Server::start(&sandbox);
    let all = token(&sandbox, "publish,yank,namespace", "*");
    sandbox.run("key generate").ends(0);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    let url = server.url();
    let with_token = |command: &str| {
        sandbox.run_with(command, |command| _ = command.env("VITTE_TOKEN", &all)).ends(0);
    };
    for (name, version, needs) in [
        ("base/text", "1.0.0+build.7", ""),
        ("base/text", "1.1.0", ""),
        ("roussov/vitte-math", "1.0.0", "\"base/text\" = \"^1\"\n"),
    ] {
        let archive = pack(&sandbox, name, version, &format!("{name} {version}"), needs);
        with_token(&format!("publish {} --yes --registry {url}", archive.display()));
    }
    with_token(&format!("deprecate base/text@1.0.0+build.7 --yes --registry {url}"));
    // Beside the server that has the folder's lock, and without it.
    operated(&sandbox, &["export", "beside", "--data", "data"]);
    drop(server);
    operated(&sandbox, &["export", "exported", "--data", "data"]);
    let exported = files(&sandbox.path().join("exported"));
    let beside = files(&sandbox.path().join("beside"));
    assert!(beside == exported, "{:?} and {:?}", beside.keys(), exported.keys());

    certificate(&sandbox, 1);
    let nginx = Nginx::start(&sandbox, &sandbox.path().join("exported"));
    // Somebody else, who knows the digest of the trust root and nothing more.
    let reader = Sandbox::new();
    let authority = sandbox.path().join("ca.pem");
    let asked =
        |command: &str| reader.run_with(command, |command| _ = command.env("VITTE_CA_FILE", &authority));
    let url = nginx.url();
    asked(&format!("registry add {url} --trust-root-sha256 {trust_root}")).ends(0);
    asked(&format!("install roussov/vitte-math --registry {url}")).ends(0);
    let listed = reader.run("list --json").ends(0).json().to_string();
    assert!(listed.contains("roussov/vitte-math"), "{listed}");
    let verified = asked(&format!("verify base/text@1.1.0 --registry {url} --json")).ends(0).json();
    assert_eq!(verified["result"]["status"], "verified", "{verified}");
    let audited = asked(&format!("log monitor --registry {url} --json")).ends(0).json();
    assert_eq!(audited["result"]["entries"], 7, "{audited}");

    // Each file is delivered as our own server would, and what is nobody's business is not.
    let mut stream = encrypted(&sandbox, &nginx.address);
    for (path, bytes) in exported.iter().filter(|(path, _)| !path.starts_with('.')) {
        let head = head(&mut stream, "HEAD", path, "");
        let delivery = layout::delivery(path);
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
        assert_eq!(header(&head, "content-type"), Some(delivery.content_type), "{path}");
        assert_eq!(header(&head, "cache-control"), Some(delivery.cache_control), "{path}");
        assert_eq!(header(&head, "content-length"), Some(&*bytes.len().to_string()), "{path}");
        assert_eq!(header(&head, "access-control-allow-origin"), Some("*"), "{path}");
        assert!(header(&head, "etag").is_some_and(|tag| tag.starts_with('"')), "{path}: {head}");
    }
    let hidden: Vec<_> = exported.keys().filter(|path| path.starts_with('.')).collect();
    assert!(hidden.contains(&&layout::DERIVED.to_owned()), "{hidden:?}");
    let absent = "trust/2.json".to_owned();
    for path in hidden.into_iter().chain([&absent]) {
        let head = head(&mut stream, "HEAD", path, "");
        assert!(head.starts_with("HTTP/1.1 404 "), "{path}: {head}");
        assert_eq!(header(&head, "access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(header(&head, "cache-control"), None, "{path}: it may be there tomorrow");
    }
    let archive = "p/base/text/1.1.0/text-1.1.0.vitmod";
    let part = head(&mut stream, "HEAD", archive, "Range: bytes=0-3\r\n");
    assert!(part.starts_with("HTTP/1.1 206 ") && header(&part, "content-range").is_some(), "{part}");
    let preflight =
        head(&mut stream, "OPTIONS", archive, "Origin: http://x\r\nAccess-Control-Request-Method: GET\r\n");
    assert!(preflight.starts_with("HTTP/1.1 204 "), "{preflight}");
    assert!(header(&preflight, "access-control-allow-headers").is_some_and(|all| all.contains("If-Match")));
    drop(nginx);

    // A server again, in another folder or bucket: what it exports is the same, and it goes on.
    let keys = sandbox.path().join("data/keys").display().to_string();
    let again = Sandbox::new();
    let from = sandbox.path().join("exported").display().to_string();
    operated(&again, &["import", &from, "--data", "data", "--keys", &keys]);
    operated(&again, &["export", "exported", "--data", "data"]);
    let mut second = files(&again.path().join("exported"));
    // The lock is of whoever writes in the folder: `import` has it, so that nobody does meanwhile.
    second.remove(".vitte-registry.lock");
    assert!(second == exported, "{:?} and {:?}", second.keys(), exported.keys());
    operated(&again, &["user", "add", "roussov", "--data", "data"]);
    let server = Server::start(&again);
    let token = token(&again, "publish", "*");
    let mut author = Author::at(&server.address, &token);
    assert_eq!(author.publish(&Signed::namespace("demo")).unwrap().status, 200);
    let signed = Signed::default().with(&again, "demo/next", "1.0.0", "next");
    assert_eq!(author.publish(&signed).unwrap().status, 200);
}
