package wiretest

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
)

var update = flag.Bool("update", false, "rewrite what the streams in testdata come to")

// outcome is what a stream comes to, as testdata holds it.
type outcome struct {
	Text  string  `json:"text"`
	Calls []call  `json:"calls,omitempty"`
	Usage *usage  `json:"usage,omitempty"`
	Error *failed `json:"error,omitempty"`
}

type call struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args"`
}

type usage struct {
	Model      string `json:"model"`
	Prompt     int64  `json:"prompt"`
	Completion int64  `json:"completion"`
}

type failed struct {
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Fatal     bool   `json:"fatal"`
	Temporary bool   `json:"temporary"`
	Message   string `json:"message"` // HOST stands for the server's
}

// Streams plays every testdata/streams/NAME.txt as a stream, in pieces of one byte,
// of a few and of all, and holds the outcome against NAME.golden.json.
func Streams(t *testing.T, s Subject) {
	files, err := filepath.Glob("testdata/streams/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no streams: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(file, ".txt") + ".golden.json"
		for _, piece := range []int{1, 7, 1 << 20} {
			t.Run(fmt.Sprintf("%s/%d", strings.TrimSuffix(filepath.Base(file), ".txt"), piece), func(t *testing.T) {
				got := play(t, s, string(raw), piece)
				if *update && piece == 1 {
					if err := os.WriteFile(golden, got, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func play(t *testing.T, s Subject, stream string, piece int) []byte {
	t.Helper()
	server := NewServer(t, Stream(stream, piece))
	said, err := Think(t, s.Brain(t, server.URL), Question("x"))
	out := outcome{Text: said.Text}
	for _, c := range said.Calls {
		out.Calls = append(out.Calls, call(c))
	}
	if u := said.Usage; u != nil {
		out.Usage = &usage{u.Model, u.PromptTokens, u.CompletionTokens}
	}
	if e, ok := errors.AsType[*agents.ProviderError](err); ok {
		message := strings.ReplaceAll(e.Error(), hosted("HOST", server), "HOST")
		out.Error = &failed{e.Status, e.Code, e.Fatal, e.Temporary(), message}
	} else if err != nil {
		t.Fatal(err)
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, '\n')
}

// hosted puts the server's host into a sentence.
func hosted(s string, server *Server) string {
	return strings.ReplaceAll(s, "HOST", strings.TrimPrefix(server.URL, "http://"))
}
