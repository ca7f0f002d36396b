//! Words about the transparency log, index files, namespaces and trust roots.

crate::messages! { "log";
    inclusion_index(index: u64, size: u64) =
        "entry {index} is outside the log, which has {size}",
        "l’entrée {index} est hors du journal, qui en a {size}";
    proof_length(hashes: u64, size: u64) =
        "a proof of {hashes} hashes has not the length that a log of {size} entries calls for",
        "une preuve de {hashes} hachages n’a pas la longueur que demande un journal de {size} entrées";
    inclusion_root(index: u64, size: u64) =
        "entry {index} is not what the log of {size} entries has there",
        "l’entrée {index} n’est pas ce que le journal de {size} entrées contient à cet endroit";
    log_shrunk(old: u64, new: u64) =
        "the log had {old} entries and has {new} now",
        "le journal avait {old} entrées et en a maintenant {new}";
    consistency_root(old: u64, new: u64) =
        "the log of {new} entries does not begin with the {old} seen before",
        "le journal de {new} entrées ne commence pas par les {old} déjà vues";
    tile_length(path: &str, expected: u64, got: u64) =
        "`{path}` has {got} bytes instead of {expected}",
        "`{path}` a {got} octets au lieu de {expected}";
    tile_missing(path: &str) =
        "`{path}` is missing",
        "`{path}` manque";
    tile_altered(path: &str) =
        "`{path}` is not part of the signed log",
        "`{path}` ne fait pas partie du journal signé";
    bundle_entries(path: &str, expected: u64, got: u64) =
        "`{path}` has {got} whole entries instead of {expected}",
        "`{path}` a {got} entrées complètes au lieu de {expected}";
    entry_length(len: u64, limit: u64) =
        "a log entry of {len} bytes is longer than {limit}",
        "une entrée du journal de {len} octets dépasse {limit}";
    log_full(limit: u64) =
        "the log has reached {limit} entries, its limit",
        "le journal a atteint {limit} entrées, sa limite";
    edge_root(size: u64, got: &str, expected: &str) =
        "the tiles of the log of {size} entries give the root {got}, signed is {expected}",
        "les tuiles du journal de {size} entrées donnent la racine {got}, celle qui est signée est {expected}";
    proof_syntax(line: u64) =
        "line {line} of the proof is malformed",
        "la ligne {line} de la preuve est mal formée";
    proof_no_leaf() =
        "the proof does not say what it proves: it has no `extra` line",
        "la preuve ne dit pas ce qu’elle prouve : elle n’a pas de ligne `extra`";

    note_length(len: u64, limit: u64) =
        "the signed note has {len} bytes; at most {limit} are allowed",
        "la note signée a {len} octets ; {limit} au plus sont autorisés";
    note_utf8() =
        "the signed note is not UTF-8",
        "la note signée n’est pas en UTF-8";
    note_control() =
        "the signed note has a control character",
        "la note signée contient un caractère de contrôle";
    note_no_signatures() =
        "the signed note does not end in an empty line and signature lines",
        "la note signée ne se termine pas par une ligne vide et des lignes de signature";
    note_signature_line() =
        "the signed note has a malformed signature line",
        "la note signée a une ligne de signature mal formée";
    note_too_many_signatures(limit: u64) =
        "the signed note has more than {limit} signature lines",
        "la note signée a plus de {limit} lignes de signature";
    note_key_name(name: &str) =
        "`{name}` cannot be the name of a key: it is empty or has a space or `+`",
        "`{name}` ne peut pas être le nom d’une clé : il est vide ou contient une espace ou `+`";
    note_vkey(vkey: &str) =
        "`{vkey}` is not a verifier key of the type needed here",
        "`{vkey}` n’est pas une clé de vérification du type demandé";
    note_weak_key(name: &str) =
        "the key `{name}` is weak or not in canonical form",
        "la clé `{name}` est faible ou n’est pas en forme canonique";
    note_signature(name: &str) =
        "the signature of `{name}` does not check",
        "la signature de `{name}` n’est pas valide";
    note_unsigned(wanted: &str) =
        "the note is not signed by `{wanted}`",
        "la note n’est pas signée par `{wanted}`";

    checkpoint_syntax(line: u64) =
        "line {line} of the checkpoint is malformed",
        "la ligne {line} du point de contrôle est mal formée";
    checkpoint_origin(got: &str, expected: &str) =
        "the checkpoint belongs to the log `{got}`, not `{expected}`",
        "le point de contrôle appartient au journal `{got}`, pas à `{expected}`";
    checkpoint_quorum(quorum: &str, seen: &str) =
        "the checkpoint lacks the witnesses of `{quorum}`; seen by: {seen}",
        "il manque au point de contrôle les témoins de `{quorum}` ; vu par : {seen}";

    policy_syntax(line: u64) =
        "line {line} of the log policy is malformed",
        "la ligne {line} de la politique du journal est mal formée";
    policy_key(line: u64, reason: &str) =
        "line {line} of the log policy: {reason}",
        "ligne {line} de la politique du journal : {reason}";
    policy_duplicate(line: u64, name: &str) =
        "line {line} of the log policy: `{name}` is listed already",
        "ligne {line} de la politique du journal : `{name}` y est déjà";
    policy_undefined(line: u64, name: &str) =
        "line {line} of the log policy: `{name}` is not defined above",
        "ligne {line} de la politique du journal : `{name}` n’est pas défini plus haut";
    policy_no_quorum() =
        "the log policy has no `quorum` line",
        "la politique du journal n’a pas de ligne `quorum`";

    leaf_syntax(line: u64) =
        "line {line} of the log entry is malformed",
        "la ligne {line} de l’entrée du journal est mal formée";
    leaf_kind(kind: &str) =
        "log entries of the kind `{kind}` are not known to this version",
        "les entrées du journal de type `{kind}` ne sont pas connues de cette version";
    leaf_envelopes(got: u64) =
        "a log entry cannot hold {got} envelopes of a line each",
        "une entrée du journal ne peut pas contenir {got} enveloppes d’une ligne chacune";
    leaf_order(index: u64) =
        "log entry {index} is not valid there: its time or `prev` contradicts the entries before it",
        "l’entrée {index} du journal n’est pas à sa place : sa date ou `prev` contredit les entrées qui la précèdent";
    leaf_mismatch(what: &str, got: &str, expected: &str) =
        "the log entry names the {what} {got}, signed is {expected}",
        "l’entrée du journal donne {got} pour {what}, mais ce qui est signé est {expected}";

    trust_root_malformed(reason: &str) =
        "the trust root contradicts itself: {reason}",
        "la racine de confiance se contredit : {reason}";
    trust_root_version() =
        "versions count from 1, and all but the first name the one before",
        "les versions comptent à partir de 1, et toutes sauf la première nomment la précédente";
    trust_root_threshold(threshold: u64, keys: u64) =
        [keys: "a threshold of {threshold} cannot be met by {keys} key", "a threshold of {threshold} cannot be met by {keys} keys"],
        [keys: "un seuil de {threshold} ne peut pas être atteint par {keys} clé", "un seuil de {threshold} ne peut pas être atteint par {keys} clés"];
    trust_root_log(origin: &str) =
        "it needs log keys, all of them named `{origin}`",
        "il lui faut des clés de journal, toutes nommées `{origin}`";
    trust_root_index(name: &str) =
        "it needs index keys, all of them named `{name}`",
        "il lui faut des clés d’index, toutes nommées `{name}`";
    trust_root_pin(got: &str, expected: &str) =
        "the registry's trust root is {got}, pinned is {expected}",
        "la racine de confiance du registre est {got}, celle qui est épinglée est {expected}";
    trust_root_rollback(known: u64, got: u64) =
        "trust root {got} does not follow the known {known}",
        "la racine de confiance {got} ne suit pas celle qui est connue, {known}";
    trust_root_prev(version: u64) =
        "trust root {version} does not name the one before it",
        "la racine de confiance {version} ne nomme pas la précédente";
    trust_root_overlap(version: u64) =
        "trust root {version} has no log key or no index key in common with the one before it",
        "la racine de confiance {version} n’a aucune clé de journal ou d’index en commun avec la précédente";
    registry_mismatch(got: &str, expected: &str) =
        "it is meant for the registry `{got}`, not for `{expected}`",
        "c’est pour le registre `{got}`, pas pour `{expected}`";

    namespace_malformed(reason: &str) =
        "the namespace record contradicts itself: {reason}",
        "l’enregistrement de l’espace de noms se contredit : {reason}";
    namespace_keys(keys: u64, limit: u64) =
        "it has {keys} keys; 1 to {limit} are allowed",
        "il a {keys} clés ; de 1 à {limit} sont autorisées";
    namespace_key_twice() =
        "a key is listed twice",
        "une clé y est présente deux fois";
    namespace_threshold(role: &str, needed: u64, there: u64) =
        [there: "a threshold of {needed} for `{role}` cannot be met by {there} key", "a threshold of {needed} for `{role}` cannot be met by {there} keys"],
        [there: "un seuil de {needed} pour `{role}` ne peut pas être atteint par {there} clé", "un seuil de {needed} pour `{role}` ne peut pas être atteint par {there} clés"];
    namespace_pattern(pattern: &str) =
        "`{pattern}` is neither `*` nor the name of a package without its namespace",
        "`{pattern}` n’est ni `*` ni le nom d’un paquet sans son espace de noms";
    namespace_prev(seq: u64) =
        "record {seq}: all records but the first name the one before",
        "enregistrement {seq} : tous les enregistrements sauf le premier nomment le précédent";
    namespace_file(line: u64) =
        "line {line} of the namespace file is malformed",
        "la ligne {line} du fichier de l’espace de noms est mal formée";
    namespace_chain(namespace: &str, reason: &str) =
        "the records of the namespace `{namespace}` do not form a chain: {reason}",
        "les enregistrements de l’espace de noms `{namespace}` ne forment pas une chaîne : {reason}";
    chain_namespace(other: &str) =
        "one is of `{other}`",
        "l’un d’eux appartient à `{other}`";
    chain_seq(got: u64, expected: u64) =
        "record {got} is in the place of record {expected}",
        "l’enregistrement {got} est à la place de l’enregistrement {expected}";
    chain_prev(seq: u64) =
        "record {seq} does not name the one before it",
        "l’enregistrement {seq} ne nomme pas le précédent";
    chain_order(seq: u64) =
        "record {seq} is not later in the log than the one before it",
        "l’enregistrement {seq} n’est pas plus loin dans le journal que le précédent";
    chain_revocation(key: &str) =
        "the revocation of {key} was dropped or moved to later",
        "la révocation de {key} a été supprimée ou repoussée";
    chain_stranger(seq: u64) =
        "record {seq} is not signed by any key of the one before it",
        "l’enregistrement {seq} n’est signé par aucune clé du précédent";
    namespace_not_in_force(namespace: &str, at: u64) =
        "the namespace `{namespace}` has no record before log entry {at}",
        "l’espace de noms `{namespace}` n’a pas d’enregistrement avant l’entrée {at} du journal";
    namespace_not_authorised(package: &str, at: u64, signers: &str) =
        "no key that may sign for `{package}` at log entry {at} has signed; signers: {signers}",
        "aucune clé autorisée à signer pour `{package}` à l’entrée {at} du journal n’a signé ; signataires : {signers}";
    namespace_revoked(key: &str, since: u64, at: u64) =
        "the key {key} is revoked since log entry {since}; this was signed at {at}",
        "la clé {key} est révoquée depuis l’entrée {since} du journal ; ceci a été signé à l’entrée {at}";
    namespace_policy(policy: &str) =
        "the namespace's policy `{policy}` asks for an attested workflow, which cannot be checked here",
        "la politique `{policy}` de l’espace de noms demande un processus attesté, qui ne peut pas être vérifié ici";

    index_empty() =
        "it is empty",
        "elle est vide";
    index_line_length(limit: u64) =
        "it is longer than {limit} bytes",
        "elle dépasse {limit} octets";
    index_order(log: u64) =
        "log entry {log} is out of order or beyond the log",
        "l’entrée {log} du journal est dans le désordre ou au-delà du journal";
    index_build_metadata(version: &str, other: &str) =
        "{version} differs from {other} in build metadata only",
        "{version} ne diffère de {other} que par les métadonnées de construction";
    index_twice(version: &str, kind: &str, target: &str) =
        "{version} {kind} {target} is listed twice",
        "{version} {kind} {target} y est présent deux fois";
    index_disagree(version: &str) =
        "the artifacts of {version} differ in manifest, dependencies or features",
        "les artefacts de {version} diffèrent par le manifeste, les dépendances ou les fonctionnalités";
    index_note(reason: &str) =
        "the index file is not signed by the registry: {reason}",
        "le fichier d’index n’est pas signé par le registre : {reason}";
    index_version(version: u64) =
        "the index file is of form {version}; this version reads form 1",
        "le fichier d’index est au format {version} ; cette version lit le format 1";
    index_package(got: &str, expected: &str) =
        "the index file belongs to `{got}`, not `{expected}`",
        "le fichier d’index appartient à `{got}`, pas à `{expected}`";
    index_line(line: u64, reason: &str) =
        "line {line} of the index file: {reason}",
        "ligne {line} du fichier d’index : {reason}";

    bundle_malformed(reason: &str) =
        "the stapled proofs are malformed: {reason}",
        "les preuves jointes sont mal formées : {reason}";
    bundle_version(version: u64) =
        "they are of form {version}; this version reads form 1",
        "elles sont au format {version} ; cette version lit le format 1";
    bundle_no_trust_root() =
        "they have no trust root",
        "elles n’ont pas de racine de confiance";
    bundle_checkpoints() =
        "they are against several checkpoints",
        "elles se réfèrent à plusieurs points de contrôle";
}
