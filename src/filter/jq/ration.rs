//! Puts the meter's functions between the parts of a program, so that whatever loops, grows or recurses is counted.
//!
//! A call is counted before it, which keeps tail calls what they are; what makes values is measured behind.

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Def, Pattern, Term},
    },
    ops::Math,
    path::{Part, Path},
};

type T<'s> = Term<&'s str>;

/// Functions that are not definitions: what they give is measured.
pub(super) struct Natives(pub(super) Vec<(&'static str, usize)>);

impl Natives {
    /// The definition with its body rationed.
    pub(super) fn definition<'s>(&self, def: Def<&'s str>) -> Def<&'s str> {
        Def {
            body: self.ration(def.body),
            ..def
        }
    }

    /// The program rationed.
    pub(super) fn ration<'s>(&self, term: T<'s>) -> T<'s> {
        match term {
            Term::Id | Term::Num(_) | Term::Var(_) | Term::Break(_) | Term::Arr(None) => term,
            Term::Recurse => pipe(term, call("!tick")),
            Term::Str(format, parts) => {
                let plain = parts.iter().all(|part| !matches!(part, StrPart::Term(_)));
                let parts = parts.into_iter().map(|part| match part {
                    StrPart::Term(term) => StrPart::Term(self.ration(term)),
                    other => other,
                });
                let text = Term::Str(format, parts.collect());
                if plain { text } else { measured(text) }
            }
            Term::Arr(Some(inner)) => measured(Term::Arr(Some(self.boxed(*inner)))),
            Term::Obj(members) => {
                let member = |(name, value): (T<'s>, Option<T<'s>>)| {
                    (self.ration(name), value.map(|value| self.ration(value)))
                };
                measured(Term::Obj(members.into_iter().map(member).collect()))
            }
            Term::Neg(inner) => Term::Neg(self.boxed(*inner)),
            Term::Label(name, inner) => Term::Label(name, self.boxed(*inner)),
            Term::TryCatch(inner, caught) => {
                Term::TryCatch(self.boxed(*inner), caught.map(|caught| self.boxed(*caught)))
            }
            Term::BinOp(left, op, right) => self.binary(*left, op, *right),
            Term::Call(name, arguments) => self.call(name, arguments),
            other => self.block(other),
        }
    }

    /// What holds others between words or brackets.
    fn block<'s>(&self, term: T<'s>) -> T<'s> {
        match term {
            Term::Fold(name, source, pattern, arguments) => Term::Fold(
                name,
                self.boxed(*source),
                self.pattern(pattern),
                arguments
                    .into_iter()
                    .map(|argument| self.ration(argument))
                    .collect(),
            ),
            Term::IfThenElse(branches, otherwise) => {
                let branch = |(condition, then)| (self.ration(condition), self.ration(then));
                let otherwise = otherwise.map(|otherwise| self.boxed(*otherwise));
                Term::IfThenElse(branches.into_iter().map(branch).collect(), otherwise)
            }
            Term::Def(defs, body) => {
                let defs = defs.into_iter().map(|def| self.definition(def));
                Term::Def(defs.collect(), self.boxed(*body))
            }
            Term::Path(inner, Path(parts)) => {
                let iterates = parts
                    .iter()
                    .any(|(part, _)| matches!(part, Part::Range(..)));
                let parts = parts
                    .into_iter()
                    .map(|(part, optional)| (self.part(part), optional));
                let path = Term::Path(self.boxed(*inner), Path(parts.collect()));
                if iterates {
                    pipe(path, call("!tick"))
                } else {
                    path
                }
            }
            other => other,
        }
    }

    fn boxed<'s>(&self, term: T<'s>) -> Box<T<'s>> {
        Box::new(self.ration(term))
    }

    fn part<'s>(&self, part: Part<T<'s>>) -> Part<T<'s>> {
        let bound = |bound: Option<T<'s>>| bound.map(|bound| self.ration(bound));
        match part {
            Part::Index(index) => Part::Index(self.ration(index)),
            Part::Range(from, to) => Part::Range(bound(from), bound(to)),
        }
    }

    fn pattern<'s>(&self, pattern: Pattern<&'s str>) -> Pattern<&'s str> {
        match pattern {
            Pattern::Var(_) => pattern,
            Pattern::Arr(parts) => {
                Pattern::Arr(parts.into_iter().map(|part| self.pattern(part)).collect())
            }
            Pattern::Obj(parts) => {
                let member = |(name, part)| (self.ration(name), self.pattern(part));
                Pattern::Obj(parts.into_iter().map(member).collect())
            }
        }
    }

    fn binary<'s>(&self, left: T<'s>, op: BinaryOp<&'s str>, right: T<'s>) -> T<'s> {
        let (left, right) = (self.ration(left), self.ration(right));
        match op {
            BinaryOp::Pipe(Some(pattern)) => {
                let pattern = self.pattern(pattern);
                Term::BinOp(
                    Box::new(left),
                    BinaryOp::Pipe(Some(pattern)),
                    Box::new(right),
                )
            }
            BinaryOp::Math(Math::Mul | Math::Sub) => measured(weighed(left, op, right)),
            BinaryOp::Math(_)
            | BinaryOp::Assign
            | BinaryOp::Update
            | BinaryOp::UpdateMath(_)
            | BinaryOp::UpdateAlt => measured(Term::BinOp(Box::new(left), op, Box::new(right))),
            _ => Term::BinOp(Box::new(left), op, Box::new(right)),
        }
    }

    fn call<'s>(&self, name: &'s str, arguments: Vec<T<'s>>) -> T<'s> {
        let native = self.0.contains(&(name, arguments.len()));
        let mut arguments: Vec<_> = arguments
            .into_iter()
            .map(|argument| self.ration(argument))
            .collect();
        let called = match (name, arguments.len()) {
            ("contains" | "indices", 1) => {
                let weigh = Term::Call("!weigh", vec![Term::Id, Term::Var("$!right")]);
                let call = Term::Call(name, vec![Term::Var("$!right")]);
                named("$!right", arguments.remove(0), pipe(weigh, call))
            }
            ("fromjson", 0) => pipe(call("!json"), Term::Call(name, arguments)),
            _ => Term::Call(name, arguments),
        };
        let counted = pipe(call("!tick"), called);
        if native { measured(counted) } else { counted }
    }
}

/// The operation, after it was weighed what it takes.
fn weighed<'s>(left: T<'s>, op: BinaryOp<&'s str>, right: T<'s>) -> T<'s> {
    let (one, other) = ("$!left", "$!right");
    let weigh = Term::Call("!weigh", vec![Term::Var(one), Term::Var(other)]);
    let operate = Term::BinOp(Box::new(Term::Var(one)), op, Box::new(Term::Var(other)));
    named(one, left, named(other, right, pipe(weigh, operate)))
}

/// `value as $name | body`
fn named<'s>(name: &'s str, value: T<'s>, body: T<'s>) -> T<'s> {
    let bind = BinaryOp::Pipe(Some(Pattern::Var(name)));
    Term::BinOp(Box::new(value), bind, Box::new(body))
}

fn measured(term: T<'_>) -> T<'_> {
    pipe(term, call("!measure"))
}

fn pipe<'s>(left: T<'s>, right: T<'s>) -> T<'s> {
    Term::BinOp(Box::new(left), BinaryOp::Pipe(None), Box::new(right))
}

fn call(name: &'static str) -> T<'static> {
    Term::Call(name, Vec::new())
}
