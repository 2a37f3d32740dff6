// The vendor's half of script S4: steps 4.1 to 4.6, and 4.19.

import { reader } from "./chrome.mjs";
import { until, words } from "./desk.mjs";

const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const PROVIDER = "Contoso";
const at = (name) => `/providers/${encodeURIComponent(name)}`;

/** A request as an identity provider sends it. */
export async function scim(desk, { url, token }, method, path, body) {
  const answer = await desk.page.request.fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/scim+json" }) },
    ...(body && { data: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status(), text, json: text && text.startsWith("{") ? JSON.parse(text) : null };
}

/** 4.1 and 4.2: what is needed, and a session that belongs to one host. */
export async function prerequisites({ tally, browser, vendor, customer }) {
  await customer.go("/guides/application-users-groups?step=prerequisites");
  tally.check("4.1 the guide says what is needed, and whom to ask for a tenant", await customer.says("What you need", "configuration permission", "request form"), await customer.text());
  await customer.picture("4.1-prerequisites");
  await customer.fill({ note: "tenant contoso, asked on Monday" });
  await customer.press("Sign off");
  tally.check("4.1 what no fact shows is signed by a person", await customer.says("tenant contoso, asked on Monday", "signed by"), await customer.text());

  const { page, context } = await reader(browser);
  await context.addCookies(await customer.context.cookies());
  await page.goto(vendor.origin + (await vendor.home()));
  tally.check("4.2 G4-1 a session of one host opens nothing at another", page.url().includes("/signin"), page.url());
  await context.close();
}

/** 4.3 to 4.5: name and role; nothing works before it is saved. */
export async function provider(world) {
  const { tally, vendor } = world;
  await vendor.go("/providers/new");
  tally.check("4.3 each role says what it may do", await vendor.says("may do nothing in this console", "May read everything here", "cannot make owners"), await vendor.text());
  const owner = await vendor.smuggle("/providers/new", { name: "Owners", system: "entra", role: "owner" });
  tally.check("4.3 G4-2 owner cannot be the default role", owner.status === 422 && owner.text.includes("PRV-ROLE-OWNER"), words(owner.text));
  await vendor.fill({ name: PROVIDER, system: "entra", role: "user" });
  await vendor.press("Make it");
  world.tenant = { url: await vendor.shown("Tenant URL"), token: await vendor.shown("Secret token") };
  tally.check("4.4 it is a draft, and says so beside endpoint and token", await vendor.says("draft", "refused with 401"), await vendor.text());
  await vendor.picture("4.4-draft");
  await vendor.go("/providers");
  tally.check("4.4 who leaves sees it as a draft in the list", await vendor.says(PROVIDER, "draft"), await vendor.text());
  tally.check("4.4 G4-3 until it is saved the endpoint answers 401", (await scim(vendor, world.tenant, "GET", "/Users")).status === 401);
  await vendor.go(at(PROVIDER));
  await vendor.press("Put in use");
  tally.check("4.5 saved, it waits for the first request", await vendor.says("waiting for the first request"), await vendor.text());
  tally.check("4.5 and answers", (await scim(vendor, world.tenant, "GET", "/Users")).status === 200);
  tally.check("4.5 the first request is seen", await vendor.waitFor(at(PROVIDER), "in use"), await vendor.text());

  const before = await scim(vendor, world.tenant, "POST", "/Users", { schemas: [USER], userName: "early@contoso.example", displayName: "Early Bird" });
  await vendor.go(at(PROVIDER));
  tally.check("4.3 a change of the role says whom it leaves alone", await vendor.says("1 person who is there keeps what they have"), await vendor.text());
  await vendor.fill({ role: "auditor" });
  await vendor.press("Save");
  await vendor.go(`/people/${before.json.id}`);
  tally.check("4.3 G4-2 and grants nothing to who is there", await vendor.says("role user"), await vendor.text());
  await vendor.go(at(PROVIDER));
  await vendor.fill({ role: "user" });
  await vendor.press("Save");
}

/** 4.6: a second provider in the same tenant. */
export async function second(world) {
  const { tally, vendor } = world;
  await vendor.go("/providers/new");
  await vendor.fill({ name: "Contoso Works", system: "other", role: "user" });
  await vendor.press("Make it");
  const other = { url: await vendor.shown("Tenant URL"), token: await vendor.shown("Secret token") };
  await vendor.press("Put in use");
  tally.check("4.6 a second provider is allowed", await vendor.says("waiting for the first request"), await vendor.text());
  const list = await scim(vendor, other, "GET", "/Users");
  tally.check("4.6 G4-4 it sees nobody of the first one", list.json.totalResults === 0, list.text);
  const mine = (await scim(vendor, world.tenant, "GET", "/Users")).json.Resources[0];
  const gone = await scim(vendor, other, "DELETE", `/Users/${mine.id}`);
  tally.check("4.6 G4-4 cannot delete them", gone.status === 404, gone.text);
  const taken = await scim(vendor, other, "POST", "/Users", { schemas: [USER], userName: mine.userName, displayName: "Mine now" });
  tally.check("4.6 G4-4 and cannot take them", taken.status === 409, taken.text);
  tally.check("4.6 what it tried stands in its requests", await vendor.waitFor(`${at("Contoso Works")}/requests`, "409"), await vendor.text());
  await vendor.picture("4.6-requests");
}

/** 4.19: what a foreign caller sends, under its profile and strictly. */
export async function habits(world) {
  const { tally, vendor, tenant } = world;
  const made = await scim(vendor, tenant, "POST", "/Users", { schemas: [USER], userName: "quirk@contoso.example", displayName: "Quirk", active: true });
  const user = `/Users/${made.json.id}`;
  const patch = (operations) => scim(vendor, tenant, "PATCH", user, { schemas: [PATCH], Operations: operations });
  const boss = (await scim(vendor, tenant, "GET", "/Users?count=1")).json.Resources[0].id;
  const all = [
    ["op Replace and active 'False'", [{ op: "Replace", path: "active", value: "False" }]],
    ["a path with a schema", [{ op: "Add", path: `${ENTERPRISE}:manager`, value: boss }]],
    ["a PATCH without a path", [{ op: "Replace", value: { displayName: "Quirk the second" } }]],
  ];
  for (const [what, operations] of all) {
    const answer = await patch(operations);
    tally.check(`4.19 ${what} is taken under the profile of Entra`, [200, 204].includes(answer.status), answer.text);
  }
  const now = (await scim(vendor, tenant, "GET", user)).json;
  tally.check("4.19 and put right", now.active === false && now.displayName === "Quirk the second" && now[ENTERPRISE]?.manager?.value === boss, JSON.stringify(now));
  tally.check("4.19 each use is counted", await vendor.waitFor(`${at(PROVIDER)}/habits`, "tolerated", /\d/), await vendor.text());
  tally.check("4.19 G4-12 by name", (await vendor.page.locator("main tbody tr").count()) >= 2, await vendor.text());
  await vendor.picture("4.19-habits");
  await vendor.go(`${at(PROVIDER)}/requests`);
  await vendor.picture("4.20-requests");
  tally.check("4.19 and the raw request is kept", await vendor.says("PATCH"), await vendor.text());
  await vendor.go(at(PROVIDER));
  await vendor.fill({ dialect: "strict" });
  await vendor.press("Save");
  // What a token may is remembered for some seconds.
  const strict = await until(async () => {
    const answer = await patch([{ op: "Replace", path: "active", value: "True" }]);
    return answer.status === 400 && answer;
  });
  tally.check("4.19 G4-12 in strict mode it is refused, with a sentence", strict && strict.json.detail.length > 20, strict?.text);
  await vendor.go(at(PROVIDER));
  await vendor.fill({ dialect: "" });
  await vendor.press("Save");
}

/** 4.20: what the tenant's admin watches. */
export async function monitor({ tally, vendor }) {
  tally.check("4.20 the tenant's admin finds the refused requests, each with its reason", await vendor.waitFor(`${at(PROVIDER)}/requests?which=failed`, "400"), await vendor.text());
  await vendor.picture("4.20-failed");
  await vendor.go(at(PROVIDER));
  tally.check("4.20 and the numbers of the last hour", await vendor.says("requests in the last hour", "of them failed"), await vendor.text());
}
