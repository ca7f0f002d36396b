-- The key under which an upload was opened, and the digest of the request: the same request opens it again.
ALTER TABLE uploads ADD COLUMN idempotency_key TEXT;
ALTER TABLE uploads ADD COLUMN request_digest TEXT;
CREATE UNIQUE INDEX uploads_key ON uploads (token, idempotency_key);
