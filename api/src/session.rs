//! Who is signed in, and signing in and out.

use chrono::{DateTime, Utc};

use crate::ids::{EnvironmentId, OrganizationId, PersonId};

words! {
    /// What a person may do. Roles are read afresh on every call.
    Role {
        /// Enables Lockbox, edits the policy, names approvers and notification addresses; may also decide.
        GlobalAdministrator = "global_administrator",
        /// Reads requests, approves, denies and revokes.
        LockboxApprover = "lockbox_approver",
        /// Reads history, logs and requests; decides and changes nothing.
        LockboxReader = "lockbox_reader",
        /// Opens support requests and follows the ones they opened.
        Member = "member",
        /// The provider's engineer, who raises access requests.
        SupportEngineer = "support_engineer",
        /// The provider's support lead or DevOps manager, who approves first where a rule asks for it.
        InternalApprover = "internal_approver",
    }
}

input! {
    /// Sign in with a local account.
    pub struct SignIn {
        /// The account's e-mail address.
        pub email: String,
        /// The account's password.
        pub password: String,
    }
}

answer! {
    /// A person, as others in the organisation see them.
    pub struct Person {
        /// Stable id.
        pub id: PersonId,
        /// Display name.
        pub name: String,
        /// E-mail address.
        pub email: String,
    }

    /// An organisation, in short.
    pub struct Organization {
        /// Stable id.
        pub id: OrganizationId,
        /// Display name.
        pub name: String,
        /// True for the provider's own organisation.
        pub is_provider: bool,
    }

    /// The signed-in person.
    pub struct Session {
        /// Who is signed in.
        pub person: Person,
        /// Their organisation; everything they see belongs to it.
        pub organization: Organization,
        /// What they may do.
        pub roles: Vec<Role>,
        /// For an approver who is limited to some environments: which. Absent: all.
        pub approver_environment_ids: Option<Vec<EnvironmentId>>,
        /// The ids under which the provider's service knows the person as an engineer: what these ask for is their own.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub engineer_ids: Vec<String>,
        /// The server's time when it answered: countdowns are counted by it, not by the browser's clock.
        pub server_time: DateTime<Utc>,
        /// When the session ends without activity.
        pub expires_at: DateTime<Utc>,
        /// True when the server writes mail to files and shows it at `/demo/mail`.
        pub demo: bool,
    }

    /// How one can sign in here; readable without a session.
    pub struct SignInOptions {
        /// True where local accounts may sign in.
        pub local_accounts: bool,
        /// Demo accounts to choose from; empty outside the demo.
        pub demo_accounts: Vec<DemoAccount>,
    }

    /// An account of the demo.
    pub struct DemoAccount {
        /// E-mail address to sign in with.
        pub email: String,
        /// The role in plain words and the organisation's name.
        pub description: String,
    }
}
