use std::io::{Read, Write};
use std::{env, fs, net::TcpListener};

pub fn main() {
    let host = env::var("HOST").expect("HOST is not set");
    let port = env::var("LISTEN_PORT").expect("LISTEN_PORT is not set");
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/page.html")).unwrap();
    let listener = TcpListener::bind(format!("{host}:{port}")).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len());
    }
}
