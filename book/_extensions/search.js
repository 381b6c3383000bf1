// Finds the sections that hold the words of the address (?q=...) in the index that search.py wrote, and lists them by page:
// lessons first. All words have to be there, or as many as there can be.
{
  const MOST = 20, PER_PAGE = 3, AROUND = 90; // pages, sections of a page, characters on either side of a word
  const IGNORED = new Set("a an and are at be by can do does for from how i in is it its my not of on or the to what when where which why with".split(" "));
  const ENDINGS = /(?:ations?|ating|ated|ates?|ions?|ings?|ies|ed|es|s|e|y)$/;

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").normalize("NFC").toLowerCase();
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const wordsOf = (text) => plain(text).match(/[\p{L}\p{N}_.]*[\p{L}\p{N}]/gu) || [];
  const telling = (text) => wordsOf(text).filter((word, at, all) => !IGNORED.has(word) || all.length === 1);

  /** A pattern for the beginnings of words. A short word has to be a whole one; of a long one the ending does not matter. */
  function pattern(word) {
    const stem = word.replace(ENDINGS, ""), whole = word.length < 4;
    return `(?<![\\p{L}\\p{N}])${escaped(stem.length < 4 ? word : stem)}${whole ? "s?(?![\\p{L}\\p{N}])" : "[\\p{L}\\p{N}]*"}`;
  }

  /** What a query asks for: patterns, each of which a section should match, and the pages that come first. */
  function read(query) {
    const patterns = [], first = new Set();
    let rest = ` ${telling(query).join(" ")} `;
    const known = searchIndex.synonyms.flatMap(([phrases, word, pages]) => phrases.map((phrase) => [telling(phrase).join(" "), word, pages]));
    for (const [phrase, word, pages] of known.sort(([a], [b]) => b.length - a.length)) {
      if (!rest.includes(` ${phrase} `)) continue;
      rest = rest.replace(` ${phrase} `, " ");
      pages.forEach((each) => first.add(each));
      const all = phrase.split(" ").map((each) => pattern(each)).join("[^\\p{L}\\p{N}]+");
      patterns.push(word ? `${all}|${pattern(word)}` : all);
    }
    patterns.push(...wordsOf(rest).map(pattern));
    return {patterns: patterns.map((each) => new RegExp(each, "giu")), first};
  }

  const count = (regexp, text) => (text.match(regexp) || []).length;

  /** How well a section answers: how many of the words it has, and how prominent they are. */
  function rate([anchor, title, text], pageTitle, patterns) {
    let held = 0, score = 0;
    for (const each of patterns) {
      const found = [count(each, plain(title)) && 10, count(each, plain(pageTitle)) && 4, Math.min(count(each, plain(text)), 5)];
      const points = found.reduce((sum, part) => sum + part, 0);
      held += points > 0;
      score += points;
    }
    return {anchor, title, text, held, score};
  }

  /** The pages with sections that hold the most words, in the order in which they are shown. */
  function find({patterns, first}) {
    const pages = searchIndex.pages.map((page) => {
      const [[, title]] = page.sections;
      return {...page, title, rated: page.sections.map((section) => rate(section, title, patterns)), wanted: first.has(page.address)};
    });
    const best = Math.max(0, ...pages.flatMap((page) => page.rated.map((section) => section.held)));
    return pages.map((page) => {
      const found = page.rated.filter((section) => section.held && section.held === best).sort((a, b) => b.score - a.score);
      return {...page, found: found.length || !page.wanted ? found : [page.rated[0]]};
    }).filter((page) => page.found.length).sort((a, b) => b.wanted - a.wanted || a.kind - b.kind || b.found[0].score - a.found[0].score);
  }

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  /** A text with the words that were asked for marked. */
  function marked(text, patterns) {
    const parts = [];
    let at = 0;
    for (const {index, 0: word} of text.matchAll(new RegExp(patterns.map(({source}) => source).join("|"), "giu"))) {
      parts.push(text.slice(at, index), element("mark", {textContent: word}));
      at = index + word.length;
    }
    return [...parts, text.slice(at)];
  }

  /** The words around the first one that was asked for. */
  function snippet(text, patterns) {
    const places = patterns.map((each) => text.search(each)).filter((place) => place >= 0);
    const middle = places.length ? Math.min(...places) : 0;
    const from = middle > AROUND ? text.indexOf(" ", middle - AROUND) + 1 : 0;
    const to = text.length > middle + 2 * AROUND ? text.lastIndexOf(" ", middle + 2 * AROUND) : text.length;
    return `${from ? "... " : ""}${text.slice(from, to)}${to < text.length ? " ..." : ""}`;
  }

  function shown(page, patterns) {
    const item = element("li", {}, element("p", {className: "search-kind", textContent: searchIndex.kinds[page.kind]}));
    item.append(element("h2", {}, element("a", {href: page.address}, ...marked(page.title, patterns))));
    const best = page.found.slice(0, PER_PAGE).sort((a, b) => (b.title === page.title) - (a.title === page.title));
    for (const {anchor, title, text} of best) {
      if (title !== page.title)
        item.append(element("h3", {}, element("a", {href: `${page.address}#${anchor}`}, ...marked(title, patterns))));
      if (text) item.append(element("p", {}, ...marked(snippet(text, patterns), patterns)));
    }
    return item;
  }

  const query = (new URLSearchParams(location.search).get("q") || "").trim();
  const input = document.querySelector("article form.bd-search input");
  input.value = query;
  if (query) {
    const asked = read(query), pages = asked.patterns.length ? find(asked) : [];
    const status = document.getElementById("search-count"), number = Math.min(pages.length, MOST);
    const found = number === 1 ? "One page" : `${number} pages`;
    status.textContent = number ? `${found} for “${query}”${pages.length > MOST ? ", the best" : ""}.` : `Nothing found for “${query}”. Try fewer words, or the field's usual ones.`;
    document.getElementById("search-results").append(element("ol", {className: "search-list"}, ...pages.slice(0, MOST).map((page) => shown(page, asked.patterns))));
    document.title = `${query} - ${document.title}`;
  } else {
    input.focus();
  }
}
