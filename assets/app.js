/*
 * All our JavaScript; every page works without it. What each part is for: README.md, "Script".
 * The sentences shown to the reader are the data attributes of #lost in layout.html.
 */
{
  const UPLOAD_TIMEOUT = 60 * 60 * 1000;
  let notice = document.querySelector("#lost");
  let focused; // the element in focus before the last swap
  let sending; // a form is on its way

  const setNotice = (text) => {
    notice.textContent = text;
  };

  // The notice holds a button while a form waits to be sent again.
  const hasRetryButton = () => notice.children.length > 0;

  const isPoll = (context) => /every|load/.test(context.sourceElement.dataset.hxTrigger);

  const hasTypedText = (selector) =>
    [...document.querySelectorAll(selector)].some((field) => field.value != field.defaultValue);

  const isProxyError = (status) => status > 501;

  const setDisabled = (form, disabled) => {
    form?.querySelectorAll("button").forEach((button) => {
      button.disabled = disabled;
    });
  };

  const focusedTop = () => focused.getBoundingClientRect().top;

  // htmx takes a click with a key held down for its own; the browser opens a tab or a window by it.
  document.addEventListener(
    "click",
    (event) => {
      const { ctrlKey, metaKey, shiftKey, target } = event;
      if ((ctrlKey || metaKey || shiftKey) && target.closest("a")) event.stopPropagation();
    },
    true,
  );

  const addRevealButtons = () => {
    document.querySelectorAll("[type=password]:last-child").forEach((field) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button plain less";
      button.textContent = notice.dataset.reveal;
      button.onclick = () => {
        const hidden = field.type == "password";
        field.type = hidden ? "text" : "password";
        button.textContent = notice.dataset[hidden ? "hide" : "reveal"];
      };
      field.after(button);
    });
  };

  // `form` is missing when a link or a poll makes the request.
  const listen = (name, handler) => {
    document.addEventListener("htmx:" + name, (event) => {
      const context = event.detail.ctx;
      handler(context, context.request.form, event);
    });
  };

  const showFailure = (context, form) => {
    // A poll that fails too must not take away the button of a form.
    if (isPoll(context) && hasRetryButton()) return;
    if (form?.method != "post") {
      setNotice(notice.dataset.poll + document.querySelector("main").dataset.shown);
      return;
    }
    const button = document.createElement("button");
    button.className = "button less";
    button.textContent = notice.dataset.again;
    button.onclick = () => form.requestSubmit(context.request.submitter);
    setNotice(notice.dataset.form);
    notice.append(button);
  };

  listen("config:request", (context, form) => {
    if (form?.enctype == "multipart/form-data") {
      context.request.timeout = UPLOAD_TIMEOUT;
      setNotice(notice.dataset.files);
    }
  });

  // Leaving a page with a text that was begun asks first; sending it is not leaving.
  const isLeaving = () => !sending && hasTypedText("main textarea");

  const noteSending = () => {
    sending = true;
  };

  addEventListener("submit", noteSending, true); // before htmx makes its request of it

  addEventListener("beforeunload", (event) => {
    if (isLeaving()) event.preventDefault();
  });

  listen("before:request", (context, form, event) => {
    if (isPoll(context) ? document.hidden : isLeaving() && !confirm(notice.dataset.leave)) {
      event.preventDefault();
    } else if (!isPoll(context)) setDisabled(form, true);
  });

  listen("before:response", (context, form, event) => {
    const { status } = context.response;
    const element = context.sourceElement;
    if (isProxyError(status)) showFailure(context, form);
    // The page is of another contract by now; a poll does not load it anew over what is being typed.
    if (isPoll(context) && context.hx.refresh && hasTypedText("main input, main textarea")) {
      setNotice(notice.dataset.other);
      event.preventDefault();
    }
    // The session has ended: a clone has no timer, so this poll stops for good.
    if (status == 401) element.replaceWith(element.cloneNode(true));
    // What was typed, or what the poll showed last, stays in place of an error page.
    if (isProxyError(status) || (isPoll(context) && status > 399)) event.preventDefault();
  });

  listen("error", showFailure);

  listen("after:request", (context) => {
    if (!isPoll(context) || !hasRetryButton()) setNotice("");
  });

  listen("finally:request", (context, form) => {
    if (!isPoll(context)) sending = context.hx?.redirect;
    setDisabled(form, false);
  });

  listen("before:swap", (context) => {
    focused = document.activeElement;
    context.focusedTop = focusedTop();
  });

  listen("after:swap", (context) => {
    notice = document.querySelector("#lost"); // the whole body may be new
    if (isPoll(context)) {
      // What came by itself must not move the field one types in.
      if (focused.isConnected) scrollBy(0, focusedTop() - context.focusedTop);
    } else if (context.hx.retarget || context.target.id == "main") {
      openPage(document.querySelector("main"));
    }
  });

  // A page came without a load: the frame around it follows, and readers are told where they are.
  const openPage = (main) => {
    document.querySelectorAll("#nav a").forEach((link) => {
      link.ariaCurrent = link.dataset.section == main.dataset.section ? "page" : null;
    });
    document.querySelectorAll("#nav details, .who").forEach((menu) => {
      menu.open = false;
    });
    addRevealButtons();
    // The list of errors, the field of the only one, or the field of a code just sent.
    const heading = main.querySelector("h1");
    heading.tabIndex = -1;
    (main.querySelector("[autofocus]") || heading).focus();
  };

  addRevealButtons();
}
