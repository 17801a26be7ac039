"""Data to YAML text: blocks, with each string quoted that is not plainly one."""
import json
import re

PLAIN = re.compile(r"^[A-Za-z/][A-Za-z0-9_./@-]*$")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def scalar(value):
    if isinstance(value, str):
        return value if PLAIN.match(value) and value.lower() not in WORDS else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def dump(value, indent=0):
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(pad + scalar(key) + ":" + below(item, indent, isinstance(item, list)) for key, item in value.items())
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            text = dump(item, indent + 1) if isinstance(item, (dict, list)) and item else pad + "  " + inline(item) + "\n"
            lines.append(pad + "- " + text[len(pad) + 2:])
        return "".join(lines)
    return pad + inline(value) + "\n"


def inline(value):
    return json.dumps(value) if isinstance(value, (dict, list)) else scalar(value)


def below(value, indent, is_list):
    if isinstance(value, (dict, list)) and value:
        return "\n" + dump(value, indent if is_list else indent + 1)
    if isinstance(value, str) and "\n" in value.rstrip("\n") and not value.startswith((" ", "\n")) and value.isprintable() is False:
        sign = "|" if value.endswith("\n") and not value.endswith("\n\n") else "|+" if value.endswith("\n") else "|-"
        lines = value.split("\n")
        if all(line == line.rstrip() and "\t" not in line for line in lines):
            return f" {sign}\n" + "".join("  " * (indent + 1) + line + "\n" if line else "\n" for line in value.rstrip("\n").split("\n"))
    return " " + inline(value) + "\n"


def files(tree):
    """A tree of data as texts: a list is the documents of a file, a string a file as it is."""
    return {
        path: content if isinstance(content, str) else "---\n".join(dump(document) for document in content)
        for path, content in tree.items()
    }
