package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

const dataKey = "data"

// ResolveData returns the absolute path of the data folder when no flag and no
// file names one: TMATES_DATA, else systemd's STATE_DIRECTORY (the first of
// several), else $XDG_DATA_HOME/tmates, else ~/.local/share/tmates. An empty
// variable counts as not set. It fails when nothing is set and home is empty.
func ResolveData(lookupEnv func(string) (string, bool), home string) (string, error) {
	dir, _, err := resolveData(lookupEnv, home)
	return dir, err
}

func resolveData(lookupEnv func(string) (string, bool), home string) (dir string, at source, err error) {
	get := func(name string) string { v, _ := lookupEnv(name); return v }
	from := func(name string) source { return source{layer: "env", name: name} }
	state, _, _ := strings.Cut(get("STATE_DIRECTORY"), ":")
	xdg := get("XDG_DATA_HOME")
	switch own := get(envName(dataKey)); {
	case own != "":
		dir, at = own, from(envName(dataKey))
	case state != "":
		dir, at = state, from("STATE_DIRECTORY")
	case filepath.IsAbs(xdg): // a relative one is to be ignored, its specification says
		dir, at = filepath.Join(xdg, "tmates"), from("XDG_DATA_HOME")
	case home != "":
		dir = filepath.Join(home, ".local", "share", "tmates")
	default:
		return "", source{}, errors.New("no data folder: there is no home directory; use --data or TMATES_DATA")
	}
	dir, err = absolute(dir, "", home)
	return dir, at, err
}

// absolute makes a path absolute: "~" is the home directory, and a relative
// path starts at base, or at the working directory when base is empty.
func absolute(dir, base, home string) (string, error) {
	if rest, ok := strings.CutPrefix(dir, "~"); ok && (rest == "" || rest[0] == '/') && home != "" {
		dir = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(base, dir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("place data folder: %w", err)
	}
	return abs, nil
}

// placeData makes the data folder of c absolute. A relative path in the file
// starts at the file, so that it means the same from every directory.
func (l *loader) placeData(c *Config) {
	var err error
	if c.Data == "" {
		var at source
		c.Data, at, err = resolveData(l.lookupEnv, l.Home)
		l.sources[dataKey] = at
	} else {
		base := ""
		if l.sources[dataKey].layer == "file" {
			base = filepath.Dir(l.path)
		}
		c.Data, err = absolute(c.Data, base, l.Home)
	}
	if err != nil {
		l.report(err)
	}
}
