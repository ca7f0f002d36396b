//! A session about several packages, brought its files in any order.

use super::*;
use crate::registry::client::{Session, Want};

/// Drives a session to its end: `pick` chooses which of the needed files comes next. Returns its events, and the paths
/// that it asked for.
fn drive(
    registry: &Registry,
    session: &mut Session,
    pick: &mut dyn FnMut(usize) -> usize,
) -> (Vec<String>, Vec<String>) {
    let (mut events, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..5000 {
        let mut jobs = session.jobs();
        while !jobs.is_empty() {
            let job = jobs.swap_remove(pick(jobs.len()));
            session.finish(job.run());
        }
        while let Some(event) = session.take() {
            events.push(format!("{event:?}"));
        }
        let needs = session.needs();
        if needs.is_empty() {
            return (events, asked);
        }
        let path = needs[pick(needs.len())].path.clone();
        asked.push(path.clone());
        match registry.files.get(&path) {
            Some(file) => session.supply(&path, file.clone()),
            None => session.absent(&path),
        }
    }
    panic!("it never ends: {:?}", session.needs());
}

fn in_order(registry: &Registry, session: &mut Session) -> (Vec<String>, Vec<String>) {
    drive(registry, session, &mut |_| 0)
}

/// A registry whose namespace changed its keys `records` times, with a release after each, and other entries between.
fn busy(records: u64, between: u64) -> Registry {
    let mut registry = registry();
    for seq in 1..=records {
        let before = registry.chain.latest().unwrap().clone();
        registry.record(&NamespaceRecord { seq, prev: registry.chain.latest_digest(), ..before });
        (0..between).for_each(|_| _ = registry.append_bytes(b"anything"));
        registry.publish(&format!("1.{seq}.0"));
    }
    registry
}

fn everything(registry: &Registry, session: &mut Session) -> Vec<Want> {
    let Some(Ok(Some(file))) = session.index(&package()) else { panic!("{:?}", session.failure()) };
    let releases = file.entries().iter().map(|entry| (file.clone(), entry.clone())).collect();
    let other = Checkpoint::new("registry.example/log", 2, registry.log_root(2));
    let other = other.sign(&key(LOG)).unwrap().to_bytes();
    let policy = &session.trust_root().unwrap().root().log_policy;
    let other = crate::log::checkpoint::VerifiedCheckpoint::open(&other, policy).unwrap();
    vec![
        Want::Releases { releases, anew: false },
        Want::Entries(vec![0, 2, registry.log.size() - 1]),
        Want::History(other, None),
        Want::Edge,
    ]
}

impl Registry {
    fn log_root(&self, size: usize) -> Digest {
        let mut log = Appender::empty();
        self.leaves[..size].iter().for_each(|leaf| _ = log.append(leaf).unwrap());
        log.root()
    }
}

/// What two sessions of the same wants tell, in any order of files and jobs.
fn run(registry: &Registry, pick: &mut dyn FnMut(usize) -> usize) -> (Vec<String>, Vec<String>, Memory) {
    let mut session = Session::open(Some(registry.pin), Memory::default());
    let absent = PackageName::parse("demo/none").unwrap();
    session.want(Want::Index(vec![package(), absent]));
    let (mut events, mut asked) = drive(registry, &mut session, pick);
    for want in everything(registry, &mut session) {
        session.want(want);
    }
    let (more, files) = drive(registry, &mut session, pick);
    events.extend(more);
    asked.extend(files);
    events.sort();
    (events, asked, session.memory())
}

#[test]
fn one_session_proves_all_releases_under_one_checkpoint() {
    let registry = busy(3, 2);
    let (events, asked, memory) = run(&registry, &mut |_| 0);
    let proven =
        events.iter().filter(|event| event.starts_with("Release") && event.contains("Ok(ProvenRelease"));
    assert_eq!(proven.count(), 4, "{events:#?}");
    assert!(events.contains(&"History(Ok(true))".to_owned()), "{events:#?}");
    assert_eq!(events.iter().filter(|event| event.starts_with("Entry") && event.contains("Ok(")).count(), 3);
    let checkpoints = asked.iter().filter(|path| *path == layout::CHECKPOINT);
    assert_eq!(checkpoints.count(), 1);
    assert_eq!(memory.seen.packages.len(), 1, "a package that is not there is not remembered");
    assert!(memory.edge.is_some());
}

#[test]
fn nothing_that_was_found_out_is_asked_for_again() {
    let registry = busy(2, 300);
    let mut session = Session::open(Some(registry.pin), Memory::default());
    session.want(Want::Index(vec![package()]));
    let (_, mut asked) = in_order(&registry, &mut session);
    for want in everything(&registry, &mut session) {
        session.want(want);
        asked.extend(in_order(&registry, &mut session).1);
    }
    let once: BTreeSet<&String> = asked.iter().collect();
    assert_eq!(once.len(), asked.len(), "{asked:?}");
    session.want(Want::Index(vec![package()]));
    session.want(Want::Namespaces(vec![Namespace::parse("demo").unwrap()]));
    for want in everything(&registry, &mut session) {
        session.want(want);
    }
    let (events, asked) = in_order(&registry, &mut session);
    assert_eq!(asked, Vec::<String>::new());
    let events = events.iter().filter(|event| event.starts_with("Release") && event.contains("Ok("));
    assert_eq!(events.count(), 3, "and all of it is reported again");
}

/// A namespace with many records: each bundle of the log is taken apart once, however many records are in it.
#[test]
fn a_long_namespace_reads_each_bundle_once() {
    let registry = busy(200, 0);
    assert_eq!(registry.log.size(), 403);
    let mut session = Session::open(Some(registry.pin), Memory::default());
    session.want(Want::Namespaces(vec![Namespace::parse("demo").unwrap()]));
    let (_, asked) = in_order(&registry, &mut session);
    let Some(Ok(chain)) = session.namespace(&Namespace::parse("demo").unwrap()) else { panic!() };
    assert_eq!(chain.len(), 201);
    let bundles = asked.iter().filter(|path| path.starts_with("log/tile/entries/")).count();
    assert_eq!((bundles, session.bundle_reads()), (2, 2));
}

/// Many releases of one bundle are proved from it; a few, each from the proof next to its archive, where there is one.
#[test]
fn few_releases_are_proved_from_the_proofs_beside_their_archives() {
    let mut registry = registry();
    (0..300).for_each(|_| _ = registry.append_bytes(b"anything"));
    let log = registry.publish("1.1.0");
    let checkpoint = registry.files[layout::CHECKPOINT].clone();
    let entry = registry.index.entries().iter().find(|entry| entry.log == log).unwrap().clone();
    let path = layout::proof(&registry.index.artifact(&entry));
    let leaf = registry.leaves[log as usize].clone();
    let proof =
        |leaf: &[u8]| crate::log::proof::TlogProof::new(leaf, log, Vec::new(), &checkpoint).to_bytes();
    let prove = |registry: &Registry| {
        let mut session = Session::open(Some(registry.pin), Memory::default());
        session.want(Want::Index(vec![package()]));
        session.want(Want::Namespaces(vec![Namespace::parse("demo").unwrap()]));
        in_order(registry, &mut session);
        let Some(Ok(Some(file))) = session.index(&package()) else { panic!() };
        let releases = vec![(file.clone(), entry.clone())];
        session.want(Want::Releases { releases, anew: false });
        let (events, asked) = in_order(registry, &mut session);
        let is_proved = events.iter().any(|event| event.starts_with("Release") && event.contains("Ok("));
        let is_confirmed = events.iter().any(|event| event.contains(&format!("Confirmed({path:?})")));
        let bundles = asked.iter().filter(|path| path.starts_with("log/tile/entries/")).count();
        (is_proved, is_confirmed, bundles)
    };
    registry.put(&path, &proof(&leaf));
    assert_eq!(prove(&registry), (true, true, 0));
    // What the proof says is held against the tiles.
    registry.put(&path, &proof(b"a lie"));
    assert_eq!(prove(&registry), (false, false, 0));
    // One that is not there, or cannot be read, is no harm.
    registry.put(&path, b"nonsense");
    assert!(matches!(prove(&registry), (true, _, 1)));
    registry.files.remove(&path);
    assert!(matches!(prove(&registry), (true, _, 1)));
}

/// What cannot be read concerns those that need it, and is tried again when it is wanted again.
#[test]
fn an_unreadable_file_stops_nothing_else() {
    let registry = registry();
    let other = PackageName::parse("demo/other").unwrap();
    let mut session = Session::open(Some(registry.pin), Memory::default());
    session.want(Want::Index(vec![package(), other.clone()]));
    while let Some(need) = session.needs().first().cloned() {
        match registry.files.get(&need.path) {
            _ if need.path == "index/demo/hello" => session.unreadable(&need.path),
            Some(file) => session.supply(&need.path, file.clone()),
            None => session.absent(&need.path),
        }
    }
    session.work();
    assert!(matches!(session.index(&other), Some(Ok(None))));
    let Some(Err(refusal)) = session.index(&package()) else { panic!() };
    assert!(matches!(*refusal.error, ReleaseProofError::Unreadable { .. }));
    session.want(Want::Index(vec![package()]));
    in_order(&registry, &mut session);
    assert!(matches!(session.index(&package()), Some(Ok(Some(_)))));
}

/// Copies that are kept are taken without a request where they pass, and not where they do not.
#[test]
fn cached_index_files_pass_the_same_checks() {
    let mut newer = registry();
    let old = newer.files["index/demo/hello"].clone();
    newer.publish("1.1.0");
    let new = newer.files["index/demo/hello"].clone();
    let take = |memory: Memory, copy: &[u8]| {
        let mut session = Session::open(Some(newer.pin), memory);
        in_order(&newer, &mut session);
        session.use_cached(vec![(package(), copy.to_vec())]);
        let (_, asked) = in_order(&newer, &mut session);
        assert_eq!(asked, Vec::<String>::new());
        session
    };
    assert!(take(Memory::default(), &old).is_cached(&package()));
    assert!(!take(newer.seen(), &old).is_cached(&package()), "older than what was seen");
    assert!(!take(newer.seen(), b"nonsense").is_cached(&package()));
    let mut session = take(newer.seen(), &new);
    assert!(session.is_cached(&package()));
    session.drop_cached();
    session.want(Want::Index(vec![package()]));
    assert_eq!(session.needs().len(), 1);
}

/// What was proved in an earlier run is not proved again, unless that is wanted.
#[test]
fn proofs_of_earlier_runs_count() {
    let registry = busy(1, 0);
    let mut first = Session::open(Some(registry.pin), Memory::default());
    first.want(Want::Index(vec![package()]));
    in_order(&registry, &mut first);
    for want in everything(&registry, &mut first) {
        first.want(want);
        in_order(&registry, &mut first);
    }
    let text = first.proofs().unwrap().to_text().unwrap();
    for (anew, needed) in [(false, false), (true, true)] {
        let mut session = Session::open_with_proofs(None, first.memory(), text.clone());
        session.want(Want::Index(vec![package()]));
        session.want(Want::Namespaces(vec![Namespace::parse("demo").unwrap()]));
        in_order(&registry, &mut session);
        let Some(Ok(Some(file))) = session.index(&package()).cloned() else { panic!() };
        let entry = file.entries()[0].clone();
        assert!(session.has_proved(&file, &entry));
        session.want(Want::Releases { releases: vec![(file, entry)], anew });
        assert_eq!(!session.needs().is_empty(), needed);
        let (events, _) = in_order(&registry, &mut session);
        assert!(
            events.iter().any(|event| event.starts_with("Release") && event.contains("Ok(")),
            "{events:?}"
        );
    }
    // Under nothing that was seen of the log they count for nothing.
    let mut session = Session::open_with_proofs(Some(registry.pin), Memory::default(), text);
    in_order(&registry, &mut session);
    assert!(session.proofs().unwrap().is_empty());
}

/// Wants number `which` of this session; none while what it needs to be asked is not known.
fn some_want(registry: &Registry, session: &mut Session, which: usize) -> Option<Want> {
    let absent = || PackageName::parse("demo/none").unwrap();
    match which {
        0 => Some(Want::Index(vec![package(), absent()])),
        1 => Some(Want::Index(vec![absent()])),
        2 => Some(Want::Namespaces(vec![Namespace::parse("demo").unwrap()])),
        3 => Some(Want::Namespaces(vec![Namespace::parse("none").unwrap()])),
        _ => match session.index(&package()) {
            Some(Ok(Some(_))) => everything(registry, session).into_iter().nth(which - 4),
            _ => None,
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A session that was given a file, or knows that there is none, never needs it again: whatever is wanted, how
    /// often, and in whatever order its files come.
    #[test]
    fn what_was_supplied_is_never_needed_again(wants in prop::collection::vec(0usize..8, 1..12), seed in any::<u64>()) {
        let registry = busy(2, 150);
        let mut state = seed;
        let mut pick = |len: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % len
        };
        let mut session = Session::open(Some(registry.pin), Memory::default());
        let (mut needed, mut requested) = (BTreeSet::new(), Vec::new());
        for which in &wants {
            let Some(want) = some_want(&registry, &mut session, *which) else { continue };
            requested.push(*which);
            session.want(want);
            for path in drive(&registry, &mut session, &mut pick).1 {
                prop_assert!(needed.insert(path.clone()), "{path} is needed again for {which} of {wants:?}");
            }
        }
        for which in requested {
            let want = some_want(&registry, &mut session, which).unwrap();
            session.want(want);
            prop_assert_eq!(drive(&registry, &mut session, &mut pick).1, Vec::<String>::new(), "{}", which);
        }
    }

    /// Files and jobs in any order give the same facts, and the same is remembered.
    #[test]
    fn any_order_of_files_and_jobs_tells_the_same(seed in any::<u64>(), gone in any::<prop::sample::Index>(), remove in any::<bool>()) {
        let mut registry = busy(2, 150);
        if remove {
            // Also where something is missing.
            let path = gone.get(&registry.files.keys().collect::<Vec<_>>()).to_string();
            let needed = ["config.json", "trust/1.json", "index/demo/hello"];
            prop_assume!(!needed.contains(&path.as_str()) && path != layout::CHECKPOINT && !path.ends_with("000"));
            registry.files.remove(&path);
        }
        let (events, _, memory) = run(&registry, &mut |_| 0);
        let mut state = seed;
        let mut pick = |len: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % len
        };
        let (other, _, remembered) = run(&registry, &mut pick);
        prop_assert_eq!(events, other);
        prop_assert_eq!(memory.to_bytes(), remembered.to_bytes());
    }
}
