mod access_requests;
mod administration;
mod provider;

use lockbox_api::administration::NotificationsUpdate;
use proptest::prelude::*;

use super::*;

/// The pointers of what a check finds after `change`; every message must be a sentence.
fn found<T: Clone>(sound: &T, change: impl FnOnce(&mut T), check: impl Fn(&T) -> Vec<FieldError>) -> Vec<String> {
    assert_eq!(check(sound), [], "the unchanged input is sound");
    let mut input = sound.clone();
    change(&mut input);
    let errors = check(&input);
    for error in &errors {
        assert!(error.message.ends_with('.'), "{error:?}");
    }
    errors.into_iter().map(|error| error.pointer).collect()
}

fn x(number: usize) -> String {
    "x".repeat(number)
}

proptest! {
    #[test]
    fn no_zero_character_passes_anywhere(before in "\\PC{0,5}", after in "\\PC{0,5}") {
        let text = format!("{before}\0{after}");
        prop_assert!(text::id(&text, ID_MAX).is_some());
        prop_assert!(text::line(&text, 0, NAME_MAX).is_some());
        prop_assert!(text::block(&text, 0, TEXT_MAX).is_some());
        prop_assert!(text::statement(&text, TEXT_MAX).is_some());
    }

    #[test]
    fn what_is_kept_of_a_faulty_text_can_be_kept_and_shown(text in "(?s).{0,30}", max in 0_usize..40) {
        let kept = kept(&text, max);
        prop_assert!(kept.chars().count() <= max && text::statement(&kept, max).is_none(), "{:?}", kept);
        if text::block(&text, 0, max).is_none() && text::line(&text, 0, max).is_none() && text.trim() == text {
            prop_assert_eq!(kept, text);
        }
    }

    #[test]
    fn what_passes_as_a_line_is_one(text in "(?s).{0,12}") {
        if text::line(&text, 0, NAME_MAX).is_none() {
            let breaks_out = text.contains(['\r', '\n', '\u{2028}', '\u{202E}']);
            prop_assert!(!breaks_out);
        }
    }

    #[test]
    fn an_address_that_passes_can_stand_in_a_mail_header(address in "[a-z.@<>,; \\r\\n\"-]{0,20}") {
        let errors = notifications_update(&NotificationsUpdate { addresses: vec![address.clone()] });
        if errors.is_empty() {
            prop_assert!(!address.contains(['\r', '\n', ' ', ',', ';', '<', '>', '"']));
            prop_assert_eq!(address.matches('@').count(), 1);
        }
    }
}

#[test]
fn strange_characters_are_kept_as_their_names() {
    assert_eq!(kept("a\u{8}b\nc\u{202E}d", 100), "a\\u{8}b\nc\\u{202e}d");
    assert_eq!(kept("äöü", 2), "äö");
    assert_eq!(kept("ab\u{8}", 4), "ab", "a name is not cut");
}
