//! Words about users, tokens and owners at a registry that is a server.

vitte_package_core::messages! { "account";
    no_accounts(url: &str) =
        "{url} has no accounts: it is only files",
        "{url} n’a pas de comptes : ce ne sont que des fichiers";
    no_answer() =
        "the registry's response is not what it should be",
        "la réponse du registre n’est pas celle attendue";
    device_open(url: &str) =
        "Open {url} in a browser, on any device",
        "Ouvrir {url} dans un navigateur, sur n’importe quel appareil";
    device_code(code: &str) =
        "Check that it shows this code, and approve: {code}",
        "Vérifier que ce code s’affiche, puis approuver : {code}";
    device_waiting(minutes: u64) =
        [minutes: "Waiting for your approval; the code is valid for {minutes} minute", "Waiting for your approval; the code is valid for {minutes} minutes"],
        [minutes: "En attente de votre approbation ; le code est valable {minutes} minute", "En attente de votre approbation ; le code est valable {minutes} minutes"];
    me(user: &str, role: &str, url: &str) =
        "{user} ({role}) at {url}",
        "{user} ({role}) chez {url}";
    me_token(id: &str, name: &str, source: &str) =
        "token {id} `{name}` from {source}",
        "jeton {id} `{name}` depuis {source}";
    me_unnamed_token(id: &str, source: &str) =
        "token {id} from {source}",
        "jeton {id} depuis {source}";
    scopes(scopes: &str) =
        "scopes: {scopes}",
        "portées : {scopes}";
    packages(packages: &str) =
        "packages: {packages}",
        "paquets : {packages}";
    days_left(days: u64) =
        [days: "expires in {days} day", "expires in {days} days"],
        [days: "expire dans {days} jour", "expire dans {days} jours"];
    expired() =
        "expired",
        "expiré";
    revoked() =
        "revoked",
        "révoqué";
    token_created(name: &str, id: &str) =
        "Created token `{name}` ({id}): it is shown this once",
        "Jeton `{name}` ({id}) créé : il n’est montré que cette fois";
    token_revoked(id: &str) =
        "Revoked token {id}",
        "Jeton {id} révoqué";
    tokens_none() =
        "there are no tokens",
        "il n’y a pas de jetons";
    owner_added(user: &str, package: &str) =
        "Added `{user}` to the owners of {package}",
        "`{user}` ajouté aux propriétaires de {package}";
    owner_removed(user: &str, package: &str) =
        "Removed `{user}` from the owners of {package}",
        "`{user}` retiré des propriétaires de {package}";
    owners_none(package: &str) =
        "{package} has no owners: whoever has a key of its namespace may publish",
        "{package} n’a pas de propriétaires : quiconque a une clé de son espace de noms peut publier";
    owner_of_namespace() =
        "owns the namespace",
        "propriétaire de l’espace de noms";
    owned_malformed(given: &str) =
        "`{given}` is neither a package nor a namespace: write `namespace/name` or `namespace/*`",
        "`{given}` n’est ni un paquet ni un espace de noms : écrire `namespace/name` ou `namespace/*`";
}
