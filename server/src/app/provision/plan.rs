//! What the file can say.

use std::collections::HashSet;

use lockbox_api::{
    Time,
    ids::{EnvironmentId, OrganizationId, ServiceRequestId},
    problem::FieldError,
    service_requests::{Author, Severity},
    session::Role,
};
use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The provider's own staff.
    #[serde(default)]
    pub provider: PlannedProvider,
    /// Customers.
    #[serde(default)]
    pub organization: Vec<PlannedOrganization>,
}

/// The provider's own staff.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedProvider {
    /// Support engineers and internal approvers.
    #[serde(default)]
    pub person: Vec<PlannedPerson>,
}

/// A customer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedOrganization {
    /// Its id.
    pub id: OrganizationId,
    /// Display name.
    pub name: String,
    /// Where its data lives.
    #[serde(default)]
    pub environment: Vec<PlannedEnvironment>,
    /// Its support requests.
    #[serde(default)]
    pub service_request: Vec<PlannedServiceRequest>,
    /// Its people.
    #[serde(default)]
    pub person: Vec<PlannedPerson>,
}

/// An environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedEnvironment {
    /// Its id.
    pub id: EnvironmentId,
    /// Display name.
    pub name: String,
    /// Id of its service in the catalog.
    pub service: String,
    /// Where it runs.
    #[serde(default)]
    pub region: String,
    /// Whether it has a database.
    #[serde(default)]
    pub has_database: bool,
    /// The environment that it was copied from.
    #[serde(default)]
    pub copied_from: Option<EnvironmentId>,
    /// The environment whose backup was restored into it.
    #[serde(default)]
    pub restored_from: Option<EnvironmentId>,
    /// True once it is gone.
    #[serde(default)]
    pub deleted: bool,
}

/// A support request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedServiceRequest {
    /// The provider's number.
    pub id: ServiceRequestId,
    /// Title.
    pub title: String,
    /// What is wrong.
    #[serde(default)]
    pub description: String,
    /// How bad it is.
    pub severity: Severity,
    /// The environment it is about.
    #[serde(default)]
    pub environment_id: Option<EnvironmentId>,
    /// True closes it, which ends the access given for it. A closed one stays closed.
    #[serde(default)]
    pub closed: bool,
    /// Messages so far.
    #[serde(default)]
    pub message: Vec<PlannedMessage>,
}

/// A message of the conversation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedMessage {
    /// The provider's id for it.
    pub id: String,
    /// Which side wrote it.
    pub author: Author,
    /// Name of the person who wrote it.
    pub author_name: String,
    /// When, a text in RFC 3339.
    pub at: Time,
    /// What.
    pub text: String,
}

/// A person with an account. There is no password here, and no hash of one: a file is copied, kept and read by others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedPerson {
    /// To sign in with.
    pub email: String,
    /// Display name.
    pub name: String,
    /// What the person may do; at least one.
    pub roles: Vec<Role>,
    /// Limits an approver to these environments; absent: all.
    #[serde(default)]
    pub environments: Option<Vec<EnvironmentId>>,
    /// For which roles of the JIT rules a person of the provider approves inside; absent: as it was.
    #[serde(default)]
    pub approves_as: Option<Vec<String>>,
    /// The team of an internal approver, as customers see it; absent: as it was.
    #[serde(default)]
    pub team: Option<String>,
    /// The ids under which the just-in-time service knows an internal approver as an engineer; absent: as it was.
    #[serde(default)]
    pub engineer_ids: Option<Vec<String>>,
    /// A new account gets a password, which is printed once. Without it nobody signs in with the account until
    /// `lockbox account password` gives it one.
    #[serde(default)]
    pub generate_password: bool,
}

impl PlannedOrganization {
    /// The environments with their places in the file, so that what was copied comes after what it was copied from. Where
    /// each was copied from the other, none can come first: they stay in the file's order.
    pub(super) fn origins_first(&self) -> Vec<(usize, &PlannedEnvironment)> {
        let mut left: Vec<_> = self.environment.iter().enumerate().collect();
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let waiting: HashSet<_> = left.iter().map(|(_, one)| &one.id).collect();
            let (later, next): (Vec<_>, Vec<_>) = left.iter().partition(|(_, one)| {
                one.copied_from.iter().chain(&one.restored_from).any(|origin| waiting.contains(origin))
            });
            if next.is_empty() {
                ordered.extend(later);
                break;
            }
            ordered.extend(next);
            left = later;
        }
        ordered
    }
}

impl Plan {
    /// Everybody in the file.
    pub fn people(&self) -> impl Iterator<Item = &PlannedPerson> {
        self.provider.person.iter().chain(self.organization.iter().flat_map(|organization| &organization.person))
    }

    /// Things that stand in the file twice: the second would silently undo the first.
    pub(super) fn doubles(&self) -> Vec<FieldError> {
        let mut found = Vec::new();
        let mut addresses = HashSet::new();
        let mut once = |seen: &mut HashSet<String>, id: &str, pointer: String| {
            if !seen.insert(id.trim().to_lowercase()) {
                found.push(FieldError { pointer, message: "It stands in the file already.".to_owned() });
            }
        };
        for (at, person) in self.provider.person.iter().enumerate() {
            once(&mut addresses, &person.email, format!("/provider/person/{at}/email"));
        }
        let mut organizations = HashSet::new();
        for (at, organization) in self.organization.iter().enumerate() {
            let place = format!("/organization/{at}");
            once(&mut organizations, organization.id.as_str(), format!("{place}/id"));
            let (mut environments, mut requests) = (HashSet::new(), HashSet::new());
            for (number, one) in organization.environment.iter().enumerate() {
                once(&mut environments, one.id.as_str(), format!("{place}/environment/{number}/id"));
            }
            for (number, one) in organization.service_request.iter().enumerate() {
                once(&mut requests, one.id.as_str(), format!("{place}/service_request/{number}/id"));
            }
            for (number, person) in organization.person.iter().enumerate() {
                once(&mut addresses, &person.email, format!("{place}/person/{number}/email"));
            }
        }
        found
    }
}
