//! A list request that can be asked again and again.

use provost_engine::object::Kind;
use provost_scim::filter::{self, Filter};
use provost_scim::leniency::{Habits, Leniency};
use provost_scim::page::Sort;
use provost_scim::schema::{Catalogue, ResourceType};
use provost_store::directory::{Object, Owner};
use provost_store::query::{self, Asked, Filters, Kinds, Page, Window};
use provost_store::{Db, Error};
use std::sync::Arc;

#[derive(Clone)]
pub struct Query {
    pub owner: Owner,
    pub catalogue: Arc<Catalogue>,
    pub kinds: Kinds,
    pub people: Option<Filter>,
    pub groups: Option<Filter>,
    pub sort: Option<Sort>,
}

impl Query {
    pub fn of(owner: Owner, kinds: Kinds, text: &str) -> Self {
        Self::with(owner, &Catalogue::standard(), kinds, text)
    }

    pub fn with(owner: Owner, catalogue: &Arc<Catalogue>, kinds: Kinds, text: &str) -> Self {
        let parse = |kind| {
            let asks = kinds == Kinds::Both || kinds == Kinds::One(kind);
            (asks && !text.is_empty()).then(|| filter_of(resource_type(catalogue, kind), text))
        };
        Self {
            owner,
            catalogue: catalogue.clone(),
            kinds,
            people: parse(Kind::Person),
            groups: parse(Kind::Group),
            sort: None,
        }
    }

    pub fn sorted(mut self, by: &str, descending: bool) -> Self {
        let kind = if self.kinds == Kinds::One(Kind::Group) {
            Kind::Group
        } else {
            Kind::Person
        };
        let order = if descending { "descending" } else { "ascending" };
        self.sort = Sort::parse(resource_type(&self.catalogue, kind), Some(by), Some(order)).unwrap();
        assert!(self.sort.is_some(), "{by}");
        self
    }

    pub async fn page(&self, db: &Db, window: Window) -> Result<Page, Error> {
        let this = self.clone();
        db.read(move |tx| {
            let asked = Asked {
                owner: this.owner,
                catalogue: &this.catalogue,
                kinds: this.kinds,
                filter: Filters {
                    people: this.people.as_ref(),
                    groups: this.groups.as_ref(),
                },
                sort: this.sort.as_ref(),
                window: window.clone(),
            };
            query::list(tx, &asked)
        })
        .await
    }

    /// The whole list, by positions.
    pub async fn walk(&self, db: &Db, count: u64) -> Vec<Object> {
        let (mut all, mut position) = (Vec::new(), None);
        loop {
            let page = self.page(db, Window::After { position, count }).await.unwrap();
            assert!(page.objects.len() as u64 <= count);
            all.extend(page.objects);
            position = page.next;
            if position.is_none() {
                return all;
            }
        }
    }
}

pub fn filter_of(rt: &ResourceType, text: &str) -> Filter {
    filter::parse(text, rt, &Leniency::default(), &mut Habits::default())
        .unwrap_or_else(|e| panic!("{text}: {e}"))
}

pub fn resource_type(catalogue: &Catalogue, kind: Kind) -> &ResourceType {
    match kind {
        Kind::Person => catalogue.user(),
        Kind::Group => catalogue.group(),
    }
}
