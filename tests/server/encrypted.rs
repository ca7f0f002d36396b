//! TLS by the server itself.

use crate::sandbox::{Sandbox, connect, send};
use crate::served::{Server, initialised, operate, project, token};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Makes an authority, and a certificate of a number by it.
pub(crate) fn certificate(sandbox: &Sandbox, number: u32) {
    let run = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(sandbox.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    if !sandbox.path().join("ca.pem").exists() {
        let ca = ["-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"];
        run(&[&["req"], &curve[..], &ca].concat());
    }
    let own = ["-subj", "/CN=server", "-keyout", "new.key", "-out", "new.csr"];
    run(&[&["req"], &curve[..], &own].concat());
    sandbox.write("ext", "subjectAltName = IP:127.0.0.1\nbasicConstraints = CA:FALSE\n");
    let serial = number.to_string();
    run(&[
        "x509",
        "-req",
        "-in",
        "new.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-days",
        "2",
        "-set_serial",
        &serial,
        "-extfile",
        "ext",
        "-out",
        "new.pem",
    ]);
    for (from, to) in [("new.pem", "tls.pem"), ("new.key", "tls.key")] {
        std::fs::rename(sandbox.path().join(from), sandbox.path().join(to)).unwrap();
    }
}

pub(crate) type Encrypted = StreamOwned<ClientConnection, TcpStream>;

/// A connection to a server with a certificate of the authority.
pub(crate) fn encrypted(sandbox: &Sandbox, address: &str) -> Encrypted {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(sandbox.path().join("ca.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), connect(address))
}

/// Asks for something on a connection that stays open. Gives the certificate of the server.
fn ask(stream: &mut Encrypted) -> Vec<u8> {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut response = Vec::new();
    while !response.ends_with(b"ok\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        response.push(byte[0]);
    }
    stream.conn.peer_certificates().unwrap()[0].to_vec()
}

fn log_has(sandbox: &Sandbox, part: &str) -> bool {
    (0..6000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        std::fs::read_to_string(sandbox.path().join("server.log")).unwrap().contains(part)
    })
}

#[test]
fn a_client_publishes_over_tls_and_a_new_certificate_costs_no_connection() {
    let sandbox = Sandbox::new();
    let trust_root = initialised(&sandbox);
    certificate(&sandbox, 1);
    let server = Server::start_with(&sandbox, &["--tls-cert", "tls.pem", "--tls-key", "tls.key"]);
    let url = format!("https://{}", server.address);
    let token = token(&sandbox, "publish", "*");
    let client = |arguments: &str| {
        sandbox.run_with(arguments, |command| {
            command.env("VITTE_TOKEN", &token).env("VITTE_CA_FILE", "ca.pem");
        })
    };
    sandbox.run("key generate").ends(0);
    client(&format!("registry add {url} --trust-root-sha256 {trust_root}")).ends(0);
    project(&sandbox, "1.0.0");
    client(&format!("publish --yes --registry {url}")).ends(0);

    let mut old = encrypted(&sandbox, &server.address);
    let first = ask(&mut old);
    certificate(&sandbox, 2);
    send(rustix::process::Signal::HUP, &server.child);
    assert!(log_has(&sandbox, "certificate read again"));
    let second = ask(&mut encrypted(&sandbox, &server.address));
    assert_ne!(first, second);
    assert_eq!(ask(&mut old), first, "the connection that was open goes on");

    // A pair that is none changes nothing, and the log has no word of the key.
    let key = std::fs::read_to_string(sandbox.path().join("tls.key")).unwrap();
    sandbox.write("tls.key", "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n");
    send(rustix::process::Signal::HUP, &server.child);
    assert!(log_has(&sandbox, "the old certificate stays in use"));
    assert_eq!(ask(&mut encrypted(&sandbox, &server.address)), second);
    let log = std::fs::read_to_string(sandbox.path().join("server.log")).unwrap();
    assert!(!log.contains("canary"), "{log}");
    sandbox.write("tls.key", key);

    // What is no TLS at all is left, and harms nobody.
    let mut plain = connect(&server.address);
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut response = Vec::new();
    let _ = plain.read_to_end(&mut response);
    assert!(!response.starts_with(b"HTTP/1.1 200"));
    assert_eq!(ask(&mut encrypted(&sandbox, &server.address)), second);
}

#[test]
fn a_pair_that_is_none_is_refused_at_the_start() {
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    certificate(&sandbox, 1);
    std::fs::copy(sandbox.path().join("tls.key"), sandbox.path().join("other.key")).unwrap();
    certificate(&sandbox, 2);
    sandbox.write("empty", "");
    for flags in [
        &["--tls-cert", "tls.pem"][..],
        &["--tls-key", "tls.key"],
        &["--tls-cert", "tls.pem", "--tls-key", "other.key"],
        &["--tls-cert", "tls.pem", "--tls-key", "missing"],
        &["--tls-cert", "empty", "--tls-key", "tls.key"],
        &["--tls-cert", "tls.key", "--tls-key", "tls.key"],
    ] {
        let output =
            operate(&sandbox, &[&["serve", "--data", "data", "--listen", "127.0.0.1:0"], flags].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("error[VP0303]"), "{flags:?}: {said}");
    }
}
