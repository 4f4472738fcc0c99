//! What the shipped catalog holds, written down a second time: first what the sources name, in their own words, then every
//! entry of the file.
//!
//! Length: tables.

use std::collections::HashSet;

use lockbox_api::catalog::{Availability, Operation, Service};
use sha2::{Digest, Sha256};

use super::shipped;

const GENERAL: Availability = Availability::GenerallyAvailable;
const PREVIEW: Availability = Availability::Preview;

/// Services in general use, as the document on Azure lists them (it counts 31).
const GENERALLY_AVAILABLE: [&str; 31] = [
    "Azure API Management",
    "Azure App Service",
    "Azure Cognitive Search",
    "Azure Cognitive Services",
    "Azure Container Registry",
    "Azure Data Box",
    "Azure Data Explorer",
    "Azure Data Factory",
    "Azure Database for MySQL",
    "Azure Database for MySQL Flexible Server",
    "Azure Database for PostgreSQL",
    "Azure Databricks",
    "Azure Edge Zone Platform Storage",
    "Azure Functions",
    "Azure HDInsight",
    "Azure Health Bot",
    "Azure Intelligent Recommendations",
    "Azure Kubernetes Service",
    "Azure Logic Apps",
    "Azure Monitor",
    "Azure Spring Apps",
    "Azure SQL Database",
    "Azure SQL managed Instance",
    "Azure Storage",
    "Azure subscription transfers",
    "Azure Synapse Analytics",
    "Azure Unified Vision Service",
    "Microsoft Azure Attestation",
    "Azure Data Manager for Energy",
    "OpenAI",
    "Virtual machines in Azure",
];

/// Those in preview there.
const IN_PREVIEW: [&str; 2] = ["Azure Machine Learning", "Azure Batch"];

/// Experiences of Fabric with what its document says an engineer reaches or does, and the operation that stands for it.
const FABRIC: [(&str, &[(&str, &str)]); 4] = [
    (
        "Power BI in Microsoft Fabric",
        &[
            ("Get model refresh history", "GetRefreshHistoryViaLockbox"),
            ("Delete admin usage dashboard", "DeleteAdminUsageDashboardsViaLockbox"),
            ("Delete usage metrics v2 package", "DeleteUsageMetricsv2PackageViaLockbox"),
            ("Delete admin monitoring folder", "DeleteAdminMonitoringFolderViaLockbox"),
            ("Delete admin workspace", "DeleteAdminWorkspaceViaLockbox"),
            ("Access particular Dataset in storage", "ReadDatasetViaLockbox"),
            ("Get query text from secured telemetry store", "GetQueryTextTelemetryViaLockbox"),
        ],
    ),
    (
        "Real-Time Intelligence in Microsoft Fabric",
        &[("the data in the KQL database that's linked to your request", "AccessKqlDatabaseViaLockbox")],
    ),
    (
        "Data Engineering in Microsoft Fabric",
        &[
            ("Driver logs", "GetSparkDriverLogsViaLockbox"),
            ("Event logs", "GetSparkEventLogsViaLockbox"),
            ("Executor logs", "GetSparkExecutorLogsViaLockbox"),
        ],
    ),
    (
        "Data Factory in Microsoft Fabric",
        &[("data pipeline definitions linked to your request", "GetPipelineDefinitionsViaLockbox")],
    ),
];

/// Operations that the other documents speak of: remote desktop, memory dumps and managed disks of machines; the restart
/// of, and access to, the cluster of Data Manager for Energy; SQL on Power Platform and on the databases; mailboxes.
const SPOKEN_OF: [(&str, &[&str]); 10] = [
    (
        "Virtual machines in Azure",
        &["RemoteDesktopViaLockbox", "ReadMemoryDumpViaLockbox", "ReadManagedDiskViaLockbox"],
    ),
    ("Azure Data Manager for Energy", &["RestartClusterViaLockbox", "AccessClusterViaLockbox"]),
    ("Power Platform", &["ExecuteSqlViaLockbox"]),
    ("Azure SQL Database", &["ExecuteSqlViaLockbox"]),
    ("Azure SQL managed Instance", &["ExecuteSqlViaLockbox"]),
    ("Azure Database for MySQL", &["ExecuteSqlViaLockbox"]),
    ("Azure Database for MySQL Flexible Server", &["ExecuteSqlViaLockbox"]),
    ("Azure Database for PostgreSQL", &["ExecuteSqlViaLockbox"]),
    ("Azure Synapse Analytics", &["ExecuteSqlViaLockbox"]),
    ("Microsoft 365", &["ReadMailboxViaLockbox"]),
];

/// Hours: to decide, of access where nothing is asked for, of access at most. Four days and eight hours on Azure and Fabric;
/// twelve hours to decide on Power Platform; twelve and at most four on Microsoft 365; a session of four to eight hours in
/// Data Manager for Energy.
fn hours(name: &str) -> (u32, u32, u32) {
    match name {
        "Power Platform" => (12, 8, 8),
        "Microsoft 365" => (12, 4, 4),
        "Azure Data Manager for Energy" => (96, 4, 8),
        _ => (96, 8, 8),
    }
}

/// Every entry: id, name, availability, hours, data stores (with `-` what Lockbox does not protect), operations without
/// the `ViaLockbox` that all of them end in, with the stores that they reach where the file says so (`=sql`), and `=` alone
/// where they reach no customer data; then `<delete`: the least level that they take.
type Row =
    (&'static str, &'static str, Availability, (u32, u32, u32), &'static [&'static str], &'static [&'static str]);
const EVERY: [Row; 39] = [
    (
        "azure-sql-database",
        "Azure SQL Database",
        GENERAL,
        (96, 8, 8),
        &["sql"],
        &["ExecuteSql", "GetQueryPlans", "RestoreDatabaseCopy<write"],
    ),
    (
        "azure-sql-managed-instance",
        "Azure SQL managed Instance",
        GENERAL,
        (96, 8, 8),
        &["sql"],
        &["ExecuteSql", "GetQueryPlans", "RestoreDatabaseCopy<write", "ReadAgentJobs"],
    ),
    (
        "azure-database-for-mysql",
        "Azure Database for MySQL",
        GENERAL,
        (96, 8, 8),
        &["sql"],
        &["ExecuteSql", "GetQueryPlans", "RestoreDatabaseCopy<write", "GetServerLogs"],
    ),
    (
        "azure-database-for-mysql-flexible-server",
        "Azure Database for MySQL Flexible Server",
        GENERAL,
        (96, 8, 8),
        &["sql"],
        &["ExecuteSql", "GetQueryPlans", "RestoreDatabaseCopy<write", "GetServerLogs"],
    ),
    (
        "azure-database-for-postgresql",
        "Azure Database for PostgreSQL",
        GENERAL,
        (96, 8, 8),
        &["sql"],
        &["ExecuteSql", "GetQueryPlans", "RestoreDatabaseCopy<write", "GetServerLogs"],
    ),
    (
        "azure-synapse-analytics",
        "Azure Synapse Analytics",
        GENERAL,
        (96, 8, 8),
        &["sql", "storage"],
        &["ExecuteSql", "GetQueryPlans", "ReadWorkspaceArtifacts", "GetSparkLogs"],
    ),
    (
        "azure-data-explorer",
        "Azure Data Explorer",
        GENERAL,
        (96, 8, 8),
        &["kql", "ingestion"],
        &["QueryKqlDatabase", "GetQueryText", "ReadFailedIngestion"],
    ),
    (
        "virtual-machines",
        "Virtual machines in Azure",
        GENERAL,
        (96, 8, 8),
        &["session", "memory", "disk"],
        &["RemoteDesktop", "ReadMemoryDump", "ReadManagedDisk", "GetSerialConsoleLog"],
    ),
    (
        "azure-app-service",
        "Azure App Service",
        GENERAL,
        (96, 8, 8),
        &["content", "settings", "logs"],
        &["ReadAppContent", "ReadAppSettings", "ReadMemoryDump", "RestartApp<administer"],
    ),
    (
        "azure-functions",
        "Azure Functions",
        GENERAL,
        (96, 8, 8),
        &["content", "settings", "logs"],
        &["ReadFunctionContent", "ReadInvocationLogs", "ReadAppSettings"],
    ),
    (
        "azure-kubernetes-service",
        "Azure Kubernetes Service",
        GENERAL,
        (96, 8, 8),
        &["cluster", "workload"],
        &["ReadClusterObjects", "ReadContainerLogs", "OpenNodeSession", "RestartCluster<administer"],
    ),
    (
        "azure-spring-apps",
        "Azure Spring Apps",
        GENERAL,
        (96, 8, 8),
        &["content", "logs", "memory"],
        &["ReadAppLogs", "ReadHeapDump", "ReadAppSettings"],
    ),
    (
        "azure-container-registry",
        "Azure Container Registry",
        GENERAL,
        (96, 8, 8),
        &["images", "tokens"],
        &["ReadImage", "ReadRegistryEvents"],
    ),
    (
        "azure-edge-zone-platform-storage",
        "Azure Edge Zone Platform Storage",
        GENERAL,
        (96, 8, 8),
        &["disk", "blob"],
        &["ReadStorageVolume", "RepairStorageVolume<write"],
    ),
    ("azure-batch", "Azure Batch", PREVIEW, (96, 8, 8), &["node", "logs"], &["ReadTaskFiles", "OpenNodeSession"]),
    (
        "azure-storage",
        "Azure Storage",
        GENERAL,
        (96, 8, 8),
        &["blob", "file", "queue", "table"],
        &["ReadBlob", "ListContainer", "ReadFileShare", "ReadTableAndQueue"],
    ),
    ("azure-data-box", "Azure Data Box", GENERAL, (96, 8, 8), &["device", "logs"], &["ReadDeviceData", "ReadCopyLogs"]),
    (
        "azure-data-factory",
        "Azure Data Factory",
        GENERAL,
        (96, 8, 8),
        &["definition", "run"],
        &["GetPipelineDefinitions", "ReadActivityRuns", "ReadIntegrationRuntimeLogs"],
    ),
    (
        "azure-subscription-transfers",
        "Azure subscription transfers",
        GENERAL,
        (96, 8, 8),
        &["directory", "billing"],
        &["ReadTransferState", "RepairTransfer<administer"],
    ),
    (
        "azure-data-manager-for-energy",
        "Azure Data Manager for Energy",
        GENERAL,
        (96, 4, 8),
        &["data", "cluster", "logs"],
        &["RestartCluster<administer", "AccessCluster", "ReadPlatformRecords", "ReadIngestionRuns"],
    ),
    (
        "azure-databricks",
        "Azure Databricks",
        GENERAL,
        (96, 8, 8),
        &["workspace", "tables", "logs"],
        &["ReadWorkspace", "GetSparkDriverLogs", "ReadManagedTables"],
    ),
    (
        "azure-hdinsight",
        "Azure HDInsight",
        GENERAL,
        (96, 8, 8),
        &["node", "storage", "logs"],
        &["OpenNodeSession", "ReadClusterLogs"],
    ),
    (
        "azure-machine-learning",
        "Azure Machine Learning",
        PREVIEW,
        (96, 8, 8),
        &["workspace", "compute"],
        &["ReadExperimentRuns", "ReadModel", "OpenComputeSession"],
    ),
    ("azure-monitor", "Azure Monitor", GENERAL, (96, 8, 8), &["logs", "metrics"], &["QueryLogs", "ReadAlertRules"]),
    (
        "azure-api-management",
        "Azure API Management",
        GENERAL,
        (96, 8, 8),
        &["configuration", "trace"],
        &["ReadApiConfiguration", "ReadRequestTraces"],
    ),
    (
        "azure-logic-apps",
        "Azure Logic Apps",
        GENERAL,
        (96, 8, 8),
        &["definition", "run"],
        &["ReadWorkflowDefinitions", "ReadWorkflowRuns"],
    ),
    (
        "azure-health-bot",
        "Azure Health Bot",
        GENERAL,
        (96, 8, 8),
        &["conversation", "configuration"],
        &["ReadConversations", "ReadScenarios"],
    ),
    (
        "microsoft-azure-attestation",
        "Microsoft Azure Attestation",
        GENERAL,
        (96, 8, 8),
        &["policy", "report"],
        &["ReadAttestationPolicies", "ReadAttestationReports"],
    ),
    (
        "azure-cognitive-search",
        "Azure Cognitive Search",
        GENERAL,
        (96, 8, 8),
        &["index", "source"],
        &["QueryIndex", "ReadIndexerRuns"],
    ),
    (
        "azure-cognitive-services",
        "Azure Cognitive Services",
        GENERAL,
        (96, 8, 8),
        &["input", "model"],
        &["ReadStoredInputs", "ReadCustomModel"],
    ),
    (
        "openai",
        "OpenAI",
        GENERAL,
        (96, 8, 8),
        &["prompt", "file", "model"],
        &["ReadStoredPrompts", "ReadUploadedFiles", "ReadFineTunedModel"],
    ),
    (
        "azure-intelligent-recommendations",
        "Azure Intelligent Recommendations",
        GENERAL,
        (96, 8, 8),
        &["catalog", "interaction"],
        &["ReadItemCatalog", "ReadInteractions"],
    ),
    (
        "azure-unified-vision-service",
        "Azure Unified Vision Service",
        GENERAL,
        (96, 8, 8),
        &["image", "model"],
        &["ReadStoredImages", "ReadCustomModel"],
    ),
    (
        "fabric-power-bi",
        "Power BI in Microsoft Fabric",
        GENERAL,
        (96, 8, 8),
        &["model", "workspace", "telemetry"],
        &[
            "GetRefreshHistory",
            "DeleteAdminUsageDashboards<delete",
            "DeleteUsageMetricsv2Package<delete",
            "DeleteAdminMonitoringFolder<delete",
            "DeleteAdminWorkspace<delete",
            "ReadDataset",
            "GetQueryTextTelemetry",
        ],
    ),
    (
        "fabric-real-time-intelligence",
        "Real-Time Intelligence in Microsoft Fabric",
        GENERAL,
        (96, 8, 8),
        &["kql"],
        &["AccessKqlDatabase", "GetQueryTextTelemetry"],
    ),
    (
        "fabric-data-engineering",
        "Data Engineering in Microsoft Fabric",
        GENERAL,
        (96, 8, 8),
        &["logs", "workspace"],
        &["GetSparkDriverLogs", "GetSparkEventLogs", "GetSparkExecutorLogs", "AccessWorkspace"],
    ),
    (
        "fabric-data-factory",
        "Data Factory in Microsoft Fabric",
        GENERAL,
        (96, 8, 8),
        &["definition", "run"],
        &["GetPipelineDefinitions", "ReadActivityRuns"],
    ),
    (
        "power-platform",
        "Power Platform",
        GENERAL,
        (12, 8, 8),
        &["sql", "-cosmos_db", "-storage"],
        &[
            "ExecuteSql=sql",
            "GetQueryPlans=sql",
            "ReadSolutionComponents=sql",
            "RunRepairScript=sql<write",
            "ReadCosmosDbItems=cosmos_db",
            "ReadStoredFiles=storage",
            "GetDatabaseHealth=",
        ],
    ),
    (
        "microsoft-365",
        "Microsoft 365",
        GENERAL,
        (12, 4, 4),
        &["mailbox", "site", "chat", "compliance"],
        &["ReadMailbox", "ReadSiteContent", "ReadChatMessages", "ReadComplianceCase", "RepairMailboxStore<delete"],
    ),
];

/// The texts of a service's operations, as the beginning of a SHA-256 over names, friendly names, what they reach and what they
/// do not, a line each: whoever changes or swaps one says so here as well.
const TEXTS: [(&str, &str); 39] = [
    ("azure-sql-database", "b413665dbfbaed4c"),
    ("azure-sql-managed-instance", "9dc6a04e0be901fa"),
    ("azure-database-for-mysql", "8b97a7f0a050e041"),
    ("azure-database-for-mysql-flexible-server", "8b97a7f0a050e041"),
    ("azure-database-for-postgresql", "8b97a7f0a050e041"),
    ("azure-synapse-analytics", "18c02942603ed744"),
    ("azure-data-explorer", "fa4638e860d3bd02"),
    ("virtual-machines", "e2eb278078843c94"),
    ("azure-app-service", "ea7429417b75f2a6"),
    ("azure-functions", "b33a6571bd442d99"),
    ("azure-kubernetes-service", "e73de7711a2f8ba7"),
    ("azure-spring-apps", "7741ae579ab78367"),
    ("azure-container-registry", "931524902066312e"),
    ("azure-edge-zone-platform-storage", "7d1ca822afcbb980"),
    ("azure-batch", "f9bc28a48b0b457a"),
    ("azure-storage", "0a676d7dd2d2f789"),
    ("azure-data-box", "8a13bcc22e4fa008"),
    ("azure-data-factory", "f9e04b6f625903aa"),
    ("azure-subscription-transfers", "2f4c34573390235a"),
    ("azure-data-manager-for-energy", "e89b76b41cfcbefd"),
    ("azure-databricks", "5000a3db99a21517"),
    ("azure-hdinsight", "714cfca396db3338"),
    ("azure-machine-learning", "3555932168624341"),
    ("azure-monitor", "cd70fb4ec1e53f56"),
    ("azure-api-management", "641305f877c0eda3"),
    ("azure-logic-apps", "3b55aa5c41cd93e0"),
    ("azure-health-bot", "5b03a3c8e120f32f"),
    ("microsoft-azure-attestation", "2befe0ced96e3ea1"),
    ("azure-cognitive-search", "c091bb596d679436"),
    ("azure-cognitive-services", "422354d1e270d637"),
    ("openai", "a0cd833e9d1e2608"),
    ("azure-intelligent-recommendations", "983418de6a70b9bc"),
    ("azure-unified-vision-service", "74740e6ef4802721"),
    ("fabric-power-bi", "24c1f481b43d03d1"),
    ("fabric-real-time-intelligence", "b511fd783eb2f771"),
    ("fabric-data-engineering", "8189631295eebd40"),
    ("fabric-data-factory", "c708b05533403410"),
    ("power-platform", "94609870f7a89330"),
    ("microsoft-365", "5fe737d3c69388cc"),
];

fn named<'a>(services: &'a [Service], name: &str) -> &'a Service {
    services.iter().find(|service| service.name == name).unwrap_or_else(|| panic!("no service {name}"))
}

#[test]
fn the_catalog_holds_what_the_sources_name_and_nothing_else() {
    let services = shipped().0.services;
    let names = GENERALLY_AVAILABLE.map(|name| (name, GENERAL)).into_iter();
    let names = names.chain(IN_PREVIEW.map(|name| (name, PREVIEW)));
    let names = names.chain(FABRIC.map(|(name, _)| (name, GENERAL)));
    let mut names: Vec<_> = names.chain([("Power Platform", GENERAL), ("Microsoft 365", GENERAL)]).collect();
    let mut found: Vec<_> = services.iter().map(|one| (one.name.as_str(), one.availability)).collect();
    names.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, names);
    for one in &services {
        let minutes = (one.queue_hours, one.default_access_minutes, one.max_access_minutes);
        let (decide, usual, most) = hours(&one.name);
        assert_eq!(minutes, (decide, usual * 60, most * 60), "{}", one.name);
    }
    let has = |service: &str, operation: &str| {
        let found = named(&services, service).operations.iter().any(|one| one.name == operation);
        assert!(found, "{service} lacks {operation}");
    };
    for (service, operations) in FABRIC {
        operations.iter().for_each(|(_, operation)| has(service, operation));
    }
    for (service, operations) in SPOKEN_OF {
        operations.iter().for_each(|operation| has(service, operation));
        if operations.contains(&"ExecuteSqlViaLockbox") {
            let stores = &named(&services, service).data_stores;
            assert!(stores.iter().any(|store| store.id == "sql" && store.protectable), "{service}");
        }
    }
}

/// What customers read before they decide stands beside the operation that does it: no two say the same, and no text moves to
/// another operation unnoticed.
#[test]
fn every_text_of_the_catalog_belongs_to_its_operation() {
    let services = shipped().0.services;
    let mut found = Vec::new();
    for one in &services {
        let (mut friendly, mut reaches) = (HashSet::new(), HashSet::new());
        let mut lines = String::new();
        for operation in &one.operations {
            let here = format!("{}: {}", one.id, operation.name);
            assert!(friendly.insert(&operation.friendly_name), "{here}: a friendly name twice");
            assert!(reaches.insert(&operation.reaches), "{here}: reaches the same as another");
            let not = operation.does_not_reach.as_deref().unwrap_or_default();
            for text in [&operation.name, &operation.friendly_name, &operation.reaches, not] {
                lines.push_str(text);
                lines.push('\n');
            }
        }
        let digest: String = Sha256::digest(lines).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        found.push((one.id.as_str(), digest));
    }
    let found: Vec<_> = found.iter().map(|(id, digest)| (*id, digest.as_str())).collect();
    assert_eq!(found, TEXTS);
}

/// An operation as the table has it.
fn written(operation: &Operation) -> String {
    let name = operation.name.strip_suffix("ViaLockbox").unwrap_or(&operation.name);
    let stores = match &operation.data_stores {
        _ if !operation.reaches_data => "=".to_owned(),
        Some(stores) => format!("={}", stores.join("+")),
        None => String::new(),
    };
    let least = operation.permission_level.map_or_else(String::new, |least| format!("<{least}"));
    format!("{name}{stores}{least}")
}

/// Taking away an operation or a data store, or the protection of one, is a change that people have to mean.
#[test]
fn every_entry_of_the_catalog_is_as_it_is_written_down_here() {
    let services = shipped().0.services;
    assert_eq!(services.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), EVERY.map(|row| row.0));
    for (one, (id, name, availability, (decide, usual, most), stores, operations)) in services.iter().zip(EVERY) {
        assert_eq!((one.name.as_str(), one.availability), (name, availability), "{id}");
        let minutes = (one.queue_hours, one.default_access_minutes, one.max_access_minutes);
        assert_eq!(minutes, (decide, usual * 60, most * 60), "{id}");
        let mark = |protectable| if protectable { "" } else { "-" };
        let found: Vec<_> =
            one.data_stores.iter().map(|store| format!("{}{}", mark(store.protectable), store.id)).collect();
        assert_eq!(found, stores, "{id}");
        let found: Vec<_> = one.operations.iter().map(written).collect();
        assert_eq!(found, operations, "{id}");
        // Names that say that something changes; reading takes no level.
        for operation in &one.operations {
            let changes =
                ["Delete", "Restart", "Repair", "Restore", "Run"].iter().any(|verb| operation.name.starts_with(verb));
            assert_eq!(operation.permission_level.is_some(), changes, "{id}: {}", operation.name);
        }
        // What is silent reaches all stores: where they differ, that is not how it should be by oversight.
        let differ = one.data_stores.iter().any(|store| !store.protectable);
        for operation in one.operations.iter().filter(|operation| differ && operation.reaches_data) {
            assert!(operation.data_stores.is_some(), "{id}: {} names no data stores", operation.name);
        }
    }
}
