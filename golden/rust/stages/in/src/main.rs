use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("0.0.0.0:8080")?;
    for stream in listener.incoming() {
        let mut stream = stream?;
        let _ = stream.read(&mut [0; 1024])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 18\r\n\r\nhello from greeter")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_test_may_write_beside_the_sources() {
        std::fs::write("beside.txt", "x").unwrap();
    }
}
