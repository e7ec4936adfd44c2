package apptest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"testing"

	v1 "github.com/tmates/tmates/server/v1"
	"github.com/tmates/tmates/server/v1/contract"
)

// document is compiled once for all tests of a process.
var document = sync.OnceValues(func() (*contract.Checker, error) {
	data, err := v1.Document("")
	if err != nil {
		return nil, err
	}
	return contract.New(data)
})

// judge holds every answer against the document of the API, and remembers which
// operations have answered what.
type judge struct {
	t       testing.TB
	checker *contract.Checker
	mu      sync.Mutex
	seen    map[string]map[int]int
}

func newJudge(t testing.TB) *judge {
	t.Helper()
	checker, err := document()
	if err != nil {
		t.Fatal(err)
	}
	return &judge{t: t, checker: checker, seen: map[string]map[int]int{}}
}

// RoundTrip implements [http.RoundTripper]. It reads the answer whole.
func (j *judge) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || res.StatusCode == http.StatusSwitchingProtocols {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	j.answer(contract.Answer{Method: req.Method, Path: req.URL.EscapedPath(), Status: res.StatusCode, Header: res.Header, Body: body})
	return res, nil
}

func (j *judge) answer(a contract.Answer) {
	j.t.Helper()
	id, faults := j.checker.Check(a)
	for _, fault := range faults {
		j.t.Errorf("%s %.200s is not as documented: %s", a.Method, a.Path, fault)
	}
	if id == "" {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.seen[id] == nil {
		j.seen[id] = map[int]int{}
	}
	j.seen[id][a.Status]++
}

func (j *judge) frame(data []byte) {
	j.t.Helper()
	for _, fault := range j.checker.Frame(data) {
		j.t.Errorf("the frame %.300s is not as documented: %s", data, fault)
	}
}

// Answered returns how often each operation of the API answered with which
// status, by its id in the document.
func (a *App) Answered() map[string]map[int]int {
	a.judge.mu.Lock()
	defer a.judge.mu.Unlock()
	all := map[string]map[int]int{}
	for id, statuses := range a.judge.seen {
		all[id] = maps.Clone(statuses)
	}
	return all
}
