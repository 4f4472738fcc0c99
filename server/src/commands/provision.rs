//! `lockbox provision`: a provider's start from one file.

use std::{fmt::Write, path::Path};

use serde_json::json;

use crate::{
    app::provision::{Change, Plan, Step, Stop, Terms, apply},
    catalog::{File, Wrong},
    config::{ConfigError, Provision},
    password::Passwords,
    random::Random,
    secret::Secret,
    start::StartError,
};

/// Hexadecimal digits of a generated password: 96 bits.
const DIGITS: usize = 24;

/// Runs the command; returns what to print.
///
/// # Errors
/// [`StartError`] as one line; what is wrong in the file with file, line and field.
pub async fn provision(command: &Provision) -> Result<String, StartError> {
    let file = File::read(Some(Path::new(&command.file)), "", "").map_err(|error| wrong(&error))?;
    let plan: Plan = file.parse().map_err(|error| wrong(&error))?;
    let (store, env, origin) = super::open(&command.settings).await?;
    let passwords = if command.dry_run { Vec::new() } else { passwords(&store, &plan).await? };
    let hashes = passwords.iter().map(|one| (one.email.clone(), one.hash.clone())).collect();
    let terms = Terms { dry_run: command.dry_run, password_hashes: hashes };
    let done = store.write(move |tx| apply(tx, &env, &origin, &plan, &terms)).await;
    let steps = match done {
        Ok(steps) | Err(Stop::DryRun(steps)) => steps,
        Err(Stop::Wrong(errors)) => {
            return Err(file
                .accept(&errors)
                .err()
                .map_or_else(|| StartError::Folder(String::new()), |one| wrong(&one)));
        }
        Err(Stop::Store(error)) => return Err(error.into()),
    };
    Ok(if command.json {
        in_json(command.dry_run, &steps, &passwords)
    } else {
        told(command.dry_run, &steps, &passwords)
    })
}

fn wrong(error: &Wrong) -> StartError {
    let line = error.line.map_or_else(String::new, |line| format!(", line {line}"));
    let field = if error.field.is_empty() { String::new() } else { format!("{}: ", error.field) };
    StartError::Config(ConfigError::new(format!("{}{line}", error.file), format!("{field}{}", error.message)))
}

struct Password {
    email: String,
    password: String,
    hash: String,
}

/// Passwords for the people who are to have one and have no account yet.
async fn passwords(store: &crate::store::Store, plan: &Plan) -> Result<Vec<Password>, StartError> {
    let wished: Vec<String> =
        plan.people().filter(|person| person.generate_password).map(|one| one.email.trim().to_lowercase()).collect();
    let new: Result<Vec<String>, crate::store::StoreError> = store
        .read(move |tx| {
            let mut new = Vec::new();
            for email in wished {
                if tx.person_by_email(&email)?.is_none() {
                    new.push(email);
                }
            }
            Ok(new)
        })
        .await;
    let (hasher, random) = (Passwords::default(), Random::system());
    let mut made = Vec::new();
    for email in new? {
        let digits: Vec<char> = random.secret("").chars().take(DIGITS).collect();
        let parts: Vec<String> = digits.chunks(4).map(|part| part.iter().collect()).collect();
        let password = parts.join("-");
        let hash = hasher.hash(Secret::new(password.as_str())).await;
        let hash = hash.map_err(|error| StartError::Folder(format!("a password could not be made: {error}")))?;
        made.push(Password { email, password, hash });
    }
    Ok(made)
}

fn told(dry_run: bool, steps: &[Step], passwords: &[Password]) -> String {
    let mut text = String::new();
    let count = |change| steps.iter().filter(|step| step.change == change).count();
    for step in steps {
        let how = match (step.change, dry_run) {
            (Change::Added, false) => "added",
            (Change::Added, true) => "would add",
            (Change::Changed, false) => "changed",
            (Change::Changed, true) => "would change",
            (Change::Unchanged, _) => continue,
        };
        let details = if step.details.is_empty() { String::new() } else { format!(" ({})", step.details.join("; ")) };
        let line: String = format!("{how} {} {}{details}", step.kind, step.id)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let _ = writeln!(text, "{line}");
    }
    let (added, changed, same) = (count(Change::Added), count(Change::Changed), count(Change::Unchanged));
    let _ = if dry_run {
        writeln!(text, "Nothing was changed: {added} would be added, {changed} changed, {same} left as they are.")
    } else {
        writeln!(text, "{added} added, {changed} changed, {same} left as they are.")
    };
    if !passwords.is_empty() {
        text.push_str("\nPasswords, shown this once and kept nowhere:\n");
        let width = passwords.iter().map(|one| one.email.chars().count()).max().unwrap_or(0);
        for one in passwords {
            let _ = writeln!(text, "  {:width$}  {}", one.email, one.password);
        }
    }
    text
}

fn in_json(dry_run: bool, steps: &[Step], passwords: &[Password]) -> String {
    let passwords: Vec<_> = passwords.iter().map(|one| json!({"email": one.email, "password": one.password})).collect();
    format!("{:#}\n", json!({"dry_run": dry_run, "steps": steps, "passwords": passwords}))
}
