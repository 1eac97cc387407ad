"""Bodies that people and programs put where a document belongs, and what has to be said of each."""

from dataclasses import dataclass

from steersman.model.document import DOCUMENT_BYTES_MAX

MEBIBYTE = 1024 * 1024
CONFIG = "configkey/bad"
POOL = b"""\
spec:
  zones: [europe-west1-b]
  machineType: g1-small
  image: {project: coreos-cloud, name: coreos-alpha-423-0-0-v20140828}
"""
BOMB = b"".join(
    [b"a: &a [x, x, x, x, x, x, x, x, x]\n"]
    + [
        b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % (to, to, *[to - 1] * 9)
        for to in range(ord("b"), ord("k"))
    ]
)


@dataclass(frozen=True)
class Bad:
    """`says` are parts of what is told of it; `key` is below /desired."""

    id: str
    body: bytes
    says: tuple[str, ...]
    key: str = CONFIG


BAD = (
    # no document at all
    Bad("empty", b"", ("one document is expected here, not 0",)),
    Bad("blanks only", b" \n\n  \n", ("not 0",)),
    Bad("comments only", b"# spec: {value: x}\n", ("not 0",)),
    Bad("a document mark only", b"---\n", ("not 0",)),
    Bad("several documents", b"spec: {value: x}\n---\nspec: {value: y}\n", ("not 2",)),
    Bad("a word", b"nonsense", ("line 1", "a document is a mapping")),
    Bad("null", b"null", ("line 1", "a document is a mapping")),
    Bad("a list", b"- spec: {value: x}\n", ("line 1", "a document is a mapping")),
    Bad("JSON that is a list", b'[{"spec": {}}]', ("line 1", "a document is a mapping")),
    # no YAML
    Bad("an open bracket", b"spec: {value: [\n", ("line 2", "not YAML")),
    Bad("an open quote", b'spec:\n  value: "x\n', ("line 3", "not YAML")),
    Bad("a tab for an indentation", b"spec:\n\tvalue: x\n", ("line 2", "not YAML", "column 1")),
    Bad("an indentation that wavers", b"spec:\n    value: x\n  key: y\n", ("line 3", "not YAML")),
    Bad("JSON cut off", b'{"spec": {"value": "x"', ("line 1", "not YAML", "nor JSON")),
    Bad("not a number in JSON", b'{"spec": {"value": NaN}}', ("spec.value", "finite")),
    Bad("half a pair in JSON", b'{"spec": {"value": "\\ud83d"}}', ("spec.value", "surrogate")),
    Bad("a key twice in JSON", b'{"spec": {"value": "x", "value": "y"}}', ("stands here twice",)),
    Bad("binary in Base64", b"spec: {value: !!binary aGk=}", ("spec.value", "!!binary")),
    Bad("a merge conflict", b"<<<<<<< HEAD\nspec: {value: x}\n", ("not YAML",)),
    Bad("a template not rendered", b"spec: {value: {{ value }}}\n", ("line 1",)),
    Bad("an alias of nothing", b"spec: {value: *nobody}\n", ("line 1", "undefined alias")),
    Bad("a document mark between", b"spec:\n---\n  value: x\n", ("expected here, not 2",)),
    # no text
    Bad("binary", bytes(range(256)), ("not",)),
    Bad("zeros", b"spec: {value: x}\0\0\0", ("not YAML",)),
    Bad("a control character", b"spec: {value: a\x07b}", ("not YAML", "control characters")),
    Bad("an escape sequence", b"spec: {value: \x1b[31mred}", ("not YAML", "control characters")),
    Bad("UTF-16", "spec: {value: x}".encode("utf-16"), ("not",)),
    Bad("half a surrogate pair", b"spec: {value: \xed\xa0\x80, x: 1}", ("line 1",)),
    Bad("an escaped half of a pair", b'spec: {value: "\\ud800", x: 1}', ("line 1",)),
    # too much of it
    Bad("256 KiB and one byte", b"#" * (DOCUMENT_BYTES_MAX + 1), ("at most 262144",)),
    Bad("one MiB", b"spec: {value: " + b"x" * MEBIBYTE + b"}", ("at most 262144",)),
    Bad("an alias bomb", BOMB + b"spec: {value: x}", ("more",)),
    Bad("an alias of itself", b"spec: &a {value: *a}", ("line 1",)),
    Bad("depth in flow style", b"spec: " + b"[" * 100_000, ("nested deeper than 32",)),
    Bad("depth in block style", b"- " * 100_000, ("nested deeper than 32",)),
    Bad("depth that is closed", b"[" * 50_000 + b"]" * 50_000, ("nested deeper than 32",)),
    Bad("depth in JSON", b'{"spec": ' * 5000 + b"1" + b"}" * 5000, ("nested deeper than 32",)),
    Bad("very many values", b"spec: [" + b"1," * 50_000 + b"]", ("more values than 20000",)),
    Bad("very many fields", b"".join(b"f%d: 1\n" % n for n in range(5000)), ("f0: unknown field",)),
    # the wrong things
    Bad("no spec", b"metadata: {}\n", ("line 1", "spec: required, but missing")),
    Bad("an empty spec", b"spec:\n", ("line 1", "spec: a mapping is expected here")),
    Bad("a list for a spec", b"spec:\n- value: x\n", ("line 2", "spec: a mapping is expected")),
    Bad("a list for metadata", b"metadata: [a]\nspec: {value: x}\n", ("line 1", "metadata")),
    Bad("a word for labels", b"metadata: {labels: a}\nspec: {value: x}", ("metadata.labels",)),
    Bad("a list in labels", b"metadata: {labels: {a: [b]}}\nspec: {value: x}", ("labels.a",)),
    Bad(
        "a number for a text",
        b"spec:\n  value: 7\n",
        ("line 2", "spec.value", "text is expected here"),
    ),
    Bad("a yes for a text", b"spec: {value: yes}", ("spec.value", "text is expected here")),
    Bad("a null for a text", b"spec: {value: ~}", ("spec.value", "text is expected here")),
    Bad("a mapping for a text", b"spec: {value: {a: b}}", ("spec.value", "text is expected here")),
    Bad("not a number", POOL + b"  replicas: .nan\n", ("line 5", "spec.replicas"), "nodepool/bad"),
    Bad("infinity", POOL + b"  replicas: .inf\n", ("line 5", "spec.replicas"), "nodepool/bad"),
    Bad(
        "an integer without end",
        POOL + b"  replicas: " + b"9" * 5000 + b"\n",
        ("line 5", "spec.replicas"),
        "nodepool/bad",
    ),
    Bad("an integer in base 60", POOL + b"  replicas: 1:30:00\n", ("replicas",), "nodepool/bad"),
    Bad("a negative count", POOL + b"  replicas: -1\n", ("spec.replicas",), "nodepool/bad"),
    Bad("half a node", POOL + b"  replicas: 2.5\n", ("spec.replicas",), "nodepool/bad"),
    # the right things wrongly spelled
    Bad(
        "an unknown field",
        b"spec:\n  value: x\n  onchange: restart\n",
        ("line 3", "spec.onchange: unknown field", "did you mean onChange?"),
    ),
    Bad(
        "an unknown field around",
        b"metdata: {}\nspec: {value: x}\n",
        ("line 1", "metdata: unknown field", "did you mean metadata?"),
    ),
    Bad("the same key twice", b"spec:\n  value: x\n  value: y\n", ("line 3", "stands here twice")),
    Bad("spec twice", b"spec: {value: x}\nspec: {value: y}\n", ("line 2", "stands here twice")),
    Bad("a key that is a list", b"? [a]\n: b\nspec: {value: x}\n", ("line 1", "plain word")),
    Bad("a key that is a number", b"1: b\nspec: {value: x}\n", ("line 1", "unknown field")),
    Bad("a merge key", b"a: &a {value: x}\nspec: {<<: *a}\n", ("line 2", "spec: ", "merge key")),
    Bad(
        "another kind",
        b"kind: unit\nspec: {value: x}\n",
        ("line 1", "kind: 'unit' contradicts the key, which says configkey"),
    ),
    Bad(
        "another name",
        b"metadata:\n  name: es\nspec: {value: x}\n",
        ("line 2", "metadata.name: 'es' contradicts the key, which says bad"),
    ),
    Bad("a word without end", b"apiVersion: " + b"v" * 200_000, ("apiVersion: 'vvv",)),
    Bad(
        "a field without end", b"{? " + b"f" * 200_000 + b" : x, spec: {}}", ("fff\u2026: unknown",)
    ),
    Bad("another version", b"apiVersion: v1\nspec: {value: x}", ("reads steersman/v1",)),
    Bad(
        "itself for a dependency",
        b"metadata: {dependsOn: [cfg/bad]}\nspec: {value: x}",
        ("depends on itself",),
    ),
    Bad(
        "an unknown kind for a dependency",
        b"metadata: {dependsOn: [nodepools/core]}\nspec: {value: x}",
        ("metadata.dependsOn[0]", "did you mean nodepool?"),
    ),
    Bad("a mark that is no yes", b"metadata: {deleting: soon}\nspec: {value: x}", ("deleting",)),
    Bad("a yes in quotes", b"metadata: {deleting: 'yes'}\nspec: {value: x}", ("true or false",)),
    Bad("a one for a yes", b'{"metadata": {"deleting": 1}, "spec": {"value": "x"}}', ("deleting",)),
    Bad("a count in quotes", POOL + b"  replicas: '3'\n", ("whole number",), "nodepool/bad"),
    Bad("a count in base 8", POOL + b"  replicas: 03\n", ("line 5", "decimal"), "nodepool/bad"),
    Bad(
        "a protection that is spelled in its own way",
        b"metadata: {annotations: {steersman/protect: 'True'}}\nspec: {value: x}",
        ("metadata.annotations.steersman/protect", '"true" or "false"'),
    ),
    Bad(
        "a protection that is misspelt",
        b"metadata: {annotations: {steersman/protetc: 'true'}}\nspec: {value: x}",
        ("metadata.annotations.steersman/protetc", "did you mean steersman/protect?"),
    ),
    # what would be harm
    Bad("a Python object", b"spec: !!python/object/apply:os.system [id]", ("line 1", "spec")),
    Bad("a Python name", b"spec: {value: !!python/name:os.system ''}", ("line 1", "spec.value")),
    Bad("a tag of one's own", b"spec: {value: !secret x}", ("line 1", "spec.value")),
    Bad("a tag that lies", b"spec: {value: !!int x}", ("line 1", "spec.value")),
    Bad("a way out of /configs", b"spec: {value: x, key: /configs/../b}", ("spec.key",)),
    Bad(
        "a way out of /services",
        b"spec: {unit: unit/a, clusterName: a, registration: {path: /services/../configs/a}}",
        ("spec.registration.path", "'..' is no part of a key"),
        "elasticsearch/bad",
    ),
    Bad("a key outside of /configs", b"spec: {value: x, key: /steersman/leader}", ("spec.key",)),
    Bad("a hidden key", b"spec: {value: x, key: /configs/_x}", ("spec.key",)),
    Bad(
        "a value that is a bomb itself",
        b"spec: {format: yaml, value: '" + b"[" * 10_000 + b"'}",
        ("spec.value", "nested deeper"),
    ),
    Bad(
        "a value that is not what it says",
        b'spec: {format: json, value: "{a: b}"}',
        ("spec.value", "not JSON"),
    ),
    # keys that name nothing
    Bad("an unknown kind", b"spec: {}", ("did you mean nodepool?",), "nodepools/core"),
    Bad("a kind in capitals", b"spec: {}", ("did you mean configkey?",), "ConfigKey/x"),
    Bad("no name", b"spec: {value: x}", ("<kind>/<name>",), "configkeys"),
    Bad("a name in capitals", b"spec: {value: x}", ("'Bad' is no name",), "configkey/Bad"),
    Bad("a name that goes on", b"spec: {value: x}", ("<kind>/<name>",), "configkey/a/b"),
    Bad("a key of another shape", b"spec: {value: x}", ("<kind>/<name>",), "a/b/c/d"),
    Bad("a short kind", b"spec: {}", ("did you mean configkey?",), "cfg/x"),
    Bad("a name with a blank", b"spec: {value: x}", ("is no name",), "configkey/a b"),
    Bad("a name too long", b"spec: {value: x}", ("is no name",), "configkey/" + "x" * 64),
)

GOOD = {
    "a byte order mark": b"\xef\xbb\xbfspec: {value: %s}",
    "lines that end as on Windows": b"spec:\r\n  value: %s\r\n",
    "a document mark first": b"---\nspec: {value: %s}\n",
    "a document mark last": b"spec: {value: %s}\n...\n",
    "JSON": b'{"spec": {"value": "%s"}}',
    "JSON with tabs": b'{\n\t"spec":\t{\n\t\t"value":\t"%s"\n\t}\n}\n',
    "JSON with a character in two halves": (
        b'{"metadata": {"labels": {"mood": "\\ud83d\\ude00"}}, "spec": {"value": "%s"}}'
    ),
    "an alias": b"metadata: {labels: {a: &a %s}}\nspec: {value: *a}",
    "a date for a label": b"metadata: {labels: {since: 2014-09-01}}\nspec: {value: %s}",
}
