//! temp
use std::time::Instant;
use m365_sim::*;
use serde_json::json;
#[tokio::main]
async fn main() {
    let sim = Simulator::new(Settings::contoso()).unwrap();
    let l = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", l.local_addr().unwrap());
    tokio::spawn(sim.clone().serve(l));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let t = http.post(format!("{url}/{}/oauth2/v2.0/token", Settings::CONTOSO_TENANT)).header("content-type","application/x-www-form-urlencoded").body(format!("grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default", Settings::CONTOSO_CLIENT_ID, Settings::CONTOSO_CLIENT_SECRET)).send().await.unwrap().text().await.unwrap();
    let t: serde_json::Value = serde_json::from_str(&t).unwrap();
    let token = t["access_token"].as_str().unwrap().to_owned();
    let measure = |name: &'static str, n: usize, make: Box<dyn Fn(usize) -> (String, String, Option<String>)>| {
        let (http, token, url) = (http.clone(), token.clone(), url.clone());
        async move {
            let start = Instant::now();
            let mut tasks = Vec::new();
            let all: Vec<_> = (0..n).map(|i| make(i)).collect();
            let all = std::sync::Arc::new(all);
            for w in 0..16 {
                let (http, token, url, all) = (http.clone(), token.clone(), url.clone(), all.clone());
                tasks.push(tokio::spawn(async move {
                    let mut i = w;
                    while i < all.len() {
                        let (m, p, b) = &all[i];
                        let mut r = http.request(m.parse().unwrap(), format!("{url}/v1.0{p}")).bearer_auth(&token);
                        if let Some(b) = b { r = r.header("content-type", "application/json").body(b.clone()); }
                        let r = r.send().await.unwrap();
                        assert!(r.status().as_u16() < 300, "{}", r.text().await.unwrap());
                        r.bytes().await.unwrap();
                        i += 16;
                    }
                }));
            }
            for t in tasks { t.await.unwrap(); }
            let s = start.elapsed().as_secs_f64();
            println!("{name}: {n} in {s:.2} s = {:.0}/s", n as f64 / s);
        }
    };
    let body = |i: usize| json!({"accountEnabled":true,"displayName":format!("User {i}"),"mailNickname":format!("u{i}"),"userPrincipalName":format!("u{i}@contoso.example"),"onPremisesImmutableId":format!("id{i}"),"mail":format!("u{i}@contoso.example"),"givenName":"User","surname":"Person","department":"Sales","employeeId":format!("{i}"),"city":"Oslo","passwordProfile":{"password":"A1-xxxxxxxxxxx"}});
    measure("create", 20000, Box::new(move |i| ("POST".into(), "/users".into(), Some(body(i).to_string())))).await;
    measure("batch of 20", 4000, Box::new(move |b| ("POST".into(), "/$batch".into(), Some(json!({"requests": (0..20).map(|k| json!({"id":format!("{k}"),"method":"POST","url":"/users","headers":{"Content-Type":"application/json"},"body":body(20000+b*20+k)})).collect::<Vec<_>>()}).to_string())))).await;
    measure("filter upn", 10000, Box::new(|i| ("GET".into(), format!("/users?$filter=userPrincipalName%20eq%20'u{}@contoso.example'&$select=id", i*7), None))).await;
    measure("filter immutable and", 10000, Box::new(|i| ("GET".into(), format!("/users?$filter=accountEnabled%20eq%20true%20and%20onPremisesImmutableId%20eq%20'id{}'", i*7), None))).await;
    measure("patch", 10000, Box::new(|i| ("PATCH".into(), format!("/users/u{}@contoso.example", i*7), Some(json!({"city":"Bergen"}).to_string())))).await;
    measure("scan", 5, Box::new(|_| ("GET".into(), "/users?$filter=city%20eq%20'Nowhere'".into(), None))).await;
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{} users {:?}", sim.users().len(), status.lines().find(|l| l.starts_with("VmRSS")));
}
