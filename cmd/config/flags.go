package config

import (
	"slices"

	"github.com/knadh/koanf/providers/posflag"
	"github.com/spf13/pflag"
)

// AddFlags adds the flags of every command: --data and --config.
func AddFlags(fs *pflag.FlagSet) {
	fs.String(dataKey, "", "folder that holds everything the server keeps (TMATES_DATA)")
	fs.String("config", "", "configuration file; tmates.yaml in the data folder when it exists (TMATES_CONFIG)")
}

// AddServeFlags adds the flags of serve: --listen.
func AddServeFlags(fs *pflag.FlagSet) {
	fs.String("listen", "", "host:port to listen on (TMATES_LISTEN)")
}

// flagKeys are the flags that set a key; the flag is called like the key.
var flagKeys = []string{dataKey, "listen"}

// flag returns the text of a flag that was given, else "".
func (l *loader) flag(name string) string {
	if l.Flags == nil {
		return ""
	}
	if f := l.Flags.Lookup(name); f != nil && f.Changed {
		return f.Value.String()
	}
	return ""
}

func (l *loader) loadFlags() error {
	if l.Flags == nil {
		return nil
	}
	return l.ko.Load(posflag.ProviderWithFlag(l.Flags, ".", nil, func(f *pflag.Flag) (string, any) {
		r, known := l.rule(f.Name)
		if !known || !f.Changed || !slices.Contains(flagKeys, f.Name) {
			return "", nil
		}
		if v, ok := l.accept(source{layer: "flag", name: "--" + f.Name}, r, f.Value.String()); ok {
			return f.Name, v
		}
		return "", nil
	}), nil)
}
