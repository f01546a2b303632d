"""Mutants made by rule: every small change to a module that a good test of it would notice.

A comparison is turned or moved by its equality, a whole number is one more or one less, `and` is
`or`, `not` is left out, a sum is a difference, the least is the greatest, and nothing is returned.
What is said to a person is not changed, nor are assertions, types and defaults.
"""

import ast
from collections.abc import Iterator
from copy import deepcopy

from msgspec import Struct

_TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_SKIPPED = (ast.Assert, ast.JoinedStr, ast.AnnAssign, ast.Raise)


class Made(Struct, frozen=True, kw_only=True):
    """One change: in which function (empty: of the module itself), on which line, and what it is.

    `node` is the place of what is changed in a walk through the module.
    """

    function: str
    line: int
    what: str
    source: str
    node: int
    changed: ast.AST

    @property
    def tree(self) -> ast.Module:
        """The whole module with the change in it."""
        tree = ast.parse(self.source)
        twin = next(each for n, each in enumerate(ast.walk(tree)) if n == self.node)
        vars(twin).update(vars(deepcopy(self.changed)))
        twin.__class__ = self.changed.__class__
        return ast.fix_missing_locations(tree)


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods of a module by their qualified names; those inside them are
    theirs.
    """
    for node in tree.body:
        match node:
            case ast.FunctionDef():
                yield node.name, node
            case ast.ClassDef():
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef):
                        yield f"{node.name}.{inner.name}", inner


def made(source: str) -> Iterator[Made]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    places = [(name, list(node.body)) for name, node in functions(tree)]
    places.append(("", [node for node in tree.body if isinstance(node, ast.Assign)]))
    numbers = {id(node): n for n, node in enumerate(ast.walk(tree))}
    found: list[Made] = []
    for name, statements in places:
        for node in (each for top in statements for each in _looked_at(top)):
            for what, changed in _changes(node):
                found.append(
                    Made(
                        function=name,
                        line=getattr(node, "lineno", 0),
                        what=what,
                        source=source,
                        node=numbers[id(node)],
                        changed=changed,
                    )
                )
    yield from sorted(found, key=lambda each: each.line)


def _looked_at(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, _SKIPPED):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _looked_at(child)


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=comparators):
            for turned in _TURNED.get(type(op), ()):
                new = ast.Compare(left=left, ops=[turned()], comparators=comparators)
                yield f"{ast.unparse(node)} -> {ast.unparse(new)}", new
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for n, op in enumerate(ops):
                for turned in _TURNED.get(type(op), ())[:1]:
                    other = [*ops[:n], turned(), *ops[n + 1 :]]
                    new = ast.Compare(left=left, ops=other, comparators=comparators)
                    yield f"{ast.unparse(node)} -> {ast.unparse(new)}", new
        case ast.Constant(value=int(value)) if not isinstance(node.value, bool):
            for other_value in (value + 1, value - 1):
                yield f"{value} -> {other_value}", ast.Constant(value=other_value)
        case ast.Constant(value=bool(value)):
            yield f"{value} -> {not value}", ast.Constant(value=not value)
        case ast.BoolOp(op=joined, values=values):
            swapped = ast.Or() if isinstance(joined, ast.And) else ast.And()
            new_bool = ast.BoolOp(op=swapped, values=values)
            yield f"{ast.unparse(node)} -> {ast.unparse(new_bool)}", new_bool
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"{ast.unparse(node)} -> {ast.unparse(operand)}", operand
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _SUMS:
            new_sum = ast.BinOp(left=left, op=_SUMS[type(sign)](), right=right)
            yield f"{ast.unparse(node)} -> {ast.unparse(new_sum)}", new_sum
        case ast.Name(id=name, ctx=ast.Load()) if name in _NAMES:
            yield f"{name} -> {_NAMES[name]}", ast.Name(id=_NAMES[name], ctx=ast.Load())
        case ast.Return(value=ast.expr() as value) if not _is_nothing(value):
            yield f"{ast.unparse(node)} -> return None", ast.Return(value=ast.Constant(value=None))


def _is_nothing(value: ast.expr) -> bool:
    """None itself; or False, which nothing takes for anything else and which is made True above."""
    return isinstance(value, ast.Constant) and (value.value is None or value.value is False)
