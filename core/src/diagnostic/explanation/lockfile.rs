//! 08: lockfile.

super::explanations! {
    LockOutdated: [
        "A dependency was changed in the manifest, and the lockfile was not written anew.",
        "The lockfile was not committed with the manifest.",
        "In CI the lockfile is not changed, so that a build is the one that was tested.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "=1.0.0""# }
    @shell "vitte package install --locked --registry reg" => {
        "error[VP0801]: demo/app wants acme/text =1.0.0, and the lockfile has no such release for it"
        "= help: vitte package lock"
    };

    LockSyntax: [
        "The lockfile holds the marks of an unfinished merge.",
        "It was edited by hand, or written by a newer version of this program.",
        "It is the JSON lockfile of the Vitte language's own tool.",
    ]
    @shell "echo '<<<<<<< HEAD' >> vitte.lock; vitte package install --locked --registry reg" => {
        "error[VP0802]: the lockfile holds the marks of an unfinished merge"
        "= help: restore it: git checkout -- vitte.lock; or remove it to choose every version anew: rm vitte.lock && vitte package lock"
    };
}
