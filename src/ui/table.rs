//! Tables are tables: caption, column heads, row heads. On a phone `cards` turns rows into cards by CSS alone; for that each
//! cell carries its column's name in `data-label`.

use leptos::prelude::*;

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its head
    pub label: &'static str,
    /// Numbers stand at the end
    pub number: bool,
}

impl Column {
    /// A column of words.
    pub const fn words(label: &'static str) -> Self {
        Self { label, number: false }
    }

    /// A column of numbers.
    pub const fn numbers(label: &'static str) -> Self {
        Self { label, number: true }
    }
}

/// A table. The rows are the caller's `<tr>`s: the first cell a `<th scope="row">`, the link of the row with class
/// `c-table__link` (it covers the row), the row that `j` and `k` stand on with `data-current="true"`.
#[component]
pub fn Table(
    /// What the table holds; its accessible name
    #[prop(into)]
    caption: String,
    /// The columns
    columns: Vec<Column>,
    /// Rows turn into cards on a phone
    #[prop(optional)]
    cards: bool,
    /// Rows of 32 px
    #[prop(optional)]
    dense: bool,
    /// The rows
    children: Children,
) -> impl IntoView {
    let class = match (cards, dense) {
        (true, true) => "c-table c-table--cards c-table--dense",
        (true, false) => "c-table c-table--cards",
        (false, true) => "c-table c-table--dense",
        (false, false) => "c-table",
    };
    let heads = columns
        .into_iter()
        .map(|column| {
            view! { <th scope="col" class=column.number.then_some("u-number")>{column.label}</th> }.into_any()
        })
        .collect_view();
    view! {
        <table class=class>
            <caption class="u-hidden">{caption}</caption>
            <thead>
                <tr>{heads}</tr>
            </thead>
            <tbody>{children()}</tbody>
        </table>
    }
    .into_any()
}
