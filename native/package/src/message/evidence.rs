//! Words about evidence of what a registry served.

vitte_package_core::messages! { "evidence";
    help(name: &str, version: &str) = "report it: vitte package report {name}@{version}";
    written(file: &str) = "wrote {file}: what was received, what was signed, and what proves it";
    send(registry: &str, namespace: &str) = "send it to whoever runs the registry `{registry}`, and to the owners of the namespace `{namespace}`";
    check_failed(check: &str) = "what was found: {check}";
    all_good(release: &str) = "every check of {release} passed just now: what you saw may be another mirror's, or be gone";
    exists(file: &str) = "{file} is there already, and evidence is never overwritten";
    exists_help() = "give another file: --out FILE";
}
