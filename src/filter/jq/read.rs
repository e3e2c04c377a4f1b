//! Reads and compiles a jq program; a fault stands where it is in the program.

use std::ops::Range;

use jaq_core::{
    Compiler, Filter,
    load::{
        Arena, File, Lexer, Loader, Parser,
        lex::{StrPart, Tok, Token},
        parse::{self, Def, Term},
        span,
    },
    native::Fun,
};

use super::{
    super::Fault,
    meter::{self, Kind},
    ration::Natives,
};

/// The longest program, in bytes, in words and signs, and in parts in each other: its reader calls itself for each part
/// in another.
const LONGEST: usize = 1024;
const MOST_WORDS: usize = 250;
const DEEPEST: usize = 50;

/// Definitions of the libraries that need functions we leave out: those that touch the world, and those that need more
/// libraries.
const LEFT_OUT: [&str; 31] = [
    "stderr",
    "debug",
    "halt",
    "halt_error",
    "logb",
    "significand",
    "pow10",
    "drem",
    "nexttoward",
    "scalb",
    "gamma",
    "capture_of_match",
    "test",
    "scan_",
    "match",
    "capture",
    "split",
    "splits",
    "sub",
    "gsub",
    "scan",
    "todate",
    "fromdate",
    "join",
    "@sh",
    "@html",
    "@htmld",
    "@uri",
    "@urid",
    "@base64",
    "@base64d",
];

/// What we define in their place.
const OURS: &str = r#"
def test($re): regex_test($re; "");
def test($re; $flags): regex_test($re; $flags);
def split($by):
  if isstring and ($by | isstring) then . / $by else error("split input and separator must be strings") end;
def join($by):
  reduce .[] as $x (null; (if . == null then "" else . + $by end) + (if $x == null then "" else "\($x)" end)) // "";
"#;

/// The program as a definition, and the call of it.
const MAIN: &str = "sockeye";

/// Reads a program.
///
/// # Errors
/// Every fault.
pub(super) fn read(program: &str) -> Result<Term<&str>, Vec<Fault>> {
    if program.len() > LONGEST {
        let message = format!("this jq program is longer than {LONGEST} bytes");
        return Err(vec![Fault::new(0..1, message, "leave something out")]);
    }
    let tokens = Lexer::new(program).lex().map_err(|errors| {
        let told = errors.into_iter().map(|(expected, rest)| {
            let place = first_char(program, rest);
            let message = format!("jq: a {} is missing here", expected.as_str());
            Fault::new(place, message, HELP)
        });
        let mut faults: Vec<_> = told.collect();
        faults.dedup();
        faults
    })?;
    let (words, depth) = extent(&tokens);
    if words > MOST_WORDS || depth > DEEPEST {
        let message = "this jq program has too many parts, or too many in each other";
        return Err(vec![Fault::new(0..1, message, "leave something out")]);
    }
    let mut faults = Vec::new();
    assignments(program, &tokens, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let parsed = Parser::new(&tokens).parse(Parser::term);
    parsed.map_err(|errors| {
        errors
            .into_iter()
            .map(|error| syntax_fault(program, &error))
            .collect()
    })
}

const HELP: &str = "what begins with '.' is jq to its end: put it in parentheses to go on behind it, or a text in quotes";

fn syntax_fault(program: &str, (expected, found): &parse::TError<'_, &str>) -> Fault {
    let place = match found {
        Some(Token(text, _)) => span(program, text),
        None => end(program),
    };
    let message = match found {
        Some(Token(text, _)) => format!(
            "jq: '{}' cannot stand here; wanted: {}",
            text,
            expected.as_str()
        ),
        None => format!("jq: it ends too early; wanted: {}", expected.as_str()),
    };
    Fault::new(place, message, HELP)
}

/// How many words and signs there are, and how many can at most be in each other: brackets, and what begins something
/// that ends where the program does.
fn extent(tokens: &[Token<&str>]) -> (usize, usize) {
    let (mut words, mut depth, mut inner_depth) = (0, 0, 0);
    let mut inside = |tokens: &[Token<&str>]| {
        let (more, deep) = extent(tokens);
        words += more;
        inner_depth = deep.max(inner_depth);
    };
    for Token(text, kind) in tokens {
        match kind {
            Tok::Block(inner) => inside(inner),
            Tok::Str(parts) => parts.iter().for_each(|part| {
                if let StrPart::Term(token) = part {
                    inside(std::slice::from_ref(token));
                }
            }),
            _ => {}
        }
        let opens = [
            "try", "if", "elif", "def", "reduce", "foreach", "label", "as", "-",
        ];
        depth += usize::from(opens.contains(text));
    }
    (words + tokens.len(), depth + 1 + inner_depth)
}

/// A filter changes nothing, and `=` is nearly always meant as `==`.
fn assignments(program: &str, tokens: &[Token<&str>], faults: &mut Vec<Fault>) {
    for Token(text, kind) in tokens {
        match kind {
            Tok::Sym if ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="].contains(text) => {
                let message = format!("jq: '{text}' changes something, which a filter does not");
                faults.push(Fault::new(
                    span(program, text),
                    message,
                    "write '==' to compare",
                ));
            }
            Tok::Block(inner) => assignments(program, inner, faults),
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(Token(_, Tok::Block(inner))) = part {
                        assignments(program, inner, faults);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Compiles a program that was read, with a meter between its parts.
///
/// # Errors
/// Every name that is not known.
pub(super) fn compile<'s>(
    program: &'s str,
    term: Term<&'s str>,
) -> Result<Filter<Kind>, Vec<Fault>> {
    let functions: Vec<Fun<Kind>> = functions().collect();
    let natives = Natives(
        functions
            .iter()
            .map(|(name, arguments, _)| (*name, arguments.len()))
            .collect(),
    );
    let main = Def {
        name: MAIN,
        args: Vec::new(),
        body: term,
    };
    let definitions = definitions().map(shorter).chain([main]);
    let arena = Arena::default();
    let file = File {
        code: MAIN,
        path: (),
    };
    let loader = Loader::new(definitions.map(|definition| natives.definition(definition)));
    let lost = || vec![Fault::new(end(program), "jq: this cannot be read", HELP)];
    let modules = loader.load(&arena, file).map_err(|_| lost())?;
    Compiler::default()
        .with_funs(functions)
        .compile(modules)
        .map_err(|errors| {
            let names = errors.into_iter().flat_map(|(_, names)| names);
            let told = names.map(|(name, kind)| {
                let kind = match kind.as_str() {
                    "filter" => "function",
                    other => other,
                };
                let message = format!("jq: there is no {kind} '{name}' here");
                Fault::new(within(program, name), message, HELP)
            });
            told.collect()
        })
}

/// A definition among those of a program.
const fn shorter<'s>(definition: Def<&'static str>) -> Def<&'s str> {
    definition
}

/// The functions a program can use. None of them sees the environment, a clock or a file.
fn functions() -> impl Iterator<Item = Fun<Kind>> {
    jaq_core::funs()
        .chain(jaq_std::base_funs())
        .chain(jaq_json::funs())
        .chain(meter::functions())
}

fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let libraries = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    let kept = libraries.filter(|definition| !LEFT_OUT.contains(&definition.name));
    kept.chain(jaq_core::load::parse(OURS, |parser| parser.defs()).unwrap_or_default())
}

/// The first character of the rest of a program.
fn first_char(program: &str, rest: &str) -> Range<usize> {
    let place = within(program, rest);
    match rest.chars().next() {
        Some(first) => place.start..place.start + first.len_utf8(),
        None => end(program),
    }
}

/// The last character of a program.
fn end(program: &str) -> Range<usize> {
    let last = program.chars().next_back().map_or(0, char::len_utf8);
    program.len() - last..program.len()
}

/// Where a part of a program stands; the whole when it is no part of it.
fn within(program: &str, part: &str) -> Range<usize> {
    let whole = program.as_bytes().as_ptr_range();
    let part_range = part.as_bytes().as_ptr_range();
    if whole.start <= part_range.start && part_range.end <= whole.end {
        span(program, part)
    } else {
        0..program.len()
    }
}
