//! Numbers and encodings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Answer, Function};
use crate::expr::Value;
use crate::expr::eval::Arguments;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "BitAnd",
        "BitAnd(number1, number2)",
        "the bits that both have",
        ("BitAnd(&HC, 10)", "8"),
        (2, 2),
        bit_and,
    ),
    Function::new(
        "ConvertToBase64",
        "ConvertToBase64(text)",
        "the text's UTF-16 (little endian) bytes in Base64",
        (r#"ConvertToBase64("Ümit")"#, "3ABtAGkAdAA="),
        (1, 1),
        to_base64,
    ),
    Function::new(
        "ConvertFromBase64",
        "ConvertFromBase64(text, {encoding})",
        "the text that Base64 holds; Unicode (the default), UTF8 or ASCII",
        (r#"ConvertFromBase64("w5xtaXQ=", UTF8)"#, "Ümit"),
        (1, 2),
        from_base64,
    ),
    Function::new(
        "ConvertToUTF8Hex",
        "ConvertToUTF8Hex(text)",
        "the text's UTF-8 bytes in upper-case hexadecimal",
        (r#"ConvertToUTF8Hex("Ümit")"#, "C39C6D6974"),
        (1, 1),
        to_hex,
    ),
];

fn bit_and<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let (left, right) = (arguments.required_integer(0)?, arguments.required_integer(1)?);
    Ok(Value::Integer(left & right))
}

fn to_base64<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let Some(text) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Ok(Value::from(STANDARD.encode(bytes)))
}

fn from_base64<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let Some(text) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let encoding = arguments.text_or_empty(1)?.to_ascii_lowercase();
    let bytes = STANDARD.decode(text.trim()).ok();
    let decoded = bytes.and_then(|bytes| match encoding.as_str() {
        "" | "unicode" => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
            rest.is_empty().then(|| String::from_utf16(&units).ok()).flatten()
        }
        "utf8" => String::from_utf8(bytes).ok(),
        "ascii" => String::from_utf8(bytes).ok().filter(|text| text.is_ascii()),
        _ => None,
    });
    decoded.map(Value::from).ok_or_else(|| {
        arguments.fail_at(
            0,
            "this is no Base64 of a text in the encoding",
            "the encodings are Unicode, UTF8 and ASCII",
        )
    })
}

fn to_hex<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let Some(text) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    Ok(Value::from(
        text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>(),
    ))
}
