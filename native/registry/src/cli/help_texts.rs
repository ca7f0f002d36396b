//! The French of help texts. Their English is with the definitions of the commands; a test holds the two together.

/// The French of a help text; `None` if it is not in the table.
pub(super) fn french(english: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == english).map(|(_, french)| *french)
}

/// The French of the name of a value.
pub(super) fn value_name(english: &str) -> Option<&'static str> {
    VALUE_NAMES.iter().find(|(known, _)| *known == english).map(|(_, french)| *french)
}

/// Names of values. What is not here is a list of words that are typed as they are.
pub(super) const VALUE_NAMES: &[(&str, &str)] = &[
    ("BURST+COUNT/SECONDS|off", "RÉSERVE+NOMBRE/SECONDES|off"),
    ("CIDRS", "CIDRS"),
    ("DAYS", "JOURS"),
    ("DELIVERY", "MESSAGE"),
    ("DIR", "DOSSIER"),
    ("ENTRIES", "ENTRÉES"),
    ("EVENTS", "ÉVÉNEMENTS"),
    ("FILE", "FICHIER"),
    ("GROUPS", "GROUPES"),
    ("HEX", "HEXA"),
    ("HOURS", "HEURES"),
    ("ID", "ID"),
    ("IP:PORT", "IP:PORT"),
    ("LIMIT", "LIMITE"),
    ("NAME", "NOM"),
    ("NETWORKS", "RÉSEAUX"),
    ("NUMBER", "NOMBRE"),
    ("PATTERNS", "MOTIFS"),
    ("REASON", "RAISON"),
    ("RELEASE", "VERSION"),
    ("ROLE", "RÔLE"),
    ("SCOPES", "PORTÉES"),
    ("SECONDS", "SECONDES"),
    ("SIZE", "TAILLE"),
    ("URL", "URL"),
    ("WHO", "QUI"),
];

pub(super) const TEXTS: &[(&str, &str)] = &[
    (
        "Follow the registry to other origins that have no public address",
        "Suivre le registre vers d’autres origines sans adresse publique",
    ),
    (
        "How long a shared database or a bucket may take to respond",
        "En combien de temps une base de données partagée ou un bucket doit répondre",
    ),
    (
        "How long the replica that writes to the log may be silent before another one takes its place",
        "Combien de temps la réplique qui écrit dans le journal peut se taire avant qu’une autre prenne sa place",
    ),
    (
        "How old files are that may go, in hours; fewer than the default only while nothing is published",
        "L’âge des fichiers qui peuvent partir, en heures ; moins que la valeur par défaut seulement quand rien n’est publié",
    ),
    (
        "Requests to the API and for pages, for each address or IPv6 network of 64 bits",
        "Requêtes à l’API et pour les pages, pour chaque adresse ou réseau IPv6 de 64 bits",
    ),
    (
        "Whether the server shows its registry as a web site",
        "Si le serveur montre son registre comme site web",
    ),
    (
        "The folder of the site's scripts, which check packages in the browser; pages do without it",
        "Le dossier des scripts du site, qui vérifient les paquets dans le navigateur ; les pages s’en passent",
    ),
    ("A registry of Vitte packages as a server", "Un registre de paquets Vitte en tant que serveur"),
    (
        "Create a registry: its keys, its trust root, the first entry of its log",
        "Créer un registre : ses clés, sa racine de confiance, la première entrée de son journal",
    ),
    ("Serve the registry over HTTP", "Servir le registre par HTTP"),
    (
        "Show every setting of `serve`, and where it was set",
        "Montrer chaque réglage de `serve`, et où il est défini",
    ),
    (
        "Remove the archives of a release for good; its log entries stay",
        "Supprimer définitivement les archives d’une version ; ses entrées de journal restent",
    ),
    ("The release: namespace/name@version", "La version : espace/nom@version"),
    (
        "Why: legal (clients get 451) or removed (410)",
        "Pourquoi : legal (les clients reçoivent 451) ou removed (410)",
    ),
    ("Users", "Utilisateurs"),
    (
        "Tokens, by which clients prove what they may do",
        "Jetons, par lesquels les clients prouvent leurs droits",
    ),
    (
        "Show or change who may read the registry: everyone, or only who has a token",
        "Montrer ou changer qui peut lire le registre : tout le monde, ou seulement avec un jeton",
    ),
    (
        "Namespaces: which there are, and which names are held or reserved",
        "Espaces de noms : ceux qui existent, et les noms en attente ou réservés",
    ),
    ("Webhooks: who is told of what is logged", "Webhooks : qui est averti de ce qui est journalisé"),
    (
        "Take a directory registry over, with its keys, its id and its log",
        "Reprendre un registre en dossier, avec ses clés, son identifiant et son journal",
    ),
    (
        "Copy the registry's files into a new folder, as a directory registry without keys",
        "Copier les fichiers du registre dans un nouveau dossier, comme registre en dossier sans clés",
    ),
    ("Remove what nobody needs any more", "Supprimer ce qui ne sert plus"),
    (
        "Copy everything into a new folder, beside a server that runs",
        "Tout copier dans un nouveau dossier, à côté d’un serveur en marche",
    ),
    ("Make a backup a registry again", "Refaire un registre d’une sauvegarde"),
    (
        "Check everything, and repair what can be made anew",
        "Tout vérifier, et réparer ce qui peut être refait",
    ),
    (
        "Make the files that follow from log and archives anew",
        "Refaire les fichiers qui découlent du journal et des archives",
    ),
    (
        "Serve a verified copy of another registry, under its own id",
        "Servir une copie vérifiée d’un autre registre, sous l’identifiant de celui-ci",
    ),
    (
        "The folder of the server: its database, its keys and the registry's files",
        "Le dossier du serveur : sa base de données, ses clés et les fichiers du registre",
    ),
    (
        "The file of its settings; without it, `vitte-registry.toml` in its folder if that is there",
        "Le fichier de ses réglages ; sans lui, `vitte-registry.toml` dans son dossier s’il s’y trouve",
    ),
    (
        "Who may read from now on; without it, it is shown who may",
        "Qui peut lire désormais ; sans cela, montrer qui le peut",
    ),
    ("Everyone", "Tout le monde"),
    ("Only who has a token with the scope `read`", "Seulement avec un jeton de portée `read`"),
    ("The new folder", "Le nouveau dossier"),
    (
        "Put the registry's signing keys into the backup as well",
        "Mettre aussi les clés de signature du registre dans la sauvegarde",
    ),
    (
        "Make anew what follows from log and archives, and close what is open to others",
        "Refaire ce qui découle du journal et des archives, et fermer ce qui est ouvert à d’autres",
    ),
    ("Print what was found as JSON", "Afficher les constats en JSON"),
    ("Only count what would be removed", "Seulement compter ce qui serait supprimé"),
    ("The directory registry", "Le registre en dossier"),
    (
        "The folder of its keys, as `vitte package registry init` has shown it",
        "Le dossier de ses clés, comme `vitte package registry init` l’a montré",
    ),
    (
        "Its id: the host it will be known by, and a path",
        "Son identifiant : l’hôte sous lequel il sera connu, et un chemin",
    ),
    ("Deliver nothing without a token", "Ne rien livrer sans jeton"),
    ("The registry's address", "L’adresse du registre"),
    (
        "The digest of the registry's first trust root",
        "L’empreinte de la première racine de confiance du registre",
    ),
    ("The folder of the copy", "Le dossier de la copie"),
    (
        "The address to listen on; port 0 takes one that is free",
        "L’adresse d’écoute ; le port 0 en prend un de libre",
    ),
    (
        "How much room archives may take, such as 500MB or 10GiB; those used least recently are removed first",
        "La place que les archives peuvent prendre, comme 500MB ou 10GiB ; les moins récemment utilisées sont supprimées d’abord",
    ),
    (
        "Fetch what this lockfile or list of packages names before serving",
        "Télécharger avant de servir ce que nomme ce fichier de verrouillage ou cette liste de paquets",
    ),
    ("Exit once everything has been fetched", "Terminer une fois que tout est téléchargé"),
    (
        "Never ask the registry: serve what is there",
        "Ne jamais interroger le registre : servir ce qui est là",
    ),
    (
        "How long a client or the registry may send nothing, in seconds",
        "Combien de temps un client ou le registre peut ne rien envoyer, en secondes",
    ),
    ("List namespaces", "Lister les espaces de noms"),
    (
        "Show the records of a namespace and its packages",
        "Montrer les actes d’un espace de noms et ses paquets",
    ),
    ("Its name", "Son nom"),
    (
        "List names that look like an existing namespace and wait for a decision, and those that were decided about",
        "Lister les noms qui ressemblent à un espace de noms existant et attendent une décision, et ceux qui ont été décidés",
    ),
    (
        "Let a name be created although it looks like another",
        "Permettre de créer un nom bien qu’il ressemble à un autre",
    ),
    ("The name", "Le nom"),
    ("Keep a name, so that nobody can create it", "Réserver un nom, pour que personne ne puisse le créer"),
    (
        "Show what a namespace has and may have, or decide what it may have",
        "Montrer ce qu’un espace de noms contient et peut contenir, ou décider ce qu’il peut contenir",
    ),
    ("Packages: a number, or `unlimited`", "Paquets : un nombre, ou `unlimited`"),
    (
        "Releases of all its packages: a number, or `unlimited`",
        "Versions de tous ses paquets : un nombre, ou `unlimited`",
    ),
    (
        "Bytes of all its archives: `500MiB`, `10GiB`, or `unlimited`",
        "Octets de toutes ses archives : `500MiB`, `10GiB`, ou `unlimited`",
    ),
    ("Bytes of one archive, up to `1GiB`", "Octets d’une archive, jusqu’à `1GiB`"),
    ("Let the settings decide again", "Laisser de nouveau décider les réglages"),
    ("Take back what was decided about a name", "Annuler ce qui a été décidé d’un nom"),
    ("The folder of the backup", "Le dossier de la sauvegarde"),
    (
        "How many entries the log had at last, as clients saw it; needed for a backup with keys",
        "Combien d’entrées le journal avait en dernier, vu des clients ; nécessaire pour une sauvegarde avec clés",
    ),
    (
        "Show the settings and where each was set, and end",
        "Montrer les réglages et où chacun est défini, puis terminer",
    ),
    ("Create a token, and show it once", "Créer un jeton, et le montrer une fois"),
    ("List tokens, without their secrets", "Lister les jetons, sans leurs secrets"),
    ("Make a token worthless", "Rendre un jeton sans valeur"),
    ("Its id, as `token list` shows it", "Son identifiant, comme le montre `token list`"),
    ("Whose it is; without it, the only user's", "À qui il est ; sans cela, au seul utilisateur"),
    (
        "What it allows, separated by commas: publish, yank, namespace, or parts of these",
        "Ce qu’il permet, séparé par des virgules : publish, yank, namespace, ou des parties de ceux-ci",
    ),
    (
        "The packages it is for, separated by commas: *, namespace/*, namespace/name",
        "Les paquets pour lesquels il vaut, séparés par des virgules : *, namespace/*, namespace/name",
    ),
    ("What the token is called in lists", "Le nom du jeton dans les listes"),
    (
        "The networks it may be used from, separated by commas; everywhere without it",
        "Les réseaux d’où il peut être utilisé, séparés par des virgules ; partout sans cela",
    ),
    (
        "Let it manage its user's tokens, as one that `vitte package login` gets",
        "Lui permettre de gérer les jetons de son utilisateur, comme un jeton obtenu par `vitte package login`",
    ),
    ("For how many days", "Pour combien de jours"),
    ("Add a user", "Ajouter un utilisateur"),
    ("The user's name", "Le nom de l’utilisateur"),
    ("What the user is: guest, member or admin", "Ce qu’est l’utilisateur : guest, member ou admin"),
    (
        "Ask for a password to sign in with; without a terminal it is the first line of standard input",
        "Demander un mot de passe de connexion ; sans terminal c’est la première ligne de l’entrée standard",
    ),
    ("List users", "Lister les utilisateurs"),
    (
        "Keep a user out: sessions end, and tokens are not valid any more",
        "Exclure un utilisateur : ses sessions se terminent, et ses jetons ne valent plus",
    ),
    ("Let a user in again", "Réadmettre un utilisateur"),
    (
        "Give a user another password; without a terminal it is the first line of standard input",
        "Donner un autre mot de passe à un utilisateur ; sans terminal c’est la première ligne de l’entrée standard",
    ),
    (
        "Make a user a guest, a member or an admin",
        "Faire d’un utilisateur un invité, un membre ou un administrateur",
    ),
    ("guest, member or admin", "guest, member ou admin"),
    (
        "Add one, and show the secret that its messages are signed with, once",
        "En ajouter un, et montrer une fois le secret qui signe ses messages",
    ),
    ("Where messages are sent", "Où les messages sont envoyés"),
    (
        "What it is told of, separated by commas: publish, yank, deprecate, namespace",
        "Ce dont il est averti, séparé par des virgules : publish, yank, deprecate, namespace",
    ),
    (
        "The packages it is told of, separated by commas: *, namespace/*, namespace/name",
        "Les paquets dont il est averti, séparés par des virgules : *, namespace/*, namespace/name",
    ),
    (
        "List them, each with what its last message came to",
        "Les lister, chacun avec le sort de son dernier message",
    ),
    ("Remove one, and what was to be sent to it", "En supprimer un, et ce qui devait lui être envoyé"),
    ("Its id, as `webhook list` shows it", "Son identifiant, comme le montre `webhook list`"),
    (
        "List the newest messages to one, and what they came to",
        "Lister les derniers messages à l’un d’eux, et leur sort",
    ),
    ("Send a message again", "Renvoyer un message"),
    (
        "The message's id, as `webhook deliveries` shows it",
        "L’identifiant du message, comme le montre `webhook deliveries`",
    ),
    (
        "The address of the metrics, for Prometheus; not served without it",
        "L’adresse des métriques, pour Prometheus ; non servies sans cela",
    ),
    (
        "Where the registry's files are, if not in the folder: s3://BUCKET/PREFIX?endpoint=URL&region=REGION",
        "Où sont les fichiers du registre, si ce n’est dans le dossier : s3://COMPARTIMENT/PRÉFIXE?endpoint=URL&region=RÉGION",
    ),
    (
        "The database that replicas share, if not SQLite in the folder: postgres://USER:PASSWORD@HOST/NAME",
        "La base de données que les répliques partagent, si ce n’est SQLite dans le dossier : postgres://UTILISATEUR:MOT_DE_PASSE@HÔTE/NOM",
    ),
    (
        "Where the registry's signing keys are, if not in the folder",
        "Où sont les clés de signature du registre, si ce n’est dans le dossier",
    ),
    (
        "The certificate and its chain in PEM, to serve https; read again on SIGHUP",
        "Le certificat et sa chaîne en PEM, pour servir en https ; relus à SIGHUP",
    ),
    ("The key of the certificate, in PEM", "La clé du certificat, en PEM"),
    (
        "Proxies whose X-Forwarded-For is believed: 10.0.0.0/8,::1",
        "Les proxys dont l’en-tête X-Forwarded-For est cru : 10.0.0.0/8,::1",
    ),
    (
        "Connections at once; beyond it the one idle for longest is closed",
        "Connexions simultanées ; au-delà, la plus longtemps inactive est fermée",
    ),
    (
        "How long requests are still taken after SIGTERM, while /readyz says 503",
        "Combien de temps les requêtes sont encore acceptées après SIGTERM, pendant que /readyz répond 503",
    ),
    (
        "How long a client may send nothing before its connection is closed",
        "Combien de temps un client peut ne rien envoyer avant que sa connexion soit fermée",
    ),
    (
        "Where users reach the server, if it stands behind a proxy: https://registry.example",
        "Où les utilisateurs joignent le serveur, s’il est derrière un proxy : https://registry.example",
    ),
    ("Which users may create namespaces", "Quels utilisateurs peuvent créer des espaces de noms"),
    (
        "Whether a new namespace may look like an existing one; what is denied waits for `namespace allow`",
        "Si un nouvel espace de noms peut ressembler à un existant ; ce qui est refusé attend `namespace allow`",
    ),
    (
        "Packages that a namespace may have; not limited without it",
        "Paquets qu’un espace de noms peut contenir ; sans limite sans cela",
    ),
    (
        "Releases that a namespace may have, of all its packages; not limited without it",
        "Versions qu’un espace de noms peut contenir, tous paquets compris ; sans limite sans cela",
    ),
    (
        "Bytes of archives that a namespace may have: 500MiB, 10GiB; not limited without it",
        "Octets d’archives qu’un espace de noms peut contenir : 500MiB, 10GiB ; sans limite sans cela",
    ),
    ("Bytes that one archive may have, up to 1GiB", "Octets qu’une archive peut avoir, jusqu’à 1GiB"),
    (
        "The OpenID Connect provider that users may sign in with; needs base-url and oidc-client-id",
        "Le fournisseur OpenID Connect par lequel les utilisateurs peuvent se connecter ; demande base-url et oidc-client-id",
    ),
    ("What the provider knows this server as", "Le nom de ce serveur chez le fournisseur"),
    (
        "The file with the secret that the provider has given this server",
        "Le fichier du secret que le fournisseur a donné à ce serveur",
    ),
    (
        "What the provider is asked for, separated by commas",
        "Ce qui est demandé au fournisseur, séparé par des virgules",
    ),
    ("The claim that lists a user's groups", "L’attribut qui liste les groupes d’un utilisateur"),
    (
        "The groups whose users are members, separated by commas; without it all are",
        "Les groupes dont les utilisateurs sont membres, séparés par des virgules ; tous le sont sans cela",
    ),
    (
        "The groups whose users are admins, separated by commas",
        "Les groupes dont les utilisateurs sont administrateurs, séparés par des virgules",
    ),
    (
        "Whether everyone whom the provider knows becomes a user at the first sign-in",
        "Si toute personne connue du fournisseur devient utilisateur à la première connexion",
    ),
    (
        "How long a client that waits for its user pauses between two questions",
        "Combien de temps un client qui attend son utilisateur patiente entre deux demandes",
    ),
    (
        "Whether requests and submissions are limited in their rate",
        "Si le débit des requêtes et des soumissions est limité",
    ),
    ("New packages, for each token", "Nouveaux paquets, par jeton"),
    ("New versions, for each token", "Nouvelles versions, par jeton"),
    ("Changes of status, for each token", "Changements de statut, par jeton"),
    ("New namespaces, for each token", "Nouveaux espaces de noms, par jeton"),
    (
        "Where webhooks may lead: to the public internet by https, or anywhere",
        "Où les webhooks peuvent mener : à l’internet public par https, ou n’importe où",
    ),
    ("What a line of the log looks like", "La forme d’une ligne du journal du serveur"),
    (
        "What is logged: this, and what is more important",
        "Ce qui est journalisé : ceci, et ce qui est plus important",
    ),
];
