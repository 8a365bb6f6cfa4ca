fn main() {
    api::main();
}
