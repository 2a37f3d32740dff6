#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::*;

/// A target that limits writes, on virtual time. Refused writes count in the strict window.
enum Limiter {
    Bucket { tokens: f64, at: Instant },
    Window { log: VecDeque<(Instant, u32)> },
}

impl Limiter {
    /// Accepts or refuses one batch entry by entry: accepted, refused, Retry-After.
    fn offer(&mut self, writes: u32) -> (u32, Option<Duration>) {
        let now = Instant::now();
        match self {
            Self::Bucket { tokens, at } => {
                *tokens = (*tokens + (now - *at).as_secs_f64() * 20.0).min(3000.0);
                *at = now;
                let accepted = (tokens.floor() as u32).min(writes);
                *tokens -= f64::from(accepted);
                let short = f64::from(writes - accepted) - *tokens;
                let wait = Duration::from_secs_f64((short / 20.0).max(0.0).ceil());
                (accepted, (accepted < writes).then_some(wait))
            }
            Self::Window { log } => {
                let span = Duration::from_secs(150);
                while log.front().is_some_and(|(at, _)| *at + span <= now) {
                    log.pop_front();
                }
                let used: u32 = log.iter().map(|(_, n)| n).sum();
                let accepted = (3000 - used.min(3000)).min(writes);
                log.push_back((now, writes));
                let wait = log.front().map(|(at, _)| (*at + span) - now);
                (accepted, (accepted < writes).then_some(wait.unwrap()))
            }
        }
    }

    fn used(&self) -> f64 {
        match self {
            Self::Bucket { tokens, .. } => 1.0 - tokens / 3000.0,
            Self::Window { log } => f64::from(log.iter().map(|(_, n)| n).sum::<u32>()) / 3000.0,
        }
    }
}

fn writes(writes: u32) -> Cost {
    Cost { writes, units: 0 }
}

/// Runs eight workers with batches of 20 for ten virtual minutes: accepted and refused writes.
async fn ten_minutes(limiter: Limiter, meter: bool) -> (u32, u32) {
    let pacer = Arc::new(Pacer::new(Pace::GRAPH));
    let limiter = Arc::new(Mutex::new(limiter));
    let totals = Arc::new(Mutex::new((0u32, 0u32)));
    let end = Instant::now() + Duration::from_secs(600);
    let mut workers = Vec::new();
    for worker in 0..8u64 {
        let (pacer, limiter, totals) = (pacer.clone(), limiter.clone(), totals.clone());
        workers.push(tokio::spawn(async move {
            loop {
                let permit = pacer.permit(writes(20)).await;
                if Instant::now() >= end {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20 + 5 * worker)).await;
                let (accepted, after) = limiter.lock().unwrap().offer(20);
                let used = limiter.lock().unwrap().used();
                tokio::time::sleep(Duration::from_millis(20)).await;
                let mut totals = totals.lock().unwrap();
                totals.0 += accepted;
                totals.1 += 20 - accepted;
                permit.finish(Signal {
                    refused: 20 - accepted,
                    slow_down: accepted < 20,
                    after,
                    used: (meter && used >= 0.8).then_some(used),
                    ..Signal::default()
                });
            }
        }));
    }
    tokio::time::sleep_until(end + Duration::from_secs(300)).await;
    for worker in workers {
        worker.await.unwrap();
    }
    *totals.lock().unwrap()
}

fn bucket() -> Limiter {
    Limiter::Bucket {
        tokens: 3000.0,
        at: Instant::now(),
    }
}

fn window() -> Limiter {
    Limiter::Window { log: VecDeque::new() }
}

#[tokio::test(start_paused = true)]
async fn a_token_bucket_is_used_to_95_percent_without_a_refusal() {
    for meter in [false, true] {
        let (accepted, refused) = ten_minutes(bucket(), meter).await;
        assert!(accepted >= 14_250, "{accepted} of 15,000, meter {meter}");
        assert_eq!(refused, 0, "meter {meter}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_strict_window_is_used_to_95_percent_and_refuses_only_once() {
    for meter in [false, true] {
        let (accepted, refused) = ten_minutes(window(), meter).await;
        assert!(accepted >= 11_400, "{accepted} of 12,000, meter {meter}");
        assert!(refused <= 160, "{refused} refused, meter {meter}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_holds_everybody_back() {
    let pacer = Pacer::new(Pace::OPEN);
    let start = Instant::now();
    pacer.permit(writes(0)).await.finish(Signal {
        slow_down: true,
        after: Some(Duration::from_secs(7)),
        ..Signal::default()
    });
    assert_eq!(pacer.pause_left(), Duration::from_secs(7));
    tokio::join!(async { drop(pacer.permit(writes(0)).await) }, async {
        drop(pacer.permit(writes(1)).await)
    },);
    assert_eq!(start.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn made_up_pauses_double_and_end_with_a_success() {
    let pacer = Pacer::new(Pace::OPEN);
    let refuse = Signal {
        slow_down: true,
        ..Signal::default()
    };
    let mut waits = Vec::new();
    for _ in 0..8 {
        pacer.permit(writes(0)).await.finish(refuse);
        waits.push(pacer.pause_left().as_secs());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    pacer.permit(writes(0)).await.finish(Signal::default());
    pacer.permit(writes(0)).await.finish(refuse);
    assert_eq!(pacer.pause_left().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_window_of_requests_is_kept_and_a_dropped_permit_comes_back() {
    let pacer = Pacer::new(Pace {
        writes: None,
        units: None,
        window: 2,
    });
    let first = pacer.permit(writes(0)).await;
    let waiting = tokio::time::timeout(Duration::from_secs(5), pacer.permit(writes(0)));
    assert!(waiting.await.is_err(), "the window starts at one");
    drop(first);
    let second = tokio::time::timeout(Duration::from_secs(5), pacer.permit(writes(0)));
    assert!(second.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_batch_larger_than_the_burst_is_not_held_for_ever() {
    let pacer = Pacer::new(Pace {
        writes: Some(Rate {
            burst: 5,
            per_second: 5.0,
            span: Duration::from_secs(1),
        }),
        units: None,
        window: 4,
    });
    let start = Instant::now();
    for _ in 0..3 {
        pacer.permit(writes(20)).await.finish(Signal::default());
    }
    assert_eq!(start.elapsed().as_secs(), 2);
}

/// A target counts seven for what we take for one: the first refusals are taken for a strict
/// window, the later ones teach the true price.
#[tokio::test(start_paused = true)]
async fn writes_that_count_for_more_are_found_out() {
    let pacer = Pacer::new(Pace::GRAPH);
    let mut limiter = bucket();
    let start = Instant::now();
    let (mut accepted, mut refused, mut learnt) = (0, 0, None);
    while start.elapsed() < Duration::from_secs(1800) {
        let price = if pacer.underrates_writes() { 7 } else { 1 };
        let permit = pacer.permit(writes(price)).await;
        if price == 7 && learnt.is_none() {
            learnt = Some(start.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        let (taken, after) = limiter.offer(7);
        let good = taken == 7;
        accepted += u32::from(good);
        refused += u32::from(!good);
        permit.finish(Signal {
            refused: if good { 0 } else { price },
            slow_down: !good,
            after,
            ..Signal::default()
        });
    }
    assert!(
        learnt.is_some_and(|when| when < Duration::from_secs(300)),
        "{learnt:?}"
    );
    // 3,000 at once and 20 a second make 5,571 requests of seven in half an hour.
    assert!(accepted >= 5_000, "{accepted} accepted");
    assert!(refused <= 200, "{refused} refused");
}

/// Reads have a budget of their own: the whole burst, then the steady pace, and none refused.
#[tokio::test(start_paused = true)]
async fn units_of_reads_are_used_to_90_percent_without_a_refusal() {
    let pacer = Arc::new(Pacer::new(Pace::GRAPH));
    let large = Rate {
        burst: 8000,
        per_second: 784.0,
        span: Duration::from_secs(10),
    };
    pacer.allow(large);
    pacer.allow(Rate { burst: 3500, ..large });
    let spent = Arc::new(Mutex::new(VecDeque::<(Instant, u32)>::new()));
    let end = Instant::now() + Duration::from_secs(60);
    let readers = (0..64).map(|_| {
        let (pacer, spent) = (Arc::clone(&pacer), Arc::clone(&spent));
        tokio::spawn(async move {
            loop {
                let permit = pacer.permit(Cost { writes: 0, units: 20 }).await;
                if Instant::now() >= end {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
                spent.lock().unwrap().push_back((Instant::now(), 20));
                permit.finish(Signal::default());
            }
        })
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.await.unwrap();
    }
    let spent = spent.lock().unwrap();
    let total: u32 = spent.iter().map(|(_, units)| units).sum();
    // A bucket of 8,000 that fills at 800 a second gives 56,000 in a minute.
    assert!((50_400..=56_000).contains(&total), "{total}");
}

/// A refusal because of units leaves the writes alone, and what the target counted is believed.
#[tokio::test(start_paused = true)]
async fn units_and_writes_are_two_budgets() {
    let pacer = Pacer::new(Pace::GRAPH);
    pacer
        .permit(Cost {
            writes: 20,
            units: 20,
        })
        .await
        .finish(Signal {
            refused: 20,
            slow_down: true,
            after: Some(Duration::from_secs(1)),
            units_refused: true,
            ..Signal::default()
        });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    pacer.permit(writes(2000)).await.finish(Signal::default());
    assert!(
        start.elapsed() < Duration::from_millis(10),
        "the writes' burst is untouched"
    );
    assert!(!pacer.underrates_writes());
    let read = Cost {
        writes: 0,
        units: 100,
    };
    for _ in 0..3 {
        pacer.permit(read).await.finish(Signal {
            units: Some(1100),
            ..Signal::default()
        });
    }
    let start = Instant::now();
    pacer.permit(read).await.finish(Signal::default());
    // Each of the three left 1,000 units more to be waited for, at 343 a second.
    assert_eq!(start.elapsed().as_secs(), 3);
}
