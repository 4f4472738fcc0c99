//! The Lockbox setting, members, notifications, tokens, and signing in.

use std::collections::HashSet;

use lockbox_api::{
    administration::{MemberUpdate, NotificationsUpdate, TokenCreate},
    ids::EnvironmentId,
    lockbox::{LockboxUpdate, Scope},
    problem::FieldError,
    session::{Role, SignIn},
};

use super::{Check, NAME_MAX};
use crate::catalog::QUEUE_HOURS_MAX;

/// Notification addresses at most.
pub const ADDRESSES_MAX: usize = 50;
/// Characters of an e-mail address at most.
pub const ADDRESS_MAX: usize = 254;
/// Characters of a password at most: enough for any sentence, little enough to hash.
pub const PASSWORD_MAX: usize = 1_000;
/// Days of a personal access token at most.
pub const TOKEN_DAYS_MAX: u32 = 365;
/// Characters of the reason for a change at most.
pub const REASON_MAX: usize = 2_000;

/// The Lockbox setting. `known`: every environment of the organisation, also removed ones, so that a setting which
/// still lists one of those can be saved unchanged.
#[must_use]
pub fn lockbox_update(input: &LockboxUpdate, known: &[EnvironmentId]) -> Vec<FieldError> {
    let mut check = Check::default();
    let ids = &input.policy.environment_ids;
    match input.policy.scope {
        Scope::Some if ids.is_empty() => check.error("/policy/environment_ids", "Choose at least one environment."),
        Scope::Some => environments(&mut check, "/policy/environment_ids", ids, known),
        Scope::All | Scope::None if !ids.is_empty() => {
            check.error("/policy/environment_ids", "Environments can be listed with the scope \"some\" only.");
        }
        Scope::All | Scope::None => {}
    }
    if let Some(hours) = input.queue_hours {
        check.range("/queue_hours", hours, 1, QUEUE_HOURS_MAX);
    }
    if let Some(reason) = &input.reason {
        check.block("/reason", reason, 0, REASON_MAX);
    }
    check.errors
}

fn environments(check: &mut Check, pointer: &str, ids: &[EnvironmentId], known: &[EnvironmentId]) {
    let known: HashSet<&EnvironmentId> = known.iter().collect();
    for (at, id) in ids.iter().enumerate() {
        if !known.contains(id) {
            check.error(format!("{pointer}/{at}"), "There is no such environment.");
        }
    }
    check.distinct(pointer, ids);
}

/// A member's roles. `known`: every environment of the organisation, also removed ones.
#[must_use]
pub fn member_update(input: &MemberUpdate, known: &[EnvironmentId]) -> Vec<FieldError> {
    let mut check = Check::default();
    check.distinct("/roles", &input.roles);
    for (at, role) in input.roles.iter().enumerate() {
        if matches!(role, Role::SupportEngineer | Role::InternalApprover) {
            check.error(format!("/roles/{at}"), "This role belongs to people of the provider.");
        }
    }
    if let Some(ids) = &input.approver_environment_ids {
        let pointer = "/approver_environment_ids";
        if !input.roles.contains(&Role::LockboxApprover) {
            check.error(pointer, "Only approvers can be limited to environments.");
        } else if ids.is_empty() {
            check.error(pointer, "Choose at least one environment, or lift the limit.");
        } else {
            environments(&mut check, pointer, ids, known);
        }
    }
    check.errors
}

/// Notification addresses: at most 50, each plausible, none twice in whatever case.
#[must_use]
pub fn notifications_update(input: &NotificationsUpdate) -> Vec<FieldError> {
    let mut check = Check::default();
    check.count("/addresses", input.addresses.len(), 0, ADDRESSES_MAX);
    check.distinct("/addresses", input.addresses.iter().map(|address| crate::letters::small(address)));
    for (at, address) in input.addresses.iter().enumerate().take(ADDRESSES_MAX) {
        if !is_plausible_address(address) {
            check.error(format!("/addresses/{at}"), "Write an e-mail address as in name@example.com.");
        }
    }
    check.errors
}

/// One `@` with something before it and a domain with a dot after it, and nothing that could end a mail header or make
/// one address into two.
fn is_plausible_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let ordinary = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    address.chars().count() <= ADDRESS_MAX
        && !local.is_empty()
        && local.len() <= 64
        && local.chars().all(ordinary)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// A personal access token.
#[must_use]
pub fn token_create(input: &TokenCreate) -> Vec<FieldError> {
    let mut check = Check::default();
    check.line("/name", &input.name, NAME_MAX);
    check.range("/expires_in_days", input.expires_in_days, 1, TOKEN_DAYS_MAX);
    check.errors
}

/// Signing in: that something was entered. Whether it is right is never told apart here.
#[must_use]
pub fn sign_in(input: &SignIn) -> Vec<FieldError> {
    let mut check = Check::default();
    check.line("/email", &input.email, ADDRESS_MAX);
    let characters = input.password.chars().count();
    if characters == 0 {
        check.error("/password", "It must not be empty.");
    } else if characters > PASSWORD_MAX || input.password.contains('\0') {
        check.error("/password", format!("It can have at most {PASSWORD_MAX} characters, and no zero character."));
    }
    check.errors
}
