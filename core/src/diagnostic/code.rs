//! The one table of error codes: Rust, JavaScript, HTTP problem types, exit codes and documentation.

use super::explanation::{self, CodeExplanation};
use crate::message::{Language, language};
use serde::{Serialize, Serializer};

/// Process exit codes of the command line, stable for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Ok = 0,
    /// The command failed, or a check has a finding.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// A manifest, archive or other input is malformed.
    Input = 3,
    /// The dependencies cannot be satisfied together.
    NoSolution = 4,
    /// A signature, digest or proof does not check. Never retry.
    Verification = 5,
    /// The network or the registry failed. May be retried.
    Network = 6,
    /// Credentials or rights are missing.
    NotAllowed = 7,
    /// The lockfile would have to change.
    LockOutdated = 8,
    /// No such package, version, key or file.
    NotFound = 9,
    /// It exists already, with other content.
    Exists = 10,
    /// Interrupted by the user.
    Interrupted = 130,
}

macro_rules! codes {
    ($($variant:ident = $number:literal, $class:literal, $exit:ident, $title:literal, $fix:literal, $title_fr:literal, $fix_fr:literal;)*) => {
        /// A stable error code, printed as `VPxxxx`. Codes are never reused and never change their meaning.
        ///
        /// The first two digits name the area: 01 manifest, 02 archive and build, 03 usage and configuration,
        /// 04 resolution, 05 verification, 06 network and registry, 07 credentials and rights, 08 lockfile,
        /// 09 JavaScript and wasm, 10 store and disk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Code {
            $(#[doc = concat!("`", $class, "`: ", $title, ".")] $variant = $number,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The class name: last part of the problem type of the HTTP API, and what tests and documents say.
            pub const fn class(self) -> &'static str {
                match self { $(Self::$variant => $class),* }
            }

            /// The exit code of a command that ends with this fault.
            pub const fn exit(self) -> Exit {
                match self { $(Self::$variant => Exit::$exit),* }
            }

            /// What the code means, in one sentence without a final stop, in the chosen language.
            pub fn title(self) -> &'static str {
                self.title_in(language())
            }

            /// What the code means, in a language.
            pub const fn title_in(self, language: Language) -> &'static str {
                match language {
                    Language::English => match self { $(Self::$variant => $title),* },
                    Language::French => match self { $(Self::$variant => $title_fr),* },
                }
            }

            /// How to fix it, in the chosen language.
            pub fn fix(self) -> &'static str {
                self.fix_in(language())
            }

            /// How to fix it, in a language.
            pub const fn fix_in(self, language: Language) -> &'static str {
                match language {
                    Language::English => match self { $(Self::$variant => $fix),* },
                    Language::French => match self { $(Self::$variant => $fix_fr),* },
                }
            }

            /// The usual causes and one example: an arm a code, so that a code without an explanation does not compile.
            pub const fn explanation(self) -> &'static CodeExplanation {
                match self { $(Self::$variant => &explanation::$variant),* }
            }
        }
    };
}

codes! {
    // 01 manifest
    ManifestSyntax = 101, "manifest-syntax", Input,
        "the manifest is not valid TOML", "Mend the TOML at the place shown.",
        "le manifeste n’est pas du TOML valide", "Corriger le TOML à l’endroit indiqué.";
    Name = 102, "name", Input,
        "a package name or namespace breaks the naming rules", "Use lower-case ASCII letters, digits, `-` and `_`, beginning with a letter: `namespace/name`.",
        "un nom de paquet ou d’espace de noms enfreint les règles de nommage", "Utiliser des minuscules ASCII, des chiffres, `-` et `_`, en commençant par une lettre : `namespace/name`.";
    Version = 103, "version", Input,
        "a version is not a semantic version", "Write three numbers, MAJOR.MINOR.PATCH, for example `1.0.0`.",
        "une version n’est pas une version sémantique", "Écrire trois nombres, MAJOR.MINOR.PATCH, par exemple `1.0.0`.";
    Requirement = 104, "requirement", Input,
        "a version requirement cannot be understood", "Write it as cargo does, for example `1.2`, `~1.2.3` or `>=1.2, <2`.",
        "une contrainte de version n’est pas comprise", "L’écrire comme cargo, par exemple `1.2`, `~1.2.3` ou `>=1.2, <2`.";
    ManifestKey = 105, "manifest-key", Input,
        "the manifest has a key that nothing reads", "Correct the spelling, or remove the key; tables of other tools belong under `[tool.*]`.",
        "le manifeste a une clé inconnue", "Corriger l’orthographe, ou supprimer la clé ; les tables d’autres outils vont sous `[tool.*]`.";
    ManifestType = 106, "manifest-type", Input,
        "a value in the manifest has the wrong type", "Write the value as the help line shows.",
        "une valeur du manifeste n’a pas le bon type", "Écrire la valeur comme le montre la ligne d’aide.";
    ManifestMissing = 107, "manifest-missing", Input,
        "a required key of the manifest is missing", "Add the key shown in the help line.",
        "une clé obligatoire du manifeste manque", "Ajouter la clé donnée par la ligne d’aide.";
    ManifestValue = 108, "manifest-value", Input,
        "a value in the manifest is not allowed", "Change the value as the help line says.",
        "une valeur du manifeste n’est pas autorisée", "Changer la valeur comme le dit la ligne d’aide.";
    ManifestConflict = 109, "manifest-conflict", Input,
        "two parts of the manifest contradict each other", "Remove one of the two.",
        "deux parties du manifeste se contredisent", "Supprimer l’une des deux.";
    License = 110, "license", Input,
        "the licence is not an SPDX expression", "Write an SPDX expression such as `MIT OR Apache-2.0`.",
        "la licence n’est pas une expression SPDX", "Écrire une expression SPDX comme `MIT OR Apache-2.0`.";
    ManifestTooLarge = 111, "manifest-too-large", Input,
        "the manifest is larger than 256 KiB", "Move data out of the manifest.",
        "le manifeste dépasse 256 Kio", "Déplacer les données hors du manifeste.";
    Target = 112, "target", Input,
        "a target name breaks the rules", "Use a target triple such as `x86_64-unknown-linux-gnu`, or `any`.",
        "un nom de cible enfreint les règles", "Utiliser un triplet de cible comme `x86_64-unknown-linux-gnu`, ou `any`.";
    Feature = 113, "feature", Input,
        "a feature is malformed or names something that does not exist", "Name a feature of this manifest, `dep:NAME`, `NAME/FEATURE` or `NAME?/FEATURE`.",
        "une fonctionnalité est mal formée ou nomme quelque chose qui n’existe pas", "Nommer une fonctionnalité de ce manifeste, `dep:NAME`, `NAME/FEATURE` ou `NAME?/FEATURE`.";

    // 02 archive and build
    Path = 201, "path", Input,
        "a path cannot be stored safely on every system", "Rename the file: see the path rules in the archive format document.",
        "un chemin ne peut pas être stocké sans risque sur tous les systèmes", "Renommer le fichier : voir les règles des chemins dans le document du format d’archive.";
    DuplicatePath = 202, "duplicate-path", Input,
        "two paths are the same on some systems, or a file is also a folder", "Rename one of the two.",
        "deux chemins sont confondus sur certains systèmes, ou un fichier est aussi un dossier", "Renommer l’un des deux.";
    EntryType = 203, "entry-type", Input,
        "the archive holds something other than a regular file", "Remove links and special files from the package.",
        "l’archive contient autre chose qu’un fichier ordinaire", "Retirer du paquet les liens et les fichiers spéciaux.";
    ReservedName = 204, "reserved-name", Input,
        "a path uses a name reserved for version control or the store", "Rename the file.",
        "un chemin utilise un nom réservé à la gestion de versions ou au magasin", "Renommer le fichier.";
    Limit = 205, "limit", Input,
        "a size or count is above the limit of the format", "Make the package smaller, or split it.",
        "une taille ou un nombre dépasse la limite du format", "Rendre le paquet plus petit, ou le diviser.";
    TreeSyntax = 206, "tree-syntax", Input,
        "the list of files is malformed", "The archive was not written by a conforming tool: build it again.",
        "la liste des fichiers est mal formée", "L’archive n’a pas été écrite par un outil conforme : la construire de nouveau.";
    FrameSyntax = 207, "frame-syntax", Input,
        "a compressed frame or the frame table is malformed", "The archive was not written by a conforming tool: build it again.",
        "une trame compressée ou la table des trames est mal formée", "L’archive n’a pas été écrite par un outil conforme : la construire de nouveau.";
    NotAPackage = 208, "not-a-package", Input,
        "the file is not a Vitte package", "Check the file's name, or fetch it again.",
        "le fichier n’est pas un paquet Vitte", "Vérifier le nom du fichier, ou le télécharger de nouveau.";
    UnsupportedFormat = 209, "unsupported-format", Input,
        "the archive needs a newer version of this tool", "Update vitte-package.",
        "l’archive demande une version plus récente de cet outil", "Mettre vitte-package à jour.";
    Build = 210, "build", Failed,
        "the build command failed", "Run the command shown by itself and fix what it reports.",
        "la commande de construction a échoué", "Lancer seule la commande montrée et corriger ce qu’elle signale.";
    Source = 211, "source", Input,
        "the project's files cannot be packaged", "Follow the help line.",
        "les fichiers du projet ne peuvent pas être empaquetés", "Suivre la ligne d’aide.";
    Section = 212, "section", Input,
        "a section of the package is wrong", "Correct `[package.sections]` in the manifest.",
        "une section du paquet est incorrecte", "Corriger `[package.sections]` dans le manifeste.";
    NotReproducible = 213, "not-reproducible", Failed,
        "building twice gave two different packages", "Find what the build command writes differently each time: times, paths, random names.",
        "construire deux fois a donné deux paquets différents", "Trouver ce que la commande de construction écrit différemment à chaque fois : dates, chemins, noms aléatoires.";
    ForeignArchive = 214, "foreign-archive", Input,
        "a foreign archive cannot be read", "Check that the file is a complete tar, tar.gz, tgz, crate or tar.zst.",
        "une archive d’un autre outil est illisible", "Vérifier que le fichier est un tar, tar.gz, tgz, crate ou tar.zst complet.";
    Secret = 215, "secret", Input,
        "a file of the package looks like a secret", "Remove the file, or allow this path by `publish.allow` in the manifest.",
        "un fichier du paquet ressemble à un secret", "Supprimer le fichier, ou autoriser ce chemin par `publish.allow` dans le manifeste.";
    ArchiveLength = 216, "archive-length", Input,
        "the file is shorter than its own table of contents says", "Fetch the file again: it was cut off, or written badly.",
        "le fichier est plus court que ne le dit sa propre table des matières", "Télécharger le fichier de nouveau : il a été coupé, ou mal écrit.";
    Delta = 217, "delta", Input,
        "a delta is malformed, or applies to another release", "Update from the whole package: `vitte package update` does so by itself.",
        "un delta est mal formé, ou s’applique à une autre version", "Mettre à jour à partir du paquet entier : `vitte package update` le fait de lui-même.";

    // 03 usage and configuration
    Usage = 301, "usage", Usage,
        "the command line is not understood", "See `--help` of the command.",
        "la ligne de commande n’est pas comprise", "Voir `--help` de la commande.";
    NoProject = 302, "no-project", Usage,
        "there is no `vitte.toml` here or above", "Run `vitte package init`, or give `--manifest FILE`.",
        "il n’y a pas de `vitte.toml` ici ni au-dessus", "Lancer `vitte package init`, ou donner `--manifest FILE`.";
    Config = 303, "config", Usage,
        "a configuration file or variable is wrong", "Correct the line shown.",
        "un fichier ou une variable de configuration est incorrect", "Corriger la ligne montrée.";
    NeedsAnswer = 304, "needs-answer", Usage,
        "a question has to be answered and there is no terminal", "Give the flag shown, or `--yes`.",
        "une question attend une réponse et il n’y a pas de terminal", "Donner l’option montrée, ou `--yes`.";
    NoKey = 305, "no-key", Usage,
        "no signing key was given and there is not exactly one", "Create one with `vitte package key generate`, or choose with `--key NAME`.",
        "aucune clé de signature n’a été donnée et il n’y en a pas exactement une", "En créer une avec `vitte package key generate`, ou choisir avec `--key NAME`.";
    NoRegistry = 306, "no-registry", Usage,
        "no registry was given", "Give `--registry DIR|URL`.",
        "aucun registre n’a été donné", "Donner `--registry DIR|URL`.";
    UnknownCommand = 307, "unknown-command", Usage,
        "there is no such command", "See `vitte --help`.",
        "cette commande n’existe pas", "Voir `vitte --help`.";
    ProjectExists = 308, "project-exists", Exists,
        "there is a `vitte.toml` already", "Edit it, or choose another folder.",
        "il y a déjà un `vitte.toml`", "Le modifier, ou choisir un autre dossier.";
    KeyExists = 309, "key-exists", Exists,
        "there is a key of that name already", "Choose another name: keys are never overwritten.",
        "il y a déjà une clé de ce nom", "Choisir un autre nom : les clés ne sont jamais écrasées.";
    KeyNotFound = 310, "key-not-found", NotFound,
        "there is no such key", "See `vitte package key list`.",
        "cette clé n’existe pas", "Voir `vitte package key list`.";
    KeySyntax = 311, "key-syntax", Input,
        "a key file cannot be read", "Give an Ed25519 key as PKCS#8 or SPKI PEM.",
        "un fichier de clé est illisible", "Donner une clé Ed25519 au format PEM PKCS#8 ou SPKI.";
    NotSupported = 312, "not-supported", Usage,
        "this cannot be done by this version", "See the help line.",
        "cette version ne sait pas faire cela", "Voir la ligne d’aide.";

    // 04 resolution
    NoSolution = 401, "no-solution", NoSolution,
        "the dependencies cannot be satisfied together", "Relax one of the requirements shown.",
        "les dépendances ne peuvent pas être satisfaites ensemble", "Assouplir l’une des contraintes montrées.";
    NoMatch = 402, "no-match", NoSolution,
        "no release fits the requirement", "See the versions that exist in the help line.",
        "aucune version ne satisfait la contrainte", "Voir dans la ligne d’aide les versions qui existent.";
    TooYoung = 403, "too-young", NoSolution,
        "the only fitting release is younger than the minimum release age", "Wait, give `--min-age 0` for this run, or name the package in `resolver.min-age-exempt`. Namespaces of the project itself are exempt.",
        "la seule version qui convient est plus récente que l’âge minimal", "Attendre, donner `--min-age 0` pour cette fois, ou nommer le paquet dans `resolver.min-age-exempt`. Les espaces de noms du projet lui-même sont exemptés.";
    Yanked = 404, "yanked", Failed,
        "a release in use was yanked", "Run `vitte package update NAME`.",
        "une version utilisée a été retirée", "Lancer `vitte package update NAME`.";
    Cycle = 405, "cycle", NoSolution,
        "packages depend on each other in a circle", "Break the circle in one of the manifests.",
        "des paquets dépendent les uns des autres en boucle", "Rompre la boucle dans l’un des manifestes.";
    Deprecated = 406, "deprecated", Failed,
        "a release in use is deprecated", "Use what its author names instead.",
        "une version utilisée est dépréciée", "Utiliser à la place ce que nomme son auteur.";

    // 05 verification
    FrameDigest = 501, "frame-digest", Verification,
        "a frame of the archive is not what was signed", "Do not use the file. Fetch it from another place, and report the one that served it.",
        "une trame de l’archive n’est pas ce qui a été signé", "Ne pas utiliser le fichier. Le télécharger ailleurs, et signaler qui l’a servi.";
    TreeDigest = 502, "tree-digest", Verification,
        "the list of files is not the one expected", "Do not use the file. Fetch it from another place, and report the one that served it.",
        "la liste des fichiers n’est pas celle attendue", "Ne pas utiliser le fichier. Le télécharger ailleurs, et signaler qui l’a servi.";
    TocDigest = 503, "toc-digest", Verification,
        "the archive's table of contents was altered", "Do not use the file. Fetch it from another place, and report the one that served it.",
        "la table des matières de l’archive a été altérée", "Ne pas utiliser le fichier. Le télécharger ailleurs, et signaler qui l’a servi.";
    FileDigest = 504, "file-digest", Verification,
        "a file of the package is not what was signed", "Do not use the file. Fetch it from another place, and report the one that served it.",
        "un fichier du paquet n’est pas ce qui a été signé", "Ne pas utiliser le fichier. Le télécharger ailleurs, et signaler qui l’a servi.";
    HeaderMismatch = 505, "header-mismatch", Verification,
        "a tar header in the archive contradicts the list of files", "Do not use the file: it would look different to other tools.",
        "un en-tête tar de l’archive contredit la liste des fichiers", "Ne pas utiliser le fichier : d’autres outils le verraient autrement.";
    TrailingData = 506, "trailing-data", Verification,
        "bytes were appended to the archive or its end was altered", "Do not use the file. Fetch it again.",
        "des octets ont été ajoutés à l’archive ou sa fin a été altérée", "Ne pas utiliser le fichier. Le télécharger de nouveau.";
    SubjectMismatch = 507, "subject-mismatch", Verification,
        "the signature is for another package, version, kind or target", "Do not use the file: it was put in the place of another.",
        "la signature est pour un autre paquet, une autre version, un autre type ou une autre cible", "Ne pas utiliser le fichier : il a été mis à la place d’un autre.";
    RegistryMismatch = 508, "registry-mismatch", Verification,
        "the signature is for another registry", "Install from the registry it was signed for.",
        "la signature est pour un autre registre", "Installer depuis le registre pour lequel il a été signé.";
    ManifestMismatch = 509, "manifest", Verification,
        "the packed manifest is not the one that was signed or expected", "Do not use the file.",
        "le manifeste du paquet n’est pas celui qui a été signé ou attendu", "Ne pas utiliser le fichier.";
    Unsigned = 510, "unsigned", Verification,
        "there is no signature", "Ask the author to sign the package.",
        "il n’y a pas de signature", "Demander à l’auteur de signer le paquet.";
    Signature = 511, "signature", Verification,
        "a signature does not check", "Do not use the file.",
        "une signature n’est pas valide", "Ne pas utiliser le fichier.";
    WeakKey = 512, "weak-key", Verification,
        "a public key is weak or not in canonical form", "The owner must make another key.",
        "une clé publique est faible ou n’est pas en forme canonique", "Son propriétaire doit créer une autre clé.";
    PayloadType = 513, "payload-type", Verification,
        "a signed envelope is of another kind than needed", "Do not use the file.",
        "une enveloppe signée est d’un autre type que celui demandé", "Ne pas utiliser le fichier.";
    Envelope = 514, "envelope", Verification,
        "a signed envelope is malformed", "Do not use the file.",
        "une enveloppe signée est mal formée", "Ne pas utiliser le fichier.";
    Threshold = 515, "threshold", Verification,
        "too few distinct keys have signed", "More of the namespace's keys must sign.",
        "trop peu de clés distinctes ont signé", "Il faut la signature d’autres clés de l’espace de noms.";
    KeyNotAuthorised = 516, "key-not-authorised", Verification,
        "the signer may not sign for this package", "If you know the signer: `vitte package key trust`. Else do not use the file.",
        "le signataire ne peut pas signer pour ce paquet", "Si vous connaissez le signataire : `vitte package key trust`. Sinon, ne pas utiliser le fichier.";
    KeyRevoked = 517, "key-revoked", Verification,
        "the signer's key has been revoked", "Use a release signed by another key.",
        "la clé du signataire a été révoquée", "Utiliser une version signée par une autre clé.";
    Policy = 518, "policy", Verification,
        "the signatures do not meet the policy", "See the policy in the help line.",
        "les signatures ne satisfont pas la politique", "Voir la politique dans la ligne d’aide.";
    NsChain = 519, "ns-chain", Verification,
        "the namespace's chain of key records does not check", "Do not use the registry's answer; report it.",
        "la chaîne des enregistrements de clés de l’espace de noms n’est pas valide", "Ne pas utiliser la réponse du registre ; la signaler.";
    ContinuityBroken = 520, "continuity-broken", Verification,
        "the namespace was taken over by recovery", "Ask its owner, then accept it by name.",
        "l’espace de noms a été repris par récupération", "Demander à son propriétaire, puis l’accepter nommément.";
    SignerChanged = 521, "signer-changed", Verification,
        "a release is signed by another signer and the namespace chain does not explain it", "Ask the author before accepting.",
        "une version est signée par un autre signataire, que la chaîne de l’espace de noms n’explique pas", "Demander à l’auteur avant d’accepter.";
    Leaf = 522, "leaf", Verification,
        "a log entry contradicts what it is said to hold", "Report the registry.",
        "une entrée du journal contredit ce qu’elle est censée contenir", "Signaler le registre.";
    Note = 523, "note", Verification,
        "a signed note is malformed or its signature fails", "Report the registry or mirror.",
        "une note signée est mal formée ou sa signature n’est pas valide", "Signaler le registre ou le miroir.";
    Origin = 524, "origin", Verification,
        "a checkpoint belongs to another log", "Report the registry or mirror.",
        "un point de contrôle appartient à un autre journal", "Signaler le registre ou le miroir.";
    Inclusion = 525, "inclusion", Verification,
        "a log entry is not in the log", "Report the registry.",
        "une entrée n’est pas dans le journal", "Signaler le registre.";
    Consistency = 526, "consistency", Verification,
        "the log is not a continuation of the one seen before", "Report the registry, with the saved evidence.",
        "le journal ne prolonge pas celui qui a déjà été vu", "Signaler le registre, avec les preuves gardées.";
    SplitView = 527, "split-view", Verification,
        "the registry shows different logs to different people", "Report the registry, with the saved evidence.",
        "le registre montre des journaux différents à des personnes différentes", "Signaler le registre, avec les preuves gardées.";
    Stale = 528, "stale", Verification,
        "the newest checkpoint is too old", "Try again later, or another mirror.",
        "le dernier point de contrôle est trop ancien", "Réessayer plus tard, ou utiliser un autre miroir.";
    NoProof = 529, "no-proof", Verification,
        "the proofs needed to verify offline are missing", "Run `vitte package staple FILE` while online.",
        "les preuves nécessaires à une vérification hors ligne manquent", "Lancer `vitte package staple FILE` quand vous êtes en ligne.";
    Index = 530, "index", Verification,
        "an index file contradicts itself", "Report the registry.",
        "un fichier d’index se contredit", "Signaler le registre.";
    IndexSignature = 531, "index-signature", Verification,
        "an index file is not signed by the registry's index key", "Report the mirror.",
        "un fichier d’index n’est pas signé par la clé d’index du registre", "Signaler le miroir.";
    IndexRollback = 532, "index-rollback", Verification,
        "an index file is older than one seen before", "Try another mirror, and report this one.",
        "un fichier d’index est plus ancien qu’un fichier déjà vu", "Essayer un autre miroir, et signaler celui-ci.";
    IndexLineDigest = 533, "index-line-digest", Verification,
        "an index line is not the one the author signed", "Report the registry.",
        "une ligne d’index n’est pas celle que l’auteur a signée", "Signaler le registre.";
    TrustRoot = 534, "trust-root", Verification,
        "the registry's trust root does not check", "Do not use the registry until it is explained.",
        "la racine de confiance du registre n’est pas valide", "Ne pas utiliser le registre avant une explication.";
    TrustRootRollback = 535, "trust-root-rollback", Verification,
        "the registry's trust root is older than one seen before, or skips a version", "Do not use the mirror.",
        "la racine de confiance du registre est plus ancienne qu’une racine déjà vue, ou saute une version", "Ne pas utiliser le miroir.";
    UntrustedRegistry = 536, "untrusted-registry", Verification,
        "the registry's trust root is not pinned", "Run `vitte package registry add URL --trust-root-sha256 HEX`.",
        "la racine de confiance du registre n’est pas épinglée", "Lancer `vitte package registry add URL --trust-root-sha256 HEX`.";
    DuplicateRelease = 537, "duplicate-release", Verification,
        "one release has two contents", "Report the registry, with the saved evidence.",
        "une version a deux contenus", "Signaler le registre, avec les preuves gardées.";
    Quarantined = 538, "quarantined", Verification,
        "the release is quarantined", "Use another release.",
        "la version est en quarantaine", "Utiliser une autre version.";
    LockMismatch = 539, "lock-mismatch", Verification,
        "the lockfile names other content than the registry", "See who changed `vitte.lock`.",
        "le fichier de verrouillage nomme un autre contenu que le registre", "Voir qui a changé `vitte.lock`.";
    StoreTampered = 540, "store-tampered", Verification,
        "installed files are not what was verified", "Run `vitte package store verify --fix`.",
        "des fichiers installés ne sont pas ce qui a été vérifié", "Lancer `vitte package store verify --fix`.";

    // 06 network and registry
    Truncated = 601, "truncated", Network,
        "the data ends too early", "Fetch it again.",
        "les données se terminent trop tôt", "Les télécharger de nouveau.";
    Transport = 602, "transport", Network,
        "a transfer failed", "Try again.",
        "un transfert a échoué", "Réessayer.";
    Timeout = 603, "timeout", Network,
        "nothing was received for too long", "Try again.",
        "rien n’a été reçu pendant trop longtemps", "Réessayer.";
    RateLimited = 604, "rate-limited", Network,
        "the registry asks to slow down", "Wait and try again.",
        "le registre demande de ralentir", "Attendre et réessayer.";
    Unavailable = 605, "unavailable", Network,
        "the registry cannot be reached", "Try again later.",
        "impossible de joindre le registre", "Réessayer plus tard.";
    NotFound = 606, "not-found", NotFound,
        "there is no such package or version", "Check the name, or see the versions that exist.",
        "ce paquet ou cette version n’existe pas", "Vérifier le nom, ou voir les versions qui existent.";
    VersionExists = 607, "version-exists", Exists,
        "this version is published already, with other content", "Raise `version` in the manifest.",
        "cette version est déjà publiée, avec un autre contenu", "Augmenter `version` dans le manifeste.";
    IndexVersion = 608, "index-version", Input,
        "the index file is of a newer form", "Update vitte-package.",
        "le fichier d’index est d’un format plus récent", "Mettre vitte-package à jour.";
    Json = 609, "json", Input,
        "a JSON document is malformed", "Report the registry or file.",
        "un document JSON est mal formé", "Signaler le registre ou le fichier.";
    RegistryLayout = 610, "registry-layout", Input,
        "the folder is not a registry, or is damaged", "Run `vitte package registry init DIR`.",
        "le dossier n’est pas un registre, ou est endommagé", "Lancer `vitte package registry init DIR`.";
    Busy = 611, "busy", Network,
        "another process holds the lock", "Wait for it to end, then try again.",
        "un autre processus tient le verrou", "Attendre qu’il se termine, puis réessayer.";
    IdempotencyKey = 612, "idempotency-key", Exists,
        "the key was used for another request", "Use another key.",
        "la clé a servi à une autre requête", "Utiliser une autre clé.";
    RegistryExists = 613, "registry-exists", Exists,
        "there is something in the folder already", "Choose an empty folder, or one that does not exist.",
        "il y a déjà quelque chose dans le dossier", "Choisir un dossier vide, ou un dossier qui n’existe pas.";
    IndexBatch = 614, "index-batch", Network,
        "an answer about several index files is malformed", "Try again; index files are then fetched one by one.",
        "une réponse sur plusieurs fichiers d’index est mal formée", "Réessayer ; les fichiers d’index sont alors téléchargés un par un.";
    UploadClosed = 615, "upload-closed", Network,
        "the upload has ended and takes nothing more", "Publish again: another upload is opened.",
        "le téléversement est terminé et n’accepte plus rien", "Publier de nouveau : un autre téléversement est ouvert.";
    Quota = 616, "quota", NotAllowed,
        "the namespace may not have more", "Ask the registry's operator to raise its quota.",
        "l’espace de noms ne peut pas contenir plus", "Demander à l’opérateur du registre d’augmenter son quota.";

    // 07 credentials and rights
    Unauthenticated = 701, "unauthenticated", NotAllowed,
        "the registry wants a token", "Run `vitte package login`.",
        "le registre demande un jeton", "Lancer `vitte package login`.";
    Forbidden = 702, "forbidden", NotAllowed,
        "you may not do this", "Ask an owner of the namespace.",
        "vous n’avez pas le droit de faire cela", "Demander à un propriétaire de l’espace de noms.";
    KeyPermissions = 703, "key-permissions", NotAllowed,
        "a key file can be read by others", "Run the `chmod` command shown.",
        "un fichier de clé peut être lu par d’autres", "Lancer la commande `chmod` montrée.";
    InsecureUrl = 704, "insecure-url", NotAllowed,
        "the address is not safe to send secrets to", "Use https.",
        "l’adresse n’est pas assez sûre pour y envoyer des secrets", "Utiliser https.";
    Passphrase = 705, "passphrase", NotAllowed,
        "the key's passphrase is missing or wrong", "Set `VITTE_SIGNING_KEY_PASSWORD`, or type it when asked.",
        "la phrase secrète de la clé manque ou est fausse", "Définir `VITTE_SIGNING_KEY_PASSWORD`, ou la saisir quand elle est demandée.";

    // 08 lockfile
    LockOutdated = 801, "lock-outdated", LockOutdated,
        "the lockfile does not fit the manifest", "Run `vitte package lock`.",
        "le fichier de verrouillage ne correspond pas au manifeste", "Lancer `vitte package lock`.";
    LockSyntax = 802, "lock-syntax", Input,
        "the lockfile is malformed", "Restore it from version control, or remove it and run `vitte package lock`.",
        "le fichier de verrouillage est mal formé", "Le restaurer depuis la gestion de versions, ou le supprimer et lancer `vitte package lock`.";

    // 09 JavaScript and wasm
    WasmLoad = 901, "wasm-load", Failed,
        "the WebAssembly module cannot be loaded", "Check that the page may run WebAssembly.",
        "impossible de charger le module WebAssembly", "Vérifier que la page peut exécuter WebAssembly.";
    WasmMime = 902, "wasm-mime", Failed,
        "something other than the WebAssembly module was served", "Your bundler moved the file: pass `init({url})`.",
        "autre chose que le module WebAssembly a été servi", "Votre empaqueteur a déplacé le fichier : passer `init({url})`.";
    JsArgument = 903, "js-argument", Usage,
        "an argument has the wrong type", "See the type declarations.",
        "un argument n’a pas le bon type", "Voir les déclarations de types.";
    Disposed = 904, "disposed", Usage,
        "the object was disposed of", "Open the package again.",
        "l’objet a été libéré", "Ouvrir le paquet de nouveau.";

    // 10 store and disk
    Io = 1001, "io", Failed,
        "a file cannot be read or written", "See the system's message.",
        "un fichier ne peut pas être lu ou écrit", "Voir le message du système.";
    NoSpace = 1002, "no-space", Failed,
        "the disk is full", "Make room, then run the command again.",
        "le disque est plein", "Libérer de la place, puis relancer la commande.";
    StoreLayout = 1003, "store-layout", Failed,
        "the store is damaged or of a newer form", "Update vitte-package, or remove the damaged folder.",
        "le magasin est endommagé ou d’un format plus récent", "Mettre vitte-package à jour, ou supprimer le dossier endommagé.";
    Shim = 1004, "shim", Exists,
        "another package provides a program of the same name", "Uninstall the other one first, or run it by `vitte package exec`.",
        "un autre paquet fournit un programme du même nom", "Désinstaller d’abord l’autre, ou le lancer par `vitte package exec`.";
    NotInstalled = 1005, "not-installed", NotFound,
        "the package is not installed", "See `vitte package list`.",
        "le paquet n’est pas installé", "Voir `vitte package list`.";
    Interrupted = 1006, "interrupted", Interrupted,
        "interrupted; nothing was left half done", "Run the command again.",
        "interrompu ; rien n’est resté à moitié fait", "Relancer la commande.";
    FolderExists = 1007, "folder-exists", Exists,
        "the folder is there already and not empty", "Choose another folder, or empty this one.",
        "le dossier existe déjà et n’est pas vide", "Choisir un autre dossier, ou vider celui-ci.";
    NoFile = 1008, "no-file", NotFound,
        "there is no such file", "Look at the path: it is taken from the folder the command is run in.",
        "ce fichier n’existe pas", "Vérifier le chemin : il part du dossier où la commande est lancée.";
    LinkOutside = 1009, "link-outside", NotAllowed,
        "there is a symbolic link where this program writes", "Remove the link, or put a file or folder in its place.",
        "il y a un lien symbolique là où ce programme écrit", "Supprimer le lien, ou mettre un fichier ou un dossier à sa place.";
}

impl Code {
    /// The number behind `VP`.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Whether trying again may help: network faults only. Verification is never retried.
    pub const fn retryable(self) -> bool {
        matches!(self.exit(), Exit::Network)
    }

    /// Finds a code by its printed form, `VP0501`, or by its class, `frame-digest`.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.class() == text || code.to_string() == text)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VP{:04}", self.number())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::style::typography;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_and_classes_are_unique_and_ordered() {
        let classes: BTreeSet<_> = Code::ALL.iter().map(|code| code.class()).collect();
        assert_eq!(classes.len(), Code::ALL.len());
        assert!(Code::ALL.windows(2).all(|pair| pair[0].number() < pair[1].number()));
    }

    #[test]
    fn areas_keep_their_exit_class() {
        for code in Code::ALL {
            assert_eq!(code.exit() == Exit::Verification, code.number() / 100 == 5, "{code}");
            for (language, _) in Language::ALL {
                let texts = [code.title_in(*language), code.fix_in(*language)];
                assert!(texts.iter().all(|text| !text.is_empty()), "{code}");
                if *language == Language::French {
                    assert!(texts.iter().all(|text| typography(text).is_empty()), "{code}: {texts:?}");
                }
            }
            assert_eq!(Code::find(&code.to_string()), Some(*code));
            assert_eq!(Code::find(code.class()), Some(*code));
        }
    }
}
