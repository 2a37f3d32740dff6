// Every page that links lead to, one of each route.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Bytes of a page without its style, script and pictures. */
const MOST = 100 * 1024;

/** The table of routes that the crate's matrix test keeps beside itself: who adds a page adds it there. */
const TABLE = new URL("../../../crates/provost-web/tests/it/snapshots/it__matrix__table.snap", import.meta.url);
/** What answers GET and is no page: files, fragments of pages, what only programs ask for, and what leads elsewhere. */
const NO_PAGE = /^\/(assets|api|idp|oidc|saml|\.well-known|setup-pictures|metrics|healthz)\b|\/certificate$|\/migration\/(archive|test)$|\/live$|\/export\.|^\/signin\/provider\/back$|\/(plan|new-mapping)$/;

/** The patterns of all pages, those with more words of their own first. */
export const ROUTES = readFileSync(TABLE, "utf8")
  .split("\n")
  .map((line) => line.match(/^ {2}GET (\S+)$/)?.[1])
  .filter((path) => path && !NO_PAGE.test(path))
  .sort((one, other) => one.split("{").length - other.split("{").length);

const matchers = ROUTES.map((path) => [path, new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`)]);

/** The route of an address. */
export function route(address) {
  const { pathname } = new URL(address);
  return matchers.find(([, matcher]) => matcher.test(pathname))?.[0] ?? pathname;
}

/** The addresses that a page links to, on this server. */
async function links(page) {
  const all = await page.$$eval("a[href]", (anchors) => anchors.map((a) => a.href));
  const here = new URL(page.url()).origin;
  const kept = all.filter((one) => one.startsWith(here) && !/\/(assets|api|scim|metrics)\//.test(one));
  return kept.map((one) => one.split("#")[0]).filter((one) => !/export|signout|download|\/certificate\?/.test(one));
}

/**
 * Follows links from some addresses, up to so many pages of each route. `seen` is told of each page that is open, and
 * what it gives is kept beside the address, the route and the status.
 */
export async function walk(page, from, each, seen) {
  const opened = [];
  const counts = new Map();
  const waiting = [...from];
  const known = new Set(waiting);
  while (waiting.length) {
    const address = waiting.shift();
    if ((counts.get(route(address)) ?? 0) >= each) continue;
    const answer = await page.goto(address);
    const its = route(page.url());
    if ((counts.get(its) ?? 0) < each) {
      counts.set(its, (counts.get(its) ?? 0) + 1);
      opened.push({ name: its, address: page.url(), status: answer.status(), ...(await seen(page, answer)) });
    }
    for (const next of await links(page)) {
      if (!known.has(next)) {
        known.add(next);
        waiting.push(next);
      }
    }
  }
  return opened;
}

/** One page of each route, with its weight. */
export const oneOfEach = (page, from) => walk(page, from, 1, async (_, answer) => ({ bytes: (await answer.body()).length }));

export const isLight = ({ bytes }) => bytes < MOST;

/** What an accessibility checker finds on the page that is open: WCAG 2.2 up to AA. */
export async function violations(page) {
  await page.evaluate(AXE);
  const result = await page.evaluate(async () =>
    // eslint-disable-next-line no-undef
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary.replace(/\s+/g, " ")}`),
  );
}

/** How many pixels the page is wider than the window, and what sticks out of it. */
export async function overhang(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return "";
    const out = [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
    return `${scrollWidth - clientWidth} px: ${out.slice(-1).map((one) => one.outerHTML.slice(0, 160))}`;
  });
}

/** Texts that are cut off or overlap: the box is smaller than what it holds, and nothing lets one scroll to it. In a field one does. */
export async function cut(page) {
  return page.evaluate(() => {
    const holds = (one) => ["hidden", "clip"].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 2;
    return [...document.querySelectorAll("main :not(input)")].filter(holds).map((one) => one.outerHTML.slice(0, 120));
  });
}
