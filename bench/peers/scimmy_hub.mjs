// SCIMMY behind its own routers on Express 4. It brings no database: people are in memory, looked up by id in a
// map, and filters are SCIMMY's own, over everybody, as its handlers are documented.
//
//   node scimmy_hub.mjs PORT PEOPLE
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, count] = process.argv.slice(2).map(Number);
const people = new Map();
const names = new Set();
let last = 0;

function add(person) {
    const name = person.userName.toLowerCase();
    if (names.has(name)) throw new SCIMMY.Types.Error(409, "uniqueness", "userName is taken");
    names.add(name);
    person.id = String(++last);
    people.set(person.id, person);
    return person;
}

SCIMMY.Resources.declare(SCIMMY.Resources.User).ingress((resource, data) => {
    if (!resource.id) return add({...data});
    if (!people.has(resource.id)) throw new SCIMMY.Types.Error(404, null, "no such person");
    const person = {...data, id: resource.id};
    people.set(resource.id, person);
    return person;
}).egress((resource) => {
    if (resource.id) {
        if (!people.has(resource.id)) throw new SCIMMY.Types.Error(404, null, "no such person");
        return people.get(resource.id);
    }
    const all = [...people.values()];
    return resource.filter ? resource.filter.match(all) : all;
}).degress((resource) => {
    people.delete(resource.id);
});

// The same externalId as the load driver gives to the person of this number.
function externalId(i) {
    const first = ((i ^ 0x5bd1e995) >>> 0).toString(16).padStart(8, "0");
    const rest = (BigInt(i) * 0x9E3779B97F4A7C15n) & 0xffffffffffffn;
    return `${first}-4b1c-4d7e-9a5f-${rest.toString(16).padStart(12, "0")}`;
}

for (let i = 0; i < count; i++) {
    const name = `user${String(i).padStart(8, "0")}@example.com`;
    add({
        userName: name, externalId: externalId(i), active: true, displayName: `Anna Andersen ${i}`, title: "Senior Specialist",
        name: {formatted: "Anna Andersen", givenName: "Anna", familyName: "Andersen"}, emails: [{value: name, type: "work", primary: true}],
    });
}

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== "Bearer secret") throw new Error("no token");
        return "bench";
    },
}));
app.listen(port, "127.0.0.1");
