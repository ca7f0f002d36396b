//! Help texts about registries, their tokens and owners, namespaces and keys.

/// English and French.
pub(super) const TABLE: &[(&str, &str)] = &[
    ("Log in to a registry", "Se connecter à un registre"),
    (
        "Log in to a registry\n\nThe registry shows an address and a code; once you have approved it there in a browser, on any device, it gives a token. With --token-stdin, a token that you have is stored instead. The registry is asked whether it accepts the token before it is stored, in `credentials.toml` in the Vitte home or with the credential helper. It is sent to this registry and to nobody else.",
        "Se connecter à un registre\n\nLe registre montre une adresse et un code ; une fois la connexion approuvée dans un navigateur, sur n’importe quel appareil, il donne un jeton. Avec --token-stdin, un jeton déjà obtenu est enregistré à la place. Le registre est interrogé sur la validité du jeton avant qu’il soit enregistré, dans `credentials.toml` du dossier de Vitte ou par l’assistant d’authentification. Il est envoyé à ce registre et à personne d’autre.",
    ),
    (
        "What the new token allows, separated by commas; without it, all that a user may do",
        "Ce que permet le nouveau jeton, séparé par des virgules ; sans cela, tout ce qu’un utilisateur peut faire",
    ),
    (
        "The packages the new token is for, separated by commas: *, namespace/*, namespace/name",
        "Les paquets pour lesquels vaut le nouveau jeton, séparés par des virgules : *, namespace/*, namespace/name",
    ),
    (
        "Show whose token is used for a registry, and what it allows",
        "Montrer à qui est le jeton utilisé pour un registre, et ce qu’il permet",
    ),
    (
        "Create, list and revoke your tokens at a registry",
        "Créer, lister et révoquer ses jetons auprès d’un registre",
    ),
    (
        "Create, list and revoke your tokens at a registry\n\nA token lets a program, such as CI, do some of what you may do. Log in first: a token made for a program cannot make others.",
        "Créer, lister et révoquer ses jetons auprès d’un registre\n\nUn jeton permet à un programme, comme l’intégration continue, de faire une partie de ce que vous pouvez faire. Se connecter d’abord : un jeton créé pour un programme ne peut pas en créer d’autres.",
    ),
    ("Create a token and show it once", "Créer un jeton et le montrer une seule fois"),
    ("What the token is called in lists", "Le nom du jeton dans les listes"),
    (
        "What it allows, separated by commas: publish, yank, namespace, owners, or parts of these",
        "Ce qu’il permet, séparé par des virgules : publish, yank, namespace, owners, ou des parties de ceux-ci",
    ),
    (
        "The packages it is for, separated by commas: *, namespace/*, namespace/name",
        "Les paquets pour lesquels il vaut, séparés par des virgules : *, namespace/*, namespace/name",
    ),
    ("List your tokens, without their secrets", "Lister ses jetons, sans leurs secrets"),
    ("Make one of your tokens worthless", "Rendre un de ses jetons sans valeur"),
    ("Its id, as `token list` shows it", "Son identifiant, tel que `token list` le montre"),
    (
        "Which users of a registry may publish to a package",
        "Quels utilisateurs d’un registre peuvent publier un paquet",
    ),
    (
        "Which users of a registry may publish to a package\n\nOwners are users of the registry. A release must also be signed with a key of the namespace: `namespace` manages those.",
        "Quels utilisateurs d’un registre peuvent publier un paquet\n\nLes propriétaires sont des utilisateurs du registre. Une version doit aussi être signée avec une clé de l’espace de noms : `namespace` les gère.",
    ),
    (
        "Add an owner to a package, or to a namespace",
        "Ajouter un propriétaire à un paquet ou à un espace de noms",
    ),
    ("Remove an owner, but never the last one", "Retirer un propriétaire, mais jamais le dernier"),
    (
        "List the owners of a package, or of a namespace",
        "Lister les propriétaires d’un paquet ou d’un espace de noms",
    ),
    ("The package, or `namespace/*`", "Le paquet, ou `namespace/*`"),
    (
        "A key to sign with: its name, or the path of a PEM file; may be given several times",
        "Une clé pour signer : son nom, ou le chemin d’un fichier PEM ; peut être donnée plusieurs fois",
    ),
    (
        "A registry token; others can see it in the list of processes, --token-stdin and `login` are better",
        "Un jeton du registre ; d’autres peuvent le voir dans la liste des processus, --token-stdin et `login` sont préférables",
    ),
    (
        "A role of the added keys: root, release or status",
        "Un rôle des clés ajoutées : root, release ou status",
    ),
    (
        "Add a key from a PEM file (PKCS#8, Ed25519)",
        "Ajouter une clé depuis un fichier PEM (PKCS#8, Ed25519)",
    ),
    ("Add and remove keys, change thresholds", "Ajouter et retirer des clés, changer les seuils"),
    (
        "Back up the signing keys of a registry of your own, and restore them",
        "Sauvegarder les clés de signature de votre registre, et les restaurer",
    ),
    ("Begin a namespace; the signer owns it", "Créer un espace de noms ; le signataire en est propriétaire"),
    (
        "Begin a registry in a folder: keys, trust root and an empty log",
        "Créer un registre dans un dossier : clés, racine de confiance et journal vide",
    ),
    ("Begin, check and trust registries", "Créer, vérifier et approuver des registres"),
    (
        "The address of the registry; without it, the only one that vitte.toml names",
        "L’adresse du registre ; sans elle, le seul que vitte.toml nomme",
    ),
    (
        "Trust a registry's current trust root, although the one trusted so far does not lead to it",
        "Faire confiance à la racine de confiance actuelle d’un registre, même si rien n’y mène depuis la précédente",
    ),
    (
        "Trust a registry's current trust root, although the one trusted so far does not lead to it\n\nFor a registry whose keys were lost, or that was re-created under its old name, once its owner has said so and given you the digest by another way than the registry. What was remembered of it is kept as evidence and counts no more; lockfiles stay as they are, and are checked against the new log.",
        "Faire confiance à la racine de confiance actuelle d’un registre, même si rien n’y mène depuis la précédente\n\nPour un registre dont les clés ont été perdues, ou qui a été recréé sous son ancien nom, une fois que son propriétaire l’a dit et vous a donné l’empreinte par un autre moyen que le registre. Ce qui en avait été vu est gardé comme preuve et ne compte plus ; les fichiers de verrouillage restent tels quels, et sont vérifiés d’après le nouveau journal.",
    ),
    (
        "Trust this key for a file, besides own and trusted ones: a name or a file",
        "Faire confiance à cette clé pour un fichier, en plus de vos clés et de celles de confiance : un nom ou un fichier",
    ),
    (
        "Trust this key for files, besides own and trusted ones: a name or a file",
        "Faire confiance à cette clé pour des fichiers, en plus de vos clés et de celles de confiance : un nom ou un fichier",
    ),
    (
        "Check a package: container, signatures, and every byte of every file\n\nA file: signatures count if they are by a key of your own or by one you trust; with `--key`, only if they are by that key; with `--registry`, if it is the release that the registry's log has and the namespace's keys signed it; with `--offline`, if the proofs stapled into it show that. A name: the release in the registry, with its place in the log and every other check. Ends with 5 if the package is unsigned, untrusted or was tampered with, and with 3 if the file is no well-formed package.",
        "Vérifier un paquet : conteneur, signatures, et chaque octet de chaque fichier\n\nUn fichier : les signatures comptent si elles viennent d’une de vos clés ou d’une clé de confiance ; avec `--key`, seulement si elles viennent de cette clé ; avec `--registry`, si c’est la version qui est dans le journal du registre et que les clés de l’espace de noms l’ont signée ; avec `--offline`, si les preuves jointes le montrent. Un nom : la version dans le registre, avec sa place dans le journal et toutes les autres vérifications. Se termine avec 5 si le paquet n’est pas signé, n’est pas approuvé ou a été altéré, et avec 3 si le fichier n’est pas un paquet bien formé.",
    ),
    (
        "Check everything in a registry: log, index, namespaces, proofs and archives",
        "Tout vérifier dans un registre : journal, index, espaces de noms, preuves et archives",
    ),
    (
        "Choose no release younger than this, for example 24h; the project's own namespaces are exempt, and what `resolver.min-age-exempt` names",
        "Ne choisir aucune version plus récente que cela, par exemple 24h ; les espaces de noms du projet en sont exemptés, ainsi que ce que nomme `resolver.min-age-exempt`",
    ),
    (
        "Count only signatures by this key: the name of one of yours, a fingerprint or id of one you trust, or a file with a public key",
        "Ne compter que les signatures de cette clé : le nom d’une des vôtres, l’empreinte ou l’identifiant d’une clé de confiance, ou un fichier avec une clé publique",
    ),
    ("Draw a new index key", "Tirer une nouvelle clé d’index"),
    ("Draw a new log key", "Tirer une nouvelle clé de journal"),
    ("Draw a new root key", "Tirer une nouvelle clé racine"),
    (
        "Fail if a release in use was yanked, signed by a key that was revoked since, or deprecated",
        "Échouer si une version utilisée a été retirée, signée par une clé révoquée depuis, ou dépréciée",
    ),
    (
        "Find yanked releases and revoked keys among what is locked and installed",
        "Chercher les versions retirées et les clés révoquées parmi ce qui est verrouillé et installé",
    ),
    (
        "Find yanked releases and revoked keys among what is locked and installed\n\nEvery release of the project's lockfile, and every one installed for this user, is proved anew from its registry's log. Ends with 1 if any of them was yanked, or was signed by a key that has been revoked from before its entry on, and also if there was one that no registry could be asked about; with 5 if a registry contradicts its log, or what is in use.",
        "Chercher les versions retirées et les clés révoquées parmi ce qui est verrouillé et installé\n\nChaque version du fichier de verrouillage du projet, et chacune de celles installées pour cet utilisateur, est prouvée de nouveau d’après le journal de son registre. Se termine avec 1 si l’une d’elles a été retirée, ou signée par une clé révoquée dès avant son entrée, et aussi s’il y en a une pour laquelle aucun registre n’a pu être interrogé ; avec 5 si un registre contredit son journal, ou ce qui est utilisé.",
    ),
    ("Give a key another name", "Donner un autre nom à une clé"),
    ("How many release keys must sign a release", "Combien de clés release doivent signer une version"),
    (
        "How many root keys must sign the next record",
        "Combien de clés root doivent signer le prochain enregistrement",
    ),
    (
        "A key to remove: its fingerprint, its id, or the name of one of your own",
        "Une clé à retirer : son empreinte, son identifiant, ou le nom d’une des vôtres",
    ),
    (
        "The key: its fingerprint, its id, or the name of one of your own",
        "La clé : son empreinte, son identifiant, ou le nom d’une des vôtres",
    ),
    (
        "Id of the registry it is signed for: a signature counts there and nowhere else",
        "Identifiant du registre pour lequel on signe : une signature ne vaut que là",
    ),
    (
        "Its id, a host and path without scheme; without it, one made from its root key",
        "Son identifiant, un hôte et un chemin sans schéma ; sans lui, un identifiant tiré de sa clé racine",
    ),
    ("List own keys and trusted keys", "Lister vos clés et les clés de confiance"),
    ("List the keys that count now", "Lister les clés qui comptent maintenant"),
    ("List the registries you trust", "Lister les registres de confiance"),
    ("Look into a registry's transparency log", "Examiner le journal de transparence d’un registre"),
    ("Make a key count for nothing from a log entry on", "Révoquer une clé à partir d’une entrée du journal"),
    ("Make a new Ed25519 key", "Créer une nouvelle clé Ed25519"),
    (
        "Make and keep signing keys; say whose keys are trusted",
        "Créer et garder des clés de signature ; dire à quelles clés faire confiance",
    ),
    (
        "Packages the added keys may sign for, without the namespace; without it, all",
        "Paquets pour lesquels les clés ajoutées peuvent signer, sans l’espace de noms ; sans eux, tous",
    ),
    (
        "Print a script that completes `vitte package` in a shell\n\nCommands, flags and their values are completed; of a project its dependencies, of this user installed packages and keys. Nothing is asked of a registry. In bash and zsh: eval \"$(vitte package completions bash)\"; in fish: vitte package completions fish | source",
        "Afficher un script qui complète `vitte package` dans un shell\n\nLes commandes, les options et leurs valeurs sont complétées ; d’un projet ses dépendances, de cet utilisateur les paquets installés et les clés. Aucun registre n’est interrogé. Dans bash et zsh : eval \"$(vitte package completions bash)\" ; dans fish : vitte package completions fish | source",
    ),
    ("Publish packages to a registry", "Publier des paquets dans un registre"),
    (
        "Publish packages to a registry\n\nWithout files, the project's packages are built and published. Several packages are published together: all of them, or none. Publishing the same content again changes nothing.",
        "Publier des paquets dans un registre\n\nSans fichiers, les paquets du projet sont construits et publiés. Plusieurs paquets sont publiés ensemble : tous, ou aucun. Publier de nouveau le même contenu ne change rien.",
    ),
    (
        "Put the registry's proofs into a published file",
        "Joindre les preuves du registre à un fichier publié",
    ),
    (
        "Put the registry's proofs into a published file\n\n`verify --offline` then needs nothing but the registry's pinned trust root. Identity and content do not change.",
        "Joindre les preuves du registre à un fichier publié\n\n`verify --offline` n’a ensuite besoin que de la racine de confiance épinglée du registre. L’identité et le contenu ne changent pas.",
    ),
    (
        "Releases signed by a key that was revoked, or yanked because they are malware",
        "Les versions signées par une clé révoquée, ou retirées parce que malveillantes",
    ),
    ("Remove a key of your own", "Supprimer une de vos clés"),
    (
        "Replace keys of a registry of your own, and log the next trust root",
        "Remplacer des clés de votre registre, et inscrire la racine de confiance suivante dans le journal",
    ),
    (
        "Replace keys of a registry of your own, and log the next trust root\n\nA log or index key that is replaced counts until the next rotation; without any of the three flags, such keys are dropped.",
        "Remplacer des clés de votre registre, et inscrire la racine de confiance suivante dans le journal\n\nUne clé de journal ou d’index remplacée compte jusqu’à la rotation suivante ; sans aucune des trois options, ces clés sont abandonnées.",
    ),
    (
        "Replay the whole log: signatures, chains, root, tiles; compare index, namespaces and proofs with it",
        "Rejouer tout le journal : signatures, chaînes, racine, tuiles ; y comparer l’index, les espaces de noms et les preuves",
    ),
    ("Restore the keys from such a file", "Restaurer les clés depuis un tel fichier"),
    (
        "SHA-256 of its first trust root, `trust/1.json`, as its owner gives it",
        "SHA-256 de sa première racine de confiance, `trust/1.json`, telle que la donne son propriétaire",
    ),
    (
        "SHA-256 of its first trust root, `trust/1.json`, as its owner gives it, with or without `sha256:`; without it, you are shown the one it offers and asked",
        "SHA-256 de sa première racine de confiance, `trust/1.json`, telle que la donne son propriétaire, avec ou sans `sha256:` ; sans elle, celle qu’il propose est montrée et une question est posée",
    ),
    (
        "See the whole life of a package, an attack included\n\nIn a folder that stays: a registry, a build, a signed release, an install, its entry in the log, an altered archive and a second log that are refused. Where `vitte-registry` is at hand, the same with a server: published to over HTTP, installed from, attacked. It succeeds only if the packages were installed, the attacks caught and the second log refused.",
        "Voir toute la vie d’un paquet, attaque comprise\n\nDans un dossier qui reste : un registre, une construction, une version signée, une installation, son entrée dans le journal, une archive altérée et un second journal qui sont refusés. Si `vitte-registry` est à portée, la même chose avec un serveur : publication par HTTP, installation, attaque. Ne réussit que si les paquets ont été installés, les attaques détectées et le second journal refusé.",
    ),
    (
        "See whether everything around an install is in order\n\nLooks at configuration, home, programs, store, the configured registry and keys. Ends with 1 if something will fail.",
        "Vérifier que tout ce qui entoure une installation est en ordre\n\nExamine la configuration, le dossier de Vitte, les programmes, le magasin, le registre configuré et les clés. Se termine avec 1 si quelque chose échouera.",
    ),
    (
        "Serve a registry's folder over HTTP, for reading: to a team, to browsers",
        "Servir le dossier d’un registre par HTTP, en lecture : à une équipe, à des navigateurs",
    ),
    (
        "Set, change or remove the passphrase of a key",
        "Définir, changer ou supprimer la phrase secrète d’une clé",
    ),
    (
        "Set, change or remove the passphrase of a key\n\nA new passphrase is asked for; for a key without one it may also come from VITTE_SIGNING_KEY_PASSWORD.",
        "Définir, changer ou supprimer la phrase secrète d’une clé\n\nUne nouvelle phrase secrète est demandée ; pour une clé qui n’en a pas, elle peut aussi venir de VITTE_SIGNING_KEY_PASSWORD.",
    ),
    ("Show a key's id and public half", "Montrer l’identifiant et la clé publique d’une clé"),
    (
        "Show the records of a namespace, each proved to be in the log",
        "Montrer les enregistrements d’un espace de noms, chacun avec la preuve qu’il est dans le journal",
    ),
    ("Show what a registry has of a package", "Montrer ce qu’un registre a d’un paquet"),
    (
        "Show what a registry has of a package\n\nThe release shown is the newest, unless a version is given. Who signed it is what the log proves.",
        "Montrer ce qu’un registre a d’un paquet\n\nLa version montrée est la plus récente, sauf si une version est donnée. Le signataire est celui que prouve le journal.",
    ),
    (
        "Sign a package file\n\nAdds a signature to the file; what is in it already stays. Identity and content do not change. `publish` signs by itself: this is for files that are handed on without a registry, and for several signers.",
        "Signer un fichier de paquet\n\nAjoute une signature au fichier ; celles qui y sont restent. L’identité et le contenu ne changent pas. `publish` signe de lui-même : cette commande sert aux fichiers transmis sans registre, et à plusieurs signataires.",
    ),
    (
        "Take damaged packages out, and bring those again whose registry is at hand",
        "Retirer les paquets endommagés, et rapporter ceux dont le registre est disponible",
    ),
    (
        "The file; only its owner may be able to read it",
        "Le fichier ; seul son propriétaire doit pouvoir le lire",
    ),
    (
        "The key to sign with: its name, fingerprint or id, or the path of a PEM file",
        "La clé pour signer : son nom, son empreinte ou son identifiant, ou le chemin d’un fichier PEM",
    ),
    (
        "The key to sign with: its name, fingerprint or id, or the path of a PEM file; without it, VITTE_SIGNING_KEY or the only key",
        "La clé pour signer : son nom, son empreinte ou son identifiant, ou le chemin d’un fichier PEM ; sans elle, VITTE_SIGNING_KEY ou la seule clé",
    ),
    ("The key's name", "Le nom de la clé"),
    ("The key: its name, fingerprint or id", "La clé : son nom, son empreinte ou son identifiant"),
    (
        "The key: its name, fingerprint or id; not needed when there is only one",
        "La clé : son nom, son empreinte ou son identifiant ; inutile s’il n’y en a qu’une",
    ),
    (
        "The key: its name, fingerprint or id, or the path of a PEM file; without it, VITTE_SIGNING_KEY or the only key there is",
        "La clé : son nom, son empreinte ou son identifiant, ou le chemin d’un fichier PEM ; sans elle, VITTE_SIGNING_KEY ou la seule clé présente",
    ),
    ("The namespace", "L’espace de noms"),
    (
        "The namespace of names that come from a vitte-package.json, which has none",
        "L’espace de noms pour les noms venus d’un vitte-package.json, qui n’en ont pas",
    ),
    (
        "The packages: `namespace/name`, `namespace/*` or `*`; may be given several times",
        "Les paquets : `namespace/name`, `namespace/*` ou `*` ; peut être donné plusieurs fois",
    ),
    (
        "The key: its fingerprint, its id, or its public key as PEM",
        "La clé : son empreinte, son identifiant, ou sa clé publique en PEM",
    ),
    (
        "The public key to add, as PEM; its roles are those of `--role`",
        "La clé publique à ajouter, en PEM ; ses rôles sont ceux de `--role`",
    ),
    ("The public key, as PEM", "La clé publique, en PEM"),
    (
        "The registry it comes from, by its name in the manifest",
        "Le registre d’où elle vient, par son nom dans le manifeste",
    ),
    ("The registry's folder, or its id", "Le dossier du registre, ou son identifiant"),
    ("The registry: a folder or an address", "Le registre : un dossier ou une adresse"),
    (
        "The registry: a folder, `file://…`, or an address",
        "Le registre : un dossier, `file://…`, ou une adresse",
    ),
    (
        "The registry: its id as `registry list` shows it, a folder or an address",
        "Le registre : son identifiant tel que le montre `registry list`, un dossier ou une adresse",
    ),
    ("Trust a key no longer", "Ne plus faire confiance à une clé"),
    ("Trust a registry again after it was re-created", "Refaire confiance à un registre qui a été recréé"),
    (
        "Trust a registry no longer, and forget what was seen of it",
        "Ne plus faire confiance à un registre, et oublier ce qui en a été vu",
    ),
    (
        "Trust a registry whose trust root has this digest",
        "Faire confiance à un registre dont la racine de confiance a cette empreinte",
    ),
    (
        "Trust the key of another for some packages",
        "Faire confiance à la clé d’un autre pour certains paquets",
    ),
    (
        "Use no registry: the proofs inside the file must do",
        "N’utiliser aucun registre : les preuves dans le fichier doivent suffire",
    ),
    ("Who may release in a namespace", "Qui peut publier dans un espace de noms"),
    (
        "Write a key's public half, or with `--secret` the key itself, as PEM",
        "Écrire la clé publique d’une clé ou, avec `--secret`, la clé elle-même, en PEM",
    ),
    (
        "Write a workflow that builds and checks every change, and publishes on a tag\n\nToken and signing key come from the service's secrets VITTE_TOKEN and VITTE_SIGNING_KEY. The registry is trusted by the digest that vitte.toml or you trust it by.",
        "Écrire un flux de travail qui construit et vérifie chaque changement, et publie sur une étiquette\n\nLe jeton et la clé de signature viennent des secrets VITTE_TOKEN et VITTE_SIGNING_KEY du service. La confiance dans le registre passe par l’empreinte que vitte.toml ou vous avez acceptée.",
    ),
    (
        "Write down what a registry serves of a release, to show it to others",
        "Consigner ce qu’un registre sert d’une version, pour le montrer à d’autres",
    ),
    (
        "Write down what a registry serves of a release, to show it to others\n\nThe file holds what was signed, word for word: trust root, checkpoint, index, namespace, proofs and signatures; of the archive its length and digest; and which checks failed. It holds nothing of you but the address that was asked.",
        "Consigner ce qu’un registre sert d’une version, pour le montrer à d’autres\n\nLe fichier contient ce qui a été signé, mot pour mot : racine de confiance, point de contrôle, index, espace de noms, preuves et signatures ; de l’archive, sa longueur et son empreinte ; et quelles vérifications ont échoué. Il ne contient rien de vous, sauf l’adresse qui a été interrogée.",
    ),
    (
        "Write the three keys to a file, encrypted with a passphrase: asked for, or from VITTE_SIGNING_KEY_PASSWORD",
        "Écrire les trois clés dans un fichier, chiffrées par une phrase secrète : demandée, ou prise dans VITTE_SIGNING_KEY_PASSWORD",
    ),
    ("Read the registry token from standard input", "Lire le jeton du registre sur l’entrée standard"),
    ("Remove the stored token of a registry", "Supprimer le jeton enregistré d’un registre"),
    (
        "Remove the stored token of a registry\n\nThe token itself stays valid at the registry until it expires or is revoked there.",
        "Supprimer le jeton enregistré d’un registre\n\nLe jeton lui-même reste valable auprès du registre jusqu’à son expiration ou sa révocation.",
    ),
    (
        "The address of the registry; without it, the configured one",
        "L’adresse du registre ; sans elle, celle qui est configurée",
    ),
    (
        "Make deltas to the newest releases, so that updates fetch less",
        "Faire des deltas vers les versions les plus récentes, pour des mises à jour plus légères",
    ),
    (
        "Make deltas to the newest releases, so that updates fetch less\n\nThey are listed in `deltas.json` beside the archives; those to releases that are no longer among the newest are removed. What would save less than 4 KiB, or has 60 % of the archive or more, is not kept. Some 520 MiB of memory for the largest.",
        "Faire des deltas vers les versions les plus récentes, pour des mises à jour plus légères\n\nIls sont listés dans `deltas.json` à côté des archives ; ceux qui mènent à des versions qui ne sont plus parmi les plus récentes sont supprimés. Ce qui ferait gagner moins de 4 Kio, ou pèse 60 % de l’archive ou plus, n’est pas gardé. Environ 520 Mio de mémoire pour les plus grands.",
    ),
    (
        "Deltas lead to this many of the newest releases of a package",
        "Les deltas mènent à ce nombre de versions les plus récentes d’un paquet",
    ),
    (
        "For each of them, from this many of the releases before it",
        "Pour chacune d’elles, depuis ce nombre de versions qui la précèdent",
    ),
    ("Registries and keys", "Registres et clés "),
];
