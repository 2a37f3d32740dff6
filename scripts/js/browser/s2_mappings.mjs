// Script S2, steps 2.10 to 2.18: whom the rule means, and what it writes.

import { AT, refused } from "./s2_connection.mjs";
import { until } from "./desk.mjs";

// A self-signed certificate of nobody; its key was thrown away.
const CERTIFICATE =
  "MIIDHTCCAgWgAwIBAgIUBIN+guFfN/nedtqm0PPoBLpbsq0wDQYJKoZIhvcNAQELBQAwHTEbMBkGA1UEAwwSQ29udG9zbyBmZWRlcmF0aW9uMCAXDTI2MTEyMjA2MzY1OVoYDzIxMjYxMDI5MDYzNjU5WjAdMRswGQYDVQQDDBJDb250b3NvIGZlZGVyYXRpb24wggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDoJVJaOYVoyDbMSpVvlIVrT52GjugJPS8SX+YszfCM4rFl15Br0WBZBXnt6oc4mW5mPLMOASo1ufoAK7e4kV03fiuGKxFG2xwf/BJLg5lOuxwW2UdtQKOLWOZuzm5/HbflebXiYLPs2Z0HLom/e7vemqNv3eZQiiQxA6vTjN82z90Z5osM3hrlZXO7dDCq2zR+mDa6p6EtiHoQhsIwcdY6/EJoTHT/Ex38+4JJZIm/ySXwWyDABduek7YwZ5Wgt9DyKYnw1yafpu/cNPi4K4WQCT6rWHV9S9nH2r4hj6DNOpUXDcPnkzsgnjxsRUoSSMgVeJ9n/+rZtPwWJA00ud2LAgMBAAGjUzBRMB0GA1UdDgQWBBR5jDYou9SkC5Kd9Vzc4w6y5wBGKjAfBgNVHSMEGDAWgBR5jDYou9SkC5Kd9Vzc4w6y5wBGKjAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQDWsvQo63E6AVHlGV6/mmRatWgsywrwR/fePkMmcuD//K2xGYkpI7TQmEiklRPOmU3o9cLa6/J53Y5SD61pQXyreqUfAquCnarWgBw9kvHR1GeWHE+A53Y70jmf+Qrk2MTo9/4qCLAaJz4CBpMrs2uMRDSu16c43H6S2QQOf+cDhPRVYkROkHcph4pZpMedQI7siwlGfKmhHSaX5EVagnDXX2omjpyxBESGvkwZqKxZ01p9kZHKr7lSkqxF8z8Mp2x8jOMIvjlmcv23asDgOJp6IlqPZLmHk1hwDhbSotSzLN1Op2FX7hisszJuS+UaDOcLhXnqppJDdzIIKTgPSEav";

export const RULE = `${AT}/rules/people`;
export const PASSWORD = "Quiet-Lantern-8241";
export const LATER = "Other-Lantern-8242";
export const E3 = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const SECRET = "passwordProfile.password";
const CATALOGUE = [
  "userPrincipalName", "mailNickname", "onPremisesImmutableId", "displayName", "accountEnabled", "surname", "givenName",
  "usageLocation", "assignedLicenses", SECRET, "passwordProfile.forceChangePasswordNextSignIn", "faxNumber", "manager",
  "otherMails", "companyName",
];

export const steps = [newRule, headCount, byGroup, everybodyAndNobody, catalogue, wrongTargets, withoutPassword, fixedPassword, onlyAtCreation, resetDefault, usageLocation, suffix, frozen];

const at = (attribute) => `${RULE}/mappings/${encodeURIComponent(attribute)}`;

/** Writes one filter of one clause, as somebody types it. */
async function filter(desk, attribute, operator, value) {
  await desk.go(`${RULE}/scope`);
  await desk.fill({ "attribute.0.0": attribute, "operator.0.0": { label: operator }, "value.0.0": value });
}

async function newRule({ tally, desk, directory }) {
  for (const name of ["ada", "ben", "cleo"]) await directory.person(name, { title: "Engineer" });
  await directory.person("guard", { title: "Porter" });
  await desk.go(`${AT}/rules`);
  await desk.picture("2.10-rules");
  await desk.follow("New rule");
  await desk.fill({ name: "porters", kind: "person", template: true });
  await desk.press("Add the rule");
  await desk.picture("2.10-new-rule");
  tally.check("2.10 a new rule goes from the directory to this connection, and begins switched off", await desk.says("porters", "The rule is switched off"), await desk.text());
}

async function headCount({ tally, desk }) {
  await filter(desk, "title", "is", "Engineer");
  const counted = await until(() => desk.says("3 of 4 people are meant"), 10);
  tally.check("2.10 while the filter is typed, the heads are counted", counted, await desk.text());
  tally.check("2.10 with the first names", await desk.says("Ada of Contoso"), await desk.text());
  await desk.press("Who enters and who leaves");
  await desk.picture("2.10-scope");
  tally.check("2.10 who enters and leaves is shown before it is saved", await desk.says("If it were saved", "would enter", "would leave"), await desk.text());
}

async function byGroup({ tally, desk, directory }) {
  await directory.group("Pilots", [await directory.id("ada")]);
  await desk.go(`${AT}/preferences`);
  await desk.fill({ assignment: "assigned" });
  await desk.press("Save");
  await desk.go(`${RULE}/scope`);
  tally.check("2.10 meant by group: nobody is assigned yet, so nobody is meant", await until(() => desk.says("Nobody assigned means nobody", "0 of 4 people"), 10), await desk.text());
  await desk.go(`${AT}/assignments`);
  await desk.fill({ who: "Pilots" });
  await desk.press("Assign");
  await desk.picture("2.10-assignments");
  await desk.go(`${RULE}/scope`);
  tally.check("2.10 a group is assigned: its member is meant", await until(() => desk.says("1 of 4 people are meant"), 10), await desk.text());
  await desk.go(`${AT}/assignments`);
  await desk.press("End the assignment of Pilots");
  await desk.go(`${AT}/preferences`);
  await desk.fill({ assignment: "all" });
  await desk.press("Save");
  tally.check("2.10 and everybody can be meant again", await desk.says("It was saved"), await desk.text());
}

async function everybodyAndNobody({ tally, desk }) {
  await desk.go(RULE);
  await desk.picture("2.10-rule");
  await desk.press("Switch on");
  await desk.picture("2.10-everybody");
  tally.check("2.10 G2-7 everybody needs a confirmation", desk.status === 409 && (await desk.says("PRV-RULE-EVERYONE", "4")), await desk.text());
  const stale = await desk.page.locator("[name=confirm]").inputValue();
  await desk.follow("Cancel");
  refused(tally, "2.10 G2-7 without it nothing is switched on", await desk.smuggle(`${RULE}/on`), 409, "PRV-RULE-EVERYONE");
  refused(tally, "2.10 G2-7 nor with one that was made up", await desk.smuggle(`${RULE}/on`, { confirm: "0000000000000000", confirm_understood: "on" }), 409, "PRV-RULE-EVERYONE");
  await filter(desk, "title", "is", "Nobody");
  await desk.press("Save");
  if (await desk.says("Save the scope")) await desk.press(/Save the scope/);
  refused(tally, "2.10 G2-7 nobody needs one as well, and not that of everybody", await desk.smuggle(`${RULE}/on`, { confirm: stale, confirm_understood: "on" }), 409, "PRV-RULE-NOBODY");
  await filter(desk, "title", "is", "Engineer");
  await desk.press("Save");
  await desk.go(RULE);
  tally.check("2.10 the rule is still off", await desk.says("The rule is switched off"), await desk.text());
}

async function catalogue({ tally, desk }) {
  await desk.go(`${RULE}/mappings`);
  await desk.picture("2.11-mappings");
  const text = await desk.text();
  const absent = CATALOGUE.filter((name) => !text.includes(name));
  tally.check("2.11 the attributes of Microsoft 365 are listed", !absent.length, absent.join("\n"));
  const row = async (name) => (await desk.page.locator("main tr", { hasText: name }).first().innerText()).replace(/\s+/g, " ");
  tally.check("2.11 with their type and limits", /text/.test(await row("userPrincipalName")) && /required/.test(await row("userPrincipalName")) && /113 characters at most/.test(await row("userPrincipalName")), await row("userPrincipalName"));
  tally.check("2.11 with what is only sent on create", /on create only/.test(await row(SECRET)), await row(SECRET));
  await desk.go(at("usageLocation"));
  await desk.picture("2.11-editor");
  tally.check("2.11 and with an example", await desk.says("For example"), await desk.text());
}

async function wrongTargets({ tally, desk }) {
  for (const [name, value, code] of [
    ["favouriteColour", "blue", "PRV-MAPPING-UNKNOWN"],
    ["proxyAddresses", '["smtp:a@contoso.example"]', "PRV-MAPPING-READ-ONLY"],
    ["lastPasswordChangeDateTime", "2026-01-01T00:00:00Z", "PRV-MAPPING-READ-ONLY"],
  ]) {
    await desk.go(`${RULE}/mappings`);
    await desk.page.locator("#f-attribute").fill(name);
    await desk.press("Open the editor", desk.page.locator("form.search").first());
    await desk.fill({ source: "constant", constant: value });
    await desk.press("Save the mapping");
    tally.check(`2.11 G2-8 ${name} is refused at its field`, desk.status === 422 && (await desk.says(code)), `${desk.status} ${await desk.text()}`);
  }
  await desk.picture("2.11-refused");
  await desk.go(`${RULE}/mappings`);
  await desk.page.locator("#f-attribute").fill("SURNAME");
  await desk.press("Open the editor", desk.page.locator("form.search").first());
  tally.check("2.11 G2-8 an attribute that is mapped already leads to its mapping, in any letter case", desk.page.url().endsWith("/mappings/surname"), desk.page.url());
  const second = await desk.smuggle(at("SURNAME"), { source: "constant", constant: "x", apply: "always", null: "skip" });
  await desk.go(`${RULE}/mappings`);
  const rows = await desk.page.locator("main tr th code").allInnerTexts();
  tally.check("2.11 G2-8 nor is there a second one past the page", rows.filter((one) => /^surname$/i.test(one)).length === 1, `${second.status}\n${rows.join("\n")}`);
  await desk.go(at("surname"));
  await desk.fill({ source: "direct", direct: "name.familyName", null: "clear" });
  await desk.press("Save the mapping");
}

async function withoutPassword({ tally, desk }) {
  await desk.go(at(SECRET));
  await desk.press("Remove the mapping");
  await desk.go(RULE);
  await desk.picture("2.12-dead");
  tally.check("2.12 without a password the rule cannot be switched on: its button says so", await desk.isDead("Switch on", "passwordProfile.password first"), await desk.text());
  refused(tally, "2.12 G2-9 nor past the page", await desk.smuggle(`${RULE}/on`, { confirm_understood: "on" }), 422, "PRV-RULE-PASSWORD");
  await desk.go(at(SECRET));
  tally.check("2.13 a password made for each person is what is offered first", await desk.page.locator("[name=source][value=generated]").isChecked(), await desk.text());
  await desk.press("Save the mapping");
  await desk.go(RULE);
  await desk.press("Switch on");
  tally.check("2.12 with it, it is switched on", await desk.says("It is switched on"), await desk.text());
  await desk.go(at(SECRET));
  tally.check("2.12 G2-9 while it is on, the mapping stays: its button says why", await desk.isDead("Remove the mapping", "cannot be removed"), await desk.text());
  refused(tally, "2.12 G2-9 also past the page", await desk.smuggle(`${at(SECRET)}/remove`), 422, "PRV-RULE-PASSWORD");
}

async function fixedPassword({ tally, desk }) {
  await desk.go(at(SECRET));
  tally.check("2.13 a value that anybody can read is not offered for it", (await desk.page.locator("[name=source][value=constant]").count()) === 0);
  for (const weak of ["Summer2026", "password1!"]) {
    await desk.go(at(SECRET));
    await desk.fill({ source: "sealed", password: weak });
    await desk.press("Save the mapping");
    tally.check(`2.13 G2-10 a weak one is refused, and not shown again`, desk.status === 422 && (await desk.says("PRV-PASSWORD-WEAK")) && !(await desk.page.content()).includes(weak), await desk.text());
  }
  await desk.picture("2.13-weak");
  const open = await desk.smuggle(at(SECRET), { source: "constant", constant: "Summer2026", apply: "on_create", null: "skip" });
  refused(tally, "2.13 G2-10 nor is it taken past the page", open, 422, "PRV-PASSWORD-WEAK");
  await desk.go(at(SECRET));
  await desk.fill({ source: "sealed", password: PASSWORD });
  await desk.press("Save the mapping");
  await desk.picture("2.13-warned");
  tally.check("2.13 a good one is kept, with a warning", await desk.says("It was saved. What should be known", "every"), await desk.text());
  await desk.go(`${RULE}/mappings`);
  tally.check("2.13 it stands there sealed", await desk.says(/passwordProfile\.password password sealed/), await desk.text());
}

async function onlyAtCreation({ tally, desk }) {
  await desk.go(at(SECRET));
  tally.check("2.14 the editor says that it is only used at creation", await desk.says("on create only", "Used when the account is made"), await desk.text());
  const always = await desk.smuggle(at(SECRET), { source: "sealed", password: LATER, apply: "always", null: "skip" });
  tally.check("2.14 G2-11 one that is sent with every change is refused", always.status === 422, `${always.status} ${always.text.slice(0, 2000)}`);
}

async function resetDefault({ tally, desk }) {
  const name = "passwordProfile.forceChangePasswordNextSignIn";
  await desk.go(at(name));
  await desk.press("Remove the mapping");
  await desk.go(at(name));
  await desk.picture("2.15-default");
  tally.check("2.15 not mapped, the password is changed at the first sign-in: the default, true, is shown", await desk.says("not mapped", /true (unless|by default|where)|default:? true/i), await desk.text());
}

async function usageLocation({ tally, desk, directory }) {
  await desk.go(at("usageLocation"));
  const before = await desk.page.locator("[name=expression]").inputValue();
  await desk.fill({ source: "constant", constant: "Germany" });
  await desk.press("Save the mapping");
  await desk.picture("2.16-germany");
  tally.check("2.16 G2-12 'Germany' is no code of ISO 3166-1", desk.status === 422 && (await desk.says("PRV-USAGE-LOCATION")), await desk.text());
  await directory.person("dora", { title: "Engineer", addresses: [{ type: "work", country: "Germany" }] });
  await directory.person("emil", { title: "Engineer", addresses: [{ type: "work", country: "de" }] });
  await directory.person("fay", { title: "Engineer", addresses: [{ type: "work", locality: "Oslo" }] });
  await desk.go(at("usageLocation"));
  for (const name of ["Dora", "Emil"]) {
    await desk.fill({ source: "expression", expression: before, person: `${name.toLowerCase()}@contoso.example` });
    const tried = await until(() => desk.says(new RegExp(`For ${name} of Contoso · text DE `)), 10);
    tally.check(`2.16 the rule makes a code of what ${name} has, tried before it is saved`, tried, await desk.text());
  }
  await desk.picture("2.16-tried");
  await desk.go(at("assignedLicenses"));
  await desk.fill({ source: "constant", constant: JSON.stringify([E3]) });
  await desk.press("Save the mapping");
  tally.check("2.16 a licence is mapped", await desk.says(/It was saved/), await desk.text());
}

async function suffix({ tally, desk, directory }) {
  await directory.person("gil", { title: "Engineer", userName: "gil@contoso-sales.example" });
  await desk.go(RULE);
  tally.check("2.17 somebody of a domain that is not verified is among the meant", await desk.says("people"), await desk.text());
}

async function frozen({ tally, desk, tenant }) {
  const domain = "contoso-federated.example";
  await tenant.byHand("POST", "/domains", { id: domain });
  await tenant.byHand("POST", `/domains/${domain}/verify`);
  await tenant.byHand("POST", `/domains/${domain}/federationConfiguration`, {
    "@odata.type": "#microsoft.graph.internalDomainFederation",
    displayName: "Contoso",
    issuerUri: `https://${domain}/issuer`,
    passiveSignInUri: `https://${domain}/in`,
    signOutUri: `https://${domain}/out`,
    preferredAuthenticationProtocol: "saml",
    signingCertificate: CERTIFICATE,
    federatedIdpMfaBehavior: "rejectMfaByFederatedIdp",
  });
  await desk.go(at("onPremisesImmutableId"));
  await desk.fill({ source: "direct", direct: "userName" });
  await desk.press("Save the mapping");
  await desk.picture("2.18-frozen");
  tally.check("2.18 G2-15 with a federated domain the immutable id stays what it is", desk.status === 422 && (await desk.says("PRV-IMMUTABLE-ID-FROZEN")), `${desk.status} ${await desk.text()}`);
  tally.check("2.18 G2-15 and its mapping cannot be taken away", await desk.isDead("Remove the mapping", "recognised by it"), await desk.text());
  const gone = await desk.smuggle(`${at("onPremisesImmutableId")}/remove`);
  tally.check("2.18 G2-15 nor past the page", gone.status === 409, gone.status);
}
