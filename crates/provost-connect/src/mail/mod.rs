//! Mail to administrators over SMTP (RFC 5321): one address, plain text, a deadline.
//!
//! The address of the server is checked when the connection is made, as for HTTP. Without
//! protection only this machine and private networks are called, unless the settings allow more;
//! STARTTLS is never given up in favour of a plain line.

mod failure;
mod message;
mod place;
mod settings;

use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

pub use self::failure::{Cause, Failure};
pub use self::message::Message;
pub use self::settings::{Security, Settings};
use crate::{Secret, Secrets, http};

/// The whole of one mail: resolving, connecting, signing in, sending.
const DEADLINE: Duration = Duration::from_secs(60);
/// One address of the server.
const CONNECT: Duration = Duration::from_secs(10);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Sends mail through one server. Opens a connection for each mail; failure mail is rare.
#[derive(Clone)]
pub struct Mailer {
    settings: Settings,
    from: Address,
    password: Option<Secret>,
    tls: Option<TlsParameters>,
    deadline: Duration,
}

impl Mailer {
    /// Checks the settings; makes no connection.
    ///
    /// # Errors
    /// [`Cause::Settings`] that names the setting at fault.
    pub fn open(settings: &Settings, secrets: &Secrets) -> Result<Self, Failure> {
        settings.check()?;
        let from =
            settings.from.trim().parse().map_err(|_| {
                settings.wrong("`from` must be a mail address, such as provost@contoso.example")
            })?;
        let password = secrets
            .get("password")
            .filter(|p| !p.expose().is_empty())
            .cloned();
        if settings.user.is_some() && password.is_none() {
            return Err(settings.wrong("the secret `password` is missing; enter it again"));
        }
        let tls = match settings.security {
            Security::None => None,
            Security::StartTls | Security::Tls => Some(tls(settings)?),
        };
        Ok(Self {
            settings: settings.clone(),
            from,
            password,
            tls,
            deadline: DEADLINE,
        })
    }

    /// The same with another deadline for one mail; the default is 60 seconds.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sends one mail.
    ///
    /// # Errors
    /// A [`Failure`]; [`Failure::may_pass`] tells whether to try again. After
    /// [`Cause::Interrupted`] the mail may have been sent: a repeat has the same `Message-ID`.
    pub async fn send(&self, message: &Message) -> Result<(), Failure> {
        let mail = message
            .written(&self.from)
            .map_err(|reason| self.failure(Cause::Message, &reason))?;
        self.on_first(|transport| {
            let mail = mail.clone();
            async move { transport.send(mail).await.map(drop) }
        })
        .await
    }

    /// Connects and signs in as for a mail, and sends none.
    ///
    /// # Errors
    /// As [`Mailer::send`].
    pub async fn test(&self) -> Result<String, Failure> {
        self.on_first(|transport| async move { transport.test_connection().await.map(drop) })
            .await?;
        let place = self.settings.place();
        let how = match (self.settings.security, &self.settings.user) {
            (Security::None, None) => "without protection and without signing in",
            (Security::None, Some(_)) => "without protection and takes the sign-in",
            (_, None) => "over TLS and asks for no sign-in",
            (_, Some(_)) => "over TLS and takes the sign-in",
        };
        Ok(format!("the mail server {place} answers {how}"))
    }

    /// Does the work with the first address of the server that can be reached, in time.
    async fn on_first<F>(&self, work: impl Fn(Transport) -> F) -> Result<(), Failure>
    where
        F: Future<Output = Result<(), lettre::transport::smtp::Error>>,
    {
        let tried = async {
            let mut last = self.failure(Cause::Name, "the name has no address");
            for address in place::addresses(&self.settings).await? {
                match work(self.transport(address)).await {
                    Ok(()) => return Ok(()),
                    Err(error) => last = self.failed(&error),
                }
                // Another address of the same server would say the same.
                if last.cause != Cause::Unreachable {
                    break;
                }
            }
            Err(last)
        };
        match tokio::time::timeout(self.deadline, tried).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.failure(Cause::Interrupted, "the deadline passed")),
        }
    }

    fn transport(&self, address: IpAddr) -> Transport {
        let protection = match (&self.tls, self.settings.security) {
            (Some(tls), Security::StartTls) => Tls::Required(tls.clone()),
            (Some(tls), _) => Tls::Wrapper(tls.clone()),
            (None, _) => Tls::None,
        };
        let mut builder: AsyncSmtpTransportBuilder = Transport::builder_dangerous(address.to_string())
            .port(self.settings.port())
            .timeout(Some(CONNECT.min(self.deadline)))
            .hello_name(ClientId::Domain(self.from.domain().to_owned()))
            .tls(protection);
        if let (Some(user), Some(password)) = (&self.settings.user, &self.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        builder.build()
    }

    fn failure(&self, cause: Cause, reason: &str) -> Failure {
        Failure::new(cause, self.settings.place(), reason)
    }

    /// What an error of the protocol means.
    fn failed(&self, error: &lettre::transport::smtp::Error) -> Failure {
        let code = error.status().map(|code| code.to_string());
        let cause = match code.as_deref() {
            // RFC 4954 section 6: the replies to AUTH.
            Some("530" | "534" | "535" | "538") => Cause::SignIn,
            Some("454") if self.settings.user.is_some() => Cause::SignIn,
            _ if error.is_tls() || http::speaks_of_tls(&innermost(error)) => Cause::Tls,
            _ if error.is_permanent() => Cause::Refused,
            _ if error.is_transient() => Cause::Busy,
            // The client gives up by itself: no STARTTLS, or no way to sign in that both know.
            _ if error.is_client() && innermost(error).contains("STARTTLS") => Cause::Tls,
            _ if error.is_client() => Cause::SignIn,
            _ if is_before_sending(error) => Cause::Unreachable,
            _ => Cause::Interrupted,
        };
        self.failure(cause, &innermost(error))
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer")
            .field("server", &self.settings.place())
            .finish_non_exhaustive()
    }
}

fn tls(settings: &Settings) -> Result<TlsParameters, Failure> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.trusted {
        let certificate = Certificate::from_pem(pem.as_bytes())
            .map_err(|_| settings.wrong("`trusted` must be certificates in PEM form"))?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|error| {
        let reason = format!("this machine cannot use TLS: {}", innermost(&error));
        settings.wrong(&reason)
    })
}

/// Whether no connection came about. The library tells it only in its debug text.
fn is_before_sending(error: &lettre::transport::smtp::Error) -> bool {
    format!("{error:?}").contains("kind: Connection")
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
