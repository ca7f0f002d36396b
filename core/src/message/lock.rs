//! Words about the lockfile.

crate::messages! { "lock";
    version(found: &str) =
        "the lockfile has format version {found}; this program reads version 1",
        "le fichier de verrouillage a le format {found} ; ce programme lit la version 1";
    version_hint() =
        "update vitte-package; the lockfile is left as it is",
        "mettre vitte-package à jour ; le fichier de verrouillage reste tel quel";
    merge() =
        "the lockfile holds the marks of an unfinished merge",
        "le fichier de verrouillage contient les marques d’une fusion inachevée";
    head() =
        "the lockfile does not begin as this program writes it",
        "le fichier de verrouillage ne commence pas comme ce programme l’écrit";
    line() =
        "this line is not valid in a lockfile",
        "cette ligne n’est pas valide dans un fichier de verrouillage";
    key_unknown(key: &str) =
        "nothing reads the key `{key}`",
        "la clé `{key}` est inconnue";
    key_order(key: &str) =
        "the key `{key}` is listed twice, or out of place",
        "la clé `{key}` est présente deux fois, ou n’est pas à sa place";
    key_missing(key: &str) =
        "the key `{key}` is missing",
        "la clé `{key}` manque";
    value(key: &str, reason: &str) =
        "the value of `{key}` cannot be read: {reason}",
        "la valeur de `{key}` est illisible : {reason}";
    value_string() =
        "it is not a string in double quotes",
        "ce n’est pas une chaîne entre guillemets doubles";
    value_number() =
        "it is not a plain whole number",
        "ce n’est pas un nombre entier";
    value_list() =
        "it is not a list of strings in the form this program writes",
        "ce n’est pas une liste de chaînes dans la forme que ce programme écrit";
    order(name: &str, version: &str) =
        "{name} {version} is not in its place: packages are sorted by name, version, kind and target",
        "{name} {version} n’est pas à sa place : les paquets sont triés par nom, version, type et cible";
    twice(name: &str, version: &str) =
        "{name} {version} is listed twice",
        "{name} {version} est présent deux fois";
    list_order(key: &str) =
        "`{key}` is not sorted, or holds something twice",
        "`{key}` n’est pas trié, ou contient un doublon";
    dependency_unknown(dependency: &str) =
        "`{dependency}` is not in the lockfile",
        "`{dependency}` n’est pas dans le fichier de verrouillage";
    dependency_form(dependency: &str, canonical: &str) =
        "`{dependency}` should be written `{canonical}`",
        "`{dependency}` devrait s’écrire `{canonical}`";
    dependencies_differ(name: &str, version: &str) =
        "two artifacts of {name} {version} have different dependencies",
        "deux artefacts de {name} {version} ont des dépendances différentes";
    unreachable(name: &str, version: &str) =
        "nothing needs {name} {version}",
        "rien n’a besoin de {name} {version}";
    json() =
        "this vitte.lock is a JSON document, as the Vitte language's own tool writes it; it is left as it is",
        "ce vitte.lock est un document JSON, tel que l’écrit l’outil du langage Vitte ; il reste tel quel";
    json_hint() =
        "if that tool no longer needs it, move it away, then lock: mv vitte.lock vitte.lock.json && vitte package lock",
        "si cet outil n’en a plus besoin, le déplacer, puis verrouiller : mv vitte.lock vitte.lock.json && vitte package lock";
    empty() =
        "the lockfile is empty",
        "le fichier de verrouillage est vide";
    hint_restore() =
        "restore it: git checkout -- vitte.lock; or remove it to choose every version anew: rm vitte.lock && vitte package lock",
        "le restaurer : git checkout -- vitte.lock ; ou le supprimer pour choisir de nouveau toutes les versions : rm vitte.lock && vitte package lock";
    hint_salvage() =
        "to write it again and keep its versions: vitte package lock",
        "pour le réécrire en gardant ses versions : vitte package lock";
    stale_version(name: &str, locked: &str, now: &str) =
        "{name} is {now} and the lockfile has {locked}",
        "{name} est en {now} et le fichier de verrouillage a {locked}";
    stale_absent(name: &str) =
        "{name} is not in the lockfile",
        "{name} n’est pas dans le fichier de verrouillage";
    stale_requirement(name: &str, dependency: &str, requirement: &str) =
        "{name} wants {dependency} {requirement}, and the lockfile has no such release for it",
        "{name} demande {dependency} {requirement}, et le fichier de verrouillage n’a pas de version qui convienne";
    stale_extra(name: &str, dependency: &str) =
        "{name} no longer wants {dependency}, and the lockfile has it",
        "{name} ne demande plus {dependency}, et le fichier de verrouillage l’a encore";
    stale_registry(name: &str, locked: &str, now: &str) =
        "{name} is locked from {locked} and its namespace belongs to {now}",
        "{name} est verrouillé depuis {locked} et son espace de noms appartient à {now}";
    stale_no_registry(name: &str) =
        "no registry is configured for `{name}`",
        "aucun registre n’est configuré pour {name}";
    stale_hint() =
        "vitte package lock",
        "vitte package lock";
    tree_changed(name: &str, version: &str, locked: &str, found: &str) =
        "{name} {version} is locked as {locked} and the registry has {found}",
        "{name} {version} est verrouillé comme {locked} et le registre a {found}";
    signers_changed(name: &str, version: &str, before: &str, after: &str) =
        "{name} {version} was signed by {before} and is signed by {after}",
        "{name} {version} était signé par {before} et l’est maintenant par {after}";
    signers_none() =
        "nobody",
        "personne";
    registry_changed(name: &str, locked: &str, now: &str) =
        "{name} is locked from the registry {locked} and would be taken from {now}",
        "{name} est verrouillé depuis le registre {locked} et viendrait de {now}";
    registry_changed_hint(name: &str) =
        "if it has moved: remove the tables of {name} from vitte.lock, and lock again",
        "s’il a changé de registre : supprimer les tables de {name} dans vitte.lock, puis verrouiller de nouveau";
    signers_hint(namespace: &str) =
        "see what changed: vitte package namespace show {namespace}",
        "voir ce qui a changé : vitte package namespace show {namespace}";
    tree_hint() =
        "see who changed vitte.lock: git log -p vitte.lock",
        "voir qui a changé vitte.lock : git log -p vitte.lock";
}
