//! Apache Parquet with typed columns, compressed with zstd, in row groups of bounded size.

use std::sync::Arc;

use parquet::{
    basic::{Compression, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, Int64Type},
    errors::ParquetError,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};

use super::{EncodeError, Encoder};
use crate::store::LogRow;

/// A row group ends at so many rows, or so many bytes of text, whichever comes first. The first is small, so that whoever
/// waits sees soon that something comes; each is twice as long as the one before it, up to the largest.
const GROUP_ROWS: usize = 10_000;
const FIRST_GROUP_ROWS: usize = 500;
const GROUP_BYTES: usize = 2 << 20;

/// The columns. Details are JSON text.
const SCHEMA: &str = "message event {
    REQUIRED INT64 sequence;
    REQUIRED BYTE_ARRAY id (UTF8);
    REQUIRED INT64 time (TIMESTAMP(MICROS,true));
    REQUIRED BYTE_ARRAY category (UTF8);
    REQUIRED BYTE_ARRAY operation (UTF8);
    OPTIONAL BYTE_ARRAY friendly_name (UTF8);
    REQUIRED BYTE_ARRAY actor_id (UTF8);
    REQUIRED BYTE_ARRAY actor_name (UTF8);
    REQUIRED BYTE_ARRAY actor_kind (UTF8);
    OPTIONAL BYTE_ARRAY environment_id (UTF8);
    OPTIONAL BYTE_ARRAY request_id (UTF8);
    OPTIONAL BYTE_ARRAY service_request_id (UTF8);
    OPTIONAL BYTE_ARRAY grant_id (UTF8);
    REQUIRED BYTE_ARRAY outcome (UTF8);
    OPTIONAL BYTE_ARRAY client_ip (UTF8);
    REQUIRED BYTE_ARRAY correlation_id (UTF8);
    REQUIRED BYTE_ARRAY details (UTF8);
}";
/// Columns of text, in their order; those with `true` may be empty.
const OPTIONAL: [bool; 15] =
    [false, false, false, true, false, false, false, true, true, true, true, false, true, false, false];

impl From<ParquetError> for EncodeError {
    fn from(error: ParquetError) -> Self {
        Self(error.to_string())
    }
}

/// A column of text that is being gathered: all texts behind each other, and where each ends.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    present: Vec<i16>,
}

/// The log as Parquet.
pub(super) struct Parquet {
    writer: SerializedFileWriter<Vec<u8>>,
    sequences: Vec<i64>,
    times: Vec<i64>,
    texts: [Texts; 15],
    bytes: usize,
    /// Rows of the group that is being gathered.
    group_rows: usize,
}

impl Parquet {
    pub(super) fn new() -> Result<Self, EncodeError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            // It would be kept until the end of the file, for every page of every column.
            .set_offset_index_disabled(true)
            .set_created_by("Lockbox".to_owned())
            .build();
        Ok(Self {
            writer: SerializedFileWriter::new(Vec::new(), Arc::new(parse_message_type(SCHEMA)?), Arc::new(properties))?,
            sequences: Vec::new(),
            times: Vec::new(),
            texts: Default::default(),
            bytes: 0,
            group_rows: FIRST_GROUP_ROWS,
        })
    }

    /// Writes what was gathered as one row group.
    fn group(&mut self) -> Result<(), EncodeError> {
        if self.sequences.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        let mut number = 0;
        let mut next_text = 0;
        while let Some(mut column) = group.next_column()? {
            // The first and the third column are numbers.
            if number == 0 || number == 2 {
                let numbers = if number == 0 { &mut self.sequences } else { &mut self.times };
                column.typed::<Int64Type>().write_batch(&std::mem::take(numbers), None, None)?;
            } else {
                let texts = std::mem::take(&mut self.texts[next_text]);
                let all = bytes::Bytes::from(texts.bytes);
                let mut start = 0;
                let values: Vec<ByteArray> = texts
                    .ends
                    .iter()
                    .map(|end| ByteArray::from(all.slice(std::mem::replace(&mut start, *end)..*end)))
                    .collect();
                let levels = OPTIONAL[next_text].then_some(texts.present.as_slice());
                column.typed::<ByteArrayType>().write_batch(&values, levels, None)?;
                next_text += 1;
            }
            column.close()?;
            number += 1;
        }
        group.close()?;
        self.bytes = 0;
        self.group_rows = (self.group_rows * 2).min(GROUP_ROWS);
        Ok(())
    }

    /// What the writer has put out so far.
    fn drain(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.writer.flush().map_err(|error| EncodeError(error.to_string()))?;
        out.append(self.writer.inner_mut());
        Ok(())
    }
}

impl Encoder for Parquet {
    fn row(&mut self, row: &LogRow<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let sequence = i64::try_from(row.sequence).map_err(|error| EncodeError(error.to_string()))?;
        self.sequences.push(sequence);
        self.times.push(row.time.timestamp_micros());
        let texts = std::iter::once(Some(row.id)).chain(row.texts());
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.present.push(i16::from(text.is_some()));
            if let Some(text) = text {
                self.bytes += text.len();
                column.bytes.extend_from_slice(text.as_bytes());
                column.ends.push(column.bytes.len());
            }
        }
        if self.sequences.len() >= self.group_rows || self.bytes >= GROUP_BYTES {
            self.group()?;
            self.drain(out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.group()?;
        self.writer.finish()?;
        self.drain(out)
    }
}
