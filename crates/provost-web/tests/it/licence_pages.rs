//! The page of licences: seats are read, and a group brings a product, by buttons.

use crate::browser::Browser;
use crate::console_world::check;
use crate::harness::{Server, both};
use crate::run_world::{AT, Loop, audited, field, follow};
use provost_store::administrator::Role;
use provost_store::group_licence;
use provost_store::product::{self, Product};

/// A product with seats, as if it had been read.
async fn products(server: &Server, loop_: &Loop) {
    let product = Product {
        sku: "6fd2c87f-b296-42f0-b197-1e91e994b900".to_owned(),
        name: "ENTERPRISEPACK".to_owned(),
        state: "Enabled".to_owned(),
        enabled: 25,
        warning: 0,
        suspended: 0,
        consumed: 3,
        assignable: true,
        plans: Vec::new(),
    };
    let key = loop_.connection.key;
    let write =
        move |tx: &mut provost_store::Tx| product::put_all(tx, key, 5, std::slice::from_ref(&product));
    server.db.write(write).await.unwrap();
}

async fn brought(server: &Server, loop_: &Loop) -> Vec<String> {
    let key = loop_.connection.key;
    let found = server
        .db
        .read(move |tx| group_licence::list(tx, key, 0, 10))
        .await
        .unwrap();
    found
        .into_iter()
        .map(|one| format!("{} {} {}", one.label, one.product_name, one.way))
        .collect()
}

async fn page(browser: &Browser) -> String {
    let page = browser.get(&format!("{AT}/licences")).await;
    check("licences", &page);
    page.text
}

both! {
    async fn a_group_brings_a_product_and_ends_it_after_a_question(server) {
        let loop_ = Loop::new(server, "never").await;
        products(server, &loop_).await;
        let owner = server.signed_in(Role::Owner).await;
        owner.post("/w/Contoso/groups/new", &[("display_name", "Sales")]).await;
        let shown = page(&owner).await;
        for text in ["ENTERPRISEPACK", "Read the seats now", "Have the group bring it", "Provost gives it to each member"] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        assert!(!shown.contains("provost licence"), "no command stands where a button belongs");

        let bring = format!("{AT}/licences/groups");
        let sku = "6fd2c87f-b296-42f0-b197-1e91e994b900";
        for (group, product, why) in [
            ("Buyers", sku, "There is no such group."),
            ("Sales", "none", "Choose one of the products."),
        ] {
            let refused = owner.post(&bring, &[("group", group), ("product", product), ("way", "member")]).await;
            assert!(refused.status == 422 && refused.text.contains(why), "{}", refused.text);
            assert!(refused.text.contains(&format!("value=\"{group}\"")), "what was typed stays");
        }
        let done = owner.post(&bring, &[("group", "Sales"), ("product", sku), ("way", "member")]).await;
        let after = follow(&owner, &done).await;
        assert!(after.text.contains("It was saved.") && after.text.contains("Sales"), "{}", after.text);
        assert_eq!(brought(server, &loop_).await, ["Sales ENTERPRISEPACK member"]);
        assert_eq!(audited(server, "group_licence.add").await, 1);

        let end = after.text.split("action=\"").filter_map(|part| part.split('"').next()).find(|path| path.ends_with("/end"));
        let end = end.unwrap().replace("&amp;", "&").replace("&#38;", "&");
        let operator = server.signed_in(Role::ProvisioningOperator).await;
        operator.get(&format!("{AT}/licences")).await;
        assert_eq!(operator.post(&end, &[]).await.status, 403);
        let asked = owner.post(&end, &[]).await;
        assert!(asked.status == 409 && asked.text.contains("loses it with the next cycle"), "{}", asked.text);
        let digest = field(&asked.text, "confirm");
        let done = owner.post(&end, &[("confirm", &digest)]).await;
        assert!(follow(&owner, &done).await.text.contains("It has ended."));
        assert!(brought(server, &loop_).await.is_empty());
    }

    async fn seats_are_read_by_who_may_run_cycles(server) {
        let loop_ = Loop::new(server, "never").await;
        products(server, &loop_).await;
        let auditor = server.signed_in(Role::Auditor).await;
        let shown = page(&auditor).await;
        assert!(shown.contains("It takes the role owner, configuration admin or provisioning operator."), "{shown}");
        let operator = server.signed_in(Role::ProvisioningOperator).await;
        page(&operator).await;
        let read = operator.post(&format!("{AT}/licences/read"), &[]).await;
        // This target was asked, and is one without licences.
        assert_eq!(read.status, 409, "{}", read.text);
        assert!(read.text.contains("the target does not support licences"), "{}", read.text);
        assert_eq!(auditor.post(&format!("{AT}/licences/read"), &[]).await.status, 403);
    }
}
