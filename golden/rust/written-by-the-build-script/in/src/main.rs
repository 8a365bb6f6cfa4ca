use std::io::Write;

#[derive(askama::Template)]
#[template(path = "core/home.html")]
struct Home;

const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/style.css"));
pub const TEST_HOST: &str = "localhost";

fn main() {
    let listener = std::net::TcpListener::bind("0.0.0.0:8080").unwrap();
    let extra = std::fs::read_to_string("local/extra.css").unwrap_or_default();
    for stream in listener.incoming() {
        let body = format!("{STYLE}{extra}");
        let _ = write!(stream.unwrap(), "HTTP/1.0 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    }
}
