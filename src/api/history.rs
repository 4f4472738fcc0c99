//! Figures over a period.

use super::{Failure, client};
use crate::paths::Query;
use lockbox_api::history::{History, HistoryQuery};

/// The figures of a period and of the one before.
pub async fn read_history(query: HistoryQuery) -> Result<History, Failure> {
    let path = Query::new()
        .add("from", query.from.as_deref().unwrap_or_default())
        .add("to", query.to.as_deref().unwrap_or_default())
        .onto("/api/v1/history");
    client::get(path).await
}
