//! Reading environments, with what the setting in force means for each.

use lockbox_api::{
    environments::{Environment, EnvironmentQuery},
    ids::EnvironmentId,
    page::EnvironmentPage,
    session::{Person, Role},
};
use lockbox_rules::{
    catalog, lockbox_check,
    permission::{Action, Subject},
};

use super::{
    Env, Error, Me, Result, Who,
    requests::{page_limit, search},
};
use crate::store::{EnvironmentRecord, PersonRecord, ReadTx};

/// A page of environments by name. Permissions: [`Action::ReadEnvironments`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn list(tx: &dyn ReadTx, env: &Env, who: &Who, query: &EnvironmentQuery) -> Result<EnvironmentPage> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadEnvironments, &Subject::None)?;
    let limit = page_limit(query.limit)? as usize;
    let q = search(query.q.as_deref())?.map(|q| q.to_lowercase());
    let setting = tx.lockbox(me.organization_id())?.ok_or(Error::NotFound)?;
    let services = env.book.catalog();
    let people = tx.people(me.organization_id())?;
    let wanted = |found: &EnvironmentRecord| {
        (query.include_deleted == Some(true) || found.deleted_at.is_none())
            && q.as_ref().is_none_or(|q| found.name.to_lowercase().contains(q) || found.id.0.to_lowercase().contains(q))
    };
    let all = tx.environments(me.organization_id())?;
    let origins = |id: &EnvironmentId| -> Vec<EnvironmentId> {
        let found = all.iter().find(|one| one.id == *id);
        found.map_or_else(Vec::new, |one| one.copied_from.iter().chain(&one.restored_from).cloned().collect())
    };
    let total =
        query.with_total.filter(|wanted| *wanted).map(|_| all.iter().filter(|found| wanted(found)).count() as u64);
    let mut rows = all.clone().into_iter().filter(wanted).peekable();
    if let Some(cursor) = &query.cursor {
        // The list is short and sorted by name: the cursor is the id of the last row.
        if !rows.by_ref().any(|found| &found.id.0 == cursor) {
            return Err(Error::parameter(
                "cursor",
                "This is not a cursor of this list. Leave it out to begin at the start.",
            ));
        }
    }
    let items: Vec<Environment> = rows
        .by_ref()
        .take(limit)
        .map(|found| Environment {
            protected: found.deleted_at.is_none()
                && lockbox_check::protects(setting.enabled, &setting.policy, &found.id),
            unprotected_copy_of: found
                .deleted_at
                .is_none()
                .then(|| lockbox_check::unprotected_copy_of(setting.enabled, &setting.policy, &found.id, &origins))
                .flatten(),
            restored_from: found.restored_from.clone(),
            owners: owners(&people, &found),
            service_name: catalog::service(&services, &found.service)
                .map_or_else(|| found.service.clone(), |service| service.name.clone()),
            id: found.id,
            name: found.name,
            service: found.service,
            region: found.region,
            has_database: found.has_database,
            copied_from: found.copied_from,
            deleted_at: found.deleted_at,
        })
        .collect();
    let next_cursor = rows.peek().and(items.last()).map(|last| last.id.0.clone());
    Ok(EnvironmentPage { items, next_cursor, total })
}

fn owners(people: &[PersonRecord], environment: &EnvironmentRecord) -> Vec<Person> {
    people
        .iter()
        .filter(|person| person.roles.contains(&Role::LockboxApprover))
        .filter(|person| person.approver_environment_ids.as_ref().is_some_and(|ids| ids.contains(&environment.id)))
        .map(|person| Person { id: person.id.clone(), name: person.name.clone(), email: person.email.clone() })
        .collect()
}
