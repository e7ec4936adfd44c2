package demo

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed story.yaml
var text []byte

// story is what happened.
type story struct {
	Person, Colleague person
	Organisation      string
	Model             struct{ Provider, Name string }
	Hires             []hire
	Memories          []fact
	Posts             []post
	Turns             []turn
	Files             map[string]string
}

type person struct{ Name, Email string }

// moment is when something happened: days before the last one, and the time of
// day.
type moment struct {
	Day int
	At  string
}

type hire struct {
	moment `yaml:",inline"`
	Key    string
}

type fact struct {
	moment   `yaml:",inline"`
	By, Text string
}

type post struct {
	moment                    `yaml:",inline"`
	By, Title, Priority, Text string // By is empty when the person wrote it
}

// turn is a message of the person and the answers to it.
type turn struct {
	moment  `yaml:",inline"`
	In, Ask string // In is a tmate, or "team"
	Files   []string
	Answers []answer
}

type answer struct {
	By, Why, Text string // By is empty for the tmate of the thread
	After         int    // seconds
	Tokens        [2]int64
	Steps         []step
	Files         []string
	Fail          string // why there is no text
	Stop          bool   // the person stopped it
}

// step is what a tmate did for an answer, in some milliseconds.
type step struct {
	Tool, Summary string
	OK            bool
	MS            int
}

func read() (s story, err error) {
	if err := yaml.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("read story: %w", err)
	}
	return s, nil
}

// calendar lays the story before a time.
type calendar struct{ last time.Time } // midnight of the last day

// calendarBefore ends the story today, or yesterday when its last hours have not
// passed yet.
func calendarBefore(now time.Time) calendar {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if now.Sub(midnight) < 9*time.Hour {
		midnight = midnight.AddDate(0, 0, -1)
	}
	return calendar{midnight}
}

func (c calendar) at(m moment) (time.Time, error) {
	day, err := time.Parse("15:04", m.At)
	if err != nil {
		return time.Time{}, fmt.Errorf("read story: %w", err)
	}
	d := c.last.AddDate(0, 0, -m.Day)
	return time.Date(d.Year(), d.Month(), d.Day(), day.Hour(), day.Minute(), 0, 0, d.Location()), nil
}

var weekday = regexp.MustCompile(`\{[+-]\d+\}`)

// words puts the weekdays into a text.
func (c calendar) words(text string) string {
	return weekday.ReplaceAllStringFunc(text, func(mark string) string {
		n, err := strconv.Atoi(mark[1 : len(mark)-1])
		if err != nil {
			return mark
		}
		return c.last.AddDate(0, 0, n).Weekday().String()
	})
}

// event is something that happened, and how it is written down.
type event struct {
	at    time.Time
	write func() error
}

// inOrder sorts events by time.
func inOrder(all []event) {
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
}
