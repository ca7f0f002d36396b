-- Accounts, tokens and uploads. Everything public is in the files: nothing here is needed to rebuild it.
CREATE TABLE users (
    name TEXT PRIMARY KEY,
    created BIGINT NOT NULL
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the token: the token itself is nowhere.
    digest TEXT NOT NULL,
    user_name TEXT NOT NULL REFERENCES users (name),
    scopes TEXT NOT NULL,
    packages TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    revoked BIGINT
);

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    token TEXT NOT NULL REFERENCES tokens (id),
    -- As it was sent.
    request BYTEA NOT NULL,
    -- The response of the commit, once it was published.
    published BYTEA,
    expires BIGINT NOT NULL
);
CREATE INDEX uploads_expires ON uploads (expires);
