//! The mail that asks for a decision.

use lockbox_api::{Time, requests::LockboxRequest};
use lockbox_rules::jit;

use super::{
    Content,
    letter::{self, Fact, Letter, Tone},
    plain,
};

/// Asks the people who may decide: who wants to do what, where, why, for how long, for which service request, and by
/// when to decide.
#[must_use]
pub fn render_request_mail(
    request: &LockboxRequest,
    organization_name: &str,
    provider_name: &str,
    now: Time,
) -> Content {
    let environment = letter::name(&request.environment_name);
    let mut facts = vec![
        letter::engineer(request, provider_name),
        letter::operations(request),
        letter::environment(request),
        letter::reason(request),
        Fact::new(
            "How long",
            format!(
                "{} from the approval; you may grant less",
                plain::line(&jit::period_in_words(request.access_minutes, request.asked_minutes, &request.evaluation))
            ),
        ),
        letter::service_request(request),
    ];
    if let Some(decide_by) = request.decide_by {
        let without = "Without a decision the request expires and no access is given.".to_owned();
        facts.push(letter::until("Decide by", decide_by, now).with(without));
    }
    Letter {
        tone: Tone::Ask,
        subject: format!(
            "Action needed: {} asks for access to {environment} ({})",
            letter::name(provider_name),
            letter::name(request.service_request_id.as_str())
        ),
        heading: format!("May this engineer reach {environment}?"),
        opening: format!(
            "{} asks {} for consent. Nobody reaches the data before one of you has approved.",
            plain::line(provider_name),
            plain::line(organization_name)
        ),
        facts,
        action: "Read the request",
        link: request.url.clone(),
        closing: format!(
            "This link grants nothing by itself: it leads to the request, where you sign in, read it and decide. \
             You get this mail because you may decide for {} or because your address is on its list of notifications.",
            plain::line(organization_name)
        ),
    }
    .content()
}
