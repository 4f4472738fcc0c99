//! API clients of the provider.

words! {
    /// What an API client may do. Each call of the provider API needs one of these; a key whose client lacks it is
    /// refused with 403.
    ClientScope {
        /// Keep organisations, environments and support requests in step.
        Organizations = "organizations",
        /// Read the catalog and the JIT rules.
        Catalog = "catalog",
        /// Raise, try, follow, withdraw and complete access requests.
        Requests = "requests",
        /// Decide inside the provider, where a rule asks for it.
        DecideRequests = "requests:decide",
        /// Ask whether a grant is valid, and get leases.
        CheckGrants = "grants:check",
        /// Report what was done.
        Actions = "actions",
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientScopes(u8);

impl ClientScopes {
    /// Every scope.
    #[must_use]
    pub fn all() -> Self {
        ClientScope::ALL.iter().copied().collect()
    }

    /// Whether a scope is among them.
    #[must_use]
    pub const fn has(self, scope: ClientScope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// The scopes, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = ClientScope> {
        ClientScope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }

    /// Reads words with a space between them; `None` where one of them is no scope.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.split(' ').filter(|word| !word.is_empty()).map(ClientScope::parse).collect()
    }
}

const fn bit(scope: ClientScope) -> u8 {
    1 << scope as u8
}

impl FromIterator<ClientScope> for ClientScopes {
    fn from_iter<I: IntoIterator<Item = ClientScope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | bit(scope)))
    }
}

impl core::fmt::Display for ClientScopes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.iter().enumerate().try_for_each(|(at, scope)| write!(f, "{}{scope}", if at == 0 { "" } else { " " }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_they_are_written() {
        for bits in 0..1_u8 << ClientScope::ALL.len() {
            let set: ClientScopes = ClientScope::ALL.iter().copied().filter(|one| bits & bit(*one) != 0).collect();
            assert_eq!(ClientScopes::parse(&set.to_string()), Some(set));
            assert_eq!(set.iter().count(), bits.count_ones() as usize);
        }
        assert_eq!(ClientScopes::parse("requests everything"), None);
        assert!(!ClientScopes::parse("requests").is_some_and(|set| set.has(ClientScope::DecideRequests)));
    }
}
