//! Files that leave in parts, read part by part.

use axum::{body::Body, http::Request, http::Response};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use super::{Caller, Person, TestApp, world::MERIDIAN};

/// The answer at `path`, before anything of it is read.
pub async fn begin(app: &TestApp, reader: &Person, path: &str) -> Response<Body> {
    let (name, value) = reader.proof().unwrap();
    let request = Request::builder().uri(path).header(name, value).body(Body::empty()).unwrap();
    let response = app.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

/// Whether the file breaks off when Meridian's reader loses the right to it after its first part.
pub async fn breaks_off_without_the_right(app: &TestApp, mut body: Body) -> bool {
    body.frame().await.unwrap().unwrap();
    app.write(|tx, _| {
        let mut person = tx.person(&MERIDIAN.person("reader").as_str().into())?.unwrap();
        person.roles = vec![lockbox_api::session::Role::Member];
        Ok(tx.put_person(&person)?)
    })
    .await;
    let mut cut = false;
    while let Some(frame) = body.frame().await {
        cut = frame.is_err();
    }
    cut
}

/// The digest of a file, as the log tells it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
