//! The mail that asks the provider's own people to decide first. Where an exclusion is claimed they are the last who are
//! asked, and the mail says so.

use lockbox_api::{
    Time,
    requests::{Exclusion, LockboxRequest},
};
use lockbox_rules::{jit, lockbox_check::exclusion_reason, words};

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
    ];
    facts.extend(request.exclusion.iter().flat_map(|exclusion| without_asking(exclusion, now)));
    facts.extend([
        Fact::new(
            "How long",
            plain::line(&jit::period_in_words(request.access_minutes, request.asked_minutes, &request.evaluation)),
        ),
        letter::service_request(request),
        rules,
        Fact::new("Needed", words::list(&roles)).with("Each role by another person.".to_owned()),
    ]);
    if let Some(decide_by) = request.decide_by {
        let without = match &request.exclusion {
            Some(_) => "Without a decision the request expires and no access is given.",
            None => "Without a decision the request expires; the customer is not asked and no access is given.",
        };
        facts.push(letter::until("Decide by", decide_by, now).with(without.to_owned()));
    }
    let engineer = letter::name(&request.engineer.name);
    let (heading, opening) = match &request.exclusion {
        Some(_) => (
            format!("May {engineer} reach {environment} of {customer} without asking?"),
            format!(
                "A rule of the just-in-time service wants an approval inside the provider. The customer is not asked; {}",
                if roles.len() > 1 {
                    "access opens when each of the roles below has approved."
                } else {
                    "access opens at your approval."
                }
            ),
        ),
        None => (
            format!("May {customer} be asked about access to {environment}?"),
            "A rule of the just-in-time service wants an approval inside the provider before the customer is asked."
                .to_owned(),
        ),
    };
    let seen = if request.exclusion.as_ref().is_some_and(|exclusion| exclusion.disclose_at.is_some()) {
        "From the day of the disclosure on, the customer sees what you decide and why."
    } else {
        "The customer sees what you decide and why."
    };
    Letter {
        tone: Tone::Ask,
        subject: format!(
            "Approval needed inside: access to {environment} of {customer} ({})",
            letter::name(request.service_request_id.as_str())
        ),
        heading,
        opening,
        facts,
        action: "Read the request",
        link: link.to_owned(),
        closing: format!(
            "This link grants nothing by itself: it leads to the request, where you sign in, read it and decide. You get \
             this mail because you approve inside {}. {seen}",
            plain::line(provider_name)
        ),
    }
    .content()
}

/// What is claimed, in whose words, and when the customer hears of it.
fn without_asking(exclusion: &Exclusion, now: Time) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new("Exclusion", words::plain(exclusion.kind.as_str()))
            .with(exclusion_reason(exclusion.kind).label().to_owned()),
        Fact::new("Reason for it", plain::lines(&exclusion.reason)),
    ];
    if let Some(script) = &exclusion.script {
        facts.push(
            Fact::new("Script", plain::line(&script.id)).with(format!("Reviewed by {}", plain::line(&script.reviewer))),
        );
    }
    facts.push(match exclusion.disclose_at {
        Some(at) => letter::until("Customer told", at, now)
            .with("Until then nothing of it is visible to the customer; at that moment all of it is.".to_owned()),
        None => Fact::new("Customer told", "As soon as access opens, by mail to the administrators"),
    });
    facts
}
