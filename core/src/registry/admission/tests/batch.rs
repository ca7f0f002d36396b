//! The law of batches: what is admitted together, and what is refused, is what it would have been one by one.

use super::*;
use proptest::prelude::*;

/// One thing that a submission holds.
#[derive(Clone, Debug)]
enum Part {
    Namespace(&'static str, u8),
    Release { name: &'static str, version: &'static str, tree: u8, needs: Option<&'static str>, signer: u8 },
    Status { version: &'static str, seq: u64 },
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let signer = || prop_oneof![6 => Just(AUTHOR), 1 => Just(STRANGER)];
    let name = prop_oneof![Just("demo/hello"), Just("demo/base"), Just("new/one")];
    let version = || prop_oneof![Just("1.0.0"), Just("1.1.0")];
    let needs =
        proptest::option::weighted(0.3, prop_oneof![Just("demo/base"), Just("demo/hello"), Just("new/one")]);
    let part = prop_oneof![
        2 => signer().prop_map(|owner| Part::Namespace("new", owner)),
        6 => (name, version(), prop_oneof![3 => Just(1u8), 1 => Just(2)], needs, signer())
            .prop_map(|(name, version, tree, needs, signer)| Part::Release { name, version, tree, needs, signer }),
        2 => (version(), 0..3u64).prop_map(|(version, seq)| Part::Status { version, seq }),
    ];
    proptest::collection::vec(part, 1..3)
}

fn submitted(parts: &[Part]) -> (Submission, BTreeMap<Artifact, ArchiveFacts>) {
    let (mut submission, mut archives) = (Submission::default(), BTreeMap::new());
    for part in parts {
        match part {
            Part::Namespace(name, owner) => submission.namespaces.push(namespace(name, *owner)),
            Part::Status { version, seq } => submission.statuses.push(status(version, *seq, AUTHOR)),
            Part::Release { name, version, tree, needs, signer } => {
                let needs: &'static [_] = match needs {
                    Some("demo/base") => &[("demo/base", "^1")],
                    Some("demo/hello") => &[("demo/hello", "^1.1")],
                    Some(_) => &[("new/one", "^1")],
                    None => &[],
                };
                let draft = Draft { tree: *tree, needs, signer: *signer, ..Draft::new(name, version) };
                let (release, artifact, facts) = draft.sign();
                // One archive stands for an artifact in one submission.
                if archives.insert(artifact, facts).is_none() {
                    submission.releases.push(release);
                }
            }
        }
    }
    submission.releases.retain(|release| archives.values().any(|facts| facts.file == release.file));
    (submission, archives)
}

/// What an author is told: the leaves and where the releases are, or why not.
type Reported = Result<(Vec<Leaf>, Vec<(Artifact, u64, ReleaseState)>, Vec<Namespace>), Vec<Diagnostic>>;

fn reported(admitted: &Result<Admitted, WriteError>) -> Reported {
    match admitted {
        Ok(admitted) => {
            let releases = admitted.releases.iter();
            let releases = releases.map(|one| (one.artifact.clone(), one.log, one.state)).collect();
            Ok((admitted.leaves.clone(), releases, admitted.new_namespaces.clone()))
        }
        Err(error) => Err(error.diagnostics()),
    }
}

const NOW: u64 = 1_763_900_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn submissions_of_a_batch_are_told_what_they_would_be_one_by_one(
        all in proptest::collection::vec(parts(), 1..6),
    ) {
        let (together, mut apart) = (world(), world());
        let (trust, size) = (together.trust(), together.audit().unwrap().entries);
        let (mut batch, mut known) = (Batch::new(), BTreeMap::new());
        for parts in &all {
            let (submission, archives) = submitted(parts);
            let Ok(admission) = Admission::of(&submission, &archives) else { continue };
            let before = batch.leaves().len();
            let place = LogPlace { trust: &trust, size, time: NOW };
            let in_batch = together.drive(|snapshot| batch.admit(&admission, place, snapshot));
            let size = apart.audit().unwrap().entries;
            let place = LogPlace { trust: &trust, size, time: NOW };
            let alone = apart.drive(|snapshot| admission.check(place, snapshot));
            prop_assert_eq!(reported(&in_batch), reported(&alone), "{:?} in {:?}", parts, all);
            match &in_batch {
                Ok(admitted) => prop_assert_eq!(&batch.leaves()[before..], admitted.leaves.as_slice()),
                Err(_) => prop_assert_eq!(batch.leaves().len(), before),
            }
            if let Ok(admitted) = alone {
                // The facts of an artifact are those of the archive that was logged.
                for release in admitted.releases.iter().filter(|one| one.state == ReleaseState::New) {
                    known.insert(release.artifact.clone(), release.facts.clone());
                }
                apart.write_with(&admitted.leaves, &known);
            }
        }
        // One batch of the log, and one entry after the other: the same log.
        let mut together = together;
        together.write_with(batch.leaves(), &known);
        prop_assert_eq!(together.resume().unwrap().head.signed(), apart.resume().unwrap().head.signed());
        prop_assert_eq!(together.audit().map(|found| found.entries), apart.audit().map(|found| found.entries));
    }
}

#[test]
fn of_two_who_publish_one_version_the_second_is_told_about_the_first() {
    let world = world();
    let (trust, size) = (world.trust(), world.audit().unwrap().entries);
    let place = LogPlace { trust: &trust, size, time: NOW };
    let mut batch = Batch::new();
    let mut publish = |tree: u8, version| {
        let (submission, archives) = submission(&[Draft { tree, ..Draft::new("demo/hello", version) }]);
        let admission = Admission::of(&submission, &archives).unwrap();
        world.drive(|snapshot| batch.admit(&admission, place, snapshot))
    };
    let first = publish(1, "1.1.0").unwrap();
    assert_eq!((first.releases[0].state, first.releases[0].log), (ReleaseState::New, size));
    assert_eq!(code(publish(2, "1.1.0")), Code::VersionExists);
    let again = publish(1, "1.1.0").unwrap();
    assert_eq!((again.releases[0].state, again.releases[0].log), (ReleaseState::Published, size));
    assert!(again.leaves.is_empty());
    let next = publish(2, "1.2.0").unwrap();
    assert_eq!((next.releases[0].log, next.leaves[0].prev), (size + 1, Some(size)));
    assert_eq!(batch.leaves().len(), 2);
}
