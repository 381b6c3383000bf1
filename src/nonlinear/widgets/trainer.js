// Train your own: what the reader chooses, and the curves of the run that Python trains.

const TRAINER_STYLE = `
.settings { display: grid; gap: .25rem 1.25rem; grid-template-columns: repeat(2, minmax(0, 1fr)); }
@container (min-width: 36rem) { .settings { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
.runs { margin: .25rem 0; padding-left: 0; list-style: none; font-size: .875em; }
.runs li { padding: .2rem 0; border-bottom: 1px solid var(--faint); }
button[hidden] { display: none; }
button.main { font-weight: 600; border: 2px solid var(--blue); }
`;

const PATIENCE = 10_000;                                             // ms without an answer, after which the reader is told
const GREYS = ["10 4", "2 3", "6 3 2 3"].map(dashes => ["#5a616b", "#a9b1bc", dashes]);
const STARTING = "Python was asked for. How that goes is said at the bottom of the window, or beside the button Run.";
const WAITING = "Python does not answer yet: it does when the cells that run now are done. If none runs, run this cell again.";
const STORED = "The curves are of a stored run, whose settings stand below them.";
const WITHOUT = "Python, which trains, is not part of this copy of the site: download this lesson, and run it in JupyterLab.";

let carried;                                                         // from the stored figure to that of Python in its place

// ---- Python, or whoever answers in its place

/** The button of the page that runs the cell of a stored figure. */
function runButton(host) {
  return host.closest(".run-output") ? null : host.closest(".cell")?.querySelector(".run-button");
}

/** Asks Python for one thing at a time: `ask(what)`; as long as a run goes on, each answer leads to the next request. */
function talk(stage) {
  const {model} = stage, line = {answers: false, waits: false, stopping: false};
  let number = 0, patience, closed = false;
  const wait = () => {
    clearTimeout(patience);
    patience = setTimeout(() => { line.waits = true; stage.queue(); }, PATIENCE);
  };
  line.ask = what => {
    if (what !== "hello") wait();
    number = Math.max(number, model.get("answer")) + 1;
    stage.change({request: {do: what, number}});
  };
  const hear = () => {
    clearTimeout(patience);
    [line.answers, line.waits] = [true, false];
    const goesOn = model.get("run").state === "running";
    if (!goesOn) line.stopping = false;
    else if (!line.stopping) queueMicrotask(() => closed || line.ask("more"));   // a page takes no request while it hears
    stage.queue();
  };
  model.on("change:answer", hear);
  stage.closers.push(() => { closed = true; clearTimeout(patience); model.off("change:answer", hear); });
  return line;
}

// ---- drawings

/** The limits of a log axis around some values: powers of ten, so that they seldom change. */
function decadesAround(values) {
  const known = values.filter(value => value > 0 && Number.isFinite(value)), of = (round, value) => 10 ** round(Math.log10(value));
  if (!known.length) return [0.1, 10];
  const low = of(Math.floor, Math.min(...known)), high = of(Math.ceil, Math.max(...known));
  return [low, high > low ? high : 10 * low];
}

/** One drawing: a line for each run, or for each layer of the last one. */
function layCurves(number) {
  return (drawing, width, now) => {
    const {lines, limits, scale: kind, heading} = now.panels[number], longest = Math.max(...lines.map(({name}) => name.length), 0);
    const right = lines.length > 1 ? 14 + longest * CHARACTER : 14;
    const {X, Y, body, frame, right: edge} = chart(drawing, width, 200, {
      x: {limits: [0, now.total], label: "step"}, y: {limits, scale: kind}, right});
    const paths = lines.map(() => svg("path", {class: "line"}, body)), end = svg("circle", {class: "end", r: 4.5}, drawing);
    const zero = svg("text", {class: "halo soft", x: frame.x + 6, y: frame.y + frame.height - 6}, drawing);
    const names = lines.map(() => svg("text", {class: "name halo"}, drawing));
    let seen, words;

    return now => {
      if (seen !== now.steps) draw(now);                             // a setting leaves the lines alone
      seen = now.steps;
      set(drawing, {"aria-label": `${heading}, against the step. ${words}. ${now.spoken}`});
    };

    function draw(now) {
      const {lines} = now.panels[number], heights = lines.map(({values}) => [values.map(value => Y(Math.max(value, limits[0])))]);
      lines.forEach(({steps, look}, n) => {
        set(paths[n], {d: pathThrough(steps.map(X), heights[n][0]), "stroke-dasharray": look[2]});
        paint(paths[n], look);
      });
      const {steps, look} = lines[0] ?? {steps: []}, last = steps.length - 1;
      set(end, last < 0 ? {visibility: "hidden"} : {cx: X(steps[last]), cy: heights[0][0][last], visibility: "visible"});
      setText(zero, kind === "log" && lines.some(({values}) => values.includes(0)) ? "at the bottom: exactly 0" : "");
      if (look) paint(end, look);
      nameLines({shown: lines, names, samples: [], direct: true, heights, frame, edge, width, keyHeight: 0});
      words = lines.map(({name, values}) => `${name}${values.length ? ` from ${format(values[0], ".3g")} to ${format(values.at(-1), ".3g")}` : ""}`).join("; ");
    }
  };
}

/** The lines of a drawing: those of all runs, the last one first, or those of its layers. */
function linesOf(name, runs, compared, palette) {
  if (compared) return runs.map((run, n) => ({name: `run ${run.number}`, steps: run.step, values: run[name], look: n ? GREYS[n - 1] : palette[0]}));
  const [run] = runs, count = run?.[name][0]?.length ?? 0;
  return Array.from({length: count}, (_, n) => ({name: n === run.chosen.depth ? "output" : `layer ${n + 1}`, steps: run.step,
    values: run[name].map(point => point[n]), look: palette[n % palette.length]}));
}

// ---- tables

function numberText(value) {
  return typeof value === "number" ? format(value, ".4g") : value;
}

/** What is chosen now and was in each run, and how these ended. */
function settingsTable(options, chosen, runs) {
  const used = (name, at) => !name.startsWith("layer") || Number(name.slice(5)) <= at.depth;
  const rows = options.map(([name, label]) => [label, ...[chosen, ...runs.map(run => run.chosen)].map(at => used(name, at) ? numberText(at[name]) : "none")]);
  const ends = [["steps", run => grouped(run.done)], ["loss at the end", run => format(run.loss.at(-1) ?? NaN, ".3g")],
    ["test accuracy", run => format(run.accuracy.at(-1) ?? NaN, ".1%")]];
  return {caption: "Settings and results", head: ["setting", "chosen now", ...runs.map(({number, state}) => `run ${number}, ${state}`)],
    rows: [...rows, ...ends.map(([label, text]) => [label, "", ...runs.map(text)])]};
}

function curvesTable(panels, run) {
  const columns = panels.flatMap(({heading, lines, compared}) => (compared ? lines.slice(0, 1) : lines).map(({name, values}) =>
    [compared ? heading : `${heading.split(",")[0]}, ${name}`, values]));
  return {caption: `Run ${run.number}`, head: ["step", ...columns.map(([name]) => name)],
    rows: thinned(run.step.map((step, i) => [grouped(step), ...columns.map(([, values]) => format(values[i], ".3g"))]))};
}

// ---- the widget

function buildTrainer(stage) {
  const {model, root, host} = stage, options = model.get("options"), panels = model.get("panels"), compared = model.get("compared");
  const values = Object.fromEntries(options.map(([name, , values]) => [name, values])), isLayer = name => name.startsWith("layer");
  const line = talk(stage), onPage = Boolean(model.link), start = runButton(host);
  stage.style(LINES_STYLE + WALK_STYLE + TRAINER_STYLE);
  for (const layers of [false, true]) {
    const grid = html("div", {className: "settings"}, root);
    for (const [name, label, values] of options.filter(([name]) => isLayer(name) === layers)) {
      if (typeof values[0] === "string") select(stage, grid, {trait: name, label, options: values.map(value => [value, value])});
      else slider(stage, grid, {trait: name, label, min: 0, max: values.length - 1, text: place => numberText(values[place]),
        read: now => values.indexOf(now.chosen[name]), write: place => ({[name]: values[place]})});
      const row = grid.lastElementChild;
      if (layers) stage.refreshers.push(({chosen}) => { row.style.display = Number(name.slice(5)) > chosen.depth ? "none" : ""; });
    }
  }
  const buttons = html("div", {className: "buttons"}, root), main = html("button", {type: "button", className: "main"}, buttons);
  const alike = html("button", {type: "button", textContent: "All layers like layer 1"}, buttons);
  const status = html("p", {className: "status"}, root), drawings = html("div", {className: "pair"}, root);
  panels.forEach(([, heading], number) => {
    const column = html("div", {}, drawings);
    html("p", {className: "heading", textContent: heading}, column);
    panel(stage, column, layCurves(number), now => `${now.total} ${now.panels[number].limits} ${now.panels[number].lines.map(({name}) => name)}`);
  });
  const list = set(html("ol", {className: "runs"}, root), {"aria-label": "runs"});
  html("p", {className: "note", textContent: model.get("note")}, root);

  alike.addEventListener("click", () => stage.change(Object.fromEntries(Object.keys(values).filter(isLayer).map(name => [name, stage.situation().chosen.layer1]))));
  main.addEventListener("click", () => {
    if (!line.answers) {
      carried = {...stage.situation().chosen, run: model.get("run"), earlier: model.get("earlier")};
      line.starting = true;
      start.click();
      return stage.queue();
    }
    line.stopping = stage.now.running;
    line.ask(line.stopping ? "stop" : "train");
  });
  for (const name of ["run", "earlier"]) {
    const queue = () => stage.queue();
    model.on(`change:${name}`, queue);
    stage.closers.push(() => model.off(`change:${name}`, queue));
  }
  let listed;
  stage.refreshers.push(now => {
    main.hidden = !now.action;
    setText(main, now.action);
    if (line.answers) line.greeted?.(line.greeted = undefined);
    setText(status, now.sentence);
    const texts = now.runs.map(run => `Run ${run.number}: ${run.words}. ${run.said}`);
    if (listed !== texts.join()) list.replaceChildren(...texts.map(textContent => html("li", {textContent})));
    listed = texts.join();
  });
  line.ask("hello");
  if (carried && host.closest(".run-output")) {
    const brought = carried;
    carried = undefined;
    line.greeted = () => main.focus({preventScroll: true});
    queueMicrotask(() => stage.change(brought));                     // once drawn: the first state is the one to reset to
  }

  /** What the main button does now, or nothing if it can do nothing. */
  function action(running) {
    if (line.answers) return running ? "Stop" : "Train";
    if (!start) return "";
    const size = document.querySelector("script[data-pyodide]")?.dataset.first;
    return `Start Python to train your own${size ? ` (${size} MB)` : ""}`;
  }

  function sentence(run) {
    if (line.waits) return WAITING;
    if (line.starting) return STARTING;
    const said = run ? `Run ${run.number}. ${run.said}` : "No run yet: choose, and press Train.";
    if (line.answers) return said;
    if (!onPage || host.closest(".run-output")) return WAITING;
    return start ? STORED : `${STORED} ${WITHOUT}`;
  }

  return function situation() {
    const run = model.get("run").number ? model.get("run") : null, runs = [...run ? [run] : [], ...model.get("earlier")];
    const chosen = Object.fromEntries(options.map(([name, , values]) => {
      const value = model.get(name);
      return [name, typeof values[0] === "number" ? values[nearest(values, within(value, values[0], values.at(-1)))] : values.includes(value) ? value : values[0]];
    }));
    const running = run?.state === "running", tenth = run ? Math.floor(10 * run.done / run.total) : 0;
    const drawn = panels.map(([name, heading, kind]) => {
      const lines = linesOf(name, runs, compared.includes(name), model.get("palette"));
      return {heading, lines, scale: kind, compared: compared.includes(name),
        limits: kind === "log" ? decadesAround(lines.flatMap(line => line.values)) : [0, 1]};
    });
    const said = sentence(run), steps = runs.map(({number, done}) => `${number}: ${done}`).join(), settings = options.map(([name]) => `${name}=${chosen[name]}`).join(" ");
    return {...chosen, chosen, runs, steps, running, panels: drawn, total: run?.total ?? 1, action: action(running), sentence: said,
      tables: () => [settingsTable(options, chosen, runs), ...run ? [curvesTable(drawn, run)] : []],
      spoken: running ? said : `${said} Chosen: ${options.filter(([name]) => !isLayer(name)).map(([name, label]) => `${label} ${numberText(chosen[name])}`).join(", ")}.`,
      drawn: `${settings} run=${run?.number} state=${run?.state} tenth=${tenth} says=${said.slice(0, 8)}`};
  };
}

export default widget(buildTrainer);
