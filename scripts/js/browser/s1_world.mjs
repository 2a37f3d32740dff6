// Script S1: Contoso before its people move, and what the steps share: the interface, people at their own browsers, the
// audit log.

import { execFileSync } from "node:child_process";
import { reader, withPasskeys } from "./chrome.mjs";
import { Directory, Tenant } from "./contoso.mjs";
import { sit } from "./desk.mjs";
import { letterbox } from "./letterbox.mjs";
import { overhang, violations } from "./pages.mjs";
import { AT, NAME, NEW, form } from "./s0_general.mjs";
import { at } from "./s0_guide.mjs";

export const MIGRATION = `${AT}/migration`;
export const ONBOARDING = `${AT}/onboarding`;
export const FEDERATION = `${AT}/federation`;
/** The provider, in addresses of the interface. */
export const API = `/microsoft-365-providers/${encodeURIComponent(NAME)}`;
/** The application of the migration, as Entra numbers it. */
export const APPLICATION = "0b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f";
/** What the first application may do: accounts and groups, and see who administers. */
export const ROLES = ["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All"];

/** Contoso as the script finds it: people here, accounts there, an active provider with its credentials. */
export async function begin({ tally, browser, facts }) {
  const world = { tally, browser, facts, directory: new Directory(facts.scim), tenant: new Tenant(facts.tenant), letters: await letterbox(), desks: [], found: [], leaked: [], people: {}, accounts: {} };
  world.owner = await sit(browser, facts.link, { checked: true });
  await watched(world, world.owner);
  const { owner, tenant } = world;
  world.grow_old = (what = "sign-ins") => execFileSync(facts.age[0], [...facts.age.slice(1), what]);
  /** A picture of the page that is open, and what is wrong with it for readers of other senses. */
  world.seen = async (name, desk = owner) => {
    await desk.picture(name);
    const wrong = [...(await violations(desk.page)), await overhang(desk.page)].filter(Boolean);
    world.found.push(...wrong.map((text) => `${name}: ${text}`));
  };
  await withPasskeys(owner.context, owner.page);
  await owner.go(`${owner.origin}/account/passkeys/new`);
  await owner.page.getByLabel("Name").fill("Safe");
  await owner.page.getByRole("button", { name: "Add a passkey" }).click();
  await owner.page.waitForURL((url) => url.pathname === "/account");
  world.ask = await interfaceOf(owner);
  world.admin = await owner.invite(browser, "Kim Contoso", "configuration_admin", { checked: true });
  await watched(world, world.admin);
  await inhabit(world);
  await tenant.application({ roles: ROLES });
  await owner.go(at("register"));
  await owner.press("It is registered");
  await owner.go(NEW);
  await owner.fill(form(tenant));
  await owner.press("Validate and add");
  await owner.go(`${AT}/authentication`);
  await owner.press("Save");
  await owner.go(MIGRATION);
  await world.seen("1.00-locked");
  tally.check("1.1 before the checklist is whole, the section Migration says what comes first", await owner.says("It opens once the provider is active and has its credentials"), await owner.text());
  await owner.go(`${AT}/provisioning`);
  await owner.fill({ client_id: tenant.client_id, tenant: tenant.tenant, secret: tenant.client_secret });
  await owner.press("Validate and add");
  return world;
}

/** People of the directory, accounts of the tenant. Not everybody is called the same on both sides. */
async function inhabit({ directory, tenant, people, accounts }) {
  const mail = (value) => ({ emails: [{ value, type: "work", primary: true }] });
  for (const [name, more] of [["anna"], ["bjorn"], ["clara"], ["dora"], ["erik", mail("erik.eriksen@contoso.example")], ["frida", { ...mail("frida@contoso.example"), preferredLanguage: "de-DE" }]]) {
    people[name] = await directory.person(name, more);
  }
  people.pilot = await directory.group("Pilot", [people.anna]);
  for (const name of ["anna", "bjorn", "clara", "dora", "dora.dahl", "erik.eriksen", "henrik", "scanner"]) {
    accounts[name] = await tenant.account(name);
  }
  // The only global administrator is an account of the domain.
  await roles(tenant, "henrik@contoso.example", ["Global Administrator"]);
}

/** Entra roles of an account. */
export const roles = (tenant, name, all) => tenant.control("PUT", `users/${encodeURIComponent(name)}/roles`, { roles: all });

async function watched(world, desk) {
  world.desks.push(desk);
  desk.page.on("response", async (answer) => {
    const text = await answer.text().catch(() => "");
    if ([world.facts.tenant.client_secret, world.facts.certificates.private.slice(60, 120)].some((secret) => text.includes(secret))) world.leaked.push(answer.url());
  });
}

/** The interface, with a token that may do everything that tokens of its maker may. */
export async function interfaceOf(desk) {
  await desk.go("/api-tokens/new");
  await desk.fill({ label: `Set-up ${Date.now() % 1e6}`, scope: "configure" });
  await desk.press("Make the token");
  const token = (await desk.text()).match(/prv\w*_[\w-]+/)[0];
  return async (method, path, data) => {
    const asked = { method, headers: { authorization: `Bearer ${token}` }, maxRedirects: 0, ...(data && { data }) };
    const answer = await desk.page.request.fetch(new URL(`/api/v1${path}`, desk.origin).href, asked);
    const text = await answer.text();
    return { status: answer.status(), text, json: () => JSON.parse(text) };
  };
}

/** That the audit log has a row of this action with this code. */
export async function audited({ tally, owner }, guard, action, code) {
  await owner.go(`/audit?action=${action}`);
  const text = (await owner.page.content()).replace(/<[^>]+>/g, " ");
  tally.check(`${guard} the attempt stands in the audit log`, text.includes(code), `${action} ${code}\n${await owner.text()}`);
}

/** Somebody at a browser of their own, with a device that makes passkeys. */
export async function guest(world, name) {
  const one = await reader(world.browser, { checked: true });
  one.device = await withPasskeys(one.context, one.page);
  one.picture = async (as) => {
    const desk = Object.assign(Object.create(Object.getPrototypeOf(world.owner)), { page: one.page });
    await world.seen(as, desk);
  };
  one.text = async () => (await one.page.locator("main").innerText()).replace(/\s+/g, " ");
  one.name = name;
  world.desks.push(one);
  return one;
}

/** From the announced address to the tenant and back: `as` is the account that signs in there, `typed` what is typed here. */
export async function join(world, one, as, typed = "") {
  const { page } = one;
  const home = world.owner.origin;
  await page.goto(`${home}/join/Main`);
  await page.getByLabel("Mail address").fill(typed);
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Go on" }).click()]);
  await Promise.all([page.waitForURL(/\/saml2\?/), page.getByRole("link", { name: "Continue with Microsoft" }).click()]);
  await enter(world, one, as);
  return one.text();
}

/** Picks the account at the tenant; its answer leads back here. */
export async function enter(world, { page }, as) {
  await page.locator("label", { hasText: `${as}@contoso.example` }).locator("input[name=account]").first().check();
  // The page that carries the answer sends itself.
  const isBack = (url) => url.origin === world.owner.origin;
  await Promise.all([page.waitForURL(isBack), page.locator("button[value=accept]").click()]);
  await page.waitForLoadState();
}

/** Makes the first passkey where the onboarding has led. */
export async function enrol({ page }, name) {
  await page.getByLabel("Name of the passkey").fill(name);
  await page.getByRole("button", { name: "Make a passkey and sign in" }).click();
  await page.waitForURL((url) => /^\/me\/[^/]+$/.test(url.pathname));
}

/** Whoever is asked who they are proves it with the passkey. */
export async function proved(desk) {
  if (new URL(desk.page.url()).pathname !== "/confirm") return false;
  await desk.page.getByRole("button", { name: "Confirm with a passkey" }).click();
  await desk.page.waitForURL((url) => url.pathname !== "/confirm");
  return true;
}
