use proptest::prelude::*;

use super::*;

fn environments() -> Vec<EnvironmentRef> {
    [("env_a", "Payroll"), ("env_b", "Billing"), ("env_c", "Sandbox")]
        .into_iter()
        .map(|(id, name)| EnvironmentRef { id: id.into(), name: name.to_owned() })
        .collect()
}

fn setting(enabled: bool, scope: Scope, ids: &[&str]) -> Setting {
    let environment_ids = ids.iter().map(|id| (*id).into()).collect();
    Setting { enabled, policy: Policy { scope, environment_ids }, queue_hours: None }
}

fn names(list: Vec<EnvironmentRef>) -> Vec<String> {
    list.into_iter().map(|one| one.name).collect()
}

#[test]
fn changes_are_told_as_sentences() {
    let off = setting(false, Scope::All, &[]);
    let all = setting(true, Scope::All, &[]);
    let none = setting(true, Scope::None, &[]);
    let a = setting(true, Scope::Some, &["env_a"]);
    let bc = setting(true, Scope::Some, &["env_b", "env_c"]);
    let cb = setting(true, Scope::Some, &["env_c", "env_b"]);
    let gone = setting(true, Scope::Some, &["env_a", "env_gone"]);
    let short = Setting { queue_hours: Some(1), ..all.clone() };
    let rows: [(&Setting, &Setting, &[&str]); 11] = [
        (&all, &all, &[]),
        (&bc, &cb, &[]),
        (&off, &all, &["Lockbox is switched on."]),
        (&all, &off, &["Lockbox is switched off."]),
        (&all, &none, &["The policy covers no environments (before: all environments)."]),
        (&none, &bc, &["The policy covers Billing and Sandbox (before: no environments)."]),
        (&a, &bc, &["The policy also covers Billing and Sandbox.", "The policy no longer covers Payroll."]),
        (&a, &gone, &["The policy also covers env_gone."]),
        (&off, &a, &["Lockbox is switched on.", "The policy covers Payroll (before: all environments)."]),
        (
            &all,
            &short,
            &["Requests can be decided for at most 1 hour (before: for as long as the service's catalog entry says)."],
        ),
        (
            &short,
            &all,
            &["Requests can be decided for as long as the service's catalog entry says (before: for at most 1 hour)."],
        ),
    ];
    for (old, new, expected) in rows {
        assert_eq!(changes(old, new, &environments()), expected);
    }
}

#[test]
fn gaining_and_losing_over_every_pair_of_settings() {
    let all = ["Payroll", "Billing", "Sandbox"];
    let settings = [
        (setting(false, Scope::All, &[]), vec![]),
        (setting(false, Scope::Some, &["env_a"]), vec![]),
        (setting(true, Scope::None, &[]), vec![]),
        (setting(true, Scope::Some, &["env_a"]), vec!["Payroll"]),
        (setting(true, Scope::Some, &["env_b", "env_c"]), vec!["Billing", "Sandbox"]),
        (setting(true, Scope::All, &[]), all.to_vec()),
    ];
    for (old, before) in &settings {
        for (new, after) in &settings {
            let gained: Vec<_> = after.iter().filter(|name| !before.contains(name)).copied().collect();
            let lost: Vec<_> = before.iter().filter(|name| !after.contains(name)).copied().collect();
            assert_eq!(names(gaining(old, new, &environments())), gained);
            assert_eq!(names(losing(old, new, &environments())), lost);
            for environment in environments() {
                let touched = gained.contains(&&*environment.name) || lost.contains(&&*environment.name);
                assert_eq!(pending_effect(old, new, &environment).is_some(), touched);
            }
        }
    }
}

#[test]
fn effects_say_why() {
    let environments = environments();
    let on = setting(true, Scope::All, &[]);
    let effect = |new: &Setting| pending_effect(&on, new, &environments[0]).unwrap();
    assert!(effect(&setting(false, Scope::All, &[])).contains("Lockbox would be off"));
    assert!(effect(&setting(true, Scope::Some, &["env_b"])).contains("not cover Payroll"));
    assert!(pending_effect(&setting(true, Scope::None, &[]), &on, &environments[0]).unwrap().contains("asked for"));
}

#[test]
fn the_queue_time_counts_only_where_it_shortens() {
    let with = |queue_hours| Setting { queue_hours, ..setting(true, Scope::All, &[]) };
    assert_eq!(queue_effect(&with(None), &with(Some(96)), 96), None);
    assert_eq!(queue_effect(&with(Some(24)), &with(Some(48)), 12), None);
    assert_eq!(
        queue_effect(&with(None), &with(Some(12)), 96).as_deref(),
        Some("It could have been decided for 12 hours instead of 4 days.")
    );
    assert!(queue_effect(&with(Some(12)), &with(None), 96).unwrap().contains("4 days instead of 12 hours"));
}

fn any_setting() -> impl Strategy<Value = Setting> {
    let ids = proptest::sample::subsequence(vec!["env_a", "env_b", "env_c", "env_gone"], 0..4);
    (any::<bool>(), proptest::sample::select(Scope::ALL), ids, proptest::option::of(1_u32..97)).prop_map(
        |(enabled, scope, ids, queue_hours)| {
            let ids = if scope == Scope::Some { ids } else { vec![] };
            Setting { queue_hours, ..setting(enabled, scope, &ids) }
        },
    )
}

proptest! {
    #[test]
    fn no_sentence_exactly_when_nothing_differs(old in any_setting(), new in any_setting()) {
        prop_assert_eq!(changes(&old, &new, &environments()).is_empty(), old == new);
        prop_assert!(changes(&old, &old, &environments()).is_empty());
    }

    #[test]
    fn a_loss_of_protection_is_never_silent(old in any_setting(), new in any_setting()) {
        if !losing(&old, &new, &environments()).is_empty() {
            prop_assert!(!changes(&old, &new, &environments()).is_empty());
        }
    }
}
