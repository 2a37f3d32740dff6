// Script S0, step 0.19: a provider goes, who was assigned is kept, and comes back with the next one of the domain.

import { AT, NAME, NEW, form } from "./s0_general.mjs";
import { refused } from "./s2_connection.mjs";

export const steps = [preview, removed, back, german];

async function preview({ tally, desk, seen }) {
  await desk.go(AT);
  await desk.press("Remove the provider");
  await seen("0.19-preview");
  tally.check("0.19 before anything goes, it is said what would", desk.status === 409 && (await desk.says(/assign/i, "rule", "kept")), await desk.text());
  await desk.fill({ confirm_typed: "Microsoft" });
  await desk.agree();
  tally.check("0.19 another name is no confirmation", await desk.says("This is not the name."), await desk.text());
  await desk.fill({ confirm_typed: NAME });
  await desk.agree();
  tally.check("0.19 with its name, it is removed", await desk.says("It was removed", "None yet."), await desk.text());
}

async function removed({ tally, desk, tenant, seen }) {
  await desk.go(NEW);
  await desk.fill(form(tenant));
  await desk.press("Validate and add");
  tally.check("0.19 G0-16 added again, it offers who was assigned", await desk.says("2 people and groups are kept from a provider that was removed.", "Assign them again"), await desk.text());
  await desk.follow("Assign them again");
  await seen("0.19-kept");
  tally.check("0.19 G0-16 each of them, with since when", await desk.says("Anna", "Pilot", "assigned", "kept"), await desk.text());
  tally.check("0.19 G0-14 but not past the lock", await desk.isDead(/again/, "Nobody can be assigned before federation is finished"), await desk.text());
  refused(tally, "0.19 nor past the page: there is no connection yet", await desk.smuggle(`${AT}/reattach`, { do: "all" }), 409, "PRV-PROVIDER-ORDER");
}

async function back({ tally, desk, owner, tenant, seen }) {
  await desk.smuggle(`${AT}/authentication`);
  await desk.go(`${AT}/provisioning`);
  await desk.fill({ client_id: tenant.client_id, tenant: tenant.tenant, secret: tenant.client_secret });
  await desk.press("Validate and add");
  refused(tally, "0.19 G0-14 nor with one, before an owner decides", await desk.smuggle(`${AT}/reattach`, { do: "all" }), 409, "PRV-PROVIDER-NOT-ASSIGNABLE");
  await owner.go(`${AT}/mode`);
  await owner.fill({ reason: "People go on signing in at Microsoft" });
  await owner.press("Use it for provisioning only");
  await owner.agree();
  await desk.go(`${AT}/reattach`);
  await desk.press("Assign all 2 again");
  await seen("0.19-back");
  tally.check("0.19 G0-16 assigned again, nobody is kept any more", await desk.says("Nobody is kept"), await desk.text());
  await desk.go(`${AT}/provisioning`);
  await desk.page.locator("section[aria-labelledby=connection] dd a").first().click();
  await desk.page.waitForURL(/\/connections\//);
  await desk.page.getByRole("navigation", { name: "Parts of the connection" }).getByRole("link", { name: "Assignments" }).click();
  await desk.page.waitForURL(/assignments$/);
  tally.check("0.19 and the connection has both", await desk.says("Anna", "Pilot"), await desk.text());
}

/** The same pages for who reads German. */
async function german({ tally, desk, browser, seen }) {
  const context = await browser.newContext({ locale: "de", viewport: { width: 1280, height: 900 }, storageState: await desk.context.storageState(), bypassCSP: true });
  const page = await context.newPage();
  const reader = Object.assign(Object.create(Object.getPrototypeOf(desk)), { ...desk, context, page });
  const english = [];
  for (const path of ["/add-provider", "/providers", NEW, AT, ...["general", "authentication", "provisioning", "migration", "federation", "mode", "reattach"].map((one) => `${AT}/${one}`), "/guides/move-microsoft-365?step=register", "/guides/move-microsoft-365?step=people"]) {
    await reader.go(path);
    await seen(`de-${path.split("?").pop().replace(/\W+/g, "-")}`, reader);
    // What only English sentences have: a page in German has none of them outside what an engine said.
    const text = await page.evaluate(() => {
      const main = document.querySelector("main").cloneNode(true);
      main.querySelectorAll("[lang=en], code, a[rel]").forEach((one) => one.remove());
      return main.textContent;
    });
    if (/\b(the|nobody|is|and|with)\b/i.test(text)) english.push(`${path}: ${text.match(/.{0,40}\b(the|nobody|is|and|with)\b.{0,40}/i)[0]}`);
  }
  tally.check("every page is there in German", !english.length, english.join("\n"));
  await context.close();
}
