//! Made-up events, the same on every run, and a second opinion on what a filter lets through.

use std::collections::HashSet;

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    events::{Actor, ActorKind, Category, Event, Outcome},
    logs::LogFilter,
};
use lockbox_server::store::NewEvent;
use serde_json::{Map, Value, json};

use super::world::Customer;

/// Numbers that look random and are the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    /// 0 to below `n`.
    pub fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    pub fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.roll(all.len())]
    }
}

const OPERATIONS: [&str; 6] = [
    "Approve Lockbox Request",
    "Create Lockbox Request",
    "Sign-in",
    "ExecuteSqlViaLockbox",
    "GetQueryTextTelemetryViaLockbox",
    "Export",
];
const ACTORS: [(&str, &str, ActorKind); 6] = [
    ("per_ana", "Ana Ruiz", ActorKind::Person),
    ("per_bo", "Bo", ActorKind::Person),
    ("eng-417", "Engineer 417", ActorKind::Engineer),
    // Two with one name, and one with two.
    ("eng-418", "Ana Ruiz", ActorKind::Engineer),
    ("eng-417", "Engineer 417 (new name)", ActorKind::Engineer),
    ("system", "Lockbox", ActorKind::System),
];
const ENVIRONMENTS: [&str; 4] = ["env_payroll", "env_sandbox", "env-weird é", "env_lab"];
const WORDS: [&str; 8] =
    ["payroll", "deadlock", "SELECT", "Zürich", "tables.dbo.Pay", "o'neill@example.com", "lbx_1", "日本"];
/// Things that a careless program would stumble over.
pub const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "'; DROP TABLE events; --",
    "\u{202e}gnp.exe\u{202c}",
    "line one\r\nline two\ttabbed",
    "bell\u{7} escape\u{1b}[31m nul\u{0}end",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-1+1\",\"x",
    "😀👩‍👩‍👧‍👦 ünïcödé ﷽",
    "f1o1 1_payroll facets : text",
];

/// An event that happened after `after`.
pub fn made_up(dice: &mut Dice, id: usize, after: Time) -> NewEvent {
    let (actor_id, name, kind) = ACTORS[dice.roll(ACTORS.len())];
    let category = Category::ALL[dice.roll(2)];
    let text = (0..dice.roll(4)).map(|_| dice.pick(&WORDS)).collect::<Vec<_>>().join(" ");
    let mut details = Map::new();
    details.insert("statement".to_owned(), json!(text));
    if dice.roll(4) == 0 {
        details.insert("target".to_owned(), json!(HOSTILE[dice.roll(HOSTILE.len())]));
        details.insert("rows".to_owned(), json!(dice.roll(10_000)));
        details
            .insert("more".to_owned(), json!({"list": ["nested words", 7, null], "x": "y".repeat(dice.roll(2_000))}));
    }
    // Most come in bursts, some after a long time.
    let pause = if dice.roll(20) == 0 { dice.roll(20_000) } else { dice.roll(40) };
    let mut maybe = |all: &[&str]| (dice.roll(4) > 0).then(|| dice.pick(all).to_owned());
    NewEvent {
        id: format!("evt_test{id:08}").into(),
        time: after + TimeDelta::seconds(i64::try_from(pause).unwrap()) + TimeDelta::microseconds(7),
        category,
        environment_id: maybe(&ENVIRONMENTS).map(Into::into),
        request_id: maybe(&["lbx_1", "lbx_2", "lbx_3"]).map(Into::into),
        service_request_id: maybe(&["2611210050001234", "17"]).map(Into::into),
        grant_id: maybe(&["grt_1", "grt_2"]).map(Into::into),
        client_ip: maybe(&["198.51.100.7", "2001:db8::1"]),
        correlation_id: maybe(&["req_1", "req_2"]).unwrap_or_else(|| format!("req_{id}")),
        operation: dice.pick(&OPERATIONS).to_owned(),
        friendly_name: (category == Category::DataAccess && dice.roll(2) == 0).then(|| "Run SQL".to_owned()),
        actor: Actor { id: actor_id.to_owned(), name: name.to_owned(), kind },
        outcome: Outcome::ALL[dice.roll(3)],
        details,
    }
}

/// Texts to leave out: of each, an event that has all its words.
const LEFT_OUT: [&str; 10] = [
    "payroll",
    "dead",
    "SELECT",
    "zur*",
    "dbo.Pay*",
    "lbx_1",
    "absent",
    "payroll select",
    "lbx* zurich",
    "SELECT absent",
];

/// A filter of any kind, over events between two moments.
pub fn any_filter(dice: &mut Dice, from: Time, to: Time) -> LogFilter {
    let mut f = LogFilter::default();
    // Whole ones, and how words of them begin: those stand for all that begin so, unless one is called exactly so.
    let actors =
        ["per_ana", "Ana Ruiz", "eng-417", "Engineer 417", "system", "nobody", "ANA", "engin", "417 (", "per_"];
    let operations = ["approve", "LOCKBOX req", "run", "Run SQL", "getquery", "sign", "export", "pprove"]
        .into_iter()
        .chain(OPERATIONS);
    let operations: Vec<&str> = operations.collect();
    // Some by id, some by the names that the world gives them.
    let environments = ["payr", "MERIDIAN env_s", "meridian env_sandbox", "northstar", "env", "ayroll"];
    let environments: Vec<&str> = environments.into_iter().chain(ENVIRONMENTS).collect();
    let fields = if dice.roll(4) == 0 { 6 } else { 3 };
    for _ in 0..1 + dice.roll(fields) {
        match dice.roll(20) {
            0 => f.category = vec![Category::ALL[dice.roll(2)]],
            1 => f.operation = (0..1 + dice.roll(3)).map(|_| dice.pick(&operations).to_owned()).collect(),
            2 => f.actor = (0..1 + dice.roll(2)).map(|_| dice.pick(&actors).to_owned()).collect(),
            3 => f.environment_id = (0..1 + dice.roll(2)).map(|_| dice.pick(&environments).into()).collect(),
            4 => f.outcome = vec![Outcome::ALL[dice.roll(3)]],
            5 => f.request_id = vec![dice.pick(&["lbx_1", "lbx_2", "lbx_absent"]).into()],
            6 => f.not_outcome = vec![Outcome::ALL[dice.roll(3)]],
            7 => f.not_actor = vec![dice.pick(&actors).to_owned()],
            8 => f.not_environment_id = vec![dice.pick(&environments).into()],
            9 => f.not_operation = vec![dice.pick(&operations).to_owned()],
            10 => f.not_category = vec![Category::ALL[dice.roll(2)]],
            11 => {
                f.service_request_id =
                    (0..1 + dice.roll(2)).map(|_| dice.pick(&["17", "2611210050001234"]).into()).collect()
            }
            12 => {
                f.grant_id =
                    (0..1 + dice.roll(2)).map(|_| dice.pick(&["grt_1", "grt_2", "grt_absent"]).into()).collect()
            }
            13 => f.correlation_id = vec!["req_1".to_owned(), "req_17".to_owned()],
            14 => f.not_request_id = vec!["lbx_3".into()],
            15 => f.not_service_request_id = vec![dice.pick(&["17", "absent"]).into()],
            16 => f.not_grant_id = vec![dice.pick(&["grt_1", "grt_2"]).into()],
            17 => f.not_correlation_id = vec!["req_2".to_owned(), "req_absent".to_owned()],
            18 => {
                f.not_q = (0..1 + dice.roll(3)).map(|_| dice.pick(&LEFT_OUT).to_owned()).collect();
            }
            _ => {
                f.q = Some(
                    dice.pick(&[
                        "payroll", "dead", "SELECT", "zurich", "dbo.Pay", "o'neill", "lbx_1", "日本", "absent",
                        "payr*", "zur*", "dbo.Pay*", "lbx*", "abs*",
                    ])
                    .to_owned(),
                )
            }
        }
    }
    let span = (to - from).num_microseconds().unwrap();
    let mut moment = || from + TimeDelta::microseconds(span / 1_000 * i64::try_from(dice.roll(1_000)).unwrap());
    let (a, b) = (moment(), moment());
    let text = |time: Time| Some(time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
    match dice.roll(4) {
        0 => (f.from, f.to) = (text(a.min(b)), text(a.max(b))),
        1 => f.from = text(a),
        2 => f.to = text(b),
        _ => {}
    }
    f
}

/// What is called how in a log: where a value is nobody's name, it stands for the names with a word that begins so.
pub struct Opinion {
    actors: HashSet<String>,
    operations: HashSet<String>,
    /// Ids with names
    environments: [(String, String); 2],
}

impl Opinion {
    /// Of all events of an organisation.
    pub fn of(events: &[Event], customer: Customer) -> Self {
        let named = |id: &str| (id.to_owned(), format!("{} {id}", customer.short));
        Self {
            environments: [named(customer.protected), named(customer.open)],
            actors: events.iter().flat_map(|event| [event.actor.id.clone(), event.actor.name.clone()]).collect(),
            operations: events.iter().map(|event| event.operation.clone()).collect(),
        }
    }

    /// Whether a filter lets an event through, by looking at nothing but the event, and at what there is by that name.
    pub fn lets(&self, f: &LogFilter, event: &Event) -> bool {
        let named = |exists: &HashSet<String>, wanted: &str, exact: &[&str], names: &[&str]| {
            if exists.contains(wanted) {
                exact.contains(&wanted)
            } else {
                names.iter().any(|name| begins(name, wanted))
            }
        };
        let (id, name) = (event.actor.id.as_str(), event.actor.name.as_str());
        let (operation, friendly) = (event.operation.as_str(), event.friendly_name.as_deref().unwrap_or_default());
        lets(
            f,
            event,
            |wanted| named(&self.actors, wanted, &[id, name], &[name]),
            |wanted| named(&self.operations, wanted, &[operation], &[operation, friendly]),
            |wanted| event.environment_id.as_ref().is_some_and(|id| self.environment(wanted, id.as_str())),
        )
    }

    fn environment(&self, wanted: &str, id: &str) -> bool {
        if id == wanted || self.environments.iter().any(|(own, name)| own == wanted || name == wanted) {
            return id == wanted || self.environments.iter().any(|(own, name)| own == id && name == wanted);
        }
        !ENVIRONMENTS.contains(&wanted) && self.environments.iter().any(|(own, name)| own == id && begins(name, wanted))
    }
}

/// Whether some word of a name, and what follows it, begins so.
fn begins(name: &str, wanted: &str) -> bool {
    let (name, wanted) = (name.to_lowercase(), wanted.trim().to_lowercase());
    name.match_indices(&wanted).any(|(at, _)| {
        let before = name[..at].chars().next_back();
        wanted.starts_with(char::is_alphanumeric) && !before.is_some_and(char::is_alphanumeric)
    })
}

fn lets(
    f: &LogFilter,
    event: &Event,
    by_actor: impl Fn(&str) -> bool,
    by_operation: impl Fn(&str) -> bool,
    by_environment: impl Fn(&str) -> bool,
) -> bool {
    fn among<T: PartialEq>(only: &[T], not: &[T], is: impl Fn(&T) -> bool) -> bool {
        (only.is_empty() || only.iter().any(&is)) && !not.iter().any(&is)
    }
    let parsed = |text: &Option<String>| text.as_ref().map(|text| text.parse::<Time>().unwrap());
    among(&f.category, &f.not_category, |one| *one == event.category)
        && among(&f.operation, &f.not_operation, |one| by_operation(one))
        && among(&f.actor, &f.not_actor, |one| by_actor(one))
        && among(&f.environment_id, &f.not_environment_id, |one| by_environment(one.as_str()))
        && among(&f.request_id, &f.not_request_id, |one| Some(one) == event.request_id.as_ref())
        && among(&f.service_request_id, &f.not_service_request_id, |one| Some(one) == event.service_request_id.as_ref())
        && among(&f.grant_id, &f.not_grant_id, |one| Some(one) == event.grant_id.as_ref())
        && among(&f.correlation_id, &f.not_correlation_id, |one| *one == event.correlation_id)
        && among(&f.outcome, &f.not_outcome, |one| *one == event.outcome)
        && parsed(&f.from).is_none_or(|from| event.time >= from)
        && parsed(&f.to).is_none_or(|to| event.time < to)
        && f.q.as_deref().is_none_or(|q| has(event, q))
        && !f.not_q.iter().any(|text| text.split(' ').all(|q| has(event, q)))
}

/// Whether the words of one search stand in the event one behind the other; the last may go on where a `*` says so.
fn has(event: &Event, q: &str) -> bool {
    let mut texts = Vec::new();
    collect(&serde_json::to_value(event).unwrap(), &mut texts);
    let cut = |text: &str| -> Vec<String> {
        let plain = text.to_lowercase().replace('ü', "u");
        plain.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let wanted = cut(q);
    texts.iter().any(|text| {
        cut(text).windows(wanted.len()).any(|there| {
            let (last, before) = (wanted.len() - 1, wanted.len() - 1);
            let whole = there[last] == wanted[last];
            let begins = q.ends_with('*') && there[last].starts_with(&wanted[last]);
            there[..before] == wanted[..before] && (whole || begins)
        })
    })
}

fn collect(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| collect(one, out)),
        // What is searched: not the event's own id, its time, its kind of actor or its category.
        Value::Object(all) => all
            .iter()
            .filter(|(name, value)| !(matches!(name.as_str(), "time" | "category" | "kind") && value.is_string()))
            .filter(|(name, value)| !(*name == "id" && value.as_str().is_some_and(|id| id.starts_with("evt_"))))
            .for_each(|(_, one)| collect(one, out)),
        _ => {}
    }
}

/// The parameters of a filter, each behind a `&`.
pub fn parameters(f: &LogFilter) -> String {
    let mut out = String::new();
    let mut add = |name: &str, value: &str| {
        out.push_str(&format!("&{name}="));
        for byte in value.bytes() {
            out.push_str(&format!("%{byte:02X}"));
        }
    };
    for (name, value) in serde_json::to_value(f).unwrap().as_object().unwrap() {
        match value {
            Value::String(text) => add(name, text),
            Value::Array(all) => all.iter().for_each(|one| add(name, one.as_str().unwrap())),
            _ => {}
        }
    }
    out
}
