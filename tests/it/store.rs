//! The user's store from the command line: what is installed, gone, cached.

use crate::sandbox::Sandbox;
use vitte_package::config::Config;
use vitte_package::env::Env;
use vitte_package::report::Silent;
use vitte_package::store::{Store, StoredRelease};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::name::PackageName;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

/// Records releases as installed, oldest first, without unpacking anything.
fn record(sandbox: &Sandbox, releases: &[(&str, &str, &str)]) {
    let env = Env::new(sandbox.path(), sandbox.home());
    let store = Store::open(&env, Config::load(&env, None).unwrap().fsync().unwrap()).unwrap();
    let environment = store.environment("default");
    for (package, version, program) in releases {
        let change = environment.change("a test", &Silent).unwrap();
        let mut next = environment.current().unwrap();
        next.add(StoredRelease {
            package: PackageName::parse(package).unwrap(),
            version: Version::parse(version).unwrap(),
            kind: Kind::Vitpkg,
            target: Target::any(),
            tree: TreeDigest::of(version.as_bytes()),
            registry: None,
            signers: Vec::new(),
            programs: [((*program).to_owned(), format!("bin/{program}"))].into(),
            lockfile: None,
        });
        change.activate(next, |release| store.folder(&release.tree)).unwrap();
    }
}

#[test]
fn versions_stand_side_by_side_and_one_is_active() {
    let sandbox = Sandbox::new();
    record(
        &sandbox,
        &[("demo/hello", "1.0.0", "hello"), ("demo/bye", "0.1.0", "bye"), ("demo/hello", "1.10.0", "hello")],
    );
    insta::assert_snapshot!(sandbox.run("list").ends(0).stdout, @r"
    * demo/bye 0.1.0  vitpkg  bye
      demo/hello 1.0.0  vitpkg  hello
    * demo/hello 1.10.0  vitpkg  hello
    ");
    insta::assert_snapshot!(sandbox.run("use demo/hello@1.0.0").ends(0).stderr, @"✔ shims run demo/hello 1.0.0 now");
    let answer = sandbox.run("list --json").ends(0).json();
    let active: Vec<_> =
        answer["result"]["packages"].as_array().unwrap().iter().map(|row| &row["active"]).collect();
    assert_eq!(active, [true, true, false]);
    insta::assert_snapshot!(sandbox.run("uninstall demo/hello@1.0.0").ends(0).stderr, @r"
    ✔ uninstalled demo/hello 1.0.0
    shims run demo/hello 1.10.0 now
    ");
    let answer = sandbox.run("uninstall demo/hello --json").ends(0).json();
    assert_eq!(answer["result"]["removed"], serde_json::json!(["1.10.0"]));
    assert_eq!(answer["result"]["active"], serde_json::Value::Null);
    assert!(!sandbox.home().join("bin/hello").exists() && sandbox.home().join("bin/bye").exists());
}

#[test]
fn what_is_not_installed_is_said_with_what_is() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run("uninstall demo/hello").ends(9).stderr, @r"
    error[VP1005]: demo/hello is not installed
     |
     = help: vitte package list
    ");
    record(&sandbox, &[("demo/hello", "1.0.0", "hello"), ("demo/hello", "2.0.0", "hello")]);
    insta::assert_snapshot!(sandbox.run("use demo/hello@3.0.0").ends(9).stderr, @r"
    error[VP1005]: demo/hello 3.0.0 is not installed
     |
     = help: installed are: 1.0.0, 2.0.0
    ");
    insta::assert_snapshot!(sandbox.run("uninstall demo/helo").ends(9).stderr, @r"
    error[VP1005]: demo/helo is not installed
     |
     = help: did you mean `demo/hello`?
    ");
    insta::assert_snapshot!(sandbox.run("use demo/hello").ends(2).stderr, @r"
    error[VP0301]: `demo/hello` names no version: write NAME@VERSION
     |
     = help: vitte package list
    ");
}

#[test]
fn reading_commands_write_nothing() {
    let sandbox = Sandbox::new();
    for (command, exit) in [
        ("list", 0),
        ("uninstall demo/hello", 9),
        ("use demo/hello@1.0.0", 9),
        ("cache info", 0),
        ("cache clean", 0),
    ] {
        sandbox.run(command).ends(exit);
        assert!(!sandbox.home().exists(), "{command}");
    }
}

/// T52: what others can write to is not trusted: not the store, nor what is remembered of registries.
#[cfg(unix)]
#[test]
fn t52_folders_that_everybody_may_write_to_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = crate::registry::initialised();
    let file = crate::registry::pack(&sandbox, "demo/hello", "1.0.0", "one", "");
    crate::registry::publish(&sandbox, &[&file]).ends(0);
    sandbox.run("install demo/hello --registry reg").ends(0);
    let first = |folder: &str| {
        std::fs::read_dir(sandbox.home().join(folder)).unwrap().next().unwrap().unwrap().path()
    };
    let (state, prefix) = (first("trust"), first("store/v1/pkg"));
    let package = std::fs::read_dir(&prefix).unwrap().next().unwrap().unwrap().path();
    let set = |folder: &std::path::Path, mode: u32| {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let home = |path: &str| sandbox.home().join(path);
    let (verify, install) = ("verify demo/hello --registry reg", "install demo/hello --registry reg");
    for (folder, command) in [
        (sandbox.home(), verify),
        (sandbox.home(), "list"),
        (home("store"), install),
        (home("store"), "list"),
        (home("store/v1"), install),
        (home("store/v1/tmp"), install),
        (home("store/v1/pkg"), install),
        (home("store/v1/pkg"), "store verify"),
        (prefix, install),
        (package.clone(), install),
        (package, "store verify"),
        (home("envs"), "list"),
        (home("envs/default"), install),
        (home("envs/default/gen"), "history"),
        (home("envs/default/current"), "list"),
        (home("trust"), verify),
        (state.clone(), verify),
        (state.join("trust.json"), verify),
        (state.join("trust.json"), install),
        (state.join("checkpoint"), verify),
        (state.join("state.json"), verify),
        (state.join("proved"), verify),
    ] {
        let before = std::fs::metadata(&folder).unwrap().permissions().mode();
        for mode in [0o777, 0o1777] {
            set(&folder, mode);
            let refused = sandbox.run(&format!("{command} --json")).ends(5);
            assert_eq!(crate::registry::code(&refused), "VP0540", "{command}: {refused}");
        }
        set(&folder, before & 0o7777);
        sandbox.run(command).ends(0);
    }
}

/// Where the umask leaves everything open, as in some containers, our own folders are not.
#[cfg(unix)]
#[test]
fn t52_nothing_of_ours_is_open_to_others_whatever_the_umask() {
    let sandbox = crate::sandbox::Sandbox::new();
    let program = env!("CARGO_BIN_EXE_vitte-package");
    let archive = "hello/target/hello-1.0.0.vitmod";
    sandbox.write(
        "hello/vitte.toml",
        "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\ndescription = \"A test\"\n",
    );
    sandbox.write("hello/src/lib.vit", "x");
    let script = format!(
        "umask 000 && {program} key generate && {program} registry init reg && \
         {program} build --manifest hello/vitte.toml && mkdir copied && cp {archive} copied/ && chmod 666 copied/* && \
         {program} publish --yes --registry reg copied/hello-1.0.0.vitmod && \
         {program} install demo/hello --registry reg && {program} store verify && {program} list"
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(sandbox.path())
        .env("VITTE_HOME", sandbox.home())
        .output()
        .unwrap();
    crate::sandbox::Ran::from(output, sandbox.path()).ends(0);
    let mut folders = vec![sandbox.home(), sandbox.path().join("reg"), sandbox.path().join("hello/target")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let mode = std::os::unix::fs::PermissionsExt::mode(&entry.metadata().unwrap().permissions());
            assert_eq!(mode & 0o022, 0, "{}: {mode:04o}", entry.path().display());
            seen += 1;
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn a_store_that_cannot_be_written_is_named() {
    let sandbox = Sandbox::new();
    // A file in the way stands for a place that cannot be written: tests may run as root.
    sandbox.write("home/envs/default/gen", "");
    let env = Env::new(sandbox.path(), sandbox.home());
    let store = Store::open(&env, Config::load(&env, None).unwrap().fsync().unwrap()).unwrap();
    let error = store.environment("default").change("a test", &Silent).unwrap_err();
    assert_eq!(error.exit() as u8, 1);
    assert!(error.to_string().contains("envs/default/gen"), "{error}");
}

#[test]
fn the_cache_is_counted_and_deleted_only_when_asked() {
    let sandbox = Sandbox::new();
    sandbox.write("home/cache/archives/aa.vitpkg", [0; 2048]);
    sandbox.write("home/cache/registries/00/index/demo/hello", "x");
    insta::assert_snapshot!(sandbox.run("cache info").ends(0).stdout, @r"
    archives: 1 file, 2.0 KiB
    registries: 1 file, 1 B
    [dir]/home/cache
    ");
    insta::assert_snapshot!(sandbox.run("cache clean").ends(2).stderr, @r"
    error[VP0304]: a question needs an answer, and there is no terminal to ask on: delete 2 files, 2.0 KiB?
     |
     = help: give --yes to answer yes
    ");
    let answer = sandbox.run("cache clean --yes --json").ends(0).json();
    assert_eq!(answer["command"], "cache clean");
    assert_eq!(answer["result"]["deleted"]["archives"]["bytes"], 2048);
    assert_eq!(sandbox.run("cache info --json").json()["result"]["cached"]["registries"]["files"], 0);
}
