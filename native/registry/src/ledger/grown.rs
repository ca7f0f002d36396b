//! A registry that is grown for a measurement: packages with words as common and as rare as a language has them, admitted,
//! logged and derived by the code that does so with every publish, a thousand releases to a batch.
//!
//! The archive of a package's newest release is what it should be; those of its older releases are further names of the
//! same file, which nothing that is measured reads. What checks an archive that is sent is not run.

use super::batches::{Batches, Waiting};
use super::{Facts, Verified};
use crate::data::{Data, Places};
use crate::objects::{Objects, Staging};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use vitte_package::builder::{Input, InputSource, Options, Plan};
use vitte_package::report::Silent;
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::core_line;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::path::PackagePath;
use vitte_package_core::registry::{Admission, ArchiveFacts, Submission, SubmittedRelease, layout};
use vitte_package_core::sign::{Envelope, NamespaceRecord, RegistryId, ReleaseStatement, SecretKey, dsse};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::tree::{Mode, SectionName};
use vitte_package_core::version::Version;

/// Packages of a namespace, of a submission, and submissions of a batch.
const NAMESPACE: usize = 100;
const SUBMISSION: usize = 25;
const BATCH: usize = 4;

/// Grows the registry of the folder `VITTE_BENCH_DATA` to `VITTE_BENCH_PACKAGES` packages of `VITTE_BENCH_VERSIONS` releases
/// each, from where it was left; no server may run there. What may be searched for in it is in `searches.txt` then.
#[test]
#[ignore = "makes what is measured: scripts/bench.sh serve-scale"]
fn grown() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let folder = PathBuf::from(std::env::var_os("VITTE_BENCH_DATA").expect("VITTE_BENCH_DATA is a folder"));
    let packages = number("VITTE_BENCH_PACKAGES").expect("VITTE_BENCH_PACKAGES");
    let versions = number("VITTE_BENCH_VERSIONS").unwrap_or(10);
    let data = Data::new(folder.clone(), Places::default());
    let author = Author {
        words: Random(7).word_list(),
        key: SecretKey::from_seed(&[7; 32]),
        registry: data.registry().unwrap(),
        staging: data.staging().unwrap(),
        versions,
    };
    std::fs::write(folder.join("searches.txt"), author.searches(packages).join("\n")).unwrap();
    let first = author.left_at(&data.public().unwrap(), packages);
    let mut batches = Batches::open(data, None).unwrap();
    // Signed on one processor, while what was signed is logged on the other.
    let (signed, batch) = mpsc::sync_channel::<VecDeque<Waiting<()>>>(1);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let starts: Vec<usize> = (first..packages).step_by(SUBMISSION).collect();
            for starts in starts.chunks(BATCH) {
                let submission =
                    |start: &usize| (author.submission(*start..packages.min(start + SUBMISSION)), ());
                signed.send(starts.iter().map(submission).collect()).unwrap();
            }
            drop(signed);
        });
        for mut submissions in batch {
            let uploads: Vec<_> = submissions.iter().map(|(verified, ())| verified.upload.clone()).collect();
            while !submissions.is_empty() {
                batches.log_some(&mut submissions, |(), logged| _ = logged.unwrap()).unwrap();
            }
            batches.forget();
            uploads.iter().for_each(|upload| author.staging.remove(upload));
        }
    });
}

/// Who publishes all of it.
struct Author {
    words: Vec<String>,
    key: SecretKey,
    registry: RegistryId,
    staging: Staging,
    versions: usize,
}

impl Author {
    /// Every package's own numbers: it is the same whichever are made.
    fn random(number: usize) -> Random {
        let mut random = Random((number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.next();
        random
    }

    fn base(&self, number: usize, random: &mut Random) -> String {
        let mut word = || random.common(&self.words).clone();
        match number % 3 {
            0 => word(),
            1 => format!("vitte-{}", word()),
            _ => format!("{}-{}", word(), word()),
        }
    }

    fn name(&self, number: usize) -> PackageName {
        let base = self.base(number, &mut Self::random(number));
        PackageName::parse(&format!("n{}/{base}-{number}", number / NAMESPACE)).unwrap()
    }

    /// Whole names, words, two words, a slip of the pen, the first two letters of a name, and words that nobody wrote.
    fn searches(&self, packages: usize) -> Vec<String> {
        let mut random = Random(11);
        let mut searches = Vec::new();
        for number in (0..packages).step_by((packages / 200).max(1)) {
            let base = self.base(number, &mut Self::random(number));
            searches.push(base.chars().take(2).collect());
            searches.push(base);
            searches.push(random.common(&self.words).clone());
            searches.push(format!("{} {}", random.common(&self.words), random.common(&self.words)));
            let mut slip = random.common(&self.words).clone();
            slip.remove(slip.len() / 2);
            searches.push(slip);
            searches.push(format!("{}x{}", random.word(), random.word()));
        }
        searches
    }

    /// The first package that is not in the registry yet: they are published in their order.
    fn left_at(&self, files: &Objects, packages: usize) -> usize {
        let (mut there, mut beyond) = (0, packages);
        while there < beyond {
            let middle = usize::midpoint(there, beyond);
            match files.find(&layout::index(&self.name(middle))).unwrap() {
                Some(_) => there = middle + 1,
                None => beyond = middle,
            }
        }
        // Where submissions begin, so that a namespace begins with its first package.
        there / SUBMISSION * SUBMISSION
    }

    /// Some packages with all their releases, and the record of a namespace where one begins.
    fn submission(&self, numbers: std::ops::Range<usize>) -> Box<Verified> {
        let upload = format!("grown-{}", numbers.start);
        let folder = self.staging.make(&upload).unwrap();
        let (mut submission, mut facts, mut staged) = (Submission::default(), Facts::new(), BTreeMap::new());
        if numbers.start.is_multiple_of(NAMESPACE) {
            let namespace = Namespace::parse(&format!("n{}", numbers.start / NAMESPACE)).unwrap();
            let record = NamespaceRecord::first(namespace, self.registry.clone(), self.key.public());
            let record =
                Envelope::sign(dsse::NAMESPACE, &record.to_payload().unwrap(), &[&self.key]).unwrap();
            submission.namespaces.push(record);
        }
        for number in numbers {
            for (artifact, known, envelope, file) in self.releases(number, &folder) {
                submission.releases.push(SubmittedRelease { envelope, file: known.file });
                facts.insert(artifact.clone(), known);
                staged.insert(artifact, file);
            }
        }
        let admission = Admission::of(&submission, &facts).unwrap();
        Box::new(Verified { admission, submission, facts, upload, staged, allowances: Vec::new() })
    }

    fn releases(&self, number: usize, folder: &Path) -> Vec<(Artifact, ArchiveFacts, Envelope, Digest)> {
        let (name, mut random) = (self.name(number), Self::random(number));
        // Behind what its name was made of.
        self.base(number, &mut random);
        let mut text = |count| (0..count).map(|_| random.common(&self.words).clone()).collect::<Vec<_>>();
        let (description, keywords, readme) = (text(9).join(" "), text(3), text(100).join(" "));
        let keywords: BTreeSet<String> = keywords.iter().map(|word| format!("\"{word}\"")).collect();
        let keywords: Vec<_> = keywords.into_iter().collect();
        // The first packages are used far more than the last.
        let needed: BTreeSet<usize> = (0..if number == 0 { 0 } else { number % 3 })
            .map(|_| (number as f64).powf(random.part()) as usize - 1)
            .collect();
        let needs: String =
            needed.into_iter().map(|other| format!("\"{}\" = \"^1.0\"\n", self.name(other))).collect();
        let manifest = |version: &Version, needs: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2025\"\nlicense = \"MIT\"\n\
                 description = \"{description}\"\nkeywords = [{}]\nreadme = \"README.md\"\n\n[dependencies]\n{needs}",
                keywords.join(", ")
            )
        };
        let version = |patch: usize| Version::parse(&format!("1.0.{patch}")).unwrap();
        let newest = version(self.versions - 1);
        let input = |path: &str, text: String| Input {
            path: PackagePath::parse(path).unwrap(),
            section: SectionName::default_section(),
            mode: Mode::Regular,
            source: InputSource::Bytes(text.into_bytes()),
        };
        let inputs = vec![
            input("vitte.toml", manifest(&newest, &needs)),
            input("README.md", format!("# {name}\n\n{readme}\n")),
            input("src/lib.vitte", format!("module m\n// {name}\n")),
        ];
        let path = folder.join(number.to_string());
        let options = Options { kind: Kind::Vitmod, codec: Codec::Zstd, profile: Profile::Dev, jobs: 1 };
        let built = Plan::new(inputs).unwrap().write(&path, options, &Silent, |_| Ok(Vec::new())).unwrap();
        let file = Digest::of(&std::fs::read(&path).unwrap());
        let (kind, target, tree) = (Kind::Vitmod, Target::any(), built.tree());
        let release = |patch: usize| {
            let version = version(patch);
            let needs = if version == newest { needs.as_str() } else { "" };
            let manifest = Manifest::parse(&manifest(&version, needs)).unwrap();
            let artifact =
                Artifact { package: name.clone(), version: version.clone(), kind, target: target.clone() };
            let core = core_line(&manifest, tree, kind, &target);
            let statement = ReleaseStatement {
                registry: self.registry.clone(),
                package: name.clone(),
                version,
                kind,
                target: target.clone(),
                tree: tree.digest(),
                files: tree.file_count() as u64,
                unpacked: tree.content_len(),
                tree_len: tree.text().len() as u64,
                manifest: *tree.manifest().digest(),
                index: Digest::of(core.as_bytes()),
                build: BTreeMap::new(),
            };
            let envelope =
                Envelope::sign(dsse::RELEASE, &statement.to_payload().unwrap(), &[&self.key]).unwrap();
            let facts = ArchiveFacts { core, head: built.head().head_digest(), file, size: built.file_len() };
            // Each waits under a name of its own.
            let waits = Digest::of(format!("{name}@{patch}").as_bytes());
            std::fs::hard_link(&path, folder.join(waits.to_string())).unwrap();
            (artifact, facts, envelope, waits)
        };
        let releases = (0..self.versions).map(release).collect();
        File::open(folder).unwrap().sync_all().unwrap();
        releases
    }
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn part(&mut self) -> f64 {
        (self.next() % 1_000_000) as f64 / 1_000_000.0
    }

    fn word(&mut self) -> String {
        let syllables = 2 + self.next() % 3;
        let syllable = |random: &mut Self| {
            let consonant = b"bcdfghjklmnprstvz"[(random.next() % 17) as usize];
            let vowel = b"aeiou"[(random.next() % 5) as usize];
            [char::from(consonant), char::from(vowel)]
        };
        (0..syllables).flat_map(|_| syllable(self)).collect()
    }

    fn word_list(&mut self) -> Vec<String> {
        (0..20_000).map(|_| self.word()).collect()
    }

    /// A word, the first ones far more often than the last, as in any language.
    fn common<'w>(&mut self, words: &'w [String]) -> &'w String {
        let place = (words.len() as f64).powf(self.part()) as usize;
        &words[place.min(words.len() - 1)]
    }
}
