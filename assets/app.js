/* All our JavaScript; everything works without it. The sentences stand in layout.html (#lost). Why each part: assets/README.md, "Script". */
{
  const d = document, $ = s => d.querySelector(s), $$ = (s, f) => d.querySelectorAll(s).forEach(f);
  const on = (e, f) => d.addEventListener("htmx:" + e, x => f(x.detail.ctx, x, x.detail.ctx.request.form));
  const polls = c => /every|load/.test(c.sourceElement.dataset.hxTrigger);
  const say = words => $("#lost").textContent = words, words = name => $("#lost").dataset[name], asks = () => $("#lost button");
  const lock = (f, off) => f?.querySelectorAll("button").forEach(b => b.disabled = off);
  const fail = (c, e, f) => {
    if (polls(c) && asks()) return;
    if (f?.method != "post") return say(words("poll") + (c.sourceElement.closest("[data-shown]") || $("#main")).dataset.shown);
    say(words("form"));
    const b = d.createElement("button");
    b.className = "button less";
    b.textContent = words("again");
    b.onclick = () => f.requestSubmit(c.request.submitter);
    $("#lost").append(b);
  };
  on("config:request", (c, e, f) => {
    if (f?.enctype[0] == "m") { c.request.timeout = 36e5; say(words("files")); }
  });
  on("before:request", (c, e, f) => {
    if (!polls(c)) lock(f, true);
    else if (d.hidden) e.preventDefault();
  });
  on("before:response", (c, e, f) => {
    const s = c.response.status, el = c.sourceElement;
    if (s > 501) fail(c, e, f);
    if (s == 401) el.replaceWith(el.cloneNode(true));
    if (s > 501 || (polls(c) && s > 399)) e.preventDefault();
  });
  on("error", fail);
  on("after:request", c => {
    if (!polls(c) || !asks()) say("");
  });
  on("finally:request", (c, e, f) => lock(f, false));
  let held, y;
  const place = () => held.getBoundingClientRect().top;
  on("before:swap", c => {
    held = polls(c) && d.activeElement;
    y = held && place();
  });
  on("after:swap", c => {
    if (held?.isConnected) scrollBy(0, place() - y);
    const m = $("#main"), h = $("#main .summary,#main h1");
    if (polls(c) || c.target.id != "main") return;
    $$("#nav a", a => a.ariaCurrent = a.dataset.section == m.dataset.section ? "page" : null);
    $$("#nav details,.who", x => x.open = false);
    h.tabIndex = -1;
    h.focus();
  });
}
