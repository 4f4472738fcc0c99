use super::*;

fn parse(search: &str) -> Filter {
    Filter::parse(search, "2026-11-22T12:00:00Z".parse().unwrap())
}

fn full() -> Filter {
    let mut filter = Filter { live: true, ..Filter::default() };
    let parts = [
        Part::value(ValueField::Category, "data_access"),
        Part::value(ValueField::Operation, "Approve Lockbox Request"),
        Part::value(ValueField::Operation, "ExecuteSqlViaLockbox"),
        Part::value(ValueField::Actor, "Ana & Söhne"),
        Part::value(ValueField::Actor, "Tom").negated(),
        Part::value(ValueField::Environment, "env_payroll"),
        Part::value(ValueField::Request, "lbx_1"),
        Part::value(ValueField::ServiceRequest, "2611/5"),
        Part::value(ValueField::Grant, "gr_1"),
        Part::value(ValueField::Correlation, "0123"),
        Part::value(ValueField::Outcome, "success").negated(),
        Part::of(Field::Time, "2026-11-22T03:00:00Z..2026-11-22T04:00:00Z"),
        Part::of(Field::Text, "like '%41+%' = ?"),
        Part::of(Field::Text, "nightly run").negated(),
        Part::of(Field::Text, "a+b%20c").negated(),
    ];
    for part in parts {
        filter = filter.with(&part);
    }
    filter
}

#[test]
fn the_address_and_the_filter_say_the_same() {
    let filter = full();
    let address = filter.address(Some("evt_1"));
    let search = address.strip_prefix("/logs").unwrap();
    assert_eq!(parse(search), filter);
    assert_eq!(open_event(search).as_deref(), Some("evt_1"));
    assert_eq!(Filter::default().address(None), "/logs");
    assert_eq!(parse("?event=evt_1&q="), Filter::default());
}

#[test]
fn what_cannot_be_read_stays_and_says_why() {
    let search = "?outcome=maybe&x%26=1&from=yesterday&outcome=refused";
    let filter = parse(search);
    assert_eq!(filter.faults.iter().map(|fault| fault.name.as_str()).collect::<Vec<_>>(), ["outcome", "x&", "from"]);
    assert!(filter.faults[0].message.contains("refused"));
    assert_eq!(filter.parts(), [Part::value(ValueField::Outcome, "refused")]);
    let address = filter.address(None);
    assert_eq!(parse(address.strip_prefix("/logs").unwrap()), filter);
    let mended = filter.faults.iter().fold(filter.clone(), |rest, fault| rest.without_fault(fault));
    assert_eq!(mended.address(None), "/logs?outcome=refused");
}

#[test]
fn a_range_the_wrong_way_round_is_named_at_its_end() {
    for (from, to) in
        [("2026-11-22T00:00:00Z", "2026-11-21T00:00:00Z"), ("now-1h", "now-7d"), ("now-7d", "2026-01-01T00:00:00Z")]
    {
        let filter = parse(&format!("?from={from}&to={to}&q=x"));
        let message = format!("Lies before the beginning, {from}.");
        assert_eq!(filter.faults, [Fault { name: "to".to_owned(), value: to.to_owned(), message }]);
        assert_eq!((filter.query.from.as_deref(), &filter.query.to), (Some(from), &None), "the rest stays");
        assert_eq!(parse(filter.address(None).strip_prefix("/logs").unwrap()), filter, "what was typed stays");
    }
    assert!(parse("?from=now-7d&to=now-7d").faults.is_empty());
    let long = "é".repeat(201);
    let filter = parse(&format!("?q={}", paths::encode(&long)));
    assert_eq!((filter.faults.len(), filter.faults[0].name.as_str(), filter.query.q), (1, "q", None));
    assert!(parse(&format!("?q={}", paths::encode(&long[..400]))).faults.is_empty(), "200 letters");
}

#[test]
fn every_part_goes_and_comes_back_alone() {
    let filter = full();
    assert_eq!(filter.parts().len(), 15);
    let sorted = |filter: &Filter| {
        let mut parts = filter.parts();
        parts.sort_by_key(|part| format!("{part:?}"));
        parts
    };
    for part in filter.parts() {
        let without = filter.without(&part);
        assert!(!without.parts().contains(&part), "{part:?}");
        assert_eq!(without.parts().len(), 14);
        assert_eq!(sorted(&without.with(&part)), sorted(&filter));
    }
    assert_eq!(filter.parts().iter().fold(filter.clone(), |rest, part| rest.without(part)).parts(), []);
}

#[test]
fn a_time_is_a_beginning_an_end_or_both() {
    let time = |value: &str| {
        let filter = Filter::default().with(&Part::of(Field::Time, value));
        (filter.query.from.clone(), filter.query.to.clone(), filter.parts())
    };
    assert_eq!(time("now-24h").0.as_deref(), Some("now-24h"));
    assert_eq!(time("..2026-11-22T04:00:00Z").1.as_deref(), Some("2026-11-22T04:00:00Z"));
    assert_eq!(time("..2026-11-22T04:00:00Z").2[0].value, "..2026-11-22T04:00:00Z");
    assert_eq!(time("").2, []);
}

#[test]
fn only_this_value_drops_the_others_and_not_this_turns_it_round() {
    let sign_in = Part::value(ValueField::Operation, "Sign-in");
    let only = full().only(&sign_in);
    assert_eq!(only.query.operation, ["Sign-in"]);
    let payroll = Part::of(Field::Text, "payroll");
    assert_eq!(full().only(&payroll).query.not_q, [""; 0]);
    let without = Filter::default().with(&payroll).with(&payroll.clone().negated());
    assert_eq!((&without.query.q, without.query.not_q.as_slice()), (&None, &["payroll".to_owned()][..]));
    let other = Filter::default().with(&payroll).with(&Part::of(Field::Text, "nightly").negated());
    assert_eq!(other.query.q.as_deref(), Some("payroll"), "another text stays");
    let not = only.with(&sign_in.negated());
    assert_eq!((not.query.operation.len(), not.query.not_operation.as_slice()), (0, &["Sign-in".to_owned()][..]));
}

#[test]
fn decoding_is_done_once_and_never_fails() {
    assert_eq!(decode("a%2Fb+c%C3%BC"), "a/b cü");
    assert_eq!(decode("%2541"), "%41");
    assert_eq!(decode("50%"), "50%");
    assert_eq!(decode("%ü%zz"), "%ü%zz");
    assert_eq!(decode("%FF"), "\u{fffd}");
}
