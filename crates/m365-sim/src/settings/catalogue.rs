//! What a tenant has bought, and the sample tenant's price list.
//!
//! Ids and names of products and plans are Microsoft's own, the same in every tenant (Entra documentation, "Product
//! names and service plan identifiers for licensing").

/// A product the tenant has bought, with its seats.
#[derive(Debug, Clone)]
pub struct Sku {
    /// The product's id, a GUID.
    pub sku_id: String,
    /// The product's short name, such as `SPE_E3`.
    pub part_number: String,
    /// The services it consists of.
    pub plans: Vec<Plan>,
    /// Seats bought.
    pub seats: u32,
    /// Seats of a subscription that has ended and is in its grace period.
    pub warning: u32,
    /// Seats of a subscription that was suspended after that: nobody can have them.
    pub suspended: u32,
    /// Assignable to users. Products for the whole company are not.
    pub for_users: bool,
}

impl Sku {
    /// A product for users, with so many seats that are paid for.
    #[must_use]
    pub fn new(sku_id: &str, part_number: &str, seats: u32, plans: Vec<Plan>) -> Sku {
        Sku {
            sku_id: sku_id.to_owned(),
            part_number: part_number.to_owned(),
            plans,
            seats,
            warning: 0,
            suspended: 0,
            for_users: true,
        }
    }

    /// The same for the whole company, assignable to nobody.
    #[must_use]
    pub fn for_company(self) -> Sku {
        Sku {
            for_users: false,
            ..self
        }
    }

    pub(crate) fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id.eq_ignore_ascii_case(id))
    }

    /// Whether the subscription runs, by its seats.
    pub(crate) fn capability(&self) -> &'static str {
        match (self.seats, self.warning, self.suspended) {
            (0, 0, 1..) => "Suspended",
            (0, 1.., _) => "Warning",
            _ => "Enabled",
        }
    }
}

/// A service plan within a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The plan's id, a GUID.
    pub id: String,
    /// The plan's short name. A licence with a plan named `EXCHANGE…` gives its user a mail address.
    pub name: String,
    /// Ids of plans of which one must be switched on too.
    pub requires: Vec<String>,
    /// Ids of plans that nobody can have together with this one.
    pub excludes: Vec<String>,
    /// Usage locations where the service may not be offered.
    pub prohibited_in: Vec<String>,
}

impl Plan {
    /// A plan that goes with everything, everywhere.
    #[must_use]
    pub fn new(id: &str, name: &str) -> Plan {
        Plan {
            id: id.to_owned(),
            name: name.to_owned(),
            requires: Vec::new(),
            excludes: Vec::new(),
            prohibited_in: Vec::new(),
        }
    }

    /// The same, in need of one of these plans.
    #[must_use]
    pub fn requiring(self, ids: &[&str]) -> Plan {
        let requires = ids.iter().map(|id| (*id).to_owned()).collect();
        Plan { requires, ..self }
    }

    /// The same, at odds with these plans.
    #[must_use]
    pub fn excluding(self, ids: &[&str]) -> Plan {
        let excludes = ids.iter().map(|id| (*id).to_owned()).collect();
        Plan { excludes, ..self }
    }

    /// The same, not to be had in these countries.
    #[must_use]
    pub fn prohibited_in(self, countries: &[&str]) -> Plan {
        let prohibited_in = countries.iter().map(|code| (*code).to_owned()).collect();
        Plan {
            prohibited_in,
            ..self
        }
    }
}

const EXCHANGE: &str = "efb87545-963c-4e0d-99df-69c6916d9eb0";
const EXCHANGE_KIOSK: &str = "4a82b400-a79f-41a4-b4e2-e94f5787b113";
const SHAREPOINT: &str = "5dbe027f-2339-4123-9542-606e4d348a72";
const SHAREPOINT_KIOSK: &str = "902b47e5-dcb2-4fdc-858b-c63a90a2bdb9";
const SKYPE: &str = "0feaeb32-d00e-4d66-bd5a-43b5b83db82c";

/// Microsoft 365 E3, E5 and F3 (their mailboxes exclude each other), two add-ons that need a plan of those, a free
/// product, and one for the whole company.
pub(super) fn contoso() -> Vec<Sku> {
    let phone = || Plan::new("4828c8ec-dc2e-4779-b502-87ac9ce28ab7", "MCOEV").requiring(&[SKYPE]);
    let flow = Plan::new("50e68c76-46c6-4674-81f9-75456511b170", "FLOW_P2_VIRAL");
    let calls = Plan::new("3e26ee1f-8a5f-4d52-aee2-b81ce45c8f40", "MCOMEETADV")
        .requiring(&[SKYPE])
        .prohibited_in(&["CU", "IR", "KP", "SY"]);
    let store = Plan::new("a420f25f-a7b3-4ff5-a9d0-5d58f73b537d", "WINDOWS_STORE");
    let mut full = office();
    full.push(phone());
    full.push(Plan::new(
        "8e0c0a52-6a6c-4d40-8370-dd62790dcd70",
        "THREAT_INTELLIGENCE",
    ));
    vec![
        Sku::new("05e9a617-0261-4cee-bb44-138d3ef5d965", "SPE_E3", 250, office()),
        Sku::new(
            "f30db892-07e9-47e9-837c-80727f46fd3d",
            "FLOW_FREE",
            10_000,
            vec![flow],
        ),
        Sku::new("06ebc4ee-1bb5-47dd-8120-11324bc54e06", "SPE_E5", 25, full),
        Sku::new("66b55226-6b4f-492c-910c-a3b7a3c9d993", "SPE_F1", 100, kiosk()),
        Sku::new("e43b5b99-8dfb-405f-9987-dc307f34bcbd", "MCOEV", 10, vec![phone()]),
        Sku::new(
            "0c266dff-15dd-4b49-8397-2bb16070ed52",
            "MCOMEETADV",
            10,
            vec![calls],
        ),
        Sku::new(
            "6470687e-a428-4b7a-bef2-8a291ad947c9",
            "WINDOWS_STORE",
            25,
            vec![store],
        )
        .for_company(),
    ]
}

/// What E3 and E5 share. Office for the web works on files in SharePoint.
fn office() -> Vec<Plan> {
    vec![
        Plan::new(EXCHANGE, "EXCHANGE_S_ENTERPRISE").excluding(&[EXCHANGE_KIOSK]),
        Plan::new("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1"),
        Plan::new(SHAREPOINT, "SHAREPOINTENTERPRISE").excluding(&[SHAREPOINT_KIOSK]),
        Plan::new("e95bec33-7c88-4a70-8e19-b10bd9d0c014", "SHAREPOINTWAC").requiring(&[SHAREPOINT]),
        Plan::new(SKYPE, "MCOSTANDARD"),
    ]
}

fn kiosk() -> Vec<Plan> {
    vec![
        Plan::new(EXCHANGE_KIOSK, "EXCHANGE_S_DESKLESS").excluding(&[EXCHANGE]),
        Plan::new("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1"),
        Plan::new(SHAREPOINT_KIOSK, "SHAREPOINTDESKLESS").excluding(&[SHAREPOINT]),
    ]
}
