//! The forms of secrets in a text.

use super::rules::{
    LABELLED, Labelled, NO_HOSTS, NO_PASSWORDS, OPENSSH, PEM, PEM_HEADERS, PEM_NAME, SCHEMES, Set, TOKENS,
    Token, URL_NAME,
};

/// The kind of the secret that a text begins with.
pub(super) fn secret_at(text: &[u8]) -> Option<&'static str> {
    match text.first()? {
        b'-' => is_private_key(text).then_some(PEM_NAME),
        b'_' => labelled(text),
        first if first.is_ascii_alphabetic() => TOKENS
            .iter()
            .find(|token| is_token(text, token))
            .map(|token| token.name)
            .or_else(|| labelled(text))
            .or_else(|| has_password(text).then_some(URL_NAME)),
        _ => None,
    }
}

fn is_token(text: &[u8], token: &Token) -> bool {
    let Some(value) = text.strip_prefix(token.mark) else { return false };
    let len = value.iter().take(token.most + 1).take_while(|byte| token.set.has(**byte)).count();
    (token.least..=token.most).contains(&len) && !is_placeholder(&value[..len])
}

/// Values in documents and tests: `…EXAMPLE…`, or hardly more than one character over and over.
fn is_placeholder(value: &[u8]) -> bool {
    distinct(value) < 6 || value.windows(7).any(|part| part.eq_ignore_ascii_case(b"example"))
}

fn distinct(value: &[u8]) -> usize {
    let mut kinds = [false; 256];
    value.iter().for_each(|byte| kinds[usize::from(*byte)] = true);
    kinds.iter().filter(|seen| **seen).count()
}

fn labelled(text: &[u8]) -> Option<&'static str> {
    LABELLED.iter().find(|label| is_labelled(text, label)).map(|label| label.name)
}

/// `label = "value"`, with any of the ways in which languages and formats write that.
fn is_labelled(text: &[u8], rule: &Labelled) -> bool {
    let Some((label, rest)) = text.split_at_checked(rule.label.len()) else { return false };
    if !label.eq_ignore_ascii_case(rule.label) {
        return false;
    }
    let between = rest.iter().take(8).take_while(|byte| b" \t\"'`=:>\\".contains(byte)).count();
    let (between, value) = rest.split_at(between);
    if !between.iter().any(|byte| b"=:".contains(byte)) {
        return false;
    }
    let len = value.iter().take(rule.most + 1).take_while(|byte| rule.set.has(**byte)).count();
    // A name or a call in a program goes on, where a value ends.
    let ends = value.get(len).is_none_or(|next| !Set::Url.has(*next) && !b"(.;[".contains(next));
    let value = &value[..len];
    (rule.least..=rule.most).contains(&len)
        && ends
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
        && !value.starts_with(b"process.")
        && !is_placeholder(value)
}

/// `-----BEGIN … PRIVATE KEY-----` and the base64 of a key behind it. The marker alone is in every program that reads
/// such files.
fn is_private_key(text: &[u8]) -> bool {
    let (begin, end) = PEM;
    let Some(kind) = text.strip_prefix(begin) else { return false };
    let kind = &kind[..kind.len().min(40)];
    let Some(found) = kind.windows(end.len()).position(|part| part == end) else { return false };
    if !kind[..found].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b' ') {
        return false;
    }
    let mut body = skip_breaks(&text[begin.len() + found + end.len()..]);
    let mut has_headers = false;
    while PEM_HEADERS.iter().any(|header| body.starts_with(header)) {
        has_headers = true;
        let line = body.iter().position(|byte| b"\n\\".contains(byte)).unwrap_or(body.len());
        body = skip_breaks(&body[line..]);
    }
    let len = body.iter().take(64).take_while(|byte| Set::Base64.has(**byte)).count();
    // Of a key without headers the first bytes are known: those of a DER sequence, or of OpenSSH's format.
    let is_sequence =
        body.first() == Some(&b'M') && body.get(1).is_some_and(|byte| (b'A'..=b'I').contains(byte));
    len >= 32 && distinct(&body[..len]) >= 12 && (has_headers || is_sequence || body.starts_with(OPENSSH))
}

/// What follows a line break: a newline or its escape in a string, with what may stand between two lines of a string.
fn skip_breaks(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [b'\\', b'n' | b'r', rest @ ..] => rest,
            [b'\r' | b'\n' | b'\t' | b' ' | b'\\' | b'"' | b'\'' | b'`' | b'+' | b',' | b'|', rest @ ..] => {
                rest
            }
            _ => return text,
        };
    }
}

/// `scheme://user:password@host`, unless password or host are such as documents and tests have.
fn has_password(text: &[u8]) -> bool {
    let Some(rest) = SCHEMES.iter().find_map(|scheme| text.strip_prefix(*scheme)) else { return false };
    let len = |text: &[u8], most: usize, is: fn(u8) -> bool| {
        text.iter().take(most).take_while(|byte| is(**byte)).count()
    };
    let user = len(rest, 64, |byte| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte));
    let (user, rest) = rest.split_at(user);
    let Some(rest) = rest.strip_prefix(b":") else { return false };
    let password =
        len(rest, 128, |byte| byte.is_ascii_graphic() && !b"@/\"'`<>{}$()[]*\\|:?#".contains(&byte));
    let (password, rest) = rest.split_at(password);
    let Some(rest) = rest.strip_prefix(b"@") else { return false };
    let host = len(rest, 128, |byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    is_password(user, password) && is_host(&rest[..host])
}

fn is_password(user: &[u8], password: &[u8]) -> bool {
    let text = String::from_utf8_lossy(password).to_ascii_lowercase();
    let word = text.trim_matches(|mark: char| !mark.is_ascii_alphabetic());
    password.len() >= 6
        && password != user
        && password.iter().any(u8::is_ascii_digit)
        && password.iter().any(u8::is_ascii_alphabetic)
        && !password.starts_with(b"%")
        && !NO_PASSWORDS.contains(&word)
        && !NO_PASSWORDS.contains(&&*text)
        && !is_placeholder(password)
}

fn is_host(host: &[u8]) -> bool {
    let host = String::from_utf8_lossy(host).to_ascii_lowercase();
    // A name without a dot is one of this machine or of a container; numbers are mostly of a test.
    host.contains('.')
        && host.starts_with(|first: char| first.is_ascii_alphanumeric())
        && !host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && !NO_HOSTS
            .iter()
            .any(|none| host.strip_suffix(none).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}
