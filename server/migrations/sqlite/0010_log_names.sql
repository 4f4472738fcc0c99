-- The names of actors and operations in small letters, from the beginning of each of their words on: what the beginning of a
-- word finds them by. Made of log_terms, see store/sqlite/log_terms.rs.
CREATE TABLE log_names (
    organization  INTEGER NOT NULL,
    -- 'operation' or 'actor'.
    field         TEXT NOT NULL,
    name          TEXT NOT NULL,
    -- That of log_terms.
    number        INTEGER NOT NULL,
    PRIMARY KEY (organization, field, name, number)
) STRICT, WITHOUT ROWID;
