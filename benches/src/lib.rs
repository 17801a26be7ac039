//! Measuring whole commands side by side.
//!
//! Two commands run in turn (A B A B …), so that a machine whose speed drifts slows both; what counts is the
//! ratio of each pair.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What [`compare`] measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Times of our command, one a run.
    pub ours: Vec<Duration>,
    /// Times of the peer, one a run.
    pub peers: Vec<Duration>,
    /// Whether both printed the same bytes in every run.
    pub same_output: bool,
}

impl Comparison {
    /// The median of our times.
    pub fn median_ours(&self) -> Duration {
        median(&self.ours)
    }

    /// The median of the peer's times.
    pub fn median_peers(&self) -> Duration {
        median(&self.peers)
    }

    /// How many times faster ours is: the median of the ratios of the pairs.
    pub fn ratio(&self) -> f64 {
        let mut ratios: Vec<f64> = self
            .peers
            .iter()
            .zip(&self.ours)
            .map(|(peer, ours)| peer.as_secs_f64() / ours.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// A command that cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// It does not start.
    #[error("`{command}` does not start: {source}")]
    Start {
        /// The program.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// It fails.
    #[error("`{command}` fails: {stderr}")]
    Failed {
        /// The program.
        command: String,
        /// What it said.
        stderr: String,
    },
}

/// Runs both commands `runs` times in turn, after one run of each that is not counted.
pub fn compare(ours: &[String], peer: &[String], runs: usize) -> Result<Comparison, MeasureError> {
    let mut comparison = Comparison { ours: vec![], peers: vec![], same_output: true };
    for run in 0..=runs {
        let (our_time, our_output) = time(ours)?;
        let (peer_time, peer_output) = time(peer)?;
        comparison.same_output &= our_output == peer_output;
        if run > 0 {
            comparison.ours.push(our_time);
            comparison.peers.push(peer_time);
        }
    }
    Ok(comparison)
}

fn time(command: &[String]) -> Result<(Duration, Vec<u8>), MeasureError> {
    let name = command.join(" ");
    let (program, arguments) =
        command.split_first().map_or(("", command), |(first, rest)| (first.as_str(), rest));
    let start = Instant::now();
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let elapsed = start.elapsed();
    let output = output.map_err(|source| MeasureError::Start { command: name.clone(), source })?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(MeasureError::Failed { command: name, stderr });
    }
    Ok((elapsed, output.stdout))
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slower_peer_gives_a_ratio_above_one() {
        let ms = Duration::from_millis;
        let comparison = Comparison {
            ours: vec![ms(1), ms(2), ms(1)],
            peers: vec![ms(10), ms(10), ms(30)],
            same_output: true,
        };
        assert_eq!((comparison.median_ours(), comparison.median_peers()), (ms(1), ms(10)));
        assert!((comparison.ratio() - 10.0).abs() < 1e-9);
    }
}
