//! A registry shared by a team: pinned by a project, remembered by a user, recorded in a manifest.

use crate::http::serve;
use crate::registry::{code, files, initialised, pack, publish};
use crate::sandbox::{Ran, Sandbox};
use std::path::Path;
use vitte_package_core::digest::Digest;

const PROJECT: &str =
    "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n";

/// A registry `reg` with one package, whose owner's home is away: whoever runs a command now is new.
fn shared() -> Sandbox {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", &"hello ".repeat(100), "")]).ends(0);
    leave(&sandbox, "owner");
    sandbox
}

/// Puts the home of whoever worked last away.
fn leave(sandbox: &Sandbox, name: &str) {
    std::fs::rename(sandbox.home(), sandbox.path().join(name)).unwrap();
}

fn pin(sandbox: &Sandbox, registry: &str) -> String {
    Digest::of(&std::fs::read(sandbox.path().join(registry).join("trust/1.json")).unwrap()).to_string()
}

/// Writes the project `folder`; `registry` is what is in the table of `corp`.
fn project(sandbox: &Sandbox, folder: &str, registry: &str) {
    let manifest = format!(
        "{PROJECT}\n[dependencies]\n\"demo/hello\" = \"1\"\n\n[registries]\ncorp = {{ {registry}, namespaces = [\"demo\"] }}\n"
    );
    sandbox.write(&format!("{folder}/vitte.toml"), manifest);
    sandbox.write(&format!("{folder}/src/lib.vit"), "x");
}

#[must_use]
fn run_in(sandbox: &Sandbox, folder: &str, line: &str) -> Ran {
    sandbox.run_with(line, |command| {
        command.current_dir(sandbox.path().join(folder));
    })
}

fn manifest(sandbox: &Sandbox, folder: &str) -> String {
    std::fs::read_to_string(sandbox.path().join(folder).join("vitte.toml")).unwrap()
}

#[test]
fn a_project_pins_a_registry_so_that_clones_need_no_hand() {
    let sandbox = shared();
    let server = serve(&sandbox);
    let digest = pin(&sandbox, "reg");
    for (folder, form) in [
        ("plain", digest.clone()),
        ("tagged", format!("sha256:{digest}")),
        ("capitals", format!("SHA256:{}", digest.to_uppercase())),
    ] {
        project(&sandbox, folder, &format!("index = \"{}\", trust-root-sha256 = \"{form}\"", server.url));
        let ran = run_in(&sandbox, folder, "install").ends(0);
        let said =
            format!("is trusted for this project only: vitte.toml pins its trust root sha256:{digest}");
        assert_eq!(ran.stderr.contains(&said), folder == "plain", "said once: {ran}");
        run_in(&sandbox, folder, "install --locked").ends(0);
        run_in(&sandbox, folder, "audit").ends(0);
        // The flag may name the registry that the manifest pins.
        run_in(&sandbox, folder, &format!("lock --registry {}", server.url)).ends(0);
    }
    // What was seen of the log is remembered for such projects too, apart from what the user trusts.
    let remembered = files(&sandbox.home().join("trust"));
    assert!(
        remembered.keys().any(|name| name.starts_with("projects/") && name.ends_with("/checkpoint")),
        "{:?}",
        remembered.keys()
    );
    assert!(remembered.keys().all(|name| name.starts_with("projects/")), "{:?}", remembered.keys());
    // It is shown, and holds for that project only.
    let listed = run_in(&sandbox, "plain", "registry list").ends(0).stdout;
    assert!(listed.contains("corp") && listed.contains(&digest), "{listed}");
    assert!(listed.contains("trusted for this project only"), "{listed}");
    let answer = run_in(&sandbox, "plain", "registry list --json").ends(0).json();
    assert_eq!(answer["result"]["pinned"][0]["trust_root"], *digest);
    assert_eq!(answer["result"]["registries"].as_array().unwrap().len(), 0);
    assert!(sandbox.run("registry list").ends(0).stdout.is_empty());
    sandbox.run(&format!("verify demo/hello --registry {}", server.url)).ends(5);
    project(&sandbox, "other", &format!("index = \"{}\"", server.url));
    let ran = run_in(&sandbox, "other", "install --json").ends(5);
    assert_eq!(code(&ran), "VP0536");
    assert!(ran.stdout.contains(&format!("trust-root-sha256 = \\\"{digest}\\\"")), "the way out: {ran}");
}

/// Every command that asks a registry about a release trusts it as `install` does: by the pin of the project.
#[test]
fn what_looks_into_a_registry_goes_by_the_projects_pin_too() {
    let sandbox = shared();
    let server = serve(&sandbox);
    let digest = pin(&sandbox, "reg");
    project(&sandbox, "app", &format!("index = \"{}\", trust-root-sha256 = \"{digest}\"", server.url));
    let here = |line: &str| run_in(&sandbox, "app", line);
    here("verify demo/hello").ends(0);
    here(&format!("verify demo/hello@1.0.0 --registry {}", server.url)).ends(0);
    here("info demo/hello").ends(0);
    here("namespace show demo").ends(0);
    here("namespace owners demo").ends(0);
    here(&format!("log show --registry {}", server.url)).ends(0);
    here(&format!("log monitor --registry {}", server.url)).ends(0);
    here("report demo/hello@1.0.0").ends(0);
    std::fs::copy(
        sandbox.path().join("reg/p/demo/hello/1.0.0/hello-1.0.0.vitmod"),
        sandbox.path().join("app/h.vitmod"),
    )
    .unwrap();
    here(&format!("verify h.vitmod --registry {}", server.url)).ends(0);
    here("staple h.vitmod").ends(0);
    here("verify h.vitmod --offline").ends(0);
    here("extract h.vitmod out").ends(0);
    here("lock").ends(0);
    here("outdated").ends(0);
    here("audit").ends(0);
    // What is installed for the user is no matter of the project.
    here("install ./h.vitmod --user").ends(5);
    // Elsewhere it counts for nothing.
    for line in ["verify app/h.vitmod --offline", "extract app/h.vitmod out"] {
        sandbox.run(line).ends(5);
    }
    // Another pin is another registry.
    let wrong = Digest::of(b"another").to_string();
    project(&sandbox, "app", &format!("index = \"{}\", trust-root-sha256 = \"{wrong}\"", server.url));
    for line in
        ["verify demo/hello", "namespace show demo", "verify h.vitmod --offline", "extract h.vitmod out2"]
    {
        here(line).ends(5);
    }
    here(&format!("log monitor --registry {}", server.url)).ends(5);
}

#[test]
fn a_pin_that_is_not_the_registrys_installs_nothing() {
    let sandbox = shared();
    let wrong = Digest::of(b"another").to_string();
    project(&sandbox, "app", &format!("directory = \"../reg\", trust-root-sha256 = \"{wrong}\""));
    let ran = run_in(&sandbox, "app", "install --json").ends(5);
    assert!(!ran.stdout.contains("\"ok\":true"), "{ran}");
    assert!(!sandbox.path().join("app/vitte.lock").exists());
    if sandbox.home().exists() {
        let left = files(&sandbox.home());
        assert!(!left.keys().any(|name| name.contains("trust.json") || name.contains("vp1-")), "{left:?}");
    }
    project(&sandbox, "app", "directory = \"../reg\", trust-root-sha256 = \"1234\"");
    assert_eq!(code(&run_in(&sandbox, "app", "install --json").ends(3)), "VP0108");
}

/// A cloned project can name whom to trust for itself. It cannot change whom the user trusts.
#[test]
fn a_pin_never_overrides_what_the_user_trusts() {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    sandbox.run("registry init reg --id packages.test/").ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "the true one", "")]).ends(0);
    leave(&sandbox, "owner");
    std::fs::rename(sandbox.path().join("reg"), sandbox.path().join("good")).unwrap();
    sandbox.run("key generate").ends(0);
    sandbox.run("registry init reg --id packages.test/").ends(0);
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "the other one", "")]).ends(0);
    leave(&sandbox, "thief");
    std::fs::rename(sandbox.path().join("reg"), sandbox.path().join("evil")).unwrap();
    let (good, evil) = (pin(&sandbox, "good"), pin(&sandbox, "evil"));
    project(&sandbox, "clone", &format!("directory = \"../evil\", trust-root-sha256 = \"{evil}\""));
    project(&sandbox, "ours", &format!("directory = \"../good\", trust-root-sha256 = \"{good}\""));
    // Nobody is trusted yet: each project has its own word, and they do not meet.
    run_in(&sandbox, "clone", "install").ends(0);
    run_in(&sandbox, "ours", "install").ends(0);
    run_in(&sandbox, "clone", "install").ends(0);
    sandbox.run(&format!("registry add good --trust-root-sha256 {good}")).ends(0);
    let before = files(&sandbox.home().join("trust"));
    let ran = run_in(&sandbox, "clone", "lock --json").ends(5);
    assert_eq!(code(&ran), "VP0534");
    assert!(ran.stdout.contains(&good) && ran.stdout.contains(&evil), "both are named: {ran}");
    assert_eq!(files(&sandbox.home().join("trust")), before);
    run_in(&sandbox, "ours", "lock").ends(0);
    sandbox.run("verify demo/hello --registry good").ends(0);
}

#[test]
fn a_registry_that_was_added_is_remembered_with_its_address() {
    let sandbox = shared();
    let server = serve(&sandbox);
    let digest = pin(&sandbox, "reg");
    let shouted = format!("SHA256:{}", digest.to_uppercase());
    sandbox.run(&format!("registry add {} --trust-root-sha256 {shouted}", server.url)).ends(0);
    let address = server.url.trim_end_matches('/');
    assert!(sandbox.run("registry list").ends(0).stdout.contains(address));
    let answer = sandbox.run("registry list --json").ends(0).json();
    assert!(answer["result"]["registries"][0]["address"].as_str().unwrap().starts_with(address));
    // It is the only one: no address has to be given again.
    let ran = sandbox.run("install demo/hello").ends(0);
    assert!(ran.stderr.contains(address) && ran.stderr.contains("the only one you have added"), "{ran}");
    sandbox.run("verify demo/hello").ends(0);
    sandbox.run("info demo/hello").ends(0);
    // A wrong digest adds and changes nothing.
    sandbox.run(&format!("registry add reg --trust-root-sha256 sha256:{}", "0".repeat(64))).ends(5);
    sandbox.run(&format!("registry add reg --trust-root-sha256 sha512:{digest}")).ends(3);
    assert!(sandbox.run("registry list").ends(0).stdout.contains(address));
    // Which of two to use is not guessed.
    sandbox.run("registry init second").ends(0);
    let ran = sandbox.run("install demo/hello --json");
    assert_eq!(code(&ran), "VP0306", "{ran}");
    assert!(ran.stdout.contains(address) && ran.stdout.contains("second"), "{ran}");
    // Publishing names its registry.
    let file = pack(&sandbox, "demo/other", "1.0.0", "x", "");
    assert_ne!(sandbox.run(&format!("publish --yes {}", file.display())).exit, 0);
}

/// What `add` used is found by the next command, in another terminal, where no variable is set.
#[test]
fn add_records_the_registry_however_it_was_given() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "hello", "")]).ends(0);
    let reg = sandbox.path().join("reg");
    let line = "corp = { directory = \"../reg\", namespaces = [\"demo\"] }".replace("corp", "reg");
    let works = |folder: &str| {
        let text = manifest(&sandbox, folder);
        assert!(text.contains(&line), "{folder}: {text}");
        std::fs::remove_file(sandbox.path().join(folder).join("vitte.lock")).unwrap();
        run_in(&sandbox, folder, "install").ends(0);
        run_in(&sandbox, folder, "lock").ends(0);
    };
    let start = |folder: &str| {
        sandbox.write(&format!("{folder}/vitte.toml"), PROJECT);
        sandbox.write(&format!("{folder}/src/lib.vit"), "x");
    };
    start("variable");
    sandbox
        .run_with("add demo/hello", |command| {
            command.current_dir(sandbox.path().join("variable")).env("VITTE_REGISTRY", &reg);
        })
        .ends(0);
    works("variable");
    start("flag");
    run_in(&sandbox, "flag", "add demo/hello --registry ../reg").ends(0);
    works("flag");
    start("only");
    run_in(&sandbox, "only", "add demo/hello").ends(0);
    works("only");
    start("configured");
    sandbox.run(&format!("config set registry.default {}", reg.display())).ends(0);
    run_in(&sandbox, "configured", "add demo/hello").ends(0);
    sandbox.run("config unset registry.default").ends(0);
    works("configured");
    // The project's own configuration is there for everybody: nothing needs to be added to it.
    sandbox.write("own/vitte.toml", format!("{PROJECT}\n[tool.package]\nregistry.default = \"../reg\"\n"));
    sandbox.write("own/src/lib.vit", "x");
    run_in(&sandbox, "own", "add demo/hello").ends(0);
    assert!(!manifest(&sandbox, "own").contains("[registries]"));
    // Where nothing is known, the error says what to type.
    sandbox.write("by-hand/vitte.toml", format!("{PROJECT}\n[dependencies]\n\"demo/hello\" = \"1\"\n"));
    sandbox.write("by-hand/src/lib.vit", "x");
    let ran = run_in(&sandbox, "by-hand", "install");
    assert!(ran.stderr.contains("no registry is configured for `demo/hello`"), "{ran}");
    let canonical = Path::new(&reg).canonicalize().unwrap();
    let help = format!("vitte package add demo/hello --registry {}", canonical.display());
    assert!(ran.stderr.replace("[dir]", sandbox.path().to_str().unwrap()).contains(&help), "{ran}");
}
