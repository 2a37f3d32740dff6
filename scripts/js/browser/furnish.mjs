// What an administrator leaves behind in some months: without it, half of the pages would only say that there is nothing.

import { createServer } from "node:http";
import { Desk } from "./desk.mjs";

/** Furnishes the demo at the page that is open; gives the addresses that no link of the console leads to. */
export async function furnish(context, page) {
  const desk = new Desk(context, page, []);
  await desk.home();
  await desk.smuggle("/connections/Sample%20application/off");
  await people(desk);
  const kept = await kinds(desk);
  await accesses(desk);
  // Links lead there too, where the connection is an application's and the provider has its credentials.
  kept.push("/w/Contoso/connections/Sample%20application/sign-in", ...(await provider(desk)));
  await elsewhere(desk);
  await licences(desk);
  const steps = await plan(desk);
  return { signed: [...kept, ...steps], open: ["/signin", "/welcome?key=none", "/consent/back?state=none", "/me/Contoso/sign-in", "/me/Contoso/enrol?key=none", "/join/Contoso", await customer(desk)] };
}

/** More people blocked than the guard lets pass, and one protected. */
async function people(desk) {
  await desk.go("/people?search=a");
  const found = await desk.page.$$eval("main a[href*='/people/']", (all) => all.map((a) => a.href.split(/[/?#]/).pop()));
  const [first, ...others] = [...new Set(found)].filter((id) => /^[0-9a-f-]{36}$/.test(id)).slice(0, 12);
  await desk.smuggle(`/people/${first}/protect`, { connection: "", reason: "Runs the pay roll" });
  for (const id of others) await desk.smuggle(`/people/${id}/block`, { reason: "The branch was sold" });
}

/** A person and a group of our own, and one of each that was deleted. */
async function kinds(desk) {
  const pages = [];
  for (const [kind, values] of [
    ["people", (name) => ({ user_name: `${name}@contoso.example`, display_name: `${name} Example` })],
    ["groups", (name) => ({ display_name: `Project ${name}` })],
  ]) {
    const gone = await added(desk, kind, values("Old"));
    await desk.page.goto(`${gone}/delete`);
    await desk.press(/^Delete/);
    const kept = await added(desk, kind, values("New"));
    pages.push(kept, `${kept}/edit`, `${kept}/delete`, ...(kind === "groups" ? [`${kept}/members`] : []));
  }
  return pages;
}

async function added(desk, kind, values) {
  await desk.go(`/${kind}/new`);
  await desk.fill(values);
  await desk.press("Add");
  return desk.page.url().split("?")[0];
}

/** Other administrators, and a token of the interface. */
async function accesses(desk) {
  for (const [name, role] of [["auditor", "auditor"], ["configuration", "configuration_admin"]]) {
    await desk.go("/administrators/new");
    await desk.fill({ name: `Contoso ${name}`, email: `${name}@contoso.example`, role });
    await desk.press("Add and make a link");
  }
  await desk.go("/api-tokens/new");
  await desk.fill({ label: "Nightly report", scope: "read" });
  await desk.press("Make the token");
}

/** Another system to sign in with: one that describes itself (OpenID Connect Discovery 1.0 section 4), and no more. */
async function elsewhere(desk) {
  let issuer = "";
  const server = createServer((asked, answer) => {
    const about = { issuer, authorization_endpoint: `${issuer}/enter`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` };
    answer.setHeader("content-type", "application/json");
    answer.end(JSON.stringify(asked.url.endsWith("/openid-configuration") ? about : { keys: [] }));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  issuer = `http://127.0.0.1:${server.address().port}`;
  await desk.page.goto(`${desk.origin}/signin-providers/new`);
  await desk.fill({ name: "Contoso Entra", issuer, client_id: "provost" });
  await desk.press("Save");
  server.closeAllConnections();
  server.close();
}

/** The products of the tenant, and a group that brings one. */
async function licences(desk) {
  await desk.go("/connections/Microsoft%20365/licences");
  await desk.press("Read the seats now");
  await desk.fill({ group: "Project New" });
  await desk.press("Have the group bring it");
}

/** Microsoft 365 as a provider, whose tenant does not answer: a draft. Nobody is kept for it, so no link leads to those. */
async function provider(desk) {
  await desk.go("/guides/move-microsoft-365?step=register");
  await desk.press("It is registered");
  await desk.go("/new-microsoft-365");
  const nowhere = "http://127.0.0.1:9";
  await desk.fill({ name: "Contoso Microsoft 365", label: "Head office", domain: "contoso.example", tenant_name: "contoso", "s.graph_url": nowhere, "s.login_url": nowhere, "s.allow_private_network": true });
  await desk.press("Validate and add");
  return ["reattach", "onboarding", "migration/letters"].map((page) => `${desk.page.url().split("?")[0]}/${page}`);
}

/** A plan with something in it, for a connection that is off meanwhile. */
async function plan(desk) {
  await desk.go("/plans?connection=Sample%20application");
  await desk.press("Make the plan");
  const one = desk.page.locator("main a[href*='/objects/']").first();
  return (await one.count()) ? [await one.evaluate((a) => a.href)] : [];
}

/** A provider for a customer, and the page that its administrator gets. */
async function customer(desk) {
  await desk.go("/providers/new");
  await desk.fill({ name: "Contoso Retail", system: "entra" });
  await desk.press("Make it");
  await desk.go("/providers/Contoso%20Retail/setup-links");
  await desk.fill({ label: "Contoso Retail, IT" });
  await desk.press("Make a setup link");
  return desk.shown("Setup link");
}
