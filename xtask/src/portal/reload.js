// Only in development: the page loads itself again when `cargo xtask dev` has built a new portal.
let known;
setInterval(async () => {
    try {
        const response = await fetch("/reload.txt", { cache: "no-store" });
        if (!response.ok) return;
        const build = await response.text();
        if (known === undefined) known = build;
        else if (known !== build) location.reload();
    } catch {
        // The server is being restarted; the next round will tell.
    }
}, 500);
