//! The demo's environments, policies and notification addresses.

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    administration::NotificationsUpdate,
    ids::EnvironmentId,
    lockbox::{LockboxUpdate, Policy, Scope},
    provider::EnvironmentPut,
};

use super::{
    Maker,
    people::{MERIDIAN, NORTHSTAR},
};
use crate::{
    app::{Result, Who, lockbox, members, provider},
    store::WriteTx,
};

/// An environment: organisation, id, name, service, region, database, copied from.
type Place = (&'static str, &'static str, &'static str, &'static str, &'static str, bool, Option<&'static str>);

const PLACES: [Place; 10] = [
    (MERIDIAN, "env_payroll", "Payroll", "azure-sql-database", "West Europe", true, None),
    (MERIDIAN, "env_records", "Patient records", "power-platform", "West Europe", true, None),
    (MERIDIAN, "env_claims", "Claims warehouse", "fabric-data-engineering", "North Europe", true, None),
    (MERIDIAN, "env_imaging", "Imaging servers", "virtual-machines", "West Europe", false, None),
    (MERIDIAN, "env_reports", "Board reports", "fabric-power-bi", "North Europe", false, None),
    (MERIDIAN, "env_sandbox", "Sandbox", "power-platform", "West Europe", true, None),
    (
        MERIDIAN,
        "env_records_copy",
        "Patient records (copy for tests)",
        "power-platform",
        "West Europe",
        true,
        Some("env_records"),
    ),
    (NORTHSTAR, "env_wells", "Well data", "azure-data-manager-for-energy", "UK South", true, None),
    (NORTHSTAR, "env_billing", "Billing", "azure-sql-database", "UK South", true, None),
    (NORTHSTAR, "env_lab", "Laboratory", "power-platform", "UK South", true, None),
];

/// Makes environments and switches Lockbox on.
pub(super) fn make(tx: &mut dyn WriteTx, maker: &Maker, at: Time) -> Result<()> {
    let env = maker.at(at, false);
    for (organization, id, name, service, region, has_database, copied_from) in PLACES {
        let input = EnvironmentPut {
            name: name.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            has_database,
            copied_from: copied_from.map(EnvironmentId::from),
            restored_from: None,
            deleted: false,
        };
        provider::put_environment(tx, &env, &maker.client(at), &organization.into(), &id.into(), &input)?;
    }
    let person = |id: &str, at: Time| Who { person_id: id.into(), origin: maker.origin(at, "198.51.100.21") };
    let mut set = |who: &str, minutes: i64, version: u64, scope, ids: &[&str], reason: &str| {
        let at = at + TimeDelta::minutes(minutes);
        let input = LockboxUpdate {
            enabled: true,
            policy: Policy { scope, environment_ids: ids.iter().map(|id| EnvironmentId::from(*id)).collect() },
            queue_hours: None,
            reason: Some(reason.to_owned()),
        };
        lockbox::put(tx, &maker.at(at, false), &person(who, at), version, &input)
    };
    let first = ["env_payroll", "env_records"];
    set("per_meridian_admin", 10, 1, Scope::Some, &first, "Start with the two systems that hold personal data.")?;
    set("per_northstar_admin", 12, 1, Scope::All, &[], "Everything is production here.")?;
    let more = ["env_payroll", "env_records", "env_claims", "env_imaging", "env_reports"];
    set("per_meridian_admin", 90, 2, Scope::Some, &more, "All production systems, after the trial went well.")?;
    let later = at + TimeDelta::minutes(95);
    let input = NotificationsUpdate { addresses: vec!["security-desk@meridian.example".to_owned()] };
    members::put_notifications(tx, &maker.at(later, false), &person("per_meridian_admin", later), 1, &input)?;
    Ok(())
}
