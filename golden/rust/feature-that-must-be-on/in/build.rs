fn main() {
    #[cfg(not(any(feature = "postgres", feature = "memory")))]
    compile_error!("Choose a store: cargo build --features memory");
}
