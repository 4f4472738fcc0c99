-- How far Lockbox's clock has come, beyond the newest event: one row, written again while anything is open and before an
-- answer is given at a time that a restart would not reach. `until`: no answer was given at a later time than this.
-- `boot_id` and `uptime` (microseconds since the machine started) say how long ago that was, as long as it runs.
CREATE TABLE clock_mark (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    time    INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    boot_id TEXT,
    uptime  INTEGER
) STRICT;
