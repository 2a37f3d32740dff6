use m365_sim::{Domain, Settings};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_tenant_tells_its_name_and_domains() {
    let world =
        World::start(|settings| settings.domains.push(Domain::federated("fed.contoso.example"))).await;
    let answer = world
        .get("/organization?$select=id,displayName,verifiedDomains,tenantType,onPremisesSyncEnabled")
        .await;
    let tenant = &answer.values()[0];
    assert_eq!(
        (&tenant["id"], &tenant["displayName"]),
        (&json!(Settings::CONTOSO_TENANT), &json!("Contoso"))
    );
    assert_eq!(tenant["verifiedDomains"].as_array().unwrap().len(), 3);
    assert_eq!(tenant["verifiedDomains"][0]["isInitial"], true);
    assert_eq!(
        world
            .get(&format!("/organization/{}", Settings::CONTOSO_TENANT))
            .await
            .body["id"],
        Settings::CONTOSO_TENANT
    );
    assert_eq!(world.get("/organization/x").await.status, 404);
}

#[tokio::test]
async fn domains_need_a_permission_of_their_own() {
    let world = World::contoso().await;
    assert_eq!(
        world.get("/domains").await.refusal(),
        (403, "Authorization_RequestDenied")
    );
    let world = World::with_roles(&["Domain.Read.All"]).await;
    assert_eq!(
        world.get("/domains").await.column("id"),
        ["contoso.onmicrosoft.com", "contoso.example"]
    );
    assert_eq!(
        world.get("/domains/contoso.example").await.body["authenticationType"],
        "Managed"
    );
    assert_eq!(world.get("/domains/elsewhere.example").await.status, 404);
}

#[tokio::test]
async fn an_application_can_find_out_what_it_was_granted() {
    let world = World::with_roles(&["Application.Read.All", "User.Read.All"]).await;
    let own = world
        .get(&format!(
            "/servicePrincipals(appId='{}')",
            Settings::CONTOSO_CLIENT_ID
        ))
        .await;
    assert_eq!(own.body["appId"], Settings::CONTOSO_CLIENT_ID);
    let graph = world
        .get("/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'")
        .await;
    let granted = world
        .get(&format!("/servicePrincipals/{}/appRoleAssignments", own.id()))
        .await;
    assert_eq!(
        granted.column("appRoleId"),
        [
            "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
            "df021288-bdef-4463-88db-98f22de89214"
        ]
    );
    assert_eq!(granted.values()[0]["resourceId"], graph.values()[0]["id"]);
    let roles = graph.values()[0]["appRoles"].as_array().unwrap();
    assert!(
        roles
            .iter()
            .any(|role| role["value"] == "User.Read.All"
                && role["id"] == "df021288-bdef-4463-88db-98f22de89214")
    );
    assert_eq!(
        world.get(&format!("/servicePrincipals/{}", own.id())).await.body["id"],
        own.body["id"]
    );
    assert_eq!(world.get("/servicePrincipals").await.values().len(), 2);
    assert_eq!(world.get("/servicePrincipals(appId='x')").await.status, 404);
    assert_eq!(
        world
            .get("/servicePrincipals?$filter=displayName eq 'x'")
            .await
            .status,
        400
    );
}
