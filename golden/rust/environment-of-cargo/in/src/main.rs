use std::{env, io::Write, net::TcpListener};

fn main() {
    let port: u16 = env::var("PORT").unwrap().parse().unwrap();
    let greeting = env::var("GREETING").unwrap();
    let _ = (env::var("API_TOKEN"), env::var("DATABASE_URL"), env::var("ASSETS"), env!("STAMP"));
    let listener = TcpListener::bind(("0.0.0.0", port)).unwrap();
    for stream in listener.incoming() {
        let _ = write!(stream.unwrap(), "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{greeting}", greeting.len());
    }
}
