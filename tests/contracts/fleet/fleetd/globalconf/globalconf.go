// Package globalconf is the part of the library of that name that fleetd asks for, which is no
// longer to be had: settings come from the environment, as FLEET_ETCD_SERVERS.
package globalconf

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

type Options struct {
	Filename  string
	EnvPrefix string
}

type GlobalConf struct{ prefix string }

func Register(string, *flag.FlagSet) {}

func NewWithOptions(options *Options) (*GlobalConf, error) {
	return &GlobalConf{prefix: options.EnvPrefix}, nil
}

func (conf *GlobalConf) ParseSet(_ string, set *flag.FlagSet) {
	set.VisitAll(func(setting *flag.Flag) {
		name := conf.prefix + strings.ToUpper(setting.Name)
		if value, given := os.LookupEnv(name); given {
			if err := set.Set(setting.Name, value); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
				os.Exit(1)
			}
		}
	})
}
