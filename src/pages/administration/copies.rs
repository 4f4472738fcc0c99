//! Copies of protected environments that the policy does not cover: a warning that names the original, and the way to mend it.

use super::proposal::Proposal;
use crate::ui::{Banner, BannerKind, Button, dynamic, memo};
use leptos::prelude::*;
use lockbox_api::{environments::Environment, ids::EnvironmentId, lockbox::Scope};

/// The warning, for what is in force; nothing where there is no such copy.
pub fn copies(
    environments: Signal<Vec<Environment>>,
    proposal: Proposal,
    disabled_reason: Signal<Option<String>>,
) -> AnyView {
    let found = memo(move || {
        environments.with(|all| {
            all.iter().filter_map(|one| Some((one.clone(), words(one, all)?))).collect::<Vec<(Environment, String)>>()
        })
    });
    dynamic(move || {
        let found = found.get();
        let title = match found.len() {
            0 => return ().into_any(),
            1 => "A copy of a protected environment is not protected".to_owned(),
            count => format!("{count} copies of protected environments are not protected"),
        };
        let rows = found.into_iter().map(|(one, words)| row(one, words, proposal, disabled_reason)).collect_view();
        view! {
            <Banner kind=BannerKind::Warn title=title>
                <p>"Engineers of the provider need no consent there, though the same data lies in it. The policy never follows a copy by itself."</p>
                <ul class="l-stack l-stack--tight c-plain">{rows}</ul>
            </Banner>
        }
        .into_any()
    })
}

/// What it holds a copy of, and how that came.
fn words(one: &Environment, all: &[Environment]) -> Option<String> {
    let origin = one.unprotected_copy_of.as_ref()?;
    let name =
        all.iter().find(|other| other.id == *origin).map_or_else(|| origin.to_string(), |other| other.name.clone());
    Some(if one.copied_from.as_ref() == Some(origin) {
        format!("copied from {name}, which is protected")
    } else if one.restored_from.as_ref() == Some(origin) {
        format!("restored from {name}, which is protected")
    } else {
        format!("by way of another copy it holds data of {name}, which is protected")
    })
}

fn row(one: Environment, words: String, proposal: Proposal, disabled_reason: Signal<Option<String>>) -> AnyView {
    let name = one.name.clone();
    let id = StoredValue::new(one.id);
    let is_chosen = move |id: &EnvironmentId| {
        proposal.scope.with(|scope| scope == Scope::All.as_str())
            || proposal.scope.with(|scope| scope == Scope::Some.as_str())
                && proposal.chosen.with(|chosen| chosen.contains(id))
    };
    let why_not = Signal::derive(move || {
        let chosen = id.with_value(is_chosen);
        disabled_reason.get().or_else(|| chosen.then(|| "It is chosen. Review the changes, then save.".to_owned()))
    });
    let protect = Callback::new(move |()| {
        proposal.scope.set(Scope::Some.to_string());
        proposal.chosen.update(|chosen| {
            chosen.insert(id.get_value());
        });
    });
    view! {
        <li class="l-row l-row--spread">
            <span><span class="u-strong">{one.name}</span> ": " {words}</span>
            <Button label="Protect it too" name=format!("Protect it too: {name}") disabled_reason=why_not on_press=protect />
        </li>
    }
    .into_any()
}
