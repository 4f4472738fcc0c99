// What starts the portal; the build puts wasm-bindgen's glue and the loaders of the lazy pages above it, and the three
// tables below in place of their names. One file, so that the first view costs one request for all JavaScript.
const MAIN = __MAIN__; // the WASM that is always loaded
const PARTS = __PARTS__; // lazily loaded part → its file; in brackets: the file of which it is a custom section, null the main WASM
const ROUTES = __ROUTES__; // path → the files that its page needs

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

// The file of what pages share holds nothing but sections, and is compiled once.
const carriers = new Map([[null, () => wasmModule]]);

async function carrier(name) {
    if (!carriers.has(name)) {
        const compiled = file(name).then((bytes) => WebAssembly.compile(bytes));
        compiled.catch(() => carriers.delete(name));
        carriers.set(name, () => compiled);
    }
    return carriers.get(name)();
}

async function part(name) {
    const place = PARTS[name];
    if (typeof place === "string") return file(place);
    return WebAssembly.Module.customSections(await carrier(place[0]), name)[0];
}

async function instantiate(bytes, imports) {
    return WebAssembly.instantiate(await bytes, imports);
}

// The files of the page that was asked for are on their way before the WASM knows which page that is.
const wanted = ROUTES.find(([path]) => path.test(location.pathname));
if (wanted !== undefined) wanted[1].forEach((name) => void file(name).catch(() => {}));

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
