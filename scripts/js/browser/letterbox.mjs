// A mail server that takes every letter and keeps it (RFC 5321, as little of it as a letter needs).

import { createServer } from "node:net";

/** Opens one on a free port. */
export async function letterbox() {
  const letters = [];
  const server = createServer((socket) => talk(socket, letters));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const close = () => new Promise((done) => server.close(done));
  return { port: server.address().port, letters, close };
}

function talk(socket, letters) {
  let rest = "";
  let letter = null;
  const say = (line) => socket.write(`${line}\r\n`);
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  say("220 letterbox");
  socket.on("data", (text) => {
    const lines = (rest + text).split("\r\n");
    rest = lines.pop();
    for (const line of lines) {
      if (letter !== null) {
        if (line !== ".") {
          letter.push(line.replace(/^\./, ""));
          continue;
        }
        letters.push(letter.join("\n"));
        letter = null;
        say("250 kept");
      } else if (/^DATA/i.test(line)) {
        letter = [];
        say("354 go on");
      } else if (/^QUIT/i.test(line)) {
        say("221 bye");
        socket.end();
      } else {
        say("250 ok");
      }
    }
  });
}
