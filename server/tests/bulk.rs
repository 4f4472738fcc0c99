//! Filling a database in bulk leaves what appending one by one leaves, to the byte: otherwise what is measured on it would
//! say nothing.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::{
    generate::{self, Events, organizations},
    support::{
        TestApp,
        database::{dump, open},
        events::Dice,
    },
};

const EVENTS: usize = 6_000;

/// Every word of the index with its place, in both columns. How it is spread over the index's own tables depends on how
/// much was written at a time.
fn words(app: &TestApp) -> Vec<(String, i64, String, i64)> {
    let database = Connection::open(app.folder.path().join("lockbox.db")).unwrap();
    database.execute_batch("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, events_index, instance)").unwrap();
    let mut statement = database.prepare("SELECT term, doc, col, offset FROM temp.words ORDER BY 1, 2, 3, 4").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Tables, indexes and triggers.
fn schema(app: &TestApp) -> BTreeMap<String, Option<String>> {
    let database = open(app.folder.path());
    let mut statement = database.prepare("SELECT type || ' ' || name, sql FROM sqlite_schema").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn in_bulk_the_same_is_written_as_one_by_one() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let path = folder.path().join("lockbox.db");
    // Twice, so that it goes on where something stands already.
    let mut events = Events::new(7, EVENTS);
    generate::fill(&path, events.by_ref().take(EVENTS / 3)).unwrap();
    generate::fill(&path, events).unwrap();
    let bulk = TestApp::on(folder).await;

    let one_by_one = TestApp::on(std::sync::Arc::new(tempfile::tempdir().unwrap())).await;
    one_by_one
        .write(|tx, _| {
            for record in organizations() {
                tx.put_organization(&record, generate::begin())?;
            }
            Ok(())
        })
        .await;
    let mut events = Events::new(7, EVENTS).peekable();
    let mut dice = Dice(5);
    while events.peek().is_some() {
        let some: Vec<_> = events.by_ref().take(1 + dice.roll(300)).collect();
        one_by_one
            .write(|tx, _| {
                for (organization, event) in some {
                    tx.append_event(&organization, event)?;
                }
                Ok(())
            })
            .await;
    }

    assert_eq!(schema(&bulk), schema(&one_by_one));
    let (mut ours, mut theirs) = (dump(&bulk), dump(&one_by_one));
    for (name, rows) in &mut ours {
        let others = theirs.remove(name).unwrap();
        // The index is laid out by how much is written at a time; keys that sign are another pair in every database.
        if !["events_index_data", "events_index_idx", "lease_keys"].contains(&name.as_str()) {
            assert!(*rows == others, "{name}: {} rows instead of {}", rows.len(), others.len());
        }
    }
    assert!(ours["events"].len() == EVENTS && ours["log_hours"].len() > 1_000 && ours["log_days"].len() > 1_000);
    assert!(ours["log_terms"].len() > 500, "{}", ours["log_terms"].len());
    let (ours, theirs) = (words(&bulk), words(&one_by_one));
    assert!(ours.len() > EVENTS * 20 && ours == theirs, "{} words instead of {}", ours.len(), theirs.len());
    for app in [&bulk, &one_by_one] {
        let whole: String = open(app.folder.path()).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
    }
}
