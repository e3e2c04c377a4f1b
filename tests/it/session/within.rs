//! What `[event]` points to, within texts that hold JSON and in messages that are no JSON.

use sockeye::{dialect, session::Input};

use super::{Play, header, opened, profile, text};

fn play(dialect: &str) -> Play {
    let file = format!("title = \"t\"\n{dialect}");
    let mut wanted = profile(header(), sockeye::profile::Source::Prompt);
    wanted.dialect = Some(dialect::read("t.toml", &file).expect("a dialect").into());
    let mut play = Play::new(wanted);
    play.after(0, Input::Start).after(0, opened(1));
    play
}

const EVENT: &str = "[event]\nid = \"/data/id\"\nsequence = \"/data/n\"\nsequence-of = \"/data/of/-1\"\nsecrets = [\"/data/token\"]";

#[test]
fn pointers_lead_through_texts() {
    let mut play = play(EVENT);
    let message = |id: u32, n: u32| {
        format!(r#"{{"data":"{{\"id\":{id},\"n\":{n},\"of\":[0,\"c\"],\"token\":\"hunter2\"}}"}}"#)
    };
    play.after(0, text(1, &message(1, 1)))
        .after(0, text(1, &message(1, 1)))
        .after(0, text(1, &message(2, 4)));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   connected to 192.0.2.1:443
    0.000   live
    0.000   In {"data":"{\"id\":1,\"n\":1,\"of\":[0,\"c\"],\"token\":\"***\"}"}
    0.000   In duplicate{"data":"{\"id\":1,\"n\":1,\"of\":[0,\"c\"],\"token\":\"***\"}"}
    0.000   2 of c missing: after 1 came 4
    0.000   In {"data":"{\"id\":2,\"n\":4,\"of\":[0,\"c\"],\"token\":\"***\"}"}
    "#);
}

#[test]
fn every_message_of_a_list_counts() {
    let mut play = play("codec = \"array\"\n[event]\nsequence = \"/n\"\nsecrets = [\"/token\"]");
    play.after(0, text(1, r#"[{"n":1},{"n":2},{"n":5,"token":"hunter2"}]"#))
        .after(0, text(1, r#"[{"n":6},{"n":9}]"#));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   connected to 192.0.2.1:443
    0.000   live
    0.000   2 missing: after 2 came 5
    0.000   In [{"n":1},{"n":2},{"n":5,"token":"***"}]
    0.000   2 missing: after 6 came 9
    0.000   In [{"n":6},{"n":9}]
    "#);
}
