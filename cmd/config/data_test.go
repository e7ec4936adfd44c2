package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestResolveData(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		env  map[string]string
		home string
		want string
	}{
		{"home", nil, "/home/ada", "/home/ada/.local/share/tmates"},
		{"XDG", map[string]string{"XDG_DATA_HOME": "/xdg"}, "/home/ada", "/xdg/tmates"},
		{"a relative XDG is ignored", map[string]string{"XDG_DATA_HOME": "xdg"}, "/home/ada", "/home/ada/.local/share/tmates"},
		{"systemd", map[string]string{"XDG_DATA_HOME": "/xdg", "STATE_DIRECTORY": "/var/lib/tmates"}, "", "/var/lib/tmates"},
		{"several of systemd", map[string]string{"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "", "/var/lib/a"},
		{"ours", map[string]string{"TMATES_DATA": "/srv/t/", "STATE_DIRECTORY": "/var/lib/tmates"}, "", "/srv/t"},
		{"relative", map[string]string{"TMATES_DATA": "t"}, "", filepath.Join(here, "t")},
		{"tilde", map[string]string{"TMATES_DATA": "~/t"}, "/home/ada", "/home/ada/t"},
		{"a name with a tilde", map[string]string{"TMATES_DATA": "/srv/~x"}, "/home/ada", "/srv/~x"},
		{"empty variables", map[string]string{"TMATES_DATA": "", "STATE_DIRECTORY": "", "XDG_DATA_HOME": ""}, "/home/ada", "/home/ada/.local/share/tmates"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := ResolveData(func(name string) (string, bool) { v, ok := tc.env[name]; return v, ok }, tc.home)
			if err != nil || got != tc.want {
				t.Errorf("ResolveData = %q, %v; want %q", got, err, tc.want)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		got, err := ResolveData(func(string) (string, bool) { return "", false }, "")
		if err == nil || err.Error() != "no data folder: there is no home directory; use --data or TMATES_DATA" {
			t.Errorf("ResolveData = %q, %v", got, err)
		}
	})
}

func TestDataLayers(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	relative, fixed := writeFile(t, "data: sub/../store"), writeFile(t, "data: /from/file")
	state := []string{"STATE_DIRECTORY=/var/lib/tmates"}
	for _, tc := range []struct {
		name        string
		o           LoadOptions
		want, layer string
	}{
		{"default", LoadOptions{}, filepath.Join(home, ".local/share/tmates"), "default"},
		{"systemd", LoadOptions{Environ: state}, "/var/lib/tmates", "env STATE_DIRECTORY"},
		{"XDG", LoadOptions{Environ: []string{"XDG_DATA_HOME=/xdg"}}, "/xdg/tmates", "env XDG_DATA_HOME"},
		{"file over systemd", LoadOptions{File: fixed, Environ: state}, "/from/file", "file " + fixed + ":1"},
		{"relative to the file", LoadOptions{File: relative}, filepath.Join(filepath.Dir(relative), "store"), "file " + relative + ":1"},
		{"variable over file", LoadOptions{File: fixed, Environ: []string{"TMATES_DATA=/env"}}, "/env", "env TMATES_DATA"},
		{"flag over variable", LoadOptions{Environ: []string{"TMATES_DATA=/env"}, Flags: serveFlags(t, "--data", "~/flag")}, filepath.Join(home, "flag"), "flag --data"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.o.Home = home
			c := mustLoad(t, tc.o)
			if c.Data != tc.want {
				t.Errorf("data = %q, want %q", c.Data, tc.want)
			}
			if got, want := originOf(t, c, "data"), (Origin{"data", tc.want, tc.layer}); got != want {
				t.Errorf("origin = %+v, want %+v", got, want)
			}
		})
	}
	t.Run("no home", func(t *testing.T) {
		t.Parallel()
		if _, err := Load(LoadOptions{}); err == nil || err.Error() != "no data folder: there is no home directory; use --data or TMATES_DATA" {
			t.Errorf("error = %v", err)
		}
		c, err := Load(LoadOptions{Flags: serveFlags(t, "--data", "/srv/t")})
		if err != nil || c.Data != "/srv/t" {
			t.Errorf("Load = %+v, %v", c, err)
		}
	})
}

func TestFlagsOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	fs := serveFlags(t)
	fs.Int("workers", 9, "")
	fs.String("provider", "", "called like a key, but not ours")
	if err := fs.Parse([]string{"--workers=3", "--provider=x"}); err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, LoadOptions{Flags: fs})
	if c.Queue.Workers != 4 || c.Provider != "" {
		t.Errorf("workers %d, provider %q", c.Queue.Workers, c.Provider)
	}
}
