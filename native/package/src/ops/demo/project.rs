//! The project the demo publishes.

/// What the installed program says when it is run with `fr`.
pub(super) const GREETING: &str = "bonjour, le monde";

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// Every file, by its path in the project.
        pub(super) const FILES: &[(&str, &str)] = &[$(($path, include_str!(concat!("hello/", $path)))),*];
    };
}

files![
    "vitte.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "build/assemble.sh",
    "docs/guide.md",
    "src/main.vit",
    "src/greet.vit",
    "src/words.vit",
    "tests/greet.vit",
    "words/de.txt",
    "words/en.txt",
    "words/es.txt",
    "words/fr.txt",
    "words/it.txt",
];
