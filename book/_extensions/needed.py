"""Which code of a lesson the page has to run: all that it shows, and of the rest what later code uses.

Cells that the page does not show compute numbers for its text, which stand there already. They also import what later
cells use. So of such a cell those statements are kept that give a name which is still wanted below it.
"""

import ast

FUNCTIONS = ast.FunctionDef | ast.Lambda
PLAIN = ast.Assign | ast.AnnAssign | ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef


def loaded(tree):
    """Return the names that some code reads."""
    nodes = list(ast.walk(tree))
    changed = {
        node.target.id for node in nodes if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    return changed | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def given(tree):
    """Return the names that some code gives a value, or changes: a part of it, or by a method that is called for that.

    >>> sorted(given(ast.parse("from a import b\\nx[0] = y\\nrows.append(z)\\ndef f(): ...")))
    ['b', 'f', 'rows', 'x']
    """
    nodes = list(outside(tree))
    names = {node.asname or node.name.partition(".")[0] for node in nodes if isinstance(node, ast.alias)}
    names |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    stored = [node for node in nodes if isinstance(getattr(node, "ctx", None), ast.Store)]
    stored += [node.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    return names | {base(node) for node in stored} - {None}


def outside(tree):
    """Yield the nodes of some code but for what is inside functions and the variables of comprehensions."""
    yield tree
    if isinstance(tree, FUNCTIONS):
        return
    parts = ast.iter_child_nodes(tree)
    for part in [tree.iter, *tree.ifs] if isinstance(tree, ast.comprehension) else parts:
        yield from outside(part)


def base(node):
    """Return the name that an expression such as ``x[0].y`` begins with."""
    if isinstance(node, ast.Call):  # of a method; a function is not changed by calling it
        return base(node.func) if isinstance(node.func, ast.Attribute) else None
    return (
        base(node.value) if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred) else getattr(node, "id", None)
    )


def replaced(statement):
    """Return the names whose earlier value nobody sees after a statement."""
    if isinstance(statement, ast.Assign):
        return {
            name.id for name in ast.walk(statement) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
    return given(statement) if isinstance(statement, PLAIN) else set()


def needed(sources, hidden):
    """Return the code that a page has to run, cell by cell; of a hidden one that nothing needs, an empty text.

    Parameters
    ----------
    sources : list of str
    hidden : list of bool
        Which of them the page does not show.

    Examples
    --------
    >>> needed(["x = 1", "from a import b\\ny = slow(x)\\nglue(y=y)", "b(x)"], [False, True, False])
    ['x = 1', 'from a import b', 'b(x)']
    """
    trees = [ast.parse(source) for source in sources]
    always = set().union(*(loaded(node) for tree in trees for node in ast.walk(tree) if isinstance(node, FUNCTIONS)))
    wanted, kept = set(), []
    for source, tree, is_hidden in reversed(list(zip(sources, trees, hidden, strict=True))):
        statements = []
        for statement in reversed(tree.body):
            if not is_hidden or given(statement) & (wanted | always):
                wanted = wanted - replaced(statement) | loaded(statement)
                statements.insert(0, ast.get_source_segment(source, statement))
        kept.insert(0, "\n".join(statements) if is_hidden else source)
    return kept
