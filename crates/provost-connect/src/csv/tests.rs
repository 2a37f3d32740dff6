#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::*;

fn rows(bytes: &[u8]) -> Vec<Result<Row, Fault>> {
    read(bytes, &Options::default()).collect()
}

fn good(bytes: &[u8]) -> Value {
    rows(bytes)
        .into_iter()
        .map(|row| Value::Object(row.unwrap()))
        .collect()
}

fn fault(bytes: &[u8]) -> Fault {
    rows(bytes).pop().unwrap().unwrap_err()
}

#[test]
fn rows_become_objects() {
    let ada = json!([{"id": "1", "name": "Ada"}, {"id": "2", "name": null}]);
    for text in [
        "id,name\n1,Ada\n2,\n",
        "id,name\r\n1,Ada\r\n2,",
        "id;name\r1;Ada\r2;\r",
        "id\tname\n1\tAda\n\n2\t \n",
        "sep=;\nid;name\n1;Ada\n2;\n",
        "SEP=|\r\nid|name\r\n1|Ada\r\n2|\r\n",
        " \"id\" ,name\n\"1\",\"Ada\"\n2,\"\"\n".trim_start(),
        "\u{feff}id,name\n1,Ada\n2,\n",
    ] {
        assert_eq!(good(text.as_bytes()), ada, "{text:?}");
    }
}

#[test]
fn quotes_hold_delimiters_quotes_and_line_ends() {
    let text = "id,text\n1,\"a, \"\"b\"\"\r\nc\"\n2,5\" pipe\n";
    assert_eq!(
        good(text.as_bytes()),
        json!([{"id": "1", "text": "a, \"b\"\r\nc"}, {"id": "2", "text": "5\" pipe"}])
    );
}

#[test]
fn every_encoding_is_recognised() {
    let text = "id;name\n1;Zoë Müller – Café\n";
    let wanted = json!([{"id": "1", "name": "Zoë Müller – Café"}]);
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
    let (old, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
    assert!(!lost);
    for bytes in [
        text.as_bytes().to_vec(),
        old.into_owned(),
        little.clone(),
        big.clone(),
        [&[0xff, 0xfe][..], &little].concat(),
        [&[0xfe, 0xff][..], &big].concat(),
    ] {
        assert_eq!(good(&bytes), wanted, "{bytes:x?}");
    }
}

#[test]
fn a_fault_names_its_line() {
    let cases: [(&[u8], u64, &str, bool); 9] = [
        (b"", 1, "first line must name the columns", true),
        (b"\n\n", 1, "first line must name the columns", true),
        (b"id,\n1,2\n", 1, "column 2 has no name", true),
        (b"id,Name,name\n", 1, "two columns are called name", true),
        (
            b"id,name\n1,\"a\nb\"\n2\n",
            4,
            "1 fields, but there are 2 columns",
            false,
        ),
        (b"id,name\n1,2,3\n", 2, "3 fields, but there are 2 columns", false),
        (b"id,name\n1,\"a\n\n", 2, "never closed", true),
        (b"id,name\n1,\"a\"b\n", 2, "after a closing quote", true),
        (
            b"id,name\n1,a\0b\n",
            2,
            "the field name holds a zero character",
            false,
        ),
    ];
    for (text, line, message, last) in cases {
        let fault = fault(text);
        assert!(fault.message.contains(message), "{text:?}: {fault}");
        assert_eq!((fault.line, fault.last), (line, last), "{text:?}: {fault}");
    }
}

#[test]
fn a_short_row_does_not_cost_the_next() {
    let found = rows(b"id,name\n1\n2,Bo\n");
    assert_eq!(found[0].as_ref().unwrap_err().line, 2);
    assert_eq!(found[1].as_ref().unwrap()["name"], "Bo");
    assert_eq!(found.len(), 2);
}

#[test]
fn a_byte_of_another_encoding_far_into_the_file_is_found() {
    let mut bytes = b"id,name\n".to_vec();
    for number in 0..20_000 {
        bytes.extend(format!("{number},Ada\n").bytes());
    }
    bytes.extend(b"x,M\xfcller\n");
    let fault = fault(&bytes);
    assert_eq!(fault.line, 20_002);
    assert!(fault.message.contains("not UTF-8"), "{fault}");
    let named = Options {
        encoding: Some(Encoding::Windows1252),
        ..Options::default()
    };
    let last = read(&bytes[..], &named).last().unwrap().unwrap();
    assert_eq!(last["name"], "Müller");
}

#[test]
fn nothing_grows_without_bound() {
    let options = Options {
        field_bytes: 8,
        row_bytes: 20,
        columns: 3,
        rows: 2,
        ..Options::default()
    };
    let fault = |text: &str| {
        let all: Vec<_> = read(text.as_bytes(), &options).collect();
        all.last().unwrap().clone().unwrap_err().message
    };
    assert!(fault("id\n123456789\n").contains("longer than 8 bytes"));
    assert!(fault("id\n\"12345678901234\n").contains("longer than 8 bytes"));
    assert!(fault("a,b,c\n1234567,1234567,1234567\n").contains("row is longer than 20"));
    assert!(fault("a,b,c,d\n").contains("more than 3 fields"));
    assert!(fault("id\n1\n2\n3\n").contains("more than 2 rows"));
}

#[test]
fn an_endless_reader_is_given_up() {
    let mut reader = read(std::io::repeat(b'x'), &Options::default());
    assert!(reader.columns().is_err());
    assert_eq!(reader.next(), None);
    assert!(reader.columns().is_err());
}

#[test]
fn columns_are_known_before_the_rows() {
    let mut reader = read(&b"id, name \n1,Ada\n"[..], &Options::default());
    assert_eq!(reader.columns().unwrap(), ["id", "name"]);
    assert!(reader.next().unwrap().is_ok());
    assert_eq!(reader.line(), 2);
    assert_eq!(reader.next(), None);
}
