// Script S1, steps 1.10 to 1.15: people are written to and come by themselves, what does not fit waits, an administrator
// decides, and the deadline moves.

import { steps as letters } from "./s1_letters.mjs";
import { AT as IDENTIFIERS, line, tick } from "./s1_lists.mjs";
import { API, MIGRATION, ONBOARDING, audited, enrol, enter, guest, join } from "./s1_world.mjs";
import { day } from "./s1_window.mjs";
import { refused } from "./s2_connection.mjs";

export const steps = [linked, ...letters, straight, forged, waiting, approved, devices, typed, merged, others, denied, numbers, deadline];

/** The line of an account among those who signed in. */
const row = (desk, name) => desk.page.locator("form table.table tbody tr", { hasText: `${name}@contoso.example` });
const says = async (desk, name) => (await row(desk, name).innerText()).replace(/\s+/g, " ");

async function choose(desk, name) {
  await desk.go(ONBOARDING);
  await row(desk, name).locator("input[name=account]").check();
}

/** Who is surely the same is linked before anybody comes; Dora by hand, to the second of her two accounts. */
async function linked({ tally, owner, seen }) {
  await owner.go(ONBOARDING);
  await seen("1.13-empty");
  tally.check("1.13 before anybody comes, the page says so", await owner.says("The accounts of the tenant were not read yet", "Nobody is like that."), await owner.text());
  await owner.go(IDENTIFIERS);
  await owner.press("Read the accounts");
  for (const [account, who] of [["anna@", "anna@contoso.example"], ["dora.dahl@", "dora@contoso.example"]]) {
    await owner.go(IDENTIFIERS);
    await tick(owner, account);
    await owner.fill({ who });
    await owner.press("Link the two");
  }
  tally.check("1.11 two people are linked by the object ids of their accounts", (await line(owner, "dora.dahl@").innerText()).includes("linked"), await owner.text());
}

async function straight(world) {
  const { tally, owner, accounts, seen } = world;
  const anna = (world.anna = await guest(world, "anna"));
  await anna.page.goto(`${owner.origin}/join/Main`);
  await anna.picture("1.11-join");
  tally.check("1.11 the announced page says what happens there", /sign in once with your Microsoft 365 account, and make a passkey/.test(await anna.text()), await anna.text());
  const told = await join(world, anna, "anna", "anna@contoso.example");
  await anna.picture("1.11-enrol");
  tally.check("1.11 who is linked by the object id is led to their passkey at once", /\/me\/Main\/enrol$/.test(new URL(anna.page.url()).pathname) && /Anna of Contoso/.test(told), `${anna.page.url()} ${told}`);
  await enrol(anna, "Laptop");
  await anna.picture("1.11-home");
  tally.check("1.11 with it they are signed in", /Where you are signed in/.test(await anna.text()), await anna.text());
  await owner.go(`${ONBOARDING}?filter=onboarded`);
  await seen("1.11-onboarded");
  tally.check("1.11 and stand among the onboarded, by the object id", (await says(owner, "anna")).includes(accounts.anna), await owner.text());
}

/** What Microsoft has not said to us, or not now, or not about this tenant, lets nobody in. */
async function forged(world) {
  const { tally, owner, tenant } = world;
  const clara = (world.clara = await guest(world, "clara"));
  for (const [name, what] of [
    ["unsigned", "unsigned"],
    ["wrong_audience", "for another application"],
    ["wrong_recipient", "for another address"],
    ["other_tenant", "of another tenant"],
    ["wrong_tenant_claim", "with another tenant's claim"],
    ["expired", "of an hour ago"],
    ["other_key", "signed by another key"],
    ["changed_after_signing", "changed after it was signed"],
    ["wrong_in_response_to", "to a question that nobody asked"],
    ["replayed", "that came before"],
  ]) {
    await tenant.control("POST", "faults", { operation: "* /saml2", when: { times: 1 }, effect: { do: "wrong_response", name, victim: world.accounts.bjorn } });
    // The page that picks an account is a request of its own, which is not struck: only answers are.
    const told = await join(world, clara, "clara");
    tally.check(`1.11 G1-6 an answer ${what} is refused, without a reason`, /The sign-in was not accepted/.test(told) && !/PRV-|signature|audience/i.test(told), `${clara.page.url()} ${told}`);
    await tenant.control("DELETE", "faults");
  }
  await clara.picture("1.11-refused");
  await owner.go("/audit?action=onboarding.refused");
  const log = (await owner.page.content()).replace(/<[^>]+>/g, " ");
  const reasons = ["signature", "audience", "recipient", "tenant"].filter((word) => !new RegExp(word, "i").test(log));
  tally.check("1.11 G1-6 the audit log has the reason of each", (await owner.page.locator("table tbody tr").count()) >= 10 && !reasons.length, `${reasons.join()}\n${await owner.text()}`);
  await owner.go(ONBOARDING);
  tally.check("1.11 G1-6 and nobody stands among those who signed in for it", !(await owner.says("clara@contoso.example")) && !(await owner.says("bjorn@contoso.example")), await owner.text());
}

async function waiting(world) {
  const { tally, owner, seen } = world;
  const bjorn = (world.bjorn = await guest(world, "bjorn"));
  const told = await join(world, bjorn, "bjorn");
  await bjorn.picture("1.11-waits");
  tally.check("1.11 whose name alone is the same waits, and is told whom to ask", /Somebody has to look at it/.test(told) && /help@contoso\.example/.test(told), told);
  await owner.go(`${ONBOARDING}?filter=pending`);
  await seen("1.13-pending");
  tally.check("1.13 they stand under pending, with the person whom the name suggests", /pending.*Bjorn of Contoso/.test(await says(owner, "bjorn")), await owner.text());
  await owner.go(IDENTIFIERS);
  tally.check("1.11 G1-7 and nobody was linked by it", !/ linked/.test(await line(owner, "bjorn@").innerText()), await line(owner, "bjorn@").innerText());
}

async function approved(world) {
  const { tally, owner, bjorn } = world;
  await choose(owner, "bjorn");
  await owner.press("Approve");
  tally.check("1.13 approved, the two are linked", (await owner.says("It was saved.")) && /approved/.test(await says(owner, "bjorn")), await owner.text());
  await join(world, bjorn, "bjorn");
  tally.check("1.13 and with the next sign-in they are led to their passkey", /\/enrol$/.test(new URL(bjorn.page.url()).pathname), `${bjorn.page.url()} ${await bjorn.text()}`);
}

/** A second device comes before the first has made its passkey. */
async function devices(world) {
  const { tally, owner, bjorn, seen } = world;
  const phone = await guest(world, "bjorn's phone");
  await join(world, phone, "bjorn");
  await owner.go(ONBOARDING);
  await seen("1.13-devices");
  tally.check("1.13 that a second device came before the passkey was made is told", /second device/.test(await says(owner, "bjorn")), await says(owner, "bjorn"));
  const before = bjorn.page.url();
  await bjorn.page.goto(before);
  tally.check("1.13 the link of the first device is over", !/Make a passkey and sign in/.test(await bjorn.text()), await bjorn.text());
  const other = await guest(world, "another browser");
  await other.page.goto(phone.page.url());
  const offered = other.page.getByRole("button", { name: "Make a passkey and sign in" });
  if (await offered.count()) {
    await other.page.getByLabel("Name of the passkey").fill("Stolen");
    await offered.click();
    await other.page.locator("[data-say]").filter({ hasText: /\S/ }).waitFor();
  }
  await other.picture("1.13-other-browser");
  tally.check("1.11 the link of the second works in its own browser only", !/^\/me\/[^/]+$/.test(new URL(other.page.url()).pathname), await other.text());
  await other.context.close();
  await phone.page.reload();
  await enrol(phone, "Phone");
  tally.check("1.11 in which the passkey is made", /Where you are signed in/.test(await phone.text()), await phone.text());
  // The first device goes on with what the second one has: a passkey that is kept in common.
  const [credential] = await phone.device.credentials();
  await bjorn.device.take(credential);
  await phone.context.close();
}

async function typed(world) {
  const { tally, owner, clara, seen } = world;
  const told = await join(world, clara, "clara", "dora@contoso.example");
  await clara.picture("1.12-waits");
  tally.check("1.12 who typed another person's mail address waits", /Somebody has to look at it/.test(told), told);
  await owner.go(`${ONBOARDING}?filter=mismatched`);
  await seen("1.12-mismatched");
  const line = await says(owner, "clara");
  tally.check("1.12 it is held as mismatched, with what was typed", /typed: dora@contoso\.example/.test(line) && /mismatched.*the mail address that was typed is another's/.test(line), line);
  await choose(owner, "clara");
  await owner.press("Approve");
  tally.check("1.12 G1-7 what does not fit cannot be approved", owner.status === 409 && (await owner.says("PRV-ONBOARDING-STATE")), `${owner.status} ${await owner.text()}`);
  refused(tally, "1.12 G1-7 nor by the interface", await world.ask("POST", `${API}/onboarding/approve`, { account: world.accounts.clara }), 409, "PRV-ONBOARDING-STATE");
  await audited(world, "1.12 G1-7", "onboarding.approve.refused", "PRV-ONBOARDING-STATE");
}

async function merged(world) {
  const { tally, owner, admin, clara, people, accounts, ask, seen } = world;
  await choose(admin, "clara");
  await admin.press("Merge the two");
  tally.check("1.13 without saying whose account it is, nothing is merged", admin.status === 422 && (await admin.says("PRV-OBJECT-UNKNOWN")), `${admin.status} ${await admin.text()}`);
  await choose(admin, "clara");
  await admin.fill({ who: "clara@contoso.example" });
  await admin.press("Merge the two");
  await seen("1.13-merge", admin);
  tally.check("1.13 G1-8 both sides are shown before anything is merged", admin.status === 409 && (await admin.says("Account:", "Person:", accounts.clara, people.clara, "dora@contoso.example was typed", "PRV-ONBOARDING-MERGE")), await admin.text());
  const bare = await ask("POST", `${API}/onboarding/merge`, { account: accounts.clara, person: people.clara });
  refused(tally, "1.13 G1-8 the interface asks as well", bare, 409, "PRV-ONBOARDING-MERGE");
  const stale = await ask("POST", `${API}/onboarding/merge`, { account: accounts.clara, person: people.clara, confirm: { digest: "0".repeat(16) } });
  refused(tally, "1.13 G1-8 and takes no other digest than that of what it showed", stale, 409, "PRV-ONBOARDING-MERGE");
  await admin.agree();
  tally.check("1.13 confirmed, it is approved", /approved.*Clara of Contoso/.test(await says(admin, "clara")), await admin.text());
  await join(world, clara, "clara");
  await enrol(clara, "Laptop");
  tally.check("1.13 and they come in with the next sign-in", /Where you are signed in/.test(await clara.text()), await clara.text());
  refused(tally, "1.17 G1-9 nor can the account become another person's", await ask("POST", `${API}/identifiers/link`, { account: accounts.clara, person: people.bjorn }), 409, "PRV-IDENTIFIER-");
  await owner.go("/audit?action=onboarding.merge");
  tally.check("1.13 that it was merged stands in the audit log", await owner.says("onboarding.merge"), await owner.text());
}

/** The same person twice, a mail address alone, a stranger. */
async function others(world) {
  const { tally, owner, seen } = world;
  const many = await guest(world, "many");
  for (const [account, conflict] of [
    ["dora", "the person of that name has another account, or waits with one"],
    ["erik.eriksen", "only a mail address is the same, which ties nobody"],
    ["henrik", "nobody of the directory fits"],
  ]) {
    await join(world, many, account);
    await owner.go(`${ONBOARDING}?filter=mismatched`);
    const line = await says(owner, account);
    tally.check(`1.13 ${account} is held: ${conflict}`, line.includes(conflict), line);
  }
  await seen("1.13-mismatched");
  await many.context.close();
  await choose(owner, "erik.eriksen");
  await owner.fill({ who: "erik@contoso.example" });
  await owner.press("Merge the two");
  await owner.agree();
  for (const [account, who] of [["erik.eriksen", "erik"], ["dora.dahl", "dora"]]) {
    const one = await guest(world, who);
    await join(world, one, account);
    await enrol(one, "Laptop");
    tally.check(`1.11 ${who} comes in with the account that is theirs`, /Where you are signed in/.test(await one.text()), await one.text());
    world[who] = one;
  }
}

async function denied(world) {
  const { tally, owner } = world;
  await choose(owner, "henrik");
  await owner.press("Deny");
  tally.check("1.13 nobody is denied without a reason", owner.status === 409 && (await owner.says("PRV-MIGRATION-REASON")), `${owner.status} ${await owner.text()}`);
  for (const [account, reason] of [["henrik", "Left the company"], ["dora", "Her account of last year"]]) {
    await choose(owner, account);
    await owner.fill({ reason });
    await owner.press("Deny");
    tally.check(`1.13 with a reason ${account} is denied, and it stands there`, /denied/.test(await says(owner, account)) && (await says(owner, account)).includes(reason), await owner.text());
  }
  const henrik = await guest(world, "henrik");
  const told = await join(world, henrik, "henrik");
  await henrik.picture("1.13-denied");
  tally.check("1.13 who is denied is told whom to ask", /You were not let in/.test(told) && /help@contoso\.example/.test(told), told);
  await henrik.page.goto(world.door);
  await henrik.page.locator("button[value=cancel]").click();
  await henrik.page.waitForURL((url) => url.origin === owner.origin);
  tally.check("1.11 who turns back at Microsoft comes back to a page that says how to begin again", /The sign-in was not accepted/.test(await henrik.text()), await henrik.text());
  await henrik.page.getByRole("link", { name: "Continue with Microsoft" }).click();
  await enter(world, henrik, "henrik");
  tally.check("1.11 and can", /You were not let in/.test(await henrik.text()), await henrik.text());
  await henrik.context.close();
}

async function numbers({ tally, owner, seen }) {
  await owner.go(`${ONBOARDING}?filter=left`);
  await seen("1.13-left");
  tally.check("1.13 who has not come stands under “not onboarded”", (await owner.says("Frida of Contoso")) && !(await owner.says("Anna of Contoso")), await owner.text());
  const all = (await owner.page.locator("section[aria-labelledby=numbers] tbody td").allInnerTexts()).map(Number);
  tally.check("1.13 the numbers add up: 5 onboarded, 1 of 6 unlinked", all.join() === "5,0,1,0,6", all.join());
  await owner.go(ONBOARDING);
  await seen("1.13-all");
  await owner.go(MIGRATION);
  await seen("1.13-section");
  tally.check("1.13 the section has the same numbers, each with its list", (await owner.page.locator("dl.figures dd a").allInnerTexts()).join() === "5,0,1,0,0,0", (await owner.page.locator("dl.figures dd a").allInnerTexts()).join());
}

async function deadline(world) {
  const { tally, owner, ask, seen } = world;
  const later = day(30);
  await owner.go(MIGRATION);
  const bare = await owner.smuggle(MIGRATION, { do: "deadline", moved: later, reason: "  " });
  refused(tally, "1.15 the deadline moves with a reason only", bare, 409, "PRV-MIGRATION-REASON");
  refused(tally, "1.15 nor without one by the interface", await ask("POST", `${API}/migration/deadline`, { deadline: later, reason: "" }), 409, "PRV-MIGRATION-REASON");
  await owner.fill({ moved: day(365 * 9), reason: "Parental leave" });
  await owner.press("Move the deadline");
  await seen("1.15-certificate");
  tally.check("1.15 the certificate is checked again: it has to last until then", owner.status === 422 && (await owner.says("PRV-MIGRATION-CERTIFICATE", "before the deadline")), `${owner.status} ${await owner.text()}`);
  await owner.go(MIGRATION);
  await owner.fill({ moved: day(-1), reason: "Too late" });
  await owner.press("Move the deadline");
  tally.check("1.15 it does not move into the past", owner.status === 422 && (await owner.says("PRV-MIGRATION-WINDOW")), `${owner.status} ${await owner.text()}`);
  await owner.go(MIGRATION);
  await owner.fill({ moved: later, reason: "Erik was on leave" });
  await owner.press("Move the deadline");
  tally.check("1.15 with a reason it moves", (await owner.says("It was saved.")) && (await owner.page.locator("#f-deadline").inputValue()) === later, await owner.text());
  await owner.go("/audit?action=migration.deadline");
  tally.check("1.15 the reason stands in the audit log, as do the refusals", (await owner.page.content()).includes("Erik was on leave") && (await owner.says("migration.deadline.refused")), await owner.text());
}
