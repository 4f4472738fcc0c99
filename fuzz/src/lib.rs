//! What the targets try. Parsers and properties are those of the product, taken in by their files: the server as a whole would
//! take minutes to build with a fuzzer's instruments, and none of it is wanted but these.

#[path = "../../server/src/catalog/files.rs"]
#[allow(dead_code, missing_docs, reason = "the server uses the rest of it")]
mod catalog;
#[path = "../../server/src/catalog/properties.rs"]
mod catalog_properties;
#[path = "../../rules/src/log_filter/properties.rs"]
mod line_properties;

use std::sync::OnceLock;

use catalog::{File, Wrong, catalog_of, rules_of};
use lockbox_api::catalog::Catalog;
use lockbox_rules::log_filter::{LINE_MAX, parse, print};

/// A text taken for a catalog.
///
/// # Panics
/// When something does not hold that must.
pub fn try_catalog(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        catalog_properties::catalog(text);
    }
}

/// A text taken for JIT rules, beside the built-in catalog.
///
/// # Panics
/// When something does not hold that must.
pub fn try_jit_rules(data: &[u8]) {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    if let Ok(text) = std::str::from_utf8(data) {
        let catalog = CATALOG.get_or_init(|| match catalog::load_catalog(None) {
            Ok(catalog) => catalog,
            Err(wrong) => panic!("{wrong}"),
        });
        catalog_properties::rules(text, catalog);
    }
}

/// A text taken for a filter line of the log.
///
/// # Panics
/// When something does not hold that must.
pub fn try_log_filter(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        line_properties::line(text);
    }
}
