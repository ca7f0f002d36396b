//! The law of writing: stopped anywhere, a registry is in order, and the next writer finishes what was started.

mod world;

pub(super) use world::World;

use super::*;
use crate::diagnostic::Code;
use crate::name::PackageName;
use crate::sign::StatusAction;
use proptest::prelude::*;
use std::task::Poll;
use world::*;

/// Applies every prefix of a batch; each must be in order, and a writer that comes next must end where the whole batch
/// would have. `other` is logged where nothing of the batch was signed; its prefixes must be in order too.
fn obeys_the_law(world: &World, batch: &[Op], other: &[Op]) {
    let leaves = world.leaves(batch);
    let before = world.resume().unwrap().head.size();
    let (steps, done) = world.whole(&leaves);
    let entries = |world: &World| world.audit().map(|audited| audited.entries);
    assert_eq!(entries(&done), Ok(before + leaves.len() as u64));
    for stopped in 0..=steps.len() {
        let step = steps.get(stopped).map(named);
        let what = format!("{batch:?} on {before} leaves, stopped before step {stopped}, {step:?}");
        let mut there = world.clone();
        steps.iter().take(stopped).for_each(|step| there.apply(step));
        let found = there.audit().unwrap_or_else(|faults| panic!("{what}: {faults:?}"));
        assert!(found.entries == before || found.entries == before + leaves.len() as u64, "{what}");
        let mut again = there.clone();
        let head = again.recover();
        assert_eq!(again.audit().unwrap().unfinished, 0, "{what}");
        if head.size() == before {
            // Nothing was promised: somebody else may come first.
            let others = again.leaves(other);
            let (steps, _) = again.whole(&others);
            let mut there = again.clone();
            for step in &steps {
                there.apply(step);
                there
                    .audit()
                    .unwrap_or_else(|faults| panic!("{what}, then {} of {other:?}: {faults:?}", named(step)));
            }
            again.write(&leaves);
        }
        let differ: Vec<_> =
            again.files.iter().filter(|(path, bytes)| done.files.get(*path) != Some(*bytes)).collect();
        let differ: Vec<_> =
            differ.into_iter().map(|(path, bytes)| (path, String::from_utf8_lossy(bytes))).collect();
        assert!(again == done, "{what}: {differ:#?}");
    }
}

/// After a loss of power, of the last group any part may be on the disk: the next writer ends where the whole batch
/// would have all the same.
#[test]
fn whatever_of_a_group_is_lost_the_next_writer_ends_it() {
    let hello = |version| Op::Release("demo/hello", version);
    let mut world = World::new();
    world.write(&world.leaves(&[hello("1.0.0")]));
    let rotate = Op::Rotate { root: false, log: true, index: true };
    let yank = Op::Status("demo/hello", "1.0.0", StatusAction::Yank);
    for batch in
        [vec![hello("1.1.0"), yank, Op::Record("demo"), hello("2.0.0")], vec![rotate, hello("1.1.0")]]
    {
        let leaves = world.leaves(&batch);
        let before = world.resume().unwrap().head.size();
        let (steps, done) = world.whole(&leaves);
        let commit = steps.iter().cloned().fold(Commit::new(), |mut commit, step| {
            commit.push(step);
            commit
        });
        let groups = commit.into_groups();
        assert_eq!(groups.concat(), steps);
        assert!(groups.iter().any(|group| group.len() > 3), "what can wait for the disk together does");
        for (at, group) in groups.iter().enumerate() {
            let mut base = world.clone();
            groups[..at].iter().flatten().for_each(|step| base.apply(step));
            for lost in 0..group.len() {
                for only in [false, true] {
                    let mut there = base.clone();
                    let kept = group.iter().enumerate().filter(|(number, _)| (*number == lost) == only);
                    kept.for_each(|(_, step)| there.apply(step));
                    if there.recover().size() == before {
                        there.write(&leaves);
                    }
                    let step = named(&group[lost]);
                    assert!(
                        there == done,
                        "{batch:?}: of group {at} {step} {}",
                        if only { "only" } else { "lost" }
                    );
                }
            }
        }
    }
}

fn named(step: &Step) -> String {
    match step {
        Step::Put { path, .. } => format!("put {path}"),
        Step::Intent(head) => format!("intent {}", head.size),
        Step::Publish { .. } => "publish".to_owned(),
        Step::Prune { prefix } => format!("prune {prefix}"),
    }
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let version = || prop_oneof![Just("1.0.0"), Just("1.1.0"), Just("2.0.0")];
    let package = || prop_oneof![2 => Just("demo/hello"), 1 => Just("demo/base"), 1 => Just("team/tool")];
    let action = prop_oneof![
        Just(StatusAction::Yank),
        Just(StatusAction::Unyank),
        Just(StatusAction::Deprecate),
        Just(StatusAction::Undeprecate)
    ];
    let op = prop_oneof![
        1 => prop_oneof!["[a-f]{2,3}".prop_map(Op::Namespace), Just(Op::Namespace("team".to_owned()))],
        1 => prop_oneof![Just("demo"), Just("team")].prop_map(Op::Record),
        3 => (package(), version()).prop_map(|(package, version)| Op::Release(package, version)),
        2 => (package(), version(), action).prop_map(|(package, version, action)| Op::Status(package, version, action)),
        2 => any::<(bool, bool, bool)>().prop_map(|(root, log, index)| Op::Rotate { root, log, index }),
    ];
    proptest::collection::vec(op, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn stopped_anywhere_a_registry_is_in_order_and_the_next_writer_ends_it(
        earlier in proptest::collection::vec(ops(), 1..3),
        batch in ops(),
        other in ops(),
    ) {
        let mut world = World::new();
        for batch in earlier {
            let leaves = world.leaves(&batch);
            world.write(&leaves);
        }
        obeys_the_law(&world, &batch, &other);
    }
}

/// Keys are replaced, and those that were replaced are dropped, in a registry with releases: wherever the writer is
/// stopped, what is signed counts, and in the end everything is signed by the newest keys.
#[test]
fn stopped_anywhere_while_keys_change() {
    let hello = |version| Op::Release("demo/hello", version);
    let yank = Op::Status("demo/hello", "1.0.0", StatusAction::Yank);
    let all = Op::Rotate { root: true, log: true, index: true };
    let none = Op::Rotate { root: false, log: false, index: false };
    let mut world = World::new();
    world.write(&world.leaves(&[hello("1.0.0"), Op::Release("demo/base", "1.0.0")]));
    let first = [all.clone(), hello("1.1.0"), yank];
    obeys_the_law(&world, &first, std::slice::from_ref(&all));
    world.write(&world.leaves(&first));
    let second = [none, Op::Record("demo"), hello("2.0.0")];
    obeys_the_law(&world, &second, std::slice::from_ref(&all));
    world.write(&world.leaves(&second));
    let root = world.trust().root().clone();
    assert_eq!((root.version, root.log_policy.logs().len(), root.index.len()), (3, 1, 1));
}

#[test]
fn stopped_where_a_tile_is_filled_too() {
    let names = |from: u32, count: u32| -> Vec<Op> {
        (from..from + count).map(|number| Op::Namespace(format!("n{number}"))).collect()
    };
    let mut world = World::new();
    let leaves = world.leaves(&names(0, 252));
    world.write(&leaves);
    assert_eq!(world.audit().unwrap().entries, 254);
    let across: Vec<Op> = names(1000, 3).into_iter().chain([Op::Release("demo/hello", "1.0.0")]).collect();
    obeys_the_law(&world, &across, &[]);
    obeys_the_law(&world, &names(1000, 2), &names(2000, 4));
    world.write(&world.leaves(&across));
    // What was signed for no checkpoint is gone, and so is what full files took the place of.
    let partial: Vec<_> = world.files.keys().filter(|path| path.contains("000.p/")).collect();
    assert_eq!(partial, ["log/tile/1/000.p/1"]);
}

#[test]
fn another_log_than_the_signed_one_is_not_gone_on_with() {
    let mut world = World::new();
    let older = world.clone();
    let leaves = world.leaves(&[Op::Release("demo/hello", "1.0.0")]);
    world.write(&leaves);
    // An older copy of the files, with the keys that know better.
    let restored = World { intent: world.intent, ..older.clone() };
    let refused = restored.resume().unwrap_err();
    assert!(
        matches!(&refused, WriteError::NotTheSignedLog(fault) if fault.code == Code::Consistency),
        "{refused}"
    );
    // Another log of the same size.
    let mut forked = older.clone();
    let leaves = forked.leaves(&[Op::Release("demo/hello", "1.1.0")]);
    forked.write(&leaves);
    let forked = World { intent: world.intent, ..forked };
    assert!(matches!(forked.resume(), Err(WriteError::NotTheSignedLog(_))));
    // An older copy of the keys is none: what they signed is the beginning of what is there.
    let keys = World { intent: older.intent, ..world.clone() };
    assert_eq!(keys.resume().unwrap().head.signed(), world.intent.unwrap());
}

#[test]
fn a_refusal_writes_nothing_and_changes_no_head() {
    let world = World::new();
    let mut head = world.resume().unwrap().head;
    let before = head.signed();
    let mut leaf = world.leaves(&[Op::Release("demo/hello", "1.0.0")]).remove(0);
    leaf.time = 1;
    assert!(head.append(std::slice::from_ref(&leaf), &key(LOG)).is_err());
    leaf.envelopes = vec!["x".repeat(70_000)];
    leaf.time = TIME + 9;
    assert!(head.append(&[leaf], &key(LOG)).is_err());
    assert_eq!(head.signed(), before);
}

/// A snapshot that goes on under another trust root checks signatures by its keys.
#[test]
fn an_index_file_counts_under_the_keys_that_it_was_checked_by() {
    let rotate = |index| Op::Rotate { root: false, log: false, index };
    let (mut world, package) = (World::new(), PackageName::parse("demo/hello").unwrap());
    world.write(&world.leaves(&[Op::Release("demo/hello", "1.0.0")]));
    let (before, mut snapshot) = (world.trust(), Snapshot::new());
    snapshot.supply("index/demo/hello", world.files.get("index/demo/hello").cloned());
    assert!(matches!(snapshot.index(&before, &package), Poll::Ready(Ok(Some(_)))));
    world.write(&world.leaves(&[rotate(true)]));
    assert!(matches!(snapshot.index(&world.trust(), &package), Poll::Ready(Ok(Some(_)))), "both keys count");
    world.write(&world.leaves(&[rotate(false)]));
    assert!(
        matches!(snapshot.index(&world.trust(), &package), Poll::Ready(Err(_))),
        "the old key was dropped"
    );
    assert!(matches!(snapshot.index(&before, &package), Poll::Ready(Ok(Some(_)))));
}

/// What is changed by hand is found.
#[test]
fn an_audit_finds_every_altered_or_missing_file() {
    let mut world = World::new();
    let ops = [Op::Release("demo/hello", "1.0.0"), Op::Status("demo/hello", "1.0.0", StatusAction::Yank)];
    let leaves = world.leaves(&ops);
    world.write(&leaves);
    let hints = |path: &str| path.starts_with(".vitte-") || path.contains(".p/");
    for path in world.files.keys().filter(|path| !hints(path)) {
        let mut altered = world.clone();
        if let Some(byte) = altered.files.get_mut(path).and_then(|bytes| bytes.last_mut()) {
            *byte ^= 1;
        }
        assert!(path.starts_with("trust/") || altered.audit().is_err(), "{path}");
        let mut missing = world.clone();
        missing.files.remove(path);
        assert!(path.starts_with("trust/") || missing.audit().is_err(), "{path}");
    }
    for stranger in ["index/demo/other", "ns/other.jsonl", "trust/3.json"] {
        let mut more = world.clone();
        more.files.insert(stranger.to_owned(), b"x".to_vec());
        assert!(more.audit().is_err(), "{stranger}");
    }
    // Files of the log: the newest and every older one that is still there.
    for path in world.files.keys().filter(|path| path.contains(".p/")) {
        let mut altered = world.clone();
        altered.files.insert(path.clone(), vec![0; 32]);
        assert!(altered.audit().is_err(), "{path}");
    }
}

/// Audits a registry while `before` each file is read something may be done to it.
fn audit_beside(
    world: &mut World,
    mut before: impl FnMut(&mut World, usize, &str),
) -> Result<Audited, Vec<WriteError>> {
    let listed = world.files.keys().cloned().collect();
    let mut audit = Audit::new(world.trust(), listed, Proofs::Required);
    let (mut snapshot, mut reads) = (Snapshot::new(), 0);
    loop {
        if let Poll::Ready(audited) = audit.check(&mut snapshot) {
            return audited;
        }
        for need in snapshot.needs() {
            before(world, reads, &need.path);
            reads += 1;
            snapshot.supply(&need.path, world.files.get(&need.path).cloned());
        }
        audit.verify_all().unwrap();
    }
}

/// A writer that goes on while a registry is audited is no fault of the registry, wherever either of them is.
#[test]
fn an_audit_beside_a_writer_finds_no_fault() {
    let mut world = World::new();
    let ops = [
        Op::Namespace("acme".to_owned()),
        Op::Release("demo/hello", "1.0.0"),
        Op::Release("acme/json", "1.0.0"),
    ];
    world.write(&world.leaves(&ops));
    let next = [
        Op::Release("demo/hello", "1.1.0"),
        Op::Record("acme"),
        Op::Namespace("new".to_owned()),
        Op::Release("new/first", "1.0.0"),
        Op::Status("acme/json", "1.0.0", StatusAction::Yank),
    ];
    let (steps, done) = world.whole(&world.leaves(&next));
    let mut all = 0;
    audit_beside(&mut world.clone(), |_, read, _| all = read).unwrap();
    for start in 0..=all {
        for pace in [1, 3, steps.len()] {
            let (mut there, mut left) = (world.clone(), steps.iter());
            let audited = audit_beside(&mut there, |world, read, _| {
                let now = if read < start { 0 } else { pace };
                left.by_ref().take(now).for_each(|step| world.apply(step));
            });
            let what = format!("from read {start}, {pace} steps a read");
            let audited = audited.unwrap_or_else(|faults| panic!("{what}: {faults:?}"));
            assert!([5, 10].contains(&audited.entries), "{what}: {audited:?}");
            if pace == steps.len() {
                assert!(there == done);
            }
        }
    }
}

/// One that is never at rest is reported, not audited for ever; what is wrong with one at rest is found at once.
#[test]
fn an_audit_reads_a_checkpoint_again_a_bounded_number_of_times() {
    let mut world = World::new();
    world.write(&world.leaves(&[Op::Release("demo/hello", "1.0.0")]));
    let still = world.clone();
    let (mut checkpoints, mut minor) = (0, 0u32);
    let audited = audit_beside(&mut world, |world, _, path| {
        checkpoints += usize::from(path == layout::CHECKPOINT);
        if path == "index/demo/hello" {
            minor += 1;
            let version: &'static str = format!("1.{minor}.0").leak();
            world.write(&world.leaves(&[Op::Release("demo/hello", version)]));
        }
    });
    let faults = audited.unwrap_err();
    assert_eq!((checkpoints, faults.len()), (8, 1), "{faults:?}");
    assert_eq!(faults[0].diagnostics()[0].code, Code::Index, "{faults:?}");

    let mut damaged = still;
    damaged.files.insert("ns/demo.jsonl".to_owned(), b"x\n".to_vec());
    let mut checkpoints = 0;
    let audited =
        audit_beside(&mut damaged, |_, _, path| checkpoints += usize::from(path == layout::CHECKPOINT));
    assert!(audited.is_err() && checkpoints == 2, "{audited:?} after {checkpoints}");
}
