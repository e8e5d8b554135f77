"use strict";
(() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const root = document.documentElement;
  const drawer = document.getElementById("drawer");
  const found = document.getElementById("found");
  const words = (table, key) => (content.words[table] || {})[key] || [key, key];

  function make(name, className, ...children) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }
  function both([zh, en]) {
    const one = make("span", "", zh);
    one.lang = "zh";
    const other = make("span", "", en);
    other.lang = "en";
    const all = document.createDocumentFragment();
    all.append(one, other);
    return all;
  }
  const say = (key, table = "page") => both(words(table, key));

  function showPassage([number, basis]) {
    const passage = content.passages[number];
    const footer = make("footer", "", `${passage.name} · `, say(passage.kind));
    if (passage.form === "digest") footer.append(" · ", say("digest", "forms"));
    footer.append(make("small", "", passage.where));
    const quote = make("blockquote", "", passage.quote, footer);
    return basis ? [make("p", "", make("b", "", say(basis, "bases"))), quote] : [quote];
  }
  function showList(heading, passages) {
    if (!passages.length) return;
    found.append(make("h4", "", say(heading)));
    passages.forEach((passage) => found.append(...showPassage(passage)));
  }
  function fillQuery(element) {
    const parameters = JSON.parse(element.dataset.parameters);
    const iris = content.sets[parameters.documents].map((iri) => `<${iri}>`).join("\n    ");
    const all = { ...parameters, documents: `\n    ${iris}\n  `, base: content.base };
    const prefixes = Object.entries(content.prefixes).map(([name, iri]) => `PREFIX ${name}: <${iri}>\n`);
    let text = content.queries[element.dataset.query];
    for (const [name, value] of Object.entries(all)) text = text.replaceAll(`%${name}%`, value);
    const used = prefixes.filter((line) => text.includes(line.split(" ")[1]));
    return used.join("") + text;
  }
  function showQuery(element) {
    found.append(make("h4", "", say("query"), ` = ${element.value}`), make("pre", "", fillQuery(element)));
  }
  function open() {
    if (!drawer.open) drawer.showModal();
    drawer.scrollTop = 0;
  }
  function openCell(key) {
    const cell = content.cells[key];
    if (!cell) return;
    const button = document.querySelector(`.cell[data-cell="${key}"]`);
    found.replaceChildren();
    const row = button.closest("tr").querySelector("th");
    const heads = button.closest("table").tHead.rows[0].cells;
    const head = heads[button.closest("td").cellIndex];
    const title = make("h3", "");
    [row, head].forEach((part, index) => {
      if (index) title.append(" × ");
      part.childNodes.forEach((node) => title.append(node.cloneNode(true)));
    });
    found.append(title, make("span", `badge ${cell.state}`, say(cell.state, "states")));
    showList("denied-by", cell.denies);
    showList("evidence", cell.says);
    showList("applies", cell.applies);
    if (cell.covered.length) {
      found.append(make("h4", "", say("covered-by")));
      cell.covered.forEach((name) => found.append(make("p", "quiet", name)));
    }
    button.querySelectorAll("data").forEach(showQuery);
    open();
  }
  document.addEventListener("click", (event) => {
    const language = event.target.closest("[data-language]");
    if (language) {
      root.lang = language.dataset.language;
      return;
    }
    const cell = event.target.closest("[data-cell]");
    if (cell) {
      openCell(cell.dataset.cell);
      return;
    }
    const figure = event.target.closest("data");
    if (figure) {
      found.replaceChildren();
      showQuery(figure);
      open();
    } else if (event.target === drawer || event.target.id === "close") {
      drawer.close();
    }
  });
  // report.html#en opens in English, report.html#cell:310000:ExecutiveTraining opens a cell
  function followHash() {
    const [word, place, instrument] = decodeURIComponent(location.hash.slice(1)).split(":");
    if (["zh", "en"].includes(word)) root.lang = word;
    if (word === "cell") openCell(`${place} ${instrument}`);
  }
  addEventListener("hashchange", followHash);
  followHash();
})();
