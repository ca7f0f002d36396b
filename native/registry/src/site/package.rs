//! The page of a package, at its newest version or at another.

use super::archives::{Archives, OpenRelease};
use super::frame::{Frame, Visit};
use super::load::{self, Package};
use super::view::{Card, Head, Here, Tab, tabs, target};
use super::{escape, format, islands, readme, words};
use crate::problem::Refusal;
use crate::reads::unreadable;
use askama::Template;
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::form;
use vitte_package_core::api::owners::Owned;
use vitte_package_core::api::package::README_LEN;
use vitte_package_core::dependency::DependencyKind;
use vitte_package_core::index::IndexEntry;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::layout;
use vitte_package_core::tree::{MANIFEST_PATH, is_meta_path};
use vitte_package_core::version::Version;

/// Dependents that are named beside the readme.
const DEPENDENTS: u64 = 5;
/// Bytes of a manifest at most.
const MANIFEST_LEN: u64 = 256 * 1024;

#[derive(Template)]
#[template(path = "package.html")]
struct Page {
    frame: Frame,
    head: Head,
    card: Card,
    tabs: Vec<Tab>,
    /// HTML that was made safe.
    readme: Option<String>,
    license: String,
    artifacts: Vec<Artifact>,
    edition: String,
    signers: Vec<String>,
    log: u64,
    identity: String,
    dependency_title: String,
    dependencies: Vec<Dependency>,
    dependents_title: String,
    dependents: Vec<Dependency>,
    owners: Vec<String>,
    /// A label, an address, and what of the address is shown.
    links: Vec<(String, String, String)>,
    /// As a part of a query, and as it is.
    keywords: Vec<(String, String)>,
}

struct Artifact {
    path: String,
    file: String,
    target: String,
    sizes: String,
}

struct Dependency {
    path: String,
    name: String,
    requirement: String,
    notes: Vec<String>,
}

/// What the author says of a version.
#[derive(Default)]
struct About {
    description: Option<String>,
    license: Option<String>,
    repository: Option<String>,
    homepage: Option<String>,
    documentation: Option<String>,
    keywords: Vec<String>,
    readme: Option<String>,
    /// The path of the readme within the package.
    readme_path: String,
}

/// `GET /{namespace}/{name}` and `GET /{namespace}/{name}/{version}`
pub(crate) async fn show(
    visit: &Visit,
    archives: &Arc<Archives>,
    name: &PackageName,
    version: Option<&Version>,
) -> Result<Response, Refusal> {
    let package = load::package(visit, name).await?;
    let version = version.unwrap_or(&package.newest);
    let release = package.release(version).ok_or_else(|| visit.missing())?;
    let entry = release.entry().ok_or_else(|| visit.missing())?;
    let front = load::front(&visit.app, archives, &package, entry).await?;
    let trust_root = islands::trust_root(visit).await?;
    let about = about(visit, &package, entry, front.clone()).await?;
    let (own, of_namespace) = visit.app.accounts.owners(&Owned::Package(name.clone())).await?;
    let mut owners = own;
    owners.extend(of_namespace);
    owners.dedup();
    let dependents = match visit.reader.patterns() {
        None => visit.app.packages.dependents(name, None, DEPENDENTS).await?.items,
        // Names that are not for this reader.
        Some(_) => Vec::new(),
    };
    Ok(visit.page(200, |frame| {
        let files = format!("{}/{}/files/", package.path(), escape::url_path(&version.to_string()));
        let folder = about.readme_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let readme = about.readme.as_deref().map(|text| readme::render(text, &files, folder));
        let mut head = Head::of(&package, &release, entry, false);
        head.about.clone_from(&about.description);
        let license = about.license.clone().unwrap_or_else(words::no_license);
        if let Some(shown) = head.facts.first_mut().filter(|_| *version == package.newest) {
            shown.clone_from(&license);
        }
        let title = format!("{name} {version}");
        let sentence = about.description.clone().unwrap_or_else(words::site_about);
        let mut frame = frame.titled(&title).about(&sentence);
        frame.feed = Some(format!("{}/feed.atom", package.path()));
        let needs = &entry.core.needs.dependencies;
        let count = needs.len() as u64;
        let known = package.shown.dependents;
        Page {
            frame,
            card: Card::of(&package, &release, entry, front.as_deref(), false, trust_root.as_ref()),
            tabs: tabs(&package, &release, entry, Here::Readme),
            head,
            readme,
            license,
            artifacts: release.entries.iter().map(|entry| artifact(&package, entry)).collect(),
            edition: entry.core.edition.clone(),
            signers: front.iter().flat_map(|front| front.signers.iter().map(|key| key.short())).collect(),
            log: entry.log,
            identity: entry.core.tree.to_string(),
            dependency_title: words::dependencies_of(count, &format::number(count)),
            dependencies: dependencies(entry),
            dependents_title: words::dependents_of(known, &format::number(known)),
            dependents: dependents
                .into_iter()
                .map(|row| Dependency {
                    path: load::path(&row.package),
                    name: row.package.to_string(),
                    requirement: row.requirement.as_str().to_owned(),
                    notes: Vec::new(),
                })
                .collect(),
            owners,
            links: links(&about),
            keywords: about.keywords.iter().map(|word| (form::escape(word), word.clone())).collect(),
        }
    }))
}

fn artifact(package: &Package, entry: &IndexEntry) -> Artifact {
    let path = package.archive(entry);
    let file = path.rsplit('/').next().unwrap_or_default().to_owned();
    let (size, unpacked) = (format::size(entry.size), format::size(entry.core.unpacked));
    Artifact {
        path: format!("/{}", layout::as_url_path(&path)),
        file,
        target: target(&entry.core.target),
        sizes: words::size_unpacked(&size, &unpacked),
    }
}

fn dependencies(entry: &IndexEntry) -> Vec<Dependency> {
    let row = |dependency: &vitte_package_core::dependency::Dependency| {
        let mut notes = Vec::new();
        if dependency.kind == DependencyKind::Build {
            notes.push(words::built_only());
        }
        if dependency.optional {
            notes.push(words::optional());
        }
        notes.extend(dependency.targets.iter().map(ToString::to_string));
        Dependency {
            path: load::path(&dependency.name),
            name: dependency.name.to_string(),
            requirement: dependency.requirement.as_str().to_owned(),
            notes,
        }
    };
    entry.core.needs.dependencies.iter().map(row).collect()
}

/// Addresses that the author gives, those of the web only.
fn links(about: &About) -> Vec<(String, String, String)> {
    let given = [
        (words::link_source(), &about.repository),
        (words::link_homepage(), &about.homepage),
        (words::link_documentation(), &about.documentation),
    ];
    let of_web = |address: &&String| {
        let address = address.to_ascii_lowercase();
        address.starts_with("https://") || address.starts_with("http://")
    };
    let link = |(label, address): (String, &Option<String>)| {
        let address = address.as_ref().filter(of_web)?;
        let shown = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        Some((label, address.clone(), shown.trim_end_matches('/').to_owned()))
    };
    given.into_iter().filter_map(link).collect()
}

/// What the author says: of the newest version by the tables, of others by their archives.
async fn about(
    visit: &Visit,
    package: &Package,
    entry: &IndexEntry,
    front: Option<Arc<OpenRelease>>,
) -> Result<About, Refusal> {
    if entry.core.manifest.to_string() == package.shown.manifest {
        let shown = package.shown.clone();
        return Ok(About {
            description: shown.description,
            license: shown.license,
            repository: shown.repository,
            homepage: shown.homepage,
            documentation: shown.documentation,
            keywords: shown.keywords.lines().map(str::to_owned).collect(),
            readme: shown.readme,
            readme_path: front.as_deref().map(readme_of).unwrap_or_default(),
        });
    }
    let Some(front) = front else { return Ok(About::default()) };
    let read = visit.app.blocking(move |app| {
        let bytes = front.text(&app.files, MANIFEST_PATH, MANIFEST_LEN)?;
        let Some(Ok(manifest)) = bytes.map(|bytes| Manifest::from_bytes(&bytes)) else {
            return Ok(About::default());
        };
        let path = match manifest.readme() {
            Some(named) => named.as_str().to_owned(),
            None => readme_of(&front),
        };
        let readme = front.text(&app.files, &path, README_LEN as u64)?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(About {
            description: owned(manifest.description()),
            license: owned(manifest.license()),
            repository: owned(manifest.repository()),
            homepage: owned(manifest.homepage()),
            documentation: owned(manifest.documentation()),
            keywords: manifest.keywords().iter().map(|word| (*word).to_owned()).collect(),
            readme: readme.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            readme_path: path,
        })
    });
    read.await.map_err(unreadable)
}

/// The readme that a package has where its manifest names none.
fn readme_of(front: &OpenRelease) -> String {
    let mut paths = front.tree().entries().iter().map(|file| file.path().as_str());
    paths.find(|path| is_meta_path(path) && path.starts_with("README")).unwrap_or_default().to_owned()
}
