// Script S1, step 1.24: the domain is switched, people sign in to Microsoft 365 with their passkeys, it is taken back, and
// switched once more, by SAML first and by WS-Federation then.

import { AT } from "./s0_general.mjs";
import { at } from "./s0_guide.mjs";
import { DOMAIN, digest, isShut, tells } from "./s1_cutover.mjs";
import { API, FEDERATION, audited, proved } from "./s1_world.mjs";
import { refused } from "./s2_connection.mjs";

export const steps = [locked, switched, bySaml, afresh, factor, unknown, listed, assigned, tooEarly, back, passwords, countdown, again, byFederation, left];

const ASSIGNMENTS = "/connections/Microsoft%20365/assignments";
const RESTS = "Microsoft takes one switch in ten minutes";

/** Somebody opens Microsoft 365 in their browser and types their name there; where that leads. */
async function openMicrosoft(world, { page }, name, { second = false } = {}) {
  const home = world.facts.tenant.url;
  await page.goto(`${home}/logout.srf`);
  await page.goto(`${home}/login.srf`);
  await page.getByLabel("E-mail address").fill(`${name}@${DOMAIN}`);
  if (second) await page.getByLabel("This sign-in asks for a second factor").check();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("heading", { name: /^Signed in as|cannot be signed in|not signed in/ }).waitFor();
  return (await page.locator("main").innerText()).replace(/\s+/g, " ");
}

async function locked(world) {
  const { tally, owner, people, ask } = world;
  await owner.go(ASSIGNMENTS);
  tally.check("1.24 G0-14 before the switch nobody can be assigned", await owner.isDead("Assign", "Nobody can be assigned before federation is finished (step 5)"), await owner.text());
  refused(tally, "1.24 G0-14 nor by the interface", await ask("POST", "/connections/Microsoft%20365/assignments", { assign: [people.anna] }), 409, "PRV-PROVIDER-NOT-ASSIGNABLE");
}

async function switched(world) {
  const { tally, owner, tenant, seen } = world;
  world.grow_old();
  await owner.go(FEDERATION);
  await owner.follow("Switch the domain…");
  tally.check("1.24 the switch asks for a fresh sign-in", await proved(owner), owner.page.url());
  await seen("1.24-question");
  await owner.page.locator("summary", { hasText: "What is sent to Microsoft" }).click();
  await seen("1.24-sent");
  tally.check("1.24 its page says what changes, and what is sent", await owner.says("everybody of the domain signs in here", "issuerUri", "passiveSignInUri", "signingCertificate"), await owner.text());
  await owner.fill({ domain: "contoso.com" });
  await owner.press("Switch the domain");
  await seen("1.24-typed");
  tally.check("1.24 another domain is refused", owner.status === 409 && (await owner.says("PRV-FEDERATION-TYPED")), `${owner.status} ${await owner.text()}`);
  await owner.fill({ domain: DOMAIN });
  await owner.press("Switch the domain");
  await seen("1.24-switched");
  tally.check("1.24 the domain is federated, with the time", await owner.says("The domain is switched", /contoso\.example federated/, "The people of the domain sign in here."), await owner.text());
  const found = (await tenant.byHand("GET", `/domains/${DOMAIN}`)).authenticationType;
  tally.check("1.24 and Microsoft says the same", found === "Federated", found);
  await owner.go(at("federate"));
  await seen("1.24-guide");
  tally.check("1.24 the guide is at its end", await owner.says("The domain is federated (done)"), await owner.text());
  await owner.go(AT);
  tally.check("1.24 the provider says it too", await owner.says(/federated/), await owner.text());
}

async function bySaml(world) {
  const { tally, anna } = world;
  const told = await openMicrosoft(world, anna, "anna");
  tally.check("1.24 a person signs in to Microsoft 365 by SAML, with the session that they have here", /Signed in as anna@contoso\.example/.test(told) && /By SAML 2\.0/.test(told), told);
}

/** Whoever has no session here proves who they are first. */
async function afresh(world) {
  const { tally, bjorn } = world;
  const told = await openMicrosoft(world, bjorn, "bjorn");
  tally.check("1.24 who has none uses their passkey on the way, and nothing is typed", /Signed in as bjorn@contoso\.example/.test(told), told);
}

async function factor(world) {
  const { tally, anna } = world;
  const told = await openMicrosoft(world, anna, "anna", { second: true });
  tally.check("1.24 the passkey counts as the second factor", /The second factor of your identity provider counts/.test(told), told);
}

/** The one who is signed in decides, whatever name was typed at Microsoft. */
async function unknown(world) {
  const { tally, clara } = world;
  const told = await openMicrosoft(world, clara, "scanner");
  tally.check("1.24 whatever name is typed, people sign in as themselves", /Signed in as clara@contoso\.example/.test(told), told);
}

async function listed({ tally, owner, seen }) {
  await owner.go(`${AT}/sign-ins`);
  await seen("1.24-sign-ins");
  tally.check("1.24 the sign-ins are listed, with the assertion of each", await owner.says("anna@contoso.example", "bjorn@contoso.example", "issued", "SAML"), await owner.text());
  await owner.go(FEDERATION);
  await owner.press("Look at Microsoft again");
  await seen("1.24-probe");
  tally.check("1.24 a look at Microsoft finds it in order, also at its sign-in service", await owner.says("The tenant was asked again.", "Microsoft's sign-in service knows it since"), await owner.text());
}

async function assigned(world) {
  const { tally, owner, people, seen } = world;
  await owner.go(ASSIGNMENTS);
  await owner.fill({ who: people.pilot });
  await owner.press("Assign");
  await seen("1.24-assigned");
  tally.check("1.24 G0-14 now people and groups can be assigned", await owner.says("The assignment was added", "Pilot"), await owner.text());
}

async function tooEarly(world) {
  const { tally, owner, ask, seen } = world;
  await owner.go(FEDERATION);
  await seen("1.24-resting");
  tally.check("1.24 G1-16 within ten minutes the roll-back is dead, and says from when on it is possible", (await isShut(owner, "Roll back", RESTS)) && (await owner.says("The next one is possible")), await owner.text());
  refused(tally, "1.24 G1-16 nor past the page", await owner.smuggle(`${FEDERATION}/roll-back`, { domain: DOMAIN }), 409, "PRV-FEDERATION-LOCKED");
  refused(tally, "1.24 G1-16 nor by the interface", await ask("POST", `${API}/federation/roll-back`, { domain: DOMAIN }), 409, "PRV-FEDERATION-LOCKED");
  await audited(world, "1.24 G1-16", "microsoft_365.federation.roll_back.refused", "PRV-FEDERATION-LOCKED");
}

/** Ten minutes pass, here and at Microsoft. */
async function rest(world) {
  world.grow_old("switches");
  await world.tenant.settings({ federation_lock_ms: 0 });
}

async function back(world) {
  const { tally, owner, tenant, seen } = world;
  await rest(world);
  await owner.go(FEDERATION);
  await owner.follow("Roll back…");
  await proved(owner);
  await seen("1.24-roll-back");
  tally.check("1.24 before it is taken back, the state of the passwords is told", await owner.says("each of them needs a new one there", /\d+ accounts need a new password/), await owner.text());
  await owner.fill({ domain: "contoso" });
  await owner.press("Roll back");
  tally.check("1.24 another domain takes nothing back", owner.status === 409 && (await owner.says("PRV-FEDERATION-TYPED")), `${owner.status} ${await owner.text()}`);
  await owner.fill({ domain: DOMAIN });
  await owner.press("Roll back");
  await seen("1.24-back");
  tally.check("1.24 the domain is managed again", await owner.says("The domain is switched back", /contoso\.example managed/), await owner.text());
  const found = (await tenant.byHand("GET", `/domains/${DOMAIN}`)).authenticationType;
  tally.check("1.24 at Microsoft too", found === "Managed", found);
  await owner.go(ASSIGNMENTS);
  tally.check("1.24 G0-14 and nobody else can be assigned", await owner.isDead("Assign", "Nobody can be assigned before federation is finished (step 5)"), await owner.text());
}

async function passwords(world) {
  const { tally, anna, tenant } = world;
  const shut = await openMicrosoft(world, anna, "anna");
  tally.check("1.24 as the page has told, the old password is nobody's any more", /needs a new password/.test(shut), shut);
  await tenant.byHand("PATCH", `/users/${world.accounts.anna}`, { passwordProfile: { password: "Bright-Harbour-5120", forceChangePasswordNextSignIn: false } });
  const told = await openMicrosoft(world, anna, "anna");
  tally.check("1.24 with a new one people sign in at Microsoft again", /Signed in as anna@contoso\.example/.test(told) && /Microsoft has signed you in itself/.test(told), told);
}

async function countdown(world) {
  const { tally, owner, ask, seen } = world;
  await owner.go(FEDERATION);
  await owner.press("Compute the checks");
  await seen("1.24-countdown");
  tally.check("1.24 G1-16 a second switch within ten minutes is dead, with the time", (await isShut(owner, "Switch the domain", RESTS)) && (await owner.says("The next one is possible", /Microsoft takes no other switch for \d+ more seconds/)), await owner.text());
  tally.check("1.24 G1-16 which nobody answers for", /blocks/.test(await tells(owner, "Microsoft takes no other switch for")), await tells(owner, "Microsoft takes no other switch for"));
  refused(tally, "1.24 G1-16 nor past the page", await owner.smuggle(`${FEDERATION}/switch`, { domain: DOMAIN, digest: await digest(world) }), 409, "PRV-FEDERATION-");
  const answer = await ask("POST", `${API}/federation/switch`, { domain: DOMAIN, digest: await digest(world) });
  refused(tally, "1.24 G1-16 nor by the interface", answer, 409, "rested");
  await audited(world, "1.24 G1-16", "microsoft_365.federation.switch.refused", "rested");
}

async function again(world) {
  const { tally, owner, seen } = world;
  await rest(world);
  await owner.go(FEDERATION);
  await owner.fill({ protocol: "ws_federation" });
  await owner.press("Save", owner.page.locator("form", { has: owner.page.locator("[name=protocol]") }));
  await owner.press("Compute the checks");
  await seen("1.24-again");
  tally.check("1.24 what was answered for still counts: the evidence is the same", (await owner.says("0 are open")) || (await owner.page.getByRole("link", { name: "Switch the domain…" }).count()) === 1, await owner.text());
  await owner.follow("Switch the domain…");
  await proved(owner);
  await owner.fill({ domain: DOMAIN });
  await owner.press("Switch the domain");
  tally.check("1.24 it is switched a second time, with WS-Federation", await owner.says("The domain is switched", /contoso\.example federated/), await owner.text());
  const acts = await owner.page.locator("section[aria-labelledby=acts] tbody tr").count();
  tally.check("1.24 all three acts are listed", acts === 3, await owner.text());
}

async function byFederation(world) {
  const { tally, anna } = world;
  const told = await openMicrosoft(world, anna, "anna");
  tally.check("1.24 a person signs in to Microsoft 365 by WS-Federation", /Signed in as anna@contoso\.example/.test(told) && /By WS-Federation/.test(told), told);
}

async function left({ tally, owner, seen }) {
  await owner.go(AT);
  await seen("1.24-end");
  await owner.go("/problems");
  await seen("1.24-problems");
  tally.check("1.24 nothing of it is left as a problem", await owner.says("Nothing is wrong"), await owner.text());
  await owner.go("/audit?action=microsoft_365.federation");
  tally.check("1.24 every act stands in the audit log", await owner.says("microsoft_365.federation.switch", "microsoft_365.federation.roll_back"), await owner.text());
}
