//! 06: network and registry.

super::explanations! {
    Truncated: [
        "The connection was cut while a file was fetched.",
        "A proxy or server ended early.",
    ] fr [
        "La connexion a été coupée pendant le téléchargement d’un fichier.",
        "Un proxy ou un serveur s’est arrêté trop tôt.",
    ]
    @shell "vitte package verify acme/text --registry http://127.0.0.1:8080/" => {
        "error[VP0601]: http://127.0.0.1:8080/config.json: the connection ended too early"
    };

    Transport: [
        "The server gave an answer that no registry gives.",
        "The server's certificate is not valid, or its name is not known.",
        "A proxy changed what was asked for.",
    ] fr [
        "Le serveur a donné une réponse qu’aucun registre ne donne.",
        "Le certificat du serveur n’est pas valide, ou son nom n’est pas connu.",
        "Un proxy a changé ce qui était demandé.",
    ]
    @shell "vitte package verify acme/text --registry http://127.0.0.1:8080/" => {
        "error[VP0602]: http://127.0.0.1:8080/config.json answered 418"
    };

    Timeout: [
        "The server or the network is overloaded.",
        "A firewall drops the packets without an answer.",
    ] fr [
        "Le serveur ou le réseau est surchargé.",
        "Un pare-feu rejette les paquets sans répondre.",
    ]
    @shell "VITTE_HTTP_TIMEOUT=1 vitte package verify acme/text --registry http://127.0.0.1:8080/" => {
        "error[VP0603]: http://127.0.0.1:8080/config.json: nothing was received for 1 s"
    };

    RateLimited: [
        "Too much was asked from this address in a short time, perhaps by many jobs at once.",
    ] fr [
        "Trop de requêtes sont venues de cette adresse en peu de temps, peut-être de plusieurs tâches à la fois.",
    ]
    @shell "vitte package verify acme/text --registry http://127.0.0.1:8080/" => {
        "error[VP0604]: http://127.0.0.1:8080/config.json: too many requests"
        "= help: wait 3600 s, then try again"
    };

    Unavailable: [
        "The registry's server is down, or is being looked after.",
        "This machine has no network, or needs a proxy.",
        "The command was run with `--offline`.",
        "A mirror or a cache serves an older copy of the registry than you have seen, or one that is not complete.",
    ] fr [
        "Le serveur du registre est en panne, ou en maintenance.",
        "Cette machine n’a pas de réseau, ou a besoin d’un proxy.",
        "La commande a été lancée avec `--offline`.",
        "Un miroir ou un cache sert une copie du registre plus ancienne que ce que vous avez vu, ou incomplète.",
    ]
    @shell "vitte package verify acme/text --registry http://127.0.0.1:8080/" => {
        "error[VP0605]: http://127.0.0.1:8080/config.json answered 503: the registry is not available now"
    };

    NotFound: [
        "The name or the version is misspelt.",
        "The package is in another registry.",
        "Every release that fits was yanked.",
    ] fr [
        "Le nom ou la version est mal orthographié.",
        "Le paquet est dans un autre registre.",
        "Toutes les versions qui conviennent ont été retirées.",
    ]
    @shell "vitte package info acme/txt --registry reg" => {
        "error[VP0606]: there is no package acme/txt in …/reg"
        "= help: did you mean `acme/text`?"
    };

    VersionExists: [
        "Something changed since the version was published, and its number did not.",
        "Somebody else published that version.",
    ] fr [
        "Quelque chose a changé depuis la publication de la version, et son numéro n’a pas changé.",
        "Quelqu’un d’autre a publié cette version.",
    ]
    @shell "vitte package publish --registry reg --yes" => {
        "error[VP0607]: demo/app 1.0.0 vitmod any is published already, with other content"
        "= help: raise `version` in vitte.toml: what is published never changes"
    };

    IndexVersion: [
        "The registry writes its index in a form that is newer than this program.",
    ] fr [
        "Le registre écrit son index dans un format plus récent que ce programme.",
    ]
    @shell "vitte package verify acme/text --registry reg" => {
        "error[VP0608]: the index file is of form 2; this version reads form 1"
    };

    Json: [
        "A file of the registry was edited by hand or cut off.",
        "The address leads to a web page instead of a registry.",
    ] fr [
        "Un fichier du registre a été modifié à la main ou coupé.",
        "Il y a une page web à l’adresse, à la place d’un registre.",
    ]
    @shell "vitte package verify acme/text --registry reg" => {
        "error[VP0609]: the JSON document is malformed: …"
        "--> …/reg/config.json"
    };

    RegistryLayout: [
        "The folder is not a registry, or its path is misspelt.",
        "Files of the registry were removed.",
    ] fr [
        "Le dossier n’est pas un registre, ou son chemin est mal orthographié.",
        "Des fichiers du registre ont été supprimés.",
    ]
    @shell "vitte package verify acme/text --registry src" => {
        "error[VP0610]: `…/src` is not a registry: it has no `config.json`"
        "= help: check the path given as --registry, in VITTE_REGISTRY or as registry.default"
    };

    Busy: [
        "Another process publishes or installs, and takes longer than this one waits.",
        "A process that was stopped, and not ended, holds the lock.",
    ] fr [
        "Un autre processus publie ou installe, et prend plus de temps que celui-ci n’attend.",
        "Un processus suspendu, et non terminé, tient le verrou.",
    ]
    @shell "vitte package install acme/text --registry reg" => {
        "error[VP0611]: another process holds the lock …/home/store/v1/lock: process 4242, installing"
    };

    IdempotencyKey: [
        "A program sent two different requests to a server under one key.",
        "No command of this version reports it: it is kept for registries with a server.",
    ] fr [
        "Un programme a envoyé deux requêtes différentes à un serveur sous une même clé.",
        "Aucune commande de cette version ne le signale : c’est prévu pour les registres avec un serveur.",
    ]
    @shell "vitte package explain idempotency-key" => {
        "VP0612 idempotency-key: the key was used for another request"
    };

    RegistryExists: [
        "A registry was created in this folder before.",
        "The folder holds other files.",
    ] fr [
        "Un registre a déjà été créé dans ce dossier.",
        "Le dossier contient d’autres fichiers.",
    ]
    @shell "vitte package registry init reg" => {
        "error[VP0613]: `…/reg` is a registry already"
    };

    IndexBatch: [
        "The server that answers for several index files at once is faulty or of another version.",
        "The answer was cut off on its way.",
    ] fr [
        "Le serveur qui répond pour plusieurs fichiers d’index à la fois est défectueux ou d’une autre version.",
        "La réponse a été coupée en chemin.",
    ]
    @shell "vitte package lock --registry https://packages.example.org/" => {
        "error[VP0614]: the batch of index files ends too early"
    };

    UploadClosed: [
        "The upload was given up, was refused when it was committed, or was left open for more than 24 hours.",
        "`vitte package publish` opens another upload by itself, once; when that ends as well, the server has a fault.",
    ] fr [
        "Le téléversement a été abandonné, a été refusé lors de sa validation, ou est resté ouvert plus de 24 heures.",
        "`vitte package publish` ouvre de lui-même un autre téléversement, une fois ; quand celui-là se termine aussi, le serveur a un défaut.",
    ]
    @shell "vitte package publish --yes" => {
        "error[VP0615]: the upload `vtu_8Kd3` was refused when it was committed, and takes nothing more"
        "= help: open another upload: the same request to `POST uploads` does it"
    };

    Quota: [
        "The registry's operator limits how many packages and releases a namespace may have, how many bytes, or how large an archive may be.",
        "`vitte package publish --dry-run` is refused in the same way, before anything is sent.",
    ] fr [
        "L’opérateur du registre limite le nombre de paquets et de versions d’un espace de noms, leurs octets, ou la taille d’une archive.",
        "`vitte package publish --dry-run` est refusé de la même façon, avant tout envoi.",
    ]
    @shell "vitte package publish --yes" => {
        "error[VP0616]: the quota of namespace `acme` for releases is 100: it has 100, and this would add 1"
        "= help: ask the registry's operator: vitte-registry namespace quota acme --releases 101"
    };
}
