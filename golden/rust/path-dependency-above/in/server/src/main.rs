fn main() {
    println!("{}", wire::NAME);
}
