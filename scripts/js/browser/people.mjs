// People of the directory at their own sign-in: from an administrator's link to a passkey and in, what they keep there,
// in both themes and two widths, and out at once when they are closed.
//
//     node people.mjs LINK-OF-THE-FIRST-START COMMAND-THAT-MAKES-EVERY-SIGN-IN-OLD…

import { execFileSync } from "node:child_process";
import { THEMES, WIDTHS, reader, start, withPasskeys } from "./chrome.mjs";
import { own } from "./desk.mjs";
import { overhang, violations } from "./pages.mjs";
import { Tally } from "./tally.mjs";

const [link, command, ...words] = process.argv.slice(2);
const base = new URL(link).origin;
const tally = new Tally("people");
const { browser, close } = await start();

const grow_old = () => execFileSync(command, words);
const at = (page) => new URL(page.url()).pathname;
const says = (page) => page.locator("main").innerText();
const session = async (context) => (await context.cookies()).find(({ name }) => name === "provost_me");

async function press(page, name) {
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name, exact: true }).first().click()]);
}

/** A person of the directory's own; gives the address of their page. */
async function hire(desk, name) {
  await desk.go("/people/new");
  await desk.fill({ user_name: `${name.toLowerCase()}@contoso.example`, display_name: `${name} Example` });
  await desk.press("Add");
  return desk.page.url().split("?")[0];
}

/** A link by which they begin, as the console shows it once. */
async function invite(desk, address) {
  await desk.page.goto(address);
  await desk.press("Make a link");
  return desk.shown("Link");
}

/** From the link to a session. */
async function enrol({ context, page }, invitation) {
  await page.goto(invitation);
  const told = await says(page);
  tally.check("the link says for whom and for which workspace it is", ["Ada Example", "ada@contoso.example", "Main"].every((one) => told.includes(one)), told);
  await page.getByLabel("Name of the passkey").fill("Laptop");
  await page.getByRole("button", { name: "Make a passkey and sign in" }).click();
  await page.waitForURL((url) => /^\/me\/[^/]+$/.test(url.pathname));
  const given = await session(context);
  tally.check("a passkey is made, and they are signed in", (await says(page)).includes("Laptop") && given?.httpOnly && given?.sameSite === "Lax", await says(page));
  const home = at(page);
  await page.goto(invitation);
  tally.check("the link says that it was used", (await says(page)).includes("A passkey was made with this link already"), await says(page));
  await page.goto(`${base}/`);
  tally.check("their session does not open the console", at(page) === "/signin", page.url());
  return home;
}

async function signIn({ context, page }, device, home) {
  await page.goto(base + home);
  // A device of this kind takes every offer, unless it does not know its owner.
  await device.verified(false);
  await press(page, "Sign out");
  tally.check("signing out ends at the sign-in", at(page) === `${home}/sign-in` && !(await session(context)), page.url());
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.locator("[data-say]").filter({ hasText: /\S/ }).waitFor();
  tally.check("without a PIN or a finger nobody comes in", at(page) === `${home}/sign-in`, page.url());
  await page.goto("about:blank");
  await device.verified(true);
  await page.goto(`${base}${home}/sign-in`);
  await page.waitForURL((url) => url.pathname === home);
  tally.check("the passkey signs in, and nothing is typed", (await says(page)).includes("Where you are signed in"), await says(page));
}

async function keep({ page }, device, home) {
  await page.getByRole("link", { name: "Laptop" }).click();
  await page.waitForURL(/\/passkeys\/\d+$/);
  const dead = page.getByRole("button", { name: "Remove the passkey" });
  tally.check("the last passkey cannot be removed, and the button says why", (await dead.isDisabled()) && /last way/.test(await says(page)), await says(page));
  await page.getByLabel("Name", { exact: true }).fill("Old laptop");
  await press(page, "Save");
  tally.check("it is renamed", (await says(page)).includes("Old laptop"), await says(page));

  grow_old();
  const visited = [];
  page.on("framenavigated", (frame) => visited.push(frame.url()));
  await page.getByRole("link", { name: "Add a passkey" }).click();
  // The device takes the offer of the sign-in by itself.
  await page.waitForURL((url) => url.pathname === `${home}/passkeys/new`);
  const led = visited.some((url) => /\/sign-in\?return=[\w-]{43}$/.test(url));
  tally.check("another passkey needs a fresh sign-in, which leads back", led, visited.join("\n"));
  await device.forget();
  await page.getByLabel("Name", { exact: true }).fill("Phone");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.waitForURL((url) => url.pathname === home);
  const both = await says(page);
  tally.check("there are two", both.includes("Phone") && both.includes("Old laptop"), both);
  await page.getByRole("link", { name: "Old laptop" }).click();
  await page.waitForURL(/\/passkeys\/\d+$/);
  await press(page, "Remove the passkey");
  const left = await says(page);
  tally.check("the lost one is removed", left.includes("Phone") && !left.includes("Old laptop"), left);

  await page.getByRole("link", { name: "Change language and time zone" }).click();
  await page.getByLabel("Language").selectOption("de");
  await press(page, "Save");
  tally.check("pages speak the language that was chosen", (await says(page)).includes("Ihre Anmeldung"), await says(page));
  await page.goto(`${base}${home}/settings`);
  await page.getByLabel("Sprache").selectOption("");
  await press(page, "Speichern");
}

/** A second device of theirs, which has the same passkey. */
async function elsewhere({ page }, device, home) {
  const other = await reader(browser);
  const second = await withPasskeys(other.context, other.page);
  const [credential] = await device.credentials();
  await second.take(credential);
  await other.page.goto(`${base}${home}/sign-in`);
  await other.page.waitForURL((url) => url.pathname === home);
  await page.goto(base + home);
  const ends = page.getByRole("button", { name: "End", exact: true });
  tally.check("they see the other session", (await ends.count()) === 1, await says(page));
  await press(page, "End");
  // A key counts its uses: the first device goes on from there, or it would be taken for a copy.
  const [used] = await second.credentials();
  await device.forget();
  await device.take(used);
  await second.verified(false);
  await other.page.goto(base + home);
  tally.check("one that they end is over", at(other.page) === `${home}/sign-in`, other.page.url());
  return other;
}

/** All of their pages, as readers have them. */
async function look({ page, context }, home, invitation) {
  await page.goto(base + home);
  const passkey = await page.locator("main a[href*='/passkeys/']").first().getAttribute("href");
  const storage = await context.storageState();
  const inside = [home, `${home}/settings`, `${home}/passkeys/new`, passkey];
  const outside = [`${home}/sign-in`, `${home}/enrol?key=none`, new URL(invitation).pathname + new URL(invitation).search];
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      const found = [];
      for (const [pages, kept] of [[inside, storage], [outside, undefined]]) {
        const one = await reader(browser, { theme, width, checked: true, storage: kept });
        for (const path of pages) {
          await one.page.goto(base + path);
          if (at(one.page) !== new URL(path, base).pathname) found.push(`${path} led to ${one.page.url()}`);
          found.push(...(await violations(one.page)).map((text) => `${path}: ${text}`));
          const over = await overhang(one.page);
          if (over) found.push(`${path}: ${over}`);
        }
        await one.context.close();
      }
      tally.check(`axe finds nothing, and nothing sticks out, in ${theme} at ${width} px`, !found.length, found.join("\n"));
    }
  }
}

/** What an administrator does ends it at once. */
async function closed(desk, { page }, device, home, address) {
  const isOut = async () => {
    await device.verified(false);
    await page.goto(base + home);
    return at(page) === `${home}/sign-in`;
  };
  const comesIn = async () => {
    await page.goto("about:blank");
    await device.verified(true);
    await page.goto(`${base}${home}/sign-in`);
    await page.waitForURL((url) => url.pathname === home);
  };
  await desk.page.goto(address);
  tally.check("the administrator sees passkeys and sessions", await desk.says("Phone", "End all sessions", "last signed in"), await desk.text());
  await desk.press("End all sessions");
  tally.check("whose sessions an administrator ends is out", await isOut(), page.url());
  await comesIn();
  await desk.page.goto(address);
  await desk.page.getByText("Block or protect").click();
  await desk.press("Block");
  tally.check("who is blocked is out at once", await isOut(), page.url());
  await page.goto("about:blank");
  await device.verified(true);
  await page.goto(`${base}${home}/sign-in`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  const said = page.locator("[data-say]").filter({ hasText: /\S/ });
  await said.waitFor();
  tally.check("and their passkey opens nothing, without a reason", /was not accepted/.test(await said.innerText()), await said.innerText());
  tally.check("the administrator reads why", await desk.says(/They cannot sign in: they are blocked/), await desk.text());
  await desk.press("Lift the block");
  await comesIn();
  tally.check("who is unblocked signs in with what they have", at(page) === home, page.url());
}

await tally.tell(async () => {
  const desk = await own(browser, link, "Contoso owner", "owner@contoso.example");
  const address = await hire(desk, "Ada");
  // Both links are made while the owner's sign-in is fresh.
  const invitation = await invite(desk, address);
  const waiting = await invite(desk, await hire(desk, "Bo"));
  const guest = await reader(browser);
  const device = await withPasskeys(guest.context, guest.page);
  const home = await enrol(guest, invitation);
  await signIn(guest, device, home);
  await keep(guest, device, home);
  const other = await elsewhere(guest, device, home);
  await look(guest, home, waiting);
  await closed(desk, guest, device, home, address);
  // A refusal is an answer with a status, which the browser writes down.
  const said = [guest, other, desk].flatMap((one) => one.said);
  const odd = said.filter((text) => !/status of (403|409|410|422|429)|NotAllowedError/.test(text));
  tally.check("the browser has nothing to complain of", !odd.length, odd.join("\n"));
});
await close();
tally.close();
