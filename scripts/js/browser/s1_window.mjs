// Script S1, steps 1.1 to 1.9: the window of the migration. Values for Entra, the application of its own, the certificate,
// Validate and Save.

import { AT } from "./s0_general.mjs";
import { at } from "./s0_guide.mjs";
import { early as uninvited } from "./s1_letters.mjs";
import { API, APPLICATION, MIGRATION, audited, enter, guest } from "./s1_world.mjs";
import { refused } from "./s2_connection.mjs";

export const steps = [early, values, entra, ticks, application, certificate, validate, file, tried, saved, notOpen, open, one];

const DAY = 86_400_000;
/** A moment as the form has it, in days from now. */
export const day = (days) => new Date(Date.now() + days * DAY).toISOString().slice(0, 16);

/** What is entered for the window. */
export function typed(world, more = {}) {
  return { application: APPLICATION, certificate: world.certificate, starts: day(1), deadline: day(21), owner: "Kim Contoso", contact: "help@contoso.example", ...more };
}

/** The same for the interface. */
const told = ({ certificate, ...rest }) => ({ ...rest, certificates: [certificate] });

/** Each refusal names what is wrong under its field, and what was typed stays. */
async function wrong(world, sentence, more, field, code, ...parts) {
  const { tally, owner } = world;
  await owner.go(MIGRATION);
  await owner.fill(typed(world, more));
  await owner.press("Validate");
  const under = owner.page.locator(`#e-${field}`);
  const text = (await under.count()) ? await under.innerText() : await owner.text();
  tally.check(sentence, owner.status === 422 && text.includes(code) && parts.every((part) => text.includes(part)), `${owner.status} ${text}`);
}

async function early(world) {
  const { tally, owner, ask, seen } = world;
  await owner.go(at("people"));
  await seen("1.01-step-4");
  tally.check("1.1 step 4 of the guide is open, and says what is done in it", (await owner.says("Move the people", "start, a deadline and an owner", "choose start, deadline, owner and contact")) && !(await owner.says("Locked until")), await owner.text());
  await owner.follow("The section Migration");
  await seen("1.01-section");
  tally.check("1.1 the section asks for start, deadline, owner and contact", (await owner.says("not configured", "Start (UTC)", "Deadline (UTC)", "Owner", "Contact")) && (await owner.page.locator("#f-starts, #f-deadline, #f-owner, #f-contact").count()) === 4, await owner.text());
  tally.check("1.1 everybody who is to move is counted, none is onboarded", (await owner.page.locator("dl.figures dd").allInnerTexts())[0] === "0", await owner.text());

  const stranger = await guest(world, "stranger");
  await stranger.page.goto(`${owner.origin}/join/Main`);
  await stranger.page.getByRole("button", { name: "Go on" }).click();
  await stranger.page.getByRole("heading", { name: "Nobody can join at present" }).waitFor();
  await stranger.picture("1.01-nobody");
  tally.check("1.1 G1-1 without a window nobody is let in, and is told so", /No window is open under this name/.test(await stranger.text()), await stranger.text());
  await stranger.context.close();
  await owner.go(MIGRATION);
  for (const [what, more] of [["start", { starts: "" }], ["deadline", { deadline: "" }]]) {
    const values = typed({ certificate: world.facts.certificates.foreign }, more);
    refused(tally, `1.1 G1-1 a window without a ${what} is refused past the page`, await owner.smuggle(MIGRATION, { do: "validate", ...values }), 422, "PRV-MIGRATION-WINDOW");
    refused(tally, "1.1 G1-1 and saved neither", await owner.smuggle(MIGRATION, { do: "save", ...values }), 422, "PRV-MIGRATION-WINDOW");
  }
  const answer = await ask("PUT", `${API}/migration`, told(typed({ certificate: world.facts.certificates.foreign }, { starts: "" })));
  refused(tally, "1.1 G1-1 nor by the interface", answer, 422, "PRV-MIGRATION-WINDOW");
  await audited(world, "1.1 G1-1", "migration.save.refused", "PRV-MIGRATION-WINDOW");
}

async function values({ tally, owner, seen }) {
  await owner.go(`${AT}/authentication`);
  await seen("1.02-values");
  const all = await owner.page.locator(".copy code").allInnerTexts();
  tally.check("1.2 our values as an identity provider stand there, with thumbprints and the end of the certificate", all.length === 11 && (await owner.says(/ends|valid until|good until/i)), `${all.join("\n")}\n${await owner.text()}`);
  await owner.go(MIGRATION);
  const [identifier, reply, join] = await owner.page.locator(".copy code").allInnerTexts();
  tally.check("1.2 the two values of the migration are complete", /^https:\/\/localhost:\d+\/saml\/[0-9a-f-]{36}\/metadata$/.test(identifier) && /^https:\/\/localhost:\d+\/saml\/[0-9a-f-]{36}\/acs$/.test(reply), `${identifier} ${reply}`);
  tally.check("1.2 with where people join, and a button that copies each", /\/join\/Main$/.test(join) && (await owner.page.locator(".copy button:visible").count()) === 3, join);
  tally.check("1.2 they are other ones than those of the identity provider", !all.slice(2).includes(identifier) && !all.slice(2).includes(reply));
}

async function entra(world) {
  const { tally, owner, tenant } = world;
  tally.check("1.3 what is done in Entra stands there in its order", await owner.says(/Create your own application.*Provost migration.*Single sign-on, SAML.*Users and groups.*Download the certificate/), await owner.text());
  const link = await owner.page.getByRole("link", { name: "Open Enterprise applications in Entra" }).getAttribute("href");
  tally.check("1.3 with a way to the page of Entra", link?.startsWith("https://entra.microsoft.com/#view/"), link);
  const [identifier, reply] = await owner.page.locator(".copy code").allInnerTexts();
  const [file] = await Promise.all([owner.page.waitForEvent("download"), owner.page.getByRole("link", { name: "Download our metadata file" }).click()]);
  const text = Buffer.concat(await (await file.createReadStream()).toArray()).toString();
  tally.check("1.4 the metadata file has both values", file.suggestedFilename() === "provost-metadata.xml" && text.includes(`entityID="${identifier}"`) && text.includes(`Location="${reply}"`), text);
  // The administrator does in Entra what stands there.
  await tenant.settings({ applications: [{ client_id: APPLICATION, display_name: "Provost migration", client_secret: "none~is-used", roles: [] }] });
  const made = await tenant.control("PATCH", `applications/${APPLICATION}/saml`, { identifiers: [identifier], reply_urls: [reply] });
  world.certificate = made.certificates[0].certificate;
  world.thumbprint = made.certificates[0].thumbprint;
  tally.check("1.5 Entra gives an application with a certificate", world.certificate.length > 500, JSON.stringify(made));
}

/** What is done in Entra is ticked line by line, and a tick can be taken back. */
async function ticks(world) {
  const { tally, owner, ask, seen } = world;
  const box = (line) => owner.page.locator(`#f-tick_${line}`);
  await owner.fill({ tick_application: true, tick_single_sign_on: true, tick_assignment: true });
  await owner.press("Save the ticks");
  await seen("1.03-ticks");
  tally.check("1.3 a ticked line stays ticked, with who and when", (await box("application").isChecked()) && (await owner.says(/ticked by administrator/)), await owner.text());
  await owner.fill({ tick_assignment: false });
  await owner.press("Save the ticks");
  tally.check("1.3 a tick is taken back", !(await box("assignment").isChecked()) && (await box("single_sign_on").isChecked()), await owner.text());
  const answer = await ask("PUT", `${API}/migration/entra-list/certificate`, { is_done: true });
  const list = (await ask("GET", `${API}/migration`)).json().entra_list;
  tally.check("1.3 and by the interface", answer.status === 204 && list.map((one) => one.is_done).join() === "true,true,false,true", JSON.stringify(list));
}

async function application(world) {
  const { tally, tenant, ask, seen } = world;
  await wrong(world, "1.6 what is no id is refused under its field", { application: "provost migration" }, "application", "PRV-MIGRATION-APPLICATION");
  await wrong(world, "1.6 G1-2 the application of the provisioning is refused, with the reason", { application: tenant.client_id }, "application", "PRV-MIGRATION-APPLICATION", "provisioned");
  await seen("1.06-same");
  const answer = await ask("POST", `${API}/migration/validate`, told(typed(world, { application: tenant.client_id })));
  tally.check("1.6 G1-2 nor is it good by the interface", answer.text.includes("PRV-MIGRATION-APPLICATION") && !/"green":\s*true/.test(answer.text), `${answer.status} ${answer.text}`);
  refused(tally, "1.6 G1-2 nor saved", await ask("PUT", `${API}/migration`, told(typed(world, { application: tenant.client_id }))), 422, "PRV-MIGRATION-APPLICATION");
  await audited(world, "1.6 G1-2", "migration.save.refused", "PRV-MIGRATION-APPLICATION");
}

async function certificate(world) {
  const { tally, owner, seen, facts } = world;
  await wrong(world, "1.7 what is no certificate is refused", { certificate: "Contoso" }, "certificate", "PRV-MIGRATION-CERTIFICATE");
  await wrong(world, "1.7 G1-3 one that has ended is refused, with its end", { certificate: facts.certificates.expired }, "certificate", "PRV-MIGRATION-CERTIFICATE", "ended");
  await wrong(world, "1.7 G1-3 one that ends before the deadline is refused", { deadline: day(365 * 9) }, "certificate", "PRV-MIGRATION-CERTIFICATE", "before the deadline");
  await wrong(world, "1.7 G1-3 another application's is refused, and what Entra has is named", { certificate: facts.certificates.foreign }, "certificate", "PRV-MIGRATION-METADATA", world.thumbprint);
  await seen("1.07-foreign");
  await wrong(world, "1.7 G1-3 a private key is refused", { certificate: facts.certificates.private }, "certificate", "PRV-MIGRATION-CERTIFICATE", "private key");
  await seen("1.07-private");
  tally.check("1.7 G1-3 and stands nowhere on the page", !(await owner.page.content()).includes("PRIVATE KEY") && (await owner.page.locator("#f-certificate").inputValue()) === "", await owner.page.locator("#f-certificate").inputValue());
  const both = `${facts.certificates.private}\n${facts.certificates.foreign}`;
  await wrong(world, "1.7 G1-3 nor in front of a certificate", { certificate: both }, "certificate", "PRV-MIGRATION-CERTIFICATE");
  await audited(world, "1.7 G1-3", "migration.validate.refused", "PRV-MIGRATION-CERTIFICATE");
  const log = await owner.page.content();
  tally.check("1.7 G1-3 which does not have the key", !log.includes(facts.certificates.private.slice(60, 120)));
}

/** A certificate comes as a file as well: its bytes go into the field, and nothing is sent before the form is. */
async function file(world) {
  const { tally, owner, facts } = world;
  const field = owner.page.locator("#f-certificate");
  const give = async (name, buffer) => {
    await field.fill("");
    await owner.page.locator("#file-certificate").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
    await owner.page.waitForFunction(() => document.getElementById("f-certificate").value !== "");
  };
  await owner.go(MIGRATION);
  await owner.fill(typed(world));
  await give("migration.cer", Buffer.from(world.certificate, "base64"));
  tally.check("1.7 a file of DER is read into the field", (await field.inputValue()) === world.certificate.replace(/\s/g, ""), await field.inputValue());
  await owner.press("Validate");
  tally.check("1.7 and is found good", owner.status === 200 && (await owner.says(world.thumbprint)), `${owner.status} ${await owner.text()}`);
  await owner.go(MIGRATION);
  await owner.fill(typed(world));
  await give("key.pem", Buffer.from(facts.certificates.private));
  await owner.press("Validate");
  tally.check("1.7 G1-3 a private key in a file is refused, and stands nowhere on the page", owner.status === 422 && (await owner.says("private key")) && !(await owner.page.content()).includes(facts.certificates.private.slice(60, 120)), `${owner.status} ${await owner.text()}`);
}

async function validate(world) {
  const { tally, owner, seen, ask } = world;
  await owner.go(MIGRATION);
  tally.check("1.8 G1-4 Save is dead until something was found good", await owner.isDead("Save", "Validate first"), await owner.text());
  refused(tally, "1.8 G1-4 nor is it taken past the page", await owner.smuggle(MIGRATION, { do: "save", ...typed(world) }), 409, "PRV-MIGRATION-UNCHECKED");
  refused(tally, "1.8 G1-4 nor by the interface", await ask("PUT", `${API}/migration`, told(typed(world))), 409, "PRV-MIGRATION-UNCHECKED");
  await audited(world, "1.8 G1-4", "migration.save.refused", "PRV-MIGRATION-UNCHECKED");
  world.first = typed(world);
  await owner.go(MIGRATION);
  await owner.fill(world.first);
  await owner.press("Validate");
  await seen("1.08-green");
  tally.check("1.8 Validate says what was compared: issuer, thumbprint, application", owner.status === 200 && (await owner.says(world.thumbprint, APPLICATION, "are those that the tenant publishes")), await owner.text());
  tally.check("1.7 the certificate is shown: subject, issuer, thumbprints, end", await owner.says("Subject", "Issuer", "Thumbprint (SHA-1)", "SHA-256", "Ends"), await owner.text());
  await owner.fill({ contact: "somebody.else@contoso.example" });
  await owner.press("Save");
  tally.check("1.8 G1-4 with another value than was validated, Save is refused", owner.status === 409 && (await owner.says("PRV-MIGRATION-UNCHECKED")), `${owner.status} ${await owner.text()}`);
}

/** The administrator goes to the tenant and back before anything is saved, and sees what it said. */
async function tried(world) {
  const { tally, owner, ask, seen, accounts } = world;
  await owner.go(MIGRATION);
  await owner.fill(world.first);
  await owner.press("Validate");
  await owner.press("Sign in with Microsoft 365 as a test");
  tally.check("1.8 what was typed stays while the test goes on", (await owner.page.locator("#f-contact").inputValue()) === world.first.contact && (await owner.button("Save").isEnabled()), await owner.text());
  const [page] = await Promise.all([owner.context.waitForEvent("page"), owner.page.getByRole("link", { name: "Continue with Microsoft" }).click()]);
  await page.waitForURL(/\/saml2\?/);
  await enter(world, { page }, "anna");
  const text = (await page.locator("#test").innerText()).replace(/\s+/g, " ");
  const account = accounts.anna.id ?? accounts.anna;
  tally.check("1.8 the test sign-in is accepted, and says issuer, object id, name, claims and clocks", ["accepted", "https://sts.windows.net/", account, "anna@contoso.example", "Claims found", "Our clock is ahead by"].every((part) => text.includes(part)), text);
  await page.close();
  await owner.go(MIGRATION);
  await seen("1.08-test");
  const said = (await ask("GET", `${API}/migration`)).json();
  tally.check("1.8 by the interface too, and nobody is onboarded by it", said.test?.is_good === true && said.counts.onboarded === 0 && said.counts.pending === 0, JSON.stringify(said.test));
}

/** Validates and saves what is typed. */
async function save(owner, values) {
  await owner.go(MIGRATION);
  await owner.fill(values);
  await owner.press("Validate");
  await owner.press("Save");
}

async function saved(world) {
  const { tally, owner, seen } = world;
  const pem = `-----BEGIN CERTIFICATE-----\n${world.certificate.match(/.{1,64}/g).join("\n")}\n-----END CERTIFICATE-----\n`;
  const portal = `https://entra.microsoft.com/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/11111111-2222-4333-8444-555555555555/appId/${APPLICATION}`;
  await save(owner, { ...world.first, certificate: pem, application: portal });
  await seen("1.09-scheduled");
  tally.check("1.9 PEM and an address of the portal are taken as well; saved, the window is scheduled", await owner.says("It was saved.", "scheduled", "Kim Contoso", "help@contoso.example"), await owner.text());
}

async function notOpen(world) {
  const { tally, owner } = world;
  const visitor = await guest(world, "early");
  const [identifier] = await owner.page.locator(".copy code").allInnerTexts();
  const door = identifier.replace(/metadata$/, "start");
  await visitor.page.goto(door);
  await visitor.picture("1.09-early");
  tally.check("1.9 who comes before the start is told when it opens", /Not open yet/.test(await visitor.text()), await visitor.text());
  await visitor.context.close();
  world.door = door;
  await uninvited(world);
}

async function open(world) {
  const { tally, owner, seen } = world;
  world.window = { ...world.first, starts: day(-1 / 24) };
  await save(owner, world.window);
  await seen("1.09-open");
  tally.check("1.9 from its start on the window is open", await owner.says("It was saved.", /Migration open/), await owner.text());
  await owner.go(at("people"));
  await seen("1.09-guide");
}

async function one(world) {
  const { tally, owner, ask, tenant } = world;
  // A second application of the same company would be a second migration.
  const other = "5c1e7a10-4e3d-4c55-8f0a-1d2c3b4a5e6f";
  await tenant.settings({ applications: [{ client_id: other, display_name: "Another migration", client_secret: "none~is-used", roles: [] }] });
  const made = await tenant.control("PATCH", `applications/${other}/saml`, { identifiers: ["https://other.contoso.example"], reply_urls: ["https://other.contoso.example/acs"] });
  const second = { ...world.window, application: other, certificate: made.certificates[0].certificate };
  await owner.go(MIGRATION);
  await owner.fill(second);
  await owner.press("Validate");
  await owner.press("Save");
  tally.check("1.9 G1-5 while one is open there is no other: the application stays", owner.status === 409 && (await owner.says("PRV-MIGRATION-OPEN")), `${owner.status} ${await owner.text()}`);
  await ask("POST", `${API}/migration/validate`, told(second));
  refused(tally, "1.9 G1-5 nor by the interface", await ask("PUT", `${API}/migration`, told(second)), 409, "PRV-MIGRATION-OPEN");
  await audited(world, "1.9 G1-5", "migration.save.refused", "PRV-MIGRATION-OPEN");
}
