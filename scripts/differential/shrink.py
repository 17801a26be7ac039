"""Takes away from a case whatever it differs without."""
import copy


def paths(value, prefix=()):
    """Each place in a value from which something can be taken, the largest parts first."""
    found = []
    if isinstance(value, dict):
        found += [prefix + (key,) for key in value]
        for key, item in value.items():
            found += paths(item, prefix + (key,))
    elif isinstance(value, list):
        found += [prefix + (index,) for index in reversed(range(len(value)))]
        for index, item in enumerate(value):
            found += paths(item, prefix + (index,))
    return sorted(found, key=len)


def without(tree, path):
    tree = copy.deepcopy(tree)
    parent = tree
    for part in path[:-1]:
        parent = parent[part]
    del parent[path[-1]]
    return tree


def shrink(tree, differs, trials=400):
    """The tree without all parts that can go while `differs` holds."""
    changed = True
    while changed and trials > 0:
        changed = False
        for path in paths(tree):
            try:
                smaller = without(tree, path)
            except (KeyError, IndexError, TypeError):
                continue
            trials -= 1
            if trials <= 0:
                break
            if differs(smaller):
                tree, changed = smaller, True
                break
    return tree
