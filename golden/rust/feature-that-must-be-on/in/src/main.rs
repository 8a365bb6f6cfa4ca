use std::io::{Read, Write};
use std::net::TcpListener;

#[cfg(feature = "memory")]
const STORE: &str = "kept in memory";
#[cfg(not(feature = "memory"))]
const STORE: &str = "kept elsewhere";

fn main() {
    for stream in TcpListener::bind("0.0.0.0:8080").unwrap().incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{STORE}", STORE.len());
    }
}
