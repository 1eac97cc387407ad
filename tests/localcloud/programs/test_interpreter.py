"""The shell's words and redirections."""

import pytest

from localcloud.programs.commands import command_table
from localcloud.programs.interpreter import Shell
from localcloud.programs.shell import ShellSyntaxError, parse
from tests.localcloud.support import FakeKeys

NAMES = ("/services/es/127.20.0.3", "/services/es/127.20.0.4")


def shell(**variables: str) -> Shell:
    keys = FakeKeys(dict.fromkeys(NAMES, "{}"))
    table = command_table(keys, lambda host, port: (host, port) == ("127.20.0.2", 9200))
    return Shell(table, {"/etc/motd": "hello\nworld\n"}, variables)


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        pytest.param("echo a  b", "a b\n", id="blanks separate words"),
        pytest.param("echo 'a  b'", "a  b\n", id="single quotes keep blanks"),
        pytest.param("echo \"$X\" '$X'", "one two $X\n", id="only double quotes are expanded"),
        pytest.param('echo "${X}"s', "one twos\n", id="braces end a name"),
        pytest.param('echo "a\\"b"', 'a"b\n', id="a backslash in double quotes saves a quote"),
        pytest.param("echo a\\ b", "a b\n", id="a backslash saves a blank"),
        pytest.param("Y=1; echo $Y", "1\n", id="an assignment lasts"),
        pytest.param("echo [$NOTHING]", "[]\n", id="an unset variable is empty"),
        pytest.param("false; echo $?", "1\n", id="the code of the last command"),
        pytest.param("echo a # b", "a\n", id="a comment ends the line"),
        pytest.param("echo a; # b\necho c", "a\nc\n", id="lines are commands"),
        pytest.param("echo $(echo $(echo deep))", "deep\n", id="substitutions nest"),
        pytest.param('echo "$(echo "a b")"', "a b\n", id="quotes nest in substitutions"),
        pytest.param("cat < /etc/motd | head -n 1", "hello\n", id="input comes from a file"),
        pytest.param("echo a > /dev/null", "", id="output may go nowhere"),
        pytest.param("echo a > /x; echo b >> /x; cat /x", "a\nb\n", id="files are kept"),
        pytest.param("cat /nowhere 2>/dev/null || echo none", "none\n", id="errors are not output"),
        pytest.param("true && echo yes || echo no", "yes\n", id="and goes on after success"),
        pytest.param("etcdctl ls /services", "/services/es\n", id="ls shows one level"),
        pytest.param(
            "etcdctl ls --recursive /services",
            "/services/es\n/services/es/127.20.0.3\n/services/es/127.20.0.4\n",
            id="a recursive ls shows directories too",
        ),
        pytest.param("etcdctl ls /nowhere; echo $?", "4\n", id="a missing directory is code 4"),
        pytest.param(f"etcdctl ls {NAMES[0]}", f"{NAMES[0]}\n", id="ls of a leaf prints the leaf"),
        pytest.param(
            "curl -f 127.0.0.1:4001/v2/keys/nowhere; echo $?", "22\n", id="curl -f fails on 404"
        ),
        pytest.param("etcdctl set /x 1 --ttl 60; etcdctl get /x", "1\n1\n", id="set is read"),
        pytest.param("etcdctl --ttl=60 set /x 1", "1\n", id="flags stand anywhere"),
        pytest.param(f"etcdctl rm {NAMES[0]}; etcdctl get {NAMES[0]}; echo $?", "4\n", id="rm"),
        pytest.param("etcdctl rm /nowhere; echo $?", "4\n", id="rm of a missing key is code 4"),
        pytest.param(f"etcdctl mk {NAMES[0]} 1; echo $?", "4\n", id="mk wants a new key"),
        pytest.param("etcdctl update /x 1; echo $?", "4\n", id="update wants an old key"),
        pytest.param("etcdctl mk /x 1 && etcdctl update /x 2", "1\n2\n", id="mk, then update"),
        pytest.param(
            "echo a | grep 'a\\{99999999999\\}'; echo $?", "2\n", id="a pattern beyond all bounds"
        ),
        pytest.param(
            f"echo a | sed -r 's/{'(' * 1500}{')' * 1500}//'; echo $?", "2\n", id="a deep pattern"
        ),
        pytest.param("sleep nan; echo $?", "1\n", id="a sleep of no time that there is"),
        pytest.param("sleep -5; echo $?", "1\n", id="a sleep into the past"),
        pytest.param("curl 10.0.0.1:9200; echo $?", "7\n", id="curl reaches nobody there"),
        pytest.param("curl -f 127.20.0.2:9200; echo $?", "0\n", id="curl reaches who listens"),
    ],
)
def test_a_script_prints(script: str, printed: str) -> None:
    assert shell(X="one two").run_text(script).text == printed


def test_an_unquoted_variable_is_split_into_words() -> None:
    assert shell(X="one two").expand("a$X") == ["aone", "two"]


@pytest.mark.parametrize(
    "filters",
    [
        'sed "s/\\/services\\/es\\///g" | sed "s/$/:9300/" | paste -s -d","',
        "sed 's#/services/es/##' | sed 's/$/:9300/' | paste -sd,",
        "sed -e 's|.*/\\(.*\\)|\\1:9300|' | paste -s -d ,",
        "sed -r 's|.*/([0-9.]+)|\\1:9300|' | sort -u | paste -s -d ','",
        "cut -d / -f 4 | grep -v meta | sed 's/$/:9300/' | tr '\\n' ',' | sed 's/,$//'",
    ],
)
def test_pipelines_that_people_write_for_the_same_list(filters: str) -> None:
    script = f'HOSTS=$(etcdctl ls /services/es | {filters}); echo "$HOSTS"'
    assert shell().run_text(script).text == "127.20.0.3:9300,127.20.0.4:9300\n"


@pytest.mark.parametrize("script", ["if true; then", "echo 'a", "echo $(a", "a | | b", "done"])
def test_a_broken_script_is_refused(script: str) -> None:
    with pytest.raises(ShellSyntaxError):
        parse(script)
