//! Who may do what: the one place, used by the server to decide and by the portal to say why a button is disabled.
//!
//! A person's rights are the union of what their roles give. Staff of the provider have none at a customer, whatever
//! roles stand in their account; their own session and tokens remain, and internal approvers have their own place.

use crate::letters;
use lockbox_api::{
    ids::{EnvironmentId, PersonId},
    session::{Role, Session},
};

/// Who acts: a signed-in person, with the roles read afresh for this call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Stable id.
    pub person_id: PersonId,
    /// E-mail address.
    pub email: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// For an approver who is limited to some environments: which. Absent: all.
    pub approver_environment_ids: Option<Vec<EnvironmentId>>,
    /// True for a person of the provider's own organisation.
    pub is_provider: bool,
    /// The ids under which the provider's service knows them as an engineer, besides that of their account.
    pub engineer_ids: Vec<String>,
}

impl From<&Session> for Principal {
    fn from(session: &Session) -> Self {
        Self {
            person_id: session.person.id.clone(),
            email: session.person.email.clone(),
            roles: session.roles.clone(),
            approver_environment_ids: session.approver_environment_ids.clone(),
            is_provider: session.organization.is_provider,
            engineer_ids: session.engineer_ids.clone(),
        }
    }
}

impl Principal {
    /// True when one of the roles is `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// True when, of support requests and what was raised for them, they see only those that they opened themselves:
    /// lists must be cut to these.
    #[must_use]
    pub fn sees_own_only(&self) -> bool {
        self.is_provider || !CUSTOMER_READERS.iter().any(|role| self.has(*role))
    }

    /// True when they are the engineer, as [`is_person`] tells. Also asked of ids that the provider gives other people.
    #[must_use]
    pub fn is_engineer(&self, engineer_id: &str) -> bool {
        is_person(&self.person_id, &self.email, &self.engineer_ids, engineer_id)
    }

    fn approves(&self, environment: &EnvironmentId) -> bool {
        self.has(Role::LockboxApprover)
            && self.approver_environment_ids.as_ref().is_none_or(|limit| limit.contains(environment))
    }
}

/// True when `id` names the person of an account: it is the account's id or e-mail address, or one of the ids under which the
/// provider's service knows them as an engineer, in whatever case.
#[must_use]
pub fn is_person(person_id: &PersonId, email: &str, engineer_ids: &[String], id: &str) -> bool {
    let id = letters::small(id.trim());
    let same = |own: &str| letters::small(own.trim()) == id;
    same(person_id.as_str()) || same(email) || engineer_ids.iter().any(|own| same(own))
}

/// The roles that read everything that the customer's own people can read about requests.
const CUSTOMER_READERS: [Role; 3] = [Role::GlobalAdministrator, Role::LockboxApprover, Role::LockboxReader];

/// What somebody wants to do through the customer API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// List Lockbox requests, also on the overview.
    ReadRequests,
    /// Read one Lockbox request.
    ReadRequest,
    /// Approve or deny.
    DecideRequest,
    /// End access that is open.
    EndAccess,
    /// Acknowledge an access without a request.
    AcknowledgeAccess,
    /// Read the Lockbox setting and its versions.
    ReadLockbox,
    /// Change the Lockbox setting, or preview a change.
    ChangeLockbox,
    /// List environments.
    ReadEnvironments,
    /// Read the log.
    ReadLogs,
    /// Take the log or the history away as a file.
    ExportLogs,
    /// Read the figures.
    ReadHistory,
    /// List or read support requests.
    ReadServiceRequests,
    /// Open a support request.
    OpenServiceRequest,
    /// Add a message to a support request.
    WriteServiceRequest,
    /// Close a support request, which ends the access given for it.
    CloseServiceRequest,
    /// List members and their roles.
    ReadMembers,
    /// Change a member's roles.
    ChangeMembers,
    /// Read who is notified.
    ReadNotifications,
    /// Change who is notified.
    ChangeNotifications,
    /// List and read what waits, or waited, for an approval inside the provider; `inside` says who decides what.
    ReadInternalApprovals,
    /// List, make and revoke one's own tokens.
    OwnTokens,
}

impl Action {
    /// Every action, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::ReadRequests,
        Self::ReadRequest,
        Self::DecideRequest,
        Self::EndAccess,
        Self::AcknowledgeAccess,
        Self::ReadLockbox,
        Self::ChangeLockbox,
        Self::ReadEnvironments,
        Self::ReadLogs,
        Self::ExportLogs,
        Self::ReadHistory,
        Self::ReadServiceRequests,
        Self::OpenServiceRequest,
        Self::WriteServiceRequest,
        Self::CloseServiceRequest,
        Self::ReadMembers,
        Self::ChangeMembers,
        Self::ReadNotifications,
        Self::ChangeNotifications,
        Self::ReadInternalApprovals,
        Self::OwnTokens,
    ];
}

/// What it is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// Nothing in particular: a list, a setting.
    None,
    /// One Lockbox request.
    Request {
        /// Where the data lives.
        environment: &'a EnvironmentId,
        /// Who asks.
        engineer_id: &'a str,
        /// True when the person opened the support request that it is for.
        opened_by_me: bool,
    },
    /// One support request.
    ServiceRequest {
        /// Who opened it; absent where the provider did or where it is not known.
        opened_by: Option<&'a PersonId>,
    },
}

/// Why somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.message())]
pub enum Denied {
    /// They belong to the provider.
    ProviderStaff,
    /// They have no role at all.
    NoRole,
    /// None of their roles allows the action.
    Role(Action),
    /// They approve for other environments.
    OtherEnvironment(Action),
    /// They are the engineer who asks.
    OwnRequest,
    /// They follow only the support requests that they opened.
    NotOpenedByYou(Action),
    /// The caller did not say what the action is done to, so nobody may.
    SubjectUnknown,
}

impl Denied {
    /// Why, and who can, as a sentence for people.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match self {
            Self::ProviderStaff => "You belong to the provider. Only people of the customer can do this.",
            Self::NoRole => "You have no role yet. A global administrator can give you one.",
            Self::OtherEnvironment(Action::EndAccess) => {
                "You approve for other environments. An approver of this environment or a global administrator can end the access."
            }
            Self::OtherEnvironment(Action::AcknowledgeAccess) => {
                "You approve for other environments. An approver of this environment or a global administrator can acknowledge it."
            }
            Self::OtherEnvironment(_) => {
                "You approve for other environments. An approver of this environment or a global administrator can decide."
            }
            Self::OwnRequest => {
                "You can't decide a request that you raised yourself. Another approver or a global administrator can."
            }
            Self::NotOpenedByYou(Action::WriteServiceRequest) => {
                "You can write only to support requests that you opened. Approvers and global administrators can write to all of them."
            }
            Self::NotOpenedByYou(Action::CloseServiceRequest) => {
                "Only the person who opened a support request, or a global administrator, can close it."
            }
            Self::NotOpenedByYou(Action::ReadRequest) => {
                "You can see only what was raised for support requests that you opened. Approvers, readers and global administrators can see everything."
            }
            Self::NotOpenedByYou(_) => {
                "You can see only support requests that you opened. Approvers, readers and global administrators can see all of them."
            }
            Self::SubjectUnknown => "It is not known what this is about, so nobody can do it.",
            Self::Role(action) => role_message(*action),
        }
    }
}

const fn role_message(action: Action) -> &'static str {
    match action {
        Action::ReadRequests | Action::ReadRequest => {
            "Lockbox requests can be read by approvers, readers and global administrators."
        }
        Action::DecideRequest => "Only approvers and global administrators can decide requests.",
        Action::EndAccess => "Only approvers and global administrators can end access.",
        Action::AcknowledgeAccess => {
            "Only approvers and global administrators can acknowledge an access without a request."
        }
        Action::ReadLockbox => "The Lockbox setting can be read by approvers, readers and global administrators.",
        Action::ChangeLockbox => "Only global administrators can change the Lockbox setting.",
        Action::ReadEnvironments => {
            "You have no role that lets you see environments. A global administrator can give you one."
        }
        Action::ReadLogs => "The log can be read by approvers, readers and global administrators.",
        Action::ExportLogs => "Only readers and global administrators can export.",
        Action::ReadHistory => "The history can be read by approvers, readers and global administrators.",
        Action::ReadServiceRequests => {
            "Support requests can be read by approvers, readers, global administrators and the members who opened them."
        }
        Action::OpenServiceRequest => "Only members and global administrators can open support requests.",
        Action::WriteServiceRequest => {
            "Only approvers, global administrators and the member who opened it can write to a support request."
        }
        Action::CloseServiceRequest => {
            "Only the member who opened a support request, or a global administrator, can close it."
        }
        Action::ReadMembers => "Members can be listed by readers and global administrators.",
        Action::ChangeMembers => "Only global administrators can change roles.",
        Action::ReadNotifications => "Who is notified can be read by readers and global administrators.",
        Action::ChangeNotifications => "Only global administrators can change who is notified.",
        Action::ReadInternalApprovals => "Only internal approvers of the provider can see this.",
        Action::OwnTokens => "Only the person can manage their own tokens.",
    }
}

/// May `principal` do `action` to `subject`?
///
/// Actions on one request or one support request need it as the subject; reading support requests with
/// [`Subject::None`] means the list, which [`Principal::sees_own_only`] may cut.
///
/// # Errors
/// The reason why not.
pub fn may(principal: &Principal, action: Action, subject: &Subject<'_>) -> Result<(), Denied> {
    if action == Action::OwnTokens {
        return Ok(());
    }
    if action == Action::ReadInternalApprovals {
        let allowed = principal.is_provider && principal.has(Role::InternalApprover);
        return if allowed { Ok(()) } else { Err(Denied::Role(action)) };
    }
    if principal.is_provider {
        return Err(Denied::ProviderStaff);
    }
    if principal.roles.is_empty() {
        return Err(Denied::NoRole);
    }
    if !subject_fits(action, subject) {
        return Err(Denied::SubjectUnknown);
    }
    if let (Action::DecideRequest, Subject::Request { engineer_id, .. }) = (action, subject)
        && principal.is_engineer(engineer_id)
    {
        return Err(Denied::OwnRequest);
    }
    if principal.has(Role::GlobalAdministrator) {
        return Ok(());
    }
    // Of several reasons the one that comes closest to yes helps most: the role was right, the thing was not.
    let mut denied = Denied::Role(action);
    for role in &principal.roles {
        match by_role(principal, *role, action, subject) {
            Ok(()) => return Ok(()),
            Err(Denied::Role(_)) => {}
            Err(closer) => denied = closer,
        }
    }
    Err(denied)
}

const fn subject_fits(action: Action, subject: &Subject<'_>) -> bool {
    match action {
        Action::ReadRequest | Action::DecideRequest | Action::EndAccess | Action::AcknowledgeAccess => {
            matches!(subject, Subject::Request { .. })
        }
        Action::WriteServiceRequest | Action::CloseServiceRequest => matches!(subject, Subject::ServiceRequest { .. }),
        _ => true,
    }
}

/// What one role other than the global administrator's allows.
fn by_role(principal: &Principal, role: Role, action: Action, subject: &Subject<'_>) -> Result<(), Denied> {
    let allowed_if = |condition: bool, denied: Denied| if condition { Ok(()) } else { Err(denied) };
    match (role, action) {
        (
            Role::LockboxApprover | Role::LockboxReader,
            Action::ReadRequests
            | Action::ReadRequest
            | Action::ReadLockbox
            | Action::ReadEnvironments
            | Action::ReadLogs
            | Action::ReadHistory
            | Action::ReadServiceRequests,
        )
        | (Role::LockboxReader, Action::ExportLogs | Action::ReadMembers | Action::ReadNotifications)
        | (Role::LockboxApprover, Action::WriteServiceRequest)
        // A member's list is cut to what was raised for their own support requests: see `sees_own_only`.
        | (Role::Member, Action::OpenServiceRequest | Action::ReadEnvironments | Action::ReadRequests) => Ok(()),

        (Role::LockboxApprover, Action::DecideRequest | Action::EndAccess | Action::AcknowledgeAccess) => match subject {
            Subject::Request { environment, .. } => {
                allowed_if(principal.approves(environment), Denied::OtherEnvironment(action))
            }
            Subject::None | Subject::ServiceRequest { .. } => Err(Denied::SubjectUnknown),
        },

        (Role::Member, Action::ReadRequest) => {
            allowed_if(matches!(subject, Subject::Request { opened_by_me: true, .. }), Denied::NotOpenedByYou(action))
        }
        (Role::Member, Action::ReadServiceRequests) if *subject == Subject::None => Ok(()),
        (Role::Member, Action::ReadServiceRequests | Action::WriteServiceRequest | Action::CloseServiceRequest) => {
            let own = matches!(subject, Subject::ServiceRequest { opened_by: Some(person) } if **person == principal.person_id);
            allowed_if(own, Denied::NotOpenedByYou(action))
        }

        _ => Err(Denied::Role(action)),
    }
}

#[cfg(test)]
mod tests;
