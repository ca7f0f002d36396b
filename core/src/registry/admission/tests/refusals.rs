//! What a client or a monitor refuses is never admitted.
//!
//! Each submission is judged twice: by the registry's rules, and, forced into the log past them, by those who read it. A
//! client proves the releases from nothing but a pin; a monitor replays the log.

mod parts;

use super::*;
use crate::diagnostic::Diagnose as _;
use crate::registry::Proofs;
use crate::sign::NamespaceChain;
use crate::sign::namespace::{NamespaceKey, Revocation, RevocationReason, Thresholds};
use parts::{
    ELSEWHERE, GONE, HELPER, HERE, Parts, Record, Release, Rotation, Status, TEAM, record, release, rotation,
    sign, status,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Why a client refuses one of the releases.
fn refused_by_client(world: &World, releases: &[Release]) -> Option<Code> {
    releases.iter().find_map(|release| {
        let Artifact { package, version, .. } = release.artifact(release.package);
        let (version, tree) = (Some(version), Some(release.tree(release.tree)));
        let proof = prove_wanted(world, Wanted { version, tree, ..Wanted::newest(package) });
        assert!(proof.proven().is_some() != proof.failure().is_some());
        proof.failure().map(|failure| failure.code())
    })
}

/// Why a monitor refuses the log.
fn refused_by_monitor(world: &World) -> Option<Code> {
    let faults = world.audit_with(Proofs::Optional).err()?;
    Some(faults.first()?.diagnostics().first()?.code)
}

/// `demo` with a helper and a revoked key, `team` with two who sign together, a release of each, one deprecated.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let mut world = World::new();
    let mut chain = |namespace: &'static str, change: &dyn Fn(&mut NamespaceRecord), signers: &[u8]| {
        let namespace = Namespace::parse(namespace).unwrap();
        let file = world.files.get(&layout::namespace(&namespace)).cloned().unwrap_or_default();
        let before = NamespaceChain::parse(id(), namespace.clone(), &file).unwrap();
        let mut next = match before.latest() {
            Some(latest) => {
                NamespaceRecord { seq: latest.seq + 1, prev: before.latest_digest(), ..latest.clone() }
            }
            None => NamespaceRecord::first(namespace, id(), key(signers[0]).public()),
        };
        change(&mut next);
        next.keys.sort_by_key(|known| known.key.id());
        let envelope = sign(dsse::NAMESPACE, &next.to_payload().unwrap(), signers);
        let submission = Submission { namespaces: vec![envelope], ..Submission::default() };
        let admitted = judge(&world, &submission, &BTreeMap::new()).unwrap();
        world.write(&admitted.leaves);
    };
    let releasing = |seed: u8, package: &str| NamespaceKey {
        key: key(seed).public(),
        roles: [crate::sign::Role::Release].into(),
        packages: BTreeSet::from([package.to_owned()]),
    };
    chain("demo", &|next| next.keys.extend([releasing(HELPER, "hello"), releasing(GONE, "*")]), &[AUTHOR]);
    let gone = Revocation { key: key(GONE).public().id(), since: 3, reason: RevocationReason::Compromised };
    chain("demo", &|next| next.revoked.push(gone.clone()), &[AUTHOR]);
    let both = |next: &mut NamespaceRecord| {
        next.keys.push(NamespaceKey::owner(key(TEAM[1]).public()));
        next.threshold = Thresholds { root: 1, release: 2, status: 1 };
    };
    chain("team", &both, &TEAM);
    let there = Parts {
        releases: vec![release("demo/hello", "1.0.0", &[HELPER]), release("team/tool", "1.0.0", &TEAM)],
        statuses: vec![status("1.0.0", 0, AUTHOR)],
        ..Parts::default()
    };
    let (submission, archives) = there.submission(&world);
    let admitted = judge(&world, &submission, &archives).unwrap();
    world.write_with(&admitted.leaves, &archives);
    world
});

/// Judges a submission by the rules, by a client, and by a monitor.
fn verdicts(parts: &Parts) -> (Option<Code>, Option<Code>, Option<Code>) {
    let world = &*WORLD;
    let (submission, archives) = parts.submission(world);
    let admitted = judge(world, &submission, &archives);
    if let Ok(admitted) = &admitted {
        let mut honest = world.clone();
        honest.write_with(&admitted.leaves, &archives);
        assert_eq!(honest.audit().map_err(|faults| format!("{parts:?}: {faults:?}")).map(|_| ()), Ok(()));
        assert_eq!(refused_by_client(&honest, &parts.asked()), None, "{parts:?}");
    }
    let forced = parts.force(world);
    let admitted = admitted.err().map(|error| error.diagnostics().first().unwrap().code);
    (admitted, refused_by_client(&forced, &parts.asked()), refused_by_monitor(&forced))
}

fn one(release: Release) -> Parts {
    Parts { releases: vec![release], ..Parts::default() }
}

fn of_record(record: Record) -> Parts {
    Parts { records: vec![record], ..Parts::default() }
}

fn of_status(status: Status) -> Parts {
    Parts { statuses: vec![status], ..Parts::default() }
}

#[test]
fn every_planted_fault_is_refused_where_it_is_read_and_never_admitted() {
    let all = |parts: Parts| (true, true, parts);
    // What contradicts an earlier entry, or the order of entries, a client cannot see: it does not read the whole log.
    let monitor = |parts: Parts| (false, true, parts);
    let base = |signers: &[u8]| release("demo/base", "1.0.0", signers);
    let rotated = |rotation: Rotation| Parts { rotation: Some(rotation), ..Parts::default() };
    let faults = [
        ("a stranger's signature", all(one(base(&[STRANGER])))),
        ("a key of another package", all(one(base(&[HELPER])))),
        ("a revoked key", all(one(base(&[GONE])))),
        ("the owners of another namespace", all(one(base(&TEAM)))),
        ("too few signatures", all(one(release("team/tool", "1.1.0", &TEAM[..1])))),
        ("no such namespace", all(one(release("new/one", "1.0.0", &[AUTHOR])))),
        ("about another package", all(one(Release { said_package: Some("demo/other"), ..base(&[AUTHOR]) }))),
        ("about another tree", all(one(Release { said_tree: Some(2), ..base(&[AUTHOR]) }))),
        ("for another registry", all(one(Release { registry: ELSEWHERE, ..base(&[AUTHOR]) }))),
        ("other content", monitor(one(Release { tree: 2, ..release("demo/hello", "1.0.0", &[AUTHOR]) }))),
        ("other build metadata", monitor(one(release("demo/hello", "1.0.0+b", &[AUTHOR])))),
        ("a namespace taken over", all(of_record(record("demo", 0, &[STRANGER])))),
        ("a record by a stranger", all(of_record(record("demo", 3, &[STRANGER])))),
        ("a record by a helper", all(of_record(record("demo", 3, &[HELPER])))),
        ("a record again", all(of_record(record("demo", 2, &[AUTHOR])))),
        ("a record too far", all(of_record(record("demo", 4, &[AUTHOR])))),
        (
            "a record behind another",
            all(of_record(Record { is_linked: false, ..record("demo", 3, &[AUTHOR]) })),
        ),
        ("a key back", all(of_record(Record { keeps_revoked: false, ..record("demo", 3, &[AUTHOR]) }))),
        (
            "a record elsewhere",
            all(of_record(Record { registry: ELSEWHERE, ..record("demo", 3, &[AUTHOR]) })),
        ),
        (
            "a new root that did not sign",
            all(of_record(Record { adds: Some(10), ..record("demo", 3, &[STRANGER, 10]) })),
        ),
        ("a status by a stranger", monitor(of_status(status("1.0.0", 1, STRANGER)))),
        ("a status by a helper", monitor(of_status(status("1.0.0", 1, HELPER)))),
        ("a status again", monitor(of_status(status("1.0.0", 0, AUTHOR)))),
        ("a status too far", monitor(of_status(status("1.0.0", 2, AUTHOR)))),
        ("a status of no version", monitor(of_status(status("3.0.0", 0, AUTHOR)))),
        (
            "a status of no package",
            monitor(of_status(Status { package: "demo/none", ..status("1.0.0", 0, AUTHOR) })),
        ),
        (
            "a status elsewhere",
            monitor(of_status(Status { registry: ELSEWHERE, ..status("1.0.0", 1, AUTHOR) })),
        ),
        ("a trust root by a stranger", all(rotated(Rotation { signer: STRANGER, ..rotation() }))),
        ("a trust root of other keys", all(rotated(Rotation { keeps_log_key: false, ..rotation() }))),
        ("a trust root elsewhere", all(rotated(Rotation { registry: ELSEWHERE, ..rotation() }))),
        // It is not looked for: nobody is led to it.
        ("a trust root too far", monitor(rotated(Rotation { version: 3, ..rotation() }))),
    ];
    for (fault, (client, monitor, parts)) in faults {
        let (admitted, by_client, by_monitor) = verdicts(&parts);
        assert!(admitted.is_some(), "{fault} is admitted");
        assert_eq!(
            (by_client.is_some(), by_monitor.is_some()),
            (client, monitor),
            "{fault}: {by_client:?} {by_monitor:?}"
        );
    }
    // What is right passes everywhere, so that it is the faults that are refused.
    let right = Parts {
        rotation: Some(rotation()),
        records: vec![
            Record { adds: Some(10), ..record("demo", 3, &[AUTHOR, 10]) },
            record("new", 0, &[AUTHOR]),
        ],
        releases: vec![
            base(&[10]),
            release("team/tool", "1.1.0", &TEAM),
            release("new/one", "1.0.0", &[AUTHOR]),
        ],
        statuses: vec![status("1.0.0", 1, AUTHOR)],
    };
    assert_eq!(verdicts(&right), (None, None, None));
    // Nobody who reads a log resolves what it has: that a dependency is there is the registry's rule alone.
    let (admitted, by_client, by_monitor) =
        verdicts(&one(Release { needs: Some("demo/none"), ..base(&[AUTHOR]) }));
    assert_eq!((admitted, by_client, by_monitor), (Some(Code::NotFound), None, None));
}

/// A key signs for what comes after its record, not for what came before.
#[test]
fn a_key_that_came_later_did_not_sign_before() {
    let early = one(release("demo/base", "1.0.0", &[10]));
    let late = of_record(Record { adds: Some(10), ..record("demo", 3, &[AUTHOR, 10]) });
    let (admitted, ..) = verdicts(&early);
    assert_eq!(admitted, Some(Code::KeyNotAuthorised));
    let forced = late.force(&early.force(&WORLD));
    assert_eq!(refused_by_client(&forced, &early.asked()), Some(Code::KeyNotAuthorised));
    assert!(refused_by_monitor(&forced).is_some());
    let (submission, archives) = early.submission(&late.force(&WORLD));
    assert!(judge(&late.force(&WORLD), &submission, &archives).is_ok());
}

/// No writer appends a leaf that goes back in time, whoever has admitted it.
#[test]
fn time_does_not_go_back() {
    let mut leaves = one(release("demo/base", "1.0.0", &[AUTHOR])).leaves(&WORLD);
    leaves[0].time = 1_763_800_000 - 1;
    assert!(WORLD.resume().unwrap().head.append(&leaves, &WORLD.keys().log).is_err());
}

fn any_parts() -> impl Strategy<Value = Parts> {
    let registry = || prop_oneof![15 => Just(HERE), 1 => Just(ELSEWHERE)];
    let version = || prop_oneof![Just("1.0.0"), Just("1.1.0"), Just("1.1.0+b")];
    let signers = |right: &'static [u8]| {
        let keys = prop::sample::subsequence(vec![AUTHOR, HELPER, GONE, 7, 8, STRANGER], 1..3);
        prop_oneof![4 => Just(right.to_vec()), 1 => keys]
    };
    let release_of = move |package: &'static str, right: &'static [u8]| {
        let needs = prop_oneof![
            4 => Just(None),
            1 => prop_oneof![Just("demo/hello"), Just("demo/base"), Just("demo/none")].prop_map(Some),
        ];
        let said = prop_oneof![9 => Just((None, None)), 1 => (Just(Some("demo/other")), Just(None)), 1 => (Just(None), Just(Some(3)))];
        (version(), prop_oneof![3 => Just(1u8), 1 => Just(2)], needs, signers(right), said, registry())
            .prop_map(move |(version, tree, needs, signers, (said_package, said_tree), registry)| Release {
                package,
                version,
                tree,
                needs,
                signers,
                said_package,
                said_tree,
                registry,
            })
    };
    let releases = prop_oneof![
        release_of("demo/hello", &[HELPER]),
        release_of("demo/base", &[AUTHOR]),
        release_of("team/tool", &TEAM),
        release_of("new/one", &[AUTHOR]),
    ];
    let record_of = move |namespace: &'static str, right: u64, keys: &'static [u8]| {
        let seq = prop_oneof![4 => Just(right), 1 => 0u64..5];
        let adds = prop_oneof![3 => Just(None), 1 => Just(Some(HELPER))];
        let flag = || prop_oneof![9 => Just(true), 1 => Just(false)];
        (seq, signers(keys), adds, flag(), flag(), registry()).prop_map(
            move |(seq, signers, adds, is_linked, keeps_revoked, registry)| Record {
                namespace,
                seq,
                signers,
                adds,
                is_linked,
                keeps_revoked,
                registry,
            },
        )
    };
    let records = prop_oneof![
        record_of("demo", 3, &[AUTHOR]),
        record_of("team", 1, &TEAM),
        record_of("new", 0, &[AUTHOR])
    ];
    let package = prop_oneof![4 => Just("demo/hello"), 1 => Just("demo/base")];
    let statuses = (package, version(), prop_oneof![3 => Just(1u64), 2 => Just(0), 1 => Just(2)], registry());
    let signer = prop_oneof![6 => Just(AUTHOR), 1 => Just(HELPER), 1 => Just(STRANGER)];
    let statuses = (statuses, signer).prop_map(|((package, version, seq, registry), signer)| Status {
        package,
        version,
        seq,
        signer,
        registry,
    });
    let right =
        (prop_oneof![5 => Just(2u64), 1 => Just(3)], prop_oneof![5 => Just(1u8), 1 => Just(STRANGER)]);
    let rotation = prop::option::weighted(
        0.15,
        right.prop_map(|(version, signer)| Rotation { version, signer, ..rotation() }),
    );
    let lists = (
        prop::collection::vec(records, 0..3),
        prop::collection::vec(releases, 0..3),
        prop::collection::vec(statuses, 0..3),
    );
    (rotation, lists).prop_map(|(rotation, (records, releases, statuses))| Parts {
        rotation,
        records,
        releases,
        statuses,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Right and wrong mixed at random: what those who read refuse was not admitted, and what was admitted they accept.
    #[test]
    fn whatever_a_reader_refuses_is_not_admitted(parts in any_parts()) {
        let (admitted, by_client, by_monitor) = verdicts(&parts);
        if by_client.is_some() || by_monitor.is_some() {
            prop_assert!(admitted.is_some(), "{by_client:?} {by_monitor:?}");
        }
    }
}
