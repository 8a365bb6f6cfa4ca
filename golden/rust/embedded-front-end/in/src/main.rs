use rust_embed::Embed;

#[derive(Embed)]
#[folder = "web/dist"]
struct Assets;

fn main() {
    let _ = std::net::TcpListener::bind("0.0.0.0:8080");
    println!("{}", Assets::iter().count());
}
