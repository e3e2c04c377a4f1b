//! The command line: what can be typed, and how a target on it becomes a profile.

use std::{path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use url::Host;

use crate::{export::Format, time::parse_span};

/// Terminal monitor for authenticated WebSocket streams.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, subcommand_help_heading = "Commands")]
#[command(
    after_help = "Without a command it opens the monitor on the profiles under 'watch' in config.toml.\n\
    Try it without an account or a network: sockeye demo"
)]
pub struct Cli {
    /// Directory with config.toml and credentials.toml
    #[arg(long, global = true, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// When to use colours.
    #[arg(
        help = "Colours: auto uses them on a terminal unless NO_COLOR is set",
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub color: Color,
    /// Write what the program does to this file, for bug reports; no secrets, no payloads
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Log each step too, with -vv each frame; without --log to sockeye.log in the state directory
    #[arg(short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the monitor on these streams
    Watch {
        /// Profiles or ws:// and wss:// addresses
        #[arg(value_name = "PROFILE or URL")]
        targets: Vec<String>,
        /// Where events are recorded
        #[command(flatten)]
        recording: Recording,
        /// How to connect to a bare address
        #[command(flatten)]
        connection: Connection,
    },
    /// Write events as NDJSON to the standard output, without a screen
    Tail(Tail),
    /// Put a recording into another format
    Export(Export),
    /// Open the monitor on an embedded server that plays every scenario; no account, no network
    Demo {
        /// The server
        #[command(flatten)]
        server: Serve,
        /// Where events are recorded
        #[command(flatten)]
        recording: Recording,
    },
    /// Run only the embedded server, on 127.0.0.1, for other clients
    Serve(Serve),
    /// Sign in at a profile's authorisation server, or keep a token for it
    Login(Login),
    /// Forget the tokens of a profile, after giving them back where the server takes them
    Logout {
        /// The profile
        profile: String,
    },
    /// Look into tokens, make them for development, and verify them
    Token {
        /// What to do
        #[command(subcommand)]
        action: TokenAction,
    },
    /// Show and check the descriptions of services
    Dialect {
        /// What to do
        #[command(subcommand)]
        action: DialectAction,
    },
    /// Show what became of the authentications: when, with which token, and how it went
    Audit {
        /// Only of this profile
        #[arg(value_name = "PROFILE")]
        profile: Option<String>,
        /// Only the last so many
        #[arg(long, value_name = "N", default_value_t = 50)]
        last: usize,
        /// As NDJSON, as it is kept
        #[arg(long)]
        json: bool,
    },
    /// Explain a close code, or an HTTP status in answer to the upgrade, and what is done about it
    Explain {
        /// The code: 4001; below 1000 it is an HTTP status
        code: u16,
        /// As this dialect means it
        #[arg(long, value_name = "NAME")]
        dialect: Option<String>,
    },
}

/// `sockeye token`.
#[derive(Debug, Subcommand)]
pub enum TokenAction {
    /// Show what a token says of itself, and what is odd about it; the token itself is never shown
    Inspect {
        /// Which token
        #[command(flatten)]
        from: TokenFrom,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Sign a token with a key of this machine and print it, for development
    Mint(MintOrder),
    /// Verify a token's signature and claims; exit code 4 when it is not verified
    Verify(VerifyOrder),
}

/// Which token is meant; without any of these the one on the standard input.
#[derive(Debug, Args)]
pub struct TokenFrom {
    /// The profile whose token is meant
    #[arg(value_name = "PROFILE", group = "token")]
    pub profile: Option<String>,
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR", group = "token")]
    pub token_env: Option<String>,
    /// Take the token from this file
    #[arg(long, value_name = "FILE", group = "token")]
    pub token_file: Option<PathBuf>,
    /// Read the token from the standard input
    #[arg(long, group = "token")]
    pub token_stdin: bool,
}

impl TokenFrom {
    /// Whether it is not said which.
    pub const fn is_nowhere(&self) -> bool {
        self.profile.is_none() && self.token_env.is_none() && self.token_file.is_none()
    }
}

/// `sockeye token mint`.
#[derive(Debug, Args)]
pub struct MintOrder {
    /// The private key: PEM, or for HS256 and its like a file with the secret itself
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The algorithm: HS256, RS256, ES256 and others of RFC 7518
    #[arg(long, value_name = "ALG", value_parser = crate::token::algorithm)]
    pub alg: jsonwebtoken::Algorithm,
    /// The claims as a JSON object, or @FILE; iat and exp are added
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub claims: String,
    /// How long it lives
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_span)]
    pub ttl: Duration,
    /// The name of the key, for the header
    #[arg(long, value_name = "NAME")]
    pub kid: Option<String>,
}

/// `sockeye token verify`.
#[derive(Debug, Args)]
pub struct VerifyOrder {
    /// Which token
    #[command(flatten)]
    pub from: TokenFrom,
    /// The public key: PEM or JWK, or for HS256 and its like a file with the secret itself
    #[arg(long, value_name = "FILE", group = "keys")]
    pub key: Option<PathBuf>,
    /// The key set (JWKS): a file, or an https:// address
    #[arg(long, value_name = "FILE or URL", group = "keys")]
    pub jwks: Option<String>,
    /// The issuer: it is asked where its key set is, and the token must be of it
    #[arg(long, value_name = "URL", group = "keys")]
    pub issuer: Option<String>,
    /// The issuer that the token must be of
    #[arg(
        long,
        value_name = "ISSUER",
        requires = "keys",
        conflicts_with = "issuer"
    )]
    pub iss: Option<String>,
    /// The audience that the token must be for
    #[arg(long, value_name = "AUDIENCE")]
    pub aud: Option<String>,
}

/// `sockeye dialect`.
#[derive(Debug, Subcommand)]
pub enum DialectAction {
    /// List the dialects there are
    List,
    /// Print a dialect's file
    Show {
        /// The dialect
        name: String,
    },
    /// Tell every fault of a dialect file, and play its transcripts
    Check {
        /// The file
        file: PathBuf,
        /// The transcripts; by default those beside it, of the same name with the ending txt
        #[arg(long, value_name = "FILE")]
        transcripts: Option<PathBuf>,
    },
}

/// `sockeye login`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Login {
    /// The profile
    pub profile: String,
    /// Type a code on another machine, instead of coming back to this one with the browser
    #[arg(long)]
    pub device: bool,
    /// Open the browser; without it the address is only shown
    #[arg(long, conflicts_with = "device")]
    pub browser: bool,
    /// Read the client's secret from the standard input and keep it first
    #[arg(long)]
    pub client_secret_stdin: bool,
    /// Read the token from the standard input, for a profile whose token is stored or in the keyring
    #[arg(long, conflicts_with_all = ["device", "browser", "client_secret_stdin"])]
    pub token_stdin: bool,
}

/// `sockeye tail`.
#[derive(Debug, Args)]
pub struct Tail {
    /// Profiles or ws:// and wss:// addresses
    #[arg(value_name = "PROFILE or URL", required = true)]
    pub targets: Vec<String>,
    /// End after this many messages from the server
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// End after this long: 500ms, 30s, 2m, 1h
    #[arg(long = "for", value_name = "TIME", value_parser = parse_span)]
    pub duration: Option<Duration>,
    /// Write and count only the messages this asks for; several: those that all of them ask for
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub filter: Vec<String>,
    /// Send this after each login, also after the stream was connected again; several: in their order
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub send: Vec<String>,
    /// Send each line of the standard input, once, when the stream is live; its end does not end the stream
    #[arg(long, conflicts_with = "token_stdin")]
    pub stdin: bool,
    /// How messages are written
    #[arg(long, value_enum, default_value = "ndjson", value_name = "HOW")]
    pub format: TailFormat,
    /// How the stream's life is told on the standard error
    #[arg(long, value_enum, default_value = "text", value_name = "HOW")]
    pub lifecycle: LifecycleFormat,
    /// Where events are recorded
    #[command(flatten)]
    pub recording: Recording,
    /// How to connect to a bare address
    #[command(flatten)]
    pub connection: Connection,
}

/// Where events are recorded.
#[derive(Clone, Debug, Default, Args)]
pub struct Recording {
    /// Record every event in this new file; in a directory, in one with the time in its name
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Mask what looks like a secret in what is recorded, and what 'tail' writes
    #[arg(long)]
    pub mask: bool,
}

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TailFormat {
    /// Each message and its circumstances as one JSON object a line.
    Ndjson,
    /// Payloads alone, as they came, a line feed behind each; before a terminal what it would obey is escaped.
    Payload,
}

/// `sockeye export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The recording; - for the standard input
    #[arg(value_name = "RECORDING")]
    pub recording: PathBuf,
    /// The format
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: ExportFormat,
    /// Write to this new file, not to the standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Leave what looks like a secret as it is
    #[arg(long)]
    pub unmasked: bool,
}

/// A format to export to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object a line.
    Ndjson,
    /// A table; import its payloads as text, as they are what the server sent.
    Csv,
    /// HTTP Archive with the browsers' `WebSocket` messages.
    Har,
}

impl From<ExportFormat> for Format {
    fn from(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Ndjson => Self::Ndjson,
            ExportFormat::Csv => Self::Csv,
            ExportFormat::Har => Self::Har,
        }
    }
}

/// How the stream's life is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LifecycleFormat {
    /// For people.
    Text,
    /// NDJSON, for machines.
    Json,
    /// Not at all.
    None,
}

/// How to connect to a bare address. On a profile these are refused, but for `--no-reconnect` and the proxy.
#[derive(Clone, Debug, Default, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Connection {
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR", group = "source")]
    pub token_env: Option<String>,
    /// Take the token from this file, read anew for each connection
    #[arg(long, value_name = "FILE", group = "source")]
    pub token_file: Option<PathBuf>,
    /// Read the token from the standard input
    #[arg(long, group = "source")]
    pub token_stdin: bool,
    #[arg(long, value_name = "TOKEN", hide = true)]
    pub(crate) token: Option<String>,
    /// Put the token into this query parameter
    #[arg(long, value_name = "NAME", group = "way")]
    pub query: Option<String>,
    /// Put the token into this header as it is (default: Authorization, after "Bearer ")
    #[arg(long, value_name = "NAME", group = "way")]
    pub token_header: Option<String>,
    /// Send the token in this first message, with {token} in its place
    #[arg(long, value_name = "TEMPLATE", group = "way")]
    pub first_message: Option<String>,
    /// The part of a message that acknowledges the first message, as JSON
    #[arg(long, value_name = "JSON", requires = "first_message")]
    pub ack: Option<String>,
    /// Speak this dialect ('sockeye dialect list'), or 'auto' to recognise it by host, subprotocol or first message
    #[arg(long, value_name = "NAME", conflicts_with = "way")]
    pub dialect: Option<String>,
    /// Give this to a variable of the dialect (no secrets)
    #[arg(long, value_name = "NAME=VALUE", requires = "dialect")]
    pub var: Vec<String>,
    /// Give a variable of the dialect, secret or not, from the environment
    #[arg(long, value_name = "NAME=ENV", requires = "dialect")]
    pub var_env: Vec<String>,
    /// Subscribe to this: a text, or JSON
    #[arg(long, value_name = "ITEM", requires = "dialect")]
    pub subscribe: Vec<String>,
    /// Send this header too: 'Name: value' (no secrets)
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub headers: Vec<String>,
    /// Offer this subprotocol
    #[arg(long, value_name = "NAME")]
    pub subprotocol: Vec<String>,
    /// Do not let the server compress its messages (permessage-deflate)
    #[arg(long)]
    pub no_compression: bool,
    /// Trust the authorities in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// Show this certificate (PEM) to servers that ask who we are
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The private key of the certificate (PEM, not encrypted)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Ask for this server, and expect its certificate, whatever the address says
    #[arg(long, value_name = "NAME", value_parser = Host::parse)]
    pub server_name: Option<Host>,
    /// Accept any certificate
    #[arg(long)]
    pub insecure: bool,
    /// The proxy to go through, or `none`.
    #[arg(
        help = "Go through this proxy: http://[USER@]HOST:PORT, https, socks5, socks5h; or 'none'. Also for profiles",
        long,
        value_name = "URL"
    )]
    pub proxy: Option<String>,
    /// Take the proxy's password from this environment variable
    #[arg(
        long,
        value_name = "VAR",
        requires = "proxy",
        conflicts_with = "proxy_password_file"
    )]
    pub proxy_password_env: Option<String>,
    /// Take the proxy's password from this file
    #[arg(long, value_name = "FILE", requires = "proxy")]
    pub proxy_password_file: Option<PathBuf>,
    /// Allow to send the token over ws:// to another machine
    #[arg(long)]
    pub plain_text: bool,
    /// End when the connection ends
    #[arg(long)]
    pub no_reconnect: bool,
}

/// `sockeye demo` and `sockeye serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    pub port: u16,
    /// Events a second on each connection; 0 for as many as the client takes
    #[arg(long, default_value_t = 4.0, value_name = "N")]
    pub rate: f64,
    /// How long a token lives
    #[arg(long, default_value = "2m", value_name = "TIME", value_parser = parse_span)]
    pub life: Duration,
    /// Seed of the events, to see the same ones again
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
