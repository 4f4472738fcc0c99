//! A schema laid out as lines that one reads: names with dots for what stands inside, types, limits, choices. Pure.

use super::document::text;
use crate::api::description::Value;

/// One line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// Its name; `engineer.location` stands inside `engineer`, `items[]` is each item of a list
    pub name: String,
    /// What it is: `string`, `list of integer`, `object or null`
    pub kind: String,
    /// Whether it must be there; of an answer: whether it always is
    pub required: bool,
    /// What it means
    pub words: String,
    /// What holds for its value: `at least 1`
    pub limits: Vec<String>,
    /// The values that it can have, where these are known
    pub choices: Vec<String>,
    /// A value that shows what belongs there
    pub example: Option<String>,
}

/// What a schema comes to when every reference is followed.
struct Shape<'a> {
    /// Without references
    schema: &'a Value,
    /// The names of the schemas on the way
    names: Vec<&'a str>,
    nullable: bool,
    words: &'a str,
}

fn shape<'a>(document: &'a Value, schema: &'a Value) -> Shape<'a> {
    let mut shape = Shape { schema, names: Vec::new(), nullable: false, words: "" };
    loop {
        // What is said nearest to the field is said of the field; of the schema only where nothing is.
        if shape.words.is_empty() {
            shape.words = shape.schema.text_of("description").unwrap_or_default();
        }
        let name = shape.schema.text_of("$ref").and_then(|path| path.strip_prefix("#/components/schemas/"));
        if let Some(name) = name.filter(|name| !shape.names.contains(name)) {
            shape.names.push(name);
            let found = document.get("components").and_then(|all| all.get("schemas")?.get(name));
            let Some(found) = found else { return shape };
            shape.schema = found;
            continue;
        }
        let (null, other): (Vec<_>, Vec<_>) =
            of_several(shape.schema).iter().partition(|one| one.text_of("type") == Some("null"));
        shape.nullable |= !null.is_empty() || types(shape.schema).contains(&"null");
        match other[..] {
            [only] => shape.schema = only,
            _ => return shape,
        }
    }
}

/// The schemas of which one holds.
fn of_several(schema: &Value) -> &[Value] {
    ["oneOf", "anyOf"].into_iter().find_map(|name| schema.get(name)).map(Value::items).unwrap_or_default()
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::Text(only)) => vec![only],
        Some(Value::List(several)) => several.iter().filter_map(Value::text).collect(),
        _ => Vec::new(),
    }
}

/// What it is, in a few words.
pub fn kind(document: &Value, schema: &Value) -> String {
    let found = shape(document, schema);
    let schema = found.schema;
    let plain: Vec<_> = types(schema).into_iter().filter(|name| *name != "null").collect();
    let format = schema.text_of("format");
    let words = match plain[..] {
        ["array"] => match schema.get("items") {
            Some(items) => format!("list of {}", kind(document, items)),
            None => "list".to_owned(),
        },
        ["object"] => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("map of {}", kind(document, values)),
            _ => "object".to_owned(),
        },
        ["string"] => format.map_or_else(|| "string".to_owned(), |format| format!("string ({format})")),
        [] if schema.get("allOf").is_some() || schema.get("properties").is_some() => "object".to_owned(),
        [] => {
            let several = of_several(schema).iter().filter(|one| one.text_of("type") != Some("null"));
            let kinds: Vec<_> = several.map(|one| kind(document, one)).collect();
            if kinds.is_empty() { "anything".to_owned() } else { kinds.join(" or ") }
        }
        _ => plain.join(" or "),
    };
    if found.nullable { format!("{words} or null") } else { words }
}

/// The values that it can have, or that each of its items can have; none where these are not told.
pub fn choices(document: &Value, schema: &Value) -> Vec<String> {
    let schema = shape(document, schema).schema;
    if let Some(items) = schema.get("items") {
        return choices(document, items);
    }
    let values = schema.get("enum").map(Value::items).unwrap_or_default();
    values.iter().filter(|value| **value != Value::Null).map(plainly).collect()
}

fn plainly(value: &Value) -> String {
    value.text().map_or_else(|| value.laid_out(), str::to_owned)
}

fn limits(schema: &Value) -> Vec<String> {
    const WORDS: [(&str, &str, &str); 10] = [
        ("minimum", "at least ", ""),
        ("exclusiveMinimum", "more than ", ""),
        ("maximum", "at most ", ""),
        ("exclusiveMaximum", "less than ", ""),
        ("minLength", "at least ", " characters"),
        ("maxLength", "at most ", " characters"),
        ("minItems", "at least ", " items"),
        ("maxItems", "at most ", " items"),
        ("pattern", "as `", "`"),
        ("default", "`", "` if left out"),
    ];
    let told = WORDS
        .iter()
        .filter_map(|(name, before, after)| schema.get(name).map(|value| format!("{before}{}{after}", plainly(value))));
    told.collect()
}

/// One line for a schema with this name.
pub fn line(document: &Value, name: &str, schema: &Value, required: bool) -> Field {
    let found = shape(document, schema);
    let example = [schema, found.schema]
        .into_iter()
        .find_map(|one| one.get("example").or_else(|| one.get("examples")?.items().first()).map(plainly));
    Field {
        name: name.to_owned(),
        kind: kind(document, schema),
        required,
        words: found.words.to_owned(),
        limits: limits(found.schema),
        choices: choices(document, schema),
        example,
    }
}

/// Everything in a body, outermost first and what must be there before what may.
pub fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut lines = Vec::new();
    inside(document, schema, "", &mut Vec::new(), &mut lines);
    lines
}

/// The lines of what stands inside the thing called `name`. A schema that holds itself is shown once.
fn inside<'a>(document: &'a Value, schema: &'a Value, name: &str, within: &mut Vec<&'a str>, lines: &mut Vec<Field>) {
    let found = shape(document, schema);
    if found.names.iter().any(|name| within.contains(name)) {
        return;
    }
    let depth = within.len();
    within.extend(&found.names);
    if let Some(items) = found.schema.get("items") {
        inside(document, items, &format!("{name}[]"), within, lines);
    }
    if let Some(values @ Value::Object(_)) = found.schema.get("additionalProperties") {
        inside(document, values, &format!("{name}.*"), within, lines);
    }
    for (own, schema, required) in members(document, found.schema) {
        let full = if name.is_empty() { own.to_owned() } else { format!("{name}.{own}") };
        lines.push(line(document, &full, schema, required));
        inside(document, schema, &full, within, lines);
    }
    within.truncate(depth);
}

/// The members of an object, also of one that is put together of several: name, schema, whether it must be there.
fn members<'a>(document: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a Value, bool)> {
    let mut found = Vec::new();
    for part in schema.get("allOf").map(Value::items).unwrap_or_default() {
        found.extend(members(document, shape(document, part).schema));
    }
    let must: Vec<_> =
        schema.get("required").map(Value::items).unwrap_or_default().iter().filter_map(Value::text).collect();
    let own = schema.get("properties").map(Value::members).unwrap_or_default();
    found.extend(must.iter().filter_map(|name| {
        own.iter().find(|(own, _)| own == name).map(|(name, schema)| (name.as_str(), schema, true))
    }));
    found.extend(
        own.iter()
            .filter(|(name, _)| !must.contains(&name.as_str()))
            .map(|(name, schema)| (name.as_str(), schema, false)),
    );
    found
}

/// A line for a parameter: what is said of it stands beside its schema.
pub fn parameter(document: &Value, parameter: &Value) -> Field {
    let empty = Value::Null;
    let schema = parameter.get("schema").unwrap_or(&empty);
    let required = parameter.get("required") == Some(&Value::Truth(true));
    let mut field = line(document, &text(parameter, "name"), schema, required);
    let words = text(parameter, "description");
    if !words.is_empty() {
        field.words = words;
    }
    field.example = parameter.get("example").map(plainly).or(field.example);
    field
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::{all, description};
    use super::*;
    use crate::api::description::Side;

    #[test]
    fn everything_that_the_descriptions_say_has_a_type_and_words() {
        for side in [Side::Customer, Side::Provider] {
            let document = description(side);
            for operation in all(side) {
                let bodies = operation.answers().flat_map(|(_, answer)| {
                    answer.get("content").map(Value::members).unwrap_or_default().iter().map(|(_, content)| content)
                });
                let schemas = operation.body().into_iter().chain(bodies).filter_map(|content| content.get("schema"));
                let mut lines: Vec<_> = schemas.flat_map(|schema| fields(&document, schema)).collect();
                lines.extend(operation.parameters().iter().map(|one| parameter(&document, one)));
                for line in lines {
                    assert!(!line.kind.contains("anything"), "{}: {line:?}", operation.id);
                    assert!(!line.words.is_empty() || !line.choices.is_empty(), "{}: {line:?}", operation.id);
                }
            }
        }
    }

    #[test]
    fn what_stands_inside_has_a_name_with_dots() {
        let document = description(Side::Provider);
        let raise = all(Side::Provider).into_iter().find(|one| one.id == "raise_access_request").unwrap();
        let lines = fields(&document, raise.body().unwrap().get("schema").unwrap());
        let line = |name: &str| lines.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(lines[0].name, "organization_id", "what must be there comes first, in the order of the type");
        assert_eq!((line("organization_id").kind.as_str(), line("organization_id").required), ("string", true));
        assert_eq!(line("engineer.location").kind, "object or null");
        assert_eq!(line("engineer.location.office_country").kind, "string or null");
        assert_eq!(line("operations").kind, "list of string");
        assert_eq!(line("permission_level").choices, ["read", "write", "delete", "administer"]);
        assert_eq!(line("access_minutes").limits, ["at least 0"]);
        assert!(!line("exclusion").required && line("exclusion.reason").required);
        assert!(line("justification").words.contains("1 to 2,000 characters"));
    }

    #[test]
    fn what_is_put_together_of_several_is_shown_whole_and_what_holds_itself_once() {
        let customer = description(Side::Customer);
        let ticket = all(Side::Customer).into_iter().find(|one| one.id == "read_service_request").unwrap();
        let (_, answer) = ticket.answers().next().unwrap();
        let schema = answer.get("content").unwrap().get("application/json").unwrap().get("schema").unwrap();
        let names: Vec<_> = fields(&customer, schema).into_iter().map(|line| line.name).collect();
        assert!(names.contains(&"title".to_owned()) && names.contains(&"messages[].text".to_owned()), "{names:?}");

        let text = r##"{"components":{"schemas":{"Tree":{"type":"object","properties":{"of":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}},
            "n":{"type":"integer","minimum":1,"maximum":9,"default":3,"example":4}}}}}}"##;
        let document = crate::api::json::read::<Value>(text).unwrap();
        let tree = crate::api::json::read::<Value>(r##"{"$ref":"#/components/schemas/Tree"}"##).unwrap();
        let lines = fields(&document, &tree);
        assert_eq!(lines.len(), 2);
        let n = lines.iter().find(|line| line.name == "n").unwrap();
        assert_eq!(n.limits, ["at least 1", "at most 9", "`3` if left out"]);
        assert_eq!(n.example.as_deref(), Some("4"));
        assert_eq!(lines.iter().find(|line| line.name == "of").unwrap().kind, "list of object");
    }
}
