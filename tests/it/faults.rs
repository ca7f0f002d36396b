//! Processes that are killed, disks that are full or may only be read, two processes at once.
//!
//! `VITTE_TEST_KILLS=200` in the environment makes a long run.

use crate::dependencies::{on_app, project, publish, read};
use crate::install;
use crate::sandbox::{Sandbox, kills, untested, wait};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs a command to its end, then again and again from the state `before` makes, and kills it at moments spread
/// over the time it took. `after` judges what each left behind. Says how many were still running when they were
/// killed.
fn kill(sandbox: &Sandbox, command: &str, before: impl Fn(), after: impl Fn(&str)) -> u32 {
    let spawn = || {
        Command::new(env!("CARGO_BIN_EXE_vitte-package"))
            .args(command.split_whitespace())
            .current_dir(sandbox.path())
            .env_clear()
            .env("VITTE_HOME", sandbox.home())
            .env("HOME", sandbox.path().join("user"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    before();
    let began = Instant::now();
    assert!(wait(&mut spawn()).success(), "{command}");
    let took = began.elapsed();
    let (kills, mut caught) = (kills(), 0);
    for number in 0..kills {
        before();
        let moment = took.mul_f64(1.1 * f64::from(number) / f64::from(kills));
        let mut child = spawn();
        std::thread::sleep(moment);
        caught += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        wait(&mut child);
        after(&format!("killed {command} after {moment:?} of {took:?}"));
    }
    caught
}

pub const NOTHING: [PathBuf; 0] = [];

/// What writes next to the user's own files: a killed one leaves nothing that the same command, run again, does not
/// remove, and the user's files stay whatever they are called.
#[test]
fn a_killed_command_leaves_nothing_behind_after_the_next_one() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "install --registry reg").ends(0);
    sandbox.write("app/src/large.bin", vec![7; 3 << 20]);
    let there = sandbox.path().join("there.vitmod");
    let mut from = walk(&sandbox.path().join("reg")).into_iter();
    let from = from.find(|path| path.extension().is_some_and(|end| end == "vitmod")).unwrap();
    std::fs::copy(from, &there).unwrap();
    let mine = ["app/target/2024-backup", "app/12345-notes", "app/.vitte-backup"]
        .map(|path| sandbox.write(path, "x"));
    let commands = [
        "build --manifest app/vitte.toml",
        "vendor --manifest app/vitte.toml --registry reg --yes",
        "staple there.vitmod --registry reg",
        "key export default --secret --out backup.pem",
        "key generate --name laptop",
    ];
    for command in commands {
        let before = || {
            for made in ["backup.pem", "home/keys/laptop.pem", "home/keys/laptop.pub", "again"] {
                let _ = std::fs::remove_file(sandbox.path().join(made));
            }
        };
        kill(&sandbox, command, before, |what| {
            before();
            sandbox.run(command).ends(0);
            assert_eq!(sandbox.litter(), NOTHING, "{what}");
        });
    }
    assert!(mine.iter().all(|path| path.exists()));
}

fn walk(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// A copy of a secret key, 65 MB of a build: what earlier versions left behind goes too.
#[test]
fn litter_of_earlier_versions_is_removed() {
    let sandbox = Sandbox::new();
    project(&sandbox, "");
    sandbox.run("key generate").ends(0);
    let key = sandbox.write("home/keys/.vitte-Ab3dE6", "secret");
    let staging = sandbox.write("app/target/999999999-0123456789abcdef/a", "x");
    let registry = sandbox.write("home/keys/registry/r/.vitte-0b3dE6", "secret");
    let hours_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 60 * 60);
    for file in [&key, &registry] {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(hours_ago).unwrap();
    }
    sandbox.run("key list").ends(0);
    assert!(!key.exists() && !registry.exists());
    on_app(&sandbox, "build").ends(0);
    assert!(!staging.exists());
}

fn tools(sandbox: &Sandbox) -> Value {
    sandbox.run("list --json").ends(0).json()["result"]["packages"].clone()
}

#[test]
fn a_killed_install_leaves_the_old_tools_or_the_new() {
    let sandbox = Sandbox::new();
    for version in ["1.0.0", "2.0.0"] {
        install::publish(&sandbox, "demo/hello", version);
    }
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/json", "1.0.0", "\"acme/text\" = \"1\"\n");
    let old = "install demo/hello@=1.0.0 --registry reg";
    let new = "install demo/hello@=2.0.0 acme/json --registry reg";
    sandbox.run(old).ends(0);
    let before = tools(&sandbox);
    sandbox.run(new).ends(0);
    let after = tools(&sandbox);
    let reset = || {
        sandbox.run("rollback 1").ends(0);
        // What is to be unpacked must not be there already.
        let store = sandbox.home().join("store/v1/pkg");
        for release in after.as_array().unwrap() {
            if before.as_array().unwrap().iter().all(|kept| kept["tree"] != release["tree"]) {
                let tree = release["tree"].as_str().unwrap().trim_start_matches("vp1-sha256:");
                let _ = std::fs::remove_dir_all(store.join(&tree[..2]).join(tree));
            }
        }
    };
    let caught = kill(&sandbox, new, reset, |what| {
        let found = tools(&sandbox);
        assert!(found == before || found == after, "{what}: {found}");
        let said = install::run_program(&sandbox, "hello");
        assert_eq!(said, if found == before { "hello 1.0.0" } else { "hello 2.0.0" }, "{what}");
        sandbox.run("store verify").ends(0);
        sandbox.run(new).ends(0);
        assert_eq!(tools(&sandbox), after, "{what}");
        assert_eq!(sandbox.litter(), NOTHING, "{what}");
    });
    assert!(caught > 0, "every process had ended before it was killed");
}

#[test]
fn a_killed_update_leaves_the_old_lockfile_or_the_new() {
    let sandbox = Sandbox::new();
    for version in ["1.0.0", "1.1.0"] {
        publish(&sandbox, "reg", "acme/text", version, "");
        publish(&sandbox, "reg", "acme/json", version, "\"acme/text\" = \"1\"\n");
    }
    project(&sandbox, "\"acme/json\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    on_app(&sandbox, "update acme/json --precise 1.0.0 --registry reg").ends(0);
    on_app(&sandbox, "update acme/text --precise 1.0.0 --registry reg").ends(0);
    let old = read(&sandbox, "app/vitte.lock");
    on_app(&sandbox, "update --registry reg").ends(0);
    let new = read(&sandbox, "app/vitte.lock");
    assert_ne!(old, new);
    let back = || {
        sandbox.write("app/vitte.lock", &old);
    };
    let judge = |what: &str| {
        let found = read(&sandbox, "app/vitte.lock");
        assert!(found == old || found == new, "{what}: {found}");
        on_app(&sandbox, "install --locked --registry reg").ends(0);
        assert_eq!(read(&sandbox, "app/vitte.lock"), found, "{what}");
        sandbox.run("store verify").ends(0);
        // The lockfile's folder is swept by the next command that writes it.
        sandbox.write("app/vitte.lock", &old);
        on_app(&sandbox, "update --registry reg").ends(0);
        assert_eq!(sandbox.litter(), NOTHING, "{what}");
    };
    assert!(kill(&sandbox, "update --manifest app/vitte.toml --registry reg", back, judge) > 0);
    // The whole way at once: lockfile, store, and the file for the compiler.
    let manifest = read(&sandbox, "app/vitte.toml");
    let bare = || {
        sandbox.write("app/vitte.toml", &manifest);
        for path in ["app/vitte.lock", "app/.vitte", "home/store"] {
            let path = sandbox.path().join(path);
            let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir_all(&path));
        }
    };
    let command = "install --manifest app/vitte.toml --registry reg";
    let caught = kill(&sandbox, command, bare, |what| {
        let lock = sandbox.path().join("app/vitte.lock");
        assert!(!lock.exists() || read(&sandbox, "app/vitte.lock") == new, "{what}");
        sandbox.run("store verify").ends(0);
        sandbox.run(command).ends(0);
        assert_eq!(read(&sandbox, "app/vitte.lock"), new, "{what}");
        assert!(sandbox.run(command).ends(0).stderr.contains("nothing to do"), "{what}");
        assert_eq!(sandbox.litter(), NOTHING, "{what}");
    });
    assert!(caught > 0);
}

#[test]
fn projects_and_tools_at_the_same_time_do_not_disturb_each_other() {
    let sandbox = Sandbox::new();
    install::publish(&sandbox, "demo/hello", "1.0.0");
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    publish(&sandbox, "reg", "acme/json", "1.0.0", "\"acme/text\" = \"1\"\n");
    project(&sandbox, "\"acme/json\" = \"1\"\n");
    std::thread::scope(|scope| {
        for number in 0..9 {
            let sandbox = &sandbox;
            let command = match number % 3 {
                0 => "install --manifest app/vitte.toml --registry reg",
                1 => "install demo/hello acme/json --registry reg",
                _ => "store gc",
            };
            scope.spawn(move || sandbox.run(command).ends(0));
        }
    });
    assert_eq!((install::stored(&sandbox.home()), install::unfinished(&sandbox.home())), (3, 0));
    sandbox.run("store verify").ends(0);
    assert_eq!(install::run_program(&sandbox, "hello"), "hello 1.0.0");
    on_app(&sandbox, "install --locked --registry reg").ends(0);
}

/// A small file system of its own, where the system lets this process mount one.
pub struct SmallDisk(PathBuf);

/// Its size in KiB.
const DISK: usize = 512;

impl SmallDisk {
    pub fn mount(sandbox: &Sandbox) -> Option<Self> {
        let folder = sandbox.path().join("disk");
        std::fs::create_dir(&folder).unwrap();
        let size = format!("size={DISK}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        untested("a disk that is full or read-only: mounting one takes more rights");
        None
    }

    pub fn folder(&self) -> &std::path::Path {
        &self.0
    }

    pub fn remount(&self, how: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status();
        assert!(status.unwrap().success());
    }

    /// Leaves so many KiB free, or takes the filling out.
    pub fn leave(&self, free: Option<usize>) {
        let filling = self.0.join("filling");
        let _ = std::fs::remove_file(&filling);
        if let Some(free) = free {
            let mut len = DISK * 1024;
            // The folders on it take room too: less is written until it fits, then the room is given back.
            while std::fs::write(&filling, vec![1; len]).is_err() {
                len -= 4096;
            }
            let left = len.saturating_sub(free * 1024);
            std::fs::write(&filling, vec![1; left]).unwrap();
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_disk_that_is_full_at_any_moment_nothing_is_half_done() {
    let sandbox = Sandbox::new();
    let Some(disk) = SmallDisk::mount(&sandbox) else { return };
    install::publish(&sandbox, "demo/hello", "1.0.0");
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    let app = sandbox.path().join("app");
    let (mut full, mut enough) = (0, 0);
    for free in (0..=128).step_by(4) {
        disk.leave(None);
        let _ = std::fs::remove_dir_all(disk.0.join("home"));
        let _ = std::fs::remove_dir_all(disk.0.join("app"));
        std::fs::create_dir_all(disk.0.join("app/src")).unwrap();
        for file in ["vitte.toml", "src/main.vit"] {
            std::fs::copy(app.join(file), disk.0.join("app").join(file)).unwrap();
        }
        let on_disk = |arguments: &str| {
            sandbox.run_with(arguments, |command| {
                command.env("VITTE_HOME", disk.0.join("home"));
            })
        };
        // The registry is trusted before the room is gone.
        on_disk("install demo/nothing --registry reg --yes").ends(9);
        disk.leave(Some(free));
        let tool = "install demo/hello --registry reg";
        let project = "install --manifest disk/app/vitte.toml --registry reg";
        for command in [tool, project] {
            let ran = on_disk(command);
            assert!([0, 1].contains(&ran.exit), "{free} KiB: {ran}");
            assert_eq!(install::unfinished(&disk.0.join("home")), 0, "{free} KiB: {ran}");
            if ran.exit == 1 {
                assert!(ran.stderr.contains("error[VP1002]: the disk is full"), "{free} KiB: {ran}");
                full += 1;
            } else {
                enough += 1;
            }
        }
        on_disk("store verify").ends(0);
        let lock = disk.0.join("app/vitte.lock");
        assert!(!lock.exists() || std::fs::read_to_string(&lock).unwrap().ends_with("]\n"), "{free} KiB");
        disk.leave(None);
        for command in [tool, project] {
            on_disk(command).ends(0);
        }
        let program = Command::new(disk.0.join("home/bin/hello")).output().unwrap();
        assert_eq!(program.stdout, b"hello 1.0.0\n", "{free} KiB");
    }
    assert!(full > 4 && enough > 4, "full {full} times, enough {enough} times");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_disk_that_may_only_be_read_what_is_there_works() {
    let sandbox = Sandbox::new();
    let Some(disk) = SmallDisk::mount(&sandbox) else { return };
    install::publish(&sandbox, "demo/hello", "1.0.0");
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    let on_disk = |arguments: &str| {
        sandbox.run_with(arguments, |command| {
            command.env("VITTE_HOME", disk.0.join("home"));
        })
    };
    on_disk("install demo/hello --registry reg --yes").ends(0);
    on_disk("install --manifest app/vitte.toml --registry reg").ends(0);
    disk.remount("ro");
    for refused in ["uninstall demo/hello", "rollback 1", "store gc", "install acme/text --registry reg"] {
        let ran = on_disk(refused).ends(1);
        assert!(ran.stderr.contains("the file system is read-only"), "{ran}");
    }
    assert!(on_disk("list").ends(0).stdout.contains("demo/hello 1.0.0"));
    assert!(on_disk("install --manifest app/vitte.toml").ends(0).stderr.contains("nothing to do"));
    std::fs::remove_dir_all(sandbox.path().join("app/.vitte")).unwrap();
    on_disk("install --manifest app/vitte.toml --offline").ends(0);
    on_disk("store verify").ends(0);
    disk.remount("rw");
    on_disk("uninstall demo/hello").ends(0);
}

/// Where nothing can be remembered a registry cannot be trusted for good; a project's own pin needs no memory.
#[cfg(target_os = "linux")]
#[test]
fn in_a_home_that_may_only_be_read_a_registry_is_trusted_by_the_project() {
    let sandbox = Sandbox::new();
    let Some(disk) = SmallDisk::mount(&sandbox) else { return };
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "");
    let home = disk.0.join("home");
    std::fs::create_dir(&home).unwrap();
    disk.remount("ro");
    let on_disk = |arguments: &str| {
        sandbox.run_with(arguments, |command| {
            command.env("VITTE_HOME", &home);
        })
    };
    let first = std::fs::read(sandbox.path().join("reg/trust/1.json")).unwrap();
    let digest = vitte_package_core::digest::Digest::of(&first).to_string();
    let refused = on_disk(&format!("registry add reg --trust-root-sha256 {digest}")).ends(1);
    assert!(refused.stderr.contains("cannot be remembered"), "{refused}");
    assert!(refused.stderr.contains("VITTE_HOME=DIR vitte package registry add"), "{refused}");
    let line = refused.stderr.split("[registries]: ").nth(1).unwrap().lines().next().unwrap();
    let line = line.replace("[dir]", "..").replace("NAMESPACE", "acme").replacen("NAME", "reg", 1);
    let manifest = std::fs::read_to_string(sandbox.path().join("app/vitte.toml")).unwrap();
    sandbox.write("app/vitte.toml", format!("{manifest}\n[registries]\n{line}\n"));
    on_disk("add acme/text --manifest app/vitte.toml").ends(0);
    on_disk("lock --manifest app/vitte.toml").ends(0);
    on_disk("info acme/text --registry reg").ends(5);
}

#[cfg(target_os = "linux")]
#[test]
fn a_project_that_may_only_be_read_is_told_of_fetch() {
    let sandbox = Sandbox::new();
    let Some(disk) = SmallDisk::mount(&sandbox) else { return };
    publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    project(&sandbox, "\"acme/text\" = \"1\"\n");
    sandbox.run("lock --manifest app/vitte.toml --registry reg").ends(0);
    let app = disk.0.join("app");
    std::fs::create_dir(&app).unwrap();
    for file in ["vitte.toml", "vitte.lock"] {
        std::fs::copy(sandbox.path().join("app").join(file), app.join(file)).unwrap();
    }
    disk.remount("ro");
    let on_disk = |verb: &str| {
        sandbox.run_with(&format!("{verb} --registry reg"), |command| {
            command.arg("--manifest").arg(app.join("vitte.toml"));
        })
    };
    let ran = on_disk("install").ends(1);
    assert!(ran.stderr.contains("the file system is read-only"), "{ran}");
    assert!(
        ran.stderr.contains(
            "= help: to fetch the packages and write nothing into the project: vitte package fetch"
        ),
        "{ran}"
    );
    on_disk("fetch").ends(0);
    on_disk("lock").ends(0);
    on_disk("install --offline").ends(1);
    let refused = on_disk("add acme/text@1.0").ends(1);
    assert!(refused.stderr.contains("the file system is read-only"), "{refused}");
}
