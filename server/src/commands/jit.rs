//! `lockbox jit check`: what the rules say to a request that nobody raises.

use std::{io::Read, path::Path};

use lockbox_api::{
    Time,
    catalog::{Catalog, Service},
    jit::{Evaluation, EvaluationOutcome},
    provider::AccessRequestCreate,
};
use lockbox_rules::{
    catalog::{operation, service},
    jit::{self, Subject},
    validate, window, words,
};
use serde_json::json;

use crate::{
    clock::Clock,
    config::{Config, ConfigError, JitCommand},
    error::ApiError,
    http::extract::parse_json,
    start::{StartError, book},
};

/// Exit code where somebody inside the provider decides first.
const INTERNAL: u8 = 10;
/// Exit code where a rule rejects.
const REJECTED: u8 = 11;

/// Runs the command; returns what to print and the exit code.
///
/// # Errors
/// [`StartError`] as one line: settings, catalog, rules or the request are wrong.
pub fn jit(command: &JitCommand) -> Result<(String, u8), StartError> {
    let JitCommand::Check { file, service: named, at, json, settings } = command;
    let config = Config::of_process(settings)?;
    let book = book(&config)?;
    let name = file.display().to_string();
    let wrong = |message: String| StartError::Config(ConfigError::new(name.clone(), message));
    let text = read(file).map_err(|error| wrong(format!("can't be read: {error}")))?;
    let input: AccessRequestCreate = parse_json(&text).map_err(|error| wrong(told(&error)))?;
    let catalog = book.catalog();
    let service = service_of(&catalog, &input, named.as_deref()).map_err(&wrong)?;
    if let Some(fault) = validate::access_request(&input, Some(service)).first() {
        return Err(wrong(format!("{}: {}", fault.pointer, fault.message)));
    }
    let at = at.unwrap_or_else(|| Clock::starting_at(None).now());
    let subject = Subject::of(&input, service);
    let asked = subject.access_minutes;
    let result = jit::evaluate(&book.rules(), &subject, at);
    let code = match result.evaluation.outcome {
        EvaluationOutcome::Continued => 0,
        EvaluationOutcome::InternalApprovalRequired => INTERNAL,
        EvaluationOutcome::Rejected => REJECTED,
    };
    let text = if *json {
        format!("{:#}\n", json!({"evaluation": result.evaluation, "access_minutes": result.access_minutes}))
    } else {
        in_words(&result.evaluation, asked, result.access_minutes, at)
    };
    Ok((text, code))
}

pub(super) fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin().lock().read_to_end(&mut text)?;
        return Ok(text);
    }
    std::fs::read(file)
}

/// The first wrong field, or what else is wrong with the text.
pub(super) fn told(error: &ApiError) -> String {
    match error {
        ApiError::Fields(faults) => {
            faults.first().map_or_else(String::new, |fault| format!("{}: {}", fault.pointer, fault.message))
        }
        ApiError::MalformedBody(message) => message.clone(),
        other => format!("{other:?}"),
    }
}

fn service_of<'a>(
    catalog: &'a Catalog,
    input: &AccessRequestCreate,
    named: Option<&str>,
) -> Result<&'a Service, String> {
    if let Some(id) = named {
        return service(catalog, id).ok_or_else(|| format!("--service: the catalog has no service \"{id}\"."));
    }
    let has_all = |one: &&Service| input.operations.iter().all(|name| operation(one, name).is_some());
    let found: Vec<&Service> = catalog.services.iter().filter(has_all).collect();
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err("/operations: no service of the catalog has all of these operations.".to_owned()),
        several => {
            let ids: Vec<&str> = several.iter().map(|one| one.id.as_str()).collect();
            Err(format!("several services have these operations: name one with --service ({}).", ids.join(", ")))
        }
    }
}

fn in_words(evaluation: &Evaluation, asked: u32, minutes: u32, at: Time) -> String {
    let outcome = match evaluation.outcome {
        EvaluationOutcome::Continued => "It goes on to the Lockbox check.".to_owned(),
        EvaluationOutcome::Rejected => "A rule rejects it.".to_owned(),
        EvaluationOutcome::InternalApprovalRequired => {
            let roles: Vec<String> = evaluation.approval_roles().into_iter().map(words::plain).collect();
            format!("Inside the provider must approve first: {}.", words::list(&roles))
        }
    };
    let mut text = format!("{outcome}\n\nFactors\n");
    for factor in &evaluation.factors {
        let mark = if factor.passed { "passed" } else { "FAILED" };
        text.push_str(&format!("  {mark}  {}: {}\n", factor.name, factor.value));
    }
    text.push_str("\nRules that match\n");
    if evaluation.rules.is_empty() {
        text.push_str("  none\n");
    }
    for rule in &evaluation.rules {
        text.push_str(&format!("  {} ({}): {}\n", rule.id, rule.outcome, rule.description));
    }
    let access = window::minutes_in_words(minutes);
    let cut = if minutes < asked { format!(" instead of {}", window::minutes_in_words(asked)) } else { String::new() };
    text.push_str(&format!(
        "\nAccess for {access}{cut}. Rules {}, judged at {}.\n",
        evaluation.rules_version,
        at.to_rfc3339()
    ));
    text
}
