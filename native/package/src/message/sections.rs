//! Words about deferred sections.

vitte_package_core::messages! { "sections";
    no_such_section(package: &str, version: &str, section: &str) =
        "{package} {version} has no section `{section}` to fetch",
        "{package} {version} n’a pas de section `{section}` à télécharger";
    has_none() =
        "all of it is installed with the package",
        "le paquet est installé en entier";
    has_these(sections: &str) =
        "it has {sections}",
        "il a {sections}";
    not_here(package: &str, section: &str) =
        "the section `{section}` of {package} is not in the store, and where to get it is not known here",
        "la section `{section}` de {package} n’est pas dans le magasin, et sa source n’est pas connue ici";
    not_here_help() =
        "without `--offline` it is fetched from the registry; of a package that was installed from a file: `vitte package install --with SECTION FILE`",
        "sans `--offline`, elle est téléchargée depuis le registre ; pour un paquet installé depuis un fichier : `vitte package install --with SECTION FICHIER`";
    several_versions(package: &str, versions: &str) =
        "there are several versions of {package}: {versions}",
        "il y a plusieurs versions de {package} : {versions}";
    several_versions_help(package: &str, version: &str) =
        "name one: `{package}@{version}`",
        "en nommer une : `{package}@{version}`";
    not_locked(package: &str) =
        "the project does not use {package}",
        "le projet n’utilise pas {package}";
    not_installed(package: &str) =
        "{package} is not installed for this user",
        "{package} n’est pas installé pour cet utilisateur";
    brought(section: &str, package: &str, bytes: &str, folder: &str) =
        "fetched section {section} of {package}, {bytes}: {folder}",
        "section {section} de {package} téléchargée, {bytes} : {folder}";
    here(section: &str, package: &str, folder: &str) =
        "section {section} of {package} is there already: {folder}",
        "la section {section} de {package} est déjà là : {folder}";
    fetched_of(bytes: &str, total: &str) =
        "{bytes} of {total} fetched",
        "{bytes} téléchargés sur {total}";
    saved(bytes: &str) =
        "{bytes} did not have to be fetched",
        "{bytes} n’ont pas eu à être téléchargés";
    absent(section: &str, files: u64, bytes: &str) =
        [files: "section {section}: {files} file, {bytes}, not fetched", "section {section}: {files} files, {bytes}, not fetched"],
        [files: "section {section} : {files} fichier, {bytes}, non téléchargée", "section {section} : {files} fichiers, {bytes}, non téléchargée"];
    present(section: &str, files: u64, bytes: &str, folder: &str) =
        [files: "section {section}: {files} file, {bytes}, in {folder}", "section {section}: {files} files, {bytes}, in {folder}"],
        [files: "section {section} : {files} fichier, {bytes}, dans {folder}", "section {section} : {files} fichiers, {bytes}, dans {folder}"];
    for_user_only() =
        "`--with` is for packages that are installed for the user; a project's: `vitte package fetch --section SECTION NAME`",
        "`--with` est pour les paquets installés pour l’utilisateur ; pour ceux d’un projet : `vitte package fetch --section SECTION NOM`";
}
