//! What the pages of files, of the log, of namespaces, of codes and of changes say.

vitte_package_core::messages! { "site";
    files_label() =
        "Files of the package",
        "Fichiers du paquet";
    files_claim() =
        "Read from the archive by the server. Every file has the digest that the list says; whether the list is what was signed, your own tools can tell",
        "Lus dans l’archive par le serveur. Chaque fichier a l’empreinte que dit la liste ; seuls vos propres outils peuvent dire si la liste est celle qui a été signée";
    files_none_chosen() =
        "No file chosen",
        "Aucun fichier choisi";
    files_choose() =
        "Choose a file to see what is in it",
        "Choisir un fichier pour voir ce qu’il contient";
    executable() =
        "can be run",
        "exécutable";
    lines_of(count: u64, shown: &str) =
        [count: "{shown} line", "{shown} lines"],
        [count: "{shown} ligne", "{shown} lignes"];
    file_long(limit: &str) =
        "Files of more than {limit} are not shown here",
        "Les fichiers de plus de {limit} ne sont pas affichés ici";
    file_binary() =
        "This file is not text",
        "Ce fichier n’est pas du texte";
    file_damaged() =
        "The archive does not have this file as its list says",
        "L’archive n’a pas ce fichier tel que sa liste le décrit";
    file_cut() =
        "Some of this file is not shown: it has too many lines, or lines that are too long",
        "Une partie de ce fichier n’est pas affichée : il a trop de lignes, ou des lignes trop longues";
    dependents_about() =
        "Packages whose newest version depends on this one, with the versions that will do for them",
        "Paquets dont la version la plus récente dépend de celui-ci, avec les versions qui leur conviennent";
    requirement() =
        "Requirement",
        "Contrainte";
    fits_newest() =
        "Takes the newest",
        "Accepte la plus récente";
    yes() =
        "yes",
        "oui";
    no() =
        "no",
        "non";
    entry_hidden() =
        "not for you to read",
        "lecture non permise";
    entry_genesis() =
        "first entry",
        "première entrée";
    entry_trust() =
        "trust root",
        "racine de confiance";
    entry_trust_root(version: &str) =
        "trust root {version}",
        "racine de confiance {version}";
    entry_namespace() =
        "namespace",
        "espace de noms";
    entry_record(namespace: &str, number: &str) =
        "{namespace}, record {number}",
        "{namespace}, acte {number}";
    entry_release() =
        "release",
        "version";
    entry_status() =
        "status",
        "état";
    entry_title(index: &str) =
        "Entry {index}",
        "Entrée {index}";
    entry_before(index: &str) =
        "entry before, same subject: {index}",
        "entrée précédente, même sujet : {index}";
    entry_content() =
        "The entry as it was logged",
        "L’entrée telle qu’elle a été inscrite";
    entry_column() =
        "Entry",
        "Entrée";
    index_line() =
        "Index line",
        "Ligne de l’index";
    leaf_hash() =
        "Leaf hash",
        "Empreinte de la feuille";
    subject() =
        "Subject",
        "Sujet";
    time_utc() =
        "Time, UTC",
        "Heure, UTC";
    older_entries() =
        "Older entries",
        "Entrées plus anciennes";
    log_about() =
        "Every release, key and change of status of this registry is one entry in a log that can only grow",
        "Chaque version, chaque clé et chaque changement d’état de ce registre est une entrée d’un journal qui ne peut que s’allonger";
    log_claim(size: &str) =
        "{size} entries, says the server",
        "{size} entrées, d’après le serveur";
    log_claim_sentence() =
        "Whether it goes on from the log that you have seen before, only your own tools can tell",
        "Seuls vos propres outils peuvent dire s’il prolonge le journal que vous avez déjà vu";
    log_compare() =
        "Compare it with what you have seen before",
        "Le comparer à ce que vous avez déjà vu";
    log_entries() =
        "Entries, the newest first",
        "Entrées, la plus récente d’abord";
    log_root() =
        "Root",
        "Racine";
    log_origin() =
        "Signed by",
        "Signé par";
    checkpoint() =
        "Checkpoint",
        "Point de contrôle";
    entries(count: u64, shown: &str) =
        [count: "{shown} entry", "{shown} entries"],
        [count: "{shown} entrée", "{shown} entrées"];
    witnesses() =
        "Witnesses",
        "Témoins";
    witnesses_some() =
        "asked for by the trust root",
        "exigés par la racine de confiance";
    witnesses_none() =
        "none: that everyone sees this log rests on comparing checkpoints",
        "aucun : que tout le monde voie ce journal repose sur la comparaison des points de contrôle";
    proof_title() =
        "Inclusion proof",
        "Preuve d’inclusion";
    proof_about(size: &str) =
        "Joined with these hashes in turn, the leaf hash gives the root that the log has signed at {size} entries",
        "Jointe tour à tour à ces empreintes, celle de la feuille donne la racine que le journal a signée à {size} entrées";
    proof_claim() =
        "The server gives the proof; `vitte package verify` checks it",
        "Le serveur donne la preuve ; `vitte package verify` la vérifie";
    proof_step() =
        "Step",
        "Étape";
    proof_side() =
        "Side",
        "Côté";
    proof_left() =
        "left",
        "gauche";
    proof_right() =
        "right",
        "droite";
    proof_from() =
        "From entry",
        "De l’entrée";
    proof_to() =
        "To",
        "À";
    proof_hash() =
        "Hash",
        "Empreinte";
    packages_title() =
        "Packages",
        "Paquets";
    packages_count(count: u64, shown: &str) =
        [count: "{shown} package", "{shown} packages"],
        [count: "{shown} paquet", "{shown} paquets"];
    keys_count(count: u64, shown: &str) =
        [count: "{shown} key", "{shown} keys"],
        [count: "{shown} clé", "{shown} clés"];
    keys_needed(count: u64, shown: &str) =
        [count: "{shown} key has to sign", "{shown} keys have to sign"],
        [count: "{shown} clé doit signer", "{shown} clés doivent signer"];
    keys_title() =
        "Keys",
        "Clés";
    key_may() =
        "May do",
        "Peut faire";
    key_in_force() =
        "in force",
        "en vigueur";
    key_retired(since: &str) =
        "retired since entry {since}",
        "retirée depuis l’entrée {since}";
    key_compromised(since: &str) =
        "compromised: counts for nothing since entry {since}",
        "compromise : ne compte plus depuis l’entrée {since}";
    role_root() =
        "keys of the namespace",
        "clés de l’espace de noms";
    role_release() =
        "releases",
        "versions";
    role_status() =
        "yanks and deprecations",
        "retraits et dépréciations";
    all_packages() =
        "all",
        "tous";
    records_title() =
        "Chain of records",
        "Chaîne des actes";
    records_about() =
        "Each record names the one before by its digest. A client walks the chain each time",
        "Chaque acte désigne le précédent par son empreinte. Un client parcourt la chaîne chaque fois";
    records_all() =
        "All records, as a file",
        "Tous les actes, en un fichier";
    record_first() =
        "Record 0: the namespace begins",
        "Acte 0 : l’espace de noms commence";
    record_number(number: &str) =
        "Record {number}",
        "Acte {number}";
    rules_title() =
        "Rules",
        "Règles";
    rule_release() =
        "Release",
        "Publier";
    rule_status() =
        "Yank, deprecate",
        "Retirer, déprécier";
    rule_root() =
        "Change of keys",
        "Changement de clés";
    in_terminal() =
        "In a terminal",
        "Dans un terminal";
    explain_about() =
        "What each code means, its usual causes and what to do",
        "Ce que signifie chaque code, ses causes habituelles et que faire";
    codes_of(count: u64, shown: &str) =
        [count: "{shown} code", "{shown} codes"],
        [count: "{shown} code", "{shown} codes"];
    code() =
        "Code",
        "Code";
    class() =
        "Class",
        "Classe";
    meaning() =
        "Meaning",
        "Signification";
    causes() =
        "Usual causes",
        "Causes habituelles";
    what_to_do() =
        "What to do",
        "Que faire";
    example() =
        "Example",
        "Exemple";
    schemas_about() =
        "JSON Schemas of what `vitte package` prints with `--json`, and the OpenAPI document of this server",
        "Schémas JSON de ce que `vitte package` affiche avec `--json`, et le document OpenAPI de ce serveur";
    schemas_api() =
        "The API of this server in OpenAPI 3.1",
        "L’API de ce serveur en OpenAPI 3.1";
    schemas_commands() =
        "Commands",
        "Commandes";
    badge_label() =
        "vitte",
        "vitte";
    badge_signed(log: &str) =
        "signed, log entry {log}",
        "signé, entrée {log}";
    diff_summary(count: u64, shown: &str, added: &str, removed: &str) =
        [count: "{shown} file changed, {added} lines added, {removed} removed", "{shown} files changed, {added} lines added, {removed} removed"],
        [count: "{shown} fichier changé, {added} lignes ajoutées, {removed} retirées", "{shown} fichiers changés, {added} lignes ajoutées, {removed} retirées"];
    diff_same(count: u64, shown: &str) =
        [count: "{shown} file is the same, byte for byte", "{shown} files are the same, byte for byte"],
        [count: "{shown} fichier est le même, octet pour octet", "{shown} fichiers sont les mêmes, octet pour octet"];
    diff_from() =
        "From",
        "De";
    diff_to() =
        "to",
        "à";
    diff_what() =
        "What changed",
        "Ce qui a changé";
    diff_by_file() =
        "Changes by file",
        "Changements par fichier";
    diff_facts() =
        "By the index",
        "D’après l’index";
    diff_added() =
        "added",
        "ajouté";
    diff_removed() =
        "removed",
        "supprimé";
    diff_changed() =
        "changed",
        "changé";
    diff_mode() =
        "only whether it can be run",
        "seul le droit d’exécution";
    diff_cut() =
        "Not all changed lines are shown: there are too many",
        "Toutes les lignes changées ne sont pas affichées : il y en a trop";
    diff_left() =
        "Not compared line by line: too long, or enough was read for one page",
        "Non comparé ligne à ligne : trop long, ou assez a été lu pour une page";
    diff_files_cut() =
        "and more, which are not named here",
        "et d’autres, qui ne sont pas nommés ici";
    diff_dependencies_same() =
        "the same",
        "les mêmes";
    diff_same_signer(signer: &str) =
        "the same: {signer}",
        "le même : {signer}";
    diff_signer_before(signer: &str) =
        "before: {signer}",
        "avant : {signer}";
    diff_signer_after(signer: &str) =
        "now: {signer}",
        "maintenant : {signer}";
}
