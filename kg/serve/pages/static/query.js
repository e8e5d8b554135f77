"use strict";
// Runs the query at the endpoint and shows the result as a table
const form = document.getElementById("editor");
const area = document.getElementById("query");
const state = document.getElementById("status");
const results = document.getElementById("results");
const MOST = 1000;

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function show(term) {
  const cell = document.createElement("td");
  if (!term) return cell;
  if (term.type === "uri") {
    const link = element("a", decodeURI(term.value).replace(/^.*[/#](?=.)/, ""));
    link.href = results.dataset.resource + encodeURIComponent(term.value);
    link.title = term.value;
    cell.append(link);
  } else {
    cell.textContent = term.value;
    if (term["xml:lang"]) cell.lang = term["xml:lang"];
  }
  return cell;
}

function fill(content) {
  if ("boolean" in content) { results.replaceChildren(element("p", String(content.boolean))); return ""; }
  const names = content.head.vars;
  const rows = content.results.bindings;
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of names) { const cell = element("th", name); cell.scope = "col"; head.append(cell); }
  const body = table.createTBody();
  for (const row of rows.slice(0, MOST)) body.insertRow().append(...names.map((name) => show(row[name])));
  results.replaceChildren(rows.length ? table : element("p", state.dataset.none, "empty"));
  return `${rows.length} ${state.dataset.rows}${rows.length > MOST ? `; ${state.dataset.limit}` : ""}`;
}

async function run() {
  state.textContent = state.dataset.running;
  const start = performance.now();
  const response = await fetch(form.action, {
    method: "POST", body: new URLSearchParams({ query: area.value }),
    headers: { Accept: "application/sparql-results+json, text/turtle;q=0.5" },
  });
  const text = await response.text();
  const time = `${Math.round(performance.now() - start)} ms`;
  if (!response.ok) {
    state.textContent = "";
    results.replaceChildren(element("pre", text, "error"));
  } else if ((response.headers.get("Content-Type") || "").includes("json")) {
    state.textContent = [fill(JSON.parse(text)), time].filter(Boolean).join(" · ");
  } else {
    state.textContent = time;
    results.replaceChildren(element("pre", text));
  }
}

form.addEventListener("submit", (event) => {
  if (event.submitter && event.submitter.name === "download") return;
  event.preventDefault();
  run();
});
area.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});
run();
