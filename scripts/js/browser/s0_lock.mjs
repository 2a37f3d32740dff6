// Script S0, steps 0.17 and 0.18: nobody can be assigned, whatever door is tried, until an owner decides that the domain
// is never to be federated.

import { AT, NAME } from "./s0_general.mjs";
import { refused } from "./s2_connection.mjs";

const CODE = "PRV-PROVIDER-NOT-ASSIGNABLE";

export const steps = [page, doors, interfaces, decision];

/** The connection of the provider, by the link of its section Provisioning. */
async function connection(desk) {
  await desk.go(`${AT}/provisioning`);
  const link = desk.page.locator("section[aria-labelledby=connection] dd a").first();
  return new URL(await link.evaluate((one) => one.href)).pathname;
}

async function page(world) {
  const { tally, owner, seen } = world;
  world.connection = await connection(owner);
  await owner.go(`${world.connection}/assignments`);
  await seen("0.17-assignments", owner);
  const sentence = "Nobody can be assigned before federation is finished (step 5)";
  tally.check("0.17 G0-14 the page of assignments is dead, and says why", (await owner.isDead("Assign", sentence)) && (await owner.says(sentence)), await owner.text());
  tally.check("0.17 and leads to the provider", (await owner.page.locator("main a", { hasText: NAME }).count()) > 0);
  await owner.go(world.connection);
  await seen("0.17-connection", owner);
  tally.check("0.17 the connection's page says whose it is", await owner.says("The connection belongs to the provider Microsoft 365", sentence), await owner.text());
  await owner.go(`${world.connection}/new-rule`);
  await owner.fill({ name: "people", kind: "person" });
  const template = owner.page.locator("main [name=template]");
  if (await template.count()) await template.check();
  await owner.press("Add the rule");
  world.rule = `${world.connection}/rules/people`;
  await owner.go(world.rule);
  await seen("0.17-rule", owner);
  tally.check("0.17 G0-14 its rules cannot be switched on, and say why", await owner.isDead("Switch on", sentence), await owner.text());
  await owner.go(`${AT}/reattach`);
  await seen("0.19-nobody-kept", owner);
}

async function doors(world) {
  const { tally, owner, people, group } = world;
  await owner.go(`${world.connection}/assignments`);
  for (const [who, id] of [["a person", people.anna], ["a group", group]]) {
    refused(tally, `0.17 G0-14 ${who} cannot be assigned past the page`, await owner.smuggle(`${world.connection}/assignments`, { who: id }), 409, CODE);
  }
  refused(tally, "0.17 G0-14 nor can a rule be switched on", await owner.smuggle(`${world.rule}/on`), 409, CODE);
  await owner.go(`${world.connection}/preferences`);
  await owner.fill({ assignment: "all" });
  await owner.press("Save");
  await world.seen("0.17-everybody", owner);
  tally.check("0.17 G0-14 nor can everybody be meant", owner.status === 409 && (await owner.says(CODE)), `${owner.status} ${await owner.text()}`);
  await owner.go(`${world.connection}/settings`);
  tally.check("0.17 the connection goes with its provider only", await owner.isDead("Remove the connection", "It belongs to a provider, and goes with it"), await owner.text());
  await owner.go("/audit?action=microsoft_365.assign");
  tally.check("0.17 G0-14 the attempts stand in the audit log", (await owner.page.content()).includes(CODE), await owner.text());
}

/** The same by the interface, with a token that may do everything that tokens may. */
async function interfaces(world) {
  const { tally, owner, people } = world;
  await owner.go("/api-tokens/new");
  await owner.fill({ label: "Contoso script", scope: "configure" });
  await owner.press("Make the token");
  const token = (await owner.text()).match(/prv\w*_[\w-]+/)[0];
  const name = decodeURIComponent(world.connection.split("/").pop());
  const ask = (method, path, data) => owner.page.request.fetch(new URL(`/api/v1${path}`, owner.origin).href, { method, headers: { authorization: `Bearer ${token}` }, ...(data && { data }) });
  const assigned = await ask("POST", `/connections/${encodeURIComponent(name)}/assignments`, { assign: [people.anna] });
  const text = await assigned.text();
  tally.check("0.17 G0-14 nor by the interface", assigned.status() === 409 && text.includes(CODE), `${assigned.status()} ${text}`);
  const shown = await ask("GET", `/connections/${encodeURIComponent(name)}`);
  tally.check("0.13 G0-10 and the interface shows no secret", shown.ok() && !(await shown.text()).includes(world.tenant.client_secret), String(shown.status()));
}

async function decision(world) {
  const { tally, desk, owner, people, seen } = world;
  const mode = `${AT}/mode`;
  await desk.go(mode);
  await seen("0.18-mode-admin");
  tally.check("0.18 a configuration admin sees the mode, and that an owner decides it", await desk.isDead("Use it for provisioning only", "It takes the role owner"), await desk.text());
  refused(tally, "0.18 G0-15 nor can they past the page", await desk.smuggle(mode, { mode: "provisioning_only", reason: "We want accounts" }), 403, "Your role does not allow this");
  await owner.go(mode);
  refused(tally, "0.18 G0-15 without a reason nobody can", await owner.smuggle(mode, { mode: "provisioning_only" }), 409, "PRV-PROVIDER-MODE");
  await owner.go(mode);
  await seen("0.18-mode", owner);
  await owner.fill({ reason: "People go on signing in at Microsoft" });
  await owner.press("Use it for provisioning only");
  await seen("0.18-question", owner);
  tally.check("0.18 it is asked for a confirmation that says what follows", owner.status === 409 && (await owner.page.locator("form.question").count()) === 1, await owner.text());
  await owner.agree();
  await seen("0.18-decided", owner);
  tally.check("0.18 then it holds, with the reason", await owner.says("provisioning only", "People go on signing in at Microsoft"), await owner.text());
  await owner.go("/audit?action=microsoft_365");
  tally.check("0.18 and stands in the audit log", await owner.says("microsoft_365.mode"), await owner.text());

  await owner.go(`${world.connection}/assignments`);
  await owner.fill({ who: people.anna });
  await owner.press("Assign");
  tally.check("0.18 now somebody can be assigned", await owner.says("The assignment was added", "Anna"), await owner.text());
  await owner.smuggle(`${world.connection}/assignments`, { who: world.group });
  await owner.go(mode);
  await seen("0.18-settled", owner);
  tally.check("0.18 G0-15 and from then on the mode does not change back", await owner.isDead("Federate the domain later", "the mode changes only before the first assignment"), await owner.text());
  refused(tally, "0.18 G0-15 nor past the page", await owner.smuggle(mode, { mode: "federation", reason: "Changed our minds" }), 409, "PRV-PROVIDER-MODE");
  await owner.go(`${AT}/general`);
  tally.check("0.18 nor do domain and tenant name", await owner.says("Domain and tenant name cannot be changed: somebody is assigned."), await owner.text());
  await seen("0.18-general", owner);
  refused(tally, "0.18 nor past the page", await owner.smuggle(`${AT}/general`, { domain: "unknown.example" }), 409, "PRV-FIELD-IMMUTABLE");
  await owner.go(AT);
  tally.check("0.20 the checklist says that somebody is assigned", await owner.says("Nobody is assigned (open)"), await owner.text());
}
