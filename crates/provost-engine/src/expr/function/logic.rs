//! Choosing between values.

use super::{Answer, Function, MANY};
use crate::expr::eval::Arguments;
use crate::expr::{Expr, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "IIF",
        "IIF(condition, ifTrue, ifFalse)",
        "one of two values; only that one is evaluated",
        (r#"IIF("Intern" = "Intern", "T", "P")"#, "T"),
        (2, 3),
        iif,
    ),
    Function {
        check: is_even,
        ..Function::new(
            "Switch",
            "Switch(source, {default}, key1, value1, …)",
            "the value whose key equals the source, else the default; only that one is evaluated",
            (r#"Switch("emea", "ROW", "emea", "EU", "apac", "AP")"#, "EU"),
            (1, MANY),
            switch,
        )
    },
    Function::new(
        "Not",
        "Not(source)",
        "False for True, True for anything else",
        (r#"Not("True")"#, "False"),
        (1, 1),
        not,
    ),
    Function::new(
        "Coalesce",
        "Coalesce(source…)",
        "the first value that is not null; empty text is a value",
        (r#"Coalesce([preferredLanguage], "en")"#, "en"),
        (1, MANY),
        coalesce,
    ),
    Function::new(
        "IsNull",
        "IsNull(value)",
        "whether there is no value",
        (r#"IsNull("")"#, "False"),
        (1, 1),
        is_null,
    ),
    Function::new(
        "IsNothing",
        "IsNothing(value)",
        "the same as IsNull",
        ("IsNothing([preferredLanguage])", "True"),
        (1, 1),
        is_null,
    ),
    Function::new(
        "IsNullOrEmpty",
        "IsNullOrEmpty(value)",
        "whether there is no value or empty text",
        (r#"IsNullOrEmpty("")"#, "True"),
        (1, 1),
        is_null_or_empty,
    ),
    Function::new(
        "IsPresent",
        "IsPresent(value)",
        "whether there is a value and it is not empty text",
        (r#"IsPresent("x")"#, "True"),
        (1, 1),
        is_present,
    ),
    Function::new(
        "IsString",
        "IsString(value)",
        "whether the value can be one text",
        (r#"IsString(Split("a,b", ","))"#, "False"),
        (1, 1),
        is_string,
    ),
    Function::new(
        "CBool",
        "CBool(value)",
        "True for True and numbers but 0",
        (r#"CBool("a" = "a")"#, "True"),
        (1, 1),
        c_bool,
    ),
    Function::new(
        "IgnoreFlowIfNullOrEmpty",
        "IgnoreFlowIfNullOrEmpty(value)",
        "the value, or no change of the attribute when it is null or empty",
        (r#"IgnoreFlowIfNullOrEmpty("555-0100")"#, "555-0100"),
        (1, 1),
        ignore_if_empty,
    ),
    Function::new(
        "Error",
        "Error(message)",
        "fails the object with the message",
        (r#"IIF(IsPresent("7"), "7", Error("no id"))"#, "7"),
        (1, 1),
        error,
    ),
    Function::new(
        "DefaultDomain",
        "DefaultDomain()",
        "the target's default domain",
        (r#"Append("ana@", DefaultDomain())"#, "ana@contoso.example"),
        (0, 0),
        default_domain,
    ),
];

fn is_even(arguments: &[Expr]) -> Result<(), String> {
    if arguments.len() < 4 || arguments.len() % 2 == 1 {
        return Err(
            "Switch needs a source, a default (which may be left empty) and pairs of key \
                    and value"
                .to_owned(),
        );
    }
    Ok(())
}

fn iif<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let condition = arguments.value(0)?;
    arguments.value(if is_true(&condition) { 1 } else { 2 })
}

/// Keys compare as text, case-sensitively; an empty or omitted key fits no value.
fn switch<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let source = arguments.text_or_empty(0)?;
    for key in (2..arguments.len()).step_by(2) {
        if arguments.text_or_empty(key)? == source {
            return arguments.value(key + 1);
        }
    }
    arguments.value(1)
}

fn not<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let is_true = match arguments.value(0)? {
        Value::Integer(_) => false,
        value => value.as_bool() == Some(true),
    };
    Ok(Value::Bool(!is_true))
}

fn coalesce<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    for index in 0..arguments.len() {
        let value = arguments.value(index)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

fn is_null<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    Ok(Value::Bool(arguments.value(0)?.is_null()))
}

fn is_null_or_empty<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    Ok(Value::Bool(arguments.value(0)?.is_empty()))
}

fn is_present<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    Ok(Value::Bool(!arguments.value(0)?.is_empty()))
}

fn is_string<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let value = arguments.value(0)?;
    Ok(Value::Bool(matches!(value.into_text(), Ok(Some(_)))))
}

fn c_bool<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let value = arguments.value(0)?;
    Ok(Value::Bool(is_true(&value)))
}

/// True, and numbers but 0, also as text.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Text(text) => match text.trim().parse::<i64>() {
            Ok(number) => number != 0,
            Err(_) => value.as_bool().unwrap_or(false),
        },
        other => other.as_bool().unwrap_or(false),
    }
}

fn ignore_if_empty<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let value = arguments.value(0)?;
    Ok(if value.is_empty() { Value::Ignore } else { value })
}

/// The message must not carry a person's values into logs, so only constant text is repeated.
fn error<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let message = arguments
        .constant(0)
        .unwrap_or("the rule's author lets this object fail");
    Err(arguments.fail(
        message,
        "correct the object's attributes, or the Error in the expression",
    ))
}

fn default_domain<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    match arguments.env().default_domain {
        Some(domain) => Ok(Value::from(domain)),
        None => Err(arguments.fail(
            "the target's default domain is not known",
            "test the connection, so that its domains are read",
        )),
    }
}
