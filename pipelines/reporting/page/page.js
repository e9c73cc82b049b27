"use strict";
// Draws the charts and puts prepared texts in place when a filter changes. It computes no figure and loads nothing.
(function () {
  const ERRORS_ONLY = 1; // Vega also warns of empty selections, such as a country without a forecast.
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const page = read("page-data");
  const views = new Map();
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const period = () => document.querySelector("input[name=period]:checked");
  const country = document.getElementById("country");

  function choice() {
    return { period: period() ? period().value : page.period, country: country ? country.value : "" };
  }

  function showFigures(chosen) {
    const whole = page.figures[chosen.period + "|"] || {};
    const part = page.figures[chosen.period + "|" + chosen.country] || {};
    for (const element of all("[data-figure]")) {
      const figure = part[element.dataset.figure] || whole[element.dataset.figure];
      if (!figure) continue;
      element.textContent = figure[0];
      element.dataset.tone = figure[1];
      element.title = figure[2];
    }
    for (const element of all(".country-only")) element.hidden = chosen.country === "";
  }

  function signals(chosen) {
    return { days: page.days[chosen.period], period: chosen.period, country: chosen.country };
  }

  function showCharts(chosen) {
    const wanted = signals(chosen);
    for (const [name, view] of views) {
      const followed = page.follows[name] || [];
      for (const signal of followed) view.signal(signal, wanted[signal]);
      if (followed.length) view.runAsync();
    }
  }

  function keepChoice(chosen) {
    const parts = new URLSearchParams();
    if (chosen.period !== page.period) parts.set("period", chosen.period);
    if (chosen.country) parts.set("country", chosen.country);
    const hash = parts.toString();
    history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  }

  function changed() {
    const chosen = choice();
    keepChoice(chosen);
    showFigures(chosen);
    showCharts(chosen);
  }

  function takeChoiceFromAddress() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const radio = all("input[name=period]").find((one) => one.value === (parts.get("period") || page.period));
    if (radio) radio.checked = true;
    const wanted = parts.get("country") || "";
    if (country && Array.from(country.options).some((option) => option.value === wanted)) country.value = wanted;
  }

  async function draw(name, spec, datasets) {
    const place = document.getElementById("plot-" + name);
    const wanted = signals(choice());
    for (const param of spec.params || []) if (param.name in wanted) param.value = wanted[param.name];
    spec.datasets = Object.fromEntries(page.uses[name].map((key) => [key, datasets[key]]));
    try {
      const drawn = await vegaEmbed(place, spec, { actions: false, renderer: "svg", logLevel: ERRORS_ONLY });
      views.set(name, drawn.view);
    } catch (error) {
      place.textContent = page.texts.failed;
      console.error(name, error);
    }
  }

  function searchProducts() {
    const field = document.getElementById("product-search");
    if (!field) return;
    const rows = all("#products tbody tr");
    const texts = rows.map((row) => row.querySelector("th").textContent.toLowerCase());
    const show = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, number) => {
        const matches = words.every((word) => texts[number].includes(word));
        row.hidden = !matches || shown >= (words.length ? 50 : 12);
        if (!row.hidden) shown += 1;
      });
      document.getElementById("product-count").textContent = shown
        ? page.texts.shown.replace("{shown}", shown).replace("{n}", rows.length)
        : page.texts.noMatch;
    };
    field.addEventListener("input", show);
    show();
  }

  // An A4 page between its margins is 703 pixels wide; a chart drawn for a screen would be shrunk with its letters.
  function fitForPrint() {
    const share = (place) => (place.closest(".wide-right, .subject") ? 0.39 : place.closest(".pair") ? 0.48 : 1);
    const resize = (width) => {
      for (const [name, view] of views) view.signal("width", width(document.getElementById("plot-" + name))).run();
    };
    addEventListener("beforeprint", () => resize((place) => 703 * share(place)));
    addEventListener("afterprint", () => resize((place) => place.clientWidth));
  }

  async function start() {
    takeChoiceFromAddress();
    showFigures(choice());
    searchProducts();
    fitForPrint();
    for (const input of all("input[name=period], #country")) input.addEventListener("change", changed);
    addEventListener("hashchange", () => { takeChoiceFromAddress(); showFigures(choice()); showCharts(choice()); });
    const charts = read("chart-specs");
    const datasets = read("chart-data");
    for (const [name, spec] of Object.entries(charts)) await draw(name, spec, datasets);
    document.documentElement.dataset.ready = String(views.size);
  }
  start();
})();
