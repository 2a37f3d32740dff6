// Script S0, steps 0.12 to 0.16 and 0.20: Authentication, Provisioning with everything that can be pasted wrongly, and
// the checklist.

import { AT } from "./s0_general.mjs";
import { at } from "./s0_guide.mjs";
import { refused } from "./s2_connection.mjs";

/** A second secret of the application. */
export const LATER = "sim~the-second-secret";
const ROLES = ["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All"];
const HERE = `${AT}/provisioning`;

export const steps = [authentication, early, pasted, wrong, rights, right, kept, domains, checklist];

const form = (tenant, more = {}) => ({ client_id: tenant.client_id, tenant: tenant.tenant, secret: tenant.client_secret, ...more });

async function authentication({ tally, desk, seen }) {
  await desk.go(`${AT}/authentication`);
  tally.check("0.12 no parameters are needed", await desk.says("No parameters are needed", "not configured"), await desk.text());
  await desk.press("Save");
  await seen("0.12-authentication");
  tally.check("0.12 saved, the section is configured", await desk.says("It was saved", "configured") && !(await desk.says("not configured")), await desk.text());
  const values = await desk.page.locator(".copy code").allInnerTexts();
  tally.check("0.12 the SAML values stand there", values.length === 11 && /\/saml\/[0-9a-f-]{36}\/metadata$/.test(values[0]) && /\/saml\/[0-9a-f-]{36}\/acs$/.test(values[1]) && values.slice(2, 9).every((one) => /\/idp\/[0-9a-f-]{36}/.test(one)), values.join("\n"));
  tally.check("0.12 with the thumbprints of the certificate that signs", /^[0-9A-F]{40}$/.test(values[9]) && /^[0-9A-F]{64}$/.test(values[10]), values.slice(9).join("\n"));
  tally.check("0.12 each with a button that copies it", (await desk.page.locator(".copy button:visible").count()) === values.length);
}

async function early({ tally, desk, seen }) {
  await desk.go(AT);
  await seen("0.20-early");
  tally.check("0.20 G0-17 as long as a line is open, “Go to step 4” is dead and says why", await dead(desk), await desk.text());
  await desk.go(at("people"));
  tally.check("0.20 G0-17 and so is step 4 of the guide", await desk.says("Locked until step 3, “Configure the connector”, is done or recorded."), await desk.text());
  await seen("0.20-locked");
}

async function dead(desk) {
  const way = desk.page.locator("main [aria-disabled=true]", { hasText: "Go to step 4" });
  if (!(await way.count())) return false;
  const why = await way.getAttribute("aria-describedby");
  return (await desk.page.locator(`[id="${why}"]`).innerText()).includes("Step 4 opens once all four lines are true");
}

async function pasted({ tally, desk, tenant, seen }) {
  await desk.go(HERE);
  await seen("0.13-form");
  const secretId = "7d1f0f0e-6a55-4b0a-9d5c-0a2f6a1f9c11";
  await desk.fill(form(tenant, { secret: secretId }));
  await desk.press("Validate and add");
  await seen("0.13-secret-id");
  tally.check("0.13 the secret's id is recognised in the place of its value", await desk.says(/looks like the secret's id|secret's id, not its value/i), await desk.text());
  tally.check("0.13 the secret is not in the form again", (await desk.page.locator("#f-secret").inputValue()) === "");
  tally.check("0.13 but the ids are", (await desk.page.locator("#f-client_id").inputValue()) === tenant.client_id);

  await desk.go(HERE);
  await desk.fill(form(tenant, { client_id: "contoso-hub" }));
  await desk.press("Validate only");
  tally.check("0.13 a client id that is none is refused under its field", (await desk.page.locator("#e-client_id").count()) === 1, await desk.text());
  const overview = `https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/${tenant.client_id}/isMSAApp~/false`;
  await desk.go(HERE);
  await desk.fill(form(tenant, { client_id: overview }));
  await desk.press("Validate only");
  await seen("0.13-portal");
  tally.check("0.13 an address of the portal is understood", await desk.says("The test succeeded"), await desk.text());
  await desk.go(HERE);
  await desk.fill(form(tenant, { client_id: tenant.tenant, tenant: tenant.client_id }));
  await desk.press("Validate and add");
  await seen("0.13-swapped");
  tally.check("0.13 swapped ids are recognised", await desk.says("this is the tenant's id, not the application's"), await desk.text());
}

async function wrong({ tally, desk, tenant, seen }) {
  await desk.go(HERE);
  await desk.fill(form(tenant, { secret: "not~the-secret" }));
  await desk.press("Validate and add");
  await seen("0.14-wrong");
  tally.check("0.14 a wrong secret: code and cause, and what to do", await desk.says(/PRV-M365-[A-Z-]+/, "sign-in", "This was not saved"), await desk.text());
  const focus = await desk.page.evaluate(() => document.activeElement?.getAttribute("name"));
  tally.check("0.14 the cursor stands in the field of the secret", focus === "secret", focus);
  await desk.go(AT);
  tally.check("0.14 nothing is configured", await desk.says(/Provisioning\s+not configured/), await desk.text());
}

async function rights({ tally, desk, tenant, seen }) {
  await tenant.application({ roles: ["User.ReadWrite.All", "Directory.Read.All", "Application.ReadWrite.All"] });
  await desk.go(HERE);
  await desk.fill(form(tenant));
  await desk.press("Validate and add");
  await seen("0.15-rights");
  tally.check("0.15 the missing right is named, with the function that stays off", await desk.says(/Groups stays off: the application has no Group\.ReadWrite\.All/, "PRV-FUNCTION-RIGHT"), await desk.text());
  tally.check("0.15 as are those that are more than needed", await desk.says(/These are more than needed: Application\.ReadWrite\.All/), await desk.text());
  await desk.go(AT);
  tally.check("0.15 G0-12 only that function is off, everything else is saved", !(await desk.says(/Provisioning\s+not configured/)), await desk.text());
  await desk.go(HERE);
  const ticked = () => desk.page.locator("[name=functions]:checked").evaluateAll((all) => all.map((one) => one.value).join());
  tally.check("0.15 G0-12 the page shows which functions are on; federation is by itself", (await ticked()) === "people,licences,sessions,federation", await ticked());
  await tenant.application({ roles: ROLES });
}

async function right({ tally, desk, tenant, seen }) {
  const foreign = "0b9d2c5e-1111-4222-8333-444455556666";
  await desk.go(HERE);
  await desk.fill(form(tenant, { tenant: foreign }));
  await desk.press("Validate and save");
  tally.check("0.16 G0-13 the id of another tenant is refused", desk.status >= 409 && (await desk.says("This was not saved")), `${desk.status} ${await desk.text()}`);
  await desk.go(HERE);
  await desk.fill(form(tenant, { expires: "2027-05-31" }));
  await desk.press("Validate only");
  await seen("0.16-good");
  tally.check("0.16 the tenant's name, its domains and its seats are shown", await desk.says("Contoso", "contoso.example", "contoso.onmicrosoft.com", /seats free/), await desk.text());
  await desk.fill(form(tenant, { expires: "2027-05-31" }));
  await desk.page.locator("[name=functions][value=groups]").check();
  await desk.press("Validate and save");
  await seen("0.16-added");
  tally.check("0.16 saved: the section has its connection", await desk.says("It was saved", "Connection", "active"), await desk.text());
  tally.check("0.16 the last day of the secret is kept, and the days of the alarms are set", await desk.says("2027-05-31", "2027-05-01, 2027-05-24, 2027-05-30"), await desk.text());
}

async function kept({ tally, desk, tenant, seen }) {
  await desk.go(HERE);
  await desk.fill({ secret: "not~the-secret-either" });
  await desk.press("Validate and save");
  await seen("0.14-kept");
  tally.check("0.14 G0-11 a secret that fails does not take the place of one that works", await desk.says("The credential that was saved before stays in force."), await desk.text());
  await desk.go(HERE);
  await desk.press("Validate only");
  tally.check("0.14 G0-11 the old one goes on working", await desk.says("The test succeeded"), await desk.text());
  const page = await desk.page.content();
  tally.check("0.13 G0-10 no secret stands on the page", !page.includes(tenant.client_secret));
}

async function domains({ tally, desk, tenant, seen }) {
  await desk.go(`${AT}/general`);
  await seen("0.08-domains");
  const options = await desk.page.locator("select#f-domain option").allInnerTexts();
  tally.check("0.8 once connected, a list read from Graph replaces typing", options.includes("contoso.example") && !options.some((one) => one.includes("onmicrosoft")), options.join("\n"));
  refused(tally, "0.7 G0-6 a domain that is not in this tenant is refused now", await desk.smuggle(`${AT}/general`, { domain: "unknown.example", tenant_name: "contoso" }), 422, "PRV-DOMAIN-NOT-IN-TENANT");
  refused(tally, "0.16 G0-13 as is another tenant's name", await desk.smuggle(`${AT}/general`, { domain: "contoso.example", tenant_name: "contosolabs" }), 422, "PRV-TENANT-MISMATCH");
  tally.check("the tenant stays the same", Boolean(tenant.tenant));
}

async function checklist({ tally, desk, seen }) {
  await desk.go(AT);
  await seen("0.20-checklist");
  const lines = await desk.page.locator("#checklist ~ .checks li").allInnerTexts();
  const wanted = ["There is an active provider", "The four general fields are saved", "The three credentials are set", "Nobody is assigned"];
  tally.check("0.20 the checklist has four lines, all of them done", lines.length === 4 && wanted.every((want, index) => lines[index].includes(`${want} (done)`)), lines.join("\n"));
  tally.check("0.20 each with its evidence, and a time where there is one", lines.every((line) => line.split("(done)")[1].trim().length > 3) && lines.filter((line) => /ago|just now/.test(line)).length >= 3, lines.join("\n"));
  await desk.follow("Go to step 4");
  await seen("0.20-step-4");
  tally.check("0.20 G0-17 then “Go to step 4” leads there, and it says what has to be done", await desk.says("Move the people", "Close the migration: step 5 opens only then"), await desk.text());
  await desk.go(at("configure"));
  await seen("0.20-step-3");
  tally.check("0.1 step 3 is done, with the evidence", await desk.says(/Configure the connector done/i) || (await desk.says("Configure the connector", "The three credentials are set (done)")), await desk.text());
  await desk.go(at("register"));
  tally.check("0.13 and what was recorded as done elsewhere is proved", await desk.says("The tenant takes the application's ids and secret (done)"), await desk.text());
}
