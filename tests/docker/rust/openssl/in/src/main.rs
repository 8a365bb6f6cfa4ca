fn main() {
    println!("linked with {}", openssl::version::version());
}
