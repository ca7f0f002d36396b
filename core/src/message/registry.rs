//! Words about registries and publishing.

crate::messages! { "registry";
    registry_file_missing(path: &str) =
        "the registry has no `{path}`",
        "le registre n’a pas de `{path}`";
    registry_file_long(path: &str, len: u64, limit: u64) =
        "the registry's `{path}` has {len} bytes; no such file has more than {limit}",
        "`{path}` du registre a {len} octets ; un tel fichier n’en a pas plus de {limit}";
    registry_other_id(got: &str, expected: &str) =
        "it belongs to registry `{got}`, not `{expected}`",
        "il appartient au registre `{got}`, pas à `{expected}`";
    registry_untrusted(id: &str) =
        "you have not trusted the registry `{id}` yet",
        "vous n’avez pas encore fait confiance au registre `{id}`";

    older_log(served: u64, seen: u64) =
        [seen: "this copy of the registry is older than what you have seen ({served} of {seen} entry)", "this copy of the registry is older than what you have seen ({served} of {seen} entries)"],
        [seen: "cette copie du registre est plus ancienne que ce que vous avez vu ({served} sur {seen} entrée)", "cette copie du registre est plus ancienne que ce que vous avez vu ({served} sur {seen} entrées)"];
    older_trust_root(seen: u64) =
        "this copy of the registry is older than what you have seen: it does not have trust root {seen}",
        "cette copie du registre est plus ancienne que ce que vous avez vu : elle n’a pas la racine de confiance {seen}";
    older_no_checkpoint() =
        "this copy of the registry has no checkpoint: it is not complete",
        "cette copie du registre n’a pas de point de contrôle : elle est incomplète";
    older_offline() =
        "with --offline, cached copies of the registry's files are used",
        "avec --offline, des copies en cache des fichiers du registre sont utilisées";
    older_lacks(older: &str, path: &str) =
        "{older}, and does not have `{path}`",
        "{older}, et n’a pas `{path}`";
    older_index(older: &str, package: &str, got: u64, seen: u64) =
        "{older}: its index of `{package}` has revision {got}, you have seen {seen}",
        "{older} : son index de `{package}` est à la révision {got}, vous avez vu la {seen}";
    older_records(older: &str, namespace: &str) =
        "{older}: it does not have all records of the namespace `{namespace}`",
        "{older} : elle n’a pas tous les enregistrements de l’espace de noms `{namespace}`";
    older_help() =
        "try again later, or use another copy of the registry",
        "réessayer plus tard, ou utiliser une autre copie du registre";
    copy_lacks(path: &str) =
        "this copy of the registry does not have `{path}`: it is not complete, or still being copied",
        "cette copie du registre n’a pas `{path}` : elle est incomplète, ou en cours de copie";
    copy_lacks_seen(path: &str) =
        "this copy of the registry does not have `{path}`, which you have seen before: it is older, or not complete",
        "cette copie du registre n’a pas `{path}`, que vous avez déjà vu : elle est plus ancienne, ou incomplète";
    copy_index_ahead(package: &str, log_size: u64, size: u64) =
        "this copy of the registry is not complete: its index of `{package}` belongs to a log of {log_size} entries, its checkpoint has {size}",
        "cette copie du registre est incomplète : son index de `{package}` appartient à un journal de {log_size} entrées, son point de contrôle en a {size}";
    trust_root_walk(limit: u64) =
        "the registry has more than {limit} trust roots that you have not seen",
        "le registre a plus de {limit} racines de confiance que vous n’avez pas vues";
    index_rollback(package: &str, got: u64, seen: u64) =
        "the registry served an older index of `{package}` (revision {got}) than one seen before (revision {seen})",
        "le registre a servi un index de `{package}` plus ancien (révision {got}) qu’un index déjà vu (révision {seen})";
    index_line_altered(artifact: &str) =
        "the index line of {artifact} is not the one that was logged",
        "la ligne d’index de {artifact} n’est pas celle qui a été inscrite dans le journal";
    namespace_forgotten(namespace: &str, seq: u64) =
        "the records of the namespace `{namespace}` do not contain record {seq}, which was seen before",
        "les enregistrements de l’espace de noms `{namespace}` ne contiennent pas l’enregistrement {seq}, déjà vu";
    same_size_other_root(size: u64) =
        "two logs of {size} entries have different roots",
        "deux journaux de {size} entrées ont des racines différentes";
    split_view(before: u64, now: u64, reason: &str) =
        "the registry's log of {now} entries contradicts the log of {before} entries seen before: {reason}",
        "le journal de {now} entrées ne concorde pas avec celui de {before} déjà vu : {reason}";

    release_missing(release: &str, registry: &str) =
        "`{registry}` has no `{release}`",
        "`{registry}` n’a pas de `{release}`";
}
