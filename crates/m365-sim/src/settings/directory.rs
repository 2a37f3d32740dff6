//! What no source settles about users, groups, licences and domains.

use serde::{Deserialize, Serialize};

/// Facts about the directory that were not found in a source. Each switch is off by default: off is the likelier
/// behaviour, on the other one, and a client has to work with both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct UnprovedDirectory {
    /// A deleted user keeps its seats while it is in the bin. Off: they are free at once.
    pub bin_keeps_seats: bool,
    /// A deleted user keeps its name while it is in the bin, and nobody else can have it. Off: the id is written before
    /// the name, which is free then.
    pub bin_keeps_names: bool,
    /// Deleted security groups go into the bin too. Off: they are gone at once.
    pub security_groups_in_bin: bool,
    /// Giving a product to who has it adds to the disabled plans. Off: it replaces them.
    pub resend_adds_disabled_plans: bool,
    /// Taking away a licence that comes from a group is accepted and does nothing. Off: 400.
    pub inherited_removal_ignored: bool,
    /// Licences of a group reach the members of groups within it. Off: direct members only.
    pub nested_members_inherit: bool,
    /// Seats of a subscription in its grace period cannot be given any more. Off: they count as free.
    pub warning_seats_lost: bool,
    /// Asking for the federation of a managed domain is answered 404. Off: with an empty list.
    pub managed_federation_missing: bool,
    /// Creating a federation without a certificate is answered 500 and leaves the domain federated with nobody, which Graph
    /// cannot mend. Off: it is refused and nothing changes.
    pub missing_certificate_breaks: bool,
    /// Several domains may be federated with one issuer. Off: 409, an issuer is unique in the world.
    pub issuer_may_repeat: bool,
    /// Writing to a group that is read-only here (distribution, mail-enabled security) is answered 400. Off: 403.
    pub read_only_group_is_bad_request: bool,
    /// `manager@odata.bind` in the body of a new user is refused. Off: it is carried out.
    pub manager_bind_refused: bool,
    /// An immutable id cannot be cleared, whatever the domain. Off: in a managed domain it can.
    pub immutable_id_kept: bool,
    /// A mail address cannot be cleared. Off: null clears it, and the user keeps it as a further proxy address.
    pub mail_kept: bool,
    /// An application cannot write `employeeHireDate`: 403. Off: it can.
    pub hire_date_refused: bool,
    /// The audit log reaches back seven days. Off: thirty.
    pub audits_for_a_week: bool,
}
