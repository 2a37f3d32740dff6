// Script S1, steps 1.17 to 1.19: what is done about those who are not linked.

import { AT as PROVIDER } from "./s0_general.mjs";
import { AT, PEOPLE, line, numbers, tick, told } from "./s1_lists.mjs";
import { refused } from "./s2_connection.mjs";

export const steps = [accept, weak, byObjectId, fromTheAccount, second, secondImmutable, apart, exempt, back, one, many, immutable, merge, locked, plan, german, notNeeded];

/** The people who are linked: the list begins with those with whom there is something to do. */
const LINKED = `${PEOPLE}&state=linked`;
const CONNECTION = "/connections/Microsoft%20365";

async function accept({ tally, desk, seen }) {
  await desk.go(PEOPLE);
  await desk.press("Link all that are sure");
  await seen("1.18-accept");
  tally.check("1.18 what is sure is shown before it is linked", desk.status === 409 && (await desk.says("One person is linked", "Anna of Contoso = anna@contoso.example", "PRV-IDENTIFIER-ACCEPT")), await desk.text());
  tally.check("1.18 and what rests on a mail address waits", (await desk.says("One more suggestion waits")) && !(await desk.says("berg@")), await desk.text());
  await desk.agree();
  tally.check("1.18 then it is linked, and the list of people is still open", (await desk.says("The account was linked.")) && new URL(desk.page.url()).searchParams.get("tab") === "people", await desk.text());
  await desk.fill({ state: "linked" });
  await desk.press("Search");
  tally.check("1.18 and stands among the linked", / linked.*anna@/.test(await told(desk, "anna@")), await desk.text());
  tally.check("1.18 the numbers follow", (await numbers(desk, "Directory people")) === "1,1,3,0,5", await numbers(desk, "Directory people"));
}

async function weak({ tally, desk, seen }) {
  await desk.go(PEOPLE);
  await tick(desk, "bjorn@");
  await desk.press("Link as suggested");
  await seen("1.18-weak");
  tally.check("1.18 G1-7 a mail address alone never links", (await desk.says("This was not done", "PRV-IDENTIFIER-NOTHING", "mail address")) && /suggested/.test(await told(desk, "bjorn@")), await desk.text());
  await desk.go(PEOPLE);
  await desk.press("Link as suggested");
  tally.check("1.18 with nobody ticked, it is said", await desk.says("PRV-IDENTIFIER-MANY"), await desk.text());
}

async function byObjectId({ tally, desk, accounts }) {
  await desk.go(PEOPLE);
  await tick(desk, "bjorn@");
  await desk.fill({ target: accounts.berg.toUpperCase() });
  await desk.press("Link the two");
  tally.check("1.18 G1-7 by its object id an account is linked, however it is spelled", (await desk.says("The account was linked.")) && (await desk.go(LINKED)) && / linked.*berg@/.test(await told(desk, "bjorn@")), await desk.text());
  await desk.go(PEOPLE);
  await tick(desk, "clara@");
  await desk.fill({ target: "0b9d2c5e-1111-4222-8333-444455556666" });
  await desk.press("Link the two");
  tally.check("1.18 an object id that the tenant has not is refused", await desk.says("PRV-LINK-ABSENT"), await desk.text());
}

async function fromTheAccount({ tally, desk }) {
  await desk.go(AT);
  await tick(desk, "dora.dahl@");
  await desk.fill({ who: "dora@contoso.example" });
  await desk.press("Link the two");
  tally.check("1.17 an account is linked from its own list, by the person's name", / linked.*Dora of Contoso/.test(await told(desk, "dora.dahl@")), await desk.text());
  await tick(desk, "henrik@");
  await desk.fill({ who: "henrik.who@contoso.example" });
  await desk.press("Link the two");
  tally.check("1.17 somebody whom nobody knows is refused, and what was typed is named", await desk.says("This was not done", "henrik.who@contoso.example"), await desk.text());
}

async function second({ tally, desk, accounts, people, seen }) {
  await desk.go(PEOPLE);
  await tick(desk, "clara@");
  await desk.fill({ target: accounts.anna });
  await desk.press("Link the two");
  await seen("1.17-second");
  tally.check("1.17 G1-9 a second holder of an object id is refused, and who holds it is named", desk.status === 409 && (await desk.says("PRV-IDENTIFIER-TAKEN", "Anna of Contoso")), await desk.text());
  tally.check("1.17 G1-9 what was typed stays", (await desk.page.locator("#f-target").inputValue()) === accounts.anna && (await line(desk, "clara@").locator("input[type=checkbox]").isChecked()), await desk.page.locator("#f-target").inputValue());
  refused(tally, "1.17 G1-9 nor past the page", await desk.smuggle(AT, { do: "link", tab: "people", person: people.clara, target: accounts.anna }), 409, "PRV-IDENTIFIER-TAKEN");
}

async function secondImmutable({ tally, desk, tenant, people, accounts }) {
  accounts.ghost = await tenant.account("ghost", { onPremisesImmutableId: people.anna });
  await desk.go(AT);
  await desk.press("Read the accounts");
  await tick(desk, "ghost@");
  await desk.fill({ who: "clara@contoso.example" });
  await desk.press("Link the two");
  tally.check("1.17 G1-9 nor is there a second holder of an immutable id", desk.status === 409 && (await desk.says("PRV-IDENTIFIER-TAKEN", "Anna of Contoso")), await desk.text());
  await desk.go("/audit?action=identifier");
  tally.check("1.17 G1-9 the attempts stand in the audit log", (await desk.page.content()).includes("identifier.link.refused"), await desk.text());
}

async function apart({ tally, desk, people, accounts }) {
  await desk.go(AT);
  await tick(desk, "dora.dahl@");
  await desk.press("Unlink");
  tally.check("1.17 a link can be taken back, and the account stays", /unlinked|suggested/.test(await told(desk, "dora.dahl@")), await desk.text());
  await desk.smuggle(AT, { do: "link", tab: "people", person: people.dora, target: accounts["dora.dahl"] });
  await desk.go(AT);
  tally.check("1.17 and made again", / linked.*Dora/.test(await told(desk, "dora.dahl@")), await told(desk, "dora.dahl@"));
}

async function exempt({ tally, desk, accounts, seen }) {
  for (const [why, values] of [["a reason", { owner: "Office" }], ["an owner", { reason: "A robot" }]]) {
    await desk.go(AT);
    await tick(desk, "guest@");
    await desk.fill(values);
    await desk.press("Exempt");
    tally.check(`1.18 G1-10 without ${why} nobody is exempt`, desk.status === 409 && (await desk.says("PRV-EXEMPTION-INCOMPLETE")) && /unlinked/.test(await told(desk, "guest@")), `${desk.status} ${await desk.text()}`);
    const [name, value] = Object.entries(values)[0];
    tally.check("1.18 G1-10 what was typed stays", (await desk.page.locator(`#f-${name}`).inputValue()) === value);
  }
  await seen("1.18-incomplete");
  refused(tally, "1.18 G1-10 nor past the page", await desk.smuggle(AT, { do: "exempt", account: accounts.guest, reason: "  ", owner: "Office" }), 409, "PRV-EXEMPTION-INCOMPLETE");
  await desk.go(AT);
  await tick(desk, "guest@", "info@");
  await desk.fill({ reason: "Robot", owner: "Contoso office" });
  await desk.press("Exempt");
  await seen("1.18-exempt");
  const line = await told(desk, "guest@");
  tally.check("1.18 G1-10 with both they are, and both stand there", /exempt.*Robot.*Contoso office/.test(line), line);
  await tick(desk, "anna@");
  await desk.fill({ reason: "Not needed", owner: "The office" });
  await desk.press("Exempt");
  tally.check("1.18 who is linked is not exempted", await desk.says("PRV-EXEMPTION-LINKED"), await desk.text());
}

async function back({ tally, desk }) {
  await desk.go(AT);
  await tick(desk, "guest@");
  await desk.press("Take the exemption back");
  const line = await told(desk, "guest@");
  tally.check("1.18 an exemption is taken back", /unlinked/.test(line) && !line.includes("Robot"), line);
}

async function one({ tally, desk, tenant, seen }) {
  const before = await tenant.writes();
  await desk.go(AT);
  await tick(desk, "clara.claus@");
  await desk.press("Create people here");
  await seen("1.17-create");
  tally.check("1.17 who would be made is shown first", desk.status === 409 && (await desk.says("Clara.claus of Contoso (clara.claus@contoso.example)", "Nothing is written to Microsoft")), await desk.text());
  await desk.follow("Cancel");
  tally.check("1.17 and one can go back: nobody is made", /unlinked/.test(await told(desk, "clara.claus@")), await desk.text());
  await tick(desk, "clara.claus@");
  await desk.press("Create people here");
  await desk.agree();
  tally.check("1.17 a person is made, and linked by the object id", / linked.*Clara\.claus of Contoso/.test(await told(desk, "clara.claus@")), await desk.text());
  tally.check("1.17 nothing is written to Microsoft", (await tenant.writes()) === before);
}

async function many({ tally, desk, seen }) {
  await desk.go(AT);
  await desk.press("Create everybody unlinked here");
  await seen("1.17-create-all");
  const names = await desk.page.locator("ul.names li").allInnerTexts();
  tally.check("1.17 many at once: no guest, no shared mailbox, nobody disabled or protected", names.map((name) => name.match(/\((.*)@/)[1]).sort().join() === "ghost,henrik,ida", names.join("\n"));
  await desk.agree();
  tally.check("1.17 G1-9 one whose immutable id somebody holds is left, and the holder is named", (await desk.says("Some were left", /ghost@contoso\.example: .*Anna of Contoso/)) && / unlinked/.test(await told(desk, "ghost@")), await desk.text());
  tally.check("1.17 they are made and linked", / linked/.test(await told(desk, "henrik@")) && / linked/.test(await told(desk, "ida@")), await desk.text());
}

async function immutable({ tally, desk, tenant, people, accounts, seen }) {
  const before = await tenant.writes();
  await desk.go(AT);
  tally.check("1.17 which accounts are to get an immutable id stands in their lines", (await told(desk, "anna@")).includes("immutable id to be written"), await told(desk, "anna@"));
  await desk.press(/^Write \d+ immutable ids$/);
  await seen("1.17-immutable");
  tally.check("1.17 for whom what is written is shown first", (await desk.says(`Anna of Contoso (anna@contoso.example): none → ${people.anna}`, "PRV-IMMUTABLE-ID-CONFIRM")) && (await tenant.writes()) === before, await desk.text());
  await desk.agree();
  await seen("1.17-written");
  tally.check("1.17 then it is written", (await tenant.user("berg")).onPremisesImmutableId === people.bjorn && (await tenant.user("ghost")).onPremisesImmutableId === people.anna, await desk.text());
  tally.check("1.17 what the tenant refuses is named: there two would have the same", await desk.says("Some were left", "anna@contoso.example: PRV-"), await desk.text());
  await tenant.byHand("PATCH", `/users/${accounts.ghost}`, { onPremisesImmutableId: null });
  await desk.go(AT);
  await desk.press("Write 1 immutable id");
  await desk.agree();
  tally.check("1.17 and written once it is free; nothing is left to be written", (await desk.says("It was saved.")) && (await tenant.user("anna")).onPremisesImmutableId === people.anna && !(await desk.says(/Write \d+ immutable/)), await desk.text());
}

async function merge({ tally, desk, seen }) {
  await desk.go(LINKED);
  await tick(desk, "clara.claus@");
  await desk.fill({ who: "clara.claus@contoso.example" });
  await desk.press("Merge the two");
  tally.check("G1-8 nobody is merged with themselves", await desk.says("PRV-MERGE-SAME"), await desk.text());
  await desk.go(LINKED);
  await tick(desk, "clara.claus@");
  await desk.fill({ who: "clara@contoso.example" });
  await desk.press("Merge the two");
  await seen("1.17-merge");
  tally.check("G1-8 both sides are shown, with what goes over", await desk.says("stays: userName = clara@contoso.example", "goes: userName = clara.claus@contoso.example", "goes over: accounts: clara.claus@contoso.example", "PRV-MERGE-CONFIRM"), await desk.text());
  await desk.agree();
  tally.check("G1-8 confirmed, they are one, who has the account", / linked.*clara\.claus@/.test(await told(desk, "clara@")) && !(await desk.says("Clara.claus of Contoso")), await desk.text());
  await desk.go("/people/deleted");
  tally.check("G1-8 who went lies in the recycle bin", await desk.says("Clara.claus of Contoso"), await desk.text());
}

async function locked({ tally, desk }) {
  await desk.go(PEOPLE);
  await tick(desk, "erik@");
  await desk.press("Plan an account in Microsoft 365");
  tally.check("1.18 as long as nobody can be assigned, no account is planned, and the reason is named", await desk.says("This was not done", "PRV-PROVIDER-NOT-ASSIGNABLE"), await desk.text());
}

/** The template's rule of people, by the interface: nothing is asked about it here. */
async function rule(desk) {
  await desk.go("/api-tokens/new");
  await desk.fill({ label: "Set-up", scope: "configure" });
  await desk.press("Make the token");
  const token = (await desk.text()).match(/prv\w*_[\w-]+/)[0];
  const ask = async (method, path, data) => {
    const answer = await desk.page.request.fetch(new URL(`/api/v1${path}`, desk.origin).href, { method, headers: { authorization: `Bearer ${token}` }, ...(data && { data }) });
    return { status: answer.status(), ...(await answer.json().catch(() => ({}))) };
  };
  const { rules } = await ask("GET", "/templates/microsoft-365");
  const sure = async (method, path, data) => {
    const asked = await ask(method, path, data);
    return asked.confirm ? ask(method, path, { ...data, confirm: { digest: asked.confirm.digest } }) : asked;
  };
  const saved = await sure("PUT", `${CONNECTION}/rules`, { rules: rules.filter((one) => one.object === "person") });
  return saved.status < 300 ? sure("POST", `${CONNECTION}/rules/people/on`, {}) : saved;
}

async function plan({ tally, desk, tenant, seen }) {
  await desk.go(`${PROVIDER}/mode`);
  await desk.fill({ reason: "People go on signing in at Microsoft" });
  await desk.press("Use it for provisioning only");
  await desk.agree();
  const saved = await rule(desk);
  tally.check("1.18 the rule of the template is there", saved.status < 300, JSON.stringify(saved));
  const before = await tenant.writes();
  await desk.go(PEOPLE);
  await tick(desk, "erik@");
  await desk.press("Plan an account in Microsoft 365");
  await seen("1.18-plan");
  tally.check("1.18 an account for somebody is planned, and read before it is made", /\/plans\//.test(desk.page.url()) && (await desk.says("erik@contoso.example")) && (await tenant.writes()) === before, `${desk.page.url()} ${await desk.text()}`);
}

/** The pages in German: what is English is marked as English. */
async function german({ tally, desk, browser, people, accounts, seen }) {
  const context = await browser.newContext({ locale: "de", viewport: { width: 1280, height: 900 }, storageState: await desk.context.storageState(), bypassCSP: true });
  const page = await context.newPage();
  const reader = Object.assign(Object.create(Object.getPrototypeOf(desk)), { ...desk, context, page });
  const english = async (name) => {
    const text = await page.evaluate(() => {
      const main = document.querySelector("main").cloneNode(true);
      main.querySelectorAll("[lang=en]:not([lang=de] *), code, ul.names").forEach((one) => one.remove());
      return main.textContent;
    });
    const found = text.match(/.{0,40}\b(the|nobody|is|and|with)\b.{0,40}/i);
    tally.check(`${name} is in German`, !found, found?.[0]);
  };
  for (const [name, path] of [["de-accounts", AT], ["de-people", PEOPLE]]) {
    await reader.go(path);
    await seen(name, reader);
    await english(name);
  }
  await reader.go(LINKED);
  await tick(reader, "dora@");
  await reader.fill({ who: people.clara });
  await reader.press("Die beiden zusammenführen");
  await english("the refusal of a merge");
  await reader.go(AT);
  await tick(reader, "guest@");
  await reader.press("Personen hier anlegen");
  await seen("de-create", reader);
  await english("the question before people are made");
  await reader.go(PEOPLE);
  await tick(reader, "erik@");
  await reader.fill({ who: people.clara });
  await reader.press("Die beiden zusammenführen");
  await english("the refusal of an owner's person");
  tally.check("the accounts stay the same", Boolean(accounts.anna));
  await context.close();
}

async function notNeeded({ tally, desk, seen }) {
  for (const list of [AT, PEOPLE]) {
    await desk.go(list);
    for (const box of await desk.page.locator("tr", { has: desk.page.locator(".state.failed, .state.partial") }).locator("input[type=checkbox]").all()) await box.check();
    await desk.fill({ reason: "Robot", owner: "Contoso office" });
    await desk.press("Exempt");
  }
  // The account of those who were merged carries nobody's immutable id yet.
  await desk.go(AT);
  await desk.press("Write 1 immutable id");
  await desk.agree();
  await desk.go(AT);
  await seen("1.19-not-needed");
  tally.check("1.19 with nobody left, the page says that it is not needed", await desk.says("Not needed"), await desk.text());
}
