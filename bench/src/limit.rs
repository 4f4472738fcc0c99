//! The least that a keyed answer costs: axum, one prepared statement, JSON in and out. No key, no rules, no log line.

use std::{cell::RefCell, io::Write};

use axum::{Json, Router, routing::get, routing::post};
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use crate::Outcome;

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
    let app = Router::new().route("/hello", get(async || "hello")).route("/grants/{id}/check", post(check));
    tokio::runtime::Runtime::new()?.block_on(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
        axum::serve(listener, app).await?;
        Ok(())
    })
}

fn read(path: &str, id: &str, question: &Question) -> Answer {
    CONNECTION.with_borrow_mut(|slot| {
        let connection = slot.get_or_insert_with(|| {
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .unwrap_or_else(|error| panic!("the database can't be opened: {error}"))
        });
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
