// An administrator's way through an application of users only, such as Connecter: first the vendor's half, in the
// vendor's Provost, then the customer's, in theirs.
//
//     node s3.mjs '{"vendor": {"link": …, "base": …}, "customer": {"link": …, "base": …},
//               "entra": {"url": …, "tenant": …, "client_id": …, "client_secret": …}}'

import { live } from "./application.mjs";
import * as consents from "./s3_consent.mjs";
import * as customers from "./s3_connection.mjs";
import * as cycles from "./s3_cycles.mjs";
import * as trouble from "./s3_trouble.mjs";
import * as vendors from "./s3_vendor.mjs";

await live("s3", [
  vendors.team, vendors.provider, consents.consent, consents.customersConsent, vendors.token, vendors.setupLink,
  customers.connection, customers.assignments, customers.role, customers.notice, customers.mappings,
  cycles.start, cycles.scope, cycles.interval, cycles.leave, cycles.ambiguous,
  trouble.failure, trouble.quarantine,
]);
