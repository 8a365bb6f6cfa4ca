use rust_embed::Embed;
use std::io::{Read, Write};
use std::net::TcpListener;

#[derive(Embed)]
#[folder = "web/dist"]
struct Assets;

fn main() -> std::io::Result<()> {
    let page = Assets::get("index.html").expect("the front end has a page");
    let listener = TcpListener::bind("0.0.0.0:8080")?;
    for stream in listener.incoming() {
        let mut stream = stream?;
        let _ = stream.read(&mut [0; 1024])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
        stream.write_all(&page.data)?;
    }
    Ok(())
}
