//! Words about holding what is locked and installed against what its registries say today.

vitte_package_core::messages! { "audit";
    good(releases: usize) = [releases: "{releases} release in use: nothing found", "{releases} releases in use: nothing found"];
    found(releases: usize, kinds: &str) = [releases: "{releases} release in use: {kinds}", "{releases} releases in use: {kinds}"];
    kind_revoked(count: usize) = "{count} signed by a revoked key";
    kind_yanked(count: usize) = "{count} yanked";
    kind_deprecated(count: usize) = "{count} deprecated";
    kind_unasked(count: usize) = "{count} not audited";
    nothing() = "nothing is locked here and nothing is installed: there is nothing to audit";
    no_lockfile(name: &str) = "this project has no {name}: its dependencies were not audited";
    no_lockfile_help() = "vitte package lock";
    locked(name: &str, version: &str) = "{name} {version}, locked";
    installed(name: &str, version: &str) = "{name} {version}, installed";
    yanked(what: &str, code: &str, reason: &str) = "{what}: yanked ({code}): {reason}";
    yanked_bare(what: &str, code: &str) = "{what}: yanked ({code})";
    deprecated(what: &str, reason: &str) = "{what}: deprecated {reason}";
    deprecated_use(what: &str, instead: &str) = "{what}: deprecated, use {instead}";
    revoked(what: &str, reason: &str) = "{what}: {reason}";
    update(name: &str) = "vitte package update {name}";
    uninstall(name: &str, version: &str) = "vitte package uninstall {name}@{version}";
    absent(artifact: &str, registry: &str) = "{registry} does not show {artifact}, which it did when that was chosen";
    other_content(artifact: &str, ours: &str, theirs: &str) = "{artifact} is {ours} here, and {theirs} in its registry";
    other_signers(artifact: &str, ours: &str, theirs: &str) = "the lockfile says that {artifact} was signed by {ours}; the log says by {theirs}";
    unasked(name: &str, version: &str, registry: &str) = "{name} {version} comes from the registry `{registry}`, which was not asked";
    unasked_help() = "vitte package audit --registry REGISTRY";
    from_file(name: &str, version: &str) = "{name} {version} was installed from a file: no registry can be asked about it";
    from_file_help(name: &str, version: &str) = "install it from its registry: vitte package install {name}@{version}";
}
