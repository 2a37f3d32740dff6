// An administrator's way through Microsoft 365: a connection, its rule, the first runs, and how all of it ends. Every
// numbered step is lived on the pages; every guard is pushed against, also past the page.
//
//     node s2.mjs FACTS-FILE

import { readFileSync } from "node:fs";
import { start } from "./chrome.mjs";
import { Directory, Tenant } from "./contoso.mjs";
import { sit } from "./desk.mjs";
import * as connection from "./s2_connection.mjs";
import * as leaving from "./s2_leaving.mjs";
import * as mappings from "./s2_mappings.mjs";
import * as runs from "./s2_runs.mjs";
import { Tally } from "./tally.mjs";

const facts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const tally = new Tally("s2");
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
function watched(page, secrets) {
  const leaked = [];
  page.on("response", async (answer) => {
    // An answer without a body, and one whose page is gone already, have none to read.
    const text = await answer.text().catch(() => "");
    if (secrets.some((secret) => text.includes(secret))) leaked.push(answer.url());
  });
  return leaked;
}

await tally.tell(async () => {
  const desk = await sit(browser, facts.link);
  const leaked = watched(desk.page, [facts.tenant.client_secret, mappings.PASSWORD, mappings.LATER]);
  const world = { tally, desk, directory: new Directory(facts.scim), tenant: new Tenant(facts.tenant) };
  for (const part of [connection, mappings, runs, leaving]) {
    for (const step of part.steps) await told(world, step);
  }
  tally.check("no page has ever shown a secret", !leaked.length, leaked.join("\n"));
  // Pages that refuse are part of the story: their status is all that the browser may complain of.
  const odd = desk.said.filter((text) => !/status of (404|409|422)/.test(text));
  tally.check("the browser has nothing to complain of", !odd.length, odd.join("\n"));
});
await close();
tally.close();
