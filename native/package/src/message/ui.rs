//! Words of the terminal itself: places, progress, questions, sizes.

vitte_package_core::messages! { "ui";
    level_error() =
        "error",
        "erreur";
    level_warning() =
        "warning",
        "avertissement";
    level_help() =
        "help",
        "aide";
    at_frame(frame: u64, frames: u64) =
        "frame {frame} of {frames}",
        "trame {frame} sur {frames}";
    at_frame_files(frame: u64, frames: u64, count: usize, first: &str, last: &str) =
        [count: "frame {frame} of {frames} ({count} file, {first})", "frame {frame} of {frames} ({count} files, {first} … {last})"],
        [count: "trame {frame} sur {frames} ({count} fichier, {first})", "trame {frame} sur {frames} ({count} fichiers, {first} … {last})"];
    at_offset(offset: u64) =
        "byte {offset}",
        "octet {offset}";
    at_line(line: u64) =
        "line {line}",
        "ligne {line}";
    at_file(path: &str) =
        "file {path} in the package",
        "fichier {path} du paquet";
    expected(value: &str) =
        "expected {value}",
        "attendu {value}";
    got(value: &str) =
        "got      {value}",
        "reçu    {value}";
    exit_status(status: u8) =
        "a command that ends with it has the exit status {status}",
        "une commande qui se termine ainsi a le code de sortie {status}";
    explain_causes() =
        "usual causes:",
        "causes habituelles :";
    explain_fix() =
        "how to fix it:",
        "comment corriger :";
    explain_example() =
        "an example:",
        "un exemple, en anglais :";
    explain_file(name: &str) =
        "in {name}:",
        "dans {name} :";
    explain_exit() =
        "exit status:",
        "code de sortie :";
    explain(code: &str) =
        "vitte package explain {code}",
        "vitte package explain {code}";
    more_faults(count: usize) =
        [count: "{count} more fault", "{count} more faults"],
        [count: "{count} autre erreur", "{count} autres erreurs"];
    declined() =
        "nothing was done",
        "rien n’a été fait";
    confirm(question: &str) =
        "{question} [y/N]",
        "{question} [o/N]";
    task_select() =
        "choosing files",
        "choix des fichiers";
    task_build() =
        "running the build command",
        "exécution de la commande de construction";
    task_compress() =
        "compressing",
        "compression";
    task_download() =
        "downloading",
        "téléchargement";
    task_verify() =
        "verifying",
        "vérification";
    task_unpack() =
        "unpacking",
        "extraction";
    task_publish() =
        "publishing",
        "publication";
    task_link() =
        "linking",
        "création des liens";
    task_wait() =
        "waiting for another vitte package",
        "attente d’un autre vitte package";
    still_running(task: &str, done: &str) =
        "still {task}: {done}",
        "{task} en cours : {done}";
    still_running_of(task: &str, done: &str, total: &str) =
        "still {task}: {done} of {total}",
        "{task} en cours : {done} sur {total}";
    interrupted() =
        "interrupted; nothing was left half done",
        "interrompu ; rien n’est resté à moitié fait";
    dispatcher_about() =
        "runs `vitte-X …` for `vitte X …`, found next to this program or on PATH",
        "exécute `vitte-X …` pour `vitte X …`, trouvé à côté de ce programme ou dans PATH";
    dispatcher_usage() =
        "usage: vitte COMMAND [ARGUMENTS]",
        "utilisation : vitte COMMANDE [ARGUMENTS]";
    dispatcher_commands() =
        "commands found:",
        "commandes trouvées :";
    dispatcher_none() =
        "no vitte-* program was found next to this one or on PATH",
        "aucun programme vitte-* n’a été trouvé à côté de celui-ci ou dans PATH";
    dispatcher_run(program: &str, reason: &str) =
        "{program} cannot be run: {reason}",
        "impossible d’exécuter {program} : {reason}";
    dispatcher_help() =
        "vitte --help",
        "vitte --help";
    nothing_installed() =
        "nothing is installed",
        "rien n’est installé";
    uninstalled(package: &str, version: &str) =
        "uninstalled {package} {version}",
        "{package} {version} désinstallé";
    runs_now(package: &str, version: &str) =
        "shims run {package} {version} now",
        "les commandes lancent maintenant {package} {version}";
    cached(kind: &str, count: usize, size: &str) =
        [count: "{kind}: {count} file, {size}", "{kind}: {count} files, {size}"],
        [count: "{kind} : {count} fichier, {size}", "{kind} : {count} fichiers, {size}"];
    cache_clean_question(count: usize, size: &str) =
        [count: "delete {count} file, {size}?", "delete {count} files, {size}?"],
        [count: "supprimer {count} fichier, {size} ?", "supprimer {count} fichiers, {size} ?"];
    cache_cleaned(count: usize, size: &str) =
        [count: "deleted {count} file, {size}", "deleted {count} files, {size}"],
        [count: "{count} fichier supprimé, {size}", "{count} fichiers supprimés, {size}"];
    nothing_deleted() =
        "nothing was deleted",
        "rien n’a été supprimé";
    installed(package: &str, version: &str, place: &str) =
        "installed {package} {version} into the user store ({place}), verified before it was unpacked",
        "{package} {version} installé dans le magasin de l’utilisateur ({place}), vérifié avant l’extraction";
    installed_already(package: &str, version: &str) =
        "{package} {version} is in the user store already; its signatures and its place in the log were checked again",
        "{package} {version} est déjà dans le magasin de l’utilisateur ; ses signatures et sa place dans le journal ont été vérifiées de nouveau";
    installed_programs(programs: &str) =
        "programs: {programs}",
        "programmes : {programs}";
    restored(count: usize, programs: &str) =
        [count: "Restored the command {programs}", "Restored the commands {programs}"],
        [count: "Commande {programs} rétablie", "Commandes {programs} rétablies"];
    path_hint(folder: &str) =
        "to run them by name: export PATH=\"{folder}:$PATH\"",
        "pour les lancer par leur nom : export PATH=\"{folder}:$PATH\"";
    meet_registry(name: &str, id: &str, digest: &str) =
        "You have not used {name} before. Its id is {id}, the digest of its trust root is sha256:{digest}. Trust it from now on?",
        "{name} n’a jamais été utilisé ici. Son identifiant est {id}, l’empreinte de sa racine de confiance est sha256:{digest}. Lui faire confiance désormais ?";
    list_command() =
        "vitte package list",
        "vitte package list";
}
