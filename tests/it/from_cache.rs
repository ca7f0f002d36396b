//! One package of many that moves: the registry is asked about it, and not about those that stay locked.

use crate::batch::{chain, counting};
use crate::http::as_stranger;
use crate::registry::{pack, publish};
use crate::sandbox::Sandbox;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// A project that is locked to a chain of four packages, and what was asked since.
struct Locked {
    sandbox: Sandbox,
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Locked {
    fn new() -> Self {
        let sandbox = chain(4);
        let (url, asked) = counting(sandbox.path().join("reg"), None);
        as_stranger(&sandbox, &url);
        let locked = Self { sandbox, url, asked };
        assert_eq!(locked.run("lock"), ["p0x", "p1x", "p2x", "p3x"]);
        locked
    }

    /// Runs a command in the project; gives the packages whose index files were asked for.
    fn run(&self, command: &str) -> Vec<String> {
        self.asked.lock().unwrap().clear();
        let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
        let line = format!("{name} --manifest app/vitte.toml --registry {} {rest}", self.url);
        self.sandbox.run(line.trim_end()).ends(0);
        let asked = self.asked.lock().unwrap();
        let mut asked: Vec<_> =
            asked.iter().filter_map(|line| Some(line.split_once("index/demo/")?.1.to_owned())).collect();
        asked.sort();
        asked
    }

    /// The owner publishes a release.
    fn publish(&self, name: &str, version: &str, needs: &str) {
        let swap = |from: &str, to: &str| {
            std::fs::rename(self.sandbox.path().join(from), self.sandbox.path().join(to)).unwrap();
        };
        swap("home", "stranger");
        swap("owner", "home");
        let package: PathBuf = pack(&self.sandbox, name, version, version, needs);
        publish(&self.sandbox, &[&package]).ends(0);
        swap("home", "owner");
        swap("stranger", "home");
    }

    /// What the lockfile says of a package: its version.
    fn version(&self, name: &str) -> String {
        let lockfile = std::fs::read_to_string(self.sandbox.path().join("app/vitte.lock")).unwrap();
        let line = format!("name = \"demo/{name}\"\nversion = \"");
        let at = lockfile.find(&line).unwrap_or_else(|| panic!("{name}: {lockfile}"));
        lockfile[at + line.len()..].split('"').next().unwrap().to_owned()
    }
}

#[test]
fn the_registry_is_asked_about_what_may_move() {
    let locked = Locked::new();
    locked.publish("demo/p0x", "1.1.0", "\"demo/p1x\" = \"1\"\n");
    locked.publish("demo/p2x", "1.1.0", "\"demo/p3x\" = \"1\"\n");
    locked.publish("demo/other", "1.0.0", "\"demo/p3x\" = \"1\"\n");
    assert_eq!(locked.run("update demo/p0x"), ["p0x"]);
    assert_eq!((locked.version("p0x"), locked.version("p2x")), ("1.1.0".to_owned(), "1.0.0".to_owned()));
    assert_eq!(locked.run("add demo/other"), ["other"]);
    assert_eq!((locked.version("other"), locked.version("p2x")), ("1.0.0".to_owned(), "1.0.0".to_owned()));
    assert_eq!(locked.run("update"), ["other", "p0x", "p1x", "p2x", "p3x"]);
    assert_eq!(locked.version("p2x"), "1.1.0");
}

#[test]
fn what_has_to_move_after_all_is_asked_about() {
    let locked = Locked::new();
    locked.publish("demo/p1x", "1.1.0", "\"demo/p2x\" = \"1\"\n");
    locked.publish("demo/p0x", "1.1.0", "\"demo/p1x\" = \"1.1\"\n");
    assert_eq!(locked.run("update demo/p0x"), ["p0x", "p1x", "p2x", "p3x"]);
    assert_eq!((locked.version("p0x"), locked.version("p1x")), ("1.1.0".to_owned(), "1.1.0".to_owned()));
}

#[test]
fn copies_are_good_for_a_day_and_not_where_the_present_matters() {
    let locked = Locked::new();
    let all = ["p0x", "p1x", "p2x", "p3x"];
    assert_eq!(locked.run("lock"), [""; 0]);
    assert_eq!(locked.run("lock --verify-lock"), all);
    assert_eq!(locked.run("lock --deny yanked"), all);
    let kept = |name: &str| {
        let registries = std::fs::read_dir(locked.sandbox.home().join("cache/registries")).unwrap();
        let folder = registries.flatten().next().unwrap().path();
        std::fs::File::options().append(true).open(folder.join("index/demo").join(name)).unwrap()
    };
    let old = SystemTime::now() - Duration::from_secs(25 * 60 * 60);
    kept("p1x").set_modified(old).unwrap();
    // Nor is a time in the future trusted.
    kept("p2x").set_modified(SystemTime::now() + Duration::from_secs(60 * 60)).unwrap();
    assert_eq!(locked.run("lock"), ["p1x", "p2x"]);
    assert_eq!(locked.run("lock"), [""; 0]);
}
