//! Identifiers. Lockbox makes time-ordered ones with a random part; none of them is a secret or grants anything.

ids! {
    /// A customer organisation (`org_meridian`) or the provider itself. Given by the provider.
    OrganizationId "org_";
    /// A protected or unprotected environment of an organisation. Given by the provider.
    EnvironmentId "env_";
    /// One Lockbox request.
    RequestId "lbx_";
    /// The access that one request led to.
    GrantId "grt_";
    /// A person who can sign in.
    PersonId "per_";
    /// An event of the log.
    EventId "evt_";
    /// A support request; the provider's own number.
    ServiceRequestId "";
    /// A message in a support request.
    MessageId "msg_";
    /// An API client of the provider.
    ApiClientId "cli_";
    /// One key of an API client.
    ClientKeyId "key_";
    /// A personal access token.
    TokenId "tok_";
    /// One export of the log.
    ExportId "exp_";
    /// A saved view of the log.
    LogViewId "lgv_";
    /// Where the provider is told what becomes of requests.
    WebhookId "whk_";
    /// One message to such a place.
    WebhookMessageId "whm_";
    /// A queued or sent e-mail.
    MailId "eml_";
}
