//! Who calls: a session cookie or a personal access token for people, a key for the provider's API clients.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use lockbox_api::{Time, ids::PersonId};

use super::{
    extract::{ClientIp, CorrelationId},
    scopes,
};
use crate::{
    app::{
        Client, Error, Me, Origin, PresentedKey, Who, clients,
        session::{self, CLIENT_KEY_PREFIX},
        tokens::TOKEN_PREFIX,
    },
    error::ApiError,
    secret::Secret,
    state::AppState,
    store::{ReadTx, StoreError},
};

/// Longest secret that is looked at; real ones are shorter.
const SECRET_MAX: usize = 200;

/// The sequence up to which the organisation's log is in an answer, at least. Set before anything is read for it; the edge puts it
/// on the answer. So a page that begins to listen later can ask for what came in between.
#[derive(Clone, Debug, Default)]
pub struct ReadAt(Arc<OnceLock<u64>>);

impl ReadAt {
    /// What was set, if anything was.
    pub(crate) fn sequence(&self) -> Option<u64> {
        self.0.get().copied()
    }

    /// Sets it; the first one counts.
    pub(crate) fn set(&self, sequence: u64) {
        let _ = self.0.set(sequence);
    }

    /// Sets it to where the log of the person's organisation stands.
    fn note(parts: &Parts, tx: &dyn ReadTx, person: &PersonId) -> Result<(), Error> {
        if let Some(read_at) = parts.extensions.get::<Self>()
            && let Some(sequence) = tx.log_end(person)?
        {
            read_at.set(sequence);
        }
        Ok(())
    }
}

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who, and from where.
    pub who: Who,
    /// When the session ends without further use.
    pub expires_at: Time,
    secret: Secret,
}

impl Caller {
    /// Whether they came with a personal access token.
    #[must_use]
    pub fn by_token(&self) -> bool {
        self.secret.expose().starts_with(TOKEN_PREFIX)
    }

    /// Whether the session or token still holds, and the account still exists: asked by whatever goes on for long.
    pub async fn still_holds(&self, state: &AppState) -> bool {
        self.again(state).await.is_some()
    }

    /// The person as they are now, if the session or token still holds and the account still exists.
    pub async fn again(&self, state: &AppState) -> Option<Me> {
        let (env, secret, who, by_token) = (state.env.clone(), self.secret.clone(), self.who.clone(), self.by_token());
        let check = state.store.read(move |tx| {
            let secret = secret.expose();
            if by_token {
                session::authenticate_token(tx, &env, secret)?;
            } else {
                session::authenticate(tx, &env, secret)?;
            }
            Me::load(tx, &who)
        });
        check.await.ok()
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let CorrelationId(correlation_id) = CorrelationId::from_request_parts(parts, state).await?;
        let ip = ClientIp::from_request_parts(parts, state).await.unwrap_or(ClientIp(None));
        Ok(Self { correlation_id, client_ip: ip.text() })
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let origin = Origin::from_request_parts(parts, state).await?;
        let env = state.env.clone();
        if let Some(token) = bearer(&parts.headers) {
            let secret =
                token.strip_prefix(TOKEN_PREFIX).map(|_| token.to_owned()).ok_or(ApiError::NotAuthenticated)?;
            let kept = Secret::new(secret.clone());
            let live = state.store.read_here(|tx| {
                let live = session::authenticate_token(tx, &env, &secret)?;
                ReadAt::note(parts, tx, &live.person_id)?;
                Ok::<_, Error>(live)
            })?;
            if live.touch {
                let (store, env) = (state.store.clone(), state.env.clone());
                // The answer need not wait for it; the next use writes it down otherwise.
                tokio::spawn(async move { store.write(move |tx| session::touch_token(tx, &env, &secret)).await });
            }
            return Ok(Self {
                who: Who { person_id: live.person_id, origin },
                expires_at: live.expires_at,
                secret: kept,
            });
        }
        let secret = cookie(&parts.headers, cookie_name(state.secure())).ok_or(ApiError::NotAuthenticated)?;
        let session = state.store.read_here(|tx| {
            let live = session::authenticate(tx, &env, &secret)?;
            ReadAt::note(parts, tx, &live.person_id)?;
            Ok::<_, Error>(live)
        })?;
        let kept = Secret::new(secret.clone());
        if session.touch {
            let (store, env) = (state.store.clone(), state.env.clone());
            // The answer need not wait for it; if it fails, the session only ends a little earlier.
            tokio::spawn(async move { store.write(move |tx| session::touch(tx, &env, &secret)).await });
        }
        Ok(Self { who: Who { person_id: session.person_id, origin }, expires_at: session.expires_at, secret: kept })
    }
}

impl FromRequestParts<AppState> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let origin = Origin::from_request_parts(parts, state).await?;
        let key_hash = session::hash(client_key(&parts.headers).ok_or(ApiError::NotAuthenticated)?);
        let now = state.env.now();
        let record = state.store.read_here(|tx| clients::authenticate(tx, &key_hash, now))?;
        state.last_uses.note(&key_hash, now);
        let scope = scopes::of_call(parts)?;
        clients::may(record.scopes, scope)?;
        let clock = state.env.clock.clone();
        Ok(Self { record, key: Some(PresentedKey { hash: key_hash, scope, clock }), origin })
    }
}

/// What is sent as the key of an API client.
pub(super) fn client_key(headers: &HeaderMap) -> Option<&str> {
    bearer(headers).filter(|key| key.starts_with(CLIENT_KEY_PREFIX))
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::NotAuthenticated => Self::NotAuthenticated,
            Error::SignInFailed => Self::SignInFailed,
            Error::InsufficientScope(scope) => Self::InsufficientScope(scope),
            Error::NotAllowed(reason) => Self::NotAllowed(reason),
            Error::Fields(errors) => Self::Fields(errors),
            Error::Parameters(errors) => Self::Parameters(errors),
            Error::VersionConflict { current } => Self::VersionConflict { current },
            Error::AlreadyDecided(decision) => Self::AlreadyDecided(decision),
            Error::WrongState(message) => Self::WrongState(message),
            Error::IdempotencyMismatch => Self::IdempotencyMismatch,
            Error::Store(StoreError::Busy) => Self::Unavailable,
            Error::Store(error) => Self::internal(error),
        }
    }
}

/// The name of the session cookie. Browsers refuse the `__Host-` prefix without TLS.
#[must_use]
pub const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-Http-lockbox" } else { "lockbox" }
}

/// The cookie's value, if it was sent once.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, value)| *key == name && value.len() <= SECRET_MAX)
        .map(|(_, value)| value.to_owned());
    let first = found.next();
    // Two cookies of one name: somebody else set one of them. Neither is believed.
    first.filter(|_| found.next().is_none())
}

/// `Set-Cookie` for a new session: it ends with the browser, and with the server's own clock.
pub(crate) fn set_cookie(secure: bool, secret: &str) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{}={secret}; Path=/; HttpOnly; SameSite=Strict{flags}", cookie_name(secure))).ok()
}

/// `Set-Cookie` that takes the session away.
pub(crate) fn clear_cookie(secure: bool) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    let text = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{flags}", cookie_name(secure));
    HeaderValue::from_str(&text).ok()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && secret.len() <= SECRET_MAX).then(|| secret.trim())
}
