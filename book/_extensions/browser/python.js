// The page's side of Python: starts the worker, asks it one thing at a time, and ends it.
const here = (name) => new URL(name, import.meta.url).href;

export class Python {
  /** @param {string} pyodide  the folder of the distribution, beside this one
   *  @param {function(object)} hear  takes every message
   *  @param {function(string)} ended  is told why Python is gone */
  constructor(pyodide, hear, ended) {
    this.places = {pyodide: here(`../${pyodide}/`), course: here("course.zip")};
    Object.assign(this, {hear, ended});
  }

  /** Load Python; `cache` names what the browser keeps of an earlier visit. */
  async start(cache) {
    this.worker = new Worker(here("worker.js"), {type: "module"});
    this.worker.onmessage = ({data}) => this.receive(data);
    this.worker.onerror = (event) => this.end(event.message || "its worker did not load");
    await this.ask({task: "start", cache, ...this.places});
  }

  /** Run a cell; return whether it ended without an error. One that shows nothing draws nothing. */
  run(cell, source, shows) {
    return this.ask({task: "run", cell, source, shows});
  }

  /** Hand over what a reader sets in a widget. */
  set(widget, values) {
    this.worker?.postMessage({task: "set", widget, values});
  }

  /** Post a request and wait for its end. */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.waiting = {resolve, reject};
      this.worker.postMessage(request);
    });
  }

  receive(message) {
    if (message.failed) return this.end(message.failed);
    this.hear(message);
    if (message.ready || "done" in message) this.waiting.resolve(message.done ?? true);
  }

  /** End the worker, and with it all that it holds; whoever waits for it learns why. */
  end(reason) {
    if (!this.worker) return;
    this.worker.terminate();
    this.worker = undefined;
    this.ended(reason);
    this.waiting?.reject(new Error(reason));
  }
}
