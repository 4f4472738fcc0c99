//! People of the file: accounts are added and their roles kept in step; passwords are never touched.

use lockbox_api::{
    administration::MemberUpdate, events::Activity, ids::OrganizationId, problem::FieldError, session::Role,
};
use lockbox_rules::validate;
use serde_json::json;

use super::{PlannedPerson, Stop, Work, compare, compare_id, placed, wrong};
use crate::{
    app::{
        record::{Entry, log},
        setup::{self, NewAccount, PROVIDER_ORGANIZATION, operator},
    },
    store::PersonRecord,
};

impl Work<'_> {
    pub(super) fn person(
        &mut self,
        at: &str,
        organization: OrganizationId,
        planned: &PlannedPerson,
    ) -> Result<(), Stop> {
        let errors = self.faults(at, &organization, planned)?;
        if !errors.is_empty() {
            return Err(Stop::Wrong(errors));
        }
        let email = planned.email.trim().to_lowercase();
        let known = self.tx.person_by_email(&email)?;
        if known.as_ref().is_some_and(|known| known.organization_id != organization) {
            return Err(wrong(format!("{at}/email"), "There is an account with this address in another organisation."));
        }
        let (created, mut details) = match known {
            Some(known) => (false, self.keep(at, known, planned)?),
            None => {
                let hash = self.terms.password_hashes.iter().find(|(of, _)| *of == email).map(|(_, hash)| hash.clone());
                let account = NewAccount {
                    organization_id: organization,
                    email: email.clone(),
                    name: planned.name.clone(),
                    roles: sorted(planned),
                    approver_environment_ids: planned.environments.clone(),
                    password_hash: hash,
                };
                let origin = self.client.origin.clone();
                setup::add_account(self.tx, self.env, &origin, account).map_err(|error| placed(at, error))?;
                (true, Vec::new())
            }
        };
        self.inside(at, &email, planned, &mut details)?;
        self.step("person", &email, created, if created { Vec::new() } else { details });
        Ok(())
    }

    /// Brings in step what somebody approves inside the provider, as `lockbox account internal-approver` says it.
    fn inside(
        &mut self,
        at: &str,
        email: &str,
        planned: &PlannedPerson,
        details: &mut Vec<String>,
    ) -> Result<(), Stop> {
        if planned.approves_as.is_none() && planned.team.is_none() && planned.engineer_ids.is_none() {
            return Ok(());
        }
        let Some(person) = self.tx.person_by_email(email)? else { return Ok(()) };
        let before = self.tx.internal_approver(&person.id)?;
        let (roles, team) = before.map(|known| (known.roles, known.team)).unwrap_or_default();
        let after = setup::Inside {
            roles: planned.approves_as.clone().unwrap_or_else(|| roles.clone()),
            team: planned.team.as_deref().map_or_else(|| team.clone(), setup::team),
            engineer_ids: planned.engineer_ids.clone(),
        };
        let told = |roles: &[String]| if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
        let changed = details.len();
        compare(details, "approves_as", &told(&roles), &told(&after.roles));
        compare_id(details, "team", team.as_ref(), after.team.as_ref());
        if let Some(ids) = &after.engineer_ids {
            compare(details, "engineer_ids", &told(&person.engineer_ids), &told(ids));
        }
        if details.len() > changed {
            let origin = self.client.origin.clone();
            let set = setup::set_internal_approver(self.tx, self.env, &origin, email, after);
            set.map_err(|error| placed(at, error))?;
        }
        Ok(())
    }

    /// What is wrong with the person by the rules that members are changed by.
    fn faults(
        &self,
        at: &str,
        organization: &OrganizationId,
        planned: &PlannedPerson,
    ) -> Result<Vec<FieldError>, Stop> {
        let name = lockbox_api::provider::OrganizationPut { name: planned.name.clone() };
        // A name is a name, whoever has it.
        let mut errors = validate::organization_put(&name);
        let of_provider = organization.as_str() == PROVIDER_ORGANIZATION;
        if planned.roles.is_empty() {
            errors.push(FieldError { pointer: "/roles".to_owned(), message: "Give at least one role.".to_owned() });
        }
        if of_provider {
            for (number, role) in planned.roles.iter().enumerate() {
                if !matches!(role, Role::SupportEngineer | Role::InternalApprover) {
                    let message = "This role belongs to people of a customer.".to_owned();
                    errors.push(FieldError { pointer: format!("/roles/{number}"), message });
                }
            }
            if planned.environments.is_some() {
                let message = "Only approvers can be limited to environments.".to_owned();
                errors.push(FieldError { pointer: "/environments".to_owned(), message });
            }
            if !planned.roles.contains(&Role::InternalApprover) {
                errors.extend(inside_alone(planned, "Only a person with the role internal_approver approves inside."));
            }
        } else {
            errors.extend(inside_alone(planned, "Only people of the provider approve inside."));
            let known: Vec<_> = self.tx.environments(organization)?.into_iter().map(|found| found.id).collect();
            let update =
                MemberUpdate { roles: planned.roles.clone(), approver_environment_ids: planned.environments.clone() };
            errors.extend(validate::member_update(&update, &known));
        }
        for error in &mut errors {
            error.pointer = format!("{at}{}", error.pointer.replacen("/approver_environment_ids", "/environments", 1));
        }
        Ok(errors)
    }

    /// Brings name, roles and limits of an account in step; what is different now.
    fn keep(&mut self, at: &str, known: PersonRecord, planned: &PlannedPerson) -> Result<Vec<String>, Stop> {
        let after = PersonRecord {
            name: planned.name.trim().to_owned(),
            roles: sorted(planned),
            approver_environment_ids: planned.environments.clone(),
            version: known.version + 1,
            ..known.clone()
        };
        let mut before_roles = known.roles.clone();
        before_roles.sort();
        let mut details = Vec::new();
        compare(&mut details, "name", &known.name, &after.name);
        compare(&mut details, "roles", &words(&before_roles), &words(&after.roles));
        let limits = |person: &PersonRecord| match &person.approver_environment_ids {
            Some(ids) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            None => "all".to_owned(),
        };
        compare(&mut details, "environments", &limits(&known), &limits(&after));
        if !details.is_empty() {
            let administers = |person: &PersonRecord| person.roles.contains(&Role::GlobalAdministrator);
            let others = self.tx.people(&known.organization_id)?;
            let left = others.iter().any(|other| other.id != known.id && administers(other));
            if administers(&known) && !administers(&after) && !left {
                let message = "This is the last global administrator. Give the role to somebody else first.";
                return Err(wrong(format!("{at}/roles"), message));
            }
            self.tx.put_person(&after)?;
            let told = json!({
                "person": after.id, "name": after.name, "before": known.roles, "after": after.roles,
                "approver_environment_ids": after.approver_environment_ids,
            });
            let entry = Entry::general(Activity::RoleChange, operator(), told);
            log(self.tx, self.env, &self.client.origin, &known.organization_id, self.now, entry)
                .map_err(|error| placed(at, error))?;
        }
        Ok(details)
    }
}

/// What only internal approvers have, where it stands with somebody else.
fn inside_alone(planned: &PlannedPerson, message: &str) -> Vec<FieldError> {
    let given = [
        ("/approves_as", planned.approves_as.is_some()),
        ("/team", planned.team.is_some()),
        ("/engineer_ids", planned.engineer_ids.is_some()),
    ];
    let wrong = given.into_iter().filter(|(_, given)| *given);
    wrong.map(|(pointer, _)| FieldError { pointer: pointer.to_owned(), message: message.to_owned() }).collect()
}

fn sorted(planned: &PlannedPerson) -> Vec<Role> {
    let mut roles = planned.roles.clone();
    roles.sort();
    roles
}

fn words(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}
