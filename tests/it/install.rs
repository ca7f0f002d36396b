//! Installing from files and from a registry: what is verified, what reaches the store, what does not.

use crate::sandbox::{Ran, Sandbox, wait};
use std::path::{Path, PathBuf};

/// A project whose program prints its version.
pub(crate) fn project(sandbox: &Sandbox, name: &str, version: &str, more: &str) -> PathBuf {
    let base = name.rsplit('/').next().unwrap();
    let folder = format!("{base}-{version}");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
         description = \"A test\"\n\n[[bin]]\nname = \"{base}\"\npath = \"src/main.vit\"\n\n\
         [build]\ncommand = [\"sh\", \"build.sh\"]\nout = \"target/vitpkg\"\n\n{more}"
    );
    sandbox.write(&format!("{folder}/src/main.vit"), "entry main at app { return 0 }\n");
    let script = format!(
        "mkdir -p target/vitpkg/bin\nprintf '#!/bin/sh\\necho {base} {version}\\n' > target/vitpkg/bin/{base}\nchmod 755 target/vitpkg/bin/{base}\n"
    );
    sandbox.write(&format!("{folder}/build.sh"), script);
    sandbox.write(&format!("{folder}/vitte.toml"), manifest)
}

/// Builds a binary package for this machine, signed with the only key; gives its path in the sandbox.
pub(crate) fn package(sandbox: &Sandbox, name: &str, version: &str) -> PathBuf {
    let manifest = project(sandbox, name, version, "");
    build(sandbox, &manifest, "--kind pkg")
}

fn build(sandbox: &Sandbox, manifest: &Path, flags: &str) -> PathBuf {
    if !sandbox.home().join("keys").exists() {
        sandbox.run("key generate").ends(0);
    }
    let built =
        sandbox.run(&format!("build --manifest {} {flags} --json", manifest.display())).ends(0).json();
    let path = PathBuf::from(
        built["result"]["artifacts"][0]["path"]
            .as_str()
            .unwrap()
            .replace("[dir]", sandbox.path().to_str().unwrap()),
    );
    sandbox.run(&format!("sign {}", path.display())).ends(0);
    path
}

pub(crate) fn publish(sandbox: &Sandbox, name: &str, version: &str) {
    if !sandbox.home().join("keys").exists() {
        sandbox.run("key generate").ends(0);
    }
    if !sandbox.path().join("reg").exists() {
        sandbox.run("registry init reg").ends(0);
    }
    let manifest = project(sandbox, name, version, "");
    sandbox.run(&format!("publish --manifest {} --registry reg --yes", manifest.display())).ends(0);
}

pub(crate) fn run_program(sandbox: &Sandbox, name: &str) -> String {
    let output = std::process::Command::new(sandbox.home().join("bin").join(name)).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The folders of unpacked packages.
pub(crate) fn stored(home: &Path) -> usize {
    let Ok(prefixes) = std::fs::read_dir(home.join("store/v1/pkg")) else { return 0 };
    prefixes.map(|prefix| std::fs::read_dir(prefix.unwrap().path()).unwrap().count()).sum()
}

pub(crate) fn unfinished(home: &Path) -> usize {
    std::fs::read_dir(home.join("store/v1/tmp")).map_or(0, Iterator::count)
}

/// The same as another user, who has no key and has met nobody.
#[must_use]
fn as_stranger(sandbox: &Sandbox, arguments: &str) -> Ran {
    sandbox.run_with(arguments, |command| {
        command.env("VITTE_HOME", sandbox.path().join("stranger"));
    })
}

#[test]
fn a_signed_file_is_installed_and_its_program_runs() {
    let sandbox = Sandbox::new();
    let file = package(&sandbox, "demo/hello", "1.0.0");
    let ran = sandbox.run(&format!("install {}", file.display())).ends(0);
    assert!(
        ran.stderr.starts_with("✔ installed demo/hello 1.0.0 into the user store ([dir]/home/store/v1/pkg/"),
        "{ran}"
    );
    assert_eq!(run_program(&sandbox, "hello"), "hello 1.0.0");
    let answer = sandbox.run(&format!("install {} --json", file.display())).ends(0).json();
    assert_eq!(answer["result"]["packages"][0]["unpacked"], false);
    assert_eq!((stored(&sandbox.home()), unfinished(&sandbox.home())), (1, 0));
    let folder = answer["result"]["packages"][0]["folder"]
        .as_str()
        .unwrap()
        .replace("[dir]", sandbox.path().to_str().unwrap());
    use std::os::unix::fs::PermissionsExt;
    let mode =
        |path: &str| std::fs::metadata(Path::new(&folder).join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(""), mode("vitte.toml"), mode("bin/hello"), mode(".vitte-ok")),
        (0o755, 0o444, 0o555, 0o444)
    );
    assert_eq!(std::fs::read_to_string(Path::new(&folder).join(".vitte-ok")).unwrap(), "meta\n-\n");
}

#[test]
fn an_unknown_signer_is_refused_until_the_key_is_given_or_trusted() {
    let sandbox = Sandbox::new();
    let file = package(&sandbox, "demo/hello", "1.0.0").display().to_string();
    let refused = as_stranger(&sandbox, &format!("install {file}")).ends(5);
    assert!(refused.stderr.contains("VP0516"), "{refused}");
    assert_eq!(stored(&sandbox.path().join("stranger")), 0);
    let public = sandbox.home().join("keys/default.pub");
    as_stranger(&sandbox, &format!("install {file} --key {}", public.display())).ends(0);
    as_stranger(&sandbox, "uninstall demo/hello").ends(0);
    as_stranger(&sandbox, &format!("install {file}")).ends(5);
    // A key that is trusted needs not be given, for the packages that it is trusted for.
    as_stranger(&sandbox, &format!("key trust {} --for other/*", public.display())).ends(0);
    as_stranger(&sandbox, &format!("install {file}")).ends(5);
    as_stranger(&sandbox, &format!("key trust {} --for demo/*", public.display())).ends(0);
    as_stranger(&sandbox, &format!("install {file}")).ends(0);
    assert_eq!(stored(&sandbox.path().join("stranger")), 1);
}

#[test]
fn an_unsigned_file_is_refused() {
    let sandbox = Sandbox::new();
    let manifest = project(&sandbox, "demo/hello", "1.0.0", "");
    sandbox.run(&format!("build --manifest {} --kind mod", manifest.display())).ends(0);
    let refused = sandbox.run("install hello-1.0.0/target/hello-1.0.0.vitmod --json").ends(5).json();
    assert_eq!(refused["diagnostics"][0]["code"], "VP0510");
    assert_eq!(refused["diagnostics"][0]["where"]["file"], "hello-1.0.0/target/hello-1.0.0.vitmod");
    assert_eq!(stored(&sandbox.home()), 0);
}

#[test]
fn no_altered_file_is_installed() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(package(&sandbox, "demo/hello", "1.0.0")).unwrap();
    let step = good.len() / 23;
    for at in (0..good.len()).step_by(step) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        sandbox.write("bad.vitpkg", bad);
        let ran = sandbox.run("install ./bad.vitpkg");
        assert!([3, 5].contains(&ran.exit), "byte {at}: {ran}");
        assert_eq!((stored(&sandbox.home()), unfinished(&sandbox.home())), (0, 0), "byte {at}");
    }
    for cut in [0, 100, good.len() - 1] {
        sandbox.write("cut.vitpkg", &good[..cut]);
        let ran = sandbox.run("install ./cut.vitpkg");
        assert!([3, 5, 6].contains(&ran.exit), "cut at {cut}: {ran}");
        assert_eq!(stored(&sandbox.home()), 0);
    }
}

#[test]
fn the_newest_release_that_fits_comes_from_the_registry() {
    let sandbox = Sandbox::new();
    for version in ["1.0.0", "1.2.0", "2.0.0-rc.1"] {
        publish(&sandbox, "demo/hello", version);
    }
    sandbox.run("install demo/hello --registry reg").ends(0);
    assert_eq!(run_program(&sandbox, "hello"), "hello 1.2.0");
    sandbox.run("install demo/hello@2.0.0-rc.1 --registry reg").ends(0);
    assert_eq!(run_program(&sandbox, "hello"), "hello 2.0.0-rc.1");
    sandbox.run("install demo/hello@~1.0 --registry reg").ends(0);
    assert_eq!(run_program(&sandbox, "hello"), "hello 1.0.0");
    assert_eq!(stored(&sandbox.home()), 3);
    sandbox.run("use demo/hello@1.2.0").ends(0);
    assert_eq!(run_program(&sandbox, "hello"), "hello 1.2.0");
    insta::assert_snapshot!(sandbox.run("install demo/hello@^3 --registry reg").ends(4).stderr, @r"
    error[VP0402]: no release of demo/hello meets `^3`
     |
     = help: there are: 2.0.0-rc.1, 1.2.0, 1.0.0
    ");
    let missing = sandbox.run("install demo/nothing --registry reg").ends(9);
    assert!(missing.stderr.contains("there is no package demo/nothing in [dir]/reg"), "{missing}");
    // The registry that was created here is known, and is the only one; a user who knows none has to name one.
    sandbox.run("install demo/hello").ends(0);
    Sandbox::new().run("install demo/hello").ends(2);
    let file_url = format!("install demo/hello --registry file://{}", sandbox.path().join("reg").display());
    sandbox.run(&file_url).ends(0);
}

#[test]
fn a_registry_is_believed_from_the_first_meeting_on_and_only_if_told() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    let refused = as_stranger(&sandbox, "install demo/hello --registry reg").ends(5);
    assert!(refused.stderr.contains("VP0536"), "{refused}");
    as_stranger(&sandbox, "install demo/hello --registry reg --yes").ends(0);
    as_stranger(&sandbox, "uninstall demo/hello").ends(0);
    as_stranger(&sandbox, "install demo/hello --registry reg").ends(0);
}

#[test]
fn an_archive_altered_in_the_registry_is_refused_and_the_installed_version_stays() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    sandbox.run("install demo/hello --registry reg").ends(0);
    publish(&sandbox, "demo/hello", "1.1.0");
    let folder = sandbox.path().join("reg/p/demo/hello/1.1.0");
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|end| end == "vitpkg")).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.len() - 60;
    bytes[at] ^= 0x40;
    std::fs::write(&file, bytes).unwrap();
    let refused = sandbox.run("install demo/hello --registry reg --json").ends(5).json();
    assert_eq!(refused["diagnostics"][0]["retryable"], false);
    assert_eq!(run_program(&sandbox, "hello"), "hello 1.0.0");
    assert_eq!((stored(&sandbox.home()), unfinished(&sandbox.home())), (1, 0));
}

#[test]
fn what_cannot_be_used_here_is_refused_with_the_reason() {
    let sandbox = Sandbox::new();
    let more = "[dependencies]\n\"acme/json\" = \"^2.3\"\n";
    let module = build(&sandbox, &project(&sandbox, "demo/app", "1.0.0", more), "--kind mod");
    let refused = sandbox.run(&format!("install {}", module.display())).ends(2);
    assert!(refused.stderr.contains("acme/json ^2.3") && refused.stderr.contains("VP0306"), "{refused}");
    let binary = build(&sandbox, &project(&sandbox, "demo/other", "1.0.0", ""), "--target sparc-sun-solaris");
    let refused = sandbox.run(&format!("install {}", binary.display())).ends(2);
    assert!(refused.stderr.contains("is built for sparc-sun-solaris"), "{refused}");
    assert_eq!(stored(&sandbox.home()), 0);
    sandbox.run("install ./nothing.vitpkg").ends(9);
    sandbox.run("install Demo/x --registry reg").ends(3);
}

#[test]
fn many_installs_at_once_leave_one_package() {
    let sandbox = Sandbox::new();
    let one = package(&sandbox, "demo/one", "1.0.0");
    let two = package(&sandbox, "demo/two", "1.0.0");
    std::thread::scope(|scope| {
        for number in 0..6 {
            let (file, sandbox) = (if number % 2 == 0 { &one } else { &two }, &sandbox);
            scope.spawn(move || sandbox.run(&format!("install {}", file.display())).ends(0));
        }
    });
    assert_eq!((stored(&sandbox.home()), unfinished(&sandbox.home())), (2, 0));
    assert_eq!(
        (run_program(&sandbox, "one"), run_program(&sandbox, "two")),
        ("one 1.0.0".into(), "two 1.0.0".into())
    );
}

#[test]
fn killed_at_any_moment_it_leaves_the_old_state_or_the_new() {
    let sandbox = Sandbox::new();
    let old = package(&sandbox, "demo/hello", "1.0.0");
    let new = package(&sandbox, "demo/hello", "2.0.0");
    sandbox.run(&format!("install {}", old.display())).ends(0);
    for micros in (0..40_000).step_by(2_500) {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_vitte-package"))
            .args(["install", new.to_str().unwrap(), "-q"])
            .env("VITTE_HOME", sandbox.home())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_micros(micros));
        child.kill().unwrap();
        wait(&mut child);
        let said = run_program(&sandbox, "hello");
        assert!(["hello 1.0.0", "hello 2.0.0"].contains(&said.as_str()), "{said}");
        sandbox.run("list").ends(0);
        if said == "hello 2.0.0" {
            sandbox.run("uninstall demo/hello@2.0.0").ends(0);
        }
    }
    sandbox.run(&format!("install {}", new.display())).ends(0);
    assert_eq!(run_program(&sandbox, "hello"), "hello 2.0.0");
}

#[test]
fn damage_in_the_store_is_replaced_by_the_next_install() {
    let sandbox = Sandbox::new();
    let file = package(&sandbox, "demo/hello", "1.0.0");
    let answer = sandbox.run(&format!("install {} --json", file.display())).ends(0).json();
    let folder = answer["result"]["packages"][0]["folder"]
        .as_str()
        .unwrap()
        .replace("[dir]", sandbox.path().to_str().unwrap());
    std::fs::remove_file(Path::new(&folder).join(".vitte-ok")).unwrap();
    let answer = sandbox.run(&format!("install {} --json", file.display())).ends(0).json();
    assert_eq!(answer["result"]["packages"][0]["unpacked"], true);
    assert_eq!((run_program(&sandbox, "hello"), unfinished(&sandbox.home())), ("hello 1.0.0".into(), 0));
}

#[test]
fn a_home_that_cannot_be_made_is_an_error_and_not_a_panic() {
    let sandbox = Sandbox::new();
    let file = package(&sandbox, "demo/hello", "1.0.0");
    let in_the_way = sandbox.write("file", "");
    let ran = sandbox.run_with(&format!("install {}", file.display()), |command| {
        command.env("VITTE_HOME", in_the_way.join("home"));
    });
    assert_eq!(ran.exit, 1, "{ran}");
    assert!(ran.stderr.contains("VP1001"), "{ran}");
}
