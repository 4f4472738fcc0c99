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
