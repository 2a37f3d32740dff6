// A sign-in provider that is none of ours: oidc-provider, a certified one, on this machine. It signs people in without
// asking, and can be bent to answer as none should.

import { constants, createHmac, createPrivateKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const SIGNATURES = {
  RS256: (data, key) => sign("sha256", data, key),
  PS256: (data, key) => sign("sha256", data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
};
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (part) => JSON.parse(Buffer.from(part, "base64url"));

/** The words of a token: its header and its claims. */
export const read = (token) => token.split(".").slice(0, 2).map(decode);

function key(alg, kind, options) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg, use: "sig" };
}

/** A new key of each kind. */
const keys = () => [
  key("RS256", "rsa", { modulusLength: 2048 }),
  key("PS256", "rsa", { modulusLength: 2048 }),
  key("ES256", "ec", { namedCurve: "P-256" }),
  key("EdDSA", "ed25519"),
];

export class Issuer {
  /** Starts it; clients, which prove themselves in these ways, are registered afterwards. */
  static async start(...ways) {
    const one = new Issuer(ways);
    one.server = createServer((request, answer) => one.serve(request, answer));
    await new Promise((go) => one.server.listen(0, "127.0.0.1", go));
    one.issuer = `http://127.0.0.1:${one.server.address().port}`;
    return one;
  }

  constructor(ways) {
    // Who signs in there, what is done to answers, what came in, and the keys.
    Object.assign(this, { who: "olga", bend: {}, asked: [], redeemed: [], keys: keys(), clients: [], ways });
  }

  register(client) {
    this.clients.push({ grant_types: ["authorization_code"], response_types: ["code"], ...client });
    this.begin();
  }

  /** Other keys from now on; those of before are gone. */
  rotate() {
    this.keys = keys();
    this.begin();
  }

  begin() {
    const provider = new Provider(this.issuer, {
      clients: this.clients,
      jwks: { keys: this.keys },
      clientAuthMethods: this.ways,
      enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
      conformIdTokenClaims: false,
      cookies: { keys: ["a secret of this run"] },
      interactions: { url: (_, interaction) => `/enter/${interaction.uid}` },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@contoso.example`, email_verified: true, name: id, preferred_username: id }) }),
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
      renderError: (context, out) => {
        context.type = "html";
        context.body = `<!doctype html><title>Refused</title><p>${out.error}: ${String(out.error_description).replace(/</g, "&lt;")}`;
      },
    });
    provider.use((context, next) => this.bent(context, next));
    this.provider = provider;
    this.handle = provider.callback();
  }

  async serve(request, answer) {
    try {
      if (!request.url.startsWith("/enter/")) return this.handle(request, answer);
      await this.enter(request, answer);
    } catch (error) {
      answer.statusCode = 500;
      answer.end(String(error));
    }
  }

  /** What its own pages would ask: who it is, and whether they agree. */
  async enter(request, answer) {
    const { params, session, grantId, prompt } = await this.provider.interactionDetails(request, answer);
    if (this.bend.error) return this.provider.interactionFinished(request, answer, { error: this.bend.error, error_description: "<b>No.</b>" });
    if (prompt.name === "login") return this.provider.interactionFinished(request, answer, { login: { accountId: this.who } });
    const known = grantId && (await this.provider.Grant.find(grantId));
    const grant = known || new this.provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope("openid email profile");
    grant.addOIDCClaims(prompt.details.missingOIDCClaims ?? []);
    const consent = { consent: { grantId: await grant.save() } };
    return this.provider.interactionFinished(request, answer, consent, { mergeWithLastSubmission: true });
  }

  async bent(context, next) {
    const { bend } = this;
    await next();
    const route = context.oidc?.route;
    if (route === "authorization") this.asked.push({ ...context.query });
    if (route === "discovery" && bend.described) context.body = { ...context.body, ...bend.described };
    const to = context.response.get("location");
    if (to?.includes("code=") && bend.back) {
      const address = new URL(to);
      bend.back(address.searchParams);
      context.set("location", address.href);
    }
    if (route !== "token") return;
    this.redeemed.push({ way: context.get("authorization") ? "client_secret_basic" : "client_secret_post", status: context.status, body: context.body });
    if (context.body?.id_token && bend.token) context.body = { ...context.body, id_token: bend.token(context.body.id_token, this) };
  }

  /** A token whose header and claims were changed, signed by the key of the provider that fits. */
  sealed(token, { header = {}, claims = {} }) {
    const [before, said] = read(token);
    const head = { ...before, ...header };
    const text = `${encode(head)}.${encode({ ...said, ...claims })}`;
    if (head.alg === "none") return `${text}.`;
    if (head.alg === "HS256") return `${text}.${createHmac("sha256", header.secret ?? "").update(text).digest("base64url")}`;
    const known = createPrivateKey({ key: this.keys.find((one) => one.alg === head.alg), format: "jwk" });
    return `${text}.${SIGNATURES[head.alg](Buffer.from(text), known).toString("base64url")}`;
  }

  end() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
