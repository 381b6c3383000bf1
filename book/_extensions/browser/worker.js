// Holds Python, away from the page: a cell that computes, or never ends, leaves the page free. Made by page.js.
let python, interpreter;

const lastLine = (error) => String(error.message || error).trim().split("\n").at(-1);
const say = (message) => self.postMessage(message);

/** Load packages of the distribution; what cannot be loaded is an error here. */
async function load(packages) {
  const missing = packages.filter((name) => !(name in python.loadedPackages));
  if (!missing.length) return;
  say({loading: missing});
  await python.loadPackage(missing, {messageCallback() {}, errorCallback() {}});
  const failed = missing.filter((name) => !(name in python.loadedPackages));
  if (failed.length) throw new Error(`${failed.join(" and ")} did not load`);
}

const tasks = {
  async start({pyodide, course}) {
    const answer = fetch(course);
    const {loadPyodide} = await import(`${pyodide}pyodide.mjs`);
    python = await loadPyodide({indexURL: pyodide, packages: ["numpy"], stdout() {}, stderr() {}});
    await load(["numpy"]);
    const archive = await answer;
    if (!archive.ok) throw new Error(`${course.split("/").pop()}: ${archive.status}`);
    const folder = "/course";
    python.unpackArchive(await archive.arrayBuffer(), "zip", {extractDir: folder});
    python.runPython(`
import sys
sys.path.insert(0, "${folder}")
`);
    const Interpreter = python.pyimport("interpreter").Interpreter;
    interpreter = Interpreter((text) => say(JSON.parse(text)), python.pyimport("pathlib").Path(`${folder}/nonlinear`));
    say({ready: true});
  },

  async run({cell, source}) {
    try {
      await load(interpreter.needs(source).toJs());
    } catch (error) {
      return say({cell, error: {summary: `${error.message}; run the cell again to try again`}, done: false});
    }
    say({running: cell});
    interpreter.run(cell, source);
  },

  async set({widget, values}) {
    interpreter.set(widget, python.toPy(values));
  },
};

const fail = (error) => say({failed: lastLine(error)});

// Pyodide leaves its caller waiting when a part of it does not load.
self.onunhandledrejection = (event) => {
  event.preventDefault();
  fail(event.reason);
};

// One task after the other, in the order of the messages.
let last = Promise.resolve();
self.onmessage = ({data}) => { last = last.then(() => tasks[data.task](data)).catch(fail); };
