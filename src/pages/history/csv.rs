//! The report as CSV (RFC 4180), made in the browser from what the page shows. Cells that a spreadsheet would run as a formula
//! are made harmless: engineers and customers write some of these texts, and somebody opens the file in a spreadsheet.

use super::{chart, figures, period};
use crate::ui::time;
use lockbox_api::{
    history::{History, HistoryCount},
    requests::{DecisionOutcome, LockboxRequestSummary},
};

/// What a spreadsheet takes for the beginning of a formula.
const DANGEROUS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// One cell: harmless, and in quotes where it holds something that would end it.
pub fn cell(text: &str) -> String {
    let harmless = if text.starts_with(DANGEROUS) { format!("'{text}") } else { text.to_owned() };
    if harmless.contains([',', '"', '\n', '\r']) { format!("\"{}\"", harmless.replace('"', "\"\"")) } else { harmless }
}

/// One line.
fn line<S: AsRef<str>>(cells: impl IntoIterator<Item = S>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|text| cell(text.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

/// The whole report: blocks with a blank line between them, each with a head of its own. Begins with a byte order mark, without
/// which spreadsheets take UTF-8 for something else.
pub fn report(report: &History, organization: &str, made: &str) -> String {
    let mut out = String::from("\u{feff}");
    let mut block = |head: &[&str], rows: Vec<Vec<String>>| {
        out.push_str(&line(head));
        for row in rows {
            out.push_str(&line(&row));
        }
        out.push_str("\r\n");
    };
    let text = |text: &str| text.to_owned();
    block(
        &["Lockbox history", organization],
        vec![vec![text("Period"), period::in_words(report)], vec![text("Made"), text(made)]],
    );
    let figures = figures::rows(report)
        .into_iter()
        .map(|(label, now, before)| vec![text(label), now.replace(',', ""), before.replace(',', "")]);
    block(&["Figure", "This period", "Period before"], figures.collect());
    let (bars, unit) = chart::bars(&report.by_day);
    let days = bars.into_iter().map(|bar| [vec![bar.long], bar.values.iter().map(u64::to_string).collect()].concat());
    block(&[unit, "Approved", "Denied", "Expired", "Cancelled", "Action needed"], days.collect());
    for (what, counts) in
        [("Environment", &report.by_environment), ("Service", &report.by_service), ("Reason", &report.by_reason)]
    {
        block(&[what, "Requests", "Approved", "Hours granted"], counts.iter().map(slice).collect());
    }
    let without = report.without_request.iter().map(|count| vec![count.label.clone(), count.count.to_string()]);
    block(&["Access without a request", "Accesses"], without.collect());
    block(
        &[
            "Lockbox request",
            "Support request ID",
            "Environment",
            "Engineer",
            "Operations",
            "Reason given",
            "Raised",
            "Decision",
            "Decided by",
            "Decided",
            "Justification",
            "Minutes granted",
            "Access",
        ],
        report.decided.iter().map(decided).collect(),
    );
    out
}

fn slice(count: &HistoryCount) -> Vec<String> {
    vec![
        count.label.clone(),
        count.count.to_string(),
        count.approved.to_string(),
        format!("{:.2}", count.hours_granted),
    ]
}

fn decided(request: &LockboxRequestSummary) -> Vec<String> {
    let decision = request.decision.as_ref();
    let of = |what: &dyn Fn(&lockbox_api::requests::Decision) -> String| decision.map(what).unwrap_or_default();
    vec![
        request.id.0.clone(),
        request.service_request_id.0.clone(),
        request.environment_name.clone(),
        request.engineer_name.clone(),
        request.operations.join("; "),
        request.justification.clone(),
        time::iso(request.requested_at),
        of(&|made| match made.outcome {
            DecisionOutcome::Approved => "Approved".to_owned(),
            DecisionOutcome::Denied => "Denied".to_owned(),
        }),
        of(&|made| made.by.clone()),
        of(&|made| time::iso(made.at)),
        of(&|made| made.justification.clone()),
        of(&|made| made.access_minutes.map(|minutes| minutes.to_string()).unwrap_or_default()),
        request.access.state.label().to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn formulas_become_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://evil.example\",\"x\")"] {
            let cell = cell(formula);
            assert!(cell.trim_start_matches('"').starts_with('\''), "{formula:?} became {cell:?}");
        }
        assert_eq!(cell("=A1"), "'=A1");
        assert_eq!(cell("a=b"), "a=b");
        assert_eq!(cell(""), "");
    }

    #[test]
    fn quotes_hold_what_would_end_a_cell() {
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"no\""), "\"say \"\"no\"\"\"");
        assert_eq!(cell("two\nlines"), "\"two\nlines\"");
        assert_eq!(cell("=\"a\",1"), "\"'=\"\"a\"\",1\"");
    }

    fn sample() -> History {
        let figures = json!({"requests": 3, "approved": 1, "denied": 1, "expired": 0, "cancelled": 0, "pending": 1, "approval_rate": 0.5,
            "median_seconds_to_decide": 60.0, "p95_seconds_to_decide": null, "hours_granted": 4.0, "hours_open": 2.0, "hours_used": 1.0,
            "actions": 5, "refused_actions": 1, "without_request": 1});
        let slice = json!([{"key": "k", "label": "Payroll, main", "count": 3, "approved": 1, "hours_granted": 4.0}]);
        serde_json::from_value(json!({"from": "2026-11-01T00:00:00Z", "to": "2026-11-03T00:00:00Z", "current": figures, "previous": figures,
            "by_day": [{"day": "2026-11-01", "approved": 1, "denied": 0, "expired": 0, "cancelled": 0, "pending": 0},
                {"day": "2026-11-02", "approved": 0, "denied": 1, "expired": 0, "cancelled": 0, "pending": 1}],
            "by_environment": slice, "by_service": slice, "by_reason": slice, "without_request": slice,
            "decided": [{"id": "lbx_1", "service_request_id": "26", "environment_id": "env_a", "environment_name": "Payroll", "engineer_name": "E",
                "operations": ["Run SQL"], "justification": "=cmd|' /C calc'!A0", "status": "denied", "status_reason": null,
                "requested_at": "2026-11-02T00:00:00Z", "decide_by": null, "access_minutes": 60, "version": 2,
                "access": {"state": "none", "grant_id": null, "starts_at": null, "expires_at": null, "ended_at": null, "end_reason": null, "ended_by": null},
                "decision": {"outcome": "denied", "by": "Ana", "at": "2026-11-02T01:00:00Z", "justification": "No.\nUse the copy.", "access_minutes": null}}],
            "decided_truncated": false}))
        .unwrap()
    }

    #[test]
    fn the_report_holds_everything_and_no_formula() {
        let text = report(&sample(), "Meridian, Ltd", "2026-11-22T10:00:00Z");
        assert!(
            text.starts_with("\u{feff}Lockbox history,\"Meridian, Ltd\"\r\nPeriod,1 Nov 2026 to 2 Nov 2026 (UTC)\r\n")
        );
        assert!(text.contains("Approval rate,50 %,50 %\r\n"));
        assert!(text.contains("2 Nov 2026,0,1,0,0,1\r\n"));
        assert!(text.contains("\"Payroll, main\",3,1,4.00\r\n"));
        assert!(text.contains(",'=cmd|' /C calc'!A0,2026-11-02T00:00:00Z,Denied,Ana,2026-11-02T01:00:00Z,\"No.\nUse the copy.\",,No access\r\n"));
        assert!(text.lines().all(|line| !line.starts_with(['=', '+', '@'])));
    }
}
