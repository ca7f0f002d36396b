-- In how many packages a sequence of three letters is: the rarest are looked up first.
CREATE VIRTUAL TABLE package_trigram_counts USING fts5vocab (package_trigrams, row);

-- How many packages there are of a kind, without reading what is shown of them.
CREATE INDEX packages_kinds ON packages (kinds);
CREATE INDEX packages_namespace_kinds ON packages (namespace, kinds);
