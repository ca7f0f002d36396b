-- What is known of packages, to be displayed and searched. All of it is made from the registry's files and may be
-- made again: nothing public is only here.
CREATE TABLE packages (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    -- The name without its namespace.
    base TEXT NOT NULL,
    -- The release that is shown, and what its manifest says.
    newest TEXT NOT NULL,
    kinds TEXT NOT NULL,
    status TEXT,
    published INTEGER NOT NULL,
    -- When the first release was published, and how many there are.
    created INTEGER NOT NULL,
    releases INTEGER NOT NULL,
    -- How many packages depend on it.
    dependents INTEGER NOT NULL,
    -- SHA-256 of the manifest, or nothing where it could not be read.
    manifest TEXT NOT NULL,
    description TEXT,
    license TEXT,
    repository TEXT,
    homepage TEXT,
    documentation TEXT,
    -- One to a line.
    keywords TEXT NOT NULL,
    -- Words as they are compared.
    name_words TEXT NOT NULL,
    keyword_words TEXT NOT NULL,
    description_words TEXT NOT NULL,
    readme TEXT
) STRICT;
CREATE INDEX packages_rank ON packages (dependents DESC, name);
CREATE INDEX packages_namespace ON packages (namespace, dependents DESC, name);
CREATE INDEX packages_base ON packages (base);

-- What the release that is shown depends on.
CREATE TABLE package_dependencies (
    package TEXT NOT NULL,
    dependency TEXT NOT NULL,
    version TEXT NOT NULL,
    requirement TEXT NOT NULL,
    PRIMARY KEY (package, dependency)
) STRICT, WITHOUT ROWID;
CREATE INDEX package_dependencies_dependents ON package_dependencies (dependency, package);

-- How many leaves of the log these tables have taken in.
CREATE TABLE packages_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL
) STRICT;
INSERT INTO packages_state (one, size) VALUES (1, 0);

CREATE VIRTUAL TABLE package_words USING fts5 (
    name_words, keyword_words, description_words,
    content = 'packages', content_rowid = 'id', tokenize = 'unicode61', prefix = '1 2 3'
);
CREATE VIRTUAL TABLE package_trigrams USING fts5 (
    name_words, keyword_words,
    content = 'packages', content_rowid = 'id', tokenize = 'trigram', detail = 'none'
);
CREATE TRIGGER packages_added AFTER INSERT ON packages BEGIN
    INSERT INTO package_words (rowid, name_words, keyword_words, description_words)
        VALUES (new.id, new.name_words, new.keyword_words, new.description_words);
    INSERT INTO package_trigrams (rowid, name_words, keyword_words)
        VALUES (new.id, new.name_words, new.keyword_words);
END;
CREATE TRIGGER packages_removed AFTER DELETE ON packages BEGIN
    INSERT INTO package_words (package_words, rowid, name_words, keyword_words, description_words)
        VALUES ('delete', old.id, old.name_words, old.keyword_words, old.description_words);
    INSERT INTO package_trigrams (package_trigrams, rowid, name_words, keyword_words)
        VALUES ('delete', old.id, old.name_words, old.keyword_words);
END;
CREATE TRIGGER packages_changed AFTER UPDATE OF name_words, keyword_words, description_words ON packages BEGIN
    INSERT INTO package_words (package_words, rowid, name_words, keyword_words, description_words)
        VALUES ('delete', old.id, old.name_words, old.keyword_words, old.description_words);
    INSERT INTO package_trigrams (package_trigrams, rowid, name_words, keyword_words)
        VALUES ('delete', old.id, old.name_words, old.keyword_words);
    INSERT INTO package_words (rowid, name_words, keyword_words, description_words)
        VALUES (new.id, new.name_words, new.keyword_words, new.description_words);
    INSERT INTO package_trigrams (rowid, name_words, keyword_words)
        VALUES (new.id, new.name_words, new.keyword_words);
END;
