//! Words about addresses and transfers.

pub use vitte_package_core::message::network::*;

vitte_package_core::messages! { "network";
    redirected(to: &str, from: &str) =
        "{to} (redirected from {from})",
        "{to} (redirigé depuis {from})";

    download_again(url: &str, have: u64, attempt: u32) =
        [have: "{url} stopped after {have} byte; trying again after a pause (try {attempt})", "{url} stopped after {have} bytes; trying again after a pause (try {attempt})"],
        [have: "{url} s’est arrêté après {have} octet ; nouvel essai après une pause (essai {attempt})", "{url} s’est arrêté après {have} octets ; nouvel essai après une pause (essai {attempt})"];
    connect(name: &str, reason: &str) =
        "{name} cannot be reached: {reason}",
        "impossible de joindre {name} : {reason}";
    timeout(url: &str, seconds: u64) =
        "{url}: nothing was received for {seconds} s",
        "{url} : rien n’a été reçu pendant {seconds} s";
    slow(url: &str, bytes: u64, seconds: u64) =
        "{url}: only {bytes} bytes were received in {seconds} s",
        "{url} : seulement {bytes} octets reçus en {seconds} s";
    transport(url: &str, reason: &str) =
        "{url}: {reason}",
        "{url} : {reason}";
    arrives_no_more(end: u64) =
        "the download ended before byte {end} came",
        "le téléchargement s’est terminé avant l’octet {end}";
    truncated(url: &str, got: u64, expected: u64) =
        "{url} ended after {got} of {expected} bytes",
        "{url} s’est terminé après {got} octets sur {expected}";
    cut(url: &str) =
        "{url}: the connection ended too early",
        "{url} : la connexion s’est terminée trop tôt";
    status(url: &str, status: u16) =
        "{url} answered {status}",
        "{url} a répondu {status}";
    unavailable(url: &str, status: u16) =
        "{url} answered {status}: the registry is not available now",
        "{url} a répondu {status} : le registre n’est pas disponible pour le moment";
    rate_limited(url: &str) =
        "{url}: too many requests",
        "{url} : trop de requêtes";
    retry_after(seconds: u64) =
        "wait {seconds} s, then try again",
        "attendre {seconds} s, puis réessayer";
    waiting(host: &str, seconds: u64) =
        "{host} asked to be tried again in {seconds} s; waiting (Ctrl-C stops)",
        "{host} demande de réessayer dans {seconds} s ; attente (Ctrl-C pour arrêter)";
    through_proxy(reason: &str, proxy: &str) =
        "{reason} (through the proxy {proxy})",
        "{reason} (par le proxy {proxy})";
    proxy_status(proxy: &str, status: &str) =
        "the proxy {proxy} answered {status}",
        "le proxy {proxy} a répondu {status}";
    proxy_unauthenticated(proxy: &str) =
        "the proxy {proxy} requires a user name and a password",
        "le proxy {proxy} demande un nom d’utilisateur et un mot de passe";
    proxy_unauthenticated_help(variable: &str) =
        "set {variable}=http://USER:PASSWORD@HOST:PORT",
        "définir {variable}=http://USER:PASSWORD@HOST:PORT";
    tls(url: &str, reason: &str) =
        "{url}: no secure connection: {reason}",
        "{url} : pas de connexion sécurisée : {reason}";
    tls_unknown_issuer() =
        "the certificate was issued by an authority that is not trusted here",
        "le certificat a été émis par une autorité qui n’a pas la confiance ici";
    tls_unknown_issuer_help() =
        "if the authority is your company's or your own, set VITTE_CA_FILE to a PEM file with its certificate",
        "si l’autorité est celle de votre entreprise ou la vôtre, mettre dans VITTE_CA_FILE un fichier PEM avec son certificat";
    tls_ca_file_help(variable: &str, path: &str) =
        "{variable} replaces the system's certificates: add the authority's certificate to {path}",
        "{variable} remplace les certificats du système : ajouter le certificat de l’autorité à {path}";
    tls_expired() =
        "the certificate has expired",
        "le certificat a expiré";
    tls_expired_on(day: &str) =
        "the certificate expired on {day}",
        "le certificat a expiré le {day}";
    tls_not_yet() =
        "the certificate is not valid yet",
        "le certificat n’est pas encore valide";
    tls_not_before(day: &str) =
        "the certificate is valid only from {day} on",
        "le certificat n’est valide qu’à partir du {day}";
    tls_clock_help(now: &str) =
        "check this machine's clock, which says {now}; if it is right, the server's operator must replace the certificate",
        "vérifier l’horloge de cette machine, qui indique {now} ; si elle est juste, l’exploitant du serveur doit remplacer le certificat";
    tls_name() =
        "the certificate is for another host",
        "le certificat est pour un autre hôte";
    tls_names(names: &str) =
        "the certificate is for another host: {names}",
        "le certificat est pour un autre hôte : {names}";
    tls_name_help() =
        "use the host name that the certificate is for, or ask the server's operator for one with this name",
        "utiliser le nom d’hôte du certificat, ou demander à l’exploitant du serveur un certificat pour ce nom";
    tls_revoked() =
        "the certificate was revoked",
        "le certificat a été révoqué";
    tls_authority() =
        "the server uses an authority's certificate as its own",
        "le serveur utilise le certificat d’une autorité comme le sien";
    tls_authority_help() =
        "give the server a certificate that its authority has issued, and set VITTE_CA_FILE to the authority's",
        "donner au serveur un certificat émis par son autorité, et mettre dans VITTE_CA_FILE celui de l’autorité";
    tls_certificate(reason: &str) =
        "the certificate cannot be used: {reason}",
        "le certificat est inutilisable : {reason}";
    tls_no_tls() =
        "the server does not speak TLS on this port",
        "le serveur ne parle pas TLS sur ce port";
    tls_no_tls_help() =
        "check host and port; for a server without TLS the address begins with http://",
        "vérifier l’hôte et le port ; pour un serveur sans TLS l’adresse commence par http://";
    tls_alert(alert: &str) =
        "the server ended the handshake: {alert}",
        "le serveur a mis fin à la négociation : {alert}";
    tls_versions() =
        "the server offers neither TLS 1.2 nor TLS 1.3 with a cipher accepted here",
        "le serveur n’offre ni TLS 1.2 ni TLS 1.3 avec un chiffrement accepté ici";
    request_id(id: &str) =
        "the registry's log has this request as {id}: quote it to the operator",
        "le journal du registre contient cette requête sous {id} : l’indiquer à l’opérateur";
    unauthenticated(url: &str) =
        "{url} wants a token",
        "{url} demande un jeton";
    forbidden(url: &str) =
        "{url} may not be read",
        "la lecture de {url} n’est pas autorisée";
    redirects(url: &str, limit: u64) =
        "{url} redirects more than {limit} times",
        "{url} redirige plus de {limit} fois";
    too_large(url: &str, limit: u64) =
        "{url} is larger than {limit} bytes",
        "{url} dépasse {limit} octets";
    encoding(url: &str, encoding: &str) =
        "{url} came with the content encoding `{encoding}`, which it must not have",
        "{url} est arrivé avec l’encodage de contenu `{encoding}`, qu’il ne doit pas avoir";
    inflate(url: &str, reason: &str) =
        "{url}: its gzip data is damaged: {reason}",
        "{url} : ses données gzip sont endommagées : {reason}";
    range(url: &str, got: &str, expected: &str) =
        "{url}: asked for bytes {expected}, got `{got}`",
        "{url} : octets {expected} demandés, `{got}` reçu";
    no_ranges(host: &str) =
        "{host} sends whole files only: more is downloaded than is needed",
        "{host} n’envoie que des fichiers entiers : plus d’octets sont téléchargés que nécessaire";
    wrong_ranges(host: &str, reason: &str) =
        "{host} does not send parts of files as it should, so whole files are downloaded: {reason}",
        "{host} n’envoie pas correctement des parties de fichiers ; des fichiers entiers sont téléchargés : {reason}";
    range_tag(url: &str, got: &str, expected: &str) =
        "{url}: the rest is of another file: its tag is {got}, not {expected}",
        "{url} : la suite est celle d’un autre fichier : son étiquette est {got}, pas {expected}";
    web_page(url: &str) =
        "{url} answered with a web page instead of the file",
        "{url} a répondu par une page web au lieu du fichier";
    web_page_help(host: &str) =
        "open {host} in a browser: this network may ask to sign in first, or the server answers every address with its own page",
        "ouvrir {host} dans un navigateur : ce réseau demande peut-être de s’identifier, ou le serveur répond à toute adresse par sa propre page";
    proxy(variable: &str) =
        "{variable} does not name a proxy",
        "{variable} ne désigne pas un proxy";
    ca_file(variable: &str, path: &str, reason: &str) =
        "{variable}={path}: the certificates cannot be used: {reason}",
        "{variable}={path} : les certificats sont inutilisables : {reason}";
    keeps_changing() =
        "it is another file each time it is asked for",
        "c’est un autre fichier à chaque demande";
    ca_file_empty() =
        "there is no certificate in it",
        "il ne contient pas de certificat";
    connections(value: &str) =
        "{value} is not a number of connections from 1 to 32",
        "{value} n’est pas un nombre de connexions de 1 à 32";
    silence(value: &str) =
        "{value} is not a number of seconds from 1 to 3600",
        "{value} n’est pas un nombre de secondes de 1 à 3600";

    serving(folder: &str, url: &str) =
        "{folder} at {url}",
        "{folder} à {url}";
    serving_stop() =
        "stop with Ctrl-C",
        "Ctrl-C pour arrêter";
    listen(address: &str, reason: &str) =
        "cannot listen on {address}: {reason}",
        "impossible d’écouter sur {address} : {reason}";
}
