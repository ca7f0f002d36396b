//! Words about a project's folder: finding it, choosing its files, beginning one.

vitte_package_core::messages! { "project";
    none(folder: &str) =
        "there is no `vitte.toml` in {folder} or above it",
        "il n’y a pas de `vitte.toml` dans {folder} ni au-dessus";
    none_help() =
        "vitte package init",
        "vitte package init";
    described(file: &str) =
        "there is no `vitte.toml`, but {file}, a description for the tool of the Vitte language",
        "il n’y a pas de `vitte.toml`, mais {file}, une description pour l’outil du langage Vitte";
    described_help(folder: &str) =
        "cd {folder} && vitte package init",
        "cd {folder} && vitte package init";
    description_no_json(reason: &str) =
        "the description is not JSON: {reason}",
        "la description n’est pas du JSON : {reason}";
    description_no_object() =
        "the description is not a JSON object",
        "la description n’est pas un objet JSON";
    description_nameless(file: &str) =
        "{file} has no `name`",
        "{file} n’a pas de `name`";
    description_memberless(file: &str) =
        "{file} has no list of `members`",
        "{file} n’a pas de liste de `members`";
    not_taken(facts: &str) =
        "not taken over, because vitte.toml has no place for it: {facts}",
        "non repris, car vitte.toml n’a pas de place pour cela : {facts}";
    namespace_needs_description() =
        "`--namespace` is for folders with a vitte-package.json or vitte-workspace.json",
        "`--namespace` est pour les dossiers qui ont un vitte-package.json ou un vitte-workspace.json";
    namespace_needs_description_help() =
        "vitte package init --name NAMESPACE/NAME",
        "vitte package init --name ESPACE-DE-NOMS/NOM";
    ask_namespace() =
        "namespace of the package, as in namespace/name (empty: none)",
        "espace de noms du paquet, comme dans namespace/name (vide : aucun)";
    no_file(path: &str) =
        "{path} is not there",
        "{path} n’existe pas";
    no_file_help() =
        "give the `vitte.toml` of a package, or its folder: --manifest FILE",
        "donner le `vitte.toml` d’un paquet, ou son dossier : --manifest FICHIER";
    pattern(pattern: &str, reason: &str) =
        "the pattern `{pattern}` cannot be understood: {reason}",
        "le motif `{pattern}` n’est pas compris : {reason}";
    pattern_help() =
        "write it as in a .gitignore file, for example `src/`, `*.md` or `docs/**`",
        "l’écrire comme dans un fichier .gitignore, par exemple `src/`, `*.md` ou `docs/**`";
    pattern_unused(key: &str, pattern: &str) =
        "the pattern `{pattern}` of `{key}` matches no file",
        "le motif `{pattern}` de `{key}` ne correspond à aucun fichier";
    pattern_leaves_nothing_out(key: &str, pattern: &str) =
        "the pattern `{pattern}` of `{key}` leaves no file out",
        "le motif `{pattern}` de `{key}` n’exclut aucun fichier";
    pattern_excepts_nothing(key: &str, pattern: &str) =
        "the exception `{pattern}` of `{key}` applies to no file",
        "l’exception `{pattern}` de `{key}` ne s’applique à aucun fichier";
    pattern_unused_help() =
        "correct it or remove it; `vitte package build --list` shows what is chosen",
        "le corriger ou le supprimer ; `vitte package build --list` montre ce qui est choisi";
    section_unused(name: &str) =
        "no file belongs to the section `{name}`",
        "aucun fichier n’appartient à la section `{name}`";
    section_twice(path: &str, first: &str, second: &str) =
        "`{path}` belongs to two sections, `{first}` and `{second}`",
        "`{path}` appartient à deux sections, `{first}` et `{second}`";
    section_twice_help(path: &str) =
        "add the pattern `!{path}` to one of them",
        "ajouter le motif `!{path}` à l’une des deux";
    deferred(path: &str, section: &str) =
        "`{path}` is needed by every user of the package, and belongs to the section `{section}`, which is fetched only when asked for",
        "`{path}` est nécessaire à tout utilisateur du paquet, et appartient à la section `{section}`, téléchargée seulement sur demande";
    deferred_help(path: &str) =
        "add the pattern `!{path}` to the section",
        "ajouter le motif `!{path}` à la section";
    not_chosen(path: &str) =
        "`{path}` is not among the files of the package",
        "`{path}` n’est pas parmi les fichiers du paquet";
    not_chosen_absent() =
        "there is no such file",
        "ce fichier n’existe pas";
    not_chosen_left_out() =
        "the patterns of `include`, `exclude` or .gitignore leave it out",
        "les motifs de `include`, `exclude` ou .gitignore l’excluent";
    readme_absent(path: &str) =
        "the readme `{path}` is not there",
        "le fichier `{path}` du readme n’existe pas";
    symlink(path: &str) =
        "`{path}` is a symbolic link",
        "`{path}` est un lien symbolique";
    symlink_help() =
        "to copy what links lead to, write under [package]: symlinks = \"follow\"",
        "pour copier ce que désignent les liens, écrire sous [package] : symlinks = \"follow\"";
    symlink_outside(path: &str, target: &str) =
        "`{path}` is a symbolic link to {target}, outside the project",
        "`{path}` est un lien symbolique vers {target}, hors du projet";
    rename_or_exclude(path: &str) =
        "rename it, or leave it out: add the pattern `/{path}` to `exclude`",
        "le renommer, ou l’exclure : ajouter le motif `/{path}` à `exclude`";
    rename_or_except(path: &str) =
        "rename it, or leave it out: add the exception `!/{path}` at the end of `include`",
        "le renommer, ou l’exclure : ajouter l’exception `!/{path}` à la fin de `include`";
    rename_in_build(path: &str) =
        "let the build command write it under another name: {path}",
        "faire écrire le fichier sous un autre nom par la commande de construction : {path}";
    leave_out_by_exclude(path: &str) =
        "remove it, replace it by a copy, or add the pattern `/{path}` to `exclude`",
        "le supprimer, le remplacer par une copie, ou ajouter le motif `/{path}` à `exclude`";
    leave_out_by_include(path: &str) =
        "remove it, replace it by a copy, or add the exception `!/{path}` at the end of `include`",
        "le supprimer, le remplacer par une copie, ou ajouter l’exception `!/{path}` à la fin de `include`";
    leave_out_by_build(path: &str) =
        "let the build command write a regular file there, or nothing: {path}",
        "faire écrire là un fichier ordinaire, ou rien, par la commande de construction : {path}";
    symlink_broken(path: &str) =
        "`{path}` is a symbolic link that leads nowhere",
        "`{path}` est un lien symbolique qui ne mène nulle part";
    special(path: &str) =
        "`{path}` is neither a file nor a folder",
        "`{path}` n’est ni un fichier ni un dossier";
    no_build() =
        "a `.vitpkg` needs a `[build]` that says how its files are made",
        "un `.vitpkg` demande une table `[build]` qui dit comment ses fichiers sont créés";
    no_build_help() =
        "add: [build] and under it: command = [\"vitte-build\", \"build\", \"--release\"]",
        "ajouter : [build] et dessous : command = [\"vitte-build\", \"build\", \"--release\"]";
    link_loop(path: &str) =
        "`{path}` is a symbolic link to a folder above it",
        "`{path}` est un lien symbolique vers un dossier qui le contient";
    out_absent(path: &str) =
        "the build left no folder {path}",
        "la construction n’a pas laissé de dossier {path}";
    out_empty(path: &str) =
        "the build command left nothing in {path}",
        "la commande de construction n’a rien laissé dans {path}";
    out_absent_help(command: &str) =
        "see that `{command}` writes to the folder in the variable VITTE_OUT",
        "vérifier que `{command}` écrit dans le dossier de la variable VITTE_OUT";
    program_absent(name: &str, path: &str) =
        "the build left no program `{name}`: {path} is not there",
        "la construction n’a pas laissé de programme `{name}` : {path} n’existe pas";
    program_absent_help(path: &str) =
        "let the build command write the program to {path} in the folder of VITTE_OUT",
        "faire écrire le programme en {path} dans le dossier VITTE_OUT par la commande de construction";
    program_not_executable(path: &str) =
        "{path} is not executable",
        "{path} n’est pas exécutable";
    program_not_executable_help(path: &str) =
        "chmod +x {path}",
        "chmod +x {path}";
    nested_left_out(folder: &str) =
        "{folder} is left out: it has a `vitte.toml` of its own",
        "{folder} est exclu : il a son propre `vitte.toml`";
    archive_left_out(path: &str) =
        "{path} is left out: it is a package that was built here",
        "{path} est exclu : c’est un paquet construit ici";
    copies_left_out(path: &str) =
        "{path} is left out: it holds copies of dependencies made by `vitte package vendor`",
        "{path} est exclu : il contient des copies de dépendances créées par `vitte package vendor`";
    registry_left_out(path: &str) =
        "{path} is left out: it is a registry",
        "{path} est exclu : c’est un registre";
    no_licence_file(license: &str) =
        "the package has no licence file, though `license` says {license}",
        "le paquet n’a pas de fichier de licence, alors que `license` dit {license}";
    no_licence_file_help() =
        "add the text of the licence as LICENSE next to vitte.toml",
        "ajouter le texte de la licence dans un fichier LICENSE à côté de vitte.toml";
    git_ignores(count: u64, first: &str) =
        [count: "git ignores a file that this package holds: {first}", "git ignores {count} files that this package holds: {first}"],
        [count: "git ignore un fichier que ce paquet contient : {first}", "git ignore {count} fichiers que ce paquet contient : {first}"];
    git_ignores_help_exclude(path: &str) =
        "leave out what is not meant to be published: add the pattern `/{path}` to `exclude`",
        "exclure ce qui ne doit pas être publié : ajouter le motif `/{path}` à `exclude`";
    git_ignores_help_include(path: &str) =
        "leave out what is not meant to be published: add the exception `!/{path}` at the end of `include`",
        "exclure ce qui ne doit pas être publié : ajouter l’exception `!/{path}` à la fin de `include`";
    member_absent(folder: &str) =
        "the workspace's member {folder} has no `vitte.toml`",
        "le membre {folder} de l’espace de travail n’a pas de `vitte.toml`";
    members_none(pattern: &str) =
        "the member pattern `{pattern}` matches no folder with a `vitte.toml`",
        "le motif de membres `{pattern}` ne correspond à aucun dossier avec un `vitte.toml`";
    not_lockable(reason: &str) =
        "files cannot be locked here, so two commands that change this project at the same time may undo each other's change: {reason}",
        "les fichiers ne peuvent pas être verrouillés ici : deux commandes qui modifient ce projet en même temps peuvent annuler l’une la modification de l’autre : {reason}";
    changed_meanwhile(path: &str) =
        "{path} was changed by another program while this command ran; it is left as it is",
        "{path} a été modifié par un autre programme pendant cette commande ; il reste tel quel";
    changed_meanwhile_help() =
        "run the command again",
        "relancer la commande";
    link_outside(path: &str, target: &str) =
        "`{path}` is a symbolic link to {target}: nothing is written through it",
        "`{path}` est un lien symbolique vers {target} : rien n’est écrit à travers lui";
    link_outside_help(path: &str) =
        "rm {path}",
        "rm {path}";
    no_workspace() =
        "this project does not belong to a workspace",
        "ce projet ne fait partie d’aucun espace de travail";
    no_workspace_help() =
        "to use a package in another folder: vitte package add NAME --path FOLDER",
        "pour utiliser un paquet d’un autre dossier : vitte package add NOM --path DOSSIER";
    out_link_help() =
        "or choose the folder yourself: vitte package build --out DIR",
        "ou choisir le dossier : vitte package build --out DOSSIER";
    members_pattern_help() =
        "write folders relative to this file, for example members = [\"crates/*\"]",
        "écrire des dossiers relatifs à ce fichier, par exemple members = [\"crates/*\"]";
    no_member(name: &str) =
        "no package of this workspace is called {name}",
        "aucun paquet de cet espace de travail ne s’appelle {name}";
    members_are(names: &str) =
        "its packages are: {names}",
        "ses paquets sont : {names}";
    same_file(first: &str, second: &str, file: &str) =
        "{first} and {second} would both be written to {file}",
        "{first} et {second} seraient tous deux écrits dans {file}";
    same_file_help() =
        "leave --out away: each package then has its own folder",
        "omettre --out : chaque paquet a alors son propre dossier";
    exists(path: &str) =
        "{path} is there already",
        "{path} existe déjà";
    exists_help() =
        "choose another folder, or edit the file",
        "choisir un autre dossier, ou modifier le fichier";
    new_help() =
        "choose another name, or go into the folder and run: vitte package init",
        "choisir un autre nom, ou aller dans le dossier et lancer : vitte package init";
    init_name_help() =
        "vitte package init --name NAME",
        "vitte package init --name NOM";
    created(name: &str) =
        "Created package `{name}`. Next: vitte package build",
        "Paquet {name} créé. Suite : vitte package build";
    created_in(name: &str, folder: &str) =
        "Created package `{name}`. Next: cd {folder} && vitte package build",
        "Paquet {name} créé. Suite : cd {folder} && vitte package build";
    before_publishing() =
        "Before publishing: set `description` and `license` in vitte.toml",
        "Avant de publier : indiquer `description` et `license` dans vitte.toml";
    not_utf8() =
        "the manifest is not UTF-8 text",
        "le manifeste n’est pas un texte en UTF-8";
    too_large(limit: u64) =
        "the manifest has more than {limit} bytes",
        "le manifeste dépasse {limit} octets";
    secret(path: &str, line: u64, rule: &str) =
        "{path} line {line} looks like a secret: {rule}",
        "{path} ligne {line} ressemble à un secret : {rule}";
    secret_file(path: &str, rule: &str) =
        "{path} looks like a secret: {rule}",
        "{path} ressemble à un secret : {rule}";
    large_binary(path: &str, size: u64) =
        "{path} is a binary file of {size} bytes that `include` does not name",
        "{path} est un fichier binaire de {size} octets que `include` ne nomme pas";
    leftover(path: &str, rule: &str) =
        "{path} looks like a leftover: {rule}",
        "{path} ressemble à un fichier oublié : {rule}";
    finding_help(path: &str) =
        "remove it from the package, or, if it may be published, add under [package]: publish.allow = [\"{path}\"]",
        "le retirer du paquet ou, s’il peut être publié, ajouter sous [package] : publish.allow = [\"{path}\"]";
}
