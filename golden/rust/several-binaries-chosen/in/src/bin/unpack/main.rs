fn main() {
    println!("unpacked");
}
