// SCIMMY behind its own routers: somebody else's application, which accounts are provisioned to. Everything is
// in memory. Prints `ready URL` when it listens.
//
//   node scimmy_server.mjs TOKEN
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const token = process.argv[2];

function notFound(id) {
    return new SCIMMY.Types.Error(404, null, `nothing has the id ${id}`);
}

// Handlers over one map: SCIMMY validates, filters, patches and renders.
function keep(name, unique) {
    const kept = new Map();
    let last = 0;
    return {
        ingress(resource, data) {
            const id = resource.id ?? `${name}-${++last}`;
            if (resource.id && !kept.has(id)) throw notFound(id);
            const value = data[unique]?.toLowerCase();
            for (const [other, thing] of kept) {
                if (other !== id && thing[unique]?.toLowerCase() === value) {
                    throw new SCIMMY.Types.Error(409, "uniqueness", `${unique} is taken`);
                }
            }
            const now = new Date();
            const meta = {created: kept.get(id)?.meta.created ?? now, lastModified: now};
            kept.set(id, {...JSON.parse(JSON.stringify(data)), id, meta});
            return kept.get(id);
        },
        egress(resource) {
            if (resource.id) {
                if (!kept.has(resource.id)) throw notFound(resource.id);
                return kept.get(resource.id);
            }
            const all = [...kept.values()];
            return resource.filter ? resource.filter.match(all) : all;
        },
        degress(resource) {
            if (!kept.delete(resource.id)) throw notFound(resource.id);
        },
    };
}

function declare(type, handlers) {
    return SCIMMY.Resources.declare(type)
        .ingress(handlers.ingress).egress(handlers.egress).degress(handlers.degress);
}

declare(SCIMMY.Resources.User, keep("user", "userName"));
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser);
declare(SCIMMY.Resources.Group, keep("group", "displayName"));

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("the token is not known");
        return "provost";
    },
}));
const server = app.listen(0, "127.0.0.1", () => {
    console.log(`ready http://127.0.0.1:${server.address().port}/scim/v2`);
});
