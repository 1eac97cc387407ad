"""An etcd in memory, for virtual time only: everywhere else a real one runs."""
