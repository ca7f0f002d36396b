//! Words about files, folders, locks and the store of installed packages.

vitte_package_core::messages! { "store";
    read(path: &str, reason: &str) =
        "{path} cannot be read: {reason}",
        "impossible de lire {path} : {reason}";
    write(path: &str, reason: &str) =
        "{path} cannot be written: {reason}",
        "impossible d’écrire {path} : {reason}";
    create(path: &str, reason: &str) =
        "the folder {path} cannot be made: {reason}",
        "impossible de créer le dossier {path} : {reason}";
    rename(path: &str, reason: &str) =
        "{path} cannot be put in its place: {reason}",
        "impossible de mettre {path} à sa place : {reason}";
    remove(path: &str, reason: &str) =
        "{path} cannot be removed: {reason}",
        "impossible de supprimer {path} : {reason}";
    list(path: &str, reason: &str) =
        "the folder {path} cannot be listed: {reason}",
        "impossible de lister le dossier {path} : {reason}";
    lock(path: &str, reason: &str) =
        "{path} cannot be locked: {reason}",
        "impossible de verrouiller {path} : {reason}";
    run(path: &str, reason: &str) =
        "{path} cannot be run: {reason}",
        "impossible d’exécuter {path} : {reason}";
    no_space(path: &str) =
        "the disk is full: {path} cannot be written",
        "le disque est plein : impossible d’écrire {path}";
    open_folder(path: &str, mode: &str) =
        "every user may write to {path} (mode {mode}), so its content cannot be trusted",
        "tous les utilisateurs peuvent écrire dans {path} (mode {mode}) : son contenu n’est pas digne de confiance";
    open_folder_hint(path: &str) =
        "chmod o-w {path}",
        "chmod o-w {path}";
    foreign_folder(path: &str, owner: u64) =
        "{path} belongs to another user, number {owner}: what is in it is that user's",
        "{path} appartient à un autre utilisateur, le numéro {owner} : son contenu est celui de cet utilisateur";
    too_large(path: &str, limit: u64) =
        "{path} is larger than {limit} bytes",
        "{path} dépasse {limit} octets";
    encoding(path: &str) =
        "{path} is not UTF-8 text",
        "{path} n’est pas un texte en UTF-8";
    reason_not_found() =
        "there is no such file or folder",
        "aucun fichier ou dossier de ce nom";
    reason_permission() =
        "permission denied",
        "permission refusée";
    reason_read_only() =
        "the file system is read-only",
        "le système de fichiers est en lecture seule";
    reason_exists() =
        "it exists already",
        "il existe déjà";
    reason_is_folder() =
        "it is a folder",
        "c’est un dossier";
    reason_not_folder() =
        "it is not a folder",
        "ce n’est pas un dossier";
    no_locks(path: &str) =
        "the file system of {path} has no file locks",
        "le système de fichiers de {path} n’a pas de verrous";
    no_locks_help() =
        "run this on a file system with locks, such as a local disk",
        "exécuter la commande sur un système de fichiers qui a des verrous, comme un disque local";
    no_locks_word() =
        "the work goes on without; do not run two commands at the same time there",
        "le travail continue sans verrou ; ne pas lancer deux commandes en même temps à cet endroit";
    make_room() =
        "to make room: vitte package store gc --all; vitte package cache clean --yes",
        "pour libérer de la place : vitte package store gc --all && vitte package cache clean --yes";
    busy(path: &str) =
        "another process holds the lock {path}",
        "un autre processus tient le verrou {path}";
    busy_holder(path: &str, holder: &str) =
        "another process holds the lock {path}: {holder}",
        "un autre processus tient le verrou {path} : {holder}";
    damaged(path: &str, reason: &str) =
        "the store is damaged: {path}: {reason}",
        "le magasin est endommagé : {path} : {reason}";
    damaged_help(path: &str) =
        "rm -r {path}, then install again",
        "rm -r {path}, puis installer de nouveau";
    reason_no_marker() =
        "its marker is missing",
        "sa marque manque";
    reason_other_tree() =
        "it is the list of another package",
        "c’est la liste d’un autre paquet";
    reason_manifest() =
        "its manifest is not the one it was installed with",
        "son manifeste n’est pas celui avec lequel il a été installé";
    reason_other_lockfile() =
        "it is not the lockfile that was kept under this name",
        "ce n’est pas le fichier de verrouillage enregistré sous ce nom";
    reason_no_number() =
        "it does not hold the number of a generation",
        "il ne contient pas le numéro d’une génération";
    reason_newer(version: u32) =
        "it has the form {version}, which is newer than this program",
        "son format est la version {version}, plus récente que ce programme";
    program_taken(program: &str, by: &str, wanted: &str) =
        "{wanted} and {by} both provide the program `{program}`",
        "{wanted} et {by} fournissent tous deux le programme `{program}`";
    program_hides(program: &str, other: &str) =
        "the program `{program}` has the name of {other}; the one whose folder comes first in PATH is run",
        "le programme `{program}` porte le nom de {other} ; c’est celui dont le dossier vient en premier dans PATH qui est lancé";
    uninstall_help(package: &str) =
        "vitte package uninstall {package}",
        "vitte package uninstall {package}";
    shim_taken(path: &str) =
        "{path} is in the way: it was not written by vitte package",
        "{path} est dans le chemin : il n’a pas été écrit par vitte package";
    shim_taken_help(path: &str) =
        "move it elsewhere: mv {path} {path}.old",
        "le déplacer : mv {path} {path}.old";
    not_installed(package: &str) =
        "{package} is not installed",
        "{package} n’est pas installé";
    version_not_installed(package: &str, version: &str) =
        "{package} {version} is not installed",
        "{package} {version} n’est pas installé";
    versions_installed(versions: &str) =
        "installed are: {versions}",
        "versions installées : {versions}";
    list_help() =
        "vitte package list",
        "vitte package list";
    other_target(release: &str, target: &str, host: &str) =
        "{release} is built for {target}; this machine is {host}",
        "{release} est construit pour {target} ; cette machine est {host}";
    needs_dependencies(release: &str, dependencies: &str) =
        "{release} has dependencies, and there is no registry to bring them from: {dependencies}",
        "{release} a besoin d’autres paquets, et il n’y a pas de registre où les prendre : {dependencies}";
    program_missing(program: &str, path: &str) =
        "the manifest names the program `{program}`, but the package has no file {path}",
        "le manifeste nomme le programme `{program}`, mais le paquet n’a pas de fichier {path}";
    no_such_package(package: &str, registry: &str) =
        "there is no package {package} in {registry}",
        "il n’y a pas de paquet {package} dans {registry}";
    no_match(package: &str, requirement: &str) =
        "no release of {package} meets `{requirement}`",
        "aucune version de {package} ne satisfait `{requirement}`";
    versions_exist(versions: &str) =
        "there are: {versions}",
        "versions existantes : {versions}";
    all_yanked(package: &str, versions: &str, reason: &str) =
        "every release of {package} that fits was withdrawn ({versions}): {reason}",
        "toutes les versions de {package} qui conviennent ont été retirées ({versions}) : {reason}";
    no_artifact(package: &str, host: &str, targets: &str) =
        "{package} has no artifact for {host}; there are: {targets}",
        "{package} n’a pas d’artefact pour {host} ; il y a : {targets}";
    chosen(package: &str, version: &str, kind: &str, target: &str) =
        "chose {package} {version}, {kind} for {target}",
        "choisi : {package} {version}, {kind} pour {target}";
    reason_no_file() =
        "it is not a file",
        "ce n’est pas un fichier";
    reason_size(got: u64, expected: u64) =
        "it has {got} bytes instead of {expected}",
        "il a {got} octets au lieu de {expected}";
    reason_mode(got: &str, expected: &str) =
        "its permissions are {got} instead of {expected}",
        "ses permissions sont {got} au lieu de {expected}";
    reason_content(got: &str, expected: &str) =
        "its SHA-256 is {got} instead of {expected}",
        "son SHA-256 est {got} au lieu de {expected}";
    reason_foreign() =
        "it does not belong to the package",
        "il ne fait pas partie du paquet";
    tampered(count: usize) =
        [count: "{count} package in the store is not what was verified", "{count} packages in the store are not what was verified"],
        [count: "{count} paquet du magasin n’est pas ce qui a été vérifié", "{count} paquets du magasin ne sont pas ce qui a été vérifié"];
    tampered_note(path: &str, reason: &str) =
        "{path}: {reason}",
        "{path} : {reason}";
    tampered_help() =
        "vitte package store verify --fix",
        "vitte package store verify --fix";
    verified(count: usize) =
        [count: "{count} package in the store is what was verified", "{count} packages in the store are what was verified"],
        [count: "{count} paquet du magasin est ce qui a été vérifié", "{count} paquets du magasin sont ce qui a été vérifié"];
    mended(name: &str, version: &str) =
        "brought {name} {version} again",
        "{name} {version} installé de nouveau";
    discarded(tree: &str) =
        "removed {tree}: the next install that needs it brings it again",
        "{tree} supprimé : la prochaine installation qui en a besoin le rapportera";
    unreadable() =
        "(its manifest cannot be read)",
        "(son manifeste est illisible)";
    store_list(count: usize, size: &str) =
        [count: "{count} package, {size}", "{count} packages, {size}"],
        [count: "{count} paquet, {size}", "{count} paquets, {size}"];
    collected(count: usize, size: &str, kept: usize) =
        [count: "removed {count} package that nothing uses, {size}; {kept} stay", "removed {count} packages that nothing uses, {size}; {kept} stay"],
        [count: "{count} paquet inutilisé supprimé, {size} ; {kept} gardés", "{count} paquets inutilisés supprimés, {size} ; {kept} gardés"];
    would_collect(count: usize, size: &str, kept: usize) =
        [count: "would remove {count} package that nothing uses, {size}; {kept} would stay", "would remove {count} packages that nothing uses, {size}; {kept} would stay"],
        [count: "supprimerait {count} paquet inutilisé, {size} ; {kept} seraient gardés", "supprimerait {count} paquets inutilisés, {size} ; {kept} seraient gardés"];
    no_generation(number: u32) =
        "there is no generation {number}",
        "la génération {number} n’existe pas";
    no_generation_before(number: u32) =
        "there is nothing before generation {number}",
        "il n’y a rien avant la génération {number}";
    history_help() =
        "vitte package history",
        "vitte package history";
    generation_empty() =
        "nothing has been installed for this user yet",
        "rien n’a encore été installé pour cet utilisateur";
    generation_line(mark: &str, number: u32, time: &str, command: &str) =
        "{mark} {number}  {time}  {command}",
        "{mark} {number}  {time}  {command}";
    generation_active(number: u32) =
        "generation {number} is active already",
        "la génération {number} est déjà active";
    rolled_back(from: u32, to: u32) =
        "back from generation {from} to generation {to}",
        "retour de la génération {from} à la génération {to}";
    generation_incomplete(number: u32, name: &str, version: &str) =
        "generation {number} needs {name} {version}, which is not in the store any more",
        "la génération {number} a besoin de {name} {version}, qui n’est plus dans le magasin";
    install_exactly(name: &str, version: &str) =
        "vitte package install {name}@{version}",
        "vitte package install {name}@{version}";
    shim_gone(program: &str) =
        "{program} is not installed any more",
        "{program} n’est plus installé";
}
