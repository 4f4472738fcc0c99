-- Everything that was decided inside the provider: JSON list of {approver_id, decision}. Where rules ask for several
-- roles, each decides; `internal_decision` keeps the latest.
ALTER TABLE requests ADD COLUMN internal_decisions TEXT NOT NULL DEFAULT '[]';
