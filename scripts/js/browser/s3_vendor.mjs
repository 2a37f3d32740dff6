// The vendor's half of script S3: steps 3.1 to 3.6.

import { reader } from "./chrome.mjs";
import { Desk, words } from "./desk.mjs";

export const PROVIDER = "Contoso Entra";
const PATH = `/providers/${encodeURIComponent(PROVIDER)}`;

/** 3.1: who signs in, and for whom. */
export async function team({ tally, browser, vendor, customer }) {
  const home = await vendor.home();
  await vendor.go();
  tally.check("3.1 the owner is in the workspace", home.startsWith("/w/"), home);
  await vendor.go("/teams");
  await vendor.picture("3.1-teams");
  tally.check("3.1 without a team the page teaches what one is", await vendor.says("No team yet"), await vendor.text());
  await vendor.fill({ name: "Sales portal" });
  await vendor.press("Make a team");
  tally.check("3.1 the team is there", await vendor.says("Sales portal"), await vendor.text());
  await vendor.fill({ name: "Sales portal" });
  await vendor.press("Make a team");
  tally.check("3.1 a second one of its name is not made", vendor.status === 422 && (await vendor.says("already")), await vendor.text());

  const { page, context } = await reader(browser);
  await context.addCookies((await customer.context.cookies()).map((one) => ({ ...one, domain: "localhost" })));
  await page.goto(vendor.origin + home);
  tally.check("3.1 G3-1 the customer's session opens nothing at the vendor's", page.url().includes("/signin"), page.url());
  await context.close();
  await vendor.go(vendor.origin + "/w/Elsewhere/providers");
  tally.check("3.1 G3-1 another workspace looks as if there were none", vendor.status === 404, vendor.status);

  await vendor.go("/administrators");
  await vendor.follow("Vendor owner");
  const here = new URL(vendor.page.url()).pathname;
  const gone = await vendor.smuggle(`${here}/role`, { role: "auditor", everywhere: "on" });
  tally.check("3.1 G3-2 the last owner cannot give the role away", gone.status === 409 && gone.text.includes("PRV-OWNER-LAST"), `${gone.status} ${words(gone.text)}`);
}

/** 3.2 and 3.3: directory sync is off, waits, is live; and what new people get. */
export async function provider({ tally, browser, vendor }) {
  await vendor.go("/providers");
  tally.check("3.2 directory sync is off: nobody sends yet", await vendor.says("Nobody sends people yet"), await vendor.text());
  await vendor.follow("New inbound provider");
  await vendor.fill({ name: PROVIDER, system: "entra", role: "user", team: "Sales portal" });
  const owner = await vendor.smuggle("/providers/new", { name: "Owners", system: "entra", role: "owner" });
  tally.check("3.3 G3-3 a provider that makes owners is refused", owner.status === 422 && owner.text.includes("PRV-ROLE-OWNER"), `${owner.status} ${words(owner.text)}`);
  await vendor.press("Make it");
  tally.check("3.2 it begins as a draft", await vendor.says("draft", "This token is shown once"), await vendor.text());

  await vendor.go(PATH);
  await vendor.picture("3.3-provider");
  tally.check("3.3 what they get is for new people only", await vendor.says("For new people only"), await vendor.text());
  await vendor.fill({ role: "user", team: "Sales portal", permission: "read" });
  await vendor.press("Save");
  const kept = await vendor.page.locator("[name=permission]").inputValue();
  tally.check("3.3 team and permission are kept", kept === "read" && (await vendor.page.locator("[name=team]").inputValue()) === "Sales portal", kept);

  const operator = await vendor.invite(browser, "Vendor operator", "provisioning_operator");
  await operator.go(PATH);
  tally.check("3.3 G3-3 who holds less sees it and the role that is needed", await operator.isDead("Save", "owner or configuration admin"), await operator.text());
  const more = await operator.smuggle(PATH, { role: "configuration-admin", permission: "manage", takeover: "never", unknown_members: "refuse", recycle_days: "30" });
  tally.check("3.3 G3-3 and cannot give more than they hold", more.status === 403, more.status);
  await operator.context.close();
}

/** 3.5: the token. */
export async function token({ tally, vendor }) {
  await vendor.go(`${PATH}/tokens`);
  tally.check("3.5 the tenant URL stands ready to be copied", (await vendor.shown("Tenant URL")).endsWith("/scim/v2"));
  await vendor.fill({ label: "for the rollout" });
  await vendor.press("Make a token");
  const secret = await vendor.shown("Secret token");
  tally.check("3.5 a second token is possible, and shown", secret.startsWith("prv_"), secret);
  await vendor.picture("3.5-token-shown");
  await vendor.go(`${PATH}/tokens`);
  tally.check("3.5 G3-5 and not a second time", !(await vendor.page.content()).includes(secret));
  const row = vendor.page.locator("main tr", { hasText: "for the rollout" });
  const line = (await row.innerText()).replace(/\s+/g, " ");
  tally.check("3.5 its beginning, maker and end are kept", line.includes(secret.slice(0, 8)) && line.includes("owner@vendor.contoso.example") && /in \d+ days/.test(line), line);
  tally.check("3.5 G3-6 a third one is not: the button says why", await vendor.isDead("Make a token", "There are two tokens that work"), await vendor.text());
  const third = await vendor.smuggle(`${PATH}/tokens`, { label: "third", days: "90" });
  tally.check("3.5 G3-6 nor for who sends the form nevertheless", third.status === 422 && third.text.includes("PRV-TOKEN"), `${third.status} ${words(third.text)}`);
  tally.check("3.5 G3-6 an old one says when it was last used, before it is revoked", line.includes("never used"), line);
  await vendor.picture("3.5-tokens");
  await vendor.press("Revoke for the rollout");
  await vendor.press("Revoke first");
  tally.check("3.5 both are revoked: the setup link makes the one that counts", await vendor.says("revoked"), await vendor.text());
}

/** 3.6: the setup link, as the customer's administrator has it who has no account here. */
export async function setupLink(world) {
  const { tally, browser, vendor } = world;
  await vendor.go(`${PATH}/setup-links`);
  await vendor.fill({ label: "Contoso IT", days: "7" });
  await vendor.press("Make a setup link");
  const link = await vendor.shown("Setup link");
  const { context, page, said } = await reader(browser);
  const guest = new Desk(context, page, said);
  guest.origin = vendor.origin;
  await guest.go(link);
  tally.check("3.6 the link opens without a session", guest.status === 200 && (await guest.says("Set up provisioning", PROVIDER)), await guest.text());
  tally.check("3.6 G3-7 it says until when it works", await guest.says("This page works until"), await guest.text());
  for (const name of ["Okta", "Another system", "Microsoft Entra ID"]) {
    await guest.follow(name);
    const images = await guest.page.$$eval("figure img", (all) => Promise.all(all.map(async (one) => ((one.loading = "eager"), await one.decode(), one.naturalWidth))));
    tally.check(`3.6 the steps at ${name} have their pictures`, (await guest.page.locator(".guide > li").count()) > 2 && images.every((width) => width > 0), images);
    await guest.picture(`3.6-setup-${name.split(" ")[0]}`);
  }
  await guest.press("Make the token");
  world.tenant = { url: await guest.shown("Tenant URL"), token: await guest.shown("Secret token") };
  await guest.picture("3.6-setup-token");
  await guest.go(link);
  tally.check("3.6 the token is made once", (await guest.isDead("Make the token", "made already")), await guest.text());
  const again = await guest.page.request.post(`${link}/token`, { headers: { origin: vendor.origin }, data: "" });
  tally.check("3.6 G3-7 also for who asks nevertheless", again.status() === 409, again.status());

  const list = `${world.tenant.url}/Users?count=1`;
  const headers = { authorization: `Bearer ${world.tenant.token}` };
  tally.check("3.6 a draft's token opens nothing", (await guest.page.request.get(list, { headers })).status() === 401);
  await vendor.go(PATH);
  await vendor.press("Put in use");
  tally.check("3.2 in use, it waits for the first request", await vendor.says("waiting for the first request"), await vendor.text());
  tally.check("3.6 now it opens", (await guest.page.request.get(list, { headers })).status() === 200);
  const checks = guest.page.locator("[data-from]");
  await checks.filter({ hasText: "ago" }).first().waitFor({ timeout: 60_000 });
  await guest.picture("3.6-setup-live");
  tally.check("3.6 the page sees the first request by itself", /ago/.test(await checks.first().innerText()), await checks.first().innerText());
  tally.check("3.2 and directory sync is live", await vendor.waitFor(PATH, "in use"), await vendor.text());

  await vendor.go(`${PATH}/setup-links`);
  tally.check("3.6 the vendor sees that it was opened and a token made", await vendor.says("opened", "made"), await vendor.text());
  await vendor.picture("3.6-links");
  await vendor.press("Revoke Contoso IT");
  await guest.go(link);
  tally.check("3.6 G3-7 a revoked link looks as if there were none", guest.status === 404, guest.status);
  tally.check("3.6 what was made by it goes on", (await guest.page.request.get(list, { headers })).status() === 200);
  await guest.context.close();
}
