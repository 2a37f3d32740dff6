// Script S1, steps 1.16 to 1.22 as far as they belong to the end: who is left is exempted by name, and the migration is
// closed for good.

import { readFileSync } from "node:fs";
import { NAME } from "./s0_general.mjs";
import { at } from "./s0_guide.mjs";
import { AT as IDENTIFIERS, PEOPLE, tick } from "./s1_lists.mjs";
import { API, MIGRATION, FEDERATION, audited, guest, proved } from "./s1_world.mjs";
import { refused } from "./s2_connection.mjs";

export const steps = [left, notYet, exempted, notMine, stale, closed, gone, archive, checklist];

const CLOSE = `${MIGRATION}/close`;

async function left(world) {
  const { tally, owner, ask, seen } = world;
  await owner.go(MIGRATION);
  tally.check("1.20 as long as somebody is left, closing is dead and says why", await owner.isDead("Close the migration", "Somebody is left"), await owner.text());
  const answer = await owner.smuggle(CLOSE);
  refused(tally, "1.20 G1-11 past the page it is refused", answer, 409, "PRV-MIGRATION-LEFT");
  tally.check("1.20 G1-11 with the list of who is left", answer.text.includes("Frida of Contoso (unlinked)"), answer.text.slice(0, 2000));
  const typed = await ask("POST", `${API}/migration/close`, { confirm: { typed: NAME } });
  refused(tally, "1.20 G1-11 nor by the interface", typed, 409, "PRV-MIGRATION-LEFT");
  tally.check("1.20 G1-11 which names them too", typed.text.includes("Frida of Contoso"), typed.text);
  await audited(world, "1.20 G1-11", "migration.close.refused", "PRV-MIGRATION-LEFT");
  await owner.go(MIGRATION);
  await seen("1.20-left");
}

async function notYet(world) {
  const { tally, owner, ask, seen } = world;
  await owner.go(at("federate"));
  await seen("1.22-locked");
  tally.check("1.22 G1-13 step 5 of the guide is locked, and says by what", await owner.says("Locked until step 4, “Move the people”, is done"), await owner.text());
  await owner.go(FEDERATION);
  await owner.press("Compute the checks");
  const line = await owner.page.locator("section[aria-labelledby=checks] tr", { hasText: "The migration is finished" }).innerText();
  tally.check("1.22 G1-13 the cockpit stays closed by it", /blocks/.test(line), line);
  const signed = await owner.smuggle(`${FEDERATION}/sign-off`, { line: "migration_finished", person: "Kim Contoso", reason: "Nearly" });
  refused(tally, "1.22 G1-13 and nobody can answer for that", signed, 409, "PRV-FEDERATION-BLOCKING");
  refused(tally, "1.22 G1-13 nor by the interface", await ask("POST", `${API}/federation/sign-offs`, { check: "migration_finished", person: "Kim", reason: "Nearly" }), 409, "PRV-FEDERATION-BLOCKING");
}

async function exempted(world) {
  const { tally, owner, seen } = world;
  await owner.go(PEOPLE);
  await tick(owner, "frida@");
  await owner.fill({ reason: "Works in the harbour, without an account" });
  await owner.press("Exempt");
  tally.check("1.18 G1-10 nobody is exempted without an owner", owner.status === 409 && (await owner.says("PRV-EXEMPTION-INCOMPLETE")), `${owner.status} ${await owner.text()}`);
  await owner.fill({ owner: "Kim Contoso" });
  await owner.press("Exempt");
  await owner.go(IDENTIFIERS);
  await tick(owner, "scanner@", "henrik@");
  await owner.page.locator("tr", { hasText: "dora@contoso.example" }).locator("input[type=checkbox]").first().check();
  await owner.fill({ reason: "Nobody signs in with it", owner: "Kim Contoso" });
  await owner.press("Exempt");
  await seen("1.19-identifiers");
  await owner.press(/^Write \d+ immutable ids?$/);
  await seen("1.17-immutable");
  tally.check("1.17 what is written to Microsoft is shown first: the immutable ids", owner.status === 409 && (await owner.says("Anna of Contoso", "PRV-IMMUTABLE-ID-CONFIRM")), await owner.text());
  await owner.agree();
  const state = await world.tenant.state();
  const written = state.users.filter((user) => user.onPremisesImmutableId).length;
  tally.check("1.17 confirmed, each of the five has that of their person", written === 5 && (await world.tenant.user("anna")).onPremisesImmutableId === world.people.anna, `${written} ${await owner.text()}`);
  await owner.go(IDENTIFIERS);
  tally.check("1.19 with nobody left the page says that it is not needed", await owner.says("Not needed"), await owner.text());
}

async function notMine({ tally, admin, seen }) {
  await admin.go(MIGRATION);
  await seen("1.21-admin", admin);
  tally.check("1.21 a configuration admin sees that an owner closes it", await admin.isDead("Close the migration", "It takes the role owner"), await admin.text());
  refused(tally, "1.21 G1-12 nor can they past the page", await admin.smuggle(CLOSE, { confirm: "x", confirm_typed: NAME }), 403, "Your role does not allow this");
}

/** The owner has not proved for an hour who they are. */
async function stale(world) {
  const { tally, owner, seen } = world;
  world.grow_old();
  await owner.go(MIGRATION);
  await owner.press("Close the migration");
  await seen("1.21-prove");
  tally.check("1.21 G1-12 closing asks for a fresh sign-in", new URL(owner.page.url()).pathname === "/confirm", owner.page.url());
  await proved(owner);
  tally.check("1.21 G1-12 which leads back to the section", decodeURIComponent(new URL(owner.page.url()).pathname).endsWith("/Microsoft 365/migration"), owner.page.url());
}

async function closed(world) {
  const { tally, owner, ask, seen } = world;
  await owner.press("Close the migration");
  await seen("1.21-question");
  tally.check("1.21 the danger is named: it cannot be undone, the addresses answer 410", owner.status === 409 && (await owner.says("cannot be undone", "410", "PRV-MIGRATION-CLOSE", "5 people are onboarded, 1 exempt")), await owner.text());
  await owner.fill({ confirm_typed: "Microsoft" });
  await owner.agree();
  tally.check("1.21 another name than the provider's closes nothing", owner.status === 409 && (await owner.page.locator("form.question").count()) === 1, await owner.text());
  const asked = (await ask("POST", `${API}/migration/close`, {})).json();
  refused(tally, "1.21 nor does it by the interface", await ask("POST", `${API}/migration/close`, { confirm: { digest: asked.confirm?.digest, typed: "Microsoft" } }), 409, "PRV-MIGRATION-TYPED");
  await audited(world, "1.21 G1-12", "migration.close.refused", "PRV-MIGRATION-TYPED");
  await owner.go(MIGRATION);
  await owner.press("Close the migration");
  await owner.fill({ confirm_typed: NAME });
  await owner.agree();
  await seen("1.21-closed");
  tally.check("1.21 with the name it is closed, and who did it stands there", await owner.says("It has ended.", "closed for good", "owner@contoso.example"), await owner.text());
}

async function gone(world) {
  const { tally, owner, ask, seen } = world;
  const late = await guest(world, "late");
  for (const path of ["start", "metadata"]) {
    const answer = await late.page.goto(world.door.replace(/start$/, path));
    tally.check(`1.21 the address ${path} answers 410`, answer.status() === 410, String(answer.status()));
  }
  await late.picture("1.21-gone");
  tally.check("1.21 and says how one signs in from now on", /closed for good.*passkey/i.test(await late.text()), await late.text());
  const posted = await owner.page.request.post(world.door.replace(/start$/, "acs"), { form: { SAMLResponse: "bm90aGluZw==", RelayState: "x" } });
  tally.check("1.21 as does the one that takes answers", posted.status() === 410, String(posted.status()));
  await late.page.goto(`${owner.origin}/join/Main`);
  await late.page.getByRole("button", { name: "Go on" }).click();
  await late.page.getByRole("heading", { name: "Nobody can join at present" }).waitFor();
  await late.context.close();
  refused(tally, "1.21 G1-5 a closed one is not opened again", await ask("POST", `${API}/migration/deadline`, { deadline: "2030-01-01", reason: "Again" }), 409, "PRV-MIGRATION-CLOSED");
  await owner.go(MIGRATION);
  await seen("1.21-after");
}

async function archive(world) {
  const { tally, owner, admin } = world;
  await owner.go(MIGRATION);
  const [file] = await Promise.all([owner.page.waitForEvent("download"), owner.page.getByRole("link", { name: "Download it" }).click()]);
  const kept = JSON.parse(readFileSync(await file.path(), "utf8"));
  tally.check("1.21 G1-12 what it was is kept for an owner: configuration, numbers, who came", kept.configuration.owner === "Kim Contoso" && kept.counts.onboarded === 5 && kept.sign_ins.length === 7, JSON.stringify(kept).slice(0, 1500));
  const path = `${await owner.home()}${MIGRATION}/archive`;
  const other = await admin.page.request.get(new URL(path, owner.origin).href);
  tally.check("1.21 G1-12 and for nobody else", other.status() === 403, String(other.status()));
}

async function checklist({ tally, owner, seen }) {
  await owner.go(MIGRATION);
  const lines = await owner.page.locator("section[aria-labelledby=end] .checks li").allInnerTexts();
  const wanted = ["Everybody is onboarded", "Everybody is created and linked", "Phase 2 is done, or not needed", "The migration's configuration is deleted"];
  tally.check("1.22 four lines, computed, all of them done", lines.length === 4 && wanted.every((want, index) => lines[index].includes(`${want} (done)`)), lines.join("\n"));
  await owner.go(at("people"));
  await seen("1.22-step-4");
  await owner.go(at("federate"));
  await seen("1.22-step-5");
  tally.check("1.22 G1-13 now step 5 is open", !(await owner.says("Locked until")) && (await owner.says("The section Federation")), await owner.text());
}
