package app_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// looker is a model that notes what it is shown.
type looker struct {
	mu    sync.Mutex
	turns []agents.Turn
}

func (l *looker) Think(_ context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turns = append(l.turns, t)
	return func(yield func(agents.Part, error) bool) { yield(agents.Part{Text: "I see."}, nil) }
}

// shown returns the messages of people in the last turn, with what came with
// each.
func (l *looker) shown() (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.turns[len(l.turns)-1].Messages {
		if m.Author != agents.AuthorUser {
			continue
		}
		line := m.Text
		for _, i := range m.Images {
			line += fmt.Sprintf(" <%s %d %c>", i.MediaType, len(i.Data), i.Data[len(i.Data)-1])
		}
		all = append(all, line)
	}
	return all
}

// onePagePDF is a PDF file that says one line.
func onePagePDF(line string) []byte {
	drawn := "BT /F1 12 Tf 72 700 Td (" + line + ") Tj ET"
	b := []byte("%PDF-1.4\n")
	var table strings.Builder
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(drawn), drawn), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	} {
		fmt.Fprintf(&table, "%010d 00000 n \n", len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	return fmt.Appendf(b, "xref\n0 6\n0000000000 65535 f \n%strailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table.String(), len(b))
}

// A model sees the newest pictures and the beginning of the documents that came
// with the question; what is too much is named, and what is not the user's stays
// a name.
func TestAModelSeesFiles(t *testing.T) {
	t.Parallel()
	eye := &looker{}
	a := apptest.Start(t, apptest.Options{Model: eye, PDF: readPDF})
	ada, bob := a.AddUser("ada@example.com", "Ada"), a.AddUser("bob@example.com", "Bob")
	thread := ada.Thread("Adam")
	socket := ada.Dial()
	picture := func(mark string, size int) []byte {
		return []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + strings.Repeat("x", size) + mark)
	}
	keep := func(u *apptest.User, name string, content []byte) map[string]any {
		return map[string]any{"uri": "/v1/files/download/" + uploaded(u, name, content), "name": name}
	}
	ask := func(text string, files ...any) []string {
		socket.Send(map[string]any{"type": "send_message", "thread_id": thread, "content": text, "attachments": files})
		socket.Until(apptest.Completed)
		return eye.shown()
	}
	leftOut := func() any {
		var kept struct {
			Messages []struct{ Payload map[string]any }
		}
		ada.Must(http.StatusOK, "GET", "/v1/chats/"+thread+"?limit=1", nil).Decode(&kept)
		return kept.Messages[0].Payload["left_out"]
	}
	ask("first", keep(ada, "a.png", picture("a", 0)), keep(ada, "b.png", picture("b", 0)))
	got := ask("second", keep(ada, "c.png", picture("c", 0)), keep(ada, "huge.png", picture("h", 5<<20)),
		keep(bob, "bob.png", picture("B", 0)), keep(bob, "bob.txt", []byte("Bob's words")),
		keep(ada, "long.txt", []byte(strings.Repeat("ü", 9000))), keep(ada, "report.pdf", onePagePDF("Hello from a PDF")),
		map[string]any{"uri": "https://example.org/elsewhere.png", "name": "elsewhere.png"}, map[string]any{"uri": "x", "name": "gone.png", "relative_path": "gone.png"},
		map[string]any{"uri": "x", "name": "climb.png", "relative_path": "../" + bob.ID + "/x.png"})
	want := []string{
		"first\n[attached: a.png, b.png] <image/png 17 a> <image/png 17 b>",
		"second\n[attached: c.png, huge.png, bob.png, bob.txt, long.txt, report.pdf, elsewhere.png, gone.png, climb.png]\n" +
			"[the picture huge.png is not shown: at most 3 are, of 5 MB each]\n\n" +
			"⟦quote: file long.txt, its beginning; read_file has the rest⟧\n" + strings.Repeat("ü", 8000) + "\n⟦end of quote⟧\n\n" +
			"⟦quote: file report.pdf⟧\nHello from a PDF\n⟦end of quote⟧ <image/png 17 c>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(any(map[string]any{"characters": 1000.0, "images": 1.0}), leftOut()); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	// With three newer ones the older pictures are not shown again.
	got = ask("third", keep(ada, "d.png", picture("d", 0)), keep(ada, "e.png", picture("e", 0)), keep(ada, "f.png", picture("f", 0)), keep(ada, "g.png", picture("g", 0)))
	if !strings.HasSuffix(got[2], "d> <image/png 17 e> <image/png 17 f>") || !strings.Contains(got[2], "[the picture g.png is not shown") ||
		strings.Contains(got[0], "<image") || strings.Contains(got[1], "<image") {
		t.Errorf("third: %.300q", got)
	}
	if diff := cmp.Diff(any(map[string]any{"images": 7.0}), leftOut()); diff != "" { // g, and six names of the messages before
		t.Errorf("left out of the third (-want +got):\n%s", diff)
	}
	note := func(n int) any { return keep(ada, fmt.Sprintf("n%d.txt", n), []byte("a note")) }
	ask("fourth", note(1), note(2), note(3), note(4), note(5))
	if out, _ := leftOut().(map[string]any); out["documents"] != 2.0 {
		t.Errorf("left out of the fourth: %v", out)
	}
}
