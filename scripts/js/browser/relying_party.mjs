// Administrators sign in to the console with another system, which is oidc-provider, a certified provider that is none of
// ours: setting it up, tying, signing in by each algorithm, confirming, keys that change; and every answer that must open
// nothing.
//
//     node relying_party.mjs LINK-OF-THE-FIRST-START COMMAND-THAT-MAKES-SIGN-INS-OLD…

import { execFileSync } from "node:child_process";
import { reader, start } from "./chrome.mjs";
import { Desk, own, until } from "./desk.mjs";
import { Issuer, read } from "./issuer.mjs";
import { Tally } from "./tally.mjs";

const NAME = "Contoso Identity";
const SECRET = "a~secret/with:signs+%&=";
const [link, command, ...words] = process.argv.slice(2);
const base = new URL(link).origin;
const BACK = `${base}/signin/provider/back`;
const tally = new Tally("relying_party");
const { browser, close } = await start();
const grow_old = () => execFileSync(command, words);
const now = () => Math.floor(Date.now() / 1000);

const at = (page) => new URL(page.url()).pathname;
const text = (page) => page.locator("main").innerText();
const isBack = (url) => url.origin === base && !/\/provider(\/back)?$/.test(url.pathname);

/** Presses the provider's button on a page, and waits until the browser is back. */
async function over(page, name = NAME) {
  const back = page.waitForResponse((answer) => answer.url().startsWith(BACK));
  await page.getByRole("button", { name, exact: true }).click();
  const answer = await back;
  if (answer.status() === 303) await page.waitForURL(isBack);
  else await page.waitForLoadState();
  return answer.status();
}

/** A browser without passkeys: the page would begin a sign-in with one by itself, and beginnings are counted. */
async function plain() {
  const one = await reader(browser);
  await one.page.addInitScript(() => delete window.PublicKeyCredential);
  return one;
}

/** Somebody in a browser of their own who signs in with a provider; where they end, and what is said. */
async function enter(to = "", name = NAME) {
  const one = await plain();
  await one.page.goto(`${base}/signin${to && `?to=${encodeURIComponent(to)}`}`);
  const status = await over(one.page, name);
  const told = status === 303 ? "" : await text(one.page);
  const isIn = (await one.context.cookies(base)).some((cookie) => cookie.name === "provost_session" && cookie.value);
  return { ...one, status, told, isIn };
}

async function comesIn(sentence, to) {
  const one = await enter(to);
  tally.check(sentence, one.status === 303 && one.isIn && at(one.page) !== "/signin", `${one.status} ${one.page.url()} ${one.told}`);
  return one;
}

async function setUp(desk, op) {
  await desk.go(`${base}/signin-providers/new`);
  const back = await desk.shown("Redirect address");
  const client = { client_secret: SECRET, redirect_uris: [back] };
  for (const alg of ["RS256", "PS256", "ES256", "EdDSA"]) {
    op.register({ ...client, client_id: alg.toLowerCase(), id_token_signed_response_alg: alg, token_endpoint_auth_method: "client_secret_basic" });
  }
  op.register({ ...client, client_id: "posts", id_token_signed_response_alg: "RS256", token_endpoint_auth_method: "client_secret_post" });
  op.register({ redirect_uris: [back], client_id: "public", id_token_signed_response_alg: "RS256", token_endpoint_auth_method: "none" });
  tally.check("the page says what has to be registered", back === BACK, back);

  const form = { name: NAME, issuer: op.issuer, client_id: "public", client_secret: "" };
  op.bend = { described: { issuer: "https://elsewhere.example" } };
  await desk.fill(form);
  await desk.press("Save");
  tally.check("one that calls itself otherwise is not added", desk.status === 422 && (await desk.says("PRV-SIGNIN-PROVIDER-ANSWER", "another issuer")), await desk.text());
  op.bend = { described: { token_endpoint: undefined } };
  await desk.fill(form);
  await desk.press("Save");
  tally.check("nor one that does not say where codes are redeemed", desk.status === 422 && (await desk.says("no usable token_endpoint")), await desk.text());
  op.bend = {};
  await desk.fill({ ...form, issuer: `${op.issuer}/` });
  await desk.press("Save");
  tally.check("nor by an address that is almost its name", desk.status === 422 && (await desk.says("another issuer")), await desk.text());
  await desk.fill(form);
  await desk.press("Save");
  const line = desk.page.locator("main li", { hasText: NAME });
  tally.check("by its own name it is added", (await line.count()) === 1 && (await line.innerText()).includes(op.issuer), await desk.text());
  await desk.picture("relying-party-list");
  return base + (await line.locator("a").getAttribute("href"));
}

/** Sets another client of the provider. */
async function client(desk, place, id, secret = SECRET) {
  await desk.go(place);
  await desk.fill({ client_id: id, client_secret: secret });
  await desk.press("Save");
}

async function tie(desk, op) {
  const stranger = await enter();
  tally.check("whom nobody is tied to comes in nowhere", !stranger.isIn && stranger.status === 422 && stranger.told.includes("PRV-SIGNIN-NOT-TIED") && stranger.told.includes("You are not signed in"), stranger.told);
  await stranger.context.close();
  await desk.go(`${base}/account`);
  await over(desk.page, `Add ${NAME}`);
  tally.check("the owner ties who they are there", at(desk.page) === "/account" && (await desk.says("olga@contoso.example")), await desk.text());
  const asked = op.asked.at(-1) ?? {};
  const isWhole = asked.response_type === "code" && asked.code_challenge_method === "S256" && asked.state?.length >= 43 && asked.nonce?.length >= 43;
  tally.check("the request has PKCE, a state and a nonce that nobody guesses", isWhole && asked.scope === "openid profile email", JSON.stringify(asked));
  await desk.picture("relying-party-tied");
}

async function algorithms(desk, op, place) {
  for (const alg of ["RS256", "PS256", "ES256", "EdDSA"]) {
    await client(desk, place, alg.toLowerCase());
    const one = await comesIn(`an ID token by ${alg} opens the console`, "/account");
    const [header] = read(op.redeemed.at(-1).body.id_token);
    tally.check(`it was signed by ${alg}, and leads where was asked for`, header.alg === alg && at(one.page) === "/account", `${JSON.stringify(header)} ${one.page.url()}`);
    await one.context.close();
  }
}

/** How a client proves itself is the provider's to say; its secret has every sign that could be read otherwise. */
async function secrets(desk, op, place) {
  await client(desk, place, "posts");
  await (await comesIn("a client whose secret goes in the form is taken")).context.close();
  for (const way of ["client_secret_basic", "client_secret_post"]) {
    const other = await Issuer.start(way);
    other.register({ client_id: "only", client_secret: SECRET, redirect_uris: [BACK], id_token_signed_response_alg: "RS256", token_endpoint_auth_method: way });
    await desk.go(`${base}/signin-providers/new`);
    await desk.fill({ name: way, issuer: other.issuer, client_id: "only", client_secret: SECRET });
    await desk.press("Save");
    await desk.go(`${base}/account`);
    await over(desk.page, `Add ${way}`);
    const one = await enter("", way);
    tally.check(`where ${way} is the only way, the secret goes that way`, one.isIn && other.redeemed.length === 2 && other.redeemed.every((sent) => sent.way === way && sent.status === 200), `${one.told} ${JSON.stringify(other.redeemed)}`);
    await one.context.close();
    other.end();
  }
  await client(desk, place, "rs256", "another secret");
  const refused = await enter();
  tally.check("a wrong secret is refused, and it is said who has to do what", !refused.isIn && refused.told.includes("PRV-SIGNIN-PROVIDER-REFUSED") && refused.told.includes("client secret"), refused.told);
  await refused.context.close();
  await client(desk, place, "rs256");
}

const HOUR = 3600;
/** What is done to an ID token or to the way back, and what is said then. */
const WRONG = [
  ["a nonce of another sign-in", { token: (token, op) => op.sealed(token, { claims: { nonce: "another" } }) }, "answers another sign-in"],
  ["no nonce", { token: (token, op) => op.sealed(token, { claims: { nonce: undefined } }) }, "answers another sign-in"],
  ["another issuer", { token: (token, op) => op.sealed(token, { claims: { iss: "https://elsewhere.example" } }) }, "of another issuer"],
  ["another audience", { token: (token, op) => op.sealed(token, { claims: { aud: "es256" } }) }, "for another application"],
  ["several audiences, made for another", { token: (token, op) => op.sealed(token, { claims: { aud: ["rs256", "es256"], azp: "es256" } }) }, "for another application"],
  ["a token that is over", { token: (token, op) => op.sealed(token, { claims: { exp: now() - HOUR } }) }, "has expired"],
  ["one of tomorrow", { token: (token, op) => op.sealed(token, { claims: { iat: now() + 24 * HOUR } }) }, "from the future"],
  ["an old one", { token: (token, op) => op.sealed(token, { claims: { iat: now() - HOUR } }) }, "too old"],
  ["nobody in it", { token: (token, op) => op.sealed(token, { claims: { sub: undefined } }) }, "who it is about"],
  ["no signature, and alg none", { token: (token, op) => op.sealed(token, { header: { alg: "none" } }) }, "not signed in a way that is accepted"],
  ["the client's secret as key", { token: (token, op) => op.sealed(token, { header: { alg: "HS256", secret: SECRET } }) }, "not signed in a way that is accepted"],
  ["the key's id with another algorithm", { token: (token, op) => op.sealed(token, { header: { alg: "PS256" } }) }, "does not list"],
  ["a key that nobody lists", { token: (token, op) => op.sealed(token, { header: { kid: "nobody's" } }) }, "does not list"],
  ["another kind of token", { token: (token, op) => op.sealed(token, { header: { typ: "at+jwt" } }) }, "of another kind"],
  ["an extension that has to be understood", { token: (token, op) => op.sealed(token, { header: { crit: ["b64"], b64: true } }) }, "not understood"],
  ["claims that were changed after signing", { token: (token) => token.split(".").with(1, Buffer.from(JSON.stringify({ ...read(token)[1], sub: "olga " })).toString("base64url")).join(".") }, "signature of the ID token is wrong"],
  ["the answer of another provider", { back: (query) => query.set("iss", "https://elsewhere.example") }, "another provider than the one that was asked"],
  ["an answer that does not say whose it is", { back: (query) => query.delete("iss") }, "another provider than the one that was asked"],
  ["an answer that says something twice", { back: (query) => query.append("code", "another") }, "twice"],
  ["a code of somebody's own making", { back: (query) => query.set("code", "made-up") }, "invalid_grant", "PRV-SIGNIN-PROVIDER-REFUSED"],
  ["somebody who says no there", { error: "access_denied" }, "access_denied", "PRV-SIGNIN-PROVIDER-REFUSED"],
];

async function wrong(op) {
  for (const [sentence, bend, said, code = "PRV-SIGNIN-PROVIDER-ANSWER"] of WRONG) {
    op.bend = bend;
    const one = await enter();
    op.bend = {};
    const isSaid = one.told.includes(said) && one.told.includes(code);
    tally.check(`refused: ${sentence}`, !one.isIn && one.status >= 400 && isSaid, `${one.status} ${one.told} ${one.page.url()}`);
    await one.context.close();
  }
  op.bend = { back: (query) => query.set("state", "another") };
  const lost = await enter();
  op.bend = {};
  tally.check("refused: a state that was not given out", !lost.isIn && lost.told.includes("is over"), lost.told);
  await lost.context.close();
}

/** An answer belongs to the browser that began, and counts once. */
async function foreign(op) {
  const victim = await plain();
  await victim.page.goto(`${base}/signin`);
  // The attacker's own browser does not use it up.
  let stolen = "";
  const keep = (query) => {
    stolen = `${BACK}?${query}`;
    query.set("state", "none");
  };
  op.bend = { back: keep };
  const attacker = await enter();
  op.bend = {};
  await victim.page.goto(stolen);
  const planted = await victim.context.cookies(base);
  const isOut = !planted.some((cookie) => cookie.name === "provost_session" && cookie.value);
  tally.check("the answer of one browser signs nobody in in another", isOut && (await text(victim.page)).includes("is over"), await text(victim.page));
  await victim.context.close();
  await attacker.context.close();
  const one = await plain();
  let came = "";
  one.page.on("request", (request) => (came = request.url().startsWith(BACK) ? request.url() : came));
  await one.page.goto(`${base}/signin`);
  await over(one.page);
  await one.context.clearCookies({ name: "provost_session" });
  await one.page.goto(came);
  tally.check("an answer that comes twice opens nothing", (await text(one.page)).includes("is over") && at(one.page) !== "/account", await text(one.page));
  await one.context.close();
}

/** Proving again who one is: somebody else's session there is not enough. */
async function confirm(op) {
  const { context, page, said } = await comesIn("the owner comes in to change something");
  const go = async () => {
    await page.goto(`${base}/account/passkeys/new`);
    return at(page) === "/confirm";
  };
  grow_old();
  const isAsked = await go();
  op.bend = { token: (token, one) => one.sealed(token, { claims: { auth_time: now() - HOUR } }) };
  await over(page);
  op.bend = {};
  tally.check("a provider that did not ask again confirms nothing", isAsked && /did not ask you to sign in again/.test(await text(page)), await text(page));
  await go();
  op.who = "mallory";
  await over(page);
  op.who = "olga";
  tally.check("nor does somebody else there", at(page) !== "/account/passkeys/new" && !(await page.getByRole("button", { name: "Add a passkey" }).count()), `${page.url()} ${await text(page)}`);
  await go();
  await over(page);
  const asked = op.asked.filter((one) => one.prompt === "login");
  tally.check("a sign-in there that was just now confirms, and leads back", at(page) === "/account/passkeys/new" && asked.length === 3 && asked.every((one) => one.max_age === "0"), `${page.url()} ${JSON.stringify(asked)}`);
  return new Desk(context, page, said);
}

/** Keys change there while people are signed in here. */
async function rotation(op, before) {
  op.rotate();
  await before.page.goto(`${base}/account`);
  tally.check("who is signed in stays so when the provider's keys change", at(before.page) === "/account", before.page.url());
  // What was read is taken for a minute: whoever makes keys up does not make us ask for them each time.
  const came = await until(async () => {
    const one = await enter();
    await one.context.close();
    if (one.isIn || !one.told.includes("does not list")) return one;
    await new Promise((go) => setTimeout(go, 5_000));
  }, 90);
  tally.check("the new keys are read by themselves, within a minute", came?.isIn, came?.told ?? "never");
}

async function off(desk, place, others) {
  await desk.go(place);
  await desk.fill({ enabled: false });
  await desk.press("Save");
  const { context, page } = await plain();
  await page.goto(`${base}/signin`);
  tally.check("one that is switched off is not offered", !(await page.getByRole("button", { name: NAME, exact: true }).count()), await text(page));
  await context.close();
  const odd = [desk, ...others].flatMap((one) => one.said).filter((said) => !/status of (401|403|409|410|422|429|502)/.test(said));
  tally.check("the browser has nothing to complain of", !odd.length, odd.join("\n"));
}

await tally.tell(async () => {
  const op = await Issuer.start("client_secret_basic", "client_secret_post", "none");
  const desk = await own(browser, link, "Contoso owner", "owner@contoso.example");
  const place = await setUp(desk, op);
  await tie(desk, op);
  await (await comesIn("a client without a secret is protected by PKCE")).context.close();
  await algorithms(desk, op, place);
  await secrets(desk, op, place);
  const before = await comesIn("the owner is signed in by it");
  await wrong(op);
  await foreign(op);
  await rotation(op, before);
  await off(await confirm(op), place, [desk, before]);
  op.end();
});
await close();
tally.close();
