#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| toolgen_fuzz::files::gguf(input));
