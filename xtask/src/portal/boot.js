// What starts the portal; the build puts wasm-bindgen's glue and what the loaders of the lazy pages have in
// common into it, and the three tables below in place of their names. One file, so that the first view costs one request for all JavaScript.
const MAIN = __MAIN__; // the WASM that is always loaded
const LOADS = __LOADS__; // lazily loaded function → its file; the file that has, as custom sections, what it shares with others; which of them
const ROUTES = __ROUTES__; // path → what its page loads

// `<html data-boot>`: "loading" as served, "retrying" while the connection is down, then "ready" or "failed".
const boot = document.documentElement.dataset;
const fetched = new Map();

// Keeps trying while the network or the server is away. A 404 means that a newer portal has been installed and this
// page is the old one: loading the page again brings the new one, once.
async function get(name, read) {
    const url = new URL(name, import.meta.url);
    for (let wait = 250; ; wait = Math.min(wait * 2, 8000)) {
        try {
            const response = await fetch(url);
            if (response.ok) {
                const got = await read(response);
                if (boot.boot === "retrying") boot.boot = "loading";
                return got;
            }
            if (response.status === 404) {
                if (sessionStorage.getItem("lockbox-reloaded") !== name) {
                    sessionStorage.setItem("lockbox-reloaded", name);
                    location.reload();
                    return await new Promise(() => {});
                }
                throw new Error(`${name} is not on the server`);
            }
        } catch (error) {
            if (!(error instanceof TypeError)) throw error;
        }
        if (boot.boot === "loading") boot.boot = "retrying";
        await new Promise((resume) => {
            addEventListener("online", resume, { once: true });
            setTimeout(resume, wait);
        });
    }
}

function file(name) {
    let bytes = fetched.get(name);
    if (bytes === undefined) {
        bytes = get(name, (response) => response.arrayBuffer());
        bytes.catch(() => fetched.delete(name));
        fetched.set(name, bytes);
    }
    return bytes;
}

// A file with sections in it is compiled once, whatever is taken from it.
const compiling = new Map();

function compiled(name) {
    let module = compiling.get(name);
    if (module === undefined) {
        module = file(name).then((bytes) => WebAssembly.compile(bytes));
        module.catch(() => compiling.delete(name));
        compiling.set(name, module);
    }
    return module;
}

// Several files may have a shared part: one that is here or on its way already is better than another.
async function section(part, carrier) {
    const found = Object.values(LOADS).find(([, other, parts]) => fetched.has(other) && parts.includes(part));
    const name = found === undefined ? carrier : found[1];
    return WebAssembly.Module.customSections(await compiled(name), part)[0];
}

// __RUNTIME__

// Fetching begins at once, starting what was fetched waits for the parts that it needs.
function loader(source, needed) {
    return makeLoad(() => {
        const code = source();
        code.catch(() => {});
        return async (imports) => WebAssembly.instantiate(await code, imports);
    }, needed);
}

const shared = new Map(); // part → its loader
function share(part, carrier) {
    if (!shared.has(part)) shared.set(part, loader(() => section(part, carrier), []));
    return shared.get(part)();
}

// The WASM asks for these by name.
const loaders = {};
for (const [name, [own, carrier, parts]] of Object.entries(LOADS)) {
    const needed = parts.map((part) => () => share(part, carrier));
    const source = () => (own === carrier ? compiled(own) : file(own));
    loaders[`__wasm_split_load_${name}`] = wrapAsyncCb(loader(source, needed));
}

// The files of the page that was asked for are on their way before the WASM knows which page that is.
const wanted = ROUTES.find(([path]) => path.test(location.pathname));
if (wanted !== undefined) {
    const [own, carrier] = wanted[1];
    for (const name of new Set([carrier ?? own, own])) file(name).catch(() => {});
}

// The response goes on as it arrives: the browser compiles while it loads.
get(MAIN, (response) => response)
    .then((response) => __wbg_init({ module_or_path: response }))
    .then(
        () => {
            boot.boot = "ready";
        },
        (error) => {
            boot.boot = "failed";
            console.error(error);
        },
    );
