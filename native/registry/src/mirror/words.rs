//! What the mirror says to its operator, in English and French.

vitte_package_core::messages! { "mirror";
    absent() =
        "the upstream registry has no such file",
        "le registre en amont n’a pas ce fichier";
    connect(url: &str, reason: &str) =
        "{url} cannot be reached: {reason}",
        "{url} est inaccessible : {reason}";
    silent(url: &str) =
        "{url}: nothing was received for too long",
        "{url} : rien n’a été reçu pendant trop longtemps";
    truncated(url: &str) =
        "{url}: the connection ended before all of the file was received",
        "{url} : la connexion s’est terminée avant la fin du fichier";
    too_long(url: &str, limit: u64) =
        "{url}: longer than the {limit} bytes it can have",
        "{url} : plus long que les {limit} octets possibles";
    status(url: &str, status: u16) =
        "{url}: the response has status {status}",
        "{url} : la réponse a l’état {status}";
    web_page(url: &str) =
        "{url}: a web page came instead of a file",
        "{url} : une page web est arrivée au lieu d’un fichier";
    encoding(url: &str, encoding: &str) =
        "{url}: the file came encoded as `{encoding}`, which was not asked for",
        "{url} : le fichier est arrivé encodé en `{encoding}`, ce qui n’était pas demandé";
    redirects(url: &str) =
        "{url}: too many redirects",
        "{url} : trop de redirections";
    private(url: &str) =
        "{url}: the registry leads to another origin that has no public address",
        "{url} : le registre mène à une autre origine qui n’a pas d’adresse publique";
    private_help() =
        "if it is one of your own, pass --allow-private",
        "si c’est l’une des vôtres, donner --allow-private";
    unauthenticated(url: &str) =
        "{url}: the upstream registry needs a token",
        "{url} : le registre en amont demande un jeton";
    unauthenticated_help() =
        "set VITTE_MIRROR_TOKEN, or VITTE_MIRROR_TOKEN_FILE to a file that holds it",
        "définir VITTE_MIRROR_TOKEN, ou VITTE_MIRROR_TOKEN_FILE avec un fichier qui le contient";
    token_in_clear(url: &str) =
        "{url}: a token is not sent over plain http to another machine",
        "{url} : un jeton n’est pas envoyé en http simple à une autre machine";
    offline() =
        "this mirror is offline and has no copy of this file",
        "ce miroir est hors ligne et n’a pas de copie de ce fichier";
    offline_empty(dir: &str) =
        "{dir} has no copy of the registry yet: start once without --offline",
        "{dir} n’a pas encore de copie du registre : démarrer une fois sans --offline";
    other_registry(dir: &str, known: &str, pinned: &str) =
        "{dir} is a mirror of the registry with trust root {known}, not {pinned}",
        "{dir} est un miroir du registre dont la racine de confiance est {known}, pas {pinned}";
    damaged(file: &str) =
        "{file} is damaged: move it away, and the mirror starts anew from the pinned trust root",
        "{file} est abîmé : le déplacer, et le miroir repart de la racine de confiance épinglée";
    not_in_index(path: &str) =
        "the registry's index has no release with the file {path}",
        "l’index du registre n’a pas de version publiée avec le fichier {path}";
    unsettled(path: &str) =
        "the upstream registry serves {path} as it was before its log went on",
        "le registre en amont sert {path} tel qu’avant la suite de son journal";
    beyond(path: &str) =
        "the upstream registry serves {path} from a log that it does not show yet",
        "le registre en amont sert {path} d’un journal qu’il ne montre pas encore";
    archive_differs(path: &str) =
        "{path} is not the file that the index names",
        "{path} n’est pas le fichier que nomme l’index";
    proof_differs(path: &str) =
        "{path} does not prove the release it stands next to",
        "{path} ne prouve pas la version publiée à côté";
    copied(registry: &str, size: u64) =
        "Copied the log of `{registry}` up to entry {size}",
        "Journal de `{registry}` copié jusqu’à l’entrée {size}";
    evidence(dir: &str) =
        "the two checkpoints that contradict each other are kept in {dir}: show them to the registry's operator",
        "les deux points de contrôle qui se contredisent sont gardés dans {dir} : les montrer à l’opérateur du registre";
    read_only(url: &str) =
        "this is a read-only mirror: publish to {url}",
        "ceci est un miroir en lecture seule : publier sur {url}";
    only_asked_upstream() =
        "a mirror has no search of its own: try again when the registry can be reached",
        "un miroir n’a pas de recherche à lui : réessayer quand le registre sera joignable";
    prefetch_line(file: &str, line: u64, text: &str) =
        "{file}, line {line}: `{text}` is no package, with or without `@VERSION`",
        "{file}, ligne {line} : `{text}` n’est pas un paquet, avec ou sans `@VERSION`";
    prefetch_missing(package: &str) =
        "no release of {package} fits",
        "aucune version publiée de {package} ne convient";
    prefetched(releases: u64, files: u64) =
        "Prefetched {releases} archives and {files} files of the log",
        "{releases} archives et {files} fichiers du journal copiés d’avance";
    incomplete(failed: u64) =
        "{failed} of what was to be fetched could not be",
        "{failed} éléments à copier n’ont pas pu l’être";
    size(text: &str) =
        "`{text}` is not a size such as 500MB or 10GiB",
        "`{text}` n’est pas une taille comme 500MB ou 10GiB";
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_follow_the_style() {
        assert_eq!(vitte_package_core::message::style::faults(super::TABLE.iter()), Vec::<String>::new());
    }
}
