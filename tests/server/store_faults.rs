//! Faults of what a registry is stored in, made with the real programs: a PostgreSQL that is killed or stands still, an S3
//! service that is killed, says `SlowDown` or does not answer. While authors publish: whoever cannot be served is told when
//! to come again, in time; what was answered 200 is there; and when the store is back nothing has to be done.
//!
//! Each test has stores of its own, which it may kill. A disk that is full is in `soak`.

use crate::author::{Author, Signed};
use crate::backends::{backend, until};
use crate::programs;
use crate::sandbox::{Sandbox, first_line, send_to};
use crate::served::Server;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long the server waits for its stores here, in seconds.
const PATIENCE: u64 = 3;
/// How long whoever asks waits at most: for a file and for the database, each tried again for a while.
const IN_TIME: Duration = Duration::from_secs(8 * PATIENCE);
/// Who publish at once.
const AUTHORS: usize = 3;

/// A PostgreSQL and an S3 service of one test.
struct Stores {
    child: Child,
    variables: BTreeMap<String, String>,
}

impl Stores {
    /// Starts them; none where a folder is tested.
    fn start() -> Option<Self> {
        if backend().is_a_folder() {
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/stores.sh");
        let mut stores = Command::new("bash");
        stores.arg(script).args(["bash", "-c", "env; echo READY; cat"]).env("VITTE_TEST_STORES", "killed");
        let mut child = stores.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut variables = BTreeMap::new();
        for line in lines.by_ref().take_while(|line| line != "READY") {
            variables.extend(line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        assert!(child.try_wait().unwrap().is_none(), "stores.sh: {variables:?}");
        Some(Self { child, variables })
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(&self.variables["VITTE_TEST_STORES_FOLDER"])
    }

    /// The process of one of them.
    fn pid(&self, name: &str) -> i32 {
        let text = std::fs::read_to_string(self.folder().join(format!("{name}.pid"))).unwrap();
        text.lines().next().unwrap().trim().parse().unwrap()
    }

    /// The process of PostgreSQL and those that it started.
    fn postgres(&self) -> Vec<i32> {
        let postmaster = self.pid("postgres");
        let is_child = |pid: i32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            after_name.split_whitespace().nth(1) == Some(&postmaster.to_string())
        };
        let pids = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        std::iter::once(postmaster).chain(pids.filter(|pid| is_child(*pid))).collect()
    }

    fn start_again(&self, name: &str) {
        let script = self.folder().join(format!("start-{name}"));
        let started = Command::new("bash").arg(script).stdout(Stdio::null()).status().unwrap();
        assert!(started.success(), "{name}");
    }
}

impl Drop for Stores {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What the way to the S3 service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Passes,
    /// Answers each third request, and then the others, as Amazon's service does under load.
    SlowsSome,
    SlowsAll,
    Hangs,
}

const SLOW_DOWN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code>\
                         <Message>Please reduce your request rate.</Message></Error>";

/// The way to the S3 service.
struct Way {
    address: String,
    manner: Arc<Mutex<Manner>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    slowed: Arc<AtomicU32>,
}

impl Way {
    fn to(service: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let way = Self {
            address: listener.local_addr().unwrap().to_string(),
            manner: Arc::new(Mutex::new(Manner::Passes)),
            open: Arc::default(),
            slowed: Arc::default(),
        };
        let (manner, open, slowed) = (way.manner.clone(), way.open.clone(), way.slowed.clone());
        std::thread::spawn(move || {
            for (number, client) in listener.incoming().flatten().enumerate() {
                let now = *manner.lock().unwrap();
                if now == Manner::SlowsAll || (now == Manner::SlowsSome && number % 3 == 0) {
                    slowed.fetch_add(1, Ordering::SeqCst);
                    std::thread::spawn(move || slow_down(client));
                    continue;
                }
                let Ok(server) = TcpStream::connect(&service) else { continue };
                open.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let manner = Arc::clone(&manner);
                    std::thread::spawn(move || pass_on(from, to, &manner));
                }
            }
        });
        way
    }

    fn set(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
        if manner != Manner::Hangs {
            // The next request is on a connection of its own.
            self.open.lock().unwrap().drain(..).for_each(|stream| _ = stream.shutdown(Shutdown::Both));
        }
    }
}

fn slow_down(mut client: TcpStream) {
    let _ = client.set_read_timeout(Some(Duration::from_millis(100)));
    // What is asked is read: else the connection is reset, and the response lost.
    while client.read(&mut [0; 65536]).is_ok_and(|read| read > 0) {}
    let _ = write!(
        client,
        "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{SLOW_DOWN}",
        SLOW_DOWN.len()
    );
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, manner: &Mutex<Manner>) {
    let mut piece = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        while *manner.lock().unwrap() == Manner::Hangs {
            std::thread::sleep(Duration::from_millis(20));
        }
        if to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
}

/// Ends the authors when a test fails: they would try for ever.
struct EndsOnFailure<'a>(&'a AtomicBool);

impl Drop for EndsOnFailure<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

/// A registry with stores of its own, which authors publish to.
struct Registry {
    server: Server,
    sandbox: Sandbox,
    token: String,
    environment: Vec<(String, String)>,
    way: Way,
    published: AtomicU32,
    has_failed: AtomicBool,
    stores: Stores,
}

impl Registry {
    fn begin() -> Option<Self> {
        let stores = Stores::start()?;
        let sandbox = Sandbox::new();
        let postgres = &stores.variables["VITTE_TEST_POSTGRES"];
        let created =
            Command::new("psql").args(["-qAtX", "-c", "CREATE DATABASE registry", postgres]).status();
        assert!(created.unwrap().success());
        let bucket = &stores.variables["VITTE_TEST_S3"];
        let service = bucket.split_once("http://").unwrap().1.split('&').next().unwrap().to_owned();
        let way = Way::to(service.clone());
        let of = |name: &str| stores.variables[name].clone();
        let environment = vec![
            ("VITTE_REGISTRY_DATABASE".to_owned(), format!("{postgres}/registry")),
            ("VITTE_REGISTRY_STORAGE".to_owned(), bucket.replacen(&service, &way.address, 1)),
            ("VITTE_REGISTRY_RATE_LIMITS".to_owned(), "off".to_owned()),
            ("AWS_ACCESS_KEY_ID".to_owned(), of("AWS_ACCESS_KEY_ID")),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), of("AWS_SECRET_ACCESS_KEY")),
        ];
        let operate = |arguments: &[&str]| operated(&sandbox, &environment, arguments);
        operate(&["init", "--data", "data", "--id", "registry.example/"]);
        operate(&["user", "add", "roussov", "--data", "data"]);
        let token = operate(&["token", "create", "--data", "data", "--scopes", "publish,namespace"]);
        let mut serve = program(&sandbox, &environment);
        serve.args(["serve", "--data", "data", "--listen", "127.0.0.1:0"]);
        serve.args(["--store-timeout", &PATIENCE.to_string()]);
        let log = std::fs::File::create(sandbox.path().join("server.log")).unwrap();
        let mut child = serve.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let line = first_line(&mut child);
        let address = line.trim_end().trim_end_matches('/').rsplit("://").next().unwrap().to_owned();
        let server = Server::of(child, address);
        let mut author = Author::at(&server.address, &token);
        until("a sequencer", || {
            author.publish(&Signed::namespace("demo")).is_ok_and(|response| response.status == 200)
        });
        let (published, has_failed) = (AtomicU32::new(0), AtomicBool::new(false));
        Some(Self { server, sandbox, token, environment, way, published, has_failed, stores })
    }

    /// Publishes versions of a package, each until it is answered 200, up to the first so answered once it is over.
    fn publish(&self, name: &str, over: &AtomicBool, done: &AtomicU32) {
        let mut author = Author::at(&self.server.address, &self.token);
        for number in 0.. {
            let version = format!("1.{number}.0");
            let signed = Signed::default().with(&self.sandbox, name, &version, name);
            loop {
                let asked = Instant::now();
                let response = author.publish(&signed).unwrap();
                assert!(asked.elapsed() < 4 * IN_TIME, "{response:?} after {:?}", asked.elapsed());
                if response.status == 200 {
                    break;
                }
                assert_eq!(response.status, 503, "{response:?}");
                assert!(response.header("retry-after").is_some(), "{response:?}");
                if self.has_failed.load(Ordering::SeqCst) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            self.published.fetch_add(1, Ordering::SeqCst);
            done.fetch_add(1, Ordering::SeqCst);
            if over.load(Ordering::SeqCst) || self.has_failed.load(Ordering::SeqCst) {
                return;
            }
        }
    }

    /// Breaks something while authors publish, looks at what the server says, and mends it.
    fn survives(
        &self,
        what: &str,
        blamed: &str,
        reads_go_on: bool,
        fault: impl FnOnce(),
        mend: impl FnOnce(),
    ) {
        let (over, done) = (AtomicBool::new(false), [const { AtomicU32::new(0) }; AUTHORS]);
        let counts = || done.iter().map(|count| count.load(Ordering::SeqCst)).collect::<Vec<_>>();
        let in_time = |asked: Instant| assert!(asked.elapsed() < IN_TIME, "{what}: {:?}", asked.elapsed());
        std::thread::scope(|scope| {
            let _ends = EndsOnFailure(&self.has_failed);
            for (number, done) in done.iter().enumerate() {
                let (name, over) = (format!("demo/{}-{number}", what.replace(' ', "-")), &over);
                scope.spawn(move || self.publish(&name, over, done));
            }
            until(what, || counts().iter().all(|count| *count > 0));
            fault();
            let mut said = String::new();
            until(&format!("{what}: not ready"), || {
                said = self.server.get("/readyz");
                said.starts_with("HTTP/1.1 503")
            });
            assert!(said.contains("\"code\":\"VP") && said.contains(blamed), "{what}: {said}");
            assert!(self.server.get("/healthz").starts_with("HTTP/1.1 200"), "{what}");
            // What is there is never said to be absent. On a slow machine an answer may come too late once.
            let expected = if reads_go_on { "HTTP/1.1 200" } else { "HTTP/1.1 503" };
            until(&format!("{what}: {expected}"), || {
                let asked = Instant::now();
                let read = self.server.get("/log/checkpoint");
                in_time(asked);
                let is_refused = read.starts_with("HTTP/1.1 503");
                assert!(is_refused || read.starts_with("HTTP/1.1 200"), "{what}: {read}");
                assert!(!is_refused || read.to_lowercase().contains("retry-after: "), "{what}: {read}");
                read.starts_with(expected)
            });
            let asked = Instant::now();
            let bearer = format!("POST /api/v1/uploads HTTP/1.1\r\nAuthorization: Bearer {}\r\n", self.token);
            let signed = Signed::default().with(&self.sandbox, "demo/refused", "1.0.0", what);
            let refused = self.server.ask(&bearer, &signed.request());
            in_time(asked);
            assert!(refused.starts_with("HTTP/1.1 503"), "{what}: {refused}");
            assert!(refused.contains("application/problem+json"), "{what}: {refused}");
            assert!(refused.to_lowercase().contains("retry-after: "), "{what}: {refused}");
            let before = counts();
            mend();
            until(&format!("{what}: ready"), || self.server.get("/readyz").starts_with("HTTP/1.1 200"));
            until(&format!("{what}: everybody goes on"), || {
                counts().iter().zip(&before).all(|(now, before)| *now > before + 1)
            });
            over.store(true, Ordering::SeqCst);
        });
    }

    /// All that was answered 200 is in the log, once, in a registry that is in order; by the process that was there first.
    fn has_everything(mut self) {
        assert!(self.server.child.try_wait().unwrap().is_none());
        operated(&self.sandbox, &self.environment, &["export", "exported", "--data", "data"]);
        let verified = self.sandbox.run("registry verify exported --json").ends(0).json();
        // Genesis and the namespace come first.
        let published = self.published.load(Ordering::SeqCst);
        assert_eq!(verified["result"]["entries"], published + 2);
        assert_eq!(verified["result"]["artifacts"], published);
    }
}

fn program(sandbox: &Sandbox, environment: &[(String, String)]) -> Command {
    let mut program = Command::new(programs::server());
    program.current_dir(sandbox.path()).env_clear().envs(environment.iter().cloned());
    program
}

#[track_caller]
fn operated(sandbox: &Sandbox, environment: &[(String, String)], arguments: &[&str]) -> String {
    let output = program(sandbox, environment).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn a_database_that_is_killed_or_stands_still_costs_nothing_that_was_answered() {
    use rustix::process::Signal;
    let Some(registry) = Registry::begin() else { return };
    let stores = &registry.stores;
    let kill = || send_to(Signal::KILL, stores.pid("postgres"));
    registry.survives("killed", "database", true, kill, || stores.start_again("postgres"));
    let all = Mutex::new(Vec::new());
    let stop = || {
        *all.lock().unwrap() = stores.postgres();
        all.lock().unwrap().iter().for_each(|pid| send_to(Signal::STOP, *pid));
    };
    let go_on = || all.lock().unwrap().iter().for_each(|pid| send_to(Signal::CONT, *pid));
    registry.survives("stopped", "database", true, stop, go_on);
    registry.has_everything();
}

#[test]
fn an_object_store_that_is_killed_slow_or_silent_costs_nothing_that_was_answered() {
    use rustix::process::Signal;
    let Some(registry) = Registry::begin() else { return };
    let (stores, way) = (&registry.stores, &registry.way);
    let pass = || way.set(Manner::Passes);
    let kill = || send_to(Signal::KILL, stores.pid("weed"));
    registry.survives("killed", "object store", false, kill, || stores.start_again("weed"));
    registry.survives("slow", "object store", false, || way.set(Manner::SlowsAll), pass);
    registry.survives("silent", "object store", false, || way.set(Manner::Hangs), pass);
    // A few that are told to come again later are nobody's business but the server's.
    way.set(Manner::SlowsSome);
    let (over, slowed) = (AtomicBool::new(true), way.slowed.load(Ordering::SeqCst));
    (0..4).for_each(|number| registry.publish(&format!("demo/some-{number}"), &over, &AtomicU32::new(0)));
    assert!(way.slowed.load(Ordering::SeqCst) > slowed);
    pass();
    registry.has_everything();
}
