// Script S1: the people of a company move from Microsoft 365 to Provost, and the domain is switched. An administrator opens
// a window, people come by themselves, what does not fit is decided, the migration is closed, the cockpit turns green, the
// domain is switched, people sign in to Microsoft 365 with their passkeys, and it is all taken back and done once more.
// Every guard is pushed against, on the page, past it and by the interface. Steps 1.16 to 1.19 have a story of their own,
// s1_identifiers.mjs.
//
//     node s1.mjs FACTS-FILE

import { readFileSync } from "node:fs";
import { start } from "./chrome.mjs";
import { door } from "./door.mjs";
import * as closing from "./s1_closing.mjs";
import * as cutover from "./s1_cutover.mjs";
import * as onboarding from "./s1_onboarding.mjs";
import * as switching from "./s1_switch.mjs";
import * as window from "./s1_window.mjs";
import { begin } from "./s1_world.mjs";
import { Tally } from "./tally.mjs";

const facts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const tally = new Tally("s1");
const front = await door(facts.door);
const { browser, close } = await start({ pins: [facts.door.pin] });

/** One that breaks off is a failed check, and the story goes on: what comes after it says how much it mattered. */
async function told(world, step) {
  try {
    await step(world);
  } catch (error) {
    tally.check(`the step "${step.name}" comes to its end`, false, `${error.stack}\n${world.owner.page.url()}\n${await world.owner.text()}`);
  }
}

await tally.tell(async () => {
  const world = await begin({ tally, browser, facts });
  for (const part of [window, onboarding, closing, cutover, switching]) {
    for (const step of part.steps) await told(world, step);
  }
  await world.letters.close();
  tally.check("axe finds nothing on any of the pages, and nothing sticks out", !world.found.length, world.found.join("\n"));
  tally.check("no page has ever shown a secret", !world.leaked.length, world.leaked.join("\n"));
  // Pages that refuse are part of the story: their status is all that the browser may complain of.
  const odd = world.desks.flatMap((desk) => desk.said).filter((text) => !/status of (400|403|404|409|410|422)/.test(text));
  tally.check("the browser has nothing to complain of", !odd.length, odd.join("\n"));
});
await close();
front.close();
tally.close();
