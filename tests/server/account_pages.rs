//! The pages of an account: tokens, made and revoked from a browser without scripts.

use crate::accounts::{PASSWORD, assert_nowhere, with_users};
use crate::browser::{Browser, Reply, bearer, send};
use crate::pages::{dumped, faults};
use crate::served::Server;

/// A page of the account, which must be well-formed and is kept nowhere.
#[track_caller]
fn is_page(reply: &Reply, language: &str) {
    assert_eq!(faults(&reply.body), Vec::<String>::new(), "{}", reply.body);
    assert!(reply.body.contains(&format!("<html lang=\"{language}\">")), "{}", reply.body);
    assert!(reply.body.contains("name=\"robots\" content=\"noindex\""), "{}", reply.body);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(reply.header("content-security-policy").is_some_and(|policy| !policy.contains("script-src")));
}

#[test]
fn a_user_makes_and_revokes_tokens_from_a_browser() {
    let sandbox = with_users();
    let server = Server::start(&sandbox);
    let mut browser = Browser::new(&server);
    let away = browser.get("/account/tokens").is(303);
    assert_eq!(away.header("location"), Some("/sign-in?return=%2Faccount%2Ftokens"));
    is_page(&browser.get("/sign-in?return=%2Faccount%2Ftokens").is(200), "en");
    browser.sign_in("ada", PASSWORD);
    let page = browser.get("/account/tokens").is(200);
    is_page(&page, "en");
    assert!(
        page.body.contains("You have no tokens") && page.body.contains("publish:update"),
        "{}",
        page.body
    );

    let form = "name=work%3Cb%3E&days=7&scope-read=1&scope-publish-update=1&packages=acme/one+acme/*&networks=127.0.0.0/8";
    let made = browser.post("/account/tokens", form).is(200);
    is_page(&made, "en");
    let secret = made.body.split("<code>vtt_").nth(1).unwrap().split('<').next().unwrap();
    let secret = format!("vtt_{secret}");
    let me = send(&server, "GET", "/api/v1/me", &bearer(&secret), "").is(200).json();
    assert_eq!(me["user"], "ada");
    let listed = browser.get("/account/tokens").is(200);
    assert!(!listed.body.contains(&secret), "it is shown once");
    assert_nowhere(&sandbox, &secret);
    if let Some(text) = dumped(&listed.body) {
        for part in ["work<b>", "publish:update", "acme/one", "acme/*"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    browser.cookie.push_str("; vitte-language=fr");
    let french = browser.get("/account/tokens").is(200);
    is_page(&french, "fr");
    assert!(french.body.contains("Révoquer") && french.body.contains("Créer un jeton"), "{}", french.body);

    // What cannot be is refused in words, and nothing was made.
    for (form, said) in [
        ("name=x&days=7", "choose at least one thing"),
        ("name=x&days=0&scope-read=1", "valid for 1 to 90 days"),
        ("name=x&days=91&scope-read=1", "valid for 1 to 90 days"),
        ("name=x&days=week&scope-read=1", "valid for 1 to 90 days"),
        ("name=x%0Ay&days=7&scope-read=1", "is one line of at most"),
        ("name=x&days=7&scope-read=1&packages=ACME/!", "role=\"alert\""),
        ("name=x&days=7&scope-read=1&networks=nowhere", "role=\"alert\""),
    ] {
        let refused = browser.post("/account/tokens", form);
        assert!((400..500).contains(&refused.status), "{form}: {}", refused.head);
        assert!(refused.body.contains(said), "{form}: {}", refused.body);
        assert!(refused.body.contains("role=\"alert\""), "{form}: {}", refused.body);
        assert!(!refused.body.contains("<code>vtt_"), "{form}");
    }
    let id = listed.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Neither another site nor another user ends it.
    let foreign = format!("Cookie: {}\r\nOrigin: https://evil.example\r\n", browser.cookie);
    send(&server, "POST", "/account/tokens/revoke", &foreign, &format!("id={id}")).is(403);
    send(&server, "POST", "/account/tokens", &foreign, "name=x&days=7&scope-read=1").is(403);
    let stranger = format!("Origin: {}\r\n", server.url());
    send(&server, "POST", "/account/tokens/revoke", &stranger, &format!("id={id}")).is(303);
    send(&server, "GET", "/api/v1/me", &bearer(&secret), "").is(200);
    browser.post("/account/tokens/revoke", "id=nothing").is(404);

    let over = browser.post("/account/tokens/revoke", &format!("id={id}")).is(303);
    assert_eq!(over.header("location"), Some("/account/tokens"));
    send(&server, "GET", "/api/v1/me", &bearer(&secret), "").is(401);
    assert!(browser.get("/account/tokens").body.contains("révoqué"));
}
