// An authenticator app: six digits every half minute (RFC 6238).

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP = 30;

/** The bytes of a key as apps are given it: base32 (RFC 4648 section 6), in groups or not. */
function bytes(text) {
  const letters = [...text.replace(/[\s=-]/g, "").toUpperCase()];
  const bits = letters.map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((eight) => parseInt(eight, 2)));
}

/** The code at a time, in milliseconds. */
export function code(key, now = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 1000 / STEP)));
  const sum = createHmac("sha1", bytes(key)).update(counter).digest();
  const at = sum[sum.length - 1] & 15;
  return String((sum.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** An app that never shows the same code twice: a server takes each step once, and the one after it as well. */
export function app(key) {
  let last = 0;
  return async () => {
    const half = STEP * 1000;
    const next = Math.max(Math.floor(Date.now() / half), last + 1);
    // One step ahead is as far as a server's clock is allowed to be behind.
    const early = (next - 1) * half - Date.now();
    if (early > 0) await new Promise((go) => setTimeout(go, early + 100));
    last = next;
    return code(key, next * half);
  };
}
