// Debian's Chromium, driven by playwright-core, as the stories need it: a reader with a theme, a width and a language, who
// may have a passkey.

import { chromium } from "playwright-core";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // In a container the sandbox does not start, and shared memory is small. The pages are this machine's alone.
  "--no-sandbox",
  "--disable-dev-shm-usage",
  // Nothing but this machine: a page that asks for anything else fails the suite.
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
];

/**
 * Starts the browser; `close` ends it and removes what it wrote. `pins` are the keys of servers that it trusts although
 * nobody has issued their certificates: SHA-256 of the public key, in Base64.
 */
export async function start({ pins = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "provost-browser-"));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...QUIET, ...(pins.length ? [`--ignore-certificate-errors-spki-list=${pins.join()}`] : [])],
    env: { ...process.env, HOME: folder },
  });
  const close = async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { browser, close };
}

export const THEMES = ["light", "dark"];
export const WIDTHS = [400, 1280];

/** A reader. What the console of the browser says is kept: a page that works says nothing. */
export async function reader(browser, { theme = "light", width = 1280, language = "en", script = true, storage, checked = false } = {}) {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height: 900 },
    locale: language,
    timezoneId: "Europe/Oslo",
    javaScriptEnabled: script,
    storageState: storage,
    // The accessibility checks run in the page, where our own policy would stop them.
    bypassCSP: checked,
  });
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) said.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => said.push(`${page.url()}: ${error}`));
  page.on("dialog", async (dialog) => {
    said.push(`${page.url()}: a dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  return { context, page, said };
}

/** Gives the reader a device that makes passkeys and always finds its owner there; it can lose them, and take those of another one. */
export async function withPasskeys(context, page) {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const credentials = async () => {
    const answer = await session.send("WebAuthn.getCredentials", { authenticatorId });
    return answer.credentials;
  };
  const verified = (is) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: is });
  const forget = () => session.send("WebAuthn.clearCredentials", { authenticatorId });
  const take = (credential) => session.send("WebAuthn.addCredential", { authenticatorId, credential });
  return { credentials, verified, forget, take };
}

/** Follows a one-time link: opening it does nothing yet, the button on its page does. */
export async function enter(page, link) {
  await page.goto(link);
  await page.locator("main form button").first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/welcome"));
}
