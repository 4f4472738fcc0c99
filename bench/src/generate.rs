//! Made-up events of two years, the same for the same seed: 20 organisations of unequal size, requests that are raised,
//! decided and worked under, sign-ins, and texts that people would search for. Tables, index and counts are filled by the
//! code that fills them in use.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use lockbox_api::{
    events::{Activity, Actor, ActorKind, Category, Outcome},
    ids::OrganizationId,
};
use lockbox_server::store::{NewEvent, OrganizationRecord, StoreResult, sqlite::bulk::Bulk};
use serde_json::{Map, Value, json};

/// How many organisations; the first is the largest (about 28 % of the events), the last the smallest.
pub(crate) const ORGANIZATIONS: usize = 20;
/// The events end here. In the future, because a server's clock begins at the newest event: so "the last seven days" hold
/// the same events whenever this runs.
const END: &str = "2090-05-16T13:37:42Z";
/// Days with events.
const DAYS: i64 = 730;
/// A word in nearly every data access, one in few events, and one in none.
pub(crate) const COMMON: &str = "payroll";
/// See [`COMMON`].
pub(crate) const RARE: &str = "zanzibar";

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to below `n`.
    pub(crate) fn roll(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// 0 to below `n`, small numbers far more often.
    fn skewed(&mut self, n: usize) -> usize {
        self.roll(n).min(self.roll(n)).min(self.roll(n))
    }
}

/// The id of an organisation, 0 is the largest.
#[must_use]
pub(crate) fn organization(number: usize) -> OrganizationId {
    OrganizationId(format!("org_{number:02}"))
}

/// All organisations, the largest first.
pub(crate) fn organizations() -> impl Iterator<Item = OrganizationRecord> {
    let record = |number| OrganizationRecord {
        id: organization(number),
        name: format!("Organisation {number}"),
        is_provider: false,
    };
    (0..ORGANIZATIONS).map(record)
}

/// When the organisations were made, a day before their first event.
#[must_use]
pub(crate) fn begin() -> DateTime<Utc> {
    END.parse::<DateTime<Utc>>().unwrap_or_default() - TimeDelta::days(DAYS + 1)
}

const NAMES: [&str; 12] = [
    "Ana Ruiz",
    "Bo Lind",
    "Chen Wei",
    "Dana Roth",
    "Eli Sand",
    "Fatou Ba",
    "Gus Orr",
    "Hana Ito",
    "Ida Falk",
    "Jo Park",
    "Kai Voss",
    "Lea Marti",
];
const TABLES: [&str; 14] = [
    "payroll.dbo.Pay",
    "payroll.dbo.Deductions",
    "records.dbo.Patient",
    "records.dbo.Visit",
    "claims.dbo.Claim",
    "claims.dbo.Line",
    "wells.core.Bore",
    "wells.core.Log",
    "billing.dbo.Invoice",
    "billing.dbo.Reminder",
    "crm.dbo.Contact",
    "crm.dbo.Note",
    "hr.dbo.Leave",
    "hr.dbo.Person",
];
const OPERATIONS: [(&str, &str); 8] = [
    ("ExecuteSqlViaLockbox", "Run SQL on a database"),
    ("GetQueryTextTelemetryViaLockbox", "Read the text of queries"),
    ("GetRefreshHistoryViaLockbox", "Read the refresh history"),
    ("ReadSparkDriverLogsViaLockbox", "Read the Spark driver's log"),
    ("MountManagedDiskViaLockbox", "Mount a managed disk"),
    ("TakeMemoryDumpViaLockbox", "Take a memory dump"),
    ("OpenRemoteDesktopViaLockbox", "Open a remote desktop"),
    ("ReadPipelineDefinitionViaLockbox", "Read a pipeline's definition"),
];
const WHY: [&str; 6] = [
    "Deadlocks in the nightly run; need the blocked statements.",
    "The import of yesterday stopped half way.",
    "Totals differ between the report and the ledger.",
    "Customers see a time-out when they open an invoice.",
    "A refresh fails with an unknown error.",
    "Restore of a single table was asked for.",
];
/// What happens to a request before anybody works under it.
const SCRIPT: [Activity; 5] =
    [Activity::Create, Activity::Evaluate, Activity::Notify, Activity::View, Activity::Approve];

/// Where an organisation's present case stands.
struct Case {
    number: usize,
    step: usize,
    actions: usize,
    engineer: usize,
    approver: usize,
    environment: usize,
    why: usize,
}

/// The events, in log order.
pub(crate) struct Events {
    dice: Dice,
    cases: Vec<Case>,
    weights: Vec<f64>,
    ids: Vec<OrganizationId>,
    begin: DateTime<Utc>,
    count: usize,
    at: usize,
}

impl Events {
    /// `count` events of two years.
    #[must_use]
    pub(crate) fn new(seed: u64, count: usize) -> Self {
        let mut sum = 0.0;
        let weights = (0..ORGANIZATIONS)
            .map(|n| {
                sum += 0.72_f64.powi(i32::try_from(n).unwrap_or(0));
                sum
            })
            .collect();
        let ids = (0..ORGANIZATIONS).map(organization).collect();
        let begin = begin() + TimeDelta::days(1);
        let mut events = Self { dice: Dice(seed), cases: Vec::new(), weights, ids, begin, count, at: 0 };
        events.cases = (0..ORGANIZATIONS).map(|organization| events.case(organization)).collect();
        events
    }

    fn case(&mut self, organization: usize) -> Case {
        Case {
            number: self.at * ORGANIZATIONS + organization,
            step: 0,
            actions: self.dice.skewed(60),
            engineer: self.dice.skewed(60),
            approver: self.dice.skewed(12),
            environment: self.dice.skewed(10),
            why: self.dice.roll(WHY.len()),
        }
    }

    fn time(&self) -> DateTime<Utc> {
        let share = TimeDelta::days(DAYS).num_microseconds().unwrap_or(0) / i64::try_from(self.count).unwrap_or(1);
        self.begin + TimeDelta::microseconds(share * i64::try_from(self.at).unwrap_or(0))
    }
}

impl Iterator for Events {
    type Item = (OrganizationId, NewEvent);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.count {
            return None;
        }
        let last = self.weights.last().copied().unwrap_or(1.0);
        let share = self.dice.roll(1 << 30) as f64 / f64::from(1_u32 << 30) * last;
        let organization = self.weights.iter().position(|sum| share < *sum).unwrap_or(0);
        if self.cases[organization].step >= SCRIPT.len() + self.cases[organization].actions {
            self.cases[organization] = self.case(organization);
        }
        let (at, time) = (self.at, self.time());
        let event = self.event(organization, at, time);
        self.at += 1;
        Some((self.ids[organization].clone(), event))
    }
}

impl Events {
    fn event(&mut self, organization: usize, at: usize, time: DateTime<Utc>) -> NewEvent {
        let dice = &mut self.dice;
        let case = &mut self.cases[organization];
        let person = |number: usize| Actor {
            id: format!("per_{organization:02}_{number:02}"),
            name: NAMES[number % NAMES.len()].to_owned(),
            kind: ActorKind::Person,
        };
        let mut event = NewEvent {
            id: format!("evt_{:012x}{at:014x}", time.timestamp_millis()).into(),
            time,
            category: Category::Activity,
            operation: String::new(),
            friendly_name: None,
            actor: person(case.approver),
            environment_id: Some(format!("env_{organization:02}_{}", case.environment).into()),
            request_id: Some(format!("lbx_{:026}", case.number).into()),
            service_request_id: Some(format!("2611{:012}", case.number / 3).into()),
            grant_id: None,
            outcome: Outcome::Success,
            client_ip: Some(format!("198.51.{}.{}", organization, case.approver)),
            correlation_id: format!("req_{:026}", at / 3),
            details: Map::new(),
        };
        if dice.roll(12) == 0 {
            event.operation = Activity::SignIn.as_str().to_owned();
            event.actor = person(dice.skewed(12));
            (event.environment_id, event.request_id, event.service_request_id) = (None, None, None);
            event.outcome = if dice.roll(20) == 0 { Outcome::Failure } else { Outcome::Success };
            event.details = object(json!({"method": "password"}));
            return event;
        }
        let engineer = Actor {
            id: format!("eng-{:03}", case.engineer),
            name: format!("Engineer {:03}", case.engineer),
            kind: ActorKind::Engineer,
        };
        if let Some(activity) = SCRIPT.get(case.step) {
            let activity = if case.step == 4 && case.number.is_multiple_of(9) { Activity::Deny } else { *activity };
            event.operation = activity.as_str().to_owned();
            match activity {
                Activity::Create => {
                    event.actor = engineer;
                    event.details = object(json!({"justification": WHY[case.why], "access_minutes": 240}));
                }
                Activity::Evaluate | Activity::Notify => {
                    event.actor =
                        Actor { id: "system".to_owned(), name: "Lockbox".to_owned(), kind: ActorKind::System };
                    event.client_ip = None;
                }
                Activity::Deny => {
                    case.actions = 0;
                    event.details = object(json!({"justification": "Not without the owner."}));
                }
                _ => event.details = object(json!({"justification": "Checked with the owner."})),
            }
        } else {
            let (operation, friendly) = OPERATIONS[dice.skewed(OPERATIONS.len())];
            let table = TABLES[dice.skewed(TABLES.len())];
            event.category = Category::DataAccess;
            event.operation = operation.to_owned();
            event.friendly_name = Some(friendly.to_owned());
            event.actor = engineer;
            event.grant_id = Some(format!("grt_{:026}", case.number).into());
            event.outcome = match dice.roll(60) {
                0 => Outcome::Refused,
                1 | 2 => Outcome::Failure,
                _ => Outcome::Success,
            };
            let word = if dice.roll(20_000) == 0 { RARE } else { "archived" };
            event.details = object(json!({
                "action_id": format!("a-{at}"), "happened_at": time, "target": table, "rows": dice.roll(5_000),
                "statement": format!("SELECT Id, Amount FROM {table} WHERE Id = {} AND State = '{word}' -- {COMMON} run", dice.roll(100_000)),
            }));
        }
        case.step += 1;
        event
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Fills a new database with the organisations and these events: what appending one by one would leave, much faster.
///
/// # Errors
/// When the database fails.
pub(crate) fn fill(database: &Path, events: impl Iterator<Item = (OrganizationId, NewEvent)>) -> StoreResult<()> {
    let mut bulk = Bulk::open(database)?;
    for record in organizations() {
        bulk.put_organization(&record, begin())?;
    }
    bulk.append(events)?;
    bulk.finish()
}
