//! Two customers that look alike, and a provider.

use lockbox_api::{
    administration::NotificationsUpdate,
    clients::ClientScopes,
    lockbox::{LockboxUpdate, Policy, Scope},
    provider::{EnvironmentPut, OrganizationPut, ServiceRequestPut},
    service_requests::Severity,
    session::Role,
};
use lockbox_server::{
    app::{Client, Env, Result, Who, lockbox, members, provider, session::hash},
    store::{ApiClientRecord, ClientKeyRecord, InternalApproverRecord, OrganizationRecord, PersonRecord, WriteTx},
};
use serde_json::{Value, json};

use super::app::origin;

/// The key of the provider's service.
pub const KEY: &str = "lbk_test_all_organizations";
/// The key of a client that speaks of Northstar only.
pub const NORTHSTAR_KEY: &str = "lbk_test_northstar_only";
/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// A customer: organisation, protected environment, environment that is not protected, support request.
#[derive(Clone, Copy, Debug)]
pub struct Customer {
    pub id: &'static str,
    pub short: &'static str,
    pub protected: &'static str,
    pub open: &'static str,
    pub ticket: &'static str,
}

impl Customer {
    /// The id of the person with a role.
    pub fn person(&self, role: &str) -> String {
        format!("per_{}_{role}", self.short)
    }
}

pub const MERIDIAN: Customer = Customer {
    id: "org_meridian",
    short: "meridian",
    protected: "env_payroll",
    open: "env_sandbox",
    ticket: "2611210050001234",
};
pub const NORTHSTAR: Customer = Customer {
    id: "org_northstar",
    short: "northstar",
    protected: "env_wells",
    open: "env_lab",
    ticket: "2611210050009876",
};

/// Organisations, environments, policies, people, clients and support requests.
pub fn make(tx: &mut dyn WriteTx, env: &Env) -> Result<()> {
    let now = env.now();
    // Made once: hashing is slow on purpose, and no test looks at the salt.
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let password_hash = HASH.get_or_init(|| {
        let passwords = lockbox_server::password::Passwords::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(passwords.hash(lockbox_server::secret::Secret::new(PASSWORD))).unwrap()
    });
    let provider_org = OrganizationRecord { id: "org_provider".into(), name: "Stratus".to_owned(), is_provider: true };
    tx.put_organization(&provider_org, now)?;
    let clients = [("cli_all", KEY, None), ("cli_northstar", NORTHSTAR_KEY, Some(vec![NORTHSTAR.id.into()]))];
    for (id, key, organization_ids) in clients {
        let record = ApiClientRecord {
            id: id.into(),
            name: "JIT access service".to_owned(),
            organization_ids,
            scopes: ClientScopes::all(),
            created_at: now,
            revoked_at: None,
        };
        tx.put_api_client(&record)?;
        tx.put_client_key(&ClientKeyRecord {
            id: id.replace("cli_", "key_").as_str().into(),
            client_id: id.into(),
            key_hash: hash(key),
            created_at: now,
            ends_at: None,
            last_used_at: None,
        })?;
    }
    let person = |id: String, organization: &str, role: Role, limited: Option<&str>| PersonRecord {
        organization_id: organization.into(),
        email: format!("{}@{}.example", id.rsplit('_').next().unwrap_or_default(), organization.replace("org_", "")),
        name: id.replace("per_", "").replace('_', " "),
        id: id.into(),
        password_hash: Some(password_hash.clone()),
        roles: vec![role],
        approver_environment_ids: limited.map(|environment| vec![environment.into()]),
        engineer_ids: Vec::new(),
        last_sign_in_at: None,
        version: 1,
    };
    tx.put_person(&person("per_provider_engineer".to_owned(), "org_provider", Role::SupportEngineer, None))?;
    for (name, role, team) in [
        ("lead", "support_lead", Some("Customer support")),
        ("second", "support_lead", None),
        ("devops", "devops_manager", Some("Platform operations")),
    ] {
        let approver = person(format!("per_provider_{name}"), "org_provider", Role::InternalApprover, None);
        tx.put_person(&approver)?;
        tx.put_internal_approver(&InternalApproverRecord {
            person_id: approver.id,
            roles: vec![role.to_owned()],
            team: team.map(str::to_owned),
        })?;
    }
    for customer in [MERIDIAN, NORTHSTAR] {
        customer_of(tx, env, customer)?;
        for (name, role, limited) in [
            ("admin", Role::GlobalAdministrator, None),
            ("approver", Role::LockboxApprover, None),
            ("limited", Role::LockboxApprover, Some(customer.open)),
            ("reader", Role::LockboxReader, None),
            ("member", Role::Member, None),
        ] {
            tx.put_person(&person(customer.person(name), customer.id, role, limited))?;
        }
        policy_of(tx, env, customer)?;
    }
    Ok(())
}

fn customer_of(tx: &mut dyn WriteTx, env: &Env, customer: Customer) -> Result<()> {
    let record = tx.api_client(&"cli_all".into())?.expect("put before");
    let client = Client { record, key: None, origin: origin() };
    let organization = customer.id.into();
    let input = OrganizationPut { name: format!("{} Ltd", customer.short) };
    provider::put_organization(tx, env, &client, &organization, &input)?;
    for (id, service) in [(customer.protected, "azure-sql-database"), (customer.open, "azure-sql-database")] {
        let input = EnvironmentPut {
            name: format!("{} {id}", customer.short),
            service: service.to_owned(),
            region: "West Europe".to_owned(),
            has_database: true,
            copied_from: None,
            restored_from: None,
            deleted: false,
        };
        provider::put_environment(tx, env, &client, &organization, &id.into(), &input)?;
    }
    let ticket = ServiceRequestPut {
        title: format!("{} is slow", customer.short),
        description: "Every night.".to_owned(),
        severity: Severity::High,
        environment_id: Some(customer.protected.into()),
        closed: false,
        messages: Vec::new(),
    };
    provider::put_service_request(tx, env, &client, &organization, &customer.ticket.into(), &ticket)?;
    Ok(())
}

fn policy_of(tx: &mut dyn WriteTx, env: &Env, customer: Customer) -> Result<()> {
    let who = Who { person_id: customer.person("admin").as_str().into(), origin: origin() };
    let input = LockboxUpdate {
        enabled: true,
        policy: Policy { scope: Scope::Some, environment_ids: vec![customer.protected.into()] },
        queue_hours: None,
        reason: None,
    };
    lockbox::put(tx, env, &who, 1, &input)?;
    let desk = NotificationsUpdate { addresses: vec![format!("Desk@{}.example", customer.short)] };
    members::put_notifications(tx, env, &who, 1, &desk)?;
    Ok(())
}

/// A request for access that the customer is asked about.
pub fn ask(customer: Customer) -> Value {
    json!({
        "organization_id": customer.id, "environment_id": customer.protected, "service_request_id": customer.ticket,
        "engineer": {"id": "eng-417", "name": "Engineer 417", "team": "Database support", "jit_role": "support_engineer",
            "isolated_identity": true, "mfa": true, "location": {"office_country": "IE", "physical_country": "IE"}},
        "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "targets": ["payroll.dbo.*"],
        "permission_level": "read", "direct_data_access": true, "reason_code": "customer_initiated_support",
        "justification": "Deadlocks in the nightly run; need the blocked statements.", "access_minutes": 240,
    })
}

/// The question that [`ask`] answers with yes once it is approved.
pub fn question(customer: Customer) -> Value {
    json!({"engineer_id": "eng-417", "environment_id": customer.protected, "operation": "ExecuteSqlViaLockbox",
        "target": "payroll.dbo.Pay"})
}

/// `base` with some fields replaced; null takes one away.
pub fn with(mut base: Value, changes: Value) -> Value {
    for (key, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            base.as_object_mut().expect("an object").remove(key);
        } else {
            base[key] = value.clone();
        }
    }
    base
}
