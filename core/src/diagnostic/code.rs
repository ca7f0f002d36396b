//! The one table of error codes: Rust, JavaScript, HTTP problem types, exit codes and documentation.

use super::explanation::{self, Explanation};
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
    ($($variant:ident = $number:literal, $class:literal, $exit:ident, $title:literal, $mend:literal;)*) => {
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

            /// What the code means, in one sentence without a final stop.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// How it usually comes about and how to mend it.
            pub const fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend),* }
            }

            /// The usual causes and one example: an arm a code, so that a code without an explanation does not compile.
            pub const fn explanation(self) -> &'static Explanation {
                match self { $(Self::$variant => &explanation::$variant),* }
            }
        }
    };
}

codes! {
    // 01 manifest
    ManifestSyntax = 101, "manifest-syntax", Input, "the manifest is not valid TOML", "Mend the TOML at the place shown.";
    Name = 102, "name", Input, "a package name or namespace breaks the naming rules", "Use lower-case ASCII letters, digits, `-` and `_`, beginning with a letter: `namespace/name`.";
    Version = 103, "version", Input, "a version is not a semantic version", "Write three numbers, MAJOR.MINOR.PATCH, for example `1.0.0`.";
    Requirement = 104, "requirement", Input, "a version requirement cannot be understood", "Write it as cargo does, for example `1.2`, `~1.2.3` or `>=1.2, <2`.";
    ManifestKey = 105, "manifest-key", Input, "the manifest has a key that nothing reads", "Correct the spelling, or remove the key; tables of other tools belong under `[tool.*]`.";
    ManifestType = 106, "manifest-type", Input, "a value in the manifest has the wrong type", "Write the value as the help line shows.";
    ManifestMissing = 107, "manifest-missing", Input, "a required key of the manifest is missing", "Add the key shown in the help line.";
    ManifestValue = 108, "manifest-value", Input, "a value in the manifest is not allowed", "Change the value as the help line says.";
    ManifestConflict = 109, "manifest-conflict", Input, "two parts of the manifest contradict each other", "Remove one of the two.";
    License = 110, "license", Input, "the licence is not an SPDX expression", "Write an SPDX expression such as `MIT OR Apache-2.0`.";
    ManifestTooLarge = 111, "manifest-too-large", Input, "the manifest is larger than 256 KiB", "Move data out of the manifest.";
    Target = 112, "target", Input, "a target name breaks the rules", "Use a target triple such as `x86_64-unknown-linux-gnu`, or `any`.";
    Feature = 113, "feature", Input, "a feature is malformed or names something that does not exist", "Name a feature of this manifest, `dep:NAME`, `NAME/FEATURE` or `NAME?/FEATURE`.";

    // 02 archive and build
    Path = 201, "path", Input, "a path cannot be stored safely on every system", "Rename the file: see the path rules in the archive format document.";
    DuplicatePath = 202, "duplicate-path", Input, "two paths are the same on some systems, or a file is also a folder", "Rename one of the two.";
    EntryType = 203, "entry-type", Input, "the archive holds something other than a regular file", "Remove links and special files from the package.";
    ReservedName = 204, "reserved-name", Input, "a path uses a name reserved for version control or the store", "Rename the file.";
    Limit = 205, "limit", Input, "a size or count is above the limit of the format", "Make the package smaller, or split it.";
    TreeSyntax = 206, "tree-syntax", Input, "the list of files is malformed", "The archive was not written by a conforming tool: build it again.";
    FrameSyntax = 207, "frame-syntax", Input, "a compressed frame or the frame table is malformed", "The archive was not written by a conforming tool: build it again.";
    NotAPackage = 208, "not-a-package", Input, "the file is not a Vitte package", "Check the file's name, or fetch it again.";
    UnsupportedFormat = 209, "unsupported-format", Input, "the archive needs a newer version of this tool", "Update vitte-package.";
    Build = 210, "build", Failed, "the build command failed", "Run the command shown by itself and mend what it reports.";
    Source = 211, "source", Input, "the project's files cannot be packaged", "Follow the help line.";
    Section = 212, "section", Input, "a section of the package is wrong", "Correct `[package.sections]` in the manifest.";
    NotReproducible = 213, "not-reproducible", Failed, "building twice gave two different packages", "Find what the build command writes differently each time: times, paths, random names.";
    ForeignArchive = 214, "foreign-archive", Input, "a foreign archive cannot be read", "Check that the file is a complete tar, tar.gz, tgz, crate or tar.zst.";
    Secret = 215, "secret", Input, "a file of the package looks like a secret", "Remove the file, or allow this path by `publish.allow` in the manifest.";
    ArchiveLength = 216, "archive-length", Input, "the file is shorter than its own table of contents says", "Fetch the file again: it was cut off, or written badly.";

    // 03 usage and configuration
    Usage = 301, "usage", Usage, "the command line is not understood", "See `--help` of the command.";
    NoProject = 302, "no-project", Usage, "there is no `vitte.toml` here or above", "Run `vitte package init`, or give `--manifest FILE`.";
    Config = 303, "config", Usage, "a configuration file or variable is wrong", "Correct the line shown.";
    NeedsAnswer = 304, "needs-answer", Usage, "a question has to be answered and there is no terminal", "Give the flag shown, or `--yes`.";
    NoKey = 305, "no-key", Usage, "no signing key was given and there is not exactly one", "Create one with `vitte package key generate`, or choose with `--key NAME`.";
    NoRegistry = 306, "no-registry", Usage, "no registry was given", "Give `--registry DIR|URL`.";
    UnknownCommand = 307, "unknown-command", Usage, "there is no such command", "See `vitte --help`.";
    ProjectExists = 308, "project-exists", Exists, "there is a `vitte.toml` already", "Edit it, or choose another folder.";
    KeyExists = 309, "key-exists", Exists, "there is a key of that name already", "Choose another name: keys are never overwritten.";
    KeyNotFound = 310, "key-not-found", NotFound, "there is no such key", "See `vitte package key list`.";
    KeySyntax = 311, "key-syntax", Input, "a key file cannot be read", "Give an Ed25519 key as PKCS#8 or SPKI PEM.";
    NotSupported = 312, "not-supported", Usage, "this cannot be done by this version", "See the help line.";

    // 04 resolution
    NoSolution = 401, "no-solution", NoSolution, "the dependencies cannot be satisfied together", "Relax one of the requirements shown.";
    NoMatch = 402, "no-match", NoSolution, "no release fits the requirement", "See the versions that exist in the help line.";
    TooYoung = 403, "too-young", NoSolution, "the only fitting release is younger than the minimum release age", "Wait, give `--min-age 0` for this run, or name the package in `resolver.min-age-exempt`. Namespaces of the project itself are exempt.";
    Yanked = 404, "yanked", Failed, "a release in use was yanked", "Run `vitte package update NAME`.";
    Cycle = 405, "cycle", NoSolution, "packages depend on each other in a circle", "Break the circle in one of the manifests.";
    Deprecated = 406, "deprecated", Failed, "a release in use is deprecated", "Use what its author names instead.";

    // 05 verification
    FrameDigest = 501, "frame-digest", Verification, "a frame of the archive is not what was signed", "Do not use the file. Fetch it from another place, and report the one that served it.";
    TreeDigest = 502, "tree-digest", Verification, "the list of files is not the one expected", "Do not use the file. Fetch it from another place, and report the one that served it.";
    TocDigest = 503, "toc-digest", Verification, "the archive's table of contents was altered", "Do not use the file. Fetch it from another place, and report the one that served it.";
    FileDigest = 504, "file-digest", Verification, "a file of the package is not what was signed", "Do not use the file. Fetch it from another place, and report the one that served it.";
    HeaderMismatch = 505, "header-mismatch", Verification, "a tar header in the archive contradicts the list of files", "Do not use the file: it would look different to other tools.";
    TrailingData = 506, "trailing-data", Verification, "bytes were appended to the archive or its end was altered", "Do not use the file. Fetch it again.";
    SubjectMismatch = 507, "subject-mismatch", Verification, "the signature is for another package, version, kind or target", "Do not use the file: it was put in the place of another.";
    RegistryMismatch = 508, "registry-mismatch", Verification, "the signature is for another registry", "Install from the registry it was signed for.";
    ManifestMismatch = 509, "manifest", Verification, "the packed manifest is not the one that was signed or expected", "Do not use the file.";
    Unsigned = 510, "unsigned", Verification, "there is no signature", "Ask the author to sign the package.";
    Signature = 511, "signature", Verification, "a signature does not check", "Do not use the file.";
    WeakKey = 512, "weak-key", Verification, "a public key is weak or not in canonical form", "The owner must make another key.";
    PayloadType = 513, "payload-type", Verification, "a signed envelope is of another kind than needed", "Do not use the file.";
    Envelope = 514, "envelope", Verification, "a signed envelope is malformed", "Do not use the file.";
    Threshold = 515, "threshold", Verification, "too few distinct keys have signed", "More of the namespace's keys must sign.";
    KeyNotAuthorised = 516, "key-not-authorised", Verification, "the signer may not sign for this package", "If you know the signer: `vitte package key trust`. Else do not use the file.";
    KeyRevoked = 517, "key-revoked", Verification, "the signer's key has been revoked", "Use a release signed by another key.";
    Policy = 518, "policy", Verification, "the signatures do not meet the policy", "See the policy in the help line.";
    NsChain = 519, "ns-chain", Verification, "the namespace's chain of key records does not check", "Do not use the registry's answer; report it.";
    ContinuityBroken = 520, "continuity-broken", Verification, "the namespace was taken over by recovery", "Ask its owner, then accept it by name.";
    SignerChanged = 521, "signer-changed", Verification, "a release is signed by another signer and the namespace chain does not explain it", "Ask the author before accepting.";
    Leaf = 522, "leaf", Verification, "a log entry contradicts what it is said to hold", "Report the registry.";
    Note = 523, "note", Verification, "a signed note is malformed or its signature fails", "Report the registry or mirror.";
    Origin = 524, "origin", Verification, "a checkpoint belongs to another log", "Report the registry or mirror.";
    Inclusion = 525, "inclusion", Verification, "a log entry is not in the log", "Report the registry.";
    Consistency = 526, "consistency", Verification, "the log is not a continuation of the one seen before", "Report the registry, with the saved evidence.";
    SplitView = 527, "split-view", Verification, "the registry shows different logs to different people", "Report the registry, with the saved evidence.";
    Stale = 528, "stale", Verification, "the newest checkpoint is too old", "Try again later, or another mirror.";
    NoProof = 529, "no-proof", Verification, "the proofs needed to verify offline are missing", "Run `vitte package staple FILE` while online.";
    Index = 530, "index", Verification, "an index file contradicts itself", "Report the registry.";
    IndexSignature = 531, "index-signature", Verification, "an index file is not signed by the registry's index key", "Report the mirror.";
    IndexRollback = 532, "index-rollback", Verification, "an index file is older than one seen before", "Try another mirror, and report this one.";
    IndexLineDigest = 533, "index-line-digest", Verification, "an index line is not the one the author signed", "Report the registry.";
    TrustRoot = 534, "trust-root", Verification, "the registry's trust root does not check", "Do not use the registry until it is explained.";
    TrustRootRollback = 535, "trust-root-rollback", Verification, "the registry's trust root is older than one seen before, or skips a version", "Do not use the mirror.";
    UntrustedRegistry = 536, "untrusted-registry", Verification, "the registry's trust root is not pinned", "Run `vitte package registry add URL --trust-root-sha256 HEX`.";
    DuplicateRelease = 537, "duplicate-release", Verification, "one release has two contents", "Report the registry, with the saved evidence.";
    Quarantined = 538, "quarantined", Verification, "the release is quarantined", "Use another release.";
    LockMismatch = 539, "lock-mismatch", Verification, "the lockfile names other content than the registry", "See who changed `vitte.lock`.";
    StoreTampered = 540, "store-tampered", Verification, "installed files are not what was verified", "Run `vitte package store verify --fix`.";

    // 06 network and registry
    Truncated = 601, "truncated", Network, "the data ends too early", "Fetch it again.";
    Transport = 602, "transport", Network, "a transfer failed", "Try again.";
    Timeout = 603, "timeout", Network, "nothing was received for too long", "Try again.";
    RateLimited = 604, "rate-limited", Network, "the registry asks to slow down", "Wait and try again.";
    Unavailable = 605, "unavailable", Network, "the registry cannot be reached", "Try again later.";
    NotFound = 606, "not-found", NotFound, "there is no such package or version", "Check the name, or see the versions that exist.";
    VersionExists = 607, "version-exists", Exists, "this version is published already, with other content", "Raise `version` in the manifest.";
    IndexVersion = 608, "index-version", Input, "the index file is of a newer form", "Update vitte-package.";
    Json = 609, "json", Input, "a JSON document is malformed", "Report the registry or file.";
    RegistryLayout = 610, "registry-layout", Input, "the folder is not a registry, or is damaged", "Run `vitte package registry init DIR`.";
    Busy = 611, "busy", Network, "another process holds the lock", "Wait for it to end, then try again.";
    IdempotencyKey = 612, "idempotency-key", Exists, "the key was used for another request", "Use another key.";
    RegistryExists = 613, "registry-exists", Exists, "there is something in the folder already", "Choose an empty folder, or one that does not exist.";
    IndexBatch = 614, "index-batch", Network, "an answer about several index files is malformed", "Try again; index files are then fetched one by one.";

    // 07 credentials and rights
    Unauthenticated = 701, "unauthenticated", NotAllowed, "the registry wants a token", "Run `vitte package login`.";
    Forbidden = 702, "forbidden", NotAllowed, "you may not do this", "Ask an owner of the namespace.";
    KeyPermissions = 703, "key-permissions", NotAllowed, "a key file can be read by others", "Run the `chmod` command shown.";
    InsecureUrl = 704, "insecure-url", NotAllowed, "the address is not safe to send secrets to", "Use https.";
    Passphrase = 705, "passphrase", NotAllowed, "the key's passphrase is missing or wrong", "Set `VITTE_SIGNING_KEY_PASSWORD`, or type it when asked.";

    // 08 lockfile
    LockOutdated = 801, "lock-outdated", LockOutdated, "the lockfile does not fit the manifest", "Run `vitte package lock`.";
    LockSyntax = 802, "lock-syntax", Input, "the lockfile is malformed", "Restore it from version control, or remove it and run `vitte package lock`.";

    // 09 JavaScript and wasm
    WasmLoad = 901, "wasm-load", Failed, "the WebAssembly module cannot be loaded", "Check that the page may run WebAssembly.";
    WasmMime = 902, "wasm-mime", Failed, "something other than the WebAssembly module was served", "Your bundler moved the file: pass `init({url})`.";
    JsArgument = 903, "js-argument", Usage, "an argument has the wrong type", "See the type declarations.";
    Disposed = 904, "disposed", Usage, "the object was disposed of", "Open the package again.";

    // 10 store and disk
    Io = 1001, "io", Failed, "a file cannot be read or written", "See the system's message.";
    NoSpace = 1002, "no-space", Failed, "the disk is full", "Make room, then run the command again.";
    StoreLayout = 1003, "store-layout", Failed, "the store is damaged or of a newer form", "Update vitte-package, or remove the damaged folder.";
    Shim = 1004, "shim", Exists, "another package provides a program of the same name", "Uninstall the other one first, or run it by `vitte package exec`.";
    NotInstalled = 1005, "not-installed", NotFound, "the package is not installed", "See `vitte package list`.";
    Interrupted = 1006, "interrupted", Interrupted, "interrupted; nothing was left half done", "Run the command again.";
    FolderExists = 1007, "folder-exists", Exists, "the folder is there already and not empty", "Choose another folder, or empty this one.";
    NoFile = 1008, "no-file", NotFound, "there is no such file", "Look at the path: it is taken from the folder the command is run in.";
    LinkOutside = 1009, "link-outside", NotAllowed, "a symbolic link stands where this program writes", "Remove the link, or put a file or folder in its place.";
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
            assert!(!code.title().is_empty() && !code.mend().is_empty());
            assert_eq!(Code::find(&code.to_string()), Some(*code));
            assert_eq!(Code::find(code.class()), Some(*code));
        }
    }
}
