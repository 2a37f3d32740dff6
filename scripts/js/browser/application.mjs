// What both scripts of applications have in common: the two homes, people by hand, the connection with its guards, mail.

import { start } from "./chrome.mjs";
import { own } from "./desk.mjs";
import { open, refusal } from "./gate.mjs";
import { letterbox } from "./letterbox.mjs";
import { Tally } from "./tally.mjs";

/** Lives the steps of a script, one after the other, in the homes that the command line names. */
export async function live(name, steps) {
  const homes = JSON.parse(process.argv[2]);
  const tally = new Tally(name);
  const { browser, close } = await start();
  const gate = await open(homes.vendor.base);
  const letters = await letterbox();
  await tally.tell(async () => {
    const vendor = await own(browser, homes.vendor.link, "Vendor owner", "owner@vendor.contoso.example");
    const customer = await own(browser, homes.customer.link, "Contoso owner", "owner@contoso.example");
    await Promise.all([vendor.home(), customer.home()]);
    const world = { tally, browser, vendor, customer, gate, letters, entra: homes.entra };
    try {
      for (const step of steps) await step(world);
    } catch (error) {
      await Promise.all([vendor.picture("failed-vendor"), customer.picture("failed-customer")]);
      throw error;
    }
    const said = [...vendor.said, ...customer.said].filter((text) => !/status of (4\d\d|503)/.test(text));
    tally.check("the browser has nothing to complain of", !said.length, said.join("\n"));
  });
  await close();
  await gate.close();
  await letters.close();
  tally.close();
}

/** Adds people to the directory, by the form that keeps somebody by hand. */
export async function people(desk, all) {
  for (const [name, more] of Object.entries(all)) {
    await desk.go("/people/new");
    await desk.fill({ user_name: `${name.toLowerCase()}@contoso.example`, display_name: `${name} Contoso`, given_name: name, family_name: "Contoso", ...more });
    await desk.press("Add");
  }
}

/** The page of somebody who is in the directory. */
export async function personPage(desk, name) {
  await desk.go(`/people?search=${encodeURIComponent(name)}`);
  await desk.page.locator("main").getByRole("link", { name: new RegExp(name, "i") }).first().click();
  await desk.page.waitForURL(/people\/[0-9a-f-]{36}/);
  return new URL(desk.page.url()).pathname.replace(/^\/w\/[^/]+/, "");
}

/** Chooses the template and enters address and token, with everything that must be refused tried before: step `n`. */
export async function connect(world, n, { template, name, more = {} }) {
  const { tally, customer, gate, tenant } = world;
  await customer.go("/new-connection");
  await customer.follow(`Choose ${name}`);
  const at = "/new-connection/" + template;
  await customer.fill({ name, "s.url": "http://app.contoso.example/scim/v2", "x.token": tenant.token });
  await customer.press("Test only");
  tally.check(`${n} an address without encryption is refused`, (await customer.says("failed")) && (await customer.says(/https|http:/)), await customer.text());
  await customer.picture(`${n}-refused`);
  const entered = { "s.url": `${gate.origin}/scim/v2`, "x.token": tenant.token };
  await customer.go(at);
  await customer.fill({ name, ...entered });
  await customer.press("Test only");
  tally.check(`${n} a private address is refused unless the operator allows it`, (await customer.says("failed")) && (await customer.says(/private|allow_private_network/)), await customer.text());
  await customer.press("Test and save");
  tally.check(`${n} nor is it saved by itself`, customer.status === 409 && (await customer.says("PRV-CONNECTION-TEST")), `${customer.status} ${await customer.text()}`);

  await customer.go(at);
  await customer.fill({ name, ...entered, ...more, "s.allow_private_network": true });
  gate.instead = () => refusal(403, "not for you");
  await customer.press("Test only");
  tally.check(`${n} a 403 says that the token's account lacks admin permission`, await customer.says("lacks admin permission"), await customer.text());
  gate.instead = null;
  await customer.press("Test only");
  const steps = (await customer.page.locator("ul.steps li").allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  const wanted = ["token", "read people", "filter", "read groups", "schemas"];
  tally.check(`${n} each thing that is tested has its line`, wanted.every((one) => steps.some((text) => text.includes(one) && / ok /.test(text))), steps.join("\n"));
  await customer.picture(`${n}-tested`);
  tally.check(`${n} the token is kept from test to test, and not shown`, (await customer.says("Entered already")) && !(await customer.page.content()).includes(tenant.token));
  await customer.press("Test and save");
  tally.check(`${n} the connection is saved`, await customer.says(name, "It was added"), await customer.text());
  world.connection = `/connections/${encodeURIComponent(name)}`;
  await customer.picture(`${n}-saved`);
}

/** Mail: switched on without an address it is refused; a test letter arrives: step `n`. */
export async function mail({ tally, customer, letters }, n) {
  await customer.go("/settings");
  await customer.fill({ enabled: true, host: "127.0.0.1", port: String(letters.port), security: "none", from: "provost@contoso.example" });
  await customer.press("Save the mail settings");
  tally.check(`${n} switched on without an address it is not saved`, customer.status === 422 && (await customer.says("This is needed before mail can be switched on")), await customer.text());
  await customer.fill({ recipient: "it@contoso.example" });
  await customer.press("Save the mail settings");
  tally.check(`${n} with one it is`, await customer.says("It was saved"), await customer.text());
  await customer.press("Send a test letter");
  tally.check(`${n} the test letter arrives`, letters.letters.length === 1 && letters.letters[0].includes("it@contoso.example"), letters.letters.join("\n\n"));
  await customer.picture(`${n}-mail`);
}

/** Assigns somebody, by name. */
export async function assign(world, who) {
  const { customer, connection } = world;
  await customer.go(`${connection}/assignments`);
  await customer.fill({ who });
  await customer.press("Assign");
}
