// A cell of the page: its code, its editor, and what it showed when the reader ran it.
import {editor} from "./editor.js";
import {button, element, show} from "./outputs.js";

/** Edits of one page and release, kept where the browser allows it. */
export class Kept {
  constructor(key) {
    this.key = key;
    this.release = key.split(" ")[1];
  }

  all() {
    try {
      const found = Object.entries(JSON.parse(localStorage.getItem(this.key)) ?? {});
      return Object.fromEntries(found.filter(([, code]) => typeof code === "string"));
    } catch {
      return {};                                                // what cannot be read is as good as nothing
    }
  }

  /** Keep the code of a cell, or drop it; another tab may have kept other cells. */
  put(id, code) {
    const {[id]: _, ...now} = this.all();
    if (code !== undefined) now[id] = code;
    try {
      this.dropOlder();
      if (Object.keys(now).length) localStorage.setItem(this.key, JSON.stringify(now));
      else localStorage.removeItem(this.key);
    } catch {}                                                  // storage is full: nothing else is lost
  }

  /** Drop what belongs to another release: its cells may be others. */
  dropOlder() {
    for (const key of Object.keys(localStorage)) {
      const [kind, release] = key.split(" ");
      if (kind === "cells" && release !== this.release) localStorage.removeItem(key);
    }
  }
}

/** A cell of the lesson, or the starter of an exercise, which has a check; some cells have no place on the page. */
export class Cell {
  constructor({id, source, check, alone}, order, page) {
    Object.assign(this, {id, source, check, alone, order, page, code: source});
    this.tools = document.querySelector(`.run-tools[data-cell="${CSS.escape(id)}"]`);
    if (!this.tools) return;
    const cell = this.tools.closest(".cell");
    this.stored = cell?.querySelector(":scope > .cell_output");
    this.input = cell ? cell.querySelector(".cell_input") : this.tools.previousElementSibling;
    this.status = this.tools.querySelector(".run-status");
    this.atFirst = this.status.textContent;
    this.editButton = this.tools.querySelector(".run-edit");
  }

  get edited() {
    return this.code !== this.source;
  }

  say(words) {
    if (this.tools && this.status.textContent !== words) this.status.textContent = words;
  }

  /** Show the editor in the place of the code. */
  edit() {
    if (this.editor) return;
    const tell = {change: (code) => this.change(code), run: () => this.page.run(this)};
    this.editor = editor(this.code, "Code of this cell", tell);
    this.input.hidden = this.editButton.hidden = true;
    this.input.after(this.editor.box);
    const folded = this.input.closest("details");
    if (folded) folded.open = true;
  }

  /** Take over new code from the editor. */
  change(code) {
    this.code = code;
    this.page.kept.put(this.id, this.edited ? code : undefined);
    this.say(this.edited ? "Edited." : "");
    this.offerRestore();
  }

  /** Take over code that was kept. */
  recall(code) {
    if (!this.tools || code === this.source) return;
    this.code = code;
    this.edit();
    this.offerRestore();
  }

  offerRestore() {
    if (this.restorer) return;
    this.restorer = button("Restore", () => {
      this.restore();
      this.editButton.focus();
    });
    this.restorer.title = "Bring back the code and the output of the lesson";
    this.status.before(this.restorer);
  }

  /** Bring back what the lesson has. */
  restore() {
    this.code = this.source;
    this.page.kept.put(this.id, undefined);
    for (const part of [this.editor?.box, this.own, this.restorer]) part?.remove();
    this.editor = this.own = this.restorer = undefined;
    this.input.hidden = this.editButton.hidden = false;
    if (this.stored) this.stored.hidden = false;
    this.tools.classList.remove("solved");
    this.say(this.atFirst);
  }

  /** Make an empty place for what this run shows, instead of what is there. */
  clear() {
    const mark = element("p", "run-mark", this.edited ? "Your run of your code" : "Your run");
    const place = element("div", "cell_output run-output docutils container", mark);
    this.own ? this.own.replaceWith(place) : this.tools.after(place);
    this.own = place;
    if (this.stored) this.stored.hidden = true;
    this.offerRestore();
  }

  /** What a figure of this cell shows, in words. */
  get words() {
    return (!this.edited && this.stored?.querySelector("img")?.alt) || "The figure that this cell draws";
  }

  /** Get ready to run; a cell that `shows` puts what it gives into the page, another one only an error. */
  begin(shows) {
    this.shows = Boolean(this.tools && shows);
    if (!this.shows) return;
    this.clear();
    this.say("Running …");
  }

  /** Show one message of Python. */
  hear(message) {
    if (message.error) this.error = message.error.summary;
    if (!this.tools || !(this.shows || message.error)) return;
    if (!this.shows) this.clear();
    if (message.state) this.page.widgets.draw(this.own, message);
    else show(this.own, message, this.words);
  }

  /** Say how the run ended; an exercise is solved if its own check has passed. */
  finish(well) {
    this.ran = true;
    if (!this.shows) return;
    const solved = Boolean(well && this.check && this.code.includes(this.check));
    this.tools.classList.toggle("solved", solved);
    this.say(solved ? "Solved: the check passes." : well ? "" : "This cell ended with an error.");
    this.addCaption();
  }

  /** Python is gone, and with it what this cell has computed. */
  lose(words) {
    this.ran = false;
    if (this.status?.textContent === "Running …") this.say(words);
  }

  /** Keep the caption of a figure below the reader's own one; of edited code it might say what is no longer true. */
  addCaption() {
    const caption = !this.edited && this.stored?.querySelector("figcaption")?.cloneNode(true);
    if (!caption || !this.own.querySelector(":scope > :is(img, picture)")) return;
    caption.querySelectorAll(".headerlink").forEach((part) => part.remove());
    caption.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
    this.own.append(caption);
  }
}
