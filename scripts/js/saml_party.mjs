// node-saml as a relying party that asks and judges: a line of JSON in, a line of JSON out; see scripts/py/saml_live.py.
//
//   {"do": "set", …}          who asks whom, with which certificates
//   {"do": "ask", "way"}      an AuthnRequest: its address, or for "post" the page with the form
//   {"do": "take", …}         its verdict on a SAMLResponse
//   {"do": "leave", …}        a LogoutRequest's address
//   {"do": "left", "query"}   its verdict on the answer to it

import { createInterface } from "node:readline";
import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";

let given = {};
const asked = new Map();
const cacheProvider = {
  saveAsync: async (key, value) => ({ value, createdAt: asked.set(key, value) && Date.now() }),
  getAsync: async (key) => asked.get(key) ?? null,
  removeAsync: async (key) => (asked.delete(key) ? key : null),
};

/** A clock that goes wrong by so many seconds. */
const Clock = Date;
const shifted = (seconds) =>
  class extends Clock {
    constructor(...words) {
      super(...(words.length ? words : [Clock.now() + 1000 * seconds]));
    }
    static now() {
      return Clock.now() + 1000 * seconds;
    }
  };

const party = (more = {}) =>
  new SAML({
    callbackUrl: given.reply,
    entryPoint: given.sign_in,
    logoutUrl: given.sign_out,
    issuer: given.audience,
    audience: given.audience,
    idpIssuer: given.issuer,
    idpCert: given.certificates,
    identifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    disableRequestedAuthnContext: true,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.always,
    cacheProvider,
    ...more,
  });

const acts = {
  set: async (values) => {
    given = values;
    return {};
  },
  ask: async ({ way, relay }) => {
    if (way === "post") {
      const form = await party({ authnRequestBinding: "HTTP-POST", skipRequestCompression: true }).getAuthorizeFormAsync(relay);
      return { form };
    }
    return { url: await party().getAuthorizeUrlAsync(relay, undefined, {}) };
  },
  take: async ({ response, more, ahead, keep }) => {
    const before = new Map(asked);
    globalThis.Date = ahead ? shifted(ahead) : Clock;
    try {
      const { profile } = await party(more).validatePostResponseAsync({ SAMLResponse: response });
      return { name: profile.nameID, upn: profile.IDPEmail, session: profile.sessionIndex };
    } finally {
      globalThis.Date = Clock;
      // It has to be able to judge the same answer otherwise.
      if (keep) before.forEach((value, key) => asked.set(key, value));
    }
  },
  leave: async ({ name, session, relay }) => {
    const profile = { nameID: name, nameIDFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", sessionIndex: session };
    return { url: await party().getLogoutUrlAsync(profile, relay, {}) };
  },
  left: async ({ query }) => {
    const { loggedOut } = await party().validateRedirectAsync(Object.fromEntries(new URLSearchParams(query)), query);
    return { left: loggedOut };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: act, ...words } = JSON.parse(line);
  const said = await acts[act](words).catch((error) => ({ error: String(error) }));
  console.log(JSON.stringify(said));
}
