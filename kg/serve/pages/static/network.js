"use strict";
// Draws the network with positions that come with it; nothing moves by itself
const place = document.getElementById("network");
const note = document.getElementById("note");
const details = document.getElementById("details");
const MOST_LISTED = 300;
const nodes = new vis.DataSet();
const edges = new vis.DataSet();
const drawn = new Set(); // a link by its ends and status, so that it is added once
const names = new Map();
let network = null;

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function showEdge(edge) {
  details.replaceChildren(element("h2", `${nodes.get(edge.from).label} – ${nodes.get(edge.to).label}`));
  details.append(element("p", [names.get(edge.status), `${edge.count}`].filter(Boolean).join(" · ")));
  if (edge.text) details.append(element("p", edge.text, "lines"));
  for (const quote of edge.quotes) {
    const words = element("blockquote", quote.quote);
    words.lang = "zh";
    details.append(words, element("p", quote.source, "where"));
  }
}

function showNode(node) {
  details.replaceChildren(element("h2", node.label), element("p", node.title, "lines"));
  const ways = element("p", "", "row");
  const expand = element("button", details.dataset.expand);
  expand.type = "button";
  expand.addEventListener("click", () => addAround(node.id));
  ways.append(expand);
  if (place.dataset.around === "node") {
    const only = element("a", details.dataset.only);
    const address = new URL(place.dataset.page, location.href);
    address.searchParams.set("node", node.id);
    only.href = address.href;
    ways.append(only);
  }
  if (node.page) {
    const page = element("a", details.dataset.page);
    page.href = node.page;
    ways.append(page);
  }
  details.append(ways);
}

function showLegend(id, entries, paint) {
  const list = document.getElementById(id);
  list.replaceChildren();
  for (const entry of entries) {
    if (!entry.name) continue;
    const item = document.createElement("li");
    const sign = element("span", "");
    paint(sign, entry);
    item.append(sign, document.createTextNode(entry.name));
    list.append(item);
  }
}

function showList() {
  const list = document.querySelector("#list ul");
  list.replaceChildren();
  for (const node of nodes.get().slice(0, MOST_LISTED)) {
    const choose = element("button", node.label, "plain");
    choose.type = "button";
    choose.addEventListener("click", () => {
      network.selectNodes([node.id]);
      network.focus(node.id, { scale: 1 });
      showNode(node);
      details.focus();
    });
    const item = document.createElement("li");
    item.append(choose);
    list.append(item);
  }
}

// Adds what is not there yet, so that the middle of the new nodes lies where their neighbour is
function add(content, center) {
  const middle = content.nodes.find((node) => node.id === center);
  const origin = center && nodes.get(center);
  const scale = content.nodes.length > 12 ? 0.6 : 0.9;
  nodes.add(content.nodes.filter((node) => !nodes.get(node.id)).map((node) => (origin && middle ? {
    ...node, x: origin.x + (node.x - middle.x) * scale, y: origin.y + (node.y - middle.y) * scale,
  } : node)));
  const added = [];
  for (const edge of content.edges) {
    const key = [edge.from, edge.to, edge.status].join("\n");
    if (drawn.has(key)) continue;
    added.push({ ...edge, id: drawn.size });
    drawn.add(key);
  }
  edges.add(added); // at once: every change makes the network look through all it has
  for (const entry of content.statuses) names.set(entry.id, entry.name);
}

function count(left) {
  note.textContent = `${nodes.length} ${note.dataset.nodes} · ${edges.length} ${note.dataset.links}${left ? ` · ${left} ${note.dataset.left}` : ""}`;
  showList();
}

async function addAround(id) {
  const address = new URL(place.dataset.more, location.href);
  address.searchParams.set(place.dataset.around, id);
  const response = await fetch(address);
  if (!response.ok) { note.textContent = await response.text(); return; }
  add(await response.json(), id);
  count(0);
  network.selectNodes([id]);
}

function start() {
  network = new vis.Network(place, { nodes, edges }, {
    physics: false, layout: { improvedLayout: false }, edges: { smooth: false },
    interaction: { hover: true, tooltipDelay: 100, hideEdgesOnDrag: true, keyboard: { enabled: true, bindToWindow: false } },
  });
  network.once("afterDrawing", () => { place.dataset.drawn = String(Math.round(performance.now())); });
  network.on("selectNode", (event) => showNode(nodes.get(event.nodes[0])));
  network.on("selectEdge", (event) => { if (!event.nodes.length) showEdge(edges.get(event.edges[0])); });
  network.on("doubleClick", (event) => { if (event.nodes.length) addAround(event.nodes[0]); });
}

async function draw() {
  const response = await fetch(place.dataset.content);
  if (!response.ok) {
    note.textContent = [note.dataset.failed, await response.text()].join("\n");
    note.classList.add("error");
    return;
  }
  const content = await response.json();
  add(content);
  start();
  showLegend("categories", content.categories, (sign, entry) => {
    sign.className = "dot";
    sign.style.background = entry.color;
  });
  showLegend("statuses", content.statuses, (sign, entry) => {
    sign.className = "stroke";
    sign.style.borderTopColor = entry.color;
    sign.style.borderTopStyle = entry.dashes ? "dashed" : "solid";
  });
  count(content.left_out);
  if (!content.nodes.length) note.textContent = note.dataset.none;
}

draw().catch(() => { note.textContent = note.dataset.failed; });
