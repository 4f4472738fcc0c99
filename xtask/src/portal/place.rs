//! Which file carries what: every lazily loaded function has a file of its own, and what it shares with others is in
//! that file too, or in one file for all that do not carry it themselves. So a page costs two requests at most.

use std::collections::{BTreeMap, BTreeSet};

use crate::portal::files::Files;
use crate::portal::split::{Split, is_own};
use crate::portal::{beside, wasm};

/// What a lazily loaded function needs. Files are named as their neighbours call them.
pub(crate) struct Load {
    /// The function's own file.
    pub(crate) own: String,
    /// The file that has the shared parts as custom sections, named as the parts. It may be the own one.
    pub(crate) carrier: Option<String>,
    /// The shared parts.
    pub(crate) parts: Vec<String>,
}

impl Load {
    /// The files, the function's own last.
    pub(crate) fn files(&self) -> Vec<String> {
        self.carrier.iter().filter(|carrier| **carrier != self.own).chain([&self.own]).cloned().collect()
    }
}

/// Adds the files of all lazily loaded functions. Those that `is_alone` picks carry all that they need, but for what the
/// function has brought that `after` says is always there before them.
pub(crate) fn place(
    split: &Split,
    is_alone: impl Fn(&str) -> bool,
    after: &BTreeMap<String, String>,
    files: &mut Files,
) -> BTreeMap<String, Load> {
    let shared = |function: &str| {
        let before = after.get(function).map_or(&[][..], |before| &split.needs[before]);
        let parts = split.needs[function].iter().filter(|part| !is_own(part) && !before.contains(part));
        parts.cloned().collect::<Vec<_>>()
    };
    let together: BTreeSet<String> =
        split.needs.keys().filter(|function| !is_alone(function)).flat_map(|function| shared(function)).collect();
    let common = (!together.is_empty()).then(|| {
        let carrier = with_parts(wasm::EMPTY.to_vec(), split, together);
        beside(&files.add_hashed("shared.wasm", carrier)).to_owned()
    });
    let mut loads = BTreeMap::new();
    for (function, needs) in &split.needs {
        let own = needs.iter().find(|part| is_own(part));
        let mut content = own.map_or_else(|| wasm::EMPTY.to_vec(), |own| split.parts[own].clone());
        let parts = shared(function);
        if is_alone(function) {
            content = with_parts(content, split, parts.clone());
        }
        let name = function.trim_matches(|c: char| c == '_' || c.is_ascii_digit()).replace('_', "-");
        let own = beside(&files.add_hashed(&format!("{name}.wasm"), content)).to_owned();
        let carrier = if is_alone(function) { Some(own.clone()) } else { common.clone() };
        loads.insert(function.clone(), Load { own, carrier: carrier.filter(|_| !parts.is_empty()), parts });
    }
    loads
}

fn with_parts(mut module: Vec<u8>, split: &Split, parts: impl IntoIterator<Item = String>) -> Vec<u8> {
    for part in parts {
        wasm::push_custom_section(&mut module, &part, &split.parts[&part]);
    }
    module
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split() -> Split {
        let own = wasm::EMPTY.to_vec();
        let names = ["chunk_1", "split_first", "split_later", "split_other"];
        let needs = [
            ("first", vec!["chunk_1", "split_first"]),
            ("later", vec!["chunk_1", "split_later"]),
            ("other", vec!["split_other"]),
        ];
        Split {
            main: own.clone(),
            glue: String::new(),
            link: String::new(),
            parts: names.into_iter().map(|name| (name.to_owned(), own.clone())).collect(),
            needs: needs
                .into_iter()
                .map(|(function, parts)| (function.to_owned(), parts.into_iter().map(str::to_owned).collect()))
                .collect(),
        }
    }

    #[test]
    fn who_is_alone_carries_what_it_needs_and_the_others_share_a_file() {
        let mut files = Files::default();
        let loads = place(&split(), |function| function == "first", &BTreeMap::new(), &mut files);
        assert_eq!(loads["first"].carrier.as_ref(), Some(&loads["first"].own));
        assert_eq!(loads["first"].files().len(), 1);
        assert!(loads["later"].carrier.as_ref().is_some_and(|carrier| carrier.starts_with("shared-")));
        assert_eq!(loads["later"].files().last(), Some(&loads["later"].own));
        assert_eq!((loads["other"].carrier.as_ref(), loads["other"].files().len()), (None, 1));
        let sections =
            |name: &str| files.iter().find(|(path, _)| beside(path) == name).map(|(_, content)| content.len());
        assert_eq!(sections(&loads["first"].own), Some(8 + 2 + 8 + 8), "its own module with the shared one in it");
    }
    #[test]
    fn what_was_there_before_is_not_brought_again() {
        let mut files = Files::default();
        let after = BTreeMap::from([("later".to_owned(), "first".to_owned())]);
        let loads = place(&split(), |_| true, &after, &mut files);
        assert_eq!(loads["first"].parts, ["chunk_1"]);
        assert!(loads["later"].parts.is_empty() && loads["later"].carrier.is_none());
    }
}
