//! Resolving with `--offline`: from the copies of a registry's files that were kept, with what is on this machine.

use crate::http::{as_stranger, serve};
use crate::registry::{code, files, initialised, pack, publish};
use crate::sandbox::{Ran, Sandbox};
use std::net::TcpListener;
use std::path::PathBuf;

#[must_use]
fn on(sandbox: &Sandbox, project: &str, command: &str) -> Ran {
    sandbox.run(&format!("{command} --manifest {project}/vitte.toml"))
}

fn project(sandbox: &Sandbox, name: &str, url: &str) {
    let manifest = format!(
        "[package]\nname = \"me/{name}\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n\
         [registries]\nreg = {{ index = \"{url}\", namespaces = [\"demo\"] }}\n\n[dependencies]\n"
    );
    sandbox.write(&format!("{name}/vitte.toml"), &manifest);
    sandbox.write(&format!("{name}/src/lib.vit"), "x");
}

/// A stranger's home and two projects that use two releases of `demo/base`; the index that is kept knows a third, and
/// there is a package that was never asked about. Nobody answers any more: the listener is never to be asked.
fn after_one_fetch() -> (Sandbox, TcpListener, String) {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/base", "1.0.0", "base", "")]).ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/base", "1.1.0", "a longer base", "")]).ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/other", "1.0.0", "other", "")]).ends(0);
    let server = serve(&sandbox);
    let url = server.url.trim_end_matches('/').to_owned();
    let owner = sandbox.home();
    as_stranger(&sandbox, &url);
    project(&sandbox, "one", &url);
    project(&sandbox, "two", &url);
    on(&sandbox, "one", "add demo/base@=1.0.0").ends(0);
    on(&sandbox, "one", "install").ends(0);
    on(&sandbox, "two", "add demo/base@=1.1.0").ends(0);
    on(&sandbox, "two", "install").ends(0);
    // The owner publishes once more, and the stranger sees that in the index.
    let stranger = sandbox.path().join("stranger");
    std::fs::rename(&owner, &stranger).unwrap();
    std::fs::rename(sandbox.path().join("owner"), &owner).unwrap();
    publish(&sandbox, &[&pack(&sandbox, "demo/base", "1.2.0", "the longest base", "")]).ends(0);
    std::fs::remove_dir_all(&owner).unwrap();
    std::fs::rename(&stranger, &owner).unwrap();
    on(&sandbox, "one", "outdated").ends(0);
    drop(server);
    let address = url.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind(address).unwrap();
    listener.set_nonblocking(true).unwrap();
    (sandbox, listener, url)
}

/// Nobody has connected: no socket was opened.
#[track_caller]
fn was_not_asked(listener: &TcpListener) {
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

fn lockfile(sandbox: &Sandbox, project: &str) -> String {
    std::fs::read_to_string(sandbox.path().join(project).join("vitte.lock")).unwrap()
}

#[test]
fn projects_are_resolved_offline_with_what_is_on_this_machine() {
    let (sandbox, listener, url) = after_one_fetch();
    // 1.2.0 is known and was never fetched.
    let added = on(&sandbox, "one", "add demo/base@^1 --offline").ends(0);
    assert!(added.stderr.contains(&format!("{url} was not asked, because of --offline")), "{added}");
    assert!(added.stderr.contains(" ago"), "{added}");
    assert_eq!(added.stderr.matches("was not asked").count(), 1, "{added}");
    assert!(lockfile(&sandbox, "one").contains("1.0.0"), "what is locked stays");
    on(&sandbox, "one", "update --offline").ends(0);
    assert!(lockfile(&sandbox, "one").contains("1.1.0"));
    let again = on(&sandbox, "one", "lock --offline --json").ends(0).json();
    assert_eq!(again["diagnostics"][0]["code"], "VP0605", "{again}");
    let outdated = on(&sandbox, "one", "outdated --offline").ends(0);
    assert!(outdated.stdout.contains("1.2.0"), "{outdated}");
    // Without a lockfile it is written anew, and what it names is put in place.
    std::fs::remove_file(sandbox.path().join("one/vitte.lock")).unwrap();
    on(&sandbox, "one", "install --offline").ends(0);
    assert!(lockfile(&sandbox, "one").contains("1.1.0"));
    let current = on(&sandbox, "one", "install --offline").ends(0);
    assert!(current.stderr.contains("nothing to do"), "{current}");
    was_not_asked(&listener);
}

#[test]
fn what_is_not_on_this_machine_is_named_offline() {
    let (sandbox, listener, url) = after_one_fetch();
    let manifest = || std::fs::read(sandbox.path().join("one/vitte.toml")).unwrap();
    let before = (lockfile(&sandbox, "one"), manifest());
    let refused = on(&sandbox, "one", "add demo/base@=1.2.0 --offline --json").ends(6);
    let reported = &refused.json()["diagnostics"][0];
    assert_eq!(reported["message"], "not available offline: demo/base 1.2.0", "{refused}");
    assert_eq!(reported["data"]["missing"][0], "demo/base 1.2.0", "{refused}");
    assert!(reported["help"][0].as_str().unwrap().contains("without --offline"), "{refused}");
    let refused = on(&sandbox, "one", "add demo/other --offline").ends(6);
    assert!(refused.stderr.contains("the index of `demo/other` in"), "{refused}");
    assert!(refused.stderr.contains("without --offline"), "{refused}");
    // That no release fits is known from the index: that it is not on this machine would say less.
    on(&sandbox, "one", "add demo/base@^9 --offline").ends(4);
    assert_eq!(before, (lockfile(&sandbox, "one"), manifest()));
    // A registry that was trusted and never read.
    std::fs::remove_dir_all(sandbox.home().join("cache")).unwrap();
    let refused = on(&sandbox, "one", "lock --offline").ends(6);
    assert!(refused.stderr.contains(&format!("{url} cannot be used with --offline")), "{refused}");
    // What is locked and in the store needs none of it.
    on(&sandbox, "one", "install --offline").ends(0);
    was_not_asked(&listener);
}

/// A copy is checked like what comes over the wire: one that somebody changed is refused, one that the disk damaged
/// counts as absent.
#[test]
fn a_copy_that_was_changed_is_refused_offline() {
    let (sandbox, _listener, _) = after_one_fetch();
    let cache = files(&sandbox.home().join("cache/registries"));
    let name = cache.keys().find(|name| name.ends_with("/index/demo/base")).unwrap();
    let path: PathBuf = sandbox.home().join("cache/registries").join(name);
    let good = std::fs::read(&path).unwrap();
    let at = good.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let text = String::from_utf8(good[at..].to_vec()).unwrap().replace("1.2.0", "1.3.0");
    let digest = vitte_package_core::digest::Digest::of(text.as_bytes());
    std::fs::write(&path, format!("{digest} tag\n{text}")).unwrap();
    assert_eq!(code(&on(&sandbox, "one", "update --offline --json").ends(5)), "VP0531");
    std::fs::write(&path, format!("{digest} tag\n{text}damaged")).unwrap();
    let refused = on(&sandbox, "one", "update --offline").ends(6);
    assert!(refused.stderr.contains("the index of `demo/base` in"), "{refused}");
    std::fs::write(&path, good).unwrap();
    on(&sandbox, "one", "update --offline").ends(0);
}

/// A lockfile that fits names archives that the cache has: they go into the store, verified, and no registry is asked.
#[test]
fn what_is_locked_comes_from_the_cache_offline() {
    let (sandbox, listener, _) = after_one_fetch();
    let store = sandbox.home().join("store");
    let set_aside = |name: &str| std::fs::rename(&store, sandbox.home().join(name)).unwrap();
    set_aside("first");
    let installed = on(&sandbox, "one", "install --offline --json").ends(0).json();
    assert_eq!(installed["result"]["unpacked"], 1, "{installed}");
    // One that was altered there is refused, and gone from the cache.
    set_aside("second");
    let archives = sandbox.home().join("cache/archives");
    let all = || std::fs::read_dir(&archives).unwrap().map(|entry| entry.unwrap().path());
    for path in all() {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    let count = all().count();
    on(&sandbox, "one", "install --offline").ends(5);
    assert_eq!(all().count(), count - 1);
    // And what the cache does not have is named as before.
    let missing = on(&sandbox, "one", "install --offline").ends(9);
    assert!(missing.stderr.contains("vitte package fetch"), "{missing}");
    was_not_asked(&listener);
}

/// A registry that is a folder is read either way: all that is in it is on this machine.
#[test]
fn a_registry_that_is_a_folder_is_used_offline_like_online() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/base", "1.0.0", "base", "")]).ends(0);
    let manifest = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\n";
    sandbox.write("app/vitte.toml", manifest);
    on(&sandbox, "app", "add demo/base --registry reg --offline").ends(0);
    on(&sandbox, "app", "install --offline --no-locked").ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/base", "1.1.0", "a longer base", "")]).ends(0);
    on(&sandbox, "app", "update --offline").ends(0);
    assert!(lockfile(&sandbox, "app").contains("1.1.0"));
    std::fs::remove_file(sandbox.path().join("app/vitte.lock")).unwrap();
    on(&sandbox, "app", "install --offline").ends(0);
}
