//! Words about addresses and transfers.

crate::messages! { "network";
    address(address: &str, reason: &str) =
        "the address `{address}` is refused: {reason}",
        "l’adresse `{address}` est refusée : {reason}";
    address_downgrade(from: &str, to: &str) =
        "{from} leads to {to}: what began over TLS is not gone on with in the clear",
        "{from} mène à {to} : ce qui a commencé en TLS ne continue pas en clair";
    no_location(from: &str) =
        "{from} redirects without saying where to",
        "{from} redirige sans dire où";
    address_scheme() =
        "it does not begin with `https://` or `http://`",
        "elle ne commence pas par `https://` ou `http://`";
    address_userinfo() =
        "it has a user name in it",
        "elle contient un nom d’utilisateur";
    address_query() =
        "it has a query in it",
        "elle contient une requête";
    address_fragment() =
        "it has a `#` in it",
        "elle contient un `#`";
    address_host() =
        "its host or port is malformed",
        "son hôte ou son port est mal formé";
    address_path() =
        "its path has an empty segment, `.`, `..`, or an encoded slash",
        "son chemin a un segment vide, `.`, `..`, ou une barre oblique encodée";
    address_bytes() =
        "it has bytes that do not belong in an address",
        "elle contient des octets qui n’ont pas leur place dans une adresse";
    address_long() =
        "it is longer than 8 KiB",
        "elle dépasse 8 Kio";

    batch_request(reason: &str) =
        "the question about several index files is malformed: {reason}",
        "la demande de plusieurs fichiers d’index est mal formée : {reason}";
    batch_limit(what: &str, limit: u64) =
        "there are more than {limit} {what} in one batch of index files",
        "il y a plus de {limit} {what} dans un lot de fichiers d’index";
    batch_line(file: u64) =
        "the line before file {file} of the batch of index files is malformed",
        "la ligne avant le fichier {file} du lot de fichiers d’index est mal formée";
    batch_truncated() =
        "the batch of index files ends too early",
        "le lot de fichiers d’index se termine trop tôt";
    batch_trailing() =
        "there is something behind the end of the batch of index files",
        "il y a quelque chose après la fin du lot de fichiers d’index";
}
