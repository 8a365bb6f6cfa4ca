//! A registry of a few lines for the tests: it answers what a test tells it to, on loopback.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as the registry saw it.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: String,
}

pub enum Reply {
    /// Status, headers, body.
    Answer(u16, Vec<(String, String)>, String),
    /// Half an answer, then the connection ends.
    Cut,
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

pub struct Registry {
    pub address: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Registry {
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let handler: Arc<Handler> = Arc::new(handler);
        let log = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log) = (handler.clone(), log.clone());
                std::thread::spawn(move || serve(stream, &*handler, &log));
            }
        });
        Self { address, seen }
    }

    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, handler: &Handler, log: &Mutex<Vec<Request>>) -> Option<()> {
    // A handshake: this registry speaks no TLS.
    let mut first = [0];
    if stream.peek(&mut first).ok()? == 0 || first[0] == 0x16 {
        return None;
    }
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_string(), words.next()?.to_string());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_string());
    }
    let length = headers.get("content-length").and_then(|l| l.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let request = Request {
        method,
        path,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let reply = handler(&request);
    let head = request.method == "HEAD";
    log.lock().unwrap().push(request);
    match reply {
        Reply::Cut => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le");
        }
        Reply::Answer(status, headers, body) => {
            let mut text = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n",
                body.len()
            );
            for (name, value) in headers {
                text += &format!("{name}: {value}\r\n");
            }
            text += "\r\n";
            if !head {
                text += &body;
            }
            let _ = stream.write_all(text.as_bytes());
        }
    }
    Some(())
}

/// An answer with the headers of a manifest.
pub fn manifest(digest: Option<&str>, body: &str) -> Reply {
    let mut headers = vec![(
        "Content-Type".to_string(),
        "application/vnd.oci.image.index.v1+json".to_string(),
    )];
    headers.extend(digest.map(|d| ("Docker-Content-Digest".to_string(), d.to_string())));
    Reply::Answer(200, headers, body.to_string())
}

pub fn status(code: u16, headers: &[(&str, &str)]) -> Reply {
    let headers = headers.iter().map(|(k, v)| (k.to_string(), v.to_string()));
    Reply::Answer(code, headers.collect(), String::new())
}
