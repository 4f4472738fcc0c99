//! The service catalog: what a provider runs, and what its engineers can ask for.

use crate::jit::PermissionLevel;

words! {
    /// How far along a service's support for Lockbox is.
    Availability {
        /// In general use.
        GenerallyAvailable = "generally_available",
        /// May still change.
        Preview = "preview",
    }
}

answer! {
    /// The catalog, as the file says it.
    #[serde(deny_unknown_fields)]
    pub struct Catalog {
        /// Version of the file, in the provider's words.
        pub version: String,
        /// Name of the provider, as customers know it.
        pub provider: String,
        /// The services.
        #[serde(rename = "service", alias = "services")]
        pub services: Vec<Service>,
    }

    /// One service.
    #[serde(deny_unknown_fields)]
    pub struct Service {
        /// Unique in the file.
        pub id: String,
        /// Display name.
        pub name: String,
        /// General or preview.
        pub availability: Availability,
        /// Hours that a request may wait for the customer.
        pub queue_hours: u32,
        /// Minutes of access when a request names none.
        pub default_access_minutes: u32,
        /// Minutes of access at most.
        pub max_access_minutes: u32,
        /// Data stores and whether Lockbox protects them.
        #[serde(default, rename = "data_store", alias = "data_stores")]
        pub data_stores: Vec<DataStore>,
        /// What an engineer can ask for.
        #[serde(rename = "operation", alias = "operations")]
        pub operations: Vec<Operation>,
    }

    /// A place where a service keeps data.
    #[serde(deny_unknown_fields)]
    pub struct DataStore {
        /// Unique within the service, as requests name it.
        pub id: String,
        /// Display name.
        pub name: String,
        /// Whether Lockbox protects it.
        pub protectable: bool,
    }

    /// Something that an engineer can do.
    #[serde(deny_unknown_fields)]
    pub struct Operation {
        /// Wire name, as requests and log name it; unique within the service.
        pub name: String,
        /// Friendly name, a verb phrase.
        pub friendly_name: String,
        /// What data it reaches, a sentence.
        pub reaches: String,
        /// What it can't reach, a sentence.
        #[serde(default)]
        pub does_not_reach: Option<String>,
        /// Ids of the service's data stores that it reaches; absent: it may reach every one of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub data_stores: Option<Vec<String>>,
        /// Whether it reaches customer data; only what the catalog says reaches none can be asked for with
        /// `direct_data_access: false`.
        #[serde(default = "yes")]
        pub reaches_data: bool,
        /// The least permission level that it takes; absent: any will do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub permission_level: Option<PermissionLevel>,
    }
}

const fn yes() -> bool {
    true
}
