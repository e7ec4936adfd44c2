package lab

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// withPower is the environment of a program on a disk that loses its power at a
// sync. 0: it does not.
func withPower(images string, cut int, seed uint64) []string {
	return []string{
		diskVariable + "=" + images, fmt.Sprintf("%s=%d", cutVariable, cut), fmt.Sprintf("%s=%d", seedVariable, seed),
	}
}

// TestDiskKeepsWhatIsSynced: after a program that stopped in order, the image is
// the database to the byte, so the disk has missed nothing.
func TestDiskKeepsWhatIsSynced(t *testing.T) {
	t.Parallel()
	dir, images := t.TempDir(), t.TempDir()
	for round := range 2 {
		p := apptest.Spawn(t, dir, withPower(images, 0, 1)...)
		p.AddUser(fmt.Sprintf("ada%d@example.com", round))
		p.End()
		names, err := databaseFiles(dir)
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		for _, name := range names {
			want, errWant := os.ReadFile(filepath.Join(dir, name))
			got, errGot := os.ReadFile(filepath.Join(images, name))
			if errWant != nil || errGot != nil || !bytes.Equal(want, got) {
				t.Errorf("%s: %d bytes, the image has %d; %v, %v", name, len(want), len(got), errWant, errGot)
			}
		}
	}
}

// TestPowerCutAtTheFirstStart cuts the power while the database is made, also by
// the migrations, where only an empty file is left of an earlier start. The
// program starts on whatever is left.
func TestPowerCutAtTheFirstStart(t *testing.T) {
	t.Parallel()
	seed := number(t, "LAB_SEED", rand.Uint64())
	t.Logf("LAB_SEED=%d", seed)
	for cut := 1; startsAfter(t, cut, seed, false); cut++ {
	}
	cut := 1 + int(seed%3)
	for ; startsAfter(t, cut, seed, true); cut += 3 {
	}
	if cut < 5 {
		t.Errorf("the migrations took fewer than %d syncs", cut)
	}
}

// startsAfter starts the program on what a cut at its first start leaves. It
// reports whether there was one.
func startsAfter(t *testing.T, cut int, seed uint64, migrates bool) bool {
	t.Helper()
	dir, images := t.TempDir(), t.TempDir()
	if migrates {
		if err := os.WriteFile(filepath.Join(dir, "tmates.db"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := copyDatabase(dir, images); err != nil {
			t.Fatal(err)
		}
	}
	p := apptest.Launch(t, dir, withPower(images, cut, seed)...)
	if p.URL != "" { // it started with fewer syncs
		p.Kill()
		return false
	}
	if !p.Killed() {
		t.Fatalf("cut %d: it died of something else:\n%s", cut, p.Log())
	}
	if err := copyDatabase(images, dir); err != nil {
		t.Fatal(err)
	}
	p = apptest.Spawn(t, dir)
	p.AddUser("ada@example.com")
	p.End()
	return true
}
