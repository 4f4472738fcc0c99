//! The case: who wants what, what it reaches, how it was judged.

use crate::{
    components::{When, words},
    paths,
    ui::{Badge, Card, Copyable, Fact, Facts, Icon, Table, Tone, dynamic, table::Column},
};
use leptos::prelude::*;
use lockbox_api::{
    jit::{Evaluation, Factor, MatchedRule, RuleOutcome},
    requests::{InternalDecision, LockboxRequest, OperationWords, Status},
};
use lockbox_rules::{
    catalog::store_in_words,
    inside::missing_roles,
    jit::period_in_words,
    lifecycle::is_pending,
    words::{approval_role, list},
};

/// Part 1: the sentence, the engineer's reason, the ticket.
pub fn lead(request: Signal<LockboxRequest>, ticket_open: RwSignal<bool>) -> AnyView {
    let now = request.get_untracked();
    let number = now.service_request_id.0.clone();
    let ticket = paths::service_request(&now.service_request_id);
    let title = now.service_request_title.clone();
    view! {
        <section class="c-lead" aria-label="What is asked">
            <p class="c-lead__wish">{dynamic(move || words::wish(&request.get()))}</p>
            <figure class="c-lead__why">
                <figcaption class="u-small u-soft">{now.reason_code.label()} ", in the engineer’s words"</figcaption>
                <blockquote class="u-words">{now.justification.clone()}</blockquote>
            </figure>
            <div class="c-lead__ticket">
                {Icon::Support.view()}
                <div class="l-grow">
                    <p class="u-small u-soft">"Service request ID"</p>
                    <p class="c-copy">
                        <a class="u-mono" href=ticket>{number.clone()}</a>
                        <Copyable value=number what="service request id" button_only=true />
                    </p>
                    {title.map(|title| view! { <p>{title}</p> })}
                </div>
                <button type="button" class="c-button" on:click=move |_| ticket_open.set(true) aria-haspopup="dialog">
                    "Show support request"
                </button>
            </div>
        </section>
    }
    .into_any()
}

/// Part 2: what they will be able to reach, and what not.
pub fn reach(request: Signal<LockboxRequest>) -> AnyView {
    let now = request.get_untracked();
    let stores = stores(&now);
    let operations = now.operation_words.into_iter().map(operation).collect_view();
    let targets =
        if now.targets.is_empty() { "Anything in the environment".to_owned() } else { now.targets.join(", ") };
    let title = Signal::derive(move || {
        let waits = is_pending(request.get().status);
        if waits { "What they will be able to reach" } else { "What they asked to reach" }.to_owned()
    });
    let direct = if now.direct_data_access { "Yes: rows, files or messages themselves" } else { "No" };
    let mut period = period_in_words(now.access_minutes, now.asked_minutes, &now.evaluation);
    if now.asked_minutes == Some(now.access_minutes) {
        period.push_str(", as asked for");
    }
    view! {
        <Card title=title>
            <ul class="c-reach">{operations}</ul>
            <Facts>
                <Fact name="Targets">{targets}</Fact>
                <Fact name="Data stores">{stores}</Fact>
                <Fact name="Permission">{words::permission(now.permission_level)}</Fact>
                <Fact name="Customer data">{direct}</Fact>
                <Fact name="Access period">{period}</Fact>
            </Facts>
        </Card>
    }
    .into_any()
}

/// Each data store with its name and whether Lockbox protects it; by its id where the words were not kept.
fn stores(request: &LockboxRequest) -> AnyView {
    let lines = |lines: Vec<String>| lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view().into_any();
    match (request.data_store_words.as_slice(), request.data_stores.is_empty()) {
        ([], true) => "None named".into_any(),
        ([], false) => request.data_stores.join(", ").into_any(),
        (words, _) => lines(words.iter().map(store_in_words).collect()),
    }
}

fn operation(operation: OperationWords) -> AnyView {
    view! {
        <li class="c-reach__operation">
            <p><span class="u-strong">{operation.friendly_name}</span> " " <code class="u-soft">{operation.name}</code></p>
            <p class="c-reach__line">{Icon::Check.view()} <span><span class="u-soft">"Reaches: "</span> {operation.reaches}</span></p>
            {operation
                .does_not_reach
                .map(|text| {
                    view! {
                        <p class="c-reach__line">{Icon::Cross.view()} <span><span class="u-soft">"Does not reach: "</span> {text}</span></p>
                    }
                })}
        </li>
    }
    .into_any()
}

/// Part 3: how the JIT service judged it, and who approved inside the provider.
pub fn judgement(request: Signal<LockboxRequest>) -> AnyView {
    let now = request.get_untracked();
    let Evaluation { factors, rules, rules_version, evaluated_at, .. } = now.evaluation;
    let rows = factors.into_iter().map(factor).collect_view();
    let columns = vec![Column::words("Factor"), Column::words("Value"), Column::words("Result")];
    let rules = if rules.is_empty() {
        view! { <span>"None: nothing speaks for or against it"</span> }.into_any()
    } else {
        let rules = rules.into_iter().map(rule).collect_view();
        view! { <ul class="l-stack l-stack--tight c-judgement__rules">{rules}</ul> }.into_any()
    };
    view! {
        <Card title="How the provider’s JIT service judged it" flush=true>
            <Table caption="Factors that were weighed" columns=columns>{rows}</Table>
            <div class="c-card__body c-judgement">
                <Facts>
                    <Fact name="Rules that matched">{rules}</Fact>
                    <Fact name="Inside the provider">{dynamic(move || request.with(internal))}</Fact>
                    <Fact name="Judged">
                        <When at=evaluated_at /> <span class="u-soft">" by rules version " {rules_version}</span>
                    </Fact>
                </Facts>
            </div>
        </Card>
    }
    .into_any()
}

fn factor(factor: Factor) -> AnyView {
    let (tone, icon, word) = if factor.passed {
        (Tone::Good, Icon::CheckCircle, "Passed")
    } else {
        (Tone::Bad, Icon::CrossCircle, "Held against it")
    };
    view! {
        <tr>
            <th scope="row">{factor.name}</th>
            <td>{factor.value}</td>
            <td><Badge tone=tone icon=icon text=word /></td>
        </tr>
    }
    .into_any()
}

fn rule(rule: MatchedRule) -> AnyView {
    let effect = match rule.outcome {
        RuleOutcome::Reject => "Rejects",
        RuleOutcome::RequireInternalApproval => "Somebody inside the provider decides first",
        RuleOutcome::CapAccess => "Shortens the access period",
        RuleOutcome::Continue => "Lets it go on",
    };
    view! { <li>{rule.description} " " <span class="u-soft">{effect} ". " <code>{rule.id}</code></span></li> }
        .into_any()
}

/// Every decision inside, oldest first, and whose approval is missing.
fn internal(request: &LockboxRequest) -> AnyView {
    let decided = &request.internal_decisions;
    let missing: Vec<String> = missing_roles(&request.evaluation, decided).into_iter().map(approval_role).collect();
    let waits = request.status == Status::AwaitingInternalApproval && !missing.is_empty();
    if decided.is_empty() && !waits {
        let words = if missing.is_empty() { "No approval was needed" } else { "No approval was given" };
        return view! { <span>{words}</span> }.into_any();
    }
    let lines = decided.iter().cloned().map(decision_inside).collect_view();
    view! {
        {lines}
        {waits.then(|| view! { <p>"Not given yet: the approval of " {list(&missing)}</p> })}
    }
    .into_any()
}

fn decision_inside(decision: InternalDecision) -> AnyView {
    let word = if decision.approved { "approved" } else { "rejected it" };
    let team = decision.team.map(|team| format!(", {team}"));
    view! {
        <p>{decision.by} " (" {approval_role(&decision.role)} {team} ") " {word} " " <When at=decision.at /></p>
        <p class="u-soft u-words">"“" {decision.justification} "”"</p>
    }
    .into_any()
}
