// Script S0, steps 0.1 and 0.2: the guide with its five steps, and the catalogue.

import { refused } from "./s2_connection.mjs";
import { form, NEW, sent } from "./s0_general.mjs";

export const GUIDE = "/guides/move-microsoft-365";
export const at = (step) => `${GUIDE}?step=${step}`;

export const steps = [order, catalogue];

/** Contoso as the script finds it: an owner, a configuration admin, three people and a group. */
export async function begin(world) {
  const { owner, directory, browser, tally } = world;
  await owner.go(at("prepare"));
  world.desk = owner;
  await world.seen("0.01-prepare");
  tally.check("0.1 nobody has prepared anything: the first step says what is missing", await owner.says("Invite a configuration admin", "Add people, or let an identity provider send them", "Add a group"), await owner.text());
  world.people = {};
  for (const name of ["anna", "bjorn", "clara"]) world.people[name] = await directory.person(name);
  world.group = await directory.group("Pilot", [world.people.clara]);
  // Most of it is a configuration admin's work: no owner is needed.
  world.desk = await owner.invite(browser, "Kim Contoso", "configuration_admin", { checked: true });
}

async function order({ tally, desk, owner, tenant, seen }) {
  await desk.go("/guides");
  tally.check("0.1 the guide is the first of the list, with how far it is", await desk.says("Move Microsoft 365 to Provost", "1 of 5 steps are done"), await desk.text());
  await desk.go(GUIDE);
  const titles = await desk.page.locator(".guide h2").allInnerTexts();
  tally.check("0.1 steps 1 to 5 stand there with their state", titles.length === 5 && /Prepare.*done/.test(titles[0]) && /Register.*open/.test(titles[1]) && /Configure.*after the steps before it/.test(titles[2]), titles.join("\n"));
  await seen("0.01-guide");

  await desk.go(at("configure"));
  await seen("0.01-locked");
  const why = "Locked until step 2, “Register the application in Entra”, is done or recorded.";
  tally.check("0.1 G0-1 step 3 is locked until step 2 is recorded, and says so", await desk.says(why), await desk.text());
  const way = desk.page.locator("[aria-disabled=true]", { hasText: "Add provider" });
  tally.check("0.1 G0-1 its way is dead, with that sentence", (await way.getAttribute("aria-describedby")) === "locked", await desk.text());
  await desk.go(NEW);
  await seen("0.01-early");
  tally.check("0.1 G0-1 the form is dead as well, and leads to the step", await desk.isDead("Validate and add", "after step 2 of the guide, “Register the application in Entra”, is recorded"), await desk.text());
  refused(tally, "0.1 G0-1 nor can it be sent past the page", await desk.smuggle(NEW, sent(form(tenant))), 409, "PRV-GUIDE-ORDER");
  refused(tally, "0.1 G0-1 the next steps cannot be recorded in its place", await desk.smuggle(`${GUIDE}/sign`, { step: "people" }), 404, "no sign-off");

  await owner.go("/audit?action=microsoft_365");
  tally.check("0.1 G0-1 the attempt stands in the audit log", (await owner.page.content()).includes("PRV-GUIDE-ORDER"), await owner.text());

  await desk.go(at("register"));
  tally.check("0.1 step 2 says what is done in Entra, right by right", await desk.says("User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All", "client secret"), await desk.text());
  await seen("0.01-register");
  await desk.press("I did it elsewhere");
  tally.check("0.1 it can be recorded as done elsewhere, and step 3 will prove it", await desk.says("elsewhere", "signed by administrator", "Step 3 proves it"), await desk.text());
  await desk.go(at("configure"));
  tally.check("0.1 then step 3 is open", !(await desk.says("Locked until")), await desk.text());
}

async function catalogue({ tally, desk, seen }) {
  await desk.go();
  await desk.page.locator("nav.rail").getByRole("link", { name: "Add provider" }).click();
  await desk.page.waitForURL(/\/add-provider$/);
  const tiles = await desk.page.locator(".tiles :is(h2, h3)").allInnerTexts();
  tally.check("0.2 the catalogue has Microsoft 365 first", tiles[0] === "Microsoft 365" && tiles.length > 5, tiles.join("\n"));
  tally.check("0.2 and says that it adds a connection, no account is touched", await desk.says("adds a connection, no account is touched"), await desk.text());
  await seen("0.02-catalogue");
  await desk.follow("Choose Microsoft 365");
  tally.check("0.3 it leads to the form General", new URL(desk.page.url()).pathname.endsWith(NEW), desk.page.url());
}
