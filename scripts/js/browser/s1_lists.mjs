// Script S1, steps 1.16 and 1.18: the accounts are read, and both lists are looked at, filtered and searched.

import { AT as PROVIDER } from "./s0_general.mjs";

export const AT = `${PROVIDER}/identifiers`;
export const PEOPLE = `${AT}?tab=people`;

export const steps = [unread, read, marks, narrowed, people, reasons];

/** The line of an account or a person. */
export const line = (desk, text) => desk.page.locator("section table.table tbody tr", { has: desk.page.locator("input[type=checkbox]"), hasText: text });

/** What a line says. */
export const told = async (desk, text) => (await line(desk, text).innerText()).replace(/\s+/g, " ");

/** Ticks these lines, and no others. */
export async function tick(desk, ...texts) {
  for (const text of texts) await line(desk, text).locator("input[type=checkbox]").check();
}

/** The numbers on top: linked, suggested, unlinked, exempt, all. */
export async function numbers(desk, side) {
  const row = desk.page.locator("section[aria-labelledby=numbers] tbody tr", { hasText: side });
  return (await row.locator("td").allInnerTexts()).map((text) => Number(text.match(/\d+/)?.[0])).join();
}

/** Labels of the lines of the list. */
const names = async (desk) => (await desk.page.locator("section table.table tbody label.box").allInnerTexts()).map((text) => text.trim());

async function unread({ tally, desk, seen }) {
  await desk.go(AT);
  await seen("1.16-unread");
  tally.check("1.16 before anything is read, the page says so", await desk.says("The accounts of the tenant were not read yet.", "Read the accounts first."), await desk.text());
  const answer = await desk.smuggle(AT, { do: "create-all" });
  tally.check("1.16 nor can anything be done past the page", answer.status === 409 && answer.text.includes("PRV-IDENTIFIER-UNREAD"), `${answer.status}`);
}

async function read({ tally, desk, tenant, accounts, seen }) {
  const before = await tenant.writes();
  await desk.press("Read the accounts");
  await seen("1.16-accounts");
  const all = Object.keys(accounts).length;
  tally.check("1.16 every account of the tenant is there", (await desk.says("The accounts were read.")) && (await names(desk)).length === all, await desk.text());
  tally.check("1.16 the numbers add up on both sides", (await numbers(desk, "Microsoft 365 accounts")) === `0,2,${all - 2},0,${all}` && (await numbers(desk, "Directory people")) === "0,2,3,0,5", `${await numbers(desk, "Microsoft 365 accounts")} ${await numbers(desk, "Directory people")}`);
  tally.check("1.16 each with its object id", (await told(desk, "henrik@")).includes(accounts.henrik), await told(desk, "henrik@"));
  tally.check("1.16 nothing is written to Microsoft", (await tenant.writes()) === before);
}

async function marks({ tally, desk, seen }) {
  for (const [name, mark] of [["guest@", "guest"], ["info@", "shared mailbox"], ["gone@", "disabled"], ["admin@", "protected"]]) {
    const tags = await line(desk, name).locator("th .state").allInnerTexts();
    tally.check(`1.16 ${name} is marked: ${mark}`, tags.includes(mark), tags.join());
  }
  tally.check("1.16 how a shared mailbox is recognised stands there", await desk.says("A shared mailbox is not named as one by the tenant"));
  await desk.fill({ mark: "shared" });
  await desk.press("Search");
  tally.check("1.16 one can look at those with a mark alone", (await names(desk)).join() === "Info of Contoso", (await names(desk)).join());
  await seen("1.16-shared");
}

async function narrowed({ tally, desk, accounts }) {
  await desk.go(AT);
  await desk.fill({ state: "unlinked" });
  await desk.press("Search");
  const open = await names(desk);
  tally.check("1.16 those that nobody here belongs to can be looked at alone", open.length === 8 && !open.includes("Anna of Contoso"), open.join());
  for (const search of ["ida", accounts.ida, "ida@contoso.example"]) {
    await desk.go(AT);
    await desk.fill({ search });
    await desk.press("Search");
    tally.check(`1.16 "${search}" is found`, (await names(desk)).join() === "Ida of Contoso", await desk.text());
  }
  await desk.fill({ search: "nobody.at.all" });
  await desk.press("Search");
  tally.check("1.16 what is not there is said to be not there", await desk.says("Nobody is like that."), await desk.text());
  await desk.go(`${AT}?state=whatever`);
  tally.check("1.16 a filter that is none is refused", desk.status === 404 || desk.status === 400 || desk.status === 422, String(desk.status));
}

async function people({ tally, desk, seen }) {
  await desk.go(AT);
  const tab = desk.page.locator("nav.tabs").getByRole("link", { name: "Directory people" });
  await Promise.all([desk.page.waitForEvent("load"), tab.click()]);
  await seen("1.18-people");
  tally.check("1.18 everybody of the directory is in the other list", (await names(desk)).length === 5, await desk.text());
  await desk.fill({ state: "suggested" });
  await desk.press("Search");
  tally.check("1.18 one can look at the suggestions alone, and stays in this list", (await names(desk)).join() === "Anna of Contoso,Bjorn of Contoso", (await names(desk)).join());
}

async function reasons({ tally, desk }) {
  await desk.go(PEOPLE);
  const anna = await told(desk, "anna@");
  tally.check("1.18 a suggestion has its account, score and reason", /anna@contoso\.example 9\d same userPrincipalName/.test(anna), anna);
  const bjorn = await told(desk, "bjorn@");
  tally.check("1.18 a mail address alone scores less", /berg@contoso\.example 50 same verified mail address/.test(bjorn), bjorn);
}
