//! A node of its own for each test, and HTTP past every client.

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// A node of its own, which ends with the value.
pub(crate) struct Anvil {
    process: Child,
    pub(crate) port: u16,
}

pub(crate) fn contracts_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verifier-contract/contracts")
}

/// The program itself, not npm's script that starts it: what is started here is ended here.
pub(crate) fn program() -> PathBuf {
    let packages = contracts_dir().join("node_modules/@foundry-rs");
    let find = || {
        let folders = fs::read_dir(&packages).ok()?.flatten();
        folders.map(|folder| folder.path().join("bin/anvil")).find(|path| path.is_file())
    };
    find().unwrap_or_else(|| {
        let status = Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(contracts_dir()).status();
        assert!(status.unwrap().success(), "npm ci");
        find().expect("npm has anvil for this machine")
    })
}

impl Anvil {
    pub(crate) fn start(chain_id: u64) -> Self {
        let program = program();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let arguments = ["--silent", "--host", "127.0.0.1", "--port", &port.to_string(), "--chain-id"];
        let mut command = Command::new(program);
        command.args(arguments).arg(chain_id.to_string()).stdin(Stdio::null()).stdout(Stdio::null());
        let anvil = Self { process: command.spawn().unwrap(), port };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "anvil does not start");
            sleep(Duration::from_millis(20));
        }
        anvil
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// One question, past every client.
    #[allow(clippy::needless_pass_by_value)] // made for this question
    pub(crate) fn ask(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let answer = http(self.port, &body).expect("anvil answers");
        serde_json::from_str::<Value>(&answer).unwrap()["result"].clone()
    }

    pub(crate) fn snapshot(&self) -> Value {
        self.ask("evm_snapshot", json!([]))
    }

    /// Takes the chain back, and returns the next snapshot: a snapshot serves once. Anvil keeps the base fee of what it took back,
    /// and contradicts itself about fees until it has made another block.
    pub(crate) fn back_to(&self, snapshot: &Value) -> Value {
        assert_eq!(self.ask("evm_revert", json!([snapshot])), true);
        self.ask("evm_mine", json!([]));
        self.snapshot()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Posts a body and returns the answer's.
pub(crate) fn http(port: u16, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: \
         {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut stream = BufReader::new(stream);
    read_body(&mut stream)
}

/// The body of a message with a length.
pub(crate) fn read_body(stream: &mut impl BufRead) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}
