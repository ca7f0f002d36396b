//! Words about building archives and looking into them.

pub use vitte_package_core::message::build::*;

vitte_package_core::messages! { "build";
    not_regular(path: &str) =
        "{path} is not a regular file",
        "{path} n’est pas un fichier ordinaire";
    not_regular_hint() =
        "a package holds regular files only: replace it by a copy, or leave it out",
        "un paquet ne contient que des fichiers ordinaires : le remplacer par une copie, ou l’exclure";
    changed(path: &str) =
        "{path} changed while it was packaged",
        "{path} a changé pendant la construction du paquet";
    changed_hint() =
        "stop whatever writes to it, then run the command again",
        "arrêter ce qui y écrit, puis relancer la commande";
    ends_early() =
        "the archive ends before its table of contents does",
        "l’archive se termine avant sa table des matières";
    source_has_no_target(target: &str) =
        "a `.vitmod` holds sources for every target, not for `{target}` alone",
        "un `.vitmod` contient des sources pour toutes les cibles, pas seulement pour `{target}`";
    out_is_link(folder: &str) =
        "the folder for the build's files, {folder}, is a symbolic link or below one that leads out of the project",
        "le dossier des fichiers de construction, {folder}, est un lien symbolique ou se trouve sous un lien qui sort du projet";
    out_is_link_help() =
        "remove the link, or choose a folder in the project, in vitte.toml under [build]: out = \"FOLDER\"",
        "supprimer le lien, ou choisir un dossier du projet, dans vitte.toml sous [build] : out = \"DOSSIER\"";
    out_is_taken(folder: &str) =
        "{folder} holds files that no build left there; the folder is emptied before each build",
        "{folder} contient des fichiers qu’aucune construction n’y a laissés ; le dossier est vidé avant chaque construction";
    out_is_taken_help() =
        "remove the folder if its files can be made again, or choose another: out = \"target/vitpkg\"",
        "supprimer le dossier si ses fichiers peuvent être recréés, ou en choisir un autre : out = \"target/vitpkg\"";
    sources_changed(command: &str, first: &str, count: u64) =
        [count: "the build command `{command}` changed a source file: {first}", "the build command `{command}` changed {count} source files, {first} among them"],
        [count: "la commande de construction `{command}` a modifié un fichier source : {first}", "la commande de construction `{command}` a modifié {count} fichiers sources, dont {first}"];
    sources_changed_hint() =
        "let the command write only to the folder in VITTE_OUT, or leave the files it makes out of the package",
        "faire en sorte que la commande n’écrive que dans le dossier VITTE_OUT, ou exclure du paquet les fichiers qu’elle crée";
    out_is_packed(folder: &str) =
        "{folder} is inside the folder that is packed",
        "{folder} est dans le dossier qui est empaqueté";
    out_is_packed_hint() =
        "give another folder: vitte package build --out target",
        "donner un autre dossier : vitte package build --out target";
    running(line: &str) =
        "running {line}",
        "exécution de {line}";
    command_absent(program: &str, reason: &str) =
        "the build command `{program}` cannot be run: {reason}",
        "impossible d’exécuter la commande de construction `{program}` : {reason}";
    command_failed(line: &str, status: i32) =
        "the build command `{line}` ended with status {status}",
        "la commande de construction `{line}` s’est terminée avec le code {status}";
    command_killed(line: &str) =
        "the build command `{line}` was ended by a signal",
        "la commande de construction `{line}` a été arrêtée par un signal";
    command_hint(target: &str, out: &str, line: &str) =
        "VITTE_TARGET={target} VITTE_OUT={out} {line}",
        "VITTE_TARGET={target} VITTE_OUT={out} {line}";
    not_reproducible(name: &str, count: u64) =
        [count: "building {name} twice gave two packages: a file differs", "building {name} twice gave two packages: {count} files differ"],
        [count: "construire {name} deux fois a donné deux paquets : un fichier diffère", "construire {name} deux fois a donné deux paquets : {count} fichiers diffèrent"];
    not_reproducible_hint() =
        "let the build command write no times, paths, random names or unordered lists",
        "faire en sorte que la commande de construction n’écrive ni dates, ni chemins, ni noms aléatoires, ni listes sans ordre";
    built(name: &str, files: u64, content: &str, stored: &str) =
        [files: "{name}  {files} file, {content} → {stored}", "{name}  {files} files, {content} → {stored}"],
        [files: "{name}  {files} fichier, {content} → {stored}", "{name}  {files} fichiers, {content} → {stored}"];
    built_checked(line: &str) =
        "{line}, reproducible",
        "{line}, reproductible";
    listed(name: &str, files: u64, content: &str) =
        [files: "{name}  {files} file, {content}", "{name}  {files} files, {content}"],
        [files: "{name}  {files} fichier, {content}", "{name}  {files} fichiers, {content}"];
    shown_package(name: &str, version: &str, kind: &str) =
        "{name} {version}  {kind}",
        "{name} {version}  {kind}";
    shown_identity(tree: &str) =
        "identity    {tree}",
        "identité    {tree}";
    shown_head(head: &str) =
        "head        {head}",
        "en-tête     {head}";
    shown_sizes(files: u64, content: &str, stored: &str) =
        [files: "content     {files} file, {content}; archive {stored}", "content     {files} files, {content}; archive {stored}"],
        [files: "contenu     {files} fichier, {content} ; archive {stored}", "contenu     {files} fichiers, {content} ; archive {stored}"];
    shown_frames(frames: u64, codec: &str) =
        "frames      {frames}, {codec}",
        "trames      {frames}, {codec}";
    shown_unsigned() =
        "signatures  none",
        "signatures  aucune";
    shown_signature(key: &str, payload: &str) =
        "signature   {key}, not checked ({payload})",
        "signature   {key}, non vérifiée ({payload})";
    shown_deferred(name: &str, files: u64, content: &str) =
        [files: "section     {name}: {files} file, {content}, installed with `--with {name}`", "section     {name}: {files} files, {content}, installed with `--with {name}`"],
        [files: "section     {name} : {files} fichier, {content}, installé avec `--with {name}`", "section     {name} : {files} fichiers, {content}, installés avec `--with {name}`"];
    shown_section(name: &str, files: u64, content: &str) =
        [files: "section     {name}: {files} file, {content}", "section     {name}: {files} files, {content}"],
        [files: "section     {name} : {files} fichier, {content}", "section     {name} : {files} fichiers, {content}"];
    shown_dependency(name: &str, requirement: &str) =
        "needs       {name} {requirement}",
        "demande     {name} {requirement}";
    shown_foreign(format: &str, entries: u64) =
        [entries: "{format} archive of another tool, {entries} entry; nothing of it can be verified", "{format} archive of another tool, {entries} entries; nothing of it can be verified"],
        [entries: "archive {format} d’un autre outil, {entries} entrée ; rien ne peut y être vérifié", "archive {format} d’un autre outil, {entries} entrées ; rien ne peut y être vérifié"];
    foreign_has_no_tree() =
        "an archive of another tool has no list of files of ours",
        "une archive d’un autre outil n’a pas de liste des fichiers de Vitte";
    foreign_content(path: &str) =
        "`{path}` is not a file of the archive, but a folder, link or special entry",
        "`{path}` n’est pas un fichier de l’archive, mais un dossier, un lien ou une entrée spéciale";
}
