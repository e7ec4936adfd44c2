package cmd

import (
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// quirks is how many of upstream's quirks of each group this edition promises to
// mend; the contract lists them.
var quirks = map[string]int{"A": 10, "C": 28, "J": 12, "R": 10, "P": 6, "F": 9, "B": 12, "K": 9}

// outside are quirks no test of a server can hold: K9 is about whoever drives the
// official client through a pipe.
var outside = map[string]bool{"K9": true}

// TestEveryQuirkHasATest finds, for each quirk, a test or sub-test that is named
// after it, with or without the hyphen.
func TestEveryQuirkHasATest(t *testing.T) {
	t.Parallel()
	held := map[string]bool{}
	functions, ids := regexp.MustCompile(`func Test\w*`), regexp.MustCompile(`Q([A-Z])(\d+)`)
	texts, named := regexp.MustCompile(`"[^"\n]*"`), regexp.MustCompile(`Q-([A-Z])(\d+)`)
	root, err := os.OpenRoot("..")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	err = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != "."):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		src, err := root.ReadFile(path)
		if err != nil {
			return err
		}
		for _, find := range [][2]*regexp.Regexp{{functions, ids}, {texts, named}} {
			for _, name := range find[0].FindAllString(string(src), -1) {
				for _, id := range find[1].FindAllStringSubmatch(name, -1) {
					held[id[1]+id[2]] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for group, n := range quirks {
		for i := range n {
			if id := group + strconv.Itoa(i+1); !held[id] && !outside[id] {
				t.Errorf("no test is named after the quirk Q-%s", id)
			}
		}
	}
}

// The official client needs a newer Node than it says (Q-K8): the guide has to.
func TestReadmeNamesNodeQK8(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"20.19", "22.12"} {
		if !strings.Contains(string(readme), "Node "+version) && !strings.Contains(string(readme), "or "+version) {
			t.Errorf("README does not say that the official client needs Node %s", version)
		}
	}
}
