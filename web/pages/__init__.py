"""The pages: server-rendered, whole without JavaScript, one module for each desk or task.

To add a page:

1. a module here, with handlers `def shown(visit: Visit) -> View` and, where something is done,
   `def done(visit: Visit) -> Redirect`, and at its end the tuples `PAGES = (get(...), post(...))`
   and, if it belongs in the navigation, `LINKS = (Link(...),)`;
2. one line for the module in `web/pages/registry.py`;
3. a template in `web/templates/pages/`, which extends `page.html` and fills `title` and `content`;
4. a test in `tests/web/test_pages_*.py`, and one in `tests/browser/` that looks at it with `axe`.

A form holds `{{ form_fields() }}`, posts, and ends with a Redirect. A handler of a form does what
it does through `sending.send`, and raises what the ledger raises: a refusal shows the form again
(`again=`), with every reason in a summary above it, at its field where `fields=` says which.
"""
