// The customer's half of script S4 up to the first cycle: steps 4.7 to 4.10, and 4.13.

import { assign, connect, mail, people } from "./application.mjs";
import { words } from "./desk.mjs";

const TEN = ["userName", "active", "displayName", "externalId", "preferredLanguage", "name.givenName", "name.familyName", "name.formatted", 'phoneNumbers[type eq "mobile"].value', 'emails[type eq "work"].value'];

/** Makes a group with members; gives the path of its page. */
export async function group(desk, name, members) {
  await desk.go("/groups/new");
  await desk.fill({ display_name: name });
  await desk.press("Add");
  await desk.go(`/groups?search=${encodeURIComponent(name)}`);
  await desk.follow(name);
  const page = new URL(desk.page.url()).pathname;
  for (const member of members) await join(desk, page, member);
  return page;
}

/** Takes somebody into a group. */
export async function join(desk, page, member) {
  await desk.go(`${page}/members`);
  await desk.fill({ member });
  await desk.press("Add");
}

/** 4.7 and 4.8: the gallery, the connection, mail, and who is assigned. */
export async function connection(world) {
  const { tally, customer } = world;
  await people(customer, {
    Ann: { mobile: "+47 100 00 001", language: "english", email: "ann@contoso.example" },
    Bob: { email: "bob@contoso.example" },
    Cem: { mobile: "+47 100 00 003" },
    Dan: { mobile: "+47 100 00 004" },
    Eve: { mobile: "+47 100 00 005", language: "nl-BE" },
  });
  world.night = await group(customer, "Night shift", ["dan@contoso.example"]);
  world.warehouse = await group(customer, "Warehouse", ["ann@contoso.example", "bob@contoso.example", world.night.split("/").pop()]);
  await customer.go("/new-connection/peripass");
  tally.check("4.7 the page says that people and groups are taken", await customer.says("Takes people and groups"), await customer.text());
  await connect(world, "4.8 G3-11", { template: "peripass", name: "Peripass" });
  await mail(world, "4.8 G3-12");

  await assign(world, "Warehouse");
  await assign(world, "eve@contoso.example");
  tally.check("4.7 one group and one person are assigned, the group's members counted", await customer.says("group, 2 people, 1 group", "Eve Contoso"), await customer.text());
  tally.check("4.7 G4-5 groups inside are not dropped silently: the page says it, and where they are included", await customer.says("1 group inside is not included", "Include groups inside groups"), await customer.text());
  await customer.picture("4.7-assignments");
  await customer.go(`${world.connection}/rules/people/scope`);
  tally.check("4.7 the head count has Ann, Bob and Eve", await customer.sees("3 of 5 people are meant"), await customer.text());
  await customer.go(`${world.connection}/assignments`);
  await customer.follow("Include groups inside groups");
  await customer.fill({ nested: true });
  await customer.press("Save");
  if (customer.status === 409) await customer.agree();
  await customer.go(`${world.connection}/assignments`);
  tally.check("4.7 with the switch they count", !(await customer.says("not included")), await customer.text());
  await customer.go(`${world.connection}/rules/people/scope`);
  tally.check("4.7 and Dan is meant too", await customer.sees("4 of 5 people are meant"), await customer.text());
  await customer.go(`${world.connection}/preferences`);
  await customer.fill({ nested: false });
  await customer.press("Save");
  if (customer.status === 409) await customer.agree();
}

/** 4.9 and 4.10: the ten attributes, value paths, and what becomes of an empty value. */
export async function mappings({ tally, customer, connection }) {
  const rule = `${connection}/rules/people`;
  await customer.go(`${rule}/mappings`);
  tally.check("4.9 the ten attributes are mapped", await customer.says(...TEN), await customer.text());
  const found = (await customer.page.locator("main tbody tr").allInnerTexts()).filter((row) => row.includes("accounts are found by it"));
  tally.check("4.9 only userName is one that accounts are found by", found.length === 1 && found[0].startsWith("userName"), found.join("\n"));
  await customer.picture("4.9-mappings");
  for (const target of TEN.slice(-2)) {
    await customer.go(`${rule}/mappings`);
    await customer.follow(target);
    tally.check(`4.9 ${target} comes back exactly`, (await customer.page.locator("main h1").innerText()) === target && (await customer.page.locator("[name=direct]").inputValue()) === target, await customer.text());
  }
  await customer.picture("4.9-mapping");
  const refused = await customer.smuggle(`${rule}/matching`, { "match.1": "displayName", offline: "on" });
  tally.check("4.9 G4-6 matching on one that cannot be searched by is refused", [409, 422].includes(refused.status) && refused.text.includes("does not find by displayName"), words(refused.text));

  const language = `${rule}/mappings/preferredLanguage`;
  await customer.go(language);
  await customer.fill({ person: "ann@contoso.example" });
  tally.check("4.10 a value that is no language tag is warned about, before it is sent", await customer.sees("english", /language tag|BCP 47|5646/), await customer.text());
  await customer.picture("4.10-language");
  await customer.go(language);
  const choices = await customer.page.locator("[name=null] option").allInnerTexts();
  tally.check("4.10 without a value it is kept, cleared, or a default: a switch of the mapping", choices.length === 4, choices.join(", "));
  const before = await customer.page.locator("[name=null]").inputValue();
  tally.check("4.10 G4-7 clearing is not what it begins with", before !== "clear", before);
  await customer.fill({ person: "bob@contoso.example" });
  tally.check("4.10 for Bob, who has none, nothing is written", await customer.sees("For Bob Contoso"), await customer.text());
}

/** 4.13: groups' mappings, and what switching the rule off means. */
export async function groups({ tally, customer, connection }) {
  const rule = `${connection}/rules/groups`;
  await customer.go(`${rule}/mappings`);
  tally.check("4.13 displayName and externalId of groups are mapped", await customer.says("displayName", "externalId"), await customer.text());
  await customer.picture("4.13-groups");
  await customer.go(rule);
  tally.check("4.13 the rule about groups is off at first: then a group only says who is meant", await customer.says("The rule is switched off"), await customer.text());
}
