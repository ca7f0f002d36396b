-- What replicas share to write one log. Where nobody shares the database, nothing is in here.

-- The end of the log that may be signed next, and whose turn it is. One row.
CREATE TABLE log_head (
    id INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    -- The root over so many leaves; empty before the first.
    root TEXT NOT NULL,
    -- Which sequencer may move it: each that begins adds one.
    epoch INTEGER NOT NULL,
    -- What has to be written before a checkpoint of this end may be seen.
    pending BLOB
) STRICT;

-- Submissions that a replica verified, for the sequencer to log in this order.
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- The process that waits for the outcome.
    replica TEXT NOT NULL,
    upload TEXT NOT NULL,
    request BLOB NOT NULL,
    -- The digests of the archives that were verified, one in a line.
    verified TEXT NOT NULL,
    queued INTEGER NOT NULL,
    -- The status of the response, once there is one, and the response.
    status INTEGER,
    response BLOB
) STRICT;
CREATE INDEX outbox_replica ON outbox (replica, status);
