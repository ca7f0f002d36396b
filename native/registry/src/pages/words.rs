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
    of_registry(registry: &str) =
        "Registry {registry}",
        "Registre {registry}";
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
