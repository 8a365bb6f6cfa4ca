use std::{env, fs, path::Path};

fn main() {
    let words = fs::read_to_string("words.txt").unwrap();
    let out = Path::new(&env::var("OUT_DIR").unwrap()).join("words.rs");
    fs::write(out, format!("pub const WORDS: usize = {};", words.lines().count())).unwrap();
}
