//! The Lockbox check: does this request need the customer's consent?

use lockbox_api::{
    catalog::{Operation, Service},
    ids::EnvironmentId,
    lockbox::{Policy, Scope},
    requests::{ExclusionKind, StatusReason},
};

use crate::catalog::operation;

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

/// What of a request the check looks at.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The catalog's entry of the environment's service.
    pub service: &'a Service,
    /// Wire names of the operations asked for.
    pub operations: &'a [String],
    /// Ids of the data stores that the engineer names.
    pub data_stores: &'a [String],
    /// Whether the engineer says that customer data is reached.
    pub direct_data_access: bool,
    /// The ground on which consent is not asked for.
    pub exclusion: Option<ExclusionKind>,
}

/// Whether consent is required, or the first reason why not.
///
/// The order of the reasons is fixed: Lockbox is off, the environment is not protected, no customer data is reached,
/// no protectable data store is reached, and only then the exclusion that the request claims. An exclusion therefore
/// is counted only where consent would have been asked for.
///
/// What is reached is both what the engineer says and what the catalog says of the operations asked for: the one who asks
/// can add to it and take nothing away. What is unclear counts as protected: an operation of which the catalog does not say
/// which stores it reaches (unless the service lists stores and none of them is protectable), an operation and a store that
/// the catalog does not know.
#[must_use]
pub fn check(enabled: bool, policy: &Policy, environment: &EnvironmentId, asked: &Asked<'_>) -> LockboxCheck {
    if !enabled {
        LockboxCheck::NotRequired(StatusReason::LockboxDisabled)
    } else if !protects(enabled, policy, environment) {
        LockboxCheck::NotRequired(StatusReason::EnvironmentNotProtected)
    } else if !asked.reaches_data() {
        LockboxCheck::NotRequired(StatusReason::NoCustomerData)
    } else if !asked.reaches_protectable_store() {
        LockboxCheck::NotRequired(StatusReason::DataStoreOutOfScope)
    } else {
        match asked.exclusion {
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

impl Asked<'_> {
    /// The operations asked for, as the catalog knows them.
    fn known(&self) -> impl Iterator<Item = Option<&Operation>> {
        self.operations.iter().map(|name| operation(self.service, name))
    }

    fn reaches_data(&self) -> bool {
        self.direct_data_access || self.known().any(|known| known.is_none_or(|operation| operation.reaches_data))
    }

    fn reaches_protectable_store(&self) -> bool {
        let stores = &self.service.data_stores;
        let one = |id: &String| stores.iter().find(|store| store.id == *id).is_none_or(|store| store.protectable);
        let any = stores.is_empty() || stores.iter().any(|store| store.protectable);
        let by_operation = |known: Option<&Operation>| match known {
            Some(operation) if !operation.reaches_data => false,
            Some(operation) => operation.data_stores.as_ref().map_or(any, |ids| ids.iter().any(one)),
            None => any,
        };
        // Data is reached, and neither the request nor the catalog says where.
        let nowhere = self.data_stores.is_empty()
            && self.known().all(|known| known.is_some_and(|operation| !operation.reaches_data));
        self.data_stores.iter().any(one) || self.known().any(by_operation) || nowhere && any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::tests::{a_service, an_operation};

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

    /// The service of the other tests with operations that reach what their names say.
    fn service() -> Service {
        let mut service = a_service();
        let reaching = |name: &str, stores: Option<&[&str]>| Operation {
            data_stores: stores.map(texts),
            reaches_data: name != "Nothing",
            ..an_operation(name)
        };
        service.operations = vec![
            reaching("Sql", Some(&["sql"])),
            reaching("Cache", Some(&["cache"])),
            reaching("Both", Some(&["cache", "sql"])),
            reaching("Anything", None),
            reaching("Nothing", None),
        ];
        service
    }

    fn texts(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    /// What is reached, row by row: operations and stores that are asked for, whether the engineer says that data is reached,
    /// and the reason why nobody is asked.
    #[test]
    fn the_engineer_can_add_to_what_the_operations_reach_and_take_nothing_away() {
        type Row = (&'static [&'static str], &'static [&'static str], bool, Option<StatusReason>);
        const OUT: Option<StatusReason> = Some(StatusReason::DataStoreOutOfScope);
        const NO_DATA: Option<StatusReason> = Some(StatusReason::NoCustomerData);
        let rows: &[Row] = &[
            // Whatever stores are named, an operation that reaches a protectable one is asked about.
            (&["Sql"], &[], true, None),
            (&["Sql"], &["sql"], true, None),
            (&["Sql"], &["cache"], true, None),
            (&["Both"], &["cache"], true, None),
            (&["Anything"], &["cache"], true, None),
            (&["Unheard"], &["cache"], true, None),
            (&["Cache", "Sql"], &["cache"], true, None),
            // Only what can't be protected.
            (&["Cache"], &[], true, OUT),
            (&["Cache"], &["cache"], true, OUT),
            (&["Cache", "Nothing"], &[], true, OUT),
            // More is claimed than the operation reaches.
            (&["Cache"], &["sql"], true, None),
            (&["Cache"], &["cache", "sql"], true, None),
            (&["Cache"], &["unheard"], true, None),
            // No data, says the engineer; the operations say otherwise.
            (&["Sql"], &[], false, None),
            (&["Anything"], &[], false, None),
            (&["Unheard"], &[], false, None),
            (&["Cache"], &[], false, OUT),
            (&["Nothing", "Sql"], &[], false, None),
            // No data, say both.
            (&["Nothing"], &[], false, NO_DATA),
            (&["Nothing"], &["sql"], false, NO_DATA),
            // Data, says the engineer alone.
            (&["Nothing"], &[], true, None),
            (&["Nothing"], &["sql"], true, None),
            (&["Nothing"], &["cache"], true, OUT),
            // Nothing is named at all.
            (&[], &[], true, None),
            (&[], &[], false, NO_DATA),
        ];
        let (service, all) = (service(), policy(Scope::All, &[]));
        for (operations, stores, direct_data_access, reason) in rows {
            let (operations, data_stores) = (texts(operations), texts(stores));
            let asked = Asked {
                service: &service,
                operations: &operations,
                data_stores: &data_stores,
                direct_data_access: *direct_data_access,
                exclusion: None,
            };
            let wanted = reason.map_or(LockboxCheck::Required, LockboxCheck::NotRequired);
            assert_eq!(check(true, &all, &"env_a".into(), &asked), wanted, "{asked:?}");
        }
    }

    /// Whether the customer is asked does not become less likely by naming stores or by saying that no data is reached, for
    /// any operations; and neither by asking for more operations.
    #[test]
    fn no_claim_takes_the_customer_out() {
        let (service, all) = (service(), policy(Scope::All, &[]));
        let names = ["Sql", "Cache", "Both", "Anything", "Nothing", "Unheard"];
        let required = |operations: &[String], data_stores: &[String], direct_data_access| {
            let asked = Asked { service: &service, operations, data_stores, direct_data_access, exclusion: None };
            check(true, &all, &"env_a".into(), &asked) == LockboxCheck::Required
        };
        let reaches_protected = |name: &&str| !matches!(*name, "Cache" | "Nothing");
        for set in 1_u32..1 << names.len() {
            let chosen: Vec<&str> = (0..names.len()).filter(|at| set & 1 << at != 0).map(|at| names[at]).collect();
            let operations = texts(&chosen);
            for stores in [&[][..], &["cache"], &["sql"], &["cache", "sql"], &["unheard"]] {
                let claimed = stores.iter().any(|id| *id != "cache");
                for direct in [false, true] {
                    let got = required(&operations, &texts(stores), direct);
                    assert!(got || !chosen.iter().any(reaches_protected), "{chosen:?} {stores:?} {direct}");
                    assert!(got || !(direct && claimed), "{chosen:?} {stores:?}");
                }
            }
        }
    }

    /// Every combination of what the check looks at; the expectation is the order of the reasons, written out.
    #[test]
    fn the_order_of_reasons_over_every_combination() {
        let service = service();
        let nothing = texts(&["Nothing"]);
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
                            let asked = Asked {
                                service: &service,
                                operations: &nothing,
                                data_stores: asked,
                                direct_data_access: direct,
                                exclusion,
                            };
                            let got = check(enabled, &policy, &"env_a".into(), &asked);
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
        let operations = texts(&["ExecuteSqlViaLockbox"]);
        let asked = |service: &Service| {
            let asked =
                Asked { service, operations: &operations, data_stores: &[], direct_data_access: true, exclusion: None };
            check(true, &all, &"env_a".into(), &asked)
        };
        let mut service = a_service();
        assert_eq!(asked(&service), LockboxCheck::Required);
        service.data_stores.retain(|store| !store.protectable);
        assert_eq!(asked(&service), LockboxCheck::NotRequired(StatusReason::DataStoreOutOfScope));
        service.data_stores.clear();
        assert_eq!(asked(&service), LockboxCheck::Required);
    }
}
