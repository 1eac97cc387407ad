module fleetd

go 1.21

require (
	github.com/coreos/etcd v3.3.10+incompatible
	github.com/coreos/fleet v1.0.0
	github.com/coreos/go-systemd v0.0.0-20161114122254-48702e0da86b
	github.com/golang/protobuf v1.2.0
	github.com/matttproud/golang_protobuf_extensions v1.0.1
	github.com/prometheus/client_golang v0.8.0
	github.com/prometheus/client_model v0.0.0-20180712105110-5c3871d89910
	github.com/prometheus/common v0.0.0-20180801064454-c7de2306084e
	github.com/prometheus/procfs v0.0.0-20180725123919-05ee40e3a273
	github.com/rakyll/globalconf v0.0.0
	github.com/spf13/cobra v0.0.1
	github.com/ugorji/go v1.1.1
	google.golang.org/api v0.1.0
	google.golang.org/genproto v0.0.0-20181202183823-bd91e49a0898
	google.golang.org/grpc v1.17.0
)

require (
	github.com/coreos/go-semver v0.3.1 // indirect
	github.com/godbus/dbus v4.1.0+incompatible // indirect
	github.com/gogo/protobuf v1.3.2 // indirect
	github.com/jonboulle/clockwork v0.5.0 // indirect
	github.com/vishvananda/netlink v1.3.1 // indirect
)

replace github.com/rakyll/globalconf => ./globalconf
