//! Reading the two files, and saying what is wrong with one by file, line and field.

use std::{fmt, path::Path};

use lockbox_api::{catalog::Catalog, jit::JitRules, problem::FieldError};
use lockbox_rules::{catalog::check_catalog, jit};
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

pub(crate) const CATALOG: &str = include_str!("../../data/catalog.toml");
pub(crate) const RULES: &str = include_str!("../../data/jit-rules.toml");

/// What is wrong with a data file. Prints as one line, whatever the file contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; absent where the file can't be read.
    pub line: Option<usize>,
    /// The field, as in `service[0].queue_hours`; empty where the text is no TOML.
    pub field: String,
    /// A sentence.
    pub message: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map_or_else(String::new, |line| format!(", line {line}"));
        let field = if self.field.is_empty() { String::new() } else { format!("{}: ", self.field) };
        f.write_str(&one_line(&format!("{}{line}: {field}{}", self.file, self.message)))
    }
}

impl std::error::Error for Wrong {}

/// The catalog in the file at `path`, or the built-in one.
///
/// # Errors
/// [`Wrong`], which names the file, the line and the field.
pub fn load_catalog(path: Option<&Path>) -> Result<Catalog, Wrong> {
    catalog_of(&File::read(path, "the built-in catalog", CATALOG)?)
}

pub(crate) fn catalog_of(file: &File) -> Result<Catalog, Wrong> {
    let catalog = file.parse()?;
    file.accept(&check_catalog(&catalog))?;
    Ok(catalog)
}

/// The JIT rules in the file at `path`, or the built-in ones. What they say about services and operations must be in
/// the catalog.
///
/// # Errors
/// [`Wrong`], which names the file, the line and the field.
pub fn load_rules(path: Option<&Path>, catalog: &Catalog) -> Result<JitRules, Wrong> {
    rules_of(&File::read(path, "the built-in JIT rules", RULES)?, catalog)
}

pub(crate) fn rules_of(file: &File, catalog: &Catalog) -> Result<JitRules, Wrong> {
    let rules = file.parse()?;
    file.accept(&jit::check_rules(&rules))?;
    if !file.built_in {
        file.accept(&jit::check_references(&rules, catalog))?;
    }
    Ok(rules)
}

/// A TOML file whose faults are told by line and field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) built_in: bool,
}

impl File {
    pub(crate) fn read(path: Option<&Path>, built_in: &str, text: &str) -> Result<Self, Wrong> {
        let Some(path) = path else {
            return Ok(Self { name: built_in.to_owned(), text: text.to_owned(), built_in: true });
        };
        let name = path.display().to_string();
        let wrong = |line, message| Wrong { file: name.clone(), line, field: String::new(), message };
        let bytes = std::fs::read(path).map_err(|error| wrong(None, format!("can't be read: {error}")))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name, text, built_in: false }),
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
                let byte = error.as_bytes().get(good.len()).copied().unwrap_or_default();
                Err(wrong(
                    Some(line),
                    format!("not UTF-8 text: the byte {byte:02x} stands there. Save the file as UTF-8."),
                ))
            }
        }
    }

    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Wrong> {
        let document = toml::Deserializer::parse(&self.text).map_err(|error| self.broken("", &error))?;
        serde_path_to_error::deserialize(document)
            .map_err(|error| self.broken(&error.path().to_string(), error.inner()))
    }

    /// An error of the parser. Its path is `.` where it has none.
    fn broken(&self, path: &str, error: &toml::de::Error) -> Wrong {
        let line = error.span().map_or(1, |span| self.line(span.start));
        let field = if path == "." { "" } else { path };
        Wrong {
            file: self.name.clone(),
            line: Some(line),
            field: field.to_owned(),
            message: error.message().to_owned(),
        }
    }

    /// The first error of a check, and how many more there are.
    pub(crate) fn accept(&self, errors: &[FieldError]) -> Result<(), Wrong> {
        let Some(first) = errors.first() else { return Ok(()) };
        let more = match errors.len() - 1 {
            0 => String::new(),
            more => format!(" ({more} more)"),
        };
        Err(Wrong {
            file: self.name.clone(),
            line: Some(self.line_of(&first.pointer)),
            field: field(&first.pointer),
            message: format!("{}{more}", first.message),
        })
    }

    /// The line on which a byte stands, from 1.
    fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }

    /// The line of the value at a pointer (`/service/0/name`), or of the nearest thing around it when it is absent.
    fn line_of(&self, pointer: &str) -> usize {
        let Ok(table) = DeTable::parse(&self.text) else { return 1 };
        let mut at = 0;
        let mut value = DeValue::Table(table.get_ref().clone());
        for name in pointer.split('/').skip(1) {
            let next = match (&value, name.parse::<usize>()) {
                (DeValue::Array(array), Ok(index)) => array.get(index),
                // The files may also call a list by its plural.
                (DeValue::Table(table), _) => table.get(name).or_else(|| table.get(format!("{name}s").as_str())),
                _ => None,
            };
            let Some(next) = next else { break };
            at = next.span().start;
            value = next.get_ref().clone();
        }
        self.line(at)
    }
}

/// A pointer as the file's readers know fields: `service[0].operation[2].name`.
fn field(pointer: &str) -> String {
    pointer.split('/').skip(1).fold(String::new(), |path, part| match part {
        part if part.bytes().all(|byte| byte.is_ascii_digit()) => format!("{path}[{part}]"),
        part if path.is_empty() => part.to_owned(),
        part => format!("{path}.{part}"),
    })
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
