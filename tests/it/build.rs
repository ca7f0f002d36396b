//! `vitte package build`: what goes in, what comes out, what is refused, and that it is always the same.

use crate::sandbox::{Ran, Sandbox};
#[cfg(unix)]
use crate::sandbox::{send, wait};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const MANIFEST: &str = "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\nedition = \"2025\"\n";

/// A project with a bit of everything, in `folder` of the sandbox.
fn project(sandbox: &Sandbox, folder: &str) {
    let manifest = format!(
        "{MANIFEST}license = \"MIT\"\nexclude = [\"notes/\"]\nsections = {{ docs = [\"docs/**\"] }}\n\n\
         [lib]\npath = \"src/lib.vit\"\n"
    );
    for (path, content) in [
        ("vitte.toml", manifest.as_str()),
        ("README.md", "# hello\n"),
        ("LICENSE", "MIT\n"),
        ("src/lib.vit", "pub fn hello() {}\n"),
        ("src/Zebra.vit", "\n"),
        ("src/été.vit", "\n"),
        ("docs/guide.md", "# guide\n"),
        ("notes/todo.txt", "nothing\n"),
        (".gitignore", "*.tmp\n"),
        ("src/cache.tmp", "x"),
        ("target/old.vitmod", "x"),
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("tools/run.sh", "#!/bin/sh\necho hello\n"),
    ] {
        sandbox.write(&format!("./{folder}/{path}"), content);
    }
    make_executable(&sandbox.path().join(folder).join("tools/run.sh"));
}

fn make_executable(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}

fn artifact(ran: &Ran, index: usize) -> Value {
    ran.json()["result"]["artifacts"][index].clone()
}

#[test]
fn a_project_becomes_one_archive_of_its_sources() {
    let sandbox = Sandbox::new();
    project(&sandbox, "");
    let ran = sandbox.run("build").ends(0);
    assert_eq!(ran.stdout, "target/hello-1.0.0.vitmod\n");
    assert!(ran.stderr.contains("hello-1.0.0.vitmod  9 files, "), "{ran}");
    let tree = sandbox.run("inspect target/hello-1.0.0.vitmod --tree").ends(0).stdout;
    let shape: Vec<_> = tree
        .lines()
        .map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
            [letter, size, _, path] => format!("{letter} {size} {path}"),
            _ => line.to_owned(),
        })
        .collect();
    assert_eq!(
        shape,
        [
            "vitte-tree 1",
            "s meta",
            "f 164 vitte.toml",
            "f 4 LICENSE",
            "f 8 README.md",
            "s -",
            "f 6 .gitignore",
            "f 1 src/Zebra.vit",
            "f 18 src/lib.vit",
            "f 1 src/été.vit",
            "x 21 tools/run.sh",
            "s docs",
            "f 8 docs/guide.md",
        ]
    );
}

#[test]
fn the_same_files_give_the_same_bytes_elsewhere() {
    let sandbox = Sandbox::new();
    project(&sandbox, "here");
    // Made in another order, at another time, with another umask, in a folder of another name.
    let copy = "umask 077; mkdir -p 'a b/c/src' && cd 'a b/c' && for f in tools docs LICENSE README.md .gitignore; \
        do cp -r ../../here/$f .; done; cp -r ../../here/src/* src/; cp ../../here/vitte.toml .; \
        find . -type f -exec touch -d '2001-02-03 04:05:06' {} +; chmod 0700 tools/run.sh; chmod 0600 LICENSE";
    assert!(Command::new("sh").args(["-c", copy]).current_dir(sandbox.path()).status().unwrap().success());
    let build = |folder: &str, threads: &str| {
        let mut command = sandbox.package();
        command.current_dir(sandbox.path().join(folder)).env("VITTE_JOBS", threads).env("TZ", "Asia/Tokyo");
        command.args(["build", "--out", "out"]).assert().success();
        std::fs::read(sandbox.path().join(folder).join("out/hello-1.0.0.vitmod")).unwrap()
    };
    let first = build("here", "1");
    assert!(first == build("a b/c", "7"));
    // And again over the one that is there.
    assert!(first == build("here", "2"));
}

#[test]
fn codec_and_profile_change_the_bytes_and_not_the_identity() {
    let sandbox = Sandbox::new();
    project(&sandbox, "");
    let build = |flags: &str| artifact(&sandbox.run(&format!("build --json {flags}")).ends(0), 0);
    let normal = build("");
    assert_eq!((&normal["codec"], &normal["profile"]), (&"zstd".into(), &"build".into()));
    for flags in ["--codec lz4 --out target/lz4", "--profile dev --out target/dev", "--profile publish"] {
        assert_eq!(build(flags)["tree"], normal["tree"], "{flags}");
    }
    assert_ne!(build("--codec lz4 --out target/lz4")["head"], normal["head"]);
    let content = sandbox.run("inspect target/lz4/hello-1.0.0.vitmod src/lib.vit").ends(0);
    assert_eq!(content.stdout, "pub fn hello() {}\n");
}

#[test]
fn a_list_writes_nothing() {
    let sandbox = Sandbox::new();
    project(&sandbox, "");
    std::fs::remove_dir_all(sandbox.path().join("target")).unwrap();
    let ran = sandbox.run("build --list").ends(0);
    assert!(ran.stdout.contains("x         21 -        tools/run.sh\n"), "{ran}");
    assert!(ran.stdout.contains("f          8 meta     README.md\n"), "{ran}");
    assert!(!ran.stdout.contains("notes") && !ran.stdout.contains("cache.tmp"), "{ran}");
    assert_eq!(ran.stdout.lines().count(), 9);
    let json = artifact(&sandbox.run("build --list --json").ends(0), 0);
    assert_eq!(json["files"].as_array().unwrap().len(), 9);
    assert!(!sandbox.path().join("target").exists());
}

/// A project whose command writes `script`'s output.
fn built_by(sandbox: &Sandbox, script: &str) {
    sandbox.write(
        "vitte.toml",
        format!(
            "{MANIFEST}\n[[bin]]\nname = \"hello\"\npath = \"src/main.vit\"\n\n\
             [build]\ncommand = [\"sh\", \"make.sh\", \"two words\"]\nout = \"dist\"\n"
        ),
    );
    sandbox.write("src/main.vit", "main\n");
    sandbox.write("vitte.lock", "version = 1\n");
    sandbox.write("make.sh", script);
}

const GOOD: &str = "set -e\necho making for $VITTE_TARGET\nmkdir -p $VITTE_OUT/bin\n\
    printf '#!/bin/sh\\necho %s\\n' \"$1\" > $VITTE_OUT/bin/hello\nchmod +x $VITTE_OUT/bin/hello\n\
    echo ${VITTE_TOKEN:-none}${VITTE_SIGNING_KEY:-none}${VITTE_R_EXAMPLE_TOKEN:-none} > $VITTE_OUT/secrets\n";

#[cfg(unix)]
#[test]
fn a_build_command_makes_the_binary_package() {
    let sandbox = Sandbox::new();
    built_by(&sandbox, GOOD);
    let mut command = sandbox.package();
    command.env("VITTE_TOKEN", "hunter2").env("VITTE_SIGNING_KEY", "hunter3");
    command.env("VITTE_R_EXAMPLE_TOKEN", "hunter4");
    let output = command.args(["build", "--json", "--check"]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
    let artifacts = answer["result"]["artifacts"].as_array().unwrap();
    assert_eq!((&artifacts[0]["kind"], &artifacts[1]["kind"]), (&"vitmod".into(), &"vitpkg".into()));
    let path = artifacts[1]["path"].as_str().unwrap();
    let target = artifacts[1]["target"].as_str().unwrap();
    assert!(path.ends_with(&format!("hello-1.0.0-{target}.vitpkg")), "{path}");
    // What the command prints is talk.
    assert!(String::from_utf8(output.stderr).unwrap().contains(&format!("making for {target}")));
    let tree = sandbox.run(&format!("inspect --tree {path}")).ends(0).stdout;
    assert!(tree.lines().any(|line| line.starts_with("x ") && line.ends_with(" bin/hello")), "{tree}");
    assert!(!tree.contains("main.vit") && tree.contains(" vitte.toml"), "{tree}");
    let content = |file: &str| sandbox.run(&format!("inspect {path} {file}")).ends(0).stdout;
    assert_eq!(content("bin/hello"), "#!/bin/sh\necho two words\n");
    assert_eq!(content("secrets"), "nonenonenone\n");
    // The folder the command fills is no source.
    let source = sandbox.run(&format!("inspect --tree {}", artifacts[0]["path"].as_str().unwrap())).stdout;
    assert!(!source.contains("dist/") && source.contains(" make.sh"), "{source}");
}

#[cfg(unix)]
#[test]
fn one_kind_or_target_can_be_asked_for() {
    let sandbox = Sandbox::new();
    built_by(&sandbox, GOOD);
    let names = |flags: &str| {
        let ran = sandbox.run(&format!("build {flags}")).ends(0);
        ran.stdout.lines().map(|line| line.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("--kind mod"), ["target/hello-1.0.0.vitmod"]);
    assert_eq!(
        names("--target riscv64gc-unknown-linux-gnu"),
        ["target/hello-1.0.0-riscv64gc-unknown-linux-gnu.vitpkg"]
    );
    assert_eq!(names("--kind pkg --target any --out o"), ["o/hello-1.0.0.vitpkg"]);
    // Listing runs nothing: it shows what the last run left.
    std::fs::write(sandbox.path().join("make.sh"), "exit 1\n").unwrap();
    assert!(sandbox.run("build --list --kind pkg").ends(0).stdout.contains("bin/hello"));
}

#[cfg(unix)]
#[test]
fn a_build_that_is_never_the_same_is_found_out() {
    let sandbox = Sandbox::new();
    built_by(&sandbox, &format!("{GOOD}cat /proc/sys/kernel/random/uuid > $VITTE_OUT/stamp\n"));
    sandbox.run("build").ends(0);
    let ran = sandbox.run("build --check").ends(1);
    assert!(ran.stderr.contains("error[VP0213]") && ran.stderr.contains("stamp"), "{ran}");
    let answer = sandbox.run("build --check --json").ends(1).json();
    assert_eq!(answer["diagnostics"][0]["data"]["files"], serde_json::json!(["stamp"]));
}

#[cfg(unix)]
#[test]
fn a_failing_command_is_shown_with_its_place() {
    let sandbox = Sandbox::new();
    built_by(&sandbox, "echo broken >&2\nexit 7\n");
    let ran = sandbox.run("build --kind pkg").ends(1);
    assert!(ran.stderr.contains("the build command `sh make.sh two words` ended with status 7"), "{ran}");
    assert!(ran.stderr.contains("--> vitte.toml:") || ran.stderr.contains("vitte.toml:11"), "{ran}");
    assert!(ran.stderr.contains("VITTE_OUT=[dir]/dist sh make.sh"), "{ran}");
    let made = |name: &str| name.ends_with(".vitpkg") || name.ends_with(".vitmod");
    let target = std::fs::read_dir(sandbox.path().join("target")).unwrap();
    assert!(!target.into_iter().any(|entry| made(&entry.unwrap().file_name().to_string_lossy())));
    sandbox.write("make.sh", "true\n");
    let ran = sandbox.run("build --kind pkg").ends(1);
    assert!(ran.stderr.contains("bin/hello"), "{ran}");
    let manifest = std::fs::read_to_string(sandbox.path().join("vitte.toml")).unwrap();
    sandbox.write("vitte.toml", manifest.replace("\"sh\"", "\"no-such-program\""));
    let ran = sandbox.run("build --kind pkg").ends(1);
    assert!(ran.stderr.contains("`no-such-program` cannot be run: there is no such file"), "{ran}");
}

#[test]
fn faults_have_codes_places_and_help() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("build").ends(2);
    assert!(ran.stderr.contains("error[VP0302]") && ran.stderr.contains("vitte package init"), "{ran}");
    project(&sandbox, "");
    let ran = sandbox.run("build --kind pkg").ends(1);
    assert!(ran.stderr.contains("error[VP0210]") && ran.stderr.contains("[build]"), "{ran}");
    sandbox.run("build --kind mod --target x86_64-unknown-linux-gnu").ends(2);
    assert!(sandbox.run("build --target x/y").ends(2).stderr.contains("is not a target"));
    sandbox.write("src/con.vit", "");
    sandbox.write("src/zebra.vit", "");
    let ran = sandbox.run("build --json").ends(3);
    let codes: Vec<_> =
        ran.json()["diagnostics"].as_array().unwrap().iter().map(|d| d["code"].clone()).collect();
    assert_eq!(codes, ["VP0201", "VP0202"], "{ran}");
    assert_eq!(std::fs::read_dir(sandbox.path().join("target")).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn archives_do_not_go_into_the_folder_that_is_packed() {
    let sandbox = Sandbox::new();
    built_by(&sandbox, GOOD);
    let ran = sandbox.run("build --out dist/archives").ends(3);
    assert!(ran.stderr.contains("is inside the folder that is packed"), "{ran}");
    sandbox.run("build --kind mod --out dist/archives").ends(0);
}

/// Bytes that cost a compressor time.
fn hard(len: usize) -> Vec<u8> {
    let mut state = 9u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        b"abcdefgh"[(state >> 61) as usize]
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[cfg(unix)]
#[test]
fn an_interrupted_build_leaves_nothing() {
    let sandbox = Sandbox::new();
    project(&sandbox, "");
    sandbox.write("src/large", hard(30_000_000));
    sandbox.write("out/hello-1.0.0.vitmod", "old");
    let mut child = Command::new(env!("CARGO_BIN_EXE_vitte-package"))
        .args(["build", "--profile", "publish", "--out", "out"])
        .current_dir(sandbox.path())
        .env("VITTE_HOME", sandbox.home())
        .spawn()
        .unwrap();
    let out = sandbox.path().join("out");
    let entries = || std::fs::read_dir(&out).unwrap().count();
    while entries() == 1 {
        assert!(child.try_wait().unwrap().is_none(), "it was done too soon to be interrupted");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    send(rustix::process::Signal::INT, &child);
    assert_eq!(wait(&mut child).code(), Some(130));
    assert_eq!(entries(), 1);
    assert_eq!(std::fs::read(out.join("hello-1.0.0.vitmod")).unwrap(), b"old");
}

/// A project whose build command runs `script`, with nothing else that could be wrong.
#[cfg(unix)]
fn made_by(sandbox: &Sandbox, out: &str, script: &str) {
    sandbox.write(
        "p/vitte.toml",
        format!("{MANIFEST}license = \"MIT\"\ndescription = \"d\"\n\n[build]\ncommand = [\"sh\", \"make.sh\"]\n{out}"),
    );
    sandbox.write("p/src/lib.vit", "lib\n");
    sandbox.write("p/LICENSE", "MIT\n");
    sandbox.write("p/make.sh", script);
}

#[cfg(unix)]
#[test]
fn what_an_earlier_build_left_is_not_packed() {
    let sandbox = Sandbox::new();
    let pack =
        |exit: i32| sandbox.run("build --manifest p/vitte.toml --kind pkg --target any --out out").ends(exit);
    let tree = || sandbox.run("inspect --tree out/hello-1.0.0.vitpkg").ends(0).stdout;
    for out in ["", "out = \"built\"\n"] {
        made_by(
            &sandbox,
            out,
            "echo 1 > $VITTE_OUT/old; mkdir -p $VITTE_OUT/d; echo 1 > $VITTE_OUT/d/old; ln -s / $VITTE_OUT/l; rm $VITTE_OUT/l\n",
        );
        pack(0);
        assert!(tree().contains(" old\n"), "{}", tree());
        made_by(&sandbox, out, "echo 1 > $VITTE_OUT/failed; ln -s ../../src $VITTE_OUT/link; exit 1\n");
        pack(1);
        made_by(&sandbox, out, "ls -A $VITTE_OUT > $VITTE_OUT/new\n");
        pack(0);
        assert!(
            tree().contains(" new\n") && !tree().contains("old") && !tree().contains("failed"),
            "{}",
            tree()
        );
        let new = sandbox.run("inspect out/hello-1.0.0.vitpkg new").ends(0).stdout;
        assert_eq!(new, "new\n", "the command begins with an empty folder");
        assert!(sandbox.path().join("p/src/lib.vit").exists(), "links are removed, not followed");
    }
}

/// A folder is emptied only where a build has filled it.
#[cfg(unix)]
#[test]
fn a_folder_that_no_build_filled_is_never_emptied() {
    let sandbox = Sandbox::new();
    sandbox.write("elsewhere/mine", "mine");
    made_by(&sandbox, "out = \"src\"\n", "echo 1 > $VITTE_OUT/x\n");
    let ran = sandbox.run("build --manifest p/vitte.toml --kind pkg").ends(3);
    assert!(ran.stderr.contains("src holds files that no build left there"), "{ran}");
    assert!(sandbox.path().join("p/src/lib.vit").exists());
    for (out, link, to) in [
        ("out = \"link\"\n", "p/link", "../elsewhere"),
        ("out = \"target/link\"\n", "p/target/link", "../../elsewhere"),
    ] {
        made_by(&sandbox, out, "echo 1 > $VITTE_OUT/x\n");
        std::fs::create_dir_all(sandbox.path().join("p/target")).unwrap();
        std::os::unix::fs::symlink(to, sandbox.path().join(link)).unwrap();
        let ran = sandbox.run("build --manifest p/vitte.toml --kind pkg").ends(3);
        assert!(ran.stderr.contains("is a symbolic link"), "{ran}");
    }
    // The same through a folder above it.
    std::fs::remove_dir_all(sandbox.path().join("p/target")).unwrap();
    std::os::unix::fs::symlink("..", sandbox.path().join("p/target")).unwrap();
    made_by(&sandbox, "out = \"target/elsewhere\"\n", "echo 1 > $VITTE_OUT/x\n");
    sandbox.run("build --manifest p/vitte.toml --kind pkg --out o").ends(3);
    assert_eq!(std::fs::read_dir(sandbox.path().join("elsewhere")).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_build_command_that_leaves_nothing_is_refused() {
    let sandbox = Sandbox::new();
    made_by(&sandbox, "", "mkdir -p out && echo 1 > out/x\n");
    sandbox.run("key generate --name me").ends(0);
    sandbox.run("registry init reg").ends(0);
    for command in ["build --kind pkg", "publish --registry reg --yes"] {
        let ran = sandbox.run(&format!("{command} --manifest p/vitte.toml")).ends(1);
        assert!(ran.stderr.contains("the build command left nothing in target/vitpkg"), "{ran}");
        assert!(ran.stderr.contains("VITTE_OUT"), "{ran}");
    }
}

#[cfg(unix)]
#[test]
fn a_build_command_that_changes_the_sources_is_noticed() {
    let sandbox = Sandbox::new();
    let begin =
        || made_by(&sandbox, "", "echo more >> src/lib.vit; echo 1 > src/new.vit; echo 1 > $VITTE_OUT/x\n");
    begin();
    sandbox.run("key generate --name me").ends(0);
    sandbox.run("registry init reg").ends(0);
    let ran = sandbox.run("build --manifest p/vitte.toml").ends(0);
    assert!(
        ran.stderr.contains("warning[VP0210]: the build command `sh make.sh` changed 2 source files"),
        "{ran}"
    );
    let ran = sandbox.run("publish --manifest p/vitte.toml --registry reg --yes --json").ends(1).json();
    assert_eq!(ran["diagnostics"][0]["data"]["files"], serde_json::json!(["src/lib.vit"]), "{ran}");
    sandbox.run("build --manifest p/vitte.toml --check").ends(1);
    // Touched, and in truth the same.
    made_by(&sandbox, "", "touch src/lib.vit; echo 1 > $VITTE_OUT/x\n");
    let ran = sandbox.run("build --manifest p/vitte.toml --check").ends(0);
    assert!(!ran.stderr.contains("warning"), "{ran}");
    // What is said about the files of a `.vitpkg` is true of it.
    let ran = sandbox.run("publish --manifest p/vitte.toml --registry reg --yes").ends(0);
    assert!(ran.stderr.contains("the files are all that the build command wrote to VITTE_OUT"), "{ran}");
}

#[test]
fn a_build_says_what_publish_would_say() {
    let sandbox = Sandbox::new();
    let manifest = MANIFEST.replace("demo/hello", "vitte/hello");
    sandbox.write("vitte.toml", format!("{manifest}license = \"MIT\"\n"));
    let ran = sandbox.run("build").ends(0);
    assert!(
        ran.stderr.contains("warning[VP0102]: the namespace `vitte` of `vitte/hello` is reserved"),
        "{ran}"
    );
    assert!(ran.stderr.contains("warning[VP0211]: the package has no licence file"), "{ran}");
    sandbox.write("vitte.toml", MANIFEST.replace("demo/hello", "demo/core"));
    assert!(!sandbox.run("build").ends(0).stderr.contains("warning"));
    sandbox.write("LICENCE", "MIT\n");
    sandbox.write("vitte.toml", format!("{MANIFEST}license = \"MIT\"\n"));
    assert!(!sandbox.run("build").ends(0).stderr.contains("warning"));

    let ran = sandbox.run("new vitte/tool").ends(0);
    assert!(ran.stderr.contains("warning[VP0102]: the namespace `vitte`"), "{ran}");
    assert!(sandbox.run("new my__tool").ends(0).stderr.contains("warning[VP0102]"));
    assert!(!sandbox.run("new acme/core").ends(0).stderr.contains("warning"));
}
