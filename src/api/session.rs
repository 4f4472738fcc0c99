//! Signing in and out.

use super::{Failure, client};
use gloo_net::http::Method;
use lockbox_api::session::{Session, SignIn, SignInOptions};

const PATH: &str = "/api/v1/session";

/// Who is signed in.
pub async fn read_session() -> Result<Session, Failure> {
    client::get(PATH.to_owned()).await
}

/// How one can sign in here; needs no session.
pub async fn read_sign_in_options() -> Result<SignInOptions, Failure> {
    client::get("/api/v1/session/options".to_owned()).await
}

/// Signs in with a local account.
pub async fn sign_in(input: &SignIn) -> Result<Session, Failure> {
    client::change(Method::POST, PATH, input, None).await
}

/// Signs out.
pub async fn sign_out() -> Result<(), Failure> {
    client::change_quietly(Method::DELETE, PATH, &client::Nothing {}, None).await
}
