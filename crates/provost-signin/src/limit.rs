//! Limits against guessing: buckets that fill by the hour, one for each account and one for each network.

use crate::{Result, random};
use provost_store::{Tx, attempt, hex};
use std::net::IpAddr;

/// How many attempts are let pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    per_hour: i64,
    burst: i64,
}

impl Rate {
    /// So many in an hour, and so many at once.
    pub const fn new(per_hour: i64, burst: i64) -> Self {
        Self { per_hour, burst }
    }
}

/// Passwords and codes for one account, whether there is such an account or not.
pub(crate) const ACCOUNT: Rate = Rate {
    per_hour: 10,
    burst: 5,
};
/// Passwords and codes from one network.
pub(crate) const NETWORK: Rate = Rate {
    per_hour: 100,
    burst: 30,
};
/// Sign-ins of people that are begun from one network and have not come to their end: a whole company may sit behind one
/// address and comes in the morning, and the page begins one by itself, for the passkey that the browser offers. Each
/// leaves a row until it is over; one that comes to its end is given back ([`give_back`]). There is nothing to guess:
/// what a sign-in by passkey brings is signed.
pub(crate) const PEOPLE: Rate = Rate {
    per_hour: 36_000,
    burst: 3_000,
};
/// Sign-ins of administrators that are begun from one network: each leaves a row until it is over, and is given back then.
pub(crate) const BEGINNING: Rate = Rate {
    per_hour: 600,
    burst: 60,
};

/// Requests of Microsoft 365 from one network: a whole company may sit behind one address, and comes in the morning.
pub(crate) const FEDERATION: Rate = Rate {
    per_hour: 36_000,
    burst: 3_000,
};
/// Requests that cannot be answered, from one network: each leaves a row.
pub(crate) const BAD_FEDERATION: Rate = Rate {
    per_hour: 60,
    burst: 20,
};
/// Assertions about one person.
pub(crate) const FEDERATED: Rate = Rate {
    per_hour: 600,
    burst: 120,
};
/// What applications that can keep no secret push from one network.
pub(crate) const PUSHED: Rate = Rate {
    per_hour: 600,
    burst: 120,
};

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject(String);

impl Subject {
    /// The account with this e-mail address, in any letter case. The address itself is not kept.
    pub fn account(email: &str) -> Self {
        let folded = provost_scim::resource::fold(email);
        Self(format!("account:{}", hex(&random::hash(&folded))))
    }

    /// The network of an address: /24, or /64 (RFC 6177: what one site has at least).
    pub fn network(address: IpAddr) -> Self {
        Self(format!("network:{}", network(address)))
    }

    /// Whoever consents for an inbound provider.
    pub fn consent(provider: i64) -> Self {
        Self(format!("consent:{provider}"))
    }

    /// The network of an address, for requests of Microsoft 365.
    pub fn federation(address: IpAddr) -> Self {
        Self(format!("federation:{}", network(address)))
    }

    /// The same for those that cannot be answered.
    pub fn bad_federation(address: IpAddr) -> Self {
        Self(format!("federation.bad:{}", network(address)))
    }

    /// Whom assertions are about.
    pub fn federated(person: i64) -> Self {
        Self(format!("federated:{person}"))
    }

    /// The network of an address, for what is pushed to us from there.
    pub fn pushing(address: IpAddr) -> Self {
        Self(format!("push:{}", network(address)))
    }

    /// The network of an address, for what people of the directory begin there.
    pub fn people(address: IpAddr) -> Self {
        Self(format!("people:{}", network(address)))
    }

    /// The network of an address, for what administrators begin there.
    pub fn beginning(address: IpAddr) -> Self {
        Self(format!("begin:{}", network(address)))
    }
}

fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Counts an attempt, and answers how many seconds to wait when it is one too many. The caller commits either way.
pub(crate) fn take(tx: &mut Tx, now: i64, subject: &Subject, rate: Rate) -> Result<Option<i64>> {
    let wait = attempt::take(tx, &subject.0, now, rate.per_hour, rate.burst)?;
    Ok(wait.map(|seconds| seconds.max(1)))
}

/// Gives back what [`take`] has counted, because it came to its end: only what does not is left counted.
pub(crate) fn give_back(tx: &mut Tx, now: i64, subject: &Subject, rate: Rate) -> Result<()> {
    Ok(attempt::give_back(
        tx,
        &subject.0,
        now,
        rate.per_hour,
        rate.burst,
    )?)
}

/// Counts a guess at an account from a network.
pub(crate) fn guess(tx: &mut Tx, now: i64, account: &Subject, address: IpAddr) -> Result<Option<i64>> {
    // The network comes first: from one that is refused, nobody can use up somebody's attempts.
    match take(tx, now, &Subject::network(address), NETWORK)? {
        Some(wait) => Ok(Some(wait)),
        None => take(tx, now, account, ACCOUNT),
    }
}

/// Forgets the attempts of an account whose person came in.
pub(crate) fn forgive(tx: &mut Tx, account: &Subject) -> Result<()> {
    Ok(attempt::forgive(tx, &account.0)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_are_one() {
        let of = |text: &str| Subject::network(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), of("192.0.2.200"));
        assert_eq!(of("192.0.2.7"), of("::ffff:192.0.2.9"));
        assert_ne!(of("192.0.2.7"), of("192.0.3.7"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }

    #[test]
    fn an_account_is_one_in_any_spelling_and_not_kept_readable() {
        let one = Subject::account("Ann@Contoso.example");
        assert_eq!(one, Subject::account("ann@CONTOSO.example"));
        assert!(!one.0.contains("contoso"));
    }
}
