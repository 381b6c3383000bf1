// The presenter view: the figures, widgets and quizzes of a lesson one after another, each with the sentence that asks, large.
// page.js loads this file when a reader asks for the view. Nothing is moved or copied: what is not on the slide is hidden.
(() => {
  const root = document.documentElement, article = document.querySelector(".bd-article");
  const SHOWN = ".nl-widget, .cell_output img.for-light:not(.nl-widget > img), fieldset.quiz";
  const ASIDE = "p.protocol, .cell, .claims, span, figure, fieldset.quiz, details";  // between a slide and what asks about it
  const FIELDS = "input, select, textarea, [contenteditable], [role='slider']";
  const LARGEST = 2.6, SMALLEST = 0.8, WIDE = 960, SWIPE = 60;            // times the size on the page; pixels

  const isShort = (element) => element?.matches("p, h2, h3, h4");                 // a list is no sentence that asks

  /** The elements of a slide: what it shows, and the text that leads to it. */
  function parts(shown) {
    const whole = shown.closest(".cell") ?? shown;
    let before = whole.previousElementSibling;
    while (before?.matches(ASIDE) && !before.matches("p:not(.protocol, .claims)")) before = before.previousElementSibling;
    return isShort(before) && !whole.matches("fieldset") ? [before, whole] : [whole];
  }

  /** The slides: one for each cell that shows something, and one for each quiz. */
  function slides() {
    const found = [...article.querySelectorAll(SHOWN)].filter((each) => !each.closest(".solution, details:not(.hide)"));
    return [...new Set(found.map((each) => each.closest(".cell") ?? each))].map(parts);
  }

  const all = slides(), title = article.querySelector("h1");
  let at = -1, focused = null;

  const button = (words, sign, act) => {
    const made = Object.assign(document.createElement("button"), {type: "button", textContent: sign, title: words});
    made.setAttribute("aria-label", words);
    made.addEventListener("click", act);
    return made;
  };

  const counter = Object.assign(document.createElement("span"), {className: "present-counter"});
  counter.setAttribute("role", "status");
  const bar = document.createElement("nav");
  bar.className = "present-bar";
  bar.setAttribute("aria-label", "Presenter view");
  const back = button("Previous", "←", () => show(at - 1)), forth = button("Next", "→", () => show(at + 1));
  const theme = () => document.querySelector(".theme-switch-button").click();
  bar.append(back, counter, forth, button("Light or dark", "◐", theme), button("End the presentation", "×", end));

  /** Mark what is on the slide, and the way to it. */
  function mark(elements) {
    for (const each of document.querySelectorAll("[data-slide]")) delete each.dataset.slide;
    for (const each of [bar, title, ...elements]) each.dataset.slide = "part";
    for (const each of [...elements, title]) {
      for (let parent = each.parentElement; parent !== root; parent = parent.parentElement) parent.dataset.slide ??= "way";
    }
  }

  /** Whether a slide is so tall that its text stands beside it, where the window is wide enough. */
  function isTall(elements) {
    const picture = elements.at(-1).querySelector("img.for-light");
    return elements.length > 1 && (elements.at(-1).querySelector(".nl-widget") !== null || picture.height > 0.6 * picture.width);
  }

  /** As large as the window allows, and on a wide one a little smaller than on the page rather than cut off. */
  function fit() {
    if (at < 0) return;
    root.style.setProperty("--present", 1);
    const {width, height} = article.getBoundingClientRect(), room = bar.offsetHeight;
    const size = Math.min(innerWidth / width, (innerHeight - room) / height, LARGEST);
    root.style.setProperty("--present", Math.max(innerWidth < WIDE ? 1 : SMALLEST, size).toFixed(3));
  }

  /** Keep the number of the slide in the address; a page from a file cannot. */
  function remember(number) {
    const address = new URL(location.href);
    number ? address.searchParams.set("present", number) : address.searchParams.delete("present");
    try { history.replaceState(history.state, "", address); } catch { /* not kept, then */ }
  }

  function show(number) {
    at = Math.max(0, Math.min(number, all.length - 1));
    mark(all[at]);
    root.dataset.presenting = isTall(all[at]) ? "tall" : "wide";
    counter.textContent = `${at + 1} of ${all.length}`;
    back.disabled = at === 0;
    forth.disabled = at === all.length - 1;
    remember(at + 1);
    scrollTo({top: 0, behavior: "instant"});
    fit();
  }

  /** Begin with the slide that the address names, or with the one that the reader has in view. */
  function start() {
    if (at >= 0 || !all.length) return;
    focused = document.activeElement;
    const named = Number(new URLSearchParams(location.search).get("present"));
    const near = all.findIndex((elements) => elements.at(-1).getBoundingClientRect().bottom > 80);
    document.body.append(bar);
    show(named ? named - 1 : Math.max(0, near));
    for (const [event, listener] of Object.entries(LISTENERS)) addEventListener(event, listener);
    sizes.observe(article);
  }

  function end() {
    const last = all[at].at(-1);
    at = -1;
    sizes.disconnect();
    for (const [event, listener] of Object.entries(LISTENERS)) removeEventListener(event, listener);
    for (const each of document.querySelectorAll("[data-slide]")) delete each.dataset.slide;
    delete root.dataset.presenting;
    bar.remove();
    remember(0);
    last.scrollIntoView({block: "center", behavior: "instant"});
    focused?.focus({preventScroll: true});
  }

  const KEYS = {ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1};
  function press(event) {
    if (event.key === "Escape") return end();
    if (!KEYS[event.key] || event.altKey || event.ctrlKey || event.metaKey || event.composedPath()[0].matches?.(FIELDS)) return;
    event.preventDefault();
    show(at + KEYS[event.key]);
  }

  let from = null;
  const inWidget = (event) => event.composedPath().some((each) => each.matches?.(".nl-widget, .present-bar"));
  const touch = (event) => { from = event.touches.length === 1 && !inWidget(event) ? event.touches[0] : null; };
  function lift({changedTouches: [to]}) {
    const across = from ? to.clientX - from.clientX : 0, down = from ? to.clientY - from.clientY : 0;
    if (Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(down)) show(at - Math.sign(across));
  }

  const LISTENERS = {keydown: press, touchstart: touch, touchend: lift, resize: fit};
  let height = 0;                                                         // of the slide at its size on the page
  const sizes = new ResizeObserver(() => {
    const now = article.offsetHeight;
    if (Math.abs(now - height) > 2) { height = now; fit(); }
  });

  globalThis.presentLesson = start;
  const style = Object.assign(document.createElement("link"), {rel: "stylesheet", onload: start});
  style.href = document.querySelector("script[src*='present.js']").src.replace("present.js", "present.css");
  document.head.append(style);
})();
