//! Identifiers of Microsoft 365: which person holds which object id and which immutable id, what accounts a tenant has,
//! and how accounts and people stand to each other.
//!
//! Two people of a workspace never hold the same identifier: the table's key keeps that for every writer, and
//! [`held::refuse_taken`] explains it with the name of who holds it. An engine's link to a tenant's account holds its
//! object id; a link that a person makes here holds it without one, until a cycle adopts the account.

mod account;
mod exempt;
mod held;
mod list;
mod merge;
mod person;
mod reading;
mod suggestion;
mod tie;

pub use account::{
    Account, Facts, ImmutableState, Place, account, accounts_after, accounts_of, forget_accounts,
    immutable_of, noted_immutable, put_accounts, to_write,
};
pub use exempt::{exempt_account, exempt_person, withdraw_account, withdraw_person};
pub use held::{Holder, Sort, account_of, holder, holders};
pub use list::{
    AccountsAsked, AccountsPage, After, Counts, Mark, PeopleAsked, PeoplePage, PersonLine, account_counts,
    accounts, people, people_counts,
};
pub use merge::{Merge, merge, merge_preview};
pub use person::{Person, add_people, person};
pub use reading::{Reading, begin, end, reading};
pub use suggestion::{Suggestion, drop_suggestion, suggest, suggestions};
pub use tie::{tie, untie};

pub(crate) use account::STATEMENTS as ACCOUNT_STATEMENTS;
pub(crate) use exempt::STATEMENTS as EXEMPT_STATEMENTS;
pub(crate) use held::{
    STATEMENTS as HELD_STATEMENTS, drop_connection, drop_rule, forget, linked, target_of, unlinked,
};
pub(crate) use list::STATEMENTS as LIST_STATEMENTS;
pub(crate) use merge::STATEMENTS as MERGE_STATEMENTS;
pub(crate) use person::{STATEMENTS as PERSON_STATEMENTS, arrived, left, renamed};
pub(crate) use reading::STATEMENTS as READING_STATEMENTS;
pub(crate) use suggestion::STATEMENTS as SUGGESTION_STATEMENTS;
pub(crate) use tie::STATEMENTS as TIE_STATEMENTS;

/// The attribute of an account that ties a federated sign-in to it (Microsoft Graph, "user resource type").
pub const IMMUTABLE_ID: &str = "onPremisesImmutableId";

crate::word::words! {
    /// How an account or a person stands to the other side, in the order in which a list shows them.
    LinkState, "state of a link":
    /// Nobody is known to belong to it.
    Unlinked = "unlinked",
    /// Somebody may belong to it; a person has to say so.
    Suggested = "suggested",
    /// Somebody said that it needs nobody, with a reason.
    Exempt = "exempt",
    /// It is tied to the other side by the object id.
    Linked = "linked",
}

impl LinkState {
    /// The number in the database.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Unlinked => 1,
            Self::Suggested => 2,
            Self::Exempt => 3,
            Self::Linked => 4,
        }
    }

    /// The state behind a number.
    pub(crate) fn of(number: i64) -> Self {
        match number {
            2 => Self::Suggested,
            3 => Self::Exempt,
            4 => Self::Linked,
            _ => Self::Unlinked,
        }
    }
}
