//! The table of a period's requests as a file.

use super::{Fault, PART, Source};
use crate::{
    app::{
        Env, Error, Who,
        exports::Sent,
        history::{self, Table},
    },
    store::{ReadTx, RequestKey, WriteTx},
};

/// A table that has begun. A place is the row that came last; none at the beginning.
pub(crate) struct RequestsFile(pub(crate) Table);

impl Source for RequestsFile {
    type Place = Option<RequestKey>;

    fn part(
        &self,
        tx: &dyn ReadTx,
        place: Self::Place,
        out: &mut Vec<u8>,
    ) -> Result<(u64, Option<Self::Place>), Fault> {
        let (mut rows, mut after) = (0, place);
        loop {
            let (more, last) = history::lines(tx, &self.0, after.as_ref(), out)?;
            rows += more;
            match last {
                None => return Ok((rows, None)),
                last if out.len() >= PART => return Ok((rows, Some(last))),
                last => after = last,
            }
        }
    }

    fn end(&self, tx: &mut dyn WriteTx, env: &Env, who: &Who, sent: &Sent) -> Result<(), Error> {
        history::end(tx, env, who, &self.0, sent)
    }

    fn name(&self) -> String {
        format!("requests of {}", self.0.organization_id)
    }
}
