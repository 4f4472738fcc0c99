//! A file that the browser makes and saves by itself.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Saves `text` as a file. False when the browser would not have it.
pub fn save_text(name: &str, mime: &str, text: &str) -> bool {
    try_save(name, mime, &js_sys::Array::of1(&JsValue::from_str(text))).is_some()
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
