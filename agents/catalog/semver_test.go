package catalog

import (
	"strings"
	"testing"
)

func TestVersionsAreOrdered(t *testing.T) {
	t.Parallel()
	// The order of semver.org §11 and more, each lower than the next.
	rising := strings.Fields(`0.0.0 0.0.1 0.1.0 0.9.0 0.10.0 1.0.0-0 1.0.0-2 1.0.0-10 1.0.0--1 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2
		1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 2.0.0 2.1.0 2.1.1 18446744073709551616.0.0 18446744073709551617.0.0`)
	for i, a := range rising {
		if !validVersion(a) {
			t.Errorf("%s is refused", a)
			continue
		}
		for j, b := range rising {
			if got := compareVersions(a, b); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("compare %s with %s: %d", a, b, got)
			}
		}
	}
	if compareVersions("1.0.0+a", "1.0.0+b") != 0 || compareVersions("1.0.0-rc.1+x", "1.0.0-rc.1") != 0 {
		t.Error("what follows a + counts")
	}
	for _, bad := range []string{
		"", "1", "1.0", "v1.0.0", "01.0.0", "1.00.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0+", "1.0.0 ", " 1.0.0", "1.0.0\n", "1.0.0.0", "1.0.0-ä",
		"1.0.0-" + strings.Repeat("a", maxVersion),
	} {
		if validVersion(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}
