-- Minutes that were asked for, before the rules shortened them. NULL: the request was raised before this was kept.
ALTER TABLE requests ADD COLUMN asked_minutes INTEGER;
