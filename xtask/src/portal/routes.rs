//! `preload.toml`: which lazy page a path shows, so that its file can be asked for before the WASM runs.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::Outcome;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Path as written for the router → the type that has the `#[lazy_route]`.
    routes: BTreeMap<String, String>,
    /// The path at which people begin.
    first: String,
    /// The paths whose pages need nothing but the file that is always loaded and their own.
    #[serde(default)]
    early: Vec<String>,
    /// A lazily loaded function that is no page → the path of the one page that calls it, after it is shown.
    #[serde(default)]
    after: BTreeMap<String, String>,
}

/// What a page may leave to others to bring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rank {
    /// What it shares with other pages is in the file that is always loaded.
    First,
    /// What it shares and is not there is in its own file.
    Early,
    /// What it shares and is not there is in one file with what others share.
    Later,
}

/// A path and its page.
pub(crate) struct Preload {
    /// As the router has it: `/requests/:id`.
    pub(crate) path: String,
    /// The name of the lazily loaded function.
    pub(crate) function: String,
    /// Where what it shares with other pages belongs.
    pub(crate) rank: Rank,
}

impl Preload {
    /// The source of a JavaScript regular expression for the path; a closing slash is optional.
    pub(crate) fn regex(&self) -> String {
        let mut regex = String::from("^");
        for segment in self.path.split('/').filter(|segment| !segment.is_empty()) {
            regex.push_str("\\/");
            if segment.starts_with(':') {
                regex.push_str("[^\\/]+");
            } else {
                regex.push_str(segment);
            }
        }
        regex.push_str("\\/?$");
        regex
    }
}

/// What `preload.toml` says about the lazily loaded functions.
pub(crate) struct Preloads {
    /// The pages.
    pub(crate) pages: Vec<Preload>,
    /// A function that is no page → the page's function that is there before it.
    pub(crate) after: BTreeMap<String, String>,
}

/// Reads the table and matches it with the lazily loaded functions that the build found.
///
/// # Errors
/// If a page is named that is not lazily loaded, or a lazily loaded page is not named: both are mistakes that would
/// only show as a slower start.
pub(crate) fn read(path: &Path, functions: &[&str]) -> Outcome<Preloads> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("preload.toml: {error}"))?;
    match_up(&text, functions)
}

fn match_up(text: &str, functions: &[&str]) -> Outcome<Preloads> {
    let File { routes, first, early, after: callers } =
        toml::from_str(text).map_err(|error| format!("preload.toml: {error}"))?;
    let mut preloads = Vec::new();
    for (path, page) in routes {
        if path.chars().any(|c| !(c.is_ascii_alphanumeric() || "/:-_".contains(c))) {
            return Err(format!("preload.toml: {path} is not a path of plain segments and :parameters").into());
        }
        let matching: Vec<_> = functions.iter().filter(|function| shows(function, &page)).collect();
        let [function] = matching[..] else {
            return Err(format!("preload.toml: {path} names {page}, which is not (or not once) a #[lazy_route]").into());
        };
        let rank = match () {
            () if path == first => Rank::First,
            () if early.contains(&path) => Rank::Early,
            () => Rank::Later,
        };
        preloads.push(Preload { path, function: (*function).to_owned(), rank });
    }
    if let Some(path) = early.iter().chain([&first]).find(|path| !preloads.iter().any(|preload| preload.path == **path))
    {
        return Err(format!("preload.toml: {path} is named as first or early, but has no page").into());
    }
    // The macro calls the view of `Page` `__Page_View`; other lazily loaded functions are no routes.
    for function in functions.iter().filter(|function| function.starts_with("__") && plain(function).ends_with("view"))
    {
        if !preloads.iter().any(|preload| preload.function == **function) {
            return Err(format!("preload.toml: no path names the lazy page behind `{function}`").into());
        }
    }
    let mut after = BTreeMap::new();
    for (name, path) in callers {
        let wanted = name.replace('_', "");
        let function = functions.iter().find(|function| plain(function) == wanted);
        let page = preloads.iter().find(|preload| preload.path == path);
        let (Some(function), Some(page)) = (function, page) else {
            return Err(format!("preload.toml: {name} is no #[lazy] function, or {path} no page").into());
        };
        after.insert((*function).to_owned(), page.function.clone());
    }
    // Fixed segments before parameters: `/requests/new` is not an id.
    preloads.sort_by_key(|preload| preload.path.matches(':').count());
    Ok(Preloads { pages: preloads, after })
}

/// Whether a lazily loaded function (`__overview_page_view_9567986412443144780`) is the view of a page type.
fn shows(function: &str, page: &str) -> bool {
    plain(function) == format!("{}view", page.to_lowercase())
}

/// Without the number that makes it unique and without underscores.
fn plain(function: &str) -> String {
    let name = function.trim_end_matches(|c: char| c.is_ascii_digit());
    name.replace('_', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTIONS: [&str; 2] = ["__overview_page_view_95679", "__request_page_view_12"];

    #[test]
    fn finds_the_function_of_every_page() {
        let text = "first = \"/\"\n[routes]\n\"/\" = \"OverviewPage\"\n\"/requests/:id\" = \"RequestPage\"\n";
        let preloads = match_up(text, &FUNCTIONS).unwrap().pages;
        assert_eq!(preloads[0].function, FUNCTIONS[0]);
        assert_eq!((preloads[0].rank, preloads[1].rank), (Rank::First, Rank::Later));
        assert_eq!(preloads[0].regex(), "^\\/?$");
        assert_eq!(preloads[1].regex(), "^\\/requests\\/[^\\/]+\\/?$");
    }

    #[test]
    fn refuses_what_does_not_match() {
        assert!(
            match_up("first = \"/\"\n[routes]\n\"/\" = \"OverviewPage\"\n", &FUNCTIONS).is_err(),
            "a page without a path"
        );
        assert!(match_up("first = \"/\"\n[routes]\n\"/\" = \"Gone\"\n", &FUNCTIONS).is_err(), "a path without a page");
        let text = "first = \"/\"\nearly = [\"/gone\"]\n[routes]\n\"/\" = \"OverviewPage\"\n\"/requests/:id\" = \"RequestPage\"\n";
        assert!(match_up(text, &FUNCTIONS).is_err(), "an early path without a page");
        let text = "first = \"/\"\n[routes]\n\"/\" = \"OverviewPage\"\n[after]\nrest = \"/\"\n";
        assert!(match_up(text, &FUNCTIONS[..1]).is_err(), "what comes after a page is no function");
        let functions = ["__overview_page_view_95679", "rest_7"];
        assert_eq!(match_up(text, &functions).unwrap().after["rest_7"], functions[0]);
        assert!(match_up(&text.replace("rest = \"/\"", "rest = \"/gone\""), &functions).is_err());
    }
}
