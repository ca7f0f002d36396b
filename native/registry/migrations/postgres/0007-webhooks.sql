-- Who is told of what is logged, and what became of it.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    -- What messages are signed with; it is needed as it is.
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    packages TEXT NOT NULL,
    created BIGINT NOT NULL,
    -- When its target said that it is gone.
    disabled BIGINT
);

CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    log BIGINT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    created BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- When it is tried next; none once it is over.
    due BIGINT,
    -- What the last attempt came to: a status, or what went wrong.
    result TEXT,
    delivered BIGINT
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook, created);

-- How far the log was followed.
CREATE TABLE webhooks_state (size BIGINT NOT NULL);
INSERT INTO webhooks_state (size) VALUES (0);
