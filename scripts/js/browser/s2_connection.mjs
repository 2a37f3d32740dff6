// Script S2, steps 2.1 to 2.9: a connection is set up, tested, told what it may do, and switched.

export const NAME = "Microsoft 365";
export const AT = `/connections/${encodeURIComponent(NAME)}`;
const NEW = "/new-connection/microsoft-365";
const GUIDE = "/guides/microsoft-365";
/** With the third, who is an administrator there is seen as well; `Organization.Read.All` would be enough without. */
const ROLES = ["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All"];

export const steps = [before, tile, name, entered, failing, good, preferences, contradictions, toggle];

/** What is entered for the connection, as an administrator types it. */
function form(tenant, more = {}) {
  return {
    "s.tenant": tenant.tenant,
    "s.client_id": tenant.client_id,
    "x.client_secret": tenant.client_secret,
    "s.graph_url": tenant.graph_url,
    "s.login_url": tenant.login_url,
    "s.allow_private_network": true,
    ...more,
  };
}

/** A form as it is sent past the page. */
export const sent = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== false).map(([name, value]) => [name, value === true ? "on" : value]));

/** That something was refused with a code, on a page that says so. */
export function refused(tally, sentence, answer, status, code) {
  const body = answer.text.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
  return tally.check(sentence, answer.status === status && body.includes(code), `${answer.status} ${body.slice(0, 2500)}`);
}

async function before({ tally, desk, tenant }) {
  await desk.go(GUIDE);
  await desk.picture("2.01-before");
  tally.check("2.1 what is needed is said before anything is entered", await desk.says("subscription", "tenant", "app registration", "secret", ...ROLES), await desk.text());
  tally.check("2.1 Application.ReadWrite.All is not: the least is enough", await desk.says("Application.ReadWrite.All is never needed"));
  const checks = await desk.page.locator("#checks li").allInnerTexts();
  const needs = [/subscription/i, /tenant/i, /app registration|secret/i, /permissions/i];
  tally.check("2.1 each of the four has its check", needs.every((need) => checks.some((check) => need.test(check))), checks.join("\n"));
  await desk.follow("Check them without saving");
  tally.check("2.1 and its button leads to where it is checked", new URL(desk.page.url()).pathname.endsWith(NEW), desk.page.url());

  await tenant.application({ roles: ["User.ReadWrite.All", "Directory.Read.All", "Application.ReadWrite.All"] });
  await desk.fill(form(tenant));
  await desk.press("Test only");
  await desk.picture("2.01-rights");
  tally.check("2.1 G2-1 a right that is missing is named, with what needs it", await desk.says(/Group\.ReadWrite\.All missing groups needs it/), await desk.text());
  tally.check("2.1 G2-1 one that is too much is named as well", await desk.says(/Application\.ReadWrite\.All excess/), await desk.text());
  const saved = await desk.smuggle(NEW, sent({ name: NAME, ...form(tenant) }));
  refused(tally, "2.1 G2-1 and nothing is saved with it", saved, 409, "PRV-CONNECTION-TEST");
  await tenant.application({ roles: ROLES });
}

async function tile({ tally, desk }) {
  await desk.go("/connections");
  tally.check("2.2 without a connection the page teaches what one is", await desk.says("No connection yet", "nothing is written before a rule is switched on"), await desk.text());
  await desk.follow("New connection");
  await desk.picture("2.02-tiles");
  const tiles = await desk.page.locator(".tiles h2").allInnerTexts();
  tally.check("2.2 the tiles have Microsoft 365 among them, by its name", tiles.some((one) => one.includes("Microsoft 365")), tiles.join("\n"));
  await desk.follow("Choose Microsoft 365 (Entra ID, formerly Azure AD)");
  tally.check("2.2 the tile leads to its form", new URL(desk.page.url()).pathname.endsWith(NEW), desk.page.url());
}

async function name({ tally, desk, tenant }) {
  await desk.go(NEW);
  const unnamed = await desk.smuggle(NEW, sent(form(tenant)));
  refused(tally, "2.3 a connection has a name", unnamed, 422, "Give the connection a name");
  await desk.fill({ name: NAME, description: "People of Contoso", ...form(tenant) });
  await desk.press("Test only");
  tally.check("2.3 what was typed stays after a test", (await desk.page.locator("#f-name").inputValue()) === NAME, await desk.text());
  await desk.go("/connections");
  tally.check("2.3 it is not listed before it is saved", await desk.says("No connection yet"), await desk.text());
}

async function entered({ tally, desk, tenant }) {
  const ways = { "an id": tenant.tenant, "a domain": "contoso.onmicrosoft.com", "an address": `https://login.microsoftonline.com/${tenant.tenant}/oauth2/v2.0/token` };
  for (const [what, typed] of Object.entries(ways)) {
    await desk.go(NEW);
    await desk.fill(form(tenant, { "s.tenant": typed }));
    await desk.press("Test only");
    tally.check(`2.4 the tenant is understood as ${what}`, await desk.says("The test succeeded"), await desk.text());
  }
  const page = await desk.page.content();
  tally.check("2.4 the secret stands nowhere on the page", !page.includes(tenant.client_secret));
}

async function failing({ tally, desk, tenant }) {
  await desk.go(NEW);
  await desk.fill({ name: NAME, description: "People of Contoso", ...form(tenant, { "x.client_secret": "wrong" }) });
  await desk.press("Test and save");
  await desk.picture("2.05-failed");
  const failed = desk.page.locator("section", { hasText: "The test failed" });
  tally.check("2.5 a test that fails says at which step, with its code, its cause and what to do", await desk.says("The test failed", /sign-in failed/, /PRV-M365-\w+/, "Next"), await desk.text());
  tally.check("2.5 and links to help", (await failed.getByRole("link").count()) > 0, await failed.innerHTML());
  await desk.fill({ accept: true });
  await desk.press("Test and save");
  tally.check("2.5 going on nevertheless, it is saved as invalid", await desk.says("Microsoft 365", "invalid"), await desk.text());
  await desk.go(AT);
  await desk.picture("2.05-invalid");
  tally.check("2.5 G2-3 it cannot be switched or run: the buttons are dead and say why", (await desk.isDead("Run a cycle now", "The connection is invalid")) && (await desk.isDead(/Switch (on|off)/, "The connection is invalid")), await desk.text());
  for (const path of ["on", "run"]) refused(tally, `2.5 G2-3 nor past the page: ${path}`, await desk.smuggle(`${AT}/${path}`), 409, "PRV-CONNECTION-INVALID");
  await desk.go(`${AT}/rules/people`);
  tally.check("2.5 G2-3 its rules cannot be switched on", await desk.isDead("Switch on", "The connection is invalid"), await desk.text());
  refused(tally, "2.5 G2-3 nor past the page", await desk.smuggle(`${AT}/rules/people/on`), 409, "PRV-CONNECTION-INVALID");
  await desk.go("/audit?action=connection");
  tally.check("2.5 G2-3 the attempts stand in the audit log", (await desk.page.content()).includes("PRV-CONNECTION-INVALID"), await desk.text());
}

async function good({ tally, desk, tenant }) {
  await desk.go(`${AT}/settings`);
  await desk.fill({ "x.client_secret": tenant.client_secret });
  await desk.press("Test and save");
  await desk.go(AT);
  await desk.picture("2.06-good");
  tally.check("2.6 the right secret makes it active; the test names tenant, domains and seats", await desk.says("active", "Contoso", "contoso.example", "SPE_E3"), await desk.text());
  tally.check("2.6 and nothing is granted that is too much", !(await desk.says(/\bexcess\b/)), await desk.text());
  const second = await desk.smuggle(NEW, sent({ name: NAME, ...form(tenant) }));
  refused(tally, "2.3 G2-2 a second one of the name is refused", second, 409, "PRV-CONNECTION-NAME-TAKEN");
  await desk.go(`${GUIDE}?step=before`);
  const checks = await desk.page.locator("#checks li").allInnerTexts();
  tally.check("2.1 the guide shows what the test has found", checks.filter((check) => /done/.test(check)).length >= 4, checks.join("\n"));
}

async function preferences({ tally, desk }) {
  await desk.go(`${AT}/preferences`);
  await desk.picture("2.07-preferences");
  const empty = desk.page.locator("[name=remove_licences_when_empty]");
  tally.check("2.7 taking licences back is off by default", !(await empty.isChecked()));
  tally.check("2.7 three sentences say what happens when", await desk.says("Not mapped and off", "Not mapped and on", "Mapped and without a value"), await desk.text());
  await desk.fill({ mode: "manual" });
  await desk.press("Save");
  tally.check("2.7 the preferences are saved", await desk.says("It was saved"), await desk.text());
}

async function contradictions({ tally, desk }) {
  await desk.go(`${AT}/preferences`);
  for (const action of ["create", "update", "disable", "deprovision"]) {
    tally.check(`2.8 ${action} is offered, and on`, await desk.page.locator(`[name=${action}]`).isChecked());
  }
  tally.check("2.8 as are delete or disable, and what becomes of a deleted rule's accounts", await desk.says("the account is disabled", "the account is deleted", "Deprovision with a deleted rule"), await desk.text());
  const pairs = [
    [{ deprovision: false, remove: "delete" }, "deprovision off, but delete chosen"],
    [{ disable: false, remove: "disable" }, "disable off, but disable chosen"],
    [{ deprovision: false, deprovision_on_rule_deletion: true }, "deprovision off, but on with a deleted rule"],
  ];
  for (const [change, told] of pairs) {
    await desk.go(`${AT}/preferences`);
    await desk.fill(change);
    await desk.press("Save");
    tally.check(`2.8 G2-5 ${told}: refused, and explained where it was typed`, desk.status === 409 && (await desk.says("This was not saved", "PRV-ACTIONS-CONTRADICT")), `${desk.status} ${await desk.text()}`);
  }
  await desk.picture("2.08-contradiction");
  await desk.go(`${AT}/preferences`);
  await desk.fill({ remove: "disable" });
  await desk.press("Save");
  tally.check("2.8 a set that agrees with itself is saved", await desk.says("It was saved"), await desk.text());
}

async function toggle({ tally, desk }) {
  await desk.go(AT);
  await desk.press("Switch off");
  await desk.picture("2.09-off");
  tally.check("2.9 off: the page says that nothing is written", await desk.says("paused", "Nothing is written until somebody switches it on"), await desk.text());
  tally.check("2.9 and no cycle can be run", await desk.isDead("Run a cycle now", "The connection is switched off"));
  refused(tally, "2.9 G2-6 nor past the page", await desk.smuggle(`${AT}/run`), 409, "PRV-PAUSED");
  await desk.press("Switch on");
  tally.check("2.9 on again", await desk.says("It is switched on", "active"), await desk.text());
}
