fn main() {
    let port = std::env::var("PORT").unwrap();
    let _ = std::net::TcpListener::bind(format!("0.0.0.0:{port}"));
}
