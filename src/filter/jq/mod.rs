//! jq programs in filters, through jaq. An event is one that is asked for when the program gives anything but `false`
//! and `null` for its payload, before its first error. What is not JSON is never asked for.
//!
//! Programs that only compare what stands at places with constants, as most do, are answered on the raw bytes.

mod fast;
mod meter;
mod ration;
mod read;

use std::cell::{Cell, RefCell};

use jaq_core::{Ctx, Filter, ValT, Vars};
use jaq_json::Val;

use super::Fault;
use fast::{Answer, Fast};
use meter::{Kind, Meter, Run};

/// Values that a program may give for an event.
const OUTPUTS: usize = 1000;
/// A program that takes too long for a larger payload passes over that event only: else a server could end a filter with
/// one event.
const LARGE: usize = 16 << 10;

/// A larger payload is not read for a whole program: that alone would hold the screen up.
const LARGEST: usize = 256 << 10;

const TOO_MUCH: &str = "this jq program takes too long, too much memory or too deep a stack";

/// A prepared program.
pub(super) struct Jq {
    text: String,
    fast: Option<Fast>,
    /// The whole program, compiled when it is needed.
    slow: RefCell<Option<Filter<Kind>>>,
    meter: Meter,
    broken: Cell<Option<&'static str>>,
}

impl Jq {
    /// Reads and prepares a program.
    ///
    /// # Errors
    /// Every fault.
    pub(super) fn new(text: &str) -> Result<Self, Vec<Fault>> {
        let term = read::read(text)?;
        let fast = Fast::new(&term);
        let slow = match fast {
            Some(_) => None,
            None => Some(read::compile(text, term)?),
        };
        Ok(Self {
            text: text.to_owned(),
            fast,
            slow: RefCell::new(slow),
            meter: Meter::default(),
            broken: Cell::new(None),
        })
    }

    /// What it costs to ask, roughly.
    pub(super) const fn dearness(&self) -> u32 {
        if self.fast.is_some() { 5 } else { 6 }
    }

    /// Why it was given up.
    pub(super) fn broken(&self) -> Option<&'static str> {
        self.broken.get()
    }

    /// Whether the payload is one that is asked for; adds what the question cost.
    pub(super) fn holds(&self, data: &[u8], cost: &Cell<u64>) -> bool {
        if let Some(fast) = &self.fast {
            cost.set(cost.get() + 10 + data.len() as u64 / 8);
            match fast.answer(data) {
                Answer::Yes => return true,
                Answer::No => return false,
                Answer::Unclear => {}
            }
        }
        self.run(data, cost)
    }

    /// Runs the whole program.
    fn run(&self, data: &[u8], cost: &Cell<u64>) -> bool {
        let bytes = data.len();
        if self.broken.get().is_some() || bytes > LARGEST || !meter::is_json(data) {
            return false;
        }
        let Ok(value) = jaq_json::read::parse_single(data) else {
            return false;
        };
        self.compile();
        let slow = self.slow.borrow();
        let Some(filter) = &*slow else {
            return false;
        };
        self.meter.fill(bytes);
        let found = self.outputs(filter, value);
        if found.is_none() && bytes <= LARGE {
            self.broken.set(Some(TOO_MUCH));
        }
        cost.set(cost.get() + 100 + bytes as u64 / 2 + 5 * self.meter.used(bytes));
        found.unwrap_or_default()
    }

    /// Whether it gives what is asked for; `None`: it took too much.
    fn outputs(&self, filter: &Filter<Kind>, value: Val) -> Option<bool> {
        let run = Run {
            lut: &filter.lut,
            meter: &self.meter,
        };
        let context = Ctx::<Kind>::new(run, Vars::new([]));
        for output in filter.id.run((context, value)).take(OUTPUTS) {
            match output {
                Ok(value) if value.as_bool() => return Some(true),
                Ok(_) => {}
                Err(exception) => return exception.get_err().is_ok().then_some(false),
            }
        }
        Some(false)
    }

    /// Compiles a program that was answered on the raw bytes so far.
    fn compile(&self) {
        if self.slow.borrow().is_none()
            && let Ok(term) = read::read(&self.text)
        {
            *self.slow.borrow_mut() = read::compile(&self.text, term).ok();
        }
    }
}

impl std::fmt::Debug for Jq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jq")
            .field("text", &self.text)
            .field("fast", &self.fast)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// JSON with names that come twice or are escaped, and now and then something that is not JSON.
    fn payload() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?([eE][+-]?[0-9]{1,3})?",
            "\"[abé]{0,2}(\\\\u00e9|\\\\n|\\\\ud800|\\\\ud83d\\\\ude00)?\"",
            prop::sample::select(vec![
                "null",
                "true",
                "false",
                "1",
                "1.0",
                "10000000000000000000000",
                "nan",
                "{}",
                "[]"
            ])
            .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            let name = prop::sample::select(vec!["a", "b", "\\u0061", "c"]);
            let member = (name, inner.clone()).prop_map(|(name, value)| format!("\"{name}\" :{value}"));
            prop_oneof![
                1 => prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(" ,"))),
                4 => prop::collection::vec(member, 0..4).prop_map(|members| format!(" {{{}}}", members.join(", "))),
            ]
        })
    }

    /// Programs that are answered on the raw bytes.
    fn program() -> impl Strategy<Value = String> {
        let path = prop::sample::select(vec![
            ".a",
            ".b",
            ".a.b",
            ".a[0]",
            ".\"a\".b[1]",
            ".",
            ".[0]",
            ".[\"b\"]",
        ]);
        let constant = prop::sample::select(vec![
            "1",
            "-1",
            "1.0",
            "1e2",
            "0",
            "10000000000000000000000",
            "\"a\"",
            "\"\"",
            "\"é\"",
            "\"a\\n\"",
            "true",
            "false",
            "null",
            "\"b\"",
        ]);
        let cmp = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
        let leaf = prop_oneof![
            path.clone().prop_map(str::to_owned),
            (path.clone(), cmp.clone(), constant.clone())
                .prop_map(|(path, cmp, constant)| format!("{path} {cmp} {constant}")),
            (constant, cmp, path)
                .prop_map(|(constant, cmp, path)| format!("{constant} {cmp} {path}")),
        ];
        let nested = leaf.prop_recursive(2, 6, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone())
                    .prop_map(|(one, other)| format!("({one}) and ({other})")),
                (inner.clone(), inner.clone())
                    .prop_map(|(one, other)| format!("({one}) or ({other})")),
                inner.prop_map(|one| format!("({one} | not)")),
            ]
        });
        prop_oneof![3 => nested.clone(), 1 => nested.prop_map(|asked| format!(". | select({asked})"))]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn the_raw_bytes_answer_as_jaq_does(payload in payload(), program in program()) {
            let jq = Jq::new(&program).expect("a program");
            prop_assert!(jq.fast.is_some(), "{}", program);
            let cost = Cell::new(0);
            let (fast, slow) = (jq.holds(payload.as_bytes(), &cost), jq.run(payload.as_bytes(), &cost));
            prop_assert_eq!(fast, slow, "{} of {}", program, payload);
        }

        #[test]
        fn what_was_learnt_of_a_payload_holds_for_those_like_it(
            first in payload(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), "[ab019é\\\\\"]"), 0..3),
            program in program(),
        ) {
            let jq = Jq::new(&program).expect("a program");
            let cost = Cell::new(0);
            jq.holds(first.as_bytes(), &cost);
            let mut second = first.into_bytes();
            for (at, with) in changes {
                let at = at.index(second.len() + 1);
                let end = (at + with.len()).min(second.len());
                second.splice(at..end, with.bytes());
            }
            let fast = jq.holds(&second, &cost);
            prop_assert_eq!(fast, jq.run(&second, &cost), "{} of {}", program, String::from_utf8_lossy(&second));
        }
    }

    #[test]
    fn most_programs_are_answered_on_the_raw_bytes() {
        let jq = Jq::new(".data.user.tier == \"gold\"").expect("a program");
        let answer = |text: &str| jq.fast.as_ref().map(|fast| fast.answer(text.as_bytes()));
        assert_eq!(
            answer(r#"{"data":{"user":{"tier":"gold"}}}"#),
            Some(Answer::Yes)
        );
        assert_eq!(
            answer(r#"{"data":{"user":{"tier":"g\u006fld"}}}"#),
            Some(Answer::Yes)
        );
        assert_eq!(
            answer(r#"{"data":{"user":{"t\u0069er":"gold"}}}"#),
            Some(Answer::Unclear)
        );
        assert_eq!(
            answer(r#"{"data":{"user":{"tier":"silver"}}}"#),
            Some(Answer::No)
        );
        assert_eq!(
            answer(r#"{"data":{"user":{"tier":"gold"}}"#),
            Some(Answer::No)
        );
        for slow in [
            ".a | length > 1",
            ".a[] == 1",
            ".a == .b",
            ".a?",
            "..",
            ".a[-1]",
            ".\"\\(.a)\" == 1",
        ] {
            assert!(Jq::new(slow).expect("a program").fast.is_none(), "{slow}");
        }
    }
}
