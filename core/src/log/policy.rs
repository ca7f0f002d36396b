//! Whose signatures make a checkpoint trusted (C2SP `tlog-policy`).

use super::error::CheckpointError;
use super::note::{LogKey, Note, NoteError, WitnessKey};
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::message::log as text;
use std::collections::BTreeMap;

/// Most lines of a policy that say something.
const LINES: usize = 256;

/// A member of the quorum: a witness, or a group that counts as one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group { needed: usize, members: Vec<String> },
}

/// The logs that are trusted, and how many witnesses must have seen the same checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPolicy {
    text: String,
    logs: Vec<LogKey>,
    witnesses: Vec<(String, WitnessKey)>,
    members: BTreeMap<String, Member>,
    quorum: Option<String>,
}

/// Which witnesses have cosigned a checkpoint, and when.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Observed {
    /// Names of the witnesses and their times in Unix seconds, in the policy's order.
    pub witnesses: Vec<(String, u64)>,
}

impl LogPolicy {
    /// The policy that trusts one log without witnesses.
    pub fn unwitnessed(log: &LogKey) -> Self {
        Self {
            text: format!("log {log}\nquorum none\n"),
            logs: vec![log.clone()],
            witnesses: Vec::new(),
            members: BTreeMap::new(),
            quorum: None,
        }
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] naming the line: an unknown word, a malformed or duplicate key, a name defined twice or
    /// not yet, a count out of range, a member listed twice, no quorum line or a second one.
    pub fn parse(policy: &str) -> Result<Self, PolicyError> {
        let mut parsed = Self {
            text: policy.to_owned(),
            logs: Vec::new(),
            witnesses: Vec::new(),
            members: BTreeMap::new(),
            quorum: None,
        };
        let (mut used, mut quorum_seen) = (Vec::new(), false);
        let mut count = 0;
        for (number, line) in policy.split('\n').enumerate() {
            let refuse = |fault| PolicyError { line: number as u64 + 1, fault };
            if line.chars().any(|c| c < ' ' && c != '\t') {
                return Err(refuse(PolicyFault::Syntax));
            }
            let words: Vec<_> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            if words.first().is_none_or(|word| word.starts_with('#')) {
                continue;
            }
            count += 1;
            if count > LINES {
                return Err(refuse(PolicyFault::Syntax));
            }
            match words.as_slice() {
                ["log", vkey] | ["log", vkey, _] => {
                    let key = LogKey::parse(vkey).map_err(|error| refuse(PolicyFault::Key(error)))?;
                    let same = |known: &LogKey| known.note_key().public() == key.note_key().public();
                    if parsed.logs.iter().any(same) {
                        return Err(refuse(PolicyFault::Duplicate(key.name().to_owned())));
                    }
                    parsed.logs.push(key);
                }
                ["witness", name, vkey] | ["witness", name, vkey, _] => {
                    let key = WitnessKey::parse(vkey).map_err(|error| refuse(PolicyFault::Key(error)))?;
                    let same = |(_, known): &(String, WitnessKey)| {
                        known.note_key().public() == key.note_key().public()
                    };
                    if parsed.witnesses.iter().any(same) {
                        return Err(refuse(PolicyFault::Duplicate(key.name().to_owned())));
                    }
                    parsed.define(name, Member::Witness(parsed.witnesses.len())).map_err(refuse)?;
                    parsed.witnesses.push(((*name).to_owned(), key));
                }
                ["group", name, needed, members @ ..] if !members.is_empty() => {
                    let needed = match *needed {
                        "any" => Some(1),
                        "all" => Some(members.len()),
                        number => super::parse_number(number).and_then(|number| usize::try_from(number).ok()),
                    };
                    let needed = needed
                        .filter(|needed| (1..=members.len()).contains(needed))
                        .ok_or_else(|| refuse(PolicyFault::Syntax))?;
                    for member in members {
                        if !parsed.members.contains_key(*member) {
                            return Err(refuse(PolicyFault::Undefined((*member).to_owned())));
                        }
                        if used.contains(member) {
                            return Err(refuse(PolicyFault::Duplicate((*member).to_owned())));
                        }
                        used.push(member);
                    }
                    let members = members.iter().map(|member| (*member).to_owned()).collect();
                    parsed.define(name, Member::Group { needed, members }).map_err(refuse)?;
                }
                ["quorum", name] if !quorum_seen => {
                    quorum_seen = true;
                    if *name != "none" {
                        if !parsed.members.contains_key(*name) {
                            return Err(refuse(PolicyFault::Undefined((*name).to_owned())));
                        }
                        parsed.quorum = Some((*name).to_owned());
                    }
                }
                _ => return Err(refuse(PolicyFault::Syntax)),
            }
        }
        if !quorum_seen {
            return Err(PolicyError {
                line: policy.split('\n').count() as u64,
                fault: PolicyFault::NoQuorum,
            });
        }
        Ok(parsed)
    }

    /// The policy as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The logs that are trusted.
    pub fn logs(&self) -> &[LogKey] {
        &self.logs
    }

    /// Whether a checkpoint needs a witness at all.
    pub fn is_witnessed(&self) -> bool {
        self.quorum.is_some()
    }

    /// Checks that `note`, a checkpoint of the log `origin`, is signed by that log and by the quorum.
    pub(super) fn judge(&self, note: &Note, origin: &str) -> Result<Observed, CheckpointError> {
        self.check_log(note, origin)?;
        self.check_quorum(note)
    }

    /// Checks that a log key of the policy has signed `note`, a checkpoint of the log `origin`.
    pub(super) fn check_log(&self, note: &Note, origin: &str) -> Result<(), CheckpointError> {
        let logs: Vec<_> =
            self.logs.iter().map(LogKey::note_key).filter(|key| key.name() == origin).collect();
        if logs.is_empty() {
            let expected = self.logs.iter().map(LogKey::name).collect::<Vec<_>>().join(", ");
            return Err(CheckpointError::Origin { expected, got: origin.to_owned() });
        }
        note.verify(&logs).map(|_| ()).map_err(CheckpointError::Note)
    }

    fn check_quorum(&self, note: &Note) -> Result<Observed, CheckpointError> {
        let keys: Vec<_> = self.witnesses.iter().map(|(_, key)| key.note_key()).collect();
        let signers = match note.verify(&keys) {
            Ok(signers) => signers,
            Err(NoteError::Unsigned { .. }) => Vec::new(),
            Err(error) => return Err(CheckpointError::Note(error)),
        };
        let signed: Vec<_> = signers.iter().map(|signer| signer.key).collect();
        let witnesses: Vec<_> = signers
            .iter()
            .filter_map(|signer| Some((self.witnesses.get(signer.key)?.0.clone(), signer.time?)))
            .collect();
        match &self.quorum {
            Some(quorum) if !self.meets(quorum, &signed) => Err(CheckpointError::Quorum {
                quorum: quorum.clone(),
                seen: witnesses.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
            }),
            _ => Ok(Observed { witnesses }),
        }
    }

    // Groups name only what earlier lines define, and each name once: the recursion visits a name at most once.
    fn meets(&self, name: &str, signed: &[usize]) -> bool {
        match self.members.get(name) {
            Some(Member::Witness(witness)) => signed.contains(witness),
            Some(Member::Group { needed, members }) => {
                members.iter().filter(|member| self.meets(member, signed)).count() >= *needed
            }
            None => false,
        }
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), PolicyFault> {
        if name == "none" || self.members.contains_key(name) {
            return Err(PolicyFault::Duplicate(name.to_owned()));
        }
        self.members.insert(name.to_owned(), member);
        Ok(())
    }
}

/// What is wrong with a line of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFault {
    /// An unknown word, or too few or too many.
    Syntax,
    /// The vkey is refused.
    Key(NoteError),
    /// The name or key is there twice.
    Duplicate(String),
    /// The name is not defined on an earlier line.
    Undefined(String),
    /// There is no quorum line.
    NoQuorum,
}

/// A policy cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// Number of the line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub fault: PolicyFault,
}

impl Diagnose for PolicyError {
    fn diagnostic(&self) -> Diagnostic {
        let what = match &self.fault {
            PolicyFault::Syntax => text::policy_syntax(self.line),
            PolicyFault::Key(error) => text::policy_key(self.line, &error.to_string()),
            PolicyFault::Duplicate(name) => text::policy_duplicate(self.line, name),
            PolicyFault::Undefined(name) => text::policy_undefined(self.line, name),
            PolicyFault::NoQuorum => text::policy_no_quorum(),
        };
        Diagnostic::new(Code::TrustRoot, what).at(Place::Line { line: self.line })
    }
}
display_as_message!(PolicyError);

#[cfg(test)]
mod tests {
    use super::super::checkpoint::{Checkpoint, VerifiedCheckpoint};
    use super::super::merkle::empty_root;
    use super::*;
    use crate::sign::SecretKey;

    fn secret(byte: u8) -> SecretKey {
        SecretKey::from_seed(&[byte; 32])
    }

    fn witness(byte: u8) -> WitnessKey {
        WitnessKey::new(&format!("w{byte}.example"), secret(byte).public()).unwrap()
    }

    fn log() -> LogKey {
        LogKey::new("log.example", secret(0).public()).unwrap()
    }

    /// A policy of two groups: two of W1 to W3, and any of W4 and W5.
    fn witnessed() -> String {
        let witnesses: String = (1..=5).map(|byte| format!("witness W{byte} {}\n", witness(byte))).collect();
        format!(
            "# comment\n\nlog {} https://log.example/\n{witnesses}group X 2 W1 W2 W3\n group\tY any W4 W5\ngroup Z all X Y\nquorum Z\n",
            log()
        )
    }

    fn open(policy: &LogPolicy, cosigners: &[u8]) -> Result<VerifiedCheckpoint, CheckpointError> {
        let mut note = Checkpoint::new("log.example", 0, empty_root()).sign(&secret(0)).unwrap();
        for byte in cosigners {
            note.cosign(&format!("w{byte}.example"), &secret(*byte), 1_000 + u64::from(*byte)).unwrap();
        }
        VerifiedCheckpoint::open(&note.to_bytes(), policy)
    }

    #[test]
    fn a_quorum_of_groups() {
        let policy = LogPolicy::parse(&witnessed()).unwrap();
        assert!(policy.is_witnessed());
        for (cosigners, good) in [
            (&[1, 2, 4][..], true),
            (&[3, 1, 5], true),
            (&[1, 2, 3, 4, 5], true),
            (&[1, 4], false),
            (&[1, 1, 4], false),
            (&[1, 2], false),
            (&[4, 5], false),
            (&[], false),
            (&[1, 9, 4], false),
        ] {
            let opened = open(&policy, cosigners);
            assert_eq!(opened.is_ok(), good, "{cosigners:?}");
            if let Err(error) = opened {
                assert!(matches!(error, CheckpointError::Quorum { .. }));
            }
        }
        let seen = open(&policy, &[2, 1, 4]).unwrap().observed().clone();
        assert_eq!(seen.witnesses, [("W1".into(), 1_001), ("W2".into(), 1_002), ("W4".into(), 1_004)]);
    }

    #[test]
    fn without_witnesses_the_log_alone_counts() {
        let policy = LogPolicy::unwitnessed(&log());
        assert_eq!(LogPolicy::parse(policy.text()), Ok(policy.clone()));
        assert!(open(&policy, &[]).is_ok() && !policy.is_witnessed());
        let other = LogPolicy::unwitnessed(&LogKey::new("log.example", secret(9).public()).unwrap());
        assert!(matches!(open(&other, &[]), Err(CheckpointError::Note(_))));
        let elsewhere = LogPolicy::unwitnessed(&LogKey::new("other.example", secret(0).public()).unwrap());
        assert_eq!(open(&elsewhere, &[]).unwrap_err().code(), Code::Origin);
    }

    #[test]
    fn malformed_policies_are_refused_with_their_line() {
        let (log, one, good) = (log(), witness(1), witnessed());
        for (name, line, bad) in [
            ("no quorum", 2, format!("log {log}\n")),
            ("two quorums", 3, format!("log {log}\nquorum none\nquorum none\n")),
            ("undefined quorum", 2, format!("log {log}\nquorum W\n")),
            ("same log twice", 2, format!("log {log}\nlog {log}\nquorum none\n")),
            ("a witness as log", 1, format!("log {one}\nquorum none\n")),
            ("a log as witness", 1, format!("witness W {log}\nquorum none\n")),
            ("same key under two names", 2, format!("witness A {one}\nwitness B {one}\nquorum A\n")),
            ("witness called none", 1, format!("witness none {one}\nquorum none\n")),
            ("unknown word", 1, "logs x\nquorum none\n".to_owned()),
            ("nothing in the group", 1, "group G any\nquorum none\n".to_owned()),
            ("zero of", 9, good.replace("X 2", "X 0")),
            ("four of three", 9, good.replace("X 2", "X 4")),
            ("02 of three", 9, good.replace("X 2", "X 02")),
            ("member in two groups", 10, good.replace("W4 W5", "W1 W5")),
            ("group of itself", 9, good.replace("W1 W2 W3", "X W2 W3")),
            ("carriage return", 1, good.replace('\n', "\r\n")),
        ] {
            let error = LogPolicy::parse(&bad).expect_err(name);
            assert_eq!(error.line, line, "{name}: {error}");
        }
    }

    #[test]
    fn malformed_checkpoints_are_refused() {
        let good = Checkpoint::new("log.example", 5, crate::digest::Digest::of(b"x")).to_text();
        for (from, to) in [
            ("\n5\n", "\n05\n"),
            ("\n5\n", "\n-5\n"),
            ("\n5\n", "\n9223372036854775808\n"),
            ("\n5\n", "\n0\n"),
            ("\n5\n", "\n\n"),
            ("=\n", "=\nextension\n"),
            ("=\n", "\n"),
            ("log.example\n", "\n"),
            ("=\n", "="),
        ] {
            assert!(Checkpoint::parse(&good.replace(from, to)).is_err(), "{to:?}");
        }
        assert!(Checkpoint::parse(&good).is_ok());
        assert!(Checkpoint::parse("").is_err());
    }
}
