// The customer's half of script S3 up to the first cycle: steps 3.7 to 3.13.

import { assign, connect, mail, people } from "./application.mjs";
import { words } from "./desk.mjs";
import { refusal } from "./gate.mjs";

/** 3.7 and 3.10: the gallery, and the connection. */
export async function connection(world) {
  const { tally, customer } = world;
  await people(customer, {
    Ann: { department: "Sales" },
    Bob: { department: "Research" },
    Cem: { department: "Sales" },
    Dan: { department: "Sales" },
  });
  await customer.go("/new-connection/connecter");
  tally.check("3.7 the page says what such a connection can do", await customer.says("What it can do", "Makes accounts, keeps them in sync", "Takes people only", "single sign-on", "a second connection of its own"), await customer.text());
  await customer.picture("3.7-abilities");
  await connect(world, "3.10 G3-11", { template: "connecter", name: "Connecter", more: { "s.concurrency": "1" } });

  await customer.go(`${world.connection}/new-rule`);
  tally.check("3.7 G3-8 a rule about groups is not offered, and why", await customer.says("takes people only"), await customer.text());
  const group = await customer.smuggle(`${world.connection}/new-rule`, { name: "groups", kind: "group" });
  tally.check("3.7 G3-8 nor taken", group.status === 422 && group.text.includes("PRV-RULE-KIND"), `${group.status}`);
}

/** 3.8: who is meant. */
export async function assignments(world) {
  const { tally, customer, connection } = world;
  const scope = `${connection}/rules/people/scope`;
  await customer.go(scope);
  tally.check("3.8 G3-9 nobody assigned is nobody", await customer.sees("Nobody assigned means nobody", "0 of 4 people are meant"), await customer.text());
  await customer.go(`${connection}/assignments`);
  tally.check("3.8 the page advises to start small", await customer.says("Start small"), await customer.text());
  await customer.fill({ who: "nobody@contoso.example" });
  await customer.press("Assign");
  tally.check("3.8 whom the directory does not have cannot be assigned", customer.status === 422, await customer.text());
  await assign(world, "ann@contoso.example");
  await assign(world, "bob@contoso.example");
  tally.check("3.8 two are assigned", await customer.says("2 people and groups", "Ann Contoso", "Bob Contoso"), await customer.text());
  await customer.picture("3.8-assignments");
  await customer.go(scope);
  tally.check("3.8 the head count is 2", await customer.sees("2 of 4 people are meant"), await customer.text());
}

/** 3.9: who has too small a role. */
export async function role({ tally, browser, customer, connection }) {
  const auditor = await customer.invite(browser, "Contoso auditor", "auditor");
  for (const [path, button] of [["preferences", "Save"], ["settings", "Test and save"], ["rules/people", "Switch on"], ["rules/people/matching", "Save"]]) {
    await auditor.go(`${connection}/${path}`);
    tally.check(`3.9 an auditor reads ${path}, with the role that is needed`, await auditor.isDead(button, "owner or configuration admin"), await auditor.text());
  }
  await auditor.picture("3.9-auditor");
  const forms = { preferences: { mode: "automatic" }, "rules/people/on": {}, off: {}, assignments: { who: "cem@contoso.example" }, remove: {} };
  for (const [path, fields] of Object.entries(forms)) {
    const sent = await auditor.smuggle(`${connection}/${path}`, fields);
    tally.check(`3.9 G3-10 the server refuses them at ${path}`, sent.status === 403 && sent.text.includes("role"), sent.status);
  }
  await auditor.context.close();
}

/** 3.11. */
export async function notice(world) {
  await mail(world, "3.11 G3-12");
}

/** 3.12 and 3.13: mappings, and by what accounts are recognised. */
export async function mappings({ tally, customer, connection, gate }) {
  const rule = `${connection}/rules/people`;
  await customer.go(`${rule}/mappings`);
  tally.check("3.12 the four attributes are mapped", await customer.says(/userName (text )?matching/, "active", "displayName", "externalId"), await customer.text());
  await customer.picture("3.12-mappings");
  const at = (target) => `${rule}/mappings/${encodeURIComponent(target)}`;
  for (const target of ["displayName", "userName"]) {
    await customer.go(at(target));
    tally.check(`3.12 G3-13 the required ${target} cannot be removed`, await customer.isDead("Remove the mapping", ""), await customer.text());
    const sent = await customer.smuggle(`${at(target)}/remove`);
    tally.check(`3.12 G3-13 nor by who sends the form for ${target}`, [409, 422].includes(sent.status), `${sent.status} ${words(sent.text)}`);
  }
  await customer.picture("3.12-required");
  const fields = { "match.1": "", "match.2": "" };
  const none = await customer.go(`${rule}/matching`).then(() => customer.fill(fields)).then(() => customer.press("Save"));
  tally.check("3.12 G3-14 at least one attribute recognises accounts", none.status === 422 && (await customer.says("At least one is needed")), await customer.text());

  await customer.go(`${rule}/matching`);
  await customer.fill({ "match.1": "displayName" });
  await customer.press("Save");
  tally.check("3.13 G3-15 an attribute by which the target does not find is refused", customer.status === 422 && (await customer.says("The target does not find by displayName")), await customer.text());
  await customer.picture("3.13-matching");
  const offline = await customer.smuggle(`${rule}/matching`, { "match.1": "displayName", offline: "on" });
  tally.check("3.13 G3-15 also without asking the target", [409, 422].includes(offline.status), offline.status);
  gate.instead = ({ path }) => (path.includes("filter=") ? refusal(400, "no filter here", "invalidFilter") : null);
  await customer.go(`${rule}/matching`);
  await customer.fill({ "match.1": "userName", "match.2": "externalId" });
  await customer.press("Save");
  tally.check("3.13 the target is asked, and what it refuses is not saved", customer.status === 422 && (await customer.says("externalId")), `${customer.status} ${await customer.text()}`);
  gate.instead = null;
  const before = gate.passed.length;
  await customer.go(`${rule}/matching`);
  await customer.fill({ "match.1": "userName" });
  await customer.press("Save");
  tally.check("3.13 what it takes is saved after it was asked", (await customer.says("It was saved")) && gate.since(before, "GET", "filter").length > 0, await customer.text());
}
