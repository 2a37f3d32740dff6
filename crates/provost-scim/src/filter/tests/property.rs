//! Properties over generated filters and over noise.

use proptest::prelude::*;

use super::*;

fn literal_text() -> impl Strategy<Value = Literal> {
    "[^\u{0}]{0,6}".prop_map(Literal::String)
}

fn any_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        any::<f64>().prop_filter_map("finite", |number| serde_json::Number::from_f64(number)
            .map(Literal::Number)),
        literal_text(),
    ]
}

fn any_op() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![
        Op::Eq,
        Op::Ne,
        Op::Co,
        Op::Sw,
        Op::Ew,
        Op::Gt,
        Op::Ge,
        Op::Lt,
        Op::Le,
    ])
}

fn path(text: &str) -> AttrPath {
    crate::path::parse(text, user()).unwrap()
}

/// A question that fits any text attribute.
fn text_test() -> impl Strategy<Value = Test> {
    prop_oneof![
        Just(Test::Present),
        (any_op(), literal_text()).prop_map(|(op, value)| Test::Compare(op, value)),
        prop::sample::select(vec![Op::Eq, Op::Ne]).prop_map(|op| Test::Compare(op, Literal::Null)),
    ]
}

fn about(path: AttrPath, test: Test) -> Filter {
    match test {
        Test::Present => Filter::Present(path),
        Test::Compare(op, value) => Filter::Compare { path, op, value },
    }
}

fn unknown_test() -> impl Strategy<Value = Test> {
    prop_oneof![
        Just(Test::Present),
        (any_op(), any_literal()).prop_map(|(op, value)| Test::Compare(op, value)),
    ]
}

fn combined(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn element_filter() -> impl Strategy<Value = Filter> {
    let names = prop::sample::select(vec!["type", "value", "display"]);
    combined((names, text_test()).prop_map(|(name, test)| about(AttrPath::core(name), test)))
}

fn term() -> impl Strategy<Value = Filter> {
    let manager = format!("{ENTERPRISE_USER}:manager");
    let department = format!("{ENTERPRISE_USER}:department");
    let names = [
        "userName",
        "title",
        "name.givenName",
        "emails",
        "emails.type",
        "id",
        "schemas",
        "profileUrl",
    ];
    let names: Vec<String> = names
        .iter()
        .map(|&name| name.to_owned())
        .chain([manager, department])
        .collect();
    let tail = prop::option::of(text_test().prop_map(|test| Tail {
        sub: "value".to_owned(),
        test,
    }));
    prop_oneof![
        4 => (prop::sample::select(names), text_test()).prop_map(|(name, test)| about(path(&name), test)),
        2 => (element_filter(), tail).prop_map(|(filter, tail)| Filter::Element {
            path: path("emails"),
            filter: Box::new(filter),
            tail,
        }),
        1 => any::<bool>().prop_map(|value| about(path("active"), Test::Compare(Op::Eq, Literal::Bool(value)))),
        1 => ("x[a-zA-Z]{1,5}", unknown_test()).prop_map(|(name, test)| Filter::Unknown { path: path(&name), test }),
    ]
}

proptest! {
    #[test]
    fn a_print_reads_as_the_same_filter(filter in combined(term())) {
        let text = filter.to_string();
        prop_assert_eq!(parse(&text, user()).map_err(|error| format!("{text}: {error}")), Ok(filter));
    }

    #[test]
    fn a_filter_or_its_negation_selects(filter in combined(term())) {
        for person in people() {
            let plain = filter.matches(user(), &person);
            prop_assert_ne!(Filter::Not(Box::new(filter.clone())).matches(user(), &person), plain);
        }
    }

    #[test]
    fn texts_equal_themselves_in_any_letter_case(name in "[^\u{0}]{1,12}") {
        let person = serde_json::json!({"userName": name});
        for text in [name.clone(), crate::resource::fold(&name)] {
            let literal = Literal::String(text);
            let filter = Filter::Compare { path: path("userName"), op: Op::Eq, value: literal };
            prop_assert!(filter.matches(user(), &person));
        }
    }

    #[test]
    fn no_text_ends_in_a_panic(text in "\\PC{0,60}") {
        let _ = parse(&text, user());
        let _ = parse_value_path(&text, user());
    }

    #[test]
    fn no_mixture_of_pieces_ends_in_a_panic(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "emails", "title", "[", "]", "(", ")", "not", "and", "or", "eq", "pr", "\"a\"", "\"", "\\", ".value",
                "5", "null", " ", "ü", "urn:", ":",
            ]),
            0..20,
        ),
    ) {
        let text = pieces.concat();
        if let Ok(filter) = parse(&text, user()) {
            prop_assert_eq!(parse(&filter.to_string(), user()), Ok(filter));
        }
        let _ = parse_value_path(&text, user());
    }
}
