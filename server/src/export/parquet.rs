//! Apache Parquet with typed columns, compressed with zstd, in row groups of bounded size.

use std::sync::Arc;

use parquet::{
    basic::{Compression, ZstdLevel},
    column::writer::ColumnWriterImpl,
    data_type::{ByteArray, ByteArrayType, Int64Type},
    errors::ParquetError,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::SerializedFileWriter,
    },
    schema::{parser::parse_message_type, types::ColumnPath},
};

use super::{EncodeError, Encoder};
use crate::store::LogRow;

/// A row group ends at so many rows, or so many bytes of text, whichever comes first. The first is small, so that whoever
/// waits sees soon that something comes; each is twice as long as the one before it, up to the largest.
const GROUP_ROWS: usize = 10_000;
const FIRST_GROUP_ROWS: usize = 500;
const GROUP_BYTES: usize = 2 << 20;
/// Bytes of a page of a column, before they are packed, and rows that are handed to the writer at once. The writer holds a page
/// four times while it packs it, and every thread of the store that ever packed one keeps what that took.
const PAGE_BYTES: usize = 64 << 10;
const BATCH: usize = 512;
/// Columns that hardly ever say the same twice: a dictionary of their values would be the column itself, once more.
const ALL_DIFFERENT: [&str; 3] = ["id", "correlation_id", "details"];

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

/// A column of text that is being gathered: all texts behind each other, and where each ends. Its memory is used again for the
/// next group.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    present: Vec<i16>,
}

impl Texts {
    /// Writes what was gathered, in small parts, and forgets it. `values` is only for its memory.
    fn write(
        &mut self,
        column: &mut ColumnWriterImpl<'_, ByteArrayType>,
        optional: bool,
        values: &mut Vec<ByteArray>,
    ) -> Result<(), EncodeError> {
        let (mut start, mut ends) = (0, self.ends.iter());
        for present in self.present.chunks(BATCH) {
            let count = present.iter().filter(|level| **level > 0).count();
            let ends: Vec<usize> = ends.by_ref().take(count).copied().collect();
            let end = ends.last().copied().unwrap_or(start);
            let all = bytes::Bytes::copy_from_slice(self.bytes.get(start..end).unwrap_or_default());
            let begin = start;
            values.extend(
                ends.into_iter()
                    .map(|end| ByteArray::from(all.slice(std::mem::replace(&mut start, end) - begin..end - begin))),
            );
            column.write_batch(values, optional.then_some(present), None)?;
            values.clear();
        }
        self.bytes.clear();
        self.ends.clear();
        self.present.clear();
        Ok(())
    }
}

/// The log as Parquet.
pub(super) struct Parquet {
    writer: SerializedFileWriter<Vec<u8>>,
    sequences: Vec<i64>,
    times: Vec<i64>,
    texts: [Texts; 15],
    /// One part of one column, on its way to the writer.
    values: Vec<ByteArray>,
    bytes: usize,
    /// Rows of the group that is being gathered.
    group_rows: usize,
}

impl Parquet {
    pub(super) fn new() -> Result<Self, EncodeError> {
        let builder = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_data_page_size_limit(PAGE_BYTES)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            // Nobody looks for the first and the last of all JSON texts.
            .set_column_statistics_enabled(ColumnPath::from("details"), EnabledStatistics::None)
            // It would be kept until the end of the file, for every page of every column.
            .set_offset_index_disabled(true)
            .set_created_by("Lockbox".to_owned());
        let properties = ALL_DIFFERENT
            .into_iter()
            .fold(builder, |builder, column| builder.set_column_dictionary_enabled(ColumnPath::from(column), false))
            .build();
        Ok(Self {
            writer: SerializedFileWriter::new(Vec::new(), Arc::new(parse_message_type(SCHEMA)?), Arc::new(properties))?,
            sequences: Vec::new(),
            times: Vec::new(),
            texts: Default::default(),
            values: Vec::with_capacity(BATCH),
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
                column.typed::<Int64Type>().write_batch(numbers, None, None)?;
                numbers.clear();
            } else {
                let texts = &mut self.texts[next_text];
                texts.write(column.typed::<ByteArrayType>(), OPTIONAL[next_text], &mut self.values)?;
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
