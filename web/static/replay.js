// A household's steps by slider and by arrow keys; a page that works in the background, looked at
// again. Every page is whole without it.
const steps = document.querySelector("[data-steps]");

if (steps) {
  const select = steps.querySelector("select");
  const slider = document.createElement("input");
  const said = document.createElement("output");
  slider.type = "range";
  slider.id = "slider";
  slider.className = "slider";
  slider.min = 1;
  slider.max = select.options.length;
  slider.value = select.selectedIndex + 1;
  said.className = "govuk-hint slider__said";
  said.htmlFor = "slider";
  const label = document.createElement("label");
  label.className = "govuk-label";
  label.htmlFor = "slider";
  label.textContent = "Move along the steps";
  steps.prepend(label, slider, said);

  const tell = () => {
    const text = select.options[slider.value - 1].text;
    said.textContent = text;
    slider.setAttribute("aria-valuetext", text);
  };
  const open = (number) => {
    const to = new URL(location.href);
    to.searchParams.set("version", number);
    location.assign(to);
  };
  let waiting;
  slider.addEventListener("input", tell);
  // Several presses of a key are one move.
  slider.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      sessionStorage.setItem("slider", "held");
      open(slider.value);
    }, 350);
  });
  tell();
  if (sessionStorage.getItem("slider")) {
    sessionStorage.removeItem("slider");
    slider.focus({ preventScroll: true });
  }

  const ways = { ArrowLeft: "prev", ArrowRight: "next", Home: "first", End: "last" };
  document.addEventListener("keydown", (event) => {
    const there = event.target;
    const taken = there.closest("input, select, textarea, [tabindex], summary");
    if (taken || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = document.querySelector(`a[data-way="${ways[event.key]}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
  });
}

if (document.querySelector("[data-under-way]")) {
  // Not while somebody is reading with the keyboard, nor in a window that nobody sees.
  const again = () => {
    const idle = document.activeElement === document.body || document.activeElement === null;
    if (idle && !document.hidden) location.reload();
    else setTimeout(again, 3000);
  };
  setTimeout(again, 3000);
}
