//! Measuring whole commands side by side.
//!
//! Two commands run in turn (A B A B …), so that a machine whose speed drifts slows both; what counts is the
//! ratio of each pair.

use std::hash::Hasher as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

/// A peer that takes longer than this is run once, without a run that is not counted before it.
const SLOW: Duration = Duration::from_secs(10);

/// One run of one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// From the start of the process to its end.
    pub elapsed: Duration,
    /// The time that processors worked for it.
    pub processor: Duration,
    /// The most memory that it held, in bytes.
    pub memory: u64,
    /// A hash of what it printed.
    output: u64,
}

/// What [`compare`] measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Our runs.
    pub ours: Vec<Run>,
    /// The runs of the peer, each after ours of the same position.
    pub peers: Vec<Run>,
}

impl Comparison {
    /// The median of our times.
    pub fn median_ours(&self) -> Duration {
        median(self.ours.iter().map(|run| run.elapsed))
    }

    /// The median of the peer's times.
    pub fn median_peers(&self) -> Duration {
        median(self.peers.iter().map(|run| run.elapsed))
    }

    /// How many times longer the peer took: the median of the ratios of the pairs.
    pub fn ratio(&self) -> f64 {
        self.median_ratio(|run| run.elapsed)
    }

    /// The same of the time that processors worked, which other processes on the machine disturb less.
    pub fn processor_ratio(&self) -> f64 {
        self.median_ratio(|run| run.processor)
    }

    /// The most memory that our runs held, and the peer's, in bytes.
    pub fn memory(&self) -> (u64, u64) {
        let most = |runs: &[Run]| runs.iter().map(|run| run.memory).max().unwrap_or_default();
        (most(&self.ours), most(&self.peers))
    }

    /// Whether every run printed the same bytes.
    pub fn same_output(&self) -> bool {
        self.ours
            .iter()
            .chain(&self.peers)
            .all(|run| self.ours.first().map(|ours| ours.output) == Some(run.output))
    }

    fn median_ratio(&self, of: impl Fn(&Run) -> Duration) -> f64 {
        let pairs = self.peers.iter().zip(&self.ours);
        let mut ratios: Vec<f64> =
            pairs.map(|(peer, ours)| of(peer).as_secs_f64() / of(ours).as_secs_f64()).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// A command that cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// It does not start, or cannot be waited for.
    #[error("`{command}` does not run: {source}")]
    Start {
        /// The program and its arguments.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// It fails.
    #[error("`{command}` fails")]
    Failed {
        /// The program and its arguments.
        command: String,
    },
}

/// Runs both commands `runs` times in turn, after one run of each that is not counted. Of a peer that takes ten
/// seconds or more, the first run is the only one.
pub fn compare(ours: &[String], peer: &[String], runs: usize) -> Result<Comparison, MeasureError> {
    run(ours)?;
    let first = run(peer)?;
    let mut comparison = Comparison { ours: vec![], peers: vec![] };
    if first.elapsed >= SLOW {
        comparison.ours.push(run(ours)?);
        comparison.peers.push(first);
        return Ok(comparison);
    }
    for _ in 0..runs {
        comparison.ours.push(run(ours)?);
        comparison.peers.push(run(peer)?);
    }
    Ok(comparison)
}

/// Runs a command and measures it. What it prints is hashed and never held: the memory of this process would
/// count as that of the next child, which begins as a copy of it.
pub fn run(command: &[String]) -> Result<Run, MeasureError> {
    let name = command.join(" ");
    let failed = |source| MeasureError::Start { command: name.clone(), source };
    let (program, arguments) =
        command.split_first().map_or(("", command), |(first, rest)| (first.as_str(), rest));
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let output = child.stdout.take().map_or(Ok(0), hash).map_err(failed)?;
    let end = child.wait4().map_err(failed)?;
    let elapsed = start.elapsed();
    if !end.status.success() {
        return Err(MeasureError::Failed { command: name });
    }
    let processor = end.rusage.utime + end.rusage.stime;
    Ok(Run { elapsed, processor, memory: end.rusage.maxrss, output })
}

fn hash(mut output: impl std::io::Read) -> std::io::Result<u64> {
    let mut hasher = std::hash::DefaultHasher::new();
    let mut buffer = [0; 1 << 14];
    loop {
        match output.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.write(buffer.get(..read).unwrap_or_default()),
        }
    }
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(ms: u64) -> Run {
        let elapsed = Duration::from_millis(ms);
        Run { elapsed, processor: elapsed / 2, memory: ms, output: 1 }
    }

    #[test]
    fn a_slower_peer_gives_a_ratio_above_one() {
        let comparison =
            Comparison { ours: vec![took(1), took(2), took(1)], peers: vec![took(10), took(10), took(30)] };
        let ms = Duration::from_millis;
        assert_eq!((comparison.median_ours(), comparison.median_peers()), (ms(1), ms(10)));
        assert!((comparison.ratio() - 10.0).abs() < 1e-9);
        assert!((comparison.processor_ratio() - 10.0).abs() < 1e-9);
        assert_eq!(comparison.memory(), (2, 30));
        assert!(comparison.same_output());
    }

    #[test]
    fn a_run_says_what_it_took() {
        let command = |text: &str| ["sh", "-c", text].map(str::to_owned);
        let measured = run(&command("echo x")).unwrap();
        assert!(measured.memory > 100_000 && measured.elapsed > Duration::ZERO, "{measured:?}");
        assert_eq!(run(&command("echo x")).unwrap().output, measured.output);
        assert_ne!(run(&command("echo y")).unwrap().output, measured.output);
        assert!(matches!(run(&command("exit 3")), Err(MeasureError::Failed { .. })));
    }
}
