//! Environments: the places where the customer's data lives.

use chrono::{DateTime, Utc};

use crate::{ids::EnvironmentId, session::Person};

answer! {
    /// An environment of the organisation.
    pub struct Environment {
        /// Given by the provider.
        pub id: EnvironmentId,
        /// Display name.
        pub name: String,
        /// Id of its service in the catalog.
        pub service: String,
        /// The service's name in the catalog, or its id where the catalog has lost it.
        pub service_name: String,
        /// Where it runs, in the provider's words.
        pub region: String,
        /// Whether it has a database.
        pub has_database: bool,
        /// Whether a request for it needs consent under the setting in force.
        pub protected: bool,
        /// Approvers who are limited to this environment ("owners").
        pub owners: Vec<Person>,
        /// The environment that it was copied from, where the provider said so.
        pub copied_from: Option<EnvironmentId>,
        /// The environment whose backup was restored into it, where the provider said so.
        #[serde(default)]
        pub restored_from: Option<EnvironmentId>,
        /// A warning: the protected environment of which this one holds a copy (also a copy of a copy, also restored) while
        /// the policy does not cover it.
        #[serde(default)]
        pub unprotected_copy_of: Option<EnvironmentId>,
        /// When the provider removed it.
        pub deleted_at: Option<DateTime<Utc>>,
    }
}

query! {
    /// Filters of the list.
    pub struct EnvironmentQuery {
        /// Part of a name or id.
        pub q: Option<String>,
        /// Also those that were removed.
        pub include_deleted: Option<bool>,
        /// Also say how many there are in all (`total`).
        pub with_total: Option<bool>,
        /// Rows, 1 to 200, default 50.
        pub limit: Option<u32>,
        /// Where the last page ended.
        pub cursor: Option<String>,
    }
}
