//! The Lockbox check: does this request need the customer's consent?

use lockbox_api::{
    catalog::Service,
    ids::EnvironmentId,
    lockbox::{Policy, Scope},
    requests::{ExclusionKind, StatusReason},
};

/// Whether a request for the environment needs consent under this setting.
#[must_use]
pub fn protects(enabled: bool, policy: &Policy, environment: &EnvironmentId) -> bool {
    enabled
        && match policy.scope {
            Scope::All => true,
            Scope::Some => policy.environment_ids.contains(environment),
            Scope::None => false,
        }
}

/// The protected environment of which `environment` holds a copy while it is not protected itself: the first one met when
/// following `origin` (what an environment was copied or restored from) back.
#[must_use]
pub fn unprotected_copy_of(
    enabled: bool,
    policy: &Policy,
    environment: &EnvironmentId,
    origins: &dyn Fn(&EnvironmentId) -> Vec<EnvironmentId>,
) -> Option<EnvironmentId> {
    if protects(enabled, policy, environment) {
        return None;
    }
    // The provider says what came from where; a circle must not go round for ever.
    let (mut seen, mut next) = (vec![environment.clone()], origins(environment));
    while let Some(origin) = next.pop() {
        if protects(enabled, policy, &origin) {
            return Some(origin);
        }
        if !seen.contains(&origin) {
            next.extend(origins(&origin));
            seen.push(origin);
        }
    }
    None
}

/// The outcome of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockboxCheck {
    /// The customer is asked.
    Required,
    /// Access opens without asking; the reason is recorded and shown.
    NotRequired(StatusReason),
}

/// Whether consent is required, or the first reason why not.
///
/// The order of the reasons is fixed: Lockbox is off, the environment is not protected, no customer data is reached,
/// no protectable data store is asked for, and only then the exclusion that the request claims. An exclusion therefore
/// is counted only where consent would have been asked for.
///
/// What is unclear counts as protected: naming no data store (unless the service lists stores and none of them is
/// protectable), and naming one that the catalog does not know.
#[must_use]
pub fn check(
    enabled: bool,
    policy: &Policy,
    environment: &EnvironmentId,
    service: &Service,
    data_stores: &[String],
    direct_data_access: bool,
    exclusion: Option<ExclusionKind>,
) -> LockboxCheck {
    if !enabled {
        LockboxCheck::NotRequired(StatusReason::LockboxDisabled)
    } else if !protects(enabled, policy, environment) {
        LockboxCheck::NotRequired(StatusReason::EnvironmentNotProtected)
    } else if !direct_data_access {
        LockboxCheck::NotRequired(StatusReason::NoCustomerData)
    } else if !reaches_protectable_store(service, data_stores) {
        LockboxCheck::NotRequired(StatusReason::DataStoreOutOfScope)
    } else {
        match exclusion {
            Some(kind) => LockboxCheck::NotRequired(exclusion_reason(kind)),
            None => LockboxCheck::Required,
        }
    }
}

/// The status reason that an exclusion leads to.
#[must_use]
pub const fn exclusion_reason(kind: ExclusionKind) -> StatusReason {
    match kind {
        ExclusionKind::Emergency => StatusReason::Emergency,
        ExclusionKind::IncidentalExposure => StatusReason::IncidentalExposure,
        ExclusionKind::LegalDemand => StatusReason::LegalDemand,
        ExclusionKind::ReviewedMaintenanceScript => StatusReason::ReviewedMaintenanceScript,
    }
}

fn reaches_protectable_store(service: &Service, asked: &[String]) -> bool {
    if asked.is_empty() {
        return service.data_stores.is_empty() || service.data_stores.iter().any(|store| store.protectable);
    }
    asked
        .iter()
        .any(|id| service.data_stores.iter().find(|store| store.id == *id).is_none_or(|store| store.protectable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::tests::a_service;

    fn policy(scope: Scope, ids: &[&str]) -> Policy {
        Policy { scope, environment_ids: ids.iter().map(|id| EnvironmentId::from(*id)).collect() }
    }

    #[test]
    fn protection_over_every_setting() {
        let rows = [
            (Scope::All, &[][..], true),
            (Scope::Some, &["env_payroll"][..], true),
            (Scope::Some, &["env_other", "env_payroll"][..], true),
            (Scope::Some, &["env_other"][..], false),
            (Scope::Some, &["ENV_PAYROLL"][..], false),
            (Scope::Some, &[][..], false),
            (Scope::None, &[][..], false),
            (Scope::None, &["env_payroll"][..], false),
        ];
        for (scope, ids, protected) in rows {
            let policy = policy(scope, ids);
            assert_eq!(protects(true, &policy, &"env_payroll".into()), protected, "{policy:?}");
            assert!(!protects(false, &policy, &"env_payroll".into()), "off: {policy:?}");
        }
    }

    #[test]
    fn copies_of_what_is_protected_are_found_however_far_and_circles_end() {
        let origins = |id: &EnvironmentId| -> Vec<EnvironmentId> {
            match id.as_str() {
                "copy" => vec!["env_payroll".into()],
                "copy-of-copy" => vec!["copy".into()],
                "restored" => vec!["other".into(), "copy".into()],
                "round" => vec!["about".into()],
                "about" => vec!["round".into()],
                _ => Vec::new(),
            }
        };
        let found = |enabled, policy: &Policy, id: &str| {
            unprotected_copy_of(enabled, policy, &id.into(), &origins).map(|id| id.to_string())
        };
        let some = policy(Scope::Some, &["env_payroll"]);
        for id in ["copy", "copy-of-copy", "restored"] {
            assert_eq!(found(true, &some, id).as_deref(), Some("env_payroll"), "{id}");
            assert_eq!(found(false, &some, id), None, "nothing is protected");
            assert_eq!(found(true, &policy(Scope::All, &[]), id), None, "it is protected itself");
        }
        for id in ["env_payroll", "other", "round", "about"] {
            assert_eq!(found(true, &some, id), None, "{id}");
        }
    }

    /// Every combination of what the check looks at; the expectation is the order of the reasons, written out.
    #[test]
    fn the_order_of_reasons_over_every_combination() {
        let service = a_service();
        let stores = [
            (vec![], true),
            (vec!["sql".to_owned()], true),
            (vec!["cache".to_owned()], false),
            (vec!["cache".to_owned(), "sql".to_owned()], true),
            (vec!["unheard-of".to_owned()], true),
        ];
        let exclusions = core::iter::once(None).chain(ExclusionKind::ALL.iter().copied().map(Some));
        for exclusion in exclusions {
            for enabled in [false, true] {
                for (scope, covered) in [(Scope::All, true), (Scope::None, false)] {
                    for direct in [false, true] {
                        for (asked, protectable) in &stores {
                            let expected = match (enabled, covered, direct, *protectable, exclusion) {
                                (false, ..) => Some(StatusReason::LockboxDisabled),
                                (_, false, ..) => Some(StatusReason::EnvironmentNotProtected),
                                (_, _, false, ..) => Some(StatusReason::NoCustomerData),
                                (_, _, _, false, _) => Some(StatusReason::DataStoreOutOfScope),
                                (.., Some(kind)) => StatusReason::parse(kind.as_str()),
                                (.., None) => None,
                            };
                            let policy = policy(scope, &[]);
                            let got = check(enabled, &policy, &"env_a".into(), &service, asked, direct, exclusion);
                            let wanted = expected.map_or(LockboxCheck::Required, LockboxCheck::NotRequired);
                            assert_eq!(got, wanted, "{enabled} {scope} {direct} {asked:?} {exclusion:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn no_named_store_counts_as_protectable_unless_none_is() {
        let all = policy(Scope::All, &[]);
        let asked = |service: &Service| check(true, &all, &"env_a".into(), service, &[], true, None);
        let mut service = a_service();
        assert_eq!(asked(&service), LockboxCheck::Required);
        service.data_stores.retain(|store| !store.protectable);
        assert_eq!(asked(&service), LockboxCheck::NotRequired(StatusReason::DataStoreOutOfScope));
        service.data_stores.clear();
        assert_eq!(asked(&service), LockboxCheck::Required);
    }
}
