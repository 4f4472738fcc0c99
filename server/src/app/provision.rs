//! A provider's start, or its state, from one file: organisations with environments, support requests and people.
//!
//! The same use cases as the API's do the work, all in one transaction: what is wrong anywhere leaves everything as it was.
//! What the file does not name stays as it is, so that the same file can be applied again and again.

mod people;
mod plan;

use lockbox_api::{
    Time,
    clients::ClientScopes,
    problem::FieldError,
    provider::{EnvironmentPut, OrganizationPut, ServiceRequestMessagePut, ServiceRequestPut},
};
use serde::Serialize;

use super::{Client, Env, Error, Origin, provider, setup::PROVIDER_ORGANIZATION};
use crate::store::{ApiClientRecord, StoreError, WriteTx};

pub use plan::{
    Plan, PlannedEnvironment, PlannedMessage, PlannedOrganization, PlannedPerson, PlannedProvider,
    PlannedServiceRequest,
};

/// What became of one thing of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `organisation`, `environment`, `support request` or `person`.
    pub kind: &'static str,
    /// Its id, or the address of a person.
    pub id: String,
    /// What became of it.
    pub change: Change,
    /// What is different now, each as `name: before → after`.
    pub details: Vec<String>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is new.
    Added,
    /// It was there, and something of it is different now.
    Changed,
    /// It was there as the file says.
    Unchanged,
}

/// Why nothing was done.
#[derive(Debug)]
pub enum Stop {
    /// Something in the file is wrong: where, and what.
    Wrong(Vec<FieldError>),
    /// Nothing is wrong; this is what would have been done.
    DryRun(Vec<Step>),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What is known besides the file.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Change nothing, only say what would be changed.
    pub dry_run: bool,
    /// argon2id hashes of the passwords that were generated, by the address in small letters.
    pub password_hashes: Vec<(String, String)>,
}

/// Where in the file, and how its words are passed on.
struct Work<'a> {
    tx: &'a mut dyn WriteTx,
    env: &'a Env,
    client: Client,
    terms: &'a Terms,
    now: Time,
    steps: Vec<Step>,
}

/// Puts everything of the file. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Stop`]; then nothing was changed.
pub fn apply(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, plan: &Plan, terms: &Terms) -> Result<Vec<Step>, Stop> {
    let doubles = plan.doubles();
    if !doubles.is_empty() {
        return Err(Stop::Wrong(doubles));
    }
    let now = env.now();
    let record = ApiClientRecord {
        id: "operator".into(),
        name: "Operator at the machine".to_owned(),
        organization_ids: None,
        scopes: ClientScopes::all(),
        created_at: now,
        revoked_at: None,
    };
    let client = Client { record, key: None, origin: origin.clone() };
    let mut work = Work { tx, env, client, terms, now, steps: Vec::new() };
    for (at, person) in plan.provider.person.iter().enumerate() {
        work.person(&format!("/provider/person/{at}"), PROVIDER_ORGANIZATION.into(), person)?;
    }
    for (at, organization) in plan.organization.iter().enumerate() {
        work.organization(&format!("/organization/{at}"), organization)?;
    }
    let steps = work.steps;
    if terms.dry_run { Err(Stop::DryRun(steps)) } else { Ok(steps) }
}

impl Work<'_> {
    fn organization(&mut self, at: &str, planned: &PlannedOrganization) -> Result<(), Stop> {
        let before = self.tx.organization(&planned.id)?;
        let input = OrganizationPut { name: planned.name.clone() };
        let stored = provider::put_organization(self.tx, self.env, &self.client, &planned.id, &input);
        let stored = stored.map_err(|error| match error {
            Error::NotFound => wrong(format!("{at}/id"), "This is the id of the provider's own organisation."),
            other => placed(at, other),
        })?;
        let mut details = Vec::new();
        if let (Some(before), Some(after)) = (before, self.tx.organization(&planned.id)?) {
            compare(&mut details, "name", &before.name, &after.name);
        }
        self.step("organisation", planned.id.as_str(), stored.created, details);
        for (number, environment) in planned.origins_first() {
            self.environment(&format!("{at}/environment/{number}"), planned, environment)?;
        }
        // People before support requests: nothing of them depends on each other, and people are what is read first.
        for (number, person) in planned.person.iter().enumerate() {
            self.person(&format!("{at}/person/{number}"), planned.id.clone(), person)?;
        }
        for (number, request) in planned.service_request.iter().enumerate() {
            self.service_request(&format!("{at}/service_request/{number}"), planned, request)?;
        }
        Ok(())
    }

    fn environment(&mut self, at: &str, of: &PlannedOrganization, planned: &PlannedEnvironment) -> Result<(), Stop> {
        let before = self.tx.environment(&of.id, &planned.id)?;
        let input = EnvironmentPut {
            name: planned.name.clone(),
            service: planned.service.clone(),
            region: planned.region.clone(),
            has_database: planned.has_database,
            copied_from: planned.copied_from.clone(),
            restored_from: planned.restored_from.clone(),
            deleted: planned.deleted,
        };
        let stored = provider::put_environment(self.tx, self.env, &self.client, &of.id, &planned.id, &input);
        let stored = stored.map_err(|error| placed(at, error))?;
        let mut details = Vec::new();
        if let (Some(before), Some(after)) = (before, self.tx.environment(&of.id, &planned.id)?) {
            compare(&mut details, "name", &before.name, &after.name);
            compare(&mut details, "service", &before.service, &after.service);
            compare(&mut details, "region", &before.region, &after.region);
            compare(&mut details, "has_database", &before.has_database, &after.has_database);
            compare_id(&mut details, "copied_from", before.copied_from.as_ref(), after.copied_from.as_ref());
            compare_id(&mut details, "restored_from", before.restored_from.as_ref(), after.restored_from.as_ref());
            compare(&mut details, "deleted", &before.deleted_at.is_some(), &after.deleted_at.is_some());
        }
        self.step("environment", planned.id.as_str(), stored.created, details);
        Ok(())
    }

    fn service_request(
        &mut self,
        at: &str,
        of: &PlannedOrganization,
        planned: &PlannedServiceRequest,
    ) -> Result<(), Stop> {
        let before = self.tx.service_request(&of.id, &planned.id)?;
        let messages_before = self.tx.messages(&of.id, &planned.id)?.len();
        let input = ServiceRequestPut {
            title: planned.title.clone(),
            description: planned.description.clone(),
            severity: planned.severity,
            environment_id: planned.environment_id.clone(),
            closed: planned.closed,
            messages: planned
                .message
                .iter()
                .map(|one| ServiceRequestMessagePut {
                    id: one.id.clone(),
                    author: one.author,
                    author_name: one.author_name.clone(),
                    at: one.at,
                    text: one.text.clone(),
                })
                .collect(),
        };
        let stored = provider::put_service_request(self.tx, self.env, &self.client, &of.id, &planned.id, &input);
        let stored = stored.map_err(|error| placed(at, error))?;
        let mut details = Vec::new();
        if let (Some(before), Some(after)) = (before, self.tx.service_request(&of.id, &planned.id)?) {
            compare(&mut details, "title", &before.title, &after.title);
            if before.description != after.description {
                details.push("description".to_owned());
            }
            compare(&mut details, "severity", &before.severity, &after.severity);
            compare_id(&mut details, "environment_id", before.environment_id.as_ref(), after.environment_id.as_ref());
            compare(&mut details, "closed", &before.closed_at.is_some(), &after.closed_at.is_some());
            let messages = self.tx.messages(&of.id, &planned.id)?.len();
            compare(&mut details, "messages", &messages_before, &messages);
        }
        self.step("support request", planned.id.as_str(), stored.created, details);
        Ok(())
    }

    fn step(&mut self, kind: &'static str, id: &str, created: bool, details: Vec<String>) {
        let change = match (created, details.is_empty()) {
            (true, _) => Change::Added,
            (false, false) => Change::Changed,
            (false, true) => Change::Unchanged,
        };
        self.steps.push(Step { kind, id: id.to_owned(), change, details });
    }
}

fn wrong(pointer: String, message: impl Into<String>) -> Stop {
    Stop::Wrong(vec![FieldError { pointer, message: message.into() }])
}

/// What a use case says, at its place in the file. The file calls messages by the singular, as TOML's tables read best.
fn placed(at: &str, error: Error) -> Stop {
    match error {
        Error::Fields(errors) => Stop::Wrong(
            errors
                .into_iter()
                .map(|error| {
                    let pointer = error.pointer.trim_start_matches('/').replacen("messages/", "message/", 1);
                    FieldError { pointer: format!("{at}/{pointer}"), message: error.message }
                })
                .collect(),
        ),
        Error::Store(error) => Stop::Store(error),
        other => wrong(at.to_owned(), other.to_string()),
    }
}

fn compare<T: PartialEq + std::fmt::Display>(details: &mut Vec<String>, name: &str, before: &T, after: &T) {
    if before != after {
        details.push(format!("{name}: {before} → {after}"));
    }
}

fn compare_id<T: PartialEq + std::fmt::Display>(
    details: &mut Vec<String>,
    name: &str,
    before: Option<&T>,
    after: Option<&T>,
) {
    let told = |id: Option<&T>| id.map_or_else(|| "none".to_owned(), ToString::to_string);
    compare(details, name, &told(before), &told(after));
}
