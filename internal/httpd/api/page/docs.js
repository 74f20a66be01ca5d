"use strict";

// Draws the description of the API. Texts are put in as texts, never as markup.

const make = (name, ...parts) => {
  const element = document.createElement(name);
  element.append(...parts);
  return element;
};

const resolve = (spec, schema) =>
  schema && schema.$ref ? spec.components.schemas[schema.$ref.split("/").pop()] : schema;

const typeOf = (schema) => [].concat(schema.type || []).filter((t) => t !== "null")[0] || "any";

// sample writes what a schema allows as JSON with a word for each value.
const sample = (spec, schema, depth = 0) => {
  const s = resolve(spec, schema) || {};
  if (depth > 5) return "…";
  if (s.enum) return s.enum.filter((value) => value !== "").join(" | ");
  switch (typeOf(s)) {
    case "object":
      return Object.fromEntries(
        Object.entries(s.properties || {}).map(([name, of]) => [
          (s.required || []).includes(name) ? name : name + "?",
          sample(spec, of, depth + 1),
        ]),
      );
    case "array":
      return [sample(spec, s.items, depth + 1)];
    default:
      return s.format || typeOf(s);
  }
};

const notes = (spec, schema) => {
  const s = resolve(spec, schema) || {};
  const rows = Object.entries(s.properties || {})
    .filter(([, of]) => of.description)
    .map(([name, of]) => make("tr", make("td", make("code", name)), make("td", of.description)));
  return rows.length ? [make("table", ...rows)] : [];
};

const body = (spec, content) =>
  Object.entries(content || {}).flatMap(([kind, { schema }]) => {
    const s = resolve(spec, schema);
    return s && s.properties
      ? [make("pre", JSON.stringify(sample(spec, schema), null, 2)), ...notes(spec, schema)]
      : [make("p", make("code", kind))];
  });

const operation = (spec, path, method, op) => {
  const box = make(
    "details",
    make("summary", make("b", method.toUpperCase()), make("code", path), make("span", op.summary)),
  );
  box.id = op.operationId;
  if (op.description) box.append(make("p", op.description));
  const params = (op.parameters || []).map((p) =>
    make("tr", make("td", make("code", p.name)), make("td", p.in + (p.required ? ", required" : "")), make("td", p.description || "")),
  );
  if (params.length) box.append(make("h4", "Parameters"), make("table", ...params));
  if (op.requestBody) box.append(make("h4", "Body"), ...body(spec, op.requestBody.content));
  box.append(make("h4", "Answers"));
  for (const [status, answer] of Object.entries(op.responses)) {
    const line = make("p", make("code", status), " ", answer.description);
    box.append(line, ...(status < "400" ? body(spec, answer.content) : []));
  }
  return box;
};

const draw = (spec) => {
  document.getElementById("about").textContent = spec.info.description + " Version " + spec.info.version + ".";
  const tags = new Map();
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const [method, op] of Object.entries(item)) {
      const tag = op.tags[0];
      tags.set(tag, [...(tags.get(tag) || []), operation(spec, path, method, op)]);
    }
  }
  const main = document.getElementById("operations");
  for (const [tag, operations] of tags) main.append(make("h2", tag), ...operations);
};

fetch("openapi.json")
  .then((answer) => answer.json())
  .then(draw)
  .catch(() => {
    document.getElementById("about").textContent = "The description cannot be read.";
  });
