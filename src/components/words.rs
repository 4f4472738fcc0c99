//! Sentences about a request, made from its facts. The same thing is said the same way on every page.

use js_sys::{Array, Function, Object, Reflect};
use leptos::wasm_bindgen::{JsCast, JsValue};
use lockbox_api::{
    jit::PermissionLevel,
    requests::{Engineer, LockboxRequest, OperationWords, Status},
};
use lockbox_rules::{letters, lifecycle::is_pending, window::minutes_in_words, words::list};

/// Friendly names in the middle of a sentence: their first letter small, unless the word is an abbreviation.
pub fn operations(operations: &[OperationWords]) -> String {
    let names: Vec<String> = operations.iter().map(|operation| small_first(&operation.friendly_name)).collect();
    list(&names)
}

fn small_first(text: &str) -> String {
    let mut rest = text.chars();
    match (rest.next(), rest.clone().next()) {
        (Some(first), Some(second)) if !is_capital(second) => {
            letters::small(first.encode_utf8(&mut [0; 4])) + rest.as_str()
        }
        _ => text.to_owned(),
    }
}

fn is_capital(letter: char) -> bool {
    let text = letter.to_string();
    letters::small(&text) != text
}

/// How deep a permission reaches, as what it lets somebody do.
pub fn permission(level: PermissionLevel) -> &'static str {
    match level {
        PermissionLevel::Read => "Read: look at data, change nothing",
        PermissionLevel::Write => "Write: look at data and change it",
        PermissionLevel::Delete => "Delete: look at data, change it and remove it",
        PermissionLevel::Administer => "Administer: change who may do what and how it runs",
    }
}

/// Team and whereabouts of an engineer: "Database support, office in Ireland".
pub fn engineer_from(engineer: &Engineer) -> String {
    let mut parts: Vec<String> = engineer.team.iter().cloned().collect();
    if let Some(location) = &engineer.location {
        match (&location.office_country, &location.physical_country) {
            (Some(office), Some(now)) if office == now => parts.push(country(office)),
            (Some(office), Some(now)) => {
                parts.push(format!("office in {}, at present in {}", country(office), country(now)))
            }
            (Some(one), None) | (None, Some(one)) => parts.push(country(one)),
            (None, None) => {}
        }
    }
    parts.join(", ")
}

/// The one sentence that a decision is about, up to the reason. It tells what was, once there is nothing left to decide.
pub fn wish(request: &LockboxRequest) -> String {
    let from = engineer_from(&request.engineer);
    let from = if from.is_empty() { String::new() } else { format!(" ({from})") };
    let targets =
        if request.targets.is_empty() { String::new() } else { format!(", limited to {}", list(&request.targets)) };
    let stands = match request.status {
        status if is_pending(status) => "wants to",
        Status::NotRequired => "was given access to",
        _ => "asked to",
    };
    format!(
        "{}{from} {stands} {} in {} ({}){targets}, for {}.",
        request.engineer.name,
        operations(&request.operation_words),
        request.environment_name,
        request.service_name,
        minutes_in_words(request.access_minutes),
    )
}

/// The name of a country in the language of the portal; its code where the browser does not know it.
pub fn country(code: &str) -> String {
    display_name(code).unwrap_or_else(|| code.to_owned())
}

/// By way of `Intl.DisplayNames`, which has no binding.
fn display_name(code: &str) -> Option<String> {
    let intl = Reflect::get(&js_sys::global(), &JsValue::from_str("Intl")).ok()?;
    let constructor: Function = Reflect::get(&intl, &JsValue::from_str("DisplayNames")).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &JsValue::from_str("type"), &JsValue::from_str("region")).ok()?;
    let names = Reflect::construct(&constructor, &Array::of2(&JsValue::from_str("en"), &options)).ok()?;
    let of: Function = Reflect::get(&names, &JsValue::from_str("of")).ok()?.dyn_into().ok()?;
    of.call1(&names, &JsValue::from_str(code)).ok()?.as_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_keep_their_capitals() {
        assert_eq!(small_first("Run SQL statements"), "run SQL statements");
        assert_eq!(small_first("SQL access"), "SQL access");
        assert_eq!(small_first(""), "");
    }
}
