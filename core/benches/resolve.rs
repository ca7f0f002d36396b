//! Time to resolve: growth with the size of the index, and cases made to be hard.
//!
//! `cargo bench -p vitte-package-core --bench resolve`

#![allow(missing_docs, reason = "the macros of the library make items without")]
#![allow(clippy::unwrap_used, reason = "a bench may fail")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use vitte_package_core::dependency::{Dependency, Needs};
use vitte_package_core::name::PackageName;
use vitte_package_core::resolve::{
    Availability, FeatureSelection, IndexLine, Member, Registries, Release, Request, Resolver, Role, Step,
    Supply,
};
use vitte_package_core::sign::RegistryId;
use vitte_package_core::version::{Requirement, Version};

type Index = BTreeMap<PackageName, Vec<String>>;

fn name(number: usize) -> PackageName {
    PackageName::parse(&format!("bench/p{number}")).unwrap()
}

fn core(version: &str, dependencies: &[(usize, String)]) -> String {
    let digest = "b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a";
    let dependencies: Vec<String> = dependencies
        .iter()
        .map(|(number, requirement)| {
            format!(
                r#"{{"p":"bench/p{number}","r":"{requirement}","k":"normal","t":[],"o":false,"d":true,"f":[]}}"#
            )
        })
        .collect();
    format!(
        r#"{{"ver":"{version}","kind":"vitmod","target":"any","tree":"vp1-sha256:{digest}","manifest":"sha256:{digest}","files":1,"unpacked":1,"edition":"2025","deps":[{}],"features":{{}}}}"#,
        dependencies.join(",")
    )
}

/// Packages with `versions` releases each; a package needs the next two and two that lie far.
fn layered(packages: usize, versions: usize) -> Index {
    (0..packages)
        .map(|number| {
            let lines = (0..versions)
                .map(|version| {
                    let needs: Vec<(usize, String)> = [number + 1, number + 2, number * 2, number * 3]
                        .into_iter()
                        .filter(|next| *next < packages && *next > number)
                        .collect::<std::collections::BTreeSet<usize>>()
                        .into_iter()
                        .map(|next| (next, format!("^1.{}", version / 2)))
                        .collect();
                    core(&format!("1.{version}.0"), &needs)
                })
                .collect();
            (name(number), lines)
        })
        .collect()
}

/// A chain in which only the oldest release of each package finds the next: every newer one is given up.
fn stairs(packages: usize, versions: usize) -> Index {
    (0..packages)
        .map(|number| {
            let lines = (0..versions)
                .map(|version| {
                    let wanted = if version == 0 { 0 } else { versions + version };
                    let needs = if number + 1 < packages {
                        vec![(number + 1, format!("~1.{wanted}"))]
                    } else {
                        Vec::new()
                    };
                    core(&format!("1.{version}.0"), &needs)
                })
                .collect();
            (name(number), lines)
        })
        .collect()
}

/// `size` packages each leave out one of `size` releases of one package: together they leave none.
fn exclusions(size: usize) -> Index {
    let hub = (0..size).map(|version| core(&format!("1.{version}.0"), &[])).collect();
    let mut index: Index = (1..=size)
        .map(|number| {
            let out = number - 1;
            // Either everything below or everything above the release it leaves out.
            let below = core("1.0.0", &[(0, format!(">=1.0.0, <1.{out}.0"))]);
            let above = core("1.1.0", &[(0, format!(">1.{out}.0, <2"))]);
            (name(number), vec![below, above])
        })
        .collect();
    index.insert(name(0), hub);
    index
}

fn request(roots: &[usize]) -> Request {
    let any = Requirement::parse("^1").unwrap();
    Request {
        members: vec![Member {
            name: PackageName::parse("bench/root").unwrap(),
            version: Version::parse("1.0.0").unwrap(),
            needs: Arc::new(Needs {
                dependencies: roots.iter().map(|root| Dependency::new(name(*root), any.clone())).collect(),
                ..Needs::default()
            }),
            role: Role::Root(FeatureSelection::All),
        }],
        registries: Registries::only(RegistryId::parse("registry.example/").unwrap()),
        ..Request::default()
    }
}

/// Resolves from index lines, reading them as they are asked for.
fn resolve(index: &Index, roots: &[usize]) -> usize {
    let mut resolver = Resolver::new(request(roots));
    loop {
        match resolver.step() {
            Step::Need(need) => {
                for (name, _) in need.names {
                    let supply = index.get(&name).map_or(Supply::Absent, |lines| {
                        let lines = lines.iter().enumerate().map(|(at, core)| IndexLine {
                            core,
                            log_index: at as u64,
                            published: Some(0),
                            availability: Availability::Active,
                        });
                        Supply::Releases(Release::from_lines(lines).0)
                    });
                    resolver.supply(&name, supply);
                }
            }
            Step::Done(resolution) => return resolution.packages().len(),
            Step::Conflict(explanation) => return explanation.facts().len(),
        }
    }
}

fn growth(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("entries");
    group.sample_size(10);
    for entries in [1_000usize, 10_000, 100_000] {
        let index = layered(entries / 20, 20);
        group.throughput(Throughput::Elements(entries as u64));
        group.bench_with_input(BenchmarkId::from_parameter(entries), &index, |bencher, index| {
            bencher.iter(|| black_box(resolve(index, &[1, 2, 3])));
        });
    }
    group.finish();
}

fn hard(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hard");
    group.sample_size(10);
    let index = stairs(30, 30);
    group.bench_function("stairs-30x30", |bencher| bencher.iter(|| black_box(resolve(&index, &[0]))));
    let index = exclusions(12);
    let roots: Vec<usize> = (1..=12).collect();
    group.bench_function("exclusions-12", |bencher| bencher.iter(|| black_box(resolve(&index, &roots))));
    group.finish();
}

criterion_group!(benches, growth, hard);
criterion_main!(benches);
