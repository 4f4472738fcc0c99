//! A catalog file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockbox_fuzz::try_catalog(data));
