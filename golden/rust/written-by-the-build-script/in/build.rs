fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/style.css"), "p { color: red }").unwrap();
}
