//! Words about evidence of what a registry served.

vitte_package_core::messages! { "split_view";
    help(name: &str, version: &str) =
        "report it: vitte package report {name}@{version}",
        "le signaler : vitte package report {name}@{version}";
    written(file: &str) =
        "wrote {file}: what was received, what was signed, and what proves it",
        "{file} écrit : ce qui a été reçu, ce qui a été signé, et ce qui le prouve";
    send(registry: &str, namespace: &str) =
        "send it to the owner of the registry `{registry}`, and to the owners of the namespace `{namespace}`",
        "l’envoyer à l’exploitant du registre `{registry}` et aux propriétaires de l’espace de noms `{namespace}`";
    check_failed(check: &str) =
        "what was found: {check}",
        "constaté : {check}";
    all_good(release: &str) =
        "every check of {release} passed just now: what you saw may be another mirror's, or be gone",
        "toutes les vérifications de {release} viennent de réussir : ce que vous avez vu peut venir d’un autre miroir, ou avoir disparu";
    exists(file: &str) =
        "{file} is there already, and evidence is never overwritten",
        "{file} existe déjà, et les preuves ne sont jamais écrasées";
    exists_help() =
        "give another file: --out FILE",
        "donner un autre fichier : --out FICHIER";
}
