package cmd

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestBenchRefuses(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.json")
	for _, c := range []struct {
		args []string
		exit int
		says string
	}{
		{[]string{"bench", "massage"}, exitUsage, `there is no scenario "massage"; there are: start, memory, message, turn, queue, reads, files, fanout, sockets`},
		{[]string{"bench", "--time", "1h"}, exitUsage, "it can be 10ms to 1m"},
		{[]string{"bench", "--compare", missing}, exitFailed, missing},
		{[]string{"bench", "--dir", missing, "turn"}, exitFailed, missing},
		{[]string{"bench", "grow"}, exitUsage, "--data DIR"},
		{[]string{"bench", "grow", "--data", t.TempDir(), "--messages", "0"}, exitFailed, "not 0"},
	} {
		var out, errOut bytes.Buffer
		if got := Main(c.args, strings.NewReader(""), &out, &errOut, ""); got != c.exit || !strings.Contains(errOut.String(), c.says) {
			t.Errorf("%q: exit %d, %q", c.args, got, errOut.String())
		}
	}
}

func TestBenchGrow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out, errOut bytes.Buffer
	args := []string{"bench", "grow", "--data", dir, "--messages", "400", "--threads", "4"}
	if got := Main(args, strings.NewReader(""), &out, &errOut, ""); got != exitOK {
		t.Fatalf("exit %d: %s", got, errOut.String())
	}
	if !strings.Contains(out.String(), "400 messages in 4 threads") || !strings.Contains(out.String(), "grown@example.com") {
		t.Errorf("it says %q", out.String())
	}
	out.Reset()
	if got := Main([]string{"user", "list", "--data", dir}, strings.NewReader(""), &out, &errOut, ""); got != exitOK || !strings.Contains(out.String(), "grown@example.com") {
		t.Errorf("exit %d, the accounts are %q, %s", got, out.String(), errOut.String())
	}
	if got := Main(args, strings.NewReader(""), &out, &errOut, ""); got != exitFailed || !strings.Contains(errOut.String(), "has accounts already") {
		t.Errorf("growing twice: exit %d, %q", got, errOut.String())
	}
}
