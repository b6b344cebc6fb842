"""Prints the classes of a redisimnest module, read from standard input, as JSON.

The module is parsed, never run: what only running would tell is given as its source text.
"""

import ast
import json
import operator
import sys

ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}
KEY_FIELDS = ["prefix_template", "default_value", "ttl", "ttl_auto_renew", "is_secret", "is_password"]


class NotLiteral(Exception):
    pass


class Module:
    def __init__(self, tree):
        self.classes = []
        self.names = {}
        self.constants = {}
        self.roles = {"BaseCluster": "BaseCluster", "Key": "Key"}
        for statement in tree.body:
            if isinstance(statement, ast.ImportFrom):
                for name in statement.names:
                    if name.name in ("BaseCluster", "Key"):
                        self.roles[name.asname or name.name] = name.name
            elif isinstance(statement, ast.ClassDef):
                self.names[statement.name] = self.read_class(statement, self.names)
            else:
                for name, value in assigned(statement):
                    self.constants[name] = value
                    if isinstance(value, ast.Name) and value.id in self.names:
                        self.names[name] = self.names[value.id]

    def read_class(self, node, scope):
        scope = dict(scope)
        members, is_cluster, bases = {}, False, []
        for base in node.bases:
            if self.role(base) == "BaseCluster":
                is_cluster = True
            elif isinstance(base, ast.Name) and base.id in scope:
                above = self.classes[scope[base.id]]
                is_cluster |= above["cluster"]
                bases.append(above)
        for above in reversed(bases):
            # A plain class that redisimnest promotes loses these two.
            members.update(
                (member["name"], dict(member, base=above["name"]))
                for member in above["members"]
                if is_cluster or member["name"] not in ("__prefix__", "__ttl__")
            )
        for statement in node.body:
            if isinstance(statement, ast.ClassDef):
                index = self.read_class(statement, scope)
                scope[statement.name] = index
                found = [(statement.name, {"class": index})]
            else:
                found = [(name, self.member(value, scope)) for name, value in assigned(statement)]
            for name, member in found:
                members.pop(name, None)
                if member is not None:
                    members[name] = dict(member, name=name, line=statement.lineno)
                    if "class" in member:
                        scope[name] = member["class"]
        self.classes.append({
            "name": node.name,
            "line": node.lineno,
            "doc": (ast.get_docstring(node) or "").split("\n")[0],
            "cluster": is_cluster,
            "derived": bool(bases),
            "members": list(members.values()),
        })
        return len(self.classes) - 1

    def member(self, value, scope):
        if isinstance(value, ast.Name) and value.id in scope:
            return {"class": scope[value.id]}
        if not isinstance(value, ast.Call):
            return {"value": self.value(value)}
        if self.role(value.func) != "Key":
            return {"call": source(value)}
        fields = dict(zip(KEY_FIELDS, value.args))
        starred = any(isinstance(arg, ast.Starred) for arg in value.args)
        for keyword in value.keywords:
            starred |= keyword.arg is None
            fields["default_value" if keyword.arg == "default" else keyword.arg] = keyword.value
        if starred:
            return {"call": source(value)}
        return {"key": {name: self.value(field) for name, field in fields.items()}}

    def role(self, node):
        """`Key` or `BaseCluster`, by whatever name the module knows them."""
        if isinstance(node, ast.Attribute):
            return node.attr if node.attr in ("BaseCluster", "Key") else None
        return self.roles.get(node.id) if isinstance(node, ast.Name) else None

    def value(self, node):
        notes = set()
        try:
            found = self.literal(node, notes)
            # What is no JSON, or no UTF-8, is no value of a layout.
            json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
            return {"is": found, "notes": sorted(notes)}
        except (NotLiteral, ValueError, RecursionError, ArithmeticError):
            names = [self.literal(key, set()) for key in getattr(node, "keys", [])
                     if isinstance(key, ast.Constant)]
            return {"source": source(node), "names": [name for name in names if isinstance(name, str)]}

    def literal(self, node, notes, depth=0):
        if depth > 100:
            raise NotLiteral
        again = lambda inner: self.literal(inner, notes, depth + 1)
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float, type(None))):
            return node.value
        if isinstance(node, ast.Name) and node.id in self.constants:
            return again(self.constants[node.id])
        if isinstance(node, (ast.List, ast.Tuple)):
            if isinstance(node, ast.Tuple):
                notes.add("a tuple there, an array here")
            return [again(item) for item in node.elts]
        if isinstance(node, ast.Dict):
            names = [again(key) if key else None for key in node.keys]
            if not all(isinstance(name, str) for name in names):
                raise NotLiteral
            return dict(zip(names, map(again, node.values)))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -number(again(node.operand))
        if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
            return ARITHMETIC[type(node.op)](number(again(node.left)), number(again(node.right)))
        raise NotLiteral


def number(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise NotLiteral


def assigned(statement):
    """The names and values of `a = b = 1` and `a: int = 1`."""
    if isinstance(statement, ast.Assign):
        return [(name.id, statement.value) for name in statement.targets if isinstance(name, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        return [(statement.target.id, statement.value)]
    return []


def source(node):
    text = " ".join(ast.unparse(node).split()) if hasattr(ast, "unparse") else "an expression"
    return text if len(text) <= 80 else text[:77] + "..."


def main():
    try:
        tree = ast.parse(sys.stdin.buffer.read())
    except SyntaxError as error:
        print(json.dumps({"error": {"line": error.lineno or 1, "column": error.offset or 1, "message": error.msg}}))
    except ValueError as error:
        print(json.dumps({"error": {"line": 1, "column": 1, "message": str(error)}}))
    else:
        print(json.dumps({"classes": Module(tree).classes}))


main()
