//! The home of a user, and the machine around it: lost commands, moved homes, full disks, no locks, names of programs.

use crate::faults::SmallDisk;
use crate::install::{self, publish, run_program};
use crate::sandbox::{Ran, Sandbox, skipped};
use std::path::Path;
use std::process::Command;

/// Runs with another home.
#[must_use = "say how it `.ends`"]
fn at(sandbox: &Sandbox, home: &Path, arguments: &str) -> Ran {
    sandbox.run_with(arguments, |command| {
        command.env("VITTE_HOME", home);
    })
}

#[cfg(unix)]
#[test]
fn lost_or_altered_commands_are_told_and_restored() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    let again = "install demo/hello --registry reg";
    sandbox.run(again).ends(0);
    let (shim, target) =
        (sandbox.home().join("bin/hello"), sandbox.home().join("envs/default/gen/000001.bin/hello"));
    let text = std::fs::read_to_string(&shim).unwrap();
    let damages: [(&str, &dyn Fn()); 4] = [
        ("is missing", &|| std::fs::remove_file(&shim).unwrap()),
        ("does not run what is installed", &|| {
            std::fs::write(&shim, text.replace("/home/", "/elsewhere/")).unwrap();
        }),
        ("does not run what is installed", &|| {
            std::fs::set_permissions(&shim, std::fs::Permissions::from_mode(0o644)).unwrap();
        }),
        ("does not run what is installed", &|| std::fs::write(&target, "/no/such/program\n").unwrap()),
    ];
    let repairs = [again, "install demo/hello --offline", "rollback 1", "use demo/hello@1.0.0"];
    for (what, damage) in damages {
        for repair in repairs {
            damage();
            let ill = sandbox.run("doctor").ends(1);
            assert!(ill.stdout.contains(what) && ill.stdout.contains("vitte package rollback 1"), "{ill}");
            let repaired = sandbox.run(repair).ends(0);
            if repair.starts_with("install") {
                assert!(repaired.stderr.contains("Restored the command hello"), "{repaired}");
            }
            assert_eq!(run_program(&sandbox, "hello"), "hello 1.0.0", "{what}: {repair}");
            sandbox.run("doctor").ends(0);
        }
    }
    assert!(!sandbox.run(again).ends(0).stderr.contains("Restored"));
    // What is not ours is reported, and stays.
    std::fs::write(&shim, "#!/bin/sh\nmine\n").unwrap();
    assert!(sandbox.run("doctor").ends(1).stdout.contains("another file has the name"));
    assert!(sandbox.run(again).ends(10).stderr.contains("was not written by vitte package"));
    assert_eq!(std::fs::read_to_string(&shim).unwrap(), "#!/bin/sh\nmine\n");
}

#[cfg(unix)]
#[test]
fn a_home_that_was_moved_is_noticed_and_works_again_after_an_install() {
    let sandbox = Sandbox::new();
    for version in ["1.0.0", "2.0.0"] {
        publish(&sandbox, "demo/hello", version);
        sandbox.run(&format!("install demo/hello@{version} --registry reg")).ends(0);
    }
    let moved = sandbox.path().join("moved");
    std::fs::rename(sandbox.home(), &moved).unwrap();
    let program = || Command::new(moved.join("bin/hello")).output().unwrap();
    assert_eq!(program().status.code(), Some(127));
    let ill = at(&sandbox, &moved, "doctor").ends(1);
    assert!(
        ill.stdout.contains("BAD  programs: the command of hello does not run what is installed"),
        "{ill}"
    );
    assert!(ill.stdout.contains("may have been moved"), "{ill}");
    at(&sandbox, &moved, "install demo/hello@2.0.0 --registry reg").ends(0);
    assert_eq!(program().stdout, b"hello 2.0.0\n");
    at(&sandbox, &moved, "doctor").ends(0);
    // An older generation, too.
    at(&sandbox, &moved, "rollback 1").ends(0);
    assert_eq!(program().stdout, b"hello 1.0.0\n");
}

/// Threat T83.
#[test]
fn t83_the_names_of_our_own_commands_are_refused_and_those_of_others_told() {
    let sandbox = Sandbox::new();
    for name in ["vitte", "vitte-fmt", "Vitte-Package", "VITTE"] {
        let manifest = install::project(&sandbox, "demo/tool", "1.0.0", "");
        let text = std::fs::read_to_string(&manifest).unwrap();
        std::fs::write(&manifest, text.replace("name = \"tool\"", &format!("name = \"{name}\""))).unwrap();
        let refused = sandbox.run(&format!("build --manifest {} --kind pkg", manifest.display())).ends(3);
        assert!(refused.stderr.contains(&format!("`{name}` is reserved")), "{refused}");
    }
    publish(&sandbox, "demo/ls", "1.0.0");
    let reported = sandbox.run("install demo/ls --registry reg").ends(0);
    let words = "the program `ls` has the name of /usr/bin/ls";
    assert!(reported.stderr.contains(words), "{reported}");
    let doctor = sandbox.run("doctor").ends(0);
    assert!(doctor.stdout.contains(&format!("note programs: {words}")), "{doctor}");
    publish(&sandbox, "demo/hello", "1.0.0");
    let silent = sandbox.run("install demo/hello --registry reg").ends(0);
    assert!(!silent.stderr.contains("has the name of"), "{silent}");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_things_can_be_removed() {
    let sandbox = Sandbox::new();
    let Some(disk) = SmallDisk::mount(&sandbox) else { return };
    for version in ["1.0.0", "2.0.0"] {
        publish(&sandbox, "demo/hello", version);
    }
    publish(&sandbox, "demo/other", "1.0.0");
    let home = disk.folder().join("home");
    let run = |arguments: &str| at(&sandbox, &home, arguments);
    for package in ["demo/hello@1.0.0", "demo/hello@2.0.0", "demo/other"] {
        run(&format!("install {package} --registry reg --yes")).ends(0);
    }
    disk.leave(Some(0));
    std::fs::write(disk.folder().join("one-byte"), "x").unwrap_err();
    run("uninstall demo/hello@1.0.0").ends(0);
    disk.leave(None);
    disk.leave(Some(0));
    // Recent generations still use it.
    let kept = run("store gc --json").ends(0).json();
    assert_eq!(
        (&kept["result"]["removed"].as_array().unwrap().len(), &kept["result"]["kept"]),
        (&0, &3.into())
    );
    let all = run("store gc --all --json").ends(0).json();
    assert_eq!(all["result"]["removed"].as_array().unwrap().len(), 1);
    assert_eq!(all["result"]["generations"], 3);
    run("store verify").ends(0);
    run("doctor").ends(0);
    // It has made room.
    run("uninstall demo/hello").ends(0);
    assert!(run("list").ends(0).stdout.contains("demo/other"));
}

/// A library that takes the place of the system's `flock`, by the compiler that links Rust programs.
#[cfg(target_os = "linux")]
fn without_locks(sandbox: &Sandbox) -> Option<std::path::PathBuf> {
    let source = sandbox.write(
        "nolock.c",
        "#include <errno.h>\n#include <stdlib.h>\n\
         int flock(int file, int how) { (void)file; (void)how; errno = atoi(getenv(\"NO_LOCK\")); return -1; }\n",
    );
    let library = sandbox.path().join("nolock.so");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).output();
    compiled.is_ok_and(|output| output.status.success()).then_some(library)
}

#[cfg(target_os = "linux")]
#[test]
fn without_file_locks_installs_go_on_with_a_word_and_what_needs_them_refuses() {
    let sandbox = Sandbox::new();
    let Some(library) = without_locks(&sandbox) else { return skipped("no C compiler for a library") };
    publish(&sandbox, "demo/hello", "1.0.0");
    // ENOLCK and EOPNOTSUPP.
    for (number, code) in ["37", "95"].into_iter().enumerate() {
        let home = sandbox.path().join(format!("home-{number}"));
        let run = |arguments: &str| {
            sandbox.run_with(arguments, |command| {
                command.env("VITTE_HOME", &home).env("LD_PRELOAD", &library).env("NO_LOCK", code);
            })
        };
        let installed = run("install demo/hello --registry reg --yes").ends(0);
        assert_eq!(installed.stderr.matches("has no file locks").count(), 1, "{installed}");
        let program = Command::new(home.join("bin/hello")).output().unwrap();
        assert_eq!(program.stdout, b"hello 1.0.0\n");
        run("key generate").ends(0);
        run("uninstall demo/hello").ends(0);
        crate::dependencies::project(&sandbox, "");
        run("install --manifest app/vitte.toml").ends(0);
        for refused in ["store gc".to_owned(), format!("registry init other-{number}")] {
            let ran = run(&refused).ends(1);
            assert!(ran.stderr.contains("has no file locks"), "{ran}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_doctor_looks_at_file_system_folders_and_clock() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    sandbox.run("install demo/hello --registry reg").ends(0);
    let says = |exit: i32, what: &str| {
        let ran = sandbox.run("doctor").ends(exit);
        assert!(ran.stdout.contains(what), "{what}: {ran}");
    };
    says(0, "ok   home: [dir]/home\n");
    let envs = sandbox.home().join("envs");
    for (mode, exit, what) in [
        (0o777, 1, "BAD  every user may write to [dir]/home/envs (mode 0777)"),
        (0o775, 0, "note home: the group may write to [dir]/home/envs: its mode is 0775"),
        (0o755, 0, "ok   home: [dir]/home\n"),
    ] {
        std::fs::set_permissions(&envs, std::fs::Permissions::from_mode(mode)).unwrap();
        says(exit, what);
    }
    let pointer = std::fs::File::open(envs.join("default/current")).unwrap();
    let now = std::time::SystemTime::now();
    pointer.set_modified(now + std::time::Duration::from_secs(3 * 24 * 60 * 60)).unwrap();
    says(1, "BAD  clock: it is ");
    pointer.set_modified(now).unwrap();
    says(0, "ok   home");
    let Some(disk) = SmallDisk::mount(&sandbox) else { return };
    let home = disk.folder().join("home");
    at(&sandbox, &home, "install demo/hello --registry reg --yes").ends(0);
    disk.remount("noexec");
    let ill = at(&sandbox, &home, "doctor").ends(1);
    assert!(ill.stdout.contains("BAD  programs: the file system of [dir]/disk/home does not allow"), "{ill}");
    disk.remount("exec,ro");
    let ill = at(&sandbox, &home, "doctor").ends(1);
    assert!(ill.stdout.contains("BAD  home: [dir]/disk/home cannot be written"), "{ill}");
    let ill = at(&sandbox, &disk.folder().join("new/home"), "doctor").ends(1);
    assert!(ill.stdout.contains("[dir]/disk/new/home does not exist, and [dir]/disk cannot"), "{ill}");
    disk.remount("rw");
}

/// Everything that writes nothing works where nothing can be written.
#[cfg(target_os = "linux")]
#[test]
fn in_a_home_that_can_only_be_read_what_writes_nothing_works() {
    let sandbox = Sandbox::new();
    let Some(disk) = SmallDisk::mount(&sandbox) else { return };
    publish(&sandbox, "demo/hello", "1.0.0");
    crate::dependencies::publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    crate::dependencies::project(&sandbox, "\"acme/text\" = \"1\"\n");
    let server = crate::http::serve(&sandbox);
    let home = disk.folder().join("home");
    let run = |arguments: &str| at(&sandbox, &home, arguments);
    let url = &server.url;
    run("key generate").ends(0);
    run("install demo/hello --registry reg --yes").ends(0);
    run("install --manifest app/vitte.toml --registry reg").ends(0);
    // The log grows: there is something to be remembered.
    publish(&sandbox, "demo/hello", "1.1.0");
    disk.remount("ro");
    let file = archive_in(&sandbox.path().join("reg"));
    for command in [
        "list",
        "history",
        "store list",
        "store verify",
        "store gc --dry-run",
        "cache info",
        "config list --origin",
        "key list",
        "key show",
        "key export default --out exported.pub",
        "registry list",
        "registry verify reg",
        "explain VP0501",
        "verify demo/hello --registry reg",
        &format!("verify demo/hello --registry {url}"),
        &format!("info demo/hello --registry {url}"),
        "info demo/hello --registry reg",
        "search hello --registry reg",
        &format!("inspect {file}"),
        "log show 0 --registry reg",
        "log monitor --registry reg",
        "namespace show demo --registry reg",
        "tree --manifest app/vitte.toml",
        "why acme/text --manifest app/vitte.toml --registry reg",
        "outdated --manifest app/vitte.toml --registry reg",
        "audit --manifest app/vitte.toml --registry reg",
        "lock --manifest app/vitte.toml --registry reg",
        "build --manifest app/vitte.toml",
    ] {
        let ran = run(command);
        assert!(ran.exit == 0, "{command}: {ran}");
    }
    disk.remount("rw");
}

fn archive_in(folder: &Path) -> String {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "vitmod") {
                return path.display().to_string();
            }
            folders.extend(path.is_dir().then_some(path));
        }
    }
    panic!("no archive")
}

#[test]
fn keys_are_removed_renamed_and_protected() {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    let id = sandbox.run("key show --json").ends(0).json()["result"]["key_id"].clone();
    let shown = |name: &str| sandbox.run(&format!("key show {name} --json")).ends(0).json()["result"].clone();
    assert!(sandbox.run("key rename default laptop").ends(0).stderr.contains("to `laptop`"));
    assert_eq!(shown("laptop")["key_id"], id);
    sandbox.run("key show default").ends(9);
    sandbox.run("key generate --name other").ends(0);
    sandbox.run("key rename other laptop").ends(10);
    assert_eq!(shown("laptop")["key_id"], id);
    // A passphrase is set and removed; the key stays the same.
    let with = |arguments: &str, password: &str| {
        sandbox.run_with(arguments, |command| {
            command.env("VITTE_SIGNING_KEY_PASSWORD", password);
        })
    };
    with("key passphrase laptop", "one two three").ends(0);
    assert_eq!((&shown("laptop")["protection"], &shown("laptop")["key_id"]), (&"passphrase".into(), &id));
    let wrong = with("key passphrase laptop --remove", "four");
    assert_ne!(wrong.exit, 0, "{wrong}");
    assert_eq!(shown("laptop")["protection"], "passphrase");
    with("key passphrase laptop --remove", "one two three").ends(0);
    assert_eq!((&shown("laptop")["protection"], &shown("laptop")["key_id"]), (&"plain".into(), &id));
    // Removing is asked for.
    sandbox.run("key remove laptop").ends(2);
    assert_eq!(shown("laptop")["key_id"], id);
    sandbox.run("key remove laptop --yes").ends(0);
    sandbox.run("key show laptop").ends(9);
    sandbox.run("key remove laptop --yes").ends(9);
    let left = std::fs::read_dir(sandbox.home().join("keys")).unwrap();
    let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, [".lock", "other.pem", "other.pub"]);
}

#[test]
fn a_registry_that_is_removed_is_a_stranger_again() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    let id =
        sandbox.run("registry list --json").ends(0).json()["result"]["registries"][0]["registry"].clone();
    sandbox.run("registry remove nobody.example/ --yes").ends(9);
    sandbox.run("registry remove reg").ends(2);
    sandbox.run("verify demo/hello --registry reg").ends(0);
    let removed = sandbox.run("registry remove reg --yes --json").ends(0).json();
    assert_eq!(
        (&removed["result"]["registry"], &removed["result"]["evidence"]),
        (&id, &serde_json::Value::Null)
    );
    let stranger = sandbox.run("verify demo/hello --registry reg");
    assert!(stranger.exit != 0 && stranger.stderr.contains("registry"), "{stranger}");
    sandbox.run("install demo/hello --registry reg --yes").ends(0);
    sandbox.run(&format!("registry remove {} --yes", id.as_str().unwrap())).ends(0);
    assert_eq!(std::fs::read_dir(sandbox.home().join("trust")).unwrap().count(), 0);
}

#[test]
fn what_the_store_holds_is_listed() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run("store list").ends(0).stdout, "");
    publish(&sandbox, "demo/hello", "1.0.0");
    sandbox.run("install demo/hello --registry reg").ends(0);
    let listed = sandbox.run("store list").ends(0);
    assert!(
        listed.stdout.starts_with("demo/hello 1.0.0 ") && listed.stdout.contains("vp1-sha256:"),
        "{listed}"
    );
    let rows = sandbox.run("store list --json").ends(0).json()["result"].clone();
    assert_eq!(rows["packages"][0]["package"], "demo/hello");
    assert_eq!(rows["bytes"], rows["packages"][0]["bytes"]);
}

/// `-q` leaves data and errors.
#[test]
fn quiet_is_quiet() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    crate::dependencies::publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    crate::dependencies::project(&sandbox, "");
    let manifest = "--manifest app/vitte.toml";
    let file = archive_in(&sandbox.path().join("reg"));
    for command in [
        "demo --exit",
        &format!("add acme/text {manifest} --registry reg"),
        &format!("remove acme/text {manifest} --registry reg"),
        &format!("install acme/text {manifest} --registry reg"),
        &format!("lock {manifest} --registry reg"),
        &format!("update {manifest} --registry reg"),
        &format!("fetch {manifest} --registry reg"),
        &format!("vendor {manifest} --registry reg"),
        "verify demo/hello --registry reg",
        &format!("verify {file}"),
        "install demo/hello --registry reg",
        "uninstall demo/hello",
        "rollback 1",
        "store gc",
        "store verify",
        "key generate --name laptop",
        "config set resolver.min-age 0",
        "config unset resolver.min-age",
        "registry verify reg",
        "registry init other",
        "new demo/new",
    ] {
        let ran = sandbox.run(&format!("-q {command}")).ends(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{command}: {ran}");
    }
    assert!(sandbox.run("-q key list").ends(0).stdout.contains("laptop"));
    assert!(sandbox.run("-q verify demo/nothing --registry reg").ends(9).stderr.contains("error["));
}

/// Runs on a terminal of 80 columns; gives what it shows. Nothing where there is no `script`.
#[cfg(target_os = "linux")]
fn on_a_terminal(sandbox: &Sandbox, arguments: &str) -> Option<String> {
    if !crate::sandbox::makes_terminals() {
        return None;
    }
    let program = env!("CARGO_BIN_EXE_vitte-package");
    let output = Command::new("script")
        .args(["-qec", &format!("stty cols 80 rows 24; {program} {arguments}"), "/dev/null"])
        .current_dir(sandbox.path())
        .env("VITTE_HOME", sandbox.home())
        .env_remove("CI")
        .env("TERM", "xterm")
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_list_of_changes_is_summed_up_on_a_terminal() {
    let sandbox = Sandbox::new();
    let names: Vec<_> = (0..24).map(|number| format!("acme/p{number}")).collect();
    for name in &names {
        crate::dependencies::publish(&sandbox, "reg", name, "1.0.0", "");
    }
    let lines: String = names.iter().map(|name| format!("\"{name}\" = \"1\"\n")).collect();
    crate::dependencies::project(&sandbox, &lines);
    let lock = "lock --manifest app/vitte.toml --registry reg";
    let Some(short) = on_a_terminal(&sandbox, lock) else { return };
    assert!(short.contains("24 added, 0 updated, 0 removed (-v lists them all)"), "{short}");
    assert!(!short.contains("acme/p0"), "{short}");
    let again = || std::fs::remove_file(sandbox.path().join("app/vitte.lock")).unwrap();
    again();
    let long = on_a_terminal(&sandbox, &format!("{lock} -v")).unwrap();
    assert!(names.iter().all(|name| long.contains(&format!("added {name} 1.0.0"))), "{long}");
    again();
    assert_eq!(sandbox.run(lock).ends(0).stdout.lines().count(), 24);
}

#[cfg(target_os = "linux")]
#[test]
fn progress_fits_into_80_columns() {
    let sandbox = Sandbox::new();
    install::project(&sandbox, "demo/large", "1.0.0", "");
    // What does not compress keeps it busy long enough to be shown.
    let mut noise = 1_u64;
    let bytes = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (noise >> 56) as u8
    });
    let bytes: Vec<u8> = bytes.take(48 << 20).collect();
    sandbox.write("large-1.0.0/src/data.bin", bytes);
    let build = "build --manifest large-1.0.0/vitte.toml --kind mod --progress always";
    let Some(shown) = on_a_terminal(&sandbox, build) else { return };
    let plain = regex::Regex::new("\x1b\\[[0-9;?]*[A-Za-z]").unwrap().replace_all(&shown, "").into_owned();
    let drawn: Vec<&str> =
        plain.split(['\r', '\n']).filter(|line| line.contains('[') && line.contains('/')).collect();
    assert!(!drawn.is_empty(), "{plain}");
    for line in drawn {
        assert!(line.chars().count() <= 80, "{}: {line:?}", line.chars().count());
        // More than any machine does: bytes that were done before the bar was shown.
        assert!(!line.contains("GiB/s") && !line.contains("TiB/s"), "{line:?}");
    }
}
