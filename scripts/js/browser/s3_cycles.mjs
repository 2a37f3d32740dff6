// The customer's half of script S3 from the first cycle on: steps 3.14 to 3.18, in the order in which they are lived.

import { assign, personPage } from "./application.mjs";
import { until } from "./desk.mjs";

const SCIM = "application/scim+json";

/** The bodies of what changed an account, as the application got them. */
const changes = (gate, from, word = "/Users") => gate.since(from, "P", word);

/** 3.16: everybody is assigned and the rule switched on; the first cycle is stopped, and goes on later. */
export async function start({ tally, customer, vendor, connection, gate, ...world }) {
  for (const who of ["cem", "dan"]) await assign({ customer, connection }, `${who}@contoso.example`);
  tally.check("3.16 nothing was written before a rule is on", gate.since(0, "POST").length === 0);
  await customer.go(`${connection}/plan`);
  await customer.picture("3.16-plan");
  gate.delay = 700;
  await customer.go(`${connection}/rules/people`);
  await customer.press("Switch on");
  tally.check("3.16 it is asked whether everybody is meant, with their names", customer.status === 409 && (await customer.says("means everybody", "Ann Contoso", "PRV-RULE-EVERYONE")), await customer.text());
  await customer.agree();
  await customer.picture("3.16-on");
  tally.check("3.16 the rule is on", await customer.says("on"), await customer.text());
  const cycle = await until(async () => {
    await customer.go(`${connection}/cycles`);
    const running = customer.page.locator("main li", { hasText: "running" }).getByRole("link").first();
    return (await running.count()) && running.getAttribute("href");
  });
  await customer.go(cycle);
  tally.check("3.16 its cycle shows how far it is, by object", await customer.sees(/It reads and decides|objects so far|linked/), await customer.text());
  await until(() => gate.since(0, "POST", "/Users").length >= 1);
  await customer.picture("3.16-running");
  await customer.press("Stop the cycle and switch the connection off");
  const stopped = await customer.waitFor(cycle, /stopped|failed|done/);
  const made = gate.since(0, "POST", "/Users").length;
  tally.check(`3.16 stop works inside the cycle: ${made} of 4 were written`, stopped && made < 4, await customer.text());
  await customer.picture("3.16-stopped");
  gate.delay = 0;
  await customer.go(connection);
  tally.check("3.16 the connection is off, and says who stopped it", await customer.says("paused", "owner@contoso.example"), await customer.text());
  await customer.press("Switch on");
  tally.check("3.16 switched on, it goes on: all four are in sync", await customer.waitFor(connection, "4 success"), await customer.text());
  const names = gate.since(0, "POST", "/Users").map(({ body }) => JSON.parse(body).userName);
  await vendor.go("/people");
  tally.check("3.16 each was made once", new Set(names).size === 4 && (await vendor.says("Ann Contoso", "Bob Contoso", "Cem Contoso", "Dan Contoso")), names.join(" "));
  await vendor.picture("3.16-vendor-people");
}

/** 3.15: a filter, with who enters and who leaves. */
export async function scope({ tally, customer, connection, gate }) {
  const page = `${connection}/rules/people/scope`;
  const filter = { "attribute.0.0": "department", "operator.0.0": "EQUALS", "value.0.0": "Sales" };
  await customer.go(page);
  await customer.fill(filter);
  tally.check("3.15 the count follows what is typed", await customer.sees("3 of 4 people are meant"), await customer.text());
  await customer.press("Who enters and who leaves");
  tally.check("3.15 who leaves is named", await customer.says("1 person or group would leave", "Bob Contoso"), await customer.text());
  await customer.picture("3.15-scope");
  const before = gate.passed.length;
  await customer.press("Save");
  tally.check("3.15 G3-17 it is asked first, with the list", customer.status === 409 && (await customer.says("Bob Contoso", "PRV-")), await customer.text());
  await customer.picture("3.15-question");
  const seen = await customer.page.locator("input[name=seen]").inputValue();
  const sent = await customer.smuggle(page, { ...filter, seen });
  tally.check("3.15 G3-17 who sends it without an answer is asked all the same", sent.status === 409 && sent.text.includes("Bob Contoso"), sent.status);
  await customer.agree();
  const patch = await until(() => changes(gate, before).find(({ body }) => /"active"/.test(body)));
  tally.check("3.15 leaving is disabling", patch?.method === "PATCH" && /false/i.test(patch.body), patch?.body);
  tally.check("3.15 nobody is deleted", gate.since(before, "DELETE").length === 0);
  await customer.go(page);
  await customer.fill({ "attribute.0.0": "", "value.0.0": "" });
  await customer.press("Save");
  if (customer.status === 409) await customer.agree();
  const back = await until(() => changes(gate, before).find(({ body }) => /"active"/.test(body) && /true/i.test(body)));
  tally.check("3.15 without the filter Bob is back, as the same account", Boolean(back) && back.path === patch.path, back?.path);
}

/** 3.17: the interval, which disables do not wait for. */
export async function interval({ tally, customer, connection, gate }) {
  await customer.go(`${connection}/preferences`);
  await customer.fill({ interval_seconds: "2400" });
  await customer.press("Save");
  tally.check("3.17 the interval is chosen: 40 minutes", await customer.says("It was saved"), await customer.text());
  await customer.picture("3.17-preferences");
  const ann = await personPage(customer, "Ann");
  const before = gate.passed.length;
  const dan = await personPage(customer, "Dan");
  await customer.go(`${dan}/edit`);
  await customer.fill({ display_name: "Dan Contoso-Olsen" });
  await customer.press("Save");
  await customer.go(ann);
  await customer.fill({ reason: "left today" });
  await customer.press("Block");
  const urgent = await until(() => changes(gate, before).find(({ body }) => /"active"/.test(body)));
  tally.check("3.17 who loses access loses it at once", Boolean(urgent) && /false/i.test(urgent.body), urgent?.body);
  tally.check("3.17 the rest waits for the next cycle", !changes(gate, before).some(({ body }) => body.includes("Olsen")), changes(gate, before).map(({ body }) => body).join("\n"));
  await customer.go(ann);
  await customer.press("Lift the block");
  await customer.go(connection);
  await customer.press("Run a cycle now");
  const all = await until(() => changes(gate, before).find(({ body }) => body.includes("Olsen")));
  tally.check("3.17 the next cycle brings it", Boolean(all));
  await customer.go(`${connection}/preferences`);
  await customer.fill({ interval_seconds: "0" });
  await customer.press("Save");
}

/** 3.18: the end of an assignment. */
export async function leave({ tally, customer, connection, gate }) {
  const before = gate.passed.length;
  await customer.go(`${connection}/assignments`);
  await customer.press("End the assignment of Cem Contoso");
  tally.check("3.18 it is asked first, with what becomes of the account", customer.status === 409 && (await customer.says("Cem Contoso", "disable")), await customer.text());
  await customer.picture("3.18-question");
  await customer.agree();
  const patch = await until(() => changes(gate, before).find(({ body }) => /"active"/.test(body)));
  tally.check("3.18 active = false is sent", patch?.method === "PATCH" && /false/i.test(patch.body), patch?.body);
  tally.check("3.18 and no deletion", gate.since(before, "DELETE").length === 0);
  await customer.waitFor("/log?object=cem@contoso.example", "disable · Cem Contoso");
  const row = (await customer.page.locator("main ul.log li").first().innerText()).replace(/\s+/g, " ");
  tally.check("3.18 the log says it, and why", /disable/.test(row) && /Not assigned/.test(row), row);
  await customer.picture("3.18-log");
}

/** 3.14: two accounts of the target fit one person. */
export async function ambiguous({ tally, customer, connection, gate }) {
  const two = (name) =>
    JSON.stringify({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: 2,
      Resources: ["one", "two"].map((id) => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], id, userName: name, displayName: `Eve ${id}`, active: true })),
    });
  gate.instead = ({ method, path }) => (method === "GET" && /filter=/.test(path) && /eve/.test(path) ? { status: 200, type: SCIM, body: two("eve@contoso.example") } : null);
  const before = gate.passed.length;
  await customer.go("/people/new");
  await customer.fill({ user_name: "eve@contoso.example", display_name: "Eve Contoso" });
  await customer.press("Add");
  await assign({ customer, connection }, "eve@contoso.example");
  const doubt = await customer.waitFor(`${connection}/doubts`, "Eve Contoso");
  tally.check("3.14 it goes to the queue, with both candidates", doubt && (await customer.says("eve@contoso.example one", "eve@contoso.example two", "PRV-MATCH-SEVERAL")), await customer.text());
  await customer.picture("3.14-doubt");
  tally.check("3.14 G3-16 neither is touched, and no third is made", changes(gate, before).length === 0, changes(gate, before).map(({ path }) => path).join(" "));
  // The doubt is written in the middle of the cycle, the connection's state at its end.
  const leads = await customer.waitFor(connection, "Provost does not guess who is meant");
  tally.check("3.14 the connection's page leads there", leads, await customer.text());
  gate.instead = null;
  await customer.go(`${connection}/doubts`);
  await customer.press(/^Make a new one/);
  if (customer.status === 409) await customer.agree();
  tally.check("3.14 what a person decides is carried out", await until(() => changes(gate, before).find(({ method, body }) => method === "POST" && body.includes("eve@contoso.example"))), await customer.text());
}
