package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/pflag"
)

// writeFile puts a file called tmates.yaml into a new folder.
func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), fileName)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serveFlags parses a command line of serve.
func serveFlags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	fs := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	AddFlags(fs)
	AddServeFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return fs
}

// mustLoad loads with a home that has no file.
func mustLoad(t *testing.T, o LoadOptions) *Config {
	t.Helper()
	if o.Home == "" {
		o.Home = t.TempDir()
	}
	c, err := Load(o)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

// loadError returns the text of the error that o must give.
func loadError(t *testing.T, o LoadOptions) string {
	t.Helper()
	if o.Home == "" {
		o.Home = t.TempDir()
	}
	c, err := Load(o)
	if err == nil {
		t.Fatalf("Load accepted it: %+v", c)
	}
	if c != nil {
		t.Fatalf("Load returned a Config besides the error %v", err)
	}
	return err.Error()
}

// originOf returns the origin of one key.
func originOf(t *testing.T, c *Config, key string) Origin {
	t.Helper()
	for _, o := range c.Origins() {
		if o.Key == key {
			return o
		}
	}
	t.Fatalf("no origin for %s", key)
	return Origin{}
}
