#![feature(never_type)]

fn main() {
    println!("hello");
}
