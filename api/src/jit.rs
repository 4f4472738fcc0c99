//! What the provider's just-in-time (JIT) service weighs before a customer is asked.

use chrono::{DateTime, Utc};

words! {
    /// How deep an engineer wants to reach.
    PermissionLevel {
        /// Look.
        Read = "read",
        /// Change.
        Write = "write",
        /// Remove.
        Delete = "delete",
        /// Change who may do what, or how the thing runs.
        Administer = "administer",
    }
}

words! {
    /// Why access is asked for.
    ReasonCode {
        /// The customer opened a support request.
        CustomerInitiatedSupport = "customer_initiated_support",
        /// The provider keeps the service running.
        ProviderInitiatedService = "provider_initiated_service",
        /// The provider reviews security, fraud, abuse or compliance.
        ProviderInitiatedReview = "provider_initiated_review",
        /// A third party demands data.
        ThirdPartyDataRequest = "third_party_data_request",
        /// An alert in production.
        ProductionAlert = "production_alert",
    }
}

impl ReasonCode {
    /// The words that people see.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::CustomerInitiatedSupport => "Support that you asked for",
            Self::ProviderInitiatedService => "Service work by the provider",
            Self::ProviderInitiatedReview => "Review by the provider",
            Self::ThirdPartyDataRequest => "Demand by a third party",
            Self::ProductionAlert => "Alert in production",
        }
    }
}

words! {
    /// How wide the targets reach.
    ResourceScope {
        /// Named resources.
        Resource = "resource",
        /// A whole environment.
        Environment = "environment",
        /// Everything of the organisation.
        Organization = "organization",
    }
}

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

words! {
    /// What a rule does when it matches.
    RuleOutcome {
        /// The request ends here.
        Reject = "reject",
        /// Somebody inside the provider decides first.
        RequireInternalApproval = "require_internal_approval",
        /// The access time is cut.
        CapAccess = "cap_access",
        /// Nothing stands against it.
        Continue = "continue",
    }
}

words! {
    /// How the evaluation ended.
    EvaluationOutcome {
        /// A rule rejected it.
        Rejected = "rejected",
        /// Somebody inside the provider decides first.
        InternalApprovalRequired = "internal_approval_required",
        /// It goes on to the Lockbox check.
        Continued = "continued",
    }
}

answer! {
    /// The evaluation of one request, kept with it for ever.
    pub struct Evaluation {
        /// How it ended.
        pub outcome: EvaluationOutcome,
        /// What was weighed.
        pub factors: Vec<Factor>,
        /// Rules that matched, in the order of the file.
        pub rules: Vec<MatchedRule>,
        /// Version of the rules.
        pub rules_version: String,
        /// When it was made.
        pub evaluated_at: DateTime<Utc>,
        /// The first role whose approval is needed.
        pub internal_approval_role: Option<String>,
        /// Every role whose approval is needed, each from another person. Absent in evaluations from before there could
        /// be several: see [`Evaluation::approval_roles`].
        #[serde(default)]
        pub internal_approval_roles: Vec<String>,
    }

    /// One thing that was weighed.
    pub struct Factor {
        /// Machine name: `resource_scope`, `isolated_identity`, `mfa`, `permission_level`, `jit_role`, `team`, `location`,
        /// `time_of_day`, `service`, `operation`, `direct_data_access`.
        pub id: String,
        /// Name for people.
        pub name: String,
        /// Its value, for people.
        pub value: String,
        /// False when a rule that held it against the request matched.
        pub passed: bool,
    }

    /// A rule that matched.
    pub struct MatchedRule {
        /// Its id in the rules file.
        pub id: String,
        /// What it did.
        pub outcome: RuleOutcome,
        /// Its meaning, a sentence.
        pub description: String,
        /// The same in words for the provider's own people, kept with the request. Answers to customers never have it, and
        /// answers to internal approvers have it as `description`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description_inside: Option<String>,
    }
}

impl Evaluation {
    /// Every role whose approval is needed before the request goes on, in the order of the rules.
    #[must_use]
    pub fn approval_roles(&self) -> Vec<&str> {
        if self.internal_approval_roles.is_empty() {
            self.internal_approval_role.as_deref().into_iter().collect()
        } else {
            self.internal_approval_roles.iter().map(String::as_str).collect()
        }
    }

    /// As everybody reads it: without the words that are for the provider's own people.
    #[must_use]
    pub fn outside(mut self) -> Self {
        self.rules.iter_mut().for_each(|rule| rule.description_inside = None);
        self
    }

    /// As the provider's own people read it.
    #[must_use]
    pub fn inside(mut self) -> Self {
        for rule in &mut self.rules {
            if let Some(words) = rule.description_inside.take() {
                rule.description = words;
            }
        }
        self
    }
}

answer! {
    /// The provider's rules, as the file says them.
    #[serde(deny_unknown_fields)]
    pub struct JitRules {
        /// Version of the file, in the provider's words.
        pub version: String,
        /// Rules; every one is tried, and a rejection outweighs everything.
        #[serde(rename = "rule", alias = "rules")]
        pub rules: Vec<Rule>,
    }

    /// One rule: when all its conditions hold, its outcome applies.
    #[serde(deny_unknown_fields)]
    pub struct Rule {
        /// Unique in the file; evaluations name it.
        pub id: String,
        /// Its meaning, a sentence that customers read.
        pub description: String,
        /// The same for the provider's own people who approve inside; absent: they read `description` as well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description_inside: Option<String>,
        /// Conditions; absent ones hold always.
        #[serde(default)]
        pub when: RuleConditions,
        /// What it does.
        pub outcome: RuleOutcome,
        /// With `require_internal_approval`: who decides (`support_lead`, `devops_manager`).
        #[serde(default)]
        pub role: Option<String>,
        /// With `require_internal_approval`, instead of `role`: several roles, all of which decide, each another person.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub roles: Vec<String>,
        /// With `cap_access`: minutes at most.
        #[serde(default)]
        pub max_access_minutes: Option<u32>,
    }

    /// What a rule looks at. Lists hold when one of their values is met.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct RuleConditions {
        /// How wide the targets reach; `environment` is met by the whole organisation as well.
        #[serde(default)]
        pub resource_scope: Vec<ResourceScope>,
        /// Whether the identity is isolated.
        #[serde(default)]
        pub isolated_identity: Option<bool>,
        /// Whether more than one factor was used.
        #[serde(default)]
        pub mfa: Option<bool>,
        /// How deep.
        #[serde(default)]
        pub permission_level: Vec<PermissionLevel>,
        /// Roles in the JIT service.
        #[serde(default)]
        pub jit_role: Vec<String>,
        /// Holds for every role except these.
        #[serde(default)]
        pub jit_role_not: Vec<String>,
        /// Services of the catalog, by id.
        #[serde(default)]
        pub service: Vec<String>,
        /// Operations, by wire name.
        #[serde(default)]
        pub operation: Vec<String>,
        /// Whether customer data is reached directly.
        #[serde(default)]
        pub direct_data_access: Option<bool>,
        /// The requester's team.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub team: Vec<String>,
        /// Holds for every team except these, and for a requester whose team is not told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub team_not: Vec<String>,
        /// Country of the requester's office, ISO 3166-1 alpha-2.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub office_country: Vec<String>,
        /// Holds for every country of the office except these, and where it is not told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub office_country_not: Vec<String>,
        /// Country where the requester is.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub physical_country: Vec<String>,
        /// Holds wherever the requester is except here, and where it is not told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub physical_country_not: Vec<String>,
        /// When the request is raised.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub time_of_day: Option<TimeOfDay>,
    }

    /// A part of the day, or of some days of the week.
    #[serde(deny_unknown_fields)]
    pub struct TimeOfDay {
        /// From when, `HH:MM`, inclusive.
        pub from: String,
        /// Until when, `HH:MM`, exclusive; at or before `from`: on the following day.
        pub to: String,
        /// Minutes that these clocks are ahead of UTC; 0 when absent.
        #[serde(default)]
        pub utc_offset_minutes: i32,
        /// Days on which it begins; empty: every day.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub days: Vec<Weekday>,
    }
}
