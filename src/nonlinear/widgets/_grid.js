// Grids of settings: lists and sliders that pick one, and read-outs of it. `_base.py` puts this text before a widget's own.

const GRID_STYLE = `
.bars { margin-top: .75rem; }
dl.read { max-width: 30rem; }
.layout .bars.pair { grid-template-columns: minmax(0, 1fr); margin-top: 0; }
dt.group { grid-column: 1 / -1; font-weight: 600; margin-top: .35rem; }
`;

const TOGETHER = "all";                                                   // what a list says for its options together

/** An array of the data with its shape. */
function shaped(stage, name) {
  const part = stage.model.get("data_layout").find(entry => entry.name === name);
  return part && {values: stage.arrays[name], shape: part.shape};
}

/** The place of a setting in an array over the grid; an axis of length 1 stands for all its settings. */
function placeOf(shape, setting) {
  return shape.reduce((place, length, axis) => place * length + (length > 1 ? setting[axis] : 0), 0);
}

/** A read-out at one setting: the number, or median, smallest and largest of the seeds. */
function summaryAt({values, shape: [statistics, ...rest]}, setting) {
  const cells = rest.reduce((product, length) => product * length, 1);
  return Array.from({length: statistics}, (_, s) => values[s * cells + placeOf(rest, setting)]);
}

function readoutText(data, setting, spec) {
  const [median, lowest, highest] = summaryAt(data, setting).map(value => format(value, spec));
  return lowest === undefined ? median : `${median} [${lowest}, ${highest}]`;
}

/** The list of read-outs: a row each, or a group of rows where several options are shown. */
function addReadouts(stage, parent) {
  const list = html("dl", {className: "read"}, parent);
  let laid, values = [];
  stage.refreshers.push(({readouts}) => {
    const key = readouts.map(({texts}) => texts.length).join();
    if (laid !== key) {
      laid = key;
      list.replaceChildren();
      values = readouts.flatMap(({label, texts}) => {
        if (texts.length > 1) html("dt", {textContent: label, className: "group"}, list);
        return texts.map(([option]) => {
          html("dt", {textContent: texts.length > 1 ? option : label}, list);
          return html("dd", {}, list);
        });
      });
    }
    readouts.flatMap(({texts}) => texts).forEach(([, text], n) => setText(values[n], text));
  });
}

/** The lists for the choices. */
function addChoices(stage, parent) {
  const choices = stage.model.get("choices"), overlay = stage.model.get("overlay");
  stage.over = choices.findIndex(([label]) => label === overlay);
  const pickers = html("div", {className: choices.length > 1 ? "pair" : ""}, parent);
  choices.forEach(([label, options], n) => select(stage, pickers, {trait: `choice${n + 1}`, label,
    options: [...options, ...n === stage.over ? [TOGETHER] : []].map(name => [name, name])}));
}

/** The sliders, in the order of their numbers or another. */
function addSliders(stage, parent, order = stage.model.get("sliders").map((_, n) => n)) {
  const sliders = stage.model.get("sliders"), bars = html("div", {className: sliders.length > 1 ? "pair bars" : "bars"}, parent);
  for (const n of order) {
    const [label, names] = sliders[n];
    slider(stage, bars, {trait: `slider${n + 1}`, label, min: 0, max: names.length - 1, text: place => names[place]});
  }
}

/** The note below a widget. */
function addNote(stage, parent) {
  const note = stage.model.get("note");
  if (note) html("p", {className: "note", textContent: note}, parent);
}

/** The setting that the model is in: `settings` holds a place in the grid for each of the options shown `together`. */
function gridSituation(stage) {
  const {model, over} = stage, [choices, sliders, readouts] = ["choices", "sliders", "readouts"].map(name => model.get(name));
  const picked = choices.map(([, options], n) => {
    const value = model.get(`choice${n + 1}`);
    return options.includes(value) || n === over && value === TOGETHER ? value : options[0];
  });
  const places = sliders.map(([, names], n) => Math.round(within(model.get(`slider${n + 1}`), 0, names.length - 1)));
  const together = picked[over] === TOGETHER ? choices[over][1] : [picked[over] ?? ""];
  const settings = together.map(option => [
    ...picked.map((value, n) => choices[n][1].indexOf(n === over ? option : value)), ...places]);
  const said = readouts.map(({label, format: spec}, n) => {
    const data = shaped(stage, `readout ${n}`), distinct = data.shape[1 + over] > 1 ? together : [together[0]];
    return {label, texts: distinct.map((option, k) => [option, readoutText(data, settings[k], spec)])};
  });
  const where = [...picked.map((value, n) => `${choices[n][0]}: ${value}`), ...places.map((at, n) => `${sliders[n][0]}: ${sliders[n][1][at]}`)];
  const read = said.map(({label, texts}) => `${label}: ${texts.map(([option, text]) => texts.length > 1 ? `${option} ${text}` : text).join(", ")}`);
  const traits = [...picked.map((value, n) => [`choice${n + 1}`, value]), ...places.map((at, n) => [`slider${n + 1}`, at])];
  return {...Object.fromEntries(traits), picked, places, together, settings, setting: settings[0], readouts: said,
    spoken: `${where.join(", ")}.${read.length ? ` ${read.join("; ")}.` : ""}`,
    drawn: traits.map(([trait, value]) => `${trait}=${value}`).join(" ")};
}
