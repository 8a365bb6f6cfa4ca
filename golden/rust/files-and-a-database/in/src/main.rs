use tower_http::services::ServeDir;

const PAGE: &str = include_str!("../templates/page.html");

#[tokio::main]
async fn main() {
    let settings = config::Config::builder().add_source(config::File::with_name("config/default"));
    let database = rusqlite::Connection::open("data/notes.db").unwrap();
    let app = axum::Router::new().nest_service("/static", ServeDir::new("static"));
    axum::serve(listener(settings, database, PAGE).await, app).await.unwrap();
}
