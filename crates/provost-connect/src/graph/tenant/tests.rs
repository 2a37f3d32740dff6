use super::*;
use proptest::prelude::*;

const ID: &str = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";

fn known(text: &str) -> (String, Option<Cloud>) {
    let tenant = parse(text).unwrap();
    (tenant.name, tenant.cloud)
}

#[test]
fn an_id_a_domain_and_whatever_the_portal_gives_to_copy() {
    let global = Some(Cloud::Global);
    for (text, name, cloud) in [
        (ID, ID, None),
        (" {6F1C2C2E-5B0A-4D2E-9A63-0F1E7C0DE365} ", ID, None),
        ("6f1c2c2e5b0a4d2e9a630f1e7c0de365", ID, None),
        ("Contoso.onmicrosoft.com", "contoso.onmicrosoft.com", None),
        (
            "https://login.microsoftonline.com/6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365/oauth2/v2.0/token",
            ID,
            global,
        ),
        (
            "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize?client_id=x",
            "contoso.example",
            global,
        ),
        (
            "https://login.microsoftonline.com/contoso.example/v2.0/.well-known/openid-configuration",
            "contoso.example",
            global,
        ),
        (
            "login.microsoftonline.com/contoso.example/oauth2/token",
            "contoso.example",
            global,
        ),
        (
            "https://login.microsoftonline.com/6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365/federationmetadata/2007-06/federationmetadata.xml",
            ID,
            global,
        ),
        (
            "https://login.microsoftonline.com/6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365/saml2",
            ID,
            global,
        ),
        (
            "https://sts.windows.net/6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365/",
            ID,
            global,
        ),
        (
            "https://graph.windows.net/6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365/$metadata?api-version=1.6",
            ID,
            global,
        ),
        (
            "https://graph.microsoft.com/v1.0/contoso.example/$metadata",
            "contoso.example",
            global,
        ),
        (
            "https://portal.azure.com/#@contoso.example/blade/Microsoft_AAD_IAM/ActiveDirectoryMenuBlade/Overview",
            "contoso.example",
            global,
        ),
        (
            "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/TenantOverview.ReactView/tenantId/6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365",
            ID,
            global,
        ),
        (
            "https://entra.microsoft.com/?tid=6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365#home",
            ID,
            global,
        ),
        (
            "https://login.microsoftonline.us/contoso.example/oauth2/v2.0/token",
            "contoso.example",
            Some(Cloud::UsGovernment),
        ),
        (
            "https://dod-graph.microsoft.us/v1.0/contoso.example/users",
            "contoso.example",
            Some(Cloud::UsDod),
        ),
        (
            "https://login.chinacloudapi.cn/contoso.example/oauth2/v2.0/token",
            "contoso.example",
            Some(Cloud::China),
        ),
    ] {
        assert_eq!(known(text), (name.to_owned(), cloud), "{text}");
    }
}

#[test]
fn what_is_not_a_tenant_is_said_to_be_what_it_is() {
    for (text, said) in [
        ("", "empty"),
        ("common", "any tenant"),
        (
            "https://login.microsoftonline.com/organizations/oauth2/v2.0/token",
            "any tenant",
        ),
        ("00000000-0000-0000-0000-000000000000", "empty id"),
        ("ada@contoso.example", "enter `contoso.example`"),
        ("Contoso", "neither"),
        (
            "https://login.microsoftonline.de/contoso.example/oauth2/token",
            "closed",
        ),
        ("https://app.contoso.example/scim/v2", "no address of Microsoft"),
        (
            "https://graph.microsoft.com/v1.0/$metadata",
            "does not hold the tenant",
        ),
        ("https://graph.microsoft.com/v1.0", "does not hold the tenant"),
        (
            "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f",
            "does not hold the tenant",
        ),
        ("https://", "not an address"),
        ("contoso..example", "neither"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(said), "{text}: {error}");
    }
}

fn domains() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z]{2,10}){1,3}"
}

proptest! {
    #[test]
    fn any_text_gives_a_tenant_or_a_sentence(text in "\\PC{0,200}") {
        match parse(&text) {
            Ok(tenant) => {
                // What comes out can be put into a path, and is read as the same again.
                prop_assert!(tenant.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'));
                prop_assert_eq!(parse(&tenant.name).unwrap().name, tenant.name);
            }
            Err(sentence) => prop_assert!(sentence.len() > 10),
        }
    }

    #[test]
    fn a_domain_is_found_in_any_endpoint(domain in domains(), cloud in 0_usize..4) {
        let cloud = Cloud::ALL[cloud];
        for rest in ["oauth2/v2.0/token", "oauth2/v2.0/authorize", "v2.0/.well-known/openid-configuration", ""] {
            let found = parse(&format!("{}/{domain}/{rest}", cloud.login_url())).unwrap();
            prop_assert_eq!(&found.name, &domain);
            prop_assert!(found.cloud.unwrap().shares_sign_in(cloud));
        }
        prop_assert_eq!(parse(&domain.to_ascii_uppercase()).unwrap().name, domain);
    }

    #[test]
    fn an_id_is_one_in_every_spelling(bytes in any::<u128>().prop_filter("nil", |n| *n != 0)) {
        let id = uuid::Uuid::from_u128(bytes);
        for text in [id.to_string(), id.braced().to_string().to_uppercase(), id.simple().to_string()] {
            let tenant = parse(&text).unwrap();
            prop_assert!(tenant.is_id());
            prop_assert_eq!(tenant.name, id.to_string());
        }
    }
}

#[test]
fn a_domain_alone_is_taken_in_its_canonical_form() {
    for (text, wanted) in [
        ("contoso.example", "contoso.example"),
        (" Contoso.EXAMPLE\n", "contoso.example"),
        ("müller.contoso.example", "xn--mller-kva.contoso.example"),
    ] {
        assert_eq!(domain(text).as_deref(), Ok(wanted));
    }
    for (text, said) in [
        ("", "is empty"),
        ("https://contoso.example", "is an address"),
        ("contoso.example/x", "is an address"),
        ("ann@contoso.example", "its domain is `contoso.example`"),
        ("contoso", "is not a domain"),
        ("contoso.example.", "is not a domain"),
        ("con toso.example", "is not a domain"),
        ("-contoso.example", "is not a domain"),
        ("6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365", "is not a domain"),
        ("127.0.0.1", "is not a domain"),
    ] {
        let error = domain(text).unwrap_err();
        assert!(error.contains(said), "{text}: {error}");
    }
}
