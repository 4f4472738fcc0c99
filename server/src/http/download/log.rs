//! The log as a file.

use lockbox_api::logs::ExportFormat;

use super::{Fault, PART, Source};
use crate::{
    app::{
        Env, Error, Who,
        exports::{self, Begun, Sent},
    },
    export::Encoder,
    store::{Order, ReadTx, WriteTx},
};

/// Rows of a part at most: formats that gather rows put nothing out for long, and the reader is not to be held for all of
/// them.
const ROWS: u64 = 20_000;
/// Rows of the first part: few, so that whoever waits sees soon that something comes.
const FIRST_ROWS: u64 = 200;

/// An export of the log that has begun. A place is the encoder, with what it has gathered, and a sequence.
pub(crate) struct LogFile(pub(crate) Begun);

impl Source for LogFile {
    type Place = (Box<dyn Encoder>, u64);

    fn part(
        &self,
        tx: &dyn ReadTx,
        (mut encoder, from): Self::Place,
        out: &mut Vec<u8>,
    ) -> Result<(u64, Option<Self::Place>), Fault> {
        let mut filter = self.0.filter.clone();
        filter.from_sequence = Some(from);
        let first = from == self.0.record.from_sequence;
        let (mut rows, mut next, mut fault) = (0, None, None);
        tx.events(&self.0.organization_id, &filter, Order::OldestFirst, &mut |row| {
            if let Err(error) = encoder.row(row, out) {
                fault = Some(error);
                return false;
            }
            rows += 1;
            // The first bytes are sent as soon as there are any.
            let full = out.len() >= self.length() || rows >= ROWS || (first && rows >= FIRST_ROWS && !out.is_empty());
            next = full.then_some(row.sequence + 1);
            !full
        })?;
        if let Some(fault) = fault {
            return Err(Fault::Encode(fault));
        }
        if next.is_none() {
            encoder.end(out)?;
        }
        Ok((rows, next.map(|next| (encoder, next))))
    }

    fn end(&self, tx: &mut dyn WriteTx, env: &Env, who: &Who, sent: &Sent) -> Result<(), Error> {
        exports::end(tx, env, &who.origin, &self.0.record, sent)
    }

    /// Half as long for Parquet, which keeps a group of rows in memory besides.
    fn length(&self) -> usize {
        if self.0.record.format == ExportFormat::Parquet { PART / 2 } else { PART }
    }

    fn name(&self) -> String {
        self.0.record.id.0.clone()
    }
}
