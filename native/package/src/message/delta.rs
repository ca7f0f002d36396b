//! Words of the commands about deltas.

vitte_package_core::messages! { "delta-files";
    two_packages(old: &str, new: &str) =
        "a delta leads from one version of a package to another, and these are two packages: {old} and {new}",
        "un delta mène d’une version d’un paquet à une autre, et ce sont deux paquets : {old} et {new}";
    same_files() =
        "both packages have the same files: there is nothing to make a delta of",
        "les deux paquets ont les mêmes fichiers : il n’y a pas de delta à faire";
    section_not_carried(section: &str) =
        "the newer package has files in the section `{section}`, and a delta carries none of a deferred section: update with `vitte package update`",
        "le nouveau paquet a des fichiers dans la section `{section}`, et un delta n’en contient pas d’une section différée : mettre à jour avec `vitte package update`";
    made(file: &str, len: &str, percent: &str, full: &str) =
        "wrote {file}: {len}, {percent} % of the {full} of the whole package",
        "{file} écrit : {len}, {percent} % des {full} du paquet entier";
    applied(file: &str, tree: &str) =
        "wrote {file}: {tree}",
        "{file} écrit : {tree}";
    leads(from: &str, to: &str) =
        "from {from}\nto   {to}",
        "de  {from}\nà   {to}";
    patches(count: u64, raw: &str, stored: &str) =
        [count: "{count} patch of {stored} gives {raw} of changed files", "{count} patches of {stored} give {raw} of changed files"],
        [count: "{count} correctif de {stored} donne {raw} de fichiers modifiés", "{count} correctifs de {stored} donnent {raw} de fichiers modifiés"];
    head_patch(stored: &str) =
        "the new list of files: {stored}",
        "la nouvelle liste de fichiers : {stored}";
    signed(count: u64) =
        [count: "{count} signature of the newer release, not checked here", "{count} signatures of the newer release, not checked here"],
        [count: "{count} signature de la nouvelle version, non vérifiée ici", "{count} signatures de la nouvelle version, non vérifiées ici"];
}
