use smart_default::SmartDefault;

const LIST: [u8; 8] = [0, 0, 0, 0, 2, 0, 0, 0];

#[derive(SmartDefault)]
pub struct Settings {
    #[default(8536)]
    pub port: u16,
}

async fn page() -> String {
    tokio::fs::read_to_string("web/dist/index.html").await.unwrap_or_default()
}

#[tokio::main]
async fn main() {
    let address = std::net::SocketAddr::new(std::net::Ipv4Addr::UNSPECIFIED.into(), Settings::default().port);
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let app = axum::Router::new().route("/", axum::routing::get(page));
    axum::serve(listener, app).await.unwrap();
    let _ = LIST;
}
