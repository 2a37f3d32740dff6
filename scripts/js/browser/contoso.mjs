// What is beside the browser: Contoso's identity provider, which sends people in by SCIM, and the simulated tenant of
// Microsoft 365, which can be looked at and changed.

const SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:";
const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** Asks, and gives what is answered; anything but success is an error. */
async function ask(method, url, body, headers = {}) {
  const answer = await fetch(url, { method, headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** The identity provider's door to the directory. */
export class Directory {
  constructor({ url, token }) {
    this.url = url;
    this.headers = { authorization: `Bearer ${token}`, "content-type": "application/scim+json" };
  }

  call(method, path, body) {
    return ask(method, this.url + path, body && JSON.stringify(body), this.headers);
  }

  /** Adds a person of this name; gives the id. */
  async person(name, more = {}) {
    const label = name[0].toUpperCase() + name.slice(1);
    const person = {
      schemas: [`${SCHEMA}User`],
      userName: `${name}@contoso.example`,
      active: true,
      displayName: `${label} of Contoso`,
      name: { givenName: label, familyName: "Contoso" },
      addresses: [{ type: "work", country: "NO" }],
      ...more,
    };
    return (await this.call("POST", "/Users", person)).id;
  }

  async group(displayName, members = []) {
    const group = { schemas: [`${SCHEMA}Group`], displayName, members: members.map((value) => ({ value })) };
    return (await this.call("POST", "/Groups", group)).id;
  }

  /** The id of the person of this name. */
  async id(name) {
    const filter = encodeURIComponent(`userName eq "${name}@contoso.example"`);
    return (await this.call("GET", `/Users?filter=${filter}`)).Resources[0].id;
  }

  /** Sets one attribute of a person. */
  set(id, path, value) {
    return this.call("PATCH", `/Users/${id}`, { schemas: [PATCH], Operations: [{ op: "replace", path, value }] });
  }

  remove(id) {
    return this.call("DELETE", `/Users/${id}`);
  }
}

/** The tenant: what it holds, and what is changed about it behind the hub's back. */
export class Tenant {
  constructor(facts) {
    Object.assign(this, facts);
  }

  control(method, path, body) {
    return ask(method, `${this.url}/_sim/control/${path}`, body && JSON.stringify(body));
  }

  settings(change) {
    return this.control("PATCH", "settings", change);
  }

  /** What the hub's application may do, and by which secret. */
  application(change) {
    return this.settings({ applications: [{ client_id: this.client_id, ...change }] });
  }

  state() {
    return ask("GET", `${this.url}/_sim/state`);
  }

  async user(name) {
    return (await this.state()).users.find((user) => user.userPrincipalName === `${name}@contoso.example`);
  }

  async group(name) {
    return (await this.state()).groups.find((group) => group.displayName === name);
  }

  /** The products of a user, by their ids. */
  async licences(name) {
    return ((await this.user(name))?.assignedLicenses ?? []).map((one) => one.skuId);
  }

  async writes() {
    return (await this.state()).counters.writes;
  }

  /** What somebody with every permission does in the tenant by hand. */
  async byHand(method, path, body) {
    const [id, secret] = ["00000000-0000-4000-8000-00000000c0de", "by-hand~secret"];
    const roles = ["Group.ReadWrite.All", "User.ReadWrite.All", "User-PasswordProfile.ReadWrite.All", "Domain.ReadWrite.All", "Domain-InternalFederation.ReadWrite.All"];
    await this.settings({ applications: [{ client_id: id, client_secret: secret, display_name: "By hand", roles, directory_roles: ["User Administrator"] }] });
    const asked = new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: secret, scope: "https://graph.microsoft.com/.default" });
    const { access_token: token } = await ask("POST", `${this.login_url}/${this.tenant}/oauth2/v2.0/token`, asked);
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return ask(method, `${this.graph_url}/v1.0${path}`, body && JSON.stringify(body), headers);
  }

  /** An account that is there already, of this name; its id. */
  async account(name, more = {}) {
    const user = {
      userPrincipalName: `${name}@contoso.example`,
      displayName: `${name[0].toUpperCase()}${name.slice(1)} of Contoso`,
      mailNickname: name,
      accountEnabled: true,
      passwordProfile: { password: "Quiet-Lantern-8241" },
      ...more,
    };
    return (await this.byHand("POST", "/users", user)).id;
  }

  /** A security group that is there already; its id. */
  async plant(displayName) {
    const group = { displayName, mailNickname: displayName, mailEnabled: false, securityEnabled: true, groupTypes: [] };
    return (await this.byHand("POST", "/groups", group)).id;
  }
}
