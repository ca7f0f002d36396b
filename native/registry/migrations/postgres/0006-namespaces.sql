-- Names of namespaces that are not simply free: what the operator has decided, or is to decide.
CREATE TABLE namespace_rules (
    name TEXT PRIMARY KEY,
    -- reserved: nobody may create it; held: it looks like another and waits for the operator; allowed: it may be created.
    state TEXT NOT NULL,
    -- The namespace that it looks like.
    resembles TEXT NOT NULL,
    -- Who asked for it.
    user_name TEXT NOT NULL,
    since BIGINT NOT NULL
);
