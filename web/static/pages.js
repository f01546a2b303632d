// What the design system's parts do where JavaScript runs. Pages are whole without it.
import { initAll } from "/static/built/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
