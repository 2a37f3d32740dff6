//! `SelectUniqueValue`: the first of several proposals that nobody has yet.

use super::{Answer, Function, MANY};
use crate::expr::eval::Arguments;
use crate::expr::{Expr, ExprError, Node, Value};

pub(super) static FUNCTIONS: &[Function] = &[Function {
    is_top_level: true,
    check,
    ..Function::new(
        "SelectUniqueValue",
        "SelectUniqueValue(rule1, rule2, …)",
        "the first value that no account in the target has; {n} in a rule counts 2, 3, 4 up to 999",
        (
            r#"SelectUniqueValue("jan.kowalska", "j.kowalska", "jan.kowalska{n}")"#,
            "jan.kowalska",
        ),
        (1, MANY),
        select,
    )
}];

/// Stands for a number in a proposal.
const COUNTER: &str = "{n}";
/// The numbers that are tried.
const NUMBERS: std::ops::RangeInclusive<u32> = 2..=999;
/// What a question to the target costs.
const ASK_STEPS: u32 = 5;

/// One proposal is enough only when it counts.
fn check(arguments: &[Expr]) -> Result<(), String> {
    let counts =
        |expr: &Expr| expr.any(&mut |part| matches!(&part.node, Node::Text(text) if text.contains(COUNTER)));
    let given: Vec<&Expr> = arguments.iter().filter(|a| !a.is_omitted()).collect();
    match given.as_slice() {
        [one] if !counts(one) => Err(format!(
            "SelectUniqueValue needs two rules or more, or one with {COUNTER} in it"
        )),
        _ => Ok(()),
    }
}

fn select<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let mut proposed = false;
    for index in 0..arguments.len() {
        let Some(text) = arguments.text(index)?.filter(|text| !text.is_empty()) else {
            continue;
        };
        proposed = true;
        if !text.contains(COUNTER) {
            if is_free(arguments, &text)? {
                return Ok(Value::Text(text));
            }
            continue;
        }
        for number in NUMBERS {
            let numbered = text.replace(COUNTER, &number.to_string());
            if is_free(arguments, &numbered)? {
                return Ok(Value::from(numbered));
            }
        }
    }
    if !proposed {
        return Ok(Value::Null);
    }
    Err(arguments.fail(
        "every value that was proposed is taken in the target",
        "add a rule to SelectUniqueValue, for example one with {n}",
    ))
}

fn is_free(arguments: &mut Arguments<'_, '_>, value: &str) -> Result<bool, ExprError> {
    arguments.charge(ASK_STEPS)?;
    let target = arguments.target();
    Ok(arguments.env().taken.is_none_or(|taken| !taken(target, value)))
}
