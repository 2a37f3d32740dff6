// What makes the pages quicker. Every page works without it, but for passkeys, which browsers offer to scripts only.
"use strict";

(() => {
  // The server writes times in the reader's zone once it knows it.
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "");
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `provost_zone=${zone};path=/;max-age=31536000;samesite=lax${secure}`;

  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const all = (selector, below = document) => Array.from(below.querySelectorAll(selector));

  // ---- Fragments: pieces of our own pages, made by our own server, are all that is ever put into a page.

  const policy = window.trustedTypes?.createPolicy("provost", { createHTML: (text) => text });

  function put(place, text) {
    const parsed = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
    place.replaceChildren(...Array.from(parsed.body.childNodes, (node) => document.importNode(node, true)));
    ready(place);
  }

  // Asks our own server; none when the session is over, and then the page is asked for again.
  async function ask(address, options = {}) {
    const answer = await fetch(address, { credentials: "same-origin", redirect: "manual", ...options });
    if (answer.type === "opaqueredirect") {
      location.reload();
      return null;
    }
    return answer;
  }

  function isFragment(answer) {
    const kind = answer.headers.get("content-type") || "";
    return kind.startsWith("text/html") && (answer.ok || answer.status === 409 || answer.status === 422);
  }

  function secretOf(form) {
    return form?.elements.namedItem("csrf")?.value || "";
  }

  // ---- data-copy="id": copies the text of that element.

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      // Browsers give the clipboard to secure pages only: then the text is at least marked.
      getSelection().selectAllChildren(source);
      return;
    }
    const label = button.textContent;
    button.textContent = button.dataset.done;
    await wait(2000);
    button.textContent = label;
  }

  // ---- data-insert="text" data-at="id": writes the text where the cursor is in that field; with data-from="number"
  // in the place of what stands between that character and the cursor.

  function insert(button) {
    const field = document.getElementById(button.dataset.at);
    const { from } = button.dataset;
    const start = from === undefined ? field.selectionStart : Math.min(Number(from), field.selectionStart);
    field.setRangeText(button.dataset.insert, start, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // ---- data-cursor="id" on a hidden field: where the cursor is in that field, in UTF-16 units.

  function cursors(form) {
    all("[data-cursor]", form).forEach((hidden) => {
      hidden.value = document.getElementById(hidden.dataset.cursor)?.selectionStart ?? "";
    });
  }

  // ---- data-live="address" data-into="id" on a form: what the server makes of it, a moment after the last key.

  function live(form) {
    const place = document.getElementById(form.dataset.into);
    let asked = null;
    let timer = 0;
    const send = async () => {
      asked?.abort();
      const mine = new AbortController();
      asked = mine;
      place.setAttribute("aria-busy", "true");
      cursors(form);
      // data-cursor="id" on a hidden field: where the cursor is in that other field.
      for (const mark of all("[data-cursor]", form)) {
        mark.value = document.getElementById(mark.dataset.cursor).selectionStart;
      }
      try {
        const answer = await ask(form.dataset.live, {
          method: "POST",
          headers: { "x-provost-csrf": secretOf(form) },
          body: new URLSearchParams(new FormData(form)),
          signal: mine.signal,
        });
        if (answer && isFragment(answer)) put(place, await answer.text());
      } catch (error) {
        // One that was overtaken says nothing; without a server the page stays as it is, and saving will tell.
        if (error.name !== "AbortError") console.warn("The preview could not be read.", error.message);
      } finally {
        if (asked === mine) place.removeAttribute("aria-busy");
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(send, 300);
    });
    // data-live-first: also for what stands in the form when the page comes.
    if ("liveFirst" in form.dataset) send();
  }

  // ---- data-refresh="seconds" data-from="address": the element's content, again and again, until a fragment comes
  // that has something with data-over.

  async function refresh(place) {
    const pause = Math.max(1, Number(place.dataset.refresh) || 5) * 1000;
    while (place.isConnected && !place.querySelector("[data-over]")) {
      await wait(pause);
      // Nothing moves under a reader's hands, and nothing is asked for while nobody looks.
      if (document.hidden || place.contains(document.activeElement) || place.querySelector("details[open]")) continue;
      try {
        const answer = await ask(place.dataset.from);
        if (!answer) return;
        if (isFragment(answer)) put(place, await answer.text());
      } catch {
        // The server is away for a moment: the next round asks again.
      }
    }
  }

  // ---- data-passkey="register|signin|confirm" data-options="address" data-answer="address" on a form.
  // The options come as {ceremony, options}; {ceremony, answer, …the form's fields} goes back, and {to} or {error}
  // comes. What goes wrong stands in the form's [data-say]; data-refused has the sentence for when the browser or the
  // person said no.

  const read = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const written = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  function asked(options) {
    const key = { ...(options.publicKey || options) };
    key.challenge = read(key.challenge);
    if (key.user) key.user = { ...key.user, id: read(key.user.id) };
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      if (key[list]) key[list] = key[list].map((one) => ({ ...one, id: read(one.id) }));
    }
    return key;
  }

  function answered(credential) {
    const { response } = credential;
    const out = { clientDataJSON: written(response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) out[name] = written(response[name]);
    }
    if (response.getTransports) out.transports = response.getTransports();
    return {
      id: credential.id,
      rawId: written(credential.rawId),
      type: credential.type,
      extensions: credential.getClientExtensionResults(),
      response: out,
    };
  }

  function send(form, address, body) {
    return ask(address, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "x-provost-csrf": secretOf(form) },
      body: JSON.stringify(body),
    });
  }

  // What the server says of a refusal.
  async function refusal(answer) {
    const told = await answer.json().catch(() => ({}));
    return told.error || told.detail || "";
  }

  let pending = null;

  async function passkey(form, mediation) {
    pending?.abort();
    const mine = new AbortController();
    pending = mine;
    const say = form.querySelector("[data-say]");
    const tell = (sentence) => {
      if (say && mediation !== "conditional") say.textContent = sentence;
    };
    tell("");
    const fields = Object.fromEntries(new FormData(form));
    delete fields.csrf;
    const begun = await send(form, form.dataset.options, fields);
    if (!begun) return;
    if (!begun.ok) return tell((await refusal(begun)) || form.dataset.refused);
    const { ceremony, options } = await begun.json();
    const publicKey = asked(options);
    const wanted = { publicKey, signal: mine.signal };
    if (mediation) wanted.mediation = mediation;
    let credential;
    try {
      const makes = form.dataset.passkey === "register";
      credential = await (makes ? navigator.credentials.create(wanted) : navigator.credentials.get(wanted));
    } catch (error) {
      if (error.name !== "AbortError") tell(form.dataset.refused);
      return;
    }
    const done = await send(form, form.dataset.answer, { ...fields, ceremony, answer: answered(credential) });
    if (!done) return;
    if (!done.ok) return tell((await refusal(done)) || form.dataset.refused);
    const { to } = await done.json();
    const next = new URL(to, location.origin);
    if (next.origin === location.origin) location.assign(next);
  }

  async function passkeys(form) {
    if (!window.PublicKeyCredential) {
      form.querySelector("[data-without]")?.removeAttribute("hidden");
      all("button", form).forEach((button) => (button.disabled = true));
      return;
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      passkey(form).catch((error) => console.warn("The passkey could not be used.", error.message));
    });
    // A field with autocomplete="webauthn" offers passkeys by itself.
    const offers = document.querySelector("input[autocomplete~=webauthn]");
    if (form.dataset.passkey === "signin" && offers && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
      passkey(form, "conditional").catch(() => {});
    }
  }

  // ---- data-file-into="id" on a file field: what is in the file goes into that field, a text as it is and anything else
  // as Base64. The file itself is never sent. What is too long is none of ours: data-refused says so.

  const LONGEST = 64 * 1024;

  async function take(input) {
    const field = document.getElementById(input.dataset.fileInto);
    const [file] = input.files;
    if (!file) return;
    const isTooLong = file.size > LONGEST;
    input.parentElement.querySelector("[data-say]").textContent = isTooLong ? input.dataset.refused : "";
    if (isTooLong) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    // DER has lengths and tags below that of a tab in every certificate, and no text has.
    const isText = bytes.every((byte) => byte > 8);
    field.value = isText ? new TextDecoder().decode(bytes) : btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function files(input) {
    input.parentElement.removeAttribute("hidden");
    input.addEventListener("change", () => take(input).catch((error) => console.warn("The file could not be read.", error.message)));
  }

  // ---- Forms in general.

  // data-unsaved on a form: the browser asks before what was typed is lost.
  function unsaved(form) {
    let isChanged = form.dataset.unsaved === "always";
    form.addEventListener("input", () => (isChanged = true));
    form.addEventListener("submit", () => (isChanged = false));
    addEventListener("beforeunload", (event) => {
      if (isChanged) event.preventDefault();
    });
  }

  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "true";
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-insert]");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    else insert(button);
  });

  // What every page and every fragment needs before it can be used.
  function ready(below) {
    all("[data-copy]", below).forEach((button) => button.removeAttribute("hidden"));
    all("form[data-live]", below).forEach(live);
    all("form[data-passkey]", below).forEach(passkeys);
    all("form[data-unsaved]", below).forEach(unsaved);
    all("[data-refresh]", below).forEach(refresh);
    all("input[data-file-into]", below).forEach(files);
  }

  ready(document);
  document.querySelector("[data-focus]")?.focus();
})();
