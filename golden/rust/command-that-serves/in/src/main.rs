use clap::{Parser, Subcommand};
use std::io::Write;
use std::net::TcpListener;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints what is stored.
    List,
    /// Answers over HTTP.
    Serve {
        #[arg(long, default_value = "127.0.0.1")]
        host: String,
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
}

fn main() {
    match Cli::parse().command {
        Command::List => println!("nothing"),
        Command::Serve { host, port } => {
            for stream in TcpListener::bind((host, port)).unwrap().incoming() {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nserved";
                stream.unwrap().write_all(answer).unwrap();
            }
        }
    }
}
