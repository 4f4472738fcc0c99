//! What became of the actions that a grant did not cover, in words: refused, done all the same, or not to be judged. Nothing is
//! said to be stopped that the provider reports as done, and nothing to lie outside of an approval that nobody gave.

use lockbox_api::requests::LockboxRequest;

use crate::words::count;

/// How many actions under an access were refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refusals {
    /// All of them.
    pub all: u64,
    /// Those that the provider reported as done.
    pub done: u64,
    /// Those whose report was faulty.
    pub faulty: u64,
}

impl Refusals {
    /// Of a request: what its timeline shows and what it leaves out.
    #[must_use]
    pub fn of(request: &LockboxRequest) -> Self {
        let shown = request.timeline.iter().filter_map(|entry| entry.action.as_ref()).filter(|action| action.refused);
        let beyond = request.timeline_left_out.as_ref();
        let first = beyond.map_or_else(Self::default, |beyond| Self {
            all: beyond.refused_actions,
            done: beyond.done_outside,
            faulty: beyond.faulty_reports,
        });
        shown.fold(first, |sum, action| Self {
            all: sum.all + 1,
            done: sum.done + u64::from(action.done_outside),
            faulty: sum.faulty + u64::from(action.faulty),
        })
    }

    /// Neither done nor faulty.
    const fn not_done(self) -> u64 {
        self.all.saturating_sub(self.done).saturating_sub(self.faulty)
    }

    /// The heaviest of it; `None` where there was nothing.
    #[must_use]
    pub fn title(self) -> Option<String> {
        let were = |number: u64| if number == 1 { "was" } else { "were" };
        let told = |number: u64, noun: &str, what: &str| format!("{} {} {what}", count(number, noun), were(number));
        Some(match (self.done, self.not_done(), self.faulty) {
            (0, 0, 0) => return None,
            (0, 0, faulty) => told(faulty, "report", "faulty"),
            (0, refused, _) => told(refused, "action", "refused"),
            (done, ..) => told(done, "action", "done without permission"),
        })
    }

    /// What that means, in sentences. `decided`: a person of the customer approved the access.
    #[must_use]
    pub fn meaning(self, decided: bool) -> String {
        let covered = if decided { "what was approved" } else { "what was asked for" };
        let mut told = match self.done {
            0 => String::new(),
            1 => format!("It lay outside of {covered}, and the provider reports it as done: nothing stopped it. "),
            _ => {
                format!("They lay outside of {covered}, and the provider reports them as done: nothing stopped them. ")
            }
        };
        told.push_str(&match (self.not_done(), self.done) {
            (0, _) => String::new(),
            (1, 0) => "The provider does not report it as done. ".to_owned(),
            (_, 0) => "The provider reports none of them as done. ".to_owned(),
            (1, _) => "1 more was refused and is not reported as done. ".to_owned(),
            (more, _) => format!("{more} more were refused and are not reported as done. "),
        });
        told.push_str(&match (self.faulty, self.faulty == self.all) {
            (0, _) => String::new(),
            (1, true) => "What was done can’t be judged by it. ".to_owned(),
            (_, true) => "What was done can’t be judged by them. ".to_owned(),
            (faulty, false) => {
                format!("{} had faults, so that what was done can’t be judged. ", count(faulty, "report"))
            }
        });
        told.push_str("The log has each of them.");
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_called_stopped_that_was_done_and_nothing_approved_that_nobody_decided() {
        let of = |all, done, faulty| Refusals { all, done, faulty };
        let rows = [
            (of(1, 0, 0), "1 action was refused", "The provider does not report it as done."),
            (of(3, 0, 0), "3 actions were refused", "The provider reports none of them as done."),
            (
                of(1, 1, 0),
                "1 action was done without permission",
                "It lay outside of what was approved, and the provider reports it as done: nothing stopped it.",
            ),
            (
                of(6, 2, 1),
                "2 actions were done without permission",
                "They lay outside of what was approved, and the provider reports them as done: nothing stopped them. \
                 3 more were refused and are not reported as done. 1 report had faults, so that what was done can’t be judged.",
            ),
            (of(1, 0, 1), "1 report was faulty", "What was done can’t be judged by it."),
            (of(2, 0, 2), "2 reports were faulty", "What was done can’t be judged by them."),
            (
                of(2, 0, 1),
                "1 action was refused",
                "The provider does not report it as done. 1 report had faults, so that what was done can’t be judged.",
            ),
        ];
        for (refusals, title, meaning) in rows {
            assert_eq!(refusals.title().unwrap(), title);
            assert_eq!(refusals.meaning(true), format!("{meaning} The log has each of them."));
            let undecided = refusals.meaning(false);
            assert!(!undecided.contains("approved"), "{undecided}");
        }
        assert_eq!(Refusals::default().title(), None);
    }
}
