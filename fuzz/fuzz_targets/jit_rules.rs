//! A file of JIT rules.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lockbox_fuzz::try_jit_rules(data));
