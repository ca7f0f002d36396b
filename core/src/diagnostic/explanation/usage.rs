//! 03: usage and configuration.

super::explanations! {
    Usage: [
        "A flag is misspelt, given twice or of another command.",
        "An argument is missing, or there is one too many.",
        "A value is none of those that the flag takes.",
    ]
    @shell "vitte package build --lits" => {
        "error[VP0301]: unknown flag `--lits`"
        "= help: did you mean `--list`?"
        "= help: vitte package build --help"
    };

    NoProject: [
        "The command was run in another folder than the project's.",
        "The project has no manifest yet.",
    ]
    @shell "vitte package build" => {
        "error[VP0302]: there is no `vitte.toml` in … or above it"
        "= help: vitte package init"
    };

    Config: [
        "A setting is misspelt, or its value is none of those allowed.",
        "A project sets what only its user may set.",
        "An environment variable holds a value that cannot be read.",
    ]
    @shell "VITTE_MIN_AGE=soon vitte package lock" => {
        "error[VP0303]: `soon` is not a value of the setting `resolver.min-age`: 24h, 7d, 0"
        "--> VITTE_MIN_AGE"
    };

    NeedsAnswer: [
        "The command asks before it does what cannot be undone, and was run by a script or in CI.",
    ]
    @shell "vitte package yank acme/text@1.0.0 --registry reg" => {
        "error[VP0304]: a question needs an answer, and there is no terminal to ask on: yank acme/text@1.0.0?"
        "= help: give --yes to answer yes"
    };

    NoKey: [
        "No key was made on this machine yet.",
        "There are several keys, and none was chosen.",
    ]
    @shell "vitte package sign hello-1.0.0.vitpkg" => {
        "error[VP0305]: there is no key to sign with"
        "= help: vitte package key generate"
    };

    NoRegistry: [
        "Neither a flag, nor VITTE_REGISTRY, nor the configuration, nor the manifest names a registry.",
        "The manifest names registries, and the namespace belongs to none of them.",
        "The name of a file that is not there was taken for the name of a package.",
    ]
    @shell "vitte package verify acme/text" => {
        "error[VP0306]: no registry was given"
        "= help: give --registry DIR, or export VITTE_REGISTRY=DIR"
    };

    UnknownCommand: [
        "The command is misspelt.",
        "The program is older than the command.",
    ]
    @shell "vitte package instal" => {
        "error[VP0307]: there is no command `instal`"
        "= help: did you mean `install`?"
    };

    ProjectExists: [
        "A project was begun in this folder before.",
        "The new project's folder is there already.",
    ]
    @shell "vitte package init" => {
        "error[VP0308]: …/vitte.toml is there already"
        "= help: choose another folder, or edit the file"
    };

    KeyExists: [
        "A key was made before, under the same name.",
        "Only the public half of a key is here, under that name.",
    ]
    @shell "vitte package key generate --name laptop" => {
        "error[VP0309]: there is a key `laptop` already, and keys are never overwritten"
        "= help: vitte package key generate --name ANOTHER"
    };

    KeyNotFound: [
        "The name is misspelt.",
        "The key is on another machine, or under another VITTE_HOME.",
    ]
    @shell "vitte package key show laptop" => {
        "error[VP0310]: there is no key `laptop`"
        "= help: vitte package key list"
    };

    KeySyntax: [
        "The file holds something else, or a key of another kind, such as RSA or OpenSSH.",
        "A public key was given where a secret one is needed, or the other way round.",
        "The two files of a key belong to different keys.",
    ]
    @shell "vitte package key trust notes.txt --for 'acme/*'" => {
        "error[VP0311]: the key is not PEM: it does not begin with a line `-----BEGIN ...-----`"
    };

    NotSupported: [
        "The command was asked for something that this version leaves out on purpose.",
        "The package has programs for other kinds of machines only.",
        "A registry at an address was to be searched, which only its own page can do.",
    ]
    @shell "vitte package build --codec lz4 --out .; vitte package publish app-1.0.0.vitmod --registry reg --yes" => {
        "error[VP0312]: an archive compressed with lz4 cannot be published: tools that read it as a tar see other files in it, or none"
        "= help: build it without --codec lz4: the content, and what it is known by, stay the same"
    };
}
