//! 07: credentials and rights.

super::explanations! {
    Unauthenticated: [
        "The registry is private.",
        "Publishing to a server needs a token; this one may be mistyped, expired or revoked.",
        "VITTE_TOKEN was not sent because it may be for another registry: VITTE_REGISTRY says which one it is for.",
        "A proxy on the way wants a name and a password.",
    ] fr [
        "Le registre est privé.",
        "Publier sur un serveur demande un jeton ; celui-ci est peut-être mal recopié, expiré ou révoqué.",
        "VITTE_TOKEN n’a pas été envoyé parce qu’il est peut-être pour un autre registre : VITTE_REGISTRY dit pour lequel il est.",
        "Un proxy sur le chemin demande un nom et un mot de passe.",
    ]
    @shell "vitte package verify acme/text --registry http://127.0.0.1:8080/" => {
        "error[VP0701]: http://127.0.0.1:8080/config.json wants a token"
        "= help: vitte package login http://127.0.0.1:8080"
    };

    Forbidden: [
        "Only who holds the registry's keys may publish in a folder.",
        "The token is not for this package, or does not allow this.",
        "The server does not give the file to you.",
    ] fr [
        "Publier dans un dossier demande les clés du registre.",
        "Le jeton n’est pas pour ce paquet, ou ne permet pas cela.",
        "Le serveur ne vous donne pas le fichier.",
    ]
    @shell "VITTE_HOME=new vitte package publish --registry reg --yes" => {
        "error[VP0702]: publishing requires the log key of registry `local/…/`, which is not in …"
        "= help: ask its owner to publish, or restore the keys"
    };

    KeyPermissions: [
        "The key or `credentials.toml` was copied here, and its mode was not kept.",
        "A folder above it is open to others, or belongs to somebody else.",
    ] fr [
        "La clé ou `credentials.toml` a été copié ici, et son mode n’a pas été conservé.",
        "Un dossier au-dessus est accessible à d’autres, ou appartient à quelqu’un d’autre.",
    ]
    @shell "chmod 644 home/keys/default.pem; vitte package sign hello-1.0.0.vitpkg" => {
        "error[VP0703]: …/home/keys/default.pem is open to others: its mode is 0644"
        "= help: chmod 600 …/home/keys/default.pem"
    };

    InsecureUrl: [
        "A name and a password stand in the address, where others may see them.",
        "The address leads from https to http.",
        "The address can be read in two ways.",
    ] fr [
        "Il y a un nom et un mot de passe dans l’adresse, où d’autres peuvent les voir.",
        "L’adresse mène de https à http.",
        "L’adresse peut être lue de deux façons.",
    ]
    @shell "vitte package registry add https://me:secret@packages.example.org" => {
        "error[VP0704]: the address `…` is refused: it has a user name in it"
    };

    Passphrase: [
        "The key is protected, and there is no terminal to ask on.",
        "The passphrase was mistyped, or is of another key.",
    ] fr [
        "La clé est protégée, et il n’y a pas de terminal où demander.",
        "La phrase secrète a été mal saisie, ou est celle d’une autre clé.",
    ]
    @shell "vitte package sign hello-1.0.0.vitpkg --key safe" => {
        "error[VP0705]: the key `safe` needs a passphrase, and there is no terminal to ask on"
        "= help: set VITTE_SIGNING_KEY_PASSWORD, or run the command on a terminal"
    };
}
