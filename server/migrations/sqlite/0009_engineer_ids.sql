-- Under which ids the provider's service knows the person of an account as an engineer (JSON list): nobody approves what they
-- asked for under another name.
ALTER TABLE people ADD COLUMN engineer_ids TEXT NOT NULL DEFAULT '[]';
