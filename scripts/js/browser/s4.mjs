// An administrator's way through an application of users and groups, such as Peripass: first the vendor's half, in the
// vendor's Provost, then the customer's, in theirs.
//
//     node s4.mjs '{"vendor": {"link": …, "base": …}, "customer": {"link": …, "base": …}}'

import { live } from "./application.mjs";
import * as customers from "./s4_connection.mjs";
import * as cycles from "./s4_cycles.mjs";
import * as vendors from "./s4_vendor.mjs";

await live("s4", [
  vendors.prerequisites, vendors.provider, vendors.second,
  customers.connection, customers.mappings, customers.groups,
  cycles.start, cycles.mobile, cycles.members, cycles.names, cycles.demand, cycles.leave,
  vendors.habits, vendors.monitor,
]);
