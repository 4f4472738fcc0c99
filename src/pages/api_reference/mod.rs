//! `/api-reference`: the API as its own description tells it. Everybody may read it, signed in or not. Whose calls, what is
//! looked for and what is open stand in the address.

pub mod document;
pub mod operation;
pub mod schema;

use crate::{
    api::{
        self, Pending,
        description::{Side, Value},
    },
    components::Page,
    paths,
    state::{Remote, address::text_of_address, show, use_session},
    ui::{Banner, Card, Empty, Icon, LinkTabs, PageHeader, SearchField, SkeletonRows, TabLink, dynamic, memo, told},
};
use document::Operation;
use leptos::prelude::*;
use leptos_router::{
    LazyRoute, NavigateOptions,
    hooks::{use_navigate, use_query_map},
    lazy_route,
};
use std::sync::Arc;

/// The page.
pub struct ApiReferencePage;

#[lazy_route]
impl LazyRoute for ApiReferencePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        page()
    }
}

/// The sides: word in the address, words.
const SIDES: [(Side, &str, &str); 2] =
    [(Side::Customer, "", "The customer’s API"), (Side::Provider, "provider", "The provider’s API")];
/// In place of an operation: all of them.
const ALL: &str = "all";

/// What the address asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    side: Side,
    q: String,
    /// The operation that is open; `all` for all of them
    open: String,
}

impl Asked {
    fn address(&self) -> String {
        let word = SIDES.into_iter().find(|(side, ..)| *side == self.side).map_or("", |(_, word, _)| word);
        paths::Query::new().add("api", word).add("q", &self.q).add("operation", &self.open).onto(paths::API_REFERENCE)
    }

    /// The address with this open and all else as it is.
    fn with_open(&self, open: &str) -> String {
        Self { open: open.to_owned(), ..self.clone() }.address()
    }

    fn opens(&self, id: &str) -> bool {
        self.open == id || self.open == ALL
    }
}

fn asked() -> Memo<Asked> {
    let address = use_query_map();
    memo(move || {
        address.with(|address| {
            let word = address.get("api").unwrap_or_default();
            Asked {
                side: SIDES.into_iter().find(|(_, own, _)| *own == word).map_or(Side::Customer, |(side, ..)| side),
                q: address.get("q").unwrap_or_default(),
                open: address.get("operation").unwrap_or_default(),
            }
        })
    })
}

/// A description that has been read, and whose.
#[derive(Clone)]
struct Read {
    side: Side,
    document: Arc<Value>,
}

fn page() -> AnyView {
    let asked = asked();
    let side = memo(move || asked.with(|asked| asked.side));
    let remote = Remote::new(move || {
        let side = side.get();
        Box::pin(async move {
            let document = api::description::read_description(side).await?;
            Ok(Read { side, document: Arc::new(document) })
        }) as Pending<Read>
    });
    let tabs = Signal::derive(move || {
        let now = asked.get();
        SIDES
            .map(|(side, _, label)| TabLink {
                href: Asked { side, q: now.q.clone(), open: String::new() }.address(),
                label: label.to_owned(),
                current: now.side == side,
                count: None,
            })
            .to_vec()
    });
    let navigate = use_navigate();
    let text = text_of_address(memo(move || asked.with(|asked| asked.q.clone())), move |q| {
        let to = Asked { q, open: String::new(), ..asked.get_untracked() }.address();
        navigate(&to, NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() });
    });
    let all_open = memo(move || asked.with(|asked| asked.open == ALL));
    let toggle = move || {
        let (open, words) = if all_open.get() { ("", "Close all") } else { (ALL, "Open all") };
        let to = asked.with(|asked| asked.with_open(open));
        view! { <a class="c-button" href=to data-noscroll="">{words}</a> }
    };
    let body = show(
        remote,
        "The description could not be read",
        || view! { <SkeletonRows columns=3 rows=12 /> }.into_any(),
        move |found| ready(found, asked),
    );
    // Who is not signed in has no navigation around the page.
    let session = use_session().session;
    let above = move || {
        dynamic(move || {
            session.with(Option::is_none).then(|| view! { <a class="u-screen" href=paths::OVERVIEW>"Lockbox"</a> })
        })
    };
    view! {
        <Page title="API reference">
            <PageHeader title="API reference" above=above note=|| "Every call that programs can make, as the server describes it itself.">
                {dynamic(toggle)}
            </PageHeader>
            <LinkTabs label="Whose calls" tabs=tabs />
            <div class="c-filters u-screen">
                <SearchField label="Find a call" value=text />
            </div>
            {body}
        </Page>
    }
    .into_any()
}

fn ready(found: Signal<Read>, asked: Memo<Asked>) -> AnyView {
    let q = memo(move || asked.with(|asked| asked.q.clone()));
    let list = move || {
        let read = found.get();
        let mut groups = document::groups(&read.document, read.side);
        let words = q.get();
        groups.iter_mut().for_each(|(.., operations)| operations.retain(|one| one.has(&words)));
        groups.retain(|(.., operations)| !operations.is_empty());
        if groups.is_empty() {
            let clear = asked.get_untracked();
            return nothing(&Asked { q: String::new(), ..clear });
        }
        let groups =
            groups.into_iter().map(|(name, about, operations)| group(&read.document, name, about, operations, asked));
        groups.collect_view().into_any()
    };
    let unknown = memo(move || {
        let open = asked.with(|asked| asked.open.clone());
        let read = found.get();
        let known =
            || document::groups(&read.document, read.side).iter().any(|(.., all)| all.iter().any(|one| one.id == open));
        (!open.is_empty() && open != ALL && read.side == asked.with(|asked| asked.side) && !known()).then_some(open)
    });
    let about = move || {
        found.with(|read| {
            operation::prose(read.document.get("info").and_then(|info| info.text_of("description")).unwrap_or_default())
        })
    };
    let source = move || {
        let path = found.with(|read| read.side.path());
        view! { <a href=path rel="external">{path}</a> }
    };
    view! {
        <p class="c-prose">{dynamic(about)} " The description itself, for programs: " {dynamic(source)} "."</p>
        {dynamic(move || {
            unknown.get().map(|id| view! { <Banner title=format!("There is no call named {id} here")><p>"It may belong to the other API, or have gone with an older version."</p></Banner> })
        })}
        <div class="l-stack">
            {dynamic(list)}
            {dynamic(move || found.with(|read| failing(&read.document)))}
        </div>
    }
    .into_any()
}

/// The calls of one group.
fn group(
    document: &Arc<Value>,
    name: String,
    about: String,
    operations: Vec<Operation>,
    asked: Memo<Asked>,
) -> AnyView {
    let rows = operations.into_iter().map(|one| row(Arc::clone(document), one, asked)).collect_view();
    let tools = move || view! { <span class="u-small u-soft">{about.clone()}</span> }.into_any();
    view! {
        <Card title=name flush=true tools=tools>
            <ul class="c-calls">{rows}</ul>
        </Card>
    }
    .into_any()
}

/// One call: a line, and below it everything else while it is open.
fn row(document: Arc<Value>, one: Operation, asked: Memo<Asked>) -> AnyView {
    let id = one.id.clone();
    let open = memo(move || asked.with(|asked| asked.opens(&id)));
    let id = one.id.clone();
    let href = move || asked.with(|asked| asked.with_open(if asked.open == id { "" } else { &id }));
    let element = format!("call-{}", one.id);
    operation::bring_into_sight(open, asked, &element);
    let details = {
        let one = one.clone();
        move || open.get().then(|| operation::details(&document, &one))
    };
    view! {
        <li class="c-call" id=element>
            <h3 class="c-call__head">
                <a
                    class="c-table__link c-call__link"
                    href=told(href)
                    data-noscroll=""
                    aria-expanded=told(move || if open.get() { "true" } else { "false" })
                >
                    <span class="c-call__method">{one.method}</span>
                    <span class="c-call__path">{one.path}</span>
                    <span class="c-call__summary">{operation::prose(&one.summary)}</span>
                </a>
            </h3>
            {dynamic(details)}
        </li>
    }
    .into_any()
}

fn nothing(clear: &Asked) -> AnyView {
    let href = clear.address();
    view! {
        <Empty icon=Icon::Search title="No call matches" note="Search for part of a path, of a name or of what it does; every word has to be there.">
            <a class="c-button" href=href>"Clear the search"</a>
        </Empty>
    }
    .into_any()
}

/// What every call answers when it fails: the same for all, said once.
fn failing(document: &Value) -> AnyView {
    let problem = document.get("components").and_then(|all| all.get("schemas")?.get("Problem"));
    let Some(problem) = problem else { return ().into_any() };
    let fields = schema::fields(document, problem);
    view! {
        <Card title="When a call fails">
            <p>"Every failure is a problem as RFC 9457 has it, of type " <code>"application/problem+json"</code> ", with the status of the answer."</p>
            {operation::table("What a failure says", "Always", fields)}
        </Card>
    }
    .into_any()
}
