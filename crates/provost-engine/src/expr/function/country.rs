//! Countries.

use super::{Answer, Function};
use crate::country;
use crate::expr::Value;
use crate::expr::eval::Arguments;

pub(super) static FUNCTIONS: &[Function] = &[Function::new(
    "CountryCode",
    "CountryCode(text)",
    "the two-letter code of ISO 3166-1 for a country's code or its English or local name, empty for anything else",
    (r#"CountryCode("Deutschland")"#, "DE"),
    (1, 1),
    country_code,
)];

fn country_code<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let Some(text) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    Ok(country::find(&text).map_or(Value::Null, Value::from))
}
