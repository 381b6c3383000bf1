// Sets the formulas once the page has loaded and its interactive figures have started: MathJax keeps the processor busy for a while.
{
  const page = document.documentElement, source = new URL("mathjax/tex-chtml.js", document.currentScript.src);
  const show = () => page.classList.remove("formulas-pending");

  const load = () => {
    const script = Object.assign(document.createElement("script"), {src: source.href, onerror: show});
    script.onload = () => MathJax.startup.promise.then(show, show);
    document.head.append(script);
  };

  page.classList.add("formulas-pending");                       // no flash of TeX; without JavaScript it is shown as it is
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
  addEventListener("load", () => whenIdle(load, {timeout: 1000}));
}
