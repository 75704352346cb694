// Live figures. The server renders every part; this puts the new texts and attributes where the old ones stand and
// leaves all else alone, so that focus, selection and scroll positions stay. Without this script the page is whole.
"use strict";
(() => {
  const AGAIN_MS = 10000; // after a refusal, for which the browser itself does not try again
  const note = document.getElementById("putus");
  let source = null;
  let timer = 0;

  function patch(here, fresh) {
    const olds = [...here.childNodes];
    const news = [...fresh.childNodes];
    for (let at = 0; at < Math.max(olds.length, news.length); at += 1) {
      const [was, is] = [olds[at], news[at]];
      if (!is) was.remove();
      else if (!was) here.append(is);
      else if (was.nodeName !== is.nodeName) was.replaceWith(is);
      else if (was.nodeType === Node.ELEMENT_NODE) {
        attributes(was, is);
        patch(was, is);
      } else if (was.nodeValue !== is.nodeValue) was.nodeValue = is.nodeValue;
    }
  }

  function attributes(was, is) {
    for (const { name } of [...was.attributes]) if (!is.hasAttribute(name)) was.removeAttribute(name);
    for (const { name, value } of is.attributes) if (was.getAttribute(name) !== value) was.setAttribute(name, value);
  }

  function take(event) {
    for (const [id, html] of Object.entries(JSON.parse(event.data))) {
      const here = document.getElementById(id);
      if (!here) return location.reload(); // the page has other parts now: its first document, say
      const fresh = document.createElement("template");
      fresh.innerHTML = html;
      patch(here, fresh.content);
    }
  }

  function open() {
    clearTimeout(timer);
    if (source) source.close();
    source = new EventSource("/aliran");
    source.onopen = () => { note.hidden = true; };
    source.onmessage = take;
    source.onerror = () => {
      note.hidden = false;
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
    };
  }

  // A hidden page lets go of its connection: a browser has only six for one host, over all its windows.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) open();
    else if (source) source.close();
  });
  if (!document.hidden) open();
})();
