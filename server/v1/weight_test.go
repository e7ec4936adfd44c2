package v1_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/config"
)

// Attachments are bounded together, not only one by one, over either door.
func TestAttachmentsTogether(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	thread := ann.Thread("Adam")
	many := func(n, length int) (all []map[string]any) {
		for range n {
			all = append(all, map[string]any{"uri": "https://example.org/" + strings.Repeat("a", length-len("https://example.org/"))})
		}
		return all
	}
	const want = "The texts of the attachments have more than 65536 bytes together"
	res := ann.Do("POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "see", "attachments": many(17, 4096)})
	if res.Status != http.StatusBadRequest || string(res.Body) != `{"detail":"`+want+`"}` {
		t.Errorf("17 long attachments: %d %.200s", res.Status, res.Body)
	}
	if res := ann.Do("POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "see", "attachments": many(16, 4096)}); res.Status != http.StatusCreated {
		t.Errorf("16 long attachments: %d %.200s", res.Status, res.Body)
	}
	ws := ann.Dial()
	ws.Send(map[string]any{"type": "send_message", "thread_id": thread, "content": "see", "attachments": many(17, 4096), "client_id": "c"})
	frames := ws.Until(func(f map[string]any) bool { return f["client_id"] == "c" })
	if f := frames[len(frames)-1]; f["type"] != "error" || f["error"] != want {
		t.Errorf("17 long attachments over a socket: %v", f)
	}
}

// A thread takes only so many questions nobody has answered; "stop all" makes
// room.
func TestThreadBusy(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, func(c *config.Config) { c.Queue.Workers = 1 })
	thread := ann.Thread("Adam")
	say := func(text string) (int, string) {
		res := ann.Do("POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": text})
		var out struct {
			Detail string `json:"detail"`
		}
		if err := json.Unmarshal(res.Body, &out); err != nil {
			t.Fatal(err)
		}
		return res.Status, out.Detail
	}
	for range 50 {
		if status, detail := say("slow"); status != http.StatusCreated {
			t.Fatalf("%d %s", status, detail)
		}
	}
	if status, detail := say("slow"); status != http.StatusTooManyRequests ||
		detail != `50 messages wait for an answer here: please wait for some, or write "stop all"` {
		t.Errorf("one question too many: %d %s", status, detail)
	}
	if got := string(ann.Must(http.StatusOK, "GET", "/v1/chats/"+thread, nil).Body); strings.Count(got, `"content":"slow"`) != 50 {
		t.Errorf("the refused question was kept: %s", got)
	}
	if status, detail := say("stop all"); status != http.StatusCreated {
		t.Errorf("stop: %d %s", status, detail)
	}
	if status, detail := say("hello"); status != http.StatusCreated {
		t.Errorf("after the stop: %d %s", status, detail)
	}
}
