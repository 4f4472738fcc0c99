//! The demo's mailbox. Outside the demo there is no such thing.

use axum::extract::State;
use lockbox_api::mail::DemoMailbox;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    error::ApiError,
    http::extract::{Json, NoParameters, Query},
    state::AppState,
};

/// Mails shown at most.
const SHOWN: u32 = 100;

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_demo_mail))
}

/// Read what the demo has sent. Permissions: whoever reaches the demo, which listens on loopback only; 404 outside it.
#[utoipa::path(get, path = "/demo/mail", tag = "Demo", responses((status = 200, body = DemoMailbox)))]
async fn list_demo_mail(
    State(state): State<AppState>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<DemoMailbox>> {
    if !state.config.demo {
        return Err(ApiError::NotFound);
    }
    let items = state.store.read(|tx| tx.newest_mails(SHOWN).map_err(crate::app::Error::from)).await?;
    Ok(Json(DemoMailbox { items }))
}
