//! The organisation's Lockbox setting and its figures, as Overview needs them.

use super::{Failure, client};
use crate::paths::Query;
use lockbox_api::{history::History, lockbox::Lockbox};

/// The setting in force.
pub async fn read_lockbox() -> Result<Lockbox, Failure> {
    client::get("/api/v1/lockbox".to_owned()).await
}

/// Figures from `from` until now (`now-28d`).
pub async fn read_history(from: &str) -> Result<History, Failure> {
    client::get(Query::new().add("from", from).onto("/api/v1/history")).await
}
