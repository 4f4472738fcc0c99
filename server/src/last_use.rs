//! When keys of API clients were used last: noted in memory at every call, written down once a minute. A call costs no
//! write; a process that is killed forgets the last minute.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use lockbox_api::Time;

/// Uses that were noted. Cheap to clone; all clones are one book.
#[derive(Clone, Debug, Default)]
pub struct LastUses(Arc<RwLock<HashMap<[u8; 32], Use>>>);

/// Microseconds since 1970.
#[derive(Debug)]
struct Use {
    last: AtomicI64,
    written: AtomicI64,
}

impl LastUses {
    /// Notes a use. Only for keys that were found good: what strangers send must not fill the memory.
    pub fn note(&self, key_hash: &[u8; 32], now: Time) {
        let now = now.timestamp_micros();
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(key_hash) {
            known.last.fetch_max(now, Relaxed);
            return;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Use { last: AtomicI64::new(now), written: AtomicI64::new(i64::MIN) };
        all.entry(*key_hash).or_insert_with(new).last.fetch_max(now, Relaxed);
    }

    /// What has not been written down yet.
    #[must_use]
    pub fn unwritten(&self) -> Vec<([u8; 32], Time)> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .filter(|(_, known)| known.last.load(Relaxed) > known.written.load(Relaxed))
            .filter_map(|(hash, known)| Some((*hash, Time::from_timestamp_micros(known.last.load(Relaxed))?)))
            .collect()
    }

    /// Notes that these have been written down.
    pub fn written(&self, uses: &[([u8; 32], Time)]) {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        for (hash, at) in uses {
            if let Some(known) = all.get(hash) {
                known.written.fetch_max(at.timestamp_micros(), Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(s: i64) -> Time {
        Time::from_timestamp(s, 0).unwrap()
    }

    #[test]
    fn the_latest_use_is_written_once() {
        let uses = LastUses::default();
        assert!(uses.unwritten().is_empty());
        for s in [5, 9, 7] {
            uses.note(&[1; 32], time(s));
        }
        assert_eq!(uses.unwritten(), [([1; 32], time(9))]);
        assert_eq!(uses.unwritten(), [([1; 32], time(9))], "what could not be written is there again");
        uses.written(&[([1; 32], time(9))]);
        assert!(uses.unwritten().is_empty());
        uses.note(&[1; 32], time(10));
        assert_eq!(uses.unwritten(), [([1; 32], time(10))]);
    }
}
