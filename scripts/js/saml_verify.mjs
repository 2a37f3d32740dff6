// node-saml as the relying party: reads what it is to judge as JSON, prints its verdicts as JSON.
//
//   node saml_verify.mjs < given.json        see scripts/py/saml.py
import {readFileSync} from "node:fs";
import {SAML, ValidateInResponseTo} from "@node-saml/node-saml";

const given = JSON.parse(readFileSync(0, "utf8"));

async function verdict(response) {
    const asked = new Map([[given.request, new Date().toISOString()]]);
    const saml = new SAML({
        callbackUrl: given.reply,
        entryPoint: "https://hub.contoso.example/idp/contoso/sso",
        issuer: given.audience,
        audience: given.audience,
        idpIssuer: given.issuer,
        idpCert: given.certificate,
        wantAssertionsSigned: true,
        wantAuthnResponseSigned: false,
        validateInResponseTo: ValidateInResponseTo.always,
        cacheProvider: {
            saveAsync: async (key, value) => ({value, createdAt: asked.set(key, value) && Date.now()}),
            getAsync: async (key) => asked.get(key) ?? null,
            removeAsync: async (key) => (asked.delete(key) ? key : null),
        },
    });
    try {
        const {profile} = await saml.validatePostResponseAsync({SAMLResponse: response});
        return {profile: {nameID: profile.nameID, IDPEmail: profile.IDPEmail}};
    } catch (error) {
        return {error: String(error)};
    }
}

const changed = Buffer.from(Buffer.from(given.response, "base64").toString().replace("3f2a-", "4f2a-")).toString("base64");
console.log(JSON.stringify({genuine: await verdict(given.response), changed: await verdict(changed)}));
