-- An export that was cut off is gone on with by what its filter meant when it began: names may stand for others by then.
-- `meaning` is JSON, see ExportMeaning in store/records/log.rs; exports from before have none.
ALTER TABLE log_exports ADD COLUMN meaning TEXT;
-- Which export it goes on with.
ALTER TABLE log_exports ADD COLUMN continues TEXT;
