-- How often something was done, counted by all replicas together: when each bucket is full again, in Unix milliseconds.
CREATE TABLE rate_buckets (
    name TEXT PRIMARY KEY,
    full_at INTEGER NOT NULL
) STRICT;
CREATE INDEX rate_buckets_full ON rate_buckets (full_at);
