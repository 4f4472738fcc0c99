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

-- Of the refused actions: those that the provider reported as done all the same, and those whose report was faulty. Of how
-- many of each people were told.
ALTER TABLE grants ADD COLUMN done_outside INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN faulty_reports INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refused_alerts ADD COLUMN told_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refused_alerts ADD COLUMN told_faulty INTEGER NOT NULL DEFAULT 0;
