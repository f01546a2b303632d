"""The OpenAPI 3.1 document, made from the same operations as the routes."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from web.operations import Operation, Site
from web.problems import MEDIA_TYPE, STATUSES, Name, Problem

VERSION = "1.0.0"
_REF = "#/components/schemas/{name}"
_ABOUT = (
    "A council's visitor-parking permits as a ledger. Instants are RFC 3339: one that is"
    " sent may have any offset, and must have one; one that is answered is UTC and ends in Z."
    " Periods are half-open, money is whole pence. Every answer that is not what was asked for is"
    " application/problem+json, and each refusal of a rule is in its `errors`."
)


def document(operations: Iterable[Operation], site: Site) -> dict[str, Any]:
    """The document of these operations; what a site allows is in it."""
    operations = list(operations)
    kinds = [k for o in operations for k in (o.body, o.answer) if k is not None] + [Problem]
    unique = list(dict.fromkeys(kinds))
    schemas, components = msgspec.json.schema_components(unique, ref_template=_REF)
    named = dict(zip(unique, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, named, site)
    return {
        "openapi": "3.1.0",
        "info": {"title": "permit-ledger", "version": VERSION, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(each: Operation, named: dict[Any, Any], site: Site) -> dict[str, Any]:
    roles = sorted(each.roles(site)) if each.roles else []
    made: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.about,
        "parameters": list(_parameters(each)),
        "responses": _responses(each, named),
        "security": [{"token": []}] if each.roles else [],
    }
    if roles:
        made["description"] = f"For: {', '.join(roles)}."
    if each.body is not None:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": named[each.body]}},
        }
    return made


def _parameters(each: Operation) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", each.path):
        schema = {"type": "string", "format": "uuid"} if name == "household" else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for header in each.headers:
        yield {
            "name": header.name,
            "in": "header",
            "required": header.required,
            "description": header.about,
            "schema": {"type": "string"},
        }
    if each.query is not None:
        yield from _query(each.query)


def _query(kind: type[Struct]) -> Iterator[dict[str, Any]]:
    _, components = msgspec.json.schema_components([kind], ref_template=_REF)
    for name, schema in components[kind.__name__]["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def problems_of(each: Operation) -> list[Name]:
    """Every problem that an operation can answer with."""
    names: list[Name] = ["invalid", "not-found", "fault", "unavailable"]
    if each.roles is not None:
        names += ["not-signed-in", "not-allowed"]
    if each.body is not None:
        names += ["malformed", "too-slow", "too-large", "not-json"]
    return list(dict.fromkeys([*names, *each.problems]))


def _responses(each: Operation, named: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(each.status): {
            "description": "What was asked for.",
            "content": {
                each.media_type: {"schema": named[each.answer]},
                **{other: {"schema": {"type": "string"}} for other in each.other_media_types},
            },
        }
    }
    if each.not_modified:
        found["304"] = {"description": "What the client holds is still so."}
    titles: dict[int, list[str]] = {}
    for name in problems_of(each):
        status, title = STATUSES[name]
        titles.setdefault(status, []).append(f"{title} (`/problems/{name}`).")
    for status, said in sorted(titles.items()):
        found[str(status)] = {
            "description": " ".join(said),
            "content": {MEDIA_TYPE: {"schema": named[Problem]}},
        }
    return found
