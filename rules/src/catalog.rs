//! The service catalog: checks of the file, and looking things up in it.

use std::collections::HashSet;

use lockbox_api::{
    catalog::{Availability, Catalog, Operation, Service},
    problem::FieldError,
    requests::{DataStoreWords, OperationWords},
};

use crate::validate::{ID_MAX, TEXT_MAX, text};

/// Hours that a request may wait at most: 4 days, the longest queue time of any service.
pub const QUEUE_HOURS_MAX: u32 = 96;

/// Minutes of access at most that a catalog may name: 30 days.
pub const ACCESS_MINUTES_MAX: u32 = 30 * 24 * 60;

/// The service with this id.
#[must_use]
pub fn service<'a>(catalog: &'a Catalog, id: &str) -> Option<&'a Service> {
    catalog.services.iter().find(|service| service.id == id)
}

/// The service with this id, or, where the catalog has lost it since a request was raised, one of which nothing is known:
/// whatever is kept there counts as protectable, so that the customer is asked.
#[must_use]
pub fn service_or_unknown(catalog: &Catalog, id: &str, name: &str) -> Service {
    service(catalog, id).cloned().unwrap_or_else(|| Service {
        id: id.to_owned(),
        name: name.to_owned(),
        availability: Availability::GenerallyAvailable,
        queue_hours: QUEUE_HOURS_MAX,
        default_access_minutes: 1,
        max_access_minutes: 1,
        data_stores: Vec::new(),
        operations: Vec::new(),
    })
}

/// The operation with this wire name.
#[must_use]
pub fn operation<'a>(service: &'a Service, name: &str) -> Option<&'a Operation> {
    service.operations.iter().find(|operation| operation.name == name)
}

/// Whether the operation reaches customer data: always, unless the catalog says that it does not.
#[must_use]
pub fn reaches_data(service: &Service, name: &str) -> bool {
    operation(service, name).is_none_or(|operation| operation.reaches_data)
}

/// The catalog's words for the operations, in the order given. One that the catalog does not know keeps its wire name
/// and says that its reach is not described, so that nobody takes silence for harmlessness.
#[must_use]
pub fn words(service: &Service, names: &[String]) -> Vec<OperationWords> {
    names
        .iter()
        .map(|name| match operation(service, name) {
            Some(known) => OperationWords {
                name: known.name.clone(),
                friendly_name: known.friendly_name.clone(),
                reaches: known.reaches.clone(),
                does_not_reach: known.does_not_reach.clone(),
            },
            None => OperationWords {
                name: name.clone(),
                friendly_name: name.clone(),
                reaches: "The catalog does not describe what this operation reaches.".to_owned(),
                does_not_reach: None,
            },
        })
        .collect()
}

/// The catalog's words for the data stores that a request names, in the order given, and after them for those that the
/// catalog names for its operations. One that the catalog does not know keeps its id and counts as protected, as it does
/// where the customer is asked.
#[must_use]
pub fn store_words(service: &Service, data_stores: &[String], operations: &[String]) -> Vec<DataStoreWords> {
    let named = operations.iter().filter_map(|name| operation(service, name)?.data_stores.as_ref()).flatten();
    let mut words: Vec<DataStoreWords> = Vec::new();
    for id in data_stores.iter().chain(named) {
        if words.iter().any(|one| one.id == *id) {
            continue;
        }
        let known = service.data_stores.iter().find(|store| store.id == *id);
        words.push(DataStoreWords {
            id: id.clone(),
            name: known.map_or(id, |store| &store.name).clone(),
            protectable: known.is_none_or(|store| store.protectable),
        });
    }
    words
}

/// A data store as people read it.
#[must_use]
pub fn store_in_words(store: &DataStoreWords) -> String {
    let DataStoreWords { id, name, protectable } = store;
    let protection = if *protectable { "protected by Lockbox" } else { "not protected by Lockbox" };
    if name == id { format!("{id}, {protection}") } else { format!("{name} ({id}), {protection}") }
}

/// Everything that is wrong with a catalog, each at its place in the file (`/service/0/operation/2/name`).
#[must_use]
pub fn check_catalog(catalog: &Catalog) -> Vec<FieldError> {
    let mut check = Check::default();
    check.named("/version", &catalog.version);
    check.named("/provider", &catalog.provider);
    if catalog.services.is_empty() {
        check.error("/service", "The catalog needs at least one service.");
    }
    let mut ids = HashSet::new();
    for (at, service) in catalog.services.iter().enumerate() {
        let here = format!("/service/{at}");
        check.unique(&format!("{here}/id"), &service.id, &mut ids);
        check.named(&format!("{here}/name"), &service.name);
        check.service(&here, service);
    }
    check.errors
}

#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn error(&mut self, pointer: &str, message: impl Into<String>) {
        self.errors.push(FieldError { pointer: pointer.to_owned(), message: message.into() });
    }

    /// A line that people read.
    fn named(&mut self, pointer: &str, line: &str) {
        if let Some(message) = text::line(line, 1, TEXT_MAX) {
            self.error(pointer, message);
        }
    }

    /// An id as requests, rules and environments can name it.
    fn unique<'a>(&mut self, pointer: &str, id: &'a str, seen: &mut HashSet<&'a str>) {
        if let Some(message) = text::id(id, ID_MAX) {
            self.error(pointer, message);
        }
        if !seen.insert(id) {
            self.error(pointer, format!("\"{id}\" occurs twice."));
        }
    }

    fn range(&mut self, pointer: &str, value: u32, max: u32) {
        if value == 0 || value > max {
            self.error(pointer, format!("It must be from 1 to {max}."));
        }
    }

    fn service(&mut self, here: &str, service: &Service) {
        self.range(&format!("{here}/queue_hours"), service.queue_hours, QUEUE_HOURS_MAX);
        self.range(&format!("{here}/max_access_minutes"), service.max_access_minutes, ACCESS_MINUTES_MAX);
        let default = format!("{here}/default_access_minutes");
        if service.default_access_minutes == 0 {
            self.error(&default, "It must be at least 1.");
        } else if service.default_access_minutes > service.max_access_minutes {
            self.error(&default, "It must not be longer than max_access_minutes.");
        }

        let mut stores = HashSet::new();
        for (at, store) in service.data_stores.iter().enumerate() {
            self.unique(&format!("{here}/data_store/{at}/id"), &store.id, &mut stores);
            self.named(&format!("{here}/data_store/{at}/name"), &store.name);
        }

        if service.operations.is_empty() {
            self.error(&format!("{here}/operation"), "A service needs at least one operation.");
        }
        let mut operations = HashSet::new();
        for (at, operation) in service.operations.iter().enumerate() {
            let here = format!("{here}/operation/{at}");
            self.unique(&format!("{here}/name"), &operation.name, &mut operations);
            self.named(&format!("{here}/friendly_name"), &operation.friendly_name);
            self.named(&format!("{here}/reaches"), &operation.reaches);
            if let Some(line) = &operation.does_not_reach {
                self.named(&format!("{here}/does_not_reach"), line);
            }
            if let Some(reached) = &operation.data_stores {
                self.reached(&format!("{here}/data_stores"), operation.reaches_data, reached, &stores);
            }
        }
    }

    /// The data stores that an operation names: what is said wrongly here is what the customer is not asked about.
    fn reached(&mut self, here: &str, reaches_data: bool, ids: &[String], known: &HashSet<&str>) {
        match (reaches_data, ids) {
            (true, []) => self.error(
                here,
                "Name the data stores that it reaches; leave it out where it may reach any; or say reaches_data = false.",
            ),
            (false, [_, ..]) => {
                self.error(here, "With reaches_data = false there is no data store that it reaches: leave it out.");
            }
            _ => {}
        }
        let mut seen = HashSet::new();
        for (at, id) in ids.iter().enumerate() {
            let pointer = format!("{here}/{at}");
            if !known.contains(id.as_str()) {
                self.error(&pointer, format!("The service has no data store \"{id}\"."));
            }
            if !seen.insert(id) {
                self.error(&pointer, format!("\"{id}\" occurs twice."));
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
