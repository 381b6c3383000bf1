// What a page loads at once for running its cells; the rest waits for a press of Run or Edit, or for kept edits.
{
  const script = document.currentScript, {lesson} = script.dataset;
  const release = script.src.split("/").at(-2), key = `cells ${release} ${lesson}`;
  const impossible = location.protocol === "file:" ? "Cells run only where the page comes from a server."
    : !globalThis.WebAssembly || !globalThis.Worker ? "This browser cannot run Python; the page has all results." : "";
  let page, attempts = 0;

  const open = () => page ??= import(`./page.js${attempts++ ? `?${attempts}` : ""}`)
    .then(({open}) => open({...script.dataset, key}))
    .catch((error) => { page = undefined; throw error; });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".run-button, .run-edit");
    if (!button) return;
    const say = (words) => { button.parentElement.querySelector(".run-status").textContent = words; };
    if (impossible) return say(impossible);
    try {
      (await open()).press(button);
    } catch {
      say("This did not load. Press again to try again.");
    }
  });
  if (localStorage.getItem(key) && !impossible) open().catch(() => {});
}
