//! Words of the demo.

vitte_package_core::messages! { "demo";
    registry() =
        "registry",
        "registre";
    build() =
        "build",
        "construction";
    publish() =
        "sign+publish",
        "publication";
    install() =
        "install",
        "installation";
    log() =
        "log",
        "journal";
    attack() =
        "attack",
        "attaque";
    split() =
        "split view",
        "divergence";
    look() =
        "look",
        "à voir";
    registry_outcome(id: &str, key: &str) =
        "{id}, log key {key}",
        "{id}, clé du journal {key}";
    build_outcome(name: &str, files: u64, content: &str, stored: &str) =
        "{name}  {files} files, {content} → {stored}, reproducible ✔",
        "{name}  {files} fichiers, {content} → {stored}, reproductible ✔";
    publish_outcome(count: u64, entries: &str) =
        [count: "log entry {entries}", "log entries {entries}"],
        [count: "entrée du journal {entries}", "entrées du journal {entries}"];
    install_outcome(program: &str, said: &str) =
        "verified before unpack ✔  {program} fr: {said}",
        "vérifié avant l’extraction ✔  {program} fr : {said}";
    install_tree_outcome(tree: &str) =
        "verified before unpack ✔  {tree}",
        "vérifié avant l’extraction ✔  {tree}";
    log_outcome(log: u64, size: u64, root: &str) =
        "signature, key, log entry #{log}, inclusion in the {size} entries with root {root} ✔",
        "signature, clé, entrée n° {log} du journal, inclusion dans les {size} entrées de racine {root} ✔";
    split_command(command: &str) =
        "the registry's own key signs another log, for a user who has seen the first: {command}",
        "la clé même du registre signe un autre journal, pour un utilisateur qui a vu le premier : {command}";
    split_refused(evidence: u64) =
        "refused: nothing of the other log is trusted, and the {evidence} checkpoints that prove the lie are kept",
        "refusé : rien de l’autre journal n’est accepté, et les {evidence} points de contrôle qui prouvent la tromperie sont gardés";
    split_missed(status: i32) =
        "NOT refused: the command ended with the status {status}",
        "PAS refusé : la commande s’est terminée avec le code {status}";
    attack_command(offset: u64, path: &str) =
        "one bit of byte {offset} of {path} is flipped; another user installs",
        "un bit de l’octet {offset} de {path} est inversé ; un autre utilisateur installe";
    attack_caught(status: u8) =
        "caught: exit status {status}, nothing was unpacked, the installed version is untouched",
        "détecté : code de sortie {status}, rien n’a été extrait, la version installée est intacte";
    attack_missed(status: i32) =
        "NOT caught: the install ended with the status {status}",
        "PAS détecté : l’installation s’est terminée avec le code {status}";
    mended() =
        "the byte was put back: the same install succeeds",
        "l’octet est rétabli : la même installation réussit";
    look_page(page: &str, archive: &str) =
        "open file://{page} and drop {archive} on it: your browser checks it too",
        "ouvrir file://{page} et y déposer {archive} : le navigateur vérifie aussi";
    look_command(archive: &str) =
        "vitte package verify {archive}",
        "vitte package verify {archive}";
    go_on(folder: &str, home: &str) =
        "to go on by yourself: cd {folder} && export VITTE_HOME={home}",
        "pour continuer : cd {folder} && export VITTE_HOME={home}";
    folder_taken(path: &str) =
        "{path} is not empty and was not made by the demo",
        "{path} n’est pas vide et n’a pas été créé par la démonstration";
    folder_taken_help() =
        "vitte package demo --dir another-folder",
        "vitte package demo --dir another-folder";
    server() =
        "server",
        "serveur";
    server_outcome(url: &str, token: &str) =
        "{url}, a token in the file {token}",
        "{url}, un jeton dans le fichier {token}";
    server_skipped() =
        "skipped: the server's part; the program vitte-registry is neither beside this one nor on PATH",
        "omis : la partie du serveur ; le programme vitte-registry n’est ni à côté de celui-ci ni dans PATH";
    server_goes_on(url: &str) =
        "the server goes on at {url}; Ctrl-C ends it",
        "le serveur reste à {url} ; Ctrl-C l’arrête";
    no_program() =
        "the program vitte-package is neither here nor on PATH",
        "le programme vitte-package n’est ni ici ni dans PATH";
    command_failed(command: &str, said: &str) =
        "`{command}` failed: {said}",
        "`{command}` a échoué : {said}";
    no_archive() =
        "the registry does not hold the archive that was installed",
        "le registre ne contient pas l’archive qui a été installée";
    good() =
        "the package was installed, the attack was caught, the second log was refused",
        "le paquet a été installé, l’attaque détectée, le second journal refusé";
    bad() =
        "the demo did not go as it should",
        "la démonstration ne s’est pas déroulée comme prévu";
}
