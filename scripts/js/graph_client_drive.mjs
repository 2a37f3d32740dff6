// Microsoft's own Graph client for JavaScript drives the simulated Microsoft 365: what it cannot do, is wrong.
//
//   node graph_client_drive.mjs LOGIN_URL GRAPH_URL TENANT CLIENT_ID CLIENT_SECRET
//
// The simulator must serve its control interface: faults are ordered and limits are set on the way. Ends with
// `N passed, M failed`.
import {randomUUID} from "node:crypto";
import graphClient from "@microsoft/microsoft-graph-client";

const {
    BatchRequestContent, BatchResponseContent, Client, HTTPMessageHandler, PageIterator, RedirectHandler, RetryHandler,
    RetryHandlerOptions,
} = graphClient;

const [loginUrl, graphUrl, tenant, clientId, clientSecret] = process.argv.slice(2);
const PEOPLE = 60;
const started = Date.now();
const mark = randomUUID().slice(0, 8);
let passed = 0;
let failed = 0;

function say(text) {
    console.log(`graph_client ${((Date.now() - started) / 1000).toFixed(1).padStart(7)}s  ${text}`);
}

function check(sentence, holds, detail) {
    if (holds) {
        passed++;
        say(`ok    ${sentence}`);
    } else {
        failed++;
        say(`FAIL  ${sentence}`);
        say(`      ${detail instanceof Error ? detail.stack : JSON.stringify(detail)}`);
    }
}

// The token as Entra gives it. The client's own handler sends tokens over https only, which loopback has not.
class Bearer {
    constructor() {
        this.until = 0;
    }

    setNext(next) {
        this.next = next;
    }

    async execute(context) {
        if (Date.now() >= this.until) {
            const form = new URLSearchParams({
                grant_type: "client_credentials",
                client_id: clientId,
                client_secret: clientSecret,
                scope: "https://graph.microsoft.com/.default",
            });
            const answer = await fetch(`${loginUrl}/${tenant}/oauth2/v2.0/token`, {method: "POST", body: form});
            const token = await answer.json();
            if (!answer.ok) throw new Error(token.error_description);
            this.token = token.access_token;
            this.until = Date.now() + (token.expires_in - 60) * 1000;
        }
        const headers = new Headers(context.options?.headers);
        headers.set("Authorization", `Bearer ${this.token}`);
        context.options = {...context.options, headers};
        await this.next.execute(context);
    }
}

function connect() {
    const chain = [new Bearer(), new RetryHandler(new RetryHandlerOptions(1, 4)), new RedirectHandler(), new HTTPMessageHandler()];
    chain.slice(0, -1).forEach((handler, index) => handler.setNext(chain[index + 1]));
    const client = Client.initWithMiddleware({baseUrl: `${graphUrl}/`, defaultVersion: "v1.0", middleware: chain[0]});
    // It knows a whole address by its https only; next links of loopback are made relative for it.
    const api = client.api.bind(client);
    client.api = (address) => api(address.replace(`${graphUrl}/v1.0`, ""));
    return client;
}

const graph = connect();

async function control(method, path, body) {
    const answer = await fetch(`${graphUrl}/_sim/control/${path}`, {method, body: body && JSON.stringify(body)});
    const text = await answer.text();
    if (!answer.ok) throw new Error(`control: ${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
}

async function refused(request) {
    try {
        await request;
    } catch (error) {
        return error;
    }
    return null;
}

function person(name) {
    return {
        accountEnabled: true,
        displayName: `Person ${name}`,
        mailNickname: `${mark}.${name}`,
        userPrincipalName: `${mark}.${name}@contoso.example`,
        givenName: "Person",
        surname: String(name),
        usageLocation: "NO",
        passwordProfile: {password: `A1-${randomUUID()}`, forceChangePasswordNextSignIn: false},
    };
}

function reference(id) {
    return `${graphUrl}/v1.0/directoryObjects/${id}`;
}

async function users(world) {
    for (let number = 0; number < PEOPLE; number++) {
        world.ids.push((await graph.api("/users").post(person(number))).id);
    }
    check(`${PEOPLE} people are created with ids of their own`, new Set(world.ids).size === PEOPLE);
    const [ada, bob] = world.ids;
    await graph.api(`/users/${ada}`).patch({department: "Engines", jobTitle: "Countess"});
    const after = await graph.api(`/users/${ada}`).select(["id", "department", "surname", "accountEnabled"]).get();
    check(
        "a change changes what it names, and nothing else",
        after.department === "Engines" && after.surname === "0" && after.accountEnabled === true,
        after,
    );
    await graph.api(`/users/${ada}/manager/$ref`).put({"@odata.id": reference(bob)});
    const boss = await graph.api(`/users/${ada}/manager`).get();
    check("a manager is found", boss.id === bob, boss);
    const twin = await refused(graph.api("/users").post(person(0)));
    check("a name that is taken is refused", twin?.statusCode === 400 && twin.code === "Request_BadRequest", twin);
    const nobody = await refused(graph.api(`/users/${randomUUID()}`).get());
    check("who is not there is not found, with the id of the request", nobody?.statusCode === 404 && nobody.requestId, nobody);
}

async function pages(world) {
    const filter = `startswith(userPrincipalName,'${mark}')`;
    const first = await graph.api("/users").filter(filter).select("id").top(25).get();
    check("a page has the size that was asked for, and a link", first.value.length === 25 && first["@odata.nextLink"], first);
    const found = [];
    const iterator = new PageIterator(graph, first, (user) => found.push(user.id) > 0);
    await iterator.iterate();
    check("the pages hold everybody, each once", found.join() === world.ids.join(), found.length);
    const counted = await graph.api("/users").header("ConsistencyLevel", "eventual").count(true).filter(filter).top(5).get();
    check("an advanced query counts", counted["@odata.count"] === PEOPLE, counted["@odata.count"]);
}

async function groups(world) {
    const team = await graph.api("/groups").post({
        displayName: `Team ${mark}`,
        mailNickname: `team.${mark}`,
        mailEnabled: false,
        securityEnabled: true,
        "members@odata.bind": world.ids.slice(0, 20).map(reference),
    });
    const address = `/groups/${team.id}`;
    await graph.api(`${address}/members/$ref`).post({"@odata.id": reference(world.ids[20])});
    const again = await refused(graph.api(`${address}/members/$ref`).post({"@odata.id": reference(world.ids[20])}));
    check("a member is added once", again?.statusCode === 400 && again.message.includes("already exist"), again);
    await graph.api(`${address}/members/${world.ids[0]}/$ref`).delete();
    const members = await graph.api(`${address}/members`).select("id").get();
    const ids = members.value.map((member) => member.id).sort().join();
    check("twenty bound, one added, one removed", ids === world.ids.slice(1, 21).sort().join(), members.value.length);
    check("the one removed is a user still", (await graph.api(`/users/${world.ids[0]}`).get()).id === world.ids[0]);
    const named = `/groups(uniqueName='${mark}')`;
    const body = {displayName: `Named ${mark}`, mailNickname: `named.${mark}`, mailEnabled: false, securityEnabled: true};
    await graph.api(named).header("Prefer", "create-if-missing").patch(body);
    await graph.api(named).header("Prefer", "create-if-missing").patch({...body, description: "Twice"});
    const twice = await graph.api("/groups").filter(`displayName eq 'Named ${mark}'`).get();
    check("a group with a unique name is made once", twice.value.length === 1 && twice.value[0].description === "Twice", twice);
    [world.team, world.named] = [team.id, twice.value[0]?.id];
}

async function licences(world) {
    const sku = async () => (await graph.api("/subscribedSkus").get()).value[0];
    const before = await sku();
    const address = `/users/${world.ids[2]}`;
    const disabled = [before.servicePlans[0].servicePlanId];
    const given = await graph.api(`${address}/assignLicense`).post({addLicenses: [{skuId: before.skuId, disabledPlans: disabled}], removeLicenses: []});
    check("a licence is given", given.id === world.ids[2], given);
    const held = await graph.api(address).select("assignedLicenses,licenseAssignmentStates").get();
    check(
        "with the plan that was switched off",
        held.assignedLicenses[0].disabledPlans.join() === disabled.join() && held.licenseAssignmentStates[0].state === "Active",
        held,
    );
    check("and takes a seat", (await sku()).consumedUnits === before.consumedUnits + 1);
    await graph.api(`${address}/assignLicense`).post({addLicenses: [], removeLicenses: [before.skuId]});
    check("which is free again when it is taken back", (await sku()).consumedUnits === before.consumedUnits);
    const nowhere = await graph.api("/users").post({...person("nowhere"), usageLocation: undefined});
    const refusal = await refused(graph.api(`/users/${nowhere.id}/assignLicense`).post({addLicenses: [{skuId: before.skuId, disabledPlans: []}], removeLicenses: []}));
    check("nobody gets one without a usage location", refusal?.statusCode === 400 && /usage location/.test(refusal.message), refusal);
    await graph.api(`/users/${nowhere.id}`).delete();
}

async function walk(address) {
    const first = await graph.api(address).get();
    const all = [];
    const iterator = new PageIterator(graph, first, (entry) => all.push(entry) > 0);
    await iterator.iterate();
    return {all, link: iterator.getDeltaLink()};
}

async function delta(world) {
    await control("PATCH", "settings", {delta_page: 10});
    const people = await walk("/users/delta?$select=jobTitle");
    const ids = new Set(people.all.map((entry) => entry.id));
    check("a first round tells of everybody", world.ids.every((id) => ids.has(id)), people.all.length);
    const teams = await walk("/groups/delta?$select=displayName,members");
    const entries = teams.all.filter((entry) => entry.id === world.team);
    const members = new Set(entries.flatMap((entry) => (entry["members@delta"] ?? []).map((member) => member.id)));
    check("a large group is spread over entries that add up", entries.length > 1 && members.size === 20, entries.length);
    await graph.api(`/users/${world.ids[4]}`).patch({jobTitle: "Changed"});
    await graph.api(`/groups/${world.team}/members/${world.ids[5]}/$ref`).delete();
    const changed = await walk(people.link);
    check("the next round tells the one change", changed.all.length === 1 && changed.all[0].jobTitle === "Changed", changed.all);
    const left = await walk(teams.link);
    const removed = left.all.flatMap((entry) => entry["members@delta"] ?? []).filter((member) => member["@removed"]);
    check("and who is no member any more", removed.map((member) => member.id).join() === world.ids[5], left.all);
    await control("POST", "delta/reset");
    const gone = await refused(walk(changed.link));
    check("after maintenance a link is answered 410", gone?.statusCode === 410, gone);
    await control("PATCH", "settings", {delta_page: 100});
}

async function batch(world) {
    const steps = world.ids.slice(0, 19).map((id, index) => ({
        id: String(index + 1),
        request: new Request(`${graphUrl}/users/${id}?$select=id`, {method: "GET"}),
    }));
    steps.push({
        id: "20",
        request: new Request(`${graphUrl}/users/${world.ids[6]}`, {
            method: "PATCH",
            headers: {"Content-Type": "application/json"},
            body: JSON.stringify({jobTitle: "In a batch"}),
        }),
    });
    const send = async () => {
        const content = await new BatchRequestContent(steps.map((step) => ({...step, request: step.request.clone()}))).getContent();
        return new BatchResponseContent(await graph.api("/$batch").post(content));
    };
    const responses = await send();
    const statuses = steps.map((step) => responses.getResponseById(step.id).status);
    check("twenty requests go in one batch", statuses.every((status) => status < 300), statuses);
    const third = await responses.getResponseById("3").json();
    check("and every answer belongs to its request", third.id === world.ids[2], third);
    await control("POST", "faults", {operation: "GET /users/*", when: {skip: 4, times: 2}, effect: {do: "answer", error: "throttled"}});
    const limited = await send();
    const refusals = steps.map((step) => limited.getResponseById(step.id)).filter((answer) => answer.status === 429);
    check("entries are throttled on their own, with their own Retry-After", refusals.length === 2 && refusals[0].headers.get("Retry-After") === "1", refusals.length);
}

async function throttling(world) {
    const before = await control("GET", "counters");
    for (const form of ["whole", "date", "fractional", "missing"]) {
        await control("POST", "faults", {operation: "GET /users/*", when: {times: 2}, effect: {do: "answer", error: "throttled", retry_after: form}});
        const found = await graph.api(`/users/${world.ids[0]}`).get();
        check(`throttled twice, Retry-After ${form}: the client's own retry gets through`, found.id === world.ids[0], found);
    }
    const after = await control("GET", "counters");
    const count = (counters) => counters.operations["GET /users/*"]?.["429"] ?? 0;
    check("each of them was refused twice", count(after) - count(before) === 8, after.operations["GET /users/*"]);
    const limits = (await control("GET", "settings")).throttle;
    await control("PATCH", "settings", {throttle: {model: "token_bucket", writes: 10, window_ms: 5000}});
    const writes = Array.from({length: 20}, (_, n) => graph.api(`/users/${world.ids[n]}`).patch({jobTitle: `Paced ${n}`}));
    const results = await Promise.allSettled(writes);
    const throttled = (await control("GET", "counters")).totals.throttled;
    check("a real budget refuses, and the client waits for it", throttled > after.totals.throttled, throttled);
    const lost = results.filter((result) => result.status === "rejected" && result.reason.statusCode !== 429);
    check("nothing else goes wrong on the way", lost.length === 0, lost[0]?.reason);
    await control("PATCH", "settings", {throttle: {model: limits.model, writes: limits.writes, window_ms: limits.window_ms}});
}

async function bin(world) {
    const [ada] = world.ids;
    await graph.api(`/users/${ada}`).delete();
    const gone = await refused(graph.api(`/users/${ada}`).get());
    check("who was deleted is not found", gone?.statusCode === 404, gone);
    const binned = await graph.api("/directory/deletedItems/microsoft.graph.user").get();
    check("but lies in the bin", binned.value.some((user) => user.id === ada), binned.value);
    const back = await graph.api(`/directory/deletedItems/${ada}/restore`).post({});
    check("and can be restored", back.id === ada && (await graph.api(`/users/${ada}`).get()).userPrincipalName === `${mark}.0@contoso.example`, back);
    for (const id of world.ids) await graph.api(`/users/${id}`).delete();
    for (const id of [world.team, world.named]) await graph.api(`/groups/${id}`).delete();
    const left = await graph.api("/users").filter(`startswith(userPrincipalName,'${mark}')`).get();
    check("in the end nobody is left", left.value.length === 0, left.value);
}

try {
    const world = {ids: []};
    for (const chapter of [users, pages, groups, licences, delta, batch, throttling, bin]) await chapter(world);
} catch (error) {
    check(`the suite runs to its end: ${error.message}`, false, error);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
