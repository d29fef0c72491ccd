//! A `console` fence of several terminals: programs that talk to each other, run side by side.
//!
//! `terminal 1$ COMMAND` starts a command in a terminal, and what follows is its output. `terminal 1:` goes back to a
//! terminal, to what it has printed in the meantime. A line `^C` interrupts what runs there. Before each step the test
//! waits until the lines above have really come, so that the order in the book is the order of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::chapter::{Chapter, Fence};
use crate::console;
use crate::fault::Fault;
use crate::normalise;
use crate::transcript;

/// How long a line may take to come. It takes a moment, unless the program has to be built first.
const PATIENCE: Duration = Duration::from_secs(300);

/// One step of a run, with its line in the chapter.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Start { terminal: String, command: String },
    Show { terminal: String, lines: Vec<String> },
    Interrupt { terminal: String },
}

/// Whether `fence` shows more than one terminal.
pub(crate) fn has_terminals(fence: &Fence) -> bool {
    fence.text.starts_with("terminal ")
}

/// Runs the commands of `fence` side by side, and says where the book shows something else.
pub(crate) fn faults(chapter: &Chapter, fence: &Fence) -> Vec<Fault> {
    match run(fence) {
        Ok(problems) => problems
            .into_iter()
            .map(|problem| chapter.fault(fence.line, problem))
            .collect(),
        Err(problem) => vec![chapter.fault(fence.line, problem)],
    }
}

fn run(fence: &Fence) -> Result<Vec<String>, String> {
    let steps = steps(&fence.text)?;
    let interrupted = steps.iter().filter_map(|step| match step {
        Step::Interrupt { terminal } => Some(terminal.clone()),
        _ => None,
    });
    let mut terminals = Terminals {
        interrupted: interrupted.collect(),
        ..Terminals::default()
    };
    for step in steps {
        terminals.take(step)?;
    }
    terminals.finish()
}

fn steps(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut current = String::new();
    for line in text.lines() {
        let rest = line.strip_prefix("terminal ");
        if let Some((terminal, command)) = rest.and_then(|rest| rest.split_once("$ ")) {
            terminal.clone_into(&mut current);
            steps.push(Step::Start {
                terminal: current.clone(),
                command: command.to_owned(),
            });
        } else if let Some(terminal) = rest.and_then(|rest| rest.strip_suffix(':')) {
            terminal.clone_into(&mut current);
        } else if current.is_empty() {
            return Err("a fence of several terminals begins with `terminal 1$ COMMAND`".to_owned());
        } else if line == "^C" {
            steps.push(Step::Interrupt {
                terminal: current.clone(),
            });
        } else if let Some(Step::Show { terminal, lines }) = steps.last_mut()
            && *terminal == current
        {
            lines.push(line.to_owned());
        } else {
            steps.push(Step::Show {
                terminal: current.clone(),
                lines: vec![line.to_owned()],
            });
        }
    }
    Ok(steps)
}

/// The ports that the system chose this time, by those in the book.
type Ports = BTreeMap<String, String>;

fn with_ports(text: &str, ports: &Ports) -> String {
    ports
        .iter()
        .fold(text.to_owned(), |text, (shown, real)| text.replace(shown, real))
}

/// What runs in one terminal.
struct Terminal {
    command: String,
    child: Child,
    output: Receiver<String>,
    shown: String,
    printed: String,
}

#[derive(Default)]
struct Terminals {
    running: BTreeMap<String, Terminal>,
    ports: Ports,
    /// Those whose programs go on until somebody stops them.
    interrupted: BTreeSet<String>,
    problems: Vec<String>,
}

impl Terminals {
    fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Start { terminal, command } => {
                if let Some(before) = self.running.remove(&terminal) {
                    self.problems.extend(before.finish(&self.ports)?);
                }
                self.running
                    .insert(terminal, Terminal::start(&with_ports(&command, &self.ports))?);
            }
            Step::Show { terminal, lines } => {
                let terminal = self
                    .running
                    .get_mut(&terminal)
                    .ok_or("output without a command")?;
                terminal.show(&lines);
                let (shown, printed) = (
                    normalise::chosen_ports(&terminal.shown),
                    normalise::chosen_ports(&terminal.printed),
                );
                self.ports.extend(shown.into_iter().zip(printed));
            }
            Step::Interrupt { terminal } => {
                // Whoever ends by himself may still need this one.
                let others = self.running.iter_mut();
                for (_, other) in others.filter(|(name, _)| !self.interrupted.contains(*name)) {
                    other.await_end()?;
                }
                let terminal = self.running.get_mut(&terminal).ok_or("^C without a command")?;
                terminal.interrupt()?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<String>, String> {
        let mut problems = self.problems;
        for terminal in self.running.into_values() {
            problems.extend(terminal.finish(&self.ports)?);
        }
        Ok(problems)
    }
}

impl Terminal {
    fn start(command: &str) -> Result<Self, String> {
        let root = book::workspace::root().map_err(|error| error.to_string())?;
        // One pipe for both, so that what was printed first comes first.
        let mut shell = console::shell(&root, &format!("exec 2>&1; {command}"));
        own_group(&mut shell);
        let mut child = shell
            .spawn()
            .map_err(|error| format!("cannot run `sh -c '{command}'`: {error}"))?;
        let output = lines_of(child.stdout.take());
        Ok(Self {
            command: command.to_owned(),
            child,
            output,
            shown: String::new(),
            printed: String::new(),
        })
    }

    /// Waits for as many lines as the book shows, or for the end.
    fn show(&mut self, lines: &[String]) {
        self.shown.extend(lines.iter().map(|line| format!("{line}\n")));
        let wanted = self.shown.lines().count();
        while self.printed.lines().count() < wanted {
            match self.output.recv_timeout(PATIENCE) {
                Ok(line) => self.printed.push_str(&line),
                Err(_) => break,
            }
        }
    }

    #[cfg(unix)]
    fn interrupt(&mut self) -> Result<(), String> {
        if !self.signal("-INT") {
            return Err(format!(
                "`{}` had ended before it was interrupted, after:\n{}",
                self.command, self.printed
            ));
        }
        // A program with something to say at its end sees the Ctrl-C all the same, and has time to say it.
        if *CTRL_C_IS_IGNORED && !self.ends_within(Duration::from_secs(3)) {
            self.signal("-TERM");
        }
        Ok(())
    }

    /// There is no Ctrl-C to send from a program elsewhere.
    #[cfg(not(unix))]
    fn interrupt(&mut self) -> Result<(), String> {
        self.child.kill().map_err(|error| error.to_string())
    }

    /// Sends a signal to all that the terminal has started, and says whether there was anybody.
    #[cfg(unix)]
    fn signal(&self, signal: &str) -> bool {
        let group = format!("-{}", self.child.id());
        let status = Command::new("kill").args([signal, "--", &group]).status();
        status.is_ok_and(|status| status.success())
    }

    #[cfg(unix)]
    fn ends_within(&mut self, patience: Duration) -> bool {
        let started = Instant::now();
        while started.elapsed() < patience {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// Waits for the end, and compares.
    fn finish(mut self, ports: &Ports) -> Result<Option<String>, String> {
        self.await_end()?;
        self.child.wait().map_err(|error| error.to_string())?;
        Ok(transcript::difference(
            &self.command,
            &with_ports(&self.shown, ports),
            &self.printed,
        ))
    }

    fn await_end(&mut self) -> Result<(), String> {
        let started = Instant::now();
        loop {
            match self
                .output
                .recv_timeout(PATIENCE.saturating_sub(started.elapsed()))
            {
                Ok(line) => self.printed.push_str(&line),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!("`{}` does not end: show how, with ^C", self.command));
                }
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Whatever went wrong, nothing that was started here stays.
        if matches!(self.child.try_wait(), Ok(None)) {
            #[cfg(unix)]
            self.signal("-KILL");
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Whether whoever started this test has it ignore Ctrl-C, as a shell does for what runs in its background. All that is started
/// from here inherits that.
#[cfg(unix)]
static CTRL_C_IS_IGNORED: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| {
    let survives = Command::new("sh").args(["-c", "kill -INT $$"]).status();
    survives.is_ok_and(|status| status.success())
});

/// Ctrl-C reaches all that a terminal has started, cargo and the tool, because they are one group.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

fn lines_of(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let Some(stream) = stream else { return };
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        for line in lines {
            if sender.send(format!("{line}\n")).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::{Step, faults, steps};
    use crate::chapter::Chapter;

    fn problems(console: &str) -> Vec<String> {
        let chapter = Chapter::parse("x.md", &format!("# X\n\n```console\n{console}```\n"));
        let faults = faults(&chapter, &chapter.fences[0]);
        faults.iter().map(|fault| fault.what.clone()).collect()
    }

    #[test]
    fn a_fence_is_a_list_of_steps() {
        let text = "terminal 1$ a\nx\ny\nterminal 2$ b\nterminal 1:\nz\n^C\n";
        let show = |lines: &[&str]| Step::Show {
            terminal: "1".into(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let start = |terminal: &str, command: &str| Step::Start {
            terminal: terminal.into(),
            command: command.into(),
        };
        let interrupt = Step::Interrupt { terminal: "1".into() };
        let expected = [
            start("1", "a"),
            show(&["x", "y"]),
            start("2", "b"),
            show(&["z"]),
            interrupt,
        ];
        assert_eq!(steps(text).unwrap(), expected);
        assert!(steps("x\n").is_err());
    }

    #[test]
    fn two_programs_that_tell_the_truth_have_no_fault() {
        let server = "echo at 127.0.0.1:$((40000 + $$ % 10000)); trap 'echo bye; exit' INT TERM; while :; do sleep 0.05; done 2>/dev/null";
        let text = format!(
            "terminal 1$ {server}\nat 127.0.0.1:40001\nterminal 2$ test 40001 -ge 40000 && echo yes\nyes\nterminal 1:\n^C\nbye\n"
        );
        assert_eq!(problems(&text), [""; 0]);
    }

    #[test]
    fn the_second_command_is_given_the_port_that_the_first_has_said() {
        let text = "terminal 1$ echo at 127.0.0.1:50123\nat 127.0.0.1:40001\nterminal 2$ echo 40001 | tr 5 6\n60123\n";
        assert_eq!(problems(text), [""; 0]);
    }

    #[test]
    fn what_a_terminal_prints_later_is_compared_too() {
        let text = "terminal 1$ echo a; echo b\na\nterminal 2$ true\nterminal 1:\nc\n";
        let problems = problems(text);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("-c\n+b\n"), "{}", problems[0]);
    }
}
