-- Times are INTEGER microseconds since 1970 (UTC). Lists and nested values are JSON text. Every row carries its organisation.

CREATE TABLE organizations (
    id                      TEXT PRIMARY KEY,
    name                    TEXT NOT NULL,
    is_provider             INTEGER NOT NULL DEFAULT 0,
    created_at              INTEGER NOT NULL,
    -- The counter behind the log's dense sequence, and the time of its newest event: both only ever grow.
    last_sequence           INTEGER NOT NULL DEFAULT 0,
    last_event_at           INTEGER NOT NULL DEFAULT 0,
    notification_addresses  TEXT NOT NULL DEFAULT '[]',
    notifications_version   INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE lockbox_versions (
    organization_id  TEXT NOT NULL REFERENCES organizations (id),
    version          INTEGER NOT NULL,
    enabled          INTEGER NOT NULL,
    scope            TEXT NOT NULL,
    environment_ids  TEXT NOT NULL,
    queue_hours      INTEGER,
    reason           TEXT,
    changes          TEXT NOT NULL,
    updated_by       TEXT,
    updated_at       INTEGER NOT NULL,
    PRIMARY KEY (organization_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE environments (
    organization_id  TEXT NOT NULL REFERENCES organizations (id),
    id               TEXT NOT NULL,
    name             TEXT NOT NULL,
    service          TEXT NOT NULL,
    region           TEXT NOT NULL,
    has_database     INTEGER NOT NULL,
    copied_from      TEXT,
    created_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id                        TEXT PRIMARY KEY,
    organization_id           TEXT NOT NULL REFERENCES organizations (id),
    email                     TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name                      TEXT NOT NULL,
    password_hash             TEXT,
    roles                     TEXT NOT NULL,
    approver_environment_ids  TEXT,
    last_sign_in_at           INTEGER,
    version                   INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX people_by_organization ON people (organization_id, name);

CREATE TABLE sessions (
    token_hash       BLOB PRIMARY KEY,
    person_id        TEXT NOT NULL REFERENCES people (id),
    organization_id  TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    ends_at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id               TEXT PRIMARY KEY,
    organization_id  TEXT NOT NULL,
    person_id        TEXT NOT NULL REFERENCES people (id),
    name             TEXT NOT NULL,
    secret_hash      BLOB NOT NULL UNIQUE,
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    last_used_at     INTEGER,
    revoked_at       INTEGER
) STRICT;
CREATE INDEX tokens_by_person ON tokens (person_id, created_at);

CREATE TABLE api_clients (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    key_hash          BLOB NOT NULL UNIQUE,
    -- JSON list of organisations; NULL: all.
    organization_ids  TEXT,
    created_at        INTEGER NOT NULL,
    last_used_at      INTEGER,
    revoked_at        INTEGER
) STRICT;

CREATE TABLE service_requests (
    organization_id  TEXT NOT NULL REFERENCES organizations (id),
    id               TEXT NOT NULL,
    title            TEXT NOT NULL,
    description      TEXT NOT NULL,
    severity         TEXT NOT NULL,
    environment_id   TEXT,
    opened_by_id     TEXT,
    opened_by        TEXT NOT NULL,
    opened_at        INTEGER NOT NULL,
    closed_at        INTEGER,
    updated_at       INTEGER NOT NULL,
    version          INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_requests_newest ON service_requests (organization_id, opened_at DESC, id DESC);

CREATE TABLE messages (
    organization_id     TEXT NOT NULL,
    service_request_id  TEXT NOT NULL,
    id                  TEXT NOT NULL,
    author              TEXT NOT NULL,
    author_name         TEXT NOT NULL,
    at                  INTEGER NOT NULL,
    text                TEXT NOT NULL,
    PRIMARY KEY (organization_id, service_request_id, id),
    FOREIGN KEY (organization_id, service_request_id) REFERENCES service_requests (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE requests (
    id                      TEXT PRIMARY KEY,
    organization_id         TEXT NOT NULL,
    environment_id          TEXT NOT NULL,
    service_request_id      TEXT NOT NULL,
    service                 TEXT NOT NULL,
    service_name            TEXT NOT NULL,
    engineer_id             TEXT NOT NULL,
    engineer_name           TEXT NOT NULL,
    engineer                TEXT NOT NULL,
    operations              TEXT NOT NULL,
    operation_words         TEXT NOT NULL,
    data_stores             TEXT NOT NULL,
    targets                 TEXT NOT NULL,
    permission_level        TEXT NOT NULL,
    direct_data_access      INTEGER NOT NULL,
    reason_code             TEXT NOT NULL,
    justification           TEXT NOT NULL,
    access_minutes          INTEGER NOT NULL,
    exclusion               TEXT,
    queue_hours             INTEGER NOT NULL,
    evaluation              TEXT NOT NULL,
    status                  TEXT NOT NULL,
    status_reason           TEXT,
    requested_at            INTEGER NOT NULL,
    notified_at             INTEGER,
    decide_by               INTEGER,
    internal_decision       TEXT,
    decision_outcome        TEXT,
    decided_by_id           TEXT,
    decided_by              TEXT,
    decided_at              INTEGER,
    decision_justification  TEXT,
    decision_minutes        INTEGER,
    version                 INTEGER NOT NULL,
    FOREIGN KEY (organization_id, environment_id) REFERENCES environments (organization_id, id),
    FOREIGN KEY (organization_id, service_request_id) REFERENCES service_requests (organization_id, id),
    -- Invariant 2: a decision is whole or absent.
    CHECK ((decision_outcome IS NULL) = (decided_at IS NULL) AND (decision_outcome IS NULL) = (decision_justification IS NULL))
) STRICT;
CREATE INDEX requests_newest ON requests (organization_id, requested_at DESC, id DESC);
CREATE INDEX requests_by_status ON requests (organization_id, status, requested_at DESC, id DESC);
CREATE INDEX requests_by_environment ON requests (organization_id, environment_id, requested_at DESC, id DESC);
CREATE INDEX requests_by_service_request ON requests (organization_id, service_request_id, requested_at DESC, id DESC);
CREATE INDEX requests_due ON requests (decide_by) WHERE status IN ('customer_notified', 'awaiting_internal_approval');

-- The access that a request led to. A row exists only with a recorded approval or a recorded reason why none was required.
CREATE TABLE grants (
    id                TEXT PRIMARY KEY,
    organization_id   TEXT NOT NULL,
    request_id        TEXT NOT NULL UNIQUE REFERENCES requests (id),
    engineer_id       TEXT NOT NULL,
    environment_id    TEXT NOT NULL,
    operations        TEXT NOT NULL,
    targets           TEXT NOT NULL,
    starts_at         INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    state             TEXT NOT NULL,
    ended_at          INTEGER,
    end_reason        TEXT,
    ended_by          TEXT,
    first_action_at   INTEGER,
    last_action_at    INTEGER,
    actions           INTEGER NOT NULL DEFAULT 0,
    refused_actions   INTEGER NOT NULL DEFAULT 0,
    CHECK (expires_at > starts_at),
    CHECK ((state = 'active') = (ended_at IS NULL))
) STRICT;
CREATE INDEX grants_due ON grants (expires_at) WHERE state = 'active';
CREATE INDEX grants_active ON grants (organization_id, expires_at) WHERE state = 'active';

-- The log. Its rowid is log order.
CREATE TABLE events (
    rowid               INTEGER PRIMARY KEY,
    organization_id     TEXT NOT NULL REFERENCES organizations (id),
    sequence            INTEGER NOT NULL,
    id                  TEXT NOT NULL,
    time                INTEGER NOT NULL,
    category            TEXT NOT NULL,
    operation           TEXT NOT NULL,
    friendly_name       TEXT,
    actor_id            TEXT NOT NULL,
    actor_name          TEXT NOT NULL,
    actor_kind          TEXT NOT NULL,
    environment_id      TEXT,
    request_id          TEXT,
    service_request_id  TEXT,
    grant_id            TEXT,
    outcome             TEXT NOT NULL,
    client_ip           TEXT,
    correlation_id      TEXT NOT NULL,
    details             TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_dense ON events (organization_id, sequence);
CREATE INDEX events_by_operation ON events (organization_id, operation, sequence);
CREATE INDEX events_by_actor ON events (organization_id, actor_id, sequence);
CREATE INDEX events_by_environment ON events (organization_id, environment_id, sequence) WHERE environment_id IS NOT NULL;
CREATE INDEX events_by_request ON events (organization_id, request_id, sequence) WHERE request_id IS NOT NULL;
CREATE INDEX events_by_service_request ON events (organization_id, service_request_id, sequence) WHERE service_request_id IS NOT NULL;
CREATE INDEX events_by_outcome ON events (organization_id, outcome, sequence) WHERE outcome <> 'success';
CREATE INDEX events_by_category ON events (organization_id, category, sequence);
CREATE INDEX events_by_time ON events (organization_id, time, sequence);

-- Invariant 5: nothing edits or deletes an event.
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE (ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE (ABORT, 'an event is never deleted'); END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE organization_id = NEW.organization_id AND sequence = NEW.sequence)
    OR EXISTS (SELECT 1 FROM events WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE (ABORT, 'an event is never replaced'); END;

-- Free text over the log. Contentless: rowid leads back to the event. The organisation is a token of its own column,
-- so that a search never touches another organisation's rows.
CREATE VIRTUAL TABLE events_text USING fts5 (organization, text, content = '', columnsize = 0, tokenize = "unicode61 tokenchars '_'");

CREATE TABLE grant_actions (
    grant_id   TEXT NOT NULL,
    action_id  TEXT NOT NULL,
    sequence   INTEGER NOT NULL,
    PRIMARY KEY (grant_id, action_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    client_id   TEXT NOT NULL,
    key         TEXT NOT NULL,
    body_hash   BLOB NOT NULL,
    request_id  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (client_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id               TEXT PRIMARY KEY,
    organization_id  TEXT NOT NULL,
    request_id       TEXT,
    recipient        TEXT NOT NULL,
    subject          TEXT NOT NULL,
    text             TEXT NOT NULL,
    html             TEXT NOT NULL,
    link             TEXT,
    created_at       INTEGER NOT NULL,
    next_attempt_at  INTEGER NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    sent_at          INTEGER,
    failed_at        INTEGER,
    last_error       TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_newest ON outbox (created_at DESC);
