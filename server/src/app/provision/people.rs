//! People of the file: accounts are added and their roles kept in step; passwords are never touched.

use lockbox_api::{
    administration::MemberUpdate, events::Activity, ids::OrganizationId, problem::FieldError, session::Role,
};
use lockbox_rules::validate;
use serde_json::json;

use super::{PlannedPerson, Stop, Work, compare, placed, wrong};
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
        match known {
            Some(known) => self.keep(at, &email, known, planned),
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
                self.step("person", &email, true, Vec::new());
                Ok(())
            }
        }
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
        } else {
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

    /// Brings name, roles and limits of an account in step.
    fn keep(&mut self, at: &str, email: &str, known: PersonRecord, planned: &PlannedPerson) -> Result<(), Stop> {
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
        self.step("person", email, false, details);
        Ok(())
    }
}

fn sorted(planned: &PlannedPerson) -> Vec<Role> {
    let mut roles = planned.roles.clone();
    roles.sort();
    roles
}

fn words(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}
