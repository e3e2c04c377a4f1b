//! `tail --filter` and the filter of a profile: what is written, what is counted, and what is told of faults.

use super::{QUERY, lines, sockeye, stderr, tail};
use crate::support::demo::Demo;

#[test]
fn only_what_is_asked_for_is_written_and_counted() {
    let demo = Demo::start(2000.0);
    let filters = [
        "--filter",
        "type:order.*",
        "--filter",
        ".customer.tier >= 2",
    ];
    let more = [
        &QUERY[..],
        &filters,
        &["--count", "10", "--lifecycle", "json"],
    ]
    .concat();
    let output = tail(&demo, "/ws/orders", "good", &more);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let events = lines(&output.stdout);
    assert_eq!(events.len(), 10);
    for event in &events {
        let payload = &event["payload"];
        assert_eq!(payload["type"], "order.created", "{event}");
        assert!(payload["customer"]["tier"].as_u64() >= Some(2), "{event}");
    }
    assert!(
        events
            .last()
            .is_some_and(|event| event["n"].as_u64() > Some(20)),
        "others were passed over"
    );
    let told = lines(&output.stderr);
    assert!(
        told.iter().any(|line| line["status"] == "live"),
        "the stream's life is told all the same"
    );
}

#[test]
fn a_profile_has_a_filter() {
    let demo = Demo::start(2000.0);
    let config = format!(
        "[profiles.alerts]\nurl = \"{}\"\nway = {{ query = \"token\" }}\ntoken = {{ file = {:?} }}\nfilter = \"type:alert and 'left'\"\n",
        demo.url("/ws/orders"),
        demo.token_file("good"),
    );
    let run = |config: &str, more: &[&str]| {
        std::fs::write(demo.directory.path().join("config.toml"), config).expect("a file");
        let mut command = sockeye();
        command.env("SOCKEYE_CONFIG_DIR", demo.directory.path());
        command.args(["tail", "alerts", "--count", "3"]).args(more);
        command.output().expect("sockeye runs")
    };
    let output = run(&config.replace("'left'", "left"), &["--filter", "-error"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for event in lines(&output.stdout) {
        assert_eq!(event["payload"]["type"], "alert");
        assert_ne!(event["payload"]["level"], "error");
    }
    let output = run(&config.replace("type:alert", "typ:alert"), &[]);
    assert_eq!(output.status.code(), Some(3));
    let told = stderr(&output);
    let caret = told
        .lines()
        .skip_while(|line| !line.contains("filter ="))
        .nth(1);
    assert!(
        told.contains("unknown field 'typ'") && told.contains("did you mean 'type'?"),
        "{told}"
    );
    assert_eq!(
        caret.map(str::trim_end),
        Some("   |           ^^^"),
        "{told}"
    );
}

#[test]
fn a_wrong_filter_is_told_before_anything_is_connected() {
    let mut command = sockeye();
    command.args([
        "tail",
        "ws://127.0.0.1:1",
        "--no-reconnect",
        "--filter",
        "size>big",
        "--filter",
        ".a = 1",
    ]);
    let output = command.output().expect("sockeye runs");
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(stderr(&output), @r"
    error: 'big' is no size
      --> --filter:1:6
       |
     1 | size>big
       |      ^^^
    help: write a number of bytes behind it, as in size>1k

    error: jq: '=' changes something, which a filter does not
      --> --filter:1:4
       |
     1 | .a = 1
       |    ^
    help: write '==' to compare
    ");
}

#[test]
fn a_filter_that_does_not_end_ends_the_program() {
    let demo = Demo::start(500.0);
    let more = [&QUERY[..], &["--filter", ".type | def f: f; f"]].concat();
    let output = tail(&demo, "/ws/orders", "good", &more);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("error: a filter was given up: this jq program takes too long"),
        "{}",
        stderr(&output)
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn payloads_may_stand_alone() {
    let demo = Demo::start(2000.0);
    let more = [&QUERY[..], &["--count", "5", "--format", "payload"]].concat();
    let output = tail(&demo, "/ws/orders", "good", &more);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let payloads = lines(&output.stdout);
    assert_eq!(payloads.len(), 5);
    assert!(
        payloads
            .iter()
            .all(|payload| payload["type"].is_string() && payload["n"].is_null()),
        "{payloads:?}"
    );
}
