//! What is different every time, and what must not be shown. Randomness comes from the caller: without it
//! (in a plan) placeholders stand in, so that a plan comes out the same each time.

use super::{Answer, Function};
use crate::dice::Dice;
use crate::expr::eval::Arguments;
use crate::expr::{Expr, ExprError, Node, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        check: check_lengths,
        ..Function::new(
            "RandomString",
            "RandomString(length, minimumDigits, minimumSpecial, minimumUpper, minimumLower, {avoid})",
            "random characters, fit for a first password; for mappings that are applied on create",
            (r#"RandomString(12, 3, 2, 2, 2, "O0l1")"#, "7poKR8*tn9o`"),
            (5, 6),
            random_string,
        )
    },
    Function::new(
        "Guid",
        "Guid()",
        "a new random GUID; for mappings that are applied on create",
        ("Guid()", "46558fa8-6dd2-49ed-ae53-a9a888517046"),
        (0, 0),
        guid,
    ),
    Function::new(
        "Redact",
        "Redact(value)",
        "the value itself, which plans and logs show as [Redact]",
        (r#"Redact("Spring-2026")"#, "Spring-2026"),
        (1, 1),
        |arguments| arguments.value(0),
    ),
];

/// The longest random text.
const MAX_LENGTH: usize = 256;
/// What stands for a random text where there is no randomness.
const PLACEHOLDER: &str = "[Random]";

/// Digits, special characters (those that Active Directory counts), upper and lower case: the order of
/// the minima.
const CLASSES: [&str; 4] = [
    "0123456789",
    "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
];

/// Finds constant lengths that cannot be met when the rule is saved.
fn check_lengths(arguments: &[Expr]) -> Result<(), String> {
    let numbers: Option<Vec<i64>> = arguments
        .iter()
        .take(5)
        .map(|argument| match &argument.node {
            Node::Integer(number) => Some(*number),
            Node::Text(text) => text.trim().parse().ok(),
            _ => None,
        })
        .collect();
    match numbers.as_deref() {
        Some([length, minima @ ..]) => lengths(*length, minima).map(|_| ()).map_err(str::to_owned),
        _ => Ok(()),
    }
}

fn lengths(length: i64, minima: &[i64]) -> Result<(usize, Vec<usize>), &'static str> {
    let length = usize::try_from(length).unwrap_or(0);
    if !(1..=MAX_LENGTH).contains(&length) {
        return Err("a random text has between 1 and 256 characters");
    }
    let minima: Result<Vec<usize>, _> = minima.iter().map(|least| usize::try_from(*least)).collect();
    let minima = minima.map_err(|_| "a smallest number of characters cannot be negative")?;
    let sum = minima
        .iter()
        .fold(0_usize, |sum, least| sum.saturating_add(*least));
    if sum > length {
        return Err("the smallest numbers of characters add up to more than the length");
    }
    Ok((length, minima))
}

fn random_string<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let length = arguments.required_integer(0)?;
    let mut minima = [0; 4];
    for (index, least) in minima.iter_mut().enumerate() {
        *least = arguments.required_integer(index + 1)?;
    }
    let avoid = arguments.text_or_empty(5)?;
    let hint =
        "give the length, then the smallest numbers of digits, special, upper and lower case characters";
    let (length, minima) = lengths(length, &minima).map_err(|message| arguments.fail(message, hint))?;
    let classes = CLASSES.map(|class| {
        class
            .chars()
            .filter(|c| !avoid.contains(*c))
            .collect::<Vec<char>>()
    });
    let impossible = classes
        .iter()
        .zip(&minima)
        .any(|(class, least)| class.is_empty() && *least > 0);
    let every: Vec<char> = classes.iter().flatten().copied().collect();
    if impossible || every.is_empty() {
        return Err(arguments.fail_at(5, "no character is left to choose from", "avoid fewer characters"));
    }
    let Some(mut dice) = arguments.env().random.map(Dice::new) else {
        return Ok(Value::from(PLACEHOLDER));
    };
    let mut chosen = Vec::with_capacity(length);
    for (class, least) in classes.iter().zip(minima) {
        chosen.extend((0..least).map(|_| class[dice.below(class.len())]));
    }
    while chosen.len() < length {
        chosen.push(every[dice.below(every.len())]);
    }
    dice.shuffle(&mut chosen);
    Ok(Value::from(chosen.into_iter().collect::<String>()))
}

fn guid<'a>(arguments: &mut Arguments<'_, 'a>) -> Result<Value<'a>, ExprError> {
    let mut bytes = [0_u8; 16];
    if let Some(fill) = arguments.env().random {
        fill(&mut bytes);
        // RFC 9562 section 5.4: version 4, variant 10.
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
    }
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Ok(Value::from(parts.join("-")))
}
