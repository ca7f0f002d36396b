//! Words about tokens of registries: where they come from and where they are kept.

vitte_package_core::messages! { "credentials";
    login(url: &str) =
        "vitte package login {url}",
        "vitte package login {url}";
    login_again(url: &str) =
        "to use another one: vitte package login {url}",
        "pour en utiliser un autre : vitte package login {url}";
    or_variable(name: &str) =
        "or set {name}",
        "ou définir {name}";
    came_from(source: &str) =
        "the token came from {source}",
        "le jeton vient de {source}";
    variable_not_sent(url: &str) =
        "VITTE_TOKEN was not sent: it may be for another registry; if it is for this one, set VITTE_REGISTRY={url}",
        "VITTE_TOKEN n’a pas été envoyé : il est peut-être pour un autre registre ; s’il est pour celui-ci, définir VITTE_REGISTRY={url}";
    file_token(url: &str) =
        "`{url}` has no `token = \"vtt_…\"`",
        "`{url}` n’a pas de `token = \"vtt_…\"`";
    file_syntax() =
        "this is not valid TOML",
        "ce n’est pas du TOML valide";
    helper_failed(helper: &str, action: &str, status: &str) =
        "the credential helper `{helper} {action}` failed with status {status}",
        "l’assistant d’authentification `{helper} {action}` a échoué avec le statut {status}";
    ask(url: &str) =
        "Token for {url}",
        "Jeton pour {url}";
    stdin_empty() =
        "there is no token on standard input",
        "il n’y a pas de jeton sur l’entrée standard";
    refused(url: &str) =
        "{url} does not accept this token; it was not stored",
        "{url} n’accepte pas ce jeton ; il n’a pas été enregistré";
    no_server(url: &str) =
        "{url} is a folder: it needs no token",
        "{url} est un dossier : il ne demande pas de jeton";
    logged_in(url: &str, place: &str) =
        "Stored the token for {url} in {place}",
        "Jeton pour {url} enregistré dans {place}";
    logged_in_as(url: &str, user: &str, place: &str) =
        "Logged in to {url} as `{user}`; the token is in {place}",
        "Connecté à {url} en tant que `{user}` ; le jeton est dans {place}";
    unchecked(url: &str) =
        "{url} has no way to check a token: it was stored unchecked",
        "{url} ne permet pas de vérifier un jeton : il a été enregistré sans vérification";
    logged_out(url: &str, place: &str) =
        "Removed the token for {url} from {place}",
        "Jeton pour {url} supprimé de {place}";
    nothing_stored(url: &str) =
        "no token is stored for {url}",
        "aucun jeton n’est enregistré pour {url}";
    still_valid() =
        "The token itself is still valid: revoke it at the registry if others may know it",
        "Le jeton lui-même reste valable : le révoquer auprès du registre si d’autres peuvent le connaître";
    still_set(source: &str, url: &str) =
        "{source} still gives a token for {url}",
        "{source} donne toujours un jeton pour {url}";
}
