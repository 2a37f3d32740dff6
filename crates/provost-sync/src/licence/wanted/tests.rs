use super::*;

fn given(product: i64, origin: Origin) -> Given {
    Given {
        rule: 1,
        object: 2,
        product,
        origin,
        ..Given::default()
    }
}

fn aim(takes: Takes, wanted: &[(i64, &[&str])]) -> Aim {
    let mut aim = Aim {
        takes,
        ..Aim::default()
    };
    for (product, plans) in wanted {
        let plans = plans.iter().map(|p| (*p).to_owned()).collect();
        aim.want((*product, plans), Origin::Mapping);
    }
    aim
}

fn words(steps: &[Step]) -> Vec<(i64, Action)> {
    steps.iter().map(|s| (s.member, s.action)).collect()
}

#[test]
fn what_is_missing_comes_and_what_is_not_wanted_goes() {
    let list = [given(1, Origin::Mapping), given(3, Origin::Group)];
    let steps = aim(Takes::Given, &[(1, &[]), (2, &[])]).steps(2, &list);
    assert_eq!(
        words(&steps),
        [(2, Action::AddLicence), (3, Action::RemoveLicence)]
    );
}

#[test]
fn another_choice_of_services_is_given_again() {
    let steps = aim(Takes::Given, &[(1, &["sway"])]).steps(2, &[given(1, Origin::Mapping)]);
    assert_eq!(words(&steps), [(1, Action::AddLicence)]);
}

#[test]
fn two_wishes_for_a_product_leave_out_only_what_both_leave_out() {
    let aim = aim(Takes::Given, &[(1, &["a", "b"]), (1, &["b", "c"])]);
    assert_eq!(aim.plans(1), Some(&["b".to_owned()][..]));
}

#[test]
fn what_may_be_there_is_given_again_or_taken_back() {
    let begun = [given(1, Origin::Begun)];
    let again = aim(Takes::Given, &[(1, &[])]).steps(2, &begun);
    assert_eq!(words(&again), [(1, Action::AddLicence)]);
    let back = aim(Takes::Brought, &[]).steps(2, &begun);
    assert_eq!(words(&back), [(1, Action::RemoveLicence)]);
}

#[test]
fn what_may_be_taken_follows_from_how_it_came() {
    let list = [
        given(1, Origin::Mapping),
        given(2, Origin::Group),
        given(3, Origin::Found),
    ];
    let taken = |takes| aim(takes, &[]).steps(2, &list).len();
    let counts = [Takes::Nothing, Takes::Brought, Takes::Given, Takes::Everything].map(taken);
    assert_eq!(counts, [0, 1, 2, 3]);
}
