//! Processor time of the server per call, query by query: what half of the calls stay within, and what 95 of 100 do.

use std::time::Duration;

use crate::{
    Outcome,
    client::{Client, request},
    generate::COMMON,
    goals::{Goal, Goals},
    logs::Bench,
};

/// Calls per query; what takes long is asked for less often.
const CALLS: usize = 300;
const LONG: usize = 100;
/// Calls before the first that counts: every reader of the store has its own cache and its own prepared statements.
const WARM: usize = 40;
/// By how many times 95 of 100 calls may stay above half of them.
const SPREAD: f64 = 4.0;
/// What a server still does after an answer has left, it has done when its threads use no more time for so long.
const SETTLED: Duration = Duration::from_micros(200);

/// Prints a line per query.
pub(crate) fn measure(bench: &Bench, goals: &mut Goals) -> Outcome {
    println!(
        "\n{:<44} {:>10} {:>10} {:>10} {:>8}",
        "processor time of a call", "mean, µs", "p50, µs", "p95, µs", "p95/p50"
    );
    let rare =
        "/api/v1/logs?actor=eng-050&operation=ReadPipelineDefinitionViaLockbox&outcome=refused&environment_id=env_00_9";
    for (what, path) in [
        ("newest 50", "/api/v1/logs".to_owned()),
        ("one filter", "/api/v1/logs?actor=eng-003".to_owned()),
        ("rare combination", rare.to_owned()),
        ("all left out", "/api/v1/logs?not_category=activity&not_category=data_access".to_owned()),
        ("one exchange", "/api/v1/logs?correlation_id=req_00000000000000000000000042".to_owned()),
        ("page in the middle", "/api/v1/logs?cursor=10000&not_outcome=success".to_owned()),
        ("common word", format!("/api/v1/logs?q={COMMON}")),
        ("absent word", "/api/v1/logs?q=absent".to_owned()),
        ("common beginning of a word", "/api/v1/logs?q=lbx_0000*".to_owned()),
        ("counts and histogram, all", "/api/v1/logs/summary".to_owned()),
        ("counts and histogram, filtered", "/api/v1/logs/summary?not_outcome=success&from=now-400d".to_owned()),
        ("counts of a common word (bounded)", format!("/api/v1/logs/summary?q={COMMON}")),
    ] {
        let call = request("GET", &path, &[("Authorization", &bench.reader)], "");
        let mut client = Client::connect(bench.server.port)?;
        let mut used = Vec::new();
        for number in 0..WARM + if path.contains("summary") || path.contains("lbx_") { LONG } else { CALLS } {
            let before = settled(bench)?;
            if client.send(&call)?.0 != 200 {
                return Err(format!("{path} failed").into());
            }
            let after = settled(bench)?;
            if number >= WARM {
                used.push(after.saturating_sub(before) as f64 / 1e3);
            }
        }
        let mean = used.iter().sum::<f64>() / used.len() as f64;
        let (half, most) = (share(&mut used, 50), share(&mut used, 95));
        // Threads that ended inside a call take their time with them.
        if half <= 0.0 {
            return Err(format!("{what}: half of the calls took no processor time, which can't be").into());
        }
        println!("{what:<44} {mean:>10.0} {half:>10.0} {most:>10.0} {:>8.2}", most / half);
        goals.add(format!("{what}: processor time, p95 over p50"), most / half, Goal::AtMost(SPREAD));
    }
    Ok(())
}

/// The server's processor time so far, nanoseconds, when it rests.
fn settled(bench: &Bench) -> Outcome<u64> {
    let mut last = bench.server.cpu_nanoseconds()?;
    loop {
        std::thread::sleep(SETTLED);
        let now = bench.server.cpu_nanoseconds()?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}

/// What so many of a hundred figures stay within.
fn share(figures: &mut [f64], percent: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    let place = (figures.len() * percent).div_ceil(100).saturating_sub(1);
    figures.get(place).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_are_those_of_the_sorted_figures() {
        let mut figures: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!((share(&mut figures, 50), share(&mut figures, 95)), (50.0, 95.0));
        assert_eq!(share(&mut [3.0], 95), 3.0);
        assert!(share(&mut [], 50).is_nan());
    }
}
