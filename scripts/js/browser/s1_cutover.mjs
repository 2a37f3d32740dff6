// Script S1, step 1.23: the cockpit. The checks are computed, what is red is mended or answered for line by line, and the
// roll-back command is kept, before the switch can be pressed.

import { AT as IDENTIFIERS } from "./s1_lists.mjs";
import { API, FEDERATION, ROLES, audited, roles } from "./s1_world.mjs";
import { refused } from "./s2_connection.mjs";

export const steps = [computed, shut, permission, lastAdministrator, lastResort, command, pilot, answered, green];

export const DOMAIN = "contoso.example";
const SWITCH = `${FEDERATION}/switch`;
const WRITES = "Domain-InternalFederation.ReadWrite.All";

/** The line of a check, by its title. */
export const check = (desk, title) => desk.page.locator("section[aria-labelledby=checks] tbody tr", { hasText: title });

/** What a check says. */
export const tells = async (desk, title) => (await check(desk, title).first().innerText()).replace(/\s+/g, " ");

/** Whether a way of the cockpit is dead, and says this. */
export async function isShut(desk, name, sentence) {
  const way = desk.page.locator("main [aria-disabled=true]", { hasText: name });
  if (!(await way.count())) return false;
  const why = await way.getAttribute("aria-describedby");
  return (await desk.page.locator(`[id="${why}"]`).innerText()).includes(sentence);
}

async function compute(desk) {
  await desk.go(FEDERATION);
  await desk.press("Compute the checks");
}

async function computed({ tally, owner, seen }) {
  await owner.go(FEDERATION);
  await seen("1.23-first");
  await compute(owner);
  await seen("1.23-computed");
  const all = await owner.page.locator("section[aria-labelledby=checks] tbody tr").count();
  tally.check("1.23 the cockpit computes 30 checks, each with its evidence", all === 30 && (await owner.says(/\d+ checks are green/)), `${all} ${await owner.text()}`);
  for (const title of ["immutable id", "migration is finished", "certificate", "clock", "roll-back", "passkey"]) {
    tally.check(`1.23 one is about: ${title}`, (await owner.page.locator("section[aria-labelledby=checks] tbody th", { hasText: new RegExp(title, "i") }).count()) > 0, await owner.text());
  }
  tally.check("1.23 the migration is finished", /green/.test(await tells(owner, "The migration is finished")), await tells(owner, "The migration is finished"));
  const nexts = await owner.page.locator("section[aria-labelledby=checks] tbody tr", { has: owner.page.locator(".state.failed, .state.paused") }).allInnerTexts();
  tally.check("1.23 each that is not green says what to do", nexts.length > 3 && nexts.every((text) => text.split("\n").length > 1), nexts.join("\n"));
}

async function shut(world) {
  const { tally, owner, admin, ask } = world;
  tally.check("1.23 G1-14 the switch is dead until each check is green or signed off", await isShut(owner, "Switch the domain", "It opens once each check is green or signed off"), await owner.text());
  await owner.follow("What the switch does");
  tally.check("1.23 G1-14 as is its page", await owner.isDead("Switch the domain", "It is closed at this moment"), await owner.text());
  refused(tally, "1.23 G1-14 nor can it be pressed past the page", await owner.smuggle(SWITCH, { domain: DOMAIN, digest: await digest(world) }), 409, "PRV-FEDERATION-CHECKS");
  refused(tally, "1.23 G1-14 nor by the interface", await ask("POST", `${API}/federation/switch`, { domain: DOMAIN, digest: await digest(world) }), 409, "PRV-FEDERATION-CHECKS");
  await audited(world, "1.23 G1-14", "microsoft_365.federation.switch.refused", "PRV-FEDERATION-CHECKS");
  await admin.go(FEDERATION);
  tally.check("1.23 a configuration admin sees that an owner switches", await isShut(admin, "Switch the domain", "It takes the role owner"), await admin.text());
  refused(tally, "1.23 nor can they past the page", await admin.smuggle(SWITCH, { domain: DOMAIN, digest: await digest(world) }), 403, "Your role does not allow this");
}

/** Of the checks as they were computed last. */
export const digest = async ({ ask }) => (await ask("GET", `${API}/federation`)).json().digest;

async function permission(world) {
  const { tally, owner, tenant } = world;
  await compute(owner);
  const all = await owner.page.locator("section[aria-labelledby=checks]").innerText();
  tally.check("1.23 a missing permission is named", /Domain-InternalFederation\.Read/.test(all), all);
  const tried = await tells(owner, "The roll-back was tried");
  tally.check("1.23 G1-17 without it the path back cannot be walked, which nobody answers for", /blocks/.test(tried) && !/Sign it off/.test(tried), tried);
  const vouches = await tells(owner, "The domain vouches for its own people only");
  tally.check("1.23 the permission of one check is named there, and somebody may answer for it", /Policy\.Read\.All/.test(vouches) && /Sign it off/.test(vouches), vouches);
  refused(tally, "1.23 G1-17 nor past the page", await owner.smuggle(`${FEDERATION}/sign-off`, { line: "roll_back_tried", person: "Kim", reason: "It will do" }), 409, "PRV-FEDERATION-BLOCKING");
  await audited(world, "1.23 G1-17", "microsoft_365.federation.sign_off.refused", "PRV-FEDERATION-BLOCKING");
  await tenant.application({ roles: [...ROLES, "Domain.Read.All", WRITES, "Policy.Read.All"] });
  await compute(owner);
  const after = await owner.page.locator("section[aria-labelledby=checks]").innerText();
  tally.check("1.23 granted in Entra, it counts with the next computing", after.includes("The application may read the domain and write its federation.") && after.includes("Tried without deleting"), after);
  tally.check("1.23 and Microsoft checks whom the domain vouches for", after.includes("(rootDomains: all)"), after);
}

async function lastAdministrator(world) {
  const { tally, owner, ask } = world;
  const line = "Every global administrator that is known signs in with the domain";
  tally.check("1.23 G1-15 the last global administrator on the domain keeps the switch closed", await owner.says(line), await owner.text());
  refused(tally, "1.23 G1-15 nobody can answer for that", await owner.smuggle(`${FEDERATION}/sign-off`, { line: "last_administrator", person: "Kim", reason: "It will do" }), 409, "PRV-FEDERATION-BLOCKING");
  refused(tally, "1.23 G1-15 nor by the interface", await ask("POST", `${API}/federation/sign-offs`, { check: "last_administrator", person: "Kim", reason: "It will do" }), 409, "PRV-FEDERATION-BLOCKING");
}

async function lastResort(world) {
  const { tally, owner, tenant, seen } = world;
  for (const name of ["root1", "root2"]) {
    await tenant.account(name, { userPrincipalName: `${name}@contoso.onmicrosoft.com` });
    await roles(tenant, `${name}@contoso.onmicrosoft.com`, ["Global Administrator"]);
  }
  await owner.go(IDENTIFIERS);
  await owner.press("Read the accounts");
  await owner.go("/connections/Microsoft%20365/preferences");
  await owner.fill({ protected: "root1@contoso.onmicrosoft.com" });
  await owner.press("Save");
  await compute(owner);
  await seen("1.23-administrators");
  tally.check("1.23 two accounts of last resort on the initial domain are seen, and one is never written", await owner.says("2 enabled global administrators are on the initial domain", "root1@contoso.onmicrosoft.com is named as an account that is never written"), await owner.text());
}

async function command(world) {
  const { tally, owner, ask, seen } = world;
  await owner.go(FEDERATION);
  await owner.follow("The roll-back command");
  await seen("1.23-command");
  const text = await owner.text();
  tally.check("1.23 the roll-back command is there, for two shells, and holds no secret", text.includes("Remove-MgDomainFederationConfiguration") || (text.includes("federationConfiguration") && !text.includes(world.facts.tenant.client_secret)), text);
  await owner.fill({ word: "0000-0000" });
  await owner.press("I keep it");
  tally.check("1.23 another word than the command's keeps nothing", owner.status === 409 && (await owner.says("PRV-FEDERATION-WORD")), `${owner.status} ${await owner.text()}`);
  refused(tally, "1.23 nor by the interface", await ask("POST", `${API}/federation/command`, { check_word: "0000-0000" }), 409, "PRV-FEDERATION-WORD");
  await owner.go(`${FEDERATION}/command`);
  await owner.fill({ word: await owner.page.locator("section[aria-labelledby=why] code").innerText() });
  await owner.press("I keep it");
  tally.check("1.23 with its check word it is kept, and by whom", await owner.says("It was saved.", "kept", "owner@contoso.example"), await owner.text());
}

async function pilot(world) {
  const { tally, owner, anna, accounts, seen } = world;
  const { page } = anna;
  await page.goto(`${owner.origin}/me/Main`);
  await page.getByRole("link", { name: /Try your sign-in/ }).click();
  await anna.picture("1.23-pilot");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.waitForLoadState();
  await anna.picture("1.23-pilot-tried");
  const told = await anna.text();
  tally.check("1.23 a pilot tries the sign-in: the assertion is made and verified, and goes nowhere", /Your sign-in to Microsoft 365 works/.test(told) && /anna@contoso\.example/.test(told) && /It was not sent/.test(told), told);
  await compute(owner);
  await seen("1.23-tried");
  const line = await tells(owner, "A pilot has");
  tally.check("1.23 with it the check is green, and names whose sign-in it was", /green/.test(line) && /anna@contoso\.example/.test(line), `${line} ${accounts.anna}`);
  tally.check("1.23 the trial is listed under it", /Who tried the sign-in/.test(line), line);
}

/** The checks that somebody may answer for, by their keys. */
const signable = (desk) => desk.page.locator("section[aria-labelledby=checks] details input[name=person]").evaluateAll((all) => all.map((one) => one.id.slice(2)));

async function sign(desk, key, reason) {
  const one = desk.page.locator(`#p-${key}`);
  await desk.page.locator("details", { has: one }).last().locator("summary").click();
  await one.fill("Kim Contoso");
  await desk.page.locator(`#r-${key}`).fill(reason);
  await desk.press(/^Sign it off/, desk.page.locator("form", { has: one }));
}

async function answered(world) {
  const { tally, owner, admin, seen } = world;
  await compute(owner);
  const keys = await signable(owner);
  tally.check("1.23 what may be answered for is offered, line by line", keys.includes("metadata") && keys.includes("break_glass_used") && keys.includes("accounts_linked") && !keys.includes("last_administrator"), keys.join());
  refused(tally, "1.23 G1-14 nobody answers without a reason", await owner.smuggle(`${FEDERATION}/sign-off`, { line: "metadata", person: "Kim Contoso", reason: " " }), 409, "PRV-FEDERATION-SIGN-OFF");
  refused(tally, "1.23 G1-14 nor without a name", await owner.smuggle(`${FEDERATION}/sign-off`, { line: "metadata", person: "", reason: "Seen" }), 409, "PRV-FEDERATION-SIGN-OFF");
  await audited(world, "1.23 G1-14", "microsoft_365.federation.sign_off.refused", "PRV-FEDERATION-SIGN-OFF");
  await admin.go(FEDERATION);
  tally.check("1.23 only an owner answers", !(await signable(admin)).length && (await admin.smuggle(`${FEDERATION}/sign-off`, { line: "metadata", person: "Kim", reason: "Seen" })).status === 403, await admin.text());
  await owner.go(FEDERATION);
  for (const [index, key] of keys.entries()) {
    await sign(owner, key, `Seen by us on the day before (${key})`);
    if (index === 0) {
      await seen("1.23-signed");
      tally.check("1.23 who vouches, and why, stands in the line", await owner.says(`Kim Contoso: Seen by us on the day before (${key})`), await owner.text());
      await owner.press(/^Take it back/);
      tally.check("1.23 it can be taken back", !(await owner.says(`Kim Contoso: Seen by us on the day before (${key})`)), await owner.text());
      await sign(owner, key, `Seen by us on the day before (${key})`);
    }
  }
}

async function green(world) {
  const { tally, owner, seen, ask } = world;
  await compute(owner);
  await seen("1.23-green");
  const left = await owner.page.locator("section[aria-labelledby=checks] tbody tr", { has: owner.page.locator(".state.failed, .state.paused") }).allInnerTexts();
  tally.check("1.23 then none is open, and the switch is alive", !left.length && (await owner.page.getByRole("link", { name: "Switch the domain…" }).count()) === 1, `${left.join("\n")}\n${await owner.text()}`);
  refused(tally, "1.24 G1-14 a switch is bound to what was seen", await ask("POST", `${API}/federation/switch`, { domain: DOMAIN, digest: "0".repeat(16) }), 409, "PRV-FEDERATION-MOVED");
  refused(tally, "1.24 and to the domain, typed once more", await owner.smuggle(SWITCH, { domain: "contoso.com", digest: await digest(world) }), 409, "PRV-FEDERATION-TYPED");
  await audited(world, "1.24 G1-14", "microsoft_365.federation.switch.refused", "PRV-FEDERATION-MOVED");
}
