//! The organisation's Lockbox setting: enabled or not, and which environments it protects.

use chrono::{DateTime, Utc};

use crate::ids::{EnvironmentId, RequestId};

words! {
    /// Which environments the policy covers.
    Scope {
        /// Every environment, also those that come later.
        All = "all",
        /// The listed environments only; a copy of one is not covered.
        Some = "some",
        /// No environment.
        None = "none",
    }
}

input! {
    /// Which environments are protected while Lockbox is enabled.
    pub struct Policy {
        /// All, some or none.
        pub scope: Scope,
        /// With `some`: the covered environments. Empty otherwise.
        #[serde(default)]
        pub environment_ids: Vec<EnvironmentId>,
    }

    /// Change the setting (`If-Match` required), or preview the change.
    pub struct LockboxUpdate {
        /// Whether engineers need consent at all.
        pub enabled: bool,
        /// Which environments are protected.
        pub policy: Policy,
        /// Hours that a request may wait, where shorter than the catalog's; absent: the catalog's time holds.
        #[serde(default)]
        pub queue_hours: Option<u32>,
        /// Why it is changed, for the log and the list of versions; up to 2,000 characters.
        #[serde(default)]
        pub reason: Option<String>,
    }
}

answer! {
    /// The setting in force.
    pub struct Lockbox {
        /// Whether engineers need consent at all. False until an administrator enables it.
        pub enabled: bool,
        /// Which environments are protected.
        pub policy: Policy,
        /// Hours that a request may wait at most, where the organisation shortened it.
        pub queue_hours: Option<u32>,
        /// Grows by one with every change; the ETag.
        pub version: u64,
        /// Who made this version; absent for the first.
        pub updated_by: Option<String>,
        /// When this version was made.
        pub updated_at: DateTime<Utc>,
    }

    /// One version of the setting, newest first in lists.
    pub struct LockboxVersion {
        /// The setting as it was in this version.
        #[serde(flatten)]
        pub lockbox: Lockbox,
        /// The reason that was given.
        pub reason: Option<String>,
        /// What changed against the version before, a sentence each.
        pub changes: Vec<String>,
    }

    /// What a proposed setting would change, before anything is saved.
    pub struct LockboxPreview {
        /// Environments that would become protected.
        pub gaining: Vec<EnvironmentRef>,
        /// Environments that would lose protection.
        pub losing: Vec<EnvironmentRef>,
        /// Pending requests that would have been treated differently, soonest expiry first; at most 200 of them.
        pub pending: Vec<PendingEffect>,
        /// How many they are in all.
        pub pending_total: u64,
        /// What changes, a sentence each; empty when nothing does.
        pub changes: Vec<String>,
        /// The version the preview was made against.
        pub version: u64,
    }

    /// An environment, in short.
    pub struct EnvironmentRef {
        /// Its id.
        pub id: EnvironmentId,
        /// Its name.
        pub name: String,
    }

    /// A pending request that the proposed setting concerns.
    pub struct PendingEffect {
        /// The request.
        pub request_id: RequestId,
        /// Its environment.
        pub environment: EnvironmentRef,
        /// What would have happened under the proposed setting, in words. The request itself stays as it is.
        pub effect: String,
    }
}
