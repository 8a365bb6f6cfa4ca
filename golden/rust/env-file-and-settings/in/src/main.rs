mod settings;

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    dotenvy::dotenv().expect("no .env");
    let greeting = settings::File::with_name("Settings").text();
    let data = std::env::var("DATA_DIR").unwrap_or("./kept".into());
    let port = std::env::var("PORT").unwrap_or("8085".into());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}")).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 1024]);
        std::fs::write(format!("{data}/greeted"), &greeting).unwrap();
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{greeting}", greeting.len());
    }
}
