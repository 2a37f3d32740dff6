// Script S0, steps 0.3 to 0.11: the four general fields, each looked at while it is typed.

import { refused } from "./s2_connection.mjs";

export const NAME = "Microsoft 365";
export const AT = `/microsoft-365/${encodeURIComponent(NAME)}`;
export const NEW = "/new-microsoft-365";

export const steps = [fields, name, linkKey, initial, unknown, ways, tenantName, added, again];

/** What is entered, as an administrator types it, at the simulated tenant. */
export function form(tenant, more = {}) {
  return {
    name: NAME,
    link_key: "User: UDI",
    domain: "contoso.example",
    tenant_name: "contoso",
    "s.graph_url": tenant.graph_url,
    "s.login_url": tenant.login_url,
    "s.allow_private_network": true,
    ...more,
  };
}

/** A form as it is sent past the page. */
export const sent = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== false).map(([name, value]) => [name, value === true ? "on" : value]));

/** What stands in the list of what was found, about one field. */
const found = (desk, field) => desk.page.locator("#found li", { hasText: field });

async function fields({ tally, desk, seen }) {
  await desk.go(NEW);
  await seen("0.03-form");
  for (const label of ["Display name", "Link key", "Domain", "Tenant name"]) {
    const field = desk.page.getByLabel(label, { exact: true });
    const help = await field.getAttribute("aria-describedby");
    tally.check(`0.3 ${label} is asked for, with help`, (await field.count()) === 1 && /h-/.test(help ?? ""), help);
  }
  tally.check("0.3 the name is suggested", (await desk.page.locator("#f-name").inputValue()) === NAME);
  tally.check("0.3 nothing is called wrong before it is typed", !(await desk.page.locator("#found .is-wrong").count()), await desk.text());
}

async function name({ tally, desk }) {
  const before = await desk.page.locator("#b-name").evaluate((one) => one.compareDocumentPosition(document.querySelector("#f-name")) & Node.DOCUMENT_POSITION_FOLLOWING);
  tally.check("0.4 that it cannot be changed later stands before the field", Boolean(before) && (await desk.says("It cannot be changed later. Choose a name that still fits")), await desk.text());
  const label = desk.page.locator("#f-label");
  tally.check("0.4 a second name, the label, is optional and can change", !(await label.evaluate((one) => one.required)) && (await desk.says("A second name for people")), await desk.text());
}

async function linkKey({ tally, desk, tenant }) {
  const options = await desk.page.locator("#f-link_key option").evaluateAll((all) => all.map((one) => ({ value: one.value, dead: one.disabled, chosen: one.selected, text: one.textContent })));
  tally.check("0.5 User: UDI is chosen", options.find((one) => one.chosen)?.value === "User: UDI", JSON.stringify(options));
  const others = options.filter((one) => one.value !== "User: UDI");
  tally.check("0.5 the others are dead, each with its reason", others.length >= 3 && others.every((one) => one.dead && / – .{20}/.test(one.text)), JSON.stringify(others));
  const answer = await desk.smuggle(NEW, sent(form(tenant, { link_key: "User: userName" })));
  refused(tally, "0.5 G0-3 another one is refused past the page", answer, 422, "PRV-LINK-KEY");
}

async function initial({ tally, desk, tenant, seen }) {
  await desk.go(NEW);
  await desk.fill(form(tenant, { domain: "contoso.onmicrosoft.com" }));
  const line = found(desk, "Domain");
  tally.check("0.6 G0-5 the initial domain is refused at once, while it is typed", await desk.sees(/Domain \(wrong\).*initial domain.*cannot be federated/), await desk.text());
  tally.check("0.6 with its code", (await line.innerText()).includes("PRV-DOMAIN-INITIAL"), await line.innerText());
  await seen("0.06-initial");
  await desk.press("Validate and add");
  tally.check("0.6 G0-5 nor is it added: the sentence stands under the field, and what was typed stays", desk.status === 422 && (await desk.page.locator("#e-domain").innerText()).includes("PRV-DOMAIN-INITIAL") && (await desk.page.locator("#f-domain").inputValue()) === "contoso.onmicrosoft.com", await desk.text());
  await seen("0.06-refused");
  for (const domain of ["contoso.mail.onmicrosoft.com", "contoso.onmicrosoft.us", "contoso.partner.onmschina.cn"]) {
    refused(tally, `0.6 G0-5 as is ${domain}`, await desk.smuggle(NEW, sent(form(tenant, { domain }))), 422, "PRV-DOMAIN-INITIAL");
  }
  refused(tally, "0.6 what is no domain is refused with a reason", await desk.smuggle(NEW, sent(form(tenant, { domain: "not a domain" }))), 422, "PRV-DOMAIN-FORMAT");
}

async function unknown({ tally, desk, tenant, seen }) {
  await desk.go(NEW);
  await desk.fill(form(tenant, { name: "Unknown", domain: "unknown.example" }));
  tally.check("0.7 a domain that nobody has is not proved, and that is said while it is typed", await desk.sees(/Domain \(not proved yet\)/), await desk.text());
  await desk.press("Validate and add");
  await seen("0.07-draft");
  tally.check("0.7 G0-6 before there are credentials it is accepted, and the provider stays a draft", await desk.says("Unknown", "draft", "the domain is not proved to be the tenant's"), await desk.text());
  await desk.press("Remove the provider");
  await desk.fill({ confirm_typed: "Unknown" });
  await desk.agree();
  tally.check("0.7 a draft is taken away again", (await desk.says("It was removed")) && !(await desk.says("unknown.example")), await desk.text());
}

async function ways({ tally, desk }) {
  await desk.go(NEW);
  const help = desk.page.locator(".field", { has: desk.page.locator("#f-domain") }).locator("details.find");
  await help.locator("summary").click();
  const told = await help.innerText();
  tally.check("0.8 “How do I find it?” shows the path", /How do I find it\?[^]*admin\.microsoft\.com[^]*Settings, then Domains/.test(told), told);
  const link = await help.getByRole("link").getAttribute("href");
  tally.check("0.8 and leads there", link === "https://admin.microsoft.com/#/Domains", link);
}

async function tenantName({ tally, desk, tenant, seen }) {
  await desk.fill(form(tenant, { tenant_name: "contoso.onmicrosoft.com" }));
  tally.check("0.9 the initial domain is trimmed to the tenant's name, with a note", await desk.sees(/Tenant name \(good\).*contoso\.onmicrosoft\.com.*kept as contoso/), await desk.text());
  await seen("0.09-trimmed");
  for (const tenant_name of ["https://contoso", "con toso", "contoso.example"]) {
    refused(tally, `0.9 G0-7 ${tenant_name} is refused`, await desk.smuggle(NEW, sent(form(tenant, { tenant_name }))), 422, "PRV-TENANT-NAME");
  }
}

async function added({ tally, desk, tenant, seen }) {
  // Two fields are wrong at once: both are named, and nothing is saved.
  const wrong = await desk.smuggle(NEW, sent(form(tenant, { tenant_name: "con toso", domain: "contoso.onmicrosoft.com" })));
  tally.check("0.11 G0-9 every bad field is named at once", wrong.status === 422 && wrong.text.includes("PRV-TENANT-NAME") && wrong.text.includes("PRV-DOMAIN-INITIAL"), wrong.text);
  await desk.go("/providers");
  tally.check("0.11 G0-9 and nothing is saved as long as one is wrong", await desk.says("None yet. With one, your people sign in to Microsoft 365"), await desk.text());

  await desk.go(NEW);
  await desk.fill(form(tenant, { label: "Head office", tenant_name: "contoso.onmicrosoft.com" }));
  await desk.press("Validate only");
  await seen("0.11-valid");
  const lines = await desk.page.locator("#found li").allInnerTexts();
  tally.check("0.11 validating has a result for each field", lines.length === 4 && lines.every((line) => line.includes("(good)")), lines.join("\n"));
  tally.check("0.11 and adds nothing", new URL(desk.page.url()).pathname.endsWith(NEW), desk.page.url());
  await desk.press("Validate and add");
  await seen("0.11-added");
  tally.check("0.11 it is there: an active provider, not provisioning, not federated", await desk.says("It was added.", NAME, "Head office", "active provider", "not provisioning, not federated"), await desk.text());
  await desk.go("/providers");
  await seen("0.11-list");
  tally.check("0.11 and stands in the list of providers", await desk.says(NAME, "contoso.example", "active provider", "federation"), await desk.text());
  await desk.go(`${AT}/general`);
  await seen("0.11-general");
  tally.check("0.11 its domain is proved, by the tenant's own id", await desk.says("verified", tenant.tenant, "contoso.onmicrosoft.com"), await desk.text());
}

async function again({ tally, desk, tenant, seen }) {
  await desk.go(NEW);
  tally.check("0.10 the next one is suggested another name", (await desk.page.locator("#f-name").inputValue()) === "Microsoft 365 2");
  await desk.fill(form(tenant, { name: "Second" }));
  await desk.press("Validate and add");
  await seen("0.10-taken");
  tally.check("0.10 G0-8 the same domain is refused, and the other provider is named", desk.status === 422 && (await desk.says("PRV-DOMAIN-TAKEN", `"${NAME}"`)), `${desk.status} ${await desk.text()}`);
  refused(tally, "0.10 as is the same name", await desk.smuggle(NEW, sent(form(tenant, { domain: "unknown.example" }))), 422, "PRV-PROVIDER-NAME-TAKEN");
  const general = `${AT}/general`;
  refused(tally, "0.4 G0-2 the display name cannot be changed past the page", await desk.smuggle(general, { name: "Other" }), 409, "PRV-FIELD-IMMUTABLE");
  refused(tally, "0.5 G0-4 nor can the link key", await desk.smuggle(general, { link_key: "User: email" }), 409, "PRV-FIELD-IMMUTABLE");
  await desk.go(general);
  await desk.fill({ label: "Oslo" });
  await desk.press("Validate and save");
  tally.check("0.4 the label can", await desk.says("It was saved", "Oslo"), await desk.text());
  await desk.press("Ask the tenant again");
  tally.check("0.11 and the tenant can be asked again", await desk.says("The tenant was asked again.", "verified"), await desk.text());
}
