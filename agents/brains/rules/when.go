package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/agents"
)

// conditions are the when of a rule. What is nil or empty is not asked for.
type conditions struct {
	online, group, facts, attached *bool
	slots                          []string // that the question must fill
	days                           []time.Weekday
	hours                          [][2]int // from, before; may run over midnight
}

// hold reports whether the conditions that do not need the slots are met.
func (w conditions) hold(t agents.Turn, q question) bool {
	is := func(want *bool, is bool) bool { return want == nil || *want == is }
	if !is(w.online, t.Online) || !is(w.group, t.Group) || !is(w.facts, len(t.Memory) > 0) || !is(w.attached, q.attached != "") {
		return false
	}
	if len(w.days) == 0 && len(w.hours) == 0 {
		return true
	}
	now := localTime(t)
	return (len(w.days) == 0 || slices.Contains(w.days, now.Weekday())) &&
		(len(w.hours) == 0 || slices.ContainsFunc(w.hours, func(h [2]int) bool { return within(h, now.Hour()) }))
}

func within(h [2]int, hour int) bool {
	if h[0] < h[1] {
		return hour >= h[0] && hour < h[1]
	}
	return hour >= h[0] || hour < h[1]
}

// has reports whether the question fills the slots that are asked for.
func (w conditions) has(slots map[string]string) bool {
	return !slices.ContainsFunc(w.slots, func(name string) bool { return slots[name] == "" })
}

// when reads the conditions. slots are the names the rule may bind.
func (c *compiler) when(n *yaml.Node, slots []string) conditions {
	f := c.fields(n, "when", "online", "group", "facts", "attached", "has", "weekday", "hour")
	w := conditions{
		online: c.condition(f["online"]), group: c.condition(f["group"]),
		facts: c.condition(f["facts"]), attached: c.condition(f["attached"]),
	}
	for _, item := range texts(f["has"]) {
		name, ok := c.text(item, "has")
		switch {
		case !ok:
		case len(slots) == 0:
			c.fail(item, "has names the slot %q, but the rule has no slots", clip(name))
		case !slices.Contains(slots, name):
			c.fail(item, "has names the unknown slot %q: did you mean %q?", clip(name), nearest(name, slots))
		default:
			w.slots = append(w.slots, name)
		}
	}
	for _, item := range texts(f["weekday"]) {
		if name, ok := c.text(item, "weekday"); ok {
			if i := slices.IndexFunc(weekdays, func(d string) bool { return d == strings.ToLower(name) || d[:3] == strings.ToLower(name) }); i >= 0 {
				w.days = append(w.days, time.Weekday(i))
			} else {
				c.fail(item, "unknown weekday %q: did you mean %q?", clip(name), nearest(strings.ToLower(name), weekdays))
			}
		}
	}
	for _, item := range texts(f["hour"]) {
		if span, ok := c.text(item, "hour"); ok {
			m := hourSpan.FindStringSubmatch(span)
			if m == nil || m[1] == m[2] {
				c.fail(item, "hour is a span such as 9-17 (from 9:00 to 16:59) or 22-6, not %q", clip(span))
				continue
			}
			from, _ := strconv.Atoi(m[1])
			before, _ := strconv.Atoi(m[2])
			w.hours = append(w.hours, [2]int{from, before})
		}
	}
	return w
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

var hourSpan = regexp.MustCompile(`^([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-4])$`)

// texts returns the items of a list or the one value; nothing when there is none.
func texts(n *yaml.Node) []*yaml.Node {
	if n == nil {
		return nil
	}
	return list(n)
}

// condition reads true or false; nil means the rule does not ask.
func (c *compiler) condition(n *yaml.Node) *bool {
	if n == nil {
		return nil
	}
	var want bool
	if n.ShortTag() != "!!bool" || n.Decode(&want) != nil {
		c.fail(n, "a condition is true or false")
		return nil
	}
	return &want
}
