//! 02: archive and build.

super::explanations! {
    Path: [
        "The name is a device on Windows, such as `con` or `aux`, with or without an ending.",
        "The path has a character with a meaning on some system, or one that is not seen.",
        "The name is not in Unicode normal form C, as files made on a Mac may be.",
        "An archive was made to write outside the folder it is unpacked into.",
    ] fr [
        "Le nom est un périphérique sous Windows, comme `con` ou `aux`, avec ou sans extension.",
        "Le chemin contient un caractère qui a un sens particulier sur un système, ou un caractère invisible.",
        "Le nom n’est pas en forme normale Unicode C, comme il arrive aux fichiers créés sur un Mac.",
        "Une archive a été faite pour écrire hors du dossier où elle est extraite.",
    ]
    @shell "touch src/con.vit; vitte package build" => {
        "error[VP0201]: `con.vit` in the path `src/con.vit` is a device name on Windows"
        "--> file src/con.vit in the package"
        "= help: rename it, or leave it out: add the pattern `/src/con.vit` to `exclude`"
    };

    DuplicatePath: [
        "Two names differ in upper and lower case only.",
        "An archive made by hand holds a file where another path needs a folder.",
    ] fr [
        "Deux noms ne diffèrent que par les majuscules et les minuscules.",
        "Une archive faite à la main contient un fichier là où un autre chemin demande un dossier.",
    ]
    @shell "touch README.md readme.md; vitte package build" => {
        "error[VP0202]: `readme.md` and `README.md` are the same file where case is ignored"
        "= help: rename it, or leave it out: add the pattern `/readme.md` to `exclude`"
    };

    EntryType: [
        "The entry is a link, a folder or a device, and content is to be had of regular files only.",
        "A foreign archive uses a form that tools read in different ways, such as two sizes for one entry.",
    ] fr [
        "L’entrée est un lien, un dossier ou un périphérique, et seuls les fichiers ordinaires ont un contenu.",
        "Une archive d’un autre outil utilise une forme que les outils lisent différemment, comme deux tailles pour une entrée.",
    ]
    @shell "vitte package inspect hello.tar.gz latest" => {
        "error[VP0203]: `latest` is not a file of the archive, but a folder, link or special entry"
    };

    ReservedName: [
        "The package holds a file of version control, such as `.git/config`.",
        "A name begins with `.vitte-`, which is kept for the store.",
    ] fr [
        "Le paquet contient un fichier de gestion de versions, comme `.git/config`.",
        "Un nom commence par `.vitte-`, qui est réservé au magasin.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0204]: `.git` in the path `.git/hooks/post-checkout` is reserved"
        "= help: `.git` and names that begin with `.vitte-` belong to version control and to the store"
    };

    Limit: [
        "The package has more files, or larger ones, than the format allows.",
        "An archive was made to use up memory: what it states is refused before anything is read.",
        "The package has so many releases that its index file has no room for one more.",
    ] fr [
        "Le paquet a plus de fichiers, ou des fichiers plus gros, que le format ne le permet.",
        "Une archive a été faite pour épuiser la mémoire : ce qu’elle annonce est refusé avant toute lecture.",
        "Le paquet a tant de versions que son fichier d’index n’a plus de place pour une de plus.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0205]: the head of the archive has 33554433 as `tree_len`, the limit is 33554432"
    };

    TreeSyntax: [
        "The archive was written by a program that does not follow the format.",
        "The archive was altered, and its digests were recomputed to match.",
    ] fr [
        "L’archive a été écrite par un programme qui ne suit pas le format.",
        "L’archive a été altérée par quelqu’un qui a corrigé ses empreintes.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0206]: `-21` on line 5 of the list of files is not a size in plain decimal digits"
        "--> hello-1.0.0.vitpkg: line 5"
    };

    FrameSyntax: [
        "The archive was written by a program that does not follow the format.",
        "Its compressed data was made to decompress to more than it states.",
    ] fr [
        "L’archive a été écrite par un programme qui ne suit pas le format.",
        "Ses données compressées ont été faites pour donner plus que ce qu’elles annoncent.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0207]: frame 2 of 3 cannot be decompressed: the block at byte 7 of the frame states 2097151 bytes, which does not fit 1024"
        "--> hello-1.0.0.vitpkg: frame 2 of 3 (1 file, bin/hello)"
    };

    NotAPackage: [
        "The file is of another kind, such as a web page saved in place of the download.",
        "The file is a zip archive, or a single compressed file.",
    ] fr [
        "Le fichier est d’un autre type, comme une page web enregistrée à la place du téléchargement.",
        "Le fichier est une archive zip, ou un seul fichier compressé.",
    ]
    @shell "echo hello > notes.txt; vitte package inspect notes.txt" => {
        "error[VP0208]: this is not a Vitte package: it begins with the bytes 68 65 6c 6c 6f 0a"
        "--> …/notes.txt"
    };

    UnsupportedFormat: [
        "The archive was built by a newer version of this program.",
        "Its head was altered.",
    ] fr [
        "L’archive a été construite par une version plus récente de ce programme.",
        "Son en-tête a été altéré.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0209]: the archive has format version 2, this tool reads version 1"
    };

    Build: [
        "The command of `[build]` reported an error, which is printed above the message.",
        "The command's program is not installed, or not in PATH.",
        "The command ended well and did not write what the manifest promises into the folder VITTE_OUT.",
    ] fr [
        "La commande de `[build]` a signalé une erreur, affichée au-dessus du message.",
        "Le programme de la commande n’est pas installé, ou n’est pas dans PATH.",
        "La commande a réussi mais n’a pas écrit dans le dossier VITTE_OUT ce que promet le manifeste.",
    ] in "vitte.toml" { "[build]" r#"command = ["false"]"# }
    @shell "vitte package build --kind pkg" => {
        "error[VP0210]: the build command `false` ended with status 1"
        "= help: VITTE_TARGET=… VITTE_OUT=… false"
    };

    Source: [
        "There is a symbolic link, socket or other special file in the project.",
        "A file that the manifest names is left out by `include`, `exclude` or .gitignore.",
        "A file changed while it was packaged.",
    ] fr [
        "Il y a un lien symbolique, une socket ou un autre fichier spécial dans le projet.",
        "Un fichier que nomme le manifeste est exclu par `include`, `exclude` ou .gitignore.",
        "Un fichier a changé pendant la construction du paquet.",
    ]
    @shell "ln -s vitte.toml src/link; vitte package build" => {
        "error[VP0211]: `src/link` is a symbolic link"
        r#"= help: to copy what links lead to, write under [package]: symlinks = "follow""#
    };

    Section: [
        "A file belongs to two sections.",
        "A section that is fetched on request holds a file that every user needs.",
    ] fr [
        "Un fichier appartient à deux sections.",
        "Une section téléchargée sur demande contient un fichier dont tout utilisateur a besoin.",
    ] in "vitte.toml" { "[package.sections]" r#"docs = ["docs/"]"# r#"more = ["*.md"]"# }
    @shell "mkdir docs; touch docs/a.md; vitte package build" => {
        "error[VP0212]: `docs/a.md` belongs to two sections, `docs` and `more`"
        "= help: add the pattern `!docs/a.md` to one of them"
    };

    NotReproducible: [
        "The build command writes the time, a path of this machine or a random name into a file.",
        "It writes things in the order in which the disk lists them.",
    ] fr [
        "La commande de construction écrit l’heure, un chemin de cette machine ou un nom aléatoire dans un fichier.",
        "Elle écrit des éléments dans l’ordre où le disque les liste.",
    ] in "vitte.toml" { "[build]" r#"command = ["sh", "-c", "mkdir -p $VITTE_OUT; date +%N > $VITTE_OUT/stamp"]"# }
    @shell "vitte package build --kind pkg --check" => {
        "error[VP0213]: building app-1.0.0-….vitpkg twice gave two packages: a file differs"
        "--> file stamp in the package"
    };

    ForeignArchive: [
        "The file was cut off while it was fetched.",
        "It is compressed in a way that this program does not read.",
    ] fr [
        "Le fichier a été coupé pendant son téléchargement.",
        "Il est compressé d’une façon que ce programme ne lit pas.",
    ]
    @shell "head -c 100 hello.tar.gz > cut.tar.gz; vitte package inspect cut.tar.gz" => {
        "error[VP0214]: the frame ends at byte 100, before its last block"
        "--> …/cut.tar.gz: byte 100"
    };

    Secret: [
        "A file of the project contains a token or a private key.",
        "A file that usually holds secrets, such as `.env`, is among the files of the package.",
        "A text for tests looks like a secret and is none.",
    ] fr [
        "Il y a un jeton ou une clé privée dans un fichier du projet.",
        "Un fichier qui contient d’habitude des secrets, comme `.env`, est parmi les fichiers du paquet.",
        "Un texte de test ressemble à un secret et n’en est pas un.",
    ]
    @shell "vitte package publish --registry reg --yes" => {
        "error[VP0215]: src/config.vit line 1 looks like a secret: GitHub token"
        "--> file src/config.vit in the package"
    };

    ArchiveLength: [
        "The download was cut off.",
        "The disk was full, or the machine stopped, while the file was written.",
    ] fr [
        "Le téléchargement a été coupé.",
        "Le disque était plein, ou la machine s’est arrêtée, pendant l’écriture du fichier.",
    ]
    @shell "head -c 300 hello-1.0.0.vitpkg > cut.vitpkg; vitte package extract cut.vitpkg hello" => {
        "error[VP0216]: the file has 300 bytes, its parts have … together"
        "--> cut.vitpkg"
    };

    Delta: [
        "The delta was made for another release than the one at hand.",
        "The file is a package, or a delta that was cut off or altered.",
    ] fr [
        "Le delta a été fait pour une autre version que celle qui est là.",
        "Le fichier est un paquet, ou un delta qui a été coupé ou modifié.",
    ]
    @shell "vitte package delta inspect hello-1.0.0.vitpkg" => {
        "error[VP0217]: this is a package, not a delta"
        "--> hello-1.0.0.vitpkg"
    };
}
