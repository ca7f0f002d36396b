//! The history of installs, going back in it, and the care of the store.

use crate::dependencies;
use crate::install::{publish, run_program, stored, unfinished};
use crate::sandbox::Sandbox;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every file below a folder with its content.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

fn installed(sandbox: &Sandbox) -> Value {
    sandbox.run("list --json").ends(0).json()["result"].clone()
}

fn result(sandbox: &Sandbox, command: &str) -> Value {
    sandbox.run(&format!("{command} --json")).ends(0).json()["result"].clone()
}

#[test]
fn going_back_restores_tools_and_shims_exactly() {
    let sandbox = Sandbox::new();
    let bin = sandbox.home().join("bin");
    sandbox.run("rollback").ends(9);
    publish(&sandbox, "demo/hello", "1.0.0");
    publish(&sandbox, "demo/other", "0.1.0");
    sandbox.run("install demo/hello --registry reg").ends(0);
    let (tools, shims) = (installed(&sandbox), files(&bin));
    // The bad update: another version, another tool, both at once.
    publish(&sandbox, "demo/hello", "2.0.0");
    sandbox.run("install demo/hello demo/other --registry reg").ends(0);
    assert_eq!(
        (run_program(&sandbox, "hello"), run_program(&sandbox, "other")),
        ("hello 2.0.0".into(), "other 0.1.0".into())
    );
    sandbox.run("uninstall demo/hello@1.0.0").ends(0);
    let back = sandbox.run("rollback 1").ends(0);
    assert_eq!(
        back.stdout,
        "added demo/hello 1.0.0\nremoved demo/hello 2.0.0\nremoved demo/other 0.1.0\ndemo/hello 2.0.0 → 1.0.0\n"
    );
    assert_eq!((installed(&sandbox), files(&bin)), (tools.clone(), shims.clone()));
    assert_eq!(run_program(&sandbox, "hello"), "hello 1.0.0");
    sandbox.run("rollback").ends(9);
    // Forward, and back to what each was made from.
    sandbox.run("rollback 3").ends(0);
    assert_eq!(run_program(&sandbox, "hello"), "hello 2.0.0");
    assert_eq!(result(&sandbox, "rollback")["to"], 2);
    assert_eq!(result(&sandbox, "rollback")["to"], 1);
    assert_eq!((installed(&sandbox), files(&bin)), (tools, shims));
    sandbox.run("rollback 7").ends(9);
    // What comes next begins with what is active.
    sandbox.run("install demo/other --registry reg").ends(0);
    let history = result(&sandbox, "history");
    let rows: Vec<_> = history["generations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| [&row["generation"], &row["from"], &row["active"]])
        .collect();
    assert_eq!(json!(rows), json!([[4, 1, true], [3, 2, false], [2, 1, false], [1, 0, false]]));
    let reported = sandbox.run("history").ends(0).stdout;
    let first: Vec<&str> = reported.lines().take(2).collect();
    assert!(first[0].starts_with("* 4  2") && first[0].ends_with("Z  install demo/other"), "{reported}");
    assert_eq!(first[1], "    added demo/other 0.1.0");
}

#[test]
fn a_generation_that_was_never_active_is_not_gone_back_to() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    sandbox.run("install demo/hello --registry reg").ends(0);
    // What a process killed before moving the pointer leaves behind.
    let generations = sandbox.home().join("envs/default/gen");
    std::fs::copy(generations.join("000001.json"), generations.join("000002.json")).unwrap();
    publish(&sandbox, "demo/hello", "1.1.0");
    sandbox.run("install demo/hello --registry reg").ends(0);
    let back = result(&sandbox, "rollback");
    assert_eq!((&back["from"], &back["to"]), (&json!(3), &json!(1)));
}

#[test]
fn only_what_nothing_uses_is_removed() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    dependencies::publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    dependencies::publish(&sandbox, "reg", "acme/beside", "1.0.0", "\"acme/text\" = \"1\"\n");
    dependencies::publish(&sandbox, "reg", "acme/alone", "1.0.0", "");
    dependencies::project(&sandbox, "\"acme/alone\" = \"1\"\n");
    sandbox.run("install demo/hello --registry reg").ends(0);
    sandbox.run("install acme/beside --registry reg").ends(0);
    dependencies::on_app(&sandbox, "install --registry reg").ends(0);
    assert_eq!(stored(&sandbox.home()), 4);
    sandbox.run("uninstall demo/hello").ends(0);
    sandbox.run("uninstall acme/beside").ends(0);
    // All of it can be gone back to.
    let kept = result(&sandbox, "store gc");
    assert_eq!((&kept["removed"], &kept["kept"]), (&json!([]), &json!(4)));
    sandbox.run("rollback 2").ends(0);
    assert_eq!(run_program(&sandbox, "hello"), "hello 1.0.0");
    // Many generations and many days later.
    sandbox.run("uninstall acme/beside").ends(0);
    for _ in 0..5 {
        sandbox.run("uninstall demo/hello").ends(0);
        sandbox.run("install demo/hello --registry reg").ends(0);
    }
    let generations = sandbox.home().join("envs/default/gen");
    for (path, text) in files(&generations) {
        if path.extension().is_some_and(|end| end == "json") {
            let mut value: Value = serde_json::from_slice(&text).unwrap();
            value["time"] = json!(1);
            std::fs::write(path, value.to_string()).unwrap();
        }
    }
    let reported = result(&sandbox, "store gc --dry-run");
    assert_eq!((reported["removed"].as_array().unwrap().len(), stored(&sandbox.home())), (2, 4));
    let done = result(&sandbox, "store gc");
    assert_eq!(
        (done["removed"].as_array().unwrap().len(), &done["kept"], &done["generations"]),
        (2, &json!(2), &json!(5))
    );
    assert_eq!((stored(&sandbox.home()), unfinished(&sandbox.home())), (2, 0));
    assert_eq!(std::fs::read_dir(sandbox.home().join("envs/default/locks")).unwrap().count(), 0);
    assert_eq!(run_program(&sandbox, "hello"), "hello 1.0.0");
    sandbox.run("rollback 2").ends(9);
    // A lockfile that somebody is mending still says what is used; one that is gone does not.
    sandbox.write("app/vitte.lock", "<<<<<<< ours\n");
    assert_eq!(result(&sandbox, "store gc")["kept"], 2);
    std::fs::remove_file(sandbox.path().join("app/vitte.lock")).unwrap();
    let done = result(&sandbox, "store gc");
    assert_eq!((&done["kept"], &done["projects"]), (&json!(1), &json!(1)));
}

/// Changes a file of the store as no one should.
fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    let permissions = std::fs::metadata(path).unwrap().permissions();
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, permissions).unwrap();
}

#[cfg(unix)]
#[test]
fn what_was_changed_in_the_store_is_found_and_brought_again() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    dependencies::publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    dependencies::project(&sandbox, "\"acme/text\" = \"1\"\n");
    let answer = sandbox.run("install demo/hello --registry reg --json").ends(0).json();
    let folder = answer["result"]["packages"][0]["folder"].as_str().unwrap();
    let folder = PathBuf::from(folder.replace("[dir]", sandbox.path().to_str().unwrap()));
    dependencies::on_app(&sandbox, "install --registry reg").ends(0);
    assert!(
        sandbox.run("store verify").ends(0).stderr.contains("2 packages in the store are what was verified")
    );
    let program = folder.join("bin/hello");
    let faults: [(&str, &dyn Fn()); 6] = [
        ("its SHA-256 is", &|| damage(&program, |bytes| bytes[3] ^= 1)),
        ("bytes instead of", &|| damage(&program, |bytes| bytes.push(b'\n'))),
        ("no such file", &|| std::fs::remove_file(&program).unwrap()),
        ("permissions are 0755 instead of 0555", &|| {
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }),
        ("does not belong to the package", &|| std::fs::write(folder.join("bin/more"), "x").unwrap()),
        ("its marker is missing", &|| std::fs::remove_file(folder.join(".vitte-ok")).unwrap()),
    ];
    for (reason, fault) in faults {
        fault();
        let found = sandbox.run("store verify").ends(5);
        assert!(found.stderr.contains("VP0540") && found.stderr.contains(reason), "{found}");
        let mended = sandbox.run("store verify --fix --registry reg").ends(0);
        assert!(mended.stderr.contains("brought demo/hello 1.0.0 again"), "{mended}");
        assert_eq!(run_program(&sandbox, "hello"), "hello 1.0.0");
        sandbox.run("store verify").ends(0);
    }
    // Where nothing says which registry to use, a damaged package only goes; what needs it brings it again.
    sandbox.run("registry init other").ends(0);
    let paths: Value = serde_json::from_str(&dependencies::read(&sandbox, "app/.vitte/paths.json")).unwrap();
    let text = Path::new(paths["packages"][0]["folder"].as_str().unwrap());
    damage(&text.join("vitte.toml"), |bytes| bytes.push(b'#'));
    let gone = sandbox.run("store verify --fix").ends(0);
    assert!(gone.stderr.contains("the next install that needs it brings it again"), "{gone}");
    let again = dependencies::on_app(&sandbox, "install --registry reg").ends(0);
    assert!(again.stderr.contains("1 package verified and unpacked"), "{again}");
    assert_eq!(unfinished(&sandbox.home()), 0);
}

#[test]
fn packages_of_a_store_that_is_only_read_are_used_in_place() {
    let sandbox = Sandbox::new();
    publish(&sandbox, "demo/hello", "1.0.0");
    dependencies::publish(&sandbox, "reg", "acme/text", "1.0.0", "");
    dependencies::project(&sandbox, "\"acme/text\" = \"1\"\n");
    dependencies::on_app(&sandbox, "fetch --registry reg").ends(0);
    sandbox.run("install demo/hello --registry reg").ends(0);
    let before = files(&sandbox.home().join("store"));
    let mine = sandbox.path().join("mine");
    let as_other = |arguments: &str| {
        sandbox.run_with(arguments, |command| {
            command.env("VITTE_HOME", &mine).env("VITTE_STORE_RO", sandbox.home());
        })
    };
    as_other("install demo/hello --registry reg --yes").ends(0);
    let installed = as_other("install --manifest app/vitte.toml --registry reg").ends(0);
    assert!(installed.stderr.contains("1 package, already in the store"), "{installed}");
    assert_eq!((stored(&mine), files(&sandbox.home().join("store")) == before), (0, true));
    let program = std::process::Command::new(mine.join("bin/hello")).output().unwrap();
    assert_eq!(String::from_utf8(program.stdout).unwrap(), "hello 1.0.0\n");
    let paths = dependencies::read(&sandbox, "app/.vitte/paths.json");
    assert!(paths.contains(sandbox.home().join("store").to_str().unwrap()), "{paths}");
}
