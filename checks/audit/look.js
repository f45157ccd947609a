/* What a page's own geometry says; each function is called by checks/audit/look.py. */
window.reach = {
  sideways: () => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth,
  spaced: () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
      + "p { margin-block-end: 2em !important }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const found = [window.reach.sideways(), ...window.reach.cut()];
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(one => one !== sheet);
    return found;
  },
  cut: () => [...document.querySelectorAll("main *, header *, nav *")].filter(one => {
    const style = getComputedStyle(one);
    const hides = /hidden|clip/.test(style.overflowX) && !/unseen|skip/.test(one.className);
    return hides && one.clientWidth > 2 && one.scrollWidth > one.clientWidth + 1 && one.innerText;
  }).map(one => one.outerHTML.slice(0, 120)),
  shown: one => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && one.getClientRects().length
    && !one.closest(".unseen, .skip"),
  sentence: one => {
    if (getComputedStyle(one).display !== "inline") return false;
    const block = one.parentElement.closest("p, li, dd, td, th, label, span, div, main, h1, h2, h3, section");
    return block.innerText.trim().length > one.innerText.trim().length + 1;
  },
  small: () => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(window.reach.shown)
    .filter(one => one.tagName !== "A" || !window.reach.sentence(one))
    .map(one => /checkbox|radio/.test(one.type) && one.closest("label") || one)
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
    .map(([one, box]) => `${Math.round(box.width)}×${Math.round(box.height)} ${one.outerHTML.slice(0, 110)}`),
  shifts: () => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => list.getEntries().forEach(one => sum += one.value))
      .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 50);
  }),
  posting: () => [...document.querySelectorAll("main form")].filter(one => one.method === "post"),
  emptied: at => {
    const all = [...(window.reach.posting()[at]?.elements || [])];
    const fields = all.filter(one => /text|tel|email|password|number|date|search|file|area/.test(one.type));
    fields.forEach(one => one.value = "");
    all.filter(one => /checkbox|radio/.test(one.type)).forEach(one => one.checked = false);
    return fields.length > 0;
  },
};
