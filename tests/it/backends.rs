//! What a server under test keeps its registry in. The server's suites run with the row that `VITTE_TEST_BACKEND` names,
//! without it with the first.
//!
//! Where replicas share the backend there are two, and connections go to one and the other in turn: no client is at
//! home at either.
#![cfg(unix)]

use crate::sandbox::Sandbox;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A backend.
pub(crate) struct Backend {
    /// Its name in `VITTE_TEST_BACKEND`.
    name: &'static str,
    /// How many servers run at once.
    pub(crate) replicas: usize,
    /// The variables that the server's program finds it by.
    pub(crate) environment: fn(&Sandbox) -> Vec<(&'static str, String)>,
    /// A folder with the registry's files as they are now.
    pub(crate) public: fn(&Sandbox) -> PathBuf,
}

const BACKENDS: &[Backend] = &[
    Backend {
        name: "sqlite-files",
        replicas: 1,
        environment: |_| Vec::new(),
        public: |sandbox| sandbox.path().join("data/public"),
    },
    Backend { name: "postgres-s3", replicas: 2, environment: shared_environment, public: exported },
];

/// The backend that is tested.
pub(crate) fn backend() -> &'static Backend {
    let wanted = std::env::var("VITTE_TEST_BACKEND").unwrap_or_else(|_| BACKENDS[0].name.to_owned());
    let known = BACKENDS.iter().map(|backend| backend.name).collect::<Vec<_>>().join(", ");
    let found = BACKENDS.iter().find(|backend| backend.name == wanted);
    found.unwrap_or_else(|| panic!("VITTE_TEST_BACKEND is `{wanted}`; there are: {known}"))
}

impl Backend {
    /// Whether everything is in the folder of one server.
    pub(crate) fn is_a_folder(&self) -> bool {
        self.replicas == 1
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: see scripts/test.sh"))
}

/// A database of its own, and a part of the bucket of its own. `VITTE_TEST_POSTGRES` and `VITTE_TEST_S3` say where.
fn shared_environment(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let made = sandbox.path().join("backend");
    let name = std::fs::read_to_string(&made).unwrap_or_else(|_| {
        let folder = sandbox.path().parent().unwrap_or(sandbox.path()).display().to_string();
        let of_folder: u64 = folder
            .bytes()
            .chain(sandbox.path().display().to_string().bytes())
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let name = format!("vitte_{}_{of_folder:016x}", std::process::id());
        sql("", &format!("CREATE DATABASE {name}"));
        std::fs::write(&made, &name).unwrap();
        name
    });
    vec![
        ("VITTE_REGISTRY_DATABASE", format!("{}/{name}", variable("VITTE_TEST_POSTGRES"))),
        ("VITTE_REGISTRY_STORAGE", variable("VITTE_TEST_S3").replacen('?', &format!("/{name}?"), 1)),
        ("AWS_ACCESS_KEY_ID", variable("AWS_ACCESS_KEY_ID")),
        ("AWS_SECRET_ACCESS_KEY", variable("AWS_SECRET_ACCESS_KEY")),
    ]
}

/// Runs a statement in the database of a name; gives the rows, values separated by `|`.
#[track_caller]
fn sql(database: &str, statement: &str) -> String {
    let address = format!("{}/{database}", variable("VITTE_TEST_POSTGRES"));
    let address = address.trim_end_matches('/');
    let mut psql = Command::new("psql");
    psql.args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement, address]);
    let output = psql.output().expect("psql, of PostgreSQL, can be run");
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Runs a statement in the database that the servers of a sandbox share.
#[track_caller]
pub(crate) fn shared_sql(sandbox: &Sandbox, statement: &str) -> String {
    sql(&std::fs::read_to_string(sandbox.path().join("backend")).unwrap(), statement)
}

fn exported(sandbox: &Sandbox) -> PathBuf {
    let folder = (0..).map(|number| sandbox.path().join(format!("exported-{number}")));
    let folder = folder.into_iter().find(|folder| !folder.exists()).unwrap();
    crate::served::operated(sandbox, &["export", &folder.display().to_string(), "--data", "data"]);
    folder
}

/// One address before several servers: each connection goes to the next one that is there.
pub(crate) struct InTurn {
    pub(crate) address: String,
    ended: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl InTurn {
    pub(crate) fn listen(at: &str, servers: Vec<String>) -> Self {
        let listener = TcpListener::bind(at).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let ended = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&ended);
        let listening = std::thread::spawn(move || {
            for (number, client) in listener.incoming().enumerate() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(client) = client else { continue };
                let mut turns = (0..servers.len()).map(|turn| &servers[(number + turn) % servers.len()]);
                let Some(server) = turns.find_map(|server| TcpStream::connect(server).ok()) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || pass_on(from, to));
                }
            }
        });
        Self { address, ended, listening: Some(listening) }
    }
}

impl Drop for InTurn {
    /// The address is free again then.
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        if TcpStream::connect(&self.address).is_ok() {
            self.listening.take().into_iter().for_each(|listening| _ = listening.join());
        }
    }
}

/// A way to a service, which can be cut.
pub(crate) struct Line {
    pub(crate) address: String,
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    pub(crate) fn to(service: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (is_cut, open) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let line = Self { address, is_cut: Arc::clone(&is_cut), open: Arc::clone(&open) };
        let service = service.to_owned();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&service) else { continue };
                open.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                if is_cut.load(Ordering::SeqCst) {
                    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
                    continue;
                }
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || pass_on(from, to));
                }
            }
        });
        line
    }

    /// Ends what is open, and lets nothing through.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = [0; 16 * 1024];
    loop {
        match from.read(&mut piece) {
            Ok(length @ 1..) if to.write_all(&piece[..length]).is_ok() => {}
            Ok(0) => {
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            _ => {
                let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
                return;
            }
        }
    }
}

/// Asks until it is so, for a minute at most.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
}
