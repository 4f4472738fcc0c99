//! Requests by something that they have in common.

use std::collections::HashMap;

use lockbox_api::{history::HistoryCount, requests::Status};

use super::RequestFacts;

/// Counts by a key with its label.
#[derive(Clone, Debug, Default)]
pub struct Slices(HashMap<String, HistoryCount>);

impl Slices {
    /// Counts one more request under a key. Of several labels for one key the first met holds.
    pub fn add(&mut self, key: &str, label: &str, request: &RequestFacts) {
        if !self.0.contains_key(key) {
            let (key, label) = (key.to_owned(), label.to_owned());
            self.0.insert(key.clone(), HistoryCount { key, label, count: 0, approved: 0, hours_granted: 0.0 });
        }
        let Some(slice) = self.0.get_mut(key) else { return };
        slice.count += 1;
        slice.approved += u64::from(request.status == Status::Approved);
        slice.hours_granted += request.hours_granted();
    }

    /// Most first, equal ones by label.
    #[must_use]
    pub fn done(self) -> Vec<HistoryCount> {
        let mut slices: Vec<HistoryCount> = self.0.into_values().collect();
        slices
            .sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)).then_with(|| a.key.cmp(&b.key)));
        slices
    }
}
