//! 04: resolution.

super::explanations! {
    NoSolution: [
        "Two packages want releases of a third that no single release of it meets.",
        "The manifest holds a package to a version that another dependency cannot use.",
        "A release that would fit was yanked.",
    ] fr [
        "Deux paquets demandent des versions d’un troisième qu’aucune de ses versions ne satisfait.",
        "Le manifeste retient un paquet à une version qu’une autre dépendance ne peut pas utiliser.",
        "Une version qui conviendrait a été retirée.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/json" = "1""# r#""acme/text" = "=1.0.0""# }
    @shell "vitte package lock --registry reg" => {
        "error[VP0401]: your dependencies cannot be satisfied together"
        "= acme/json 1.0.0 needs acme/text ~1.1"
        "= no release of acme/text is =1.0.0 and ~1.1 at once"
        "= help: acme/text 1.1.0 fits everything else: vitte package add acme/text@1.1.0"
    };

    NoMatch: [
        "The requirement asks for a version that was never published.",
        "The package's name is misspelt, or its registry was not given.",
        "The only releases that fit are pre-releases, which have to be asked for by name.",
    ] fr [
        "La contrainte demande une version qui n’a jamais été publiée.",
        "Le nom du paquet est mal orthographié, ou son registre n’a pas été donné.",
        "Les seules versions qui conviennent sont des préversions, à demander nommément.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "2""# }
    @shell "vitte package lock --registry reg" => {
        "error[VP0402]: no release of acme/text fits `2`"
        "= these releases of acme/text exist: 1.1.0, 1.0.0"
    };

    TooYoung: [
        "The release was published a short while ago, and releases have to be public for some time before they are chosen.",
        "The whole package is new.",
    ] fr [
        "La version a été publiée il y a peu, et une version doit être publique depuis un certain temps avant d’être choisie.",
        "Le paquet entier est nouveau.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "1""# }
    @shell "vitte package lock --registry reg --min-age 7d" => {
        "error[VP0403]: every release of acme/text that fits `1` is younger than the minimum release age"
        "= 1.1.0 exists, published … ago, allowed in …"
    };

    Yanked: [
        "The author withdrew the release after it was locked: because of a fault, a leak or malware.",
    ] fr [
        "L’auteur a retiré la version après qu’elle a été verrouillée : à cause d’un défaut, d’une fuite ou d’un logiciel malveillant.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "1""# }
    @shell "vitte package install --registry reg --locked --deny yanked" => {
        "error[VP0404]: acme/text 1.0.0, which is locked, was yanked (security): overflow"
        "= help: vitte package update acme/text"
    };

    Cycle: [
        "Two packages of a workspace have each other as dependencies.",
        "A release depends, over others, on the package that asks for it.",
    ] fr [
        "Deux paquets d’un espace de travail dépendent l’un de l’autre.",
        "Une version dépend, à travers d’autres, du paquet qui la demande.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/two" = { path = "two" }"# }
    @shell "vitte package lock" => {
        "error[VP0405]: packages depend on each other in a circle: acme/two 1.0.0 → demo/app 1.0.0 → acme/two 1.0.0"
    };

    Deprecated: [
        "The author published something better, under this name or another, and says so.",
        "The author no longer maintains the package.",
    ] fr [
        "L’auteur a publié mieux, sous ce nom ou un autre, et le dit.",
        "L’auteur ne maintient plus le paquet.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "1""# }
    @shell "vitte package install --registry reg --locked --deny deprecated" => {
        "error[VP0406]: acme/text 1.0.0 is deprecated: no longer maintained"
        "= help: its author says to use acme/words"
    };
}
