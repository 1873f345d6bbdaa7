//! Answering requests.

use anyhow::{Context, Result, anyhow};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::UNIX_EPOCH;
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use super::site::{Part, Site, content_type};
use crate::host::project;

const FIRST_PORT: u16 = 8080;
const PORTS_TO_TRY: u16 = 50;
/// One large download must not keep the page's other files waiting.
const THREADS: usize = 8;

/// The files of the demo: the built page, and the models beside it.
pub fn demo_site() -> Site {
    let root = project::root();
    Site::new(vec![("/", root.join("www/dist")), ("/models/", root.join("models"))])
}

/// A server that answers from its own threads until the process ends.
pub struct Running {
    pub url: String,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Running {
    /// Waits for ever: the process is ended from outside.
    pub fn join(self) {
        for thread in self.threads {
            // A thread ends only by a panic, which has been printed.
            let _ = thread.join();
        }
    }
}

/// Serves on `port`, or on the first free one from 8080.
pub fn start(site: Site, port: Option<u16>) -> Result<Running> {
    let server = match port {
        Some(port) => bind(port).with_context(|| format!("port {port} cannot be used"))?,
        None => (FIRST_PORT..FIRST_PORT + PORTS_TO_TRY)
            .find_map(|port| bind(port).ok())
            .with_context(|| format!("no free port from {FIRST_PORT} on: choose one by --port"))?,
    };
    let address = server.server_addr().to_ip().context("the server has no address")?;
    let (server, site) = (Arc::new(server), Arc::new(site));
    let threads = (0..THREADS)
        .map(|_| {
            let (server, site) = (server.clone(), site.clone());
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    // A browser that hangs up in mid-file is no fault of ours.
                    let _ = answer(request, &site);
                }
            })
        })
        .collect();
    Ok(Running { url: format!("http://localhost:{}/", address.port()), threads })
}

fn bind(port: u16) -> Result<Server> {
    // Only this machine: a development server is nobody else's business.
    Server::http(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).map_err(|error| anyhow!(error))
}

fn answer(request: Request, site: &Site) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return respond(request, 405, vec![header("Allow", "GET, HEAD")], io::empty(), 0);
    }
    let opened = site
        .file(request.url())
        .filter(|path| path.is_file())
        .and_then(|path| Some((File::open(&path).ok()?, path)));
    match opened {
        Some((file, path)) => send(request, file, &path),
        None => {
            let text = "not found\n";
            let kind = header("Content-Type", "text/plain");
            respond(request, 404, vec![kind], text.as_bytes(), text.len() as u64)
        }
    }
}

fn send(request: Request, mut file: File, path: &Path) -> io::Result<()> {
    let metadata = file.metadata()?;
    let size = metadata.len();
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let tag = format!("\"{size:x}-{:x}\"", modified.as_nanos());
    let kind = content_type(path);
    // The page itself is never kept, so that a rebuild shows at once; the
    // rest may be kept but is asked for again each time.
    let caching = if kind.starts_with("text/html") { "no-store" } else { "no-cache" };
    let mut headers = vec![
        header("Content-Type", kind),
        header("Accept-Ranges", "bytes"),
        header("Cache-Control", caching),
        header("ETag", &tag),
        header("X-Content-Type-Options", "nosniff"),
    ];
    if field(&request, "If-None-Match") == Some(&tag) {
        return respond(request, 304, headers, io::empty(), 0);
    }
    // A range of another version of the file would be of no use.
    let same_version = field(&request, "If-Range").is_none_or(|asked| asked == tag);
    let part = match field(&request, "Range") {
        Some(range) if same_version => Part::parse(range, size),
        _ => Part::Whole,
    };
    match part {
        Part::Whole => respond(request, 200, headers, file, size),
        Part::Bytes(range) => {
            let (first, last) = (range.start, range.end - 1);
            headers.push(header("Content-Range", &format!("bytes {first}-{last}/{size}")));
            file.seek(SeekFrom::Start(first))?;
            let length = range.end - range.start;
            respond(request, 206, headers, file.take(length), length)
        }
        Part::Unsatisfiable => {
            headers.push(header("Content-Range", &format!("bytes */{size}")));
            respond(request, 416, headers, io::empty(), 0)
        }
    }
}

fn respond(
    request: Request,
    status: u16,
    headers: Vec<Header>,
    body: impl Read,
    length: u64,
) -> io::Result<()> {
    let response = Response::new(StatusCode(status), headers, body, Some(length as usize), None)
        // tiny_http would send larger bodies in chunks, without a length, and
        // the page could not show how far a download is.
        .with_chunked_threshold(usize::MAX);
    request.respond(response)
}

fn field<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request
        .headers()
        .iter()
        .find(|header| header.field.as_str().as_str().eq_ignore_ascii_case(name))
        .map(|header| header.value.as_str())
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("the server's headers are ASCII")
}
