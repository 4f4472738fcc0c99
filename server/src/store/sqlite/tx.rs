//! The verbs of a transaction on SQLite: each goes to the file of its noun.
//!
//! Length: two traits with a line or two a verb; a cut would go through one of them.

use lockbox_api::{
    Time,
    events::Event,
    ids::{
        ApiClientId, EnvironmentId, ExportId, GrantId, LogViewId, MailId, OrganizationId, PersonId, RequestId,
        ServiceRequestId, WebhookId, WebhookMessageId,
    },
    lockbox::{Lockbox, LockboxVersion},
    mail::DemoMail,
    service_requests::Message,
    stream::Change,
};
use rusqlite::Connection;

use super::{
    access_requests, accounts, clients, clock,
    derived::Derived,
    environments, events, grants, history, internal, lease_keys, lockbox, log_kept,
    log_terms::{self, Terms},
    outbox, requests, service_requests, story, tally, webhooks,
};
use crate::store::{
    AccessRequestFilter, ActionContent, ActionCounts, ApiClientRecord, ClientKeyRecord, ClockMark, EnvironmentRecord,
    EventPlace, ExportMeaning, ExportRecord, GrantRecord, HighWater, HistoryRow, InternalApproverRecord,
    InternalFilter, LeaseKeyRecord, LogFilter, LogRow, LogTally, LogTerms, LogViewRecord, MailRecord, NewEvent, Order,
    OrganizationRecord, PersonRecord, ReadTx, RefusedAlertRecord, RequestFilter, RequestRecord, ServiceRequestFilter,
    ServiceRequestRecord, SessionRecord, StoreResult, Story, StoryLimit, TokenRecord, WebhookAttempt,
    WebhookMessageRecord, WebhookRecord, WebhookSecretRecord, WriteTx,
};

/// A transaction, reading or writing by what its connection allows.
pub(super) struct SqliteTx<'c> {
    c: &'c Connection,
    changes: Vec<(OrganizationId, Change)>,
    derived: Derived,
    terms: Terms,
}

impl<'c> SqliteTx<'c> {
    /// Over a connection on which a transaction was begun.
    pub(super) fn new(c: &'c Connection) -> Self {
        Self::knowing(c, Terms::default())
    }

    /// The same, with what earlier transactions learnt of the log's values.
    pub(super) fn knowing(c: &'c Connection, terms: Terms) -> Self {
        Self { c, changes: Vec::new(), derived: Derived::default(), terms }
    }

    /// What was appended to logs, to be told once it is durable; what is to be written for it before; and what was learnt.
    pub(super) fn into_parts(self) -> (Vec<(OrganizationId, Change)>, Derived, Terms) {
        (self.changes, self.derived, self.terms)
    }
}

impl ReadTx for SqliteTx<'_> {
    fn organization(&self, id: &OrganizationId) -> StoreResult<Option<OrganizationRecord>> {
        lockbox::organization(self.c, id)
    }

    fn provider(&self) -> StoreResult<Option<OrganizationRecord>> {
        lockbox::provider(self.c)
    }

    fn high_water(&self) -> StoreResult<HighWater> {
        clock::high_water(self.c)
    }

    fn anything_open(&self) -> StoreResult<bool> {
        clock::anything_open(self.c)
    }

    fn lockbox(&self, organization: &OrganizationId) -> StoreResult<Option<Lockbox>> {
        lockbox::lockbox(self.c, organization)
    }

    fn lockbox_versions(&self, organization: &OrganizationId) -> StoreResult<Vec<LockboxVersion>> {
        lockbox::versions(self.c, organization)
    }

    fn environment(&self, organization: &OrganizationId, id: &EnvironmentId) -> StoreResult<Option<EnvironmentRecord>> {
        environments::get(self.c, organization, id)
    }

    fn services_in_use(&self) -> StoreResult<Vec<(String, u64)>> {
        environments::services(self.c)
    }

    fn environments(&self, organization: &OrganizationId) -> StoreResult<Vec<EnvironmentRecord>> {
        environments::all(self.c, organization)
    }

    fn person(&self, id: &PersonId) -> StoreResult<Option<PersonRecord>> {
        accounts::person(self.c, id)
    }

    fn person_by_email(&self, email: &str) -> StoreResult<Option<PersonRecord>> {
        accounts::person_by_email(self.c, email)
    }

    fn people(&self, organization: &OrganizationId) -> StoreResult<Vec<PersonRecord>> {
        accounts::people(self.c, organization)
    }

    fn session(&self, token_hash: &[u8; 32]) -> StoreResult<Option<SessionRecord>> {
        accounts::session(self.c, token_hash)
    }

    fn token(&self, secret_hash: &[u8; 32]) -> StoreResult<Option<TokenRecord>> {
        accounts::token(self.c, secret_hash)
    }

    fn tokens(&self, person: &PersonId) -> StoreResult<Vec<TokenRecord>> {
        accounts::tokens(self.c, person)
    }

    fn client_of_key(&self, key_hash: &[u8; 32]) -> StoreResult<Option<(ApiClientRecord, ClientKeyRecord)>> {
        clients::of_key(self.c, key_hash)
    }

    fn api_client(&self, id: &ApiClientId) -> StoreResult<Option<ApiClientRecord>> {
        clients::get(self.c, id)
    }

    fn api_clients(&self) -> StoreResult<Vec<ApiClientRecord>> {
        clients::all(self.c)
    }

    fn client_keys(&self, id: &ApiClientId) -> StoreResult<Vec<ClientKeyRecord>> {
        clients::keys(self.c, id)
    }

    fn lease_keys(&self) -> StoreResult<Vec<LeaseKeyRecord>> {
        lease_keys::all(self.c)
    }

    fn notifications(&self, organization: &OrganizationId) -> StoreResult<(Vec<String>, u64)> {
        lockbox::notifications(self.c, organization)
    }

    fn service_request(
        &self,
        organization: &OrganizationId,
        id: &ServiceRequestId,
    ) -> StoreResult<Option<ServiceRequestRecord>> {
        service_requests::get(self.c, organization, id)
    }

    fn service_requests(
        &self,
        organization: &OrganizationId,
        filter: &ServiceRequestFilter,
    ) -> StoreResult<Vec<(ServiceRequestRecord, u32)>> {
        service_requests::page(self.c, organization, filter)
    }

    fn messages(&self, organization: &OrganizationId, id: &ServiceRequestId) -> StoreResult<Vec<Message>> {
        service_requests::messages(self.c, organization, id)
    }

    fn request(&self, organization: &OrganizationId, id: &RequestId) -> StoreResult<Option<RequestRecord>> {
        requests::get(self.c, organization, id)
    }

    fn request_anywhere(&self, id: &RequestId) -> StoreResult<Option<RequestRecord>> {
        requests::get_anywhere(self.c, id)
    }

    fn requests(
        &self,
        organization: &OrganizationId,
        filter: &RequestFilter,
        now: Time,
    ) -> StoreResult<Vec<RequestRecord>> {
        requests::page(self.c, organization, filter, now)
    }

    fn count_requests(&self, organization: &OrganizationId, filter: &RequestFilter, now: Time) -> StoreResult<u64> {
        requests::count(self.c, organization, filter, now)
    }

    fn access_requests(&self, filter: &AccessRequestFilter, now: Time) -> StoreResult<Vec<RequestRecord>> {
        access_requests::page(self.c, filter, now)
    }

    fn history(
        &self,
        organization: &OrganizationId,
        from: Time,
        to: Time,
        each: &mut dyn FnMut(HistoryRow),
    ) -> StoreResult<()> {
        history::each(self.c, organization, from, to, each)
    }

    fn requests_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
        requests::due(self.c, now, limit)
    }

    fn internal_approver(&self, person: &PersonId) -> StoreResult<Option<InternalApproverRecord>> {
        internal::get(self.c, person)
    }

    fn internal_requests(&self, filter: &InternalFilter, now: Time) -> StoreResult<Vec<RequestRecord>> {
        internal::page(self.c, filter, now)
    }

    fn disclosures_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
        requests::disclosures_due(self.c, now, limit)
    }

    fn grants_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
        grants::due(self.c, now, limit)
    }

    fn grant(&self, id: &GrantId) -> StoreResult<Option<GrantRecord>> {
        grants::get(self.c, id)
    }

    fn refused_alert(&self, id: &GrantId) -> StoreResult<Option<RefusedAlertRecord>> {
        grants::refused_alert(self.c, id)
    }

    fn refused_alerts_due(&self, before: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
        grants::refused_alerts_due(self.c, before, limit)
    }

    fn idempotency(&self, client: &ApiClientId, key: &str) -> StoreResult<Option<([u8; 32], RequestId)>> {
        grants::idempotency(self.c, client, key)
    }

    fn event(&self, organization: &OrganizationId, place: &EventPlace) -> StoreResult<Option<Event>> {
        events::one(self.c, organization, place)
    }

    fn newest_event(&self, organization: &OrganizationId) -> StoreResult<(u64, Option<Time>)> {
        events::newest(self.c, organization)
    }

    fn log_end(&self, reader: &PersonId) -> StoreResult<Option<u64>> {
        events::log_end(self.c, reader)
    }

    fn tally(&self, organization: &OrganizationId, filter: &LogFilter, now: Time) -> StoreResult<LogTally> {
        tally::tally(self.c, organization, filter, now)
    }

    fn log_terms(
        &self,
        organization: &OrganizationId,
        values: &mut lockbox_api::logs::LogFilter,
    ) -> StoreResult<LogTerms> {
        let Some(number) = events::number(self.c, organization)? else { return Ok(LogTerms::default()) };
        log_terms::meant(self.c, number, values)
    }

    fn events(
        &self,
        organization: &OrganizationId,
        filter: &LogFilter,
        order: Order,
        take: &mut dyn FnMut(&LogRow<'_>) -> bool,
    ) -> StoreResult<()> {
        events::each(self.c, organization, filter, order, take)
    }

    fn events_after(&self, organization: &OrganizationId, sequence: u64, limit: u32) -> StoreResult<Vec<Event>> {
        events::after(self.c, organization, sequence, limit)
    }

    fn request_story(
        &self,
        organization: &OrganizationId,
        id: &RequestId,
        part: Story,
        limit: StoryLimit,
    ) -> StoreResult<Vec<Event>> {
        story::read(self.c, organization, id, part, limit)
    }

    fn has_viewed(&self, organization: &OrganizationId, id: &RequestId, person: &PersonId) -> StoreResult<bool> {
        story::has_viewed(self.c, organization, id, person)
    }

    fn export(&self, organization: &OrganizationId, id: &ExportId) -> StoreResult<Option<ExportRecord>> {
        log_kept::export(self.c, organization, id)
    }

    fn export_meaning(&self, id: &ExportId) -> StoreResult<Option<ExportMeaning>> {
        log_kept::export_meaning(self.c, id)
    }

    fn running_exports(&self) -> StoreResult<Vec<ExportRecord>> {
        log_kept::running_exports(self.c)
    }

    fn has_read(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
        hour: i64,
        filter: &[u8; 32],
    ) -> StoreResult<bool> {
        log_kept::has_read(self.c, organization, person, hour, filter)
    }

    fn log_views(&self, organization: &OrganizationId, person: &PersonId) -> StoreResult<Vec<LogViewRecord>> {
        log_kept::views(self.c, organization, person)
    }

    fn log_start(&self, person: &PersonId) -> StoreResult<Option<LogViewId>> {
        log_kept::start(self.c, person)
    }

    fn live_webhooks(&self, organization: Option<&OrganizationId>) -> StoreResult<Vec<WebhookRecord>> {
        webhooks::live(self.c, organization)
    }

    fn webhook(&self, id: &WebhookId) -> StoreResult<Option<WebhookRecord>> {
        webhooks::get(self.c, id)
    }

    fn webhook_secrets(&self, id: &WebhookId) -> StoreResult<Vec<WebhookSecretRecord>> {
        webhooks::secrets(self.c, id)
    }

    fn webhook_messages_due(&self, id: &WebhookId, now: Time, limit: u32) -> StoreResult<Vec<WebhookMessageRecord>> {
        webhooks::due(self.c, id, now, limit)
    }

    fn newest_webhook_messages(&self, id: Option<&WebhookId>, limit: u32) -> StoreResult<Vec<WebhookMessageRecord>> {
        webhooks::newest(self.c, id, limit)
    }

    fn oldest_waiting_webhook_message(&self) -> StoreResult<Option<Time>> {
        webhooks::oldest_waiting(self.c)
    }

    fn mails_due(&self, now: Time, limit: u32) -> StoreResult<Vec<MailRecord>> {
        outbox::due(self.c, now, limit)
    }

    fn oldest_unsent_mail(&self) -> StoreResult<Option<Time>> {
        outbox::oldest_unsent(self.c)
    }

    fn newest_mails(&self, limit: u32) -> StoreResult<Vec<DemoMail>> {
        outbox::newest(self.c, limit)
    }
}

impl WriteTx for SqliteTx<'_> {
    fn reader(&self) -> &dyn ReadTx {
        self
    }

    fn put_clock_mark(&mut self, mark: &ClockMark) -> StoreResult<()> {
        clock::put_mark(self.c, mark)
    }

    fn put_organization(&mut self, record: &OrganizationRecord, now: Time) -> StoreResult<bool> {
        lockbox::put_organization(self.c, record, now)
    }

    fn add_lockbox_version(&mut self, organization: &OrganizationId, version: &LockboxVersion) -> StoreResult<()> {
        lockbox::add_version(self.c, organization, version)
    }

    fn put_environment(
        &mut self,
        organization: &OrganizationId,
        record: &EnvironmentRecord,
        now: Time,
    ) -> StoreResult<bool> {
        environments::put(self.c, organization, record, now)
    }

    fn put_person(&mut self, record: &PersonRecord) -> StoreResult<()> {
        accounts::put_person(self.c, record)
    }

    fn put_internal_approver(&mut self, record: &InternalApproverRecord) -> StoreResult<()> {
        internal::put(self.c, record)
    }

    fn add_session(&mut self, record: &SessionRecord) -> StoreResult<()> {
        accounts::add_session(self.c, record)
    }

    fn touch_session(&mut self, token_hash: &[u8; 32], now: Time) -> StoreResult<()> {
        accounts::touch_session(self.c, token_hash, now)
    }

    fn delete_session(&mut self, token_hash: &[u8; 32]) -> StoreResult<()> {
        accounts::delete_session(self.c, token_hash)
    }

    fn delete_sessions_of(&mut self, person: &PersonId) -> StoreResult<()> {
        accounts::delete_sessions_of(self.c, person)
    }

    fn sweep_sessions(&mut self, before: Time, idle_since: Time) -> StoreResult<()> {
        accounts::sweep_sessions(self.c, before, idle_since)
    }

    fn put_token(&mut self, record: &TokenRecord) -> StoreResult<()> {
        accounts::put_token(self.c, record)
    }

    fn touch_token(&mut self, secret_hash: &[u8; 32], now: Time) -> StoreResult<()> {
        accounts::touch_token(self.c, secret_hash, now)
    }

    fn put_api_client(&mut self, record: &ApiClientRecord) -> StoreResult<()> {
        clients::put(self.c, record)
    }

    fn put_client_key(&mut self, record: &ClientKeyRecord) -> StoreResult<()> {
        clients::put_key(self.c, record)
    }

    fn touch_client_keys(&mut self, uses: &[([u8; 32], Time)]) -> StoreResult<()> {
        clients::touch_keys(self.c, uses)
    }

    fn put_lease_key(&mut self, record: &LeaseKeyRecord) -> StoreResult<()> {
        lease_keys::put(self.c, record)
    }

    fn sweep_lease_keys(&mut self, now: Time) -> StoreResult<()> {
        lease_keys::sweep(self.c, now)
    }

    fn set_notifications(&mut self, organization: &OrganizationId, addresses: &[String]) -> StoreResult<()> {
        lockbox::set_notifications(self.c, organization, addresses)
    }

    fn put_service_request(&mut self, organization: &OrganizationId, record: &ServiceRequestRecord) -> StoreResult<()> {
        service_requests::put(self.c, organization, record)
    }

    fn add_message(
        &mut self,
        organization: &OrganizationId,
        id: &ServiceRequestId,
        message: &Message,
    ) -> StoreResult<bool> {
        service_requests::add_message(self.c, organization, id, message)
    }

    fn add_request(&mut self, record: &RequestRecord) -> StoreResult<()> {
        requests::add(self.c, record)
    }

    fn update_request(&mut self, record: &RequestRecord, expected: u64) -> StoreResult<bool> {
        requests::update(self.c, record, expected)
    }

    fn count_actions(&mut self, id: &GrantId, counts: &ActionCounts) -> StoreResult<()> {
        grants::count_actions(self.c, id, counts)
    }

    fn put_refused_alert(&mut self, id: &GrantId, record: &RefusedAlertRecord) -> StoreResult<()> {
        grants::put_refused_alert(self.c, id, record)
    }

    fn add_action(&mut self, grant: &GrantId, id: &str, sequence: u64, content: &ActionContent) -> StoreResult<()> {
        grants::add_action(self.c, grant, id, sequence, content)
    }

    fn known_action(&self, grant: &GrantId, id: &str) -> StoreResult<Option<Option<ActionContent>>> {
        grants::known_action(self.c, grant, id)
    }

    fn add_idempotency(
        &mut self,
        client: &ApiClientId,
        key: &str,
        body_hash: &[u8; 32],
        request: &RequestId,
        now: Time,
    ) -> StoreResult<()> {
        grants::add_idempotency(self.c, client, key, body_hash, request, now)
    }

    fn sweep_idempotency(&mut self, before: Time) -> StoreResult<()> {
        grants::sweep_idempotency(self.c, before)
    }

    fn append_event(&mut self, organization: &OrganizationId, event: NewEvent) -> StoreResult<Event> {
        let event = self.derived.add(events::append(self.c, &mut self.terms, organization, event)?);
        self.changes.push((
            organization.clone(),
            Change {
                sequence: event.sequence,
                category: event.category,
                operation: event.operation.clone(),
                request_id: event.request_id.clone(),
            },
        ));
        Ok(event)
    }

    fn put_export(&mut self, record: &ExportRecord) -> StoreResult<()> {
        log_kept::put_export(self.c, record)
    }

    fn put_export_meaning(&mut self, id: &ExportId, meaning: &ExportMeaning) -> StoreResult<()> {
        log_kept::put_export_meaning(self.c, id, meaning)
    }

    fn add_read(
        &mut self,
        organization: &OrganizationId,
        person: &PersonId,
        hour: i64,
        filter: &[u8; 32],
    ) -> StoreResult<bool> {
        log_kept::add_read(self.c, organization, person, hour, filter)
    }

    fn put_log_view(&mut self, record: &LogViewRecord) -> StoreResult<()> {
        log_kept::put_view(self.c, record)
    }

    fn delete_log_view(&mut self, organization: &OrganizationId, id: &LogViewId) -> StoreResult<()> {
        log_kept::delete_view(self.c, organization, id)
    }

    fn set_log_start(&mut self, person: &PersonId, view: Option<&LogViewId>) -> StoreResult<()> {
        log_kept::set_start(self.c, person, view)
    }

    fn park_event(&mut self, organization: &OrganizationId, request: &RequestId, event: &NewEvent) -> StoreResult<()> {
        events::park(self.c, request, event)?;
        // Whoever waits for the request within the process hears of it; it has no place in the log, and so no sequence.
        self.changes.push((
            organization.clone(),
            Change {
                sequence: 0,
                category: event.category,
                operation: event.operation.clone(),
                request_id: Some(request.clone()),
            },
        ));
        Ok(())
    }

    fn take_parked_events(&mut self, request: &RequestId) -> StoreResult<Vec<NewEvent>> {
        events::take_parked(self.c, request)
    }

    fn put_webhook(&mut self, record: &WebhookRecord) -> StoreResult<()> {
        webhooks::put(self.c, record)
    }

    fn put_webhook_secret(&mut self, record: &WebhookSecretRecord) -> StoreResult<()> {
        webhooks::put_secret(self.c, record)
    }

    fn add_webhook_message(&mut self, record: &WebhookMessageRecord) -> StoreResult<()> {
        webhooks::add_message(self.c, record)
    }

    fn webhook_attempted(&mut self, id: &WebhookMessageId, attempt: &WebhookAttempt, now: Time) -> StoreResult<()> {
        webhooks::attempted(self.c, id, attempt, now)
    }

    fn give_up_webhook_orphans(&mut self, now: Time) -> StoreResult<u64> {
        webhooks::give_up_orphans(self.c, now)
    }

    fn sweep_webhook_messages(&mut self, before: Time) -> StoreResult<()> {
        webhooks::sweep(self.c, before)
    }

    fn add_mail(&mut self, record: &MailRecord) -> StoreResult<()> {
        outbox::add(self.c, record)
    }

    fn mail_sent(&mut self, id: &MailId, now: Time) -> StoreResult<()> {
        outbox::sent(self.c, id, now)
    }

    fn mail_failed(&mut self, id: &MailId, error: &str, now: Time, retry_at: Option<Time>) -> StoreResult<()> {
        outbox::failed(self.c, id, error, now, retry_at)
    }

    fn sweep_mails(&mut self, before: Time) -> StoreResult<()> {
        outbox::sweep(self.c, before)
    }
}
