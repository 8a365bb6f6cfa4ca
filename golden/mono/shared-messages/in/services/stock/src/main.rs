use std::io::{Read, Write};
use std::net::TcpListener;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

fn main() {
    let listener = TcpListener::bind("0.0.0.0:7000").expect("port 7000 is free");
    for stream in listener.incoming().flatten() {
        let mut stream = stream;
        let _ = stream.read(&mut [0; 1024]);
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{MESSAGES}", MESSAGES.len());
    }
}
