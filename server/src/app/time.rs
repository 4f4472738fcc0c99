//! Writing down how far the clock has come, so that no restart goes back behind what was answered.

use crate::{
    clock::Clock,
    store::{Store, StoreError, StoreResult},
};

/// Writes the clock's mark down. `last`: the process ends. Permissions: Lockbox itself.
///
/// # Errors
/// When the database can't be written.
pub async fn keep(store: &Store, clock: &Clock, last: bool) -> StoreResult<()> {
    let of = clock.clone();
    let job = move |tx: &mut dyn crate::store::WriteTx| {
        let mark = of.mark(last);
        tx.put_clock_mark(mark.record())?;
        Ok::<_, StoreError>(mark)
    };
    clock.marked(&store.write(job).await?);
    Ok(())
}
