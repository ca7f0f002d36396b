//! A registry that is a server: started as its operator starts it, with an author who may publish.
#![cfg(unix)]

use crate::backends::{InTurn, backend};
use crate::programs;
use crate::sandbox::{Sandbox, connect, first_line};
use std::io::{Read, Write};
use std::process::{Child, Command, Output, Stdio};

/// Runs the server's program to its end.
pub(crate) fn operate(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    program(sandbox).args(arguments).output().unwrap()
}

/// The server's program, in the sandbox, with what it finds its backend by.
pub(crate) fn program(sandbox: &Sandbox) -> Command {
    let mut program = Command::new(programs::server());
    program.current_dir(sandbox.path()).env_clear().envs((backend().environment)(sandbox));
    // Tests publish more than people do.
    program.env("VITTE_REGISTRY_RATE_LIMITS", "off");
    program
}

#[track_caller]
pub(crate) fn operated(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = operate(sandbox, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// A server that is killed when it is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
    /// Other replicas behind the same address.
    others: Vec<Child>,
    _turns: Option<InTurn>,
}

impl Server {
    /// Starts the server of the folder `data`.
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        Self::start_with(sandbox, &[])
    }

    pub(crate) fn start_with(sandbox: &Sandbox, flags: &[&str]) -> Self {
        Self::start_at(sandbox, "127.0.0.1:0", flags)
    }

    /// Starts it at an address of the test's own.
    pub(crate) fn start_at(sandbox: &Sandbox, listen: &str, flags: &[&str]) -> Self {
        std::fs::write(sandbox.path().join("server.log"), "").unwrap();
        if backend().is_a_folder() {
            let (child, address) = start_where(sandbox, listen, flags, &[]);
            return Self::of(child, address);
        }
        let mut replicas: Vec<_> = (0..backend().replicas).map(|_| start_one(sandbox, flags)).collect();
        let turns = InTurn::listen(listen, replicas.iter().map(|(_, address)| address.clone()).collect());
        let (child, _) = replicas.remove(0);
        let others = replicas.into_iter().map(|(child, _)| child).collect();
        Self { child, address: turns.address.clone(), others, _turns: Some(turns) }
    }

    /// One that is running.
    pub(crate) fn of(child: Child, address: String) -> Self {
        Self { child, address, others: Vec::new(), _turns: None }
    }

    /// Kills it, and all replicas of it.
    pub(crate) fn kill(&mut self) {
        std::iter::once(&mut self.child).chain(&mut self.others).for_each(|child| child.kill().unwrap());
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a request and gives the whole response.
    pub(crate) fn ask(&self, head: &str, body: &[u8]) -> String {
        let mut stream = connect(&self.address);
        let length = body.len();
        let head =
            format!("{head}Host: {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        // A server may refuse a body before it has read it.
        let _ = stream.write_all(body);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        String::from_utf8_lossy(&response).into_owned()
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\n"), b"")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in std::iter::once(&mut self.child).chain(&mut self.others) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts a server of the folder `data` on a port that is free. Gives its address too.
pub(crate) fn start_one(sandbox: &Sandbox, flags: &[&str]) -> (Child, String) {
    start_where(sandbox, "127.0.0.1:0", flags, &[])
}

/// Starts one that finds its backend by other variables than those of the sandbox.
pub(crate) fn start_where(
    sandbox: &Sandbox,
    listen: &str,
    flags: &[&str],
    environment: &[(&str, String)],
) -> (Child, String) {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(sandbox.path().join("server.log"));
    let mut child = program(sandbox)
        .args(["serve", "--data", "data", "--listen", listen])
        .args(flags)
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .stdout(Stdio::piped())
        .stderr(log.unwrap())
        .spawn()
        .unwrap();
    let line = first_line(&mut child);
    let address = line.trim_end().trim_end_matches('/').rsplit("://").next().unwrap().to_owned();
    (child, address)
}

/// A registry with a user, and the digest of its trust root.
pub(crate) fn initialised(sandbox: &Sandbox) -> String {
    let said = operated(sandbox, &["init", "--data", "data", "--id", "registry.example/"]);
    operated(sandbox, &["user", "add", "roussov", "--data", "data"]);
    let digest = said.split("--trust-root-sha256 ").nth(1).unwrap();
    digest.lines().next().unwrap().to_owned()
}

/// Begins a registry behind a server that runs as long as the sandbox lasts, for suites that write by any writer.
pub(crate) fn begin(sandbox: &Sandbox) {
    let trust_root = initialised(sandbox);
    let server = Server::start(sandbox);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    std::os::unix::fs::symlink("data/public", sandbox.path().join("reg")).unwrap();
    sandbox.write("server-url", server.url());
    sandbox.write("server-token", token(sandbox, "publish,yank,namespace", "*"));
    sandbox.keep(server);
}

pub(crate) fn token(sandbox: &Sandbox, scopes: &str, packages: &str) -> String {
    operated(sandbox, &["token", "create", "--data", "data", "--scopes", scopes, "--packages", packages])
}

/// The project of the package, in the sandbox.
pub(crate) fn project(sandbox: &Sandbox, version: &str) {
    let manifest = format!(
        "[package]\nname = \"roussov/vitte-math\"\nversion = \"{version}\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
         description = \"Sums\"\ninclude = [\"src/**\", \"LICENSE\"]\n"
    );
    sandbox.write("vitte.toml", manifest);
    sandbox.write("src/lib.vitte", format!("module math\n// {version}\n"));
    sandbox.write("LICENSE", "MIT");
}

/// A server, with an author who trusts it and has a project.
pub(crate) fn with_author() -> (Sandbox, Server) {
    let sandbox = Sandbox::new();
    let trust_root = initialised(&sandbox);
    let server = Server::start(&sandbox);
    sandbox.run("key generate").ends(0);
    sandbox.run(&format!("registry add {} --trust-root-sha256 {trust_root}", server.url())).ends(0);
    project(&sandbox, "1.0.0");
    (sandbox, server)
}

pub(crate) fn entries(sandbox: &Sandbox) -> u64 {
    let files = (backend().public)(sandbox);
    let verified = sandbox.run(&format!("registry verify {} --json", files.display())).ends(0).json();
    verified["result"]["entries"].as_u64().unwrap()
}
