//! Actions as the provider reports them: those that can be judged, and those whose report is faulty in its form.

use lockbox_api::{
    Time,
    provider::{ActionInput, ActionOutcome},
};
use lockbox_rules::validate::{self, ID_MAX, TARGET_MAX, TEXT_MAX};
use serde_json::{Map, Value};

/// One entry of a reported batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Reported {
    /// An action that has the form of one.
    Action(ActionInput),
    /// One that has not. It is told and kept as faulty, and stops no other.
    Faulty(Box<FaultyReport>),
}

/// What is left of a report that has not the form of an action.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultyReport {
    /// What can be read of it.
    pub readable: Readable,
    /// The field and what is wrong with it.
    pub fault: String,
    /// The report as it was sent.
    pub sent: String,
}

/// What can be read of a report, whatever else is wrong with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readable {
    /// The provider's id for the action, as it was given.
    pub id: Option<String>,
    /// When it happened.
    pub time: Option<Time>,
    /// Who.
    pub engineer_id: Option<String>,
    /// What, by wire name.
    pub operation: Option<String>,
    /// On what.
    pub target: Option<String>,
    /// The statement.
    pub statement: Option<String>,
    /// Rows touched.
    pub rows: Option<u64>,
    /// How it ended.
    pub outcome: Option<ActionOutcome>,
}

impl Readable {
    /// What can be read of an object that is no action. What should be text and is something else is read as the JSON that it is.
    #[must_use]
    pub fn of(sent: &Map<String, Value>) -> Self {
        let text = |field: &str| match sent.get(field)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Self {
            id: text("id"),
            time: sent.get("time").and_then(|time| serde_json::from_value(time.clone()).ok()),
            engineer_id: text("engineer_id"),
            operation: text("operation"),
            target: text("target"),
            statement: text("statement"),
            rows: sent.get("rows").and_then(Value::as_u64),
            outcome: sent.get("outcome").and_then(Value::as_str).and_then(ActionOutcome::parse),
        }
    }

    /// The same within the limits of the log, where nothing may break a line or reorder it.
    #[must_use]
    pub fn kept(&self) -> Self {
        let text = |text: &Option<String>, max| text.as_ref().map(|text| validate::kept(text, max));
        let id = |text: &Option<String>| {
            let kept = validate::kept(text.as_deref().unwrap_or_default().trim(), ID_MAX);
            Some(if kept.is_empty() { "unknown".to_owned() } else { kept })
        };
        Self {
            id: id(&self.id),
            time: self.time,
            engineer_id: id(&self.engineer_id),
            operation: id(&self.operation),
            target: text(&self.target, TARGET_MAX),
            statement: text(&self.statement, TEXT_MAX),
            rows: self.rows,
            outcome: self.outcome,
        }
    }
}

impl From<&ActionInput> for Readable {
    fn from(action: &ActionInput) -> Self {
        let ActionInput { id, time, engineer_id, operation, target, statement, rows, outcome } = action.clone();
        Self {
            id: Some(id),
            time: Some(time),
            engineer_id: Some(engineer_id),
            operation: Some(operation),
            target,
            statement,
            rows,
            outcome: Some(outcome),
        }
    }
}
