"use strict";
// Draws the network with positions that come with it; nothing moves by itself
const place = document.getElementById("network");
const note = document.getElementById("note");
const details = document.getElementById("details");

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function showEdge(edge, labels, names) {
  details.replaceChildren(element("h2", `${labels.get(edge.from)} – ${labels.get(edge.to)}`));
  details.append(element("p", [names.get(edge.status), `${edge.count}`].filter(Boolean).join(" · ")));
  for (const quote of edge.quotes) {
    details.append(element("blockquote", quote.quote), element("p", quote.source, "where"));
  }
}

function showNode(node) {
  details.replaceChildren(element("h2", node.label), element("p", node.title));
  const link = element("a", details.dataset.expand);
  const address = new URL(place.dataset.page, location.href);
  address.searchParams.set("node", node.id);
  link.href = address.href;
  details.append(link);
}

function showLegend(id, entries, paint) {
  const list = document.getElementById(id);
  for (const entry of entries) {
    const item = document.createElement("li");
    const sign = element("span", "");
    paint(sign, entry);
    item.append(sign, document.createTextNode(entry.name));
    list.append(item);
  }
}

async function draw() {
  const response = await fetch(place.dataset.content);
  if (!response.ok) throw new Error(response.statusText);
  const content = await response.json();
  const nodes = new vis.DataSet(content.nodes);
  const edges = new vis.DataSet(content.edges);
  const labels = new Map(content.nodes.map((node) => [node.id, node.label]));
  const names = new Map(content.statuses.map((entry) => [entry.id, entry.name]));
  const network = new vis.Network(place, { nodes, edges }, {
    physics: false, layout: { improvedLayout: false }, edges: { smooth: false },
    interaction: { hover: true, tooltipDelay: 100, hideEdgesOnDrag: true, keyboard: { enabled: true, bindToWindow: false } },
  });
  network.once("afterDrawing", () => { place.dataset.drawn = String(Math.round(performance.now())); });
  network.on("selectNode", (event) => showNode(nodes.get(event.nodes[0])));
  network.on("selectEdge", (event) => { if (!event.nodes.length) showEdge(edges.get(event.edges[0]), labels, names); });
  showLegend("categories", content.categories, (sign, entry) => {
    sign.className = "dot";
    sign.style.background = entry.color;
  });
  showLegend("statuses", content.statuses, (sign, entry) => {
    sign.className = "stroke";
    sign.style.borderTopColor = entry.color;
    sign.style.borderTopStyle = entry.dashes ? "dashed" : "solid";
  });
  note.textContent = `${content.nodes.length} ${note.dataset.nodes} · ${content.edges.length} ${note.dataset.links}${content.left_out ? ` · ${content.left_out} ${note.dataset.left}` : ""}`;
}

draw().catch(() => { note.textContent = note.dataset.failed; });
