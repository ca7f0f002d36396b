//! What a namespace may have: refused before anything is stored, and raised by the operator.

use crate::author::{Author, Response, Signed};
use crate::sandbox::Sandbox;
use crate::served::{Server, entries, initialised, operate, operated, token};
use vitte_package_core::api::upload::{blob_path, commit_path};

fn served(flags: &[&str]) -> (Sandbox, Server, Author) {
    let sandbox = Sandbox::new();
    initialised(&sandbox);
    let server = Server::start_with(&sandbox, flags);
    let author = Author::at(&server.address, &token(&sandbox, "publish", "*"));
    (sandbox, server, author)
}

#[track_caller]
fn is_refused(response: &Response, words: &[&str]) {
    assert_eq!(response.status, 403, "{response:?}");
    let said = String::from_utf8_lossy(&response.body);
    assert!(response.says("VP0616") && words.iter().all(|word| response.says(word)), "{words:?}: {said}");
}

#[test]
fn packages_releases_and_bytes_are_limited_until_the_operator_gives_more() {
    let (sandbox, _server, mut author) = served(&["--quota-packages", "2", "--quota-releases", "3"]);
    let quota = |more: &str| {
        let command = format!("namespace quota demo --data data{more}");
        operated(&sandbox, &command.split(' ').collect::<Vec<_>>())
    };
    let release = |name: &str, version: &str| Signed::default().with(&sandbox, name, version, "content");
    let first = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "content");
    let size = first.archives.values().next().unwrap().len();
    assert_eq!(author.publish(&first).unwrap().status, 200);
    assert_eq!(author.publish(&release("demo/two", "1.0.0")).unwrap().status, 200);
    let third = release("demo/three", "1.0.0");
    let raise = "vitte-registry namespace quota demo --packages 3";
    for request in [
        third.request(),
        String::from_utf8(third.request()).unwrap().replace("\"dry_run\":false", "\"dry_run\":true").into(),
    ] {
        let refused = author.ask("POST", "uploads", "", &request).unwrap();
        is_refused(&refused, &["for packages is 2: it has 2, and this would add 1", raise]);
        assert_eq!(refused.header("retry-after"), None);
    }
    // Another release of what is there goes on, up to its own quota. What is published already costs nothing.
    assert_eq!(author.publish(&release("demo/one", "1.1.0")).unwrap().status, 200);
    is_refused(&author.publish(&release("demo/one", "1.2.0")).unwrap(), &["for releases is 3: it has 3"]);
    assert_eq!(author.publish(&release("demo/one", "1.1.0")).unwrap().status, 200);
    assert_eq!(entries(&sandbox), 5);
    let staged = sandbox.path().join("data/staging");
    let left = std::fs::read_dir(&staged).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing is stored of what is refused");

    // The settings of this command are not the server's: they were flags.
    let shown = quota("");
    let total: u64 = shown
        .lines()
        .find_map(|line| line.strip_prefix("bytes: "))
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(total > 2 * size as u64, "{shown}");
    assert!(shown.starts_with("packages: 2 of unlimited\nreleases: 3 of unlimited\n"), "{shown}");
    assert!(shown.ends_with("archive: at most 52428800"), "{shown}");
    let given = quota(" --packages 3 --releases unlimited");
    assert!(given.starts_with("packages: 2 of 3\nreleases: 3 of unlimited\n"), "{given}");
    assert_eq!(author.publish(&third).unwrap().status, 200);
    is_refused(&author.publish(&release("demo/four", "1.0.0")).unwrap(), &["for packages is 3: it has 3"]);
    // Other namespaces have what the settings say.
    let other = Signed::namespace("other")
        .with(&sandbox, "other/a", "1.0.0", "a")
        .with(&sandbox, "other/b", "1.0.0", "b")
        .with(&sandbox, "other/c", "1.0.0", "c");
    is_refused(
        &author.publish(&other).unwrap(),
        &["`other` for packages is 2: it has 0, and this would add 3"],
    );
    // Lowered below what is there: that stays, and nothing is added.
    quota(" --bytes 1KiB --packages unlimited");
    is_refused(&author.publish(&release("demo/one", "2.0.0")).unwrap(), &["for bytes is 1024: it has "]);
    quota(" --reset");
    is_refused(&author.publish(&release("demo/four", "1.0.0")).unwrap(), &["for packages is 2: it has 3"]);
}

#[test]
fn a_quota_that_is_lowered_under_way_refuses_the_commit_and_keeps_what_was_sent() {
    let (sandbox, _server, mut author) = served(&["--quota-archive", "1MiB"]);
    let operator = |more: &str| {
        let command = format!("namespace quota demo --data data{more}");
        operate(&sandbox, &command.split(' ').collect::<Vec<_>>())
    };
    let signed = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "content");
    let (file, archive) = signed.archives.iter().next().unwrap();
    let id = author.ask("POST", "uploads", "", &signed.request()).unwrap().upload().id;
    assert_eq!(author.ask("PUT", &blob_path(&id, file), "", archive).unwrap().status, 204);
    assert!(operator(" --archive 100").status.success());
    let refused = author.ask("POST", &commit_path(&id), "", b"").unwrap();
    is_refused(&refused, &["may have 100 bytes", &format!("--archive {}", archive.len())]);
    assert_eq!(entries(&sandbox), 1);
    assert!(operator(" --archive 2MiB").status.success());
    assert_eq!(author.ask("POST", &commit_path(&id), "", b"").unwrap().status, 200);
    for wrong in
        [" --archive unlimited", " --archive 2GiB", " --packages 0", " --bytes 5XiB", " --packages -1"]
    {
        assert!(!operator(wrong).status.success(), "{wrong}");
    }
}

#[test]
fn commits_at_one_moment_do_not_pass_a_quota_together() {
    const ALLOWED: usize = 3;
    let (sandbox, server, mut author) = served(&["--quota-releases", &ALLOWED.to_string()]);
    // All of them are judged, sent and verified before any is logged.
    let first = Signed::namespace("demo").with(&sandbox, "demo/one", "1.0.0", "content");
    assert_eq!(author.publish(&first).unwrap().status, 200);
    let more: Vec<_> = (1..=ALLOWED + 3)
        .map(|number| Signed::default().with(&sandbox, "demo/one", &format!("1.{number}.0"), "content"))
        .collect();
    let ids: Vec<_> = more
        .iter()
        .map(|signed| {
            let id = author.ask("POST", "uploads", "", &signed.request()).unwrap().upload().id;
            let (file, archive) = signed.archives.iter().next().unwrap();
            assert_eq!(author.ask("PUT", &blob_path(&id, file), "", archive).unwrap().status, 204);
            id
        })
        .collect();
    let (address, token) = (&server.address, author.token());
    // Where it takes long to count what others have just added, an author is asked to come again.
    let commit = |id: &String| loop {
        let response = Author::at(address, token).ask("POST", &commit_path(id), "", b"").unwrap();
        if response.status != 503 {
            break response;
        }
    };
    let responses: Vec<Response> = std::thread::scope(|scope| {
        let committing: Vec<_> = ids.iter().map(|id| scope.spawn(move || commit(id))).collect();
        committing.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (published, refused): (Vec<_>, Vec<_>) =
        responses.iter().partition(|response| response.status == 200);
    assert_eq!(published.len(), ALLOWED - 1, "{responses:?}");
    refused.iter().for_each(|response| is_refused(response, &["`demo` for releases is 3: it has 3"]));
    assert_eq!(entries(&sandbox), 2 + ALLOWED as u64);
    // What was refused for now is sent, and is published once there is room.
    let more = format!("namespace quota demo --data data --releases {}", ALLOWED + 1);
    operated(&sandbox, &more.split(' ').collect::<Vec<_>>());
    let again = ids.iter().zip(&responses).find(|(_, response)| response.status != 200).unwrap().0;
    assert_eq!(commit(again).status, 200);
}
