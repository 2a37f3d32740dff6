// People sign in to an application, which is openid-client, a certified relying party that is none of ours: discovery, pushed
// requests, code with PKCE, refresh, claims, introspection, revocation, signing out on both sides, keys and other ways of
// proving who asks; and what must not work. What we sign is verified by it and by jose.
//
//     node openid.mjs LINK-OF-THE-FIRST-START COMMAND-OF-THE-HUB…

import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import * as jose from "jose";
import * as openid from "openid-client";
import { reader, start, withPasskeys } from "./chrome.mjs";
import { own, until } from "./desk.mjs";
import { Tally } from "./tally.mjs";

const [link, command, ...folder] = process.argv.slice(2);
const tally = new Tally("openid");
const { browser, close } = await start();
const provost = (...words) => execFileSync(command, [...words, ...folder], { encoding: "utf8" });

/** The application: where browsers come back, and where it is told of sign-outs. */
async function application() {
  const told = [];
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      if (request.url === "/told") told.push(new URLSearchParams(body).get("logout_token"));
      answer.end("<!doctype html><title>Wiki</title>");
    });
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  const base = `http://127.0.0.1:${server.address().port}`;
  return { told, back: `${base}/back`, bye: `${base}/bye`, hears: `${base}/told`, end: () => server.close() };
}

async function hire(desk, name) {
  await desk.go("/people/new");
  await desk.fill({ user_name: `${name.toLowerCase()}@contoso.example`, display_name: `${name} Example` });
  await desk.press("Add");
  const address = desk.page.url().split("?")[0];
  await desk.press("Make a link");
  return { address, invitation: await desk.shown("Link") };
}

/** Sets the sign-in up at the console, and reads what the application has to know. */
async function setUp(desk, app) {
  await desk.go("/connections/Wiki/sign-in");
  const dead = await desk.says("The client id is made when you save");
  await desk.fill({ redirects: "http://app.contoso.example/back" });
  await desk.press("Save");
  tally.check("an address in the clear is refused, with the reason", dead && (await desk.says("PRV-APPLICATION-ADDRESS", "https")), await desk.text());
  await desk.fill({ enabled: true, redirects: app.back, after: app.bye, told: app.hears, home: "https://wiki.contoso.example/" });
  await desk.press("Save");
  const client = await desk.shown("Client id");
  const issuer = await desk.shown("Issuer");
  await desk.press("Make a secret");
  const secret = await desk.shown("Secret");
  await desk.picture("openid-secret");
  await desk.go("/connections/Wiki/sign-in");
  tally.check("the secret is shown once", !(await desk.page.content()).includes(secret), "it stands on the page");
  await desk.picture("openid-sign-in");
  return { issuer, client, secret };
}

// Tokens that come straight from the token endpoint need no verified signature by the standard; here it is wanted all the same.
const EXECUTE = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks];
const known = (set, secret = set.secret) => provenBy(set, openid.ClientSecretBasic(secret));
const provenBy = (set, proof, more) => openid.discovery(new URL(set.issuer), set.client, more, proof, { execute: EXECUTE });

/** Sends a browser to sign in, and gives where it ends with what the application has to check. */
async function send(page, config, app, { pushed = false, ...more } = {}) {
  const verifier = openid.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier: verifier, expectedState: openid.randomState(), expectedNonce: openid.randomNonce(), idTokenExpected: true };
  const parameters = {
    redirect_uri: app.back,
    scope: "openid profile email phone groups offline_access",
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...more,
  };
  const build = pushed ? openid.buildAuthorizationUrlWithPAR : openid.buildAuthorizationUrl;
  const address = await build(config, parameters);
  await page.goto(address.href);
  return { address, checks };
}

const isBack = (app) => (url) => url.href.startsWith(app.back);
const refuses = async (asked) => {
  try {
    await asked;
    return "nothing";
  } catch (error) {
    return error.error ?? error.code ?? error.cause?.[0]?.parameters?.error ?? error.message;
  }
};

async function enrol({ page }, invitation) {
  await page.goto(invitation);
  await page.getByLabel("Name of the passkey").fill("Laptop");
  await page.getByRole("button", { name: "Make a passkey and sign in" }).click();
  await page.waitForURL((url) => /^\/me\/[^/]+$/.test(url.pathname));
  return new URL(page.url()).pathname;
}

async function story(desk, guest, app, set, home, person) {
  const { page } = guest;
  const config = await known(set);
  const metadata = config.serverMetadata();
  tally.check("the provider describes itself under its issuer", metadata.issuer === set.issuer && metadata.code_challenge_methods_supported.join() === "S256", JSON.stringify(metadata));

  // Whoever is signed in goes straight through.
  let sent = await send(page, config, app);
  await page.waitForURL(isBack(app));
  const tokens = await openid.authorizationCodeGrant(config, new URL(page.url()), sent.checks);
  const claims = tokens.claims();
  tally.check("a code becomes an ID token that the client accepts", claims.name === "Ada Example" && claims.acr === "phr" && claims.iss === set.issuer, JSON.stringify(claims));
  const info = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
  tally.check("the claims say who it is", info.preferred_username === "ada@contoso.example", JSON.stringify(info));
  const twice = await refuses(openid.authorizationCodeGrant(config, new URL(page.url()), sent.checks));
  const after = await refuses(openid.fetchUserInfo(config, tokens.access_token, claims.sub));
  tally.check("a code that comes twice ends what it gave", twice === "invalid_grant" && after !== "nothing", `${twice} ${after}`);

  // Pushed.
  sent = await send(page, config, app, { pushed: true });
  await page.waitForURL(isBack(app));
  tally.check("a pushed request shows nothing of itself on the way", !sent.address.searchParams.has("redirect_uri") && sent.address.searchParams.has("request_uri"), sent.address.href);
  const first = await openid.authorizationCodeGrant(config, new URL(page.url()), sent.checks);
  const second = await openid.refreshTokenGrant(config, first.refresh_token);
  tally.check("a refresh token gives new tokens and a new one of its kind", second.refresh_token && second.refresh_token !== first.refresh_token && second.claims().sub === claims.sub, JSON.stringify(second.claims()));
  const told = await openid.tokenIntrospection(config, second.access_token);
  tally.check("introspection says that a token is good, and whose", told.active && told.username === "ada@contoso.example" && told.client_id === set.client, JSON.stringify(told));
  await openid.tokenRevocation(config, second.refresh_token);
  const gone = await openid.tokenIntrospection(config, second.access_token);
  const over = await refuses(openid.refreshTokenGrant(config, second.refresh_token));
  tally.check("what is revoked is gone with all that came of it", !gone.active && over === "invalid_grant", `${JSON.stringify(gone)} ${over}`);

  await silence(guest, config, app, set);
  await page.goto(`${new URL(set.issuer).origin}${home}`);
  const own = await page.locator("main").innerText();
  tally.check("their own page leads to the application", own.includes("Your applications") && (await page.locator("main a[href='https://wiki.contoso.example/']").count()) === 1, own);
  await desk.go("/connections/Wiki/sign-in");
  tally.check("the console says who has signed in", await desk.says("Ada Example", "the application gave it back", "one of its tokens came twice"), await desk.text());

  await proofs(desk, guest, app, set);
  await leave(guest, config, app, home, set);
  await scope(guest, config, app, home, person, desk);
}

/** What must not work. */
async function silence({ page }, config, app, set) {
  const foreign = openid.buildAuthorizationUrl(config, { redirect_uri: "http://127.0.0.1/elsewhere", scope: "openid", code_challenge: "x".repeat(43), code_challenge_method: "S256" });
  const answer = await page.goto(foreign.href);
  tally.check("an address that is not registered is gone to by nobody", answer.status() === 400 && page.url().startsWith(set.issuer) && /cannot be taken/.test(await page.locator("main").innerText()), page.url());
  const wrong = await known(set, "pva_guess");
  const sent = await send(page, wrong, app);
  await page.waitForURL(isBack(app));
  const refused = await refuses(openid.authorizationCodeGrant(wrong, new URL(page.url()), sent.checks));
  tally.check("a wrong secret redeems nothing", refused === "OAUTH_WWW_AUTHENTICATE_CHALLENGE", refused);
  await send(page, config, app, { code_challenge_method: "plain" });
  await page.waitForURL(isBack(app));
  tally.check("plain PKCE is refused at the application", new URL(page.url()).searchParams.get("error") === "invalid_request", page.url());
  const nobody = await reader(browser);
  await send(nobody.page, config, app, { prompt: "none" });
  await nobody.page.waitForURL(isBack(app));
  tally.check("who is not signed in is not asked where that was not wanted", new URL(nobody.page.url()).searchParams.get("error") === "login_required", nobody.page.url());
  await nobody.context.close();
}

/** Sets other ways of proving who asks and of signing, and signs somebody in by each. */
async function proofs(desk, { page }, app, set) {
  const change = async (values) => {
    await desk.go("/connections/Wiki/sign-in");
    await desk.fill(values);
    await desk.press("Save");
  };
  const signIn = async (config, more) => {
    const sent = await send(page, config, app, more);
    await page.waitForURL(isBack(app));
    return openid.authorizationCodeGrant(config, new URL(page.url()), sent.checks);
  };
  const posted = await signIn(await provenBy(set, openid.ClientSecretPost(set.secret)));
  const before = posted.claims().sub;
  tally.check("the secret may go in the form as well", posted.claims().name === "Ada Example", JSON.stringify(posted.claims()));

  await change({ algorithm: "ES256" });
  const signed = await signIn(await provenBy(set, openid.ClientSecretBasic(set.secret), { id_token_signed_response_alg: "ES256" }));
  const header = jose.decodeProtectedHeader(signed.id_token);
  tally.check("an ID token by ES256 is verified, of the same person", header.alg === "ES256" && signed.claims().sub === before, JSON.stringify(header));
  const old = await refuses(signIn(await provenBy(set, openid.ClientSecretBasic(set.secret), { id_token_signed_response_alg: "RS256" })));
  tally.check("who waits for another algorithm takes none of it", old !== "nothing", old);
  await change({ algorithm: "RS256" });

  await change({ require_par: true });
  const config = await known(set);
  await send(page, config, app);
  const unpushed = (await page.locator("main").count()) ? await page.locator("main").innerText() : page.url();
  tally.check("where requests have to be pushed, no other is taken", !page.url().includes("code=") && /cannot be taken|invalid_request/.test(unpushed), unpushed);
  const pushed = await signIn(config, { pushed: true });
  tally.check("one that is pushed is", pushed.claims().sub === before, JSON.stringify(pushed.claims()));
  await change({ require_par: false });

  for (const alg of ["RS256", "PS256", "ES256", "Ed25519"]) {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await jose.exportJWK(publicKey)), kid: alg, use: "sig" };
    await change({ way: "private_key_jwt", jwks: JSON.stringify({ keys: [jwk] }) });
    const own = await provenBy(set, openid.PrivateKeyJwt({ key: privateKey, kid: alg }));
    const first = await signIn(own, { pushed: true });
    const second = await openid.refreshTokenGrant(own, first.refresh_token);
    const told = await openid.tokenIntrospection(own, second.access_token);
    tally.check(`an application proves itself by its own key (${alg}): pushing, redeeming, refreshing, asking`, second.claims().sub === before && told.active, JSON.stringify(told));
    const foreign = await jose.generateKeyPair(alg);
    const stranger = await provenBy(set, openid.PrivateKeyJwt({ key: foreign.privateKey, kid: alg }));
    const refused = await refuses(openid.refreshTokenGrant(stranger, second.refresh_token));
    tally.check(`another key (${alg}) proves nothing`, refused === "invalid_client" || refused === "OAUTH_WWW_AUTHENTICATE_CHALLENGE", refused);
  }
  const withSecret = await refuses(signIn(await known(set)));
  tally.check("nor does the secret, now that it is a key", withSecret !== "nothing", withSecret);

  await change({ way: "public", jwks: "" });
  const open = await signIn(await provenBy(set, openid.None()));
  tally.check("an application that can keep no secret has PKCE", open.claims().sub === before, JSON.stringify(open.claims()));
  const sent = await send(page, await provenBy(set, openid.None()), app);
  await page.waitForURL(isBack(app));
  const guessed = { ...sent.checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() };
  const other = await refuses(openid.authorizationCodeGrant(await provenBy(set, openid.None()), new URL(page.url()), guessed));
  tally.check("without which a stolen code is worth nothing", other === "invalid_grant", other);

  await change({ way: "secret", subject: "pairwise" });
  const pairwise = await signIn(config);
  tally.check("people may be called otherwise in each application", pairwise.claims().sub !== before && pairwise.claims().name === "Ada Example", JSON.stringify(pairwise.claims()));
  await change({ subject: "public" });
}

/** A token that says that somebody has signed out, as jose sees it (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
async function heard(config, set, token) {
  const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  const wanted = { issuer: set.issuer, audience: set.client, typ: "logout+jwt", requiredClaims: ["iat", "exp", "jti", "sub", "sid", "events"] };
  const { payload } = await jose.jwtVerify(token, keys, wanted);
  tally.check("jose verifies what the application is told", "http://schemas.openid.net/event/backchannel-logout" in payload.events && !("nonce" in payload), JSON.stringify(payload));
  const parts = token.split(".");
  parts[1] = jose.base64url.encode(JSON.stringify({ ...payload, sub: "somebody-else" }));
  const changed = await refuses(jose.jwtVerify(parts.join("."), keys, wanted));
  tally.check("and refuses it changed", changed === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", changed);
}

async function leave(guest, config, app, home, set) {
  const { page } = guest;
  const signIn = async (more) => {
    const sent = await send(page, config, app, more);
    await page.waitForURL(isBack(app));
    return openid.authorizationCodeGrant(config, new URL(page.url()), sent.checks);
  };
  // The device takes the offer of the sign-in by itself.
  const again = await signIn({ prompt: "login" });
  tally.check("another proof is asked for where the application wants one", again.claims().auth_time >= Math.floor(Date.now() / 1000) - 30, JSON.stringify(again.claims()));
  const out = openid.buildEndSessionUrl(config, { id_token_hint: again.id_token, post_logout_redirect_uri: app.bye, state: "see you" });
  await page.goto(out.href);
  await page.waitForURL((url) => url.href.startsWith(app.bye));
  tally.check("the application signs its person out, who comes back to it", new URL(page.url()).searchParams.get("state") === "see you", page.url());
  // Each sign-in has an id of its own, and each is told of.
  const told = () => app.told.map((token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")));
  const mine = await until(async () => told().find((one) => one.sid === again.claims().sid), 30);
  tally.check("the application is told by the back channel", mine && mine.sub === again.claims().sub && Boolean(mine.events) && !("nonce" in mine), JSON.stringify(told()));
  await heard(config, set, app.told[told().findIndex((one) => one.sid === again.claims().sid)]);
  const ended = await refuses(openid.refreshTokenGrant(config, again.refresh_token));
  tally.check("who has signed out is out there too", ended === "invalid_grant", ended);
  const anew = await signIn();
  tally.check("the passkey leads back to the application", anew.claims().name === "Ada Example", page.url());
  await page.goto(new URL("logout", `${config.serverMetadata().issuer}/`).href);
  const asked = await page.locator("main").innerText();
  await page.getByRole("link", { name: "Stay signed in" }).click();
  await page.waitForURL((url) => url.pathname === home);
  tally.check("nobody is signed out by a link that proves nothing", /ends your sign-in here/.test(asked), asked);
}

/** Who is not meant by the connection any more, and who is blocked. */
async function scope({ page }, config, app, home, person, desk) {
  const sent = await send(page, config, app);
  await page.waitForURL(isBack(app));
  const tokens = await openid.authorizationCodeGrant(config, new URL(page.url()), sent.checks);
  provost("connection", "preferences", "Wiki", "assignment=assigned", "--yes");
  const answer = await send(page, config, app).then(() => page.locator("main").innerText());
  tally.check("who is out of scope reads that they may not", /You may not use Wiki/.test(answer), answer);
  await page.getByRole("link", { name: "Back to Wiki" }).click();
  await page.waitForURL(isBack(app));
  tally.check("and the application is told so", new URL(page.url()).searchParams.get("error") === "access_denied", page.url());
  const refreshed = await refuses(openid.refreshTokenGrant(config, tokens.refresh_token));
  const asked = await refuses(openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
  tally.check("nor does anything go on that they hold", refreshed === "invalid_grant" && asked !== "nothing", `${refreshed} ${asked}`);
  provost("assign", "Wiki", "ada@contoso.example");
  const live = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  tally.check("who is assigned goes on", live.name === "Ada Example", JSON.stringify(live));
  await desk.page.goto(person);
  await desk.page.getByText("Block or protect").click();
  await desk.press("Block");
  const blocked = await refuses(openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
  await page.goto(new URL(home, config.serverMetadata().issuer).href);
  tally.check("who is blocked is out at once, everywhere", blocked !== "nothing" && page.url().includes("/sign-in"), `${blocked} ${page.url()}`);
}

await tally.tell(async () => {
  const app = await application();
  const desk = await own(browser, link, "Contoso owner", "owner@contoso.example");
  const ada = await hire(desk, "Ada");
  const set = await setUp(desk, app);
  const guest = await reader(browser);
  await withPasskeys(guest.context, guest.page);
  const home = await enrol(guest, ada.invitation);
  await story(desk, guest, app, set, home, ada.address);
  app.end();
});
await close();
tally.close();
