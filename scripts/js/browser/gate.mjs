// A door between a connection and its application: it writes down what passes, and answers in the application's place
// when it is told to. What an administrator cannot make an application do on demand, it does.

import { createServer, request as ask } from "node:http";

const SCIM = "application/scim+json";

/** A SCIM error (RFC 7644 section 3.12). */
export function refusal(status, detail, scimType) {
  const body = { schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: String(status), detail, ...(scimType && { scimType }) };
  return { status, body: JSON.stringify(body), type: SCIM };
}

/** Opens a door to an application at `origin`: `instead` may answer in its place, `delay` makes it slow (milliseconds). */
export async function open(origin) {
  const door = { passed: [], instead: null, delay: 0 };
  const server = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const seen = { method: incoming.method, path: incoming.url, body: body.toString(), at: Date.now() };
    door.passed.push(seen);
    if (door.delay) await new Promise((go) => setTimeout(go, door.delay));
    const instead = door.instead?.(seen);
    const answer = instead ?? (await forward(origin, incoming, body));
    Object.assign(seen, { status: answer.status, answer: String(answer.body) });
    outgoing.writeHead(answer.status, { "content-type": answer.type ?? SCIM, ...answer.headers });
    outgoing.end(answer.body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  door.origin = `http://127.0.0.1:${server.address().port}`;
  door.close = () => new Promise((done) => (server.closeAllConnections(), server.close(done)));
  /** What passed since a moment, of a method and with a word in its path. */
  door.since = (from, method = "", word = "") =>
    door.passed.slice(from).filter((one) => one.method.startsWith(method) && one.path.includes(word));
  return door;
}

function forward(origin, incoming, body) {
  const to = new URL(incoming.url, origin);
  const headers = { ...incoming.headers, host: to.host };
  delete headers["content-length"];
  delete headers["transfer-encoding"];
  if (body.length) headers["content-length"] = body.length;
  return new Promise((answered) => {
    const sent = ask(to, { method: incoming.method, headers }, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      const kept = Object.fromEntries(["etag", "location", "retry-after"].map((name) => [name, answer.headers[name]]).filter(([, value]) => value));
      answered({ status: answer.statusCode, type: answer.headers["content-type"], headers: kept, body: Buffer.concat(chunks) });
    });
    sent.on("error", (error) => answered(refusal(502, String(error))));
    sent.end(body);
  });
}
