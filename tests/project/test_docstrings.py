"""Every public function says what it does; one with three parameters or more, or with several results, in sections."""

import ast
from pathlib import Path

import pytest

import stemwright

LIBRARY = Path(stemwright.__file__).parent
MODULES = sorted(LIBRARY.rglob("*.py"))


def functions(tree, bases):
    """(function, the class that it is in, if any) of a module, but for private ones."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node, None
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            bases[node.name] = [ast.unparse(base).partition("[")[0] for base in node.bases]
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    yield method, node.name


def documented_methods():
    """The public methods that have a docstring, by class, over the whole library."""
    methods = {}
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found = {m.name for m in node.body if isinstance(m, ast.FunctionDef) and ast.get_docstring(m)}
                bases = [ast.unparse(base).partition("[")[0] for base in node.bases]
                methods.setdefault(node.name, (set(), []))
                methods[node.name][0].update(found)
                methods[node.name][1].extend(bases)
    return methods


METHODS = documented_methods()


def inherits_docstring(name, bases):
    """Whether a base class, or one of its own, documents a method."""
    return any(
        base in METHODS and (name in METHODS[base][0] or inherits_docstring(name, METHODS[base][1]))
        for base in bases
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_public_functions(path):
    text = path.read_text(encoding="utf-8")
    tree, bases, wrong = ast.parse(text), {}, []
    assert ast.get_docstring(tree), "the module says nothing"
    for function, owner in functions(tree, bases):
        docstring = ast.get_docstring(function) or ""
        name = f"{owner}.{function.name}" if owner else function.name
        if owner and not docstring and inherits_docstring(function.name, bases[owner]):
            continue
        arguments = [
            a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        ]
        count = len([a for a in arguments if a not in ("self", "cls")])
        result = ast.unparse(function.returns) if function.returns else ""
        is_override = owner and inherits_docstring(function.name, bases[owner])
        if not docstring:
            wrong.append(f"{name}: has no docstring")
        elif count >= 3 and "Parameters\n----------" not in docstring and not is_override:
            wrong.append(f"{name}: {count} parameters, and no section of them")
        elif (
            result.startswith("tuple[")
            and "..." not in result
            and not any(f"{section}\n{'-' * len(section)}" in docstring for section in ("Returns", "Yields"))
            and not is_override
        ):
            wrong.append(f"{name}: gives a tuple, and has no section of it")
    assert wrong == []
