//! What holds for every line that somebody types. The tests here try it on lines made up at random, the target in `fuzz/` on
//! whatever the fuzzer comes up with.

use super::{LINE_MAX, parse, print};

/// It is read, and then has one plain form that means the same; or it is refused at a place within it. Returns whether it
/// was read.
pub(crate) fn line(line: &str) -> bool {
    match parse(line) {
        Ok(filter) => {
            let plain = print(&filter);
            // Of a line that just fits, the plain form may be a few letters too long (`to:` is written `before:`).
            if plain.chars().count() <= LINE_MAX {
                let again = parse(&plain);
                assert_eq!(again.as_ref(), Ok(&filter), "{plain}");
                assert_eq!(print(&filter), plain);
            }
            true
        }
        Err(error) => {
            let within = error.start < error.end && error.end <= line.chars().count();
            assert!(within && !error.message.is_empty(), "{error:?} in {line:?}");
            false
        }
    }
}
