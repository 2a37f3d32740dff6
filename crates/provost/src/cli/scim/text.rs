//! The self-test's report for people: one line a check, and below them what is wrong and what to do.

use crate::output;
use provost_connect::scim::self_test::{Exchange, Finding, Report, Verdict};
use serde_json::Value;

/// The width that long texts are cut to.
const WIDTH: usize = 240;
/// How many of a check's requests are shown, those that only prepared it aside.
const EXCHANGES: usize = 4;

/// The whole report.
pub(super) fn of(report: &Report) -> String {
    let mut out = format!("SCIM self-test of {}\n", report.url);
    let width = report
        .findings
        .iter()
        .map(|f| f.id.len())
        .max()
        .unwrap_or_default();
    let mut group = None;
    for finding in &report.findings {
        if group != Some(finding.group) {
            group = Some(finding.group);
            out.push_str(&format!("\n{}\n", finding.group.title()));
        }
        out.push_str(&line(finding, width));
    }
    for (verdict, heading) in [
        (Verdict::Fail, "Failed: provisioning does not work without these"),
        (Verdict::Warn, "Warnings: provisioning works, something is lost"),
    ] {
        let of_verdict: Vec<&Finding> = report.findings.iter().filter(|f| f.verdict == verdict).collect();
        if !of_verdict.is_empty() {
            out.push_str(&format!("\n{heading}\n"));
        }
        for finding in of_verdict {
            explain(finding, &mut out);
        }
    }
    out.push('\n');
    out.push_str(&summary(report));
    out
}

fn line(finding: &Finding, width: usize) -> String {
    let word = finding.verdict.word();
    let reason = match finding.verdict {
        Verdict::Skipped => format!(" ({})", finding.came),
        _ => String::new(),
    };
    format!("  {word:<8}{:<width$}  {}{reason}\n", finding.id, finding.title)
}

fn explain(finding: &Finding, out: &mut String) {
    out.push_str(&format!("\n  {}  {}\n", finding.id, finding.title));
    let mut row = |name: &str, text: &str| out.push_str(&format!("    {name:<9} {text}\n"));
    let all: Vec<&Exchange> = finding.exchanges.iter().filter(|e| !e.preparation).collect();
    let hidden = all.len().saturating_sub(EXCHANGES);
    if hidden > 0 {
        let words = output::count(hidden as i128, "request", "requests");
        row("sent", &format!("({words} before these; --json shows all)"));
    }
    for exchange in all.into_iter().skip(hidden) {
        row("sent", &sent(exchange));
        row("answered", &answered(exchange));
    }
    row("expected", &finding.expected);
    row("came", &finding.came);
    row("why", finding.why);
    row("to do", finding.remedy);
}

fn sent(exchange: &Exchange) -> String {
    let body = exchange.body.as_ref().map(Value::to_string).unwrap_or_default();
    cut(&format!("{} {} {body}", exchange.method, exchange.path))
}

fn answered(exchange: &Exchange) -> String {
    match (&exchange.error, exchange.status) {
        (Some(error), _) => cut(error),
        (None, status) => {
            let status = status.map(|status| status.to_string()).unwrap_or_default();
            let body = exchange.answer.as_ref().map(Value::to_string).unwrap_or_default();
            cut(&format!("{status} {body}"))
        }
    }
}

fn cut(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    let head: String = text.chars().take(WIDTH).collect();
    format!("{head}…")
}

fn summary(report: &Report) -> String {
    let count = |verdict| report.count(verdict);
    let mut out = format!(
        "{}: {} passed, {} failed, {}, {} skipped. {} in {:.1} s.\n",
        output::count(report.findings.len() as i128, "check", "checks"),
        count(Verdict::Pass),
        count(Verdict::Fail),
        output::count(count(Verdict::Warn) as i128, "warning", "warnings"),
        count(Verdict::Skipped),
        output::count(report.requests, "request", "requests"),
        report.took.as_secs_f64(),
    );
    let cleanup = &report.cleanup;
    let made = output::count(cleanup.made as i128, "person or group", "people and groups");
    out.push_str(&format!("{made} made, {} deleted.", cleanup.deleted));
    for left in &cleanup.left {
        out.push_str(&format!(
            "\nstill on the server: {} {}: {}",
            left.path, left.name, left.reason
        ));
    }
    out
}
