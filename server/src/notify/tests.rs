//! What mails say, read back with an independent parser, and how they go, against a scripted server.

mod inside;
mod sample;
mod sending;

use lockbox_api::{
    ids::MailId,
    requests::{AccessState, Decision, DecisionOutcome, Exclusion, ExclusionKind, Status, StatusReason},
};
use mailparse::{MailHeaderMap, ParsedMail, parse_mail};

use super::*;
use crate::config::{Config, PublicUrl, Settings};
use sample::{at, request};

fn defaults() -> Config {
    Config::load(&Settings::default(), &|_| None, &|_| Err(std::io::ErrorKind::NotFound.into())).unwrap()
}

fn mailer(dir: &std::path::Path) -> Mailer {
    let mut config = defaults();
    config.data_dir = dir.to_owned();
    Mailer::new(&config, &PublicUrl::parse("https://lockbox.example").unwrap()).unwrap()
}

fn mail(content: Content, to: &str) -> Mail {
    let Content { subject, text, html } = content;
    let id = MailId("eml_01kaaaaaaaaaaaaaaaaaaaaaaa".to_owned());
    Mail { id, to: to.to_owned(), subject, text, html, created_at: at("2026-11-22T09:00:00Z") }
}

/// Bytes of the message as they would be sent.
fn bytes(mail: &Mail) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    mailer(dir.path()).message(mail).unwrap().formatted()
}

/// Text and HTML part as the independent parser sees them.
fn parts(parsed: &ParsedMail<'_>) -> (String, String) {
    assert_eq!(parsed.ctype.mimetype, "multipart/alternative");
    let [text, html] = parsed.subparts.as_slice() else { panic!("two parts") };
    assert_eq!((text.ctype.mimetype.as_str(), html.ctype.mimetype.as_str()), ("text/plain", "text/html"));
    (text.get_body().unwrap(), html.get_body().unwrap())
}

/// The HTML as a reader sees it: without tags, entities undone.
fn seen(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&")
}

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const REFUSED: Outcome = Outcome::RefusedActions { count: 2, done: 0, faulty: 0, since: None };

#[test]
fn the_request_mail_has_every_fact_in_both_parts() {
    let content = render_request_mail(&request(), "Meridian Freight", "Contoso Cloud", at("2026-11-22T09:00:00Z"));
    let raw = bytes(&mail(content, "approver@meridian.example"));
    let parsed = parse_mail(&raw).unwrap();
    let (text, html) = parts(&parsed);
    for fact in [
        "Engineer 417, Database support, Contoso Cloud",
        "Office in Ireland, works from Germany",
        "Run SQL statements Reaches: Rows of the tables that the statements name.",
        "Does not reach: The schema, and other databases.",
        "Payroll (env_payroll), Azure SQL Database",
        "Only payroll.dbo.*",
        "Deadlocks in the nightly run; need the blocked statements.",
        "Support that you asked for",
        "4 hours from the approval; you may grant less",
        "2611210050001234: Nightly payroll run stops",
        "Thursday 26 November 2026, 09:00 UTC 4 days from Sunday 22 November 2026, 09:00 UTC",
        "Meridian Freight",
        "This link grants nothing by itself",
    ] {
        assert!(joined(&text).contains(fact), "text lacks {fact}:\n{text}");
        assert!(joined(&seen(&html)).contains(fact), "html lacks {fact}");
    }
    let link = "https://lockbox.example/requests/lbx_01kaaaaaaaaaaaaaaaaaaaaaaa";
    assert!(text.lines().any(|line| line == link), "{text}");
    assert_eq!(html.matches("href=").count(), 1, "one link");
    assert!(html.contains(&format!("href=\"{link}\"")));
    assert!(!html.contains("<img") && !html.contains("<script") && !html.contains("<style"));
    assert!(text.lines().all(|line| line.chars().count() <= 78), "{text}");
}

/// What was asked for is not lost where a rule has shortened it.
#[test]
fn a_shortened_access_is_told_with_what_was_asked_for_and_the_rule() {
    let mut shortened = request();
    shortened.asked_minutes = Some(480);
    shortened.evaluation.rules = vec![lockbox_api::jit::MatchedRule {
        id: "wide-access-at-most-4-hours".to_owned(),
        outcome: lockbox_api::jit::RuleOutcome::CapAccess,
        description: "Access to a whole environment lasts at most 4 hours.".to_owned(),
        description_inside: None,
    }];
    let told = "4 hours (8 hours asked for, shortened by the rule wide-access-at-most-4-hours)";
    let now = at("2026-11-22T09:00:00Z");
    for content in [
        render_request_mail(&shortened, "Meridian", "Contoso", now),
        render_internal_mail(
            &shortened,
            "Meridian",
            "Contoso",
            "https://lockbox.example/internal-approvals/lbx_1",
            now,
        ),
    ] {
        let raw = bytes(&mail(content, "approver@meridian.example"));
        let (text, html) = parts(&parse_mail(&raw).unwrap());
        assert!(joined(&text).contains(told) && joined(&seen(&html)).contains(told), "{text}");
    }
}

#[test]
fn headers_are_those_of_a_machine_that_can_be_recognised() {
    let content = render_request_mail(&request(), "Meridian", "Contoso", at("2026-11-22T09:00:00Z"));
    let mail = mail(content, "approver@meridian.example");
    let (first, second) = (bytes(&mail), bytes(&mail));
    for raw in [&first, &second] {
        let parsed = parse_mail(raw).unwrap();
        let header = |name: &str| parsed.headers.get_all_values(name);
        assert_eq!(header("Message-ID"), ["<eml_01kaaaaaaaaaaaaaaaaaaaaaaa@lockbox.example>"]);
        assert_eq!(header("From"), ["Lockbox <lockbox@lockbox.example>"]);
        assert_eq!(header("To"), ["approver@meridian.example"]);
        assert_eq!(header("Auto-Submitted"), ["auto-generated"]);
        assert_eq!(mailparse::dateparse(&header("Date")[0]).unwrap(), at("2026-11-22T09:00:00Z").timestamp());
        assert_eq!(header("Subject"), ["Action needed: Contoso asks for access to Payroll (2611210050001234)"]);
    }
}

/// What an attacker could put into any text of a request.
const HOSTILE: [&str; 12] = [
    "x\r\nBcc: thief@evil.example",
    "x\nSubject: other",
    "x\r\n\r\n<html>new body",
    "x\u{0}y",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='x",
    "</td></table><a href=\"https://evil.example\">Approve</a>",
    "\u{202e}txt.exe",
    "=?utf-8?q?Bcc:_thief?=",
    "--boundary\r\nContent-Type: text/html",
    "\u{2028}Bcc: thief@evil.example",
];

#[test]
fn no_text_of_others_breaks_out() {
    let names = {
        let content = render_request_mail(&request(), "M", "C", at("2026-11-22T09:00:00Z"));
        let raw = bytes(&mail(content, "approver@meridian.example"));
        header_names(&parse_mail(&raw).unwrap())
    };
    for evil in HOSTILE {
        let mut request = request();
        for field in [
            &mut request.environment_name,
            &mut request.service_name,
            &mut request.engineer.name,
            &mut request.engineer.jit_role,
            &mut request.justification,
            &mut request.service_request_id.0,
            &mut request.environment_id.0,
            &mut request.operation_words[0].friendly_name,
            &mut request.targets[0],
        ] {
            *field = evil.to_owned();
        }
        request.operation_words[0].reaches = evil.to_owned();
        request.service_request_title = Some(evil.to_owned());
        request.engineer.team = Some(evil.to_owned());
        request.decision = Some(decision(DecisionOutcome::Approved, evil));
        request.exclusion = Some(Exclusion {
            kind: ExclusionKind::Emergency,
            reason: evil.to_owned(),
            disclose_at: None,
            script: None,
        });
        request.access.end_reason = Some(evil.to_owned());
        request.access.ended_by = Some(evil.to_owned());
        let now = at("2026-11-22T09:00:00Z");
        let mut contents = vec![render_request_mail(&request, evil, evil, now)];
        for outcome in [Outcome::Changed, Outcome::AccessWithoutRequest, Outcome::DisclosedWithoutAccess, REFUSED] {
            for state in AccessState::ALL {
                request.access.state = *state;
                contents.push(render_outcome_mail(&request, evil, evil, outcome, now));
            }
        }
        for content in contents {
            let clean = content.html.clone();
            let raw = bytes(&mail(content, "approver@meridian.example"));
            let parsed = parse_mail(&raw).unwrap();
            assert_eq!(header_names(&parsed), names, "{evil:?}");
            assert!(parsed.headers.get_first_value("Subject").unwrap().chars().all(|c| !c.is_control()), "{evil:?}");
            let (text, html) = parts(&parsed);
            assert_eq!(joined(&html), joined(&clean), "{evil:?}");
            assert_eq!(html.matches("<a ").count(), 1, "{evil:?}");
            for tag in ["<script", "<img", "<html>new", "onmouseover='", "href=\"https://evil"] {
                assert!(!html.contains(tag), "{evil:?}: {tag}");
            }
            assert_eq!(html.matches("</table>").count(), 3, "{evil:?}");
            for hidden in ['\u{202e}', '\u{0}', '\u{2028}'] {
                assert!(!text.contains(hidden) && !html.contains(hidden), "{evil:?}");
            }
        }
    }
}

fn header_names(parsed: &ParsedMail<'_>) -> Vec<String> {
    parsed.headers.iter().map(|header| header.get_key()).collect()
}

#[test]
fn encoded_words_of_others_are_not_decoded() {
    let content =
        Content { subject: "A =?utf-8?q?=E2=80=AEBcc?= b".to_owned(), text: "t".to_owned(), html: "h".to_owned() };
    let raw = bytes(&mail(content, "a@b.example"));
    let subject = parse_mail(&raw).unwrap().headers.get_first_value("Subject").unwrap();
    assert_eq!(subject, "A = ?utf-8?q?=E2=80=AEBcc?= b");
}

#[test]
fn an_address_can_carry_nothing_but_itself() {
    let dir = tempfile::tempdir().unwrap();
    let content = Content { subject: "s".to_owned(), text: "t".to_owned(), html: "h".to_owned() };
    for evil in
        ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "A <a@b.example>", "", "a", "a@b.example>"]
    {
        let error = mailer(dir.path()).message(&mail(content.clone(), evil)).unwrap_err();
        assert!(error.permanent, "{evil:?}");
    }
    let long = mail(Content { subject: "a\r\nBcc: x@y.example".to_owned(), ..content }, "a@b.example");
    let raw = bytes(&long);
    assert_eq!(parse_mail(&raw).unwrap().headers.get_first_value("Subject").unwrap(), "a Bcc: x@y.example");
}

fn decision(outcome: DecisionOutcome, justification: &str) -> Decision {
    Decision {
        outcome,
        by: "Ada Approver".to_owned(),
        at: at("2026-11-22T10:00:00Z"),
        justification: justification.to_owned(),
        access_minutes: Some(60),
    }
}

#[test]
fn outcome_mails_say_what_came_of_it() {
    let now = at("2026-11-22T10:00:00Z");
    let render = |request: &lockbox_api::requests::LockboxRequest, outcome| {
        let content = render_outcome_mail(request, "Meridian", "Contoso", outcome, now);
        assert!(content.text.contains(&request.url) && content.html.contains(&request.url));
        (content.subject, joined(&content.text))
    };
    let mut request = request();
    request.status = Status::Denied;
    request.decision = Some(decision(DecisionOutcome::Denied, "Not during the audit."));
    let (subject, text) = render(&request, Outcome::Changed);
    assert_eq!(subject, "Denied: access to Payroll (2611210050001234)");
    assert!(text.contains("Denied by Ada Approver, Sunday 22 November 2026, 10:00 UTC"), "{text}");
    assert!(text.contains("Not during the audit."), "{text}");

    request.decision = None;
    request.status = Status::Expired;
    assert!(render(&request, Outcome::Changed).1.contains("Expired Thursday 26 November 2026, 09:00 UTC"));
    request.status = Status::Cancelled;
    request.status_reason = Some(StatusReason::Withdrawn);
    assert!(render(&request, Outcome::Changed).1.contains("The engineer withdrew it."));

    request.status = Status::Approved;
    request.status_reason = None;
    request.decision = Some(decision(DecisionOutcome::Approved, "Go on."));
    request.access.state = AccessState::Active;
    request.access.starts_at = Some(now);
    request.access.expires_at = Some(at("2026-11-22T11:00:00Z"));
    let (subject, text) = render(&request, Outcome::Changed);
    assert_eq!(subject, "Approved: access to Payroll (2611210050001234)");
    assert!(text.contains("Open until Sunday 22 November 2026, 11:00 UTC 1 hour from"), "{text}");
    let (subject, text) = render(&request, REFUSED);
    assert_eq!(subject, "Refused: 2 actions outside the grant for Payroll (2611210050001234)");
    assert!(text.contains("Open until"), "{text}");

    request.access.state = AccessState::Revoked;
    request.access.ended_at = Some(at("2026-11-22T10:30:00Z"));
    request.access.end_reason = Some("Enough seen.".to_owned());
    request.access.ended_by = Some("Ada Approver".to_owned());
    let (subject, text) = render(&request, Outcome::Changed);
    assert_eq!(subject, "Access ended: Payroll (2611210050001234)");
    assert!(text.contains("Enough seen. By Ada Approver") && text.contains("30 minutes, since"), "{text}");

    request.status = Status::NotRequired;
    request.status_reason = Some(StatusReason::Emergency);
    request.exclusion = Some(Exclusion {
        kind: ExclusionKind::Emergency,
        reason: "Region down.".to_owned(),
        disclose_at: None,
        script: None,
    });
    let (subject, text) = render(&request, Outcome::AccessWithoutRequest);
    assert_eq!(subject, "Access without a request: Payroll (2611210050001234)");
    assert!(text.contains("emergency") && text.contains("Region down."), "{text}");
}

#[test]
fn long_names_do_not_fill_the_subject() {
    let mut request = request();
    request.environment_name = "x".repeat(500);
    request.service_request_id.0 = "y".repeat(500);
    let content = render_request_mail(&request, "M", &"z".repeat(500), at("2026-11-22T09:00:00Z"));
    assert!(content.subject.chars().count() <= 200);
    assert!(content.text.contains(&"x".repeat(500)), "the text has it whole");
}

#[test]
fn what_was_tried_what_was_done_and_what_was_faulty_are_three_things() {
    let now = at("2026-11-22T09:00:00Z");
    for (counts, title, sentence) in [
        (
            (1, 0, 0),
            "Refused: 1 action outside",
            "tried 1 action that the request does not cover. Azure reports none of them",
        ),
        ((1, 1, 0), "Done without permission: 1 action outside", "Azure reports it as done: nothing stopped it."),
        ((3, 3, 0), "Done without permission: 3 actions outside", "Azure reports them as done: nothing stopped them."),
        (
            (5, 2, 1),
            "Done without permission: 2 actions outside",
            "tried 4 actions that the request does not cover. Azure reports 2",
        ),
        ((5, 2, 1), "Done without", "1 report had faults, so that what was done can't be judged."),
        ((2, 0, 2), "Refused: 2 actions", "2 reports had faults, so that what was done can't be judged."),
    ] {
        let (count, done, faulty) = counts;
        let outcome = Outcome::RefusedActions { count, done, faulty, since: None };
        let mail = render_outcome_mail(&request(), "Meridian", "Azure", outcome, now);
        assert!(mail.subject.starts_with(title), "{counts:?}: {}", mail.subject);
        let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(sentence) && !text.contains("said no"), "{counts:?}: {text}");
    }
}
