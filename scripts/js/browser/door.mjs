// A name over https in front of a hub on this machine: what a company's proxy does, with a certificate that only the
// story's browser trusts. Bytes go through as they are.

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createServer } from "node:tls";

/** Opens it; `close` ends it. */
export async function door({ key, certificate, port, hub }) {
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (outside) => {
    const inside = connect(hub, "127.0.0.1");
    outside.on("error", () => inside.destroy());
    inside.on("error", () => outside.destroy());
    outside.pipe(inside).pipe(outside);
  });
  // A browser that goes away in the middle of greeting is no matter.
  server.on("tlsClientError", () => {});
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  return { close: () => server.close() };
}
