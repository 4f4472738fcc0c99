//! Grants: may this engineer do this here, now? The hot path of the provider API.

use chrono::TimeDelta;
use lockbox_api::{Time, ids::EnvironmentId, provider::RefusalReason, requests::AccessState};

/// How far a reported time may lie ahead of Lockbox's clock: clocks differ, futures don't happen.
pub const REPORT_AHEAD: TimeDelta = TimeDelta::minutes(5);
/// How long after the end of an access what was done under it may be reported. Within the access and until then, actions
/// may come in any order.
pub const REPORT_AFTER_END: TimeDelta = TimeDelta::hours(24);

/// What is known about a grant, as written; the clock is applied here.
#[derive(Clone, Copy, Debug)]
pub struct GrantFacts<'a> {
    /// The engineer whose access it is.
    pub engineer_id: &'a str,
    /// Where.
    pub environment_id: &'a EnvironmentId,
    /// Operations granted, by wire name.
    pub operations: &'a [String],
    /// Patterns of what may be touched; empty: anything in the environment.
    pub targets: &'a [String],
    /// When access opened.
    pub starts_at: Time,
    /// When it is over by itself, exclusively.
    pub expires_at: Time,
    /// The state as written: a late sweep may not have written the lapse.
    pub state: AccessState,
    /// When it was ended, where it was.
    pub ended_at: Option<Time>,
}

/// What an engineer wants to do, or has done.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Who.
    pub engineer_id: &'a str,
    /// Where; absent where the question does not say (reported actions).
    pub environment_id: Option<&'a EnvironmentId>,
    /// What, by wire name.
    pub operation: &'a str,
    /// On what; absent where the operation has no target.
    pub target: Option<&'a str>,
}

/// May it be done at `at`, the server's clock? Until when at most, or the first reason why not: access that has ended,
/// then its window, then the engineer, the environment, the operation and the target.
///
/// # Errors
/// The reason.
pub fn check(facts: &GrantFacts<'_>, ask: &Ask<'_>, at: Time) -> Result<Time, RefusalReason> {
    if let Some(reason) = ended(facts.state) {
        return Err(reason);
    }
    within(facts, at)?;
    covers(facts, ask)?;
    Ok(facts.expires_at)
}

/// Was it allowed when it happened, `happened_at` in the provider's words? The window is from `starts_at` to the earlier
/// of `expires_at` and `ended_at`, exclusively, so that an action reported after the end is judged by its own time.
///
/// # Errors
/// The reason why it lay outside the grant.
pub fn check_action(facts: &GrantFacts<'_>, ask: &Ask<'_>, happened_at: Time) -> Result<(), RefusalReason> {
    if let Some(reason) = ended(facts.state)
        && facts.ended_at.is_none_or(|ended_at| happened_at >= ended_at)
    {
        return Err(reason);
    }
    within(facts, happened_at)?;
    covers(facts, ask)
}

/// When the access was over: where it was ended, else when its time was.
#[must_use]
pub fn end(facts: &GrantFacts<'_>) -> Time {
    facts.ended_at.map_or(facts.expires_at, |ended_at| ended_at.min(facts.expires_at))
}

const fn ended(state: AccessState) -> Option<RefusalReason> {
    match state {
        AccessState::Revoked => Some(RefusalReason::Revoked),
        AccessState::Completed => Some(RefusalReason::Completed),
        AccessState::Lapsed => Some(RefusalReason::Lapsed),
        AccessState::None => Some(RefusalReason::NotStarted),
        AccessState::Active => None,
    }
}

fn within(facts: &GrantFacts<'_>, at: Time) -> Result<(), RefusalReason> {
    if at < facts.starts_at {
        Err(RefusalReason::NotStarted)
    } else if at >= facts.expires_at || facts.ended_at.is_some_and(|ended_at| at >= ended_at) {
        Err(RefusalReason::Lapsed)
    } else {
        Ok(())
    }
}

fn covers(facts: &GrantFacts<'_>, ask: &Ask<'_>) -> Result<(), RefusalReason> {
    if ask.engineer_id != facts.engineer_id {
        Err(RefusalReason::WrongEngineer)
    } else if ask.environment_id.is_some_and(|environment| environment != facts.environment_id) {
        Err(RefusalReason::WrongEnvironment)
    } else if !facts.operations.iter().any(|operation| operation == ask.operation) {
        Err(RefusalReason::OperationNotGranted)
    } else if !facts.targets.is_empty()
        && !ask.target.is_some_and(|target| facts.targets.iter().any(|pattern| matches(pattern, target)))
    {
        Err(RefusalReason::TargetNotGranted)
    } else {
        Ok(())
    }
}

/// Whether the whole `target` fits the `pattern`, in which `*` stands for any characters, also none. Upper and lower
/// case are the same. The time is linear in both lengths whatever the pattern: every piece between two stars is
/// searched once, from where the piece before it ended, with a search that is linear itself.
#[must_use]
pub fn matches(pattern: &str, target: &str) -> bool {
    let pattern = fold(pattern);
    let target = fold(target);
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == target };
    let Some(target) = target.strip_prefix(head) else { return false };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut target) = target.strip_suffix(tail) else { return false };
    for piece in middle.split('*') {
        match target.find(piece) {
            Some(at) => target = &target[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// Lower case, character by character: unlike `str::to_lowercase` it does not depend on what stands around.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
        } else {
            folded.push_str(&crate::letters::small(letter.encode_utf8(&mut [0; 4])));
        }
    }
    folded
}

#[cfg(test)]
mod tests;
