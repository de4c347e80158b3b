//! Inserts mutants into a source file, each guarded by the switch. A mutated expression is a copy of the text, so that
//! it has the meaning that cargo-mutants intends; the original expression is in the last `else`.

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

use proc_macro2::Span;
use syn::{
    Arm, Attribute, BinOp, Expr, ExprBinary, ExprRepeat, ExprStruct, ExprUnary, ImplItemConst, ImplItemFn, ItemConst,
    ItemEnum, ItemFn, ItemStatic, Pat, TraitItemConst, Type, UnOp,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{Mutant, Position};

/// A file with its mutants.
pub struct Instrumented {
    pub text: String,
    pub marks: Vec<Mark>,
    /// The mutants that could not be inserted, with the reason.
    pub left: Vec<(usize, &'static str)>,
}

/// The mutants to blame for a compile error in this part of the text.
pub struct Mark {
    pub range: Range<usize>,
    pub mutants: Vec<usize>,
    /// Whether this is a mutant's own text, not its surroundings.
    pub own: bool,
}

pub const CHAIN: &str = "`||` cannot be combined with `let`";
pub const CONST: &str = "the function is const";
pub const IMPL: &str = "the function returns an impl";

/// Instruments the `text` of a file with these `mutants` by number.
pub fn instrument(text: &str, mutants: &[(usize, &Mutant)]) -> Instrumented {
    let mut places = Places::default();
    places.visit_file(&syn::parse_file(text).expect("the file is Rust"));
    let lines: Vec<usize> = [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let offset = |Position { line, column }: Position| {
        let start = lines[line - 1];
        start + text[start..].chars().take(column - 1).map(char::len_utf8).sum::<usize>()
    };

    let mut edits = BTreeMap::<_, Vec<(usize, String)>>::new();
    let mut left = Vec::new();
    for &(number, mutant) in mutants {
        let at = offset(mutant.span.start)..offset(mutant.span.end);
        let around = |range: &&Range<usize>| range.start <= at.start && at.end <= range.end;
        let edit = if places.constants.iter().any(|range| around(&range)) {
            Err(CONST)
        } else if mutant.genre == "FnValue" {
            if mutant.function.as_ref().is_some_and(|function| function.return_type.contains("impl ")) {
                Err(IMPL)
            } else {
                let insertion = format!("if crate::mutant({number}) {{ return {}; }} ", mutant.replacement);
                Ok(((at.start, false, Reverse(at.start)), insertion))
            }
        } else if mutant.genre == "MatchArm" {
            let pattern = places.patterns[&at.start];
            Ok(((pattern, false, Reverse(pattern)), format!(" if !crate::mutant({number})")))
        } else if places.chains.contains(&at) {
            Err(CHAIN)
        } else {
            let whole = places.expressions.iter().filter(around).min_by_key(|range| range.len());
            let whole = whole.unwrap_or_else(|| panic!("there is no expression for {}", mutant.name));
            let mutated = [&text[whole.start..at.start], &mutant.replacement, &text[at.end..whole.end]].concat();
            Ok(((whole.start, true, Reverse(whole.end)), mutated))
        };
        match edit {
            Ok((place, words)) => edits.entry(place).or_default().push((number, words)),
            Err(reason) => left.push((number, reason)),
        }
    }
    let mut writer =
        Writer { text, edits: edits.into_iter().collect(), next: 0, out: String::new(), marks: Vec::new() };
    writer.write(0..text.len());
    Instrumented { text: writer.out, marks: writer.marks, left }
}

/// A position, whether an expression is replaced there, and where that expression ends; sorts in text order, from
/// outside to inside.
type Place = (usize, bool, Reverse<usize>);

struct Writer<'a> {
    text: &'a str,
    edits: Vec<(Place, Vec<(usize, String)>)>,
    next: usize,
    out: String,
    marks: Vec<Mark>,
}

impl Writer<'_> {
    fn write(&mut self, Range { start: mut from, end }: Range<usize>) {
        while let Some(((start, replaces, Reverse(stop)), mutants)) = self.edits.get(self.next).cloned()
            && start < end
        {
            self.next += 1;
            self.out += &self.text[from..start];
            let began = self.out.len();
            self.out += if replaces { "(" } else { "" };
            for (number, words) in &mutants {
                let began = self.out.len();
                self.out +=
                    &if replaces { format!("if crate::mutant({number}) {{ ({words}) }} else ") } else { words.clone() };
                self.marks.push(Mark { range: began..self.out.len(), mutants: vec![*number], own: true });
            }
            if replaces {
                self.out += "{ (";
                self.write(start..stop);
                self.out += ") })";
                let mutants = mutants.iter().map(|(number, _)| *number).collect();
                self.marks.push(Mark { range: began..self.out.len(), mutants, own: false });
            }
            from = stop;
        }
        self.out += &self.text[from..end];
    }
}

/// Places found in a file, as byte ranges.
#[derive(Default)]
struct Places {
    /// Replaceable expressions. Expressions with operators extend as far as possible, since a mutant may change
    /// precedence.
    expressions: Vec<Range<usize>>,
    /// The end of a match arm's pattern, by the start of the arm.
    patterns: BTreeMap<usize, usize>,
    /// Expressions that are evaluated at compile time.
    constants: Vec<Range<usize>>,
    /// The `&&` that join conditions with `let`.
    chains: Vec<Range<usize>>,
}

impl Places {
    fn operand(&mut self, operand: &Expr) {
        match operand {
            Expr::Binary(ExprBinary { left, right, .. }) => {
                self.operand(left);
                self.operand(right);
            }
            operand => self.visit_expr(operand),
        }
    }

    fn chain(&mut self, condition: &Expr) {
        match condition {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.chain(&binary.left);
                self.chains.push(bytes(binary.op.span()));
                self.chain(&binary.right);
            }
            condition => self.visit_expr(condition),
        }
    }
}

fn bytes(span: Span) -> Range<usize> {
    span.byte_range()
}

fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(ExprBinary { left, op: BinOp::And(_), right, .. }) => has_let(left) || has_let(right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Places {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Binary(_) if has_let(expression) => self.chain(expression),
            Expr::Binary(ExprBinary { left, right, .. }) => {
                self.expressions.push(bytes(expression.span()));
                self.operand(left);
                self.operand(right);
            }
            Expr::Unary(ExprUnary { op: UnOp::Not(_) | UnOp::Neg(_), .. })
            | Expr::Struct(ExprStruct { rest: Some(_), .. }) => {
                self.expressions.push(bytes(expression.span()));
                visit::visit_expr(self, expression);
            }
            expression => visit::visit_expr(self, expression),
        }
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.patterns.insert(bytes(arm.span()).start, bytes(arm.pat.span()).end);
        if let Some((_, guard)) = &arm.guard {
            self.expressions.push(bytes(guard.span()));
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if function.sig.constness.is_some() {
            self.constants.push(bytes(function.span()));
        }
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if function.sig.constness.is_some() {
            self.constants.push(bytes(function.span()));
        }
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_item_const(&mut self, constant: &'ast ItemConst) {
        self.constants.push(bytes(constant.span()));
    }

    fn visit_impl_item_const(&mut self, constant: &'ast ImplItemConst) {
        self.constants.push(bytes(constant.span()));
    }

    fn visit_trait_item_const(&mut self, constant: &'ast TraitItemConst) {
        self.constants.push(bytes(constant.span()));
    }

    fn visit_item_static(&mut self, constant: &'ast ItemStatic) {
        self.constants.push(bytes(constant.span()));
    }

    fn visit_item_enum(&mut self, _: &'ast ItemEnum) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_type(&mut self, _: &'ast Type) {}
}
