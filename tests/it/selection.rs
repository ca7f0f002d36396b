//! Which files of a project are packaged: ignore rules, sections, modes, links.

use crate::sandbox::Sandbox;
use std::sync::Mutex;
use vitte_package::error::Error;
use vitte_package::project::Project;
use vitte_package::report::{Reporter, Task};
use vitte_package::selection::{Selection, select_built, select_source};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::target::Target;
use vitte_package_core::tree::Mode;

const HEAD: &str = "[package]\nname = \"demo/hello\"\nversion = \"1.0.0\"\n";

#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Reporter for Notes {
    fn started(&self, _: Task, _: Option<u64>) {}
    fn advanced(&self, _: Task, _: u64) {}
    fn finished(&self, _: Task) {}
    fn decided(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }
    fn warned(&self, warning: Diagnostic) {
        self.0.lock().unwrap().push(warning.message);
    }
}

fn project(sandbox: &Sandbox, manifest: &str, files: &[&str]) -> Project {
    sandbox.write("p/vitte.toml", format!("{HEAD}{manifest}"));
    for file in files {
        sandbox.write(&format!("p/{file}"), format!("content of {file}\n"));
    }
    Project::load(&sandbox.path().join("p")).unwrap()
}

fn paths(selection: &Selection) -> Vec<&str> {
    selection.files().iter().map(|file| file.path.as_str()).collect()
}

fn source(project: &Project) -> Result<Selection, Error> {
    select_source(project, None, &Notes::default())
}

fn codes(error: &Error) -> Vec<Code> {
    error.faults().map(|fault| fault.diagnostic().code).collect()
}

#[test]
fn what_is_ignored_generated_or_of_version_control_stays_out() {
    let sandbox = Sandbox::new();
    let project = project(
        &sandbox,
        "[build]\ncommand = [\"true\"]\nout = \"built\"\n",
        &[
            "src/lib.vit",
            "src/target/kept.vit",
            "src/.hidden",
            "LICENSE",
            "notes.txt",
            ".git/config",
            "sub/.hg/x",
            ".jj/x",
            "target/debug/x",
            ".vitte-tree",
            "a/.vitte-ok",
            "built/bin/hello",
            "out/hello-1.0.0.vitmod",
            "other/vitte.toml",
            "other/src/lib.vit",
            "vitte.lock",
            "b.log",
            "keep.log",
            "deep/c.log",
            "deep/d.tmp",
        ],
    );
    // The .gitignore files of its repository count, those above that and the user's do not.
    sandbox.write("p/.gitignore", "*.log\n!keep.log\nLICENSE\n");
    sandbox.write("p/deep/.gitignore", "*.tmp\n");
    sandbox.write(".gitignore", "src/\n");
    sandbox.write("user/.config/git/ignore", "*.vit\n");
    let notes = Notes::default();
    let chosen = select_source(&project, Some(&sandbox.path().join("p/out")), &notes).unwrap();
    assert_eq!(
        paths(&chosen),
        [
            ".gitignore",
            "LICENSE",
            "deep/.gitignore",
            "keep.log",
            "notes.txt",
            "src/.hidden",
            "src/lib.vit",
            "src/target/kept.vit",
            "vitte.toml",
        ]
    );
    assert_eq!(
        notes.0.into_inner().unwrap(),
        [
            "other is left out: it has a `vitte.toml` of its own",
            "out/hello-1.0.0.vitmod is left out: it is a package that was built here",
        ]
    );
}

#[test]
fn include_is_the_whole_list_and_some_files_are_always_in() {
    let sandbox = Sandbox::new();
    let manifest = "include = [\"src/\", \"!src/draft.vit\", \"gone/\", \"data.bin\"]\nreadme = \"doc/read.md\"\n[[bin]]\nname = \"hello\"\n";
    let files = [
        "src/main.vit",
        "src/draft.vit",
        "data.bin",
        "doc/read.md",
        "doc/other.md",
        "README.fr.md",
        "LICENSE-MIT",
        "vitte.lock",
    ];
    let project = project(&sandbox, manifest, &files);
    // With a list of one's own, ignore files say nothing.
    sandbox.write("p/.gitignore", "data.bin\n");
    let notes = Notes::default();
    let chosen = select_source(&project, None, &notes).unwrap();
    assert_eq!(
        paths(&chosen),
        [
            "LICENSE-MIT",
            "README.fr.md",
            "data.bin",
            "doc/read.md",
            "src/main.vit",
            "vitte.lock",
            "vitte.toml"
        ]
    );
    let named = |path: &str| chosen.files().iter().find(|file| file.path.as_str() == path).unwrap().named;
    assert!(named("data.bin") && !named("vitte.lock"));
    assert_eq!(notes.0.into_inner().unwrap(), ["the pattern `gone/` of `include` matches no file"]);
}

#[test]
fn exclude_takes_files_out_but_not_those_that_are_always_in() {
    let sandbox = Sandbox::new();
    let project = project(
        &sandbox,
        "exclude = [\"fixtures/\", \"*.md\", \"!kept.md\"]\n",
        &["src/lib.vit", "fixtures/a", "x/fixtures/b", "x/y.md", "kept.md", "README.md"],
    );
    assert_eq!(paths(&source(&project).unwrap()), ["README.md", "kept.md", "src/lib.vit", "vitte.toml"]);
}

#[test]
fn sections_are_told_by_patterns_and_two_for_one_file_are_a_fault() {
    let sandbox = Sandbox::new();
    let files = ["src/lib.vit", "docs/a.md", "examples/b.vit", "README.md"];
    let good = project(
        &sandbox,
        "sections = { docs = [\"docs/**\", \"*.md\"], examples = [\"examples/\"] }\n",
        &files,
    );
    let sections: Vec<_> = source(&good)
        .unwrap()
        .files()
        .iter()
        .map(|file| format!("{} {}", file.section, file.path.as_str()))
        .collect();
    assert_eq!(
        sections,
        ["meta README.md", "docs docs/a.md", "examples examples/b.vit", "- src/lib.vit", "meta vitte.toml"]
    );
    let bad = project(
        &sandbox,
        "sections = { docs = [\"docs/**\"], text = [\"*.md\"], code = [\"src/\"] }\n[lib]\n[[bin]]\nname = \"x\"\npath = \"src/x.vit\"\n",
        &files,
    );
    let error = source(&bad).unwrap_err();
    // Every fault at once: two sections for a file, the library fetched only later, a program that is not there.
    assert_eq!(codes(&error), [Code::Section, Code::Section, Code::Source], "{error}");
    assert!(error.faults().all(|fault| fault.source_text().is_some()));
}

#[test]
fn paths_are_checked_all_at_once() {
    let sandbox = Sandbox::new();
    let project = project(&sandbox, "", &["src/lib.vit", "aux.vit", "a:b", "Readme.txt", "readme.txt"]);
    let error = source(&project).unwrap_err();
    assert_eq!(codes(&error), [Code::Path, Code::Path, Code::DuplicatePath], "{error}");
}

#[cfg(unix)]
#[test]
fn links_are_faults_unless_they_are_followed_inside_the_project() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    let strict = project(&sandbox, "exclude = [\"unwanted\"]\n", &["src/lib.vit", "data/a.txt"]);
    sandbox.write("outside/secret", "s");
    let folder = sandbox.path().join("p");
    symlink("data/a.txt", folder.join("file")).unwrap();
    symlink("data", folder.join("folder")).unwrap();
    symlink("nowhere", folder.join("unwanted")).unwrap();
    let error = source(&strict).unwrap_err();
    assert_eq!(codes(&error), [Code::Source, Code::Source], "{error}");

    let follow = project(&sandbox, "symlinks = \"follow\"\nexclude = [\"unwanted\"]\n", &[]);
    std::fs::remove_file(folder.join("unwanted")).unwrap();
    let chosen = source(&follow).unwrap();
    assert_eq!(paths(&chosen), ["data/a.txt", "file", "folder/a.txt", "src/lib.vit", "vitte.toml"]);

    symlink("../outside", folder.join("leak")).unwrap();
    symlink("../../outside/secret", folder.join("src/leak")).unwrap();
    symlink("nowhere", folder.join("broken")).unwrap();
    symlink("..", folder.join("data/loop")).unwrap();
    symlink("../outside/secret", folder.join("LICENSE")).unwrap();
    let error = source(&follow).unwrap_err();
    let text = error.to_string();
    for expected in
        ["`leak` is a symbolic link to ../outside", "`src/leak`", "`broken`", "`data/loop`", "`LICENSE`"]
    {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    // The loop is met twice: the folder has two names.
    assert_eq!(error.faults().count(), 6, "{text}");
}

#[cfg(unix)]
#[test]
fn the_executable_bit_comes_from_patterns_or_else_from_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let files = ["src/lib.vit", "run.sh", "tools/a.sh"];
    let by_bit = project(&sandbox, "", &files);
    std::fs::set_permissions(sandbox.path().join("p/run.sh"), std::fs::Permissions::from_mode(0o755))
        .unwrap();
    let executable = |project: &Project| -> Vec<String> {
        let chosen = source(project).unwrap();
        let executable = chosen.files().iter().filter(|file| file.mode == Mode::Executable);
        executable.map(|file| file.path.to_string()).collect()
    };
    assert_eq!(executable(&by_bit), ["run.sh"]);
    let by_pattern = project(&sandbox, "exec = [\"tools/*.sh\"]\n", &[]);
    assert_eq!(executable(&by_pattern), ["tools/a.sh"]);
    let none = project(&sandbox, "exec = []\n", &[]);
    assert!(executable(&none).is_empty());
}

#[cfg(unix)]
#[test]
fn a_binary_package_holds_what_the_build_left_and_the_meta_files() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let manifest = "exclude = [\"*\"]\n[[bin]]\nname = \"hello\"\n[[bin]]\nname = \"other\"\n[build]\ncommand = [\"make\"]\n";
    let project = project(&sandbox, manifest, &["src/main.vit", "LICENSE", "CHANGELOG.md", "NEWS"]);
    let linux = Target::parse("x86_64-unknown-linux-gnu").unwrap();
    let built = |target: &Target| select_built(&project, target, &Notes::default());
    assert_eq!(codes(&built(&linux).unwrap_err()), [Code::Build]);

    sandbox.write("p/target/vitpkg/bin/hello", "#!/bin/sh\n");
    sandbox.write("p/target/vitpkg/lib/target/x", "x");
    let error = built(&linux).unwrap_err();
    assert_eq!(codes(&error), [Code::Build, Code::Build], "absent and not executable: {error}");

    for name in ["hello", "other"] {
        let file = sandbox.write(&format!("p/target/vitpkg/bin/{name}"), "#!/bin/sh\n");
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let expected = ["CHANGELOG.md", "LICENSE", "bin/hello", "bin/other", "lib/target/x", "vitte.toml"];
    assert_eq!(paths(&built(&linux).unwrap()), expected);
    let windows = Target::parse("x86_64-pc-windows-msvc").unwrap();
    assert_eq!(codes(&built(&windows).unwrap_err()), [Code::Build, Code::Build]);
}

#[test]
fn members_take_values_and_the_lock_from_their_workspace() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "vitte.toml",
        "[workspace]\nmembers = [\"packages/*\"]\nexclude = [\"packages/old\"]\n[workspace.package]\nversion = \"4.5.6\"\n[registries]\ncorp = { directory = \"reg\" }\n",
    );
    sandbox.write("vitte.lock", "version = 1\n");
    let member = "[package]\nname = \"demo/a\"\nversion.workspace = true\n[[bin]]\nname = \"a\"\n";
    sandbox.write("packages/a/vitte.toml", member);
    sandbox.write("packages/a/src/main.vit", "");
    sandbox.write("packages/old/vitte.toml", member);
    sandbox.write("packages/empty/README.md", "");
    let project = Project::load(&sandbox.path().join("packages/a/vitte.toml")).unwrap();
    assert_eq!(project.manifest().version().to_string(), "4.5.6");
    assert_eq!(project.root_folder(), sandbox.path());
    assert_eq!(project.registries()[0].name(), "corp");
    assert_eq!(project.members().unwrap().len(), 1);
    let chosen = source(&project).unwrap();
    assert_eq!(paths(&chosen), ["src/main.vit", "vitte.lock", "vitte.toml"]);
    assert_eq!(
        chosen.manifest(),
        Some("[package]\nname = \"demo/a\"\nversion = \"4.5.6\"\n[[bin]]\nname = \"a\"\n")
    );

    let alone = Project::load(&sandbox.path().join("packages/old")).unwrap_err();
    assert_eq!(codes(&alone), [Code::ManifestValue], "{alone}");
}

fn warnings(project: &Project) -> Vec<String> {
    let notes = Notes::default();
    select_source(project, None, &notes).unwrap();
    let mut notes = notes.0.into_inner().unwrap();
    notes.retain(|note| note.contains("pattern") || note.contains("exception"));
    notes
}

#[test]
fn patterns_that_match_nothing_are_told_and_a_leading_dot_is_understood() {
    let sandbox = Sandbox::new();
    let files = ["src/lib.vit", "secret/key", "notes.txt", "a/run.sh", "run.sh", "b/secret/x"];
    let excluding = project(
        &sandbox,
        "exclude = [\"./secret/\", \"./notes.txt\", \"nosuch/\", \"!nor.this\"]\nexec = [\"./run.sh\", \"gone.sh\"]\n",
        &files,
    );
    let chosen = source(&excluding).unwrap();
    assert_eq!(paths(&chosen), ["a/run.sh", "b/secret/x", "run.sh", "src/lib.vit", "vitte.toml"]);
    let executable: Vec<_> = chosen.files().iter().filter(|file| file.mode == Mode::Executable).collect();
    assert_eq!(executable.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["run.sh"]);
    assert_eq!(
        warnings(&excluding),
        [
            "the pattern `nosuch/` of `exclude` leaves no file out",
            "the exception `!nor.this` of `exclude` applies to no file",
            "the pattern `gone.sh` of `exec` matches no file",
        ]
    );

    let including = project(&sandbox, "include = [\"./src\", \"./a/\", \"!./a/nosuch\"]\n", &[]);
    assert_eq!(paths(&source(&including).unwrap()), ["a/run.sh", "src/lib.vit", "vitte.toml"]);
    assert_eq!(warnings(&including), ["the exception `!./a/nosuch` of `include` applies to no file"]);
    let all = project(&sandbox, "include = [\".\"]\n", &[]);
    assert_eq!(source(&all).unwrap().files().len(), files.len() + 1);

    // What is left out anyway, or by another pattern as well, is no mistake in a pattern that says so.
    let twice = project(
        &sandbox,
        "exclude = [\"target/\", \".git\", \"*.tmp\", \"secret/\"]\n",
        &["target/x", ".git/x", "x.tmp"],
    );
    sandbox.write("p/.gitignore", "*.tmp\nsecret/\n");
    assert_eq!(warnings(&twice), [""; 0]);
}

#[test]
fn rules_of_the_repository_and_the_workspace_count_and_those_further_up_do_not() {
    let sandbox = Sandbox::new();
    let member = "[package]\nname = \"demo/m\"\nversion = \"1.0.0\"\n";
    for (path, content) in [
        (".gitignore", "src/\n"),
        ("repo/.git/HEAD", "ref: refs/heads/main\n"),
        ("repo/.git/info/exclude", "local.txt\n/ws/m/anchored\n"),
        ("repo/.gitignore", "*.secret\n/ws/m/top.txt\n"),
        ("repo/ws/vitte.toml", "[workspace]\nmembers = [\"m\"]\n"),
        ("repo/ws/.gitignore", "*.log\n!kept.secret\n"),
        ("repo/ws/m/vitte.toml", member),
        ("repo/ws/m/.gitignore", "!wanted.log\n"),
    ] {
        sandbox.write(path, content);
    }
    let files = [
        "src/lib.vit",
        "a.secret",
        "kept.secret",
        "top.txt",
        "sub/top.txt",
        "local.txt",
        "sub/local.txt",
        "anchored",
        "a.log",
        "wanted.log",
    ];
    let below = |folder: &str| {
        for file in files {
            sandbox.write(&format!("{folder}/{file}"), "x");
        }
        let project = Project::load(&sandbox.path().join(folder)).unwrap();
        let mut chosen: Vec<_> = paths(&source(&project).unwrap()).into_iter().map(str::to_owned).collect();
        chosen.retain(|path| files.contains(&path.as_str()));
        chosen
    };
    assert_eq!(below("repo/ws/m"), ["kept.secret", "src/lib.vit", "sub/top.txt", "wanted.log"]);

    // A worktree: `.git` is a file, and `info/exclude` is that of the repository.
    sandbox.write("tree/.git", "gitdir: ../repo/.git/worktrees/tree\n");
    sandbox.write("repo/.git/worktrees/tree/commondir", "../..\n");
    sandbox.write("tree/vitte.toml", member);
    assert_eq!(below("tree").iter().filter(|path| path.contains("local.txt")).count(), 0);

    // No repository: the workspace's rules count, those above do not.
    for (path, content) in
        [("plain/vitte.toml", "[workspace]\nmembers = [\"m\"]\n"), ("plain/.gitignore", "*.log\n")]
    {
        sandbox.write(path, content);
    }
    sandbox.write("plain/m/vitte.toml", member);
    let chosen = below("plain/m");
    assert!(
        !chosen.iter().any(|path| path.ends_with(".log")) && chosen.contains(&"src/lib.vit".to_owned()),
        "{chosen:?}"
    );

    // A package that its surroundings ignore as a whole, as in a repository of somebody's home, is not empty for that.
    sandbox.write("home2/.git/HEAD", "");
    sandbox.write("home2/.gitignore", "*\n");
    sandbox.write("home2/work/p/vitte.toml", member);
    assert_eq!(below("home2/work/p").len(), files.len());
}

#[test]
fn files_of_our_own_are_never_packed() {
    let sandbox = Sandbox::new();
    let files = [
        "src/lib.vit",
        ".vitte/paths.json",
        "sub/.vitte/x",
        "target/x",
        "vitte_modules/a/b",
        "hello-0.9.0.vitmod",
        "dist/hello-1.0.0-x86_64-unknown-linux-gnu.vitpkg",
        "dist/index.vit",
        "tests/other-1.0.0.vitpkg",
        "reg/.vitte-registry.lock",
        "reg/config.json",
        "data/paths.json",
    ];
    for more in ["", "include = [\"**\"]\n"] {
        let project = project(&sandbox, more, &files);
        let listing = "{\"schema\":\"vitte.paths/v1\",\"inputs\":\"sha256:0\",\"packages\":[]}";
        sandbox.write("p/vendor/paths.json", listing);
        sandbox.write("p/vendor/acme/json-1.0.0/lib.vit", "x");
        let notes = Notes::default();
        let chosen = select_source(&project, None, &notes).unwrap();
        let expected =
            ["data/paths.json", "dist/index.vit", "src/lib.vit", "tests/other-1.0.0.vitpkg", "vitte.toml"];
        assert_eq!(paths(&chosen), expected, "{more}");
        let notes = notes.0.into_inner().unwrap();
        assert_eq!(notes.iter().filter(|note| note.contains(" is left out: it ")).count(), 4, "{notes:?}");
        // The folder that packages are written to may hold sources: only packages stay out of it.
        for out in ["dist", "src", "tests"] {
            let out = sandbox.path().join("p").join(out);
            let chosen = select_source(&project, Some(&out), &Notes::default()).unwrap();
            let others =
                expected.iter().filter(|path| !(out.ends_with("tests") && path.ends_with(".vitpkg")));
            assert_eq!(paths(&chosen), others.copied().collect::<Vec<_>>());
        }
    }
}

#[test]
fn readmes_and_licences_are_in_however_they_are_spelt() {
    let sandbox = Sandbox::new();
    let documents = [
        "COPYING",
        "LICENSES/Apache-2.0.txt",
        "License-MIT",
        "NOTICE.md",
        "licence.txt",
        "readme.md",
        "unlicense",
    ];
    let others = ["license.key", "notice.vit", "licenses/table.vit", "sub/LICENSE", "LICENSES/deep/x"];
    let project = project(
        &sandbox,
        "include = [\"src/\"]\n",
        &[&["src/lib.vit"], &documents[..], &others[..]].concat(),
    );
    let chosen = source(&project).unwrap();
    let mut expected = [&["src/lib.vit", "vitte.toml"], &documents[..]].concat();
    expected.sort();
    assert_eq!(paths(&chosen), expected);
    assert!(chosen.has_licence());
}

#[test]
fn members_without_a_licence_have_that_of_their_workspace() {
    let sandbox = Sandbox::new();
    sandbox.write("vitte.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n");
    for (path, content) in
        [("LICENSE-MIT", "of all"), ("NOTICE", "of all"), ("README.md", "of all"), ("b/COPYING", "of b")]
    {
        sandbox.write(path, content);
    }
    let member = |name: &str| {
        sandbox.write(
            &format!("{name}/vitte.toml"),
            format!("[package]\nname = \"demo/{name}\"\nversion = \"1.0.0\"\n"),
        );
        Project::load(&sandbox.path().join(name)).unwrap()
    };
    let chosen = source(&member("a")).unwrap();
    assert_eq!(paths(&chosen), ["LICENSE-MIT", "NOTICE", "vitte.toml"]);
    assert_eq!(std::fs::read(&chosen.files()[0].file).unwrap(), b"of all");
    assert_eq!(paths(&source(&member("b")).unwrap()), ["COPYING", "NOTICE", "vitte.toml"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_is_left_out_stops_nothing() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    let follow =
        |patterns: &str| project(&sandbox, &format!("symlinks = \"follow\"\n{patterns}"), &["src/lib.vit"]);
    follow("");
    let folder = sandbox.path().join("p");
    symlink("user@host.123:456", folder.join(".#notes")).unwrap();
    symlink("..", folder.join("src/loop")).unwrap();
    symlink("/", folder.join("target")).unwrap();
    symlink("nowhere", folder.join("ignored")).unwrap();
    std::fs::write(folder.join(".gitignore"), "/ignored\n").unwrap();
    let error = source(&follow("")).unwrap_err();
    assert_eq!(codes(&error), [Code::Source, Code::Source], "{error}");
    assert!(error.to_string().contains("`.#notes`") && error.to_string().contains("`src/loop`"), "{error}");
    let hint = error.faults().next().unwrap().diagnostic().help.join("");
    assert!(hint.contains("`/.#notes` to `exclude`"), "{hint}");

    let expected = [".gitignore", "src/lib.vit", "vitte.toml"];
    assert_eq!(paths(&source(&follow("exclude = [\".#*\", \"loop/\"]\n")).unwrap()), expected);
    let listed = follow("include = [\"src/\", \"!loop\", \".gitignore\"]\n");
    assert_eq!(paths(&source(&listed).unwrap()), expected);
    // The same where links are faults: `target` is never packed, and `loop/` is said of a link to a folder as well.
    let strict = project(&sandbox, "exclude = [\".#*\", \"loop/\"]\n", &[]);
    assert_eq!(paths(&source(&strict).unwrap()), expected);
    // Advice fits the manifest.
    let error = source(&follow("include = [\"src/\"]\n")).unwrap_err();
    let hint = error.faults().next().unwrap().diagnostic().help.join("");
    assert!(hint.contains("`!/src/loop` at the end of `include`"), "{hint}");
}
