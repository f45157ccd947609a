/* All our JavaScript; everything works without it. The sentences stand in layout.html (#lost). Why each part: assets/README.md, "Script". */
{
  let held;
  const d = document, $ = s => d.querySelector(s), $$ = (s, f, r = d) => r.querySelectorAll(s).forEach(f),
    on = (e, f) => d.addEventListener("htmx:" + e, (x, c = x.detail.ctx) => f(c, x, c.request.form)),
    poll = c => /every|load/.test(c.sourceElement.dataset.hxTrigger),
    lost = $("#lost"), say = s => lost.textContent = s, word = name => lost.dataset[name], asks = () => lost.children[0],
    lock = (f, off) => f && $$("button", b => b.disabled = off, f),
    top = () => held.getBoundingClientRect().top,
    fail = (c, e, f) => {
      if (poll(c) && asks()) return;
      if (f?.method != "post") return say(word("poll") + $("main").dataset.shown);
      say(word("form"));
      const b = d.createElement("button");
      b.className = "button less";
      b.textContent = word("again");
      b.onclick = () => f.requestSubmit(c.request.submitter);
      lost.append(b);
    };
  on("config:request", (c, e, f) => {
    if (f?.enctype[0] == "m") { c.request.timeout = 36e5; say(word("files")); }
  });
  on("before:request", (c, e, f) => {
    poll(c) ? d.hidden && e.preventDefault() : lock(f, 1);
  });
  on("before:response", (c, e, f) => {
    const s = c.response.status, el = c.sourceElement;
    if (s > 501) fail(c, e, f);
    if (s == 401) el.replaceWith(el.cloneNode(1));
    if (s > 501 || poll(c) && s > 399) e.preventDefault();
  });
  on("error", fail);
  on("after:request", c => {
    poll(c) && asks() || say("");
  });
  on("finally:request", (c, e, f) => lock(f));
  on("before:swap", c => {
    held = d.activeElement;
    c.top = top();
  });
  on("after:swap", c => {
    const h = $("main .summary,main h1");
    if (poll(c)) return held.isConnected && scrollBy(0, top() - c.top);
    if (c.target.id != "main") return;
    $$("#nav a", a => a.ariaCurrent = a.dataset.section == $("main").dataset.section ? "page" : null);
    $$("#nav details,.who", x => x.open = 0);
    h.tabIndex = -1;
    h.focus();
  });
}
