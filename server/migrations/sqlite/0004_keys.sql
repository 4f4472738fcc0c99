-- A client has several keys at once while one takes over from another; what it may do is part of the client, not of a key.
CREATE TABLE api_clients_new (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    -- JSON list of organisations; NULL: all.
    organization_ids  TEXT,
    -- Words with a space between them, as grant checks read them without parsing.
    scopes            TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    revoked_at        INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO api_clients_new (id, name, organization_ids, scopes, created_at, revoked_at)
    SELECT id, name, organization_ids, 'organizations catalog requests requests:decide grants:check actions', created_at, revoked_at
    FROM api_clients;

CREATE TABLE client_keys (
    key_hash      BLOB PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    client_id     TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    -- The end of the overlap, once another key has taken over; NULL: none.
    ends_at       INTEGER,
    -- To the minute.
    last_used_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX client_keys_by_client ON client_keys (client_id, created_at);
INSERT INTO client_keys (key_hash, id, client_id, created_at, last_used_at)
    SELECT key_hash, 'key_' || substr(id, 5), id, created_at, last_used_at FROM api_clients;
DROP TABLE api_clients;
ALTER TABLE api_clients_new RENAME TO api_clients;

-- With what leases are signed. A key is published before it signs and for a while after another has taken over.
CREATE TABLE lease_keys (
    id           TEXT PRIMARY KEY,
    -- The seed of the private key; the row goes when the key has ended.
    seed         BLOB NOT NULL,
    public_key   BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    signs_from   INTEGER NOT NULL,
    ends_at      INTEGER
) STRICT, WITHOUT ROWID;

-- Where the provider is told what becomes of requests. A hook belongs to an API client: it is told what that client may
-- speak of, and ends with it.
CREATE TABLE webhooks (
    id          TEXT PRIMARY KEY,
    client_id   TEXT NOT NULL REFERENCES api_clients (id),
    url         TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    removed_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_secrets (
    webhook_id  TEXT NOT NULL REFERENCES webhooks (id),
    secret      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    ends_at     INTEGER,
    PRIMARY KEY (webhook_id, secret)
) STRICT, WITHOUT ROWID;
-- Written in the transaction of what it tells about, like mail.
CREATE TABLE webhook_messages (
    -- The order in which things happened.
    number           INTEGER PRIMARY KEY,
    id               TEXT NOT NULL UNIQUE,
    webhook_id       TEXT NOT NULL REFERENCES webhooks (id),
    organization_id  TEXT NOT NULL,
    request_id       TEXT NOT NULL,
    kind             TEXT NOT NULL,
    body             TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    next_attempt_at  INTEGER NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    delivered_at     INTEGER,
    failed_at        INTEGER,
    last_status      INTEGER,
    last_error       TEXT
) STRICT;
CREATE INDEX webhook_messages_due ON webhook_messages (webhook_id, next_attempt_at)
    WHERE delivered_at IS NULL AND failed_at IS NULL;
CREATE INDEX webhook_messages_order ON webhook_messages (webhook_id, request_id, number)
    WHERE delivered_at IS NULL AND failed_at IS NULL;
CREATE INDEX webhook_messages_age ON webhook_messages (created_at);

-- What people were told of refused actions: one mail at once, then digests.
CREATE TABLE refused_alerts (
    grant_id  TEXT PRIMARY KEY REFERENCES grants (id),
    told_at   INTEGER NOT NULL,
    -- How many refused actions of the grant the mails so far were about.
    told      INTEGER NOT NULL,
    -- 1 while more were refused and the pause is not over.
    waiting   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refused_alerts_waiting ON refused_alerts (told_at) WHERE waiting = 1;
