//! 08: lockfile.

super::explanations! {
    LockOutdated: [
        "A dependency was changed in the manifest, and the lockfile was not written anew.",
        "The lockfile was not committed with the manifest.",
        "In CI the lockfile is not changed, so that a build is the one that was tested.",
    ] fr [
        "Une dépendance a été changée dans le manifeste, et le fichier de verrouillage n’a pas été réécrit.",
        "Le fichier de verrouillage n’a pas été versionné avec le manifeste.",
        "En CI, le fichier de verrouillage ne change pas, pour que ce qui est construit soit ce qui a été testé.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "=1.0.0""# }
    @shell "vitte package install --locked --registry reg" => {
        "error[VP0801]: demo/app wants acme/text =1.0.0, and the lockfile has no such release for it"
        "= help: vitte package lock"
    };

    LockSyntax: [
        "The lockfile holds the marks of an unfinished merge.",
        "It was edited by hand, or written by a newer version of this program.",
        "It is the JSON lockfile of the Vitte language's own tool.",
    ] fr [
        "Le fichier de verrouillage contient les marques d’une fusion inachevée.",
        "Il a été modifié à la main, ou écrit par une version plus récente de ce programme.",
        "C’est le fichier de verrouillage JSON de l’outil du langage Vitte.",
    ]
    @shell "echo '<<<<<<< HEAD' >> vitte.lock; vitte package install --locked --registry reg" => {
        "error[VP0802]: the lockfile holds the marks of an unfinished merge"
        "= help: restore it: git checkout -- vitte.lock; or remove it to choose every version anew: rm vitte.lock && vitte package lock"
    };
}
