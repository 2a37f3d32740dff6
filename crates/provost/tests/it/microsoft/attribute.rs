use crate::run::Place;
use insta::assert_snapshot;

#[test]
fn attributes_are_listed_with_their_names_elsewhere_and_their_limits() {
    let place = Place::empty();
    assert_snapshot!(place.run("attribute list --template microsoft-365 --find name --object person"), @r"
    OBJECT  ATTRIBUTE                     IN PINGONE         TYPE  MOST            WRITTEN         CLEARED
    person  userPrincipalName (required)  userPrincipalName  text  113 characters  create, update  never
    person  displayName (required)        displayName        text  256 characters  create, update  never
    person  mailNickname (required)       mailNickname       text  64 characters   create, update  never
    person  givenName                     givenName          text  64 characters   create, update  yes
    person  surname                       surname            text  64 characters   create, update  yes
    person  companyName                                      text  64 characters   create, update  yes
    person  officeLocation                                   text  128 characters  create, update  yes
    person  onPremisesSamAccountName                         text                  read only       never
    person  onPremisesDistinguishedName                      text                  read only       never
    person  onPremisesDomainName                             text                  read only       never
    person  onPremisesUserPrincipalName                      text                  read only       never
    exit 0
    ");
    assert_snapshot!(place.run("attribute list --connector graph --find skuid --notes"), @r"
    assignedLicenses (person)
      type        licences
      written     create, update
      cleared     empty list
      in PingOne  skuId
      elsewhere   licenses, licences
      permission  LicenseAssignment.ReadWrite.All or User.ReadWrite.All
      note        Products, by id or short name, one or more; plans to leave out follow with a minus. Only what Provost gave is taken back.
      example     SPE_E3 -TEAMS1
    exit 0
    ");
    let all = place.json("attribute list --connector graph");
    assert!(all.as_array().unwrap().len() > 40);
    assert_snapshot!(place.run("attribute list --template peripass --find name"), @r"
    OBJECT  ATTRIBUTE        TYPE    REQUIRED  MOST  WRITTEN
    person  userName         string  yes             create, update
    person  displayName      string  yes             create, update
    person  name.givenName   string                  create, update
    person  name.familyName  string                  create, update
    person  name.formatted   string                  create, update
    group   displayName      string  yes             create, update
    exit 0
    ");
    assert_snapshot!(place.run("attribute list"), @r"
    --- stderr
    error: the following required arguments were not provided:
      <--template <TEMPLATE>|--connector <CONNECTOR>>

    Usage: provost attribute list --data <DIR> <--template <TEMPLATE>|--connector <CONNECTOR>>

    For more information, try '--help'.
    exit 2
    ");
}
