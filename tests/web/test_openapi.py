"""The OpenAPI document is the routes: neither has what the other has not."""

import re

import pytest
from openapi_spec_validator import validate

from commands.registry import BY_TAG
from web import access
from web.api import OPERATIONS
from web.openapi import problems_of
from web.problems import STATUSES

PAGES = re.compile(r"/$|/static/|/{council}/officer|/openapi\.json|/health")


@pytest.fixture
def document(served):
    return served.client.get("/openapi.json").json()


def routed(app):
    """(path, method) of every route but the pages', in OpenAPI's spelling."""
    return {
        (re.sub(r":str}", "}", route.path_format), method)
        for route in app.routes
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS"
        and not str(handler.name).startswith("page_")
        and not PAGES.match(re.sub(r":str}", "}", route.path_format))
    }


def test_the_document_is_openapi_3_1(document):
    validate(document)

    assert document["openapi"] == "3.1.0"


def test_every_route_is_in_the_document_and_nothing_else_is(served, document):
    described = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }

    assert described == routed(served.app)
    assert len(described) == len(OPERATIONS)


def test_every_command_that_anybody_may_send_has_an_address_and_its_own_body(document):
    sendable = {tag for tag in BY_TAG if access.may_send(tag, sandbox=True)}

    for tag in sendable:
        path = "/api/v1/{council}/households/{household}/commands/" + tag
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        assert body["schema"]["$ref"].endswith("/" + BY_TAG[tag].__name__)
    assert "lapse" not in sendable


def test_every_operation_tells_every_problem_it_can_have(document):
    for each in OPERATIONS:
        answers = document["paths"][each.path][each.method.lower()]["responses"]
        statuses = {str(STATUSES[name][0]) for name in problems_of(each)}
        unchanged = ["304"] if each.not_modified else []
        assert set(answers) == {str(each.status), *statuses, *unchanged}
        for status in statuses:
            assert list(answers[status]["content"]) == ["application/problem+json"]


def test_a_public_operation_asks_for_no_token(document):
    public = {
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if operation["security"] == []
    }

    assert {path.removeprefix("/api/v1/{council}/") for path in public} == {
        "enforcement/keys",
        "registrations",
        "sign-in/pins",
        "sign-in/sessions",
    }


def test_every_problem_has_a_status_of_its_kind():
    assert all(400 <= status < 600 and title for status, title in STATUSES.values())
