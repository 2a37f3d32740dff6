use serde_json::{Value, json};

use super::*;
use crate::mapping::{Apply, Mapping, MappingSource, NullPolicy, ValueType};
use crate::object::{Kind, Source};
use crate::rule::{Env, RemoveAction};
use crate::scope::{Clause, Filter, Operator};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn contoso() -> Import {
    parse(include_str!("../../tests/it/entra_schema.json")).unwrap()
}

fn mapping<'r>(rule: &'r Rule, target: &str) -> &'r Mapping {
    rule.mappings.iter().find(|m| m.target == target).unwrap()
}

fn mapping_mut<'r>(rule: &'r mut Rule, target: &str) -> &'r mut Mapping {
    rule.mappings.iter_mut().find(|m| m.target == target).unwrap()
}

/// A file with one object mapping for people, with these attribute mappings and more members.
fn small(attributes: Value, more: Value) -> String {
    let mut mapping = json!({
        "name": "people", "sourceObjectName": "User", "targetObjectName": "User", "attributeMappings": attributes
    });
    let map = mapping.as_object_mut().unwrap();
    map.extend(more.as_object().cloned().unwrap_or_default());
    json!({"synchronizationRules": [{"name": "OUT", "targetDirectoryName": "app", "objectMappings": [mapping]}]})
        .to_string()
}

fn name_mapping() -> Value {
    json!({"targetAttributeName": "userName", "matchingPriority": 1,
           "source": {"type": "Attribute", "name": "userPrincipalName"}})
}

fn off_mapping() -> Value {
    json!({"targetAttributeName": "active", "source": {"type": "Function", "expression": "Not([IsSoftDeleted])"}})
}

fn problems(import: &Import, severity: Severity) -> Vec<String> {
    let wanted = import.problems.iter().filter(|p| p.severity == severity);
    wanted.map(|p| format!("{}: {}", p.place, p.message)).collect()
}

#[test]
fn the_file_becomes_two_rules_with_every_mapping() {
    let import = contoso();
    assert_eq!(problems(&import, Severity::Unsupported), Vec::<String>::new());
    let [people, groups] = import.rules.as_slice() else {
        panic!("one rule for people and one for groups")
    };
    assert_eq!((people.object, people.mappings.len()), (Kind::Person, 30));
    assert_eq!(people.name, "Provision Microsoft Entra ID Users");
    assert_eq!(people.remove, RemoveAction::Disable);
    assert!(people.enabled && people.actions.create && people.actions.disable);
    let matching: Vec<_> = people
        .matching
        .iter()
        .map(|m| (m.precedence, m.target.as_str()))
        .collect();
    assert_eq!(matching, [(1, "userName"), (2, "emails[type eq \"work\"].value")]);
    assert_eq!(
        (groups.object, groups.mappings.len()),
        (Kind::Group, 2),
        "members are no mapping"
    );
    assert!(groups.actions.add_member && groups.actions.remove_member);
}

#[test]
fn sources_flow_types_and_defaults_are_carried_over() {
    let import = contoso();
    let people = &import.rules[0];
    let expression = |target: &str| match &mapping(people, target).source {
        MappingSource::Expression { text } => text.clone(),
        other => panic!("{target} is {other:?}"),
    };
    assert_eq!(
        expression("profileUrl"),
        r#"Join("", "https://people.contoso.example/", Word([userName], 1, "@"))"#
    );
    assert_eq!(
        expression("name.formatted"),
        r#"Join(" ", [name.givenName], [name.familyName])"#
    );
    let apply = |target: &str| mapping(people, target).apply;
    assert_eq!(apply("externalId"), Apply::OnCreate);
    assert_eq!(apply("roles"), Apply::AddOnly);
    assert_eq!(apply(r#"phoneNumbers[type eq "work"].value"#), Apply::IfEmpty);
    assert_eq!(apply(r#"phoneNumbers[type eq "fax"].value"#), Apply::ValueAddOnly);
    assert!(mapping(people, &format!("{ENTERPRISE}:employeeNumber")).resend);
    assert_eq!(mapping(people, "timezone").source, MappingSource::None);
    assert_eq!(
        mapping(people, "timezone").default,
        Some(json!("Europe/Amsterdam"))
    );
    assert_eq!(mapping(people, "active").kind, Some(ValueType::Boolean));
    let manager = mapping(people, &format!("{ENTERPRISE}:manager"));
    assert!(manager.reference);
    let attribute = format!("{ENTERPRISE}:manager.value");
    assert_eq!(manager.source, MappingSource::Direct { attribute });
    let notes = problems(&import, Severity::Note);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("[extensionAttribute3] has no place in SCIM"));
}

#[test]
fn the_scope_lets_in_whom_it_let_in() {
    let import = contoso();
    let people = import.rules[0].compile().unwrap();
    let in_scope = |country: &str, title: Option<&str>, number: &str, department: &str| {
        let document = json!({
            "userName": "a@contoso.example", "title": title, "active": true,
            "addresses": [{"type": "work", "country": country}],
            ENTERPRISE: {"employeeNumber": number, "department": department}
        });
        let source = Source {
            kind: Kind::Person,
            id: "1",
            document: &document,
            assigned: true,
        };
        people.evaluate(&source, &Env::default()).unwrap().in_scope
    };
    assert!(in_scope("NL", Some("Buyer"), "x", "Interns"));
    assert!(!in_scope("NL", None, "x", "Sales"));
    assert!(in_scope("BE", None, "1234", "Sales"));
    assert!(!in_scope("BE", None, "1234", "Interns") && !in_scope("BE", None, "12345", "Sales"));
}

#[test]
fn an_unchanged_import_is_exported_letter_by_letter() {
    let import = contoso();
    assert_eq!(export(&import.rules, Some(&import.original)), import.original);

    let template = json!({"id": "t", "factoryTag": "contoso", "schema": import.original});
    let wrapped = parse(&template.to_string()).unwrap();
    assert_eq!(wrapped.rules, import.rules);
    assert_eq!(export(&wrapped.rules, Some(&wrapped.original)), template);
}

/// Everything but what was edited stays, and the edit survives the way out and in again.
#[test]
fn an_edit_is_exported_and_nothing_else_changes() {
    let import = contoso();
    let mut rules = import.rules.clone();
    let people = &mut rules[0];
    people.actions.delete = false;
    people.scope.filters[0].clauses[0].value = json!("BE");
    mapping_mut(people, "displayName").source = MappingSource::Expression {
        text: r#"Join(", ", [name.familyName], [name.givenName])"#.to_owned(),
    };
    // As the file's directories declare it.
    mapping_mut(people, "displayName").kind = Some(ValueType::String);
    mapping_mut(people, "title").default = Some(json!("none yet"));
    mapping_mut(people, "locale").source = MappingSource::Direct {
        attribute: "externalId".to_owned(),
    };
    people.mappings.retain(|m| m.target != "timezone");
    people
        .mappings
        .push(Mapping::direct("division", format!("{ENTERPRISE}:division")));
    people.matching.retain(|m| m.precedence == 1);
    rules[1].actions.add_member = false;
    rules[1].actions.remove_member = false;

    let written = export(&rules, Some(&import.original));
    let again = parse(&written.to_string()).unwrap();
    assert_eq!(again.rules, rules);

    let people = &written["synchronizationRules"][0]["objectMappings"][0];
    let entry = |target: &str| {
        let entries = people["attributeMappings"].as_array().unwrap();
        entries
            .iter()
            .find(|e| e["targetAttributeName"] == target)
            .cloned()
    };
    assert_eq!(people["flowTypes"], "Add, Update");
    assert_eq!(
        entry("displayName").unwrap()["source"],
        json!({
            "type": "Function", "name": "Join", "expression": "Join(\", \", [surname], [givenName])",
            "parameters": [
                {"key": "separator", "value": {"type": "Constant", "name": ", ", "expression": "\", \"", "parameters": []}},
                {"key": "source", "value": {"type": "Attribute", "name": "surname", "expression": "[surname]", "parameters": []}},
                {"key": "source", "value": {"type": "Attribute", "name": "givenName", "expression": "[givenName]", "parameters": []}}
            ]
        })
    );
    assert_eq!(entry("locale").unwrap()["source"]["name"], "mailNickname");
    assert_eq!(entry("title").unwrap()["defaultValue"], "none yet");
    assert_eq!(
        entry("division").unwrap()["source"]["name"],
        "employeeOrgData.division"
    );
    assert_eq!(entry("timezone"), None);
    assert_eq!(entry("userType"), {
        let original = &import.original["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
        original
            .as_array()
            .unwrap()
            .iter()
            .find(|e| e["targetAttributeName"] == "userType")
            .cloned()
    });
    assert_eq!(written["directories"], import.original["directories"]);
    let groups = &written["synchronizationRules"][0]["objectMappings"][1];
    assert_eq!(
        groups["attributeMappings"].as_array().unwrap().len(),
        2,
        "members are gone"
    );
    assert_eq!(groups["x-contoso-note"], "kept for the audit");
}

#[test]
fn rules_come_and_go_and_get_other_names() {
    let import = contoso();
    let mut rules = import.rules.clone();
    rules[0].name = "everybody".to_owned();
    rules.remove(1);
    let written = export(&rules, Some(&import.original));
    let mappings = written["synchronizationRules"][0]["objectMappings"]
        .as_array()
        .unwrap();
    assert_eq!(mappings.len(), 1);
    assert_eq!(mappings[0]["name"], "everybody");
    assert_eq!(
        mappings[0]["metadata"][0]["key"], "EscrowBehavior",
        "it is still the same mapping"
    );
    rules.extend(contoso().rules.into_iter().skip(1));
    let both = export(&rules, Some(&written));
    assert_eq!(parse(&both.to_string()).unwrap().rules, rules);
}

#[test]
fn rules_that_never_were_a_schema_become_one() {
    let mut rules = contoso().rules;
    for mapping in rules.iter_mut().flat_map(|rule| &mut rule.mappings) {
        // What the directories of a file declare is not in a new one.
        mapping.kind = None;
    }
    let written = export(&rules, None);
    let again = parse(&written.to_string()).unwrap();
    assert_eq!(problems(&again, Severity::Unsupported), Vec::<String>::new());
    assert_eq!(again.rules, rules);
}

#[test]
fn what_is_not_supported_is_listed_and_the_rest_comes_over() {
    let file = small(
        json!([
            name_mapping(),
            off_mapping(),
            {"targetAttributeName": "a", "source": {"type": "Function", "expression": "NewThing([mail])"}},
            {"targetAttributeName": "b", "source": {"type": "Constant", "name": ""}},
            {"targetAttributeName": "c", "flowType": "Sometimes", "source": null},
            {"targetAttributeName": "d", "source": {"type": "Function", "expression": "RandomString(9,1,1,1,1)"}},
            {"targetAttributeName": "e", "source": {"type": "Attribute", "name": "mail"}}
        ]),
        json!({}),
    );
    let import = parse(&file).unwrap();
    assert_eq!(import.rules[0].mappings.len(), 3);
    assert!(import.rules[0].enabled);
    let found = problems(&import, Severity::Unsupported);
    let expected = [
        "OUT / people / a: there is no function NewThing",
        "OUT / people / b: the constant is empty",
        "OUT / people / c: the flow type \"Sometimes\" is not known",
        "OUT / people / d: RandomString, Guid and SelectUniqueValue give another value",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} is not {expected}");
    }
    assert!(import.problems.iter().all(|p| !p.hint.is_empty()));
    assert_eq!(
        export(&import.rules, Some(&import.original)),
        import.original,
        "nothing is lost"
    );
}

/// Leaving a condition out would let others in.
#[test]
fn a_rule_whose_scope_would_grow_is_switched_off() {
    let group = |operator: &str| {
        json!({"scope": {"groups": [{"name": "g", "clauses": [
            {"sourceOperandName": "city", "operatorName": operator, "targetOperand": {"values": ["Bonn"]}}]}]}})
    };
    let entries = json!([name_mapping(), off_mapping()]);
    let good = parse(&small(entries.clone(), group("equals"))).unwrap();
    assert!(
        good.rules[0].enabled && good.problems.is_empty(),
        "{:?}",
        good.problems
    );
    let filter = json!({"scope": {"groups": [], "inputFilterGroups": [{"clauses": []}]}});
    for more in [group("ISMEMBEROF"), filter] {
        let import = parse(&small(entries.clone(), more)).unwrap();
        assert!(!import.rules[0].enabled);
        assert_eq!(problems(&import, Severity::Unsupported).len(), 1);
        assert_eq!(export(&import.rules, Some(&import.original)), import.original);
    }
}

#[test]
fn what_happens_to_leavers_follows_from_the_mappings() {
    let leaving = |attributes: Value, more: Value| {
        let import = parse(&small(attributes, more)).unwrap();
        (
            import.rules[0].remove,
            import.rules[0].actions.disable,
            import.problems.len(),
        )
    };
    let direct =
        json!({"targetAttributeName": "active", "source": {"type": "Attribute", "name": "accountEnabled"}});
    assert_eq!(
        leaving(json!([name_mapping(), off_mapping()]), json!({})),
        (RemoveAction::Disable, true, 0)
    );
    assert_eq!(
        leaving(json!([name_mapping()]), json!({})),
        (RemoveAction::Leave, false, 1)
    );
    assert_eq!(
        leaving(json!([name_mapping(), direct]), json!({})),
        (RemoveAction::Leave, true, 1)
    );
    assert_eq!(
        leaving(
            json!([name_mapping(), off_mapping()]),
            json!({"flowTypes": "add ,DELETE"})
        ),
        (RemoveAction::Disable, false, 0)
    );
}

#[test]
fn nulls_flow_only_through_both_gates() {
    for (mapping_flows, attribute_flows, expected) in [
        (true, true, NullPolicy::Clear),
        (true, false, NullPolicy::Skip),
        (false, true, NullPolicy::Skip),
    ] {
        let entries = json!([name_mapping(), off_mapping(), {
            "targetAttributeName": "title", "flowNullValues": mapping_flows,
            "source": {"type": "Attribute", "name": "jobTitle"}
        }]);
        let mut file: Value = serde_json::from_str(&small(entries, json!({}))).unwrap();
        file["synchronizationRules"][0]["sourceDirectoryName"] = json!("Contoso");
        file["directories"] = json!([{"name": "Contoso", "objects": [{"name": "User", "attributes": [
            {"name": "jobTitle", "type": "String", "flowNullValues": attribute_flows}]}]}]);
        let import = parse(&file.to_string()).unwrap();
        assert_eq!(mapping(&import.rules[0], "title").null, expected);
    }
}

#[test]
fn files_that_are_no_schema_are_refused_with_the_reason() {
    let refused = |text: &str| {
        let found = parse(text).unwrap_err();
        found
            .iter()
            .map(|p| format!("{}: {}", p.place, p.message))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        refused("{\n x"),
        ["line 2, column 2: the file is no correct JSON"]
    );
    assert_eq!(refused("[]"), ["the file: it has no \"synchronizationRules\""]);
    assert_eq!(
        refused(&small(
            json!([name_mapping(), off_mapping(), name_mapping()]),
            json!({})
        )),
        ["OUT / people / userName: two mappings have this target attribute"]
    );
    let inbound = small(json!([name_mapping()]), json!({}));
    let inbound = parse(&inbound.replace("\"app\"", "\"azure active directory\"")).unwrap();
    assert!(inbound.rules.is_empty());
    assert_eq!(
        problems(&inbound, Severity::Unsupported),
        ["OUT / people: this mapping writes to Entra itself"]
    );
}

#[test]
fn what_a_schema_cannot_say_is_listed() {
    let mut rules = contoso().rules;
    assert_eq!(lost(&rules), []);
    rules[0].delete_after_days = Some(30);
    rules[0].mappings[2].null = NullPolicy::Default;
    rules[0].scope.filters.push(Filter {
        name: String::new(),
        clauses: Vec::new(),
        scim: Some("title pr".to_owned()),
    });
    let found: Vec<_> = lost(&rules).into_iter().map(|p| p.message).collect();
    assert_eq!(
        found,
        [
            "a schema cannot say the grace period",
            "a schema cannot say the SCIM filters, without which more are meant",
            "a schema cannot say what happens when the source gives no value",
        ]
    );
}

#[test]
fn passwords_that_are_made_or_sealed_stay_out_of_a_schema() {
    let mut rules = contoso().rules;
    let before = export(&rules, None);
    rules[0].mappings.push(Mapping::generated("password"));
    rules[0]
        .mappings
        .push(Mapping::secret("otherPassword", "password.people"));
    assert_eq!(export(&rules, None), before);
    let found: Vec<_> = lost(&rules).into_iter().map(|p| p.message).collect();
    assert_eq!(
        found,
        [
            "a schema cannot say that a password is generated",
            "a schema cannot say that the value is kept sealed",
        ]
    );
}

#[test]
fn clauses_survive_the_way_out_and_back() {
    let mut rules = contoso().rules;
    rules[0].scope.filters = vec![Filter {
        name: "all".to_owned(),
        scim: None,
        clauses: Operator::ALL
            .into_iter()
            .map(|operator| Clause {
                attribute: "title".to_owned(),
                operator,
                value: if operator.is_unary() {
                    Value::Null
                } else {
                    json!("7")
                },
                multivalued: None,
            })
            .collect(),
    }];
    let original = contoso().original;
    let again = parse(&export(&rules, Some(&original)).to_string()).unwrap();
    assert_eq!(again.rules[0].scope, rules[0].scope);
}
