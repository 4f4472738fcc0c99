//! A clock that tests set. Compiled only with the feature `test-hooks`, never into a release.

use axum::{Router, extract::State, http::StatusCode, routing::post};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Answer;
use crate::{http::extract::Json, state::AppState};

/// Where the clock goes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    /// To this time.
    #[serde(default)]
    now: Option<DateTime<Utc>>,
    /// By so many seconds.
    #[serde(default)]
    advance_seconds: Option<i64>,
}

/// The routes of the hand.
pub fn router() -> Router<AppState> {
    Router::new().route(
        "/test/clock",
        post(async move |State(state): State<AppState>, Json(input): Json<Move>| -> Answer<StatusCode> {
            if let Some(now) = input.now {
                state.hand.set(now);
            }
            if let Some(seconds) = input.advance_seconds {
                state.hand.set(state.env.now() + TimeDelta::seconds(seconds));
            }
            Ok(StatusCode::NO_CONTENT)
        }),
    )
}
