//! The `semver` of Node as an independent judge of versions and requirements.
//!
//! Where the two notations differ, the requirement is written as Node writes it: a bare version means `^` here
//! and `=` there, and `,` here is a space there. The rules then agree: which versions are of one form, how they are ordered,
//! what each operator admits, and that a pre-release is admitted only by a comparator of its own
//! major, minor and patch.

use crate::sandbox::{has_program, skipped};
use std::io::Write;
use std::process::{Command, Stdio};
use vitte_package_core::resolve::VersionRange;
use vitte_package_core::version::{Requirement, Version};

/// How many pairs are judged, unless `VITTE_TEST_SEMVER` says.
const PAIRS: usize = 20_000;

/// Answers, a line each: whether the requirement admits the version, and how the two versions are ordered.
const JUDGE: &str = r#"
const path = require("node:path"), fs = require("node:fs");
const folders = [process.env.SEMVER, ...(process.env.SEMVER_FOLDERS || "").split(":")].filter(Boolean);
const folder = folders.find((folder) => fs.existsSync(path.join(folder, "package.json")));
if (!folder) process.exit(77);
const semver = require(folder);
for (const line of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const [version, other, range] = JSON.parse(line);
  console.log(`${semver.satisfies(version, range)} ${semver.compare(version, other)}`);
}
"#;

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn of<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    fn version(&mut self) -> String {
        let pre = self.of(&["", "", "", "-rc.1", "-rc.2", "-alpha", "-alpha.beta", "-0", "-rc.10", "-a-b"]);
        let build = self.of(&["", "", "", "", "+1", "+sha.5"]);
        format!("{}.{}.{}{pre}{build}", self.below(3), self.below(4), self.below(4))
    }

    /// One comparator, as cargo writes it and as Node does.
    fn comparator(&mut self) -> (String, String) {
        let (major, minor, patch) = (self.below(3), self.below(4), self.below(4));
        let operator = self.of(&["", "^", "~", "=", ">", ">=", "<", "<="]);
        let numbers = match self.below(6) {
            0 => format!("{major}"),
            1 | 2 => format!("{major}.{minor}"),
            3 | 4 => format!("{major}.{minor}.{patch}"),
            _ => format!("{major}.{minor}.{patch}-{}", self.of(&["rc.1", "alpha", "0"])),
        };
        let node = if operator.is_empty() { "^" } else { operator };
        (format!("{operator}{numbers}"), format!("{node}{numbers}"))
    }

    fn requirement(&mut self) -> (String, String) {
        match self.below(12) {
            0 => ("*".into(), "*".into()),
            1 => {
                let part = format!("{}.*", self.below(3));
                (part.clone(), part)
            }
            2..6 => {
                let (one, other) = (self.comparator(), self.comparator());
                (format!("{}, {}", one.0, other.0), format!("{} {}", one.1, other.1))
            }
            _ => self.comparator(),
        }
    }
}

#[test]
fn node_reads_versions_and_requirements_as_we_do() {
    let count = std::env::var("VITTE_TEST_SEMVER").ok().and_then(|text| text.parse().ok()).unwrap_or(PAIRS);
    let mut numbers = Numbers(7);
    let pairs: Vec<_> = (0..count)
        .map(|_| {
            let (ours, theirs) = numbers.requirement();
            (numbers.version(), numbers.version(), ours, theirs)
        })
        .collect();
    if !has_program("npm") || !has_program("node") {
        return;
    }
    let roots = Command::new("npm").args(["root", "-g"]).stderr(Stdio::null()).output();
    let root = String::from_utf8(roots.unwrap().stdout).unwrap();
    let mut node = Command::new("node")
        .args(["-e", JUDGE])
        .env("SEMVER", format!("{}/npm/node_modules/semver", root.trim()))
        .env("SEMVER_FOLDERS", "/usr/share/nodejs/semver:/usr/lib/node_modules/npm/node_modules/semver")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = pairs
        .iter()
        .map(|(version, other, _, theirs)| format!("{}\n", serde_json::json!([version, other, theirs])))
        .collect();
    let mut input = node.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let answers = node.wait_with_output().unwrap();
    let written = writer.join().unwrap();
    if answers.status.code() == Some(77) {
        skipped("the library semver of npm is not installed");
        return;
    }
    written.unwrap();
    assert!(answers.status.success());
    let answers = String::from_utf8(answers.stdout).unwrap();
    assert_eq!(answers.lines().count(), pairs.len());
    let mut admitted = 0;
    for (answer, (version, other, ours, theirs)) in answers.lines().zip(&pairs) {
        let requirement = Requirement::parse(ours).unwrap();
        let (parsed, second) = (Version::parse(version).unwrap(), Version::parse(other).unwrap());
        let admits = requirement.matches(&parsed);
        admitted += usize::from(admits);
        assert_eq!(VersionRange::of(&requirement).contains(&parsed), admits, "{ours} and {version}");
        // Build metadata has no rank there; here it keeps two releases apart.
        let order = match parsed.semver().cmp_precedence(second.semver()) {
            std::cmp::Ordering::Less => -1,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => 1,
        };
        assert_eq!(format!("{admits} {order}"), answer, "{version}, {other}, {ours}, there {theirs}");
    }
    assert!(admitted > count / 20, "{admitted} of {count}");
}
