//! Serves the sample tenant, with its page and its control interface: `cargo run -p m365-sim --example serve -- 127.0.0.1:4010`.

use m365_sim::{Settings, Simulator};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:4010".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let settings = Settings {
        control: true,
        ..Settings::contoso()
    };
    Simulator::new(settings)?.serve(listener).await
}
