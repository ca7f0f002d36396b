//! 10: store and disk.

super::explanations! {
    Io: [
        "The file's rights do not let you read or write it.",
        "A folder stands where a file is wanted, or the other way round.",
        "The file system may only be read, or the disk is failing.",
    ]
    @shell "vitte package inspect src" => {
        "error[VP1001]: …/src cannot be read: it is a folder"
    };

    NoSpace: [
        "The disk, or your share of it, is used up.",
    ]
    @shell "vitte package install acme/text --registry reg" => {
        "error[VP1002]: the disk is full: …/home/store/v1/tmp/… cannot be written"
    };

    StoreLayout: [
        "A file below VITTE_HOME was edited, cut off or written by a newer version.",
        "The machine stopped while the disk was writing.",
    ]
    @shell "echo x > home/envs/default/current; vitte package list" => {
        "error[VP1003]: the store is damaged: …/home/envs/default/current: it does not hold the number of a generation"
    };

    Shim: [
        "Two packages provide a program of one name.",
        "A file that this program did not write stands where it puts programs.",
    ]
    @shell "vitte package install hello-1.0.0.vitpkg" => {
        "error[VP1004]: …/home/bin/hello is in the way: it was not written by vitte package"
        "= help: move it elsewhere: mv …/home/bin/hello …/home/bin/hello.old"
    };

    NotInstalled: [
        "The name is misspelt.",
        "The package is a dependency of a project, and not installed for this user.",
        "Another VITTE_HOME is in use.",
    ]
    @shell "vitte package uninstall acme/text" => {
        "error[VP1005]: acme/text is not installed"
        "= help: vitte package list"
    };

    Interrupted: [
        "Ctrl-C was pressed, or the system asked the process to end.",
    ]
    @shell "vitte package build" => {
        "interrupted; nothing was left half done"
    };

    FolderExists: [
        "The package was extracted there before.",
        "A file of yours stands where a copy of a package, or a link to one, is to be.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg src" => {
        "error[VP1007]: the folder …/src is there already, and not empty"
    };

    LinkOutside: [
        "The project came from somebody else, with a link that leads out of it.",
        "A file of the project is kept elsewhere and linked.",
    ]
    @shell "ln -s ../elsewhere .vitte; vitte package install --registry reg" => {
        "error[VP1009]: `.vitte` is a symbolic link to ../elsewhere: nothing is written through it"
        "= help: rm .vitte"
    };

    NoFile: [
        "The path is misspelt, or relative to another folder.",
        "The file was not built yet.",
    ]
    @shell "vitte package verify hello-1.0.0.vitpkg" => {
        "error[VP1008]: …/hello-1.0.0.vitpkg cannot be read: there is no such file or folder"
    };
}
