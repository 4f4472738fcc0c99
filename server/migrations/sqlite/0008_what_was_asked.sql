-- Minutes that were asked for, before the rules shortened them. NULL: the request was raised before this was kept.
ALTER TABLE requests ADD COLUMN asked_minutes INTEGER;
-- Names of the data stores that a request reaches, and whether Lockbox protects them, as the catalog had them when it was raised.
ALTER TABLE requests ADD COLUMN data_store_words TEXT NOT NULL DEFAULT '[]';
