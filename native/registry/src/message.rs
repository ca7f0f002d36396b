//! What only the server's program says to its operator, in English and French.
//!
//! What it says to clients is core's, and English: a response is data.

use vitte_package_core::message::Language;

vitte_package_core::messages! { "operator";
    created(registry: &str, dir: &str) =
        "Created registry `{registry}` in {dir}",
        "Registre `{registry}` créé dans {dir}";
    created_keys(dir: &str) =
        "Its signing keys are in {dir}: back them up",
        "Ses clés de signature sont dans {dir} : les sauvegarder";
    created_next(dir: &str) =
        "Next: vitte-registry user add NAME --data {dir}",
        "Ensuite : vitte-registry user add NOM --data {dir}";
    created_trust(digest: &str) =
        "Others trust it by: vitte package registry add ADDRESS --trust-root-sha256 {digest}",
        "D’autres lui font confiance par : vitte package registry add ADRESSE --trust-root-sha256 {digest}";
    user_added(name: &str) =
        "Added user `{name}`",
        "Utilisateur `{name}` ajouté";
    user_disabled(name: &str) =
        "Disabled user `{name}`",
        "Utilisateur `{name}` désactivé";
    user_enabled(name: &str) =
        "Enabled user `{name}`",
        "Utilisateur `{name}` réactivé";
    user_password_set(name: &str) =
        "Changed the password of user `{name}`",
        "Mot de passe de l’utilisateur `{name}` changé";
    user_role_set(name: &str, role: &str) =
        "Changed the role of user `{name}` to {role}",
        "Rôle de l’utilisateur `{name}` changé en {role}";
    user_has_password() =
        "password",
        "mot de passe";
    user_is_disabled() =
        "disabled",
        "désactivé";
    password_ask() =
        "Password:",
        "Mot de passe :";
    password_again() =
        "Password, again:",
        "Mot de passe, encore une fois :";
    password_differs() =
        "the two passwords differ",
        "les deux mots de passe diffèrent";
    token_valid() =
        "valid",
        "valable";
    token_expired() =
        "expired",
        "expiré";
    token_revoked() =
        "revoked",
        "révoqué";
    revoked(id: &str) =
        "Revoked token {id}",
        "Jeton {id} révoqué";
    built_without(feature: &str) =
        "this program was built without the feature `{feature}`",
        "ce programme a été compilé sans la fonctionnalité `{feature}`";
    built_without_help(feature: &str) =
        "build it again: cargo install --path native/registry --features {feature}",
        "la compiler de nouveau : cargo install --path native/registry --features {feature}";
    database_address() =
        "a database has an address like `postgres://USER:PASSWORD@HOST/NAME`",
        "l’adresse d’une base de données a la forme `postgres://UTILISATEUR:MOT_DE_PASSE@HÔTE/NOM`";
    storage_alone() =
        "a bucket has no locks: `storage` needs `database`, which decides who writes to the log",
        "un compartiment n’a pas de verrou : `storage` demande `database`, qui décide qui écrit dans le journal";
    storage_address(address: &str) =
        "`{address}` is not the address of a bucket: `s3://BUCKET/PREFIX?endpoint=URL&region=REGION`",
        "`{address}` n’est pas l’adresse d’un compartiment : `s3://COMPARTIMENT/PRÉFIXE?endpoint=URL&region=RÉGION`";
    webhook_added(id: &str) =
        "Added webhook {id}",
        "Webhook {id} ajouté";
    webhook_secret(secret: &str) =
        "Its messages are signed with {secret}, which is not shown again",
        "Ses messages sont signés avec {secret}, qui n’est plus affiché ensuite";
    webhook_removed(id: &str) =
        "Removed webhook {id}",
        "Webhook {id} supprimé";
    webhook_disabled() =
        "disabled: its target is gone",
        "désactivé : sa cible n’existe plus";
    webhook_missing(id: &str) =
        "there is no webhook `{id}`",
        "il n’y a pas de webhook `{id}`";
    webhook_event(word: &str) =
        "`{word}` is nothing that a webhook can be told of",
        "`{word}` n’est rien dont un webhook puisse être averti";
    webhook_limit(limit: u64) =
        "a registry has at most {limit} webhooks",
        "un registre a au plus {limit} webhooks";
    webhook_http(url: &str) =
        "{url} is not https: anyone on the way could read the messages",
        "{url} n’est pas en https : n’importe qui sur le chemin pourrait lire les messages";
    webhook_private(url: &str) =
        "{url} is an address of this machine or of a private network",
        "{url} est une adresse de cette machine ou d’un réseau privé";
    delivery_missing(id: &str) =
        "there is no message `{id}`",
        "il n’y a pas de message `{id}`";
    delivery_taken() =
        "delivered",
        "remis";
    delivery_due(seconds: u64) =
        "next attempt in {seconds} s",
        "prochain essai dans {seconds} s";
    delivery_over() =
        "given up",
        "abandonné";
    delivery_again(id: &str) =
        "Message {id} is sent again",
        "Le message {id} est renvoyé";
    imported(registry: &str) =
        "Imported registry `{registry}`",
        "Registre `{registry}` importé";
    exported(registry: &str, dir: &str) =
        "Exported registry `{registry}` to {dir}",
        "Registre `{registry}` exporté dans {dir}";
    export_never_settles() =
        "the registry is being written to all the time: no moment could be copied",
        "on écrit sans cesse dans le registre : aucun instant n’a pu être copié";
    export_never_settles_help() =
        "stop the server for as long as the export takes, or take a backup: vitte-registry backup",
        "arrêter le serveur le temps de l’export, ou faire une sauvegarde : vitte-registry backup";
    exported_private(dir: &str) =
        "The registry is private: a server of {dir} must ask for tokens as well, since any file server would deliver it to everyone",
        "Le registre est privé : qui sert {dir} doit aussi demander des jetons, car un serveur de fichiers le livrerait à tout le monde";
    access_private(registry: &str) =
        "Registry `{registry}` is private: reading it requires a token with the scope `read`",
        "Le registre `{registry}` est privé : le lire demande un jeton avec la portée `read`";
    access_public(registry: &str) =
        "Registry `{registry}` is public: everyone may read it",
        "Le registre `{registry}` est public : tout le monde peut le lire";
    config_at(place: &str, fault: &str) =
        "{place}: {fault}",
        "{place} : {fault}";
    config_default() =
        "default",
        "par défaut";
    config_unset() =
        "(not set)",
        "(non défini)";
    config_overrides(value: &str, origin: &str) =
        "overrides {value} ({origin})",
        "remplace {value} ({origin})";
    config_unknown(name: &str) =
        "there is no setting `{name}`",
        "le réglage `{name}` n’existe pas";
    config_variable(name: &str) =
        "`{name}` sets nothing: there is no such setting",
        "`{name}` ne définit rien : ce réglage n’existe pas";
    config_near(name: &str) =
        "did you mean `{name}`?",
        "vouliez-vous dire `{name}` ?";
    config_known(names: &str) =
        "there are: {names}",
        "il y a : {names}";
    config_value(name: &str, value: &str, form: &str) =
        "`{value}` is not a value of `{name}`: {form}",
        "`{value}` n’est pas une valeur de `{name}` : {form}";
    config_text(name: &str) =
        "`{name}` needs a text, a whole number, true or false, or a list of texts",
        "`{name}` attend un texte, un nombre entier, true ou false, ou une liste de textes";
    web_assets(folder: &str, reason: &str) =
        "`web-assets` is not a folder of the site's scripts: {folder}: {reason}",
        "`web-assets` n’est pas un dossier des scripts du site : {folder} : {reason}";
    web_assets_large(mebibytes: u64) =
        "more than {mebibytes} MiB",
        "plus de {mebibytes} Mio";
    web_assets_none(name: &str) =
        "there is no `{name}` in it",
        "il ne contient pas de `{name}`";
    tls_half() =
        "`tls-cert` and `tls-key` need each other",
        "`tls-cert` et `tls-key` vont ensemble";
    config_long(limit: u64) =
        "a configuration has at most {limit} bytes",
        "une configuration a au plus {limit} octets";
    config_syntax(reason: &str) =
        "not valid TOML: {reason}",
        "TOML non valide : {reason}";
}

/// The language that the operator reads: that of the first of `VITTE_LANG`, `LC_ALL`, `LC_MESSAGES` and `LANG` which is
/// set; English where there are no messages in it.
pub(crate) fn chosen_language() -> Language {
    let variables = ["VITTE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
    let set = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    variables.into_iter().find_map(set).and_then(|text| Language::parse(&text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_follow_the_style() {
        assert_eq!(vitte_package_core::message::style::faults(super::TABLE.iter()), Vec::<String>::new());
    }
}
