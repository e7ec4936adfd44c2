package providers_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/agents/providers"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store/tmates"
)

// world is a data folder and what opens sets on it.
type world struct {
	t   *testing.T
	dir string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	if _, err := token.Load(w.dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) keys() map[string]string {
	w.t.Helper()
	keys, err := token.OpenKeyring(w.dir).ProviderKeys()
	if err != nil {
		w.t.Fatal(err)
	}
	return keys
}

// file is the text of the saved definitions; empty when there is no file.
func (w *world) file() string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, providers.FileName))
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	return string(text)
}

func (w *world) open(o providers.Options) *providers.Set {
	w.t.Helper()
	o.Dir, o.Keys = w.dir, token.OpenKeyring(w.dir)
	s, err := providers.Open(o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return s
}

// save saves a provider that has to be fine.
func (w *world) save(s *providers.Set, name string, d providers.Definition) {
	w.t.Helper()
	if _, err := s.Save(w.t.Context(), name, d); err != nil {
		w.t.Fatalf("save %s: %v", name, err)
	}
}

// at is the definition of a model server.
func at(m *modelserver.Server) providers.Definition {
	return providers.Definition{Type: providers.OpenAI, BaseURL: m.URL + "/v1", Model: modelserver.Model}
}

// nowhere is an address at which nobody listens.
func nowhere(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	return "http://" + ln.Addr().String()
}

// counted is a service that counts who connects.
func counted(t *testing.T, serve http.Handler) (url string, connections *atomic.Int64) {
	t.Helper()
	connections = &atomic.Int64{}
	srv := httptest.NewUnstartedServer(serve)
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL, connections
}

// names are the providers that answer, in order.
func names(models []agents.Model) []string {
	out := []string{}
	for _, m := range models {
		out = append(out, m.Provider)
	}
	return out
}

// kindOf is whose fault an error is.
func kindOf(err error) tmates.Kind {
	if e, ok := errors.AsType[*tmates.Error](err); ok {
		return e.Kind
	}
	return tmates.Internal
}

// ask sends one question and returns the text and the error of the answer.
func ask(t *testing.T, m agents.Model, question string) (text string, err error) {
	t.Helper()
	for part, failure := range m.Brain.Think(t.Context(), agents.Turn{
		Tmate: &agents.Tmate{Key: "adam", Name: "Adam"}, Messages: []agents.Message{{Author: agents.AuthorUser, Text: question}},
	}) {
		text += part.Text
		err = failure
	}
	return text, err
}
