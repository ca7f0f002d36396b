//! Packages made without a project.

use crate::sandbox::Sandbox;
use std::path::PathBuf;
use vitte_package::builder::{Input, InputSource, Options, Plan};
use vitte_package::report::Silent;
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::path::PackagePath;
use vitte_package_core::target::Kind;
use vitte_package_core::tree::{Mode, SectionName};

/// Writes a `.vitmod` of two files; `dependencies` are lines of the manifest.
pub fn pack(sandbox: &Sandbox, name: &str, version: &str, content: &str, dependencies: &str) -> PathBuf {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2025\"\nlicense = \"MIT\"\ndescription = \"A test\"\n\n[dependencies]\n{dependencies}"
    );
    let input = |path: &str, bytes: &str| Input {
        path: PackagePath::parse(path).unwrap(),
        section: SectionName::default_section(),
        mode: Mode::Regular,
        source: InputSource::Bytes(bytes.as_bytes().to_vec()),
    };
    let plan = Plan::new(vec![input("vitte.toml", &manifest), input("src/lib.vit", content)]).unwrap();
    let base = name.rsplit('/').next().unwrap();
    let folder = sandbox.path().join("packed").join(format!("{:x}", content.len() + version.len() * 1000));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{base}-{version}.vitmod"));
    let options = Options { kind: Kind::Vitmod, codec: Codec::Zstd, profile: Profile::Dev, jobs: 1 };
    plan.write(&path, options, &Silent, |_| Ok(Vec::new())).unwrap();
    path
}
