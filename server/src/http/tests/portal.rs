//! The portal's files, from a folder as the build writes it.

use super::*;
use flate2::write::GzEncoder;
use std::{fs, io::Write};

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let dist = dir.path().join("dist");
    fs::create_dir_all(dist.join("assets")).unwrap();
    fs::write(dir.path().join("secret.txt"), "outside").unwrap();
    fs::write(dist.join(".hidden.txt"), "hidden").unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html><p>page"),
        ("index.html.br", "page in brotli"),
        ("csp.json", r#"{"style-src":["'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='"],"script-src":[]}"#),
        ("assets/portal-0123456789abcdef.js", "plain script"),
        ("assets/portal-0123456789abcdef.js.br", "script in brotli"),
        ("assets/portal-0123456789abcdef.js.gz", "script in gzip"),
        ("assets/portal-0123456789abcdef.wasm", "\0asm"),
        ("robots.txt", "User-agent: *\nDisallow: /"),
    ] {
        fs::write(dist.join(name), content).unwrap();
    }
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(b"kept packed only").unwrap();
    fs::write(dist.join("assets/only-0123456789abcdef.css.gz"), packed.finish().unwrap()).unwrap();
    dir
}

async fn app(dir: &tempfile::TempDir) -> Router {
    let dist = dir.path().join("dist");
    let server = server(|config| config.portal_dir = Some(dist)).await;
    super::app(&server)
}

async fn fetch(app: &Router, path: &str, encodings: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    send(app, Request::get(path).header("accept-encoding", encodings).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn every_path_that_is_no_file_is_the_page() {
    let dir = folder();
    let app = app(&dir).await;
    for path in [
        "/",
        "/requests",
        "/requests/lbx_1?x=y",
        "/sign-in",
        "/apiary",
        "/providers/x",
        "/index.html",
        // Found: a link in a mail to a support request whose number has a dot led to nothing.
        "/service-requests/CASE-1.2",
        "/service-requests/CASE-1.js",
        "/service-requests/CASE.gz",
    ] {
        let (status, headers, body) = fetch(&app, path, "").await;
        assert_eq!((status, body.as_slice()), (StatusCode::OK, &b"<!doctype html><p>page"[..]), "{path}");
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["cache-control"], "no-cache");
        let csp = headers["content-security-policy"].to_str().unwrap();
        assert!(csp.contains("style-src 'self' 'sha256-AAAA"), "{csp}");
    }
    for path in ["/api/x", "/provider", "/healthz/x", "/readyz/x", "/metrics/x"] {
        let (status, headers, body) = fetch(&app, path, "").await;
        assert_eq!(problem(status, &headers, &body).status, 404, "{path}");
    }
}

#[tokio::test]
async fn compressed_copies_go_to_whoever_takes_them() {
    let dir = folder();
    let app = app(&dir).await;
    let script = "/assets/portal-0123456789abcdef.js";
    for (encodings, encoding, content) in [
        ("gzip, deflate, br", Some("br"), "script in brotli"),
        ("gzip", Some("gzip"), "script in gzip"),
        ("br;q=0, gzip;q=0.5", Some("gzip"), "script in gzip"),
        ("br;q=0", None, "plain script"),
        ("identity", None, "plain script"),
        ("", None, "plain script"),
    ] {
        let (status, headers, body) = fetch(&app, script, encodings).await;
        let found = headers.get("content-encoding").map(|value| value.to_str().unwrap());
        assert_eq!((status, found, body.as_slice()), (StatusCode::OK, encoding, content.as_bytes()), "{encodings}");
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["vary"], "accept-encoding");
    }
    let (status, headers, body) = fetch(&app, "/assets/only-0123456789abcdef.css", "identity").await;
    assert_eq!((status, body.as_slice()), (StatusCode::OK, &b"kept packed only"[..]));
    assert_eq!(
        (headers["content-type"].to_str().unwrap(), headers.get("content-encoding")),
        ("text/css; charset=utf-8", None)
    );
    let (_, headers, _) = fetch(&app, "/assets/portal-0123456789abcdef.wasm", "br").await;
    assert_eq!(headers["content-type"], "application/wasm");
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let dir = folder();
    let app = app(&dir).await;
    let (_, headers, _) = fetch(&app, "/", "br").await;
    let policy = headers["content-security-policy"].clone();
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let again = |tag: String| Request::get("/").header("accept-encoding", "br").header("if-none-match", tag);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let (status, headers, body) = send(&app, again(known.clone()).body(Body::empty()).unwrap()).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(headers["etag"].to_str().unwrap(), tag);
        // A browser puts these headers over those it kept: the page's own style must stay allowed.
        assert_eq!(headers["content-security-policy"], policy);
    }
    let (status, headers, _) = fetch(&app, "/", "identity").await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(headers["etag"].to_str().unwrap(), tag, "another encoding is another thing");
}

#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let dir = folder();
    let app = app(&dir).await;
    for path in [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/assets//portal.js",
        "/.hidden.txt",
        "/csp.json",
        "/index.html.br",
        "/assets/portal-0123456789abcdef.js.gz",
        "/missing.png",
        "/assets/missing.png",
        "/assets/CASE-1.2",
        "/..\\secret.txt",
    ] {
        let Ok(request) = Request::get(path).body(Body::empty()) else { continue };
        let (status, headers, body) = send(&app, request).await;
        assert_eq!(problem(status, &headers, &body).status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_portal_that_is_not_there_says_how_to_build_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("dist")).unwrap();
    let (status, headers, body) = fetch(&app(&dir).await, "/requests", "br").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert!(String::from_utf8(body).unwrap().contains("cargo xtask run"));
}
