package limit

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

var begin = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRate(t *testing.T) {
	t.Parallel()
	l := NewRate[string](3, time.Minute, 10)
	for range 3 {
		if wait := l.Take("a", begin); wait != 0 {
			t.Fatalf("a full bucket asks to wait %v", wait)
		}
	}
	for range 2 { // asking in vain costs nothing
		if wait := l.Take("a", begin).Round(time.Millisecond); wait != 20*time.Second {
			t.Errorf("an empty bucket asks to wait %v, want 20s", wait)
		}
	}
	if wait := l.Take("b", begin); wait != 0 {
		t.Errorf("another key waits %v", wait)
	}
	if wait := l.Take("a", begin.Add(20*time.Second)); wait != 0 {
		t.Errorf("a try that came back waits %v", wait)
	}
}

func TestRateIsBounded(t *testing.T) {
	t.Parallel()
	const keys = 1000
	l := NewRate[int](1, time.Hour, keys)
	l.Take(-1, begin)
	for i := range 10 * keys {
		l.Take(i, begin)
		if i%100 == 0 && l.Take(-1, begin) == 0 {
			t.Fatal("who came often was forgotten")
		}
	}
	if n := len(l.seen.at); n != keys {
		t.Errorf("%d keys, want %d", n, keys)
	}
	l.seen.RemoveFunc(func(*rate.Limiter) bool { return true })
	if n := len(l.seen.at); n != 0 {
		t.Errorf("%d keys after all were removed", n)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		at   int
		why  string
	}{
		{`{"a":[1,2,{"b":"[[[,,,"}]}`, -1, ""},
		{`"\\\"[["`, -1, ""},
		{strings.Repeat("[", MaxDepth), -1, ""},
		{strings.Repeat("[", MaxDepth+1), MaxDepth, "nested deeper than 64 levels"},
		{"[" + strings.Repeat("1,", MaxValues-1) + "1]", -1, ""},
		{"[" + strings.Repeat("1,", MaxValues) + "1]", 2 * MaxValues, "more than 20000 values"},
		{"[" + strings.Repeat("[],", MaxValues), -1 - 1, "more than 20000 values"},
	} {
		at, why := JSON([]byte(c.text))
		if c.at == -2 { // wherever it is noticed
			at = c.at
		}
		if at != c.at || why != c.why {
			t.Errorf("%.40q: %d %q, want %d %q", c.text, at, why, c.at, c.why)
		}
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	got := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := Body(w, r, 5)
		if err == nil && string(data) != "12345" {
			err = errors.New(string(data))
		}
		got <- err
	}))
	defer s.Close()
	for _, text := range []string{"12345", "123456"} {
		res, err := http.Post(s.URL, "text/plain", io.NopCloser(strings.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		_, long := errors.AsType[*http.MaxBytesError](<-got)
		if long != (len(text) > 5) {
			t.Errorf("%q: too long %v", text, long)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\\"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if at, why := JSON(data); at >= len(data) || (at < 0) != (why == "") {
			t.Errorf("%d %q", at, why)
		}
	})
}
