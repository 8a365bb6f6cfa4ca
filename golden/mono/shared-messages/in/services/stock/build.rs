use std::{env, fs, path::Path};

fn main() {
    let messages = fs::read_to_string("../../proto/shop.proto").expect("the messages");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("messages.rs");
    fs::write(out, format!("const MESSAGES: &str = {messages:?};")).expect("a file");
}
