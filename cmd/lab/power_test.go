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

// TestPowerCutAtTheFirstStart cuts the power while the database is made, at every
// third sync. The program starts on whatever is left.
func TestPowerCutAtTheFirstStart(t *testing.T) {
	t.Parallel()
	seed := number(t, "LAB_SEED", rand.Uint64())
	t.Logf("LAB_SEED=%d", seed)
	for cut := 1 + int(seed%3); ; cut += 3 {
		dir, images := t.TempDir(), t.TempDir()
		p := apptest.Launch(t, dir, withPower(images, cut, seed)...)
		if p.URL != "" { // it started with fewer syncs
			if p.Kill(); cut < 5 {
				t.Errorf("it took only %d syncs to make a database", cut)
			}
			return
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
	}
}
