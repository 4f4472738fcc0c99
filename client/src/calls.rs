//! The calls of the provider API, one method each.

use lockbox_api::{
    access_requests::{AccessRequestPage, AccessRequestQuery},
    catalog::Catalog,
    ids::{EnvironmentId, GrantId, OrganizationId, RequestId, ServiceRequestId},
    jit::JitRules,
    provider::{
        ACTIONS_BODY_MAX, ACTIONS_MAX, AccessRequestCreate, ActionInput, EndInput, EnvironmentPut, GrantActions,
        GrantActionsInput, GrantCheck, GrantCheckInput, InternalDecisionInput, JitDryRun, OrganizationPut,
        ServiceRequestPut, Stored,
    },
    requests::LockboxRequest,
};

use crate::{Client, Result, call::Call};

/// A request that was raised.
#[derive(Clone, Debug, PartialEq)]
pub struct Raised {
    /// The request.
    pub request: LockboxRequest,
    /// True when the same `Idempotency-Key` had led to it before.
    pub replayed: bool,
}

/// Cuts actions into batches that one call takes, in their order: by number and by the bytes of the body. An action that is
/// larger than a whole body is a batch of its own, which Lockbox will refuse (413).
#[must_use]
pub fn batches(actions: &[ActionInput]) -> Vec<&[ActionInput]> {
    // `{"actions":[]}`; each action brings a comma.
    const AROUND: usize = 14;
    let mut batches = Vec::new();
    let (mut begin, mut bytes) = (0, AROUND);
    for (at, action) in actions.iter().enumerate() {
        let size = serde_json::to_vec(action).map_or(0, |body| body.len()) + 1;
        if at > begin && (at - begin == ACTIONS_MAX || bytes + size > ACTIONS_BODY_MAX) {
            batches.push(&actions[begin..at]);
            (begin, bytes) = (at, AROUND);
        }
        bytes += size;
    }
    if begin < actions.len() {
        batches.push(&actions[begin..]);
    }
    batches
}

/// Every call fails with [`Error`](crate::Error): Lockbox refuses it, or can't be reached.
impl Client {
    /// Raises a request, under a new `Idempotency-Key`: repeated by this call as needed, it is raised once.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn raise(&self, input: &AccessRequestCreate) -> Result<Raised> {
        let key: [u8; 16] = rand::random();
        let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        self.raise_once(input, &key).await
    }

    /// Raises a request under a key of the caller's: the same key within 24 hours gives the same request, also from
    /// another process.
    ///
    /// # Errors
    /// See [`Client`]; `idempotency_mismatch` when the key came with another body before.
    pub async fn raise_once(&self, input: &AccessRequestCreate, idempotency_key: &str) -> Result<Raised> {
        let call = Call::post(&["access-requests"], input).idempotent(idempotency_key);
        let (request, headers) = self.send(call).await?;
        Ok(Raised { request, replayed: headers.contains_key("idempotency-replayed") })
    }

    /// What would come of a request; raises nothing.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn try_out(&self, input: &AccessRequestCreate) -> Result<JitDryRun> {
        let call = Call::post(&["jit-rules", "evaluate"], input).repeatable();
        Ok(self.send(call).await?.0)
    }

    /// A request as it is now.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn request(&self, id: &RequestId) -> Result<LockboxRequest> {
        Ok(self.send(Call::get(&["access-requests", id.as_str()])).await?.0)
    }

    /// A page of requests, newest first.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn requests(&self, query: &AccessRequestQuery) -> Result<AccessRequestPage> {
        Ok(self.send(Call::get(&["access-requests"]).query(query)).await?.0)
    }

    /// Withdraws a request before it is decided.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn cancel(&self, id: &RequestId, input: &EndInput) -> Result<LockboxRequest> {
        Ok(self.send(Call::post(&["access-requests", id.as_str(), "cancel"], input)).await?.0)
    }

    /// Gives the access back: the work is done.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn complete(&self, id: &RequestId, input: &EndInput) -> Result<LockboxRequest> {
        Ok(self.send(Call::post(&["access-requests", id.as_str(), "complete"], input)).await?.0)
    }

    /// Decides inside the provider, where a rule asks for it.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn decide_internally(&self, id: &RequestId, input: &InternalDecisionInput) -> Result<LockboxRequest> {
        Ok(self.send(Call::post(&["access-requests", id.as_str(), "internal-decision"], input)).await?.0)
    }

    /// May this engineer do this here, now? An error means no.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn check(&self, grant: &GrantId, input: &GrantCheckInput) -> Result<GrantCheck> {
        Ok(self.send(Call::post(&["grants", grant.as_str(), "check"], input).repeatable()).await?.0)
    }

    /// Reports what was done, 1 to 1,000 actions of 4 MiB in all ([`batches`] cuts longer lists). Their ids make repetition safe: what arrived the first time is a
    /// `duplicate` the second.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn report(&self, grant: &GrantId, actions: Vec<ActionInput>) -> Result<GrantActions> {
        let input = GrantActionsInput { actions };
        Ok(self.send(Call::post(&["grants", grant.as_str(), "actions"], &input).repeatable()).await?.0)
    }

    /// Puts an organisation.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn put_organization(&self, id: &OrganizationId, input: &OrganizationPut) -> Result<Stored> {
        Ok(self.send(Call::put(&["organizations", id.as_str()], input)).await?.0)
    }

    /// Puts an environment of an organisation; the policy stays as it is.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn put_environment(
        &self,
        organization: &OrganizationId,
        id: &EnvironmentId,
        input: &EnvironmentPut,
    ) -> Result<Stored> {
        let path = ["organizations", organization.as_str(), "environments", id.as_str()];
        Ok(self.send(Call::put(&path, input)).await?.0)
    }

    /// Marks an environment of an organisation as gone; the policy stays as it is.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn delete_environment(&self, organization: &OrganizationId, id: &EnvironmentId) -> Result<Stored> {
        let path = ["organizations", organization.as_str(), "environments", id.as_str()];
        Ok(self.send(Call::delete(&path)).await?.0)
    }

    /// Puts a support request of an organisation with its conversation; closing it ends the access given for it.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn put_service_request(
        &self,
        organization: &OrganizationId,
        id: &ServiceRequestId,
        input: &ServiceRequestPut,
    ) -> Result<Stored> {
        let path = ["organizations", organization.as_str(), "service-requests", id.as_str()];
        Ok(self.send(Call::put(&path, input)).await?.0)
    }

    /// The service catalog in force.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn catalog(&self) -> Result<Catalog> {
        Ok(self.send(Call::get(&["catalog"])).await?.0)
    }

    /// The JIT rules in force.
    ///
    /// # Errors
    /// See [`Client`].
    pub async fn jit_rules(&self) -> Result<JitRules> {
        Ok(self.send(Call::get(&["jit-rules"])).await?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockbox_api::provider::ActionOutcome;

    fn action(statement: usize) -> ActionInput {
        ActionInput {
            id: "a".to_owned(),
            time: Default::default(),
            engineer_id: "eng-417".to_owned(),
            operation: "ExecuteSqlViaLockbox".to_owned(),
            target: None,
            statement: Some("\"".repeat(statement)),
            rows: None,
            outcome: ActionOutcome::Success,
        }
    }

    fn body(batch: &[ActionInput]) -> usize {
        serde_json::to_vec(&GrantActionsInput { actions: batch.to_vec() }).unwrap().len()
    }

    #[test]
    fn a_batch_is_as_large_as_a_call_takes_and_no_larger() {
        assert!(batches(&[]).is_empty());
        let short: Vec<_> = (0..2_500).map(|_| action(1)).collect();
        assert_eq!(batches(&short).iter().map(|batch| batch.len()).collect::<Vec<_>>(), [1_000, 1_000, 500]);
        // As it stands in the body: each quotation mark is two bytes there.
        let long: Vec<_> = (0..1_000).map(|_| action(20_000)).collect();
        let cut = batches(&long);
        assert_eq!(cut.iter().map(|batch| batch.len()).sum::<usize>(), 1_000);
        assert!(cut.len() > 9 && cut.iter().all(|batch| body(batch) <= ACTIONS_BODY_MAX));
        for pair in cut.windows(2) {
            assert!(body(&[pair[0], &pair[1][..1]].concat()) > ACTIONS_BODY_MAX, "one more would not fit");
        }
        let giant = [action(1), action(ACTIONS_BODY_MAX), action(1)];
        assert_eq!(batches(&giant).iter().map(|batch| batch.len()).collect::<Vec<_>>(), [1, 1, 1]);
    }
}
