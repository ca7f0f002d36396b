//! Clients of a private registry: where their token comes from, and where it goes.

use crate::private::{private_registry, publish, trust_root};
use crate::sandbox::{Ran, Sandbox};
use crate::served::{Server, token};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

/// Where a reader's token comes from.
#[derive(Clone, Copy, Debug)]
enum From {
    Variable,
    OwnVariable,
    Helper,
    Login,
    Netrc,
}

/// A reader with a token, and a project of their own.
struct Person {
    sandbox: Sandbox,
    variables: Vec<(String, String)>,
    said: std::cell::RefCell<String>,
}

impl Person {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let manifest =
            "[package]\nname = \"acme/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n";
        sandbox.write("vitte.toml", manifest);
        sandbox.write("src/lib.vitte", "module app\n");
        Self { sandbox, variables: Vec::new(), said: std::cell::RefCell::default() }
    }

    #[must_use = "say how it ends"]
    #[track_caller]
    fn run(&self, arguments: &str) -> Ran {
        let ran = self.sandbox.run_with(arguments, |command| _ = command.envs(self.variables.clone()));
        self.said.borrow_mut().push_str(&ran.to_string());
        ran
    }

    /// Takes the token over.
    fn obtain(&mut self, from: From, server: &Server, token: &str) {
        let path = |name: &str| self.sandbox.path().join(name).display().to_string();
        match from {
            From::Variable => self.variables.push(("VITTE_TOKEN".to_owned(), token.to_owned())),
            From::OwnVariable => {
                let name = server.address.replace('.', "_").replace(':', "___");
                self.variables.push((format!("VITTE_{name}_TOKEN"), token.to_owned()));
                // Which would be refused.
                self.variables.push(("VITTE_TOKEN".to_owned(), "vtt_wrong".to_owned()));
            }
            From::Helper => {
                let body =
                    format!("#!/bin/sh\ncat > /dev/null\n[ $1 = get ] && echo password={token}\nexit 0\n");
                let helper = self.sandbox.write("secret/helper", body);
                std::fs::set_permissions(helper, std::fs::Permissions::from_mode(0o700)).unwrap();
                let set = format!("config set registry.credential-helper {}", path("secret/helper"));
                self.run(&set).ends(0);
            }
            From::Login => {
                let login = format!("login {} --token-stdin --json", server.url());
                let stdin = format!("{token}\n");
                let ran = self.sandbox.run_with(&login, |command| _ = command.write_stdin(stdin));
                let answer = ran.ends(0).json();
                assert_eq!(answer["result"]["checked"], true, "{answer}");
                assert_eq!(answer["result"]["user"], "roussov", "{answer}");
                self.said.borrow_mut().push_str(&answer.to_string());
            }
            From::Netrc => {
                let content = format!("machine {} login token password {token}\n", server.address);
                let netrc = self.sandbox.write("secret/netrc", content);
                std::fs::set_permissions(&netrc, std::fs::Permissions::from_mode(0o600)).unwrap();
                self.variables.push(("NETRC".to_owned(), path("secret/netrc")));
            }
        }
    }

    /// Asserts that a token was neither printed nor written but to where it is kept.
    #[track_caller]
    fn keeps_secret(&self, token: &str) {
        let secret = &token[17..];
        assert!(!self.said.borrow().contains(secret), "the token is printed");
        let mut folders = vec![self.sandbox.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_symlink() {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let own = ["secret/helper", "secret/netrc", "home/credentials.toml"];
                let is_own = own.iter().any(|own| path.ends_with(Path::new(own)));
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found || is_own, "the token is in {}", path.display());
                assert!(!is_own || found, "there is no token in {}", path.display());
            }
        }
    }
}

/// The whole way of a reader, with each source of tokens, in a fresh home.
fn read_with(from: From) {
    let (sandbox, server, author) = private_registry();
    let (url, pin) = (server.url(), trust_root(&sandbox));
    let secret = token(&sandbox, "read", "roussov/*");
    let mut person = Person::new();
    let add = format!("registry add {url} --trust-root-sha256 {pin}");
    let refused = person.run(&add).ends(7).to_string();
    assert!(
        refused.contains("VP0701") && refused.contains(&format!("vitte package login {url}")),
        "{refused}"
    );
    person.obtain(from, &server, &secret);
    person.run(&add).ends(0);
    person.run("add roussov/vitte-math").ends(0);
    person.run("lock").ends(0);
    person.run("install").ends(0);
    publish(&sandbox, &server, &author, "1.1.0");
    let outdated = person.run("outdated").to_string();
    assert!(outdated.contains("1.1.0"), "{outdated}");
    person.run("update").ends(0);
    person.run("install").ends(0);
    person.run("audit").ends(0);
    let info = person.run("info roussov/vitte-math").ends(0);
    assert!(info.stdout.contains("1.1.0"), "{info}");
    person.run("install roussov/vitte-math@1.0.0").ends(0);
    person.run("fetch").ends(0);
    let lock = std::fs::read_to_string(person.sandbox.path().join("vitte.lock")).unwrap();
    assert!(lock.contains("roussov/vitte-math") && lock.contains("1.1.0"), "{lock}");
    person.keeps_secret(&secret);
}

#[test]
fn a_reader_has_the_token_of_a_variable() {
    read_with(From::Variable);
}

#[test]
fn a_reader_has_the_token_of_the_registrys_own_variable() {
    read_with(From::OwnVariable);
}

#[test]
fn a_reader_has_the_token_of_a_credential_helper() {
    read_with(From::Helper);
}

#[test]
fn a_reader_has_the_token_of_login() {
    read_with(From::Login);
}

#[test]
fn a_reader_has_the_token_of_netrc() {
    read_with(From::Netrc);
}

#[test]
fn login_stores_what_the_registry_accepts_and_logout_says_what_stays() {
    let (sandbox, server, author) = private_registry();
    let url = server.url();
    let person = Person::new();
    let login = |flags: &str, stdin: &str| {
        let stdin = stdin.to_owned();
        person.sandbox.run_with(&format!("login {url} {flags}"), |command| _ = command.write_stdin(stdin))
    };
    let file = person.sandbox.home().join("credentials.toml");
    let unknown = vitte_package_core::api::Token::new(&[9; 40]);
    for (stdin, exit) in [(unknown.reveal(), 7), ("hunter2", 7), ("", 7)] {
        let ran = login("--token-stdin", stdin).ends(exit);
        assert!(stdin.is_empty() || !ran.to_string().contains(stdin), "{ran}");
        assert!(!file.exists(), "{ran}");
    }
    assert!(login("--token-stdin", unknown.reveal()).stderr.contains("it was not stored"));
    login("--token-stdin --token x", "").ends(2);
    // Nobody is there to paste one.
    login("--no-input", "").ends(2);
    let visible = login(&format!("--token {author}"), "").ends(0);
    assert!(visible.stderr.contains("other users of this machine can see `--token`"), "{visible}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // Where others can read it, it is not used.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let add = format!("registry add {url} --trust-root-sha256 {}", trust_root(&sandbox));
    let open = person.run(&add).ends(7).to_string();
    assert!(open.contains("VP0703") && open.contains("chmod 600"), "{open}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    person.run(&add).ends(0);
    // One that is revoked is named with its source.
    sandbox_revoke(&sandbox, &author);
    let revoked = person.run(&format!("info roussov/vitte-math --registry {url}")).ends(7).to_string();
    assert!(revoked.contains("credentials.toml") && revoked.contains(&format!("login {url}")), "{revoked}");
    let out = person.sandbox.run_with(&format!("logout {url} --json"), |command| {
        command.env("VITTE_TOKEN", &author);
    });
    let out = out.ends(0).json();
    assert_eq!(
        (&out["result"]["removed_from"][0], &out["result"]["still"]),
        (
            &file.display().to_string().replace(person.sandbox.path().to_str().unwrap(), "[dir]").into(),
            &"VITTE_TOKEN".into()
        ),
        "{out}"
    );
    assert!(!std::fs::read_to_string(&file).unwrap().contains("vtt_"));
    let again = person.run(&format!("logout {url}")).ends(0);
    assert!(again.stderr.contains("no token is stored"), "{again}");
    // In the clear a token goes to this machine only.
    let clear = person.sandbox.run_with("login http://registry.example --token-stdin", |command| {
        command.write_stdin(author.clone());
    });
    assert!(clear.ends(7).stderr.contains("VP0704"));
}

fn sandbox_revoke(sandbox: &Sandbox, token: &str) {
    crate::served::operated(sandbox, &["token", "revoke", &token[4..16], "--data", "data"]);
}

/// Answers every request with the same response; the heads of the requests are received.
fn answering(response: String) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, heads) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let _ = stream.write_all(response.as_bytes());
            if sender.send(String::from_utf8_lossy(&head).to_ascii_lowercase()).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}"), heads)
}

fn empty(status: &str, header: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n{header}\r\n")
}

#[test]
fn a_token_does_not_follow_a_redirect_to_another_port() {
    let (elsewhere, there) = answering(empty("404 Not Found", ""));
    let (registry, here) = answering(empty("302 Found", &format!("Location: {elsewhere}/config.json\r\n")));
    let person = Person::new();
    let secret = vitte_package_core::api::Token::new(&[3; 40]);
    let run = |url: &str| {
        let arguments = format!("registry add {url} --trust-root-sha256 {}", "0".repeat(64));
        person.sandbox.run_with(&arguments, |command| _ = command.env("VITTE_TOKEN", secret.reveal()))
    };
    let ran = run(&registry);
    assert_ne!(ran.exit, 0, "{ran}");
    let own = here.recv().unwrap();
    assert!(
        own.contains(&format!("authorization: bearer {}", secret.reveal().to_ascii_lowercase())),
        "{own}"
    );
    let other = there.recv().unwrap();
    assert!(other.starts_with("get /config.json") && !other.contains("authorization"), "{other}");
}

#[test]
fn a_variable_that_names_no_registry_goes_to_none_that_only_a_project_names() {
    let (url, heads) = answering(empty("401 Unauthorized", ""));
    let person = Person::new();
    let secret = vitte_package_core::api::Token::new(&[4; 40]);
    let manifest = format!(
        "[package]\nname = \"acme/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
         [dependencies]\n\"evil/x\" = \"^1\"\n\
         [registries.evil]\nindex = \"{url}\"\nnamespaces = [\"evil\"]\ntrust-root-sha256 = \"{}\"\n",
        "0".repeat(64)
    );
    person.sandbox.write("vitte.toml", manifest);
    let ran = person.sandbox.run_with("lock", |command| _ = command.env("VITTE_TOKEN", secret.reveal()));
    let ran = ran.ends(7);
    assert!(ran.stderr.contains(&format!("VITTE_REGISTRY={url}")), "{ran}");
    let head = heads.recv().unwrap();
    assert!(head.starts_with("get /config.json") && !head.contains("authorization"), "{head}");
    // Who names it means it.
    let named = person.sandbox.run_with("lock", |command| {
        command.env("VITTE_TOKEN", secret.reveal()).env("VITTE_REGISTRY", &url);
    });
    named.ends(7);
    assert!(heads.recv().unwrap().contains("authorization: bearer"));
}
