fn main() {
    println!("{} apples", itoa::Buffer::new().format(12));
}
