package registry

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running starts Run and returns a wait for the next state that fits.
func running(t *testing.T, opts Options) (*Registry, func(what string, fits func() bool)) {
	t.Helper()
	reloaded := make(chan struct{}, 1)
	opts.OnReload = func() {
		select {
		case reloaded <- struct{}{}:
		default:
		}
	}
	r := open(t, opts)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return r, func(what string, fits func() bool) {
		t.Helper()
		deadline := time.After(10 * time.Second)
		for !fits() {
			select {
			case <-reloaded:
			case <-deadline:
				t.Fatalf("not noticed: %s; tmates %q, problems %v", what, keys(r.All()), r.Problems())
			}
		}
	}
}

func TestRunNoticesChanges(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "tmates") // not there yet: only the poll can see it come
	r, wait := running(t, Options{Dir: dir, Builtin: none, Interval: 20 * time.Millisecond})
	if len(r.All()) != 0 {
		t.Fatal("not empty")
	}
	write(t, dir, map[string]string{"bob/manifest.yaml": "name: Bob\n"})
	wait("the folder is created", func() bool { return keys(r.All()) == "bob" })

	write(t, dir, map[string]string{"ann/manifest.yaml": "name: Ann\n", "ann/prompts/brain/system.txt": "one"})
	wait("a tmate is dropped in", func() bool { return keys(r.All()) == "ann bob" && r.Get("ann").Prompt == "<system>\none\n</system>" })

	write(t, dir, map[string]string{"ann/prompts/brain/system.txt": "two"})
	wait("a prompt is edited", func() bool { return r.Get("ann").Prompt == "<system>\ntwo\n</system>" })

	write(t, dir, map[string]string{"ann/manifest.yaml": "role: x\nname: {a: b}\n"})
	wait("a broken edit", func() bool { return len(r.Problems()) == 1 })
	if got := r.Problems()[0]; got.File != "ann/manifest.yaml" || got.Line != 2 || r.Get("ann").Name != "Ann" {
		t.Errorf("problem %+v, tmate %+v", got, r.Get("ann"))
	}

	if err := os.RemoveAll(filepath.Join(dir, "bob")); err != nil {
		t.Fatal(err)
	}
	wait("a tmate is removed", func() bool { return keys(r.All()) == "ann" })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	wait("all is removed", func() bool { return keys(r.All()) == "" })
}

// With an hour between polls only the system's notifications can be the reason.
func TestRunNoticesChangesAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"bob/manifest.yaml": "name: One\n"})
	r, wait := running(t, Options{Dir: dir, Builtin: none, Interval: time.Hour})
	// The first edit may come before Run watches: then its first look finds it.
	// The second one can only be noticed by watching.
	for _, name := range []string{"Two two", "Three three"} {
		write(t, dir, map[string]string{"bob/manifest.yaml": "name: " + name + "\n"})
		wait("an edit", func() bool { return r.Get("bob").Name == name })
	}
}

func TestRunWithoutDir(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Run(ctx); err != nil || keys(r.All()) != "adam milo nora vera" {
		t.Errorf("Run: %v, tmates %q", err, keys(r.All()))
	}
}
