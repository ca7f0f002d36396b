-- Who is told of what is logged, and what became of it.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    -- What messages are signed with; it is needed as it is.
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    packages TEXT NOT NULL,
    created INTEGER NOT NULL,
    -- When its target said that it is gone.
    disabled INTEGER
) STRICT;

CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    log INTEGER NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    -- When it is tried next; none once it is over.
    due INTEGER,
    -- What the last attempt came to: a status, or what went wrong.
    result TEXT,
    delivered INTEGER
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook, created);

-- How far the log was followed.
CREATE TABLE webhooks_state (size INTEGER NOT NULL) STRICT;
INSERT INTO webhooks_state (size) VALUES (0);
