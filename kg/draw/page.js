"use strict";
const content = JSON.parse(document.getElementById("content").textContent);
const nodes = new vis.DataSet(content.nodes);
const edges = new vis.DataSet(content.edges);
const labels = new Map(content.nodes.map((node) => [node.id, node.label]));
const names = new Map(content.statuses.map((entry) => [entry.id, entry.name]));
const hidden = { category: new Set(), status: new Set() };

const network = new vis.Network(document.getElementById("network"), { nodes, edges }, {
  physics: false,
  layout: { improvedLayout: false },
  interaction: {
    hover: true, tooltipDelay: 100, navigationButtons: true, hideEdgesOnDrag: true,
    keyboard: { enabled: true, bindToWindow: false },
  },
  edges: { smooth: false },
});

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function show(edge) {
  const details = document.getElementById("details");
  const heading = `${labels.get(edge.from)} – ${labels.get(edge.to)}`;
  details.replaceChildren(element("h2", heading));
  details.append(element("p", [names.get(edge.status), `${edge.count}`].filter(Boolean).join(" · ")));
  if (edge.text) details.append(element("p", edge.text, "text"));
  for (const quote of edge.quotes) {
    details.append(element("blockquote", quote.quote));
    details.append(element("p", quote.source, "source"));
  }
}

network.on("selectEdge", (event) => {
  if (event.edges.length) show(edges.get(event.edges[0]));
});

// A link goes with its status and with either end; a node goes with its category or its last link
function filter() {
  const gone = new Set(content.nodes.filter((node) => hidden.category.has(node.category)).map((node) => node.id));
  const kept = new Set();
  edges.update(content.edges.map((edge) => {
    const off = hidden.status.has(edge.status) || gone.has(edge.from) || gone.has(edge.to);
    if (!off) kept.add(edge.from).add(edge.to);
    return { id: edge.id, hidden: off };
  }));
  nodes.update(content.nodes.map((node) => (
    { id: node.id, hidden: gone.has(node.id) || (node.linked && !kept.has(node.id)) }
  )));
}

function addEntries(id, kind, entries, paint) {
  const parent = document.getElementById(id);
  parent.hidden = entries.length === 0;
  for (const entry of entries) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => {
      if (box.checked) hidden[kind].delete(entry.id); else hidden[kind].add(entry.id);
      filter();
    });
    const mark = element("span", "");
    paint(mark, entry);
    label.append(box, mark, document.createTextNode(entry.name));
    parent.append(label);
  }
}

addEntries("categories", "category", content.categories, (mark, entry) => {
  mark.className = "swatch";
  mark.style.background = entry.color;
});
addEntries("statuses", "status", content.statuses, (mark, entry) => {
  mark.className = "stroke";
  mark.style.borderTopColor = entry.color;
  mark.style.borderTopStyle = entry.dashes ? "dashed" : "solid";
});
