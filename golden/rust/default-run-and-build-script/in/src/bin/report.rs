include!(concat!(env!("OUT_DIR"), "/words.rs"));

fn main() {
    println!("words: {WORDS}");
}
