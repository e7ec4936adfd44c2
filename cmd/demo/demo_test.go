package demo

import (
	"bytes"
	"image/png"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTheStoryIsWhole holds every name in it against what is there.
func TestTheStoryIsWhole(t *testing.T) {
	t.Parallel()
	s, err := read()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, turn := range s.Turns {
		if turn.Ask == "" || len(turn.Answers) == 0 {
			t.Errorf("%s %v: nobody asks or answers", turn.In, turn.moment)
		}
		for _, a := range turn.Answers {
			if (a.Text == "") != (a.Fail != "" || a.Stop) || a.After == 0 || (a.By == "") != (turn.In != "team") || (a.By == "") != (a.Why == "") {
				t.Errorf("%s %v: %+v", turn.In, turn.moment, a)
			}
			turn.Files = append(turn.Files, a.Files...)
		}
		for _, name := range turn.Files {
			used[name] = true
			if s.Files[name] == "" {
				t.Errorf("%s %v: no file %s", turn.In, turn.moment, name)
			}
		}
	}
	if len(used) != len(s.Files) || len(s.Turns) < 20 {
		t.Errorf("%d of %d files are used, in %d turns", len(used), len(s.Files), len(s.Turns))
	}
}

// TestTheStoryEndsInThePast at any time of the day.
func TestTheStoryEndsInThePast(t *testing.T) {
	t.Parallel()
	s, err := read()
	if err != nil {
		t.Fatal(err)
	}
	for hour := range 24 {
		now := time.Date(2026, 3, 1, hour, 5, 0, 0, time.FixedZone("", 3600))
		c := calendarBefore(now)
		for _, turn := range s.Turns {
			at, err := c.at(turn.moment)
			if err != nil || !at.Before(now.Add(-30*time.Minute)) || now.Sub(at) > 15*24*time.Hour {
				t.Errorf("at %v: %v, %v", now, at, err)
			}
		}
	}
	c := calendarBefore(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)) // a Wednesday
	if got := c.words("{-1}, {+0} and {+2}, not {x} or {1}"); got != "Tuesday, Wednesday and Friday, not {x} or {1}" {
		t.Error(got)
	}
}

func TestPapers(t *testing.T) {
	t.Parallel()
	picture, err := content("a.png", "60 1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		t.Error(err)
	}
	sheet, err := content("a.pdf", "one (1)\n")
	if err != nil || !bytes.Contains(sheet, []byte(`(one \(1\)) Tj`)) {
		t.Errorf("%v %s", err, sheet)
	}
	from := strings.LastIndex(string(sheet), "startxref\n") + len("startxref\n")
	if xref := bytes.Index(sheet, []byte("xref\n0 6\n")); !strings.HasPrefix(string(sheet[from:]), strconv.Itoa(xref)+"\n") {
		t.Errorf("the table is at %d: %s", xref, sheet[from:])
	}
}
