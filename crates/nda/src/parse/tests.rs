//! Tests of the parser: trees as fully parenthesised text, errors as their messages.

use super::*;
use crate::ast::{BlockId, Operator};
use proptest::prelude::*;
use std::format;
use std::string::{String, ToString};

/// Prints a tree back, every operator in parentheses.
struct Printer<'p>(&'p Parsed<'p>);

impl Printer<'_> {
    fn expr(&self, id: ExprId) -> String {
        let file = &self.0.file;
        match file.exprs[id].kind {
            ExprKind::Number(value) => value.to_string(),
            ExprKind::Name(symbol) => self.0.names.text(symbol).into(),
            ExprKind::Negate(operand) => format!("(-{})", self.expr(operand)),
            ExprKind::Not(operand) => format!("(!{})", self.expr(operand)),
            ExprKind::Binary(operator, left, right) => {
                format!("({} {} {})", self.expr(left), symbol(operator), self.expr(right))
            }
            ExprKind::Cast(value, ty) => format!("({} as {})", self.expr(value), ty.unwrap()),
            ExprKind::Call(name, arguments) => {
                let arguments: Vec<_> = file.arguments.get(arguments).iter().map(|&id| self.expr(id)).collect();
                format!("{}({})", self.0.names.text(name.symbol), arguments.join(", "))
            }
            ExprKind::If(arms, otherwise) => {
                let arm = |arm: &Arm| format!("if {} {}", self.expr(arm.condition), self.block(arm.then));
                let arms: Vec<_> = file.arms.get(arms).iter().map(arm).collect();
                arms.join(" else ") + &otherwise.map_or(String::new(), |block| format!(" else {}", self.block(block)))
            }
            ExprKind::While(condition, body) => format!("while {} {}", self.expr(condition), self.block(body)),
            ExprKind::Block(block) => self.block(block),
            ExprKind::Return(None) => "return".into(),
            ExprKind::Return(Some(value)) => format!("(return {})", self.expr(value)),
        }
    }

    fn block(&self, id: BlockId) -> String {
        let block = self.0.file.blocks[id];
        let mut parts: Vec<_> =
            self.0.file.statements.get(block.statements).iter().map(|s| self.statement(s)).collect();
        parts.extend(block.value.map(|value| self.expr(value)));
        format!("{{{}}}", parts.join(" "))
    }

    fn statement(&self, statement: &Statement) -> String {
        match *statement {
            Statement::Let { name, annotation, value } => {
                let ty = annotation.map_or(String::new(), |ty| format!(": {}", ty.unwrap()));
                format!("let {}{ty} = {};", self.0.names.text(name.symbol), self.expr(value))
            }
            Statement::Assign { name, value } => {
                format!("{} = {};", self.0.names.text(name.symbol), self.expr(value))
            }
            Statement::Drop(value) => self.expr(value) + ";",
            Statement::Unit(value) => self.expr(value),
        }
    }
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Sub => "-",
        Operator::Mul => "*",
        Operator::Div => "/",
        Operator::Rem => "%",
        Operator::And => "&",
        Operator::Or => "|",
        Operator::Xor => "^",
        Operator::ShiftLeft => "<<",
        Operator::ShiftRight => ">>",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::Greater => ">",
        Operator::LessEqual => "<=",
        Operator::GreaterEqual => ">=",
        Operator::BothTrue => "&&",
        Operator::EitherTrue => "||",
    }
}

/// The body of `fn f() { text }` as the parser understood it.
fn body(text: &str) -> String {
    let source = format!("fn f() {{{text}}}");
    let mut diagnostics = Diagnostics::default();
    let parsed = parse(&source, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render("f", &source));
    Printer(&parsed).block(parsed.file.functions[0].body.unwrap())
}

/// `line:message` of every error.
fn errors(source: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    parse(source, &mut diagnostics);
    let line = |at: u32| source[..at as usize].matches('\n').count() + 1;
    diagnostics.as_slice().iter().map(|one| format!("{}:{}", line(one.span.start), one.message)).collect()
}

#[test]
fn operators_bind_as_the_reference_says() {
    assert_eq!(body("1 + 2 * 3 - 4"), "{((1 + (2 * 3)) - 4)}");
    assert_eq!(body("a || b && c == d | e ^ f & g << h + i * j"), {
        "{(a || (b && (c == (d | (e ^ (f & (g << (h + (i * j)))))))))}"
    });
    let left = "{(((((((((a * b) + c) << d) & e) ^ f) | g) < h) && i) || j)}";
    assert_eq!(body("a * b + c << d & e ^ f | g < h && i || j"), left);
    assert_eq!(body("-a as i64 * !b as i32"), "{(((-a) as i64) * ((!b) as i32))}");
    assert_eq!(body("- - ! -1"), "{(-(-(!(-1))))}");
    assert_eq!(body("(a + b) * f(c, (d),)"), "{((a + b) * f(c, d))}");
}

#[test]
fn statements_and_the_value_of_a_block() {
    assert_eq!(body("let a: i64 = 1; a = 2; f(); a"), "{let a: i64 = 1; a = 2; f(); a}");
    assert_eq!(body("if a { b } else if c { d; } else { } e"), "{if a {b} else if c {d;} else {} e}");
    assert_eq!(body("if a { 1 } else { 2 } -3"), "{if a {1} else {2} (-3)}", "a block ends its statement");
    assert_eq!(body("let a = if b { 1 } else { 2 } - 3;"), "{let a = (if b {1} else {2} - 3);}");
    assert_eq!(body("while a { b = 1; } { c }; return"), "{while a {b = 1;} {c}; return}");
    assert_eq!(body("return a + 1"), "{(return (a + 1))}");
}

#[test]
fn several_errors_come_from_one_pass() {
    let source = "fn a() { let = 1; x y; ) }\nfn b( { }\nfn c() { 1 + ; }\nuse x;\nfn d() {}}\nfn e() {";
    assert_eq!(
        errors(source),
        [
            "1:expected a name, found `=`",
            "1:expected `;`, found `y`",
            "1:expected an expression, found `)`",
            "2:expected a name, found `{`",
            "3:expected an expression, found `;`",
            "4:expected `::`, found `;`",
            "5:this `}` closes nothing",
            "6:expected `}`, found the end of the file",
        ]
    );
}

#[test]
fn a_missing_semicolon_costs_one_error() {
    assert_eq!(
        errors("fn f() {\n let a = 1\n let b = 2;\n a = b\n b = a;\n}"),
        ["2:expected `;`, found `let`", "4:expected `;`, found `b`"]
    );
}

#[test]
fn what_follows_something_unreadable_is_not_reported_too() {
    assert_eq!(
        errors("fn f() { let s = \"text\"; a @ b; }"),
        ["1:text is not part of the language yet", "1:`@` is not part of the language"]
    );
    assert_eq!(errors("/* no */ fn f() {}"), ["1:block comments are not part of the language"]);
}

#[test]
fn a_missing_brace_does_not_hide_the_next_function() {
    assert_eq!(
        errors("fn f() { if 1 { \nfn g() { 1 + }"),
        ["2:expected `}`, found `fn`", "2:expected an expression, found `}`"]
    );
}

#[test]
fn doc_comments_stand_before_functions_only() {
    assert_eq!(errors("/// a\n/// b\nfn f() {}"), Vec::<String>::new());
    assert_eq!(errors("/// a\nuse sys::print;"), ["2:expected `fn`, found `use`"]);
    assert_eq!(errors("fn f() {\n/// a\n1; }"), ["2:expected a statement, found a doc comment"]);
    assert_eq!(errors("/// a"), ["1:expected `fn`, found the end of the file"]);
}

#[test]
fn errors_are_bounded_and_stop_the_parse() {
    let source = "fn f() { ) ; }\n".repeat(1000);
    let mut diagnostics = Diagnostics::default();
    let parsed = parse(&source, &mut diagnostics);
    assert!(diagnostics.is_full());
    assert!(parsed.file.functions.len() < 30 && parsed.file.incomplete);
}

/// How many errors nesting `open` so often gives.
fn nested(open: &str, levels: usize, close: &str) -> Vec<String> {
    errors(&format!("fn f() {{ {}1{} }}", open.repeat(levels), close.repeat(levels)))
}

#[test]
fn nesting_is_limited_at_its_edge_in_every_form() {
    let too_deep = "1:expressions and blocks nest deeper than 128 levels";
    // The innermost number is one level itself.
    let edge = MAX_NESTING as usize - 1;
    let forms = [("(", ")"), ("{", "}"), ("-", ""), ("!", ""), ("f(", ")"), ("if 1 {", "}"), ("while ", "{}")];
    for (open, close) in forms {
        assert_eq!(nested(open, edge - 1, close), Vec::<String>::new(), "{open}");
        assert_eq!(nested(open, edge + 1, close), [too_deep], "{open}");
        assert_eq!(nested(open, 100_000, close), [too_deep], "{open}");
    }
    assert_eq!(nested("(", edge, ")"), Vec::<String>::new());
    assert_eq!(nested("return ", 100_000, ""), [too_deep]);
    assert_eq!(nested("(", 100_000, ""), [too_deep]);
    assert_eq!(nested("1 | (2 & ", 100_000, ""), [too_deep]);
}

#[test]
fn chains_are_not_nesting() {
    assert_eq!(nested("1 + ", 100_000, ""), Vec::<String>::new());
    assert_eq!(nested("", 50_000, " as i64 as i32"), Vec::<String>::new());
    assert_eq!(nested("if 1 { } else ", 50_000, "").len(), 1, "only the last `else` has no block");
}

#[test]
fn the_number_of_nodes_is_limited() {
    let source = format!("fn f() {{ {}1 }}", "1 + ".repeat(MAX_NODES / 2));
    assert_eq!(errors(&source), ["1:the program has more than 262144 expressions and statements"]);
    let source = format!("fn f() {{ {}1 }}", "1 + ".repeat(MAX_NODES / 2 - 1));
    assert_eq!(errors(&source), Vec::<String>::new());
}

#[test]
fn the_number_of_parameters_is_limited() {
    let head = |count: usize| format!("fn f({}) {{}}", "a: i32, ".repeat(count));
    assert_eq!(errors(&head(256)), Vec::<String>::new());
    assert_eq!(errors(&head(257)), ["1:a function may have 256 parameters at most"]);
}

/// Pieces that often make an expression.
const WORDS: &str = "[a-c]|[0-9]|\\+|-|\\*|<<|&&|\\|\\||!|\\(|\\)|==| as i64";

proptest! {
    /// What was printed with all parentheses is read back as the same tree.
    #[test]
    fn parentheses_do_not_change_a_tree(words in proptest::collection::vec(WORDS, 1..20)) {
        let source = format!("fn f() {{{}}}", words.join(" "));
        let mut diagnostics = Diagnostics::default();
        let parsed = parse(&source, &mut diagnostics);
        if diagnostics.is_empty() {
            let once = Printer(&parsed).block(parsed.file.functions[0].body.unwrap());
            prop_assert_eq!(body(&once[1..once.len() - 1]), once);
        }
    }
}
