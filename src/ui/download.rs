//! Files that the browser saves.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Lets the browser fetch a file from `path` and save it under the name that the server gives it. Whether that went well, the
/// browser tells: it shows downloads, and how they ended, itself.
pub fn follow(path: &str) {
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(path);
        link.set_download("");
        link.click();
    }
}

/// Saves blobs one after another as one file. False when the browser would not have it.
pub fn save_parts(name: &str, mime: &str, parts: &js_sys::Array) -> bool {
    try_save(name, mime, parts).is_some()
}

fn try_save(name: &str, mime: &str, parts: &js_sys::Array) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let blob = Blob::new_with_blob_sequence_and_options(parts, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The click has begun the download; the browser keeps what it needs of it.
    Url::revoke_object_url(&url).ok()
}
