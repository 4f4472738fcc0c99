//! A filter line of the log.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockbox_fuzz::try_log_filter(data));
