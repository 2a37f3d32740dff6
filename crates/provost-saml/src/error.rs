//! Why a message is refused, or a setting is not accepted.

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal. Each has a code of its own, and a sentence for the administrator; whoever brought the message is told no
/// more than that it was not accepted. None holds anything that a stranger wrote, except where it says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The message is too long.
    #[error("the message is longer than {limit} bytes")]
    TooLarge {
        /// Bytes that are read.
        limit: usize,
    },
    /// Another encoding, or another version of XML.
    #[error("the message is not XML 1.0 in UTF-8")]
    Encoding,
    /// No XML, or XML with names that have no meaning.
    #[error("the message is not well-formed XML: {reason}")]
    Malformed {
        /// What the reader of the grammar says; it quotes nothing of the message but single characters.
        reason: String,
    },
    /// A document type declaration.
    #[error("the message has a document type, which may hold entities")]
    Doctype,
    /// A comment.
    #[error("the message has a comment, which readers of values understand differently")]
    Comment,
    /// A CDATA section.
    #[error("the message has a CDATA section, which no service sends")]
    Cdata,
    /// A processing instruction.
    #[error("the message has a processing instruction")]
    Instruction,
    /// Too many parts, or too deep.
    #[error("the message has more than {limit} {what}")]
    Limit {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A prefix without a namespace, or one of XML's own.
    #[error("the message uses a prefix that is not declared, or declares one that belongs to XML itself")]
    Prefix,
    /// A namespace for which there is no canonical form that all agree on.
    #[error(
        "the message has a namespace whose name is relative, or is written differently by different programs"
    )]
    RelativeNamespace,
    /// Two attributes of one name.
    #[error("an element has the same attribute twice")]
    SameAttribute,
    /// Ids that are not unique.
    #[error("two elements have the same id")]
    SameId,
    /// An id in an attribute with a namespace.
    #[error("an id stands in an attribute with a namespace, which libraries take for an id or not")]
    NamespacedId,
    /// No Base64.
    #[error("the message is not Base64")]
    Base64,
    /// No DEFLATE, too long, or something behind it.
    #[error("the message is not compressed as the binding asks, or becomes longer than 64 KiB")]
    Deflate,
    /// A parameter of the form or the query.
    #[error("the parameter {name} is missing, stands there twice, or is not readable")]
    Parameter {
        /// Its name.
        name: &'static str,
    },
    /// RelayState is ours to make, and is short.
    #[error("RelayState is longer than 80 bytes")]
    RelayState,
    /// Another message than the one that was expected.
    #[error("the message is no {wanted}")]
    Root {
        /// The element that was expected.
        wanted: &'static str,
    },
    /// Another version.
    #[error("the message is of another version of SAML")]
    Version,
    /// Something that must be there.
    #[error("{what} is missing")]
    Missing {
        /// Its name.
        what: &'static str,
    },
    /// Something that may be there once.
    #[error("{what} stands there more than once")]
    Several {
        /// Its name.
        what: &'static str,
    },
    /// An element inside of a value.
    #[error("{what} holds elements where a text is expected")]
    NotALeaf {
        /// Its name.
        what: &'static str,
    },
    /// A time that is none, or has a time zone.
    #[error("{what} is not a time in UTC")]
    Time {
        /// Which time.
        what: &'static str,
    },
    /// None, several, or one in the wrong place.
    #[error("the message has {found} assertions, where exactly one belongs directly into the response")]
    Assertions {
        /// How many there are.
        found: usize,
    },
    /// Encryption.
    #[error(
        "the assertion or a part of it is encrypted, and no key for that was ever given; switch token encryption off for this application"
    )]
    Encrypted,
    /// No signature.
    #[error("the assertion is not signed")]
    Unsigned,
    /// The signature stands at the response only.
    #[error(
        "only the response is signed; in Microsoft Entra, choose `Sign SAML assertion` or `Sign SAML response and assertion` as the signing option"
    )]
    ResponseSignedOnly,
    /// A signature anywhere else than directly in what it signs, or in another namespace.
    #[error("a signature stands where none belongs")]
    SignaturePlace,
    /// Another shape of a signature.
    #[error("the signature has another shape than the one that is accepted: {part}")]
    SignatureShape {
        /// What is not as it must be.
        part: &'static str,
    },
    /// Another canonicalisation.
    #[error("the signature does not use exclusive canonicalisation without comments")]
    Canonicalization,
    /// Another algorithm than RSA with SHA-256, SHA-384 or SHA-512.
    #[error("the signature uses an algorithm that is not accepted; choose SHA-256")]
    Algorithm,
    /// SHA-1 without the switch.
    #[error(
        "the signature uses SHA-1, which can be forged; choose SHA-256, or allow SHA-1 for this connection"
    )]
    Sha1,
    /// A reference to anything else than the signature's own parent.
    #[error("the signature does not refer to the element that it stands in")]
    Reference,
    /// Other transforms.
    #[error("the signature asks for other transforms than the two that are accepted")]
    Transforms,
    /// No canonical form.
    #[error("what is signed has no canonical form of an acceptable length")]
    Canonical,
    /// The signature does not verify.
    #[error(
        "the signature was not made with a certificate that is trusted here; compare the certificate's thumbprint with the one in the portal"
    )]
    Signature,
    /// The digest is another one.
    #[error("the message was changed after it was signed")]
    Digest,
    /// Signed with a trusted certificate that is not valid any more.
    #[error(
        "the certificate that signed the message ended at {ended}; make a new one in the portal and enter it here"
    )]
    CertificateExpired {
        /// When it ended.
        ended: jiff::Timestamp,
    },
    /// Signed with a trusted certificate that is not valid yet.
    #[error("the certificate that signed the message is valid from {starts} only; compare the clocks")]
    CertificateEarly {
        /// When it starts.
        starts: jiff::Timestamp,
    },
    /// Another issuer.
    #[error("the message comes from another issuer than the one that is trusted here")]
    Issuer,
    /// Another destination.
    #[error("the message was meant for another address, or does not say for which")]
    Destination,
    /// An answer without a question.
    #[error("nobody asked for this sign-in; begin it here")]
    Unsolicited,
    /// An answer to another question.
    #[error("the message answers another question than the one that this browser asked")]
    InResponseTo,
    /// The other side did not sign anybody in.
    #[error("the other side refused the sign-in: {status}")]
    Status {
        /// The second status code, else the first, without what all of them begin with.
        status: String,
        /// The code in the message of Microsoft Entra, such as `AADSTS50105`.
        fault: Option<String>,
        /// Its trace id.
        trace: Option<String>,
    },
    /// No bearer confirmation, or one without data.
    #[error("no confirmation says that who carries the message is its subject")]
    Confirmation,
    /// Another recipient.
    #[error("the message is for another recipient")]
    Recipient,
    /// The confirmation is over.
    #[error("the message came too late; begin the sign-in again")]
    ConfirmationOver,
    /// A confirmation with a NotBefore.
    #[error("the confirmation has a NotBefore, which the profile forbids")]
    ConfirmationNotBefore,
    /// Conditions that begin later.
    #[error("the message is not valid yet; compare the clocks")]
    Early,
    /// Conditions that are over.
    #[error("the message is not valid any more; begin the sign-in again, and compare the clocks")]
    Late,
    /// A condition that nobody here can keep.
    #[error("the message has a condition that is not known here")]
    Condition,
    /// Another audience, or none.
    #[error("the message is for another application")]
    Audience,
    /// A sign-in in the future.
    #[error("the sign-in lies in the future; compare the clocks")]
    AuthnFuture,
    /// An old sign-in.
    #[error("a fresh sign-in was asked for, and this one is older than the question")]
    AuthnOld,
    /// A session that is over.
    #[error("the session of the other side is over")]
    SessionOver,
    /// A subject without a name.
    #[error("the message names nobody")]
    NameId,
    /// A claim that stands there twice.
    #[error("the message has the same claim twice")]
    SameAssertionAttribute,
    /// A message that came before.
    #[error("this message was used already")]
    Replay,
    /// The memory for replays could not be asked.
    #[error("it cannot be told whether this message was used already; try again in a moment")]
    ReplayUnknown,
    /// A claim that somebody took off.
    #[error("the claim {claim} is missing; put it back in the application's attributes and claims")]
    ClaimMissing {
        /// The claim's name.
        claim: &'static str,
    },
    /// Another tenant.
    #[error("the message comes from another tenant")]
    Tenant,
    /// A guest.
    #[error("the account is a guest of the tenant, which another organisation signs in")]
    Guest,
    /// An object identifier that is none.
    #[error("the object identifier is no GUID")]
    ObjectId,
    /// An application that nobody registered.
    #[error("the request comes from an application that is not known here")]
    UnknownParty,
    /// An address that is not registered.
    #[error("the request wants its answer at an address that is not registered")]
    ForeignReply,
    /// No signature where one is demanded.
    #[error("the request is not signed, and this application's requests must be")]
    RequestUnsigned,
    /// Another kind of name.
    #[error("the request asks for a kind of name that is not given")]
    NameIdFormat,
    /// Another action of WS-Federation.
    #[error("the request asks for something else than signing in or out")]
    Action,
    /// A request with a subject.
    #[error("the request names who is to be signed in, which is not accepted")]
    Subject,
    /// No name of an entity.
    #[error("this is no name of an entity: an absolute URI of at most 1,024 characters without white space")]
    EntityId,
    /// No address.
    #[error(
        "this is no address of a service: an absolute https address without user, fragment and white space"
    )]
    Endpoint,
    /// No GUID.
    #[error("this is no GUID: 32 hexadecimal digits with hyphens after 8, 12, 16 and 20")]
    Guid,
    /// No certificate.
    #[error("without a certificate nothing can be verified; paste at least one")]
    NoCertificate,
    /// A private key was pasted.
    #[error("this holds a private key; paste the certificate only, and treat the key as known to others")]
    PrivateKey,
    /// Not exactly one certificate.
    #[error("this holds {found} certificates; paste exactly one")]
    SeveralCertificates {
        /// How many there are.
        found: usize,
    },
    /// No certificate.
    #[error(
        "this is no certificate: paste the Base64 certificate, from `BEGIN CERTIFICATE` to `END CERTIFICATE`"
    )]
    NotACertificate,
    /// Another kind of key than RSA.
    #[error("the key is no RSA key")]
    KeyKind,
    /// A key that is too short, or longer than 8,192 bits.
    #[error("the key has {bits} bits; at least 2,048 are needed")]
    KeyShort {
        /// Its length.
        bits: usize,
    },
    /// A private key that cannot be used.
    #[error("the private key cannot be read or cannot sign")]
    Key,
    /// A certificate that belongs to another key.
    #[error("the certificate belongs to another key")]
    KeyOfAnother,
    /// A value that cannot be sent.
    #[error("{what} is empty or longer than may be sent")]
    Value {
        /// Which value.
        what: &'static str,
    },
}

impl Error {
    /// A code that stays the same across releases and languages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "PRV-SAML-TOO-LARGE",
            Self::Encoding => "PRV-SAML-ENCODING",
            Self::Malformed { .. } => "PRV-SAML-XML",
            Self::Doctype => "PRV-SAML-DOCTYPE",
            Self::Comment => "PRV-SAML-COMMENT",
            Self::Cdata => "PRV-SAML-CDATA",
            Self::Instruction => "PRV-SAML-INSTRUCTION",
            Self::Limit { .. } => "PRV-SAML-LIMIT",
            Self::Prefix => "PRV-SAML-PREFIX",
            Self::RelativeNamespace => "PRV-SAML-NAMESPACE",
            Self::SameAttribute => "PRV-SAML-ATTRIBUTE-TWICE",
            Self::SameId => "PRV-SAML-ID-TWICE",
            Self::NamespacedId => "PRV-SAML-ID-NAMESPACE",
            Self::Base64 => "PRV-SAML-BASE64",
            Self::Deflate => "PRV-SAML-DEFLATE",
            Self::Parameter { .. } => "PRV-SAML-PARAMETER",
            Self::RelayState => "PRV-SAML-RELAY-STATE",
            Self::Root { .. } => "PRV-SAML-ROOT",
            Self::Version => "PRV-SAML-VERSION",
            Self::Missing { .. } => "PRV-SAML-MISSING",
            Self::Several { .. } => "PRV-SAML-SEVERAL",
            Self::NotALeaf { .. } => "PRV-SAML-LEAF",
            Self::Time { .. } => "PRV-SAML-TIME",
            Self::Assertions { .. } => "PRV-SAML-ASSERTIONS",
            Self::Encrypted => "PRV-SAML-ENCRYPTED",
            Self::Unsigned => "PRV-SAML-UNSIGNED",
            Self::ResponseSignedOnly => "PRV-SAML-RESPONSE-SIGNED",
            Self::SignaturePlace => "PRV-SAML-SIGNATURE-PLACE",
            Self::SignatureShape { .. } => "PRV-SAML-SIGNATURE-SHAPE",
            Self::Canonicalization => "PRV-SAML-CANONICALIZATION",
            Self::Algorithm => "PRV-SAML-ALGORITHM",
            Self::Sha1 => "PRV-SAML-SHA1",
            Self::Reference => "PRV-SAML-REFERENCE",
            Self::Transforms => "PRV-SAML-TRANSFORMS",
            Self::Canonical => "PRV-SAML-CANONICAL",
            Self::Signature => "PRV-SAML-SIGNATURE",
            Self::Digest => "PRV-SAML-DIGEST",
            Self::CertificateExpired { .. } => "PRV-SAML-CERTIFICATE-EXPIRED",
            Self::CertificateEarly { .. } => "PRV-SAML-CERTIFICATE-EARLY",
            Self::Issuer => "PRV-SAML-ISSUER",
            Self::Destination => "PRV-SAML-DESTINATION",
            Self::Unsolicited => "PRV-SAML-UNSOLICITED",
            Self::InResponseTo => "PRV-SAML-IN-RESPONSE-TO",
            Self::Status { .. } => "PRV-SAML-STATUS",
            Self::Confirmation => "PRV-SAML-CONFIRMATION",
            Self::Recipient => "PRV-SAML-RECIPIENT",
            Self::ConfirmationOver => "PRV-SAML-CONFIRMATION-OVER",
            Self::ConfirmationNotBefore => "PRV-SAML-CONFIRMATION-NOT-BEFORE",
            Self::Early => "PRV-SAML-EARLY",
            Self::Late => "PRV-SAML-LATE",
            Self::Condition => "PRV-SAML-CONDITION",
            Self::Audience => "PRV-SAML-AUDIENCE",
            Self::AuthnFuture => "PRV-SAML-AUTHN-FUTURE",
            Self::AuthnOld => "PRV-SAML-AUTHN-OLD",
            Self::SessionOver => "PRV-SAML-SESSION-OVER",
            Self::NameId => "PRV-SAML-NAME-ID",
            Self::SameAssertionAttribute => "PRV-SAML-CLAIM-TWICE",
            Self::Replay => "PRV-SAML-REPLAY",
            Self::ReplayUnknown => "PRV-SAML-REPLAY-UNKNOWN",
            Self::ClaimMissing { .. } => "PRV-SAML-CLAIM",
            Self::Tenant => "PRV-SAML-TENANT",
            Self::Guest => "PRV-SAML-GUEST",
            Self::ObjectId => "PRV-SAML-OBJECT-ID",
            Self::UnknownParty => "PRV-SAML-PARTY",
            Self::ForeignReply => "PRV-SAML-REPLY",
            Self::RequestUnsigned => "PRV-SAML-REQUEST-UNSIGNED",
            Self::NameIdFormat => "PRV-SAML-NAME-ID-FORMAT",
            Self::Action => "PRV-SAML-ACTION",
            Self::Subject => "PRV-SAML-SUBJECT",
            Self::EntityId => "PRV-SAML-ENTITY-ID",
            Self::Endpoint => "PRV-SAML-ENDPOINT",
            Self::Guid => "PRV-SAML-GUID",
            Self::NoCertificate => "PRV-SAML-NO-CERTIFICATE",
            Self::PrivateKey => "PRV-SAML-PRIVATE-KEY",
            Self::SeveralCertificates { .. } => "PRV-SAML-CERTIFICATES",
            Self::NotACertificate => "PRV-SAML-CERTIFICATE",
            Self::KeyKind => "PRV-SAML-KEY-KIND",
            Self::KeyShort { .. } => "PRV-SAML-KEY-SHORT",
            Self::Key => "PRV-SAML-KEY",
            Self::KeyOfAnother => "PRV-SAML-KEY-OF-ANOTHER",
            Self::Value { .. } => "PRV-SAML-VALUE",
        }
    }
}
