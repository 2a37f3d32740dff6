// Step 3.4 of script S3: the consent of the customer's tenant, at a simulated Microsoft Entra. First the vendor's own
// administrator, then the customer's, by a setup link.

import { reader, THEMES, WIDTHS } from "./chrome.mjs";
import { Desk } from "./desk.mjs";
import { cut, overhang, violations } from "./pages.mjs";
import { PROVIDER } from "./s3_vendor.mjs";

const PATH = `/providers/${encodeURIComponent(PROVIDER)}`;
const AT = `${PATH}/authenticate`;
const BUTTON = "Sign in as Entra administrator";

/** Answers on the page of the consent, and comes back. */
async function answer(desk, account, button = "Accept") {
  await desk.page.waitForURL(/adminconsent/);
  await desk.page.locator(`input[value="${account}"]`).check();
  await Promise.all([desk.page.waitForURL((url) => url.origin === desk.origin), desk.page.getByRole("button", { name: button }).click()]);
}

/** Looks at pages in both themes and at both widths, with the accessibility checker; they are open to these cookies. */
async function look({ tally, browser }, desk, pages) {
  const found = [];
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      const { context, page, said } = await reader(browser, { theme, width, checked: true });
      await context.addCookies(await desk.context.cookies());
      const other = new Desk(context, page, said);
      for (const [name, address] of Object.entries(pages)) {
        await page.goto(new URL(address, desk.origin).href);
        await other.picture(`3.4-${name}-${theme}-${width}`);
        const sticks = [...(await violations(page)), ...(await cut(page)), await overhang(page)].filter(Boolean);
        found.push(...sticks.map((text) => `${name} ${theme} ${width}: ${text}`));
      }
      await context.close();
    }
  }
  tally.check(`3.4 ${Object.keys(pages).join(", ")}: accessible, and whole at 400 px`, !found.length, found.join("\n"));
}

/** The application, which the vendor registers once. */
async function application({ tally, vendor, entra }) {
  await vendor.go("/guides/application-users?step=consent");
  tally.check("3.4 without an application the consent is signed off by a person", await vendor.says("Entra administrator", "or no consent is asked for"), await vendor.text());
  await vendor.go(AT);
  tally.check("3.4 the button says what is missing", await vendor.isDead(BUTTON, "Set the application first"), await vendor.text());
  await vendor.follow("The application");
  const redirect = await vendor.shown("Redirect address");
  tally.check("3.4 the redirect address stands ready to be copied", redirect === `${vendor.origin}/consent/back`, redirect);
  const register = { applications: [{ client_id: entra.client_id, redirect_uris: [redirect], display_name: "Connecter by the vendor" }] };
  await fetch(`${entra.url}/_sim/control/settings`, { method: "PATCH", body: JSON.stringify(register) });
  await vendor.fill({ client_id: entra.client_id, client_secret: entra.client_secret, login: entra.url });
  await vendor.press("Save");
  tally.check("3.4 the application is set, and its secret not shown", (await vendor.says("complete", "It was saved")) && !(await vendor.page.content()).includes(entra.client_secret), await vendor.text());
}

/** Who cannot consent, and why. */
async function refusals({ tally, vendor, entra }) {
  for (const [account, button, words] of [
    ["personal", "Accept", ["personal Microsoft account", "work account"]],
    ["guest", "Accept", ["a guest"]],
    ["user", "Accept", ["may not consent for it", "Global Administrator"]],
    ["admin", "Cancel", ["Cancel was chosen"]],
  ]) {
    await vendor.go(AT);
    await vendor.press(BUTTON);
    await answer(vendor, account, button);
    tally.check(`3.4 ${button} as ${account} is explained`, await vendor.says("Nothing was recorded", "Next", ...words), await vendor.text());
  }
  await vendor.picture("3.4-refused");
  await vendor.page.reload();
  tally.check("3.4 G3-4 the same answer again is over", await vendor.says("PRV-CONSENT-STATE"), await vendor.text());
  await vendor.follow("Back to where you came from");
  tally.check("3.4 and the way back leads to the provider", await vendor.says("no tenant yet"), await vendor.text());
  const given = await (await fetch(`${entra.url}/_sim/control/consents`)).json();
  tally.check("3.4 nothing was granted there", !given.consents.length, JSON.stringify(given));
}

/** Somebody else's browser gets nothing out of a state. */
async function strangers({ tally, browser, vendor }) {
  await vendor.go(AT);
  await vendor.press(BUTTON);
  await vendor.page.waitForURL(/adminconsent/);
  const { context, page, said } = await reader(browser);
  const stranger = new Desk(context, page, said);
  stranger.origin = vendor.origin;
  await page.goto(vendor.page.url());
  await answer(stranger, "admin");
  tally.check("3.4 G3-4 a state of another browser is over", await stranger.says("PRV-CONSENT-STATE"), await stranger.text());
  await context.close();
}

/** 3.4, the vendor's side. */
export async function consent(world) {
  const { tally, browser, vendor, entra } = world;
  await application(world);
  await refusals(world);
  await strangers(world);
  await vendor.go(AT);
  await vendor.press(BUTTON);
  await vendor.page.waitForURL(/adminconsent/);
  tally.check("3.4 the consent screen says who asks and for what", /Permissions requested.*Connecter by the vendor.*graph\.microsoft\.com/s.test(await vendor.page.innerText("body")), await vendor.page.innerText("body"));
  const asked = vendor.page.url();
  await look(world, vendor, { "consent-screen": asked });
  await answer(vendor, "admin");
  tally.check("3.4 the tenant is recorded, by whom and who they were there", await vendor.says("Microsoft has confirmed the tenant", entra.tenant, "admin@contoso.onmicrosoft.com", "owner@vendor.contoso.example"), await vendor.text());
  await vendor.picture("3.4-recorded");
  await vendor.go("/guides/application-users?step=consent");
  tally.check("3.4 the guide computes the step from the record", await vendor.says("The tenant is recorded", entra.tenant), await vendor.text());
  await vendor.go("/audit");
  tally.check("3.4 the audit log has the record, and refusals with Microsoft's number", (await vendor.says("consent.record", "consent.refuse")) && (await vendor.page.content()).includes("AADSTS500200"), await vendor.text());
  const auditor = await vendor.invite(browser, "Vendor auditor", "auditor");
  await auditor.go(AT);
  tally.check("3.4 an auditor reads it, with the role that is needed", await auditor.isDead("Consent again", "owner or configuration admin"), await auditor.text());
  const sent = await auditor.smuggle(`${AT}/release`, { tenant: entra.tenant });
  tally.check("3.4 and releases nothing", sent.status === 403, sent.status);
  await auditor.context.close();
}

/** 3.4, the customer's side: the page of a setup link. */
export async function customersConsent(world) {
  const { tally, browser, vendor, entra } = world;
  await vendor.go(`${PATH}/setup-links`);
  await vendor.fill({ label: "Contoso consent", days: "1" });
  await vendor.press("Make a setup link");
  const link = await vendor.shown("Setup link");
  const { context, page, said } = await reader(browser);
  const guest = new Desk(context, page, said);
  guest.origin = vendor.origin;
  await guest.go(link);
  tally.check("3.4 the setup page shows the recorded tenant", await guest.says("Your tenant", "No other one is taken", entra.tenant), await guest.text());
  const home = await vendor.home();
  await look(world, vendor, { authenticate: home + AT, application: `${home}/entra-application`, setup: new URL(link).pathname, refused: "/consent/back?state=x" });
  await guest.press("Consent again");
  await guest.page.waitForURL(/adminconsent/);
  tally.check("3.4 G3-4 the recorded tenant is asked at its own address", guest.page.url().includes(entra.tenant), guest.page.url());
  // Whoever comes back says that it was another tenant.
  const state = new URL(guest.page.url()).searchParams.get("state");
  await guest.page.goto(`${guest.origin}/consent/back?admin_consent=True&tenant=1e6b2c58-0f2b-4c58-9a35-3c9f8d6a1b77&state=${state}`);
  tally.check("3.4 G3-4 another tenant is refused, whoever names it", await guest.says("PRV-CONSENT-TENANT"), await guest.text());

  await vendor.go(AT);
  await vendor.fill({ tenant: "another" });
  await vendor.press("Release the tenant");
  tally.check("3.4 what is typed must be the tenant", vendor.status === 422 && (await vendor.says("PRV-CONSENT-RELEASE")), await vendor.text());
  await vendor.fill({ tenant: entra.tenant });
  await vendor.press("Release the tenant");
  tally.check("3.4 released, the provider has none", await vendor.says("The tenant was released", "no tenant yet"), await vendor.text());
  await guest.go(link);
  await guest.press(BUTTON);
  await answer(guest, "admin");
  tally.check("3.4 the customer's administrator consents without an account here", await guest.says("Microsoft has confirmed your tenant", entra.tenant), await guest.text());
  await guest.picture("3.4-setup-recorded");
  await vendor.go(AT);
  tally.check("3.4 and the vendor sees by which link", await vendor.says(entra.tenant, "setup link Contoso consent"), await vendor.text());
  await vendor.go(`${PATH}/setup-links`);
  await vendor.press("Revoke Contoso consent");
  await context.close();
}
