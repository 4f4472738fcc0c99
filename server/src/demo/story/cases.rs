//! The cases of the demo's story, as data.
//!
//! Length: over 400 lines because it is one table of texts; splitting it would only spread the story.

use lockbox_api::{
    jit::{PermissionLevel, ReasonCode},
    requests::{Engineer, ExclusionKind, Location},
    service_requests::Severity,
};

use crate::demo::people::{MERIDIAN, NORTHSTAR};

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Waits for the customer now.
    Waits,
    /// Waits inside the provider now.
    WithProvider,
    /// Access is open now.
    Open,
    /// The engineer gave it back.
    Completed,
    /// Its time was over.
    Lapses,
    /// The customer ended it.
    Revoked,
    /// Its support request was closed.
    Closed,
    /// The customer denied.
    Denied,
    /// Nobody decided.
    Expires,
    /// A rule rejected it.
    Rejected,
    /// Somebody inside the provider rejected it.
    RejectedInside,
}

/// An action: target, statement, rows.
pub(super) type Done = (&'static str, &'static str, Option<u64>);

/// One request and what came of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) organization: &'static str,
    pub(super) environment: &'static str,
    pub(super) ticket: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) severity: Severity,
    /// What the engineer wrote before asking.
    pub(super) found: &'static str,
    /// Id, name, team, office.
    pub(super) engineer: (&'static str, &'static str, &'static str, &'static str),
    pub(super) mfa: bool,
    pub(super) operations: &'static [&'static str],
    pub(super) targets: &'static [&'static str],
    pub(super) level: PermissionLevel,
    pub(super) reason: ReasonCode,
    pub(super) why: &'static str,
    pub(super) minutes: u32,
    pub(super) exclusion: Option<(ExclusionKind, &'static str)>,
    /// When it was raised.
    pub(super) minutes_ago: i64,
    /// Minutes from raising to the decision (or to the only look at it).
    pub(super) decided_after: i64,
    /// Which of the customer's people decided.
    pub(super) decider: &'static str,
    pub(super) granted: Option<u32>,
    pub(super) answer: &'static str,
    /// Somebody inside the provider approved first.
    pub(super) inside: bool,
    pub(super) actions: u32,
    pub(super) done: &'static [Done],
    pub(super) ending: Ending,
    /// Closing note of the engineer, or the customer's reason to end the access.
    pub(super) closing: &'static str,
}

impl Case {
    /// True for what is to be seen as it is now.
    pub(super) const fn waits(&self) -> bool {
        matches!(self.ending, Ending::Waits | Ending::WithProvider | Ending::Open)
    }

    /// True where the customer was not asked.
    pub(super) fn unasked(&self) -> bool {
        self.exclusion.is_some() || matches!(self.environment, "env_sandbox" | "env_records_copy")
    }

    /// The environment's service.
    pub(super) fn service(&self) -> &'static str {
        match self.environment {
            "env_payroll" | "env_billing" => "azure-sql-database",
            "env_claims" => "fabric-data-engineering",
            "env_imaging" => "virtual-machines",
            "env_reports" => "fabric-power-bi",
            "env_wells" => "azure-data-manager-for-energy",
            _ => "power-platform",
        }
    }

    /// The engineer as requests name them.
    pub(super) fn engineer(&self) -> Engineer {
        let (id, name, team, country) = self.engineer;
        Engineer {
            id: id.to_owned(),
            name: name.to_owned(),
            team: Some(team.to_owned()),
            jit_role: "support_engineer".to_owned(),
            isolated_identity: true,
            mfa: self.mfa,
            location: Some(Location {
                office_country: Some(country.to_owned()),
                physical_country: Some(country.to_owned()),
            }),
        }
    }
}

type Person = (&'static str, &'static str, &'static str, &'static str);
const E417: Person = ("eng-417", "Engineer 417", "Database support", "IE");
const E233: Person = ("eng-233", "Engineer 233", "Platform support", "NL");
const E108: Person = ("eng-108", "Engineer 108", "Analytics support", "PL");
const E590: Person = ("eng-590", "Engineer 590", "Compute support", "PT");

const SQL: &[&str] = &["ExecuteSqlViaLockbox"];
const DAY: i64 = 24 * 60;

const PAYROLL_WORK: &[Done] = &[
    ("payroll.dbo.PayRun", "SELECT TOP 50 * FROM dbo.PayRun WHERE Status = 'Failed' ORDER BY StartedAt DESC", Some(50)),
    ("payroll.dbo.PayRunLock", "SELECT session_id, wait_type, blocking_session_id FROM dbo.PayRunLock", Some(7)),
    ("payroll.dbo.PayItem", "SELECT count(*) FROM dbo.PayItem WHERE PayRunId = 88121", Some(1)),
];
const RECORDS_WORK: &[Done] = &[
    ("records.TimeZoneDefinitionBase", "SELECT * FROM TimeZoneDefinitionBase", Some(142)),
    ("records.AppointmentBase", "SELECT Id, ModifiedOn FROM AppointmentBase WHERE StateCode = 3", Some(311)),
];
const BILLING_WORK: &[Done] = &[
    ("billing.dbo.Invoice", "SELECT InvoiceId, Total FROM dbo.Invoice WHERE Total < 0", Some(18)),
    ("billing.dbo.Customer", "SELECT count(*) FROM dbo.Customer", Some(1)),
];
const SPARK_WORK: &[Done] = &[("application_1699/driver.log", "", None), ("application_1699/driver.log", "", None)];
const DESKTOP_WORK: &[Done] = &[("vm-imaging-02", "", None)];

const PAYROLL: Case = Case {
    organization: MERIDIAN,
    environment: "env_payroll",
    ticket: super::TICKET,
    title: "Nightly pay run ends in deadlocks",
    description: "Since the update on Thursday the nightly pay run stops with deadlock errors between 02:00 and 02:20. \
        We have restarted it by hand three nights in a row. Pay day is on the 28th, so this has to be solved before.",
    severity: Severity::Critical,
    found: "The telemetry shows the deadlocks but not which statements wait for each other. To see those I have to look \
        into the database itself, so you will get a Lockbox request from us.",
    engineer: E417,
    mfa: true,
    operations: SQL,
    targets: &["payroll.dbo.*"],
    level: PermissionLevel::Read,
    reason: ReasonCode::CustomerInitiatedSupport,
    why: "Deadlocks in the nightly run; need the blocked statements.",
    minutes: 240,
    exclusion: None,
    minutes_ago: 0,
    decided_after: 25,
    decider: "approver",
    granted: None,
    answer: "Read only and for our own ticket. Agreed with the payroll team.",
    inside: false,
    actions: 3,
    done: PAYROLL_WORK,
    ending: Ending::Waits,
    closing: "Found the statements; a fix follows in the support request.",
};

const RECORDS: Case = Case {
    environment: "env_records",
    ticket: "2611120040007781",
    title: "Appointments show the wrong time zone",
    description: "Appointments made in the clinic in Lisbon show one hour late since the clocks changed.",
    severity: Severity::High,
    found: "The time zone table looks different from what the service expects. I would like to compare it directly.",
    engineer: E233,
    targets: &["records.*"],
    why: "Compare the stored time zone definitions with the expected ones.",
    minutes: 120,
    answer: "Fine: definitions only, no patient data needed.",
    actions: 2,
    done: RECORDS_WORK,
    ending: Ending::Completed,
    ..PAYROLL
};

const CLAIMS: Case = Case {
    environment: "env_claims",
    ticket: "2611050010004410",
    title: "Spark job for claims fails after four minutes",
    description: "The job 'claims-enrich' fails on every run. The error message only says 'stage aborted'.",
    severity: Severity::High,
    found: "I need the driver and executor logs of your run to see which stage runs out of memory.",
    engineer: E108,
    operations: &["GetSparkDriverLogsViaLockbox"],
    targets: &["application_*"],
    why: "Read the Spark driver logs of the failed runs.",
    minutes: 180,
    answer: "Logs only. Please tell us what you find.",
    actions: 2,
    done: SPARK_WORK,
    ending: Ending::Completed,
    ..PAYROLL
};

const IMAGING: Case = Case {
    environment: "env_imaging",
    ticket: "2610300010002207",
    title: "Imaging server 02 stops answering",
    description: "The server stops answering about once a day and has to be restarted.",
    severity: Severity::High,
    found: "Nothing stands out from outside. A look by remote desktop while it hangs would help.",
    engineer: E590,
    operations: &["RemoteDesktopViaLockbox"],
    targets: &["vm-imaging-02"],
    why: "Look at the hanging process by remote desktop.",
    minutes: 60,
    answer: "One hour on this one server.",
    actions: 1,
    done: DESKTOP_WORK,
    ending: Ending::Completed,
    ..PAYROLL
};

const BILLING: Case = Case {
    organization: NORTHSTAR,
    environment: "env_billing",
    ticket: "2611020040003309",
    title: "Negative totals on some invoices",
    description: "About twenty invoices of October show a negative total.",
    severity: Severity::Moderate,
    found: "The rounding job may be to blame. I would like to look at the rows.",
    targets: &["billing.dbo.*"],
    why: "Look at the invoices with a negative total.",
    minutes: 120,
    answer: "Approved for the invoices named in the ticket.",
    actions: 2,
    done: BILLING_WORK,
    ending: Ending::Completed,
    ..PAYROLL
};

const SANDBOX: Case = Case {
    environment: "env_sandbox",
    ticket: "2611150040005512",
    title: "Flow in the sandbox does not start",
    description: "A flow that we are trying out never starts.",
    severity: Severity::Minimal,
    found: "I will look at the flow's table directly; the sandbox is not protected by your policy.",
    engineer: E233,
    targets: &["sandbox.*"],
    why: "Read the flow's state.",
    minutes: 60,
    actions: 1,
    done: &[("sandbox.FlowSession", "SELECT TOP 10 * FROM FlowSession ORDER BY CreatedOn DESC", Some(10))],
    ending: Ending::Completed,
    ..PAYROLL
};

/// Everything that happens.
pub(super) const CASES: &[Case] = &[
    // As it is now.
    Case { minutes_ago: 34, ..PAYROLL },
    Case {
        ticket: "2611210040006620",
        title: "Search for appointments is slow",
        description: "Searching for an appointment takes half a minute since yesterday.",
        minutes_ago: 10 * 60 + 20,
        why: "Compare the query plan with the number of rows in the appointment table.",
        ending: Ending::Waits,
        ..RECORDS
    },
    Case {
        ticket: "2611200010008034",
        title: "Claims report is missing three days",
        description: "The report for 16 to 18 November has no rows.",
        minutes_ago: 27 * 60,
        why: "Read the driver logs of the runs of 16 to 18 November.",
        ending: Ending::Waits,
        ..CLAIMS
    },
    Case {
        ticket: "2611210010009912",
        title: "Imaging server 02 crashed twice tonight",
        description: "Two crashes at 01:10 and 02:45. We need to know whether the driver is to blame.",
        severity: Severity::Critical,
        minutes_ago: 95,
        operations: &["RemoteDesktopViaLockbox", "ReadMemoryDumpViaLockbox"],
        why: "Take a memory dump at the next crash and look at the driver.",
        minutes: 240,
        decided_after: 21,
        granted: Some(180),
        actions: 4,
        done: &[("vm-imaging-02", "", None), ("vm-imaging-02", "", None), ("vm-imaging-07", "", None)],
        ending: Ending::Open,
        ..IMAGING
    },
    Case {
        ticket: "2611220050000417",
        title: "Test pay run must be removed",
        description: "A test pay run of last month still shows up in the overview. Please remove it.",
        severity: Severity::Moderate,
        minutes_ago: 75,
        level: PermissionLevel::Delete,
        why: "Remove the test pay run with its items.",
        minutes: 60,
        ending: Ending::WithProvider,
        ..PAYROLL
    },
    Case { ticket: "2611210040001177", minutes_ago: 3 * 60 + 5, ending: Ending::Waits, ..BILLING },
    // The weeks before, newest first.
    Case { minutes_ago: 2 * DAY + 90, ending: Ending::Completed, decided_after: 14, ..RECORDS },
    Case { minutes_ago: 3 * DAY + 400, decided_after: 45, ..SANDBOX },
    Case {
        ticket: "2611170050003041",
        title: "Pay slips of two people are missing",
        minutes_ago: 4 * DAY + 200,
        decided_after: 52,
        ending: Ending::Denied,
        level: PermissionLevel::Read,
        why: "Read the pay items of two people.",
        answer: "Names and amounts are not needed for this. Please work with the error log we attached.",
        decider: "admin",
        ..PAYROLL
    },
    Case {
        ticket: "2611160050002299",
        title: "Pay run is slower every week",
        minutes_ago: 6 * DAY + 310,
        decided_after: 33,
        // A rule shortens this one.
        targets: &[],
        minutes: 480,
        why: "Compare how long each step of the pay run takes from week to week, in all its databases.",
        ending: Ending::Completed,
        ..PAYROLL
    },
    Case { minutes_ago: 7 * DAY + 120, decided_after: 18, granted: Some(60), ..CLAIMS },
    Case { minutes_ago: 8 * DAY + 700, decided_after: 95, ending: Ending::Lapses, actions: 2, ..IMAGING },
    Case {
        ticket: "2611130040004105",
        minutes_ago: 9 * DAY + 60,
        mfa: false,
        ending: Ending::Rejected,
        why: "Repeat the comparison of last week.",
        ..RECORDS
    },
    Case {
        ticket: "2611120050008890",
        title: "Storage fault in region West Europe",
        description: "Opened by the provider: a storage fault affected several customers.",
        severity: Severity::Critical,
        minutes_ago: 10 * DAY + 380,
        reason: ReasonCode::ProductionAlert,
        exclusion: Some((
            ExclusionKind::Emergency,
            "Storage of the region failed; the database had to be moved before it lost writes.",
        )),
        why: "Move the database to healthy storage.",
        ending: Ending::Completed,
        closing: "The database runs on healthy storage again.",
        ..PAYROLL
    },
    Case { minutes_ago: 11 * DAY + 500, ending: Ending::Expires, decided_after: 150, ..RECORDS },
    Case {
        minutes_ago: 12 * DAY + 330,
        decided_after: 27,
        ending: Ending::Closed,
        ticket: "2611100010001518",
        ..CLAIMS
    },
    Case {
        ticket: "2611090050006604",
        title: "Old pay runs can't be archived",
        minutes_ago: 13 * DAY + 250,
        level: PermissionLevel::Delete,
        inside: true,
        decided_after: 70,
        why: "Remove the stale lock rows that stop the archive job.",
        minutes: 60,
        answer: "Only the lock rows. We have a backup of tonight.",
        done: &[("payroll.dbo.PayRunLock", "DELETE FROM dbo.PayRunLock WHERE CreatedAt < '2026-10-01'", Some(12))],
        actions: 1,
        ending: Ending::Completed,
        ..PAYROLL
    },
    Case {
        ticket: "2611070040009001",
        minutes_ago: 15 * DAY + 610,
        ending: Ending::Revoked,
        decided_after: 12,
        actions: 5,
        done: &[
            ("records.AppointmentBase", "SELECT Id, ModifiedOn FROM AppointmentBase", Some(5_120)),
            ("records.ContactBase", "SELECT FullName, Telephone1 FROM ContactBase", Some(2_400)),
        ],
        closing: "Contact data was read although the request was about time zones. Ended and reported.",
        ..RECORDS
    },
    Case { minutes_ago: 17 * DAY + 90, decided_after: 40, ..IMAGING },
    Case {
        ticket: "2611030050007718",
        title: "Index maintenance",
        description: "Opened by the provider: regular maintenance.",
        severity: Severity::Minimal,
        minutes_ago: 18 * DAY + 180,
        reason: ReasonCode::ProviderInitiatedService,
        exclusion: Some((
            ExclusionKind::ReviewedMaintenanceScript,
            "Script idx-rebuild-14, reviewed by two engineers, rebuilds fragmented indexes.",
        )),
        why: "Rebuild fragmented indexes.",
        level: PermissionLevel::Write,
        done: &[("payroll.dbo.PayItem", "ALTER INDEX ALL ON dbo.PayItem REBUILD", None)],
        actions: 1,
        ending: Ending::Completed,
        closing: "Indexes are rebuilt.",
        ..PAYROLL
    },
    Case { minutes_ago: 20 * DAY + 420, decided_after: 35, decider: "admin", ..CLAIMS },
    Case {
        minutes_ago: 21 * DAY + 800,
        decided_after: 20,
        ending: Ending::Lapses,
        ticket: "2610310040002250",
        ..RECORDS
    },
    Case {
        ticket: "2610300050001460",
        title: "Totals differ by a cent",
        minutes_ago: 23 * DAY + 260,
        decided_after: 61,
        ending: Ending::Completed,
        ..PAYROLL
    },
    Case {
        ticket: "2610280040007303",
        minutes_ago: 24 * DAY + 510,
        ending: Ending::RejectedInside,
        level: PermissionLevel::Delete,
        why: "Remove old definitions.",
        ..RECORDS
    },
    Case {
        minutes_ago: 26 * DAY + 130,
        ending: Ending::Expires,
        decided_after: 200,
        ticket: "2610260010004417",
        ..CLAIMS
    },
    Case { minutes_ago: 28 * DAY + 40, decided_after: 24, ticket: "2610240010006060", ..IMAGING },
    Case { minutes_ago: 30 * DAY + 350, decided_after: 16, ticket: "2610220040003118", ..RECORDS },
    Case {
        minutes_ago: 32 * DAY + 720,
        ending: Ending::Denied,
        decided_after: 49,
        ticket: "2610200010002003",
        answer: "The job belongs to a partner; ask them first.",
        ..CLAIMS
    },
    Case {
        minutes_ago: 35 * DAY + 300,
        decided_after: 29,
        ticket: "2610170050004981",
        title: "Pay run waits for a lock",
        ending: Ending::Completed,
        ..PAYROLL
    },
    Case {
        minutes_ago: 38 * DAY + 200,
        decided_after: 22,
        ticket: "2610140040005530",
        ending: Ending::Completed,
        ..SANDBOX
    },
    Case {
        minutes_ago: 41 * DAY + 100,
        decided_after: 55,
        ticket: "2610110050001102",
        title: "First pay run after the move",
        ending: Ending::Completed,
        ..PAYROLL
    },
    // The other customer.
    Case { minutes_ago: 5 * DAY + 95, decided_after: 31, ..BILLING },
    Case {
        minutes_ago: 14 * DAY + 275,
        decided_after: 44,
        ending: Ending::Denied,
        ticket: "2611070040006161",
        answer: "Not before the audit is over.",
        ..BILLING
    },
    Case {
        minutes_ago: 29 * DAY + 615,
        decided_after: 12,
        ending: Ending::Lapses,
        ticket: "2610230040008412",
        ..BILLING
    },
];
