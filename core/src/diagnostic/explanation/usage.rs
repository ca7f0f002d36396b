//! 03: usage and configuration.

super::explanations! {
    Usage: [
        "A flag is misspelt, given twice or of another command.",
        "An argument is missing, or there is one too many.",
        "A value is none of those that the flag takes.",
    ] fr [
        "Une option est mal orthographiée, donnée deux fois ou celle d’une autre commande.",
        "Un argument manque, ou il y en a un de trop.",
        "Une valeur n’est aucune de celles que prend l’option.",
    ]
    @shell "vitte package build --lits" => {
        "error[VP0301]: unknown flag `--lits`"
        "= help: did you mean `--list`?"
        "= help: vitte package build --help"
    };

    NoProject: [
        "The command was run in another folder than the project's.",
        "The project has no manifest yet.",
    ] fr [
        "La commande a été lancée dans un autre dossier que celui du projet.",
        "Le projet n’a pas encore de manifeste.",
    ]
    @shell "vitte package build" => {
        "error[VP0302]: there is no `vitte.toml` in … or above it"
        "= help: vitte package init"
    };

    Config: [
        "A setting is misspelt, or its value is none of those allowed.",
        "A project sets what only its user may set.",
        "An environment variable holds a value that cannot be read.",
    ] fr [
        "Un réglage est mal orthographié, ou sa valeur n’est pas autorisée.",
        "Un projet définit ce que seul son utilisateur peut définir.",
        "Une variable d’environnement a une valeur illisible.",
    ]
    @shell "VITTE_MIN_AGE=soon vitte package lock" => {
        "error[VP0303]: `soon` is not a value of the setting `resolver.min-age`: 24h, 7d, 0"
        "--> VITTE_MIN_AGE"
    };

    NeedsAnswer: [
        "The command asks before it does what cannot be undone, and was run by a script or in CI.",
    ] fr [
        "La commande demande confirmation avant une action irréversible, et a été lancée par un script ou en CI.",
    ]
    @shell "vitte package yank acme/text@1.0.0 --registry reg" => {
        "error[VP0304]: a question needs an answer, and there is no terminal to ask on: yank acme/text@1.0.0?"
        "= help: give --yes to answer yes"
    };

    NoKey: [
        "No key was made on this machine yet.",
        "There are several keys, and none was chosen.",
    ] fr [
        "Aucune clé n’a encore été créée sur cette machine.",
        "Il y a plusieurs clés, et aucune n’a été choisie.",
    ]
    @shell "vitte package sign hello-1.0.0.vitpkg" => {
        "error[VP0305]: there is no key to sign with"
        "= help: vitte package key generate"
    };

    NoRegistry: [
        "Neither a flag, nor VITTE_REGISTRY, nor the configuration, nor the manifest names a registry.",
        "The manifest names registries, and the namespace belongs to none of them.",
        "The name of a file that is not there was taken for the name of a package.",
    ] fr [
        "Ni une option, ni VITTE_REGISTRY, ni la configuration, ni le manifeste ne nomment de registre.",
        "Le manifeste nomme des registres, et l’espace de noms n’appartient à aucun d’eux.",
        "Le nom d’un fichier qui n’existe pas a été pris pour celui d’un paquet.",
    ]
    @shell "vitte package verify acme/text" => {
        "error[VP0306]: no registry was given"
        "= help: give --registry DIR, or export VITTE_REGISTRY=DIR"
    };

    UnknownCommand: [
        "The command is misspelt.",
        "The program is older than the command.",
    ] fr [
        "La commande est mal orthographiée.",
        "Le programme est plus ancien que la commande.",
    ]
    @shell "vitte package instal" => {
        "error[VP0307]: there is no command `instal`"
        "= help: did you mean `install`?"
    };

    ProjectExists: [
        "A project was created in this folder before.",
        "The new project's folder is there already.",
    ] fr [
        "Un projet a déjà été créé dans ce dossier.",
        "Le dossier du nouveau projet existe déjà.",
    ]
    @shell "vitte package init" => {
        "error[VP0308]: …/vitte.toml is there already"
        "= help: choose another folder, or edit the file"
    };

    KeyExists: [
        "A key was made before, under the same name.",
        "Only the public half of a key is here, under that name.",
    ] fr [
        "Une clé du même nom a déjà été créée.",
        "Seule la clé publique est ici, sous ce nom.",
    ]
    @shell "vitte package key generate --name laptop" => {
        "error[VP0309]: there is a key `laptop` already, and keys are never overwritten"
        "= help: vitte package key generate --name ANOTHER"
    };

    KeyNotFound: [
        "The name is misspelt.",
        "The key is on another machine, or under another VITTE_HOME.",
    ] fr [
        "Le nom est mal orthographié.",
        "La clé est sur une autre machine, ou sous un autre VITTE_HOME.",
    ]
    @shell "vitte package key show laptop" => {
        "error[VP0310]: there is no key `laptop`"
        "= help: vitte package key list"
    };

    KeySyntax: [
        "The file holds something else, or a key of another kind, such as RSA or OpenSSH.",
        "A public key was given where a secret one is needed, or the other way round.",
        "The two files of a key belong to different keys.",
    ] fr [
        "Le fichier contient autre chose, ou une clé d’un autre type, comme RSA ou OpenSSH.",
        "Une clé publique a été donnée là où il faut une clé secrète, ou l’inverse.",
        "Les deux fichiers d’une clé appartiennent à des clés différentes.",
    ]
    @shell "vitte package key trust notes.txt --for 'acme/*'" => {
        "error[VP0311]: the key is not PEM: it does not begin with a line `-----BEGIN ...-----`"
    };

    NotSupported: [
        "The command was asked for something that this version leaves out on purpose.",
        "The package has programs for other kinds of machines only.",
        "A registry at an address was to be searched, which only its own page can do.",
    ] fr [
        "La commande a été chargée de quelque chose que cette version omet à dessein.",
        "Le paquet n’a de programmes que pour d’autres types de machines.",
        "Une recherche était demandée dans un registre distant, ce que seule sa propre page peut faire.",
    ]
    @shell "vitte package build --codec lz4 --out .; vitte package publish app-1.0.0.vitmod --registry reg --yes" => {
        "error[VP0312]: an archive compressed with lz4 cannot be published: tools that read it as a tar see other files in it, or none"
        "= help: build it without --codec lz4: the content, and what it is known by, stay the same"
    };
}
