package config

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxText    = 4096 // bytes of one value
	maxEntries = 256  // of one list
)

// parse reads a value as it stands in a variable, a flag or a scalar of the
// file. Its errors say what the value must be and never repeat it.
func (r rule) parse(s string) (any, error) {
	if r.kind == list {
		var entries []string
		for entry := range strings.SplitSeq(s, ",") {
			if entry = strings.TrimSpace(entry); entry != "" {
				entries = append(entries, entry)
			}
		}
		return r.parseList(entries)
	}
	if err := printable(s); err != nil {
		return nil, err
	}
	if r.kind == secret {
		return Secret(s), nil
	}
	s = strings.TrimSpace(s)
	switch r.kind {
	case number:
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, errors.New("must be a whole number" + r.within())
		}
		return n, r.inside(int64(n))
	case size:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, errors.New("must be a number of bytes" + r.within())
		}
		return n, r.inside(n)
	case fraction:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, errors.New("must be a number" + r.within())
		}
		if !(f >= float64(r.lo) && f <= float64(r.hi)) { // true for NaN
			return nil, errors.New("must be" + r.within())
		}
		return f, nil
	case boolean:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return nil, errors.New("must be true or false")
		}
		return b, nil
	case duration:
		d, err := time.ParseDuration(s)
		if err != nil {
			return nil, errors.New("must be a duration with a unit, as in 90s, 10m or 720h," + r.within())
		}
		return d, r.inside(int64(d))
	default:
		return r.parseText(s)
	}
}

func (r rule) parseText(s string) (any, error) {
	switch {
	case s == "" && r.required:
		return nil, errors.New("must not be empty")
	case len(r.oneOf) > 0 && !slices.Contains(r.oneOf, s):
		return nil, errors.New("must be " + strings.Join(r.oneOf, " or "))
	case s == "" || r.shape == nil:
		return s, nil
	}
	return r.shape(s)
}

// parseList reads a list. Entries that mean the same are kept once.
func (r rule) parseList(entries []string) (any, error) {
	if len(entries) > maxEntries {
		return nil, fmt.Errorf("must have at most %d entries", maxEntries)
	}
	out := []string{}
	for _, entry := range entries {
		if err := printable(entry); err != nil {
			return nil, err
		}
		canonical, err := r.shape(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("entries %w", err)
		}
		if !slices.Contains(out, canonical) {
			out = append(out, canonical)
		}
	}
	return out, nil
}

// printable refuses what no value needs: a line break in a key would otherwise
// end up in an HTTP header or a mail.
func printable(s string) error {
	switch {
	case len(s) > maxText:
		return fmt.Errorf("must have at most %d bytes", maxText)
	case !utf8.ValidString(s):
		return errors.New("must be UTF-8 text")
	case strings.ContainsFunc(s, unicode.IsControl):
		return errors.New("must not contain line breaks or control characters")
	}
	return nil
}

// inside returns an error when v is out of the bounds.
func (r rule) inside(v int64) error {
	if v >= r.lo && v <= r.hi {
		return nil
	}
	return errors.New("must be" + r.within())
}

// within words the bounds for an error: " between 1m and 10m".
func (r rule) within() string {
	show := func(n int64) string {
		if r.kind == duration {
			return showDuration(time.Duration(n))
		}
		return strconv.FormatInt(n, 10)
	}
	if r.lo == math.MinInt64 {
		return " at most " + show(r.hi)
	}
	return " between " + show(r.lo) + " and " + show(r.hi)
}

// show writes a parsed value as one would type it, secrets masked.
func show(v any) string {
	switch v := v.(type) {
	case time.Duration:
		return showDuration(v)
	case []string:
		return strings.Join(v, ", ")
	default:
		return fmt.Sprint(v)
	}
}

// showDuration leaves out the zero parts that time.Duration prints.
func showDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
