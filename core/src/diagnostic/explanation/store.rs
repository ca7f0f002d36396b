//! 10: store and disk.

super::explanations! {
    Io: [
        "The file's rights do not let you read or write it.",
        "There is a folder where a file is expected, or the other way round.",
        "The file system may only be read, or the disk is failing.",
    ] fr [
        "Les droits du fichier ne vous permettent pas de le lire ou de l’écrire.",
        "Il y a un dossier à la place d’un fichier, ou l’inverse.",
        "Le système de fichiers est en lecture seule, ou le disque est défaillant.",
    ]
    @shell "vitte package inspect src" => {
        "error[VP1001]: …/src cannot be read: it is a folder"
    };

    NoSpace: [
        "The disk, or your share of it, is used up.",
    ] fr [
        "Le disque, ou votre quota, est plein.",
    ]
    @shell "vitte package install acme/text --registry reg" => {
        "error[VP1002]: the disk is full: …/home/store/v1/tmp/… cannot be written"
    };

    StoreLayout: [
        "A file below VITTE_HOME was edited, cut off or written by a newer version.",
        "The machine stopped while the disk was writing.",
    ] fr [
        "Un fichier sous VITTE_HOME a été modifié, coupé ou écrit par une version plus récente.",
        "La machine s’est arrêtée pendant que le disque écrivait.",
    ]
    @shell "echo x > home/envs/default/current; vitte package list" => {
        "error[VP1003]: the store is damaged: …/home/envs/default/current: it does not hold the number of a generation"
    };

    Shim: [
        "Two packages provide a program of one name.",
        "A file that this program did not write is where it puts programs.",
    ] fr [
        "Deux paquets fournissent un programme du même nom.",
        "Il y a un fichier que ce programme n’a pas écrit là où il met les programmes.",
    ]
    @shell "vitte package install hello-1.0.0.vitpkg" => {
        "error[VP1004]: …/home/bin/hello is in the way: it was not written by vitte package"
        "= help: move it elsewhere: mv …/home/bin/hello …/home/bin/hello.old"
    };

    NotInstalled: [
        "The name is misspelt.",
        "The package is a dependency of a project, and not installed for this user.",
        "Another VITTE_HOME is in use.",
    ] fr [
        "Le nom est mal orthographié.",
        "Le paquet est une dépendance d’un projet, et n’est pas installé pour cet utilisateur.",
        "Un autre VITTE_HOME est utilisé.",
    ]
    @shell "vitte package uninstall acme/text" => {
        "error[VP1005]: acme/text is not installed"
        "= help: vitte package list"
    };

    Interrupted: [
        "Ctrl-C was pressed, or the system asked the process to end.",
    ] fr [
        "Ctrl-C a été pressé, ou le système a demandé au processus de se terminer.",
    ]
    @shell "vitte package build" => {
        "interrupted; nothing was left half done"
    };

    FolderExists: [
        "The package was extracted there before.",
        "A file of yours is where a copy of a package, or a link to one, has to go.",
    ] fr [
        "Le paquet y a déjà été extrait.",
        "Un de vos fichiers est là où doit aller la copie d’un paquet, ou un lien vers un paquet.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg src" => {
        "error[VP1007]: the folder …/src is there already, and not empty"
    };

    LinkOutside: [
        "The project came from somebody else, with a link that leads out of it.",
        "A file of the project is kept elsewhere and linked.",
    ] fr [
        "Le projet vient de quelqu’un d’autre, avec un lien qui mène au-dehors.",
        "Un fichier du projet est gardé ailleurs et lié.",
    ]
    @shell "ln -s ../elsewhere .vitte; vitte package install --registry reg" => {
        "error[VP1009]: `.vitte` is a symbolic link to ../elsewhere: nothing is written through it"
        "= help: rm .vitte"
    };

    NoFile: [
        "The path is misspelt, or relative to another folder.",
        "The file was not built yet.",
    ] fr [
        "Le chemin est mal orthographié, ou relatif à un autre dossier.",
        "Le fichier n’a pas encore été construit.",
    ]
    @shell "vitte package verify hello-1.0.0.vitpkg" => {
        "error[VP1008]: …/hello-1.0.0.vitpkg cannot be read: there is no such file or folder"
    };
}
