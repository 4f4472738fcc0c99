use super::*;
use proptest::prelude::*;

fn states() -> impl Iterator<Item = State> {
    Status::ALL.iter().flat_map(|status| AccessState::ALL.iter().map(|access| State::new(*status, *access)))
}

/// Every pair that is allowed, written out by hand from design.md section 3. `None` as status: not raised yet.
fn allowed() -> Vec<(Option<State>, Event, State)> {
    use AccessState as A;
    use Event as E;
    use Status as S;
    let raised = |status| State::new(status, A::None);
    let mut rows = vec![
        (None, E::Reject, raised(S::Rejected)),
        (None, E::RequireInternalApproval, raised(S::AwaitingInternalApproval)),
        (None, E::NotRequired, State::new(S::NotRequired, A::Active)),
        (None, E::Notify, raised(S::CustomerNotified)),
        (Some(raised(S::AwaitingInternalApproval)), E::NotRequired, State::new(S::NotRequired, A::Active)),
        (Some(raised(S::AwaitingInternalApproval)), E::Notify, raised(S::CustomerNotified)),
        (Some(raised(S::AwaitingInternalApproval)), E::InternalReject, raised(S::Rejected)),
        (Some(raised(S::AwaitingInternalApproval)), E::Expire, raised(S::Expired)),
        (Some(raised(S::AwaitingInternalApproval)), E::Cancel, raised(S::Cancelled)),
        (Some(raised(S::AwaitingInternalApproval)), E::CloseServiceRequest, raised(S::Cancelled)),
        (Some(raised(S::AwaitingInternalApproval)), E::DeleteEnvironment, raised(S::Cancelled)),
        (Some(raised(S::CustomerNotified)), E::Approve, State::new(S::Approved, A::Active)),
        (Some(raised(S::CustomerNotified)), E::Deny, raised(S::Denied)),
        (Some(raised(S::CustomerNotified)), E::Expire, raised(S::Expired)),
        (Some(raised(S::CustomerNotified)), E::Cancel, raised(S::Cancelled)),
        (Some(raised(S::CustomerNotified)), E::CloseServiceRequest, raised(S::Cancelled)),
        (Some(raised(S::CustomerNotified)), E::DeleteEnvironment, raised(S::Cancelled)),
    ];
    for status in S::ALL {
        let open = State::new(*status, A::Active);
        rows.push((Some(open), E::Complete, State::new(*status, A::Completed)));
        rows.push((Some(open), E::CloseServiceRequest, State::new(*status, A::Completed)));
        rows.push((Some(open), E::DeleteEnvironment, State::new(*status, A::Completed)));
        rows.push((Some(open), E::Revoke, State::new(*status, A::Revoked)));
        rows.push((Some(open), E::Lapse, State::new(*status, A::Lapsed)));
    }
    rows
}

#[test]
fn every_pair_is_either_in_the_table_or_refused() {
    let allowed = allowed();
    let mut seen = 0;
    for from in core::iter::once(None).chain(states().map(Some)) {
        for event in Event::ALL {
            let expected = allowed.iter().find(|row| row.0 == from && row.1 == *event).map(|row| row.2);
            assert_eq!(next(from, *event).ok(), expected, "{from:?} + {event:?}");
            seen += usize::from(expected.is_some());
        }
    }
    assert_eq!(seen, allowed.len(), "every row was met once");
}

#[test]
fn all_lists_every_event_once() {
    let mut events = Event::ALL.to_vec();
    events.sort_by_key(|event| format!("{event:?}"));
    events.dedup();
    assert_eq!(events.len(), Event::ALL.len());
    // A variant that is missing from ALL has the highest number: the last one must be listed.
    assert_eq!(Event::ALL.len(), Event::DeleteEnvironment as usize + 1);
}

#[test]
fn every_refusal_is_a_sentence_and_gives_the_reason_that_helps() {
    for state in states() {
        for event in Event::ALL {
            let Err(refusal) = next(Some(state), *event) else { continue };
            let message = refusal.message();
            assert!(message.ends_with('.') && message.len() > 15, "{message}");
            assert_eq!(refusal.to_string(), message);
            match refusal {
                Refusal::AlreadyDecided(status) => assert!(!is_pending(status), "{state:?} + {event:?}"),
                Refusal::AccessNotOpen(access) => assert_ne!(access, AccessState::Active, "{state:?} + {event:?}"),
                Refusal::NotPossible { .. } => {}
                Refusal::NotRaised => panic!("{state:?} + {event:?}: it is raised"),
            }
        }
    }
    let decided = |status| Err(Refusal::AlreadyDecided(status));
    let state = |status, access| Some(State::new(status, access));
    use AccessState as A;
    assert_eq!(next(state(Status::Approved, A::Active), Event::Deny), decided(Status::Approved));
    assert_eq!(next(state(Status::Expired, A::None), Event::Approve), decided(Status::Expired));
    assert_eq!(next(state(Status::Denied, A::None), Event::CloseServiceRequest), decided(Status::Denied));
    assert_eq!(next(state(Status::Denied, A::None), Event::Revoke), Err(Refusal::AccessNotOpen(A::None)));
    assert_eq!(next(state(Status::Approved, A::Lapsed), Event::Revoke), Err(Refusal::AccessNotOpen(A::Lapsed)));
    assert_eq!(
        next(state(Status::AwaitingInternalApproval, A::None), Event::Approve),
        Err(Refusal::NotPossible { event: Event::Approve, status: Status::AwaitingInternalApproval })
    );
    assert_eq!(next(None, Event::Approve), Err(Refusal::NotRaised));
}

#[test]
fn final_means_that_nothing_can_follow() {
    for state in states() {
        // A pending request with an access that has ended can't come to be; everything reachable agrees.
        if state.is_pending() && state.access != AccessState::None {
            continue;
        }
        assert_eq!(is_final(state), possible(state).next().is_none(), "{state:?}");
    }
}

#[test]
fn only_consent_or_a_recorded_reason_opens_access() {
    for from in core::iter::once(None).chain(states().map(Some)) {
        for event in Event::ALL {
            let was_open = from.is_some_and(|state| state.access == AccessState::Active);
            if let Ok(to) = next(from, *event)
                && to.access == AccessState::Active
            {
                assert!(!was_open);
                assert!(matches!(event, Event::Approve | Event::NotRequired));
                assert!(matches!(to.status, Status::Approved | Status::NotRequired));
            }
        }
    }
}

fn time(seconds: i64) -> Time {
    Time::from_timestamp(seconds, 0).unwrap()
}

#[test]
fn the_clock_decides_at_the_instant_itself() {
    use AccessState as A;
    for status in [Status::CustomerNotified, Status::AwaitingInternalApproval] {
        let waiting = State::new(status, A::None);
        assert_eq!(at(waiting, Some(time(100)), None, time(99)), waiting);
        assert_eq!(at(waiting, Some(time(100)), None, time(100)).status, Status::Expired);
        assert_eq!(at(waiting, None, None, time(1_000_000)), waiting);
    }
    let open = State::new(Status::Approved, A::Active);
    assert_eq!(at(open, Some(time(1)), Some(time(100)), time(99)), open);
    assert_eq!(at(open, Some(time(1)), Some(time(100)), time(100)), State::new(Status::Approved, A::Lapsed));
    assert_eq!(at(open, None, None, time(0)).access, A::Lapsed, "access without an end is not valid");
}

fn any_state() -> impl Strategy<Value = State> {
    proptest::sample::select(states().collect::<Vec<_>>())
}

fn any_moment() -> impl Strategy<Value = Option<Time>> {
    proptest::option::of((0_i64..2_000).prop_map(time))
}

proptest! {
    #[test]
    fn time_never_revives_anything(state in any_state(), decide_by in any_moment(), ends in any_moment(), a in 0_i64..2_000, b in 0_i64..2_000) {
        let (earlier, later) = (a.min(b), a.max(b));
        let first = at(state, decide_by, ends, time(earlier));
        let second = at(first, decide_by, ends, time(later));
        prop_assert_eq!(second, at(state, decide_by, ends, time(later)), "looking in between changes nothing");
        prop_assert_eq!(at(second, decide_by, ends, time(earlier)), second, "a clock that steps back revives nothing");
        if first.access != AccessState::Active {
            prop_assert_ne!(second.access, AccessState::Active);
        }
    }

    #[test]
    fn no_walk_decides_twice_or_reopens(events in proptest::collection::vec(proptest::sample::select(Event::ALL), 0..40)) {
        let mut state = None;
        let (mut decisions, mut opened) = (0, 0);
        for event in events {
            if let Ok(to) = next(state, event) {
                decisions += usize::from(matches!(event, Event::Approve | Event::Deny));
                opened += usize::from(to.access == AccessState::Active);
                state = Some(to);
            }
        }
        prop_assert!(decisions <= 1 && opened <= 1);
    }
}

#[test]
fn what_the_portal_offers_is_what_the_table_allows() {
    for state in
        Status::ALL.iter().flat_map(|status| AccessState::ALL.iter().map(|access| State::new(*status, *access)))
    {
        for event in [Event::Approve, Event::Deny] {
            assert_eq!(state.can_be_decided(), next(Some(state), event).is_ok(), "{state:?} + {event:?}");
        }
        assert_eq!(state.can_be_ended(), next(Some(state), Event::Revoke).is_ok(), "{state:?}");
        assert!(!(state.can_be_decided() && state.can_be_ended()), "{state:?}");
        assert_eq!(
            state.why_no_decision(),
            next(Some(state), Event::Deny).err().map(|_| next(Some(state), Event::Approve).unwrap_err())
        );
    }
}
