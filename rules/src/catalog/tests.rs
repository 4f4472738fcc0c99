use lockbox_api::catalog::{Availability, DataStore};

use super::*;

pub(crate) fn an_operation(name: &str) -> Operation {
    Operation {
        name: name.to_owned(),
        friendly_name: format!("Do {name}"),
        reaches: "Rows of the database.".to_owned(),
        does_not_reach: None,
        data_stores: None,
        reaches_data: true,
        permission_level: None,
    }
}

/// A service with a protectable store `sql`, an unprotectable store `cache` and two operations.
pub(crate) fn a_service() -> Service {
    Service {
        id: "sql-database".to_owned(),
        name: "SQL Database".to_owned(),
        availability: Availability::GenerallyAvailable,
        queue_hours: 96,
        default_access_minutes: 480,
        max_access_minutes: 1_440,
        data_stores: vec![
            DataStore { id: "sql".to_owned(), name: "SQL".to_owned(), protectable: true },
            DataStore { id: "cache".to_owned(), name: "Cache".to_owned(), protectable: false },
        ],
        operations: vec![an_operation("ExecuteSqlViaLockbox"), an_operation("GetRefreshHistoryViaLockbox")],
    }
}

pub(crate) fn a_catalog() -> Catalog {
    Catalog { version: "1".to_owned(), provider: "Contoso".to_owned(), services: vec![a_service()] }
}

fn pointers(change: impl FnOnce(&mut Catalog)) -> Vec<String> {
    let mut catalog = a_catalog();
    change(&mut catalog);
    check_catalog(&catalog).into_iter().map(|error| error.pointer).collect()
}

#[test]
fn a_sound_catalog_has_no_errors() {
    assert_eq!(check_catalog(&a_catalog()), []);
}

#[test]
fn every_fault_is_named_at_its_place() {
    assert_eq!(pointers(|c| c.version.clear()), ["/version"]);
    assert_eq!(pointers(|c| c.provider = " ".to_owned()), ["/provider"]);
    assert_eq!(pointers(|c| c.services.clear()), ["/service"]);
    assert_eq!(pointers(|c| c.services.push(a_service())), ["/service/1/id"]);
    assert_eq!(pointers(|c| c.services[0].id = "a ".to_owned()), ["/service/0/id"]);
    assert_eq!(pointers(|c| c.services[0].name.clear()), ["/service/0/name"]);
    assert_eq!(pointers(|c| c.services[0].queue_hours = 0), ["/service/0/queue_hours"]);
    assert_eq!(pointers(|c| c.services[0].queue_hours = 97), ["/service/0/queue_hours"]);
    assert_eq!(pointers(|c| c.services[0].default_access_minutes = 0), ["/service/0/default_access_minutes"]);
    assert_eq!(pointers(|c| c.services[0].default_access_minutes = 1_441), ["/service/0/default_access_minutes"]);
    assert_eq!(
        pointers(|c| c.services[0].max_access_minutes = 0),
        ["/service/0/max_access_minutes", "/service/0/default_access_minutes"]
    );
    assert_eq!(
        pointers(|c| c.services[0].max_access_minutes = ACCESS_MINUTES_MAX + 1),
        ["/service/0/max_access_minutes"]
    );
    assert_eq!(pointers(|c| c.services[0].data_stores[1].id = "sql".to_owned()), ["/service/0/data_store/1/id"]);
    assert_eq!(pointers(|c| c.services[0].data_stores[0].name.clear()), ["/service/0/data_store/0/name"]);
    assert_eq!(pointers(|c| c.services[0].operations.clear()), ["/service/0/operation"]);
    assert_eq!(
        pointers(|c| c.services[0].operations[1].name = "ExecuteSqlViaLockbox".to_owned()),
        ["/service/0/operation/1/name"]
    );
    assert_eq!(
        pointers(|c| c.services[0].operations[0].friendly_name.clear()),
        ["/service/0/operation/0/friendly_name"]
    );
    assert_eq!(pointers(|c| c.services[0].operations[0].reaches.clear()), ["/service/0/operation/0/reaches"]);
    assert_eq!(
        pointers(|c| c.services[0].operations[0].does_not_reach = Some(String::new())),
        ["/service/0/operation/0/does_not_reach"]
    );
    assert_eq!(pointers(|c| c.services[0].name = "a\u{7}b".to_owned()), ["/service/0/name"]);
}

/// Such an id could be named by no request, and a text like that reads differently from what it is.
#[test]
fn ids_and_texts_are_what_they_look_like() {
    type Field = fn(&mut Catalog) -> &mut String;
    let ids: [(&str, Field); 3] = [
        ("/service/0/id", |c| &mut c.services[0].id),
        ("/service/0/data_store/0/id", |c| &mut c.services[0].data_stores[0].id),
        ("/service/0/operation/0/name", |c| &mut c.services[0].operations[0].name),
    ];
    let texts: [(&str, Field); 7] = [
        ("/version", |c| &mut c.version),
        ("/provider", |c| &mut c.provider),
        ("/service/0/name", |c| &mut c.services[0].name),
        ("/service/0/data_store/0/name", |c| &mut c.services[0].data_stores[0].name),
        ("/service/0/operation/0/friendly_name", |c| &mut c.services[0].operations[0].friendly_name),
        ("/service/0/operation/0/reaches", |c| &mut c.services[0].operations[0].reaches),
        ("/service/0/operation/0/does_not_reach", |c| {
            c.services[0].operations[0].does_not_reach.get_or_insert_default()
        }),
    ];
    for (pointer, field) in ids.iter().chain(&texts) {
        for bad in ["a\u{7}b", "a\nb", "a\u{2028}b", "a\u{202E}b", "a\u{2066}b", "a\u{200B}b", "a\u{FEFF}", ""] {
            assert_eq!(pointers(|c| *field(c) = bad.to_owned()), [*pointer], "{bad:?}");
        }
        assert_eq!(pointers(|c| *field(c) = "Größe 7, عائشة".to_owned()), [""; 0], "{pointer}");
    }
    for (pointer, field) in ids {
        assert_eq!(pointers(|c| *field(c) = "x".repeat(200)), [""; 0]);
        assert_eq!(pointers(|c| *field(c) = "x".repeat(201)), [pointer], "no request could name it");
    }
}

#[test]
fn what_an_operation_reaches_must_be_there() {
    let reached = |ids: &[&str], reaches_data: bool| {
        pointers(|c| {
            let operation = &mut c.services[0].operations[1];
            operation.data_stores = Some(ids.iter().map(|id| (*id).to_owned()).collect());
            operation.reaches_data = reaches_data;
        })
    };
    assert_eq!(reached(&["sql", "cache"], true), [""; 0]);
    assert_eq!(reached(&[], false), [""; 0]);
    assert_eq!(reached(&[], true), ["/service/0/operation/1/data_stores"], "nothing, and yet data");
    assert_eq!(reached(&["sql"], false), ["/service/0/operation/1/data_stores"], "a store, and yet no data");
    assert_eq!(reached(&["cache", "SQL"], true), ["/service/0/operation/1/data_stores/1"]);
    assert_eq!(reached(&["cache", "cache"], true), ["/service/0/operation/1/data_stores/1"]);
    assert_eq!(pointers(|c| c.services[0].operations[1].reaches_data = false), [""; 0]);
}

#[test]
fn stores_are_told_by_name_and_whether_they_are_protected() {
    let mut service = a_service();
    service.operations[1].data_stores = Some(vec!["cache".to_owned()]);
    let told = |stores: &[&str], operations: &[usize]| {
        let stores: Vec<String> = stores.iter().map(|id| (*id).to_owned()).collect();
        let operations: Vec<String> = operations.iter().map(|at| service.operations[*at].name.clone()).collect();
        store_words(&service, &stores, &operations).iter().map(store_in_words).collect::<Vec<_>>()
    };
    let (sql, cache) = ("SQL (sql), protected by Lockbox", "Cache (cache), not protected by Lockbox");
    assert_eq!(told(&["sql"], &[0]), [sql]);
    assert_eq!(told(&["sql"], &[0, 1]), [sql, cache], "what the operation reaches, though it was not named");
    assert_eq!(told(&["cache", "sql"], &[1]), [cache, sql], "each once");
    assert_eq!(told(&[], &[0]), [""; 0]);
    assert_eq!(told(&["gone"], &[]), ["gone, protected by Lockbox"]);
}

#[test]
fn lookups_are_exact() {
    let catalog = a_catalog();
    assert!(service(&catalog, "sql-database").is_some());
    assert!(service(&catalog, "SQL-database").is_none());
    let found = service(&catalog, "sql-database").unwrap();
    assert_eq!(operation(found, "ExecuteSqlViaLockbox").unwrap().friendly_name, "Do ExecuteSqlViaLockbox");
    assert!(operation(found, "executesqlvialockbox").is_none());
}

#[test]
fn unknown_operations_are_not_taken_for_harmless() {
    let words = words(&a_service(), &["Gone".to_owned(), "ExecuteSqlViaLockbox".to_owned()]);
    assert_eq!(words[0].friendly_name, "Gone");
    assert!(words[0].reaches.contains("does not describe"));
    assert_eq!(words[1].reaches, "Rows of the database.");
}
