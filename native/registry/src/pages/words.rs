//! What pages say, in English and French.

vitte_package_core::messages! { "page";
    sign_in() =
        "Sign in",
        "Se connecter";
    sign_in_with(provider: &str) =
        "Sign in with {provider}",
        "Se connecter avec {provider}";
    sign_out() =
        "Sign out",
        "Se déconnecter";
    signed_in_as(user: &str) =
        "You are signed in as {user}",
        "Vous êtes connecté en tant que {user}";
    user_name() =
        "User name",
        "Nom d’utilisateur";
    password() =
        "Password",
        "Mot de passe";
    device_title() =
        "Sign in a client",
        "Connecter un client";
    device_code() =
        "Code that the client shows",
        "Code affiché par le client";
    device_continue() =
        "Continue",
        "Continuer";
    device_question(name: &str) =
        "Sign in “{name}”?",
        "Connecter « {name} » ?";
    device_compare(code: &str) =
        "Approve only if you have just started this sign-in yourself, and the client shows the code {code}",
        "N’approuver que si vous venez de lancer cette connexion vous-même et que le client affiche le code {code}";
    device_from() =
        "Asked for from",
        "Demandé depuis";
    device_scopes() =
        "It may",
        "Il pourra";
    device_packages() =
        "For packages",
        "Pour les paquets";
    device_days() =
        "For",
        "Pendant";
    days(count: u64) =
        [count: "{count} day", "{count} days"],
        [count: "{count} jour", "{count} jours"];
    device_approve() =
        "Approve",
        "Approuver";
    device_deny() =
        "Deny",
        "Refuser";
    device_missing() =
        "There is no client with this code, or the code has expired",
        "Aucun client n’a ce code, ou le code a expiré";
    device_approved() =
        "The client is signed in. You can close this page",
        "Le client est connecté. Vous pouvez fermer cette page";
    device_denied() =
        "The client was not signed in",
        "Le client n’a pas été connecté";
    tokens() =
        "Tokens",
        "Jetons";
    tokens_about() =
        "A token lets a program act for you at this registry. It cannot sign: releases are signed by your key, which the registry never has",
        "Un jeton permet à un programme d’agir pour vous auprès de ce registre. Il ne peut pas signer : les versions sont signées par votre clé, que le registre n’a jamais";
    tokens_none() =
        "You have no tokens",
        "Vous n’avez aucun jeton";
    token_made(name: &str) =
        "New token: {name}",
        "Nouveau jeton : {name}";
    token_once() =
        "Copy it now. The registry keeps only its digest and cannot show it again",
        "Le copier maintenant. Le registre n’en garde que l’empreinte et ne pourra plus l’afficher";
    token_make() =
        "Create a token",
        "Créer un jeton";
    token_name() =
        "Name",
        "Nom";
    token_scopes() =
        "It may",
        "Il pourra";
    token_expires() =
        "Expires",
        "Expiration";
    token_used() =
        "Last used",
        "Dernier usage";
    token_state() =
        "State",
        "État";
    token_never() =
        "never",
        "jamais";
    token_revoke() =
        "Revoke",
        "Révoquer";
    token_revoked() =
        "revoked",
        "révoqué";
    token_expired() =
        "expired",
        "expiré";
    token_days(most: u64) =
        "a token is valid for 1 to {most} days: give a whole number of them",
        "un jeton vaut de 1 à {most} jours : donner un nombre entier";
    token_name_wrong(most: u64) =
        "the name of a token is one line of at most {most} bytes",
        "le nom d’un jeton est une ligne de {most} octets au plus";
    token_no_scope() =
        "choose at least one thing that the token may do",
        "choisir au moins une chose que le jeton pourra faire";
    token_packages_hint() =
        "Names or patterns, separated by spaces: acme/json acme/*",
        "Noms ou motifs, séparés par des espaces : acme/json acme/*";
    token_networks() =
        "Networks it may be used from",
        "Réseaux d’où il peut servir";
    token_networks_hint() =
        "From everywhere if this is empty: 10.0.0.0/8 2001:db8::/32",
        "De partout si ce champ est vide : 10.0.0.0/8 2001:db8::/32";
    scope_read() =
        "Read a private registry",
        "Lire un registre privé";
    scope_publish_new() =
        "Publish first versions of new packages",
        "Publier la première version de nouveaux paquets";
    scope_publish_update() =
        "Publish versions of packages that exist",
        "Publier des versions de paquets existants";
    scope_yank() =
        "Yank and deprecate; your key signs these records too",
        "Retirer et déprécier ; votre clé signe aussi ces actes";
    scope_namespace_create() =
        "Create namespaces",
        "Créer des espaces de noms";
    scope_namespace_keys() =
        "Change the keys of namespaces; these records are signed too",
        "Changer les clés d’espaces de noms ; ces actes sont signés aussi";
    scope_owners() =
        "Add and remove owners",
        "Ajouter et retirer des propriétaires";
    scope_admin() =
        "Do for every package what its owners may; for admins only",
        "Faire pour chaque paquet ce que peuvent ses propriétaires ; réservé aux administrateurs";
    back() =
        "Back",
        "Retour";
    failed() =
        "This did not work",
        "Cela n’a pas fonctionné";
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_follow_the_style() {
        assert_eq!(vitte_package_core::message::style::faults(super::TABLE.iter()), Vec::<String>::new());
    }
}
