//! Files bent out of shape at random: whatever stands in them, they are read or refused in one line that names the line,
//! and nothing panics. The same every run; `LOCKBOX_FUZZ_SEED` and `LOCKBOX_FUZZ_ROUNDS` go further.
//!
//! What must hold is said in `properties`; `fuzz/` has a fuzzer try the same.

use super::*;

const ROUNDS: u64 = 1_500;
/// What a file may contain that nobody would write.
const PIECES: [&str; 30] = [
    "\0",
    "\u{feff}",
    "\u{202e}",
    "é",
    "\r",
    "\n\n",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "[",
    "[[",
    "]",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "-1",
    "99999999999999999999",
    "1e999",
    "nan",
    "true",
    "1979-05-27T07:32:00Z",
    "rule.0",
    "when = {}",
    "version = \"2\"",
    "[[rule]]",
];

/// Random numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end.max(1) as u64).unwrap()
    }

    /// A place between two letters.
    fn place(&mut self, text: &str) -> usize {
        text.floor_char_boundary(self.below(text.len() + 1))
    }

    /// One change: letters, lines, or a line from somewhere else.
    fn bend(&mut self, text: &mut String) {
        let lines: Vec<&str> = text.lines().collect();
        match self.below(6) {
            0 => {
                let (one, other) = (self.place(text), self.place(text));
                let end = one.max(other).min(one.min(other) + 40);
                text.replace_range(one.min(other)..text.floor_char_boundary(end), "");
            }
            1 => {
                let at = self.place(text);
                text.insert_str(at, PIECES[self.below(PIECES.len())]);
            }
            2 => {
                let (from, to) = (self.below(lines.len()), self.below(lines.len() + 1));
                let mut lines = lines.clone();
                lines.insert(to, lines.get(from).copied().unwrap_or_default());
                *text = lines.join("\n");
            }
            3 => {
                let gone = self.below(lines.len());
                *text = lines.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, l)| format!("{l}\n")).collect();
            }
            4 => {
                let words: Vec<&str> = text.split_whitespace().collect();
                if let (Some(one), Some(other)) =
                    (words.get(self.below(words.len())), words.get(self.below(words.len())))
                {
                    *text = text.replacen(*one, other, 1);
                }
            }
            _ => {
                let at = self.place(text);
                text.truncate(at);
            }
        }
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

/// Tells which round it was when an assertion below it fails.
struct Round {
    seed: u64,
    round: u64,
}

impl Drop for Round {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, round {}", self.seed, self.round);
        }
    }
}

/// Bends `text` in many ways and reads each; returns how many were read and how many refused.
fn bent(text: &str, read: impl Fn(&str) -> bool) -> (u64, u64) {
    let seed = number("LOCKBOX_FUZZ_SEED", 1);
    let (mut good, mut refused) = (0, 0);
    for round in 0..number("LOCKBOX_FUZZ_ROUNDS", ROUNDS) {
        let mut dice = Dice(seed.wrapping_mul(1_000_003).wrapping_add(round));
        let mut text = text.to_owned();
        for _ in 0..=dice.below(4) {
            dice.bend(&mut text);
        }
        let _round = Round { seed, round };
        if read(&text) { good += 1 } else { refused += 1 }
    }
    (good, refused)
}

/// The catalog without most of its services: small files bend more.
fn short_catalog() -> String {
    CATALOG.split_inclusive("\n[[service]]").take(3).collect::<String>().trim_end_matches("[[service]]").to_owned()
}

#[test]
fn a_bent_catalog_is_read_or_refused_in_one_line() {
    let (good, refused) = bent(&short_catalog(), properties::catalog);
    assert!(good > 20 && refused > 500, "{good} were read, {refused} refused");
}

#[test]
fn bent_rules_are_read_or_refused_and_a_rejection_always_holds() {
    let catalog = load_catalog(None).unwrap();
    let (good, refused) = bent(RULES, |text| properties::rules(text, &catalog));
    assert!(good > 20 && refused > 500, "{good} were read, {refused} refused");
}
