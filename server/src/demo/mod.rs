//! The demo: a provider, two customers, people for every role, some weeks of history and requests that wait.
//!
//! Everything goes through the same use cases as in earnest, with a clock that is set to when it happened. So the
//! demo's log is dense, its history adds up, and nothing in it is a state that Lockbox itself would not reach.

mod people;
mod story;
mod world;

use lockbox_api::{Time, clients::ClientScopes, requests::RequestView, session::DemoAccount};

use crate::{
    app::{self, Client, Env, Origin, session::hash},
    clock::Clock,
    store::{ApiClientRecord, ClientKeyRecord, InternalFilter, RequestFilter, WriteTx},
};

pub use people::{PASSWORD, accounts};

/// The provider's key in the demo.
pub const PROVIDER_KEY: &str = "lbk_demo_provider";

/// Makes the demo's world where it does not exist yet, and requests that wait where none is left.
/// `password_hash`: the hash of [`PASSWORD`], made once for all accounts.
///
/// # Errors
/// When the database fails, or the catalog does not carry the services that the demo is about.
pub fn prepare(tx: &mut dyn WriteTx, env: &Env, password_hash: &str) -> app::Result<()> {
    let now = env.now();
    let maker = Maker { env: env.clone() };
    if tx.organization(&people::MERIDIAN.into())?.is_none() {
        people::make(tx, &maker, password_hash, now - story::PAST)?;
        people::make_insiders(tx, password_hash)?;
        world::make(tx, &maker, now - story::PAST)?;
        story::past(tx, &maker, now)?;
    }
    people::make_insiders(tx, password_hash)?;
    let pending = RequestFilter { view: Some(RequestView::Pending), limit: 1, ..RequestFilter::default() };
    let for_the_customer = tx.requests(&people::MERIDIAN.into(), &pending, now)?.is_empty();
    let roles = vec![people::SUPPORT_LEAD.to_owned()];
    let inside = InternalFilter { roles, waiting: true, limit: 1, ..InternalFilter::default() };
    let inside = tx.internal_requests(&inside, now)?.is_empty();
    story::present(tx, &maker, now, for_the_customer, inside)
}

/// The accounts to sign in with, for the sign-in page.
#[must_use]
pub fn sign_in_accounts() -> Vec<DemoAccount> {
    accounts()
        .map(|account| DemoAccount {
            email: account.email.to_owned(),
            description: format!("{}, {}", account.role_name, account.organization_name),
        })
        .collect()
}

/// A ready line that raises a request; run again it gives the same one, with another key another one.
#[must_use]
pub fn curl_line(url: &str) -> String {
    let body = serde_json::json!({
        "organization_id": people::MERIDIAN, "environment_id": "env_payroll", "service_request_id": story::TICKET,
        "engineer": {"id": "eng-417", "name": "Engineer 417", "team": "Database support", "jit_role": "support_engineer",
            "isolated_identity": true, "mfa": true, "location": {"office_country": "IE", "physical_country": "IE"}},
        "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "targets": ["payroll.dbo.*"],
        "permission_level": "read", "direct_data_access": true, "reason_code": "customer_initiated_support",
        "justification": "Deadlocks in the nightly run; need the blocked statements.", "access_minutes": 240,
    });
    format!(
        "curl -sS {url}/provider/v1/access-requests -H 'Authorization: Bearer {PROVIDER_KEY}' \
         -H 'Content-Type: application/json' -H 'Idempotency-Key: demo-1' -d '{body}'"
    )
}

/// What somebody who starts the demo is told.
#[must_use]
pub fn welcome(url: &str) -> String {
    let mut text = format!("\nThe demo is at {url}. The password of every account is: {PASSWORD}\n");
    for account in accounts() {
        text.push_str(&format!("  {:<28} {}, {}\n", account.email, account.role_name, account.organization_name));
    }
    text.push_str(&format!(
        "What would be mailed is at {url}/demo/mail\nThe provider's key is {PROVIDER_KEY}. Raise a request:\n\n"
    ));
    text.push_str(&curl_line(url));
    text.push('\n');
    text
}

/// Runs use cases at a time in the past.
struct Maker {
    env: Env,
}

impl Maker {
    /// The environment of use cases as it was at `at`. Mail is only sent for what is still to be decided.
    fn at(&self, at: Time, mail: bool) -> Env {
        Env { clock: Clock::stopped_at(at), mail, ..self.env.clone() }
    }

    /// Where the demo's calls come from.
    fn origin(&self, at: Time, ip: &str) -> Origin {
        Origin { correlation_id: self.env.random.prefixed("req_", at), client_ip: Some(ip.to_owned()) }
    }

    /// The provider's JIT service.
    fn client(&self, at: Time) -> Client {
        Client { record: client_record(at), key: None, origin: self.origin(at, "192.0.2.10") }
    }
}

fn client_record(at: Time) -> ApiClientRecord {
    ApiClientRecord {
        id: "cli_demo".into(),
        name: "JIT access service".to_owned(),
        organization_ids: None,
        scopes: ClientScopes::all(),
        created_at: at,
        revoked_at: None,
    }
}

fn client_key(at: Time) -> ClientKeyRecord {
    ClientKeyRecord {
        id: "key_demo".into(),
        client_id: "cli_demo".into(),
        key_hash: hash(PROVIDER_KEY),
        created_at: at,
        ends_at: None,
        last_used_at: None,
    }
}

#[cfg(test)]
mod tests;
