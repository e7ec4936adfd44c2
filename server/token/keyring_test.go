package token_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/server/token"
)

// Keys of providers come and go; the secrets beside them, and what a newer program
// added, stay to the letter.
func TestKeyring(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before, err := token.Load(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, token.FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, "push_key: later\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	ring := token.OpenKeyring(dir)
	steps := []struct{ provider, key string }{{"home", "sk-1"}, {"cloud", "sk-2"}, {"home", "sk-3"}, {"cloud", ""}, {"nobody", ""}}
	want := map[string]string{}
	for _, step := range steps {
		if err := ring.SetProviderKey(step.provider, step.key); err != nil {
			t.Fatal(err)
		}
		if want[step.provider] = step.key; step.key == "" {
			delete(want, step.provider)
		}
		got, err := token.OpenKeyring(dir).ProviderKeys()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %+v (-want +got):\n%s", step, diff)
		}
	}
	after, err := token.Load(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if after.AnonKey() != before.AnonKey() || after.InternalSecret() != before.InternalSecret() {
		t.Error("the secrets changed")
	}
	text, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "push_key: later") || !strings.HasPrefix(string(text), "# The secrets of this tmates") {
		t.Errorf("the file lost something:\n%s", text)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
		t.Errorf("mode %o", mode)
	}
	if shown := fmt.Sprintf("%v %+v %#v %d", ring, ring, ring, ring); strings.Contains(shown, dir) || strings.Contains(shown, "sk-") {
		t.Errorf("printed as %s", shown)
	}
}
