//! `vitte package install roussov/vitte-math`, with what it needs and what that needs: from a folder, from our own
//! server, and from nginx serving the same folder.

use crate::http::{as_stranger, nginx, serve};
use crate::registry::{code, initialised, pack, publish};
#[cfg(target_os = "linux")]
use crate::sandbox::untested;
use crate::sandbox::{Ran, Sandbox};

/// A registry in `reg` with a package that needs one that needs a third, in another namespace.
fn published() -> Sandbox {
    let sandbox = initialised();
    let text = pack(&sandbox, "base/text", "1.2.0", "text", "");
    let core = pack(&sandbox, "roussov/matrix", "0.3.1", "a matrix", "\"base/text\" = \"^1.1\"\n");
    let math = pack(&sandbox, "roussov/vitte-math", "1.0.0", "mathematics", "\"roussov/matrix\" = \"0.3\"\n");
    publish(&sandbox, &[&text, &core, &math]).ends(0);
    sandbox
}

/// `vitte package …`, letter by letter, for a user whose registry is `registry`.
#[must_use]
fn vitte(sandbox: &Sandbox, registry: &str, command: &str) -> Ran {
    let mut vitte = sandbox.vitte();
    vitte.args(command.split(' ')).env("VITTE_REGISTRY", registry);
    Ran::from(vitte.output().unwrap(), sandbox.path())
}

const LOCK: &str = "app/vitte.lock";

/// Everything about installing from `registry`; then, when `stop` has ended its server, without it.
fn everything_installs(sandbox: &Sandbox, registry: &str, stop: impl FnOnce()) {
    let read = |path: &str| std::fs::read_to_string(sandbox.path().join(path)).unwrap();
    as_stranger(sandbox, registry);
    // For the user: the package, with its two dependencies.
    let installed = vitte(sandbox, registry, "package install roussov/vitte-math").ends(0);
    assert!(installed.stderr.contains("roussov/vitte-math 1.0.0"), "{installed}");
    assert!(installed.stderr.contains("also installed 2 dependencies"), "{installed}");
    assert!(vitte(sandbox, registry, "package list").ends(0).stdout.contains("roussov/vitte-math"));
    let again = vitte(sandbox, registry, "package install roussov/vitte-math").ends(0);
    assert!(again.stderr.contains("is in the user store already"), "{again}");
    // In a project.
    sandbox.write("app/src/lib.vit", "x");
    sandbox.write(
        "app/vitte.toml",
        "[package]\nname = \"demo/app\"\nversion = \"0.1.0\"\nedition = \"2025\"\n\n[lib]\npath = \"src/lib.vit\"\n",
    );
    let on_app = |command: &str| sandbox.run(&format!("{command} --manifest app/vitte.toml"));
    on_app(&format!("install roussov/vitte-math --registry {registry}")).ends(0);
    let lock = read(LOCK);
    for name in ["roussov/vitte-math", "roussov/matrix", "base/text"] {
        assert!(lock.contains(&format!("name = \"{name}\"")), "{lock}");
    }
    // The second time there is nothing to do, and it says so.
    let again = on_app("install").ends(0);
    assert!(again.stderr.contains("nothing to do: 3 packages are in place"), "{again}");
    assert_eq!(on_app("install --json").ends(0).json()["result"]["worked"], false);
    // A lockfile that was edited by hand is noticed, whatever was edited.
    let digit = lock.find("vp1-sha256:").unwrap() + 11;
    let mut other = lock.clone();
    other.replace_range(digit..=digit, if &lock[digit..=digit] == "0" { "1" } else { "0" });
    sandbox.write(LOCK, &other);
    on_app("install --locked").ends(5);
    assert_eq!(code(&on_app("lock --json").ends(5)), "VP0539");
    sandbox.write(LOCK, lock.replace("0.3.1", "0.3.9"));
    assert_eq!(code(&on_app("install --locked --json").ends(5)), "VP0539");
    sandbox.write(LOCK, &lock);
    // Everything is fetched into an empty store; from then on no registry is needed.
    std::fs::remove_dir_all(sandbox.home().join("store")).unwrap();
    on_app("fetch").ends(0);
    stop();
    std::fs::remove_dir_all(sandbox.path().join("app/.vitte")).unwrap();
    on_app("install --offline").ends(0);
    assert_eq!(read(LOCK), lock);
    let paths: serde_json::Value = serde_json::from_str(&read("app/.vitte/paths.json")).unwrap();
    for package in paths["packages"].as_array().unwrap() {
        assert!(std::path::Path::new(package["folder"].as_str().unwrap()).is_dir(), "{package}");
    }
    without_network(sandbox);
}

/// The same where there is no network at all, on systems that can take it away.
#[cfg(target_os = "linux")]
fn without_network(sandbox: &Sandbox) {
    let can = std::process::Command::new("unshare").args(["-n", "true"]).status();
    if !can.is_ok_and(|status| status.success()) {
        untested("an install without any network: taking it away takes more rights");
        return;
    }
    std::fs::remove_dir_all(sandbox.path().join("app/.vitte")).unwrap();
    let output = std::process::Command::new("unshare")
        .args([
            "-n",
            env!("CARGO_BIN_EXE_vitte-package"),
            "install",
            "--offline",
            "--manifest",
            "app/vitte.toml",
        ])
        .current_dir(sandbox.path())
        .env_clear()
        .env("VITTE_HOME", sandbox.home())
        .output()
        .unwrap();
    Ran::from(output, sandbox.path()).ends(0);
}

#[cfg(not(target_os = "linux"))]
fn without_network(_: &Sandbox) {}

#[test]
fn a_package_installs_with_what_it_needs_from_a_folder() {
    let sandbox = published();
    let folder = sandbox.path().join("reg");
    everything_installs(&sandbox, folder.to_str().unwrap(), || {
        std::fs::rename(&folder, sandbox.path().join("gone")).unwrap();
    });
}

#[test]
fn a_package_installs_with_what_it_needs_from_our_server() {
    let sandbox = published();
    let server = serve(&sandbox);
    let url = server.url.clone();
    everything_installs(&sandbox, &url, || drop(server));
}

#[cfg(unix)]
#[test]
fn a_package_installs_with_what_it_needs_from_nginx() {
    let sandbox = published();
    let Some((server, url)) = nginx(&sandbox) else { return };
    everything_installs(&sandbox, &url, || drop(server));
}
