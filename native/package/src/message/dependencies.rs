//! Words about a project's dependencies: adding, locking, installing, asking about them.

vitte_package_core::messages! { "dependencies";
    not_a_dependency(name: &str) =
        "{name} is not a dependency in this manifest",
        "{name} n’est pas une dépendance de ce manifeste";
    given_address(given: &str) =
        "`{given}` is an address; packages come from registries, by name",
        "`{given}` est une adresse ; les paquets viennent de registres, par leur nom";
    given_address_help(verb: &str, given: &str) =
        "if a registry is there: vitte package {verb} NAME --registry {given}",
        "si un registre s’y trouve : vitte package {verb} NOM --registry {given}";
    given_repository_help(verb: &str) =
        "to use a copy of the sources: vitte package add NAME --path FOLDER; to use a registry: vitte package {verb} NAME --registry REGISTRY",
        "pour utiliser une copie des sources : vitte package add NOM --path DOSSIER ; pour utiliser un registre : vitte package {verb} NOM --registry REGISTRE";
    given_folder(given: &str) =
        "`{given}` is a folder, not the name of a package",
        "`{given}` est un dossier, pas le nom d’un paquet";
    given_folder_help(name: &str, given: &str) =
        "vitte package add {name} --path {given}",
        "vitte package add {name} --path {given}";
    given_tag(tag: &str) =
        "`{tag}` is not a version; the newest one that fits is chosen where none is given",
        "`{tag}` n’est pas une version ; sans version, la plus récente qui convient est choisie";
    given_tag_help(verb: &str, name: &str) =
        "vitte package {verb} {name}",
        "vitte package {verb} {name}";
    given_version(verb: &str, given: &str) =
        "`{verb}` takes the name of a package without a version, not `{given}`",
        "`{verb}` prend le nom d’un paquet sans version, pas `{given}`";
    given_version_precise(name: &str, version: &str) =
        "vitte package update {name} --precise {version}",
        "vitte package update {name} --precise {version}";
    given_version_add(given: &str) =
        "vitte package add {given}",
        "vitte package add {given}";
    given_twice(name: &str, first: &str, second: &str) =
        "{name} is given twice, as `{first}` and as `{second}`",
        "{name} est donné deux fois, comme `{first}` et comme `{second}`";
    given_twice_help(given: &str) =
        "give it once: vitte package add {given}",
        "le donner une seule fois : vitte package add {given}";
    added_next() =
        "Next: vitte package install (nothing was fetched yet)",
        "Suite : vitte package install (rien n’a encore été téléchargé)";
    own_dependency(name: &str) =
        "{name} cannot depend on itself",
        "{name} ne peut pas dépendre de lui-même";
    project_not_written_help() =
        "to fetch the packages and write nothing into the project: vitte package fetch",
        "pour télécharger les paquets sans rien écrire dans le projet : vitte package fetch";
    edit_not_written() =
        "nothing was written: the lines shown are those that this command would have written",
        "rien n’a été écrit : les lignes montrées sont celles que cette commande aurait écrites";
    not_a_table(heading: &str) =
        "`{heading}` in the manifest is not a table",
        "`{heading}` n’est pas une table dans le manifeste";
    path_other_name(name: &str, path: &str, found: &str) =
        "the dependency {name} leads to {path}, where {found} is",
        "la dépendance {name} mène à {path}, où se trouve {found}";
    path_without_project(name: &str, path: &str) =
        "the dependency {name} leads to {path}, where there is no `vitte.toml`",
        "la dépendance {name} mène à {path}, où il n’y a pas de `vitte.toml`";
    same_name(name: &str, first: &str, second: &str) =
        "two packages are called {name}: {first} and {second}",
        "deux paquets s’appellent {name} : {first} et {second}";
    no_registry(name: &str) =
        "no registry is configured for `{name}`",
        "aucun registre n’est configuré pour `{name}`";
    no_registry_known(name: &str, address: &str) =
        "to use a registry you trust: vitte package add {name} --registry {address}",
        "pour utiliser un registre de confiance : vitte package add {name} --registry {address}";
    project_pin(name: &str, id: &str, digest: &str) =
        "registry `{name}` ({id}) is trusted for this project only: vitte.toml pins its trust root sha256:{digest}",
        "le registre `{name}` ({id}) n’a la confiance que pour ce projet : vitte.toml épingle sa racine de confiance sha256:{digest}";
    project_pin_other(name: &str, id: &str, pinned: &str, known: &str) =
        "vitte.toml pins the trust root sha256:{pinned} for registry `{name}`, but you trust {id} by sha256:{known}",
        "vitte.toml épingle la racine de confiance sha256:{pinned} pour le registre `{name}`, mais vous faites confiance à {id} par sha256:{known}";
    project_pin_other_help(name: &str) =
        "ask the registry's owner which one is right, then correct `trust-root-sha256` of `{name}` in vitte.toml, or run: vitte package trust accept REGISTRY --trust-root-sha256 DIGEST",
        "demander au propriétaire du registre laquelle est la bonne, puis corriger `trust-root-sha256` de `{name}` dans vitte.toml, ou lancer : vitte package trust accept REGISTRE --trust-root-sha256 EMPREINTE";
    project_pin_help(name: &str, digest: &str) =
        "to trust it for all who work on this project, write into vitte.toml under [registries], for `{name}`: trust-root-sha256 = \"{digest}\"",
        "pour que tous ceux qui travaillent sur ce projet lui fassent confiance, écrire dans vitte.toml sous [registries], pour `{name}` : trust-root-sha256 = \"{digest}\"";
    no_registry_help() =
        "name one: --registry DIR, or in vitte.toml under [registries]: NAME = {{ directory = \"DIR\", namespaces = [\"NAMESPACE\"] }}",
        "en donner un : --registry DOSSIER, ou dans vitte.toml sous [registries] : NOM = {{ directory = \"DOSSIER\", namespaces = [\"ESPACE-DE-NOMS\"] }}";
    no_registry_help_short() =
        "name one: --registry DIR",
        "en donner un : --registry DOSSIER";
    not_in_store_tool_help() =
        "run it again without --offline",
        "relancer sans --offline";
    into_project(manifest: &str) =
        "into the project of {manifest}; --user installs for this user instead",
        "dans le projet de {manifest} ; --user installe plutôt pour cet utilisateur";
    folder_given(folder: &str) =
        "{folder} is a folder, and neither a package file nor the name of a package",
        "{folder} est un dossier, ni un fichier de paquet ni le nom d’un paquet";
    folder_given_help(folder: &str) =
        "to bring the project there to its lockfile: vitte package install --manifest {folder}",
        "pour mettre le projet de ce dossier en accord avec son fichier de verrouillage : vitte package install --manifest {folder}";
    also_installed(name: &str, version: &str, count: usize) =
        [count: "{name} {version}: also installed {count} dependency", "{name} {version}: also installed {count} dependencies"],
        [count: "{name} {version} : {count} dépendance installée aussi", "{name} {version} : {count} dépendances installées aussi"];
    offline_copies(name: &str, age: &str) =
        "{name} was not asked, because of --offline: cached copies of its index were used, the oldest from {age} ago",
        "{name} n’a pas été interrogé, à cause de --offline : des copies en cache de son index ont été utilisées, la plus ancienne d’il y a {age}";
    offline_not_held(releases: &str) =
        "not available offline: {releases}",
        "pas disponible hors ligne : {releases}";
    offline_not_held_help() =
        "run the command once without --offline, or ask for a version that is on this machine",
        "lancer la commande une fois sans --offline, ou demander une version présente sur cette machine";
    other_registry(name: &str, registry: &str, namespace: &str) =
        "{name} is to come from `{registry}`, to which the namespace `{namespace}` does not belong",
        "{name} doit venir de `{registry}`, auquel l’espace de noms `{namespace}` n’appartient pas";
    other_registry_help(registry: &str, namespace: &str) =
        "add \"{namespace}\" to the namespaces of `{registry}` under [registries]",
        "ajouter \"{namespace}\" aux espaces de noms de `{registry}` sous [registries]";
    namespace_elsewhere(name: &str, given: &str, namespace: &str, owner: &str) =
        "{name} is to come from {given}, but the manifest gives the namespace `{namespace}` to `{owner}`",
        "{name} doit venir de {given}, mais le manifeste attribue l’espace de noms `{namespace}` à `{owner}`";
    namespace_elsewhere_help(namespace: &str) =
        "leave --registry out, or take \"{namespace}\" from the namespaces of the other one under [registries]",
        "omettre --registry, ou ôter \"{namespace}\" des espaces de noms de l’autre sous [registries]";
    lock_mended(fault: &str) =
        "the lockfile is written again with the versions it has: {fault}",
        "le fichier de verrouillage est réécrit avec les versions qu’il contient : {fault}";
    lock_absent(name: &str) =
        "there is no {name}, and --locked does not allow creating one",
        "il n’y a pas de {name}, et --locked ne permet pas d’en créer un";
    lock_would_change(name: &str) =
        "{name} would change, and --locked does not allow that",
        "{name} changerait, et --locked ne le permet pas";
    locked_edit() =
        "changing dependencies changes the lockfile, and --locked does not allow that",
        "changer les dépendances change le fichier de verrouillage, et --locked ne le permet pas";
    not_locked(name: &str) =
        "{name} is not in the lockfile",
        "{name} n’est pas dans le fichier de verrouillage";
    precise_unused(name: &str, version: &str) =
        "nothing in this project can use {name} {version}",
        "rien dans ce projet ne peut utiliser {name} {version}";
    not_in_store(name: &str, version: &str) =
        "{name} {version} is not in the store, and no registry may be asked for it",
        "{name} {version} n’est pas dans le magasin, et aucun registre ne peut être interrogé";
    not_in_store_help() =
        "vitte package fetch",
        "vitte package fetch";
    links_in_the_way(path: &str) =
        "`{path}` is in the place of a link to a package, and vitte package did not make it",
        "`{path}` est à la place d’un lien vers un paquet, et n’a pas été créé par vitte package";
    links_in_the_way_help() =
        "move it away, or install without --links",
        "le déplacer, ou installer sans --links";
    locked_yanked(name: &str, version: &str, code: &str, reason: &str) =
        "{name} {version}, which is locked, was yanked ({code}): {reason}",
        "{name} {version}, qui est verrouillé, a été retiré ({code}) : {reason}";
    locked_yanked_instead(name: &str, instead: &str) =
        "its author says to use {instead}: vitte package update {name}",
        "son auteur dit d’utiliser {instead} : vitte package update {name}";
    locked_yanked_help(name: &str) =
        "vitte package update {name}",
        "vitte package update {name}";
    locked_revoked(name: &str, version: &str, fault: &str) =
        "{name} {version}, which is locked, is no longer trusted: {fault}",
        "{name} {version}, qui est verrouillé, n’a plus la confiance : {fault}";
    locked_revoked_reason(name: &str, version: &str, reason: &str, fault: &str) =
        "{name} {version}, which is locked, is no longer trusted ({reason}): {fault}",
        "{name} {version}, qui est verrouillé, n’a plus la confiance ({reason}) : {fault}";
    locked_revoked_help(name: &str) =
        "move to a release signed by another key: vitte package update {name}",
        "passer à une version signée par une autre clé : vitte package update {name}";
    deprecated(name: &str, version: &str) =
        "{name} {version} is deprecated",
        "{name} {version} est déprécié";
    deprecated_reason(name: &str, version: &str, reason: &str) =
        "{name} {version} is deprecated: {reason}",
        "{name} {version} est déprécié : {reason}";
    deprecated_instead(instead: &str) =
        "its author says to use {instead}",
        "son auteur dit d’utiliser {instead}";
    place(registry: &str, place: &str) =
        "registry `{registry}` is read from {place}",
        "le registre `{registry}` est lu depuis {place}";
    place_named(registry: &str, place: &str, name: &str) =
        "registry `{registry}` is read from {place} (`{name}` in vitte.toml)",
        "le registre `{registry}` est lu depuis {place} (`{name}` dans vitte.toml)";
    place_unused(place: &str, registry: &str, name: &str) =
        "{place} is configured and not used: vitte.toml names another place of registry `{registry}`, `{name}`",
        "{place} est configuré mais inutilisé : vitte.toml donne un autre emplacement du registre `{registry}`, `{name}`";
    status_unasked(fault: &str) =
        "not checked whether locked releases were yanked or their keys revoked: {fault}",
        "le retrait des versions verrouillées et la révocation de leurs clés n’ont pas été vérifiés : {fault}";
    wrote_line(table: &str, line: &str) =
        "[{table}] {line}",
        "[{table}] {line}";
    removed_line(table: &str, line: &str) =
        "[{table}] removed: {line}",
        "[{table}] supprimé : {line}";
    changes_summary(added: usize, updated: usize, removed: usize) =
        "{added} added, {updated} updated, {removed} removed (-v lists them all)",
        "ajouts : {added}, mises à jour : {updated}, suppressions : {removed} (-v les liste)";
    change_added(name: &str, version: &str) =
        "added {name} {version}",
        "{name} {version} ajouté";
    change_removed(name: &str, version: &str) =
        "removed {name} {version}",
        "{name} {version} supprimé";
    change_moved(name: &str, from: &str, to: &str) =
        "{name} {from} → {to}",
        "{name} {from} → {to}";
    lock_current(count: usize) =
        [count: "the lockfile is up to date: {count} package", "the lockfile is up to date: {count} packages"],
        [count: "le fichier de verrouillage est à jour : {count} paquet", "le fichier de verrouillage est à jour : {count} paquets"];
    lock_written(count: usize) =
        [count: "wrote vitte.lock: {count} package", "wrote vitte.lock: {count} packages"],
        [count: "vitte.lock écrit : {count} paquet", "vitte.lock écrit : {count} paquets"];
    tools_current() =
        "what is installed is the newest there is",
        "tout ce qui est installé est à jour";
    tools_updated(count: usize) =
        [count: "updated {count} installed package", "updated {count} installed packages"],
        [count: "{count} paquet installé mis à jour", "{count} paquets installés mis à jour"];
    mark_dev() =
        "dev",
        "dév";
    mark_build() =
        "build",
        "construction";
    mark_optional() =
        "optional",
        "facultatif";
    lock_told() =
        "nothing was written",
        "rien n’a été écrit";
    sync_nothing(count: usize) =
        [count: "nothing to do: {count} package is in place", "nothing to do: {count} packages are in place"],
        [count: "rien à faire : {count} paquet est en place", "rien à faire : {count} paquets sont en place"];
    sync_empty() =
        "nothing to install: the project needs no package of a registry",
        "rien à installer : le projet n’a besoin d’aucun paquet d’un registre";
    sync_done(unpacked: usize) =
        [unpacked: "{unpacked} package verified and unpacked", "{unpacked} packages verified and unpacked"],
        [unpacked: "{unpacked} paquet vérifié et extrait", "{unpacked} paquets vérifiés et extraits"];
    sync_done_held(unpacked: usize, held: usize) =
        [unpacked: "{unpacked} package verified and unpacked, {held} already in the store", "{unpacked} packages verified and unpacked, {held} already in the store"],
        [unpacked: "{unpacked} paquet vérifié et extrait, {held} déjà dans le magasin", "{unpacked} paquets vérifiés et extraits, {held} déjà dans le magasin"];
    saved(count: usize, fetched: &str, whole: &str) =
        [count: "{count} package came as a delta: {fetched} instead of {whole}", "{count} packages came as deltas: {fetched} instead of {whole}"],
        [count: "{count} paquet est venu sous forme de delta : {fetched} au lieu de {whole}", "{count} paquets sont venus sous forme de deltas : {fetched} au lieu de {whole}"];
    sync_held(held: usize) =
        [held: "{held} package, already in the store", "{held} packages, all already in the store"],
        [held: "{held} paquet, déjà dans le magasin", "{held} paquets, tous déjà dans le magasin"];
    ci_locked() =
        "CI detected: the lockfile will not be changed (pass --no-locked to allow it)",
        "environnement CI détecté : le fichier de verrouillage ne sera pas modifié (--no-locked le permet)";
    precise_one() =
        "--precise goes with exactly one package",
        "--precise s’utilise avec un seul paquet";
    age_syntax(given: &str) =
        "`{given}` is not an age: write a number with s, m, h or d, for example 24h, or 0",
        "`{given}` n’est pas un âge : écrire un nombre suivi de s, m, h ou d, par exemple 24h, ou 0";
    tree_again() =
        "(*)",
        "(*)";
    no_lockfile(name: &str) =
        "there is no {name} yet",
        "il n’y a pas encore de {name}";
    not_used(name: &str) =
        "the project does not use {name}",
        "le projet n’utilise pas {name}";
    why_wants(by: &str, requirement: &str) =
        "{by} wants {requirement}",
        "{by} demande {requirement}";
    why_newer(name: &str, version: &str) =
        "{name} {version} is newer; what keeps it out:",
        "{name} {version} est plus récent ; ce qui l’empêche :";
    outdated_package() =
        "package",
        "paquet";
    outdated_locked() =
        "locked",
        "verrouillée";
    outdated_wanted() =
        "wanted",
        "voulue";
    outdated_newest() =
        "newest",
        "dernière";
    outdated_note() =
        "note",
        "note";
    note_revoked() =
        "signed by a revoked key",
        "signée par une clé révoquée";
    note_yanked(code: &str) =
        "yanked ({code})",
        "retirée ({code})";
    note_deprecated() =
        "deprecated",
        "dépréciée";
    note_deprecated_use(instead: &str) =
        "deprecated, use {instead}",
        "dépréciée, utiliser {instead}";
    note_held(name: &str) =
        "see: vitte package why {name}",
        "voir : vitte package why {name}";
    note_unused() =
        "no longer needed",
        "n’est plus nécessaire";
    update_impossible(fault: &str) =
        "an update finds no solution: {fault}",
        "une mise à jour ne trouve pas de solution : {fault}";
    precise_young(name: &str, version: &str, age: &str, minimum: &str) =
        "{name} {version} was published {age} ago, and the minimum age is {minimum}",
        "{name} {version} a été publié il y a {age}, et l’âge minimal est {minimum}";
    precise_young_help() =
        "it was asked for by name: without --precise it would not be chosen",
        "cette version a été demandée nommément : sans --precise elle ne serait pas choisie";
    precise_young_refused() =
        "wait, or leave --min-age out",
        "attendre, ou omettre --min-age";
    behind_nothing() =
        "everything is the newest there is",
        "tout est à jour";
    why_newer_possible(name: &str, version: &str) =
        "{name} {version} is newer and possible: vitte package update {name}",
        "{name} {version} est plus récent et possible : vitte package update {name}";
}
