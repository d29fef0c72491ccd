//! Commands as a reader types them: in a shell, at the root of the workspace.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a command in the book may take. It takes a moment; but the first that runs an example may have to build
/// it, on a machine that is busy with something else.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Builds all tools at once, which is faster than one by one.
pub(crate) fn build_the_tools() {
    let root = book::workspace::root().unwrap();
    let status = book::workspace::cargo(&root)
        .args(["build", "--quiet", "--bins"])
        .status()
        .unwrap();
    assert!(
        status.success(),
        "cargo build --bins failed: the commands of the book cannot be run"
    );
}

/// A shell with `command`, at `root`.
pub(crate) fn shell(root: &Path, command: &str) -> Command {
    // `sh` comes with Git on Windows; everywhere else it is simply there.
    let mut shell = Command::new("sh");
    book::workspace::forget_cargo(&mut shell);
    shell.args(["-c", command]).current_dir(root);
    // Nothing to type, no terminal to colour, and the width that a page has.
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    shell.env("COLUMNS", "100").env_remove("CLICOLOR_FORCE");
    shell
}

/// Runs one command and returns what it prints: standard output, then standard error.
pub(crate) fn run(root: &Path, command: &str) -> Result<String, String> {
    let mut child = shell(root, command)
        .spawn()
        .map_err(|error| format!("cannot run `sh -c '{command}'`: {error}"))?;
    let output = collect(child.stdout.take());
    let errors = collect(child.stderr.take());
    wait(&mut child, command)?;
    let text = |reader: JoinHandle<Vec<u8>>| String::from_utf8_lossy(&reader.join().unwrap()).into_owned();
    Ok(text(output) + &text(errors))
}

fn collect(stream: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read: io::Result<usize> = stream.map_or(Ok(0), |mut stream| stream.read_to_end(&mut bytes));
        read.map(|_| bytes).unwrap_or_default()
    })
}

fn wait(child: &mut Child, command: &str) -> Result<(), String> {
    let started = Instant::now();
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        if started.elapsed() > TIMEOUT {
            child.kill().map_err(|error| error.to_string())?;
            return Err(format!(
                "`{command}` did not end within {TIMEOUT:?}: the book shows only commands that do"
            ));
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
