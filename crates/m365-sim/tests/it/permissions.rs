use serde_json::json;

use crate::world::{World, group, user};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn reading_is_not_writing() {
    let world = World::with_roles(&["User.Read.All", "GroupMember.Read.All"]).await;
    for path in ["/users", "/groups", "/users/delta", "/groups/delta"] {
        assert_eq!(world.get(path).await.status, 200, "{path}");
    }
    assert_eq!(
        world.get(&format!("/groups/{NOBODY}/members")).await.status,
        404,
        "allowed, not there"
    );
    let refused = [
        ("POST", "/users".to_owned(), Some(user("ada"))),
        ("PATCH", format!("/users/{NOBODY}"), Some(json!({"city": "x"}))),
        ("PATCH", format!("/users/{NOBODY}"), Some(json!({}))),
        ("DELETE", format!("/users/{NOBODY}"), None),
        (
            "PUT",
            format!("/users/{NOBODY}/manager/$ref"),
            Some(world.reference(NOBODY)),
        ),
        ("POST", format!("/users/{NOBODY}/revokeSignInSessions"), None),
        (
            "POST",
            format!("/users/{NOBODY}/assignLicense"),
            Some(json!({"addLicenses": [], "removeLicenses": []})),
        ),
        ("POST", "/groups".to_owned(), Some(group("team"))),
        (
            "PATCH",
            format!("/groups/{NOBODY}"),
            Some(json!({"displayName": "x"})),
        ),
        ("PATCH", "/groups(uniqueName='x')".to_owned(), Some(group("x"))),
        ("DELETE", format!("/groups/{NOBODY}"), None),
        (
            "POST",
            format!("/groups/{NOBODY}/members/$ref"),
            Some(world.reference(NOBODY)),
        ),
        ("DELETE", format!("/groups/{NOBODY}/members/{NOBODY}/$ref"), None),
        ("GET", "/subscribedSkus".to_owned(), None),
        ("GET", "/servicePrincipals".to_owned(), None),
        ("GET", format!("/users/{NOBODY}/memberOf"), None),
        ("GET", format!("/directoryObjects/{NOBODY}"), None),
    ];
    for (method, path, body) in refused {
        let answer = world.call(method, &path, &[], body).await;
        assert_eq!(
            answer.refusal(),
            (403, "Authorization_RequestDenied"),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn small_permissions_allow_small_changes() {
    let world = World::with_roles(&[
        "User.Read.All",
        "User.EnableDisableAccount.All",
        "User-Phone.ReadWrite.All",
    ])
    .await;
    let path = format!("/users/{NOBODY}");
    for allowed in [
        json!({"accountEnabled": false}),
        json!({"mobilePhone": "1"}),
        json!({"accountEnabled": true, "businessPhones": []}),
    ] {
        assert_eq!(world.patch(&path, allowed.clone()).await.status, 404, "{allowed}");
    }
    for denied in [
        json!({"accountEnabled": false, "city": "x"}),
        json!({"otherMails": []}),
        json!({"userPrincipalName": "x"}),
    ] {
        assert_eq!(world.patch(&path, denied.clone()).await.status, 403, "{denied}");
    }
    let leave = json!({"employeeLeaveDateTime": "2026-02-01T00:00:00Z"});
    let writer = World::contoso().await;
    let ada = writer.user("ada").await;
    assert_eq!(
        writer.patch(&format!("/users/{ada}"), leave).await.status,
        403,
        "has a permission of its own"
    );
}

#[tokio::test]
async fn creating_groups_is_not_changing_them() {
    let world = World::with_roles(&["Group.Create", "GroupMember.ReadWrite.All"]).await;
    let id = world.group("team").await;
    assert_eq!(
        world
            .patch(&format!("/groups/{id}"), json!({"displayName": "x"}))
            .await
            .status,
        403
    );
    assert_eq!(world.delete(&format!("/groups/{id}")).await.status, 403);
    let bind = json!({"members@odata.bind": world.references(&[NOBODY.to_owned()])});
    assert_eq!(
        world.patch(&format!("/groups/{id}"), bind).await.status,
        404,
        "members may be added"
    );
    let upsert = |body| {
        world.call(
            "PATCH",
            "/groups(uniqueName='u')",
            &[("Prefer", "create-if-missing")],
            Some(body),
        )
    };
    assert_eq!(upsert(group("u")).await.status, 201);
    assert_eq!(upsert(group("u")).await.status, 403, "now it would be a change");
}
