// Getting in: the first owner with a passkey, then with a password, codes and recovery codes; sessions; what needs a fresh
// sign-in; and somebody else, who was invited and may do little.
//
//     node signin.mjs LINK-OF-THE-FIRST-START COMMAND-THAT-MAKES-EVERY-SIGN-IN-OLD…

import { execFileSync } from "node:child_process";
import { app } from "./codes.mjs";
import { enter, reader, start, withPasskeys } from "./chrome.mjs";
import { Desk } from "./desk.mjs";
import { Tally } from "./tally.mjs";

const [link, ...aging] = process.argv.slice(2);
const base = new URL(link).origin;
const tally = new Tally("signin");
const { browser, close } = await start();

const EMAIL = "owner@contoso.example";
const PASSWORD = "four lanterns over the harbour";

const [command, ...words] = aging;
const grow_old = () => execFileSync(command, words);

const at = (page) => new URL(page.url()).pathname;
const says = (page) => page.locator("main").innerText();
const session = async (context) => (await context.cookies()).find(({ name }) => name === "provost_session");

async function press(page, name) {
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name, exact: true }).first().click()]);
}

async function withPassword(page, password = PASSWORD) {
  await page.goto(`${base}/signin`);
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await press(page, "Sign in with the password");
}

/** From the link of the first start to a session. */
async function first({ context, page }) {
  // A page that was planted before the sign-in gets nothing from it.
  await context.addCookies([{ name: "provost_session", value: "planted", url: base }]);
  await page.goto(base);
  tally.check("nobody is let in without a session", at(page) === "/signin", page.url());
  await page.goto(link);
  await page.getByLabel("Your name").fill("Contoso owner");
  await page.getByLabel("Your e-mail address").fill(EMAIL);
  await press(page, "Become the owner");
  const given = await session(context);
  const isNew = given?.value !== "planted" && given?.httpOnly && given?.sameSite === "Lax";
  tally.check("the session is a new one, kept from scripts", isNew, JSON.stringify(given));
  tally.check("who has no way to come back is led to their account", at(page) === "/account", page.url());
}

async function passkey({ context, page }) {
  const { credentials, verified } = await withPasskeys(context, page);
  await page.goto(`${base}/account/passkeys/new`);
  await page.getByLabel("Name").fill("This device");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.waitForURL((url) => url.pathname === "/account");
  tally.check("the device holds one passkey", (await credentials()).length === 1);
  tally.check("the account page shows it", (await says(page)).includes("This device"), await says(page));

  // The sign-in offers passkeys by itself, and a device of this kind takes every offer, unless it does not know its owner.
  await verified(false);
  await press(page, "Sign out");
  tally.check("signing out ends at the sign-in", at(page) === "/signin", page.url());
  await page.goto(`${base}/account`);
  tally.check("who signed out is asked to sign in, and led back", decodeURIComponent(page.url()).includes("to=/account"), page.url());

  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  const said = page.locator("form[data-passkey] [data-say]");
  await said.filter({ hasText: /\S/ }).waitFor();
  tally.check("a device that does not know its owner opens nothing, and the page says so", at(page) === "/signin", page.url());
  await verified(true);
  await page.goto(`${base}/signin?to=%2Faccount`);
  await page.waitForURL((url) => url.pathname === "/account");
  tally.check("the passkey signs in, and leads to the page that was asked for", (await says(page)).includes("This device"));

  grow_old();
  await page.goto(`${base}/account/passkeys/new`);
  tally.check("a new passkey needs a fresh sign-in", at(page) === "/confirm", page.url());
  const before = await session(context);
  await page.getByRole("button", { name: "Confirm with a passkey" }).click();
  await page.waitForURL((url) => url.pathname === "/account/passkeys/new");
  const after = await session(context);
  tally.check("confirming leads back, with another session in the place of the old one", before.value !== after.value);
}

/** A password, codes of an app and recovery codes; the key of the app and the codes are given. */
async function password({ page }) {
  await page.goto(`${base}/account/password`);
  await page.getByLabel("New password").fill("contoso1234");
  await page.getByLabel("The same again").fill("contoso1234");
  await press(page, "Set the password");
  tally.check("a short password is refused, under its field", (await page.locator("#e-password").count()) === 1, await says(page));
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByLabel("The same again").fill(PASSWORD);
  await press(page, "Set the password");
  tally.check("a long one is taken", at(page) === "/account", `${page.url()} ${await says(page)}`);

  await page.goto(`${base}/account/codes`);
  await press(page, "Set codes up");
  const next = app(await page.locator("#secret").innerText());
  await page.getByLabel("The code that the app shows now").fill("000000");
  await press(page, "Go on");
  tally.check("a wrong code confirms nothing, and the key stays to be read", (await page.locator("#secret").count()) === 1, await says(page));
  await page.getByLabel("The code that the app shows now").fill(await next());
  await press(page, "Go on");
  tally.check("the right one confirms", (await page.locator("#codes").count()) === 1, await says(page));
  const codes = (await page.locator("#codes").innerText()).trim().split(/\s+/);
  tally.check("ten recovery codes are shown", codes.length === 10 && new Set(codes).size === 10, codes.join(" "));
  await page.getByRole("link", { name: "I have kept them" }).click();
  await page.waitForURL((url) => url.pathname === "/account");
  return { next, codes };
}

async function signInWithCode(page, code) {
  await withPassword(page);
  tally.check("the password alone lets nobody in", at(page) === "/signin" && (await page.getByLabel("Code").count()) === 1, page.url());
  await page.getByLabel("Code").fill(code);
  await press(page, "Sign in");
}

/** Signing in with them, on other devices. */
async function devices(owner, { next, codes }) {
  const { page } = owner;
  const second = await reader(browser);
  await withPassword(second.page, "not the password of anybody");
  tally.check("a wrong password is refused without a reason", at(second.page) === "/signin" && !(await session(second.context)), await says(second.page));
  const code = await next();
  await signInWithCode(second.page, code);
  tally.check("password and code sign in", at(second.page).startsWith("/w/"), second.page.url());

  const third = await reader(browser);
  await signInWithCode(third.page, code);
  tally.check("a code works once", at(third.page).startsWith("/signin"), third.page.url());
  await third.page.getByLabel("Code").fill(codes[0]);
  await press(third.page, "Sign in");
  tally.check("a recovery code takes its place", at(third.page).startsWith("/w/"), third.page.url());
  const fourth = await reader(browser);
  await signInWithCode(fourth.page, codes[0]);
  tally.check("it works once, too", at(fourth.page).startsWith("/signin"), fourth.page.url());

  await page.goto(`${base}/account`);
  tally.check("nine are left", (await says(page)).includes("9 recovery codes are left"), await says(page));
  const ends = page.getByRole("button", { name: "End", exact: true });
  tally.check("the account page shows the two other sessions", (await ends.count()) === 2, await says(page));
  await press(page, "End");
  tally.check("ending one leaves one", (await ends.count()) === 1);
  await press(page, "End all others");
  for (const other of [second, third]) {
    await other.page.goto(`${base}/account`);
    tally.check("a session that was ended is over", at(other.page) === "/signin", other.page.url());
  }
  await page.reload();
  tally.check("one's own goes on", at(page) === "/account");
  return [second, third, fourth];
}

/** Somebody who is invited and may look at everything, and change nothing. */
async function auditor({ context, page }) {
  const desk = new Desk(context, page, []);
  grow_old();
  await desk.go("/administrators/new");
  tally.check("inviting somebody needs a fresh sign-in", at(page) === "/confirm", page.url());
  await page.getByRole("button", { name: "Confirm with a passkey" }).click();
  await page.waitForURL(/administrators\/new$/);
  await desk.fill({ name: "Contoso auditor", email: "auditor@contoso.example", role: "auditor" });
  await desk.press("Add and make a link");
  const invitation = await desk.shown("Link");

  const guest = await reader(browser);
  await enter(guest.page, invitation);
  tally.check("the link leads to choosing a way in", at(guest.page) === "/account" && /Choose how you sign in/.test(await says(guest.page)), guest.page.url());
  const theirs = new Desk(guest.context, guest.page, guest.said);
  await theirs.go("/connections");
  tally.check("who looks sees the pages", /Connections/.test(await says(guest.page)));
  const rail = await guest.page.locator("nav.rail").innerText();
  tally.check("the rail leads nowhere that is closed", !rail.includes("Administrators") && rail.includes("Audit"), rail);
  tally.check("what changes something is dead, with the role that it takes", await theirs.says(/owner or configuration admin/), await theirs.text());
  await theirs.go("/administrators");
  tally.check("a closed page says which role it takes", (await theirs.says("takes the role owner")) && theirs.status === 403, await theirs.text());
  await theirs.go();
  const smuggled = await theirs.smuggle("/people/new", { user_name: "x@contoso.example" });
  tally.check("what is sent all the same is refused", smuggled.status === 403, smuggled.text);
  const again = await reader(browser);
  await again.page.goto(invitation);
  tally.check("the link works once", (await again.page.locator("main form button").count()) === 0, await says(again.page));

  await desk.go("/administrators");
  await desk.follow("Contoso auditor");
  await desk.press("Block");
  await guest.page.goto(`${base}/account`);
  tally.check("who is blocked is out at once", at(guest.page) === "/signin", guest.page.url());
  return [guest, again];
}

await tally.tell(async () => {
  const owner = await reader(browser);
  await first(owner);
  await passkey(owner);
  const ways = await password(owner);
  const others = [...(await devices(owner, ways)), ...(await auditor(owner))];
  await owner.page.goto(link);
  tally.check("the first link makes nobody owner a second time", !(await owner.page.getByRole("button", { name: "Become the owner" }).count()));
  // A refusal is an answer with a status, which the browser writes down.
  const said = [owner, ...others].flatMap((one) => one.said);
  const odd = said.filter((text) => !/status of (401|403|409|410|422|429)|NotAllowedError/.test(text));
  tally.check("the browser has nothing to complain of", !odd.length, odd.join("\n"));
});
await close();
tally.close();
