-- What the operator has decided that a namespace may have: nothing where the settings decide, -1 where it is not limited.
CREATE TABLE namespace_quotas (
    namespace TEXT PRIMARY KEY,
    packages INTEGER,
    releases INTEGER,
    storage INTEGER,
    archive INTEGER
) STRICT;

-- Bytes of a package's archives. All packages are counted again.
ALTER TABLE packages ADD COLUMN stored INTEGER NOT NULL DEFAULT 0;
UPDATE packages_state SET size = 0;
