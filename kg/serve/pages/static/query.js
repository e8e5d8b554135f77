"use strict";
// Runs the query at the endpoint; shows the result as a table, as bars, or leads to its picture
const form = document.getElementById("editor");
const area = document.getElementById("query");
const state = document.getElementById("status");
const results = document.getElementById("results");
const views = document.getElementById("views");
const drawing = document.getElementById("drawing");
const MOST = 1000;
const MOST_BARS = 40;
const NUMBER = /#(integer|decimal|double|float|int|long|nonNegativeInteger)$/;
const SVG = "http://www.w3.org/2000/svg";
let shown = null;

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function shorten(iri) {
  const end = iri.replace(/^.*[/#](?=.)/, "");
  try { return decodeURIComponent(end); } catch { return end; }
}

function show(term) {
  const cell = document.createElement("td");
  if (!term) return cell;
  if (term.type === "uri") {
    const link = element("a", shorten(term.value));
    link.href = results.dataset.resource + encodeURIComponent(term.value);
    link.title = term.value;
    cell.append(link);
  } else {
    cell.textContent = term.value;
    if (term["xml:lang"]) cell.lang = term["xml:lang"];
    if (NUMBER.test(term.datatype || "")) cell.className = "n";
  }
  return cell;
}

function makeTable({ names, rows }) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of names) {
    const numeric = rows.every((row) => row[name] && NUMBER.test(row[name].datatype || ""));
    const cell = element("th", name, numeric ? "n" : "");
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows.slice(0, MOST)) body.insertRow().append(...names.map((name) => show(row[name])));
  return table;
}

// The column of numbers that bars are long by, and the column of words that names them
function findBars({ names, rows }) {
  const every = (name, test) => rows.length > 0 && rows.every((row) => row[name] && test(row[name]));
  const value = names.findLast((name) => every(name, (term) => NUMBER.test(term.datatype || "")));
  const words = (term) => term.type !== "uri" && !NUMBER.test(term.datatype || "");
  const label = names.find((name) => name !== value && every(name, words)) || names.find((name) => name !== value && every(name, () => true));
  return value && label && rows.some((row) => Number(row[value].value) > 0) ? { value, label } : null;
}

function draw(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function makeChart({ rows, bars }) {
  const kept = rows.slice(0, MOST_BARS);
  const most = Math.max(...kept.map((row) => Number(row[bars.value].value)));
  const step = 28, left = 330, width = 860;
  const picture = draw("svg", { viewBox: `0 0 ${width} ${kept.length * step + 26}`, role: "img", class: "bars", "aria-label": `${bars.value} × ${bars.label}` });
  picture.append(draw("text", { x: left, y: 14, class: "axis" }, bars.value));
  kept.forEach((row, number) => {
    const amount = Number(row[bars.value].value), y = 26 + number * step;
    const full = row[bars.label].type === "uri" ? shorten(row[bars.label].value) : row[bars.label].value;
    const label = draw("text", { x: left - 10, y: y + 16, "text-anchor": "end" }, full.length > 21 ? `${full.slice(0, 20)}…` : full);
    label.append(draw("title", {}, full));
    const length = Math.max(0, amount / most) * (width - left - 90);
    picture.append(label, draw("rect", { x: left, y: y + 2, width: length, height: step - 8 }),
      draw("text", { x: left + length + 6, y: y + 16, class: "amount" }, amount.toLocaleString()));
  });
  const box = document.createElement("div");
  box.append(picture);
  if (rows.length > MOST_BARS) box.append(element("p", state.dataset.bars, "muted"));
  return box;
}

function choose(view) {
  for (const button of views.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.view === view));
  results.replaceChildren(view === "chart" ? makeChart(shown) : makeTable(shown));
}

function offerDrawing(possible) {
  const address = new URL(views.dataset.graph, location.href);
  address.searchParams.set("query", area.value);
  drawing.href = address.href;
  drawing.hidden = !possible || address.href.length > 8000;
  views.hidden = drawing.hidden && !shown;
}

function fill(content) {
  shown = null;
  if ("boolean" in content) { results.replaceChildren(element("p", String(content.boolean))); offerDrawing(false); return ""; }
  const names = content.head.vars, rows = content.results.bindings;
  if (!rows.length) { results.replaceChildren(element("p", state.dataset.none, "empty")); offerDrawing(false); return ""; }
  shown = { names, rows, bars: findBars({ names, rows }) };
  views.querySelector("[data-view=chart]").hidden = !shown.bars;
  choose("table");
  offerDrawing(names.filter((name) => rows.some((row) => row[name] && row[name].type === "uri")).length > 1);
  return `${rows.length} ${state.dataset.rows}${rows.length > MOST ? `; ${state.dataset.limit}` : ""}`;
}

async function run() {
  state.textContent = state.dataset.running;
  views.hidden = true;
  views.querySelector("[data-view=chart]").hidden = true;
  const start = performance.now();
  const response = await fetch(form.action, {
    method: "POST", body: new URLSearchParams({ query: area.value }),
    headers: { Accept: "application/sparql-results+json, text/turtle;q=0.5" },
  });
  const text = await response.text();
  const time = `${Math.round(performance.now() - start)} ms`;
  const address = new URL(location.href);
  if (area.value.length < 4000) { address.searchParams.set("query", area.value); history.replaceState(null, "", address); }
  if (!response.ok) {
    shown = null;
    state.textContent = "";
    results.replaceChildren(element("pre", text, "error"));
  } else if ((response.headers.get("Content-Type") || "").includes("json")) {
    state.textContent = [fill(JSON.parse(text)), time].filter(Boolean).join(" · ");
  } else {
    shown = null;
    state.textContent = time;
    results.replaceChildren(element("pre", text));
    offerDrawing(true);
  }
}

form.addEventListener("submit", (event) => {
  if (event.submitter && event.submitter.name === "download") return;
  event.preventDefault();
  run();
});
views.addEventListener("click", (event) => { if (event.target.dataset.view) choose(event.target.dataset.view); });
area.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});
run();
