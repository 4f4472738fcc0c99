-- Everything that was decided inside the provider: JSON list of {approver_id, decision}. Where rules ask for several
-- roles, each decides; `internal_decision` keeps the latest.
ALTER TABLE requests ADD COLUMN internal_decisions TEXT NOT NULL DEFAULT '[]';

-- The environment whose backup was restored into this one.
ALTER TABLE environments ADD COLUMN restored_from TEXT;

-- A legal demand that the customer must not be told of before a moment: 1 until the sweep discloses it. While it is 1, no
-- verb that answers a customer finds the request, and its events stand aside: the customer's log is dense and gets them
-- when it is disclosed.
ALTER TABLE requests ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN disclose_at INTEGER;
-- JSON: who of the customer acknowledged an access without a request, when, with which comment.
ALTER TABLE requests ADD COLUMN acknowledgement TEXT;
CREATE INDEX requests_hidden ON requests (disclose_at) WHERE hidden = 1;
CREATE INDEX requests_unacknowledged ON requests (organization_id, requested_at, id)
    WHERE status = 'not_required' AND exclusion IS NOT NULL AND acknowledgement IS NULL;

CREATE TABLE hidden_events (
    request_id  TEXT NOT NULL REFERENCES requests (id),
    number      INTEGER NOT NULL,
    event       TEXT NOT NULL,
    PRIMARY KEY (request_id, number)
) STRICT, WITHOUT ROWID;
