// Looks at every page of the console as its readers do: in both themes and two widths, with and without script, in
// both languages, with an accessibility checker, and keeps a picture of each.
//
//     node look.mjs SIGN-IN-LINK FOLDER-FOR-PICTURES [COMMAND-THAT-MAKES-EVERY-SIGN-IN-OLD…]
//
// With the command, it is the demo that is looked at, and it is furnished first; else an installation with nothing in it.

import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { THEMES, WIDTHS, enter, reader, start } from "./chrome.mjs";
import { furnish } from "./furnish.mjs";
import { ROUTES, cut, isLight, oneOfEach, overhang, route, violations } from "./pages.mjs";
import { Tally } from "./tally.mjs";

const [link, folder, furnished, ...words] = process.argv.slice(2);
const base = new URL(link).origin;
const tally = new Tally(furnished ? "look" : "empty");
const { browser, close } = await start();

const EMAIL = "owner@contoso.example";
const PASSWORD = "four lanterns over the harbour";
/** What the demo has nothing of: a passkey of this machine. The pages of people are looked at by people.mjs. */
const OWN = ["/me/{workspace}", "/me/{workspace}/settings", "/me/{workspace}/passkeys/new", "/me/{workspace}/passkeys/{key}"];
const WITHOUT = ["/account/passkeys/{key}", ...OWN];

const named = (name) => name.replace(/^\/w\/\{workspace\}/, "w").replace(/\{[^}]+\}/g, "one").replace(/\//g, "-").replace(/^-/, "") || "start";

/** A new session: what asks for a fresh sign-in would show its question instead of itself. */
async function signIn(page) {
  await page.goto(`${base}/signin?to=%2Faccount`);
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await Promise.all([page.waitForURL(/\/account$/), page.getByRole("button", { name: "Sign in with the password" }).click()]);
}

/** Somebody who is signed in, with a password. */
async function owner() {
  const one = await reader(browser);
  await enter(one.page, link);
  tally.check("the link signs in", !/signin|welcome/.test(one.page.url()), one.page.url());
  await one.page.goto(`${base}/account/password`);
  await one.page.getByLabel("New password").fill(PASSWORD);
  await one.page.getByLabel("The same again").fill(PASSWORD);
  await Promise.all([one.page.waitForURL(/\/account\?/), one.page.getByRole("button", { name: "Set the password" }).click()]);
  return one;
}

/** What can be said of each page at once. */
function weigh(pages, said) {
  const broken = pages.filter(({ status }) => status >= 400);
  tally.check("no link leads to a page that is not there", !broken.length, broken.map((one) => `${one.status} ${one.address}`).join("\n"));
  const heavy = pages.filter((one) => !isLight(one));
  tally.check("no page is over 100 KB", !heavy.length, heavy.map((one) => `${one.bytes} ${one.address}`).join("\n"));
  const unknown = pages.filter(({ name }) => !ROUTES.includes(name));
  tally.check("each page is in the table of routes", !unknown.length, unknown.map(({ name }) => name).join("\n"));
  tally.check("the browser has nothing to complain of", !said.length, said.join("\n"));
}

/** Looks at all pages as one reader has them, and keeps pictures; `prepare` does what comes before. */
async function picture(whose, pages, [theme, width], prepare = async () => {}) {
  const one = await reader(browser, { theme, width, checked: true });
  await prepare(one.page);
  const found = [];
  const wide = [];
  for (const { name, address } of pages) {
    await one.page.goto(address);
    await one.page.screenshot({ path: join(folder, `${named(name)}.${theme}.${width}.png`), fullPage: true });
    found.push(...(await violations(one.page)).map((text) => `${name}: ${text}`));
    const over = await overhang(one.page);
    if (over) wide.push(`${name}: ${over}`);
    wide.push(...(await cut(one.page)).map((text) => `${name} cuts ${text}`));
  }
  const told = `${whose} in ${theme} at ${width} px`;
  tally.check(`axe finds nothing on ${pages.length} pages ${told}`, pages.length && !found.length, found.slice(0, 60).join("\n"));
  tally.check(`nothing sticks out ${told}`, !wide.length, wide.join("\n"));
  await one.context.close();
}

/** The headings without script, and the language of who reads German. */
async function read(pages, storage) {
  const plain = await reader(browser, { script: false, storage });
  const empty = [];
  for (const { name, address } of pages) {
    await plain.page.goto(address);
    if ((await plain.page.locator("main h1").count()) !== 1) empty.push(name);
  }
  tally.check("every page has one heading without script", !empty.length, empty.join("\n"));
  const german = await reader(browser, { language: "de", storage });
  const english = [];
  for (const { name, address } of pages) {
    await german.page.goto(address);
    const { lang, words } = await german.page.evaluate(() => ({ lang: document.documentElement.lang, words: document.querySelector(".top").innerText }));
    if (lang !== "de" || /Sign out/.test(words)) english.push(name);
  }
  tally.check("every page speaks German to who reads German", !english.length, english.join("\n"));
}

await tally.tell(async () => {
  await mkdir(folder, { recursive: true });
  const first = await owner();
  const { signed, open } = furnished ? await furnish(first.context, first.page) : { signed: [], open: ["/signin", "/welcome?key=none", "/consent/back?state=none"] };
  const at = (address) => new URL(address, base).href;
  const pages = await oneOfEach(first.page, [base, ...signed.map(at)]);
  weigh(pages, first.said);
  const outside = open.map((address) => ({ name: route(at(address)), address: at(address) }));
  if (furnished) {
    const reached = new Set(["/confirm", ...[...pages, ...outside].map(({ name }) => name)]);
    const missing = ROUTES.filter((one) => !reached.has(one) && !WITHOUT.includes(one));
    tally.check(`${reached.size} of ${ROUTES.length} routes are looked at`, !missing.length, missing.join("\n"));
  }
  const question = [{ name: "/confirm", address: at("/confirm?to=%2Faccount") }];
  const readers = (furnished ? THEMES : ["light"]).flatMap((theme) => WIDTHS.map((width) => [theme, width]));
  for (const one of readers) {
    await picture("before the sign-in", outside, one);
    await picture("inside", pages, one, signIn);
    if (!furnished) continue;
    const late = async (page) => {
      await signIn(page);
      execFileSync(furnished, words);
    };
    await picture("of a sign-in that is long ago", question, one, late);
  }
  await read([...pages, ...outside], await first.context.storageState());
});
await close();
tally.close();
