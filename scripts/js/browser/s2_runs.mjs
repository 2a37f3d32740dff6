// Script S2, steps 2.19 to 2.23: the plan, the first runs, what is not allowed, and groups.

import { AT, NAME, refused } from "./s2_connection.mjs";
import { E3, LATER, PASSWORD, RULE } from "./s2_mappings.mjs";
import { until } from "./desk.mjs";

const ENGINEERS = ["ada", "ben", "cleo", "dora", "emil"];
const NUMBERS = ["impacted", "success", "unsynced", "partially_synced", "failed"];

export const steps = [seatsShort, preview, firstRun, numbers, personsPage, createOff, updateOff, passwordLater, groups, licencesBack];

/** Runs a cycle from the connection's page, and waits for its end. */
export async function run(desk) {
  // The page tells times to the second: two cycles within one would look like one.
  const before = await lastCycle(desk);
  await until(() => Date.now() - (Date.parse(before) || 0) > 1100, 5);
  await desk.go(AT);
  await desk.press("Run a cycle now");
  if (!(await until(async () => (await lastCycle(desk)) !== before, 60))) throw new Error("the cycle does not end");
}

/** When a cycle ended last, by the list of connections; empty before the first. */
async function lastCycle(desk) {
  await desk.go("/connections");
  const cell = desk.page.locator("main tr", { hasText: NAME }).locator("td").last().locator("time");
  return (await cell.count()) ? cell.getAttribute("datetime") : "";
}

/** The numbers of a rule on the connection's page. */
export async function counted(desk, rule) {
  await desk.go(AT);
  const place = desk.page.locator(".rule", { has: desk.page.getByRole("link", { name: rule, exact: true }) });
  const numbers = await place.locator(".numbers b").allInnerTexts();
  return Object.fromEntries(NUMBERS.map((name, index) => [name, Number(numbers[index])]));
}

/** Changes preferences on their page; what has to be confirmed is. */
export async function prefer(desk, change) {
  await desk.go(`${AT}/preferences`);
  await desk.fill(change);
  await desk.press("Save");
  if (desk.status === 409 && (await desk.page.locator("form.question").count())) await desk.press("Save the preferences");
}

async function plan(desk) {
  await desk.go(`${AT}/plan`);
  await desk.press("Make the plan");
  return desk.text();
}

async function seatsShort({ tally, desk, tenant }) {
  await tenant.settings({ seats: { SPE_E3: 4 } });
  await plan(desk);
  await desk.picture("2.19-short");
  const row = (await desk.page.locator("tr", { hasText: "SPE_E3" }).first().innerText()).replace(/\s+/g, " ");
  tally.check("2.19 G2-16 seats that are short are shown before the run: 4 are free, 6 are needed, 2 are missing", /4 6 0 2$/.test(row), row);
  tally.check("2.19 G2-16 with what becomes of those who get none", await desk.says("PRV-SEATS-SHORT", "2 people get their account without this licence"), await desk.text());
  tally.check("2.19 G2-16 and nothing is written by looking", !(await tenant.state()).users.length);
  await tenant.settings({ seats: { SPE_E3: 250 } });
}

async function preview({ tally, desk, tenant }) {
  const text = await plan(desk);
  await desk.picture("2.19-plan");
  tally.check("2.19 the plan has the creates and the licences, with the seats afterwards", await desk.says(/\d+ create/i, "Seats", "free afterwards", "SPE_E3"), text);
  tally.check("2.19 and those who cannot be mapped", await desk.says("1 person or group cannot be mapped", "Gil of Contoso"), text);
  tally.check("2.17 G2-14 the name is refused before the call, with the domains that are verified", await desk.says("contoso-sales.example", "contoso.onmicrosoft.com"), text);
  tally.check("2.19 before and after stand with each of them", await desk.says("before", "after", "displayName", "Ada of Contoso"), text);
  tally.check("2.13 the password is not among it", !(await desk.page.content()).includes(PASSWORD));
  tally.check("2.19 still nothing is written", !(await tenant.state()).users.length);
}

async function firstRun({ tally, desk, tenant }) {
  await desk.press(/^Apply/);
  const all = await until(async () => (await Promise.all(ENGINEERS.map((name) => tenant.licences(name)))).every(([sku]) => sku === E3), 60);
  tally.check("2.20 applied, each of the five has an account and the licence", all, JSON.stringify((await tenant.state()).users, null, 1).slice(0, 3000));
  const country = async (name) => (await tenant.user(name)).usageLocation;
  tally.check("2.16 'Germany' and 'de' have become DE", (await country("dora")) === "DE" && (await country("emil")) === "DE" && (await country("ada")) === "NO");
  tally.check("2.16 G2-13 nobody gets a licence without a usage location", !(await tenant.licences("fay")).length);
  tally.check("2.17 G2-14 the one with the other domain has no account", !(await tenant.state()).users.some((user) => user.userPrincipalName.startsWith("gil@")));
  tally.check("2.20 nor has somebody whom the rule does not mean", !(await tenant.user("guard")));
}

async function numbers({ tally, desk }) {
  const settled = await until(async () => (await counted(desk, "people")).impacted === 7, 30);
  const all = await counted(desk, "people");
  await desk.picture("2.20-status");
  tally.check("2.20 seven are meant, five are in sync", settled && all.success === 5, JSON.stringify(all));
  tally.check("2.20 the numbers add up", all.impacted === all.success + all.unsynced + all.partially_synced + all.failed, JSON.stringify(all));
  for (const [at, name] of NUMBERS.entries()) {
    await desk.go(AT);
    await desk.page.locator(".rule", { has: desk.page.getByRole("link", { name: "people", exact: true }) }).locator(".numbers a").nth(at).click();
    await desk.page.waitForLoadState();
    const lines = await desk.page.locator("main .rows > li").count();
    tally.check(`2.20 ${name} opens its list, as long as the number says`, lines === all[name], `${lines} of ${all[name]}\n${await desk.text()}`);
  }
  await desk.picture("2.20-failed");
}

async function personsPage({ tally, desk }) {
  await desk.go("/people?search=fay");
  await desk.follow("Fay of Contoso");
  await desk.picture("2.20-fay");
  tally.check("2.20 the same stands on the person's page: no licence without a usage location", await desk.says("PRV-LICENCE-LOCATION"), await desk.text());
  await desk.go("/people?search=gil");
  await desk.follow("Gil of Contoso");
  tally.check("2.17 and that the domain is not verified, with those that are", await desk.says("PRV-UPN-SUFFIX", "contoso.example"), await desk.text());
  await desk.go("/people?search=ada");
  await desk.follow("Ada of Contoso");
  tally.check("2.20 and that all is well, where it is", await desk.says("Microsoft 365", /success|in sync/), await desk.text());
}

async function createOff({ tally, desk, directory, tenant }) {
  const before = (await tenant.state()).users.length;
  await prefer(desk, { create: false });
  for (let number = 1; number <= 5; number += 1) await directory.person(`new${number}`, { title: "Engineer" });
  await run(desk);
  const all = await counted(desk, "people");
  tally.check("2.21 with create off, five new people are 5 unsynced", all.unsynced === 5 && (await tenant.state()).users.length === before, JSON.stringify(all));
  await desk.picture("2.21-unsynced");
  await prefer(desk, { create: true });
  await desk.picture("2.21-resync");
  tally.check("2.21 on again, the page offers to look at everybody again", await desk.says("Somebody was left out before"), await desk.text());
  await desk.press("Look at everybody again");
  await run(desk);
  const after = await counted(desk, "people");
  tally.check("2.21 then they are made", after.unsynced === 0 && Boolean(await tenant.user("new5")), JSON.stringify(after));
}

async function updateOff({ tally, desk, directory, tenant }) {
  const before = await counted(desk, "people");
  await prefer(desk, { update: false });
  await directory.set(await directory.id("ada"), "displayName", "Ada the Great");
  await run(desk);
  const all = await counted(desk, "people");
  tally.check("2.22 with update off, one change is 1 partially synced more, and 1 success less", all.partially_synced === before.partially_synced + 1 && all.success === before.success - 1, JSON.stringify([before, all]));
  tally.check("2.22 and nothing is sent", (await tenant.user("ada")).displayName === "Ada of Contoso");
  await prefer(desk, { update: true });
  tally.check("2.22 on again, the page offers to look at everybody again", await desk.says("Somebody was left out before"), await desk.text());
  await desk.press("Look at everybody again");
  await run(desk);
  tally.check("2.22 then it is sent", (await tenant.user("ada")).displayName === "Ada the Great");
}

async function passwordLater({ tally, desk, directory, tenant }) {
  const at = `${RULE}/mappings/${encodeURIComponent("passwordProfile.password")}`;
  await desk.go(at);
  await desk.fill({ source: "sealed", password: LATER });
  await desk.press("Save the mapping");
  // Somebody whom no rule means yet: the cycle has something to look at.
  await directory.person("pat", { title: "Porter" });
  const before = await tenant.writes();
  await run(desk);
  tally.check("2.14 G2-11 another password changes no account that is there: no update is sent", (await tenant.writes()) === before, `${before} → ${await tenant.writes()}`);
}

async function groups({ tally, desk, directory, tenant }) {
  const existing = await tenant.plant("Engineers");
  const members = await Promise.all(["ada", "ben", "cleo"].map((name) => directory.id(name)));
  await directory.group("Engineers", members);
  await desk.go(`${AT}/rules/groups`);
  await desk.press("Switch on");
  if (desk.status === 409) await desk.press("Switch the rule on");
  await run(desk);
  const same = async () => (await tenant.state()).groups.filter((group) => group.displayName === "Engineers");
  tally.check("2.23 G2-17 a group of the same name is neither doubled nor taken over", (await same()).length === 1 && !(await same())[0].members.length);
  await desk.go(`${AT}/doubts`);
  await desk.picture("2.23-doubt");
  tally.check("2.23 it is asked: merge or overwrite", await desk.says("Engineers", "PRV-GROUP-NAME", "Join the two groups", "Take the group over"), await desk.text());
  const action = await desk.page.locator("article form").first().getAttribute("action");
  refused(tally, "2.23 G2-17 not without 'I understand', also past the page", await desk.smuggle(action, { decision: "merge", target: existing }), 409, "I understand");
  await desk.go(`${AT}/doubts`);
  await desk.press(/^Join the two groups/);
  await desk.picture("2.23-understand");
  await desk.fill({ confirm_understood: true });
  await desk.page.locator("form.question button.danger").click();
  await desk.page.waitForLoadState();
  await run(desk);
  const group = (await same())[0];
  tally.check("2.23 merged, it is the same group, with its three members", (await same()).length === 1 && group.id === existing && group.members.length === 3, JSON.stringify(group));
}

async function licencesBack({ tally, desk, tenant }) {
  const at = `${RULE}/mappings/assignedLicenses`;
  await desk.go(at);
  await desk.press("Remove the mapping");
  await run(desk);
  tally.check("2.7 not mapped and off: no licence is touched", (await tenant.licences("ada"))[0] === E3);
  await desk.go(`${AT}/preferences`);
  await desk.fill({ remove_licences_when_empty: true });
  await desk.press("Save");
  await desk.picture("2.07-licences");
  tally.check("2.7 G2-4 turning it on shows how many people would lose which licence", desk.status === 409 && (await desk.says("PRV-LICENCES-CONFIRM", /1[01]/, /SPE_E3|E3/)), await desk.text());
  await desk.follow("Cancel");
  tally.check("2.7 G2-4 not confirmed, it stays off", !(await desk.page.locator("[name=remove_licences_when_empty]").isChecked()));
  tally.check("2.7 and everybody has theirs", (await tenant.licences("ada"))[0] === E3);
}
