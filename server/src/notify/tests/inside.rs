//! What the provider's own approvers read.

use super::*;

#[test]
fn the_mail_to_internal_approvers_says_which_rules_ask_and_leads_to_their_own_place() {
    let mut request = request();
    request.evaluation.internal_approval_roles = vec!["support_lead".to_owned(), "devops_manager".to_owned()];
    request.evaluation.rules = vec![lockbox_api::jit::MatchedRule {
        id: "delete-needs-both".to_owned(),
        outcome: lockbox_api::jit::RuleOutcome::RequireInternalApproval,
        description: "Deleting needs both.".to_owned(),
        description_inside: None,
    }];
    let link = "https://lockbox.example/internal-approvals/lbx_1";
    let content = render_internal_mail(&request, "Meridian\r\nHealth", "Stratus", link, at("2026-11-22T09:00:00Z"));
    assert!(!content.subject.contains(['\r', '\n']), "{}", content.subject);
    assert!(
        content.subject.starts_with("Approval needed inside: access to Payroll of Meridian"),
        "{}",
        content.subject
    );
    for text in [content.text.clone(), seen(&content.html)] {
        for words in ["Deleting needs both.", "Support lead and DevOps manager", "Run SQL statements", "Decide by"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert!(!text.contains("/requests/"), "the customer's page is not theirs: {text}");
    }
    assert_eq!(content.text.matches(link).count(), 1);
}

/// Found: the last people who are asked were told that the customer would be asked after them.
#[test]
fn of_an_exclusion_internal_approvers_read_that_nobody_is_asked_after_them() {
    let now = at("2026-11-22T09:00:00Z");
    let link = "https://lockbox.example/internal-approvals/lbx_1";
    let mail = |roles: &[&str], kind, script: bool, disclose_at: Option<&str>| {
        let mut request = request();
        request.evaluation.internal_approval_roles = roles.iter().map(|role| (*role).to_owned()).collect();
        request.exclusion = Some(Exclusion {
            kind,
            reason: "Case 17 of the court.".to_owned(),
            disclose_at: disclose_at.map(at),
            script: script.then(|| lockbox_api::requests::ReviewedScript {
                id: "index-health 4.2".to_owned(),
                reviewer: "Sam Okoye".to_owned(),
            }),
        });
        let content = render_internal_mail(&request, "Meridian", "Stratus", link, now);
        [content.text.split_whitespace().collect::<Vec<_>>().join(" "), seen(&content.html)]
    };
    let at_once = "The customer is not asked; access opens at your approval.";
    let by_mail = "As soon as access opens, by mail to the administrators";
    for (kind, script, disclose_at, words) in [
        (ExclusionKind::Emergency, false, None, &["Emergency", "outside standard procedures", by_mail][..]),
        (ExclusionKind::IncidentalExposure, false, None, &["Incidental exposure", by_mail]),
        (ExclusionKind::LegalDemand, false, None, &["Legal demand", by_mail]),
        (
            ExclusionKind::LegalDemand,
            false,
            Some("2026-12-24T12:00:00Z"),
            &[
                "Legal demand",
                "24 December 2026",
                "Until then nothing of it is visible",
                "From the day of the disclosure on",
            ],
        ),
        (
            ExclusionKind::ReviewedMaintenanceScript,
            true,
            None,
            &["Reviewed maintenance script", "index-health 4.2", "Reviewed by Sam Okoye", by_mail],
        ),
    ] {
        for text in mail(&["support_lead"], kind, script, disclose_at) {
            for word in words.iter().chain(&[at_once, "Case 17 of the court.", "without asking?"]) {
                assert!(text.contains(word), "{kind}: {word} in {text}");
            }
            for wrong in ["be asked about", "before the customer is asked", "; the customer is not asked and"] {
                assert!(!text.contains(wrong), "{kind}: {wrong} in {text}");
            }
            assert_eq!(text.contains(by_mail), disclose_at.is_none(), "{text}");
        }
    }
    for text in mail(&["support_lead", "devops_manager"], ExclusionKind::Emergency, false, None) {
        assert!(
            !text.contains("at your approval") && text.contains("when each of the roles below has approved"),
            "{text}"
        );
    }
}
