//! The filter language: what is read, what it holds for, what is told of faults, and that nothing takes for ever.

use std::fmt::Write;

use proptest::prelude::*;
use sockeye::{
    diagnostic::report,
    dialect::EventMap,
    event::StreamId,
    filter::{Context, Expr, Filter, Subject, TypeName, parse},
    message::{Class, Direction},
    places::Places,
    time::Wall,
};

/// 2026-11-24T12:03:44Z.
const NOW: Wall = Wall(1_795_521_824_000_000);

fn context() -> Context {
    Context {
        streams: vec!["orders".into(), "prices".into()],
        now: NOW,
        zone: jiff::tz::TimeZone::UTC,
    }
}

fn filter(text: &str) -> Filter {
    Filter::new(text, &context()).unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

fn subject(data: &[u8]) -> Subject<'_> {
    Subject {
        stream: StreamId(0),
        at: NOW,
        message: Some((Direction::In, Class::Event)),
        type_name: TypeName::Unknown,
        data,
        places: None,
    }
}

fn holds(text: &str, data: &str) -> bool {
    filter(text).holds(&subject(data.as_bytes()))
}

const ORDER: &str = r#"{"type":"order.created","id":"o-77","total":12.90,"lines":[{"sku":"kettle","count":2}],"user":{"name":"Grüße","tier":"gold"}}"#;

/// What holds for the order.
const HITS: [&str; 41] = [
    "",
    "KETTLE",
    "kettle gold",
    "kettle and gold",
    "silver or gold",
    "not silver",
    "-silver",
    "!silver kettle",
    "(silver or gold) kettle",
    "\"o-77\",\"total\"",
    "\"GRÜSSE\" or grüße",
    "/o-\\d+/",
    "/KETTLE/i",
    "-/KETTLE/",
    "/\"lines\":\\[\\{\"sku\"/",
    "type:order.created",
    "type:order.*",
    "type:alert,ORDER.*",
    "stream:orders",
    "stream:ord*",
    "dir:in",
    "class:event",
    "size>100 size<1k",
    "size>=0.1k",
    "time>12:03",
    "time>-5m",
    "time<=2026-11-24T12:03:44Z",
    "time<2026-11-25T00:00",
    ".user.tier == \"gold\"",
    ".total > 12 and .total < 13",
    "kettle .lines[0].count == 2",
    "(.user.tier == \"gold\") size>1",
    "(.user.tier == \"silver\") or kettle",
    ".lines | length == 1",
    ".lines[] | select(.sku | startswith(\"ket\"))",
    ".lines | any(.count > 1)",
    ".id | test(\"^O-\"; \"i\")",
    ".lines | map(.count) | add == 2",
    ".id | split(\"-\") | .[1] | tonumber == 77",
    "not .user.tier == \"silver\"",
    ".user | keys == [\"name\", \"tier\"]",
];

/// What does not.
const MISSES: [&str; 23] = [
    "silver",
    "kettle silver",
    "not kettle",
    "-kettle",
    "!(kettle or silver)",
    "/KETTLE/",
    "type:order",
    "stream:prices",
    "dir:out",
    "class:heartbeat",
    "class:lifecycle",
    "size>1k",
    "size=1",
    "time<12:03",
    "time<-5m",
    "id:o-77",
    ".user.tier == \"silver\"",
    ".missing",
    ".total == \"12.90\"",
    ".id.x",
    ".lines[5]",
    ".id | tonumber",
    "empty\" or .x",
];

#[test]
fn what_filters_ask_for() {
    for hit in HITS {
        assert!(holds(hit, ORDER), "{hit}");
    }
    for miss in MISSES {
        assert!(!holds(miss, ORDER), "{miss}");
    }
    assert!(!holds(".a == 1", "{\"a\":1") && !holds(". != 1", "no JSON"));
}

#[test]
fn the_dialect_says_where_ids_and_channels_stand() {
    let map = EventMap {
        id: Some("/data/id".into()),
        channel: Some("/ch".into()),
        ..EventMap::default()
    };
    let places = Places::new(&map);
    let data = br#"{"ch":"room:lobby","data":{"id":77}}"#;
    let known = Subject {
        places: Some(&places),
        ..subject(data)
    };
    for hit in [
        "id:77",
        "chan:room:*",
        "chan:\"room:lobby\" id:7?",
        "-id:78",
    ] {
        assert!(filter(hit).holds(&known), "{hit}");
    }
    assert!(!filter("id:78").holds(&known) && !filter("chan:lobby").holds(&known));
}

#[test]
fn turns_in_a_streams_life_have_a_text_and_a_class() {
    let turn = Subject {
        message: None,
        ..subject(b"closed 4001 Token Expired")
    };
    for hit in [
        "4001",
        "class:lifecycle",
        "not class:event",
        "/closed \\d+/",
    ] {
        assert!(filter(hit).holds(&turn), "{hit}");
    }
    for miss in ["class:event", "dir:in", "size>0", ". == 1", "type:x"] {
        assert!(!filter(miss).holds(&turn), "{miss}");
    }
}

#[test]
fn a_time_of_day_is_the_last_one_that_was() {
    let at = |seconds: i64| Subject {
        at: NOW.shifted(seconds * 1_000_000),
        ..subject(b"")
    };
    let evening = filter("time>23:50");
    assert!(evening.holds(&at(0)) && !evening.holds(&at(-13 * 3600)));
    let noon = filter("time>12:00");
    assert!(noon.holds(&at(0)) && !noon.holds(&at(-3600)));
}

#[test]
fn the_examples_of_the_documentation_are_filters() {
    let page = include_str!("../../docs/filters.md");
    let block = page
        .split("```")
        .find_map(|block| block.strip_prefix("filter\n"))
        .expect("examples");
    let mut count = 0;
    for line in block.lines() {
        let (example, told) = line.split_at(40);
        assert!(!told.is_empty(), "{line}");
        filter(example.trim());
        count += 1;
    }
    assert!(count > 15, "{count}");
    assert!(page.contains("10 000 steps") && page.contains("4096 bytes"));
}

/// Every fault of a filter, as it is printed.
fn told(text: &str) -> String {
    let faults = Filter::new(text, &context()).err().unwrap_or_default();
    let faults: Vec<_> = faults
        .iter()
        .map(|fault| fault.diagnostic("filter", text))
        .collect();
    report(&faults)
}

#[test]
fn faults_point_at_their_place() {
    let mut all = String::new();
    for text in [
        "size>big",
        "size > 1k",
        "typ:order dir:up",
        "time:12:03",
        "time>noon",
        "type>x",
        "type:",
        "stream:order",
        "kettle or",
        "and kettle",
        "kettle and or gold",
        "(kettle",
        "kettle)",
        "()",
        "not",
        "\"kettle",
        "/kettle",
        "/ket(tle/",
        "a /a\\/[z-a]/",
        "/a/x",
        "/(a{1000}){1000}/",
        ".user.tier = \"gold\"",
        ".user.tier == ",
        ".a == 1 or kettle",
        "kettle .a | env",
        ".a | foo(1)",
        ".a | $ENV",
        ".[\"a\" | . == 1",
        ".a == \"x",
        ".a | input",
    ] {
        writeln!(all, "{}", told(text)).expect("a text");
    }
    insta::assert_snapshot!("filter-faults", all);
}

/// A filter that prints something, and is read again.
fn expr() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[a-zé0-9_:=<>.,/*-]{1,8}",
        "\"([a-z ()!-]|\\\\\"|\\\\\\\\){1,8}\"",
        prop::sample::select(vec![
            "dir:in",
            "dir:out",
            "class:lifecycle",
            "size>=1k",
            "size=7",
            "time>12:03",
            "time<-90s",
            "time>2026-11-24T12:03:44Z",
            "time<2026-11-24",
            "type:a*,\"b c\"",
            "stream:orders",
            "id:\"a,b\"",
            "chan:x",
            "/a\\/b\\\\d/i",
            "//",
            "/[a-z]+/",
            "(.a == \"b)\")",
            "(.a | test(\"x\"))",
            "(.)",
            "\"and\"",
            "\"not\"",
        ])
        .prop_map(str::to_owned),
    ];
    text.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" ")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" and ")),
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.clone().prop_map(|part| format!("not ({part})")),
            inner.prop_map(|part| format!("!{part}")),
        ]
    })
}

#[test]
fn a_sign_alone_is_printed_in_quotes() {
    for (text, wanted) in [
        ("(\" \" or \"-\") \"a\"", "(\" \" or \"-\") a"),
        ("(a or \"/\") b", "(a or \"/\") b"),
        ("(a or \"x-/\") b", "(a or x-/) b"),
    ] {
        let read = parse(text).expect("a filter");
        assert_eq!(
            (read.to_string().as_str(), parse(wanted)),
            (wanted, Ok(read))
        );
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(text in expr()) {
        if let Ok(read) = parse(&text) {
            let printed = read.to_string();
            let again = parse(&printed);
            prop_assert_eq!(again.as_ref(), Ok(&read), "{} of {}", printed, text);
            prop_assert!(read.narrows(&read) && read.narrows(&Expr::All));
        }
    }

    #[test]
    fn no_text_breaks_it(text in "\\PC{0,40}") {
        let faults = Filter::faults(&text);
        for fault in faults {
            prop_assert!(!fault.diagnostic("filter", &text).to_string().is_empty());
            prop_assert!(fault.span.start <= text.len());
        }
    }

    #[test]
    fn no_nearly_right_text_breaks_it(parts in prop::collection::vec(prop::sample::select(vec![
        "(", ")", "not ", "-", "!", " ", "and", " or ", "\"", "\\", "/", "i", ".", ".a", "==", "|", "[", "]", "{", "}", "size>", "1k",
        "time<", "-5m", "type:", "x", "*", ",", "def f: f; ", "if ", "reduce ", "as $x", "\\(", "é", "\u{202e}",
    ]), 0..24)) {
        let text = parts.concat();
        let faults = Filter::faults(&text);
        prop_assert!(faults.iter().all(|fault| !fault.help.is_empty()));
        if let Ok(filter) = Filter::new(&text, &context()) {
            filter.holds(&subject(ORDER.as_bytes()));
        }
    }

    #[test]
    fn narrower_filters_hold_for_fewer(one in expr(), other in expr(), payload in "[a-z0-9 :=.]{0,12}") {
        let (Ok(one), Ok(other)) = (Filter::new(&one, &context()), Filter::new(&other, &context())) else {
            return Ok(());
        };
        let both = Filter::new(&format!("({}) {}", one.expr(), Expr::all(vec![other.expr().clone()])), &context());
        for (narrow, wide) in [(Some(&one), &other), (both.as_ref().ok(), &one)] {
            let Some(narrow) = narrow else { continue };
            if narrow.expr().narrows(wide.expr()) && narrow.holds(&subject(payload.as_bytes())) {
                prop_assert!(wide.holds(&subject(payload.as_bytes())), "{} {}", narrow.expr(), wide.expr());
            }
        }
    }
}

#[test]
fn deep_and_long_filters_are_refused() {
    for text in [
        "(".repeat(4000),
        "!".repeat(4000),
        "not ".repeat(1000),
        "x".repeat(5000),
        format!(".{}", "[".repeat(1000)),
        format!(".a | {}.", "-".repeat(1000)),
        format!(". | {}1", "try ".repeat(250)),
        format!(". | {}1", "try ".repeat(48)),
        format!(".a | {}.", "-".repeat(48)),
        format!(".{}", ", .".repeat(120)),
        format!(".{}", " // .".repeat(120)),
        format!(".{}", " + .".repeat(120)),
        format!(".{}", " as $x | .".repeat(48)),
        format!(
            ". | {}.{}",
            "if . then ".repeat(48),
            " else . end".repeat(48)
        ),
        format!(".{}", " | .".repeat(120)),
        format!(".{}", "[.".repeat(48) + &"]".repeat(48)),
        format!(". | {}1", "def f: ".repeat(60)),
        format!(". | {}.a{}", "\"\\(".repeat(24), ")\"".repeat(24)),
        format!("/{}/", "(".repeat(1000)),
        format!("/{}a{}/", "(".repeat(100), ")".repeat(100)),
    ] {
        let faults = Filter::faults(&text);
        assert!(faults.len() <= 3, "{faults:?}");
        if let Ok(filter) = Filter::new(&text, &context()) {
            filter.holds(&subject(ORDER.as_bytes()));
        }
    }
}

#[test]
fn hostile_regular_expressions_take_linear_time() {
    let text = "a".repeat(1 << 20);
    for pattern in [
        "/(a+)+b/",
        "/(a|a)*b/",
        "/(a*)*b/",
        "/^(a?){50}a{50}b/",
        "/(.*)(.*)(.*)(.*)b/",
        "/\\w*\\w*\\w*b/i",
    ] {
        let filter = filter(pattern);
        assert!(!filter.holds(&subject(text.as_bytes())), "{pattern}");
        assert!(
            filter.cost() > 1 << 15,
            "a large payload costs more than a small one"
        );
    }
}

/// Programs that loop, grow or recurse.
const HOSTILE: [&str; 41] = [
    "def f: f; f",
    "def f: 1 + f; f",
    "def f: [f]; f",
    "def f: f | f; f",
    "def f: try f catch f; f",
    "def f: (f?), f; f",
    "[range(1e12)] | length",
    "[repeat(1)] | length",
    "last(repeat(1))",
    "reduce range(1e9) as $i (0; . + 1)",
    "reduce range(60) as $i (0; [., .]) | tojson",
    "reduce range(60) as $i (0; {a: ., b: .}) == 1",
    "reduce range(1e5) as $i (0; [.])",
    "reduce range(60) as $i (\"x\"; . + .)",
    "reduce range(60) as $i (\"x\"; \"\\(.)\\(.)\")",
    "reduce range(60) as $i (\"x\"; tojson)",
    "reduce range(60) as $i (10; . * .)",
    "reduce range(60) as $i ([1]; . + .) | length",
    "\"x\" * 1e12 | length",
    "\"x\" * 1000000000 | length",
    "[limit(1e9; repeat(\"x\" * 1000))] | length",
    "until(false; .)",
    "[while(true; .)] | length",
    "recurse(.)",
    "[recurse([.])] | length",
    "\"x\" | tonumber",
    "[.a[] as $x | .a[] as $y | .a[] as $z | 1] | length",
    ".a - .a | length",
    ".a | contains(.)",
    ".a | indices(.)",
    ".a | tostring | test(\"(x+)+y\")",
    "first(range(1e12) | select(. < 0))",
    "isempty(range(1e12) | select(. < 0)) | not",
    "label $out | foreach range(1e12) as $i (0; . + 1; if . < 0 then break $out else empty end)",
    ".a | fromjson",
    ".a | tonumber",
    ".. == 1 and (..|..|..) == 1",
    "[paths] | map(tojson) | join(\",\") | length",
    "walk([.])",
    "[.[] | .. | .. | .. | ..] | length",
    "[combinations(1000000)] | length",
];

#[test]
fn jq_programs_end_whatever_they_do() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
    let large = format!("{{\"a\":[{}1]}}", "1,".repeat(120_000));
    let digits = format!("{{\"a\":{}}}", "9".repeat(1 << 17));
    let nested_text = format!("{{\"a\":\"{}\"}}", "[".repeat(1 << 17));
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 17));
    for program in HOSTILE {
        let filter = filter(&format!(". | {program}"));
        for payload in [
            ORDER,
            "{}",
            "7",
            &deep,
            &large,
            &digits,
            &nested_text,
            &text,
        ] {
            filter.holds(&subject(payload.as_bytes()));
        }
    }
}

#[test]
fn a_program_that_takes_too_long_is_given_up_and_told() {
    let filter = filter("kettle or .a | def f: f; f");
    assert_eq!(filter.broken(), None);
    assert!(!filter.holds(&subject(b"{}")));
    let first = filter.cost();
    assert!(
        filter
            .broken()
            .is_some_and(|why| why.contains("takes too long"))
    );
    assert!(!filter.holds(&subject(b"{}")) && filter.cost() < first / 100);
    assert!(filter.holds(&subject(b"a kettle")), "the rest goes on");
}

#[test]
fn one_large_event_does_not_end_a_filter() {
    let filter = filter(". | [.a[] | select(. > 5)] | length > 0");
    let large = format!("{{\"a\":[{}9]}}", "9,".repeat(100_000));
    let too_large = format!("{{\"a\":[{}9]}}", "9,".repeat(200_000));
    for passed_over in [&large, &too_large] {
        assert!(!filter.holds(&subject(passed_over.as_bytes())));
        assert_eq!(filter.broken(), None);
    }
    assert!(
        holds(".a[0] == 9", &too_large),
        "comparisons are asked of all"
    );
    assert!(filter.holds(&subject(br#"{"a":[1,9]}"#)));
}

const FUNCTIONS: &str = r#"floor
explode
implode
ascii_downcase
ascii_upcase
reverse
sort
sort_by(.a)
group_by(.a)
min_by(.a)
max_by(.a)
unique
startswith("a")
endswith("a")
ltrimstr("a")
rtrimstr("a")
trim
split(",")
join(",")
add
any
all
flatten
range(3)
type
test("a"; "x")
ceil
length
contains({a: 1})
has("a")
indices(1)
fromjson
tojson
tonumber
to_entries
keys
round
with_entries(.)
map(.)
select(.)
limit(1; .[])
first(.[])
paths
inside({})
tostring
values"#;

#[test]
fn the_functions_of_the_documentation_are_there() {
    for call in FUNCTIONS.lines() {
        assert_eq!(Filter::faults(&format!(". | {call}")), [], "{call}");
    }
    for missing in [
        "match(\"a\")",
        "capture(\"a\")",
        "sub(\"a\"; \"b\")",
        "@base64",
        "sin",
        "todate",
        "now",
    ] {
        assert!(
            !Filter::faults(&format!(". | {missing}")).is_empty(),
            "{missing}"
        );
    }
}

#[test]
fn an_error_ends_a_program_for_one_event_only() {
    let filter = filter(".id | tonumber > 5");
    assert!(!filter.holds(&subject(br#"{"id":"x"}"#)) && filter.holds(&subject(br#"{"id":"7"}"#)));
    assert_eq!(filter.broken(), None);
}

#[test]
fn nothing_of_the_world_is_seen() {
    for program in [
        "env",
        "$ENV",
        "input",
        "inputs",
        "now",
        "halt",
        "input_filename",
        "debug",
        "stderr",
        "$__prog_args",
    ] {
        assert!(
            !Filter::faults(&format!(". | {program}")).is_empty(),
            "{program}"
        );
    }
    assert!(!Filter::faults(". | import \"x\" as x; 1").is_empty());
}
