// People, groups, administrators and answers of applications whose every text is an attack: no page may do what they say.
//
//     node hostile.mjs FILE-ABOUT-THE-WORLD

import { readFileSync } from "node:fs";
import { enter, reader, start } from "./chrome.mjs";
import { Desk, until } from "./desk.mjs";
import { ROUTES, walk } from "./pages.mjs";
import { Tally } from "./tally.mjs";

const { link, texts, breaks, lying } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const base = new URL(link).origin;
const tally = new Tally("hostile");
const { browser, close } = await start();

/** Pages of one route that are opened. */
const EACH = 12;
/** What our pages never have. */
const ALIEN = [
  "[onerror],[onload],[onclick],[onfocus],[onmouseover],[ontoggle],[style],[srcdoc]",
  "iframe,object,embed,base,meta[http-equiv],style,template,math,video,script:not([src])",
  "a[href^='javascript:' i],a[href^='//'],form[action^='//'],form[action^='http'],form[action^='javascript:' i]",
  "img:not([src^='/']),link[rel=stylesheet]:not([href^='/assets/']),script:not([src^='/assets/'])",
].join(",");

/** What stands on a page that is open, and what became of the texts on it. */
async function look(page) {
  return page.evaluate((alien) => {
    const typed = [...document.querySelectorAll("input,textarea")].map((one) => one.value);
    return {
      text: [document.body.textContent, ...typed].join("\n").replace(/\s+/g, " "),
      title: document.title,
      alien: [...document.querySelectorAll(alien)].map((one) => one.outerHTML.slice(0, 160)),
    };
  }, ALIEN);
}

/** What an administrator types is an attack too, and so is what they copied from somewhere. */
async function administer(context, page) {
  const desk = new Desk(context, page, []);
  await desk.home();
  const text = (index) => texts[index % texts.length];
  await desk.go("/administrators/new");
  await desk.fill({ name: text(0), email: "hostile@contoso.example", role: "auditor" });
  await desk.press("Add and make a link");
  await desk.go("/administrators/new");
  await desk.fill({ name: text(7), email: "hostile.too@contoso.example", role: "configuration_admin" });
  await desk.press("Add and make a link");
  await desk.go("/api-tokens/new");
  await desk.fill({ label: text(1), scope: "read" });
  await desk.press("Make the token");
  await desk.go("/providers");
  await desk.follow(/^hostile/);
  const provider = new URL(page.url()).pathname;
  await desk.smuggle(`${provider}/setup-links`, { label: text(2), days: "7" });
  await desk.go("/people");
  const people = await page.$$eval("main td a, main th a", (all) => all.map((a) => a.href.split("/").pop()));
  await desk.go();
  for (const [index, id] of people.entries()) {
    if (index % 3 === 0) await desk.smuggle(`/people/${id}/block`, { reason: `${text(index)} ${breaks}` });
    else if (index % 3 === 1) await desk.smuggle(`/people/${id}/protect`, { connection: "", reason: text(index) });
  }
  const own = { user_name: `${text(3)} own`, display_name: text(3), given_name: text(4), title: text(5) };
  await desk.smuggle("/people/new", own);
  await desk.smuggle("/groups/new", { display_name: `${text(6)} own` });
  // Microsoft 365 as a provider; its tenant does not answer, so it stays a draft.
  const nowhere = "http://127.0.0.1:9";
  const short = (index) => text(index).slice(0, 90);
  await desk.smuggle("/guides/move-microsoft-365/sign", { step: "register", how: "elsewhere", note: short(8) });
  await desk.smuggle("/new-microsoft-365", { name: short(9), label: short(10), link_key: "User: UDI", domain: "contoso.example", tenant_name: "contoso", "s.graph_url": nowhere, "s.login_url": nowhere, "s.allow_private_network": "on" });
  // The second application is compared: what it says that it has is not what was written.
  const name = encodeURIComponent(lying);
  await desk.smuggle(`/connections/${name}/plan`, { mode: "reconcile" });
  await desk.smuggle(`/connections/${name}/resync`);
  await desk.smuggle(`/connections/${name}/run`);
  await until(async () => (await desk.go("/drift")).says(/differences? (is|are) open/), 20);
  return { desk, provider };
}

/** Texts where a sign-in, a search or an error shows them again. */
async function repeat(page, { desk, provider }) {
  const found = [];
  const at = async (path) => {
    await page.goto(new URL(path, base).href);
    found.push({ name: "asked", address: path, ...(await look(page)) });
  };
  const space = await desk.home();
  for (const one of texts) {
    const text = encodeURIComponent(one);
    const places = ["people?search=", "people?owner=", "groups?search=", "log?find=", "log?object=", "log?code=", "log?since=", "audit?actor=", "audit?subject=", "plans?connection=", "drift?connection=", "problems?connection=", "people/", "connections/", "providers/", "microsoft-365/", "guides/", "people?done="];
    for (const place of places) await at(`${space}/${place}${text}`);
    for (const path of [`/signin?to=${text}`, `/confirm?to=${text}`, `/welcome?key=${text}`, `/setup/${text}`, `/w/${text}`, `/${text}`, `${provider}/requests?search=${text}`]) await at(path);
  }
  return found;
}

await tally.tell(async () => {
  const { context, page, said } = await reader(browser);
  // What the texts try to set, and where they try to go.
  const hurt = [];
  await context.exposeFunction("hurt", (text) => hurt.push(text));
  const asked = [];
  context.on("request", (request) => {
    if (!request.url().startsWith(base)) asked.push(request.url());
  });
  await enter(page, link);
  const world = await administer(context, page);
  const pages = await walk(page, [base, `${base}/account`], EACH, look);
  tally.check(`${pages.length} pages were opened, of ${new Set(pages.map(({ name }) => name)).size} routes`, pages.length >= 150 && new Set(pages.map(({ name }) => name)).size >= 55);
  const broken = pages.filter(({ status }) => status >= 500);
  tally.check("no page breaks", !broken.length, broken.map(({ status, address }) => `${status} ${address}`).join("\n"));
  const shown = new Set(pages.filter(({ text }) => text.includes("hostile")).map(({ name }) => name));
  tally.check(`the attacks stand on pages of ${shown.size} of ${ROUTES.length} routes, as text`, shown.size >= 35, ROUTES.filter((one) => !shown.has(one)).join("\n"));
  for (const one of texts) {
    const bare = one.replace(/\s+/g, " ");
    tally.check(`on ${pages.filter(({ text }) => text.includes(bare)).length} pages stands ${bare.slice(0, 60)}`, pages.some(({ text }) => text.includes(bare)));
  }
  const all = [...pages, ...(await repeat(page, world))];
  tally.check(`no text became an element, on ${all.length} pages`, all.every(({ alien }) => !alien.length), all.flatMap(({ address, alien }) => alien.map((one) => `${address}: ${one}`)).slice(0, 40).join("\n"));
  tally.check("no title was ended", all.every(({ title }) => title.endsWith("· Provost")), all.filter(({ title }) => !title.endsWith("· Provost")).map(({ address }) => address).join("\n"));
  tally.check("no template was calculated", all.every(({ text }) => !text.includes("hostile 49")));
  tally.check("no script of theirs ran", !hurt.length, hurt.join("\n"));
  tally.check("nothing was asked of another host", !asked.length, asked.join("\n"));
  const odd = said.filter((text) => !/status of (400|403|404|409|410|422|429)|does not conform to the required format/.test(text));
  tally.check("the browser has nothing to complain of", !odd.length, odd.slice(0, 20).join("\n"));

  // A page of another site: it gets no page of ours into a frame, and no form of it is taken.
  const other = await context.newPage();
  await other.goto(`data:text/html,${encodeURIComponent(`<iframe src="${base}/account"></iframe><form method=post action="${base}/account/sessions/end-others"><button>x</button></form>`)}`);
  await other.waitForTimeout(500);
  const framed = other.frames().filter((frame) => frame.url().startsWith(base));
  tally.check("no other site puts a page of ours into a frame", !framed.length, framed.map((frame) => frame.url()).join("\n"));
  const [answer] = await Promise.all([other.waitForResponse((one) => one.request().method() === "POST"), other.locator("button").click()]);
  // The cookie does not go along from another site: so it is the sign-in, or a refusal.
  tally.check("no form of another site is taken", [303, 403].includes(answer.status()), String(answer.status()));
  await page.goto(`${base}/account`);
  tally.check("and the session goes on", new URL(page.url()).pathname === "/account");
});
await close();
tally.close();
