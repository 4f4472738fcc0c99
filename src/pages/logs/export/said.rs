//! The words of an export: what happened to it, what to do about it, how far it is.

use crate::{
    pages::logs::taking::{Far, Saved, Why},
    ui::time::number,
};
use lockbox_rules::words;

/// What happened, in the words of a heading.
pub(super) fn title(why: &Why) -> &'static str {
    match why {
        Why::Stopped => "Stopped",
        Why::SignedOut => "Signed out",
        Why::NoRoom => "No room",
        Why::Answered(_) => "The server does not go on",
        _ => "The connection broke",
    }
}

/// What to do about it, where what came is kept.
pub(super) fn next(why: &Why) -> &'static str {
    match why {
        Why::Unreachable | Why::NoRoom => "Then go on.",
        Why::Answered(_) | Why::SignedOut => "",
        _ => "Go on fetches the rest.",
    }
}

/// What the digest says. Of a part whose connection broke, the log has only the digest of what was sent, which is more than came.
pub(super) fn checked(saved: &Saved) -> String {
    if saved.connections == 1 && saved.checked {
        return "SHA-256 of the file, as the log has it:".to_owned();
    }
    let last = if saved.checked { "The last of them is what the log says was sent; of" } else { "Of" };
    let before = if saved.checked { "what came before" } else { "what came" };
    format!(
        "It came over {}. {last} {before}, only whole events were kept, but the log has no digest to compare it with. \
         SHA-256 of the file:",
        words::count(saved.connections.into(), "connection")
    )
}

/// `62 %, 1,204 events, 1.4 MB`.
pub(super) fn way(far: Far) -> String {
    let share = far.share.map(|share| format!("{share} %, ")).unwrap_or_default();
    let rows = far.rows.map(|rows| match rows {
        1 => "1 event, ".to_owned(),
        rows => format!("{} events, ", number(usize::try_from(rows).unwrap_or(usize::MAX))),
    });
    format!("{share}{}{}", rows.unwrap_or_default(), size(far.bytes))
}

/// `1.4 MB`.
fn size(bytes: u64) -> String {
    // Exact up to far more than any disk holds.
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let bytes = bytes as f64;
    if bytes < 1_000_000.0 { format!("{:.0} KB", bytes / 1_000.0) } else { format!("{:.1} MB", bytes / 1_000_000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0), "0 KB");
        assert_eq!(size(4_200), "4 KB");
        assert_eq!(size(12_345_678), "12.3 MB");
    }

    #[test]
    fn the_way_says_what_is_known() {
        let far = Far { rows: Some(1_204), bytes: 1_400_000, share: Some(62) };
        assert_eq!(way(far), "62 %, 1,204 events, 1.4 MB");
        assert_eq!(way(Far { share: None, ..far }), "1,204 events, 1.4 MB");
        assert_eq!(way(Far { rows: None, bytes: 9_000, share: None }), "9 KB");
    }

    #[test]
    fn what_was_checked_is_said() {
        let saved = Saved { rows: 3, sha256: String::new(), connections: 1, checked: true };
        assert_eq!(checked(&saved), "SHA-256 of the file, as the log has it:");
        let joined = checked(&Saved { connections: 2, ..saved.clone() });
        assert!(joined.starts_with("It came over 2 connections. The last of them is what the log says was sent;"));
        assert!(checked(&Saved { checked: false, ..saved }).starts_with("It came over 1 connection. Of what came, "));
    }
}
