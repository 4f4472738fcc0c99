//! What holds for every text that somebody takes for a catalog or for rules. The tests here try it on bent files, the targets
//! in `fuzz/` on whatever the fuzzer comes up with; both call these functions.

use lockbox_api::{
    Time,
    catalog::Catalog,
    jit::{EvaluationOutcome, JitRules, PermissionLevel, RuleOutcome},
    requests::Engineer,
};
use lockbox_rules::jit::{Subject, evaluate};

use super::{File, Wrong, catalog_of, rules_of};

/// One rule more, with which nothing may go on.
const ALWAYS: &str = "[[rule]]\nid = \"always\"\ndescription = \"Nobody.\"\noutcome = \"reject\"\n";

/// It is read, or refused in one line that names the line. Returns whether it was read.
pub(crate) fn catalog(text: &str) -> bool {
    let read = |file: &File| catalog_of(file).map(drop);
    read_or_refused(text, read)
}

/// The same for rules; and what they judge: a rule that rejects and matches rejects, and with one rule more that rejects
/// everything nothing goes on, whatever the others say.
pub(crate) fn rules(text: &str, catalog: &Catalog) -> bool {
    let service = &catalog.services[0];
    let engineer = Engineer {
        id: "eng-1".to_owned(),
        name: "One".to_owned(),
        team: None,
        jit_role: "support_engineer".to_owned(),
        isolated_identity: true,
        mfa: true,
        location: None,
    };
    let operations = vec![service.operations[0].name.clone()];
    let subject = Subject {
        engineer: &engineer,
        service: &service.id,
        service_name: &service.name,
        operations: &operations,
        targets: &[],
        permission_level: PermissionLevel::Read,
        direct_data_access: true,
        access_minutes: 60,
        resource_scope: None,
    };
    let at = Time::from_timestamp(1_800_000_000, 0).unwrap_or_default();
    let read = |file: &File| {
        let rules: JitRules = rules_of(file, catalog)?;
        let judged = evaluate(&rules, &subject, at).evaluation;
        let rejects = judged.rules.iter().any(|rule| rule.outcome == RuleOutcome::Reject);
        assert_eq!(judged.outcome == EvaluationOutcome::Rejected, rejects);
        let more = File { text: format!("{}\n{ALWAYS}", file.text), ..file.clone() };
        if let Ok(rules) = rules_of(&more, catalog) {
            assert_eq!(evaluate(&rules, &subject, at).evaluation.outcome, EvaluationOutcome::Rejected);
        }
        Ok(())
    };
    read_or_refused(text, read)
}

fn read_or_refused(text: &str, read: impl Fn(&File) -> Result<(), Wrong>) -> bool {
    let file = File { name: "bent.toml".to_owned(), text: text.to_owned(), built_in: false };
    let Err(wrong) = read(&file) else { return true };
    let told = wrong.to_string();
    let lines = file.text.lines().count() + 1;
    assert!(wrong.line.is_some_and(|line| (1..=lines).contains(&line)), "a line of {lines}: {told}");
    assert!(told.starts_with("bent.toml, line ") && !told.contains('\n'), "{told}");
    false
}
