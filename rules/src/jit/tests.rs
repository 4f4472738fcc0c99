//! Every condition, outcome and fault of the rules; what holds for any rules stands in `properties`.
//!
//! Length: tables.

use lockbox_api::{jit::TimeOfDay, requests::Location};

use super::*;
use crate::catalog::tests::a_catalog;

fn engineer() -> Engineer {
    Engineer {
        id: "eng-417".to_owned(),
        name: "Engineer 417".to_owned(),
        team: Some("Database support".to_owned()),
        jit_role: "support_engineer".to_owned(),
        isolated_identity: true,
        mfa: true,
        location: Some(Location { office_country: Some("IE".to_owned()), physical_country: Some("NL".to_owned()) }),
    }
}

fn rule(id: &str, outcome: RuleOutcome, when: RuleConditions) -> Rule {
    Rule {
        id: id.to_owned(),
        description: format!("Rule {id}."),
        description_inside: None,
        when,
        outcome,
        role: (outcome == RuleOutcome::RequireInternalApproval).then(|| "support_lead".to_owned()),
        roles: Vec::new(),
        max_access_minutes: (outcome == RuleOutcome::CapAccess).then_some(120),
    }
}

fn rules(rules: Vec<Rule>) -> JitRules {
    JitRules { version: "7".to_owned(), rules }
}

fn now() -> Time {
    Time::from_timestamp(1_700_000_000, 0).unwrap()
}

#[derive(Clone, Debug)]
struct Asked {
    engineer: Engineer,
    operations: Vec<String>,
    targets: Vec<String>,
    level: PermissionLevel,
    direct: bool,
    scope: Option<ResourceScope>,
}

impl Asked {
    fn usual() -> Self {
        Self {
            engineer: engineer(),
            operations: vec!["ExecuteSqlViaLockbox".to_owned()],
            targets: vec!["payroll.dbo.*".to_owned()],
            level: PermissionLevel::Read,
            direct: true,
            scope: None,
        }
    }

    fn judge(&self, rules: &JitRules) -> JitResult {
        self.judge_at(rules, now())
    }

    fn judge_at(&self, rules: &JitRules, at: Time) -> JitResult {
        let subject = Subject {
            engineer: &self.engineer,
            service: "sql-database",
            service_name: "SQL database",
            operations: &self.operations,
            targets: &self.targets,
            permission_level: self.level,
            direct_data_access: self.direct,
            access_minutes: 480,
            resource_scope: self.scope,
        };
        evaluate(rules, &subject, at)
    }
}

fn failed(result: &JitResult) -> Vec<&str> {
    result.evaluation.factors.iter().filter(|factor| !factor.passed).map(|factor| factor.id.as_str()).collect()
}

#[test]
fn without_rules_everything_goes_on_and_the_factors_are_listed() {
    let result = Asked::usual().judge(&rules(vec![]));
    assert_eq!(result.evaluation.outcome, EvaluationOutcome::Continued);
    assert_eq!(result.access_minutes, 480);
    assert_eq!(result.evaluation.rules_version, "7");
    assert_eq!(result.evaluation.evaluated_at, now());
    let ids: Vec<&str> = result.evaluation.factors.iter().map(|factor| factor.id.as_str()).collect();
    assert_eq!(ids, properties::FACTORS);
    assert!(failed(&result).is_empty());
    let values: Vec<&str> = result.evaluation.factors.iter().skip(4).map(|factor| factor.value.as_str()).collect();
    assert_eq!(
        values,
        [
            "Support engineer",
            "Database support",
            "Office in IE, person in NL",
            "Tuesday, 22:13 UTC",
            "SQL database",
            "ExecuteSqlViaLockbox",
            "Reached directly"
        ]
    );
}

/// Each condition, once met and once not.
#[test]
fn every_condition_holds_exactly_when_it_is_met() {
    let any = RuleConditions::default;
    let text = |value: &str| vec![value.to_owned()];
    let part = |from: &str, to: &str| {
        Some(TimeOfDay { from: from.to_owned(), to: to.to_owned(), utc_offset_minutes: 0, days: Vec::new() })
    };
    let rows: Vec<(RuleConditions, bool)> = vec![
        (any(), true),
        (RuleConditions { resource_scope: vec![ResourceScope::Resource], ..any() }, true),
        (RuleConditions { resource_scope: vec![ResourceScope::Environment], ..any() }, false),
        (RuleConditions { resource_scope: ResourceScope::ALL.to_vec(), ..any() }, true),
        (RuleConditions { isolated_identity: Some(true), ..any() }, true),
        (RuleConditions { isolated_identity: Some(false), ..any() }, false),
        (RuleConditions { mfa: Some(true), ..any() }, true),
        (RuleConditions { mfa: Some(false), ..any() }, false),
        (RuleConditions { permission_level: vec![PermissionLevel::Read], ..any() }, true),
        (RuleConditions { permission_level: vec![PermissionLevel::Write, PermissionLevel::Delete], ..any() }, false),
        (RuleConditions { jit_role: text("support_engineer"), ..any() }, true),
        (RuleConditions { jit_role: text("devops"), ..any() }, false),
        (RuleConditions { jit_role_not: text("devops"), ..any() }, true),
        (RuleConditions { jit_role_not: text("support_engineer"), ..any() }, false),
        (RuleConditions { service: text("sql-database"), ..any() }, true),
        (RuleConditions { service: text("fabric"), ..any() }, false),
        (RuleConditions { operation: text("ExecuteSqlViaLockbox"), ..any() }, true),
        (RuleConditions { operation: text("Other"), ..any() }, false),
        (RuleConditions { direct_data_access: Some(true), ..any() }, true),
        (RuleConditions { direct_data_access: Some(false), ..any() }, false),
        (RuleConditions { team: text("Database support"), ..any() }, true),
        (RuleConditions { team: text("Platform"), ..any() }, false),
        (RuleConditions { team_not: text("Platform"), ..any() }, true),
        (RuleConditions { team_not: text("Database support"), ..any() }, false),
        (RuleConditions { office_country: text("IE"), ..any() }, true),
        (RuleConditions { office_country: text("NL"), ..any() }, false),
        (RuleConditions { office_country_not: text("NL"), ..any() }, true),
        (RuleConditions { office_country_not: text("IE"), ..any() }, false),
        (RuleConditions { physical_country: text("NL"), ..any() }, true),
        (RuleConditions { physical_country: text("IE"), ..any() }, false),
        (RuleConditions { physical_country_not: text("IE"), ..any() }, true),
        (RuleConditions { physical_country_not: text("NL"), ..any() }, false),
        (RuleConditions { time_of_day: part("22:00", "06:00"), ..any() }, true),
        (RuleConditions { time_of_day: part("06:00", "22:00"), ..any() }, false),
        (RuleConditions { mfa: Some(true), service: text("fabric"), ..any() }, false),
        (RuleConditions { mfa: Some(true), service: text("sql-database"), ..any() }, true),
    ];
    for (when, holds) in rows {
        let shown = format!("{when:?}");
        let result = Asked::usual().judge(&rules(vec![rule("r", RuleOutcome::Reject, when)]));
        assert_eq!(result.evaluation.outcome == EvaluationOutcome::Rejected, holds, "{shown}");
        assert_eq!(result.evaluation.rules.len(), usize::from(holds), "{shown}");
    }
}

#[test]
fn a_factor_fails_when_a_rule_that_stops_the_request_looks_at_it() {
    let when = |mfa| RuleConditions { mfa, permission_level: vec![PermissionLevel::Read], ..RuleConditions::default() };
    for (outcome, fails) in [
        (RuleOutcome::Reject, true),
        (RuleOutcome::RequireInternalApproval, true),
        (RuleOutcome::CapAccess, false),
        (RuleOutcome::Continue, false),
    ] {
        let result = Asked::usual().judge(&rules(vec![rule("r", outcome, when(Some(true)))]));
        let expected: &[&str] = if fails { &["mfa", "permission_level"] } else { &[] };
        assert_eq!(failed(&result), expected, "{outcome}");
        let unmatched = Asked::usual().judge(&rules(vec![rule("r", outcome, when(Some(false)))]));
        assert!(failed(&unmatched).is_empty(), "{outcome}");
    }
    let by_exclusion = RuleConditions { jit_role_not: vec!["lead".to_owned()], ..RuleConditions::default() };
    let result = Asked::usual().judge(&rules(vec![rule("r", RuleOutcome::Reject, by_exclusion)]));
    assert_eq!(failed(&result), ["jit_role"]);
}

#[test]
fn of_several_demands_every_role_is_needed_and_a_rejection_needs_none() {
    let mut second = rule("b", RuleOutcome::RequireInternalApproval, RuleConditions::default());
    second.role = Some("devops_manager".to_owned());
    let first = rule("a", RuleOutcome::RequireInternalApproval, RuleConditions::default());
    let mut file = rules(vec![first, second]);
    let result = Asked::usual().judge(&file);
    assert_eq!(result.evaluation.internal_approval_role.as_deref(), Some("support_lead"));
    assert_eq!(result.evaluation.approval_roles(), ["support_lead", "devops_manager"]);
    file.rules.push(Rule {
        role: None,
        roles: vec!["devops_manager".to_owned(), "security_lead".to_owned()],
        ..rule("both", RuleOutcome::RequireInternalApproval, RuleConditions::default())
    });
    let result = Asked::usual().judge(&file);
    assert_eq!(result.evaluation.approval_roles(), ["support_lead", "devops_manager", "security_lead"], "each once");
    file.rules.push(rule("c", RuleOutcome::Reject, RuleConditions::default()));
    let result = Asked::usual().judge(&file);
    assert_eq!(result.evaluation.outcome, EvaluationOutcome::Rejected);
    assert_eq!(result.evaluation.internal_approval_role, None);
    assert_eq!(result.evaluation.approval_roles(), [""; 0]);
    assert_eq!(result.evaluation.rules.len(), 4, "every matched rule is kept, in the order of the file");
}

#[test]
fn the_shortest_cap_wins_and_never_lengthens() {
    let cap = |id: &str, minutes| Rule {
        max_access_minutes: Some(minutes),
        ..rule(id, RuleOutcome::CapAccess, RuleConditions::default())
    };
    assert_eq!(Asked::usual().judge(&rules(vec![cap("a", 240), cap("b", 60)])).access_minutes, 60);
    assert_eq!(Asked::usual().judge(&rules(vec![cap("a", 10_000)])).access_minutes, 480);
}

#[test]
fn scope_is_the_environment_as_soon_as_one_target_names_nothing() {
    use ResourceScope::{Environment, Resource};
    let rows: [(&[&str], ResourceScope); 8] = [
        (&[], Environment),
        (&["*"], Environment),
        (&["**"], Environment),
        (&[" * "], Environment),
        (&["*.*"], Environment),
        (&["payroll.dbo.*"], Resource),
        (&["payroll.*", "*"], Environment),
        (&["a", "b*"], Resource),
    ];
    for (targets, scope) in rows {
        let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        assert_eq!(resource_scope(&targets), scope, "{targets:?}");
    }
}

#[test]
fn what_the_provider_says_of_the_scope_can_widen_it_and_never_narrow_it() {
    use ResourceScope::{Environment, Organization, Resource};
    let rows = [
        (false, None, Resource),
        (false, Some(Environment), Environment),
        (false, Some(Organization), Organization),
        (true, None, Environment),
        (true, Some(Resource), Environment),
        (true, Some(Organization), Organization),
    ];
    for (wide, said, weighed) in rows {
        let mut asked = Asked { scope: said, ..Asked::usual() };
        if wide {
            asked.targets.clear();
        }
        for scope in ResourceScope::ALL {
            let when = RuleConditions { resource_scope: vec![*scope], ..RuleConditions::default() };
            let result = asked.judge(&rules(vec![rule("r", RuleOutcome::Reject, when)]));
            let met = *scope == weighed || (*scope, weighed) == (Environment, Organization);
            assert_eq!(result.evaluation.rules.len() == 1, met, "{wide} {said:?} {scope}");
        }
    }
}

#[test]
fn what_is_not_told_meets_no_value_and_every_exception() {
    let mut asked = Asked::usual();
    asked.engineer.team = None;
    asked.engineer.location = None;
    let list = || vec!["IE".to_owned()];
    let rows: [(RuleConditions, bool); 6] = [
        (RuleConditions { team: list(), ..RuleConditions::default() }, false),
        (RuleConditions { team_not: list(), ..RuleConditions::default() }, true),
        (RuleConditions { office_country: list(), ..RuleConditions::default() }, false),
        (RuleConditions { office_country_not: list(), ..RuleConditions::default() }, true),
        (RuleConditions { physical_country: list(), ..RuleConditions::default() }, false),
        (RuleConditions { physical_country_not: list(), ..RuleConditions::default() }, true),
    ];
    for (when, holds) in rows {
        let shown = format!("{when:?}");
        let result = asked.judge(&rules(vec![rule("r", RuleOutcome::Reject, when)]));
        assert_eq!(result.evaluation.outcome == EvaluationOutcome::Rejected, holds, "{shown}");
        let told: Vec<&str> = result.evaluation.factors[5..7].iter().map(|factor| factor.value.as_str()).collect();
        assert_eq!(told, ["Not told", "Not told"]);
    }
}

#[test]
fn faults_of_the_file_are_named_at_their_place() {
    let pointers = |change: &dyn Fn(&mut Vec<Rule>)| -> Vec<String> {
        let mut list = vec![
            rule("a", RuleOutcome::RequireInternalApproval, RuleConditions::default()),
            rule("b", RuleOutcome::CapAccess, RuleConditions::default()),
            rule("c", RuleOutcome::Reject, RuleConditions::default()),
        ];
        change(&mut list);
        check_rules(&rules(list)).into_iter().map(|error| error.pointer).collect()
    };
    assert!(pointers(&|_| {}).is_empty());
    assert_eq!(pointers(&|list| list[1].id = "a".to_owned()), ["/rule/1/id"]);
    assert_eq!(pointers(&|list| list[0].id.clear()), ["/rule/0/id"]);
    assert_eq!(pointers(&|list| list[0].description = " ".to_owned()), ["/rule/0/description"]);
    let blank = |list: &mut Vec<Rule>| list[0].description_inside = Some(" ".to_owned());
    assert_eq!(pointers(&blank), ["/rule/0/description_inside"]);
    assert_eq!(pointers(&|list| list[0].role = None), ["/rule/0/role"]);
    assert_eq!(pointers(&|list| list[0].role = Some(String::new())), ["/rule/0/role"]);
    assert_eq!(pointers(&|list| list[2].role = Some("x".to_owned())), ["/rule/2/role"]);
    let roles = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(pointers(&|list| list[0].roles = roles(&["a"])), ["/rule/0/roles"], "one or several, not both");
    assert_eq!(pointers(&|list| list[2].roles = roles(&["a"])), ["/rule/2/roles"]);
    let several = |list: &mut Vec<Rule>, names: &[&str]| {
        list[0].role = None;
        list[0].roles = roles(names);
    };
    assert!(pointers(&|list| several(list, &["a", "b"])).is_empty());
    assert_eq!(pointers(&|list| several(list, &["a", "a"])), ["/rule/0/roles"]);
    assert_eq!(pointers(&|list| several(list, &["a", " "])), ["/rule/0/roles"]);
    let part =
        |from: &str| TimeOfDay { from: from.to_owned(), to: "06:00".to_owned(), utc_offset_minutes: 0, days: vec![] };
    assert!(pointers(&|list| list[2].when.time_of_day = Some(part("22:00"))).is_empty());
    assert_eq!(pointers(&|list| list[2].when.time_of_day = Some(part("22"))), ["/rule/2/when/time_of_day/from"]);
    assert_eq!(
        pointers(&|list| list[2].when.physical_country.push("Ireland".to_owned())),
        ["/rule/2/when/physical_country"]
    );
    assert_eq!(pointers(&|list| list[2].when.team_not.push(String::new())), ["/rule/2/when/team_not"]);
    assert_eq!(pointers(&|list| list[1].max_access_minutes = None), ["/rule/1/max_access_minutes"]);
    assert_eq!(pointers(&|list| list[1].max_access_minutes = Some(0)), ["/rule/1/max_access_minutes"]);
    assert_eq!(pointers(&|list| list[2].max_access_minutes = Some(5)), ["/rule/2/max_access_minutes"]);
    assert_eq!(pointers(&|list| list[2].when.service.push(String::new())), ["/rule/2/when/service"]);
    assert_eq!(
        pointers(&|list| {
            list[2].when.jit_role.push("x".to_owned());
            list[2].when.jit_role_not.push("x".to_owned());
        }),
        ["/rule/2/when/jit_role_not"]
    );
    let unversioned = JitRules { version: String::new(), rules: vec![] };
    assert_eq!(check_rules(&unversioned)[0].pointer, "/version");
}

#[test]
fn names_that_the_catalog_does_not_know_are_found() {
    let when = RuleConditions {
        service: vec!["sql-database".to_owned(), "typo".to_owned()],
        operation: vec!["ExecuteSqlViaLockbox".to_owned(), "Typo".to_owned()],
        ..RuleConditions::default()
    };
    let errors = check_references(&rules(vec![rule("a", RuleOutcome::Reject, when)]), &a_catalog());
    let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/rule/0/when/service", "/rule/0/when/operation"]);
}

#[test]
fn a_period_is_told_with_what_was_asked_for_and_the_rules_that_shortened_it() {
    let matched = |id: &str, outcome| MatchedRule {
        id: id.to_owned(),
        outcome,
        description: "D.".to_owned(),
        description_inside: None,
    };
    let mut evaluation = Evaluation {
        outcome: EvaluationOutcome::Continued,
        factors: Vec::new(),
        rules: vec![matched("other", RuleOutcome::Continue)],
        rules_version: "1".to_owned(),
        evaluated_at: Time::UNIX_EPOCH,
        internal_approval_role: None,
        internal_approval_roles: Vec::new(),
    };
    assert_eq!(period_in_words(240, Some(240), &evaluation), "4 hours");
    assert_eq!(period_in_words(240, None, &evaluation), "4 hours", "from before it was kept");
    evaluation.rules.push(matched("a", RuleOutcome::CapAccess));
    assert_eq!(period_in_words(240, Some(480), &evaluation), "4 hours (8 hours asked for, shortened by the rule a)");
    assert_eq!(period_in_words(30, Some(30), &evaluation), "30 minutes", "the cap was no matter");
    evaluation.rules.push(matched("b", RuleOutcome::CapAccess));
    let both = "4 hours (8 hours asked for, shortened by the rules a and b)";
    assert_eq!(period_in_words(240, Some(480), &evaluation), both);
}

/// Such a rule would sit there, look as if it held somebody back, and never match.
#[test]
fn rules_that_can_never_match_are_told() {
    let told = |when: RuleConditions| -> Vec<String> {
        let list = rules(vec![rule("r", RuleOutcome::Reject, when)]);
        let errors = check_rules(&list).into_iter().chain(check_references(&list, &two_services()));
        errors.map(|error| format!("{}: {}", error.pointer, error.message)).collect()
    };
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let named = |services: &[&str], operations: &[&str]| RuleConditions {
        service: texts(services),
        operation: texts(operations),
        ..RuleConditions::default()
    };
    let (here, there) = ("ExecuteSqlViaLockbox", "ReadBlobViaLockbox");
    assert_eq!(told(named(&[], &[here, there])), [""; 0]);
    assert_eq!(told(named(&["sql-database"], &[here])), [""; 0]);
    assert_eq!(told(named(&["sql-database", "storage"], &[here, there])), [""; 0]);
    let elsewhere = "/rule/0/when/operation: No service that the rule names has an operation \"ReadBlobViaLockbox\".";
    assert_eq!(told(named(&["sql-database"], &[there])), [elsewhere]);
    assert_eq!(told(named(&["sql-database"], &[here, there])), [elsewhere]);
    let nowhere = "/rule/0/when/operation: No service of the catalog has an operation \"Gone\".";
    assert_eq!(told(named(&["storage"], &["Gone"])), [nowhere]);
    let both = |one: &[&str], not: &[&str]| (texts(one), texts(not));
    type Set = fn(&mut RuleConditions, (Vec<String>, Vec<String>));
    let pairs: [(&str, Set, &str, &str); 4] = [
        ("jit_role", |when, pair| (when.jit_role, when.jit_role_not) = pair, "a", "b"),
        ("team", |when, pair| (when.team, when.team_not) = pair, "a", "b"),
        ("office_country", |when, pair| (when.office_country, when.office_country_not) = pair, "IE", "NL"),
        ("physical_country", |when, pair| (when.physical_country, when.physical_country_not) = pair, "IE", "NL"),
    ];
    for (name, set, a, b) in pairs {
        let with = |pair| {
            let mut when = RuleConditions::default();
            set(&mut when, pair);
            told(when)
        };
        let never = format!("/rule/0/when/{name}_not: It excludes every value of {name}: the rule can't match.");
        assert_eq!(with(both(&[a], &[a])), std::slice::from_ref(&never));
        assert_eq!(with(both(&[a, b], &[b, a])), [never]);
        assert_eq!(with(both(&[a, b], &[a])), [""; 0]);
        assert_eq!(with(both(&[], &[a])), [""; 0]);
    }
}

fn two_services() -> Catalog {
    let mut catalog = a_catalog();
    let mut storage = crate::catalog::tests::a_service();
    storage.id = "storage".to_owned();
    storage.operations = vec![crate::catalog::tests::an_operation("ReadBlobViaLockbox")];
    catalog.services.push(storage);
    catalog
}

#[test]
fn ids_and_texts_of_rules_are_what_they_look_like() {
    let pointers = |outcome, change: &dyn Fn(&mut Rule)| -> Vec<String> {
        let mut one = rule("r", outcome, RuleConditions::default());
        change(&mut one);
        check_rules(&rules(vec![one])).into_iter().map(|error| error.pointer).collect()
    };
    let reject = |change: &dyn Fn(&mut Rule)| pointers(RuleOutcome::Reject, change);
    for bad in ["a\u{7}b", "a\u{202E}b", "a\u{2067}b"] {
        let text = || bad.to_owned();
        assert_eq!(reject(&|one| one.id = text()), ["/rule/0/id"], "{bad:?}");
        assert_eq!(reject(&|one| one.description = text()), ["/rule/0/description"]);
        assert_eq!(reject(&|one| one.description_inside = Some(text())), ["/rule/0/description_inside"]);
        let role = pointers(RuleOutcome::RequireInternalApproval, &|one| one.role = Some(text()));
        assert_eq!(role, ["/rule/0/role"]);
        let roles = pointers(RuleOutcome::RequireInternalApproval, &|one| {
            (one.role, one.roles) = (None, vec!["lead".to_owned(), text()]);
        });
        assert_eq!(roles, ["/rule/0/roles"]);
        assert_eq!(reject(&|one| one.when.jit_role = vec![text()]), ["/rule/0/when/jit_role"]);
        assert_eq!(reject(&|one| one.when.team_not = vec![text()]), ["/rule/0/when/team_not"]);
    }
    let long = || "x".repeat(201);
    assert_eq!(reject(&|one| one.id = long()), ["/rule/0/id"]);
    assert_eq!(reject(&|one| one.when.service = vec![long()]), ["/rule/0/when/service"]);
    assert_eq!(reject(&|one| one.when.operation = vec![long()]), ["/rule/0/when/operation"]);
    assert_eq!(reject(&|one| one.description = "Several\n\tlines.".to_owned()), [""; 0]);
    let bad = JitRules { version: "1\u{202E}".to_owned(), rules: Vec::new() };
    assert_eq!(check_rules(&bad)[0].pointer, "/version");
}
