use super::*;
use crate::report::Silent;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::name::PackageName;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

fn store(home: &Path) -> Store {
    Store { home: home.to_path_buf(), read_only: None, fsync: Fsync::Off }
}

fn release(package: &str, version: &str, programs: &[&str]) -> StoredRelease {
    StoredRelease {
        package: PackageName::parse(package).unwrap(),
        version: Version::parse(version).unwrap(),
        kind: Kind::Vitpkg,
        target: Target::any(),
        tree: TreeDigest::of(format!("{package}@{version}").as_bytes()),
        registry: None,
        signers: Vec::new(),
        programs: programs.iter().map(|name| ((*name).into(), format!("bin/{name}"))).collect(),
        lockfile: None,
    }
}

/// Puts a script that prints the release in the place of each program.
fn unpack(store: &Store, release: &StoredRelease) {
    for (program, path) in &release.programs {
        let file = store.folder(&release.tree).join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let script = format!("#!/bin/sh\necho {program} {} \"$@\"\n", release.version);
        fs::write_atomic(&file, script.as_bytes(), fs::Access::Executable).unwrap();
    }
}

fn activate(store: &Store, edit: impl FnOnce(&mut Generation)) -> Result<Generation, Error> {
    let environment = store.environment("default");
    let change = environment.change("a test", &Silent)?;
    let mut next = environment.current()?;
    edit(&mut next);
    next.begin("a test");
    change.activate(next, |release| store.folder(&release.tree))
}

fn shims(store: &Store) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(store.shims()) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn generations_are_read_as_they_were_written() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    let mut written = release("demo/hello", "1.0.0-rc.1+7", &["hello"]);
    written.registry = Some("registry.example/".into());
    written.signers = vec![vitte_package_core::sign::SecretKey::from_seed(&[7; 32]).public().id()];
    let made = activate(&store, |next| next.add(written.clone())).unwrap();
    assert_eq!(made.number, 1);
    assert_eq!(store.environment("default").current().unwrap(), made);
    assert_eq!(made.releases().collect::<Vec<_>>(), [&written]);
}

#[test]
fn the_newest_install_is_active_and_the_newest_version_takes_over() {
    let mut generation = Generation::default();
    for version in ["1.0.0", "1.10.0", "1.9.0"] {
        generation.add(release("demo/hello", version, &[]));
    }
    let (name, active) = (PackageName::parse("demo/hello").unwrap(), |generation: &Generation| {
        generation.active_version(&PackageName::parse("demo/hello").unwrap()).map(ToString::to_string)
    });
    assert_eq!(active(&generation).as_deref(), Some("1.9.0"));
    generation.remove(&name, &Version::parse("1.9.0").unwrap()).unwrap();
    assert_eq!(active(&generation).as_deref(), Some("1.10.0"));
    assert!(!generation.activate(&name, &Version::parse("1.9.0").unwrap()));
    for version in ["1.0.0", "1.10.0"] {
        generation.remove(&name, &Version::parse(version).unwrap()).unwrap();
    }
    assert_eq!(active(&generation), None);
    assert_eq!(generation.releases().count(), 0);
}

#[cfg(unix)]
#[test]
fn shims_run_the_active_version_from_the_moment_the_pointer_moves() {
    let home = tempfile::tempdir().unwrap();
    // Quotes and spaces in the way to the store must not matter to the shell.
    let store = store(&home.path().join("it's $HOME \"here\""));
    let (old, new) =
        (release("demo/hello", "1.0.0", &["hello"]), release("demo/hello", "2.0.0", &["hello", "bye"]));
    let run = |program: &str| {
        let output =
            std::process::Command::new(store.shims().join(program)).args(["a b", "*"]).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    for release in [&old, &new] {
        unpack(&store, release);
        activate(&store, |next| next.add(release.clone())).unwrap();
        assert_eq!(run("hello"), (0, format!("hello {} a b *\n", release.version)));
    }
    assert_eq!(shims(&store), ["bye", "hello"]);
    // Going back is one rename; the shim that is too many says so until it is removed.
    let pointer = store.environment("default").pointer();
    fs::write_atomic(&pointer, b"000001\n", fs::Access::Shared).unwrap();
    assert_eq!(run("hello"), (0, "hello 1.0.0 a b *\n".into()));
    assert_eq!(run("bye").0, 127);
    activate(&store, |next| assert_eq!(next.releases().count(), 1)).unwrap();
    assert_eq!(shims(&store), ["hello"]);
}

#[test]
fn two_packages_cannot_provide_one_program_and_nothing_changes() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    let before = activate(&store, |next| next.add(release("demo/hello", "1.0.0", &["hello"]))).unwrap();
    let error = activate(&store, |next| next.add(release("evil/hello", "1.0.0", &["hello"]))).unwrap_err();
    assert_eq!(error.code(), Code::Shim);
    let folded = activate(&store, |next| next.add(release("evil/hello", "1.0.0", &["Hello"]))).unwrap_err();
    assert_eq!(folded.code(), Code::Shim);
    assert_eq!(store.environment("default").current().unwrap(), before);
}

#[test]
fn a_file_that_is_no_shim_is_never_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    std::fs::create_dir_all(store.shims()).unwrap();
    let mine = store.shims().join(if cfg!(windows) { "hello.cmd" } else { "hello" });
    std::fs::write(&mine, "#!/bin/sh\nmine\n").unwrap();
    let error = activate(&store, |next| next.add(release("demo/hello", "1.0.0", &["hello"]))).unwrap_err();
    assert_eq!(error.code(), Code::Shim);
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "#!/bin/sh\nmine\n");
    assert_eq!(store.environment("default").current().unwrap().number, 0);
    activate(&store, |next| next.add(release("demo/bye", "1.0.0", &["bye"]))).unwrap();
    assert!(mine.exists());
}

#[test]
fn changes_at_the_same_time_are_both_kept() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    std::thread::scope(|scope| {
        for number in 0..8 {
            let store = &store;
            scope.spawn(move || {
                activate(store, |next| next.add(release(&format!("demo/p{number}"), "1.0.0", &[]))).unwrap()
            });
        }
    });
    let environment = store.environment("default");
    assert_eq!(environment.current().unwrap().releases().count(), 8);
    assert_eq!(environment.history().unwrap(), (1..=8).collect::<Vec<_>>());
}

#[test]
fn an_unfinished_generation_is_passed_over() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    activate(&store, |next| next.add(release("demo/hello", "1.0.0", &["hello"]))).unwrap();
    // What a process killed between writing generation 2 and moving the pointer leaves behind.
    let generations = home.path().join("envs/default/gen");
    std::fs::create_dir(generations.join("000002.bin")).unwrap();
    std::fs::copy(generations.join("000001.json"), generations.join("000002.json")).unwrap();
    std::fs::create_dir(generations.join("000003.bin")).unwrap();
    assert_eq!(store.environment("default").current().unwrap().number, 1);
    let next = activate(&store, |next| next.add(release("demo/hello", "2.0.0", &["hello"]))).unwrap();
    assert_eq!((next.number, next.releases().count()), (3, 2));
}

#[test]
fn damage_is_named() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    activate(&store, |next| next.add(release("demo/hello", "1.0.0", &[]))).unwrap();
    let file = home.path().join("envs/default/gen/000001.json");
    for text in ["", "{}", "{\"v\":2,\"time\":0,\"command\":\"\",\"packages\":{}}"] {
        std::fs::write(&file, text).unwrap();
        let error = store.environment("default").current().unwrap_err();
        assert_eq!(error.code(), Code::StoreLayout, "{text}");
        assert!(error.to_string().contains("000001.json"), "{error}");
    }
    std::fs::write(home.path().join("envs/default/current"), "../../x\n").unwrap();
    assert_eq!(store.environment("default").current().unwrap_err().code(), Code::StoreLayout);
    let tree = TreeDigest::of(b"x");
    std::fs::create_dir_all(store.folder(&tree)).unwrap();
    assert_eq!(store.find(&tree).unwrap_err().code(), Code::StoreLayout);
}
