//! The database file looked at from outside, with SQL of its own: what the server says about itself proves nothing here.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use rusqlite::{Connection, OpenFlags, types::ValueRef};

use super::TestApp;

/// A second connection that only reads.
pub fn open(folder: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join("lockbox.db"), flags).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    connection
}

/// Every row of every table as text, by table. When a session or a token was last used is left out, and how far the clock
/// has come: that is written down by the way. So are the pages of the text index, which is tidied up in quiet moments.
pub fn dump(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    dump_of(&open(app.folder.path()))
}

fn dump_of(connection: &Connection) -> BTreeMap<String, Vec<String>> {
    let mut names = connection
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'clock_mark' AND sql NOT LIKE '%VIRTUAL%'
             AND name NOT IN ('events_index_data', 'events_index_idx')",
        )
        .unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    names.into_iter().map(|name| (name.clone(), rows(connection, &name))).collect()
}

fn rows(connection: &Connection, table: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let kept: Vec<usize> =
        (0..names.len()).filter(|at| !matches!(names[*at].as_str(), "last_seen_at" | "last_used_at")).collect();
    let mut rows = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cells = kept.iter().map(|at| match row.get_ref_unwrap(*at) {
            ValueRef::Null => "-".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            // Hashes of secrets, and counts: equal or not is all that counts.
            ValueRef::Blob(bytes) => {
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                format!("{:016x}", hasher.finish())
            }
        });
        all.push(cells.collect::<Vec<_>>().join("|"));
    }
    all.sort();
    all
}

/// Tells cheaply whether anything was committed since it was asked last. How far the clock has come is written down by the
/// way and does not count.
pub struct Watch {
    connection: Connection,
    version: i64,
    seen: BTreeMap<String, Vec<String>>,
}

impl Watch {
    pub fn new(app: &TestApp) -> Self {
        let connection = open(app.folder.path());
        let mut watch = Self { connection, version: 0, seen: BTreeMap::new() };
        watch.changed();
        watch
    }

    /// Whether anything was committed since the last question.
    pub fn changed(&mut self) -> bool {
        let version = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0)).unwrap();
        if std::mem::replace(&mut self.version, version) == version {
            return false;
        }
        let present = dump_of(&self.connection);
        let changed = present != self.seen;
        self.seen = present;
        changed
    }
}

/// A request as the tables have it.
#[derive(Debug)]
pub struct Row {
    pub status: String,
    pub decision: Option<String>,
    pub grant: Option<String>,
    decided_at: Option<i64>,
    decide_by: Option<i64>,
    notified: bool,
    mails: i64,
    /// Whether it was so long ago that mails about it are forgotten.
    forgotten: bool,
    counted: (i64, i64),
    action_ids: i64,
}

impl Row {
    /// Whether actions were recorded under its grant.
    pub fn has_actions(&self) -> bool {
        self.counted.0 > 0
    }
}

/// Everything about requests: rows, and how often each event stands in the log.
pub struct Picture {
    pub rows: HashMap<String, Row>,
    pub events: HashMap<(String, String), u32>,
    /// Per request: actions recorded, and how many of them as refused.
    actions: HashMap<String, (i64, i64)>,
}

impl Picture {
    pub fn take(connection: &Connection) -> Self {
        let mut statement = connection
            .prepare(
                "SELECT r.id, r.status, r.decision_outcome, g.state, r.decided_at, r.decide_by, r.notified_at IS NOT NULL,
                 coalesce(m.mails, 0), r.notified_at <= (SELECT max(at) FROM (SELECT time AS at FROM clock_mark
                     UNION ALL SELECT last_event_at FROM organizations)) - 29 * 86400000000, coalesce(g.actions, 0),
                 coalesce(g.refused_actions, 0), (SELECT count(*) FROM grant_actions a WHERE a.grant_id = g.id)
                 FROM requests r LEFT JOIN grants g ON g.request_id = r.id
                 LEFT JOIN (SELECT request_id, count(*) AS mails FROM outbox GROUP BY request_id) m ON m.request_id = r.id",
            )
            .unwrap();
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get(0)?,
                    Row {
                        status: row.get(1)?,
                        decision: row.get(2)?,
                        grant: row.get(3)?,
                        decided_at: row.get(4)?,
                        decide_by: row.get(5)?,
                        notified: row.get(6)?,
                        mails: row.get(7)?,
                        forgotten: row.get::<_, Option<bool>>(8)?.unwrap_or(false),
                        counted: (row.get(9)?, row.get(10)?),
                        action_ids: row.get(11)?,
                    },
                ))
            })
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let mut events = HashMap::new();
        let mut actions: HashMap<String, (i64, i64)> = HashMap::new();
        let mut statement = connection
            .prepare("SELECT request_id, operation, category, outcome FROM events WHERE request_id IS NOT NULL")
            .unwrap();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let (request, operation): (String, String) = (row.get_unwrap(0), row.get_unwrap(1));
            let (category, outcome): (String, String) = (row.get_unwrap(2), row.get_unwrap(3));
            if category == "data_access" {
                let count = actions.entry(request).or_default();
                count.0 += 1;
                count.1 += i64::from(outcome == "refused");
            } else if outcome == "success" || operation == "Lockbox Request Rejection" {
                *events.entry((request, operation)).or_default() += 1;
            }
        }
        Self { rows, events, actions }
    }

    /// How often an event stands in the log about a request.
    pub fn count(&self, request: &str, operation: &str) -> u32 {
        self.events.get(&(request.to_owned(), operation.to_owned())).copied().unwrap_or(0)
    }

    /// Every disagreement between state and log.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (id, row) in &self.rows {
            let mut must = |what: &str, holds: bool| {
                if !holds {
                    faults.push(format!("{id}: {what}: {row:?}"));
                }
            };
            let count = |operation: &str| self.count(id, operation);
            let is = |status: &str| u32::from(row.status == status);
            must("raised once", count("Create Lockbox Request") == 1 && count("Evaluate Lockbox Request") == 1);
            must("approval", count("Approve Lockbox Request") == is("approved"));
            must("denial", count("Deny Lockbox Request") == is("denied"));
            must("expiry", count("Lockbox Request Expiry") == is("expired"));
            must("withdrawal", count("Cancel Lockbox Request") == is("cancelled"));
            must("rejection", count("Lockbox Request Rejection") == is("rejected"));
            must("no consent needed", count("Access Without Request") == is("not_required"));
            let decided = matches!(row.status.as_str(), "approved" | "denied").then(|| row.status.clone());
            must("decision", row.decision == decided);
            must("in time", row.decision.is_none() || row.decided_at < row.decide_by);
            let opened = matches!(row.status.as_str(), "approved" | "not_required");
            must("access", row.grant.is_some() == opened);
            let access = |state: &str| u32::from(row.grant.as_deref() == Some(state));
            must("revocation", count("Revoke Lockbox Access") == access("revoked"));
            must("lapse", count("Lockbox Access Lapse") == access("lapsed"));
            must("completion", count("Lockbox Access Completion") == access("completed"));
            must(
                "told",
                count("Notify Lockbox Request") == u32::from(row.notified)
                    && row.notified <= (row.mails > 0 || row.forgotten),
            );
            let actions = self.actions.get(id).copied().unwrap_or_default();
            must("actions", actions == row.counted && actions.0 == row.action_ids);
        }
        faults
    }
}

/// Everything that is wrong with the database: damage, gaps in a log, states that the log does not tell of.
pub fn faults(connection: &Connection) -> Vec<String> {
    let mut faults = Vec::new();
    let integrity: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    if integrity != "ok" {
        faults.push(integrity);
    }
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    for (what, sql) in [
        ("rows that point nowhere", "SELECT count(*) FROM pragma_foreign_key_check"),
        (
            "logs that are not dense",
            "SELECT count(*) FROM organizations o WHERE last_sequence <>
             (SELECT count(*) FROM events e WHERE e.organization_id = o.id) OR last_sequence <>
             (SELECT coalesce(max(sequence), 0) FROM events e WHERE e.organization_id = o.id)",
        ),
        (
            "events out of order",
            "SELECT count(*) FROM events a JOIN events b ON b.organization_id = a.organization_id
             AND b.sequence = a.sequence + 1 AND (b.time < a.time OR b.rowid < a.rowid)",
        ),
        ("events with one id", "SELECT count(*) - count(DISTINCT id) FROM events"),
    ] {
        if count(sql) != 0 {
            faults.push(format!("{what}: {}", count(sql)));
        }
    }
    faults.extend(Picture::take(connection).faults());
    faults
}

/// How many events an organisation's log has.
pub fn log_length(app: &TestApp) -> i64 {
    open(app.folder.path()).query_row("SELECT sum(last_sequence) FROM organizations", [], |row| row.get(0)).unwrap()
}

/// Copies a request until there are so many of it, raised some microseconds apart, a few at the same time.
pub fn copies(app: &TestApp, id: &str, count: usize) {
    let database = Connection::open(app.folder.path().join("lockbox.db")).unwrap();
    let names: Vec<String> = database
        .prepare("SELECT name FROM pragma_table_info('requests')")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let values = names.iter().map(|name| match name.as_str() {
        "id" => "id || 'x' || n.value".to_owned(),
        "requested_at" => "requested_at + n.value / 3".to_owned(),
        name => name.to_owned(),
    });
    let (names, values) = (names.join(", "), values.collect::<Vec<_>>().join(", "));
    let copied = database
        .execute(
            &format!(
                "WITH RECURSIVE n (value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM n WHERE value < ?2)
                 INSERT INTO requests ({names}) SELECT {values} FROM requests, n WHERE id = ?1"
            ),
            (id, i64::try_from(count).unwrap()),
        )
        .unwrap();
    assert_eq!(copied, count - 1);
}
