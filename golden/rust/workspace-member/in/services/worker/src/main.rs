fn main() {
    println!("{}", common::GREETING);
}
