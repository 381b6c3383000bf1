// The chooser: questions that lead to advice, and behind each answer the numbers that speak for it.

const CHOOSER_STYLE = `
fieldset { border: 0; margin: 0 0 1rem; padding: 0; min-width: 0; }
legend { font-weight: 600; padding: 0; margin-bottom: .25rem; }
.option { display: flex; gap: .6rem; align-items: center; min-height: 2.75rem; padding: 0 .7rem; margin: .25rem 0; cursor: pointer;
  border: 1px solid var(--soft); border-radius: .4rem; }
.option:hover { border-color: var(--blue); }
.option:has(:checked) { border-color: var(--blue); box-shadow: inset .3rem 0 var(--blue); }
.option input { flex: none; width: 1.15rem; height: 2.25rem; margin: 0; accent-color: var(--blue); cursor: pointer; }
:host(.dark) .option input { color-scheme: dark; }
.status b { display: block; }
a { color: var(--blue); }
.heading { margin: 0 0 .25rem; font-weight: 600; }
.reach { stroke: var(--blue); stroke-width: 3; }
.middle { fill: var(--blue); stroke: var(--paper); stroke-width: 1.5; }
.nought { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; }
@container (min-width: 36rem) { .evidence { position: sticky; top: 4.5rem; align-self: start; } }
`;

const EACH = 38;                                                     // px from one row of the drawing to the next

/** Rows of [low, middle, high], each below its name. */
function layEvidence(drawing, width, {shown, rows}) {
  const all = rows.flat(), margin = 0.05 * (Math.max(...all) - Math.min(...all)) || 1, bottom = rows.length * EACH + 6;
  const X = scale([Math.min(...all) - margin, Math.max(...all) + margin], [8, width - 8]);
  size(drawing, width, bottom + 42);
  axis(drawing, X, {y: bottom, grid: 0, count: width < 480 ? 4 : 6});
  if (Math.min(...all) < 0 && Math.max(...all) > 0) svg("line", {class: "nought", x1: X(0), x2: X(0), y1: 0, y2: bottom}, drawing);
  svg("text", {x: width / 2, y: bottom + 38, "text-anchor": "middle"}, drawing, shown.label);
  rows.forEach(([low, middle, high], n) => {
    const top = n * EACH, y = top + 27;
    svg("text", {x: 8, y: top + 16, class: "halo"}, drawing, shown.names[n]);
    svg("text", {x: width - 8, y: top + 16, "text-anchor": "end", class: "halo"}, drawing,
      `${format(middle, shown.format)} [${format(low, shown.format)}, ${format(high, shown.format)}]`);
    svg("line", {class: "reach line", x1: X(low), x2: X(high), y1: y, y2: y}, drawing);
    svg("circle", {class: "middle", cx: X(middle), cy: y, r: 5.5}, drawing);
  });
  return now => set(drawing, {"aria-label": `${shown.label}. ${now.spoken}`});
}

/** One question with its answers as radio buttons, and what was measured about the answer that is chosen. */
function addQuestion(stage, parent, {text, options}, n) {
  const trait = `question${n + 1}`, box = html("fieldset", {}, parent);
  html("legend", {textContent: text}, box);
  const inputs = options.map(({label}, k) => {
    const row = html("label", {className: "option"}, box);
    const input = set(html("input", {type: "radio", name: trait}, row), {"aria-label": label});
    html("span", {textContent: label}, row);
    input.addEventListener("change", () => stage.change({[trait]: k + 1}));
    return input;
  });
  const words = html("p", {className: "note"}, box);
  let said;
  stage.refreshers.push(({path}) => {
    const step = path.find(({question}) => question === n), found = step?.evidence;
    box.hidden = !step;
    inputs.forEach((input, k) => { input.checked = step?.place === k + 1; });
    words.hidden = !found;
    if (found && said !== found) words.replaceChildren(found.text, ...sourceOf(stage.model, found));
    said = found;
  });
}

/** Where it was measured: a link on a page of the book, words elsewhere. */
function sourceOf(model, {link, source}) {
  if (!source) return [];
  return [" ", model.link && link ? html("a", {href: link, textContent: source}) : source];
}

// ---- the widget

function buildChooser(stage) {
  const {model, root, arrays} = stage, questions = model.get("questions"), advice = model.get("advice"), evidence = model.get("evidence");
  stage.style(CHOOSER_STYLE);
  const layout = html("div", {className: "pair"}, root), left = html("div", {}, layout), right = html("div", {className: "evidence"}, layout);
  questions.forEach((question, n) => addQuestion(stage, left, question, n));
  const status = html("p", {className: "status"}, left), text = html("b", {}, status), limits = html("span", {}, status);
  const heading = html("p", {className: "heading"}, right);
  panel(stage, right, layEvidence, now => now.drawing);
  const opening = html("p", {className: "note"}, right);
  opening.append(evidence[0].text, ...sourceOf(model, evidence[0]));
  stage.refreshers.push(now => {
    status.hidden = !now.advised;
    if (now.advised) [text, limits].forEach((node, n) => setText(node, now.advised[n]));
    opening.hidden = now.drawing !== 0;
    setText(heading, now.drawing ? "The numbers behind it" : "Before the first answer");
  });

  return function situation() {
    const path = [], answer = n => Math.round(within(model.get(`question${n + 1}`), 0, questions[n].options.length));
    let at = 0, end = -1;
    while (at >= 0) {
      const place = answer(at), option = questions[at].options[place - 1];
      path.push({question: at, place, option, evidence: evidence[option?.evidence]});
      [at, end] = option ? [option.question, option.advice] : [-1, -1];
    }
    const advised = advice[end], found = path.map(({option}) => option?.evidence ?? -1).filter(k => k >= 0 && evidence[k].names.length);
    const drawing = found.at(-1) ?? 0, shown = evidence[drawing];
    const rows = shown.names.map((_, n) => Array.from(arrays.rows.subarray(3 * (shown.start + n), 3 * (shown.start + n + 1))));
    const spoken = [...path.flatMap(step => [questions[step.question].text, step.option && `${step.option.label}.`, step.evidence?.text]),
      ...advised ?? []].filter(Boolean).join(" ");
    return {path, advised, drawing, shown, rows, spoken,
      tables: () => [
        {caption: "Your answers", head: ["question", "answer"], rows: path.map(({question, option}) => [questions[question].text, option?.label ?? "not yet"])},
        {caption: shown.label, head: ["", "lower end", "middle", "upper end"].map((name, n) => n ? name : "row"),
          rows: rows.map(([low, middle, high], n) => [shown.names[n], ...[low, middle, high].map(value => format(value, shown.format))])},
      ],
      drawn: questions.map((_, n) => `question${n + 1}=${answer(n)}`).join(" ")};
  };
}

export default widget(buildChooser);
