use store::DEFAULT_PORT;

fn main() {
    let _ = std::net::TcpListener::bind(format!("0.0.0.0:{DEFAULT_PORT}"));
}
