//! The progress bar.

use chunked_io::Progress;
use indicatif::{ProgressBar, ProgressStyle};

const TEMPLATE: &str =
    "{msg} {bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";

/// A bar on the terminal; nothing at all if standard error is no terminal.
#[derive(Default)]
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
}

impl Bar {
    /// Shows what the library tells.
    pub(crate) fn show(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Started { name, size, from } => {
                let style =
                    ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
                let bar = ProgressBar::new(size)
                    .with_position(from)
                    .with_style(style)
                    .with_message(name.to_owned());
                // The rate and the time left are those of this try: what came earlier took no time now.
                bar.reset_eta();
                self.bar = Some(bar);
            }
            Progress::Moved(count) => {
                if let Some(bar) = &self.bar {
                    bar.inc(count as u64);
                }
            }
        }
    }
}

/// The bar leaves the terminal before the last line, be it a result or an error.
impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
