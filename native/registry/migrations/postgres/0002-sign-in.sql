-- How users sign in, what they are signed in with, and which packages are theirs. No secret is here: of what a
-- client holds there is the SHA-256, of a password an argon2id hash.
ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
ALTER TABLE users ADD COLUMN password TEXT;
ALTER TABLE users ADD COLUMN disabled BIGINT;

ALTER TABLE tokens ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'token';
ALTER TABLE tokens ADD COLUMN networks TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN last_used BIGINT;
CREATE INDEX tokens_user ON tokens (user_name);

CREATE TABLE sessions (
    digest TEXT PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES users (name),
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_name);
CREATE INDEX sessions_expires ON sessions (expires);

-- Clients that are being signed in from a browser.
CREATE TABLE device_codes (
    digest TEXT PRIMARY KEY,
    user_code TEXT NOT NULL UNIQUE,
    -- What the client said of itself and asked for.
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    scopes TEXT NOT NULL,
    packages TEXT NOT NULL,
    days BIGINT NOT NULL,
    -- pending, approved, denied or completed.
    state TEXT NOT NULL,
    user_name TEXT REFERENCES users (name),
    -- Seconds between two questions of the client, and the last of them.
    pause BIGINT NOT NULL,
    asked BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX device_codes_expires ON device_codes (expires);

-- Users of the organisation's own provider.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_name TEXT NOT NULL REFERENCES users (name),
    created BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

-- Sign-ins that are at the provider.
CREATE TABLE provider_sign_ins (
    state TEXT PRIMARY KEY,
    binding TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires BIGINT NOT NULL
);

-- `namespace/name`, or `namespace/*`.
CREATE TABLE owners (
    package TEXT NOT NULL,
    user_name TEXT NOT NULL REFERENCES users (name),
    added BIGINT NOT NULL,
    PRIMARY KEY (package, user_name)
);
