//! Signing in and out.

use axum::{
    extract::{Extension, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use lockbox_api::session::{Session, SignIn, SignInOptions};
use lockbox_rules::validate;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app::{self, Error, Origin, Who},
    error::ApiError,
    http::{
        auth::{Caller, ReadAt, clear_cookie, cookie, cookie_name, set_cookie},
        extract::{Json, NoBody, NoParameters, Query},
    },
    password::PasswordError,
    secret::Secret,
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_session, sign_in, sign_out)).routes(routes!(read_sign_in_options))
}

/// Read who is signed in. Permissions: any signed-in person.
#[utoipa::path(get, path = "/session", tag = "Session", responses((status = 200, body = Session)))]
async fn read_session(
    State(state): State<AppState>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<Session>> {
    let (env, demo) = (state.env, state.config.demo);
    let session = state.store.read(move |tx| app::session::get(tx, &env, &caller.who, caller.expires_at, demo)).await?;
    Ok(Json(session))
}

/// Read how one can sign in here. Permissions: everybody.
#[utoipa::path(get, path = "/session/options", tag = "Session", responses((status = 200, body = SignInOptions)))]
async fn read_sign_in_options(
    State(state): State<AppState>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<SignInOptions>> {
    Ok(Json(SignInOptions { local_accounts: true, demo_accounts: state.demo_accounts.to_vec() }))
}

/// Sign in with a local account; the answer sets the session cookie. Permissions: everybody; attempts are slowed down
/// per address and account.
#[utoipa::path(post, path = "/session", tag = "Session", request_body = SignIn, responses((status = 200, body = Session)))]
async fn sign_in(
    State(state): State<AppState>,
    origin: Origin,
    headers: HeaderMap,
    Extension(read_at): Extension<ReadAt>,
    Json(input): Json<SignIn>,
) -> Answer<Response> {
    Error::unless_valid(validate::sign_in(&input))?;
    let email = input.email.trim().to_lowercase();
    let from = origin.client_ip.as_deref().and_then(|ip| ip.parse().ok());
    // Counted before the password is looked at: guessing is slowed down, whether it is right or wrong.
    state
        .sign_in_limit
        .attempt(from, &email, state.env.now())
        .map_err(|retry_after| ApiError::TooManyRequests { retry_after })?;
    // Full only while nothing can be written: then nobody could be signed in either.
    let place = state.refused_sign_ins.place().ok_or(ApiError::Unavailable)?;
    let candidate = {
        let email = email.clone();
        state.store.read(move |tx| app::session::candidate(tx, &email)).await?
    };
    let hash = candidate.as_ref().and_then(|person| person.password_hash.clone());
    let right = state.passwords.verify(Secret::new(input.password), hash).await.map_err(|error| match error {
        PasswordError::Busy => ApiError::TooManyRequests { retry_after: 5 },
        PasswordError::TooLong => ApiError::SignInFailed,
        PasswordError::Failed => ApiError::internal(error),
    })?;
    let env = state.env.clone();
    // From here to the answer the same is done for a known account and an unknown one.
    let person = match (right, candidate) {
        (true, Some(person)) => person,
        (_, candidate) => {
            state.refused_sign_ins.note(place, candidate.map(|person| person.id), origin, env.now());
            return Err(ApiError::SignInFailed);
        }
    };
    drop(place);
    state.sign_in_limit.succeeded(from, &email);
    // A session that the browser still has ends here: a new sign-in always gets a new secret.
    let old = cookie(&headers, cookie_name(state.secure()));
    let demo = state.config.demo;
    let (secret, session) = state
        .store
        .write(move |tx| {
            if let Some(old) = old {
                app::session::end(tx, &env, &origin, &old)?;
            }
            let (secret, person_id) = app::session::begin(tx, &env, &origin, &person)?;
            let expires_at = app::session::authenticate(tx.reader(), &env, &secret)?.expires_at;
            let session = app::session::get(tx.reader(), &env, &Who { person_id, origin }, expires_at, demo)?;
            read_at.set(tx.reader().newest_event(&session.organization.id)?.0);
            Ok::<_, Error>((secret, session))
        })
        .await?;
    let cookie = set_cookie(state.secure(), &secret).ok_or_else(|| ApiError::internal("no cookie"))?;
    Ok(([(header::SET_COOKIE, cookie)], Json(session)).into_response())
}

/// Sign out. Permissions: everybody; without a session nothing happens.
#[utoipa::path(delete, path = "/session", tag = "Session", responses((status = 204)))]
async fn sign_out(State(state): State<AppState>, origin: Origin, headers: HeaderMap, _: NoBody) -> Answer<Response> {
    if let Some(secret) = cookie(&headers, cookie_name(state.secure())) {
        let env = state.env.clone();
        state.store.write(move |tx| app::session::end(tx, &env, &origin, &secret)).await?;
    }
    let cookie = clear_cookie(state.secure()).ok_or_else(|| ApiError::internal("no cookie"))?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
