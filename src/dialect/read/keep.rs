//! Reads how a link is kept alive, renewed, resumed and left.

use super::{
    super::{Beat, Farewell, Keepalive, Only, Outgoing, Renew, Resume, Span},
    login::{fails, steps},
    parts::{only, pairs, pattern, span, template, templates, texts_of},
};
use crate::document::{Fault, Faults, Table, Value, count, duration, flag, size, time_limit, word};

pub(super) fn keepalive<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Keepalive> {
    let known = [
        "send", "every", "jitter", "idle", "answer", "ping", "watchdog",
    ];
    let table = Table::open(name, value, &known, faults)?;
    if table.has("send") != table.has("every") {
        let help = "a message that is sent again and again needs 'send' and 'every'";
        faults.add_missing(
            value.span(),
            Fault::new("one of 'send' and 'every' is missing", help),
        );
    }
    let send = table.read("send", faults, template);
    let every = table.read("every", faults, span);
    let beat = send.zip(every).map(|(send, every)| Beat {
        send,
        every,
        jitter: table.read("jitter", faults, flag).unwrap_or_default(),
        idle: table.read("idle", faults, flag).unwrap_or_default(),
        answer: table.read("answer", faults, pattern),
    });
    Some(Keepalive {
        beat,
        ping: table.read("ping", faults, flag).unwrap_or(true),
        watchdog: table.read("watchdog", faults, watchdog),
    })
}

fn watchdog<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<(Span, Only)> {
    let known = ["after", "times", "plus", "when", "unless"];
    let table = Table::open(name, value, &known, faults)?;
    if !table.has("after") {
        table.miss("after", "write a time, or { s = \"VARIABLE\" }", faults);
    }
    let after = table.read("after", faults, span)?;
    let times = table.read("times", faults, count).unwrap_or(1);
    let plus = table.read("plus", faults, duration).unwrap_or_default();
    let after = match after {
        Span::Fixed(span) => Span::Fixed(span * times + plus),
        Span::Told { from, unit, .. } => Span::Told {
            from,
            unit,
            times,
            plus,
        },
    };
    Some((after, only(&table, faults)))
}

pub(super) fn renew<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Renew> {
    #[derive(Clone, Copy, PartialEq)]
    enum Word {
        InPlace,
        Reconnect,
        NotNeeded,
    }
    const WORDS: [(&str, Word); 3] = [
        ("in place", Word::InPlace),
        ("reconnect", Word::Reconnect),
        ("not needed", Word::NotNeeded),
    ];
    let table = Table::open(
        name,
        value,
        &["how", "send", "each", "accept", "fail"],
        faults,
    )?;
    if !table.has("how") {
        table.miss(
            "how",
            "write \"in place\", \"reconnect\" or \"not needed\"",
            faults,
        );
    }
    let how = table.read("how", faults, |name, value, faults| {
        word(name, value, &WORDS, faults)
    })?;
    if how != Word::InPlace && table.has("each") {
        let fault = Fault::new(
            "'each' goes with renewing in place",
            "leave it out, or write how = \"in place\"",
        );
        faults.add(table.span("each"), fault);
    }
    if (how == Word::InPlace) != table.has("send") {
        let help = "renewing in place needs 'send', and nothing else has it";
        faults.add_missing(
            value.span(),
            Fault::new("'how' and 'send' do not go together", help),
        );
    }
    Some(match how {
        Word::Reconnect => Renew::Reconnect,
        Word::NotNeeded => Renew::NotNeeded,
        Word::InPlace => Renew::InPlace {
            accept: table.read("accept", faults, pattern),
            fail: table.read("fail", faults, fails).unwrap_or_default(),
            each: table.read("each", faults, template),
            send: table.read("send", faults, template)?,
        },
    })
}

pub(super) fn resume<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Resume> {
    let table = Table::open(
        name,
        value,
        &[
            "needs",
            "url",
            "query",
            "hosts",
            "login",
            "subscribe",
            "within",
        ],
        faults,
    )?;
    if !table.has("needs") {
        table.miss("needs", "name the kept variables that it takes", faults);
    }
    Some(Resume {
        needs: table.read("needs", faults, texts_of).unwrap_or_default(),
        url: table.read("url", faults, template),
        query: table.read("query", faults, pairs).unwrap_or_default(),
        hosts: table.read("hosts", faults, texts_of).unwrap_or_default(),
        login: table.read("login", faults, steps),
        subscribe: table.read("subscribe", faults, flag).unwrap_or_default(),
        within: table.read("within", faults, span),
    })
}

pub(super) fn farewell<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Farewell> {
    let table = Table::open(name, value, &["send", "code"], faults)?;
    let code = table.read("code", faults, count);
    if code.is_some_and(|code| !(1000..5000).contains(&code)) {
        faults.add(
            table.span("code"),
            Fault::new(
                "'code' is no close code",
                "write a number from 1000 to 4999",
            ),
        );
    }
    Some(Farewell {
        send: table.read("send", faults, templates).unwrap_or_default(),
        code: code.and_then(|code| u16::try_from(code).ok()),
    })
}

pub(super) fn outgoing<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Outgoing> {
    let table = Table::open(name, value, &["never", "bytes", "rate"], faults)?;
    Some(Outgoing {
        never: table.read("never", faults, flag).unwrap_or_default(),
        bytes: table.read("bytes", faults, size),
        rate: table.read("rate", faults, rate),
    })
}

/// So many messages within a time.
fn rate<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<(u32, std::time::Duration)> {
    let table = Table::open(name, value, &["messages", "within"], faults)?;
    for (key, help) in [
        ("messages", "say how many messages may be sent"),
        ("within", "say in which time, as in \"60s\""),
    ] {
        if !table.has(key) {
            table.miss(key, help, faults);
        }
    }
    let messages = table.read("messages", faults, count);
    Some((messages?, table.read("within", faults, time_limit)?))
}
