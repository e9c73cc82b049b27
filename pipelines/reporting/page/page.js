"use strict";
// Shows the pages, draws the charts of a page when it is first shown, and puts prepared texts in place when a filter
// changes. It computes no figure and loads nothing. All that is chosen stands in the address:
// #/<page>/<section>?period=...&country=...&lang=...; `all` is every page below the other.
(function () {
  const ERRORS_ONLY = 1; // Vega also warns of empty selections, such as a country without a forecast.
  const ALL = "all";
  const root = document.documentElement;
  const spoken = new Map(); // by language: its element, its data, what was drawn of it
  let now; // the language that is shown
  let drawing = 0; // the newest order to show something

  function take(element) {
    const page = JSON.parse(element.querySelector("#page-data").textContent);
    return { element, page, language: element.dataset.language, charts: new Map(), views: new Map() };
  }

  const all = (selector) => Array.from(now.element.querySelectorAll(selector));
  const one = (selector) => now.element.querySelector(selector);
  const country = () => one("#country");

  function choice() {
    const period = one("input[name=period]:checked");
    return { period: period ? period.value : now.page.period, country: country() ? country().value : "" };
  }

  // ---- what the address says

  function decoded(step) {
    try { return decodeURIComponent(step); } catch { return ""; }
  }

  function wanted() {
    const text = location.hash.slice(1);
    const [path, query] = text.includes("?") ? text.split("?") : text.includes("=") ? ["", text] : [text, ""];
    const steps = path.split("/").filter(Boolean).map(decoded);
    const names = Object.keys(now.page.pages);
    let [page, section] = steps;
    if (page !== ALL && !names.includes(page)) {
      section = page; // "#stock" leads to the section, wherever it stands
      page = names.find((name) => now.page.pages[name].sections.includes(section));
    }
    const known = page === ALL || (page && now.page.pages[page].sections.includes(section));
    return { page: page || names[0], section: known ? section : undefined, parts: new URLSearchParams(query) };
  }

  function query() {
    const chosen = choice();
    const parts = new URLSearchParams();
    if (chosen.period !== now.page.period) parts.set("period", chosen.period);
    if (chosen.country) parts.set("country", chosen.country);
    if (now.language !== spoken.keys().next().value) parts.set("lang", now.language);
    return parts.size ? "?" + parts : "";
  }

  function keepChoice() {
    const asked = query();
    const route = wanted();
    const path = [route.page, route.section].filter(Boolean).map(encodeURIComponent).join("/");
    history.replaceState(null, "", "#/" + path + asked);
    for (const link of all("a[href^='#/']")) link.hash = link.hash.split("?")[0] + asked;
  }

  function takeChoice(parts) {
    const radio = all("input[name=period]").find((input) => input.value === (parts.get("period") || now.page.period));
    if (radio) radio.checked = true;
    const asked = parts.get("country") || "";
    if (country()) country().value = Array.from(country().options).some((o) => o.value === asked) ? asked : "";
  }

  // ---- figures and charts

  function showFigures() {
    const chosen = choice();
    const whole = now.page.figures[chosen.period + "|"] || {};
    const part = now.page.figures[chosen.period + "|" + chosen.country] || {};
    for (const element of all("[data-figure]")) {
      const figure = part[element.dataset.figure] || whole[element.dataset.figure];
      if (!figure) continue;
      element.textContent = figure[0];
      element.dataset.tone = figure[1];
      element.title = figure[2];
    }
  }

  function signals() {
    const chosen = choice();
    return { days: now.page.days[chosen.period], period: chosen.period, country: chosen.country };
  }

  function charts(page) {
    if (!now.charts.has(page)) now.charts.set(page, JSON.parse(one("#charts-" + page).textContent));
    return now.charts.get(page);
  }

  // Charts that were drawn before may have missed a filter or the width of the window while they were not shown.
  function refresh(page) {
    const held = charts(page);
    for (const name of Object.keys(held.specs)) {
      const view = now.views.get(name);
      if (!view) continue;
      const place = one("#plot-" + name);
      const values = { ...signals(), width: place.clientWidth };
      const changed = [...held.follows[name], "width"].filter((key) => values[key] && view.signal(key) !== values[key]
        || key === "country" && view.signal(key) !== values[key]);
      for (const key of changed) view.signal(key, values[key]);
      if (changed.length) view.runAsync();
    }
  }

  async function draw(page) {
    const held = charts(page);
    const state = now;
    for (const [name, spec] of Object.entries(held.specs)) {
      if (state.views.has(name)) continue;
      state.views.set(name, null);
      const place = one("#plot-" + name);
      const chosen = signals();
      for (const param of spec.params || []) if (param.name in chosen) param.value = chosen[param.name];
      spec.datasets = Object.fromEntries(held.uses[name].map((key) => [key, held.datasets[key]]));
      try {
        const drawn = await vegaEmbed(place, spec, { actions: false, renderer: "svg", logLevel: ERRORS_ONLY });
        state.views.set(name, drawn.view);
      } catch (error) {
        place.textContent = state.page.texts.failed;
        console.error(name, error);
      }
      if (state !== now) return;
    }
  }

  // ---- pages

  function shownPages(route) {
    return route.page === ALL ? Object.keys(now.page.pages) : [route.page];
  }

  async function show(route, { moves }) {
    const order = ++drawing;
    delete root.dataset.ready;
    const pages = shownPages(route);
    const followed = new Set(pages.flatMap((name) => now.page.pages[name].follows));
    for (const article of all(".page")) article.classList.toggle("shown", pages.includes(article.dataset.page));
    for (const link of all("nav.pages a")) {
      if (link.dataset.to === route.page) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const element of all(".bar [data-follows]")) element.hidden = !followed.has(element.dataset.follows);
    for (const element of all(".country-only")) element.hidden ||= choice().country === "";
    one(".bar").hidden = followed.size === 0;
    showFigures();
    keepChoice();
    if (moves) move(route);
    for (const page of pages) {
      await draw(page);
      if (order !== drawing) return;
    }
    // Charts above a section push it down while they are drawn.
    if (route.section) move(route);
    pages.forEach(refresh);
    root.dataset.page = route.page;
    root.dataset.ready = String(all(".page.shown .plot svg").length);
  }

  function move(route) {
    const section = route.section && document.getElementById(route.section);
    if (section) section.scrollIntoView();
    else scrollTo(0, 0);
    const heading = document.getElementById(section ? route.section + "-title" : "page-" + route.page + "-title");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  function changed() {
    keepChoice();
    showFigures();
    for (const element of all(".country-only")) element.hidden = choice().country === "";
    shownPages(wanted()).forEach(refresh);
  }

  function arrived({ moves }) {
    const asked = wanted().parts.get("lang");
    speak(spoken.has(asked) ? asked : spoken.keys().next().value);
    const route = wanted();
    takeChoice(route.parts);
    show(route, { moves: moves || Boolean(route.section) });
  }

  // ---- languages

  function speak(language) {
    const next = spoken.get(language);
    if (next === now) return;
    now.element.replaceWith(next.element);
    now = next;
    root.lang = next.element.lang;
    document.title = next.element.dataset.title;
    if (!next.heard) listen(next);
  }

  function switchTo(language) {
    const chosen = choice();
    const top = scrollY;
    speak(language);
    takeChoice(new URLSearchParams(chosen));
    show(wanted(), { moves: false });
    scrollTo(0, top);
    const back = one(".switch button");
    if (back) back.focus({ preventScroll: true });
  }

  // ---- tables that are searched

  const FEW = 12, MANY = 50; // rows shown before anything is looked for, and of what is found

  function searchable(search) {
    const field = search.querySelector("input");
    const told = search.querySelector("output");
    const rows = Array.from(now.element.querySelectorAll("#" + search.dataset.table + " tbody tr"));
    const texts = rows.map((row) => row.querySelector("th").textContent.toLowerCase());
    const show = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, number) => {
        const matches = words.every((word) => texts[number].includes(word));
        row.hidden = !matches || shown >= (words.length ? MANY : FEW);
        if (!row.hidden) shown += 1;
      });
      told.textContent = shown
        ? told.dataset.shown.replace("{shown}", shown).replace("{n}", rows.length)
        : told.dataset.none;
    };
    field.addEventListener("input", show);
    show();
  }

  // An A4 page between its margins is 703 pixels wide; a chart drawn for a screen would be shrunk with its letters.
  function fitForPrint() {
    const share = (place) => (place.closest(".wide-right, .subject") ? 0.39 : place.closest(".pair") ? 0.48 : 1);
    const resize = (width) => {
      for (const place of all(".page.shown .plot")) {
        const view = now.views.get(place.id.slice("plot-".length));
        if (view) view.signal("width", width(place)).run();
      }
    };
    addEventListener("beforeprint", () => resize((place) => 703 * share(place)));
    addEventListener("afterprint", () => resize((place) => place.clientWidth));
  }

  function listen(state) {
    state.heard = true;
    all(".search[data-table]").forEach(searchable);
    for (const input of all("input[name=period], #country")) input.addEventListener("change", changed);
    for (const button of all("[data-switch]")) button.addEventListener("click", () => switchTo(button.dataset.switch));
    one(".skip").addEventListener("click", (event) => { event.preventDefault(); one("main").focus(); });
  }

  function start() {
    now = take(document.querySelector(".spoken"));
    spoken.set(now.language, now);
    for (const template of document.querySelectorAll("template")) {
      const state = take(template.content.querySelector(".spoken"));
      spoken.set(state.language, state);
    }
    listen(now);
    fitForPrint();
    addEventListener("hashchange", () => arrived({ moves: true }));
    arrived({ moves: false });
  }
  start();
})();
