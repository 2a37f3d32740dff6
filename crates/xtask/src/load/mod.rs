//! A day at many providers, in a minute: each sends the mix of requests of an identity provider at a steady
//! pace, whether the server keeps up or not.
//!
//! The loop is open: a request is due at its time, and its latency counts from there. A server that stands
//! still for a second is seen by every request that was due in that second, not only by the one that waited.
//!
//! One thread for each connection and no executor: at 25 requests a second a thread sleeps most of the time,
//! and costs the machine less than what it measures.

mod connection;
mod mix;
mod random;
mod tally;

use std::path::PathBuf;
use std::sync::{Arc, Barrier};
use std::thread::Builder;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use connection::{Address, Connection};
use mix::Mix;
use random::Random;
use tally::Tally;

/// Many providers at a steady pace: filters, reads, changes, creates.
#[derive(Args, Debug, Clone)]
pub struct Load {
    /// The SCIM address, such as http://127.0.0.1:8080/scim/v2
    #[arg(long)]
    base: String,
    /// A file with the token of one provider on each line
    #[arg(long)]
    tokens: PathBuf,
    /// How many of them send
    #[arg(long, default_value_t = 200)]
    providers: usize,
    /// Requests a second of each
    #[arg(long, default_value_t = 25.0)]
    rate: f64,
    /// How long
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Connections of each provider
    #[arg(long, default_value_t = 2)]
    connections: usize,
    /// How many people each provider has before the clock starts; those that are missing are created
    #[arg(long, default_value_t = 500)]
    people: usize,
    /// Answer with one line of JSON
    #[arg(long)]
    json: bool,
}

impl Load {
    /// Fills the providers, runs the mix, and answers what was measured as text for people or as JSON.
    ///
    /// # Errors
    /// When the tokens cannot be read or the server refuses the people that are needed before the start.
    pub fn run(&self) -> Result<String> {
        let tokens = self.tokens()?;
        let address = Address::parse(&self.base)?;
        let started = Instant::now();
        let mixes = self.fill(&address, &tokens)?;
        let filled = started.elapsed();
        let tally = self.send(&address, mixes)?;
        Ok(if self.json {
            tally.json(self.seconds)
        } else {
            let offered = self.providers as f64 * self.rate;
            format!(
                "{} providers, {} people each (ready in {:.1} s); {offered:.0} requests/s offered for {} s\n{}",
                self.providers,
                self.people,
                filled.as_secs_f64(),
                self.seconds,
                tally.text(self.seconds)
            )
        })
    }

    fn tokens(&self) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(&self.tokens)
            .with_context(|| format!("cannot read the tokens in {}", self.tokens.display()))?;
        let tokens: Vec<String> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        if tokens.len() < self.providers {
            bail!("{} tokens for {} providers", tokens.len(), self.providers);
        }
        Ok(tokens.into_iter().take(self.providers).collect())
    }

    /// Makes the people that are missing; eight providers at a time.
    fn fill(&self, address: &Address, tokens: &[String]) -> Result<Vec<Mix>> {
        let mut mixes = Vec::with_capacity(tokens.len());
        for (chunk, some) in tokens.chunks(8).enumerate() {
            let made: Vec<Result<Mix>> = std::thread::scope(|scope| {
                let running: Vec<_> = some
                    .iter()
                    .enumerate()
                    .map(|(i, token)| {
                        scope.spawn(move || {
                            let mut connection = Connection::new(address.clone(), token);
                            Mix::filled(&mut connection, chunk * 8 + i, self.people)
                        })
                    })
                    .collect();
                running
                    .into_iter()
                    .map(|thread| {
                        thread
                            .join()
                            .unwrap_or_else(|_| bail!("a thread that fills ended abnormally"))
                    })
                    .collect()
            });
            for mix in made {
                mixes.push(mix?);
            }
        }
        Ok(mixes)
    }

    fn send(&self, address: &Address, mixes: Vec<Mix>) -> Result<Tally> {
        let start_together = Arc::new(Barrier::new(mixes.len() * self.connections));
        let (mut running, mut random) = (Vec::new(), Random::new(7));
        for mix in mixes {
            // Each provider begins somewhere in its own rhythm.
            let phase = random.fraction() / self.rate;
            for lane in 0..self.connections {
                let pace = Pace {
                    phase,
                    lane,
                    lanes: self.connections,
                    rate: self.rate,
                    seconds: self.seconds,
                };
                let (mix, address, barrier) = (mix.clone(), address.clone(), start_together.clone());
                let name = format!("provider-{}-{lane}", mix.provider());
                let thread = Builder::new().name(name).stack_size(256 * 1024);
                running.push(thread.spawn(move || {
                    let mut connection = Connection::new(address, mix.token());
                    barrier.wait();
                    pace.send(&mut connection, mix)
                })?);
            }
        }
        let mut all = Tally::default();
        for thread in running {
            match thread.join() {
                Ok(tally) => all.merge(tally),
                Err(_) => bail!("a thread that sends ended abnormally"),
            }
        }
        Ok(all)
    }
}

/// When the requests of one connection are due.
struct Pace {
    phase: f64,
    lane: usize,
    lanes: usize,
    rate: f64,
    seconds: u64,
}

impl Pace {
    fn send(&self, connection: &mut Connection, mut mix: Mix) -> Tally {
        let (started, mut tally) = (Instant::now(), Tally::default());
        let mut random = Random::new((mix.provider() * self.lanes + self.lane + 1) as u64);
        for number in (self.lane..).step_by(self.lanes) {
            let after = self.phase + number as f64 / self.rate;
            if after >= self.seconds as f64 {
                break;
            }
            let due = started + Duration::from_secs_f64(after);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let late = due.elapsed();
            let request = mix.next(&mut random, number);
            let outcome = connection.send(&request);
            tally.note(request.kind, due.elapsed(), late, request.judged(outcome));
        }
        tally
    }
}
