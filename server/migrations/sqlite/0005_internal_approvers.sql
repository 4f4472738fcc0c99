-- Who of the provider approves inside: JSON list of the roles that rules name (support_lead, devops_manager), and the team
-- as customers may see it.
CREATE TABLE internal_approvers (
    person_id  TEXT PRIMARY KEY REFERENCES people (id),
    roles      TEXT NOT NULL,
    team       TEXT
) STRICT, WITHOUT ROWID;

-- The queue of internal approvers goes over all organisations.
CREATE INDEX requests_inside ON requests (requested_at DESC, id DESC)
    WHERE evaluation ->> '$.outcome' = 'internal_approval_required';
