//! Catalog and rules in force, and taking over what a provider writes into their files while the server runs.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use lockbox_api::{catalog::Catalog, jit::JitRules};

use super::{CATALOG, File, RULES, Wrong, catalog_of, rules_of};

/// Catalog and rules in force: always a pair that was checked together. Cheap to clone; all clones are one book.
#[derive(Clone)]
pub struct Book(Arc<Inner>);

struct Inner {
    pair: RwLock<Pair>,
    catalog: Option<PathBuf>,
    rules: Option<PathBuf>,
    seen: Mutex<Seen>,
}

#[derive(Clone)]
struct Pair {
    catalog: Arc<Catalog>,
    rules: Arc<JitRules>,
}

/// What the files were when they were looked at.
struct Seen {
    /// Taken over, or found wrong.
    judged: Texts,
    /// Found changed, and to be judged once they are the same at the next look: a file that is being written is not
    /// whole yet, and half a file of rules can be a valid file with fewer rules.
    changed: Option<Texts>,
}

type Texts = (Result<File, Wrong>, Result<File, Wrong>);

/// What a look at the files found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Nothing to do.
    Same,
    /// Both are in force as they are in the files now: versions of catalog and rules.
    Taken(String, String),
    /// One of them is wrong; what was in force stays so. Told once for each content.
    Kept(Wrong),
}

impl Book {
    /// Reads and checks both files; absent: the built-in ones.
    ///
    /// # Errors
    /// [`Wrong`], which names the file, the line and the field.
    pub fn open(catalog: Option<PathBuf>, rules: Option<PathBuf>) -> Result<Self, Wrong> {
        let texts = (
            File::read(catalog.as_deref(), "the built-in catalog", CATALOG),
            File::read(rules.as_deref(), "the built-in JIT rules", RULES),
        );
        let pair = judged(&texts)?;
        let seen = Mutex::new(Seen { judged: texts, changed: None });
        Ok(Self(Arc::new(Inner { pair: RwLock::new(pair), catalog, rules, seen })))
    }

    /// The services in force.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        self.0.pair.read().unwrap_or_else(PoisonError::into_inner).catalog.clone()
    }

    /// The rules in force.
    #[must_use]
    pub fn rules(&self) -> Arc<JitRules> {
        self.0.pair.read().unwrap_or_else(PoisonError::into_inner).rules.clone()
    }

    /// Whether there is a file that can change.
    #[must_use]
    pub fn has_files(&self) -> bool {
        self.0.catalog.is_some() || self.0.rules.is_some()
    }

    /// Looks at the files. A change is taken over at the second look that finds it the same, both files at once, if
    /// both are right; requests that were raised keep the words that they were raised with, which are stored with them.
    pub fn refresh(&self) -> Refresh {
        let texts = (
            File::read(self.0.catalog.as_deref(), "the built-in catalog", CATALOG),
            File::read(self.0.rules.as_deref(), "the built-in JIT rules", RULES),
        );
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if texts == seen.judged {
            seen.changed = None;
            return Refresh::Same;
        }
        if seen.changed.as_ref() != Some(&texts) {
            seen.changed = Some(texts);
            return Refresh::Same;
        }
        seen.changed = None;
        let judged = judged(&texts);
        seen.judged = texts;
        match judged {
            Ok(pair) => {
                let versions = (pair.catalog.version.clone(), pair.rules.version.clone());
                *self.0.pair.write().unwrap_or_else(PoisonError::into_inner) = pair;
                Refresh::Taken(versions.0, versions.1)
            }
            Err(wrong) => Refresh::Kept(wrong),
        }
    }
}

fn judged((catalog, rules): &Texts) -> Result<Pair, Wrong> {
    let catalog = catalog_of(catalog.as_ref().map_err(Clone::clone)?)?;
    let rules = rules_of(rules.as_ref().map_err(Clone::clone)?, &catalog)?;
    Ok(Pair { catalog: Arc::new(catalog), rules: Arc::new(rules) })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::catalog::tests::{RULE, SERVICE};

    #[test]
    fn a_change_is_taken_when_it_is_whole_and_right_and_told_once_when_it_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let (catalog, rules) = (folder.path().join("catalog.toml"), folder.path().join("rules.toml"));
        fs::write(&catalog, SERVICE).unwrap();
        fs::write(&rules, RULE).unwrap();
        let book = Book::open(Some(catalog.clone()), Some(rules.clone())).unwrap();
        assert!(book.has_files());
        assert_eq!(book.refresh(), Refresh::Same);

        fs::write(&catalog, SERVICE.replace("version = \"1\"", "version = \"2\"")).unwrap();
        assert_eq!(book.refresh(), Refresh::Same, "it may still be being written");
        assert_eq!(book.refresh(), Refresh::Taken("2".to_owned(), "1".to_owned()));
        assert_eq!((book.catalog().version.as_str(), book.refresh()), ("2", Refresh::Same));

        // Never still for two looks: never taken.
        for number in 3..6 {
            fs::write(&catalog, SERVICE.replace("version = \"1\"", &format!("version = \"{number}\""))).unwrap();
            assert_eq!((book.refresh(), book.catalog().version.as_str()), (Refresh::Same, "2"));
        }

        fs::write(&catalog, SERVICE.replace("queue_hours = 12", "queue_hours = 200")).unwrap();
        assert_eq!(book.refresh(), Refresh::Same);
        let Refresh::Kept(wrong) = book.refresh() else { panic!("it is wrong") };
        assert_eq!((wrong.line, wrong.field.as_str()), (Some(8), "service[0].queue_hours"));
        assert!(wrong.to_string().ends_with("catalog.toml, line 8: service[0].queue_hours: It must be from 1 to 96."));
        assert_eq!((book.refresh(), book.catalog().version.as_str()), (Refresh::Same, "2"), "told once, and kept");

        // Rules that the new catalog does not fit are wrong as well, and a file that is gone changes nothing.
        fs::write(&catalog, SERVICE).unwrap();
        fs::write(&rules, RULE.replace("[\"a\"]", "[\"b\"]")).unwrap();
        assert_eq!(book.refresh(), Refresh::Same);
        assert!(matches!(book.refresh(), Refresh::Kept(wrong) if wrong.field == "rule[0].when.service"));
        fs::remove_file(&rules).unwrap();
        assert_eq!(book.refresh(), Refresh::Same);
        assert!(matches!(book.refresh(), Refresh::Kept(wrong) if wrong.line.is_none()));
        assert_eq!(book.rules().rules.len(), 1);

        fs::write(&rules, RULE).unwrap();
        assert_eq!(book.refresh(), Refresh::Same);
        assert_eq!(book.refresh(), Refresh::Taken("1".to_owned(), "1".to_owned()), "right again");
    }
}
