// Script S1, steps 1.10 and 1.14: the announcement and the reminders.
//
// Both need a provider whose window is open, people who are left in it, and a hub with a `public_url`. `at` is the address
// of the provider's page, such as `/w/Contoso/microsoft-365/Microsoft%20365`; `seen` keeps a picture.

/**
 * 1.10: previews the announcement, sends it, and sends nobody a second one. `names` are some who have a mail address,
 * `without` some who have none. `box` is a letterbox.mjs that the mail settings of the workspace name; without one, only
 * what the pages say is looked at.
 */
export async function announcement(desk, { tally, at, seen, names, without = [], box = null }) {
  await desk.go(`${at}/migration`);
  await desk.follow("Announcement and reminders");
  await seen("1.10-preview");
  tally.check("1.10 the letter has the link and the deadline", await desk.says("/join/", "UTC"), await desk.text());
  tally.check("1.10 who has no address is listed", await desk.says("Without a mail address", ...without), await desk.text());
  const before = box?.letters.length ?? 0;
  await desk.press(/^Send \d+ letters$/);
  await seen("1.10-sent");
  tally.check("1.10 it is written, and shown with its numbers", await desk.says("The letters are written", "Announcement", "waiting"), await desk.text());
  tally.check("1.10 nobody gets a second one", await desk.isDead(/^Send 0 letters$/, "PRV-LETTERS-NOBODY"), await desk.text());
  if (!box) return;
  const all = await until(() => names.every((name) => box.letters.slice(before).some((one) => one.includes(name))));
  tally.check("1.10 each of them gets it", all, `${box.letters.length - before} letters came`);
  const said = box.letters.slice(before).join("\n").replaceAll("=\n", "");
  tally.check("1.10 it carries the link, no secret and nothing from another host", said.includes("/join/") && !/<img|token=|key=/.test(said), said.slice(0, 500));
}

/** 1.14: the page says when people are reminded, and who gets the list: `owner` is the address of the contact. */
export async function reminders(desk, { tally, at, seen, owner }) {
  await desk.go(`${at}/migration/letters`);
  await seen("1.14");
  const days = ["Reminder, 7 days before the deadline", "Reminder, 3 days before the deadline", "Reminder, 1 day before the deadline"];
  tally.check("1.14 the reminders stand there with their days", await desk.says(...days), await desk.text());
  tally.check("1.14 the owner gets a list", await desk.says(`The list goes to ${owner}.`), await desk.text());
}

/** Whether it came true within a minute: the service looks at its queue every 20 seconds. */
async function until(holds) {
  for (let tries = 0; tries < 120; tries += 1) {
    if (holds()) return true;
    await new Promise((ready) => setTimeout(ready, 500));
  }
  return false;
}
