//! Words about looking around and looking after: registries, programs run once, copies, cache, settings, health.

vitte_package_core::messages! { "maintenance";
    search_unlisted(registry: &str) =
        "{registry} cannot be searched: it is no folder of this machine, and has no server that answers searches",
        "impossible de chercher dans {registry} : ce n’est pas un dossier de cette machine, et aucun serveur n’y répond aux recherches";
    search_unlisted_help() =
        "name the package in full: vitte package info NAMESPACE/NAME; or search a copy of the registry: --registry FOLDER",
        "donner le nom entier du paquet : vitte package info ESPACE/NOM ; ou chercher dans une copie du registre : --registry DOSSIER";
    search_said_by(server: &str) =
        "according to {server}, unverified",
        "selon {server}, non vérifié";
    search_yanked() =
        "yanked",
        "retirée";
    search_deprecated() =
        "deprecated",
        "dépréciée";
    search_nothing() =
        "nothing found",
        "aucun résultat";
    search_hint(name: &str) =
        "vitte package info {name}",
        "vitte package info {name}";
    info_headline(package: &str, version: &str) =
        "{package} {version}",
        "{package} {version}";
    info_from(registry: &str, log: u64, time: &str) =
        "published {time} in {registry}, log entry {log}",
        "publié {time} dans {registry}, entrée {log} du journal";
    info_place(place: &str) =
        "read from {place}",
        "lu depuis {place}";
    info_signed(signers: &str) =
        "signed by {signers}",
        "signé par {signers}";
    info_artifact(kind: &str, target: &str, files: u64, unpacked: &str, size: &str) =
        [files: "{kind} for {target}: {files} file, {unpacked}; {size} to fetch", "{kind} for {target}: {files} files, {unpacked}; {size} to fetch"],
        [files: "{kind} pour {target} : {files} fichier, {unpacked} ; {size} à télécharger", "{kind} pour {target} : {files} fichiers, {unpacked} ; {size} à télécharger"];
    info_tree(tree: &str) =
        "tree {tree}",
        "arbre {tree}";
    info_license(license: &str) =
        "licence {license}",
        "licence {license}";
    info_repository(address: &str) =
        "sources {address}",
        "sources {address}";
    info_said_by_server(text: &str) =
        "according to the server, unverified: {text}",
        "selon le serveur, non vérifié : {text}";
    info_keywords(keywords: &str) =
        "keywords {keywords}",
        "mots-clés {keywords}";
    info_homepage(address: &str) =
        "homepage {address}",
        "page d’accueil {address}";
    info_documentation(address: &str) =
        "documentation {address}",
        "documentation {address}";
    info_dependents(count: u64) =
        "dependents: {count}",
        "dépendants : {count}";
    info_edition(edition: &str) =
        "edition {edition}",
        "édition {edition}";
    info_needs(dependency: &str) =
        "needs {dependency}",
        "demande {dependency}";
    info_features(features: &str) =
        "features: {features}",
        "fonctionnalités : {features}";
    info_versions(versions: &str) =
        "versions: {versions}",
        "versions : {versions}";
    info_yanked(version: &str) =
        "{version} (yanked)",
        "{version} (retirée)";
    info_optional() =
        "optional",
        "facultatif";
    info_build() =
        "to build",
        "pour construire";
    info_more(count: usize) =
        "and {count} more",
        "et {count} de plus";
    info_deprecated(text: &str) =
        "deprecated: {text}",
        "déprécié : {text}";
    info_deprecated_use(instead: &str) =
        "deprecated: use {instead}",
        "déprécié : utiliser {instead}";
    info_status(text: &str) =
        "withdrawn: {text}",
        "retiré : {text}";
    exec_none(release: &str) =
        "{release} has no program for this machine",
        "{release} n’a pas de programme pour cette machine";
    exec_no_such(release: &str, program: &str) =
        "{release} has no program `{program}`",
        "{release} n’a pas de programme `{program}`";
    exec_several(release: &str) =
        "{release} has several programs: choose one with --bin",
        "{release} a plusieurs programmes : en choisir un avec --bin";
    exec_there(programs: &str) =
        "it has: {programs}",
        "il a : {programs}";
    vendor_taken(folder: &str) =
        "the folder {folder} is there already and was not made by `vitte package vendor`",
        "le dossier {folder} existe déjà et n’a pas été créé par `vitte package vendor`";
    vendor_question(count: usize, folder: &str) =
        [count: "{count} file in {folder} was changed since it was copied; replace it?", "{count} files in {folder} were changed since they were copied; replace them?"],
        [count: "{count} fichier de {folder} a été modifié depuis sa copie ; le remplacer ?", "{count} fichiers de {folder} ont été modifiés depuis leur copie ; les remplacer ?"];
    vendor_changed(path: &str) =
        "changed: {path}",
        "modifié : {path}";
    vendor_kept() =
        "nothing was changed",
        "rien n’a été modifié";
    vendor_more(count: usize) =
        "and {count} more",
        "et {count} de plus";
    vendored(count: usize, folder: &str) =
        [count: "copied {count} package to {folder}", "copied {count} packages to {folder}"],
        [count: "{count} paquet copié dans {folder}", "{count} paquets copiés dans {folder}"];
    cache_pruned(count: usize, size: &str) =
        [count: "deleted {count} file that was not written lately, {size}", "deleted {count} files that were not written lately, {size}"],
        [count: "{count} fichier ancien supprimé, {size}", "{count} fichiers anciens supprimés, {size}"];
    cache_verified(count: usize, bad: usize) =
        [count: "looked at {count} archive and deleted {bad} that are not what their names say", "looked at {count} archives and deleted {bad} that are not what their names say"],
        [count: "{count} archive examinée, {bad} supprimées car différentes de ce que dit leur nom", "{count} archives examinées, {bad} supprimées car différentes de ce que dit leur nom"];
    config_unset() =
        "(not set)",
        "(non défini)";
    config_default() =
        "default",
        "par défaut";
    config_overrides(value: &str, origin: &str) =
        "overrides {value} ({origin})",
        "remplace {value} ({origin})";
    config_unknown(key: &str) =
        "there is no setting `{key}`",
        "le réglage `{key}` n’existe pas";
    config_keys(keys: &str) =
        "there are: {keys}",
        "il y a : {keys}";
    config_wrote(key: &str, value: &str, file: &str) =
        "{key} = \"{value}\" in {file}",
        "{key} = \"{value}\" dans {file}";
    config_removed(key: &str, file: &str) =
        "Removed {key} from {file}",
        "{key} supprimé de {file}";
    config_not_set(key: &str) =
        "{key} is not set in your configuration; nothing to do",
        "{key} n’est pas défini dans votre configuration ; rien à faire";
    config_no_folder() =
        "there is no folder for the user's configuration",
        "il n’y a pas de dossier pour la configuration de l’utilisateur";
    doctor_good() =
        "all is well",
        "tout va bien";
    doctor_found(count: usize) =
        [count: "{count} thing needs attention", "{count} things need attention"],
        [count: "{count} point demande votre attention", "{count} points demandent votre attention"];
    doctor_home(path: &str) =
        "home: {path}",
        "dossier de Vitte : {path}";
    doctor_home_read_only(path: &str) =
        "home: {path} cannot be written: nothing can be installed",
        "dossier de Vitte : impossible d’écrire dans {path} : rien ne peut être installé";
    doctor_home_not_made(path: &str, above: &str) =
        "home: {path} does not exist, and {above} cannot be written",
        "dossier de Vitte : {path} n’existe pas, et {above} est en lecture seule";
    doctor_home_help() =
        "VITTE_HOME=/another/folder chooses another home",
        "VITTE_HOME=/un/autre/dossier choisit un autre dossier";
    doctor_folder_read_only(path: &str) =
        "home: {path} cannot be written by this user",
        "dossier de Vitte : cet utilisateur ne peut pas écrire dans {path}";
    doctor_folder_read_only_help(path: &str) =
        "sudo chown -R \"$(id -un)\" {path}",
        "sudo chown -R \"$(id -un)\" {path}";
    doctor_group_writable(path: &str, mode: &str) =
        "home: the group may write to {path}: its mode is {mode}",
        "dossier de Vitte : le groupe peut écrire dans {path} : son mode est {mode}";
    doctor_group_writable_help(path: &str) =
        "chmod g-w {path}",
        "chmod g-w {path}";
    doctor_noexec(path: &str) =
        "programs: the file system of {path} does not allow programs to run (mount option noexec)",
        "programmes : le système de fichiers de {path} ne permet pas d’exécuter des programmes (option de montage noexec)";
    doctor_clock_early(time: &str) =
        "clock: it is {time} by the clock of this machine, which is too early",
        "horloge : il est {time} à l’horloge de cette machine, ce qui est trop tôt";
    doctor_clock_behind(time: &str, seen: &str) =
        "clock: it is {time} by the clock of this machine, but {seen} was seen before",
        "horloge : il est {time} à l’horloge de cette machine, alors que {seen} a déjà été vu";
    doctor_clock_help() =
        "set the clock: certificates and the minimum age of releases depend on it",
        "régler l’horloge : les certificats et l’âge minimal des versions en dépendent";
    doctor_config(count: usize) =
        [count: "configuration: {count} setting", "configuration: {count} settings"],
        [count: "configuration : {count} réglage", "configuration : {count} réglages"];
    doctor_path(path: &str) =
        "programs: {path} is in PATH",
        "programmes : {path} est dans PATH";
    doctor_path_missing(path: &str) =
        "programs: {path} is not in PATH",
        "programmes : {path} n’est pas dans PATH";
    doctor_path_help(path: &str) =
        "export PATH=\"{path}:$PATH\"",
        "export PATH=\"{path}:$PATH\"";
    doctor_generation(number: u32, releases: usize) =
        [releases: "installs: generation {number} is active, with {releases} release", "installs: generation {number} is active, with {releases} releases"],
        [releases: "installations : la génération {number} est active, avec {releases} version", "installations : la génération {number} est active, avec {releases} versions"];
    doctor_missing(name: &str, version: &str) =
        "installs: {name} {version} is not in the store",
        "installations : {name} {version} n’est pas dans le magasin";
    doctor_shim(program: &str) =
        "programs: the command of {program} is missing",
        "programmes : la commande de {program} manque";
    doctor_shim_stale(program: &str, home: &str) =
        "programs: the command of {program} does not run what is installed in {home}; the home may have been moved",
        "programmes : la commande de {program} ne lance pas ce qui est installé dans {home} ; le dossier a peut-être été déplacé";
    doctor_shim_not_ours(program: &str) =
        "programs: another file has the name of the command of {program}",
        "programmes : un autre fichier porte le nom de la commande de {program}";
    doctor_shadow(text: &str) =
        "programs: {text}",
        "programmes : {text}";
    doctor_shim_help(number: u32) =
        "vitte package rollback {number}",
        "vitte package rollback {number}";
    doctor_unfinished(count: usize) =
        [count: "store: {count} unfinished folder of a process that is gone", "store: {count} unfinished folders of processes that are gone"],
        [count: "magasin : {count} dossier inachevé d’un processus disparu", "magasin : {count} dossiers inachevés de processus disparus"];
    doctor_unfinished_help() =
        "vitte package doctor --fix",
        "vitte package doctor --fix";
    doctor_store(count: usize) =
        [count: "store: {count} package", "store: {count} packages"],
        [count: "magasin : {count} paquet", "magasin : {count} paquets"];
    doctor_registry(name: &str, entries: u64) =
        [entries: "registry: {name} is in order, {entries} log entry", "registry: {name} is in order, {entries} log entries"],
        [entries: "registre : {name} est en ordre, {entries} entrée du journal", "registre : {name} est en ordre, {entries} entrées du journal"];
    doctor_registry_named(name: &str, entries: u64, table: &str) =
        [entries: "registry: {name} is in order, {entries} log entry (`{table}` in vitte.toml)", "registry: {name} is in order, {entries} log entries (`{table}` in vitte.toml)"],
        [entries: "registre : {name} est en ordre, {entries} entrée du journal (`{table}` dans vitte.toml)", "registre : {name} est en ordre, {entries} entrées du journal (`{table}` dans vitte.toml)"];
    doctor_registry_unused(what: &str) =
        "registry: {what}",
        "registre : {what}";
    doctor_no_registry() =
        "registry: none is configured",
        "registre : aucun n’est configuré";
    doctor_registry_bad(name: &str, reason: &str) =
        "registry: {name}: {reason}",
        "registre : {name} : {reason}";
    doctor_releases(count: usize) =
        [count: "releases: {count} in use, neither yanked nor signed by a revoked key", "releases: {count} in use, none of them yanked or signed by a revoked key"],
        [count: "versions : {count} utilisée, ni retirée ni signée par une clé révoquée", "versions : {count} utilisées, aucune retirée ni signée par une clé révoquée"];
    doctor_release(what: &str) =
        "releases: {what}",
        "versions : {what}";
    doctor_unasked(count: usize) =
        [count: "releases: {count} in use was not checked for yanks and revoked keys", "releases: {count} in use were not checked for yanks and revoked keys"],
        [count: "versions : {count} utilisée, dont le retrait et la révocation des clés n’ont pas été vérifiés", "versions : {count} utilisées, dont le retrait et la révocation des clés n’ont pas été vérifiés"];
    doctor_unasked_help() =
        "vitte package audit",
        "vitte package audit";
    doctor_keys(count: usize) =
        "keys: {count}",
        "clés : {count}";
}
