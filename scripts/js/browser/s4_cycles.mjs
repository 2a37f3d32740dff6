// The customer's half of script S4 from the first cycle on: steps 4.11, 4.12, and 4.14 to 4.18.

import { assign, personPage } from "./application.mjs";
import { until } from "./desk.mjs";
import { refusal } from "./gate.mjs";
import { group, join } from "./s4_connection.mjs";
import { scim } from "./s4_vendor.mjs";

/** Members of the large group. */
const MANY = Number(process.env.PROVOST_MEMBERS ?? 5000);
const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
const BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/** What passed the door, with its JSON. */
const sent = (gate, from, method, word) => gate.since(from, method, word).map((one) => ({ ...one, json: one.body ? JSON.parse(one.body) : null }));

async function switchOn(desk, rule) {
  await desk.go(rule);
  await desk.press("Switch on");
  if (desk.status === 409) await desk.agree();
}

/** 4.16 and 4.11: the first cycle, in its order. */
export async function start({ tally, customer, connection, gate }) {
  tally.check("4.16 nothing was written before a rule is on", gate.since(0, "POST").length === 0);
  await switchOn(customer, `${connection}/rules/people`);
  await customer.waitFor(connection, "3 success");
  tally.check("4.13 while the rule about groups is off, its people come and it does not", gate.since(0, "POST", "/Users").length === 3 && gate.since(0, "POST", "/Groups").length === 0);
  const people = sent(gate, 0, "POST", "/Users");
  const bob = people.find(({ json }) => json.userName.startsWith("bob"));
  tally.check("4.11 Bob has no mobile: the attribute is left out, not sent empty", bob && !("phoneNumbers" in bob.json) && !("preferredLanguage" in bob.json), bob?.body);
  const eve = people.find(({ json }) => json.userName.startsWith("eve"));
  tally.check("4.9 Eve has hers, typed as it should be", eve?.json.phoneNumbers?.[0].type === "mobile" && eve.json.preferredLanguage === "nl-BE" && eve.json.name.givenName === "Eve", eve?.body);
  await switchOn(customer, `${connection}/rules/groups`);
  await until(() => sent(gate, 0, "PATCH", "/Groups").length + sent(gate, 0, "POST", "/Groups").filter(({ json }) => json.members).length);
  const at = (method, word) => gate.passed.findIndex((one) => one.method === method && one.path.includes(word));
  const lastPerson = gate.passed.map((one) => one.method === "POST" && one.path.includes("/Users")).lastIndexOf(true);
  tally.check("4.16 people first, then groups, then members", lastPerson < at("POST", "/Groups") && at("POST", "/Groups") <= gate.passed.findIndex((one) => one.path.includes("/Groups") && /"members"/.test(one.body)), gate.passed.map((one) => `${one.method} ${one.path}`).join("\n"));
  await customer.waitFor(connection, "3 success", "1 success");
  await customer.picture("4.16-connection");
}

/** 4.12: one number changes, the others stay. */
export async function mobile({ tally, customer, vendor, tenant, gate }) {
  const list = await scim(vendor, tenant, "GET", `/Users?filter=${encodeURIComponent('userName eq "ann@contoso.example"')}`);
  const ann = list.json.Resources[0];
  const work = { op: "add", path: "phoneNumbers", value: [{ type: "work", value: "+47 200" }] };
  await scim(vendor, tenant, "PATCH", `/Users/${ann.id}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [work] });
  const before = gate.passed.length;
  const page = await personPage(customer, "Ann");
  await customer.go(`${page}/edit`);
  await customer.fill({ mobile: "+47 999" });
  await customer.press("Save");
  const patch = await until(() => sent(gate, before, "PATCH", "/Users")[0]);
  tally.check("4.12 the change touches only that element", patch?.json.Operations.length === 1 && patch.json.Operations[0].path === 'phoneNumbers[type eq "mobile"].value', patch?.body);
  // What went through the gate is not carried out yet.
  const wanted = "mobile +47 999,work +47 200";
  let after = "";
  await until(async () => {
    const { json } = await scim(vendor, tenant, "GET", `/Users/${ann.id}`);
    after = json.phoneNumbers.map(({ type, value }) => `${type} ${value}`).sort().join();
    return after === wanted;
  }, 15);
  tally.check("4.12 G4-8 other numbers stay", after === wanted, after);
}

/** 4.14: a member out of scope, and a group of many. */
export async function members(world) {
  const { tally, customer, vendor, tenant, connection, gate, warehouse } = world;
  let before = gate.passed.length;
  await join(customer, warehouse, "cem@contoso.example");
  await join(customer, warehouse, "eve@contoso.example");
  const added = () => sent(gate, before, "PATCH", "/Groups").map(({ body }) => body).join("\n");
  await until(() => /members/.test(added()));
  // Cem is meant from the moment on in which he is in an assigned group; who is in no such group is Dan, two levels down.
  const vendors = async (name, kind = "Users", attribute = "userName") => (await scim(vendor, tenant, "GET", `/${kind}?filter=${encodeURIComponent(`${attribute} eq "${name}"`)}`)).json.Resources?.[0];
  const held = await until(async () => ((await vendors("Warehouse", "Groups", "displayName")).members ?? []).length === 4, 20);
  tally.check("4.14 the members in scope are sent", held, added());
  tally.check("4.14 a member out of scope is not: Dan, in the group inside", !(await vendors("dan@contoso.example")));
  before = gate.passed.length;
  await assign(world, "dan@contoso.example");
  await assign(world, "Night shift");
  const dan = await until(() => vendors("dan@contoso.example"));
  const healed = await until(async () => ((await vendors("Night shift", "Groups", "displayName"))?.members ?? []).some(({ value }) => value === dan.id));
  tally.check("4.14 G4-9 once in scope, the membership follows by itself", healed, JSON.stringify(dan));

  await many(world, vendors);
}

/** A group of thousands comes from a personnel system; the application answers one page of its members with an error. */
async function many(world, vendors) {
  const { tally, customer, gate } = world;
  await customer.go("/providers/new");
  await customer.fill({ name: "Human resources", system: "other", role: "user" });
  await customer.press("Make it");
  const hr = { url: await customer.shown("Tenant URL"), token: await customer.shown("Secret token") };
  await customer.press("Put in use");
  // Who sends quicker than a provider may is told to wait, and nothing of the request is done.
  const send = (path, body) =>
    until(async () => {
      const { status, json } = await scim(customer, hr, "POST", path, body);
      return status === 429 ? null : json;
    }, 90);
  const ids = [];
  for (let from = 0; from < MANY; from += 500) {
    const person = (number) => ({ schemas: [USER], userName: `m${number}@contoso.example`, displayName: `Member ${number}` });
    const numbers = Array.from({ length: Math.min(500, MANY - from) }, (_, at) => from + at);
    const Operations = numbers.map((number) => ({ method: "POST", path: "/Users", bulkId: `m${number}`, data: person(number) }));
    const answer = await send("/Bulk", { schemas: [BULK], Operations });
    ids.push(...answer.Operations.map(({ location }) => location.split("/").pop()));
  }
  await send("/Groups", { schemas: [GROUP], displayName: "Everybody", members: ids.map((value) => ({ value })) });
  tally.say(`${ids.length} people are in the directory`);
  const before = gate.passed.length;
  let refused = 0;
  gate.instead = ({ method, path, body }) => (method === "PATCH" && path.includes("/Groups") && body.length > 5_000 && refused++ === 1 ? refusal(503, "not now") : null);
  await assign(world, "Everybody");
  const made = () => gate.since(before, "POST", "/Users").length;
  const cycle = await until(async () => made() > MANY / 10, 120);
  tally.check("4.16 the cycle's page moves by object", cycle && (await customer.waitFor(`${world.connection}/cycles`, /running/)), await customer.text());
  const count = async () => ((await vendors("Everybody", "Groups", "displayName"))?.members ?? []).length;
  const whole = await until(async () => made() >= MANY && (await count()) === MANY, 400);
  gate.instead = null;
  const pages = sent(gate, before, "P", "/Groups").filter(({ body }) => body.includes("members"));
  tally.check(`4.14 ${MANY} members are sent in ${pages.length} pages`, whole && pages.length > 1, `${await count()} members, ${made()} people`);
  tally.check("4.14 a page that failed is sent again, and the rest not", refused >= 2 && gate.since(before, "POST", "/Groups").length === 1, `${refused}`);
}

/** 4.15: a group gets the name of another one, and a new group has the name of one that is there. */
export async function names(world) {
  const { tally, customer, vendor, tenant, connection, gate, warehouse } = world;
  const dock = (await scim(vendor, tenant, "POST", "/Groups", { schemas: [GROUP], displayName: "Loading dock" })).json;
  await customer.go(`${connection}/links?search=Warehouse`);
  const id = await customer.page.locator("main tbody tr code.id").first().innerText();
  const isLinked = async () => {
    await customer.go(`${connection}/links?search=${id}`);
    return (await customer.page.locator("main tbody tr th a").first().getAttribute("href")) === warehouse;
  };
  const rename = async (name) => {
    await customer.go(`${warehouse}/edit`);
    await customer.fill({ display_name: name });
    await customer.press("Save");
  };
  const before = gate.passed.length;
  await rename("Loading dock");
  tally.check("4.15 G4-10 a group with the name of another is not merged silently: it waits in the queue", await customer.waitFor(`${connection}/doubts`, "Loading dock", "PRV-GROUP-RENAMED", "Let both have the name", "Leave it alone", dock.id), await customer.text());
  await customer.picture("4.15-doubt");
  tally.check("4.15 G4-10 nothing was written to either of the two", !gate.since(before, "P", "/Groups").length, JSON.stringify(gate.since(before, "P", "/Groups")));
  tally.check("4.15 and stays linked to its own", await isLinked(), await customer.text());
  gate.instead = ({ method, path, body }) => (method !== "GET" && path.includes("/Groups") && body.includes('"Loading dock"') ? refusal(409, "a group of this name exists", "uniqueness") : null);
  await customer.go(`${connection}/doubts`);
  await customer.press(/^Let both have the name/);
  tally.check("4.15 an application that wants names to be one group's alone refuses it, and that stands among the problems", await customer.waitFor("/problems", "Loading dock", "PRV-CONNECT-CONFLICT", "a unique value is taken"), await customer.text());
  await customer.picture("4.15-problem");
  tally.check("4.15 and stays linked to its own", await isLinked(), await customer.text());
  await rename("Loading bay");
  gate.instead = null;
  tally.check("4.15 under a free name it goes on", await customer.waitFor("/log?object=Loading%20bay", /· Loading bay.* success Details/), await customer.text());
  tally.check("4.15 as the same group", await isLinked(), await customer.text());
  const there = await until(async () => {
    const { json } = await scim(vendor, tenant, "GET", `/Groups/${id}`);
    return json.displayName === "Loading bay" && json;
  });
  tally.check("4.15 with its members", there?.members.length === 4, JSON.stringify(there));
  await adopted(world, dock);
}

/** 4.15: groups whose names are there already are neither taken over nor doubled, and are decided in one act. */
async function adopted(world, dock) {
  const { tally, customer, vendor, tenant, connection, gate } = world;
  const entrance = (await scim(vendor, tenant, "POST", "/Groups", { schemas: [GROUP], displayName: "Main gate" })).json;
  const before = gate.passed.length;
  for (const name of ["Loading dock", "Main gate"]) {
    await group(customer, name, ["ann@contoso.example"]);
    await assign(world, name);
  }
  tally.check("4.15 G4-10 a group whose name is there is neither taken over nor made twice", await customer.waitFor(`${connection}/doubts`, "Loading dock", "Main gate", "PRV-GROUP-NAME", "2 wait for the same reason"), await customer.text());
  await customer.picture("4.15-many");
  tally.check("4.15 G4-10 and nothing was written", !gate.since(before, "P", "/Groups").length, JSON.stringify(gate.since(before, "P", "/Groups")));
  await customer.press(/^Join the two groups: all 2/);
  tally.check("4.15 all of them in one act, after the list and 'I understand'", customer.status === 409 && (await customer.says("Loading dock", "Main gate", "I understand", "whatever its members may do")), await customer.text());
  await customer.fill({ confirm_understood: true });
  await customer.agree();
  const members = async ({ id }) => (await scim(vendor, tenant, "GET", `/Groups/${id}`)).json.members ?? [];
  const merged = await until(async () => (await members(dock)).length === 1 && (await members(entrance)).length === 1);
  tally.check("4.15 each is the group that was there, with its member", merged && !gate.since(before, "POST", "/Groups").length, JSON.stringify([await members(dock), await members(entrance)]));
}

/** 4.17: one person, one group with chosen members, and somebody who is gone. */
export async function demand({ tally, customer, connection, gate }) {
  const eve = await personPage(customer, "Eve");
  await customer.go(`${eve}/provision`);
  await customer.press("Provision now");
  const steps = () => customer.page.locator("ol.steps > li").count();
  tally.check("4.17 one person: each step with its details", (await steps()) >= 4 && (await customer.says("Details")), await customer.text());
  await customer.go("/groups?search=Loading");
  await customer.follow("Loading bay");
  await customer.follow("Provision now");
  await customer.fill({ members: "ann@contoso.example\nbob@contoso.example" });
  await customer.press("Provision now");
  tally.check("4.17 a group with chosen members", (await steps()) >= 4, await customer.text());
  await customer.picture("4.17-group");
  await customer.go(connection);
  await customer.press("Switch off");
  const before = gate.passed.length;
  await customer.go(`${eve}/delete`);
  await customer.agree();
  await customer.go(`${eve}/provision`);
  await customer.press("Provision now");
  tally.check("4.17 also for somebody who was removed, while the connection is off", (await steps()) >= 3, await customer.text());
  await customer.picture("4.17-gone");
  tally.check("4.17 and the account is closed", await until(() => gate.since(before, "", "/Users/").some(({ method, body }) => method === "DELETE" || /"active"/.test(body)), 5), gate.since(before).map(({ method, path }) => `${method} ${path}`).join("\n"));
  await customer.go(connection);
  await customer.press("Switch on");
  await customer.waitFor(connection, "active");
}

/** 4.18: the assignment of the group of many ends: too much at once, so a person decides, row by row. */
export async function leave({ tally, customer, connection, gate }) {
  await customer.go(`${connection}/assignments`);
  await customer.press("End the assignment of Everybody");
  tally.check("4.18 it is asked first, with how many and whom", customer.status === 409 && (await customer.says("Member", /PRV-/)), await customer.text());
  await customer.picture("4.18-question");
  const before = gate.passed.length;
  await customer.agree();
  tally.check("4.18 G4-11 above the threshold the steps wait", await customer.waitFor(connection, "held"), await customer.text());
  const off = () => sent(gate, before, "PATCH", "/Users").filter(({ body }) => /"active"/.test(body) && /false/i.test(body));
  tally.check("4.18 G4-11 and nobody was disabled", off().length === 0, off().length);
  await customer.go("/staged");
  await customer.picture("4.18-staged");
  const rows = customer.page.locator("main tbody tr", { hasText: "disable" });
  tally.check("4.18 each has its row, with the reason", (await rows.count()) >= 10, await customer.text());
  await rows.first().getByRole("checkbox").check();
  await customer.press("Approve the chosen");
  if (customer.status === 409) await customer.agree();
  const done = await until(() => off().length === 1, 30);
  tally.check("4.18 G4-11 one approved row is one disabled account", done && off().length === 1, off().length);
}
