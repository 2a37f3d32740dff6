// The end of script S3: what fails, and a target that breaks and heals: steps 3.19 and 3.20.

import { assign } from "./application.mjs";
import { until } from "./desk.mjs";
import { refusal } from "./gate.mjs";

/** 3.20: a failed row explains itself, and can be tried again. */
export async function failure({ tally, customer, connection, gate }) {
  gate.instead = ({ method, body }) => (method === "POST" && body.includes("fay@") ? refusal(400, "displayName is too long for us", "invalidValue") : null);
  await customer.go("/people/new");
  await customer.fill({ user_name: "fay@contoso.example", display_name: "Fay Contoso" });
  await customer.press("Add");
  await assign({ customer, connection }, "fay@contoso.example");
  await customer.waitFor("/log?status=failure", "Fay Contoso");
  tally.check("3.20 the failed row says what the application said, with a code and what to do", await customer.says("displayName is too long for us", "PRV-", "Next"), await customer.text());
  for (const name of [/^Retry/, /^Explain/, /^Provision now/]) {
    const found = await customer.page.locator("main ul.log li").first().locator("button, a.button").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));
    tally.check(`3.20 it has ${name}`, found.some((label) => name.test(label)), found.join(", "));
  }
  await customer.picture("3.20-failure");
  await customer.go("/problems");
  tally.check("3.20 it stands among the problems", await customer.says("Fay Contoso"), await customer.text());
  await customer.picture("3.20-problems");
  await customer.go("/log?status=failure");
  await customer.follow(/^Explain/);
  tally.check("3.20 Explain leads to the trace", await customer.says("Fay Contoso", "displayName is too long for us"), await customer.text());
  await customer.picture("3.20-trace");
  gate.instead = null;
  const before = gate.passed.length;
  await customer.go("/log?status=failure");
  await customer.press(/^Retry/);
  tally.check("3.20 Retry tries it again", await until(() => gate.since(before, "POST", "/Users").length), await customer.text());
  tally.check("3.20 and it is in sync", await customer.waitFor("/log?object=fay@contoso.example", /create · Fay Contoso.* success Details/), await customer.text());
  await customer.go("/log?status=failure");
  await customer.follow(/^Provision now/);
  await customer.press("Provision now");
  tally.check("3.20 Provision now shows its steps", (await customer.page.locator("ol.steps > li").count()) >= 4, await customer.text());
  await customer.picture("3.20-on-demand");
}

/** 3.19: the target breaks: first for a while, then for good; it heals. */
export async function quarantine(world) {
  const { tally, customer, connection, gate, letters } = world;
  gate.instead = () => refusal(503, "down for maintenance");
  const before = gate.passed.length;
  await assign(world, "cem@contoso.example");
  await customer.waitFor("/problems", "Cem Contoso", "2 tries");
  tally.check("3.19 what is down for a while is asked again, later each time", await customer.says("next try in", "down for maintenance"), await customer.text());
  await customer.picture("3.19-retries");
  const times = gate.since(before, "P").map(({ at }) => at);
  tally.check("3.19 not at once: the target is left in peace between two tries", times.length >= 2 && times.length < 12, times.join(" "));
  gate.instead = null;
  tally.check("3.19 it heals by itself", await customer.waitFor(connection, "6 success", "active"), await customer.text());

  const letter = letters.letters.length;
  // What an application does that has moved behind a sign-in page: nothing on this connection can succeed.
  gate.instead = () => ({ status: 302, body: "", headers: { location: "http://127.0.0.1:9/signin" } });
  await customer.go("/people/new");
  await customer.fill({ user_name: "gus@contoso.example", display_name: "Gus Contoso" });
  await customer.press("Add");
  await assign(world, "gus@contoso.example");
  tally.check("3.19 then it is in quarantine, with the reason and the time of the next try", await customer.waitFor(connection, "quarantine", "PRV-", /in (5|6) hours/), await customer.text());
  tally.check("3.19 and says that it is switched off after 28 days", await customer.says("28 days"), await customer.text());
  await customer.picture("3.19-quarantine");
  await until(() => letters.letters.length > letter);
  const told = letters.letters.slice(letter);
  tally.check("3.19 one letter comes, about this cause", told.length === 1 && told[0].includes("Connecter"), told.join("\n"));
  await customer.go("/problems");
  tally.check("3.19 it stands among the problems", await customer.says("Connecter", /quarantine/i), await customer.text());
  await customer.picture("3.19-problems");

  const from = gate.passed.length;
  await customer.go(`${connection}/assignments`);
  await customer.press("End the assignment of Dan Contoso-Olsen");
  await customer.agree();
  await customer.waitFor(connection, "quarantine");
  tally.check("3.19 G3-18 in quarantine nothing is taken away", gate.since(from, "P").length + gate.since(from, "DELETE").length === 0, gate.since(from).map(({ path }) => path).join(" "));
  gate.instead = null;
  await customer.go(connection);
  await customer.press("Run a cycle now");
  tally.check("3.19 one good cycle lifts it", await customer.waitFor(connection, "active", "7 success"), await customer.text());
  const patch = await until(() => gate.since(from, "PATCH").find(({ body }) => /"active"/.test(body)));
  tally.check("3.19 and then what waited is carried out", Boolean(patch) && gate.since(from, "DELETE").length === 0, patch?.body);
  tally.check("3.19 no second letter of the same cause came", letters.letters.slice(letter).filter((one) => /quarantine/i.test(one)).length <= 1, letters.letters.slice(letter).join("\n"));
}
