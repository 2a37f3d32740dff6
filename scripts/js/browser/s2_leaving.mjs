// Script S2, steps 2.24 to 2.28: who leaves, and how a rule, a credential and a connection end. The switch in the middle
// of a run (G2-6) is here as well: by now there is a run to be in the middle of.

import { AT, NAME, refused } from "./s2_connection.mjs";
import { prefer, run } from "./s2_runs.mjs";
import { until } from "./desk.mjs";

const PORTERS = 14;
const HEADS = ["head1", "head2"];
const VISITORS = 400;

export const steps = [disabled, protectedAccounts, deleted, closedByHand, secretExpires, porters, ruleGoes, stopsAtOnce, connectionGoes];

const enabled = async (tenant, name) => (await tenant.user(name))?.accountEnabled;

async function disabled({ tally, desk, directory, tenant }) {
  await directory.remove(await directory.id("cleo"));
  await run(desk);
  tally.check("2.24 who is deleted in the directory is disabled, as the connection says", (await enabled(tenant, "cleo")) === false);
}

async function protectedAccounts({ tally, desk, directory, tenant }) {
  await prefer(desk, { protected: "ben@contoso.example" });
  await tenant.control("PUT", "users/new1@contoso.example/roles", { roles: ["Global Administrator"] });
  const [ben, chief] = [await directory.id("ben"), await directory.id("new1")];
  for (const id of [ben, chief]) await directory.remove(id);
  await run(desk);
  tally.check("2.24 G2-18 an account that is named as protected is not touched", (await enabled(tenant, "ben")) === true);
  tally.check("2.24 G2-18 nor is an administrator of the tenant", (await enabled(tenant, "new1")) === true);
  await desk.go("/staged");
  await desk.picture("2.24-staged");
  tally.check("2.24 G2-18 which waits for a person, and says why", await desk.says("New1 of Contoso", "administrative role"), await desk.text());
  await desk.go(`/people/${ben}`);
  await desk.picture("2.24-protected");
  tally.check("2.24 G2-18 the page of who is gone says that the account is protected", await desk.says(/protected/), await desk.text());
  await desk.go("/staged");
  await desk.press(/^Reject all/);
  if (await desk.page.locator("form.question").count()) await desk.press(/Reject/);
  tally.check("2.24 a person rejects it", await desk.says("It was rejected", "0 steps wait", "rejected"), await desk.text());
}

async function deleted({ tally, desk, directory, tenant }) {
  await prefer(desk, { remove: "delete" });
  await directory.remove(await directory.id("new2"));
  await run(desk);
  tally.check("2.24 with the other remove action the account is deleted", !(await tenant.user("new2")));
  await prefer(desk, { remove: "disable" });
}

async function closedByHand({ tally, desk, directory, tenant }) {
  await prefer(desk, { update: false });
  await directory.set(await directory.id("emil"), "active", false);
  await run(desk);
  tally.check("2.25 who is disabled is disabled there, also where updates are not allowed", (await enabled(tenant, "emil")) === false);
  const calls = JSON.stringify(await tenant.control("GET", "calls"));
  tally.check("2.25 and the sessions end", calls.includes("revokeSignInSessions"));
  await prefer(desk, { update: true });
}

async function scope(desk, rule, operator, value) {
  await desk.go(`${AT}/rules/${rule}/scope`);
  await desk.fill({ "attribute.0.0": "title", "operator.0.0": { label: operator }, "value.0.0": value });
  await desk.press("Save");
  if (await desk.page.locator("form.question").count()) await desk.page.locator("form.question button").first().click();
}

async function switchOn(desk, rule) {
  await desk.go(`${AT}/rules/${rule}`);
  await desk.press("Switch on");
  if (await desk.page.locator("form.question").count()) await desk.press("Switch the rule on");
}

async function porters({ tally, desk, directory, tenant }) {
  const sent = Array.from({ length: PORTERS }, (_, number) => directory.person(`porter${number}`, { title: "Porter" }));
  await Promise.all([...sent, ...HEADS.map((name) => directory.person(name, { title: "Head porter" }))]);
  await scope(desk, "people", "is", "Engineer | Head porter");
  await scope(desk, "porters", "contains", "orter");
  await switchOn(desk, "porters");
  await run(desk);
  const made = await until(async () => (await enabled(tenant, `porter${PORTERS - 1}`)) && (await enabled(tenant, "head2")), 30);
  tally.check("2.26 a second rule means the porters, two of whom the first one means as well", made);
}

async function ruleGoes({ tally, desk, tenant }) {
  await prefer(desk, { deprovision_on_rule_deletion: true });
  const path = `${AT}/rules/porters/remove`;
  await desk.go(`${AT}/rules/porters`);
  await desk.press("Remove the rule");
  await desk.picture("2.26-asked");
  const told = await desk.text();
  tally.check("2.26 the removal counts the heads and lists them", await desk.says(/accounts of 1[4-8] people/, "Porter3 of Contoso"), told);
  tally.check("2.26 G2-20 and says who keeps theirs, because another rule means them too", await desk.says("2 keep theirs") && !told.includes("Head1 of Contoso"), told);
  tally.check("2.26 its button says how many, and the page what can be undone", await desk.says(/Remove the rule and disable 1[4-8] accounts/, "enabled again as soon as"), told);
  const digest = await desk.page.locator("[name=confirm]").inputValue();
  await desk.fill({ confirm_typed: "people" });
  await desk.page.locator("form.question button").first().click();
  await desk.page.waitForLoadState();
  tally.check("2.26 another name is not the rule's", await desk.says("This is not the name"), await desk.text());
  refused(tally, "2.26 nor does it go without one, past the page", await desk.smuggle(path, { confirm: digest }), 409, "porters");
  await desk.go(`${AT}/rules/porters`);
  await desk.press("Remove the rule");
  await desk.fill({ confirm_typed: "porters" });
  await desk.page.locator("form.question button").first().click();
  await desk.page.waitForLoadState();
  const waiting = await until(async () => (await desk.go("/staged")).says(/Approve all: \d+/), 30);
  await desk.picture("2.26-staged");
  tally.check("2.26 G2-19 so many at once are more than the guard lets through: they wait", waiting, await desk.text());
  tally.check("2.26 G2-19 and nobody is closed meanwhile", await enabled(tenant, "porter3"));
  await desk.press(/^Approve all/);
  if (await desk.page.locator("form.question").count()) await desk.page.locator("form.question button").first().click();
  await run(desk);
  const closed = await until(async () => (await enabled(tenant, "porter3")) === false, 30);
  tally.check("2.26 approved, their accounts are closed", closed);
  tally.check("2.26 G2-20 the two of the other rule stay", (await enabled(tenant, "head1")) && (await enabled(tenant, "head2")));
  await desk.go(`${AT}/rules`);
  tally.check("2.26 and the rule is gone", !(await desk.says("porters")), await desk.text());
}

async function stopsAtOnce({ tally, desk, directory, tenant }) {
  for (let from = 0; from < VISITORS; from += 50) {
    const some = Array.from({ length: 50 }, (_, number) => directory.person(`visitor${from + number}`, { title: "Visitor" }));
    await Promise.all(some);
  }
  await scope(desk, "people", "is", "Engineer | Head porter | Visitor");
  const count = async () => (await tenant.state()).users.filter((user) => user.jobTitle === "Visitor").length;
  await tenant.settings({ latency_ms: 300 });
  await desk.go(AT);
  await desk.press("Run a cycle now");
  await desk.go(AT);
  await until(count, 30);
  await desk.press("Switch off");
  await until(async () => (await desk.go(`${AT}/cycles`)) && !(await desk.says(/running/)), 30);
  const written = await count();
  tally.check("2.9 G2-6 switched off in the middle of a run, it stops there", written > 0 && written < VISITORS, written);
  await desk.go(AT);
  tally.check("2.9 G2-6 the page says that it is off", await desk.says("paused"), await desk.text());
  await tenant.settings({ latency_ms: 0 });
  tally.check("2.9 G2-6 and nothing comes after", (await count()) === written, `${written} → ${await count()}`);
  await desk.press("Switch on");
  await run(desk);
  await until(async () => (await count()) === VISITORS, 30);
  const names = (await tenant.state()).users.map((user) => user.userPrincipalName);
  tally.check("2.9 switched on again it goes on where it was, and nobody is there twice", (await count()) === VISITORS && new Set(names).size === names.length, await count());
}

async function secretExpires({ tally, desk, directory, tenant }) {
  const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  await desk.go(`${AT}/settings`);
  tally.check("2.28 the settings say when warnings come", await desk.says("30, 7 and 1 day before"), await desk.text());
  await desk.fill({ "x.client_secret": tenant.client_secret, expires: day });
  await desk.press("Test and save");
  await desk.go("/problems");
  await desk.picture("2.28-problems");
  tally.check("2.28 a secret that ends in five days is among the problems", await desk.says(NAME, /expires|ends/), await desk.text());
  await desk.go("/credentials");
  const row = (await desk.page.locator("main tr", { hasText: "client_secret" }).innerText()).replace(/\s+/g, " ");
  tally.check("2.28 and among the credentials, with its end", /in [45] days/.test(row) && /ends soon/.test(row), row);
  const sealed = (await desk.page.locator("main tr", { hasText: "password" }).innerText()).replace(/\s+/g, " ");
  tally.check("2.28 the sealed password of the rule has no end", !/ends soon/.test(sealed), sealed);

  await tenant.application({ client_secret: "another~one" });
  await tenant.settings({ token_lifetime_s: 1 });
  await tenant.control("POST", "clock", { advance_ms: 4_000_000 });
  await directory.remove(await directory.id("dora"));
  await directory.person("late", { title: "Engineer" });
  await desk.go(AT);
  await desk.press("Run a cycle now");
  const invalid = await until(async () => (await desk.go(AT)).says("invalid"), 30);
  await desk.picture("2.28-invalid");
  tally.check("2.28 G2-22 once it does not work, the connection is invalid and says why", invalid && (await desk.says(/PRV-M365-\w+/, "nothing is removed")), await desk.text());
  tally.check("2.28 G2-22 its rules rest", await desk.isDead("Run a cycle now", "The connection is invalid"));
  tally.check("2.28 G2-22 and nobody is deprovisioned", (await enabled(tenant, "dora")) === true && (await enabled(tenant, "ada")) === true);
  await desk.go("/problems");
  tally.check("2.28 the problem is named first", await desk.says(NAME, /PRV-M365-\w+/), await desk.text());
  await desk.go(`${AT}/settings`);
  await desk.fill({ "x.client_secret": "another~one" });
  await desk.press("Test and save");
  await tenant.settings({ token_lifetime_s: 3599 });
  await run(desk);
  tally.check("2.28 with the right one it goes on where it was", (await until(async () => (await enabled(tenant, "dora")) === false, 30)) && (await enabled(tenant, "ada")) === true);
}

async function connectionGoes({ tally, desk, tenant }) {
  await desk.go(`${AT}/settings`);
  await desk.picture("2.27-in-use");
  tally.check("2.27 a connection that rules use stays: its button names them", await desk.isDead("Remove the connection", "people"), await desk.text());
  refused(tally, "2.27 G2-21 also past the page", await desk.smuggle(`${AT}/remove`, { confirm: "remove", confirm_typed: NAME }), 409, "PRV-CONNECTION-IN-USE");
  for (const rule of ["people", "groups"]) {
    await desk.go(`${AT}/rules/${rule}`);
    await desk.press("Switch off");
  }
  const before = (await tenant.state()).users.length;
  await desk.go(`${AT}/settings`);
  await desk.press("Remove the connection");
  await desk.picture("2.27-asked");
  tally.check("2.27 with its rules off it is asked for its name", await desk.says("This cannot be undone", `Type ${NAME} to confirm`), await desk.text());
  await desk.fill({ confirm_typed: NAME });
  await desk.press("Remove the connection");
  tally.check("2.27 then it is gone", await desk.says("It was removed", "No connection yet"), await desk.text());
  tally.check("2.27 and its accounts stay where they are", (await tenant.state()).users.length === before);
}
