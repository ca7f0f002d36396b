//! Words about holding what is locked and installed against what its registries say today.

vitte_package_core::messages! { "audit";
    good(releases: usize) =
        [releases: "{releases} release in use: nothing found", "{releases} releases in use: nothing found"],
        [releases: "{releases} version utilisée : rien à signaler", "{releases} versions utilisées : rien à signaler"];
    found(releases: usize, kinds: &str) =
        [releases: "{releases} release in use: {kinds}", "{releases} releases in use: {kinds}"],
        [releases: "{releases} version utilisée : {kinds}", "{releases} versions utilisées : {kinds}"];
    kind_revoked(count: usize) =
        "{count} signed by a revoked key",
        [count: "{count} signée par une clé révoquée", "{count} signées par une clé révoquée"];
    kind_yanked(count: usize) =
        "{count} yanked",
        [count: "{count} retirée", "{count} retirées"];
    kind_deprecated(count: usize) =
        "{count} deprecated",
        [count: "{count} dépréciée", "{count} dépréciées"];
    kind_unasked(count: usize) =
        "{count} not audited",
        [count: "{count} non vérifiée", "{count} non vérifiées"];
    nothing() =
        "nothing is locked here and nothing is installed: there is nothing to audit",
        "rien n’est verrouillé ici et rien n’est installé : il n’y a rien à vérifier";
    no_lockfile(name: &str) =
        "this project has no {name}: its dependencies were not audited",
        "ce projet n’a pas de {name} : ses dépendances n’ont pas été vérifiées";
    no_lockfile_help() =
        "vitte package lock",
        "vitte package lock";
    locked(name: &str, version: &str) =
        "{name} {version}, locked",
        "{name} {version}, verrouillé";
    installed(name: &str, version: &str) =
        "{name} {version}, installed",
        "{name} {version}, installé";
    yanked(what: &str, code: &str, reason: &str) =
        "{what}: yanked ({code}): {reason}",
        "{what} : retiré ({code}) : {reason}";
    yanked_bare(what: &str, code: &str) =
        "{what}: yanked ({code})",
        "{what} : retiré ({code})";
    deprecated(what: &str, reason: &str) =
        "{what}: deprecated {reason}",
        "{what} : déprécié {reason}";
    deprecated_use(what: &str, instead: &str) =
        "{what}: deprecated, use {instead}",
        "{what} : déprécié, utiliser {instead}";
    revoked(what: &str, reason: &str) =
        "{what}: {reason}",
        "{what} : {reason}";
    update(name: &str) =
        "vitte package update {name}",
        "vitte package update {name}";
    uninstall(name: &str, version: &str) =
        "vitte package uninstall {name}@{version}",
        "vitte package uninstall {name}@{version}";
    absent(artifact: &str, registry: &str) =
        "{registry} does not show {artifact}, which it did when that was chosen",
        "{registry} ne montre pas {artifact}, alors qu’il le montrait quand cette version a été choisie";
    other_content(artifact: &str, ours: &str, theirs: &str) =
        "{artifact} is {ours} here, and {theirs} in its registry",
        "{artifact} est {ours} ici, et {theirs} dans son registre";
    other_signers(artifact: &str, ours: &str, theirs: &str) =
        "the lockfile says that {artifact} was signed by {ours}; the log says by {theirs}",
        "le fichier de verrouillage dit que {artifact} a été signé par {ours} ; le journal dit par {theirs}";
    unasked(name: &str, version: &str, registry: &str) =
        "{name} {version} comes from the registry `{registry}`, which was not checked",
        "{name} {version} vient du registre `{registry}`, qui n’a pas été interrogé";
    unasked_help() =
        "vitte package audit --registry REGISTRY",
        "vitte package audit --registry REGISTRE";
    from_file(name: &str, version: &str) =
        "{name} {version} was installed from a file: no registry can be asked about it",
        "{name} {version} a été installé depuis un fichier : aucun registre ne peut être interrogé à son sujet";
    from_file_help(name: &str, version: &str) =
        "install it from its registry: vitte package install {name}@{version}",
        "l’installer depuis son registre : vitte package install {name}@{version}";
}
