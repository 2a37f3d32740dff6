// What an administrator leaves behind in some months: without it, half of the pages would only say that there is nothing.

import { Desk } from "./desk.mjs";

/** Furnishes the demo at the page that is open; gives the addresses that no link of the console leads to. */
export async function furnish(context, page) {
  const desk = new Desk(context, page, []);
  await desk.home();
  await desk.smuggle("/connections/Sample%20application/off");
  await people(desk);
  const kept = await kinds(desk);
  await accesses(desk);
  const steps = await plan(desk);
  return { signed: [...kept, ...steps], open: ["/signin", "/welcome?key=none", await customer(desk)] };
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

/** Another administrator, and a token of the interface. */
async function accesses(desk) {
  await desk.go("/administrators/new");
  await desk.fill({ name: "Contoso auditor", email: "auditor@contoso.example", role: "auditor" });
  await desk.press("Add and make a link");
  await desk.go("/api-tokens/new");
  await desk.fill({ label: "Nightly report", scope: "read" });
  await desk.press("Make the token");
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
