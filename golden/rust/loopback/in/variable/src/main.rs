fn main() {
    let address = std::env::var("LISTEN_ADDR").unwrap_or("127.0.0.1:4001".into());
    let _ = std::net::TcpListener::bind(address);
}
