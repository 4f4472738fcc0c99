//! Randomness and the ids made with it.

use std::sync::{Arc, Mutex, PoisonError};

use lockbox_api::{
    Time,
    ids::{
        ApiClientId, ClientKeyId, EventId, ExportId, GrantId, LogViewId, MailId, MessageId, PersonId, RequestId,
        ServiceRequestId, TokenId, WebhookId, WebhookMessageId,
    },
};
use rand::{Rng, SeedableRng, TryRng, rngs::StdRng, rngs::SysRng};
use ulid::Ulid;

use crate::hex::hex;

/// An id that Lockbox makes: a prefix, then 26 characters that sort by time.
pub trait NewId: From<String> {
    /// What ids of this kind begin with.
    const PREFIX: &'static str;
}

macro_rules! new_ids {
    ($($id:ty),+) => { $(impl NewId for $id { const PREFIX: &'static str = <$id>::PREFIX; })+ };
}

new_ids!(
    RequestId,
    GrantId,
    PersonId,
    EventId,
    MessageId,
    ApiClientId,
    ClientKeyId,
    TokenId,
    MailId,
    ExportId,
    LogViewId,
    WebhookId,
    WebhookMessageId
);

/// Where randomness comes from. Cheap to clone.
#[derive(Clone)]
pub struct Random(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Random {
    /// The operating system's randomness.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// The same sequence for the same seed: for tests and for the demo's history, never for secrets.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// 256 random bits.
    #[must_use]
    pub fn bytes32(&self) -> [u8; 32] {
        self.bytes()
    }

    /// A secret for a session, key or token: the prefix, then 64 hexadecimal digits (256 random bits).
    #[must_use]
    pub fn secret(&self, prefix: &str) -> String {
        format!("{prefix}{}", hex(&self.bytes32()))
    }

    /// An id of the moment `at`: its prefix, then 48 bits of time and 80 random ones as 26 lower-case Crockford
    /// characters.
    #[must_use]
    pub fn id<T: NewId>(&self, at: Time) -> T {
        T::from(self.prefixed(T::PREFIX, at))
    }

    /// The same for what has no id type, for example an HTTP exchange (`req_`).
    #[must_use]
    pub fn prefixed(&self, prefix: &str, at: Time) -> String {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        let random = u128::from_be_bytes(self.bytes()) & ((1 << 80) - 1);
        format!("{prefix}{}", Ulid::from_parts(millis, random).to_string().to_lowercase())
    }

    /// The number of a support request that a customer opens here: the day (UTC) and ten random digits, in the form
    /// of the provider's own numbers. The store refuses one that is taken.
    #[must_use]
    pub fn service_request_id(&self, at: Time) -> ServiceRequestId {
        let random = u64::from_be_bytes(self.bytes()) % 10_000_000_000;
        ServiceRequestId(format!("{}{random:010}", at.format("%y%m%d")))
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => {
                if let Err(error) = SysRng.try_fill_bytes(&mut bytes) {
                    // Without randomness nothing that follows would be safe: ids and session secrets could repeat.
                    tracing::error!("the system gives no randomness: {error}");
                    std::process::abort();
                }
            }
            Source::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes),
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use std::collections::HashSet;

    fn time(s: i64) -> Time {
        DateTime::from_timestamp(s, 0).unwrap()
    }

    #[test]
    fn ids_have_prefix_form_and_order_of_time() {
        let random = Random::system();
        let mut last = String::new();
        for s in 0..100 {
            let RequestId(id) = random.id(time(1_790_000_000) + TimeDelta::milliseconds(s));
            let body = id.strip_prefix("lbx_").unwrap();
            assert_eq!(body.len(), 26);
            assert!(body.chars().all(|c| "0123456789abcdefghjkmnpqrstvwxyz".contains(c)), "{id}");
            assert!(id > last);
            last = id;
        }
    }

    #[test]
    fn nothing_repeats() {
        let random = Random::system();
        let ids: HashSet<String> = (0..10_000).map(|_| random.prefixed("evt_", time(1_790_000_000))).collect();
        assert_eq!(ids.len(), 10_000);
        assert_ne!(random.bytes32(), random.bytes32());
    }

    #[test]
    fn a_seed_repeats_itself() {
        let ids = |seed| {
            let random = Random::seeded(seed);
            (0..5).map(|_| random.prefixed("evt_", time(1))).collect::<Vec<_>>()
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
    }

    #[test]
    fn secrets_carry_256_bits() {
        let secret = Random::system().secret("lbk_");
        let digits = secret.strip_prefix("lbk_").unwrap();
        assert!(digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit()));
    }

    #[test]
    fn support_request_numbers_look_like_the_providers() {
        let ServiceRequestId(id) = Random::system().service_request_id(time(1_795_305_600));
        assert!(id.len() == 16 && id.starts_with("261122") && id.chars().all(|c| c.is_ascii_digit()), "{id}");
    }
}
