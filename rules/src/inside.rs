//! Who of the provider may decide before the customer is asked: used by the server to decide and by the portal to say why
//! a button is disabled.

use lockbox_api::{jit::Evaluation, requests::InternalDecision};

use crate::permission::Principal;

/// What a decision inside the provider is about. Roles are those of the JIT rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case<'a> {
    /// Who asks.
    pub engineer_id: &'a str,
    /// The roles that the person approves for.
    pub own: &'a [&'a str],
    /// The roles whose approval is missing; none once it is decided.
    pub missing: &'a [&'a str],
    /// True when the person has approved it already, in one of their roles.
    pub approved_by_me: bool,
}

/// Why somebody may not decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.message())]
pub enum Refused {
    /// They don't approve for any of the roles that are missing.
    OtherRole,
    /// They are the engineer who asks.
    OwnRequest,
    /// They have approved in another role.
    ApprovedAlready,
}

impl Refused {
    /// Why, and who can, as a sentence for people.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match self {
            Self::OtherRole => "Only the approval of other roles than yours is missing.",
            Self::OwnRequest => "You can't decide a request that you raised yourself. Another internal approver can.",
            Self::ApprovedAlready => "You have approved it. For the other role another person has to decide.",
        }
    }
}

/// The roles whose approval is needed and has not been given, in the order of the rules.
#[must_use]
pub fn missing_roles<'a, 'b>(
    evaluation: &'a Evaluation,
    decided: impl IntoIterator<Item = &'b InternalDecision, IntoIter: Clone>,
) -> Vec<&'a str> {
    let decided = decided.into_iter();
    let given = |role: &str| decided.clone().any(|one| one.approved && one.role == role);
    evaluation.approval_roles().into_iter().filter(|role| !given(role)).collect()
}

/// Whether somebody who approves for `own` may read a request that asks for the approval of `required`.
#[must_use]
pub fn may_read(required: &[&str], own: &[&str]) -> bool {
    required.iter().any(|role| own.contains(role))
}

/// May `principal`, an internal approver who may read it, decide?
///
/// # Errors
/// The reason why not.
pub fn may_decide(principal: &Principal, case: &Case<'_>) -> Result<(), Refused> {
    if principal.is_engineer(case.engineer_id) {
        return Err(Refused::OwnRequest);
    }
    if case.approved_by_me {
        return Err(Refused::ApprovedAlready);
    }
    if may_read(case.missing, case.own) { Ok(()) } else { Err(Refused::OtherRole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn robin() -> Principal {
        Principal {
            person_id: "per_robin".into(),
            email: "robin@provider.example".to_owned(),
            roles: vec![lockbox_api::session::Role::InternalApprover],
            approver_environment_ids: None,
            is_provider: true,
            engineer_ids: vec!["eng-77".to_owned()],
        }
    }

    #[test]
    fn a_person_decides_once_for_a_role_of_theirs_and_never_for_themselves() {
        let (lead, both) = (["support_lead"], ["support_lead", "devops_manager"]);
        let case = |engineer_id, missing, approved_by_me| Case { engineer_id, own: &lead, missing, approved_by_me };
        for (case, expected) in [
            (case("eng-417", &both[..], false), Ok(())),
            (case("eng-417", &both[1..], false), Err(Refused::OtherRole)),
            (case("eng-417", &[][..], false), Err(Refused::OtherRole)),
            (case("eng-417", &both[..], true), Err(Refused::ApprovedAlready)),
            (case("per_robin", &both[..], false), Err(Refused::OwnRequest)),
            (case(" Robin@Provider.Example", &both[..], true), Err(Refused::OwnRequest)),
            // Found: under the id that the provider's service gives its engineers, nobody was known.
            (case("eng-77", &both[..], false), Err(Refused::OwnRequest)),
            (case("ENG-77 ", &both[..], false), Err(Refused::OwnRequest)),
            (case("eng-7", &both[..], false), Ok(())),
            (Case { own: &[], ..case("eng-417", &both[..], false) }, Err(Refused::OtherRole)),
        ] {
            assert_eq!(may_decide(&robin(), &case), expected, "{case:?}");
        }
        assert!(
            may_read(&both, &lead) && !may_read(&both[1..], &lead) && !may_read(&both, &[]) && !may_read(&[], &lead)
        );
    }

    #[test]
    fn a_role_is_missing_until_somebody_has_approved_for_it() {
        let at = chrono::DateTime::UNIX_EPOCH;
        let decision = |role: &str, approved| InternalDecision {
            approved,
            by: "Support lead".to_owned(),
            role: role.to_owned(),
            team: None,
            at,
            justification: "Fits.".to_owned(),
        };
        let evaluation = Evaluation {
            outcome: lockbox_api::jit::EvaluationOutcome::InternalApprovalRequired,
            factors: Vec::new(),
            rules: Vec::new(),
            rules_version: "1".to_owned(),
            evaluated_at: at,
            internal_approval_role: None,
            internal_approval_roles: vec!["support_lead".to_owned(), "devops_manager".to_owned()],
        };
        assert_eq!(missing_roles(&evaluation, &[]), ["support_lead", "devops_manager"]);
        assert_eq!(missing_roles(&evaluation, &[decision("support_lead", true)]), ["devops_manager"]);
        assert_eq!(
            missing_roles(&evaluation, &[decision("devops_manager", false)]).len(),
            2,
            "a rejection gives nothing"
        );
    }

    #[test]
    fn every_refusal_says_why() {
        for refused in [Refused::OtherRole, Refused::OwnRequest, Refused::ApprovedAlready] {
            assert!(refused.to_string().ends_with('.'));
        }
    }
}
