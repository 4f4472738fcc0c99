//! The least that a keyed answer costs: axum, one prepared statement, JSON in and out. No key, no rules, no log line.

use std::{cell::RefCell, io::Write};

use axum::{Json, Router, routing::get, routing::post};
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use crate::{Outcome, logs::COLUMNS};

#[derive(Deserialize)]
struct Question {
    engineer_id: String,
    environment_id: String,
    operation: String,
    target: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    allowed: bool,
    until: i64,
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Serves until it is killed. The database is a copy of the server's own.
pub(crate) fn run(database: &str) -> Outcome {
    let path = database.to_owned();
    let check = move |axum::extract::Path(id): axum::extract::Path<String>, Json(question): Json<Question>| {
        let answer = read(&path, &id, &question);
        async move { Json(answer) }
    };
    let newest_path = database.to_owned();
    let newest = move || {
        let body = newest(&newest_path);
        async move { ([("content-type", "application/json")], body) }
    };
    let app = Router::new()
        .route("/newest", get(newest))
        .route("/hello", get(async || "hello"))
        .route("/grants/{id}/check", post(check));
    tokio::runtime::Runtime::new()?.block_on(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
        axum::serve(listener, app).await?;
        Ok(())
    })
}

#[expect(clippy::panic, reason = "a yardstick without its database measures nothing, and must not answer")]
fn open(path: &str) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .unwrap_or_else(|error| panic!("the database can't be opened: {error}"))
}

/// The newest 50 events of the largest organisation, JSON by hand.
fn newest(path: &str) -> String {
    use std::fmt::Write as _;
    CONNECTION.with_borrow_mut(|slot| {
        let connection = slot.get_or_insert_with(|| open(path));
        let mut out = String::with_capacity(32 << 10);
        out.push_str("{\"items\":[");
        let text = format!("SELECT {COLUMNS} FROM events WHERE organization_id = ?1 ORDER BY sequence DESC LIMIT 50");
        let written = connection.prepare_cached(&text).and_then(|mut statement| {
            let mut rows = statement.query(["org_00"])?;
            while let Some(row) = rows.next()? {
                if out.len() > 12 {
                    out.push(',');
                }
                let _ = write!(out, "{{\"sequence\":{},\"time\":{}", row.get::<_, i64>(0)?, row.get::<_, i64>(2)?);
                for (at, name) in COLUMNS.split(", ").enumerate().take(16).filter(|(at, _)| !matches!(at, 0 | 2)) {
                    let text = row.get_ref(at)?.as_str_or_null()?.unwrap_or_default();
                    let _ = write!(out, ",\"{name}\":\"{text}\"");
                }
                let _ = write!(out, ",\"details\":{}}}", row.get_ref(16)?.as_str()?);
            }
            Ok(())
        });
        if written.is_err() {
            return String::new();
        }
        out.push_str("]}");
        out
    })
}

fn read(path: &str, id: &str, question: &Question) -> Answer {
    CONNECTION.with_borrow_mut(|slot| {
        let connection = slot.get_or_insert_with(|| open(path));
        let row = connection
            .prepare_cached("SELECT engineer_id, environment_id, operations, expires_at FROM grants WHERE id = ?1")
            .and_then(|mut statement| {
                statement.query_row([id], |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, i64>(3)?,
                    ))
                })
            });
        match row {
            Ok((engineer, environment, operations, until)) => Answer {
                allowed: engineer == question.engineer_id
                    && environment == question.environment_id
                    && operations.contains(&question.operation)
                    && question.target.is_some(),
                until,
            },
            Err(_) => Answer { allowed: false, until: 0 },
        }
    })
}
