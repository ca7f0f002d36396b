//! The examples of `native/registry/deploy`, read by the programs they are for.

use crate::programs;
use crate::sandbox::{Sandbox, has_program};
use std::process::Command;

fn example(name: &str) -> String {
    let path = format!("{}/deploy/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// Runs a program and gives whether it was satisfied, and what it said.
fn judged(sandbox: &Sandbox, command: &[&str]) -> (bool, String) {
    let output = Command::new(command[0]).args(&command[1..]).current_dir(sandbox.path()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn systemd_understands_the_unit_and_finds_it_hardened() {
    if !has_program("systemd-analyze") {
        return;
    }
    let sandbox = Sandbox::new();
    let unit = example("vitte-registry.service");
    let program = programs::server().display().to_string();
    sandbox.write("vitte-registry.service", unit.replace("/usr/local/bin/vitte-registry", &program));
    let verify = ["systemd-analyze", "verify", "--man=no", "./vitte-registry.service"];
    let (is_right, said) = judged(&sandbox, &verify);
    assert!(is_right && said.is_empty(), "{said}");
    // From 0, nothing is left to attack, to 10. Without the hardening it is 9.2.
    let security =
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "./vitte-registry.service"];
    let (is_hardened, said) = judged(&sandbox, &security);
    assert!(is_hardened, "{said}");
    sandbox.write("vitte-registry.service", unit.replace("[Service]", "[Service]\nProtectSistem=strict"));
    let (_, said) = judged(&sandbox, &verify);
    assert!(said.contains("ProtectSistem"), "a mistake is found: {said}");
}

#[test]
fn nginx_understands_its_configuration() {
    if !has_program("nginx") || !has_program("openssl") {
        return;
    }
    let sandbox = Sandbox::new();
    let folder = sandbox.path().display().to_string();
    let certificate = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                       -subj /CN=registry.example -keyout key.pem -out chain.pem";
    let arguments: Vec<_> = ["openssl"].into_iter().chain(certificate.split_whitespace()).collect();
    assert!(judged(&sandbox, &arguments).0);
    let site = example("nginx.conf").replace("/etc/ssl/registry.example", &folder);
    sandbox.write("site.conf", &site);
    let main = format!(
        "pid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\ninclude {folder}/site.conf;\n}}\n"
    );
    sandbox.write("main.conf", main);
    let configuration = format!("{folder}/main.conf");
    let test = ["nginx", "-t", "-p", &folder, "-c", &configuration];
    let (is_right, said) = judged(&sandbox, &test);
    assert!(is_right && !said.contains("[warn]"), "{said}");
    sandbox.write("site.conf", site.replace("proxy_pass", "proxy_pas"));
    assert!(!judged(&sandbox, &test).0, "a mistake is found");
}

#[test]
fn what_the_examples_set_are_settings() {
    let sandbox = Sandbox::new();
    let readme = example("README.md");
    let settings = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    sandbox.write("data/vitte-registry.toml", settings);
    let shown = crate::served::operated(&sandbox, &["config", "--data", "data"]);
    assert!(shown.contains("trusted-proxies = 127.0.0.1\n    data/vitte-registry.toml:3"), "{shown}");
}
