// An administrator's way to Microsoft 365 as a provider: the guide, the four general fields, the sections, the lock that
// keeps everybody unassigned, the decision against federation, the end of a provider, and the checklist. Every numbered
// step is lived on the pages, each page is looked at with an accessibility checker; every guard is pushed against, also
// past the page.
//
//     node s0.mjs FACTS-FILE

import { readFileSync } from "node:fs";
import { start } from "./chrome.mjs";
import { Directory, Tenant } from "./contoso.mjs";
import { sit } from "./desk.mjs";
import { violations } from "./pages.mjs";
import * as ends from "./s0_ends.mjs";
import * as general from "./s0_general.mjs";
import * as guide from "./s0_guide.mjs";
import * as lock from "./s0_lock.mjs";
import * as sections from "./s0_sections.mjs";
import { Tally } from "./tally.mjs";

const facts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const tally = new Tally("s0");
const { browser, close } = await start();

/** One that breaks off is a failed check, and the story goes on: what comes after it says how much it mattered. */
async function told(world, step) {
  try {
    await step(world);
  } catch (error) {
    tally.check(`the step "${step.name}" comes to its end`, false, `${error.stack}\n${await world.desk.text()}`);
  }
}

/** The addresses whose answer had one of the secrets in it. */
function watched(page, secrets, leaked) {
  page.on("response", async (answer) => {
    // An answer without a body, and one whose page is gone already, have none to read.
    const text = await answer.text().catch(() => "");
    if (secrets.some((secret) => text.includes(secret))) leaked.push(answer.url());
  });
}

await tally.tell(async () => {
  // The checker looks at pages from inside, which our own policy would not let it.
  const owner = await sit(browser, facts.link, { checked: true });
  const world = { tally, owner, directory: new Directory(facts.scim), tenant: new Tenant(facts.tenant), browser, found: [] };
  /** A picture of the page that is open, and what is wrong with it for readers of other senses. */
  world.seen = async (name, desk = world.desk) => {
    await desk.picture(name);
    world.found.push(...(await violations(desk.page)).map((text) => `${name}: ${text}`));
  };
  await guide.begin(world);
  const leaked = [];
  for (const desk of [owner, world.desk]) watched(desk.page, [facts.tenant.client_secret, sections.LATER], leaked);
  for (const part of [guide, general, sections, lock, ends]) {
    for (const step of part.steps) await told(world, step);
  }
  tally.check("axe finds nothing on any of the pages", !world.found.length, world.found.join("\n"));
  tally.check("G0-10 no page has ever shown a secret", !leaked.length, leaked.join("\n"));
  // Pages that refuse are part of the story: their status is all that the browser may complain of.
  const odd = [...owner.said, ...world.desk.said].filter((text) => !/status of (403|404|409|422)/.test(text));
  tally.check("the browser has nothing to complain of", !odd.length, odd.join("\n"));
});
await close();
tally.close();
