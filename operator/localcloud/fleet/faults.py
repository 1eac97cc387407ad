"""What can go wrong in fleet."""

from typing import TYPE_CHECKING

from localcloud.fault import FOR, Fault, Parameter

if TYPE_CHECKING:  # the command lists the faults, and must not load the model for that
    from localcloud.fleet.model import Fleet

_UNIT = Parameter("name", "Name of a unit, with its suffix.")
_INSTANCE = Parameter("name", "Name of an instance that has joined the fleet.")

FAULTS: tuple[Fault["Fleet"], ...] = (
    Fault(
        "unit-crash",
        "The main process of a unit is killed; systemd restarts it where the unit says so.",
        (_UNIT,),
        lambda fleet, a: fleet.mishaps.unit_crash(a.name),
    ),
    Fault(
        "unit-stop",
        "Somebody stops a unit with systemctl, by hand, and it stays stopped.",
        (_UNIT,),
        lambda fleet, a: fleet.mishaps.unit_stop(a.name),
    ),
    Fault(
        "fleet-absent",
        "fleet tells no state of a unit, though it runs, for some seconds.",
        (_UNIT, FOR),
        lambda fleet, a: fleet.mishaps.fleet_absent(a.name, fleet.now() + a.seconds),
    ),
    Fault(
        "corrupt-unit",
        "A word that is no desired state gets into etcd: fleet answers 500 for the unit, lists it "
        "no more and unloads it, until `clear` writes the word that was there before.",
        (_UNIT,),
        lambda fleet, a: fleet.mishaps.corrupt_unit(a.name),
    ),
    Fault(
        "fleetd-stop",
        "fleetd is stopped on a machine and takes its units down with it, and the states of all "
        "machines with those; it stays down until `clear` or a reboot.",
        (_INSTANCE,),
        lambda fleet, a: fleet.mishaps.fleetd_stop(a.name),
    ),
    Fault(
        "fleetd-restart",
        "fleetd is restarted on a machine: it stops its units, and starts them again; the states "
        "that other machines tell of the same units are away for up to 24 seconds.",
        (_INSTANCE,),
        lambda fleet, a: fleet.mishaps.fleetd_restart(a.name),
    ),
    Fault(
        "fleetd-kill",
        "fleetd is killed on a machine: its units run on, but may look absent until systemd has "
        "started it again and its old key has expired, within a minute.",
        (_INSTANCE,),
        lambda fleet, a: fleet.mishaps.fleetd_kill(a.name),
    ),
    Fault(
        "engine-leader-loss",
        "The fleetd that leads the engine is killed: nothing is placed until its lease expires, "
        "after 10 seconds.",
        (),
        lambda fleet, _: fleet.mishaps.leader_loss(),
    ),
    Fault(
        "machine-partition",
        "A machine is cut off from etcd for some seconds: its units run on, and after half a "
        "minute fleet starts them elsewhere as well. It may be back up to a minute late.",
        (_INSTANCE, FOR),
        lambda fleet, a: fleet.mishaps.partition(a.name, fleet.now() + a.seconds),
    ),
    Fault(
        "etcd-frozen",
        "fleet's etcd stands still for some seconds: fleet answers 500, later 503; units run on.",
        (FOR,),
        lambda fleet, a: fleet.mishaps.freeze_etcd(fleet.now() + a.seconds),
    ),
)
