//! The verbs of a transaction.

use lockbox_api::{
    Time,
    events::Event,
    ids::{
        ApiClientId, EnvironmentId, ExportId, GrantId, LogViewId, MailId, OrganizationId, PersonId, RequestId,
        ServiceRequestId, WebhookId, WebhookMessageId,
    },
    lockbox::{Lockbox, LockboxVersion},
    mail::DemoMail,
    service_requests::{Message, ServiceRequestState},
};

use super::{
    AccessRequestFilter, ActionContent, ActionCounts, ApiClientRecord, ClientKeyRecord, ClockMark, EnvironmentRecord,
    EventPlace, ExportMeaning, ExportRecord, GrantRecord, HighWater, HistoryRow, InternalApproverRecord,
    InternalFilter, LeaseKeyRecord, LogFilter, LogRow, LogTally, LogTerms, LogViewRecord, MailRecord, NewEvent, Order,
    OrganizationRecord, PersonRecord, RefusedAlertRecord, RequestFilter, RequestRecord, ServiceRequestRecord,
    SessionRecord, StoreResult, Story, StoryLimit, TokenRecord, WebhookAttempt, WebhookMessageRecord, WebhookRecord,
    WebhookSecretRecord,
};

/// Which support requests to list, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceRequestFilter {
    /// Open, closed or both.
    pub state: Option<ServiceRequestState>,
    /// Part of a number or title.
    pub q: Option<String>,
    /// Only those this person opened.
    pub opened_by: Option<PersonId>,
    /// Begin after this row.
    pub after: Option<(Time, ServiceRequestId)>,
    /// Rows at most.
    pub limit: u32,
}

/// A consistent view of the data.
pub trait ReadTx {
    /// An organisation.
    fn organization(&self, id: &OrganizationId) -> StoreResult<Option<OrganizationRecord>>;
    /// The provider's own organisation.
    fn provider(&self) -> StoreResult<Option<OrganizationRecord>>;
    /// What Lockbox's clock never runs behind.
    fn high_water(&self) -> StoreResult<HighWater>;
    /// Whether time alone still has something to end: an access that is open, a request that waits.
    fn anything_open(&self) -> StoreResult<bool>;

    /// The setting in force.
    fn lockbox(&self, organization: &OrganizationId) -> StoreResult<Option<Lockbox>>;
    /// Every version, newest first.
    fn lockbox_versions(&self, organization: &OrganizationId) -> StoreResult<Vec<LockboxVersion>>;

    /// An environment, removed ones included.
    fn environment(&self, organization: &OrganizationId, id: &EnvironmentId) -> StoreResult<Option<EnvironmentRecord>>;
    /// The services that environments use, removed ones left out, by id, each with the number of its environments.
    fn services_in_use(&self) -> StoreResult<Vec<(String, u64)>>;
    /// All environments by name, removed ones included.
    fn environments(&self, organization: &OrganizationId) -> StoreResult<Vec<EnvironmentRecord>>;

    /// A person by id.
    fn person(&self, id: &PersonId) -> StoreResult<Option<PersonRecord>>;
    /// A person by address, without case.
    fn person_by_email(&self, email: &str) -> StoreResult<Option<PersonRecord>>;
    /// Everybody of an organisation, by name.
    fn people(&self, organization: &OrganizationId) -> StoreResult<Vec<PersonRecord>>;
    /// A session by the hash of its secret, however old.
    fn session(&self, token_hash: &[u8; 32]) -> StoreResult<Option<SessionRecord>>;
    /// A token by the hash of its secret, however old.
    fn token(&self, secret_hash: &[u8; 32]) -> StoreResult<Option<TokenRecord>>;
    /// A person's tokens that were not revoked, newest first.
    fn tokens(&self, person: &PersonId) -> StoreResult<Vec<TokenRecord>>;
    /// An API client and its key, by the key's hash; also one that was revoked or has ended.
    fn client_of_key(&self, key_hash: &[u8; 32]) -> StoreResult<Option<(ApiClientRecord, ClientKeyRecord)>>;
    /// An API client.
    fn api_client(&self, id: &ApiClientId) -> StoreResult<Option<ApiClientRecord>>;
    /// All API clients, oldest first, revoked ones included.
    fn api_clients(&self) -> StoreResult<Vec<ApiClientRecord>>;
    /// The keys of an API client, oldest first, ended ones included.
    fn client_keys(&self, id: &ApiClientId) -> StoreResult<Vec<ClientKeyRecord>>;
    /// The keys that sign leases or did so lately, oldest first.
    fn lease_keys(&self) -> StoreResult<Vec<LeaseKeyRecord>>;

    /// Notification addresses and their version.
    fn notifications(&self, organization: &OrganizationId) -> StoreResult<(Vec<String>, u64)>;

    /// A support request.
    fn service_request(
        &self,
        organization: &OrganizationId,
        id: &ServiceRequestId,
    ) -> StoreResult<Option<ServiceRequestRecord>>;
    /// A page of support requests, each with the number of Lockbox requests raised for it.
    fn service_requests(
        &self,
        organization: &OrganizationId,
        filter: &ServiceRequestFilter,
    ) -> StoreResult<Vec<(ServiceRequestRecord, u32)>>;
    /// A support request's messages, oldest first.
    fn messages(&self, organization: &OrganizationId, id: &ServiceRequestId) -> StoreResult<Vec<Message>>;

    /// A request of an organisation, also a hidden one.
    fn request(&self, organization: &OrganizationId, id: &RequestId) -> StoreResult<Option<RequestRecord>>;
    /// A request of whichever organisation, for the provider's side.
    fn request_anywhere(&self, id: &RequestId) -> StoreResult<Option<RequestRecord>>;
    /// A page of requests; `now` decides what has expired or lapsed.
    fn requests(
        &self,
        organization: &OrganizationId,
        filter: &RequestFilter,
        now: Time,
    ) -> StoreResult<Vec<RequestRecord>>;
    /// How many requests the filter selects, whatever its cursor and its limit say.
    fn count_requests(&self, organization: &OrganizationId, filter: &RequestFilter, now: Time) -> StoreResult<u64>;
    /// A page of requests of several organisations, hidden ones included, for the provider's side; `now` decides what has
    /// expired.
    fn access_requests(&self, filter: &AccessRequestFilter, now: Time) -> StoreResult<Vec<RequestRecord>>;
    /// What figures need to know of every request raised in a period except hidden ones, one at a time, oldest first: there
    /// may be more than fit into memory.
    fn history(
        &self,
        organization: &OrganizationId,
        from: Time,
        to: Time,
        each: &mut dyn FnMut(HistoryRow),
    ) -> StoreResult<()>;
    /// What a person of the provider approves inside.
    fn internal_approver(&self, person: &PersonId) -> StoreResult<Option<InternalApproverRecord>>;
    /// A page of requests of all organisations that need an approval inside; `now` decides what has expired.
    fn internal_requests(&self, filter: &InternalFilter, now: Time) -> StoreResult<Vec<RequestRecord>>;
    /// Ids of hidden requests that may be disclosed.
    fn disclosures_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>>;
    /// Ids of requests whose time to decide is over but not written so yet.
    fn requests_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>>;
    /// Ids of requests whose access is over but not written so yet.
    fn grants_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>>;
    /// A grant.
    fn grant(&self, id: &GrantId) -> StoreResult<Option<GrantRecord>>;
    /// What people were told of refused actions under a grant.
    fn refused_alert(&self, id: &GrantId) -> StoreResult<Option<RefusedAlertRecord>>;
    /// Ids of requests with refused actions that wait to be told since `before` or longer.
    fn refused_alerts_due(&self, before: Time, limit: u32) -> StoreResult<Vec<RequestId>>;
    /// The request that an idempotency key led to, with the hash of the body it came with.
    fn idempotency(&self, client: &ApiClientId, key: &str) -> StoreResult<Option<([u8; 32], RequestId)>>;

    /// One event.
    fn event(&self, organization: &OrganizationId, place: &EventPlace) -> StoreResult<Option<Event>>;
    /// Sequence and time of the newest event; 0 and none for an empty log.
    fn newest_event(&self, organization: &OrganizationId) -> StoreResult<(u64, Option<Time>)>;
    /// The sequence up to which the log of a person's organisation has come; `None`: there is no such person.
    fn log_end(&self, reader: &PersonId) -> StoreResult<Option<u64>>;
    /// Counts what a filter lets through; `now` ends a range that is open. Not to be asked in a transaction that has
    /// appended events: they are counted when it commits.
    fn tally(&self, organization: &OrganizationId, filter: &LogFilter, now: Time) -> StoreResult<LogTally>;
    /// What the operations, actors and environments of a filter stand for now. Environments' names in it make way for their ids.
    fn log_terms(
        &self,
        organization: &OrganizationId,
        values: &mut lockbox_api::logs::LogFilter,
    ) -> StoreResult<LogTerms>;
    /// Hands the events that a filter lets through to `take`, as they are kept, until it says no. Not to be asked in a
    /// transaction that has appended events: they are put into the index when it commits.
    fn events(
        &self,
        organization: &OrganizationId,
        filter: &LogFilter,
        order: Order,
        take: &mut dyn FnMut(&LogRow<'_>) -> bool,
    ) -> StoreResult<()>;
    /// Events with a sequence above `sequence`, oldest first.
    fn events_after(&self, organization: &OrganizationId, sequence: u64, limit: u32) -> StoreResult<Vec<Event>>;
    /// The newest events of one part of a request's story, newest first; of a hidden one those that stand aside.
    fn request_story(
        &self,
        organization: &OrganizationId,
        id: &RequestId,
        part: Story,
        limit: StoryLimit,
    ) -> StoreResult<Vec<Event>>;
    /// Whether it is on record that a person looked at a request.
    fn has_viewed(&self, organization: &OrganizationId, id: &RequestId, person: &PersonId) -> StoreResult<bool>;

    /// An export of an organisation.
    fn export(&self, organization: &OrganizationId, id: &ExportId) -> StoreResult<Option<ExportRecord>>;
    /// What the filter of an export means; `None`: it began before this was kept.
    fn export_meaning(&self, id: &ExportId) -> StoreResult<Option<ExportMeaning>>;
    /// Exports of all organisations that have not ended.
    fn running_exports(&self) -> StoreResult<Vec<ExportRecord>>;
    /// Whether it is known that a person read this part of the log in this hour (hours since 1970).
    fn has_read(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
        hour: i64,
        filter: &[u8; 32],
    ) -> StoreResult<bool>;
    /// A person's saved views of the log and those that are shared, by name.
    fn log_views(&self, organization: &OrganizationId, person: &PersonId) -> StoreResult<Vec<LogViewRecord>>;
    /// Which view the log opens with for a person.
    fn log_start(&self, person: &PersonId) -> StoreResult<Option<LogViewId>>;

    /// The webhooks that are told of an organisation, or all (`None`); none that was removed or whose client was revoked.
    fn live_webhooks(&self, organization: Option<&OrganizationId>) -> StoreResult<Vec<WebhookRecord>>;
    /// A webhook, also a removed one.
    fn webhook(&self, id: &WebhookId) -> StoreResult<Option<WebhookRecord>>;
    /// The secrets of a webhook, newest first, ended ones included.
    fn webhook_secrets(&self, id: &WebhookId) -> StoreResult<Vec<WebhookSecretRecord>>;
    /// The messages that are due to a webhook: of each request the first that waits.
    fn webhook_messages_due(&self, id: &WebhookId, now: Time, limit: u32) -> StoreResult<Vec<WebhookMessageRecord>>;
    /// The newest messages, to one webhook or to all.
    fn newest_webhook_messages(&self, id: Option<&WebhookId>, limit: u32) -> StoreResult<Vec<WebhookMessageRecord>>;
    /// When the oldest message that waits was written.
    fn oldest_waiting_webhook_message(&self) -> StoreResult<Option<Time>>;

    /// Mails that are due, oldest first.
    fn mails_due(&self, now: Time, limit: u32) -> StoreResult<Vec<MailRecord>>;
    /// When the oldest unsent mail was written.
    fn oldest_unsent_mail(&self) -> StoreResult<Option<Time>>;
    /// The newest mails, for the demo's mailbox.
    fn newest_mails(&self, limit: u32) -> StoreResult<Vec<DemoMail>>;
}

/// The one write transaction.
pub trait WriteTx: ReadTx {
    /// The same transaction as a view.
    fn reader(&self) -> &dyn ReadTx;

    /// Writes down how far the clock has come, in place of what was written before.
    fn put_clock_mark(&mut self, mark: &ClockMark) -> StoreResult<()>;

    /// Puts an organisation; true when it was new.
    fn put_organization(&mut self, record: &OrganizationRecord, now: Time) -> StoreResult<bool>;
    /// Appends a version of the setting.
    fn add_lockbox_version(&mut self, organization: &OrganizationId, version: &LockboxVersion) -> StoreResult<()>;
    /// Puts an environment; true when it was new.
    fn put_environment(
        &mut self,
        organization: &OrganizationId,
        record: &EnvironmentRecord,
        now: Time,
    ) -> StoreResult<bool>;

    /// Puts a person by id.
    fn put_person(&mut self, record: &PersonRecord) -> StoreResult<()>;
    /// Says what a person of the provider approves inside.
    fn put_internal_approver(&mut self, record: &InternalApproverRecord) -> StoreResult<()>;
    /// Adds a session.
    fn add_session(&mut self, record: &SessionRecord) -> StoreResult<()>;
    /// Notes that a session was used.
    fn touch_session(&mut self, token_hash: &[u8; 32], now: Time) -> StoreResult<()>;
    /// Ends a session.
    fn delete_session(&mut self, token_hash: &[u8; 32]) -> StoreResult<()>;
    /// Ends all sessions of a person.
    fn delete_sessions_of(&mut self, person: &PersonId) -> StoreResult<()>;
    /// Removes sessions that ended before `before` or were last used before `idle_since`.
    fn sweep_sessions(&mut self, before: Time, idle_since: Time) -> StoreResult<()>;
    /// Puts a token by id.
    fn put_token(&mut self, record: &TokenRecord) -> StoreResult<()>;
    /// Notes that a token was used.
    fn touch_token(&mut self, secret_hash: &[u8; 32], now: Time) -> StoreResult<()>;
    /// Puts an API client by id.
    fn put_api_client(&mut self, record: &ApiClientRecord) -> StoreResult<()>;
    /// Puts a key of an API client by its hash; its last use is kept by [`WriteTx::touch_client_keys`] alone.
    fn put_client_key(&mut self, record: &ClientKeyRecord) -> StoreResult<()>;
    /// Notes when keys were used last.
    fn touch_client_keys(&mut self, uses: &[([u8; 32], Time)]) -> StoreResult<()>;
    /// Puts a key that signs leases, by id.
    fn put_lease_key(&mut self, record: &LeaseKeyRecord) -> StoreResult<()>;
    /// Forgets keys that have ended.
    fn sweep_lease_keys(&mut self, now: Time) -> StoreResult<()>;
    /// Replaces the notification addresses; the version grows by one.
    fn set_notifications(&mut self, organization: &OrganizationId, addresses: &[String]) -> StoreResult<()>;

    /// Puts a support request by id.
    fn put_service_request(&mut self, organization: &OrganizationId, record: &ServiceRequestRecord) -> StoreResult<()>;
    /// Adds a message; one whose id is known already is left as it is (false).
    fn add_message(
        &mut self,
        organization: &OrganizationId,
        id: &ServiceRequestId,
        message: &Message,
    ) -> StoreResult<bool>;

    /// Adds a request (and its grant, where it has one).
    fn add_request(&mut self, record: &RequestRecord) -> StoreResult<()>;
    /// Writes a request's state, decisions and grant; false when its version is not `expected` any more.
    fn update_request(&mut self, record: &RequestRecord, expected: u64) -> StoreResult<bool>;
    /// Counts actions under a grant.
    fn count_actions(&mut self, id: &GrantId, counts: &ActionCounts) -> StoreResult<()>;
    /// Notes what people were told of refused actions under a grant.
    fn put_refused_alert(&mut self, id: &GrantId, record: &RefusedAlertRecord) -> StoreResult<()>;
    /// Notes a client-given action id that is not known yet, and what it stands for.
    fn add_action(&mut self, grant: &GrantId, id: &str, sequence: u64, content: &ActionContent) -> StoreResult<()>;
    /// What a client-given action id stands for; `Some(None)` where it is known and that was not kept.
    fn known_action(&self, grant: &GrantId, id: &str) -> StoreResult<Option<Option<ActionContent>>>;
    /// Notes an idempotency key.
    fn add_idempotency(
        &mut self,
        client: &ApiClientId,
        key: &str,
        body_hash: &[u8; 32],
        request: &RequestId,
        now: Time,
    ) -> StoreResult<()>;
    /// Forgets idempotency keys from before `before`.
    fn sweep_idempotency(&mut self, before: Time) -> StoreResult<()>;

    /// Appends to the log: gives the next sequence of the organisation and a time that is never before the newest event.
    fn append_event(&mut self, organization: &OrganizationId, event: NewEvent) -> StoreResult<Event>;

    /// Puts an export by id.
    fn put_export(&mut self, record: &ExportRecord) -> StoreResult<()>;
    /// Keeps what the filter of an export means.
    fn put_export_meaning(&mut self, id: &ExportId, meaning: &ExportMeaning) -> StoreResult<()>;
    /// Notes that a person read this part of the log in this hour; true when it was not known.
    fn add_read(
        &mut self,
        organization: &OrganizationId,
        person: &PersonId,
        hour: i64,
        filter: &[u8; 32],
    ) -> StoreResult<bool>;
    /// Puts a saved view by id.
    fn put_log_view(&mut self, record: &LogViewRecord) -> StoreResult<()>;
    /// Deletes a saved view.
    fn delete_log_view(&mut self, organization: &OrganizationId, id: &LogViewId) -> StoreResult<()>;
    /// Says which view the log opens with for a person.
    fn set_log_start(&mut self, person: &PersonId, view: Option<&LogViewId>) -> StoreResult<()>;
    /// Puts an event of a hidden request aside: it has no place in the log before the request is disclosed.
    fn park_event(&mut self, organization: &OrganizationId, request: &RequestId, event: &NewEvent) -> StoreResult<()>;
    /// Takes the events back that were put aside, oldest first.
    fn take_parked_events(&mut self, request: &RequestId) -> StoreResult<Vec<NewEvent>>;

    /// Puts a webhook by id.
    fn put_webhook(&mut self, record: &WebhookRecord) -> StoreResult<()>;
    /// Puts a secret of a webhook.
    fn put_webhook_secret(&mut self, record: &WebhookSecretRecord) -> StoreResult<()>;
    /// Queues a message.
    fn add_webhook_message(&mut self, record: &WebhookMessageRecord) -> StoreResult<()>;
    /// Notes what became of an attempt.
    fn webhook_attempted(&mut self, id: &WebhookMessageId, attempt: &WebhookAttempt, now: Time) -> StoreResult<()>;
    /// Gives up what waits for webhooks that were removed or whose client was revoked; returns how many messages.
    fn give_up_webhook_orphans(&mut self, now: Time) -> StoreResult<u64>;
    /// Forgets messages from before `before` that were delivered or given up.
    fn sweep_webhook_messages(&mut self, before: Time) -> StoreResult<()>;

    /// Queues a mail.
    fn add_mail(&mut self, record: &MailRecord) -> StoreResult<()>;
    /// Notes that a mail was handed over.
    fn mail_sent(&mut self, id: &MailId, now: Time) -> StoreResult<()>;
    /// Notes a failed attempt: `retry_at`, or nothing more to try.
    fn mail_failed(&mut self, id: &MailId, error: &str, now: Time, retry_at: Option<Time>) -> StoreResult<()>;
    /// Forgets mails that went, or were given up, at this moment or before.
    fn sweep_mails(&mut self, before: Time) -> StoreResult<()>;
}
