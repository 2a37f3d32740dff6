// An administrator at the console: opens pages, fills in forms, presses buttons, and now and then tries what the page
// does not offer.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { enter, reader } from "./chrome.mjs";

const FOLDER = process.env.PROVOST_PICTURES;

/** Asks again until something is there, and gives it; nothing after the time is over. */
export async function until(found, seconds = 60) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await found();
    if (answer) return answer;
    if (Date.now() > deadline) return answer;
    await new Promise((go) => setTimeout(go, 150));
  }
}

/** What a page says, without its markup; for answers that no window shows. */
export const words = (html) => html.replace(/^[^]*<main/, "<main").replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");

/** Signs somebody in by a one-time link, in a browser window of their own. */
export async function sit(browser, link, options) {
  const { context, page, said } = await reader(browser, options);
  await enter(page, link);
  return new Desk(context, page, said);
}

/** Makes the first owner by the link of the first start. */
export async function own(browser, link, name, email) {
  const { context, page, said } = await reader(browser);
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Your e-mail address").fill(email);
  await page.getByRole("button", { name: "Become the owner" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/welcome"));
  return new Desk(context, page, said);
}

export class Desk {
  constructor(context, page, said) {
    Object.assign(this, { context, page, said, status: 0 });
    this.origin = new URL(page.url()).origin;
    // What is not there after this time is missing, and the story says so.
    page.setDefaultTimeout(60_000);
    page.on("response", (answer) => {
      if (answer.request().isNavigationRequest() && answer.frame() === page.mainFrame()) this.status = answer.status();
    });
  }

  /** The workspace's address, found when it is asked for first. */
  async home() {
    if (!this.space) {
      await this.page.goto(this.origin);
      const only = new URL(this.page.url()).pathname.match(/^\/w\/[^/]+/)?.[0];
      // Whoever has several is asked which; the first is meant.
      this.space = only ?? (await this.page.locator("main a[href^='/w/']").first().getAttribute("href"));
    }
    return this.space;
  }

  /** Opens a page of the workspace; whole paths and full addresses are taken as they are. */
  async go(path = "") {
    const address = /^(https?:|\/setup\/|\/w\/)/.test(path) ? path : (await this.home()) + path;
    await this.page.goto(new URL(address, this.origin).href);
    return this;
  }

  /** What the page says, without the rail. */
  async text() {
    return (await this.page.locator("main").innerText()).replace(/\s+/g, " ");
  }

  async says(...parts) {
    const text = await this.text();
    return parts.every((part) => (part instanceof RegExp ? part.test(text) : text.includes(part)));
  }

  /** Whether the page says this within a moment, by what its script brings. */
  async sees(...parts) {
    return until(() => this.says(...parts), 30);
  }

  /** A button, or a link that looks like one, by its words. */
  button(name, within = this.page.locator("main")) {
    return within.getByRole("button", { name, exact: typeof name === "string" }).first();
  }

  /** Presses a button that leads to a page, and waits for that page. */
  async press(name, within) {
    const button = this.button(name, within);
    await Promise.all([this.page.waitForEvent("load"), button.click()]);
    return this;
  }

  /** Says yes where a page asks; the button has the verb. */
  async agree() {
    const button = this.page.locator("main form button.danger").first();
    await Promise.all([this.page.waitForEvent("load"), button.click()]);
    return this;
  }

  /** Follows a link of the page. */
  async follow(name) {
    const link = this.page.locator("main").getByRole("link", { name, exact: typeof name === "string" }).first();
    await Promise.all([this.page.waitForEvent("load"), link.click()]);
    return this;
  }

  /** Fills in fields by the names that they have in the form: a text, true or false, or a word of a choice. */
  async fill(values) {
    for (const [name, value] of Object.entries(values)) await this.one(name, value);
    return this;
  }

  async one(name, value) {
    const field = this.page.locator(`main [name="${name}"]:not([type=hidden])`);
    // What is looked for inside begins at the fold, not at the page.
    const inside = this.page.locator(`[name="${name}"]:not([type=hidden])`);
    for (const folded of await this.page.locator("main details:not([open])", { has: inside }).all()) {
      await folded.evaluate((one) => one.setAttribute("open", ""));
    }
    const kind = await field.first().evaluate((one) => `${one.tagName} ${one.type}`);
    if (kind === "INPUT radio") await this.page.locator(`main [name="${name}"][value="${value}"]`).check();
    else if (kind === "INPUT checkbox") await field.first().setChecked(value);
    else if (kind.startsWith("SELECT")) await field.first().selectOption(value);
    else await field.first().fill(value);
  }

  /** Whether a button is dead, and says this. */
  async isDead(name, sentence, within) {
    const button = this.button(name, within);
    if (await button.isEnabled()) return false;
    if (await button.evaluate((one) => Boolean(one.closest("fieldset[disabled]")))) return this.says(sentence);
    const why = await button.getAttribute("aria-describedby");
    const text = why ? await this.page.locator(`[id="${why}"]`).innerText() : "";
    return text.includes(sentence);
  }

  /** Sends a form although the page would not: with this session's own secret. */
  async smuggle(path, fields = {}) {
    const csrf = await this.page.locator("input[name=csrf]").first().inputValue();
    const address = path.startsWith("/w/") ? path : (await this.home()) + path;
    const pairs = new URLSearchParams({ csrf });
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) pairs.append(name, one);
    const answer = await this.page.request.post(new URL(address, this.origin).href, {
      data: pairs.toString(),
      headers: { origin: this.origin, "content-type": "application/x-www-form-urlencoded" },
      maxRedirects: 0,
    });
    return { status: answer.status(), text: await answer.text() };
  }

  /** Opens the page again and again until it says this. */
  async waitFor(path, ...parts) {
    return until(async () => {
      await this.go(path);
      return this.says(...parts);
    }, 60);
  }

  /** A picture of the page, where somebody wants to look at it. */
  async picture(name) {
    if (!FOLDER) return;
    await mkdir(FOLDER, { recursive: true });
    await this.page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
  }

  /** The value of one that is shown to be copied. */
  async shown(label) {
    return this.page.locator(".copy", { hasText: label }).locator("code").innerText();
  }

  /** Invites a further administrator; they sit down at a desk of their own. */
  async invite(browser, name, role, options) {
    await this.go("/administrators/new");
    const email = `${name.toLowerCase().replace(/\W+/g, ".")}@contoso.example`;
    await this.fill({ name, email, role });
    await this.press("Add and make a link");
    const link = (await this.text()).match(/https?:\/\/\S+\?key=[\w-]+/)[0];
    const desk = await sit(browser, link, options);
    desk.space = this.space;
    return desk;
  }
}
