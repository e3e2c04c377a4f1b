//! The alert of a profile in `tail`: its command is run with what it asks for, and not too often.
#![cfg(unix)]

use std::fs;

use super::{sockeye, stderr};
use crate::support::demo::Demo;

/// A profile with an alert on orders that runs this command.
fn config(demo: &Demo, command: &[&str]) -> String {
    format!(
        "[profiles.orders]\nurl = \"{}\"\nway = {{ query = \"token\" }}\ntoken = {{ file = {:?} }}\n\
         alert = {{ when = \"type:order.created\", command = {command:?} }}\n",
        demo.url("/ws/orders"),
        demo.token_file("good"),
    )
}

fn run(demo: &Demo, config: &str) -> std::process::Output {
    fs::write(demo.directory.path().join("config.toml"), config).expect("a file");
    let mut command = sockeye();
    command.env("SOCKEYE_CONFIG_DIR", demo.directory.path());
    command.args(["tail", "orders", "--count", "50", "--filter", "type:alert"]);
    command.output().expect("sockeye runs")
}

#[test]
fn the_command_gets_what_it_asks_for_and_the_payload() {
    let demo = Demo::start(2000.0);
    let file = demo.directory.path().join("told");
    let script = "printf '%s %s\\n' \"$1\" \"$2\" >> \"$0\"; cat >> \"$0\"";
    let path = file.to_str().expect("UTF-8");
    let command = ["sh", "-c", script, path, "{stream}", "{type}"];
    let output = run(&demo, &config(&demo, &command));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = fs::read_to_string(file).expect("the command wrote");
    let lines: Vec<_> = told.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "orders order.created"));
    assert!(lines[1].starts_with('{') && lines[1].contains("order.created"));
    assert!(stderr(&output).contains("alert: order.created in orders"));
    assert!(!stderr(&output).contains('\x07'), "it is no terminal");
}

#[test]
fn a_command_that_fails_is_told_once() {
    let demo = Demo::start(2000.0);
    let output = run(&demo, &config(&demo, &["/nonexistent/notify", "{type}"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = stderr(&output);
    let words = "the command of an alert failed: '/nonexistent/notify': it cannot be started";
    assert_eq!(told.matches(words).count(), 1, "{told}");
}

#[test]
fn faults_are_told_where_they_are() {
    let demo = Demo::start(1.0);
    let config = config(&demo, &["notify", "{payload}"]);
    let config = config.replace("] }", "], every = \"10ms\" }");
    let output = run(&demo, &config);
    assert_eq!(output.status.code(), Some(3));
    let told = stderr(&output);
    for words in [
        "'{payload}' is not known",
        "the payload comes on the standard input",
        "'every' (10 ms) is too short",
    ] {
        assert!(told.contains(words), "{told}");
    }
}
