-- When a sequencer was at work last, in Unix seconds of the database.
ALTER TABLE log_head ADD COLUMN beat INTEGER;
