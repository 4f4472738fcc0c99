//! Administration: members and their roles, notification addresses, personal access tokens.

use chrono::{DateTime, Utc};

use crate::{
    ids::{EnvironmentId, PersonId, TokenId},
    session::Role,
};

answer! {
    /// A person of the organisation.
    pub struct Member {
        /// Stable id.
        pub id: PersonId,
        /// Display name.
        pub name: String,
        /// E-mail address; requests are announced to it.
        pub email: String,
        /// What they may do.
        pub roles: Vec<Role>,
        /// For an approver who is limited ("owner of"): the environments. Absent: all.
        pub approver_environment_ids: Option<Vec<EnvironmentId>>,
        /// Last sign-in.
        pub last_sign_in_at: Option<DateTime<Utc>>,
        /// Grows with every change; the ETag.
        pub version: u64,
    }

    /// Everybody.
    pub struct Members {
        /// By name.
        pub items: Vec<Member>,
    }

    /// Who is told about requests besides the approvers.
    pub struct Notifications {
        /// Addresses, for example of a group. Their readers still need a role to decide.
        pub addresses: Vec<String>,
        /// Who is told at present because of a role: name and address, in words.
        pub approvers: Vec<Member>,
        /// Grows with every change; the ETag.
        pub version: u64,
    }

    /// A personal access token, without its secret.
    pub struct Token {
        /// Stable id.
        pub id: TokenId,
        /// What it is for.
        pub name: String,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it ends.
        pub expires_at: DateTime<Utc>,
        /// Last use.
        pub last_used_at: Option<DateTime<Utc>>,
    }

    /// The signed-in person's tokens.
    pub struct Tokens {
        /// Newest first; revoked ones are gone.
        pub items: Vec<Token>,
    }

    /// A new token. The secret is shown this once.
    pub struct TokenCreated {
        /// The token.
        pub token: Token,
        /// Send it as `Authorization: Bearer …`.
        pub secret: String,
    }
}

input! {
    /// Change a member's roles (`If-Match` required).
    pub struct MemberUpdate {
        /// All roles that the person shall have; empty takes every right away.
        pub roles: Vec<Role>,
        /// Limit an approver to these environments; absent: all.
        #[serde(default)]
        pub approver_environment_ids: Option<Vec<EnvironmentId>>,
    }

    /// Change the notification addresses (`If-Match` required).
    pub struct NotificationsUpdate {
        /// Up to 50 addresses.
        pub addresses: Vec<String>,
    }

    /// Make a token. It may do what its person may do.
    pub struct TokenCreate {
        /// What it is for, 1 to 200 characters.
        pub name: String,
        /// Days until it ends, 1 to 365.
        pub expires_in_days: u32,
    }
}
