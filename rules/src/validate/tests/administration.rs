use lockbox_api::{
    administration::{MemberUpdate, NotificationsUpdate, TokenCreate},
    lockbox::{LockboxUpdate, Policy, Scope},
    service_requests::{MessageCreate, ServiceRequestCreate, Severity},
    session::{Role, SignIn},
};

use super::{super::*, found, x};

#[test]
fn the_lockbox_setting() {
    let known = ["env_a".into(), "env_b".into()];
    let check = |input: &LockboxUpdate| lockbox_update(input, &known);
    let sound = LockboxUpdate {
        enabled: true,
        policy: Policy { scope: Scope::Some, environment_ids: vec!["env_a".into()] },
        queue_hours: Some(96),
        reason: Some("Audit.".to_owned()),
    };
    let list = "/policy/environment_ids";
    assert_eq!(found(&sound, |u| u.policy.environment_ids.clear(), check), [list]);
    assert_eq!(found(&sound, |u| u.policy.environment_ids.push("env_c".into()), check), [format!("{list}/1")]);
    assert_eq!(found(&sound, |u| u.policy.environment_ids.push("env_a".into()), check), [format!("{list}/1")]);
    assert_eq!(found(&sound, |u| u.policy.scope = Scope::All, check), [list]);
    assert_eq!(found(&sound, |u| u.policy.scope = Scope::None, check), [list]);
    for scope in [Scope::All, Scope::None] {
        let clear = |u: &mut LockboxUpdate| u.policy = Policy { scope, environment_ids: vec![] };
        assert!(found(&sound, clear, check).is_empty());
    }
    assert_eq!(found(&sound, |u| u.queue_hours = Some(0), check), ["/queue_hours"]);
    assert_eq!(found(&sound, |u| u.queue_hours = Some(97), check), ["/queue_hours"]);
    assert!(found(&sound, |u| u.queue_hours = None, check).is_empty());
    assert!(found(&sound, |u| u.reason = Some(String::new()), check).is_empty());
    assert_eq!(found(&sound, |u| u.reason = Some(x(2_001)), check), ["/reason"]);
}

#[test]
fn members() {
    let known = ["env_a".into()];
    let check = |input: &MemberUpdate| member_update(input, &known);
    let sound =
        MemberUpdate { roles: vec![Role::LockboxApprover], approver_environment_ids: Some(vec!["env_a".into()]) };
    let limit = "/approver_environment_ids";
    assert_eq!(found(&sound, |m| m.roles.push(Role::LockboxApprover), check), ["/roles/1"]);
    assert_eq!(found(&sound, |m| m.roles.push(Role::SupportEngineer), check), ["/roles/1"]);
    assert_eq!(found(&sound, |m| m.roles.push(Role::InternalApprover), check), ["/roles/1"]);
    assert!(found(&sound, |m| m.roles.push(Role::GlobalAdministrator), check).is_empty());
    assert_eq!(found(&sound, |m| m.roles = vec![Role::Member], check), [limit]);
    assert_eq!(found(&sound, |m| m.approver_environment_ids = Some(vec![]), check), [limit]);
    assert_eq!(
        found(&sound, |m| m.approver_environment_ids = Some(vec!["env_b".into()]), check),
        [format!("{limit}/0")]
    );
    assert!(found(&sound, |m| *m = MemberUpdate { roles: vec![], approver_environment_ids: None }, check).is_empty());
}

#[test]
fn notification_addresses() {
    let check = |addresses: &[&str]| {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        let errors = notifications_update(&NotificationsUpdate { addresses });
        errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>()
    };
    assert!(check(&[]).is_empty());
    let good = ["ops@meridian.example", "a.b+c@x-y.example", "o'neil@a.b.c", "jürgen@löhne.example", "1@2.de"];
    assert!(check(&good).is_empty());
    let long_local = format!("{}@b.example", x(65));
    let long_label = format!("a@{}.example", x(64));
    let long = format!("a@{}b.example", "b.".repeat(130));
    let wrong = [
        "",
        "ops",
        "@b.example",
        "a@",
        "a@b",
        "a@b.",
        "a@.b",
        "a@b..c",
        "a@@b.example",
        "a@b@c.example",
        "a b@c.example",
        " a@b.example",
        "a@b.example ",
        "a@b.example\r\nBcc: x@y.example",
        "a@b.example\n",
        "a\u{0}@b.example",
        "a@b.example,c@d.example",
        "a@b.example;c@d.example",
        "A <a@b.example>",
        "\"a b\"@c.example",
        "a@-b.example",
        "a@b-.example",
        ".a@b.example",
        "a.@b.example",
        "a..b@c.example",
        "a@[127.0.0.1]",
        "a(x)@b.example",
        &long_local,
        &long_label,
        &long,
    ];
    for address in wrong {
        assert_eq!(check(&[address]), ["/addresses/0"], "{address:?}");
    }
    assert_eq!(check(&["a@b.example", "A@B.example"]), ["/addresses/1"]);
    let many: Vec<String> = (0..51).map(|n| format!("a{n}@b.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(check(&many[..50]).is_empty());
    assert_eq!(check(&many), ["/addresses"]);
}

#[test]
fn signing_in_and_tokens() {
    let sound = SignIn { email: "ada@meridian.example".to_owned(), password: " any\tthing ".to_owned() };
    assert_eq!(found(&sound, |s| s.email.clear(), sign_in), ["/email"]);
    assert_eq!(found(&sound, |s| s.email = x(255), sign_in), ["/email"]);
    assert_eq!(found(&sound, |s| s.email.push('\n'), sign_in), ["/email"]);
    assert_eq!(found(&sound, |s| s.password.clear(), sign_in), ["/password"]);
    assert_eq!(found(&sound, |s| s.password = x(1_001), sign_in), ["/password"]);
    assert_eq!(found(&sound, |s| s.password = "a\u{0}".to_owned(), sign_in), ["/password"]);
    let sound = TokenCreate { name: "Export job".to_owned(), expires_in_days: 365 };
    assert_eq!(found(&sound, |t| t.name = x(201), token_create), ["/name"]);
    assert_eq!(found(&sound, |t| t.expires_in_days = 0, token_create), ["/expires_in_days"]);
    assert_eq!(found(&sound, |t| t.expires_in_days = 366, token_create), ["/expires_in_days"]);
}

#[test]
fn support_requests() {
    let sound = ServiceRequestCreate {
        title: "Deadlocks".to_owned(),
        description: "Every night.".to_owned(),
        severity: Severity::High,
        environment_id: None,
    };
    assert_eq!(found(&sound, |s| s.title = " ".to_owned(), service_request_create), ["/title"]);
    assert_eq!(found(&sound, |s| s.description.clear(), service_request_create), ["/description"]);
    assert_eq!(found(&sound, |s| s.environment_id = Some("".into()), service_request_create), ["/environment_id"]);
    let sound = MessageCreate { text: x(20_000) };
    assert_eq!(found(&sound, |m| m.text.push('x'), message), ["/text"]);
    assert_eq!(found(&sound, |m| m.text.clear(), message), ["/text"]);
}
