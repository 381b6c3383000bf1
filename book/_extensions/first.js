// Runs before the first paint: a dark page is dark from the start, and a reader whose browser refuses storage loses nothing else.
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].getItem("");
  } catch {
    const kept = new Map(), getItem = (key) => kept.get(key) ?? null, setItem = (key, value) => kept.set(key, `${value}`);
    Object.defineProperty(window, name, {value: {getItem, setItem, removeItem: (key) => kept.delete(key)}});
  }
}
{
  const kept = localStorage.getItem("mode"), mode = ["light", "dark"].includes(kept) ? kept : "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.mode = mode;
  document.documentElement.dataset.theme = mode === "auto" ? (dark ? "dark" : "light") : mode;
}
