//! A progress bar on stderr.

use std::io::{IsTerminal, Read, Result, stderr};

/// Passes reads through and shows how far they are. Where stderr is no
/// terminal it stays silent: a log needs no bar.
pub struct Progress<R> {
    inner: R,
    label: &'static str,
    done: u64,
    total: u64,
    percent: Option<u64>,
    visible: bool,
}

impl<R> Progress<R> {
    pub fn new(inner: R, label: &'static str, total: u64) -> Self {
        let visible = stderr().is_terminal();
        Self { inner, label, done: 0, total, percent: None, visible }
    }

    fn show(&mut self) {
        let percent = (self.done * 100).checked_div(self.total).unwrap_or(100);
        if !self.visible || self.percent == Some(percent) {
            return;
        }
        self.percent = Some(percent);
        eprint!("\r{}", bar(self.label, self.done, self.total, percent));
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(buffer)?;
        self.done += read as u64;
        self.show();
        Ok(read)
    }
}

impl<R> Drop for Progress<R> {
    fn drop(&mut self) {
        if self.percent.is_some() {
            eprintln!();
        }
    }
}

fn bar(label: &str, done: u64, total: u64, percent: u64) -> String {
    let full = (percent.min(100) / 4) as usize;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    format!(
        "{label} [{}{}] {:.1}/{:.1} MB",
        "#".repeat(full),
        " ".repeat(25 - full),
        megabytes(done),
        megabytes(total)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        assert_eq!(bar("x", 0, 2_000_000, 0), format!("x [{}] 0.0/2.0 MB", " ".repeat(25)));
        assert_eq!(bar("x", 2, 2, 100), format!("x [{}] 0.0/0.0 MB", "#".repeat(25)));
    }
}
