//! A store that fails where the test says: before or after any verb that writes, or at the commit.
//!
//! Length: every verb of both traits, handed on.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

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
};
use lockbox_server::store::{
    AccessRequestFilter, ActionContent, ActionCounts, ApiClientRecord, ClientKeyRecord, ClockMark, Engine,
    EnvironmentRecord, EventPlace, ExportMeaning, ExportRecord, GrantRecord, HighWater, HistoryRow,
    InternalApproverRecord, InternalFilter, KeyedGrant, LeaseKeyRecord, LogFilter, LogRow, LogTally, LogTerms,
    LogViewRecord, MailRecord, NewEvent, Order, OrganizationRecord, PersonRecord, ReadJob, ReadTx, RefusedAlertRecord,
    RequestFilter, RequestRecord, ServiceRequestFilter, ServiceRequestRecord, SessionRecord, StoreError, StoreResult,
    Story, StoryLimit, TokenRecord, WebhookAttempt, WebhookMessageRecord, WebhookRecord, WebhookSecretRecord,
    WriteDone, WriteJob, WriteTx, sqlite::SqliteEngine,
};

/// Where to fail in the next transactions. A transaction's points are numbered from 0: before its first verb, after it,
/// before its second, and so on; the commit is [`Plan::COMMIT`].
#[derive(Debug, Default)]
pub struct Plan {
    point: AtomicUsize,
    passed: AtomicUsize,
    failed: AtomicUsize,
}

impl Plan {
    /// The commit.
    pub const COMMIT: usize = usize::MAX - 1;
    /// The commit of whatever is written, the time as well.
    pub const ANY_COMMIT: usize = usize::MAX - 2;
    const NEVER: usize = usize::MAX;

    /// Fails at `point` from now on.
    pub fn fail_at(&self, point: usize) {
        self.point.store(point, SeqCst);
        self.passed.store(0, SeqCst);
        self.failed.store(0, SeqCst);
    }

    /// Lets everything pass.
    pub fn never_fail(&self) {
        self.fail_at(Self::NEVER);
    }

    /// Whether it failed since it was told to.
    pub fn has_failed(&self) -> bool {
        self.failed.load(SeqCst) > 0
    }

    fn reached(&self) -> StoreResult<()> {
        if self.passed.fetch_add(1, SeqCst) == self.point.load(SeqCst) {
            self.failed.fetch_add(1, SeqCst);
            return Err(StoreError::Database("injected".to_owned()));
        }
        Ok(())
    }

    fn step<T>(&self, verb: impl FnOnce() -> StoreResult<T>) -> StoreResult<T> {
        self.reached()?;
        let done = verb();
        self.reached()?;
        done
    }
}

/// SQLite with a plan.
pub struct FaultyEngine {
    pub inner: SqliteEngine,
    pub plan: Arc<Plan>,
}

impl Engine for FaultyEngine {
    fn read(&self, job: ReadJob) {
        self.inner.read(job);
    }

    fn read_here(&self, job: &mut dyn FnMut(&dyn ReadTx)) -> StoreResult<()> {
        self.inner.read_here(job)
    }

    fn grant_of_key(&self, key_hash: &[u8; 32], id: &GrantId) -> StoreResult<Option<KeyedGrant>> {
        self.inner.grant_of_key(key_hash, id)
    }

    fn write(&self, job: WriteJob, done: WriteDone) {
        let plan = Arc::clone(&self.plan);
        let any = plan.point.load(SeqCst) == Plan::ANY_COMMIT;
        let at_commit = Arc::new(AtomicBool::new(any || plan.point.load(SeqCst) == Plan::COMMIT));
        let fails = Arc::clone(&at_commit);
        self.inner.write(
            Box::new(move |tx| {
                let mut faulty = FaultyTx { inner: tx, plan: Arc::clone(&plan), only_clock: false };
                let commit = job(&mut faulty);
                at_commit.fetch_and(any || !faulty.only_clock, SeqCst);
                if commit && at_commit.load(SeqCst) {
                    plan.failed.fetch_add(1, SeqCst);
                }
                commit && !at_commit.load(SeqCst)
            }),
            Box::new(move |result| {
                let fails = fails.load(SeqCst);
                done(if fails { result.and(Err(StoreError::Database("injected".to_owned()))) } else { result });
            }),
        );
    }
}

struct FaultyTx<'a> {
    inner: &'a mut dyn WriteTx,
    plan: Arc<Plan>,
    /// Whether all that is done is to write down the time.
    only_clock: bool,
}

/// Nothing that writes searches the log: it may take long, and all others who write would wait.
fn search() -> StoreError {
    StoreError::Database("a search of the log by what writes".to_owned())
}

impl ReadTx for FaultyTx<'_> {
    fn organization(&self, id: &OrganizationId) -> StoreResult<Option<OrganizationRecord>> {
        self.inner.organization(id)
    }

    fn provider(&self) -> StoreResult<Option<OrganizationRecord>> {
        self.inner.provider()
    }

    fn high_water(&self) -> StoreResult<HighWater> {
        self.inner.high_water()
    }

    fn anything_open(&self) -> StoreResult<bool> {
        self.inner.anything_open()
    }

    fn lockbox(&self, organization: &OrganizationId) -> StoreResult<Option<Lockbox>> {
        self.inner.lockbox(organization)
    }

    fn lockbox_versions(&self, organization: &OrganizationId) -> StoreResult<Vec<LockboxVersion>> {
        self.inner.lockbox_versions(organization)
    }

    fn environment(&self, organization: &OrganizationId, id: &EnvironmentId) -> StoreResult<Option<EnvironmentRecord>> {
        self.inner.environment(organization, id)
    }

    fn services_in_use(&self) -> StoreResult<Vec<(String, u64)>> {
        self.inner.services_in_use()
    }

    fn environments(&self, organization: &OrganizationId) -> StoreResult<Vec<EnvironmentRecord>> {
        self.inner.environments(organization)
    }

    fn person(&self, id: &PersonId) -> StoreResult<Option<PersonRecord>> {
        self.inner.person(id)
    }

    fn person_by_email(&self, email: &str) -> StoreResult<Option<PersonRecord>> {
        self.inner.person_by_email(email)
    }

    fn people(&self, organization: &OrganizationId) -> StoreResult<Vec<PersonRecord>> {
        self.inner.people(organization)
    }

    fn session(&self, token_hash: &[u8; 32]) -> StoreResult<Option<SessionRecord>> {
        self.inner.session(token_hash)
    }

    fn token(&self, secret_hash: &[u8; 32]) -> StoreResult<Option<TokenRecord>> {
        self.inner.token(secret_hash)
    }

    fn tokens(&self, person: &PersonId) -> StoreResult<Vec<TokenRecord>> {
        self.inner.tokens(person)
    }

    fn client_of_key(&self, key_hash: &[u8; 32]) -> StoreResult<Option<(ApiClientRecord, ClientKeyRecord)>> {
        self.inner.client_of_key(key_hash)
    }

    fn api_client(&self, id: &ApiClientId) -> StoreResult<Option<ApiClientRecord>> {
        self.inner.api_client(id)
    }

    fn api_clients(&self) -> StoreResult<Vec<ApiClientRecord>> {
        self.inner.api_clients()
    }

    fn client_keys(&self, id: &ApiClientId) -> StoreResult<Vec<ClientKeyRecord>> {
        self.inner.client_keys(id)
    }

    fn lease_keys(&self) -> StoreResult<Vec<LeaseKeyRecord>> {
        self.inner.lease_keys()
    }

    fn notifications(&self, organization: &OrganizationId) -> StoreResult<(Vec<String>, u64)> {
        self.inner.notifications(organization)
    }

    fn service_request(
        &self,
        organization: &OrganizationId,
        id: &ServiceRequestId,
    ) -> StoreResult<Option<ServiceRequestRecord>> {
        self.inner.service_request(organization, id)
    }

    fn service_requests(
        &self,
        organization: &OrganizationId,
        filter: &ServiceRequestFilter,
    ) -> StoreResult<Vec<(ServiceRequestRecord, u32)>> {
        self.inner.service_requests(organization, filter)
    }

    fn messages(&self, organization: &OrganizationId, id: &ServiceRequestId) -> StoreResult<Vec<Message>> {
        self.inner.messages(organization, id)
    }

    fn request(&self, organization: &OrganizationId, id: &RequestId) -> StoreResult<Option<RequestRecord>> {
        self.inner.request(organization, id)
    }

    fn request_anywhere(&self, id: &RequestId) -> StoreResult<Option<RequestRecord>> {
        self.inner.request_anywhere(id)
    }

    fn requests(
        &self,
        organization: &OrganizationId,
        filter: &RequestFilter,
        now: Time,
    ) -> StoreResult<Vec<RequestRecord>> {
        self.inner.requests(organization, filter, now)
    }

    fn count_requests(&self, organization: &OrganizationId, filter: &RequestFilter, now: Time) -> StoreResult<u64> {
        self.inner.count_requests(organization, filter, now)
    }

    fn access_requests(&self, filter: &AccessRequestFilter, now: Time) -> StoreResult<Vec<RequestRecord>> {
        self.inner.access_requests(filter, now)
    }

    fn history(
        &self,
        organization: &OrganizationId,
        from: Time,
        to: Time,
        each: &mut dyn FnMut(HistoryRow),
    ) -> StoreResult<()> {
        self.inner.history(organization, from, to, each)
    }

    fn requests_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
        self.inner.requests_due(now, limit)
    }

    fn internal_approver(&self, person: &PersonId) -> StoreResult<Option<InternalApproverRecord>> {
        self.inner.internal_approver(person)
    }

    fn internal_requests(&self, filter: &InternalFilter, now: Time) -> StoreResult<Vec<RequestRecord>> {
        self.inner.internal_requests(filter, now)
    }

    fn disclosures_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
        self.inner.disclosures_due(now, limit)
    }

    fn grants_due(&self, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
        self.inner.grants_due(now, limit)
    }

    fn grant(&self, id: &GrantId) -> StoreResult<Option<GrantRecord>> {
        self.inner.grant(id)
    }

    fn refused_alert(&self, id: &GrantId) -> StoreResult<Option<RefusedAlertRecord>> {
        self.inner.refused_alert(id)
    }

    fn refused_alerts_due(&self, before: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
        self.inner.refused_alerts_due(before, limit)
    }

    fn idempotency(&self, client: &ApiClientId, key: &str) -> StoreResult<Option<([u8; 32], RequestId)>> {
        self.inner.idempotency(client, key)
    }

    fn event(&self, organization: &OrganizationId, place: &EventPlace) -> StoreResult<Option<Event>> {
        self.inner.event(organization, place)
    }

    fn newest_event(&self, organization: &OrganizationId) -> StoreResult<(u64, Option<Time>)> {
        self.inner.newest_event(organization)
    }

    fn log_end(&self, reader: &PersonId) -> StoreResult<Option<u64>> {
        self.inner.log_end(reader)
    }

    fn tally(&self, _: &OrganizationId, _: &LogFilter, _: Time) -> StoreResult<LogTally> {
        Err(search())
    }

    fn log_terms(
        &self,
        organization: &OrganizationId,
        values: &mut lockbox_api::logs::LogFilter,
    ) -> StoreResult<LogTerms> {
        self.inner.log_terms(organization, values)
    }

    fn events(
        &self,
        _: &OrganizationId,
        _: &LogFilter,
        _: Order,
        _: &mut dyn FnMut(&LogRow<'_>) -> bool,
    ) -> StoreResult<()> {
        Err(search())
    }

    fn events_after(&self, organization: &OrganizationId, sequence: u64, limit: u32) -> StoreResult<Vec<Event>> {
        self.inner.events_after(organization, sequence, limit)
    }

    fn request_story(
        &self,
        organization: &OrganizationId,
        id: &RequestId,
        part: Story,
        limit: StoryLimit,
    ) -> StoreResult<Vec<Event>> {
        self.inner.request_story(organization, id, part, limit)
    }

    fn has_viewed(&self, organization: &OrganizationId, id: &RequestId, person: &PersonId) -> StoreResult<bool> {
        self.inner.has_viewed(organization, id, person)
    }

    fn export(&self, organization: &OrganizationId, id: &ExportId) -> StoreResult<Option<ExportRecord>> {
        self.inner.export(organization, id)
    }

    fn export_meaning(&self, id: &ExportId) -> StoreResult<Option<ExportMeaning>> {
        self.inner.export_meaning(id)
    }

    fn running_exports(&self) -> StoreResult<Vec<ExportRecord>> {
        self.inner.running_exports()
    }

    fn has_read(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
        hour: i64,
        filter: &[u8; 32],
    ) -> StoreResult<bool> {
        self.inner.has_read(organization, person, hour, filter)
    }

    fn log_views(&self, organization: &OrganizationId, person: &PersonId) -> StoreResult<Vec<LogViewRecord>> {
        self.inner.log_views(organization, person)
    }

    fn log_start(&self, person: &PersonId) -> StoreResult<Option<LogViewId>> {
        self.inner.log_start(person)
    }

    fn live_webhooks(&self, organization: Option<&OrganizationId>) -> StoreResult<Vec<WebhookRecord>> {
        self.inner.live_webhooks(organization)
    }

    fn webhook(&self, id: &WebhookId) -> StoreResult<Option<WebhookRecord>> {
        self.inner.webhook(id)
    }

    fn webhook_secrets(&self, id: &WebhookId) -> StoreResult<Vec<WebhookSecretRecord>> {
        self.inner.webhook_secrets(id)
    }

    fn webhook_messages_due(&self, id: &WebhookId, now: Time, limit: u32) -> StoreResult<Vec<WebhookMessageRecord>> {
        self.inner.webhook_messages_due(id, now, limit)
    }

    fn newest_webhook_messages(&self, id: Option<&WebhookId>, limit: u32) -> StoreResult<Vec<WebhookMessageRecord>> {
        self.inner.newest_webhook_messages(id, limit)
    }

    fn oldest_waiting_webhook_message(&self) -> StoreResult<Option<Time>> {
        self.inner.oldest_waiting_webhook_message()
    }

    fn mails_due(&self, now: Time, limit: u32) -> StoreResult<Vec<MailRecord>> {
        self.inner.mails_due(now, limit)
    }

    fn oldest_unsent_mail(&self) -> StoreResult<Option<Time>> {
        self.inner.oldest_unsent_mail()
    }

    fn newest_mails(&self, limit: u32) -> StoreResult<Vec<DemoMail>> {
        self.inner.newest_mails(limit)
    }
}

impl WriteTx for FaultyTx<'_> {
    fn reader(&self) -> &dyn ReadTx {
        self
    }

    /// Belongs to no call and is no point of failure: it comes when it is time for it.
    fn put_clock_mark(&mut self, mark: &ClockMark) -> StoreResult<()> {
        self.only_clock = true;
        self.inner.put_clock_mark(mark)
    }

    fn put_organization(&mut self, record: &OrganizationRecord, now: Time) -> StoreResult<bool> {
        self.plan.clone().step(|| self.inner.put_organization(record, now))
    }

    fn add_lockbox_version(&mut self, organization: &OrganizationId, version: &LockboxVersion) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.add_lockbox_version(organization, version))
    }

    fn put_environment(
        &mut self,
        organization: &OrganizationId,
        record: &EnvironmentRecord,
        now: Time,
    ) -> StoreResult<bool> {
        self.plan.clone().step(|| self.inner.put_environment(organization, record, now))
    }

    fn put_person(&mut self, record: &PersonRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_person(record))
    }

    fn put_internal_approver(&mut self, record: &InternalApproverRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_internal_approver(record))
    }

    fn add_session(&mut self, record: &SessionRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.add_session(record))
    }

    fn touch_session(&mut self, token_hash: &[u8; 32], now: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.touch_session(token_hash, now))
    }

    fn delete_session(&mut self, token_hash: &[u8; 32]) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.delete_session(token_hash))
    }

    fn delete_sessions_of(&mut self, person: &PersonId) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.delete_sessions_of(person))
    }

    fn sweep_sessions(&mut self, before: Time, idle_since: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.sweep_sessions(before, idle_since))
    }

    fn put_token(&mut self, record: &TokenRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_token(record))
    }

    fn touch_token(&mut self, secret_hash: &[u8; 32], now: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.touch_token(secret_hash, now))
    }

    fn put_api_client(&mut self, record: &ApiClientRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_api_client(record))
    }

    fn put_client_key(&mut self, record: &ClientKeyRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_client_key(record))
    }

    fn touch_client_keys(&mut self, uses: &[([u8; 32], Time)]) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.touch_client_keys(uses))
    }

    fn put_lease_key(&mut self, record: &LeaseKeyRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_lease_key(record))
    }

    fn sweep_lease_keys(&mut self, now: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.sweep_lease_keys(now))
    }

    fn set_notifications(&mut self, organization: &OrganizationId, addresses: &[String]) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.set_notifications(organization, addresses))
    }

    fn put_service_request(&mut self, organization: &OrganizationId, record: &ServiceRequestRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_service_request(organization, record))
    }

    fn add_message(
        &mut self,
        organization: &OrganizationId,
        id: &ServiceRequestId,
        message: &Message,
    ) -> StoreResult<bool> {
        self.plan.clone().step(|| self.inner.add_message(organization, id, message))
    }

    fn add_request(&mut self, record: &RequestRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.add_request(record))
    }

    fn update_request(&mut self, record: &RequestRecord, expected: u64) -> StoreResult<bool> {
        self.plan.clone().step(|| self.inner.update_request(record, expected))
    }

    fn count_actions(&mut self, id: &GrantId, counts: &ActionCounts) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.count_actions(id, counts))
    }

    fn put_refused_alert(&mut self, id: &GrantId, record: &RefusedAlertRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_refused_alert(id, record))
    }

    fn add_action(&mut self, grant: &GrantId, id: &str, sequence: u64, content: &ActionContent) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.add_action(grant, id, sequence, content))
    }

    fn known_action(&self, grant: &GrantId, id: &str) -> StoreResult<Option<Option<ActionContent>>> {
        self.plan.clone().step(|| self.inner.known_action(grant, id))
    }

    fn add_idempotency(
        &mut self,
        client: &ApiClientId,
        key: &str,
        body_hash: &[u8; 32],
        request: &RequestId,
        now: Time,
    ) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.add_idempotency(client, key, body_hash, request, now))
    }

    fn sweep_idempotency(&mut self, before: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.sweep_idempotency(before))
    }

    fn append_event(&mut self, organization: &OrganizationId, event: NewEvent) -> StoreResult<Event> {
        self.plan.clone().step(|| self.inner.append_event(organization, event))
    }

    fn put_export(&mut self, record: &ExportRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_export(record))
    }

    fn put_export_meaning(&mut self, id: &ExportId, meaning: &ExportMeaning) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_export_meaning(id, meaning))
    }

    fn add_read(
        &mut self,
        organization: &OrganizationId,
        person: &PersonId,
        hour: i64,
        filter: &[u8; 32],
    ) -> StoreResult<bool> {
        self.plan.clone().step(|| self.inner.add_read(organization, person, hour, filter))
    }

    fn put_log_view(&mut self, record: &LogViewRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_log_view(record))
    }

    fn delete_log_view(&mut self, organization: &OrganizationId, id: &LogViewId) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.delete_log_view(organization, id))
    }

    fn set_log_start(&mut self, person: &PersonId, view: Option<&LogViewId>) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.set_log_start(person, view))
    }

    fn park_event(&mut self, organization: &OrganizationId, request: &RequestId, event: &NewEvent) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.park_event(organization, request, event))
    }

    fn take_parked_events(&mut self, request: &RequestId) -> StoreResult<Vec<NewEvent>> {
        self.plan.clone().step(|| self.inner.take_parked_events(request))
    }

    fn put_webhook(&mut self, record: &WebhookRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_webhook(record))
    }

    fn put_webhook_secret(&mut self, record: &WebhookSecretRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.put_webhook_secret(record))
    }

    fn add_webhook_message(&mut self, record: &WebhookMessageRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.add_webhook_message(record))
    }

    fn webhook_attempted(&mut self, id: &WebhookMessageId, attempt: &WebhookAttempt, now: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.webhook_attempted(id, attempt, now))
    }

    fn give_up_webhook_orphans(&mut self, now: Time) -> StoreResult<u64> {
        self.plan.clone().step(|| self.inner.give_up_webhook_orphans(now))
    }

    fn sweep_webhook_messages(&mut self, before: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.sweep_webhook_messages(before))
    }

    fn add_mail(&mut self, record: &MailRecord) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.add_mail(record))
    }

    fn mail_sent(&mut self, id: &MailId, now: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.mail_sent(id, now))
    }

    fn mail_failed(&mut self, id: &MailId, error: &str, now: Time, retry_at: Option<Time>) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.mail_failed(id, error, now, retry_at))
    }

    fn sweep_mails(&mut self, before: Time) -> StoreResult<()> {
        self.plan.clone().step(|| self.inner.sweep_mails(before))
    }
}
