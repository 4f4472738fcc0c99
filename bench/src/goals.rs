//! What was measured beside what it was to be.

use crate::Outcome;

/// What a figure was to be.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// Not more than this.
    AtMost(f64),
    /// Not less than this.
    AtLeast(f64),
}

/// All figures that have a goal.
#[derive(Default)]
pub(crate) struct Goals {
    all: Vec<(String, f64, Goal)>,
}

impl Goals {
    /// Notes a figure.
    pub(crate) fn add(&mut self, what: impl Into<String>, value: f64, goal: Goal) {
        self.all.push((what.into(), value, goal));
    }

    /// Prints all of them, and fails naming those that were missed.
    pub(crate) fn judge(&self) -> Outcome {
        if self.all.is_empty() {
            return Ok(());
        }
        println!("\n{:<62} {:>10} {:>12}", "figures that have a goal", "measured", "goal");
        let mut missed = Vec::new();
        for (what, value, goal) in &self.all {
            let (limit, sign, met) = match goal {
                Goal::AtMost(limit) => (limit, "<=", value <= limit),
                Goal::AtLeast(limit) => (limit, ">=", value >= limit),
            };
            println!("{what:<62} {value:>10.2} {sign:>4} {limit:>7} {}", if met { "" } else { "missed" });
            if !met {
                missed.push(what.as_str());
            }
        }
        if missed.is_empty() { Ok(()) } else { Err(format!("goals missed: {}", missed.join("; ")).into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Goal, Goals};

    #[test]
    fn a_goal_that_is_missed_is_named() {
        let mut goals = Goals::default();
        assert!(goals.judge().is_ok());
        goals.add("frames", 50.0, Goal::AtMost(50.0));
        goals.add("speed", 0.5, Goal::AtLeast(0.5));
        assert!(goals.judge().is_ok());
        goals.add("filter", 151.0, Goal::AtMost(150.0));
        goals.add("slow", 0.49, Goal::AtLeast(0.5));
        goals.add("nothing", f64::NAN, Goal::AtMost(1.0));
        let error = goals.judge().map_err(|error| error.to_string());
        assert_eq!(error, Err("goals missed: filter; slow; nothing".to_owned()));
    }
}
