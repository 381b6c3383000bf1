// Holds Python, away from the page: a cell that computes, or never ends, leaves the page free. Made by page.js.
let python, interpreter;

const FOLDER = "/course";
const LOCK = "pyodide-lock.json";
const MORE = 20;                                                // newly imported modules that are worth keeping
const PAUSE = 2000;                                             // ms without a request, after which they are kept
const lastLine = (error) => String(error.message || error).trim().split("\n").at(-1);
const nameOf = (address) => address.split("/").pop();
const bytes = (buffer) => python.toPy(new Uint8Array(buffer));
const say = (message) => self.postMessage(message);

/** Fetch a file that must be there. */
async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${nameOf(address)}: ${answer.status}`);
  return answer.arrayBuffer();
}

/** Read a file while Python stands still and waits for it. */
function read(address) {
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${nameOf(address)}: ${request.status}`);
  return request.response;
}

/** The files of the distribution: the list of packages and NumPy, which every lesson needs, come while Python starts. */
class Files {
  constructor(folder) {
    this.folder = folder;
    this.ahead = {};
  }

  async fetch() {
    this.ahead[LOCK] = await fetched(`${this.folder}${LOCK}`);
    const {packages} = JSON.parse(new TextDecoder().decode(this.ahead[LOCK])), {file_name: name} = packages.numpy;
    this.ahead[name] = await fetched(`${this.folder}${name}`);
  }

  read(name) {
    return bytes(this.ahead[name] ?? read(`${this.folder}${name}`));
  }
}

/** Bytecode that is kept for the next visit, beside the archive of its sources; the site has no such files. */
class Kept {
  async open(cache, course) {
    this.names = [`${course}.bytecode`, `${course}.library`];
    this.cache = cache && await caches.open(cache);
    const found = await Promise.all(this.names.map((name) => this.cache?.match(name)));
    return found[0] && found[1] ? {packed: await found[0].arrayBuffer(), library: this.names[1]} : {};
  }

  /** Keep it again if much has been imported since; in between, Python runs what a reader asks for. */
  async renew() {
    for (const parts of this.bytecode.renewed(MORE)) {
      await new Promise((resolve) => setTimeout(resolve));
      if (!parts) continue;
      const contents = parts.toJs().map((part) => new Response(part));
      await Promise.all(this.names.map((name, k) => this.cache.put(name, contents[k])));
    }
  }

  /** Do so when nothing happens for a while. */
  soon() {
    clearTimeout(this.timer);
    if (this.cache) this.timer = setTimeout(() => this.renew().catch(() => {}), PAUSE); // there may be no room
  }
}

const kept = new Kept();

const tasks = {
  async start({pyodide, course, cache}) {
    const files = new Files(pyodide), ahead = Promise.all([fetched(course), files.fetch()]);
    const {packed, library} = await kept.open(cache, course).catch(() => ({}));
    const {loadPyodide} = await import(`${pyodide}pyodide.mjs`);
    python = await loadPyodide({indexURL: pyodide, ...(library && {stdLibURL: library}), stdout() {}, stderr() {}});
    const [archive] = await ahead;
    python.unpackArchive(archive, "zip", {extractDir: FOLDER});
    python.runPython(`
import sys
sys.path.insert(0, "${FOLDER}")
`);
    kept.bytecode = python.pyimport("bytecode").Bytecode(packed && bytes(packed));
    const {Interpreter} = python.pyimport("interpreter");
    interpreter = Interpreter((text) => say(JSON.parse(text)), (name) => files.read(name));
    say({ready: true});
  },

  async run({cell, source, shows = true}) {
    interpreter.run(cell, source, shows);
    kept.soon();
  },

  async set({widget, values}) {
    interpreter.set(widget, python.toPy(values));
    say({settled: true});
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
