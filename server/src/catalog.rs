//! The provider's two data files: the service catalog and the JIT rules. Both are built in; both can be replaced.
//!
//! What is wrong with a file is said in one line that names the file, the line and the field, because whoever starts
//! the server has that one line only.

use std::path::Path;

use lockbox_api::{catalog::Catalog, jit::JitRules, problem::FieldError};
use lockbox_rules::{catalog::check_catalog, jit};
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

const CATALOG: &str = include_str!("../data/catalog.toml");
const RULES: &str = include_str!("../data/jit-rules.toml");

/// The catalog in the file at `path`, or the built-in one.
///
/// # Errors
/// One line that names the file, the line and the field.
pub fn load_catalog(path: Option<&Path>) -> Result<Catalog, String> {
    let file = File::read(path, "the built-in catalog", CATALOG)?;
    let catalog = file.parse()?;
    file.accept(&check_catalog(&catalog))?;
    Ok(catalog)
}

/// The JIT rules in the file at `path`, or the built-in ones. What they say about services and operations must be in
/// the catalog.
///
/// # Errors
/// One line that names the file, the line and the field.
pub fn load_rules(path: Option<&Path>, catalog: &Catalog) -> Result<JitRules, String> {
    let file = File::read(path, "the built-in JIT rules", RULES)?;
    let rules = file.parse()?;
    file.accept(&jit::check_rules(&rules))?;
    if path.is_some() {
        file.accept(&jit::check_references(&rules, catalog))?;
    }
    Ok(rules)
}

struct File {
    name: String,
    text: String,
}

impl File {
    fn read(path: Option<&Path>, built_in: &str, text: &str) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Self { name: built_in.to_owned(), text: text.to_owned() }) };
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self { name, text }),
            Err(error) => Err(one_line(&format!("{name}: can't be read: {error}"))),
        }
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, String> {
        let document = toml::Deserializer::parse(&self.text).map_err(|error| self.broken("", &error))?;
        serde_path_to_error::deserialize(document)
            .map_err(|error| self.broken(&error.path().to_string(), error.inner()))
    }

    /// An error of the parser. Its path is `.` where it has none.
    fn broken(&self, path: &str, error: &toml::de::Error) -> String {
        let line = error.span().map_or(1, |span| self.line(span.start));
        let field = if matches!(path, "" | ".") { String::new() } else { format!("{path}: ") };
        one_line(&format!("{}, line {line}: {field}{}", self.name, error.message()))
    }

    /// The first error of a check, and how many more there are.
    fn accept(&self, errors: &[FieldError]) -> Result<(), String> {
        let Some(first) = errors.first() else { return Ok(()) };
        let more = match errors.len() - 1 {
            0 => String::new(),
            more => format!(" ({more} more)"),
        };
        let line = self.line_of(&first.pointer);
        let field = field(&first.pointer);
        Err(one_line(&format!("{}, line {line}: {field}: {}{more}", self.name, first.message)))
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

#[cfg(test)]
mod tests;
