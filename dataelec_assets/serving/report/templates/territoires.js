"use strict";
// The search for a territory, the drawings of tables, and CSV. Classic script: pages opened from a file may load
// scripts beside them, but neither modules nor data.
window.dataelec = window.dataelec || {};
(function (dataelec) {
  const SVG = "http://www.w3.org/2000/svg";
  // A curve through fewer points shows nothing that the table does not (components.LEAST_POINTS).
  const LEAST_POINTS = 4;
  // More bars than this are not read one by one; the table has all.
  const MOST_BARS = 25;
  const LETTER = 7; // width of a letter of 12 px, bold ones included

  // ---- elements
  dataelec.element = function (tag, attributes, ...content) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== false) made.setAttribute(name, value === true ? "" : value);
    made.append(...content.filter((each) => each !== null && each !== undefined).map((each) => (typeof each === "string" ? typographic(each) : each)));
    return made;
  };
  // Punctuation stays with its word at the end of a line, as french.py has it.
  const typographic = (text) => text.replace(/ ([;!?])/g, "\u202f$1").replace(/ ([:»%])/g, "\u00a0$1");
  function shape(tag, attributes, text, hint) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    if (hint) made.append(shape("title", {}, hint));
    return made;
  }

  // ---- numbers, as french.py writes them
  dataelec.number = function (value, digits) {
    if (value === null || value === undefined || !isFinite(value)) return "n.d.";
    const text = new Intl.NumberFormat("fr-FR", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
    return text.replace("-", "−").replace(/^−(?=0(,0*)?$)/, "");
  };
  // A number of a cell without its spaces, as spreadsheets read it in French; empty when it is none.
  function plain(text) {
    const found = text.replace(/[\s  *+]/g, "").replace("−", "-");
    return /^-?\d+(,\d+)?$/.test(found) ? found : "";
  }
  function numeric(text) {
    const found = plain(text);
    return found === "" ? null : Number(found.replace(",", "."));
  }
  function rowsOf(table) {
    return [...table.tBodies[0].rows].map((row) => ({
      name: row.cells[0].textContent,
      cells: [...row.cells].slice(1),
      isHere: row.classList.contains("ici"),
      told: row.dataset.periode ? row.dataset : table.dataset,
    }));
  }

  // ---- drawings
  function bars(figure, table, width) {
    const unit = table.tHead.rows[0].cells[1].textContent;
    let rows = rowsOf(table).map((row) => ({ ...row, value: numeric(row.cells[0].textContent), text: row.cells[0].textContent }));
    rows = rows.filter((row) => row.value !== null);
    if (rows.length < 2) return null;
    rows = rows.filter((row, at) => at < MOST_BARS || row.isHere);
    const step = 26, room = Math.min(width * 0.45, 14 + LETTER * Math.max(...rows.map((row) => row.name.length)));
    const figures = 12 + LETTER * Math.max(...rows.map((row) => row.text.length));
    const low = Math.min(0, ...rows.map((row) => row.value)), high = Math.max(0, ...rows.map((row) => row.value));
    const scale = (value) => room + ((value - low) / (high - low || 1)) * (width - room - figures);
    const made = shape("svg", { viewBox: `0 0 ${width} ${step * rows.length}`, role: "img" });
    rows.forEach((row, at) => {
      const from = Math.min(scale(0), scale(row.value)), to = Math.max(scale(0), scale(row.value));
      const hint = `${row.name} : ${row.text} ${unit}`, middle = at * step + step / 2;
      const letters = Math.floor((room - 10) / LETTER);
      const name = row.name.length > letters ? `${row.name.slice(0, letters - 1)}…` : row.name;
      made.append(
        shape("text", { x: room - 8, y: middle + 4, "text-anchor": "end", class: row.isHere ? "fort" : "" }, name, hint),
        shape("rect", { x: from, y: middle - 8, width: Math.max(to - from, 1), height: 16, class: row.isHere ? "barre ici" : "barre" }, undefined, hint),
        shape("text", { x: to + 5, y: middle + 4, class: row.isHere ? "fort" : "" }, row.text),
      );
    });
    return [made];
  }

  function curves(figure, table, width) {
    const rows = rowsOf(table).reverse();
    const titles = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
    const made = titles.map((title, at) => {
      const points = rows.map((row) => ({
        year: Number(row.name),
        value: numeric(row.cells[at].textContent),
        text: row.cells[at].textContent,
        breaks: row.cells[at].classList.contains("rupture"),
      }));
      if (points.filter((each) => each.value !== null).length < LEAST_POINTS) return null;
      const name = dataelec.element("p", { class: "titre" }, dataelec.element("span", { "data-definition": true }, title));
      return dataelec.element("div", {}, name, curve(points, width));
    });
    return made.filter((each) => each !== null);
  }

  function curve(points, width) {
    const height = 150, top = 14, bottom = 22, left = 8 + LETTER * Math.max(...points.map((each) => each.text.length)), right = 14;
    const known = points.filter((each) => each.value !== null);
    const years = known.map((each) => each.year), values = known.map((each) => each.value);
    const span = Math.max(...years) - Math.min(...years) || 1;
    const low = Math.min(...values), high = Math.max(...values), margin = (high - low) * 0.08 || 1;
    const x = (year) => left + ((year - Math.min(...years)) / span) * (width - left - right);
    const y = (value) => height - bottom - ((value - low + margin) / (high - low + 2 * margin)) * (height - top - bottom);
    const made = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
    for (const each of [known[values.indexOf(low)], known[values.indexOf(high)]]) {
      made.append(shape("line", { x1: left, x2: width - right, y1: y(each.value), y2: y(each.value), class: "axe" }));
      made.append(shape("text", { x: left - 5, y: y(each.value) + 4, "text-anchor": "end", class: "pale" }, each.text));
    }
    for (const each of points.filter((each) => each.breaks && each.year > Math.min(...years))) {
      const at = x(each.year - 0.5);
      made.append(shape("line", { x1: at, x2: at, y1: top - 8, y2: height - bottom, class: "rupture" }, undefined, `Rupture de série en ${each.year}`));
    }
    let path = "", last = null;
    for (const each of points) {
      // A missing year and a break both end a line.
      if (each.value === null) { last = null; continue; }
      path += `${last === null || each.breaks ? "M" : "L"}${x(each.year).toFixed(1)},${y(each.value).toFixed(1)}`;
      last = each;
    }
    made.append(shape("path", { d: path, class: "ligne" }));
    for (const each of known) made.append(shape("circle", { cx: x(each.year), cy: y(each.value), r: 4, class: "point" }, undefined, `${each.year} : ${each.text}`));
    const ends = [Math.min(...years), Math.max(...years)];
    made.append(shape("text", { x: x(ends[0]), y: height - 5, class: "pale" }, String(ends[0])));
    made.append(shape("text", { x: x(ends[1]), y: height - 5, "text-anchor": "end", class: "pale" }, String(ends[1])));
    return made;
  }

  const DRAWINGS = { barres: bars, courbes: curves };

  // Draw a figure from its table, as wide as there is room; without anything to draw, the table stands alone.
  dataelec.dessiner = function (figure) {
    const table = figure.querySelector("table"), make = DRAWINGS[figure.dataset.dessin];
    figure.querySelector(":scope > .dessins")?.remove();
    if (!table || !make) return;
    const place = dataelec.element("div", { class: "dessins" });
    figure.querySelector("figcaption").after(place);
    const columns = getComputedStyle(place).gridTemplateColumns.split(" ").map(parseFloat);
    const drawn = make(figure, table, Math.max(240, make === bars ? place.clientWidth : columns[0]));
    if (!drawn || !drawn.length) { place.remove(); return; }
    const title = figure.querySelector("h3").textContent;
    const said = figure.querySelector("figcaption p").id;
    if (make === bars) place.style.gridTemplateColumns = "minmax(0, 1fr)";
    place.append(...drawn);
    for (const each of place.querySelectorAll("svg")) {
      const name = each.parentNode.querySelector(".titre");
      each.setAttribute("aria-label", name ? name.textContent : title);
      each.setAttribute("aria-describedby", said);
    }
  };

  // ---- CSV, as French spreadsheets open it: semicolons, commas, a byte order mark
  function cell(text) {
    // What a spreadsheet would take for a formula stays text.
    const safe = /^[=+\-@\t\r]/.test(text) && plain(text) === "" ? `'${text}` : text;
    return /[";\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  }
  dataelec.csv = function (table) {
    const heads = [...table.tHead.rows[0].cells].map((each) => each.textContent);
    const lines = rowsOf(table).map((row) => {
      const values = row.cells.map((each) => (each.classList.contains("mots") ? each.textContent : plain(each.textContent)));
      const partial = row.cells.some((each) => each.textContent.includes("*")) ? "oui" : "non";
      const [from, to] = row.told.periode.split("/");
      return [row.name, ...values, from, to, partial, row.told.source];
    });
    const all = [[...heads, "Premier jour", "Dernier jour", "Partiel", "Tables"], ...lines];
    return `\ufeff${all.map((line) => line.map(cell).join(";")).join("\r\n")}\r\n`;
  };
  function download(figure) {
    const table = figure.querySelector("table");
    const link = dataelec.element("a", {
      href: URL.createObjectURL(new Blob([dataelec.csv(table)], { type: "text/csv;charset=utf-8" })),
      download: `${dataelec.normal(document.querySelector("h1").textContent).replace(/ /g, "-")}-${figure.id.replace("figure-", "")}.csv`,
    });
    document.body.append(link);
    link.click();
    link.remove();
    URL.revokeObjectURL(link.href);
  }

  dataelec.equiper = function (root) {
    for (const figure of root.querySelectorAll("figure")) {
      const button = dataelec.element("button", { type: "button", class: "csv" }, "Télécharger (CSV)");
      button.setAttribute("aria-label", `Télécharger (CSV) : ${figure.querySelector("h3").textContent}`);
      button.addEventListener("click", () => download(figure));
      figure.append(button);
      dataelec.dessiner(figure);
    }
  };

  // ---- search
  // As the API searches: accents, case, hyphens and apostrophes make no difference.
  dataelec.normal = (text) => text.normalize("NFKD").replace(/[̀-ͯ]/g, "").replace(/œ/g, "oe").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();

  const WORDS = { region: "région", departement: "département", epci: "EPCI", commune: "commune" };
  const SHOWN = 12;
  let places = null;

  dataelec.lieux = function (told) {
    const names = new Map(told.departement);
    const add = (grain, code, name, where, href) => ({ grain, code, name, where, href, normal: dataelec.normal(name) });
    places = [
      ...told.region.map(([code, name, page]) => add("region", code, name, "", page ? `../region-${code}.html` : `index.html#region-${code}`)),
      ...told.departement.map(([code, name]) => add("departement", code, name, code, `departement-${code}.html`)),
      ...told.epci.map(([code, name, within]) => add("epci", code, name, names.get(within) || "", `epci-${code}.html`)),
      ...(told.commune ? told.commune.split("\n") : []).map((line) => {
        const code = line.slice(0, 5);
        return add("commune", code, line.slice(6), names.get(code.slice(0, 2)) || names.get(code.slice(0, 3)) || "", `communes.html#${code}`);
      }),
    ];
  };
  // Exact code, exact name, beginning of the name, of a word; then as the file has them, the largest first.
  dataelec.chercher = function (text) {
    const name = dataelec.normal(text), code = text.trim().toUpperCase();
    if (!places || !name) return [];
    const found = [[], [], [], [], []];
    for (const each of places) {
      if (each.code === code) found[0].push(each);
      else if (each.normal === name) found[1].push(each);
      else if (each.normal.startsWith(name)) found[2].push(each);
      else if (` ${each.normal}`.includes(` ${name}`)) found[3].push(each);
      else if (name.length > 2 && each.normal.includes(name)) found[4].push(each);
    }
    return found.flat();
  };
  function searching(form) {
    const input = form.querySelector("input"), list = form.querySelector("ul"), state = form.querySelector(".etat");
    function show() {
      const found = dataelec.chercher(input.value), asked = dataelec.normal(input.value) !== "";
      list.replaceChildren(
        ...found.slice(0, SHOWN).map((each) =>
          dataelec.element("li", {}, dataelec.element("a", { href: each.href }, `${each.name} `, dataelec.element("small", {}, `${WORDS[each.grain]}${each.where ? `, ${each.where}` : ""}`))),
        ),
      );
      list.hidden = found.length === 0;
      const count = dataelec.number(found.length, 0);
      state.textContent = !asked ? "" : found.length === 0 ? "Aucun territoire de ce nom ni de ce code." : `${count} ${found.length < 2 ? "territoire" : "territoires"}${found.length > SHOWN ? `, les ${SHOWN} premiers sont montrés` : ""}`;
    }
    let asked = false;
    function load() {
      if (asked) return;
      asked = true;
      const script = dataelec.element("script", { src: "recherche.js" });
      script.addEventListener("load", show);
      script.addEventListener("error", () => { state.textContent = "La liste des territoires (recherche.js) manque dans ce dossier."; });
      document.head.append(script);
    }
    input.addEventListener("focus", load);
    input.addEventListener("input", () => { load(); show(); });
    const close = () => { list.hidden = true; };
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); input.focus(); } });
    list.addEventListener("click", close);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const first = list.querySelector("a");
      if (first) { close(); first.click(); }
    });
    form.hidden = false;
  }

  for (const form of document.querySelectorAll("form.recherche")) searching(form);
  dataelec.equiper(document);
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    document.querySelectorAll("figure").forEach(dataelec.dessiner);
  });
})(window.dataelec);
