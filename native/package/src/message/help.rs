//! The French of help texts. Their English is with the definitions of the commands; a test holds the two together.
//!
//! `registries`: the texts about registries, their tokens and owners, namespaces and keys; here, all others.

mod registries;

use std::collections::HashMap;
use std::sync::LazyLock;

/// The French of a help text, a heading or a remark in an example; `None` if it is not in the table.
pub fn french(english: &str) -> Option<&'static str> {
    static BY_ENGLISH: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| table().collect());
    BY_ENGLISH.get(english).copied()
}

/// English and French.
pub fn table() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().chain(registries::TABLE).copied()
}

const TABLE: &[(&str, &str)] = &[
    (
        "Make, apply and inspect deltas between two versions of a package",
        "Faire, appliquer et examiner des deltas entre deux versions d’un paquet",
    ),
    ("Make the delta from one package file to another", "Faire le delta d’un fichier de paquet à un autre"),
    (
        "Make the delta from one package file to another\n\nThe contents of both are checked, not who made them. Deferred sections are left out. At most 256 MiB of changed files; some 520 MiB of memory at that limit.",
        "Faire le delta d’un fichier de paquet à un autre\n\nLe contenu des deux est vérifié, pas leur auteur. Les sections différées sont laissées de côté. Au plus 256 Mio de fichiers modifiés ; environ 520 Mio de mémoire à cette limite.",
    ),
    ("The older package", "L’ancien paquet"),
    ("The newer package", "Le nouveau paquet"),
    (
        "The file to write; without it, `NAME-OLD-NEW.vitdelta` in the current folder",
        "Le fichier à écrire ; sans lui, `NAME-OLD-NEW.vitdelta` dans le dossier courant",
    ),
    (
        "Make the newer package of the older one and a delta",
        "Faire le nouveau paquet de l’ancien et d’un delta",
    ),
    (
        "Make the newer package of the older one and a delta\n\nEvery file is checked against the newer list of files before anything is written. The package has the identity and the signatures of the one that was published: `vitte package verify` says who signed it.",
        "Faire le nouveau paquet de l’ancien et d’un delta\n\nChaque fichier est comparé à la nouvelle liste de fichiers avant toute écriture. Le paquet a l’identité et les signatures de celui qui a été publié : `vitte package verify` dit qui l’a signé.",
    ),
    ("The delta", "Le delta"),
    (
        "The package that the sections are of, with a version if several are there",
        "Le paquet dont les sections font partie, avec une version s’il y en a plusieurs",
    ),
    ("The package to write", "Le paquet à écrire"),
    ("Look into a delta", "Examiner un delta"),
    ("For how many days", "Pour combien de jours"),
    (
        "The networks it may be used from, separated by commas, such as 10.0.0.0/8; everywhere without it",
        "Les réseaux d’où il peut être utilisé, séparés par des virgules, comme 10.0.0.0/8 ; partout sans cela",
    ),
    ("The user's name", "Le nom de l’utilisateur"),
    (
        "A `.vitpkg` for this target; without it, for this machine",
        "Un `.vitpkg` pour cette cible ; sans elle, pour cette machine",
    ),
    ("A code or its class; without one, all are listed", "Un code ou sa classe ; sans lui, tous sont listés"),
    ("A file in it, to be written to stdout", "Un fichier de l’archive, à écrire sur la sortie standard"),
    (
        "A folder of files to package, publish, install and attack as well, as it is; `name-1.2.3` becomes `demo/name`",
        "Un dossier de fichiers à empaqueter, publier, installer et attaquer aussi, tel quel ; `name-1.2.3` devient `demo/name`",
    ),
    ("About 20 lines", "Environ 20 lignes"),
    (
        "Accept a package without a signature by somebody you trust; its content is checked all the same",
        "Accepter un paquet sans signature d’une clé de confiance ; son contenu est vérifié quand même",
    ),
    ("Add dependencies to `vitte.toml`", "Ajouter des dépendances à `vitte.toml`"),
    (
        "Add dependencies to `vitte.toml`\n\nComments and order stay. Without a requirement the newest version that goes with all others is written. If they cannot be satisfied together, nothing is written.",
        "Ajouter des dépendances à `vitte.toml`\n\nLes commentaires et l’ordre restent. Sans contrainte, la version la plus récente compatible avec toutes les autres est écrite. Si elles ne peuvent pas être satisfaites ensemble, rien n’est écrit.",
    ),
    ("All of it", "Tout"),
    ("All packages of the workspace", "Tous les paquets de l’espace de travail"),
    (
        "Also answer questions about many index files at once, which saves clients most of their requests",
        "Répondre aussi aux demandes de plusieurs fichiers d’index à la fois, ce qui évite aux clients la plupart de leurs requêtes",
    ),
    (
        "Also fetch these deferred sections of the packages, which are not installed otherwise",
        "Télécharger aussi ces sections différées des paquets, qui ne sont pas installées autrement",
    ),
    (
        "Also make links to the project's packages in `vitte_modules/`; they are kept in step from then on",
        "Créer aussi des liens vers les paquets du projet dans `vitte_modules/` ; ils sont ensuite tenus à jour",
    ),
    (
        "Also remove what only earlier generations use: `rollback` cannot go back to them any more",
        "Supprimer aussi ce que seules des générations passées utilisent : `rollback` ne pourra plus y revenir",
    ),
    (
        "Also where each comes from, and what it overrides",
        "Montrer aussi d’où vient chacun, et ce qu’il remplace",
    ),
    ("Always", "Toujours"),
    ("Answer every question with yes", "Répondre oui à toutes les questions"),
    ("Begin a package in a new folder", "Créer un paquet dans un nouveau dossier"),
    ("Begin a package in this folder", "Créer un paquet dans ce dossier"),
    ("Begin with a library, src/lib.vit", "Commencer par une bibliothèque, src/lib.vit"),
    ("Begin with a program, src/main.vit", "Commencer par un programme, src/main.vit"),
    ("Read a workflow and say what it lacks", "Lire un flux de travail et dire ce qui lui manque"),
    (
        "Read a workflow and say what it lacks\n\nIt ends with status 1 where something is missing, or where the workflow does what it should not: publish on every change, hold a secret, run the code of strangers with the repository's secrets.",
        "Lire un flux de travail et dire ce qui lui manque\n\nSe termine avec le code 1 s’il manque quelque chose, ou si le flux fait ce qu’il ne devrait pas : publier à chaque changement, contenir un secret, exécuter le code d’inconnus avec les secrets du dépôt.",
    ),
    (
        "The workflow; without it, the one that `ci init` writes",
        "Le flux de travail ; sans lui, celui que `ci init` écrit",
    ),
    ("Binaries", "Des binaires"),
    (
        "Binaries for this system instead of the one this runs on",
        "Des binaires pour ce système au lieu de celui qui exécute la commande",
    ),
    ("Bring `vitte.lock` up to date", "Mettre `vitte.lock` à jour"),
    (
        "Bring `vitte.lock` up to date\n\nReleases that are locked and still fit stay; what is new is the newest that fits.",
        "Mettre `vitte.lock` à jour\n\nLes versions verrouillées qui conviennent encore restent ; ce qui est nouveau est la version la plus récente qui convient.",
    ),
    ("Bring a project's dependencies into the store", "Apporter les dépendances d’un projet dans le magasin"),
    ("Bring these deferred sections of the package", "Apporter ces sections différées du paquet"),
    (
        "Bring a project's dependencies into the store\n\nAfterwards `vitte package install --offline` needs nothing else. With --section, bring deferred sections of one package that the project uses; without a project, of one that is installed for this user.",
        "Apporter les dépendances d’un projet dans le magasin\n\nEnsuite, `vitte package install --offline` n’a besoin de rien d’autre. Avec --section, apporter des sections différées d’un paquet dont le projet se sert ; sans projet, d’un paquet installé pour cet utilisateur.",
    ),
    ("Build again and compare", "Construire une seconde fois et comparer"),
    (
        "Builds, signs, publishes and installs Vitte packages",
        "Construire, signer, publier et installer des paquets Vitte",
    ),
    (
        "Builds, signs, publishes and installs Vitte packages.\n\nEvery download is verified before a byte is unpacked.",
        "Construire, signer, publier et installer des paquets Vitte.\n\nChaque téléchargement est vérifié avant que le moindre octet soit extrait.",
    ),
    (
        "Check a package: container, signatures, and every byte of every file",
        "Vérifier un paquet : conteneur, signatures, et chaque octet de chaque fichier",
    ),
    (
        "Choose no release younger than this, for example 24h",
        "Ne choisir aucune version plus récente que cela, par exemple 24h",
    ),
    (
        "Choose which installed version of a package the shims run",
        "Choisir quelle version installée d’un paquet les commandes lancent",
    ),
    ("Clean up after crashed processes", "Nettoyer après des processus interrompus"),
    ("Colour the output", "Colorer la sortie"),
    ("Copy everything a project depends on into it", "Copier dans un projet tout ce dont il dépend"),
    (
        "Copy everything a project depends on into it\n\nThe copies are ordinary files, to be committed, read and changed; the store stays as it is. `paths.json` in the folder says where each package is, as `.vitte/paths.json` does. Called again, the folder is replaced as a whole; if files in it were changed, added or removed since, you are asked first (`--yes` replaces them).",
        "Copier dans un projet tout ce dont il dépend\n\nLes copies sont des fichiers ordinaires, à versionner, lire et modifier ; le magasin reste tel quel. `paths.json` dans le dossier dit où est chaque paquet, comme `.vitte/paths.json`. Si la commande est relancée, le dossier est remplacé en entier ; si des fichiers y ont été modifiés, ajoutés ou supprimés depuis, une question est posée d’abord (`--yes` les remplace).",
    ),
    (
        "Delete archives that are not what their names say",
        "Supprimer les archives qui ne sont pas ce que dit leur nom",
    ),
    ("Delete everything that is cached", "Supprimer tout ce qui est en cache"),
    ("Delete what was not written lately", "Supprimer ce qui n’a pas été écrit récemment"),
    ("Dependencies", "Dépendances "),
    ("Do not use the network", "Ne pas utiliser le réseau"),
    (
        "Do not use the network: use cached copies of the index and what the store holds",
        "Ne pas utiliser le réseau : utiliser les copies en cache de l’index et le contenu du magasin",
    ),
    (
        "Encrypt it with a passphrase: asked for, or from VITTE_SIGNING_KEY_PASSWORD",
        "La chiffrer par une phrase secrète : demandée, ou prise dans VITTE_SIGNING_KEY_PASSWORD",
    ),
    (
        "End after the last step, on a terminal too, where the server otherwise goes on until Ctrl-C",
        "Se terminer après la dernière étape, même dans un terminal, où sinon le serveur continue jusqu’à Ctrl-C",
    ),
    ("End with 1 if anything is behind", "Se terminer avec 1 si quelque chose est en retard"),
    (
        "Exactly this version, also an older or yanked one, or one younger than the configured minimum age",
        "Exactement cette version, même ancienne ou retirée, ou plus récente que l’âge minimal configuré",
    ),
    ("Explain an error code", "Expliquer un code d’erreur"),
    (
        "Explain why a package is used, and why in this version",
        "Expliquer pourquoi un paquet est utilisé, et pourquoi dans cette version",
    ),
    (
        "Explain why a package is used, and why in this version\n\nThe shortest way to it, every requirement on it, and what keeps a newer release out.",
        "Expliquer pourquoi un paquet est utilisé, et pourquoi dans cette version\n\nLe chemin le plus court jusqu’à lui, toutes les contraintes qui portent sur lui, et ce qui empêche une version plus récente.",
    ),
    ("Fail if the lockfile would change", "Échouer si le fichier de verrouillage devait changer"),
    ("Features to ask for", "Fonctionnalités à demander"),
    (
        "Find packages by words of their names, keywords and descriptions",
        "Chercher des paquets par des mots de leur nom, de leurs mots-clés ou de leur description",
    ),
    (
        "Find packages by words of their names, keywords and descriptions\n\nA registry in a folder is read; at an address, its server is asked, and what it says is not verified. A name that matches says nothing about who is behind it: see `vitte package info`.",
        "Chercher des paquets par des mots de leur nom, de leurs mots-clés ou de leur description\n\nUn registre dans un dossier est lu ; à une adresse, son serveur est interrogé, et sa réponse n’est pas vérifiée. Un nom qui correspond ne dit rien de qui est derrière : voir `vitte package info`.",
    ),
    ("For this user, also where there is a project", "Pour cet utilisateur, même s’il y a un projet"),
    ("From the build dependencies only", "Des dépendances de construction seulement"),
    ("From the development dependencies only", "Des dépendances de développement seulement"),
    (
        "Global flags: --json, --progress, -q, -v, --color, --lang, -y, --no-input (described by --help)",
        "Options globales : --json, --progress, -q, -v, --color, --lang, -y, --no-input (décrites par --help)",
    ),
    ("Go back to what was installed before", "Revenir à ce qui était installé avant"),
    (
        "Go back to what was installed before\n\nWithout a number, to the generation that the active one was made from. Nothing is downloaded: programs run the same files as then. `vitte package history` shows the numbers; going forward again works the same way.",
        "Revenir à ce qui était installé avant\n\nSans numéro, à la génération dont vient la génération active. Rien n’est téléchargé : les programmes lancent les mêmes fichiers qu’alors. `vitte package history` montre les numéros ; revenir en avant se fait de la même façon.",
    ),
    ("How long ago it was last written", "Depuis combien de temps il n’a pas été écrit"),
    ("How many of the newest", "Combien des plus récentes"),
    (
        "How much of what keeps a newer release out is shown",
        "Combien montrer de ce qui empêche une version plus récente",
    ),
    (
        "How to compress; lz4 is quick and large, and cannot be published",
        "Comment compresser ; lz4 est rapide et volumineux, et ne peut pas être publié",
    ),
    ("Id of an advisory", "Identifiant d’un avis de sécurité"),
    (
        "Install the project's dependencies, or packages",
        "Installer les dépendances du projet, ou des paquets",
    ),
    (
        "Install the project's dependencies, or packages\n\nWithout names, the project here or above is brought to its lockfile: what is missing is locked, fetched and verified, and the compiler is told where it is. With names and a project, they are added to it first. Without a project, or with --user, they are installed for this user, with their dependencies; their programs become commands in `bin` of the user's store. Several versions of a package may be installed, and the one installed last is run. Files are always installed for the user.",
        "Installer les dépendances du projet, ou des paquets\n\nSans noms, le projet d’ici ou d’au-dessus est mis en accord avec son fichier de verrouillage : ce qui manque est verrouillé, téléchargé et vérifié, et le compilateur apprend où le trouver. Avec des noms et un projet, ils y sont d’abord ajoutés. Sans projet, ou avec --user, ils sont installés pour cet utilisateur, avec ce dont ils ont besoin ; leurs programmes deviennent des commandes dans `bin` du magasin de l’utilisateur. Plusieurs versions d’un paquet peuvent être installées, et la dernière installée est lancée. Les fichiers sont toujours installés pour l’utilisateur.",
    ),
    ("Its new name", "Son nouveau nom"),
    ("Its value", "Sa valeur"),
    ("Keep a release from being chosen anew", "Empêcher qu’une version soit choisie de nouveau"),
    (
        "Keep a release from being chosen anew\n\nExisting lockfiles keep working; nothing is deleted. The record is signed and logged.",
        "Empêcher qu’une version soit choisie de nouveau\n\nLes fichiers de verrouillage existants continuent de fonctionner ; rien n’est supprimé. L’enregistrement est signé et inscrit dans le journal.",
    ),
    ("Keep it without a passphrase", "La garder sans phrase secrète"),
    ("LZ4", "LZ4"),
    ("Language of messages: `en` or `fr`", "Langue des messages : `en` ou `fr`"),
    ("Let the lockfile change in CI too", "Laisser le fichier de verrouillage changer aussi en CI"),
    ("List the packages in the store", "Lister les paquets du magasin"),
    (
        "List what is installed in the user's store",
        "Lister ce qui est installé dans le magasin de l’utilisateur",
    ),
    ("Look after the store of unpacked packages", "Entretenir le magasin des paquets extraits"),
    ("Look into an archive without installing it", "Examiner une archive sans l’installer"),
    (
        "Look into an archive without installing it\n\nShows what a package says about itself, or the content of one of its files, decoding only what is needed. Reads .tar, .tar.gz, .tgz, .crate and .tar.zst too. Who made a package is not checked: see `vitte package verify`.",
        "Examiner une archive sans l’installer\n\nMontre ce qu’un paquet dit de lui-même, ou le contenu d’un de ses fichiers, en ne décodant que le nécessaire. Lit aussi .tar, .tar.gz, .tgz, .crate et .tar.zst. L’auteur d’un paquet n’est pas vérifié : voir `vitte package verify`.",
    ),
    (
        "Make every check, store and log nothing",
        "Faire toutes les vérifications, sans rien stocker ni inscrire",
    ),
    ("Make the project's archives", "Construire les archives du projet"),
    (
        "Make the project's archives\n\nA `.vitmod` of the sources, and, if the manifest has a `[build]`, a `.vitpkg` of what its command makes. The same files give the same list of files, and so the same identity, on every machine.",
        "Construire les archives du projet\n\nUn `.vitmod` des sources et, si le manifeste a une table `[build]`, un `.vitpkg` de ce que crée sa commande. Les mêmes fichiers donnent la même liste des fichiers, et donc la même identité, sur toute machine.",
    ),
    ("Maximum depth", "Profondeur maximale"),
    (
        "Move locked packages to the newest versions that fit",
        "Passer les paquets verrouillés aux versions les plus récentes qui conviennent",
    ),
    (
        "Move locked packages to the newest versions that fit\n\nWithout a project here or above: the packages that are installed for this user are replaced by their newest releases.",
        "Passer les paquets verrouillés aux versions les plus récentes qui conviennent\n\nSans projet ici ou au-dessus : les paquets installés pour cet utilisateur sont remplacés par leurs versions les plus récentes.",
    ),
    ("Needed for this target only", "Nécessaire pour cette cible seulement"),
    ("Needed to build the package", "Nécessaire pour construire le paquet"),
    ("Needed to work on the package only", "Nécessaire seulement pour travailler sur le paquet"),
    ("Never", "Jamais"),
    (
        "Never ask: a question that needs an answer is an error",
        "Ne jamais poser de question : une question qui attend une réponse est une erreur",
    ),
    ("On a terminal, and a line every 30 s in CI", "Dans un terminal, et une ligne toutes les 30 s en CI"),
    (
        "On a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed",
        "Dans un terminal ; NO_COLOR et CLICOLOR_FORCE sont respectés",
    ),
    (
        "One JSON event a line, and nothing else on stderr",
        "Un événement JSON par ligne, et rien d’autre sur la sortie d’erreur",
    ),
    ("One kind only", "Un seul type"),
    ("Only for these packages", "Seulement pour ces paquets"),
    (
        "Only these sections, besides `meta`; without it, all",
        "Seulement ces sections, en plus de `meta` ; sans elles, toutes",
    ),
    ("Only when a feature enables it", "Seulement si une fonctionnalité l’active"),
    ("Output", "Sortie "),
    (
        "Package files; without any, the project is built",
        "Fichiers de paquet ; sans eux, le projet est construit",
    ),
    (
        "Packages of which there are several versions, and what needs them",
        "Paquets présents en plusieurs versions, et ce qui les demande",
    ),
    ("Packages, each with a requirement if wanted", "Paquets, chacun avec une contrainte si voulu"),
    (
        "Packages, each with a version or a requirement if wanted, or files",
        "Paquets, chacun avec une version ou une contrainte si voulu, ou fichiers",
    ),
    (
        "Print a script that completes `vitte package` in a shell",
        "Afficher un script qui complète `vitte package` dans un shell",
    ),
    ("Print one JSON object on stdout", "Afficher un objet JSON sur la sortie standard"),
    (
        "Print the list of files in its canonical form: its SHA-256 is the package's identity",
        "Afficher la liste des fichiers sous sa forme canonique : son SHA-256 est l’identité du paquet",
    ),
    (
        "Prove again what the lockfile says of each release; in CI this is done anyway",
        "Prouver de nouveau ce que le fichier de verrouillage dit de chaque version ; en CI, c’est toujours fait",
    ),
    ("Questions", "Questions "),
    (
        "Read every file again and compare it with what was verified when it came",
        "Relire chaque fichier et le comparer à ce qui a été vérifié à son arrivée",
    ),
    ("Releases that their authors have deprecated", "Les versions que leurs auteurs ont dépréciées"),
    (
        "Releases that their authors have yanked, and what `revoked` stands for",
        "Les versions que leurs auteurs ont retirées, et ce que désigne `revoked`",
    ),
    ("Remove dependencies from `vitte.toml`", "Supprimer des dépendances de `vitte.toml`"),
    ("Remove packages that nothing uses", "Supprimer les paquets inutilisés"),
    (
        "Remove packages that nothing uses\n\nUsed is what a project's lockfile names, and what the last 10 generations and those of the last 30 days have installed.",
        "Supprimer les paquets inutilisés\n\nSont utilisés : ce que nomme le fichier de verrouillage d’un projet, et ce qu’ont installé les 10 dernières générations et celles des 30 derniers jours.",
    ),
    ("Run a program of a package without installing it", "Lancer un programme d’un paquet sans l’installer"),
    (
        "Run a program of a package without installing it\n\nThe package is verified as for an install and kept in the store; no command is added, and the history stays as it is. Streams and exit status are the program's own.",
        "Lancer un programme d’un paquet sans l’installer\n\nLe paquet est vérifié comme pour une installation et gardé dans le magasin ; aucune commande n’est ajoutée, et l’historique reste tel quel. Les flux et le code de sortie sont ceux du programme.",
    ),
    ("Say nothing but errors", "N’afficher que les erreurs"),
    ("Deprecate a release in favour of another", "Déprécier une version au profit d’une autre"),
    (
        "Deprecate a release in favour of another\n\nThe release can still be chosen, with a warning. The record is signed and logged.",
        "Déprécier une version au profit d’une autre\n\nLa version peut encore être choisie ; un avertissement l’accompagne. L’enregistrement est signé et inscrit dans le journal.",
    ),
    ("Say what was decided and why", "Dire ce qui a été décidé et pourquoi"),
    ("See and change settings", "Voir et modifier les réglages"),
    ("See or delete what was downloaded", "Voir ou supprimer ce qui a été téléchargé"),
    (
        "See the whole life of a package, an attack included",
        "Voir toute la vie d’un paquet, attaque comprise",
    ),
    (
        "See whether everything around an install is in order",
        "Vérifier que tout ce qui entoure une installation est en ordre",
    ),
    ("Show every setting", "Montrer tous les réglages"),
    ("Show how much is cached, and where", "Montrer combien est en cache, et où"),
    ("Show one setting", "Montrer un réglage"),
    (
        "Show progress; `json` writes one event a line on stderr",
        "Montrer la progression ; `json` écrit un événement par ligne sur la sortie d’erreur",
    ),
    (
        "Show size and root, and the newest entries or one of them, each proved to be in the log",
        "Montrer la taille et la racine, et les dernières entrées ou l’une d’elles, chacune avec la preuve qu’elle est dans le journal",
    ),
    ("Show the dependency tree", "Montrer l’arbre des dépendances"),
    (
        "Show the dependency tree\n\nRead from `vitte.lock`; `(dev)`, `(build)` and `(optional)` from the manifests of the workspace and of what is in the store. What is below a release is shown once; `(*)` marks where it stands again.",
        "Montrer l’arbre des dépendances\n\nLu dans `vitte.lock` ; `(dév)`, `(construction)` et `(facultatif)` viennent des manifestes de l’espace de travail et de ce qui est dans le magasin. Ce qui est sous une version est montré une fois ; `(*)` marque où elle revient.",
    ),
    ("Show what was installed when", "Montrer ce qui a été installé et quand"),
    (
        "Show what was installed when\n\nEach line is a generation: everything that is installed for this user at one moment. The active one is marked.",
        "Montrer ce qui a été installé et quand\n\nChaque ligne est une génération : tout ce qui est installé pour cet utilisateur à un moment donné. La génération active est marquée.",
    ),
    ("Show which dependencies are behind", "Montrer quelles dépendances sont en retard"),
    (
        "Show which dependencies are behind\n\nA table: what is locked, what `update` would lock, the newest release there is, and what there is to say of it: that it was yanked or deprecated, or what keeps the newest out.",
        "Montrer quelles dépendances sont en retard\n\nUn tableau : ce qui est verrouillé, ce que `update` verrouillerait, la dernière version, et ce qu’il y a à en dire : qu’elle a été retirée ou dépréciée, ou ce qui empêche la dernière.",
    ),
    (
        "Show which files go in, and write nothing; runs no build command",
        "Montrer quels fichiers seraient inclus, sans rien écrire ; n’exécute aucune commande de construction",
    ),
    ("Sign a package file", "Signer un fichier de paquet"),
    ("Sources", "Des sources"),
    ("Take a package out of the user's store", "Désinstaller un paquet du magasin de l’utilisateur"),
    ("Take a setting out of your own configuration", "Supprimer un réglage de votre configuration"),
    ("Take the remark back", "Annuler la dépréciation"),
    ("Take the yank back", "Annuler le retrait"),
    ("Tell what would be removed", "Dire ce qui serait supprimé"),
    ("Tell what would change, and write nothing", "Dire ce qui changerait, sans rien écrire"),
    ("The `.vitpkg` or `.vitmod`", "Le `.vitpkg` ou le `.vitmod`"),
    (
        "The address to listen on; without it, only this machine is answered",
        "L’adresse d’écoute ; sans elle, seule cette machine reçoit une réponse",
    ),
    ("The archive", "L’archive"),
    ("The entry; without it, the newest ones", "L’entrée ; sans elle, les plus récentes"),
    (
        "The first log entry at which it does not count; may lie in the past",
        "La première entrée du journal à partir de laquelle elle ne compte plus ; peut être passée",
    ),
    ("The folder", "Le dossier"),
    ("The folder it is in", "Le dossier où elle se trouve"),
    ("The folder to make; it may exist if it is empty", "Le dossier à créer ; il peut exister s’il est vide"),
    ("The folder, below that of the lockfile", "Le dossier, dans celui du fichier de verrouillage"),
    (
        "The folder; it may not exist yet, or must be empty",
        "Le dossier ; il ne doit pas encore exister, ou être vide",
    ),
    (
        "The folder; one that an earlier demo made is made anew",
        "Le dossier ; celui d’une démonstration précédente est recréé",
    ),
    ("The generation", "La génération"),
    ("The identity the package must have", "L’identité que le paquet doit avoir"),
    ("The package", "Le paquet"),
    ("The package and the version", "Le paquet et la version"),
    (
        "The package file, or the name of a package, with or without `@VERSION`",
        "Le fichier du paquet, ou le nom d’un paquet, avec ou sans `@VERSION`",
    ),
    (
        "The package of the workspace to add them to; without it, the one here",
        "Le paquet de l’espace de travail auquel les ajouter ; sans lui, celui d’ici",
    ),
    (
        "The package's name; the folder is named after its last part",
        "Le nom du paquet ; le dossier prend le nom de sa dernière partie",
    ),
    ("The package's name; without it, that of the folder", "Le nom du paquet ; sans lui, celui du dossier"),
    ("The package, all its versions or one", "Le paquet, toutes ses versions ou une seule"),
    (
        "The package, and the version if another than the newest",
        "Le paquet, et la version si ce n’est pas la plus récente",
    ),
    (
        "The package, with a version or a requirement if wanted, or a file",
        "Le paquet, avec une version ou une contrainte si voulu, ou un fichier",
    ),
    ("The packages", "Les paquets"),
    (
        "The packages at the top; without names, those of the workspace",
        "Les paquets du haut ; sans noms, ceux de l’espace de travail",
    ),
    ("The packages that may move; without names, all", "Les paquets qui peuvent changer ; sans noms, tous"),
    ("The port; 0 takes one that is free", "Le port ; 0 en prend un libre"),
    (
        "The project's manifest; without it, `vitte.toml` here or above",
        "Le manifeste du projet ; sans lui, `vitte.toml` ici ou au-dessus",
    ),
    ("The release", "La version"),
    ("The same as --locked --offline", "Comme --locked --offline"),
    ("The same as naming the package", "Comme nommer le paquet"),
    (
        "The secret half, as it is kept; never to stdout",
        "La clé secrète, telle qu’elle est gardée ; jamais sur la sortie standard",
    ),
    ("The setting", "Le réglage"),
    (
        "The target of a `.vitpkg` whose file name does not tell",
        "La cible d’un `.vitpkg` dont le nom de fichier ne le dit pas",
    ),
    ("This package of the workspace; may be repeated", "Ce paquet de l’espace de travail ; peut être répété"),
    ("To be fetched by many", "Pour être téléchargées souvent"),
    ("To be kept", "Pour être gardées"),
    ("To be used here, now", "Pour servir ici, maintenant"),
    ("Upside down: what needs the packages", "À l’envers : ce qui demande les paquets"),
    ("Use what is installed, and open no socket", "Utiliser ce qui est installé, sans ouvrir de connexion"),
    (
        "Verify a package and write its files to a folder",
        "Vérifier un paquet et écrire ses fichiers dans un dossier",
    ),
    (
        "Verify a package and write its files to a folder\n\nNothing appears in the folder before every check has passed. A package that is unsigned, or signed by somebody you do not trust, is refused unless you say otherwise; one whose content was altered always is.",
        "Vérifier un paquet et écrire ses fichiers dans un dossier\n\nRien n’apparaît dans le dossier avant que toutes les vérifications aient réussi. Un paquet non signé, ou signé par quelqu’un à qui vous ne faites pas confiance, est refusé sauf demande contraire ; un paquet dont le contenu a été altéré l’est toujours.",
    ),
    ("What the archives are for: how hard to compress", "L’usage des archives : l’effort de compression"),
    ("What the program is given", "Ce que reçoit le programme"),
    (
        "What to use instead: a requirement or a package",
        "Ce qu’il faut utiliser à la place : une contrainte ou un paquet",
    ),
    (
        "Where the archives go; without it, `target` in the project",
        "Où vont les archives ; sans cela, dans `target` du projet",
    ),
    ("Where to", "La destination"),
    (
        "Where to; without it, `NAME-VERSION.evidence.json` here",
        "La destination ; sans elle, `NAME-VERSION.evidence.json` ici",
    ),
    ("Where to; without it, stdout", "La destination ; sans elle, la sortie standard"),
    ("Which of its programs", "Lequel de ses programmes"),
    (
        "Whose workflow: github, gitlab or forgejo; without it, what its path or the repository shows",
        "Le service : github, gitlab ou forgejo ; sans lui, ce que montre le chemin ou le dépôt",
    ),
    (
        "Whose workflow: github, gitlab or forgejo; without it, what the repository shows",
        "Le service : github, gitlab ou forgejo ; sans lui, ce que montre le dépôt",
    ),
    ("Why, in words", "Pourquoi, en toutes lettres"),
    (
        "Why: security, malware, broken, legal, renamed or other",
        "Pourquoi : security, malware, broken, legal, renamed ou other",
    ),
    ("Without its default features", "Sans ses fonctionnalités par défaut"),
    ("What to look for", "Ce qui est cherché"),
    ("Write a setting into your own configuration", "Écrire un réglage dans votre configuration"),
    ("Write a workflow anew that is there", "Écrire de nouveau un flux de travail qui existe"),
    (
        "Write a workflow that builds and checks every change, and publishes on a tag",
        "Écrire un flux de travail qui construit et vérifie chaque changement, et publie sur une étiquette",
    ),
    (
        "Write a workflow that publishes from continuous integration, and check one",
        "Écrire un flux de travail qui publie depuis l’intégration continue, et en vérifier un",
    ),
    ("Zstandard", "Zstandard"),
    ("bash, elvish, fish, powershell or zsh", "bash, elvish, fish, powershell ou zsh"),
    ("compromised or retired", "compromised ou retired"),
    ("Start a package", "Commencer un paquet "),
    ("Work with dependencies", "Gérer les dépendances "),
    ("Publish", "Publier "),
    ("Find and run programs", "Trouver et exécuter des programmes "),
    ("Inspect and verify", "Examiner et vérifier "),
    ("Maintenance and help", "Maintenance et aide "),
    (
        "The packages are members of this workspace: write their version and path",
        "Les paquets sont membres de cet espace de travail : écrire leur version et leur chemin",
    ),
];
