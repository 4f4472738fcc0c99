//! The person who calls, as they are inside the transaction.

use lockbox_api::{
    events::{Actor, ActorKind},
    ids::OrganizationId,
};
use lockbox_rules::permission::{self, Action, Principal, Subject};

use super::{Error, Result, Who};
use crate::store::{OrganizationRecord, PersonRecord, ReadTx, RequestRecord};

/// True when `id` names this person, as an account or as an engineer.
pub(super) fn is_named(person: &PersonRecord, id: &str) -> bool {
    permission::is_person(&person.id, &person.email, &person.engineer_ids, id)
}

/// The person who calls.
#[derive(Clone, Debug)]
pub struct Me {
    /// Their account.
    pub person: PersonRecord,
    /// Their organisation; everything they reach belongs to it.
    pub organization: OrganizationRecord,
    /// What the rules weigh.
    pub principal: Principal,
}

impl Me {
    /// Reads the person and their roles as they are now.
    ///
    /// # Errors
    /// [`Error::NotAuthenticated`] when the account is gone.
    pub fn load(tx: &dyn ReadTx, who: &Who) -> Result<Self> {
        let person = tx.person(&who.person_id)?.ok_or(Error::NotAuthenticated)?;
        let organization = tx.organization(&person.organization_id)?.ok_or(Error::NotAuthenticated)?;
        let principal = Principal {
            person_id: person.id.clone(),
            email: person.email.clone(),
            roles: person.roles.clone(),
            approver_environment_ids: person.approver_environment_ids.clone(),
            is_provider: organization.is_provider,
            engineer_ids: person.engineer_ids.clone(),
        };
        Ok(Self { person, organization, principal })
    }

    /// The organisation's id.
    #[must_use]
    pub fn organization_id(&self) -> &OrganizationId {
        &self.organization.id
    }

    /// Asks the rules.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] with the reason.
    pub fn may(&self, action: Action, subject: &Subject<'_>) -> Result<()> {
        permission::may(&self.principal, action, subject)
            .map_err(|denied| Error::NotAllowed(denied.message().to_string()))
    }

    /// The request as a subject of the rules.
    #[must_use]
    pub fn subject<'a>(&self, request: &'a RequestRecord) -> Subject<'a> {
        Subject::Request {
            environment: &request.environment_id,
            engineer_id: &request.engineer.id,
            opened_by_me: request.service_request_opened_by_id.as_ref() == Some(&self.person.id),
        }
    }

    /// As events name them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { id: self.person.id.0.clone(), name: self.person.name.clone(), kind: ActorKind::Person }
    }
}
