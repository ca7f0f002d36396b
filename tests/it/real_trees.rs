//! Trees that no one here wrote: the sources of a compiler, thousands of small files, a large executable. They are fetched
//! by `scripts/real-trees.sh` and kept on the machine.

use crate::sandbox::{Sandbox, skipped};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of a fetched tree; none, and it is said, where there is no client that could fetch it.
fn tree(name: &str) -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/real-trees.sh");
    let output = Command::new(script).output().expect("a shell");
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        skipped(&format!("real trees cannot be fetched here: {said}"));
        return None;
    }
    let folder = Path::new(String::from_utf8(output.stdout).unwrap().trim_end()).join(name);
    assert!(folder.is_dir(), "{}", folder.display());
    Some(folder)
}

/// Copies a tree into the sandbox as a project, with the manifest given, and returns what a package of it must hold.
fn project(sandbox: &Sandbox, tree: &Path, manifest: &str) -> BTreeMap<String, (bool, Vec<u8>)> {
    let project = sandbox.path().join("project");
    let copied = Command::new("cp").arg("-r").arg(tree).arg(&project).status().unwrap();
    assert!(copied.success());
    sandbox.write("project/vitte.toml", manifest);
    files(&project)
}

/// Every file below a folder: whether it may be executed, and its content.
fn files(folder: &Path) -> BTreeMap<String, (bool, Vec<u8>)> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, (bool, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                let executable = path.metadata().unwrap().permissions().mode() & 0o100 != 0;
                found.insert(name, (executable, fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn manifest(name: &str, version: &str, more: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nlicense = \"MIT\"\ndescription = \"Somebody's tree\"\n{more}"
    )
}

fn assert_same(found: &BTreeMap<String, (bool, Vec<u8>)>, expected: &BTreeMap<String, (bool, Vec<u8>)>) {
    let names = |files: &BTreeMap<String, _>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected));
    for (name, content) in expected {
        assert!(found[name] == *content, "{name} differs");
    }
}

fn tar_extract(file: &Path, folder: &Path) -> PathBuf {
    fs::create_dir(folder).unwrap();
    let done = Command::new("tar").arg("--zstd").arg("-xf").arg(file).arg("-C").arg(folder).status().unwrap();
    assert!(done.success());
    folder.join("pkg")
}

#[test]
fn a_compilers_sources_are_built_the_same_twice_verified_and_extracted() {
    let sandbox = Sandbox::new();
    let Some(tree) = tree("typescript-5.9.2") else { return };
    let expected = project(&sandbox, &tree, &manifest("demo/typescript", "5.9.2", ""));
    assert!(
        expected.len() > 100
            && expected.values().map(|(_, content)| content.len()).sum::<usize>() > 20_000_000
    );

    let build = "build --manifest project/vitte.toml --kind mod --profile dev --out";
    sandbox.run(&format!("{build} once")).ends(0);
    sandbox.run(&format!("{build} again --json")).ends(0);
    let file = sandbox.path().join("once/typescript-5.9.2.vitmod");
    assert!(
        fs::read(&file).unwrap() == fs::read(sandbox.path().join("again/typescript-5.9.2.vitmod")).unwrap()
    );

    sandbox.run("key generate --name me").ends(0);
    sandbox.run("sign once/typescript-5.9.2.vitmod").ends(0);
    let verdict = sandbox.run("verify once/typescript-5.9.2.vitmod --json").ends(0).json();
    assert_eq!(verdict["result"]["status"], "verified");
    sandbox.run("extract once/typescript-5.9.2.vitmod out").ends(0);
    assert_same(&files(&sandbox.path().join("out")), &expected);
    assert_same(&files(&tar_extract(&file, &sandbox.path().join("by-tar"))), &expected);

    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&file, bytes).unwrap();
    let refused = sandbox.run("extract once/typescript-5.9.2.vitmod bad").ends(5);
    assert!(refused.stderr.contains("error[VP0501]"), "{refused}");
    assert!(!sandbox.path().join("bad").exists());
}

#[test]
fn thousands_of_files_are_published_and_installed() {
    let sandbox = Sandbox::new();
    let Some(tree) = tree("date-fns-4.1.0") else { return };
    let expected = project(&sandbox, &tree, &manifest("demo/date-fns", "4.1.0", ""));
    assert!(expected.len() > 5_000);
    sandbox.run("key generate --name me").ends(0);
    sandbox.run("registry init registry").ends(0);
    // Ready-made, so that the time goes to files and not into the level of a publication.
    sandbox.run("build --manifest project/vitte.toml --kind mod --profile dev --out out").ends(0);
    sandbox.run("publish out/date-fns-4.1.0.vitmod --registry registry --yes").ends(0);
    let installed = sandbox.run("install demo/date-fns@^4 --registry registry --yes --json").ends(0).json();
    let folder = installed["result"]["packages"][0]["folder"].as_str().unwrap();
    let mut found = files(&sandbox.path().join(folder.strip_prefix("[dir]/").unwrap()));
    found.retain(|name, _| expected.contains_key(name));
    assert_same(&found, &expected);
    sandbox.run("registry verify registry").ends(0);
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn a_real_program_is_installed_and_runs() {
    let sandbox = Sandbox::new();
    let Some(tree) = tree("linux-x64-0.25.11") else { return };
    let more = "exclude = [\"bin/\"]\n\n[[bin]]\nname = \"esbuild\"\npath = \"esbuild.vit\"\n\n[build]\ncommand = [\"sh\", \"place.sh\"]\nout = \"target/out\"\n";
    project(&sandbox, &tree, &manifest("demo/esbuild", "0.25.11", more));
    sandbox.write("project/esbuild.vit", "proc main() { }\n");
    sandbox.write(
        "project/place.sh",
        "set -e\nmkdir -p \"$VITTE_OUT/bin\"\ncp bin/esbuild \"$VITTE_OUT/bin/\"\n",
    );
    sandbox.run("key generate --name me").ends(0);
    sandbox.run("registry init registry").ends(0);
    sandbox.run("publish --manifest project/vitte.toml --registry registry --yes").ends(0);
    sandbox.run("install demo/esbuild --registry registry --yes").ends(0);
    let program = sandbox.home().join("bin/esbuild");
    let said = Command::new(&program).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8(said.stdout).unwrap().trim(), "0.25.11");
    let bundled =
        Command::new(&program).arg("--minify").arg(sandbox.write("x.js", "let a = 1 + 1; alert(a)")).output();
    assert_eq!(String::from_utf8(bundled.unwrap().stdout).unwrap().trim(), "let a=2;alert(a);");
}
