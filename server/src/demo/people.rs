//! The demo's organisations and accounts.

use lockbox_api::{
    Time,
    ids::{OrganizationId, PersonId},
    provider::OrganizationPut,
    session::Role,
};

use super::{Maker, client_key, client_record};
use crate::{
    app::{Result, provider},
    store::{InternalApproverRecord, OrganizationRecord, PersonRecord, WriteTx},
};

/// The first customer.
pub(super) const MERIDIAN: &str = "org_meridian";
/// The second customer.
pub(super) const NORTHSTAR: &str = "org_northstar";
/// The provider's own organisation.
const PROVIDER: &str = "org_provider";
/// The password of every account.
pub const PASSWORD: &str = "demo";

/// One account of the demo.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Id.
    pub(super) id: &'static str,
    /// Organisation.
    pub(super) organization: &'static str,
    /// The organisation's name.
    pub organization_name: &'static str,
    /// To sign in with.
    pub email: &'static str,
    name: &'static str,
    roles: &'static [Role],
    /// What they may do, for people.
    pub role_name: &'static str,
}

const fn account(
    organization: (&'static str, &'static str),
    id: &'static str,
    email: &'static str,
    name: &'static str,
    role: (&'static [Role], &'static str),
) -> Account {
    Account {
        id,
        organization: organization.0,
        organization_name: organization.1,
        email,
        name,
        roles: role.0,
        role_name: role.1,
    }
}

type RoleWords = (&'static [Role], &'static str);
const ADMINISTRATOR: RoleWords = (&[Role::GlobalAdministrator], "Global administrator");
const APPROVER: RoleWords = (&[Role::LockboxApprover], "Approver");
const READER: RoleWords = (&[Role::LockboxReader], "Executive reviewer");
const MEMBER: RoleWords = (&[Role::Member], "Member");
const ENGINEER: RoleWords = (&[Role::SupportEngineer], "Support engineer");
const LEAD: RoleWords = (&[Role::InternalApprover], "Support lead");
const MANAGER: RoleWords = (&[Role::InternalApprover], "DevOps manager");

const M: (&str, &str) = (MERIDIAN, "Meridian Health");
const N: (&str, &str) = (NORTHSTAR, "Northstar Energy");
const P: (&str, &str) = (PROVIDER, "Stratus");

const ACCOUNTS: [Account; 11] = [
    account(M, "per_meridian_admin", "admin@meridian.example", "Ana Ruiz", ADMINISTRATOR),
    account(M, "per_meridian_approver", "approver@meridian.example", "Jonas Weber", APPROVER),
    account(M, "per_meridian_reader", "reader@meridian.example", "Priya Nair", READER),
    account(M, "per_meridian_member", "member@meridian.example", "Sam Okoye", MEMBER),
    account(N, "per_northstar_admin", "admin@northstar.example", "Mei Tanaka", ADMINISTRATOR),
    account(N, "per_northstar_approver", "approver@northstar.example", "Tom Hughes", APPROVER),
    account(N, "per_northstar_reader", "reader@northstar.example", "Elena Petrova", READER),
    account(N, "per_northstar_member", "member@northstar.example", "Ali Hassan", MEMBER),
    account(P, "per_provider_engineer", "engineer@provider.example", "Engineer 417", ENGINEER),
    account(P, "per_provider_lead", "lead@provider.example", "Robin Lee", LEAD),
    account(P, "per_provider_devops", "devops@provider.example", "Noor Haddad", MANAGER),
];

/// Every account of the demo.
pub fn accounts() -> impl Iterator<Item = Account> {
    ACCOUNTS.into_iter()
}

/// Makes organisations, accounts and the provider's API client.
pub(super) fn make(tx: &mut dyn WriteTx, maker: &Maker, password_hash: &str, at: Time) -> Result<()> {
    let env = maker.at(at, false);
    tx.put_api_client(&client_record(at))?;
    tx.put_client_key(&client_key(at))?;
    let provider = OrganizationRecord { id: PROVIDER.into(), name: P.1.to_owned(), is_provider: true };
    tx.put_organization(&provider, at)?;
    for (id, name) in [M, N] {
        let input = OrganizationPut { name: name.to_owned() };
        provider::put_organization(tx, &env, &maker.client(at), &OrganizationId(id.to_owned()), &input)?;
    }
    for account in accounts() {
        add(tx, account, password_hash)?;
    }
    Ok(())
}

fn add(tx: &mut dyn WriteTx, account: Account, password_hash: &str) -> Result<()> {
    tx.put_person(&PersonRecord {
        id: PersonId(account.id.to_owned()),
        organization_id: account.organization.into(),
        email: account.email.to_owned(),
        name: account.name.to_owned(),
        password_hash: Some(password_hash.to_owned()),
        roles: account.roles.to_vec(),
        approver_environment_ids: None,
        engineer_ids: Vec::new(),
        last_sign_in_at: None,
        version: 1,
    })?;
    Ok(())
}

/// Who approves inside the provider: account, role of the rules, team.
const INSIDE: [(&str, &str, &str); 2] = [
    ("per_provider_lead", SUPPORT_LEAD, "Customer support"),
    ("per_provider_devops", "devops_manager", "Platform operations"),
];
/// Under which the provider's service knows the engineer who has an account.
const ENGINEER_ID: &str = "eng-417";
/// The role that the demo's rules ask for most.
pub(super) const SUPPORT_LEAD: &str = "support_lead";

/// Says who approves inside, also in a demo from before that could be said.
pub(super) fn make_insiders(tx: &mut dyn WriteTx, password_hash: &str) -> Result<()> {
    for (id, role, team) in INSIDE {
        let id = PersonId::from(id);
        if tx.internal_approver(&id)?.is_some() {
            continue;
        }
        if tx.person(&id)?.is_none() {
            let Some(account) = accounts().find(|account| account.id == id.0) else { continue };
            add(tx, account, password_hash)?;
        }
        let (roles, team) = (vec![role.to_owned()], Some(team.to_owned()));
        tx.put_internal_approver(&InternalApproverRecord { person_id: id, roles, team })?;
    }
    if let Some(mut engineer) = tx.person(&"per_provider_engineer".into())?.filter(|one| one.engineer_ids.is_empty()) {
        engineer.engineer_ids = vec![ENGINEER_ID.to_owned()];
        engineer.version += 1;
        tx.put_person(&engineer)?;
    }
    Ok(())
}
