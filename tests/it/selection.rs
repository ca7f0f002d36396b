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
    // The project's own .gitignore files count, those above it and the user's do not.
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
    assert_eq!(notes.0.into_inner().unwrap(), ["other is left out: it has a `vitte.toml` of its own"]);
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
