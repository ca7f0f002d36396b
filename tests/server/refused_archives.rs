//! Archives that clients would refuse are refused by the server, whatever is said of them.

use crate::backends::backend;
use crate::pack::pack;
use crate::served::{entries, token, with_author};
use std::collections::BTreeMap;
use std::path::Path;
use vitte_package::package_file::PackageFile;
use vitte_package::signing;
use vitte_package_core::api::upload::{Purpose, Upload, UploadRequest, blob_path, commit_path};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::core_line;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::Namespace;
use vitte_package_core::registry::{ArchiveFacts, Submission, SubmittedRelease};
use vitte_package_core::sign::{Envelope, NamespaceRecord, RegistryId, SecretKey, dsse};

/// A request to publish an unsigned archive, with envelopes that are in order: what is wrong is in the archive alone.
fn upload_of(archive: &[u8], given: &Path, key: &SecretKey) -> UploadRequest {
    let mut package = PackageFile::open(given).unwrap();
    let registry = RegistryId::parse("registry.example/").unwrap();
    let statement = signing::statement(&mut package, registry.clone(), None).unwrap();
    let artifact = Artifact {
        package: statement.package.clone(),
        version: statement.version.clone(),
        kind: statement.kind,
        target: statement.target.clone(),
    };
    let file = Digest::of(archive);
    let facts = ArchiveFacts {
        core: core_line(&package.manifest().unwrap(), package.toc().tree(), artifact.kind, &artifact.target),
        head: package.head().head_digest(),
        file,
        size: archive.len() as u64,
    };
    let record = NamespaceRecord::first(Namespace::parse("demo").unwrap(), registry, key.public());
    let record = Envelope::sign(dsse::NAMESPACE, &record.to_payload().unwrap(), &[key]).unwrap();
    let envelope = Envelope::sign(dsse::RELEASE, &statement.to_payload().unwrap(), &[key]).unwrap();
    let releases = vec![SubmittedRelease { envelope, file }];
    let submission = Submission { namespaces: vec![record], releases, ..Submission::default() };
    UploadRequest { purpose: Purpose::Publish, submission, archives: BTreeMap::from([(artifact, facts)]) }
}

#[test]
fn an_archive_that_clients_would_refuse_is_not_stored_whatever_is_said_of_it() {
    let (sandbox, server) = with_author();
    let bearer = format!("Authorization: Bearer {}\r\n", token(&sandbox, "publish", "*"));
    let given = pack(&sandbox, "demo/hello", "1.0.0", "one", "");
    let whole = std::fs::read(&given).unwrap();
    let mut altered = whole.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    let mut frame_altered = whole.clone();
    let in_last_frame = whole.len() - 100;
    frame_altered[in_last_frame] ^= 1;
    let key = SecretKey::from_seed(&[7; 32]);
    // Of so many bytes in the head, what it says of the lengths of the list of files, of that of frames, and of both as
    // they are stored: gigabytes.
    let bomb = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
        bytes
    };
    let mut cases = vec![
        (whole.clone(), "unsigned"),
        (altered, "altered"),
        (whole[..middle].to_vec(), "cut"),
        (frame_altered, "a frame"),
    ];
    cases.extend([33, 37, 41].map(|at| (bomb(at), "lengths of gigabytes")));
    for (archive, what) in &cases {
        // What a client says of that file.
        let file = sandbox.path().join("refused.vitmod");
        std::fs::write(&file, archive).unwrap();
        let known = sandbox.run(&format!("verify {} --json", file.display())).json();
        let known =
            known["diagnostics"][0]["code"].as_str().unwrap_or_else(|| panic!("{what}: {known}")).to_owned();
        let request = upload_of(archive, &given, &key);
        let post =
            |path: &str, body: &[u8]| server.ask(&format!("POST /api/v1/{path} HTTP/1.1\r\n{bearer}"), body);
        // What is said of the archive is in order, so an upload is opened.
        let opened = post("uploads", &request.to_bytes());
        assert!(opened.starts_with("HTTP/1.1 201"), "{what}: {opened}");
        let upload = Upload::parse(opened.split_once("\r\n\r\n").unwrap().1.as_bytes()).unwrap();
        let early = post(&commit_path(&upload.id), b"");
        assert!(early.starts_with("HTTP/1.1 422") && early.contains("VP0606"), "{what}: {early}");
        let path = blob_path(&upload.id, &Digest::of(archive));
        let put = |body: &[u8]| server.ask(&format!("PUT /api/v1/{path} HTTP/1.1\r\n{bearer}"), body);
        // Other bytes than those that were announced are not kept at all.
        assert!(put(&archive[1..]).starts_with("HTTP/1.1 400"), "{what}");
        assert!(put(archive).starts_with("HTTP/1.1 204"), "{what}");
        let refused = post(&commit_path(&upload.id), b"");
        assert!(
            refused.starts_with("HTTP/1.1 422") || refused.starts_with("HTTP/1.1 413"),
            "{what}, {known}: {refused}"
        );
        // Which archive, where in it, and a way out.
        assert!(
            refused.contains("in the archive of demo/hello 1.0.0") && refused.contains("\"hints\":[\""),
            "{refused}"
        );
        assert_eq!(
            refused.contains("\"frame\":1,\"frames\":2,\"in\":\"frame\""),
            *what == "a frame",
            "{refused}"
        );
        let code = if *what == "lengths of gigabytes" { known.as_str() } else { "VP0" };
        assert!(refused.contains(&format!("\"code\":\"{code}")), "{what}, {known}: {refused}");
        assert!(!(backend().public)(&sandbox).join("p").exists(), "{what}");
    }
    assert_eq!(entries(&sandbox), 1);
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        assert!(peak.unwrap().parse::<u64>().unwrap() < 400 * 1024, "{status}");
    }
}
