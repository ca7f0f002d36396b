//! 04: resolution.

super::explanations! {
    NoSolution: [
        "Two packages want releases of a third that no single release of it meets.",
        "The manifest holds a package to a version that another dependency cannot use.",
        "A release that would fit was yanked.",
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
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "2""# }
    @shell "vitte package lock --registry reg" => {
        "error[VP0402]: no release of acme/text fits `2`"
        "= these releases of acme/text exist: 1.1.0, 1.0.0"
    };

    TooYoung: [
        "The release was published a short while ago, and releases have to be public for some time before they are chosen.",
        "The whole package is new.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "1""# }
    @shell "vitte package lock --registry reg --min-age 7d" => {
        "error[VP0403]: every release of acme/text that fits `1` is younger than the minimum release age"
        "= 1.1.0 exists, published … ago, allowed in …"
    };

    Yanked: [
        "The author withdrew the release after it was locked: because of a fault, a leak or malware.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "1""# }
    @shell "vitte package install --registry reg --locked --deny yanked" => {
        "error[VP0404]: acme/text 1.0.0, which is locked, was yanked (security): overflow"
        "= help: vitte package update acme/text"
    };

    Cycle: [
        "Two packages of a workspace have each other as dependencies.",
        "A release depends, over others, on the package that asks for it.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/two" = { path = "two" }"# }
    @shell "vitte package lock" => {
        "error[VP0405]: packages depend on each other in a circle: acme/two 1.0.0 → demo/app 1.0.0 → acme/two 1.0.0"
    };

    Deprecated: [
        "The author published something better, under this name or another, and says so.",
        "The author no longer maintains the package.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "1""# }
    @shell "vitte package install --registry reg --locked --deny deprecated" => {
        "error[VP0406]: acme/text 1.0.0 is deprecated: no longer maintained"
        "= help: its author says to use acme/words"
    };
}
