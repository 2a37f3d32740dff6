// Script S1, steps 1.16 to 1.19: the page Identifiers of Microsoft 365 as a provider. Who belongs to whom is read,
// suggested, linked, exempted and made, on both sides; the guards G1-8 to G1-10 are pushed against, also past the page.
// Each page is looked at in both themes and two widths, with an accessibility checker.
//
//     node s1_identifiers.mjs FACTS-FILE

import { readFileSync } from "node:fs";
import { THEMES, WIDTHS, start } from "./chrome.mjs";
import { Directory, Tenant } from "./contoso.mjs";
import { sit } from "./desk.mjs";
import { cut, overhang, violations } from "./pages.mjs";
import { AT as PROVIDER, NEW, form } from "./s0_general.mjs";
import { at } from "./s0_guide.mjs";
import * as acts from "./s1_acts.mjs";
import * as lists from "./s1_lists.mjs";
import { Tally } from "./tally.mjs";

const facts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const tally = new Tally("identifiers");
const { browser, close } = await start();

/** The page as each reader has it: pictures, and what is wrong with it. */
async function look(world, name, desk) {
  const { page } = desk;
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      // Without motion: a button that fades from one theme to the other would be looked at halfway.
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 900 });
      await desk.picture(`${name}.${theme}.${width}`);
      const found = [...(await violations(page)), await overhang(page), ...(await cut(page))];
      world.found.push(...found.filter(Boolean).map((text) => `${name} in ${theme} at ${width} px: ${text}`));
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
}

/** Contoso as the script finds it: people here, accounts there, and a provider that may read them. */
async function begin({ desk, directory, tenant, people, accounts, tally: counted, seen }) {
  const other = await desk.invite(browser, "Kim Contoso", "configuration_admin");
  await other.context.close();
  const mail = (value) => ({ emails: [{ value, type: "work", primary: true }] });
  for (const [name, more] of [["anna", {}], ["bjorn", mail("b.berg@contoso.example")], ["clara", {}], ["dora", {}], ["erik", {}]]) {
    people[name] = await directory.person(name, more);
  }
  await directory.group("Pilot", [people.clara]);
  for (const [name, more] of [
    ["anna", {}],
    ["berg", { mail: "b.berg@contoso.example" }],
    ["dora.dahl", {}],
    ["clara.claus", {}],
    ["henrik", {}],
    ["ida", {}],
    ["guest", { userType: "Guest" }],
    ["info", { accountEnabled: false, mail: "info@contoso.example" }],
    ["gone", { accountEnabled: false }],
    ["admin", {}],
  ]) {
    accounts[name] = await tenant.account(name, more);
  }
  await desk.go(at("register"));
  await desk.press("It is registered");
  await desk.go(NEW);
  await desk.fill(form(tenant));
  await desk.press("Validate and add");
  await desk.go(lists.AT);
  await seen("1.16-early");
  counted.check("1.16 before there are credentials, reading is dead and says why", await desk.isDead("Read the accounts", "Configure Provisioning first"), await desk.text());
  await desk.go(`${PROVIDER}/provisioning`);
  await desk.fill({ client_id: tenant.client_id, tenant: tenant.tenant, secret: tenant.client_secret });
  await desk.press("Validate and add");
  await desk.go("/connections/Microsoft%20365/preferences");
  await desk.fill({ protected: "admin@contoso.example" });
  await desk.press("Save");
}

/** One that breaks off is a failed check, and the story goes on: what comes after it says how much it mattered. */
async function told(world, step) {
  try {
    await step(world);
  } catch (error) {
    tally.check(`the step "${step.name}" comes to its end`, false, `${error.stack}\n${await world.desk.text()}`);
  }
}

await tally.tell(async () => {
  // The checker looks at pages from inside, which our own policy would not let it.
  const desk = await sit(browser, facts.link, { checked: true });
  const world = { tally, desk, directory: new Directory(facts.scim), tenant: new Tenant(facts.tenant), browser, people: {}, accounts: {}, found: [] };
  world.seen = (name, by = desk) => look(world, name, by);
  await begin(world);
  for (const step of [...lists.steps, ...acts.steps]) await told(world, step);
  tally.check("axe finds nothing, and nothing sticks out or is cut off", !world.found.length, world.found.join("\n"));
  // Pages that refuse or ask are part of the story: their status is all that the browser may complain of.
  const odd = desk.said.filter((text) => !/status of (403|404|409|422)/.test(text));
  tally.check("the browser has nothing to complain of", !odd.length, odd.join("\n"));
});
await close();
tally.close();
