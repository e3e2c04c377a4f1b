//! `sockeye login` and `sockeye logout`: signing in at a profile's authorisation server, and forgetting what is kept.

use std::io::{self, Write};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{
    audit::{Outcome, Record},
    auth::Credential,
    cli::Login,
    clock::Clock,
    credential::{Errand, SignIn, Sources},
    error::{Exit, Failure},
    payload::escape::escape,
    profile::{Grant, Profile, Source},
    signals,
    target::read_token,
};

/// Signs in and keeps what comes of it.
///
/// # Errors
/// Why nobody is signed in.
pub async fn login(
    profile: &Profile,
    order: &Login,
    sources: &Sources,
    clock: Clock,
) -> Result<Exit, Failure> {
    let Some(oauth) = profile.source.oauth() else {
        return keep_pasted(profile, order, sources, clock).await;
    };
    if order.token_stdin {
        let text = format!(
            "the token of {} comes from {}",
            profile.name, profile.source
        );
        return Err(Failure::new(Exit::Usage, text).help("leave --token-stdin out"));
    }
    if order.client_secret_stdin {
        let secret = read_token()?.secret;
        let stored = sources.store_client_secret(profile, secret).await;
        stored.map_err(|why| Failure::new(Exit::Configuration, why))?;
    }
    let how = if order.device || oauth.grant == Grant::Device {
        SignIn::Device
    } else {
        SignIn::Browser(order.browser)
    };
    let (say, mut notes) = unbounded_channel();
    let errand = Errand {
        notes: Some(say),
        ..Errand::new(clock)
    };
    let mut signals = signals::listen()?;
    let done = tokio::select! {
        number = signals.next() => return Ok(Exit::Signal(number)),
        done = sources.sign_in(profile, oauth, &how, &errand) => done,
        () = tell(&mut notes) => return Ok(Exit::Unexpected),
    };
    while let Ok(text) = notes.try_recv() {
        say_aloud(&text);
    }
    let credential = done.map_err(|why| Failure::new(Exit::Unauthenticated, why))?;
    write_down(
        profile,
        Outcome::SignedIn,
        Some(&credential),
        sources,
        clock,
    );
    print(&signed_in(profile, &credential));
    Ok(Exit::Done)
}

/// Keeps a token from the standard input.
async fn keep_pasted(
    profile: &Profile,
    order: &Login,
    sources: &Sources,
    clock: Clock,
) -> Result<Exit, Failure> {
    let source = match &profile.source {
        Source::Ticket(ticket) => &ticket.from,
        source => source,
    };
    if !source.keeps_pasted() {
        let text = format!(
            "the token of {} comes from {source}; there is nothing to sign in to",
            profile.name
        );
        return Err(Failure::new(Exit::Usage, text));
    }
    if !order.token_stdin {
        let text = format!("the token of {} is kept in {source}", profile.name);
        let help = format!("give it by: sockeye login {} --token-stdin", profile.name);
        return Err(Failure::new(Exit::Usage, text).help(help));
    }
    let kept = Profile {
        source: source.clone(),
        ..profile.clone()
    };
    let credential = read_token()?;
    let stored = sources.store(&kept, &credential).await;
    stored.map_err(|why| Failure::new(Exit::Configuration, why))?;
    write_down(
        profile,
        Outcome::SignedIn,
        Some(&credential),
        sources,
        clock,
    );
    print(&format!(
        "the token of {} is kept in {source}\n",
        profile.name
    ));
    Ok(Exit::Done)
}

/// Forgets everything of a profile, and says what was done.
///
/// # Errors
/// What could not be done.
pub async fn logout(profile: &Profile, sources: &Sources, clock: Clock) -> Result<Exit, Failure> {
    let farewell = sources.sign_out(profile, &Errand::new(clock)).await;
    for line in &farewell.done {
        print(&format!("{}: {}\n", profile.name, escape(line)));
    }
    if !farewell.done.is_empty() {
        write_down(profile, Outcome::SignedOut, None, sources, clock);
    }
    if farewell.failed.is_empty() {
        if farewell.done.is_empty() {
            print(&format!("{}: nothing was kept\n", profile.name));
        }
        return Ok(Exit::Done);
    }
    Err(Failure::new(Exit::Network, farewell.failed.join("; ")))
}

/// Writes it into the audit. That this failed is no reason to undo it, and is told.
fn write_down(
    profile: &Profile,
    outcome: Outcome,
    credential: Option<&Credential>,
    sources: &Sources,
    clock: Clock,
) {
    let facts = credential.map(|credential| credential.facts(false));
    let at = clock.now().wall;
    let record = Record::new(
        &profile.name,
        profile.way_in_words(),
        outcome,
        facts.as_ref(),
        at,
    );
    if let Err(why) = sources.audit(&record) {
        say_aloud(&why);
    }
}

fn signed_in(profile: &Profile, credential: &Credential) -> String {
    let facts = credential.facts(true);
    let who = facts
        .subject
        .map_or_else(String::new, |subject| format!(" as {}", escape(&subject)));
    let end = facts
        .expires
        .map_or_else(String::new, |expires| format!(", until {expires}"));
    format!("{}: signed in{who}{end}\n", profile.name)
}

/// Says what is to be opened or typed, as it comes.
async fn tell(notes: &mut UnboundedReceiver<String>) {
    while let Some(text) = notes.recv().await {
        say_aloud(&text);
    }
}

fn say_aloud(text: &str) {
    // Nobody is left to tell when the standard error is gone.
    let _ = writeln!(io::stderr(), "{}", escape(text));
}

fn print(text: &str) {
    // Whoever started us may not want to read.
    let _ = io::stdout().write_all(text.as_bytes());
}
