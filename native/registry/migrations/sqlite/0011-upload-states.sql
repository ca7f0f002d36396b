-- How far an upload is: open, processing, published, failed or cancelled. One that is open for too long has expired.
ALTER TABLE uploads ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
UPDATE uploads SET state = 'published' WHERE published IS NOT NULL;
-- The problem that the commit of one that failed was refused with.
ALTER TABLE uploads ADD COLUMN problem BLOB;
