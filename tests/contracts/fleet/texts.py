"""Unit files of the contract."""

SLEEPER = "[Service]\nExecStart=/bin/sleep 10000\n"
OTHER = "[Service]\nExecStart=/bin/sleep 20000\n"
ALONE = f"{SLEEPER}\n[X-Fleet]\nConflicts=web@*.service\n"
EVERYWHERE = f"{SLEEPER}\n[X-Fleet]\nGlobal=true\nMachineMetadata=odd=true\n"
AT_TWO = f"{SLEEPER}\n[X-Fleet]\nMachineMetadata=machine=m2\n"
ENDS = "[Service]\nType=oneshot\nExecStart=/bin/true\n"
WEB = tuple(f"web@{number}.service" for number in (1, 2, 3, 4))
