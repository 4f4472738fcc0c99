//! What holds for any rules and any request: every condition is set in some of the rules, every value that a condition
//! looks at differs among the requests, and what matches is said a second time here, in other words.
//!
//! Length: over 400 lines because generators, the second opinion and the properties speak of the same sixteen conditions.

use std::collections::BTreeMap;

use chrono::{Datelike, TimeDelta, Timelike};
use proptest::{collection::vec, option, prelude::*, sample, strategy::ValueTree, test_runner::TestRunner};

use lockbox_api::{
    catalog::{Availability, DataStore, Operation},
    jit::{Factor, ReasonCode, TimeOfDay, Weekday},
    requests::Location,
};

use super::*;

const ROLES: &[&str] = &["support_engineer", "devops", "contractor"];
const SERVICES: &[&str] = &["sql-database", "virtual-machines", "storage"];
const OPERATIONS: &[&str] = &["ExecuteSqlViaLockbox", "ReadBlobViaLockbox", "RemoteDesktopViaLockbox"];
const TEAMS: &[&str] = &["Databases", "Network", "Storage"];
const COUNTRIES: &[&str] = &["IE", "NL", "US"];
const TARGETS: &[&[&str]] = &[&[], &["payroll.dbo.Pay"], &["payroll.*", "*"], &["*.payroll", "payroll"]];
const APPROVERS: &[&str] = &["support_lead", "devops_manager", "director"];

/// A request, and when it is raised.
#[derive(Clone, Debug)]
struct Asked {
    engineer: Engineer,
    service: String,
    operations: Vec<String>,
    targets: Vec<String>,
    level: PermissionLevel,
    direct: bool,
    minutes: u32,
    scope: Option<ResourceScope>,
    at: Time,
}

impl Asked {
    /// The request as it comes in; `minutes`: what it says of the time, if anything.
    fn input(&self, minutes: Option<u32>) -> AccessRequestCreate {
        AccessRequestCreate {
            organization_id: "org_meridian".into(),
            environment_id: "env_payroll".into(),
            service_request_id: "2611210050001234".into(),
            engineer: self.engineer.clone(),
            operations: self.operations.clone(),
            data_stores: Vec::new(),
            targets: self.targets.clone(),
            permission_level: self.level,
            direct_data_access: self.direct,
            reason_code: ReasonCode::CustomerInitiatedSupport,
            justification: "Needed.".to_owned(),
            access_minutes: minutes,
            exclusion: None,
            resource_scope: self.scope,
        }
    }

    /// Judged by way of a catalog, as the server does.
    fn judge_in(&self, rules: &[Rule], catalog: &Catalog, minutes: Option<u32>) -> JitResult {
        let service = crate::catalog::service(catalog, &self.service).unwrap();
        let rules = JitRules { version: "7".to_owned(), rules: rules.to_vec() };
        evaluate(&rules, &Subject::of(&self.input(minutes), service), self.at)
    }

    fn judge(&self, rules: &[Rule]) -> JitResult {
        let subject = Subject {
            engineer: &self.engineer,
            service: &self.service,
            service_name: &self.service,
            operations: &self.operations,
            targets: &self.targets,
            permission_level: self.level,
            direct_data_access: self.direct,
            access_minutes: self.minutes,
            resource_scope: self.scope,
        };
        evaluate(&JitRules { version: "7".to_owned(), rules: rules.to_vec() }, &subject, self.at)
    }

    fn office(&self) -> Option<&String> {
        self.engineer.location.as_ref()?.office_country.as_ref()
    }

    fn physical(&self) -> Option<&String> {
        self.engineer.location.as_ref()?.physical_country.as_ref()
    }

    /// How wide it reaches: what the provider says, but never less than what its targets say.
    fn reach(&self) -> ResourceScope {
        let named = !self.targets.is_empty() && self.targets.iter().all(|target| target.contains("payroll"));
        match (self.scope, named) {
            (Some(ResourceScope::Organization), _) => ResourceScope::Organization,
            (Some(ResourceScope::Environment), _) | (_, false) => ResourceScope::Environment,
            _ => ResourceScope::Resource,
        }
    }

    /// Conditions that all look at something and all hold for this request.
    fn exactly(&self) -> RuleConditions {
        let (from, day) = (format!("{:02}:{:02}", self.at.hour(), self.at.minute()), self.at.weekday());
        let other = |list: &[&str], own: Option<&String>| {
            vec![(*list.iter().find(|one| Some(**one) != own.map(String::as_str)).unwrap()).to_owned()]
        };
        RuleConditions {
            resource_scope: vec![self.reach()],
            isolated_identity: Some(self.engineer.isolated_identity),
            mfa: Some(self.engineer.mfa),
            permission_level: vec![self.level],
            jit_role: vec![self.engineer.jit_role.clone()],
            jit_role_not: other(ROLES, Some(&self.engineer.jit_role)),
            service: vec![self.service.clone()],
            operation: vec![self.operations[0].clone()],
            direct_data_access: Some(self.direct),
            team: self.engineer.team.clone().into_iter().collect(),
            team_not: other(TEAMS, self.engineer.team.as_ref()),
            office_country: self.office().cloned().into_iter().collect(),
            office_country_not: other(COUNTRIES, self.office()),
            physical_country: self.physical().cloned().into_iter().collect(),
            physical_country_not: other(COUNTRIES, self.physical()),
            time_of_day: Some(TimeOfDay {
                to: from.clone(),
                from,
                utc_offset_minutes: 0,
                days: vec![Weekday::ALL[day.num_days_from_monday() as usize]],
            }),
        }
    }
}

fn texts(list: Vec<&str>) -> Vec<String> {
    list.into_iter().map(str::to_owned).collect()
}

/// Now and then some of these, mostly none: else hardly any rule would match.
fn some_of(list: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![4 => Just(Vec::new()), 1 => sample::subsequence(list, 1..3).prop_map(texts)]
}

/// A catalog that has all the services of the requests, by their ids; everything else of it is made up.
fn any_catalog() -> impl Strategy<Value = Catalog> {
    let level = option::of(sample::select(PermissionLevel::ALL.to_vec()));
    let operation = ("[A-Z][a-z]{1,8}", sample::select(OPERATIONS.to_vec()), any::<bool>(), any::<bool>(), level);
    let operation = operation.prop_map(|(words, name, reaches_data, says, permission_level)| Operation {
        name: name.to_owned(),
        friendly_name: words.clone(),
        reaches: format!("{words}."),
        does_not_reach: says.then(|| format!("Not {words}.")),
        data_stores: (says && reaches_data).then(|| vec!["sql".to_owned()]),
        reaches_data,
        permission_level,
    });
    let service = ("[A-Z][a-z]{1,8}", 1_u32..97, 1_u32..2_000, any::<bool>(), vec(operation, 1..4));
    (vec(service, SERVICES.len()), Just(SERVICES.to_vec()).prop_shuffle()).prop_map(|(made, ids)| Catalog {
        version: made[0].0.clone(),
        provider: made[1].0.clone(),
        services: ids
            .into_iter()
            .zip(made)
            .map(|(id, (name, queue_hours, minutes, preview, operations))| Service {
                id: id.to_owned(),
                name,
                availability: if preview { Availability::Preview } else { Availability::GenerallyAvailable },
                queue_hours,
                default_access_minutes: minutes,
                max_access_minutes: minutes.max(1_440),
                data_stores: vec![DataStore { id: "sql".to_owned(), name: "SQL".to_owned(), protectable: preview }],
                operations,
            })
            .collect(),
    })
}

fn any_part_of_the_week() -> impl Strategy<Value = TimeOfDay> {
    let clock = || (0_u32..24, sample::select(&[0_u32, 30][..])).prop_map(|(h, m)| format!("{h:02}:{m:02}"));
    let days = prop_oneof![Just(Vec::new()), sample::subsequence(Weekday::ALL, 1..7)];
    (clock(), clock(), -840_i32..=840, days).prop_map(|(from, to, utc_offset_minutes, days)| TimeOfDay {
        from,
        to,
        utc_offset_minutes,
        days,
    })
}

fn any_conditions() -> impl Strategy<Value = RuleConditions> {
    let yes_or_no = || option::weighted(0.2, any::<bool>());
    (
        (
            prop_oneof![4 => Just(Vec::new()), 1 => sample::subsequence(ResourceScope::ALL, 1..3)],
            yes_or_no(),
            yes_or_no(),
            prop_oneof![4 => Just(Vec::new()), 1 => sample::subsequence(PermissionLevel::ALL, 1..4)],
            yes_or_no(),
            option::weighted(0.2, any_part_of_the_week()),
        ),
        (some_of(ROLES), some_of(ROLES), some_of(SERVICES), some_of(OPERATIONS), some_of(TEAMS), some_of(TEAMS)),
        (some_of(COUNTRIES), some_of(COUNTRIES), some_of(COUNTRIES), some_of(COUNTRIES)),
    )
        .prop_map(|(first, second, third)| RuleConditions {
            resource_scope: first.0,
            isolated_identity: first.1,
            mfa: first.2,
            permission_level: first.3,
            direct_data_access: first.4,
            time_of_day: first.5,
            jit_role: second.0,
            jit_role_not: second.1,
            service: second.2,
            operation: second.3,
            team: second.4,
            team_not: second.5,
            office_country: third.0,
            office_country_not: third.1,
            physical_country: third.2,
            physical_country_not: third.3,
        })
}

fn made(id: String, outcome: RuleOutcome, when: RuleConditions, minutes: u32, approvers: &[String]) -> Rule {
    let wants = outcome == RuleOutcome::RequireInternalApproval;
    let several = wants && approvers.len() > 1;
    Rule {
        description: format!("Rule {id}."),
        description_inside: None,
        id,
        when,
        outcome,
        role: (wants && !several).then(|| approvers[0].clone()),
        roles: if several { approvers.to_vec() } else { Vec::new() },
        max_access_minutes: (outcome == RuleOutcome::CapAccess).then_some(minutes),
    }
}

/// Up to eight rules, each with an id of its own.
fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    let approvers = sample::subsequence(APPROVERS, 1..=3).prop_map(texts);
    let one = (any_conditions(), sample::select(RuleOutcome::ALL), 1_u32..1_000, approvers);
    vec(one, 0..8).prop_map(|all| {
        let rule = |(at, (when, outcome, minutes, approvers)): (usize, (_, _, _, Vec<String>))| {
            made(format!("r{at}"), outcome, when, minutes, &approvers)
        };
        all.into_iter().enumerate().map(rule).collect()
    })
}

fn any_asked() -> impl Strategy<Value = Asked> {
    let country = || option::weighted(0.8, sample::select(COUNTRIES).prop_map(str::to_owned));
    (
        (any::<bool>(), any::<bool>(), any::<bool>(), sample::select(ROLES), sample::select(SERVICES)),
        (sample::subsequence(OPERATIONS, 1..3), sample::select(PermissionLevel::ALL), 1_u32..1_000),
        (
            option::weighted(0.8, sample::select(TEAMS).prop_map(str::to_owned)),
            option::weighted(0.8, (country(), country())),
            option::of(sample::select(ResourceScope::ALL)),
            sample::select(TARGETS),
        ),
        // Two weeks, to the minute.
        1_700_000_000_i64..1_701_209_600,
    )
        .prop_map(|(who, what, about, at)| Asked {
            engineer: Engineer {
                id: "eng-417".to_owned(),
                name: "Engineer 417".to_owned(),
                team: about.0,
                jit_role: who.3.to_owned(),
                isolated_identity: who.0,
                mfa: who.1,
                location: about
                    .1
                    .map(|(office_country, physical_country)| Location { office_country, physical_country }),
            },
            service: who.4.to_owned(),
            operations: texts(what.0),
            targets: texts(about.3.to_vec()),
            level: what.1,
            direct: who.2,
            minutes: what.2,
            scope: about.2,
            at: Time::from_timestamp(at, 0).unwrap(),
        })
}

/// Whether the moment lies in one of the parts that begin today or yesterday, as a calendar would be asked.
fn in_part(part: &TimeOfDay, at: Time) -> bool {
    let there = at + TimeDelta::minutes(part.utc_offset_minutes.into());
    let clock = |text: &str| {
        let (hours, minutes) = text.split_once(':').unwrap();
        TimeDelta::minutes(hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap())
    };
    let midnight = there.date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc();
    [midnight - TimeDelta::days(1), midnight].into_iter().any(|day| {
        let (begin, mut end) = (day + clock(&part.from), day + clock(&part.to));
        if end <= begin {
            end += TimeDelta::days(1);
        }
        let name = Weekday::ALL[day.weekday().num_days_from_monday() as usize];
        (part.days.is_empty() || part.days.contains(&name)) && begin <= there && there < end
    })
}

/// Each condition that a rule sets, and whether it holds for the request.
fn opinions(when: &RuleConditions, asked: &Asked) -> BTreeMap<&'static str, bool> {
    let mut all = BTreeMap::new();
    let told = |value: Option<&String>| value.cloned().into_iter().collect::<Vec<String>>();
    let (role, service) = (vec![asked.engineer.jit_role.clone()], vec![asked.service.clone()]);
    let (team, office, physical) = (told(asked.engineer.team.as_ref()), told(asked.office()), told(asked.physical()));
    for (name, listed, own, shall_be_there) in [
        ("jit_role", &when.jit_role, &role, true),
        ("jit_role_not", &when.jit_role_not, &role, false),
        ("service", &when.service, &service, true),
        ("operation", &when.operation, &asked.operations, true),
        ("team", &when.team, &team, true),
        ("team_not", &when.team_not, &team, false),
        ("office_country", &when.office_country, &office, true),
        ("office_country_not", &when.office_country_not, &office, false),
        ("physical_country", &when.physical_country, &physical, true),
        ("physical_country_not", &when.physical_country_not, &physical, false),
    ] {
        if !listed.is_empty() {
            all.insert(name, own.iter().any(|one| listed.contains(one)) == shall_be_there);
        }
    }
    for (name, wanted, own) in [
        ("isolated_identity", when.isolated_identity, asked.engineer.isolated_identity),
        ("mfa", when.mfa, asked.engineer.mfa),
        ("direct_data_access", when.direct_data_access, asked.direct),
    ] {
        if let Some(wanted) = wanted {
            all.insert(name, wanted == own);
        }
    }
    if !when.permission_level.is_empty() {
        all.insert("permission_level", when.permission_level.contains(&asked.level));
    }
    if !when.resource_scope.is_empty() {
        let holds = match asked.reach() {
            ResourceScope::Organization => when.resource_scope.iter().any(|wanted| *wanted != ResourceScope::Resource),
            reach => when.resource_scope.contains(&reach),
        };
        all.insert("resource_scope", holds);
    }
    if let Some(part) = &when.time_of_day {
        all.insert("time_of_day", in_part(part, asked.at));
    }
    all
}

/// The rules that match, by the opinions above.
fn matching<'r>(list: &'r [Rule], asked: &Asked) -> Vec<&'r Rule> {
    list.iter().filter(|rule| opinions(&rule.when, asked).into_values().all(|holds| holds)).collect()
}

/// The factor that a condition belongs to.
fn factor_of(condition: &str) -> &str {
    match condition.trim_end_matches("_not") {
        "office_country" | "physical_country" => "location",
        other => other,
    }
}

/// Every factor of an evaluation, in order.
pub(super) const FACTORS: [&str; 11] = [
    "resource_scope",
    "isolated_identity",
    "mfa",
    "permission_level",
    "jit_role",
    "team",
    "location",
    "time_of_day",
    "service",
    "operation",
    "direct_data_access",
];

/// What people read of a factor names the value that the request has.
fn names_its_value(factor: &Factor, asked: &Asked) -> bool {
    let value = factor.value.as_str();
    let either = |yes: bool, one: &str, other: &str| value.starts_with(if yes { one } else { other });
    let told = |values: &[Option<&String>]| {
        values.iter().flatten().all(|one| value.contains(one.as_str()))
            && values.iter().all(Option::is_none) == (value == "Not told")
    };
    match factor.id.as_str() {
        "resource_scope" => {
            value
                == match asked.reach() {
                    ResourceScope::Resource => "Named resources",
                    ResourceScope::Environment => "The whole environment",
                    ResourceScope::Organization => "The whole organisation",
                }
        }
        "isolated_identity" => either(asked.engineer.isolated_identity, "Isolated", "Not isolated"),
        "mfa" => either(asked.engineer.mfa, "Used", "Not used"),
        "permission_level" => value.to_lowercase() == asked.level.as_str(),
        "jit_role" => value.to_lowercase().replace(' ', "_") == asked.engineer.jit_role,
        "team" => told(&[asked.engineer.team.as_ref()]),
        "location" => told(&[asked.office(), asked.physical()]),
        "time_of_day" => value == asked.at.format("%A, %H:%M UTC").to_string(),
        "service" => value == asked.service,
        "operation" => asked.operations.iter().all(|name| value.contains(name.as_str())),
        "direct_data_access" => either(asked.direct, "Reached", "Not reached"),
        _ => false,
    }
}

fn weight(outcome: EvaluationOutcome) -> u8 {
    match outcome {
        EvaluationOutcome::Continued => 0,
        EvaluationOutcome::InternalApprovalRequired => 1,
        EvaluationOutcome::Rejected => 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_rule_that_matches_is_named_and_no_other(list in any_rules(), asked in any_asked()) {
        let found = asked.judge(&list).evaluation;
        let expected: Vec<MatchedRule> = matching(&list, &asked)
            .into_iter()
            .map(|rule| MatchedRule {
                id: rule.id.clone(),
                outcome: rule.outcome,
                description: rule.description.clone(),
                description_inside: None,
            })
            .collect();
        prop_assert_eq!(found.rules, expected);
        prop_assert_eq!((found.rules_version.as_str(), found.evaluated_at), ("7", asked.at));
    }

    /// Deny wins, then the demands, all of them; the cap is the smallest of those that match, and never lengthens.
    #[test]
    fn the_outcome_the_roles_and_the_minutes_follow_from_what_matches(list in any_rules(), asked in any_asked()) {
        let found = asked.judge(&list);
        let matched = matching(&list, &asked);
        let with = |outcome| matched.iter().filter(move |rule| rule.outcome == outcome);
        let rejected = with(RuleOutcome::Reject).count() > 0;
        let mut roles: Vec<&str> = Vec::new();
        for role in with(RuleOutcome::RequireInternalApproval).flat_map(|rule| rule.role.iter().chain(&rule.roles)) {
            if !rejected && !roles.contains(&role.as_str()) {
                roles.push(role);
            }
        }
        let expected = if rejected { 2 } else { u8::from(!roles.is_empty()) };
        prop_assert_eq!(weight(found.evaluation.outcome), expected);
        prop_assert_eq!(found.evaluation.approval_roles(), roles.clone());
        prop_assert_eq!(found.evaluation.internal_approval_role.as_deref(), roles.first().copied());
        let caps = with(RuleOutcome::CapAccess).filter_map(|rule| rule.max_access_minutes);
        prop_assert_eq!(found.access_minutes, caps.fold(asked.minutes, u32::min));
    }

    #[test]
    fn every_factor_is_listed_with_its_value_and_passes_unless_a_rule_speaks_against_it(
        list in any_rules(), asked in any_asked(),
    ) {
        let factors = asked.judge(&list).evaluation.factors;
        prop_assert_eq!(factors.iter().map(|factor| factor.id.as_str()).collect::<Vec<_>>(), FACTORS);
        let against: Vec<&str> = matching(&list, &asked)
            .into_iter()
            .filter(|rule| matches!(rule.outcome, RuleOutcome::Reject | RuleOutcome::RequireInternalApproval))
            .flat_map(|rule| opinions(&rule.when, &asked).into_keys().map(factor_of))
            .collect();
        for factor in &factors {
            prop_assert_eq!(factor.passed, !against.contains(&factor.id.as_str()), "{:?}", factor);
            prop_assert!(names_its_value(factor, &asked), "{:?}", factor);
        }
    }

    #[test]
    fn a_further_rule_never_makes_it_easier(list in any_rules(), more in any_rules(), asked in any_asked()) {
        let before = asked.judge(&list);
        let after = asked.judge(&[list, more].concat());
        prop_assert!(weight(after.evaluation.outcome) >= weight(before.evaluation.outcome));
        prop_assert!(after.access_minutes <= before.access_minutes);
        prop_assert!(after.evaluation.rules.len() >= before.evaluation.rules.len());
        for (before, after) in before.evaluation.factors.iter().zip(&after.evaluation.factors) {
            prop_assert!(before.passed || !after.passed, "{} passes again", before.id);
        }
    }

    #[test]
    fn the_order_of_the_rules_changes_neither_outcome_nor_minutes(list in any_rules(), asked in any_asked()) {
        let forward = asked.judge(&list);
        let backward = asked.judge(&list.into_iter().rev().collect::<Vec<_>>());
        prop_assert_eq!(forward.evaluation.outcome, backward.evaluation.outcome);
        prop_assert_eq!(forward.access_minutes, backward.access_minutes);
        prop_assert_eq!(forward.evaluation.factors, backward.evaluation.factors);
    }

    /// A rejection that looks at everything the request has wins wherever it stands; it does not speak of a request that
    /// differs in any one thing.
    #[test]
    fn deny_wins_wherever_it_stands(list in any_rules(), place in 0_usize..9, asked in any_asked()) {
        let deny = made("deny".to_owned(), RuleOutcome::Reject, asked.exactly(), 0, &[]);
        let mut with = list.clone();
        with.insert(place.min(list.len()), deny.clone());
        let found = asked.judge(&with).evaluation;
        prop_assert_eq!(found.outcome, EvaluationOutcome::Rejected);
        prop_assert!(found.rules.iter().any(|rule| rule.id == "deny"));
        let spoken_against = opinions(&deny.when, &asked);
        for factor in &found.factors {
            let looked_at = spoken_against.keys().any(|name| factor_of(name) == factor.id);
            prop_assert_eq!(factor.passed && looked_at, false, "{:?}", factor);
        }
    }

    #[test]
    fn each_condition_alone_keeps_a_rule_from_matching(asked in any_asked()) {
        for (name, spoiled) in spoiled(&asked) {
            let deny = made("deny".to_owned(), RuleOutcome::Reject, spoiled, 0, &[]);
            let found = asked.judge(&[deny]).evaluation;
            prop_assert_eq!(found.outcome, EvaluationOutcome::Continued, "{}", name);
        }
    }

    /// Of the catalog nothing counts but the id of the service, and its usual time where the request names none: neither the
    /// words and stores of its operations, nor the least levels that they take, nor other services.
    #[test]
    fn evaluation_is_a_function_of_the_catalog_s_ids_and_usual_time_alone(
        list in any_rules(), asked in any_asked(), one in any_catalog(), other in any_catalog(), named in any::<bool>(),
    ) {
        let minutes = named.then_some(asked.minutes);
        let first = asked.judge_in(&list, &one, minutes);
        let second = asked.judge_in(&list, &other, minutes);
        prop_assert_eq!(&asked.judge_in(&list, &one, minutes), &first, "judged again");
        prop_assert_eq!(first.evaluation.outcome, second.evaluation.outcome);
        prop_assert_eq!(&first.evaluation.rules, &second.evaluation.rules);
        prop_assert_eq!(&first.evaluation.internal_approval_roles, &second.evaluation.internal_approval_roles);
        for (before, after) in first.evaluation.factors.iter().zip(&second.evaluation.factors) {
            prop_assert_eq!((&before.id, &before.name, before.passed), (&after.id, &after.name, after.passed));
            prop_assert!(before.value == after.value || before.id == "service", "{:?} {:?}", before, after);
        }
        let cap = matching(&list, &asked).into_iter().filter_map(|rule| rule.max_access_minutes).min();
        for (catalog, judged) in [(&one, &first), (&other, &second)] {
            let service = crate::catalog::service(catalog, &asked.service).unwrap();
            let wanted = minutes.unwrap_or(service.default_access_minutes);
            prop_assert_eq!(judged.access_minutes, cap.map_or(wanted, |cap| wanted.min(cap)));
            let told = judged.evaluation.factors.iter().find(|factor| factor.id == "service").unwrap();
            prop_assert!(told.value.contains(&service.name), "{:?} of {}", told, service.name);
        }
    }

    /// The same request, rules and time give the same evaluation, whatever else was evaluated meanwhile; and the time
    /// changes nothing but what looks at it.
    #[test]
    fn evaluation_is_a_function_of_request_rules_and_time(
        list in any_rules(), others in any_rules(), asked in any_asked(), other in any_asked(), later in 0_i64..1_000_000,
    ) {
        let first = asked.judge(&list);
        let _ = other.judge(&others);
        prop_assert_eq!(&asked.judge(&list), &first);
        let moved = Asked { at: asked.at + TimeDelta::seconds(later), ..asked };
        let later = moved.judge(&list);
        if list.iter().all(|rule| rule.when.time_of_day.is_none()) {
            prop_assert_eq!(later.evaluation.outcome, first.evaluation.outcome);
            prop_assert_eq!(later.evaluation.rules, first.evaluation.rules);
            prop_assert_eq!(later.access_minutes, first.access_minutes);
        }
    }
}

/// The conditions that all hold, each time with one of them turned into one that does not.
fn spoiled(asked: &Asked) -> Vec<(&'static str, RuleConditions)> {
    let all = asked.exactly();
    let nobody = || vec!["nobody".to_owned()];
    let mut list = Vec::new();
    let mut spoil = |name, change: &dyn Fn(&mut RuleConditions)| {
        let mut when = all.clone();
        change(&mut when);
        list.push((name, when));
    };
    spoil("resource_scope", &|when| {
        when.resource_scope = vec![match asked.reach() {
            ResourceScope::Resource => ResourceScope::Environment,
            ResourceScope::Environment => ResourceScope::Organization,
            ResourceScope::Organization => ResourceScope::Resource,
        }];
    });
    spoil("isolated_identity", &|when| when.isolated_identity = Some(!asked.engineer.isolated_identity));
    spoil("mfa", &|when| when.mfa = Some(!asked.engineer.mfa));
    spoil("permission_level", &|when| {
        when.permission_level = PermissionLevel::ALL.iter().copied().filter(|level| *level != asked.level).collect();
    });
    spoil("jit_role", &|when| when.jit_role = nobody());
    spoil("jit_role_not", &|when| when.jit_role_not = vec![asked.engineer.jit_role.clone()]);
    spoil("service", &|when| when.service = nobody());
    spoil("operation", &|when| when.operation = nobody());
    spoil("direct_data_access", &|when| when.direct_data_access = Some(!asked.direct));
    spoil("team", &|when| when.team = nobody());
    spoil("office_country", &|when| when.office_country = nobody());
    spoil("physical_country", &|when| when.physical_country = nobody());
    // What is not told is none of the exceptions.
    if let Some(team) = &asked.engineer.team {
        spoil("team_not", &|when| when.team_not = vec![team.clone()]);
    }
    if let Some(office) = asked.office() {
        spoil("office_country_not", &|when| when.office_country_not = vec![office.clone()]);
    }
    if let Some(physical) = asked.physical() {
        spoil("physical_country_not", &|when| when.physical_country_not = vec![physical.clone()]);
    }
    spoil("time_of_day", &|when| {
        if let Some(part) = &mut when.time_of_day {
            let before = asked.at - TimeDelta::hours(2);
            part.from = format!("{:02}:{:02}", before.hour(), before.minute());
            part.to = format!("{:02}:{:02}", asked.at.hour(), asked.at.minute());
            part.days.clear();
        }
    });
    list
}

/// The generators reach every condition, holding and not, and rules that match are not rare: else the properties above
/// would say little.
#[test]
fn the_made_up_rules_and_requests_reach_every_condition() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<(&str, bool), u32> = BTreeMap::new();
    let mut outcomes = [0_u32; 3];
    let (mut matched, mut spoils) = (0_usize, BTreeMap::<&str, u32>::new());
    for _ in 0..2_000 {
        let list = any_rules().new_tree(&mut runner).unwrap().current();
        let asked = any_asked().new_tree(&mut runner).unwrap().current();
        for rule in &list {
            for one in opinions(&rule.when, &asked) {
                *seen.entry(one).or_default() += 1;
            }
        }
        matched += matching(&list, &asked).len();
        outcomes[usize::from(weight(asked.judge(&list).evaluation.outcome))] += 1;
        for (name, _) in spoiled(&asked) {
            *spoils.entry(name).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), 16 * 2, "sixteen conditions, each holding and not: {seen:?}");
    assert!(seen.values().all(|count| *count > 100), "{seen:?}");
    assert!(matched > 500 && outcomes.iter().all(|count| *count > 100), "{matched} {outcomes:?}");
    assert!(spoils.len() == 16 && spoils.values().all(|count| *count > 1_000), "{spoils:?}");
}
