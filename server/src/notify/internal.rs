//! The mail that asks the provider's own people to decide first.

use lockbox_api::{Time, requests::LockboxRequest};
use lockbox_rules::{jit, words};

use super::{
    Content,
    letter::{self, Fact, Letter, Tone},
    plain,
};

/// Asks the internal approvers: who wants to do what, at which customer, why, for how long, and which rules want their
/// approval. `link` leads to their own page of the request.
#[must_use]
pub fn render_internal_mail(
    request: &LockboxRequest,
    organization_name: &str,
    provider_name: &str,
    link: &str,
    now: Time,
) -> Content {
    let environment = letter::name(&request.environment_name);
    let customer = letter::name(organization_name);
    let roles: Vec<String> =
        request.evaluation.approval_roles().into_iter().map(|role| plain::line(&words::approval_role(role))).collect();
    let rules = request
        .evaluation
        .rules
        .iter()
        .filter(|rule| rule.outcome == lockbox_api::jit::RuleOutcome::RequireInternalApproval)
        .fold(Fact { label: "Why you are asked", paragraphs: Vec::new() }, |fact, rule| {
            fact.and(plain::line(&rule.description))
        });
    let mut facts = vec![
        letter::engineer(request, provider_name),
        letter::operations(request),
        letter::environment(request),
        letter::reason(request),
        Fact::new(
            "How long",
            plain::line(&jit::period_in_words(request.access_minutes, request.asked_minutes, &request.evaluation)),
        ),
        letter::service_request(request),
        rules,
        Fact::new("Needed", words::list(&roles)).with("Each role by another person.".to_owned()),
    ];
    if let Some(decide_by) = request.decide_by {
        let without = "Without a decision the request expires; the customer is not asked and no access is given.";
        facts.push(letter::until("Decide by", decide_by, now).with(without.to_owned()));
    }
    Letter {
        tone: Tone::Ask,
        subject: format!(
            "Approval needed inside: access to {environment} of {customer} ({})",
            letter::name(request.service_request_id.as_str())
        ),
        heading: format!("May {customer} be asked about access to {environment}?"),
        opening: "A rule of the just-in-time service wants an approval inside the provider before the customer is asked."
            .to_owned(),
        facts,
        action: "Read the request",
        link: link.to_owned(),
        closing: format!(
            "This link grants nothing by itself: it leads to the request, where you sign in, read it and decide. You get \
             this mail because you approve inside {}. The customer sees what you decide and why.",
            plain::line(provider_name)
        ),
    }
    .content()
}
