//! `06-stomp bench --durable FILE`: a queue that outlives its broker, beside the disk that it lives on.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::generator::Role;
use super::{Bench, CliError, Generator, OwnBroker};

/// As much as a small commit writes, in bytes.
const BLOCK: usize = 4096;

/// How long the disk is measured.
const A_WHILE: Duration = Duration::from_secs(1);

/// A line of what was found.
#[derive(Debug, Serialize)]
struct Line {
    what: String,
    value: f64,
    unit: &'static str,
    /// How many of them there are for each sync that the disk alone could have done in that time.
    of_the_disk: Option<f64>,
}

/// Measures the disk that `file` is on, and a queue with and without receipts under way.
pub(super) fn measure(bench: &Bench, file: &Path, out: &mut impl Write) -> Result<(), CliError> {
    if file.exists() {
        let name = file.display();
        return Err(CliError::BadInput(format!(
            "{name} is there already: name a new file, which will be gone afterwards"
        )));
    }
    let _gone = Gone(file);
    let broker = match &bench.url {
        Some(_) => None,
        None => Some(OwnBroker::start(Some(file))?),
    };
    let own = broker.as_ref().map(|broker| broker.tcp.clone());
    let url = bench.url.clone().or(own).unwrap_or_default();
    if !bench.json {
        writeln!(
            out,
            "128-byte persistent messages, each with a receipt, from one publisher to one consumer that acknowledges;\nmedian of {}\n",
            bench.rounds
        )?;
    }
    let syncs = bench.median(|_| Ok(syncs_a_second(file)?))?;
    line(
        bench,
        out,
        "the disk alone: 4 KiB written and synced".to_owned(),
        syncs,
        None,
    )?;
    for (window, messages) in [(1, 1_000), (100, 20_000), (5_000, 200_000)] {
        let messages = messages * bench.share / 100;
        let rate = bench.median(|round| rate(&url, window, messages, round))?;
        let what = match window {
            1 => "queue 1 → 1, each waits for its receipt".to_owned(),
            _ => format!("queue 1 → 1, up to {window} receipts under way"),
        };
        line(bench, out, what, rate, Some(rate / syncs))?;
    }
    Ok(())
}

/// Removes a file when all is over, however it ends.
struct Gone<'f>(&'f Path);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        // With another broker there never was one.
        let _ = fs::remove_file(self.0);
    }
}

fn line(
    bench: &Bench,
    out: &mut impl Write,
    what: String,
    value: f64,
    of_the_disk: Option<f64>,
) -> Result<(), CliError> {
    let found = Line {
        what,
        value,
        unit: "/s",
        of_the_disk,
    };
    if bench.json {
        let text = serde_json::to_string(&found).map_err(io::Error::from)?;
        writeln!(out, "{text}")?;
    } else {
        let share = found
            .of_the_disk
            .map(|share| format!("  {share:.2} a sync of the disk's"));
        writeln!(
            out,
            "{:<46} {:>8.0} /s{}",
            found.what,
            found.value,
            share.unwrap_or_default()
        )?;
    }
    Ok(out.flush()?)
}

/// Messages a second, until the publisher has all receipts and the consumer all messages.
fn rate(url: &str, window: usize, messages: u64, round: usize) -> Result<f64, CliError> {
    let queue = [format!("/queue/bench.{}.{window}.{round}", std::process::id())];
    let mut consumer = Generator::start(Role::Acknowledge, url, 1, messages, &queue)?;
    consumer.wait_until_ready()?;
    let began = Instant::now();
    let publisher = Generator::start(Role::Confirm, url, window, messages, &queue)?;
    publisher.finish()?;
    consumer.finish()?;
    #[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
    Ok(messages as f64 / began.elapsed().as_secs_f64())
}

/// How often the disk alone can write a block at the end of a file and sync it.
fn syncs_a_second(beside: &Path) -> io::Result<f64> {
    let path = beside.with_extension("sync-rate");
    let mut file = File::create(&path)?;
    let (began, mut count) = (Instant::now(), 0.0);
    while began.elapsed() < A_WHILE {
        file.write_all(&[0; BLOCK])?;
        file.sync_data()?;
        count += 1.0;
    }
    let rate = count / began.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}
