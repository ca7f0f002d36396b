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
    ends_early() =
        "the delta ends early",
        "le delta est incomplet";
    not_used(package: &str, reason: &str) =
        "the delta to {package} is not used: {reason}",
        "le delta de {package} n’est pas utilisé : {reason}";
    other_release() =
        "it leads to another release than the one that is wanted",
        "il mène à une autre version que celle qui est demandée";
    offered(package: &str, from: &str, to: &str, len: &str, whole: &str) =
        "{package} {from} to {to}: {len} instead of {whole}",
        "{package} {from} à {to} : {len} au lieu de {whole}";
    offered_in_all(made: usize, kept: usize) =
        [made: "made {made} delta, {kept} there already", "made {made} deltas, {kept} there already"],
        [made: "{made} delta fait, {kept} déjà présents", "{made} deltas faits, {kept} déjà présents"];
    offered_unfit(count: usize) =
        [count: "{count} would save too little and was not kept", "{count} would save too little and were not kept"],
        [count: "{count} ferait gagner trop peu et n’a pas été gardé", "{count} feraient gagner trop peu et n’ont pas été gardés"];
    offered_removed(count: usize) =
        [count: "removed {count} that led to an older release", "removed {count} that led to older releases"],
        [count: "{count} qui menait à une version plus ancienne a été supprimé", "{count} qui menaient à des versions plus anciennes ont été supprimés"];
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
