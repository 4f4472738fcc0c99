//! Environments.

use super::{Failure, client};
use crate::paths::Query;
use lockbox_api::{environments::Environment, page::EnvironmentPage};

/// The first environments whose name or id holds the text, by name, and how many there are in all.
pub async fn find_environments(q: &str, limit: u32) -> Result<EnvironmentPage, Failure> {
    let query = Query::new().add("with_total", "true").add("limit", &limit.to_string()).add("q", q);
    client::get(query.onto("/api/v1/environments")).await
}

/// Every environment, also those that were removed, however many there are.
pub async fn list_all_environments() -> Result<Vec<Environment>, Failure> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = Query::new()
            .add("include_deleted", "true")
            .add("limit", "200")
            .add("cursor", &cursor)
            .onto("/api/v1/environments");
        let page: EnvironmentPage = client::get(path).await?;
        all.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = next,
            None => return Ok(all),
        }
    }
}
