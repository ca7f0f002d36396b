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
    copy_records_ahead(namespace: &str, log_size: u64, size: u64) =
        "this copy of the registry is not complete: its records of the namespace `{namespace}` belong to a log of {log_size} entries, its checkpoint has {size}",
        "cette copie du registre est incomplète : ses enregistrements de l’espace de noms `{namespace}` appartiennent à un journal de {log_size} entrées, son point de contrôle en a {size}";
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

    registry_older(entries: u64, signed: u64) =
        "it has {entries} entries, and the log key has signed {signed}: it is an older copy",
        "il a {entries} entrées, et la clé du journal en a signé {signed} : c’est une copie plus ancienne";
    registry_not_from_log(path: &str) =
        "`{path}` is not what follows from the log",
        "`{path}` n’est pas ce qui découle du journal";
    registry_superseded_help(path: &str) =
        "remove `{path}`: a newer file has taken its place",
        "supprimer `{path}` : un fichier plus récent l’a remplacé";
    registry_root(size: u64, got: &str, expected: &str) =
        "the {size} entries of the log have the root {got}, signed is {expected}",
        "les {size} entrées du journal ont la racine {got}, celle qui est signée est {expected}";
    duplicate_release(artifact: &str, first: u64, second: u64) =
        "{artifact} was logged twice, at {first} and {second}",
        "{artifact} est deux fois dans le journal, à l’entrée {first} et à l’entrée {second}";
    index_artifacts(got: u64, expected: u64) =
        "the index file has {got} artifacts, the log {expected}",
        "le fichier d’index a {got} artefacts, le journal {expected}";
    index_ahead(package: &str, log_size: u64, size: u64) =
        "the index file of `{package}` is of a log of {log_size} entries; the checkpoint has {size}",
        "le fichier d’index de `{package}` est d’un journal de {log_size} entrées ; le point de contrôle en a {size}";
    clock_far(now: &str, last: &str) =
        "this machine's clock says {now}, but the last entry of the registry's log is of {last}: nothing was logged, since a wrong time would stay in the log",
        "l’horloge de cette machine indique {now}, mais la dernière entrée du journal du registre est du {last} : rien n’a été inscrit, car une date fausse resterait dans le journal";
    clock_far_help() =
        "correct the clock; if it is right, run the command again with VITTE_LOG_TIME=accept",
        "corriger l’horloge ; si elle est juste, relancer la commande avec VITTE_LOG_TIME=accept";
    version_exists(artifact: &str) =
        "{artifact} is published already, with other content",
        "{artifact} est déjà publié, avec un autre contenu";
    version_contradicts(artifact: &str, reason: &str) =
        "{artifact} contradicts what is published of that version: {reason}",
        "{artifact} contredit ce qui est publié de cette version : {reason}";
    index_full(package: &str, limit: u64) =
        "the index file of {package} would have more than {limit} bytes: it has no room left",
        "le fichier d’index de {package} aurait plus de {limit} octets : il n’y a plus de place";
    index_full_help() =
        "publish under another name: a package has room for about 10,000 releases",
        "publier sous un autre nom : un paquet a de la place pour environ 10 000 versions";
    namespace_full(namespace: &str, limit: u64) =
        "the records of {namespace} would have more than {limit} bytes: there is no room left",
        "les enregistrements de {namespace} auraient plus de {limit} octets : il n’y a plus de place";
    namespace_full_help() =
        "a record that revokes a key is still taken",
        "un enregistrement qui révoque une clé est encore accepté";
    release_long(limit: u64) =
        "its dependencies and features would take up more than {limit} bytes of the index",
        "ses dépendances et fonctionnalités occuperaient plus de {limit} octets de l’index";
    raise_version() =
        "raise `version` in vitte.toml: what is published never changes",
        "augmenter `version` dans vitte.toml : ce qui est publié ne change jamais";
    dependency_missing(package: &str, dependency: &str, requirement: &str, registry: &str) =
        "`{package}` needs `{dependency}` {requirement}, which `{registry}` does not have",
        "`{package}` a besoin de `{dependency}` {requirement}, que `{registry}` n’a pas";
    circle_help(package: &str) =
        "leave out one of these dependencies: this release of {package} could not be used",
        "supprimer l’une de ces dépendances : cette version de {package} serait inutilisable";
    publish_together() =
        "publish it first, or both together: vitte package publish A.vitmod B.vitmod",
        "la publier d’abord, ou les deux ensemble : vitte package publish A.vitmod B.vitmod";
    owners_help(namespace: &str) =
        "who may: vitte package namespace owners {namespace}",
        "qui en a le droit : vitte package namespace owners {namespace}";
    namespace_exists(namespace: &str, registry: &str) =
        "the namespace `{namespace}` exists in `{registry}`",
        "l’espace de noms `{namespace}` existe déjà dans `{registry}`";

    release_missing(release: &str, registry: &str) =
        "`{registry}` has no `{release}`",
        "`{registry}` n’a pas de `{release}`";
}
