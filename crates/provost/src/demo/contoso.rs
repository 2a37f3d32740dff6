//! Contoso: 200 people and 12 groups, the same each time, made from lists of names.

use serde_json::{Value, json};

/// The extension that carries department, number and manager.
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// How many people there are before the joiner comes.
pub(super) const PEOPLE: usize = 200;
/// People 1 to 8 lead a department, 9 to 40 a team in one of them.
const HEADS: usize = 8;
const LEADS: usize = 32;

/// A given name and its form in an address.
const GIVEN: [(&str, &str); 40] = [
    ("Adele", "adele"),
    ("Øyvind", "oyvind"),
    ("Beatriz", "beatriz"),
    ("Callum", "callum"),
    ("Chloé", "chloe"),
    ("Dmitri", "dmitri"),
    ("Elif", "elif"),
    ("Emeka", "emeka"),
    ("Fatima", "fatima"),
    ("Gökçe", "gokce"),
    ("Greta", "greta"),
    ("Haruka", "haruka"),
    ("Henrik", "henrik"),
    ("Ines", "ines"),
    ("Ibrahim", "ibrahim"),
    ("Jonas", "jonas"),
    ("Josefa", "josefa"),
    ("Kwame", "kwame"),
    ("Katarzyna", "katarzyna"),
    ("Lars", "lars"),
    ("Leïla", "leila"),
    ("Mateo", "mateo"),
    ("Mei", "mei"),
    ("Nadia", "nadia"),
    ("Niamh", "niamh"),
    ("Oskar", "oskar"),
    ("Olena", "olena"),
    ("Pablo", "pablo"),
    ("Priya", "priya"),
    ("Rasmus", "rasmus"),
    ("Rosa", "rosa"),
    ("Sven", "sven"),
    ("Siobhán", "siobhan"),
    ("Tomás", "tomas"),
    ("Thandiwe", "thandiwe"),
    ("Ulrike", "ulrike"),
    ("Viktor", "viktor"),
    ("Wanjiru", "wanjiru"),
    ("Yusuf", "yusuf"),
    ("Zoë", "zoe"),
];

/// A family name and its form in an address.
const FAMILY: [(&str, &str); 25] = [
    ("Aldana", "aldana"),
    ("Bergström", "bergstrom"),
    ("Castro", "castro"),
    ("Dvořák", "dvorak"),
    ("Eriksen", "eriksen"),
    ("Fontaine", "fontaine"),
    ("Grünwald", "grunwald"),
    ("Haugen", "haugen"),
    ("Ito", "ito"),
    ("Jansen", "jansen"),
    ("Kowalska", "kowalska"),
    ("Lefèvre", "lefevre"),
    ("Mensah", "mensah"),
    ("Nakamura", "nakamura"),
    ("O'Brien", "obrien"),
    ("Petrov", "petrov"),
    ("Quinn", "quinn"),
    ("Rossi", "rossi"),
    ("Sørensen", "sorensen"),
    ("Tanaka", "tanaka"),
    ("Ümit", "umit"),
    ("Vargas", "vargas"),
    ("Weiß", "weiss"),
    ("Yılmaz", "yilmaz"),
    ("Zieliński", "zielinski"),
];

/// A department, the title of its head, of its team leads, and of everybody else in it.
const DEPARTMENTS: [[&str; 4]; HEADS] = [
    [
        "Finance",
        "Chief Financial Officer",
        "Lead Controller",
        "Accountant",
    ],
    [
        "Human Resources",
        "Head of Human Resources",
        "Lead Recruiter",
        "People Partner",
    ],
    [
        "Information Technology",
        "Chief Information Officer",
        "Lead Engineer",
        "Systems Engineer",
    ],
    ["Legal", "General Counsel", "Senior Counsel", "Paralegal"],
    ["Marketing", "Head of Marketing", "Brand Lead", "Content Editor"],
    [
        "Operations",
        "Chief Operating Officer",
        "Shift Lead",
        "Logistics Planner",
    ],
    [
        "Research",
        "Head of Research",
        "Principal Researcher",
        "Researcher",
    ],
    ["Sales", "Head of Sales", "Key Account Lead", "Account Executive"],
];

/// City, country, language and the beginning of a mobile number.
const OFFICES: [[&str; 4]; 4] = [
    ["Oslo", "NO", "nb-NO", "+47 400 00"],
    ["Berlin", "DE", "de-DE", "+49 1520 000"],
    ["Lisboa", "PT", "pt-PT", "+351 910 000"],
    ["Dublin", "IE", "en-IE", "+353 85 000"],
];

/// A person of Contoso.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Name in the directory and address of work.
    pub user_name: String,
    /// Who leads them, by number; nobody for the first.
    pub manager: Option<usize>,
    /// Their department, by number; none for the first.
    department: Option<usize>,
    number: usize,
    given: &'static str,
    family: &'static str,
    title: &'static str,
}

/// A group of Contoso.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Its display name.
    pub name: String,
    /// Its members, by number.
    pub members: Vec<usize>,
}

/// The first 200.
pub(super) fn people() -> Vec<Person> {
    (0..PEOPLE).map(person).collect()
}

fn person(number: usize) -> Person {
    // 7 and 40 have no common divisor: each round of 40 uses every given name once, the next family name.
    let (given, given_address) = GIVEN[number * 7 % GIVEN.len()];
    let (family, family_address) = FAMILY[(number * 11 + number / GIVEN.len()) % FAMILY.len()];
    let department = department(number);
    let title = match (number, department.map(|at| DEPARTMENTS[at])) {
        (1..=HEADS, Some([_, head, ..])) => head,
        (_, Some([_, _, lead, _])) if number <= HEADS + LEADS => lead,
        (_, Some([.., everybody])) => everybody,
        (_, None) => "Chief Executive Officer",
    };
    Person {
        user_name: format!("{given_address}.{family_address}@contoso.example"),
        manager: manager(number),
        department,
        number,
        given,
        family,
        title,
    }
}

/// Heads report to the first, leads to their head, everybody else to a lead.
fn manager(number: usize) -> Option<usize> {
    match number {
        0 => None,
        1..=HEADS => Some(0),
        _ if number <= HEADS + LEADS => Some(1 + (number - 1) % HEADS),
        _ => Some(1 + HEADS + (number - 1 - HEADS - LEADS) % LEADS),
    }
}

fn department(number: usize) -> Option<usize> {
    match number {
        0 => None,
        _ if number <= HEADS + LEADS => Some((number - 1) % HEADS),
        _ => manager(number).and_then(department),
    }
}

/// Who comes after the initial cycle: a researcher who reports to the first team lead of Research.
pub(super) fn joiner() -> Person {
    Person {
        user_name: "amina.diallo@contoso.example".to_owned(),
        manager: Some(1 + HEADS + RESEARCH),
        department: Some(RESEARCH),
        number: PEOPLE,
        given: "Amina",
        family: "Diallo",
        title: DEPARTMENTS[RESEARCH][3],
    }
}

const RESEARCH: usize = 6;
const MARKETING: usize = 4;

/// Who changes the department after the initial cycle, and what becomes of them: to a team of Marketing.
pub(super) struct Move {
    /// The person, by number.
    pub person: usize,
    /// The group they leave.
    pub from: &'static str,
    /// The group they join; also the department's name.
    pub to: &'static str,
    /// Their new title.
    pub title: &'static str,
    /// Their new manager, by number.
    pub manager: usize,
}

/// The mover.
pub(super) fn mover() -> Move {
    let person = HEADS + LEADS + HEADS;
    let from = department(person).map_or("", |at| DEPARTMENTS[at][0]);
    let [to, _, _, title] = DEPARTMENTS[MARKETING];
    Move {
        person,
        from,
        to,
        title,
        manager: 1 + HEADS + MARKETING,
    }
}

/// Who leaves after the initial cycle, by number.
pub(super) const LEAVER: usize = 123;

/// The 12 groups: one for each department, and four across all.
pub(super) fn groups() -> Vec<Group> {
    let group = |name: &str, belongs: &dyn Fn(usize) -> bool| Group {
        name: name.to_owned(),
        members: (0..PEOPLE).filter(|number| belongs(*number)).collect(),
    };
    let mut groups: Vec<Group> = (0..HEADS)
        .map(|at| group(DEPARTMENTS[at][0], &|number| department(number) == Some(at)))
        .collect();
    groups.push(group(EVERYBODY, &|_| true));
    groups.push(group("Leadership", &|number| number <= HEADS));
    groups.push(group("Team Leads", &|number| {
        (HEADS + 1..=HEADS + LEADS).contains(&number)
    }));
    groups.push(group("Works Council", &|number| number % 17 == 5));
    groups
}

/// The group that everybody is in, the joiner too.
pub(super) const EVERYBODY: &str = "All Employees";

impl Person {
    /// The department's name, which is also a group's.
    pub fn department(&self) -> Option<&'static str> {
        self.department.map(|at| DEPARTMENTS[at][0])
    }

    /// The person as SCIM, once the manager's id is known.
    pub fn to_scim(&self, manager: Option<&str>) -> Value {
        let [city, country, language, mobile] = OFFICES[self.number % OFFICES.len()];
        let mut extension = json!({"employeeNumber": format!("{:05}", 10_000 + self.number)});
        if let Some(department) = self.department() {
            extension["department"] = json!(department);
        }
        if let Some(manager) = manager {
            extension["manager"] = json!({"value": manager});
        }
        json!({
            "schemas": [USER, ENTERPRISE],
            "userName": self.user_name,
            "externalId": format!("hr-{:05}", 10_000 + self.number),
            "displayName": format!("{} {}", self.given, self.family),
            "name": {"givenName": self.given, "familyName": self.family},
            "title": self.title,
            "active": true,
            "preferredLanguage": language,
            "emails": [{"value": self.user_name, "type": "work", "primary": true}],
            "phoneNumbers": [{"value": format!("{mobile} {:03}", self.number), "type": "mobile"}],
            "addresses": [{"type": "work", "locality": city, "country": country}],
            ENTERPRISE: extension,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn two_hundred_people_with_different_names_and_the_joiner() {
        let people = people();
        let names: BTreeSet<&str> = people.iter().map(|person| person.user_name.as_str()).collect();
        assert_eq!(names.len(), 200);
        assert!(names.iter().all(|name| name.is_ascii()) && !names.contains(joiner().user_name.as_str()));
    }

    #[test]
    fn everybody_but_the_first_has_a_manager_who_comes_before_and_is_in_the_same_department() {
        let people = people();
        for person in &people[1..] {
            let manager = &people[person.manager.unwrap()];
            assert!(manager.number < person.number);
            assert!(
                manager.number == 0 || manager.department() == person.department(),
                "{}",
                person.number
            );
        }
        assert!(people[0].manager.is_none() && people[0].department().is_none());
    }

    #[test]
    fn twelve_groups_and_each_has_members() {
        let groups = groups();
        assert_eq!(groups.len(), 12);
        assert!(groups.iter().all(|group| !group.members.is_empty()));
        let in_departments: usize = groups[..HEADS].iter().map(|group| group.members.len()).sum();
        assert_eq!(in_departments, PEOPLE - 1);
    }

    #[test]
    fn the_mover_really_moves_and_nobody_who_leads_leaves() {
        let (people, mover) = (people(), mover());
        assert_ne!(mover.from, mover.to);
        assert_eq!(people[mover.person].department(), Some(mover.from));
        assert_eq!(people[mover.manager].department(), Some(mover.to));
        assert_eq!(
            people[joiner().manager.unwrap()].department(),
            joiner().department()
        );
        assert!(people.iter().all(|person| person.manager != Some(LEAVER)));
        assert_ne!(mover.person, LEAVER);
    }
}
