//! Words about workflows of continuous integration.

vitte_package_core::messages! { "ci";
    provider_unknown(name: &str) =
        "no workflow can be written for `{name}`",
        "aucun flux de travail ne peut être écrit pour `{name}`";
    provider_unclear() =
        "neither the files of this repository nor its origin say which service runs its workflows",
        "ni les fichiers de ce dépôt ni son origine ne disent quel service exécute ses flux de travail";
    provider_help(names: &str) =
        "name it: --provider, one of {names}",
        "le nommer : --provider, l’un de {names}";
    registry_folder(path: &str) =
        "{path} is a folder, which a workflow elsewhere cannot reach",
        "{path} est un dossier, qu’un flux de travail ailleurs ne peut pas atteindre";
    registry_unclear() =
        "vitte.toml does not name exactly one registry at an address",
        "vitte.toml ne nomme pas exactement un registre à une adresse";
    registry_help() =
        "name it: vitte package ci init --registry https://…",
        "le nommer : vitte package ci init --registry https://…";
    untrusted(url: &str) =
        "neither vitte.toml nor you trust the registry at {url}",
        "ni vitte.toml ni vous ne faites confiance au registre à {url}";
    untrusted_help(url: &str) =
        "vitte package registry add {url} --trust-root-sha256 …",
        "vitte package registry add {url} --trust-root-sha256 …";
    exists(path: &str) =
        "{path} is there already",
        "{path} existe déjà";
    exists_help() =
        "to see what it lacks: vitte package ci check; to write it anew: vitte package ci init --force",
        "pour voir ce qui lui manque : vitte package ci check ; pour l’écrire de nouveau : vitte package ci init --force";
    written(path: &str, registry: &str) =
        "Wrote {path}: builds and checks every change, publishes to {registry} on a tag `v…`",
        "{path} écrit : construit et vérifie chaque changement, publie vers {registry} sur une étiquette `v…`";
    secrets_needed() =
        "It needs two secrets: VITTE_TOKEN and VITTE_SIGNING_KEY; the file says where they go",
        "Il lui faut deux secrets : VITTE_TOKEN et VITTE_SIGNING_KEY ; le fichier dit où les mettre";
    missing(path: &str) =
        "there is no workflow {path}",
        "il n’y a pas de flux de travail {path}";
    missing_help() =
        "vitte package ci init",
        "vitte package ci init";
    unreadable(path: &str, reason: &str) =
        "{path} is not valid YAML: {reason}",
        "{path} n’est pas du YAML valide : {reason}";
    no_build() =
        "nothing builds the package",
        "rien ne construit le paquet";
    no_dry_run() =
        "nothing makes the registry's checks before a release",
        "rien ne fait les vérifications du registre avant une version";
    no_publish() =
        "nothing publishes the package",
        "rien ne publie le paquet";
    not_on_tag() =
        "it publishes without a tag: on every change",
        "il publie sans étiquette : à chaque changement";
    no_secret(name: &str) =
        "{name} is not handed over from the secrets",
        "{name} n’est pas transmis depuis les secrets";
    literal_secret(name: &str) =
        "{name} is written in the file: whoever reads the repository has it",
        "{name} est écrit dans le fichier : quiconque lit le dépôt l’a";
    secret_help(name: &str) =
        "revoke it, make another, and set that as the secret {name}",
        "le révoquer, en créer un autre, et définir celui-ci comme secret {name}";
    strangers() =
        "it runs the code of strangers with the repository's secrets",
        "il exécute le code d’inconnus avec les secrets du dépôt";
    no_permissions() =
        "the workflow's own token may write to the repository",
        "le jeton propre du flux de travail peut écrire dans le dépôt";
    nothing_missing(path: &str) =
        "{path} lacks nothing",
        "{path} : rien ne manque";
    findings(count: u64, path: &str) =
        [count: "{path}: {count} finding", "{path}: {count} findings"],
        [count: "{path} : {count} constat", "{path} : {count} constats"];
}
