//! Slows down whoever guesses passwords, without locking anybody else out.
//!
//! Attempts count per address and account together, and per address. An account is never blocked for other addresses:
//! otherwise a stranger could keep an approver from ending an access.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;
use lockbox_api::Time;

/// Attempts without a wait, for one account from one address, and for all accounts from one address.
const FREE_PER_ACCOUNT: u32 = 5;
const FREE_PER_ADDRESS: u32 = 50;
/// Longest wait, seconds.
const WAIT_MAX_S: i64 = 60;
/// After this long without an attempt all is forgotten.
const MEMORY: TimeDelta = TimeDelta::minutes(15);
/// How many counters are kept; beyond it the ones that rested longest go.
const COUNTERS_MAX: usize = 20_000;

/// Remembers attempts. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct SignInLimit(Arc<Inner>);

struct Inner {
    /// Accounts are kept as keyed hashes: a list of addresses that somebody tried is nobody's business.
    hasher: RandomState,
    counters: Mutex<HashMap<Key, Counter>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    Account(IpAddr, u64),
}

#[derive(Clone, Copy)]
struct Counter {
    attempts: u32,
    last: Time,
}

impl Default for SignInLimit {
    fn default() -> Self {
        Self(Arc::new(Inner { hasher: RandomState::new(), counters: Mutex::default() }))
    }
}

impl SignInLimit {
    /// Whether a sign-in may be tried now. Counts it when it may, before the password is checked, so that many at once
    /// don't slip through together.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn attempt(&self, from: Option<IpAddr>, account: &str, now: Time) -> Result<(), u64> {
        let keys = self.keys(from, account);
        let mut counters = self.0.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys.iter().filter_map(|key| counters.get(key).map(|counter| wait(*key, *counter, now))).max();
        if let Some(wait) = wait.filter(|wait| *wait > TimeDelta::zero()) {
            return Err(u64::try_from(wait.num_milliseconds()).unwrap_or_default().div_ceil(1_000).max(1));
        }
        for key in keys {
            let counter = counters.entry(key).or_insert(Counter { attempts: 0, last: now });
            let forgotten = now - counter.last > MEMORY;
            *counter = Counter { attempts: if forgotten { 1 } else { counter.attempts.saturating_add(1) }, last: now };
        }
        if counters.len() > COUNTERS_MAX {
            forget(&mut counters, now);
        }
        Ok(())
    }

    /// The password was right: this account owes nothing at this address, and the attempt does not count against it.
    pub fn succeeded(&self, from: Option<IpAddr>, account: &str) {
        let [address, account] = self.keys(from, account);
        let mut counters = self.0.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.remove(&account);
        if let Some(counter) = counters.get_mut(&address) {
            counter.attempts = counter.attempts.saturating_sub(1);
        }
    }

    fn keys(&self, from: Option<IpAddr>, account: &str) -> [Key; 2] {
        let from = network(from.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)));
        [Key::Address(from), Key::Account(from, self.0.hasher.hash_one(account.trim().to_lowercase()))]
    }
}

/// One caller has a whole /64 of IPv6 addresses.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

/// One second after the free attempts, twice as long after each further one.
fn wait(key: Key, counter: Counter, now: Time) -> TimeDelta {
    let free = match key {
        Key::Address(_) => FREE_PER_ADDRESS,
        Key::Account(..) => FREE_PER_ACCOUNT,
    };
    let Some(beyond) = counter.attempts.checked_sub(free) else { return TimeDelta::zero() };
    let seconds = 1_i64.checked_shl(beyond.min(16)).unwrap_or(WAIT_MAX_S).min(WAIT_MAX_S);
    counter.last + TimeDelta::seconds(seconds) - now
}

fn forget(counters: &mut HashMap<Key, Counter>, now: Time) {
    counters.retain(|_, counter| now - counter.last <= MEMORY);
    if counters.len() > COUNTERS_MAX {
        let mut times: Vec<Time> = counters.values().map(|counter| counter.last).collect();
        let middle = times.len() / 2;
        let (_, oldest_kept, _) = times.select_nth_unstable(middle);
        let oldest_kept = *oldest_kept;
        counters.retain(|_, counter| counter.last > oldest_kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Time {
        Time::from_timestamp_millis(1_790_000_000_000 + ms).unwrap()
    }

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn guessing_gets_slower_and_slower() {
        let limit = SignInLimit::default();
        for _ in 0..5 {
            assert_eq!(limit.attempt(ip("192.0.2.1"), "ada@m.example", at(0)), Ok(()));
        }
        let mut now = 0;
        for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(limit.attempt(ip("192.0.2.1"), "ADA@m.example ", at(now)), Err(expected));
            now += i64::try_from(expected).unwrap() * 1_000 - 1;
            assert_eq!(limit.attempt(ip("192.0.2.1"), "ada@m.example", at(now)), Err(1));
            now += 1;
            assert_eq!(limit.attempt(ip("192.0.2.1"), "ada@m.example", at(now)), Ok(()));
        }
    }

    #[test]
    fn nobody_else_has_to_wait() {
        let limit = SignInLimit::default();
        for _ in 0..5 {
            limit.attempt(ip("192.0.2.1"), "ada@m.example", at(0)).unwrap();
        }
        assert!(limit.attempt(ip("192.0.2.1"), "ada@m.example", at(0)).is_err());
        assert_eq!(limit.attempt(ip("192.0.2.2"), "ada@m.example", at(0)), Ok(()), "the same account elsewhere");
        assert_eq!(limit.attempt(ip("192.0.2.1"), "bob@m.example", at(0)), Ok(()), "another account here");
    }

    #[test]
    fn many_accounts_from_one_address_are_slowed_down_together() {
        let limit = SignInLimit::default();
        for n in 0..50 {
            limit.attempt(ip("2001:db8::1"), &format!("{n}@m.example"), at(0)).unwrap();
        }
        assert_eq!(limit.attempt(ip("2001:db8::ffff:1"), "new@m.example", at(0)), Err(1), "the same /64");
        assert_eq!(limit.attempt(ip("2001:db8:0:1::1"), "new@m.example", at(0)), Ok(()));
    }

    #[test]
    fn success_and_time_forgive() {
        let limit = SignInLimit::default();
        for _ in 0..5 {
            limit.attempt(ip("192.0.2.1"), "ada@m.example", at(0)).unwrap();
        }
        limit.succeeded(ip("192.0.2.1"), "ada@m.example");
        for _ in 0..5 {
            limit.attempt(ip("192.0.2.1"), "ada@m.example", at(0)).unwrap();
        }
        let later = 15 * 60 * 1_000 + 1;
        for _ in 0..5 {
            limit.attempt(ip("192.0.2.1"), "ada@m.example", at(later)).unwrap();
        }
    }

    #[test]
    fn memory_is_bounded() {
        let limit = SignInLimit::default();
        for n in 0..60_000_u32 {
            let address = IpAddr::V4((0x0a00_0000 + n).into());
            limit.attempt(Some(address), "ada@m.example", at(i64::from(n))).unwrap();
        }
        assert!(limit.0.counters.lock().unwrap().len() <= COUNTERS_MAX);
    }
}
