"""Lint of unit files: each rule, what makes it speak and what keeps it silent."""

from dataclasses import dataclass

import pytest

from steersman.model.unitfile import UnitFileError
from steersman.model.unitfile.lint import FINDINGS_MAX, lint
from steersman.model.unitfile.lint.rules import RULES

DOCKER = "[Unit]\nAfter=docker.service\n[Service]\n"
LOOP = "[Service]\nExecStart=/bin/sh -c 'while true; do \\\n  {}; done'\n"
BEAT = LOOP.format("etcdctl set /a b --ttl 60; sleep {}")
FETCH = "/bin/bash -c 'etcdctl get /configs/es > /data/es.yml"


def said(text: str, name: str = "a.service", version: str = "") -> dict[tuple[str, int], str]:
    found = lint(text, name, "spec.content", version)
    return {(each.rule, each.line): each.message for each in found}


@dataclass(frozen=True)
class Case:
    """`bad` breaks the rule at a line, and says what is in `words`; `good` differs in that only."""

    rule: str
    line: int
    words: str
    bad: str
    good: str
    name: str = "a.service"
    version: str = ""


CASES = {
    "an assignment before the first section is read by nobody": Case(
        "BeforeSections", 2, "nobody", "# c\nA=1\n[Service]\nB=1\n", "# A=1\n[Service]\nB=1\n"
    ),
    "a section that is nearly fleet's is told with its name": Case(
        "UnknownSection", 2, "[X-Fleet]", "[X-fleet]\nGlobal=no\n", "[X-Fleet]\nGlobal=no\n"
    ),
    "a section of others is left alone when it says so": Case(
        "UnknownSection", 2, "[Notes]", "[Notes]\nA=1\n", "[X-Steersman]\nA=1\n"
    ),
    "a value goes on into an empty line": Case(
        "BrokenContinuation", 3, "ExecStart", "[S]\nExecStart=a \\\n b \\\n\n", "[S]\nA=a \\\n b\n"
    ),
    "a blank hides a backslash": Case(
        "BrokenContinuation", 2, "swallows", "[S]\nA=a \\ \nB=b\n", "[S]\nA=a \\\n b\nB=b\n"
    ),
    "a value swallows the next option": Case(
        "SwallowedOption",
        3,
        "value of ExecStart",
        "[S]\nExecStart=/bin/a \\\nExecStop=/bin/b\n",
        "[S]\nExecStart=/bin/sh -c ' \\\n  HOSTS=b'\n",
    ),
    "a comment within a value is none": Case(
        "CommentInValue",
        3,
        "ExecStart",
        "[S]\nExecStart=a \\\n # why \\\n b\n",
        "[S]\nA=a\n# why\n",
    ),
    "a misspelt requirement is told with its name": Case(
        "UnknownKey",
        2,
        "did you mean MachineMetadata?",
        "[X-Fleet]\nMachineMetaData=a=b\n",
        "[X-Fleet]\nMachineMetadata=a=b\n",
    ),
    "an old fleet knows only the spellings with X-": Case(
        "Spelling",
        2,
        "X-Conflicts",
        "[X-Fleet]\nConflicts=b.service\n",
        "[X-Fleet]\nConflicts=b.service\nX-Conflicts=b.service\n",
        version="0.6.2",
    ),
    "a newer fleet has other spellings": Case(
        "Spelling",
        2,
        "MachineOf",
        "[X-Fleet]\nX-ConditionMachineOf=b.service\n",
        "[X-Fleet]\nMachineOf=b.service\n",
        version="1.0.0",
    ),
    "a unit that conflicts with itself": Case(
        "SelfConflict",
        2,
        "does nothing",
        "[X-Fleet]\nX-Conflicts=%n\n",
        "[X-Fleet]\nX-Conflicts=a*.service\n",
    ),
    "an instance that conflicts with itself": Case(
        "SelfConflict",
        2,
        "write a@*.service",
        "[X-Fleet]\nConflicts=%p@%i.service\n",
        "[X-Fleet]\nConflicts=%p@*.service\n",
        "a@.service",
    ),
    "a conflict with what is no unit name": Case(
        "DeadConflict", 2, "suffix", "[X-Fleet]\nConflicts=b\n", "[X-Fleet]\nConflicts=b*\n"
    ),
    "a conflict with a list that fleet does not know": Case(
        "DeadConflict",
        2,
        "','",
        "[X-Fleet]\nConflicts=b.service,c.service\n",
        "[X-Fleet]\nConflicts=b.service c.service\n",
        version="1.0.0",
    ),
    "a list of conflicts is one name to an older fleet": Case(
        "DeadConflict",
        2,
        "a line for each",
        "[X-Fleet]\nConflicts=b.service c.service\n",
        "[X-Fleet]\nConflicts=b.service\nConflicts=c.service\n",
        version="0.13.0",
    ),
    "a pattern where a peer is expected": Case(
        "DeadPeer",
        2,
        "for ever",
        "[X-Fleet]\nMachineOf=b@*.service\n",
        "[X-Fleet]\nMachineOf=b@%i.service\n",
        "a@.service",
    ),
    "a unit that waits for itself": Case(
        "DeadPeer", 2, "itself", "[X-Fleet]\nMachineOf=%n\n", "[X-Fleet]\nMachineOf=b.service\n"
    ),
    "a pair that is none": Case(
        "IgnoredMetadata",
        2,
        "zone",
        "[X-Fleet]\nMachineMetadata=zone\n",
        '[X-Fleet]\nMachineMetadata="zone=a" "zone=b"\n',
    ),
    "a template whose instances are all the same": Case(
        "AlikeInstances",
        1,
        "%i",
        "[Service]\nExecStart=/bin/a\n",
        "[Service]\nExecStart=/bin/a %i\n",
        "a@.service",
    ),
    "instances that share the name of a container": Case(
        "SharedContainerName",
        4,
        "called es",
        DOCKER + "ExecStart=/usr/bin/docker run --name es es:1 %i\n",
        DOCKER + "ExecStart=/usr/bin/docker run --name es-%i es:1\n",
        "a@.service",
    ),
    "instances that are kept apart may share it": Case(
        "SharedContainerName",
        4,
        "called es",
        DOCKER + "ExecStart=/usr/bin/docker run --name=es es:1\n[X-Fleet]\nConflicts=b@*.service\n",
        DOCKER + "ExecStart=/usr/bin/docker run --name=es es:1\n[X-Fleet]\nConflicts=a@*.service\n",
        "a@.service",
    ),
    "instances that want the same port": Case(
        "SharedPort",
        5,
        "port 80",
        DOCKER + "ExecStart=/usr/bin/docker run --name x-%i \\\n -p 127.0.0.1:80:8080 x:1\n",
        DOCKER + "ExecStart=/usr/bin/docker run --name x-%i \\\n -p 80%i:8080 x:1\n",
        "a@.service",
    ),
    "a service that does nothing": Case(
        "NoCommand", 1, "ExecStart", "[Service]\nType=simple\n", "[Service]\nExecStart=/bin/a\n"
    ),
    "a start that may take for ever": Case(
        "EndlessStart",
        2,
        "hangs",
        "[Service]\nTimeoutStartSec=0\n",
        "[Service]\nTimeoutStartSec=0\nTimeoutStartSec=600\n",
    ),
    "a request that may take for ever": Case(
        "EndlessRequest",
        3,
        "--max-time",
        LOOP.format("/usr/bin/curl -f a:80"),
        LOOP.format("/usr/bin/curl -fm 5 a:80"),
    ),
    "a variable that nothing sets": Case(
        "UnsetVariable",
        3,
        "COREOS_PRIVATE_IPV4",
        "[Service]\nExecStart=/bin/a \\\n --host=${COREOS_PRIVATE_IPV4}\n",
        "[Service]\nExecStart=/bin/a \\\n --host=${COREOS_PRIVATE_IPV4}\n"
        "EnvironmentFile=/etc/environment\n",
    ),
    "a variable that the unit or its script sets": Case(
        "UnsetVariable",
        3,
        "PORT",
        "[Service]\nEnvironment=HOST=a\nExecStart=/bin/sh -c 'B=1; echo $HOST $B $$C ${PORT}'\n",
        "[Service]\nEnvironment=HOST=a PORT=1\nExecStart=/bin/sh -c 'B=1; echo $HOST $B ${PORT}'\n",
    ),
    "a sidekick that may start before what it is bound to": Case(
        "UnorderedBinding",
        2,
        "After=b@%i.service",
        "[Unit]\nBindsTo=b@%i.service\n",
        "[Unit]\nBindsTo=b@%i.service\nAfter=etcd.service b@%i.service\n",
    ),
    "a sidekick that stays down when what it is bound to is back": Case(
        "AbandonedSidekick",
        2,
        "does not come back",
        "[Unit]\nBindsTo=b.service\nAfter=b.service\n",
        "[Unit]\nWants=b.service\nAfter=b.service\n",
    ),
    "a container that may start before docker": Case(
        "UnorderedDocker",
        2,
        "After=docker.service",
        "[Service]\nExecStartPre=-/usr/bin/docker kill a\n",
        DOCKER + "ExecStartPre=-/usr/bin/docker kill a\n",
    ),
    "a unit that systemd starts at boot": Case(
        "InstallSection",
        4,
        "systemd",
        "[Service]\nExecStart=/bin/a\n[Install]\nWantedBy=multi-user.target\n",
        "[Service]\nExecStart=/bin/a\n",
    ),
    "a start that needs the registry": Case(
        "PullMustSucceed",
        4,
        "ExecStartPre=-",
        DOCKER + "ExecStartPre=/usr/bin/docker pull a:1\n",
        DOCKER + "ExecStartPre=-/usr/bin/docker pull a:1\n",
    ),
    "an image without a tag": Case(
        "UnpinnedImage",
        5,
        "registry:5000/a",
        DOCKER + "ExecStart=/bin/sh -c 'exec \\\n  docker run registry:5000/a --x:1'\n",
        DOCKER + "ExecStart=/bin/sh -c 'exec \\\n  docker run registry:5000/a:1 --x'\n",
    ),
    "an image whose tag moves": Case(
        "UnpinnedImage",
        4,
        "a:latest",
        DOCKER + "ExecStartPre=-/usr/bin/docker pull a:latest\n",
        DOCKER + "ExecStartPre=-/usr/bin/docker pull a@sha256:1234\n",
    ),
    "a container that systemd loses sight of": Case(
        "DetachedContainer",
        4,
        "-d",
        DOCKER + "ExecStart=/usr/bin/docker run -td --name a a:1\n",
        DOCKER + "ExecStart=/usr/bin/docker run -t --name a a:1 -d\n",
    ),
    "data that goes with its container": Case(
        "DataInContainer",
        4,
        "--volume",
        DOCKER + "ExecStart=/usr/bin/docker run -it --rm -p 80:80 me/jenkins:2 -v\n",
        DOCKER + "ExecStart=/usr/bin/docker run -it --rm -v /data:/data me/jenkins:2\n",
    ),
    "a program with data that is killed": Case(
        "StopKills",
        5,
        "10 s",
        DOCKER + "ExecStart=/usr/bin/docker run -v a:/a mysql:5\nExecStop=/usr/bin/docker stop a\n",
        DOCKER + "ExecStart=/usr/bin/docker run nginx:1\nExecStop=/usr/bin/docker stop a\n",
    ),
    "a stop that fails when a key has expired": Case(
        "StopMustSucceed",
        2,
        "ExecStop=-",
        "[Service]\nExecStop=/usr/bin/etcdctl rm /services/a\n",
        "[Service]\nExecStop=-/usr/bin/etcdctl rm /services/a\n",
    ),
    "a key that does not outlive one late beat": Case(
        "ShortLife",
        3,
        "lives 60 s and is set every 45 s",
        BEAT.format(45),
        BEAT.format(20),
    ),
    "a file that is emptied before it is read anew": Case(
        "TruncatingFetch",
        2,
        "/data/es.yml",
        f"[Service]\nExecStartPre={FETCH}'\n",
        f"[Service]\nExecStartPre={FETCH}.tmp && mv /data/es.yml.tmp /data/es.yml'\n",
    ),
    "a configuration that nobody is told about": Case(
        "UnusedConfiguration",
        2,
        "es.yml",
        f"[Service]\nExecStartPre={FETCH}.tmp && mv /data/es.yml.tmp /data/es.yml'\n"
        "ExecStart=/bin/es --dir=/data\n",
        f"[Service]\nExecStartPre={FETCH}'\nExecStart=/bin/es -Des.config=/data/es.yml\n",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_rule_speaks_at_the_line_and_is_silent_where_all_is_well(case: Case) -> None:
    bad = said(case.bad, case.name, case.version)
    assert case.words in bad[case.rule, case.line]
    assert case.rule not in {rule for rule, _ in said(case.good, case.name, case.version)}


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES.values()} == RULES.keys()


def test_nothing_is_said_of_spellings_while_the_version_of_fleet_is_not_known() -> None:
    text = "[Service]\nExecStart=/bin/a\n[X-Fleet]\nX-Conflicts=b.service\nMachineOf=c.service\n"
    assert said(text) == {}


def test_a_file_that_fleet_refuses_has_no_findings_but_an_error() -> None:
    with pytest.raises(UnitFileError, match="longer than"):
        lint(f"[Service]\nA={'x' * 3000}\n", "a.service", "spec.content")


def test_there_is_an_end_to_findings() -> None:
    text = "[X-Fleet]\n" + "Wrong=1\n" * (2 * FINDINGS_MAX)
    assert len(said(text)) == FINDINGS_MAX
