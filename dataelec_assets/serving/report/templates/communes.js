"use strict";
// The page of a commune (communes.html#33063), or of all communes of a département (communes.html#33), from the data
// file that its code begins with.
(function (dataelec) {
  const element = dataelec.element, number = dataelec.number;
  const FACTS = "fct_indicateur", COMPARED = "fct_indicateur mart_indicateur_compare";
  const PARTIAL_NOTE = "* Une partie manque ou relève du secret statistique : un total est alors un minimum, un rapport celui des parties connues.";
  let series = null;
  const files = new Map();
  const main = document.querySelector("main"), welcome = [...main.childNodes];

  dataelec.definitions = (told) => { series = told; };
  dataelec.communes = (file, told, written) => { files.set(file, { ...told, written }); };

  function load(src, done) {
    const script = element("script", { src });
    script.addEventListener("load", done);
    script.addEventListener("error", () => show("Communes", reason("Aucune donnée pour ce code dans ce dossier : vérifiez le code, ou cherchez la commune par son nom.")));
    document.head.append(script);
  }
  const fileOf = (code) => (/^9[78]/.test(code) ? code.slice(0, 3) : code.slice(0, 2));

  // ---- parts of a page, as markup.py makes them
  const days = (year) => ((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 366 : 365);
  const told = (year, source) => ({ "data-periode": `${year}-01-01/${year}-12-31`, "data-jours": `${days(year)}/${days(year)}`, "data-source": source });
  const time = (year) => element("time", { datetime: String(year) }, String(year));
  const quoted = (text) => element("span", { "data-cite": true }, text);
  const data = (value, digits, unit, year, source) => element("data", { class: "chiffre", value: String(value), ...told(year, source || FACTS) }, `${number(value, digits)}${unit ? `\u00a0${unit}` : ""}`);
  const paragraph = (css, ...content) => element("p", css ? { class: css } : {}, ...content);
  const reason = (...content) => paragraph("reason", ...content);
  const section = (key, title, ...content) => element("section", { id: key, "aria-labelledby": `${key}-titre` }, element("h2", { id: `${key}-titre` }, title), ...content);
  const links = (pairs) => element("ul", { class: "liens", "data-cite": true }, ...pairs.map(([name, href]) => element("li", {}, element("a", { href }, name))));

  // rows: {name, href, isHere, year, cells: [text], breaks: [positions]}
  function figure(key, title, summary, caption, heads, rows, drawing, notes, words, source) {
    const common = new Set(rows.map((row) => row.year)).size === 1 ? rows[0].year : null;
    const css = (at) => (words && words.includes(at) ? {} : { class: "n" });
    const years = rows.map((row) => row.year), from = Math.min(...years), to = Math.max(...years);
    let all = 0;
    for (const year of new Set(years)) all += days(year);
    const table = element("table", common === null ? {} : told(common, source),
      element("caption", {}, ...caption),
      element("thead", {}, element("tr", {}, ...heads.map((text, at) => element("th", { scope: "col", ...(at ? css(at - 1) : {}) }, text)))),
      element("tbody", {}, ...rows.map((row) => element("tr", { ...(row.isHere ? { class: "ici" } : {}), ...(common === null ? told(row.year, source) : {}) },
        element("th", { scope: "row" }, row.href ? element("a", { href: row.href }, row.name) : row.name),
        ...row.cells.map((text, at) => element("td", (row.breaks || []).includes(at) ? { class: "rupture" } : (words || []).includes(at) ? { class: "mots" } : {}, text))))));
    const box = element("div", { class: "scroll", role: "region", "aria-label": table.caption.textContent, tabindex: "0" }, table);
    return element("figure", { id: `figure-${key}`, "data-periode": `${from}-01-01/${to}-12-31`, "data-jours": `${all}/${all}`, "data-source": source, "data-dessin": drawing },
      element("figcaption", {}, element("h3", {}, ...title), element("p", { id: `${key}-resume` }, ...summary)), box, ...notes.map((note) => paragraph("note", ...note)));
  }

  // ---- what the file says of a commune
  const LAST = (file, at) => file.annees[at];
  function valueOf(file, commune, at) {
    const found = commune[3][at];
    return Array.isArray(found) ? found[found.length - 1] : found;
  }
  const cellOf = (file, commune, at) => `${number(valueOf(file, commune, at), series[at].digits)}${commune[6].includes(at) ? " *" : ""}`;
  const numbered = (wanted) => series.map((each, at) => [each, at]).filter(([each]) => wanted(each));
  const known = (file, at) => LAST(file, at) !== null;

  function facts(file, commune) {
    const items = numbered((each) => each.is_large).filter(([, at]) => known(file, at) && valueOf(file, commune, at) !== null).map(([each, at]) => {
      const year = LAST(file, at), rank = commune[4][at], peers = file.pairs[at];
      const words = rank === null || peers === null ? [] : [" : rang ", data(rank, 0, "", year, COMPARED), " sur ", data(peers, 0, "", year, COMPARED), " communes"];
      return element("li", told(year, COMPARED), element("strong", {}, `${number(valueOf(file, commune, at), each.digits)}\u00a0${each.unit}`), " ", element("span", {}, each.label, ...words), " ", element("span", { class: "periode" }, "en ", time(year)));
    });
    return items.length ? element("ul", { class: "facts" }, ...items) : reason("Aucune des grandeurs principales n’est connue ; le tableau plus bas dit pourquoi.");
  }

  function besideOf(file, commune) {
    const found = [file.reperes[commune[1]], file.reperes.departement, file.reperes.nation];
    return found.filter((each) => each !== undefined);
  }

  function comparison(file, code, commune, each, at) {
    const year = LAST(file, at), own = valueOf(file, commune, at);
    if (year === null || own === null) return null;
    const mates = Object.entries(file.communes).filter(([, other]) => commune[1] && other[1] === commune[1]);
    let rows = mates.map(([other, found]) => ({ name: found[0], href: other === code ? "" : `#${other}`, isHere: other === code, year, value: valueOf(file, found, at), partial: found[6].includes(at) }));
    if (!mates.length) rows = [{ name: commune[0], href: "", isHere: true, year, value: own, partial: false }];
    const ranked = rows.filter((row) => row.value !== null).sort((a, b) => b.value - a.value);
    for (const [grain, , name, href, values] of besideOf(file, commune)) {
      const words = { epci: "EPCI", departement: "département", nation: "" }[grain];
      rows.push({ name: words ? `${name} (${words})` : name, href: grain === "nation" ? "" : href, isHere: false, year, value: values[at], partial: false });
    }
    rows.sort((a, b) => (a.value === null) - (b.value === null) || b.value - a.value);
    const silent = rows.filter((row) => row.value === null).length;
    for (const row of rows) row.cells = [`${number(row.value, each.digits)}${row.partial ? " *" : ""}`];
    const summary = [quoted(commune[0]), " : ", data(own, each.digits, each.unit, year), "."];
    if (ranked.length > 1) summary.push(" La plus haute : ", quoted(ranked[0].name), " (", data(ranked[0].value, each.digits, "", year), ") ; la plus basse : ", quoted(ranked[ranked.length - 1].name), " (", data(ranked[ranked.length - 1].value, each.digits, "", year), ").");
    const notes = [];
    if (silent) notes.push(["n.d. : valeur inconnue ou secrète (", data(silent, 0, "", year), " en fin de tableau)."]);
    if (rows.some((row) => row.partial)) notes.push([PARTIAL_NOTE]);
    if (each.warning) notes.push([quoted(each.warning)]);
    if (rows.filter((row) => row.value !== null).length < 2) return null;
    return figure(`autour-${each.key.replace(":", "-")}`, [quoted(each.label)], summary, [quoted(each.label), ", en ", time(year)], ["Territoire", each.unit], rows, "barres", notes, null, FACTS);
  }

  function history(file, commune) {
    const shown = numbered((each) => each.is_followed).filter(([, at]) => Array.isArray(commune[3][at]) && commune[3][at].some((value) => value !== null));
    if (!shown.length) return null;
    const years = new Set();
    for (const [, at] of shown) commune[3][at].forEach((value, step) => { if (value !== null) years.add(file.debuts[at] + step); });
    const sorted = [...years].sort((a, b) => b - a), broken = new Map();
    // The first year with a value after each break that parts values of the series.
    const begins = shown.map(([each, at]) => {
      const own = commune[3][at].map((value, step) => (value === null ? null : file.debuts[at] + step)).filter((year) => year !== null);
      return each.breaks.filter(([year]) => own[0] < year && own[own.length - 1] >= year).map(([year, why]) => {
        broken.set(`${year} ${why}`, [year, why]);
        return own.find((one) => one >= year);
      });
    });
    const rows = sorted.map((year) => ({
      name: String(year),
      year,
      cells: shown.map(([each, at]) => number(commune[3][at][year - file.debuts[at]], each.digits)),
      breaks: shown.map((_, column) => column).filter((column) => begins[column].includes(year)),
    }));
    const notes = [...broken.values()].map(([year, why]) => ["Rupture en ", time(year), " : ", quoted(why)]);
    const short = shown.filter(([, at]) => commune[3][at].filter((value) => value !== null).length < 4).map(([each]) => each.label);
    if (short.length) notes.push(["Moins de quatre années connues, donc pas de courbe : ", quoted(short.join(", ")), "."]);
    const summary = broken.size ? "Une ligne par année. Un trait vertical sépare deux séries qui ne se comparent pas." : "Une ligne par année. Aucune rupture de série n’est connue sur ces années.";
    return figure("evolution", ["Année par année"], [summary], ["Valeurs de chaque année"], ["Année", ...shown.map(([each]) => `${each.label} (${each.unit})`)], rows, "courbes", notes, null, FACTS);
  }

  function indicators(file, commune) {
    const shown = numbered((each) => !each.part).filter(([, at]) => known(file, at) && (valueOf(file, commune, at) !== null || commune[5][at] !== undefined));
    if (!shown.length) return reason("Aucun indicateur n’est connu de cette commune.");
    const beside = besideOf(file, commune);
    const rows = shown.map(([each, at]) => ({
      name: `${each.label} (${each.unit})`,
      year: LAST(file, at),
      cells: [String(LAST(file, at)), cellOf(file, commune, at), ...beside.map((other) => number(other[4][at], each.digits)), number(commune[4][at], 0), number(commune[4][at] === null ? null : file.pairs[at], 0)],
    }));
    const notes = [["Rang parmi les communes de France qui ont une valeur cette année-là, de la plus élevée à la plus basse : il ne dit pas qui fait mieux."]];
    const silent = new Map();
    for (const [each, at] of shown) if (commune[5][at] !== undefined) silent.set(file.motifs[commune[5][at]], [...(silent.get(file.motifs[commune[5][at]]) || []), each.label]);
    for (const [why, labels] of silent) notes.push(["n.d., ", quoted(why), " : ", quoted(labels.join(", ")), "."]);
    if (shown.some(([, at]) => commune[6].includes(at))) notes.push([PARTIAL_NOTE]);
    const owners = new Set(shown.map(([each]) => each.owner).filter((owner) => owner));
    if (owners.size) notes.push(["Indicateurs importés par ", quoted([...owners].join(", ")), ", sous sa responsabilité."]);
    notes.push(["Sources : ", quoted([...new Set(shown.flatMap(([each]) => each.source.split(", ")))].join(", ")), "."]);
    return figure("indicateurs", ["Dernières valeurs"], ["Chaque ligne donne l’année de ses valeurs ; la même vaut pour la commune, ce qui la contient et la France."],
      ["Dernière année connue dans le département, indicateur par indicateur"], ["Indicateur", "Année", commune[0], ...beside.map((other) => other[2]), "Rang", "Parmi"], rows, "", notes, null, COMPARED);
  }

  function sectors(file, commune) {
    const shown = numbered((each) => each.part).filter(([, at]) => known(file, at)).map(([each, at]) => ({ name: each.label, unit: each.unit, year: LAST(file, at), value: valueOf(file, commune, at), cells: [cellOf(file, commune, at)] }));
    const newest = Math.max(...shown.map((row) => row.year));
    const rows = shown.filter((row) => row.year === newest && row.value !== null).sort((a, b) => b.value - a.value);
    if (!rows.length) return null;
    const notes = rows.some((row) => row.cells[0].includes("*")) ? [[PARTIAL_NOTE]] : [];
    return figure("secteurs", ["Électricité par secteur"], ["Le premier secteur : ", quoted(rows[0].name), ", ", data(rows[0].value, 0, rows[0].unit, newest), "."], ["Électricité livrée par secteur, en ", time(newest)], ["Secteur", rows[0].unit], rows, "barres", notes, null, FACTS);
  }

  function kind(file, code, commune) {
    if (commune[2] === null) return null;
    const alike = Object.entries(file.communes).filter(([other, found]) => found[2] === commune[2] && other !== code);
    const content = [paragraph("", "Type : ", quoted(file.types[commune[2]]), ". Un type décrit, il n’explique rien.")];
    if (alike.length) content.push(paragraph("", "Du même type dans le département :"), links(alike.map(([other, found]) => [found[0], `#${other}`])));
    return section("type", "Son type, et qui lui ressemble", ...content);
  }

  function show(title, ...content) {
    main.replaceChildren(...content.filter((each) => each !== null));
    document.title = `${title} – DataElec`;
    dataelec.equiper(main);
    window.scrollTo(0, 0);
  }

  // When the data file was written, not the page around it.
  function signed(file) { document.querySelector("footer .ecrit").textContent = file.written; }

  function showCommune(file, code) {
    const commune = file.communes[code];
    if (!commune) return show("Communes", element("h1", {}, "Communes"), reason("Aucune commune actuelle n’a le code ", quoted(code), " : une commune réunie à une autre est sous le code de celle-ci."));
    const above = ["region", "departement", commune[1]].map((name) => file.reperes[name]).filter((each) => each !== undefined);
    const around = numbered((each) => each.is_compared).map(([each, at]) => comparison(file, code, commune, each, at)).filter((each) => each !== null);
    const past = history(file, commune), split = sectors(file, commune);
    signed(file);
    show(commune[0],
      element("h1", {}, quoted(commune[0])), paragraph("lede", "Commune ", quoted(code)), links(above.map((each) => [each[2], each[3]])),
      section("essentiel", "L’essentiel", facts(file, commune)),
      around.length ? section("voisins", commune[1] ? "Face aux communes de la même intercommunalité" : "Face au département et à la France", ...around) : null,
      past && section("evolution", "Au fil des années", past),
      section("indicateurs", "Les indicateurs", indicators(file, commune)),
      split && section("secteurs", "Qui consomme", split),
      kind(file, code, commune));
  }

  function showDepartement(file, code) {
    const place = file.reperes.departement, name = place ? place[2] : code;
    const shown = numbered((each) => each.is_large || each.is_compared).filter(([, at]) => known(file, at));
    const figures = shown.map(([each, at]) => {
      const rows = Object.entries(file.communes).map(([other, found]) => ({ name: found[0], href: `#${other}`, year: LAST(file, at), value: valueOf(file, found, at), cells: [other, cellOf(file, found, at), number(found[4][at], 0)] }));
      const silent = rows.filter((row) => row.value === null).length;
      rows.sort((a, b) => (a.value === null) - (b.value === null) || b.value - a.value);
      const notes = silent ? [["Communes sans valeur, en fin de tableau : ", data(silent, 0, "", LAST(file, at)), "."]] : [];
      if (rows.some((row) => row.cells[1].includes("*"))) notes.push([PARTIAL_NOTE]);
      return figure(`communes-${each.key.replace(":", "-")}`, [quoted(each.label)], ["De la commune la plus élevée à la plus basse."], [quoted(each.label), ", en ", time(LAST(file, at))], ["Commune", "Code", each.unit, "Rang en France"], rows, "", notes, [0], COMPARED);
    });
    signed(file);
    show(name, element("h1", {}, "Communes : ", quoted(name)), paragraph("lede", "Toutes les communes du département, à trier dans un tableur."), place ? links([[place[2], place[3]]]) : null,
      ...(figures.length ? [section("communes", "Commune par commune", ...figures)] : [reason("Aucun indicateur n’est connu des communes de ce département.")]));
  }

  function route() {
    const code = decodeURIComponent(location.hash.slice(1)).toUpperCase();
    if (!/^(2[AB]|\d{2,3}|2[AB]\d{3}|\d{5})$/.test(code)) {
      // An anchor within the page, or none: the welcome stays.
      if (code === "" && !welcome.every((each) => each.parentNode === main)) { main.replaceChildren(...welcome); document.title = "Communes – DataElec"; }
      return;
    }
    const name = code.length === 5 ? fileOf(code) : code;
    const draw = () => { if (series && files.has(name)) (code.length === 5 ? showCommune : showDepartement)(files.get(name), code); };
    if (series && files.has(name)) return draw();
    if (!series) load("communes/series.js", draw);
    if (!files.has(name)) load(`communes/${name}.js`, draw);
  }
  window.addEventListener("hashchange", route);
  route();
})(window.dataelec);
