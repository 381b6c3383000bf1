"""Points of any structure: arrays, and dicts, lists and tuples that hold them or one another."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nonlinear.arrays import as_floats
from nonlinear.special import Array


def arrays(tree: Any, name: str, path: str = "") -> dict[str, Array]:
    """Return the arrays of a tree by the index that leads to each, which is empty for a tree that is one array.

    >>> arrays({"w": [1.0, 2.0], "b": (np.ones(1), 3)}, "at")
    {"['w']": array([1., 2.]), "['b'][0]": array([1.]), "['b'][1]": array(3.)}
    """
    if not _is_branch(tree):
        return {path: as_floats(tree, name + path)}
    found = {}
    for key, child in _items(tree):
        found |= arrays(child, name, f"{path}[{key!r}]")
    return found


def rebuilt(tree: Any, leaves: Mapping[str, Array], path: str = "") -> Any:
    """Return a tree of the same types that holds copies of other arrays."""
    if not _is_branch(tree):
        return leaves[path].copy()
    children = {key: rebuilt(child, leaves, f"{path}[{key!r}]") for key, child in _items(tree)}
    if isinstance(tree, list | tuple):
        return type(tree)(*children.values()) if hasattr(tree, "_fields") else type(tree)(children.values())
    if not isinstance(tree, dict):
        return children
    twin = copy.copy(tree)  # a dict of any kind, with what it has besides its items
    twin.update(children)
    return twin


def _items(branch: Mapping | list | tuple) -> Iterable[tuple[Any, Any]]:
    return enumerate(branch) if isinstance(branch, list | tuple) else branch.items()


def _is_branch(node: Any) -> bool:
    """Whether ``node`` holds arrays, rather than being one or a list of numbers that makes one."""
    if isinstance(node, np.ndarray):  # by far the most frequent; to ask for a Mapping takes longest
        return False
    if not isinstance(node, list | tuple):
        return isinstance(node, Mapping)
    named = isinstance(node, tuple) and hasattr(node, "_fields")
    return named or any(isinstance(child, np.ndarray) or _is_branch(child) for child in node)
