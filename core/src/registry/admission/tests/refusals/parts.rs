//! Submissions with faults, and how they are forced into a log.

use super::super::*;
use crate::digest::Digest;
use crate::index::{IndexStatus, VerifiedIndex};
use crate::registry::TrustRoot;
use crate::sign::PublicKey;
use crate::sign::namespace::NamespaceKey;

/// Releases `demo/hello` only.
pub(super) const HELPER: u8 = 5;
/// Released, until it was revoked.
pub(super) const GONE: u8 = 6;
/// Sign for `team`, both of them.
pub(super) const TEAM: [u8; 2] = [7, 8];
pub(super) const ELSEWHERE: &str = "other.example/";

/// A release with an archive. What its statement says may differ.
#[derive(Clone, Debug)]
pub(super) struct Release {
    pub(super) package: &'static str,
    pub(super) version: &'static str,
    pub(super) tree: u8,
    pub(super) needs: Option<&'static str>,
    pub(super) signers: Vec<u8>,
    pub(super) said_package: Option<&'static str>,
    pub(super) said_tree: Option<u8>,
    pub(super) registry: &'static str,
}

/// A record of a namespace: the first, or the newest one with some changes.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) namespace: &'static str,
    pub(super) seq: u64,
    pub(super) signers: Vec<u8>,
    pub(super) adds: Option<u8>,
    pub(super) is_linked: bool,
    pub(super) keeps_revoked: bool,
    pub(super) registry: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct Status {
    pub(super) package: &'static str,
    pub(super) version: &'static str,
    pub(super) seq: u64,
    pub(super) signer: u8,
    pub(super) registry: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct Rotation {
    pub(super) version: u64,
    pub(super) signer: u8,
    pub(super) keeps_log_key: bool,
    pub(super) registry: &'static str,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) rotation: Option<Rotation>,
    pub(super) records: Vec<Record>,
    pub(super) releases: Vec<Release>,
    pub(super) statuses: Vec<Status>,
}

pub(super) const HERE: &str = "registry.example/";

pub(super) fn release(package: &'static str, version: &'static str, signers: &[u8]) -> Release {
    let signers = signers.to_vec();
    let (needs, said_package, said_tree) = (None, None, None);
    Release { package, version, tree: 1, needs, signers, said_package, said_tree, registry: HERE }
}

pub(super) fn record(namespace: &'static str, seq: u64, signers: &[u8]) -> Record {
    let signers = signers.to_vec();
    Record { namespace, seq, signers, adds: None, is_linked: true, keeps_revoked: true, registry: HERE }
}

pub(super) fn status(version: &'static str, seq: u64, signer: u8) -> Status {
    Status { package: "demo/hello", version, seq, signer, registry: HERE }
}

pub(super) fn rotation() -> Rotation {
    Rotation { version: 2, signer: 1, keeps_log_key: true, registry: HERE }
}

pub(super) fn registry_id(id: &str) -> RegistryId {
    RegistryId::parse(id).unwrap()
}

pub(super) fn sign(kind: &str, payload: &[u8], signers: &[u8]) -> Envelope {
    let keys: Vec<_> = signers.iter().map(|seed| key(*seed)).collect();
    Envelope::sign(kind, payload, &keys.iter().collect::<Vec<_>>()).unwrap()
}

impl Release {
    pub(super) fn artifact(&self, package: &str) -> Artifact {
        let (package, version) =
            (PackageName::parse(package).unwrap(), Version::parse(self.version).unwrap());
        Artifact { package, version, kind: Kind::Vitmod, target: Target::any() }
    }

    pub(super) fn tree(&self, tree: u8) -> TreeDigest {
        let content = format!("{} {} {tree} {:?}", self.package, self.version, self.needs);
        TreeDigest::new(Digest::of(content.as_bytes()))
    }

    pub(super) fn core(&self, tree: u8) -> Core {
        let needs = self.needs.map(|name| {
            format!(r#"{{"p":"{name}","r":"^1","k":"normal","t":[],"o":false,"d":true,"f":[]}}"#)
        });
        let tree = self.tree(tree);
        let manifest = Digest::of(tree.to_string().as_bytes()).tagged();
        let core = format!(
            r#"{{"ver":"{}","kind":"vitmod","target":"any","tree":"{tree}","manifest":"{manifest}","files":3,"unpacked":210,"edition":"2025","deps":[{}],"features":{{}}}}"#,
            self.version,
            needs.unwrap_or_default(),
        );
        Core::parse(&core).unwrap()
    }

    pub(super) fn facts(&self) -> ArchiveFacts {
        let core = self.core(self.tree);
        let file = core.digest();
        ArchiveFacts { core: core.raw().to_owned(), head: file, file, size: 99 }
    }

    pub(super) fn envelope(&self) -> Envelope {
        let said = self.core(self.said_tree.unwrap_or(self.tree));
        let Artifact { package, version, kind, target } =
            self.artifact(self.said_package.unwrap_or(self.package));
        let statement = ReleaseStatement {
            registry: registry_id(self.registry),
            package,
            version,
            kind,
            target,
            tree: said.tree,
            manifest: said.manifest,
            index: said.digest(),
            ..crate::sign::statement::golden()
        };
        sign(dsse::RELEASE, &statement.to_payload().unwrap(), &self.signers)
    }

    pub(super) fn subject(&self) -> Subject {
        let core = self.core(self.tree);
        Subject::Release { artifact: self.artifact(self.package), tree: core.tree, index: core.digest() }
    }
}

impl Record {
    /// `before` is the newest record, if there is one.
    pub(super) fn envelope(&self, before: Option<&Envelope>) -> Envelope {
        let namespace = Namespace::parse(self.namespace).unwrap();
        let owner = self.signers.first().copied().unwrap_or(AUTHOR);
        let first = NamespaceRecord::first(namespace, registry_id(self.registry), key(owner).public());
        let before = before.filter(|_| self.seq > 0);
        let mut record = match before {
            Some(before) => NamespaceRecord::unverified(before).unwrap(),
            None => first,
        };
        record.registry = registry_id(self.registry);
        record.seq = self.seq;
        let prev = before.filter(|_| self.is_linked).map(|before| Digest::of(before.as_bytes()));
        record.prev = (self.seq > 0).then(|| prev.unwrap_or_else(|| Digest::of(b"another")));
        if let Some(key_of) = self.adds.map(|seed| key(seed).public())
            && record.keys.iter().all(|known| known.key != key_of)
        {
            record.keys.push(NamespaceKey::owner(key_of));
            record.keys.sort_by_key(|known| known.key.id());
        }
        if !self.keeps_revoked {
            record.revoked.clear();
        }
        sign(dsse::NAMESPACE, &record.to_payload().unwrap(), &self.signers)
    }
}

impl Status {
    pub(super) fn envelope(&self) -> Envelope {
        let record = StatusRecord {
            registry: registry_id(self.registry),
            package: PackageName::parse(self.package).unwrap(),
            version: Version::parse(self.version).unwrap(),
            seq: self.seq,
            change: StatusChange {
                action: StatusAction::Deprecate,
                code: StatusCode::Other,
                text: "why".into(),
                instead: None,
                advisory: None,
            },
        };
        sign(dsse::STATUS, &record.to_payload().unwrap(), &[self.signer])
    }

    pub(super) fn subject(&self) -> Subject {
        let package = PackageName::parse(self.package).unwrap();
        Subject::Status { package, version: Version::parse(self.version).unwrap() }
    }
}

impl Rotation {
    pub(super) fn envelope(&self, world: &World) -> Envelope {
        use crate::log::{note::LogKey, policy::LogPolicy};
        let trust = world.trust();
        let registry = registry_id(self.registry);
        let index = |index: &crate::log::note::IndexKey| {
            let public: PublicKey = index.note_key().public().clone();
            crate::log::note::IndexKey::new(&crate::log::note::IndexKey::name_of(&registry), public).unwrap()
        };
        let mut logs = vec![LogKey::new(&LogKey::name_of(&registry), key(12).public()).unwrap()];
        if self.keeps_log_key {
            logs.push(LogKey::new(&LogKey::name_of(&registry), key(2).public()).unwrap());
        }
        let lines: String = logs.iter().map(|log| format!("log {log}\n")).collect();
        let root = TrustRoot {
            version: self.version,
            prev: Some(trust.digest()),
            log_policy: LogPolicy::parse(&format!("{lines}quorum none\n")).unwrap(),
            index: trust.root().index.iter().map(index).collect(),
            registry: registry.clone(),
            ..trust.root().clone()
        };
        sign(dsse::TRUST_ROOT, &root.to_payload().unwrap(), &[self.signer])
    }
}

impl Parts {
    pub(super) fn submission(&self, world: &World) -> (Submission, BTreeMap<Artifact, ArchiveFacts>) {
        let (mut submission, mut archives) = (Submission::default(), BTreeMap::new());
        submission.trust_root = self.rotation.as_ref().map(|rotation| rotation.envelope(world));
        submission.namespaces = self.records(world).into_iter().map(|(_, envelope)| envelope).collect();
        for release in &self.releases {
            let facts = release.facts();
            submission.releases.push(SubmittedRelease { envelope: release.envelope(), file: facts.file });
            archives.entry(release.artifact(release.package)).or_insert(facts);
        }
        submission.statuses = self.statuses.iter().map(Status::envelope).collect();
        (submission, archives)
    }

    pub(super) fn records(&self, world: &World) -> Vec<(Subject, Envelope)> {
        let mut newest: BTreeMap<Namespace, Envelope> = BTreeMap::new();
        for leaf in world.entries() {
            if let Subject::Namespace { namespace, .. } = leaf.subject {
                newest.insert(namespace, Envelope::parse(leaf.envelopes[0].as_bytes()).unwrap());
            }
        }
        let mut records = Vec::new();
        for record in &self.records {
            let namespace = Namespace::parse(record.namespace).unwrap();
            let envelope = record.envelope(newest.get(&namespace));
            newest.insert(namespace.clone(), envelope.clone());
            records.push((Subject::Namespace { namespace, seq: record.seq }, envelope));
        }
        records
    }

    /// Everything as leaves, but for what the log has already: a registry logs that no second time.
    pub(super) fn leaves(&self, world: &World) -> Vec<Leaf> {
        let mut log = world.entries();
        let size = log.len();
        let mut parts = Vec::new();
        if let Some(rotation) = &self.rotation {
            let subject =
                Subject::Trust { registry: registry_id(rotation.registry), version: rotation.version };
            parts.push((subject, rotation.envelope(world)));
        }
        parts.extend(self.records(world));
        parts.extend(self.releases.iter().map(|release| (release.subject(), release.envelope())));
        parts.extend(self.statuses.iter().map(|status| (status.subject(), status.envelope())));
        for (subject, envelope) in parts {
            let envelope = String::from_utf8(envelope.as_bytes().to_vec()).unwrap();
            let is_logged = |leaf: &Leaf| match &subject {
                Subject::Release { .. } => leaf.subject == subject,
                Subject::Namespace { seq: 0, .. } => leaf.subject == subject && leaf.envelopes[0] == envelope,
                _ => false,
            };
            if log.iter().any(is_logged) {
                continue;
            }
            let prev = log.iter().rposition(|leaf| leaf.subject.thread() == subject.thread());
            let (prev, time) = (prev.map(|index| index as u64), 1_763_800_000 + log.len() as u64);
            log.push(Leaf { subject, time, prev, envelopes: vec![envelope] });
        }
        log.split_off(size)
    }

    /// Logs all of it past every rule, and lists it as a lying registry would, everything signed by its keys.
    pub(super) fn force(&self, world: &World) -> World {
        let (mut forced, trust, keys) = (world.clone(), world.trust(), world.keys());
        let mut head = world.resume().unwrap().head;
        let (first, leaves) = (head.size(), self.leaves(world));
        forced.apply_all(&head.append(&leaves, &keys.log).unwrap());
        let mut indexes: BTreeMap<PackageName, IndexFile> = BTreeMap::new();
        for (index, leaf) in (first..).zip(&leaves) {
            let package = match &leaf.subject {
                Subject::Release { artifact, .. } => Some(&artifact.package),
                Subject::Status { package, .. } => Some(package),
                Subject::Namespace { namespace, .. } => {
                    let line = format!("{{\"log\":{index},\"envelope\":{}}}\n", leaf.envelopes[0]);
                    let file = forced.files.entry(layout::namespace(namespace)).or_default();
                    file.extend_from_slice(line.as_bytes());
                    None
                }
                Subject::Trust { version, .. } => {
                    let envelope = leaf.envelopes[0].as_bytes().to_vec();
                    forced.files.insert(layout::trust_root(*version), envelope);
                    None
                }
                Subject::Genesis { .. } => None,
            };
            let Some(package) = package else { continue };
            forced.files.insert(layout::last_leaf(package), format!("{index}\n").into_bytes());
            let file = indexes.entry(package.clone()).or_insert_with(|| {
                let there = world.files.get(&layout::index(package));
                let open = |bytes: &Vec<u8>| {
                    VerifiedIndex::open(bytes, &trust.root().index, package).unwrap().to_draft()
                };
                there.map_or_else(|| IndexFile::new(package.clone()), open)
            });
            match &leaf.subject {
                Subject::Release { artifact, .. } => {
                    let releases = self.releases.iter();
                    let release = releases.rev().find(|release| release.subject() == leaf.subject).unwrap();
                    let facts = release.facts();
                    let core = release.core(release.tree);
                    let (head, time) = (facts.head, leaf.time);
                    let entry =
                        IndexEntry { core, log: index, time, head, file: head, size: 99, status: None };
                    if file.add(entry.clone()).is_err() {
                        // It takes the place of what contradicts it.
                        let mut other = IndexFile::new(package.clone());
                        let version = artifact.version.without_build();
                        let rest = file.entries().iter();
                        for entry in rest.filter(|entry| entry.core.version.without_build() != version) {
                            other.add(entry.clone()).unwrap();
                        }
                        other.add(entry).unwrap();
                        *file = other;
                    }
                }
                Subject::Status { version, .. } => {
                    let envelope = Envelope::parse(leaf.envelopes[0].as_bytes()).unwrap();
                    let change = StatusRecord::unverified(&envelope).unwrap().change;
                    file.set_status(version, &IndexStatus { log: index, change });
                }
                _ => {}
            }
        }
        for (package, mut file) in indexes {
            let bytes = file.sign(head.size(), &id(), &keys.index).unwrap();
            forced.files.insert(layout::index(&package), bytes);
        }
        let derived = format!("{}\n", head.size()).into_bytes();
        forced.files.insert(layout::DERIVED.to_owned(), derived);
        forced
    }

    /// The releases to ask about; without any, one that is there.
    pub(super) fn asked(&self) -> Vec<Release> {
        match self.releases.is_empty() {
            true => vec![release("demo/hello", "1.0.0", &[AUTHOR]), release("team/tool", "1.0.0", &TEAM)],
            false => self.releases.clone(),
        }
    }
}
