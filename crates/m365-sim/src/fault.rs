//! Faults on order: the answers that networks and services give on bad days.

/// A fault that befalls the next matching Graph requests.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Only requests with this method; `None`: any.
    pub method: Option<String>,
    /// Only requests whose path contains this text. Empty: any.
    pub path: String,
    /// Matching requests that go well first.
    pub skip: u32,
    /// Matching requests that are struck after those.
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

/// What happens to a struck request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not carried out; the answer has this status and an error body. 503 comes with `Retry-After: 1`.
    Status(u16),
    /// It is not carried out; the answer is 200 with a page of HTML.
    Html,
    /// It is not carried out; the connection closes without an answer. Needs [`crate::Simulator::serve`].
    Drop,
    /// It is carried out, but the connection closes before the answer. Needs [`crate::Simulator::serve`].
    LoseAnswer,
    /// It is carried out, but the connection closes after so many bytes of the answer. Needs
    /// [`crate::Simulator::serve`].
    Truncate(usize),
    /// It is not carried out, and no answer ever comes.
    Hang,
}

/// The faults on order.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn order(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// The fault that strikes this request, if any. The first that matches counts it.
    pub(crate) fn strike(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        let wanted = |fault: &Fault| {
            fault
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && path.contains(&fault.path)
        };
        let index = self.0.iter().position(wanted)?;
        let fault = self.0.get_mut(index)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        let kind = fault.kind.clone();
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.0.remove(index);
        }
        Some(kind)
    }
}
