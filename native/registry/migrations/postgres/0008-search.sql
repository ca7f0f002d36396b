-- How many packages there are of a kind, without reading what is shown of them.
CREATE INDEX packages_kinds ON packages (kinds);
CREATE INDEX packages_namespace_kinds ON packages (namespace, kinds);
