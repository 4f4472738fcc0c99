//! Small and capital letters, and letters that nobody sees. In a browser the browser changes them: the standard library's tables weigh 25 KB in the portal.

/// All letters small.
#[must_use]
pub fn small(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    return text.to_lowercase();
}

/// All letters capital.
#[must_use]
pub fn capital(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_upper_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    return text.to_uppercase();
}

/// The text with every letter that is not seen, or that makes others stand where they don't belong, as a mark that is seen:
/// control characters as their pictures (`␛`), the others by their number (`⟨U+202E⟩`). Line ends and tabs stay, and the
/// joiners that emoji and scripts are made with. For what others wrote and people must be able to trust, such as statements
/// that were run; only for the eye: what is copied is the text itself.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\t' => out.push(letter),
            '\0'..='\x1f' => out.push(char::from_u32(0x2400 + u32::from(letter)).unwrap_or(letter)),
            '\x7f' => out.push('␡'),
            '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' => {
                out.push_str("⟨U+");
                let number = u32::from(letter);
                for place in [12, 8, 4, 0] {
                    out.push(
                        char::from_digit((number >> place) & 15, 16).map_or('0', |digit| digit.to_ascii_uppercase()),
                    );
                }
                out.push('⟩');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_marked_and_nothing_else_changes() {
        for plain in ["SELECT *\n\tFROM \"Pay\" -- ünïcödé ﷽ 日本", "😀👩‍👩‍👧‍👦", "नमस्ते \u{200c}", ""]
        {
            assert_eq!(visible(plain), plain);
        }
        assert_eq!(visible("\u{202e}gnp.exe\u{202c}"), "⟨U+202E⟩gnp.exe⟨U+202C⟩");
        assert_eq!(visible("a\u{200b}b\u{2066}c\u{feff}\u{ad}"), "a⟨U+200B⟩b⟨U+2066⟩c⟨U+FEFF⟩⟨U+00AD⟩");
        assert_eq!(visible("bell\u{7} escape\u{1b}[31m nul\u{0}end\u{7f}\u{85}"), "bell␇ escape␛[31m nul␀end␡⟨U+0085⟩");
        assert_eq!(visible("line\r\nline"), "line␍\nline");
        for number in 0..0x11_0000 {
            let Some(letter) = char::from_u32(number) else { continue };
            let seen = visible(letter.encode_utf8(&mut [0; 4]));
            assert!(!seen.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{number:x}");
            assert!(!seen.contains(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')), "{number:x}");
        }
    }
}
