/* Draws the charts of a page as they come into view, and adds what needs a script: hints, keys that hide a series,
   periods, CSV and PNG, addresses of a view. Without it, each chart leaves its sentence and its table.

   `window.dataelec.settings` (looks and French locales) stands before this text; `vegaEmbed` is the bundle of Vega. */
(() => {
  "use strict";

  const { config, numbers, times, outlines } = window.dataelec.settings;
  // Names of bars leave more than half of a chart to the bars.
  const LONGEST_NAME = 300;
  const PAPER = { ...config, background: "#ffffff" };
  const PICTURE_WIDTH = 860;
  // Below this width, small multiples stand in fewer columns.
  const NARROW = 500;
  // A list of days longer than two months is a list of months.
  const LONGEST_LIST = 62;
  const LEAST_POINTS = 4;
  const SVG = "http://www.w3.org/2000/svg";

  const charts = new Map();

  /* --- What is drawn ------------------------------------------------------------------------------------------- */

  /** A chart of the page: its specification, and what the reader has chosen of it. */
  function chartOf(box) {
    const spec = JSON.parse(box.querySelector("script").textContent);
    const figure = box.closest("figure");
    let rows = spec.data?.values ?? [];
    const shapes = outlines[spec.usermeta.contours];
    if (shapes) rows = rows.map((row) => ({ ...row, geometry: shapes[row.code] }));
    return { box, figure, spec, rows, about: spec.usermeta, hidden: new Set(), from: "", to: "", width: 0, view: null };
  }

  function chosenRows({ rows, about, hidden, from, to }) {
    const unit = from.length;
    return rows.filter(
      (row) => !hidden.has(row[about.serie]) && (!from || (row.x.slice(0, unit) >= from && row.x.slice(0, unit) <= to)),
    );
  }

  /** Remove the keys that Vega would draw: the page has them as buttons. */
  function withoutKeys(spec) {
    for (const part of [spec, ...(spec.layer ?? []), ...(spec.spec ? [spec.spec, ...(spec.spec.layer ?? [])] : [])]) {
      for (const channel of ["color", "strokeDash", "shape"]) {
        if (part.encoding?.[channel]) part.encoding[channel].legend = null;
      }
    }
  }

  function fitted(chart, width) {
    const spec = structuredClone(chart.spec);
    if (chart.rows.length) spec.data.values = chosenRows(chart);
    if (chart.about.ajuste === "largeur") spec.width = width - 2;
    if (chart.about.ajuste === "carte") spec.width = spec.height = Math.min(spec.width, width - 10);
    if (chart.about.ajuste === "vignettes") {
      spec.columns = width < NARROW ? 2 : 4;
      spec.spec.width = Math.floor((width - 2) / spec.columns) - 44;
    }
    return spec;
  }

  function embed(place, spec, looks) {
    return vegaEmbed(place, spec, {
      mode: "vega-lite",
      renderer: "svg",
      actions: false,
      ast: true, // expressions are interpreted: a page may forbid that text becomes code
      defaultStyle: false,
      logLevel: 1, // errors: that a chosen period leaves a layer without points is no matter
      config: looks,
      formatLocale: numbers,
      timeFormatLocale: times,
      tooltip: { theme: "dataelec", disableDefaultStyle: true },
    });
  }

  async function draw(chart) {
    const width = chart.box.clientWidth;
    if (!width) return;
    chart.width = width;
    const shown = chosenRows(chart);
    const tooFew = chart.about.temps && new Set(shown.map((row) => row.x)).size < LEAST_POINTS;
    const place = document.createElement("div");
    place.className = "dessin";
    if (chart.rows.length && (!shown.length || tooFew)) {
      place.innerHTML = '<p class="reason">Trop peu de points à dessiner : élargissez la période ou rétablissez une série.</p>';
      replace(chart, place, null);
      return;
    }
    const spec = fitted(chart, width);
    withoutKeys(spec);
    const names = Math.min(LONGEST_NAME, 0.42 * width);
    const looks = { ...config, background: "transparent", axis: { ...config.axis, labelLimit: names } };
    const made = await embed(place, spec, looks);
    if (chart.width !== width) made.finalize(); // the page was resized meanwhile, and is drawn again
    else replace(chart, place, made);
  }

  function replace(chart, place, made) {
    chart.view?.finalize();
    chart.view = made;
    chart.box.querySelector(".dessin")?.remove();
    // One image with a name: what Vega tells of each mark, in English, is in the sentence and in the table.
    place.setAttribute("aria-hidden", "true");
    chart.box.append(place);
    chart.box.style.minHeight = "";
    chart.box.dataset.etat = "dessine";
  }

  /** Draw a chart one time after the other, never twice at once. */
  function redraw(chart) {
    chart.work = (chart.work ?? Promise.resolve()).then(() => draw(chart)).catch((error) => fail(chart, error));
    return chart.work;
  }

  function fail(chart, error) {
    console.error(error);
    const place = document.createElement("p");
    place.className = "reason dessin";
    place.textContent = "Le dessin a échoué ; le tableau donne les mêmes chiffres.";
    replace(chart, place, null);
  }

  /* --- Keys, periods ------------------------------------------------------------------------------------------- */

  function element(tag, className, text = "") {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  function button(text, hint, act) {
    const made = element("button", "", text);
    made.type = "button";
    made.setAttribute("aria-label", hint);
    made.addEventListener("click", act);
    return made;
  }

  function shape(tag, attributes) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  function swatch({ couleur, trait, forme }) {
    const picture = shape("svg", { viewBox: "0 0 28 12", width: 28, height: 12, "aria-hidden": "true" });
    const dash = (trait ?? []).join(" ");
    if (trait) {
      picture.append(shape("path", { d: "M1 6H27", stroke: couleur, "stroke-width": 2.5, "stroke-dasharray": dash }));
    } else if (forme === "circle") picture.append(shape("circle", { cx: 14, cy: 6, r: 5, fill: couleur }));
    else if (forme === "diamond") picture.append(shape("path", { d: "M14 0L20 6L14 12L8 6Z", fill: couleur }));
    else picture.append(shape("rect", { x: 6, y: 0, width: 16, height: 12, fill: couleur }));
    return picture;
  }

  function addKey(chart) {
    const key = element("ul", "legende");
    for (const entry of chart.about.legende) {
      const item = element("li");
      if (chart.about.serie) {
        const toggle = button(entry.nom, entry.nom, () => {
          if (!chart.hidden.delete(entry.nom)) chart.hidden.add(entry.nom);
          changed(chart);
        });
        toggle.prepend(swatch(entry));
        toggle.dataset.serie = entry.nom;
        toggle.title = "Masquer ou montrer cette série";
        item.append(toggle);
      } else {
        const count = entry.nombre === undefined ? "" : ` (${entry.nombre})`;
        item.append(swatch(entry), element("span", "", entry.nom + count));
      }
      key.append(item);
    }
    if (key.childElementCount) chart.box.before(key);
    chart.key = key;
  }

  /** The months or days that a period can begin and end with, as ISO texts. */
  function instants(chart) {
    const days = [...new Set(chart.rows.filter((row) => row.y !== null).map((row) => row.x))].sort();
    const isMonthly = days.every((day) => day.endsWith("-01")) || days.length > LONGEST_LIST;
    return isMonthly ? [...new Set(days.map((day) => day.slice(0, 7)))] : days;
  }

  function said(instant) {
    const [year, month, day] = instant.split("-").map(Number);
    const name = times.months[month - 1];
    return day ? `${day === 1 ? "1er" : day} ${name} ${year}` : `${name} ${year}`;
  }

  function choice(label, values, chosen, act) {
    const outer = element("label", "", `${label} `);
    const made = element("select");
    for (const value of values) made.add(new Option(said(value), value, false, value === chosen));
    made.addEventListener("change", act);
    outer.append(made);
    return [outer, made];
  }

  function addPeriod(chart, tools) {
    if (!chart.about.temps) return;
    const values = instants(chart);
    if (values.length <= LEAST_POINTS) return;
    const act = () => {
      const ends = [chart.begin.value, chart.end.value].sort();
      const isAll = ends[0] === values[0] && ends[1] === values.at(-1);
      [chart.from, chart.to] = isAll ? ["", ""] : ends;
      changed(chart);
    };
    const [beginLabel, begin] = choice("De", values, values[0], act);
    const [endLabel, end] = choice("à", values, values.at(-1), act);
    Object.assign(chart, { begin, end, first: values[0], last: values.at(-1) });
    const group = element("span", "periodes");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Période dessinée");
    group.append(beginLabel, endLabel);
    tools.append(group);
  }

  /** Show what was chosen: in the drawing, on the buttons and in the address, so that it can be sent to somebody. */
  function changed(chart, { isNew = true } = {}) {
    for (const toggle of chart.key.querySelectorAll("button")) {
      toggle.setAttribute("aria-pressed", String(!chart.hidden.has(toggle.dataset.serie)));
    }
    if (chart.begin) [chart.begin.value, chart.end.value] = [chart.from || chart.first, chart.to || chart.last];
    if (isNew) {
      const view = new URLSearchParams();
      if (chart.from) view.set("de", chart.from), view.set("a", chart.to);
      if (chart.hidden.size) view.set("sans", [...chart.hidden].join("|"));
      const text = view.toString();
      const address = `#${chart.figure.id}${text ? `?${text}` : ""}`;
      chart.figure.querySelector("a.lien").setAttribute("href", address);
      history.replaceState(null, "", address);
      redraw(chart);
    }
  }

  /** Take the choices of an address such as `#figure-mois?de=2020-01&a=2020-12&sans=Gaz`. */
  function follow(address) {
    const [name, text] = decodeURI(address).slice(1).split("?");
    const chart = text && [...charts.values()].find((each) => each.figure.id === name);
    if (!chart) return;
    const view = new URLSearchParams(text);
    const known = new Set(chart.about.legende.map((entry) => entry.nom));
    chart.hidden = new Set((view.get("sans") ?? "").split("|").filter((each) => known.has(each)));
    const values = chart.begin ? [...chart.begin.options].map((each) => each.value) : [];
    const ends = [view.get("de"), view.get("a")];
    if (ends.every((each) => values.includes(each))) [chart.from, chart.to] = ends.sort();
    changed(chart);
    chart.figure.scrollIntoView();
  }

  /* --- CSV and PNG --------------------------------------------------------------------------------------------- */

  function fileName(chart, suffix) {
    const page = location.pathname.split("/").pop().replace(/\.html$/, "") || "index";
    return `dataelec-${page}-${chart.figure.id.replace(/^figure-/, "")}.${suffix}`;
  }

  function save(address, name) {
    const link = element("a");
    link.href = address;
    link.download = name;
    link.click();
  }

  const NUMBER = /^([-\u2212]?[\d\u00a0\u202f]+(?:,\d+)?)(?:\u00a0(\D.*))?$/;
  const INTERVAL = /^([-\u2212]?[\d\u00a0\u202f]+(?:,\d+)?) à ([-\u2212]?[\d\u00a0\u202f]+(?:,\d+)?)(?:\u00a0(\D.*))?$/;
  const plainNumber = (text) => text.replace(/[\u00a0\u202f]/g, "").replace("\u2212", "-");

  /** What a cell says, without the days that lack, which have columns of their own. */
  function wordsOf(cell) {
    const copy = cell.cloneNode(true);
    for (const each of copy.querySelectorAll(".partiel")) each.remove();
    return copy.textContent.trim();
  }

  function csvCell(text) {
    // A spreadsheet takes a text that begins so for a formula.
    const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(,\d+)?$/.test(text) ? `'${text}` : text;
    return /[;"\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  /** A column of a table as columns of a file: numbers without their unit, which goes to the heading. */
  function csvColumns(heading, cells) {
    const texts = cells.map((cell) => (wordsOf(cell) === "n.d." ? "" : wordsOf(cell)));
    const given = texts.filter((text) => text);
    for (const [pattern, names] of [[NUMBER, [""]], [INTERVAL, [", borne basse", ", borne haute"]]]) {
      const units = new Set(given.map((text) => pattern.exec(text)?.at(-1) ?? ""));
      if (given.length && given.every((text) => pattern.test(text)) && units.size === 1) {
        const [unit] = units;
        return names.map((name, at) => [
          `${heading}${name}${unit ? ` (${unit})` : ""}`,
          ...texts.map((text) => (text ? plainNumber(pattern.exec(text)[at + 1]) : "")),
        ]);
      }
    }
    return [[heading, ...texts.map((text) => text.replace(/[\u00a0\u202f]/g, " "))]];
  }

  /** What each row rests on, where the row or its table tells it. */
  function basisColumns(rows) {
    const told = rows.map((row) => {
      if (row.dataset.periode) return row.dataset;
      const cells = [...row.querySelectorAll("data[data-periode]")].map((each) => each.dataset);
      const isOne = cells.length && cells.every((each) => each.periode === cells[0].periode);
      return row.closest("table").dataset.periode ? row.closest("table").dataset : isOne ? cells[0] : null;
    });
    if (!told.some(Boolean)) return [];
    const part = (name, at) => told.map((each) => each?.[name]?.split("/")[at] ?? "");
    return [
      ["Premier jour", ...part("periode", 0)],
      ["Dernier jour", ...part("periode", 1)],
      ["Jours présents", ...part("jours", 0)],
      ["Jours attendus", ...part("jours", 1)],
      ["Table", ...told.map((each) => each?.source ?? "")],
    ];
  }

  function csvOf(table) {
    const headings = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows];
    const columns = headings.flatMap((heading, at) =>
      at === 0
        ? [[heading, ...rows.map((row) => wordsOf(row.cells[0]).replace(/[\u00a0\u202f]/g, " "))]]
        : csvColumns(heading, rows.map((row) => row.cells[at])),
    );
    const all = [...columns, ...basisColumns(rows)];
    const lines = all[0].map((_, line) => all.map((column) => csvCell(column[line])).join(";"));
    // The mark at the beginning tells spreadsheets that the text is UTF-8.
    return `\ufeff${lines.join("\r\n")}\r\n`;
  }

  function saveCsv(chart) {
    const file = new Blob([csvOf(chart.figure.querySelector("table"))], { type: "text/csv;charset=utf-8" });
    const address = URL.createObjectURL(file);
    save(address, fileName(chart, "csv"));
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  async function savePng(chart) {
    const spec = fitted(chart, PICTURE_WIDTH);
    const period = chart.figure.querySelector("figcaption .periode").textContent.trim();
    const source = `${period} Source : DataElec, publication ${document.body.dataset.publication}.`;
    spec.title = { text: chart.box.getAttribute("aria-label"), subtitle: source, anchor: "start", offset: 14 };
    spec.padding = 16;
    const made = await embed(document.createElement("div"), spec, PAPER);
    save(await made.view.toImageURL("png", 2), fileName(chart, "png"));
    made.finalize();
  }

  /* --- The page ------------------------------------------------------------------------------------------------ */

  function addTools(chart) {
    const tools = element("div", "outils");
    const title = chart.box.getAttribute("aria-label");
    addPeriod(chart, tools);
    tools.append(
      button("CSV", `Télécharger les chiffres en CSV : ${title}`, () => saveCsv(chart)),
      button("PNG", `Télécharger l’image en PNG : ${title}`, () => savePng(chart)),
    );
    chart.box.after(tools);
    // The page does not move when the drawing comes; axes take about 40 px.
    chart.box.style.minHeight = `${(chart.spec.height ?? chart.box.clientWidth / 2) + 40}px`;
  }

  function begin() {
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((each) => each.isIntersecting)) {
          seen.unobserve(entry.target);
          redraw(charts.get(entry.target));
        }
      },
      { rootMargin: "400px" },
    );
    for (const box of document.querySelectorAll(".chart")) {
      const chart = chartOf(box);
      charts.set(box, chart);
      addKey(chart);
      addTools(chart);
      changed(chart, { isNew: false });
      seen.observe(box);
    }
    if (location.hash.includes("?")) follow(location.hash);
    addEventListener("hashchange", () => follow(location.hash));

    let waiting = 0;
    new ResizeObserver(() => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        for (const chart of charts.values()) if (chart.width && chart.width !== chart.box.clientWidth) redraw(chart);
      }, 150);
    }).observe(document.querySelector("main"));

    // What is printed is drawn before: a printer does not wait.
    const later = window.requestIdleCallback ?? ((act) => setTimeout(act, 500));
    const rest = () => {
      const next = [...charts.values()].find((chart) => !chart.work);
      if (next) redraw(next).then(() => later(rest));
    };
    later(rest);
  }

  window.dataelec.draw = (box) => redraw(charts.get(box));
  window.dataelec.drawAll = () => Promise.all([...charts.values()].map((chart) => chart.work ?? redraw(chart)));
  window.dataelec.csv = csvOf;
  begin();
})();
