//! The provider's two data files: service catalog and JIT rules, embedded or from the disk, checked before the start.

use std::path::Path;

use lockbox_api::{catalog::Catalog, jit::JitRules, problem::FieldError};
use lockbox_rules::{
    catalog::check_catalog,
    jit::{check_references, check_rules},
};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::de::{DeTable, DeValue};

use crate::config::{Config, ConfigError};

const CATALOG: &str = include_str!("../data/catalog.toml");
const JIT_RULES: &str = include_str!("../data/jit-rules.toml");

/// The files that the settings name, or the embedded ones.
///
/// # Errors
/// The first thing that is wrong, with file, line and field.
pub fn load(config: &Config) -> Result<(Catalog, JitRules), ConfigError> {
    let (catalog_place, catalog_text) = text("--catalog", config.catalog.as_deref(), CATALOG)?;
    let (rules_place, rules_text) = text("--jit-rules", config.jit_rules.as_deref(), JIT_RULES)?;
    let catalog: Catalog = parse(&catalog_place, &catalog_text)?;
    refuse(&catalog_place, &catalog_text, check_catalog(&catalog))?;
    let rules: JitRules = parse(&rules_place, &rules_text)?;
    refuse(&rules_place, &rules_text, check_rules(&rules))?;
    refuse(&rules_place, &rules_text, check_references(&rules, &catalog))?;
    Ok((catalog, rules))
}

/// A file's text, with what it is called in errors.
fn text(flag: &str, path: Option<&Path>, embedded: &str) -> Result<(String, String), ConfigError> {
    let Some(path) = path else { return Ok((format!("{flag} (embedded)"), embedded.to_owned())) };
    let place = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((place, text)),
        Err(error) => Err(ConfigError::new(flag, format!("{place} can't be read: {error}"))),
    }
}

fn parse<T: DeserializeOwned>(place: &str, text: &str) -> Result<T, ConfigError> {
    let at = |error: &toml::de::Error| error.span().map_or(1, |span| line(text, span.start));
    let reader = toml::Deserializer::parse(text)
        .map_err(|error| ConfigError::new(format!("{place} line {}", at(&error)), error.message().to_owned()))?;
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let field = error.path().iter().fold(String::new(), |path, segment| match segment {
            Segment::Seq { index } => format!("{path}/{index}"),
            Segment::Map { key } => format!("{path}/{key}"),
            Segment::Enum { .. } | Segment::Unknown => path,
        });
        let inner = error.into_inner();
        ConfigError::new(format!("{place} line {}", at(&inner)), format!("{field}: {}", inner.message()))
    })
}

fn refuse(place: &str, text: &str, errors: Vec<FieldError>) -> Result<(), ConfigError> {
    let Some(first) = errors.into_iter().next() else { return Ok(()) };
    let line = line_of(text, &first.pointer);
    Err(ConfigError::new(format!("{place} line {line}"), format!("{}: {}", first.pointer, first.message)))
}

/// The line of a field, or of what it should stand in.
fn line_of(text: &str, pointer: &str) -> usize {
    let Ok(root) = DeTable::parse(text) else { return 1 };
    let mut best = root.span().start;
    let mut here: Option<&DeValue<'_>> = None;
    for (depth, part) in pointer.split('/').filter(|part| !part.is_empty()).enumerate() {
        let next = match (depth, here) {
            (0, _) => root.get_ref().get(part),
            (_, Some(DeValue::Table(table))) => table.get(part),
            (_, Some(DeValue::Array(list))) => part.parse::<usize>().ok().and_then(|index| list.get(index)),
            _ => None,
        };
        let Some(next) = next else { break };
        best = next.span().start;
        here = Some(next.get_ref());
    }
    line(text, best)
}

/// The line of a byte, counted from 1.
fn line(text: &str, byte: usize) -> usize {
    1 + text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests;
