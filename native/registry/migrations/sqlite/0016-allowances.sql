-- What a submission may add to its namespaces, by what they had when it was judged.
ALTER TABLE outbox ADD COLUMN allowances TEXT;
