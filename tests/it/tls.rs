//! TLS: a registry whose certificate is trusted works, and each fault of one is reported in words, with the way out.

use crate::http::{as_stranger, serve};
use crate::openssl::openssl_ok;
use crate::registry::{code, initialised, pack, publish};
use crate::sandbox::{Ran, Sandbox};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// An authority `ca.pem` in the sandbox, and what it issues.
struct Authority<'a>(&'a Sandbox);

impl<'a> Authority<'a> {
    fn new(sandbox: &'a Sandbox) -> Self {
        let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Test";
        openssl_ok(sandbox.path(), &request.split(' ').collect::<Vec<_>>());
        Self(sandbox)
    }

    /// A certificate for `names`, valid for so many days.
    fn issue(&self, file: &str, names: &str, days: &str) {
        let path = self.0.path();
        let request = format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {file}.key -out {file}.csr -subj /CN=x"
        );
        openssl_ok(path, &request.split(' ').collect::<Vec<_>>());
        self.0.write(&format!("{file}.ext"), format!("subjectAltName={names}\n"));
        let issue = format!(
            "x509 -req -in {file}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {file}.pem -days {days} -extfile {file}.ext"
        );
        openssl_ok(path, &issue.split(' ').collect::<Vec<_>>());
    }

    /// Serves `backend` over TLS with a certificate; gives the port.
    fn front(&self, file: &str, backend: &str) -> u16 {
        let read =
            |extension: &str| std::fs::read(self.0.path().join(format!("{file}.{extension}"))).unwrap();
        let certificate = CertificateDer::from_pem_slice(&read("pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(&read("key")).unwrap();
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate], key)
                .unwrap();
        let (config, backend) = (Arc::new(config), backend.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, backend) = (Arc::clone(&config), backend.clone());
                std::thread::spawn(move || serve_one(stream, config, &backend));
            }
        });
        port
    }
}

/// Answers one request from `backend`.
fn serve_one(stream: TcpStream, config: Arc<rustls::ServerConfig>, backend: &str) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let connection = rustls::ServerConnection::new(config).ok()?;
    let mut stream = rustls::StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8(head).ok()?.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let mut server = TcpStream::connect(backend).ok()?;
    server.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    stream.write_all(&answer).ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()
}

/// What `registry add` says of an address, with the certificates of `ca` or of the system.
fn add(sandbox: &Sandbox, url: &str, ca: Option<&str>) -> Ran {
    let ran = sandbox.run_with(&format!("registry add {url} --json"), |command| {
        if let Some(ca) = ca {
            command.env("VITTE_CA_FILE", ca);
        }
    });
    assert_eq!((ran.exit, code(&ran).as_str()), (6, "VP0602"), "{ran}");
    ran
}

/// All its words.
#[track_caller]
fn says(ran: &Ran, words: &[&str]) {
    for word in words {
        assert!(ran.stdout.contains(word), "{word:?}: {ran}");
    }
}

#[test]
fn faults_of_certificates_are_told_in_words() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "hello", "")]).ends(0);
    let server = serve(&sandbox);
    as_stranger(&sandbox, &server.url);
    let backend = server.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let authority = Authority::new(&sandbox);
    authority.issue("good", "DNS:localhost", "30");
    let port = authority.front("good", &backend);
    let good = format!("https://localhost:{port}/");

    let ran = sandbox.run_with(&format!("verify demo/hello --registry {good}"), |command| {
        command.env("VITTE_CA_FILE", "ca.pem");
    });
    ran.ends(0);

    says(&add(&sandbox, &good, None), &["authority that is not trusted here", "set VITTE_CA_FILE"]);
    std::fs::rename(sandbox.path().join("ca.pem"), sandbox.path().join("kept.pem")).unwrap();
    std::fs::rename(sandbox.path().join("ca.key"), sandbox.path().join("kept.key")).unwrap();
    let other = Authority::new(&sandbox);
    says(
        &add(&sandbox, &good, Some("ca.pem")),
        &["authority that is not trusted here", "VITTE_CA_FILE replaces the system's certificates", "ca.pem"],
    );
    says(
        &add(&sandbox, &format!("https://127.0.0.1:{port}/"), Some("kept.pem")),
        &["for another host: localhost", "host name"],
    );
    other.issue("past", "DNS:localhost", "-1");
    let past = other.front("past", &backend);
    says(
        &add(&sandbox, &format!("https://localhost:{past}/"), Some("ca.pem")),
        &["expired", "check this machine's clock"],
    );
    let own = other.front("ca", &backend);
    says(
        &add(&sandbox, &format!("https://localhost:{own}/"), Some("ca.pem")),
        &["authority's certificate as its own", "VITTE_CA_FILE"],
    );
}

#[test]
fn what_is_no_tls_is_told_as_that() {
    let sandbox = Sandbox::new();
    let talks = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = talks.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in talks.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let ran = add(&sandbox, &format!("https://localhost:{port}/"), None);
    says(&ran, &["does not speak TLS", "begins with http://"]);
}

#[test]
fn a_file_of_certificates_that_cannot_be_used_is_named_with_its_variable() {
    let sandbox = Sandbox::new();
    sandbox.write("empty.pem", "nothing\n");
    for (variable, file) in
        [("VITTE_CA_FILE", "missing.pem"), ("SSL_CERT_FILE", "missing.pem"), ("VITTE_CA_FILE", "empty.pem")]
    {
        let ran = sandbox.run_with("registry add https://localhost:1/ --json", |command| {
            command.env(variable, file);
        });
        assert_ne!(ran.exit, 0);
        says(&ran, &[variable, file, "cannot be used"]);
    }
}
