//! The habits of an application.

/// Habits.
#[derive(Debug, Clone, Default)]
pub struct Quirks {
    /// PATCH answers this status.
    pub patch_status: Option<u16>,
    /// PATCH paths with a filter are refused with 400, except in `members`.
    pub refuses_value_paths: bool,
    /// Filters are not looked at: page 1 comes back.
    pub ignores_filter: bool,
    /// Filters answer 400 `invalidFilter`.
    pub refuses_filter: bool,
    /// No discovery documents.
    pub no_discovery: bool,
    /// `startIndex` is not looked at.
    pub ignores_start: bool,
    /// `totalResults` is the size of the page.
    pub total_is_page: bool,
    /// At most this many resources in a page.
    pub page_limit: Option<usize>,
    /// `externalId` is dropped.
    pub drops_external_id: bool,
    /// A create answers without a body.
    pub empty_create: bool,
    /// ... and without `Location`.
    pub no_location: bool,
    /// Unknown members are refused; the refusal names them.
    pub names_unknown: bool,
    /// A PUT without the current version is refused.
    pub wants_version: bool,
    /// A filter that matches nobody is answered with 404.
    pub missing_is_404: bool,
    /// Adding to an element that is not there is refused, instead of making the element.
    pub add_needs_element: bool,
    /// A removal of members with a list of values removes all of them.
    pub wipes_members: bool,
    /// Booleans that come as text stay text.
    pub keeps_text: bool,
    /// Whoever is not active is left out of lists.
    pub hides_inactive: bool,
    /// DELETE is refused.
    pub never_deletes: bool,
    /// PUT answers this status.
    pub put_status: Option<u16>,
    /// DELETE answers this status.
    pub delete_status: Option<u16>,
    /// A create answers this status.
    pub create_status: Option<u16>,
    /// A taken name answers this status ...
    pub taken_status: Option<u16>,
    /// ... without `scimType`, and with this text.
    pub taken_detail: Option<&'static str>,
    /// A filter finds nobody, ever.
    pub filter_is_empty: bool,
    /// A filter compares letter by letter.
    pub filter_is_exact: bool,
    /// `[…]` in a filter is refused.
    pub plain_filter: bool,
    /// `startIndex` counts from 0.
    pub zero_based: bool,
    /// `totalResults` is this.
    pub total_is: Option<usize>,
    /// Each page begins with the last object of the one before.
    pub overlaps: bool,
    /// A page after the last is refused.
    pub refuses_beyond: bool,
    /// Pages are continued by cursor only.
    pub cursor_only: bool,
    /// After the first page one object goes away.
    pub loses_one: bool,
    /// `resources`, `"totalResults": "7"`, `"id": 7`, `"members": null`, no `meta`.
    pub odd_shape: bool,
    /// JSON after a byte order mark, called a web page.
    pub called_html: bool,
    /// Any media type but plain JSON is answered with 415.
    pub json_only: bool,
    /// Names are kept in small letters and without spaces around them.
    pub folds_names: bool,
    /// `null` anywhere in a body is refused.
    pub refuses_null: bool,
    /// Removing what is not there is refused.
    pub refuses_missing: bool,
    /// Attributes other than these are refused.
    pub knows_only: Option<&'static [&'static str]>,
    /// `active` in a PATCH is answered with success and ignored.
    pub ignores_active: bool,
    /// Whoever was deleted stays under the name, inactive and out of lists.
    pub soft_deletes: bool,
    /// Groups never show members.
    pub hides_members: bool,
    /// More members in one request are refused with 413.
    pub most_members: Option<usize>,
    /// An unknown member is answered with success, and the group is emptied.
    pub wipes_on_unknown: bool,
    /// A new object answers 404 this many times.
    pub lag: usize,
    /// The version is another one on every read.
    pub restless_versions: bool,
    /// As AWS IAM Identity Center: lists of one, at most 100 memberships, no replacing of members,
    /// only `eq` and `and`.
    pub aws: bool,
    /// As the Entra ID SCIM API: no PUT, cursor only, elements only by `[type eq "…"]`.
    pub entra: bool,
}
