-- Accounts, tokens and uploads. Everything public is in the files: nothing here is needed to rebuild it.
CREATE TABLE users (
    name TEXT PRIMARY KEY,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the token: the token itself is nowhere.
    digest TEXT NOT NULL,
    user_name TEXT NOT NULL REFERENCES users (name),
    scopes TEXT NOT NULL,
    packages TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    revoked INTEGER
) STRICT;

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    token TEXT NOT NULL REFERENCES tokens (id),
    -- As it was sent.
    request BLOB NOT NULL,
    -- The response of the commit, once it was published.
    published BLOB,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_expires ON uploads (expires);
