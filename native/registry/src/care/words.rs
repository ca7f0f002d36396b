//! What operators are told by the commands that keep a registry in order, in English and French.

vitte_package_core::messages! { "care";
    gc_line(what: &str, count: u64, bytes: &str) =
        "{what}: {count} ({bytes})",
        "{what} : {count} ({bytes})";
    gc_expired() =
        "expired uploads, sessions and sign-ins",
        "téléversements, sessions et connexions expirés";
    gc_staged() =
        "what was sent for uploads that are over",
        "envois de téléversements terminés";
    gc_orphans() =
        "archives that the log does not name",
        "archives que le journal ne nomme pas";
    gc_partial() =
        "superseded partial tiles",
        "tuiles partielles remplacées";
    gc_leftover() =
        "leftovers of a killed writer",
        "restes d’un processus tué";
    gc_passed_over(packages: &str) =
        "the archives of {packages} were left alone: the index may not name all of them; run `vitte-registry doctor`",
        "les archives de {packages} ont été laissées : l’index ne les nomme peut-être pas toutes ; lancer `vitte-registry doctor`";
    gc_dry_run() =
        "nothing was removed (--dry-run)",
        "rien n’a été supprimé (--dry-run)";
    folder_not_empty(dir: &str) =
        "{dir} is not empty",
        "{dir} n’est pas vide";
    no_checkpoint() =
        "the registry has no checkpoint",
        "le registre n’a pas de point de contrôle";
    log_file_missing(path: &str) =
        "{path} of the log is missing",
        "{path} du journal manque";
    backed_up(registry: &str, size: u64, dir: &str) =
        "Backed up registry `{registry}` with {size} log entries to {dir}",
        "Registre `{registry}` avec {size} entrées de journal sauvegardé dans {dir}";
    backed_up_without_keys(dir: &str) =
        "Its signing keys are not in the backup: they are in {dir}",
        "Ses clés de signature ne sont pas dans la sauvegarde : elles sont dans {dir}";
    backed_up_with_keys() =
        "Its signing keys are in the backup: keep it secret",
        "Ses clés de signature sont dans la sauvegarde : la garder secrète";
    backed_up_without_database() =
        "Accounts and tokens are in a shared database: back it up with its own tools",
        "Les comptes et les jetons sont dans une base partagée : la sauvegarder avec ses propres outils";
    backup_incomplete(dir: &str) =
        "{dir} is not a complete backup",
        "{dir} n’est pas une sauvegarde complète";
    backup_altered(dir: &str) =
        "the log in {dir} is not the one that was backed up",
        "le journal dans {dir} n’est pas celui qui a été sauvegardé";
    keys_there(dir: &str) =
        "there are keys in {dir} already, and others in the backup",
        "il y a déjà des clés dans {dir}, et d’autres dans la sauvegarde";
    log_size_unknown(size: u64) =
        "the backup brings the log key and a log of {size} entries: if the log had more, the key would sign a second history",
        "la sauvegarde apporte la clé du journal et un journal de {size} entrées : s’il en avait plus, la clé signerait une seconde histoire";
    log_size_help(size: u64) =
        "look up how many entries clients, mirrors or monitors have seen; if they are {size}, pass --log-size {size}",
        "vérifier combien d’entrées les clients, miroirs ou moniteurs ont vues ; si c’est {size}, donner --log-size {size}";
    restored(registry: &str, size: u64, dir: &str) =
        "Restored registry `{registry}` with {size} log entries to {dir}",
        "Registre `{registry}` avec {size} entrées de journal restauré dans {dir}";
    restored_next(dir: &str) =
        "Next: vitte-registry doctor --data {dir}",
        "Ensuite : vitte-registry doctor --data {dir}";
    restored_without_keys() =
        "It has no signing keys: put them in place, or name their folder with --signing-keys",
        "Il n’a pas de clés de signature : les mettre en place, ou nommer leur dossier avec --signing-keys";
    log_older(size: u64, signed: u64) =
        "the log here has {size} entries, and its key has signed {signed}: this is an older copy, and nothing more will be signed",
        "le journal ici a {size} entrées, et sa clé en a signé {signed} : c’est une copie plus ancienne, et plus rien ne sera signé";
    log_older_help() =
        "restore the newest copy: a mirror or a later backup has the missing entries; never remove signed.json beside the key",
        "restaurer la copie la plus récente : un miroir ou une sauvegarde ultérieure a les entrées manquantes ; ne jamais supprimer signed.json à côté de la clé";
    rebuilt(files: u64) =
        "Rebuilt the index: {files} files were not as they must be",
        "Index reconstruit : {files} fichiers n’étaient pas comme ils doivent être";
    keys_missing(dir: &str) =
        "there are no signing keys in {dir}: nothing can be published",
        "il n’y a pas de clés de signature dans {dir} : rien ne peut être publié";
    keys_other(dir: &str) =
        "the keys in {dir} are not those of this registry",
        "les clés dans {dir} ne sont pas celles de ce registre";
    keys_good(dir: &str) =
        "the keys in {dir} are this registry's, and have signed what is here",
        "les clés dans {dir} sont celles de ce registre, et ont signé ce qui est ici";
    open_to_others(path: &str, mode: &str) =
        "{path} is open to others: its mode is {mode}",
        "{path} est ouvert à d’autres : son mode est {mode}";
    permissions_good() =
        "nobody else can read keys and accounts",
        "personne d’autre ne peut lire les clés et les comptes";
    space_low(gib: &str) =
        "only {gib} GiB are free",
        "il ne reste que {gib} Gio libres";
    space_good(gib: &str) =
        "{gib} GiB are free",
        "{gib} Gio sont libres";
    database_good() =
        "the database is whole",
        "la base de données est entière";
    database_damaged(reason: &str) =
        "the database is damaged: {reason}",
        "la base de données est abîmée : {reason}";
    database_help() =
        "restore db.sqlite from a backup; nothing that clients read depends on it",
        "restaurer db.sqlite d’une sauvegarde ; rien de ce que lisent les clients n’en dépend";
    clock_good() =
        "the clock agrees with the log",
        "l’horloge s’accorde avec le journal";
    log_good(entries: u64, packages: u64, archives: u64) =
        "log, packages and archives are in order (entries: {entries}, packages: {packages}, archives: {archives})",
        "le journal, les paquets et les archives sont en ordre (entrées : {entries}, paquets : {packages}, archives : {archives})";
    log_help() =
        "restore the file from a backup or a mirror: the log cannot be made anew",
        "restaurer le fichier d’une sauvegarde ou d’un miroir : le journal ne peut être refait";
    files_help() =
        "stop the server and run `vitte-registry doctor --repair`; a damaged archive has to come from a backup or a mirror",
        "arrêter le serveur et lancer `vitte-registry doctor --repair` ; une archive abîmée doit venir d’une sauvegarde ou d’un miroir";
    namespace_held(known: &str, user: &str) =
        "held: looks like `{known}`, asked for by {user}",
        "en attente : ressemble à `{known}`, demandé par {user}";
    namespace_reserved() =
        "reserved",
        "réservé";
    namespace_allowed() =
        "allowed",
        "autorisé";
    takedown_usage(given: &str) =
        "`{given}`: write a release as namespace/name@version, and `legal` or `removed` as the reason",
        "`{given}` : écrire une version sous la forme espace/nom@version, et `legal` ou `removed` comme raison";
    takedown_missing(release: &str) =
        "this registry has no {release}",
        "ce registre n’a pas {release}";
    takedown_done(release: &str, archives: u64, bytes: &str) =
        [archives: "{release}: removed {archives} archive ({bytes})", "{release}: removed {archives} archives ({bytes})"],
        [archives: "{release} : {archives} archive supprimée ({bytes})", "{release} : {archives} archives supprimées ({bytes})"];
    takedown_stays() =
        "Its log entries and index lines stay. Remove it from caches and mirrors; backups still have it",
        "Ses entrées de journal et ses lignes d’index restent. La supprimer des caches et des miroirs ; les sauvegardes l’ont encore";
    takedown_not_yanked(release: &str, code: &str) =
        "It is not yanked, which only a key of its namespace can do: commands that resolve anew may choose it, and fail. Have its author run: vitte-package yank {release} --code {code}",
        "Elle n’est pas retirée, ce que seule une clé de son espace de noms peut faire : les commandes qui résolvent à nouveau peuvent la choisir, et échouer. Faire lancer à son auteur : vitte-package yank {release} --code {code}";
    takedown_unfinished(path: &str) =
        "{path} was to be removed and is still there: run `vitte-registry takedown` again",
        "{path} devait être supprimé et est encore là : relancer `vitte-registry takedown`";
    quota_line(what: &str, used: u64, limit: &str) =
        "{what}: {used} of {limit}",
        "{what} : {used} sur {limit}";
    quota_archive(limit: &str) =
        "archive: at most {limit}",
        "archive : au plus {limit}";
    quota_unlimited() =
        "unlimited",
        "illimité";
    quota_value(quota: &str, text: &str) =
        "`{text}` is not a value of `--{quota}`",
        "`{text}` n’est pas une valeur de `--{quota}`";
    namespace_free() =
        "free",
        "libre";
    namespace_missing(name: &str) =
        "there is no namespace `{name}`",
        "il n’y a pas d’espace de noms `{name}`";
    namespace_record(seq: u64, log: u64) =
        "record {seq}: log entry {log}",
        "acte {seq} : entrée de journal {log}";
    archive_differs(path: &str) =
        "{path} is not the archive that the log and the index name",
        "{path} n’est pas l’archive que nomment le journal et l’index";
    unfinished(entries: u64) =
        "the index does not know the last {entries} entries yet: the next start of the server finishes that",
        "l’index ne connaît pas encore les {entries} dernières entrées : le prochain démarrage du serveur le terminera";
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_follow_the_style() {
        assert_eq!(vitte_package_core::message::style::faults(super::TABLE.iter()), Vec::<String>::new());
    }
}
