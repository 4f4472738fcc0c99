//! The sources of the settings, laid over each other, all as text.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use super::{ConfigError, Settings};

/// Every setting, by its name in the file. Flag and variable follow from it: `smtp.host`, `--smtp-host`,
/// `LOCKBOX_SMTP_HOST`.
const NAMES: [&str; 27] = [
    "listen",
    "data_dir",
    "database_url",
    "public_url",
    "demo",
    "portal_dir",
    "catalog",
    "jit_rules",
    "smtp.host",
    "smtp.port",
    "smtp.tls",
    "smtp.user",
    "smtp.password",
    "smtp.password_file",
    "smtp.ca_file",
    "mail_from",
    "log.format",
    "log.level",
    "session.idle_minutes",
    "session.absolute_hours",
    "trusted_proxies",
    "metrics_clients",
    "idempotency_hours",
    "webhook_networks",
    "webhook_ca_file",
    "internal_approval_hours",
    "internal_approver_names",
];

/// What was given, with where.
pub(super) struct Layers(BTreeMap<&'static str, Given>);

struct Given {
    text: String,
    /// The setting as the person knows it who gave it.
    called: String,
}

impl Layers {
    /// Lays flags over environment over file.
    ///
    /// # Errors
    /// If the file can't be read or has a key that is no setting, or a variable is not text.
    pub(super) fn read(
        flags: &Settings,
        env: &dyn Fn(&str) -> Option<OsString>,
        read: &dyn Fn(&Path) -> std::io::Result<String>,
    ) -> Result<Self, ConfigError> {
        let mut all = BTreeMap::new();
        let variable = |name: &str| -> Result<Option<String>, ConfigError> {
            match env(name).map(OsString::into_string) {
                Some(Ok(text)) if !text.is_empty() => Ok(Some(text)),
                Some(Ok(_)) | None => Ok(None),
                Some(Err(_)) => Err(ConfigError::new(name, "is not UTF-8 text")),
            }
        };
        let named = match &flags.config {
            Some(path) => Some(("--config", path.clone())),
            None => variable("LOCKBOX_CONFIG")?.map(|path| ("LOCKBOX_CONFIG", path)),
        };
        if let Some((called, path)) = named {
            let path = PathBuf::from(path);
            let text = read(&path)
                .map_err(|error| ConfigError::new(called, format!("{} can't be read: {error}", path.display())))?;
            read_file(&path, &text, &mut all)?;
        }
        for name in NAMES {
            let called = format!("LOCKBOX_{}", name.replace('.', "_").to_uppercase());
            if let Some(text) = variable(&called)? {
                all.insert(name, Given { text, called });
            }
        }
        for (name, text) in flags.given() {
            all.insert(name, Given { text: text.to_owned(), called: flag(name) });
        }
        Ok(Self(all))
    }

    /// The value of a setting, if it was given.
    ///
    /// # Errors
    /// What `parse` says about it.
    pub(super) fn get<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        self.0.get(name).map(|given| parse(&given.text).map_err(|message| self.wrong(name, message))).transpose()
    }

    /// A whole number within a range, or the default.
    ///
    /// # Errors
    /// If it is none, or outside the range.
    pub(super) fn number(&self, name: &str, range: RangeInclusive<u64>, default: u64) -> Result<u64, ConfigError> {
        let parse = |text: &str| {
            text.parse()
                .ok()
                .filter(|number| range.contains(number))
                .ok_or_else(|| format!("{text:?} is not a whole number from {} to {}", range.start(), range.end()))
        };
        Ok(self.get(name, parse)?.unwrap_or(default))
    }

    /// Whether a setting was given at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// What was given, as whoever gave it knows it.
    pub(super) fn called(&self) -> BTreeMap<&'static str, String> {
        self.0.iter().map(|(name, given)| (*name, given.called.clone())).collect()
    }

    /// An error about a setting, naming it as it was given (or as a flag).
    pub(super) fn wrong(&self, name: &str, message: impl Into<String>) -> ConfigError {
        ConfigError::new(self.0.get(name).map_or_else(|| flag(name), |given| given.called.clone()), message)
    }
}

/// A setting as a flag.
pub(super) fn flag(name: &str) -> String {
    format!("--{}", name.replace(['.', '_'], "-"))
}

fn read_file(path: &Path, text: &str, all: &mut BTreeMap<&'static str, Given>) -> Result<(), ConfigError> {
    let place = path.display();
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        ConfigError::new(format!("{place} line {line}"), error.message().to_owned())
    })?;
    let mut flat = Vec::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => {
                flat.extend(inner.into_iter().map(|(below, value)| (format!("{key}.{below}"), value)));
            }
            value => flat.push((key, value)),
        }
    }
    for (key, value) in flat {
        let called = format!("{key} in {place}");
        let Some(name) = NAMES.into_iter().find(|name| *name == key) else {
            return Err(ConfigError::new(called, "there is no such setting"));
        };
        let text = as_text(value).ok_or_else(|| ConfigError::new(&called, "must be a text, number or true/false"))?;
        all.insert(name, Given { text, called });
    }
    Ok(())
}

fn as_text(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(values) => {
            let texts: Option<Vec<String>> =
                values.into_iter().map(|value| value.as_str().map(str::to_owned)).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}
