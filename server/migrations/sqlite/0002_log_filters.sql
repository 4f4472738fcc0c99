-- The log can be filtered by everything at once, and counted without reading it. What stands here only says again what
-- the events say; it is written in the transaction of the event, and for events from before by the code that runs this.

-- Small numbers for organisations, in what is written about them a million times. An implicit rowid may change.
ALTER TABLE organizations ADD COLUMN number INTEGER;
UPDATE organizations SET number = (SELECT count(*) FROM organizations AS o WHERE o.rowid <= organizations.rowid);
CREATE UNIQUE INDEX organizations_by_number ON organizations (number);

-- One index answers every combination of filters and words, in log order: `facets` holds a word per value of each field,
-- `text` the words that people search for. Every word begins with the organisation's number, so that a search never
-- touches another organisation's rows. Contentless: rowid leads back to the event.
DROP TABLE events_text;
CREATE VIRTUAL TABLE events_index USING fts5 (facets, text, content = '', columnsize = 0, tokenize = "unicode61 tokenchars '_'");
DROP INDEX events_by_operation;
DROP INDEX events_by_actor;
DROP INDEX events_by_environment;
DROP INDEX events_by_service_request;
DROP INDEX events_by_outcome;
DROP INDEX events_by_category;
CREATE UNIQUE INDEX events_by_id ON events (id);

-- The values that operations, actors and environments have, numbered within the organisation.
CREATE TABLE log_terms (
    organization  INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    -- 'operation', 'actor' or 'environment'.
    field         TEXT NOT NULL,
    -- Wire name or id.
    value         TEXT NOT NULL,
    -- Friendly name of an operation, name of an actor; empty where there is none.
    label         TEXT NOT NULL,
    -- With actors: person, engineer, client or system; else empty.
    kind          TEXT NOT NULL,
    PRIMARY KEY (organization, number),
    UNIQUE (organization, field, value, label, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_actors_by_name ON log_terms (organization, label) WHERE field = 'actor';

-- How many events of each kind an hour had (hours since 1970, UTC): category, operation, actor, environment, outcome and
-- a number each, packed; see store/sqlite/counts.rs.
CREATE TABLE log_hours (
    organization  INTEGER NOT NULL,
    hour          INTEGER NOT NULL,
    counts        BLOB NOT NULL,
    PRIMARY KEY (organization, hour)
) STRICT, WITHOUT ROWID;
-- The same for whole days that are over: the first event of a later day adds the hours of the day before it up.
CREATE TABLE log_days (
    organization  INTEGER NOT NULL,
    day           INTEGER NOT NULL,
    counts        BLOB NOT NULL,
    PRIMARY KEY (organization, day)
) STRICT, WITHOUT ROWID;

-- Exports of the log. The events tell of them as well; this is where one is looked up while it runs and afterwards.
CREATE TABLE log_exports (
    id               TEXT PRIMARY KEY,
    organization_id  TEXT NOT NULL REFERENCES organizations (id),
    person_id        TEXT NOT NULL REFERENCES people (id),
    format           TEXT NOT NULL,
    filter           TEXT NOT NULL,
    from_sequence    INTEGER NOT NULL,
    to_sequence      INTEGER NOT NULL,
    started_at       INTEGER NOT NULL,
    state            TEXT NOT NULL,
    ended_at         INTEGER,
    rows             INTEGER,
    bytes            INTEGER,
    sha256           TEXT,
    CHECK ((state = 'running') = (ended_at IS NULL))
) STRICT;
CREATE INDEX log_exports_running ON log_exports (started_at) WHERE state = 'running';

-- Who read which part of the log in which hour: told in the log once an hour, not at every page.
CREATE TABLE log_reads (
    organization_id  TEXT NOT NULL,
    person_id        TEXT NOT NULL,
    hour             INTEGER NOT NULL,
    filter_hash      BLOB NOT NULL,
    PRIMARY KEY (organization_id, person_id, hour, filter_hash)
) STRICT, WITHOUT ROWID;

-- Saved views of the log: a name for a typed filter line.
CREATE TABLE log_views (
    id               TEXT PRIMARY KEY,
    organization_id  TEXT NOT NULL REFERENCES organizations (id),
    owner_id         TEXT NOT NULL REFERENCES people (id),
    name             TEXT NOT NULL COLLATE NOCASE,
    filter           TEXT NOT NULL,
    shared           INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    UNIQUE (owner_id, name)
) STRICT;
CREATE INDEX log_views_by_organization ON log_views (organization_id, name);
-- Which view the log opens with, per person.
CREATE TABLE log_starts (
    person_id  TEXT PRIMARY KEY REFERENCES people (id),
    view_id    TEXT NOT NULL REFERENCES log_views (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Rows that were reported for actions that were not refused: the history tells them.
ALTER TABLE grants ADD COLUMN rows_touched INTEGER NOT NULL DEFAULT 0;
UPDATE grants SET rows_touched = (
    SELECT coalesce(sum(e.details ->> 'rows'), 0) FROM events e
    WHERE e.organization_id = grants.organization_id AND e.request_id = grants.request_id AND e.grant_id = grants.id
    AND e.category = 'data_access' AND e.outcome <> 'refused');
