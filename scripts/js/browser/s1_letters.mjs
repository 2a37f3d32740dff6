// Script S1, steps 1.10 and 1.14: the announcement of the window, once for each, and what is said of the reminders.

import { mail } from "./application.mjs";
import { API, MIGRATION, audited } from "./s1_world.mjs";
import { refused } from "./s2_connection.mjs";

export const steps = [silent, settings, announced, once, reminders];

const LETTERS = `${MIGRATION}/letters`;
const SEND = /^Send \d+ letters?$/;

/** G1-1, of a window that is saved and not open yet. */
export async function early(world) {
  const { tally, owner, ask } = world;
  await owner.go(LETTERS);
  tally.check("1.10 G1-1 before the window is open nobody is invited", await owner.isDead(SEND, "PRV-LETTERS-WINDOW"), await owner.text());
  refused(tally, "1.10 G1-1 nor past the page", await owner.smuggle(LETTERS, { confirm: "0" }), 409, "PRV-LETTERS-WINDOW");
  refused(tally, "1.10 G1-1 nor by the interface", await ask("POST", `${API}/migration/announcement`, { confirm: {} }), 409, "PRV-LETTERS-WINDOW");
  await audited(world, "1.10 G1-1", "migration.announce.refused", "PRV-LETTERS-WINDOW");
}

async function silent({ tally, owner }) {
  await owner.go(LETTERS);
  tally.check("1.10 without a mail server nothing can be sent, and the page says so", await owner.isDead(SEND, "PRV-NOTIFY-OFF"), await owner.text());
}

async function settings({ tally, owner, letters }) {
  await mail({ tally, customer: owner, letters }, "1.10");
}

async function announced({ tally, owner, seen, letters }) {
  await owner.go(MIGRATION);
  await owner.follow("Announcement and reminders");
  await seen("1.10-preview");
  tally.check("1.10 the letter is previewed in each language that somebody has", await owner.says("In English (1)", "In German (1)", "/join/Main", "UTC"), await owner.text());
  tally.check("1.10 who has no address is listed", await owner.says("Without a mail address (4)", "Anna of Contoso"), await owner.text());
  const before = letters.letters.length;
  await owner.press("Send 2 letters");
  await seen("1.10-sent");
  tally.check("1.10 it is written, and shown with its numbers", await owner.says("The letters are written", "Announcement", "waiting"), await owner.text());
  const came = () => letters.letters.slice(before).map(plain);
  await until(() => came().length >= 2);
  const [english, german] = ["erik.eriksen@contoso.example", "frida@contoso.example"].map((to) => came().filter((one) => one.includes(`To: ${to}`) || new RegExp(`^To:.*<${to}>`, "m").test(one)));
  tally.check("1.10 each of the two gets one, with the link", english.length === 1 && german.length === 1 && came().every((one) => one.includes("/join/Main")), came().join("\n\n"));
  tally.check("1.10 in their own language", /^Hello /m.test(english[0] ?? "") && !/^Hello /m.test(german[0] ?? ""), came().join("\n\n"));
  tally.check("1.10 with no secret, and nothing that tells who has read it", came().every((one) => !/<img|token=|key=/.test(one)), came().join("\n\n"));
}

async function once({ tally, owner, seen, letters }) {
  const before = letters.letters.length;
  await owner.go(LETTERS);
  await seen("1.10-done");
  tally.check("1.10 nobody gets a second one", await owner.isDead(SEND, "PRV-LETTERS-NOBODY"), await owner.text());
  tally.check("1.10 and nobody has", letters.letters.length === before, letters.letters.slice(before).join("\n\n"));
}

async function reminders({ tally, owner }) {
  const days = ["Reminder, 7 days before the deadline", "Reminder, 3 days before the deadline", "Reminder, 1 day before the deadline"];
  tally.check("1.14 the reminders stand there with their days", await owner.says(...days, "not yet"), await owner.text());
  tally.check("1.14 who answers for the window gets a list", await owner.says("The list goes to help@contoso.example."), await owner.text());
}

/** A letter as it is read: lines that were broken for the way are whole again (RFC 2045 section 6.7). */
const plain = (letter) => letter.replaceAll("=\n", "").replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));

/** Whether it came true within two minutes: the queue is looked at every 20 seconds. */
async function until(holds) {
  for (let tries = 0; tries < 240; tries += 1) {
    if (holds()) return true;
    await new Promise((ready) => setTimeout(ready, 500));
  }
  return false;
}
